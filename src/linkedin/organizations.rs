//! The Pages that a member administers: `GET /rest/organizationAcls` ("Organization Access Control"),
//! and their names. Needs `rw_organization_admin` or `r_organization_admin`.

use serde::Deserialize;

use super::api::Api;
use super::endpoints::{ORGANIZATION_ACLS, ORGANIZATIONS};
use super::http::Response;
use super::meanings::{self, Meaning, api_error};
use super::urn::is_urn;
use crate::Result;

/// The number of elements that one request asks for.
const PART_SIZE: usize = 100;
/// The number of parts after which the list is not followed: its links may form a circle.
const MAX_PARTS: usize = 50;

/// A LinkedIn Page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// `urn:li:organization:ID`
    pub urn: String,
    /// The raw name, to be cleaned before display; absent if the token may not read it.
    pub name: Option<String>,
}

#[derive(Deserialize)]
struct AclList {
    elements: Vec<Acl>,
    #[serde(default)]
    paging: Paging,
}

/// A role of the member (ACL: access control list). The key depends on the API's age: three spellings are in use.
#[derive(Deserialize)]
struct Acl {
    #[serde(alias = "organizationTarget", alias = "organizationalTarget")]
    organization: Option<String>,
    state: Option<String>,
    role: Option<String>,
}

impl Acl {
    /// Returns the URN of the Page, unless the role is not approved.
    fn into_approved_page(self) -> Option<String> {
        let is_approved = self.state.as_deref().is_none_or(|state| state == "APPROVED");
        self.organization.filter(|urn| is_approved && is_urn(urn))
    }
}

/// Roles that may publish as a Page ("Organization Access Control by Role").
const PUBLISHING_ROLES: &[&str] =
    &["ADMINISTRATOR", "CONTENT_ADMIN", "CONTENT_ADMINISTRATOR", "DIRECT_SPONSORED_CONTENT_POSTER"];

/// A member's role on a Page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PageRole {
    /// `urn:li:organization:ID`
    pub page: String,
    pub role: String,
}

impl PageRole {
    pub(crate) fn can_publish(&self) -> bool {
        PUBLISHING_ROLES.contains(&self.role.as_str())
    }
}

/// Reads the approved roles in one part of a list, one for each Page: one that may publish, if any.
pub(crate) fn parse_roles(response: &Response) -> Result<Vec<PageRole>> {
    Ok(merge_roles(response.json_object::<AclList>()?.elements))
}

/// Returns the approved roles, one for each Page.
fn merge_roles(elements: Vec<Acl>) -> Vec<PageRole> {
    let mut found: Vec<PageRole> = Vec::new();
    for element in elements {
        let role = crate::text::sanitize(element.role.as_deref().unwrap_or_default(), 60);
        let Some(page) = element.into_approved_page() else { continue };
        let role = PageRole { page, role };
        match found.iter_mut().find(|existing| existing.page == role.page) {
            None => found.push(role),
            Some(existing) if !existing.can_publish() && role.can_publish() => *existing = role,
            Some(_) => {}
        }
    }
    found
}

/// The `paging` of a list in parts.
#[derive(Default, Deserialize)]
pub(crate) struct Paging {
    #[serde(default)]
    start: usize,
    count: Option<usize>,
    total: Option<usize>,
    links: Option<Vec<Link>>,
}

#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    rel: String,
    #[serde(default)]
    href: String,
}

/// How to get the next part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// There is none.
    End,
    /// By the link that LinkedIn names: a path, or a whole URL.
    Link(String),
    /// By this `start` and this `count`.
    Start(usize, Option<usize>),
}

impl Paging {
    /// Returns how to get the part after one with `elements` elements.
    pub(crate) fn next(&self, elements: usize) -> Next {
        let links = self.links.as_deref().unwrap_or_default();
        if let Some(link) = links.iter().find(|link| link.rel == "next" && !link.href.is_empty()) {
            return Next::Link(link.href.clone());
        }
        // No list has that many elements.
        let Some(end) = self.start.checked_add(elements) else { return Next::End };
        let has_more = match (self.total, self.count) {
            _ if elements == 0 => false,
            (Some(total), _) => end < total,
            // Without a total, only a full part may have a next one.
            (None, Some(count)) => count > 0 && elements >= count,
            (None, None) => false,
        };
        if has_more { Next::Start(end, self.count) } else { Next::End }
    }
}

/// Fetches the URNs of the Pages that the member administers, in LinkedIn's order.
pub(crate) async fn list_administered(api: Api<'_>) -> Result<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    for urn in fetch_elements(api, "role=ADMINISTRATOR&").await?.into_iter().filter_map(Acl::into_approved_page) {
        if !found.contains(&urn) {
            found.push(urn);
        }
    }
    Ok(found)
}

/// Fetches the member's approved roles, one for each Page, in LinkedIn's order.
pub(crate) async fn list_roles(api: Api<'_>) -> Result<Vec<PageRole>> {
    Ok(merge_roles(fetch_elements(api, "").await?))
}

/// Fetches all parts of the list; `filter` is a part of the query.
async fn fetch_elements(api: Api<'_>, filter: &str) -> Result<Vec<Acl>> {
    let part = |start: usize| {
        format!("{ORGANIZATION_ACLS}?q=roleAssignee&{filter}state=APPROVED&start={start}&count={PART_SIZE}")
    };
    let (mut found, mut path) = (Vec::new(), part(0));
    for _ in 0..MAX_PARTS {
        let response = api.get(&path).await?;
        if !response.is_success() {
            return Err(api_error(&response));
        }
        let list: AclList = response.json_object()?;
        let elements = list.elements.len();
        found.extend(list.elements);
        path = match list.paging.next(elements) {
            Next::End => break,
            Next::Start(start, _) => part(start),
            Next::Link(href) => match parse_path(&href) {
                Some(path) => path,
                None => break,
            },
        };
    }
    Ok(found)
}

/// Returns path and query of a link: whatever host it names, the next call is to the API in use.
fn parse_path(href: &str) -> Option<String> {
    let path = match url::Url::parse(href) {
        Ok(url) => url[url::Position::BeforePath..url::Position::AfterQuery].to_owned(),
        Err(_) => href.to_owned(),
    };
    path.starts_with(ORGANIZATION_ACLS).then_some(path)
}

/// Returns the path that finds a Page by its vanity name ("Organization Lookup"). It needs `rw_organization_admin`.
pub(crate) fn vanity_name_path(vanity_name: &str) -> String {
    format!("{ORGANIZATIONS}?q=vanityName&vanityName={vanity_name}")
}

/// Finds the ID of a Page by its vanity name, which may be percent-encoded; `None` if there is no such Page.
pub(crate) async fn find_by_vanity_name(api: Api<'_>, vanity_name: &str) -> Result<Option<u64>> {
    #[derive(Deserialize)]
    struct Found {
        elements: Vec<Page>,
    }
    #[derive(Deserialize)]
    struct Page {
        id: u64,
    }
    let response = api.get(&vanity_name_path(vanity_name)).await?;
    if response.is_success() {
        return Ok(response.json_object::<Found>()?.elements.first().map(|page| page.id));
    }
    let explanation = meanings::explain(&response).for_request_by_program();
    if explanation.meaning == Meaning::EntityMissing { Ok(None) } else { Err(explanation.error) }
}

/// Fetches the name of a Page; `None` if the token may not read it.
pub(crate) async fn fetch_name(api: Api<'_>, urn: &str) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Page {
        localized_name: Option<String>,
    }
    let id = urn.strip_prefix("urn:li:organization:")?;
    let response = api.get(&format!("{ORGANIZATIONS}/{id}")).await.ok().filter(Response::is_success)?;
    response.json::<Page>().ok()?.localized_name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    #[test]
    fn all_three_spellings_are_read() {
        for key in ["organization", "organizationTarget", "organizationalTarget"] {
            let acl: Acl = serde_json::from_str(&format!(r#"{{"{key}":"urn:li:organization:1"}}"#)).unwrap();
            assert_eq!(acl.organization.as_deref(), Some("urn:li:organization:1"), "{key}");
        }
    }

    #[test]
    fn json_without_elements_is_rejected() {
        let parse = |body: &str| parse_roles(&Response::from_parts("GET", ORGANIZATION_ACLS, 200, body.as_bytes()));
        assert_eq!(parse(r#"{"elements":[]}"#).unwrap(), []);
        for body in ["{}", "[]", "[[]]", r#"{"paging":{}}"#, "null"] {
            assert_eq!(parse(body).unwrap_err().code, Code::UnexpectedResponse, "{body}");
        }
    }

    #[test]
    fn the_next_part_is_found_by_link_total_or_count() {
        let next = |paging: &str, elements| serde_json::from_str::<Paging>(paging).unwrap().next(elements);
        assert_eq!(next(r#"{"start":0,"count":100,"links":[]}"#, 1), Next::End);
        assert_eq!(next("{}", 7), Next::End);
        assert_eq!(next(r#"{"start":0,"count":2}"#, 2), Next::Start(2, Some(2)));
        assert_eq!(next(r#"{"start":2,"count":2,"total":4}"#, 2), Next::End);
        assert_eq!(next(r#"{"start":2,"count":2,"total":5}"#, 2), Next::Start(4, Some(2)));
        assert_eq!(next(r#"{"start":18446744073709551615,"count":1}"#, 1), Next::End);
        let link = r#"{"start":0,"count":2,"links":[{"rel":"prev","href":"/p"},{"rel":"next","href":"/n"}]}"#;
        assert_eq!(next(link, 2), Next::Link("/n".to_owned()));
        assert_eq!(
            parse_path("https://evil.example/rest/organizationAcls?start=2").unwrap(),
            "/rest/organizationAcls?start=2"
        );
        assert_eq!(parse_path("https://evil.example/elsewhere"), None);
    }
}
