//! Pages that a member administers: `GET /rest/organizationAcls` ("Organization Access Control"),
//! and their names. Needs `rw_organization_admin` or `r_organization_admin`.

use serde::Deserialize;

use super::answers::api_error;
use super::api::Api;
use super::endpoints::{ORGANIZATION_ACLS, ORGANIZATIONS};
use super::http::Answer;
use super::posts::is_urn;
use crate::Result;

/// How many a page of the list holds.
const COUNT: usize = 100;
/// More lists than that nobody administers: an answer that leads in a circle ends here.
const MOST_LISTS: usize = 50;

/// A page and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// `urn:li:organization:ID`
    pub urn: String,
    /// As LinkedIn has it: clean before showing. Absent where it may not be read.
    pub name: Option<String>,
}

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    elements: Vec<Row>,
    #[serde(default)]
    paging: Paging,
}

/// The key depends on the API's age: three spellings are in use.
#[derive(Deserialize)]
struct Row {
    #[serde(alias = "organizationTarget", alias = "organizationalTarget")]
    organization: Option<String>,
    state: Option<String>,
    role: Option<String>,
}

/// Roles that may publish as a Page ("Organization Access Control by Role").
const PUBLISHERS: &[&str] =
    &["ADMINISTRATOR", "CONTENT_ADMIN", "CONTENT_ADMINISTRATOR", "DIRECT_SPONSORED_CONTENT_POSTER"];

/// A member's role on a Page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRole {
    /// `urn:li:organization:ID`
    pub page: String,
    /// The role, such as `ADMINISTRATOR`.
    pub role: String,
}

impl PageRole {
    /// Whether the role may publish as the Page.
    #[must_use]
    pub fn can_publish(&self) -> bool {
        PUBLISHERS.contains(&self.role.as_str())
    }
}

/// The approved roles in one page of a list of roles, one a Page; a role that may publish comes before one that may not.
///
/// # Errors
/// `unexpected_response` for what is not such a list.
pub fn roles(answer: &Answer) -> Result<Vec<PageRole>> {
    let list: List = answer.json()?;
    let mut found: Vec<PageRole> = Vec::new();
    for row in list.elements {
        let is_approved = row.state.as_deref().is_none_or(|state| state == "APPROVED");
        let (Some(page), true) = (row.organization.filter(|urn| is_urn(urn)), is_approved) else { continue };
        let role = PageRole { page, role: crate::text::clean(&row.role.unwrap_or_default(), 60) };
        match found.iter_mut().find(|known| known.page == role.page) {
            None => found.push(role),
            Some(known) if !known.can_publish() && role.can_publish() => *known = role,
            Some(_) => {}
        }
    }
    Ok(found)
}

/// The links of a list in pages.
#[derive(Default, Deserialize)]
pub struct Paging {
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

/// Where a list goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nowhere: this was the last.
    End,
    /// At the address that LinkedIn names: a path, or a whole URL.
    Link(String),
    /// At this `start`, with this `count`.
    Start(usize, Option<usize>),
}

impl Paging {
    /// Where to go on after a list with so many elements.
    #[must_use]
    pub fn next(&self, elements: usize) -> Next {
        let links = self.links.as_deref().unwrap_or_default();
        if let Some(link) = links.iter().find(|link| link.rel == "next" && !link.href.is_empty()) {
            return Next::Link(link.href.clone());
        }
        // No list is that long.
        let Some(end) = self.start.checked_add(elements) else { return Next::End };
        let more = match (self.total, self.count) {
            _ if elements == 0 => false,
            (Some(total), _) => end < total,
            // Without a total only a full page may have a successor.
            (None, Some(count)) => count > 0 && elements >= count,
            (None, None) => false,
        };
        if more { Next::Start(end, self.count) } else { Next::End }
    }
}

/// The URNs of the pages where the member is an administrator, in LinkedIn's order.
///
/// # Errors
/// `not_permitted` without a page scope; as the API answers.
pub async fn administered(api: Api<'_>) -> Result<Vec<String>> {
    let first = |start: usize| {
        format!("{ORGANIZATION_ACLS}?q=roleAssignee&role=ADMINISTRATOR&state=APPROVED&start={start}&count={COUNT}")
    };
    let (mut found, mut path): (Vec<String>, _) = (Vec::new(), first(0));
    for _ in 0..MOST_LISTS {
        let answer = api.get(&path).await?;
        if !answer.is_success() {
            return Err(api_error(&answer));
        }
        let list: List = answer.json()?;
        let elements = list.elements.len();
        for row in list.elements {
            let approved = row.state.as_deref().is_none_or(|state| state == "APPROVED");
            if let Some(urn) = row.organization.filter(|urn| approved && is_urn(urn))
                && !found.contains(&urn)
            {
                found.push(urn);
            }
        }
        path = match list.paging.next(elements) {
            Next::End => break,
            Next::Start(start, _) => first(start),
            Next::Link(href) => match local(&href) {
                Some(path) => path,
                None => break,
            },
        };
    }
    Ok(found)
}

/// The path and query of a link; whatever host it names, the call goes to the API in use.
fn local(href: &str) -> Option<String> {
    let path = match url::Url::parse(href) {
        Ok(url) => url[url::Position::BeforePath..url::Position::AfterQuery].to_owned(),
        Err(_) => href.to_owned(),
    };
    path.starts_with(ORGANIZATION_ACLS).then_some(path)
}

/// A page's name; `None` where it may not be read.
pub async fn name(api: Api<'_>, urn: &str) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Page {
        localized_name: Option<String>,
    }
    let id = urn.strip_prefix("urn:li:organization:")?;
    let answer = api.get(&format!("{ORGANIZATIONS}/{id}")).await.ok().filter(Answer::is_success)?;
    answer.json::<Page>().ok()?.localized_name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_spellings_are_read() {
        for key in ["organization", "organizationTarget", "organizationalTarget"] {
            let row: Row = serde_json::from_str(&format!(r#"{{"{key}":"urn:li:organization:1"}}"#)).unwrap();
            assert_eq!(row.organization.as_deref(), Some("urn:li:organization:1"), "{key}");
        }
    }

    #[test]
    fn lists_go_on_by_link_total_or_a_full_page() {
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
            local("https://evil.example/rest/organizationAcls?start=2").unwrap(),
            "/rest/organizationAcls?start=2"
        );
        assert_eq!(local("https://evil.example/elsewhere"), None);
    }
}
