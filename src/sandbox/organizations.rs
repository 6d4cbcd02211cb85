//! The Pages of the sandbox, the roles of its members on them, and the API of both.

use serde_json::{Value, json};

use super::answers::{self, ensure};
use super::api::{Caller, decode_urn};
use super::call::Call;
use super::core::Core;
use super::response::{HandlerResult, Response};

/// The URN of a Page without its ID.
pub(super) const URN_PREFIX: &str = "urn:li:organization:";

/// The roles of a member on Pages, of the legacy API.
pub(super) const LEGACY_ACLS: &str = "/v2/organizationAcls";
/// The same, under the name that the legacy API had before.
pub(super) const LEGACY_ENTITY_ACLS: &str = "/v2/organizationalEntityAcls";

pub(super) struct Organization {
    pub(super) id: u64,
    pub(super) name: &'static str,
    vanity_name: &'static str,
}

impl Organization {
    fn to_json(&self) -> Value {
        json!({ "id": self.id, "localizedName": self.name, "vanityName": self.vanity_name })
    }
}

pub(super) const ORGANIZATIONS: &[Organization] = &[
    Organization { id: 2_414_183, name: "Analytical Engines", vanity_name: "analytical-engines" },
    Organization { id: 2_414_184, name: "Tea & Differences Ltd.", vanity_name: "tea-and-differences" },
    Organization { id: 2_414_185, name: "龍 Film Studio", vanity_name: "dragon-film-studio" },
];

/// A member's role on a Page.
struct Role {
    member: &'static str,
    organization: u64,
    kind: &'static str,
    state: &'static str,
}

const fn role(member: &'static str, organization: u64, kind: &'static str, state: &'static str) -> Role {
    Role { member, organization, kind, state }
}

/// One role is requested and not approved, and one may post but not administer.
const ROLES: &[Role] = &[
    role("ada", 2_414_183, "ADMINISTRATOR", "APPROVED"),
    role("ada", 2_414_185, "ADMINISTRATOR", "REQUESTED"),
    role("ada", 2_414_184, "ADMINISTRATOR", "APPROVED"),
    role("bruce", 2_414_185, "ADMINISTRATOR", "APPROVED"),
    role("bruce", 2_414_184, "CONTENT_ADMIN", "APPROVED"),
];

/// Roles that may post as a Page.
const POSTING_ROLES: &[&str] =
    &["ADMINISTRATOR", "CONTENT_ADMIN", "CONTENT_ADMINISTRATOR", "DIRECT_SPONSORED_CONTENT_POSTER"];

pub(super) fn find(urn: &str) -> Option<&'static Organization> {
    let id: u64 = urn.strip_prefix(URN_PREFIX)?.parse().ok()?;
    ORGANIZATIONS.iter().find(|organization| organization.id == id)
}

/// Returns whether the caller may act for an author: the member, by the URN that the app sees, or a Page on
/// which the member has an approved role that may post.
pub(super) fn can_act_for(caller: &Caller, urn: &str) -> bool {
    caller.member_urn().as_deref() == Some(urn) || can_post(caller.member_key(), urn)
}

fn can_post(member: &str, urn: &str) -> bool {
    find(urn).is_some_and(|organization| {
        ROLES.iter().any(|role| {
            role.member == member
                && role.organization == organization.id
                && role.state == "APPROVED"
                && POSTING_ROLES.contains(&role.kind)
        })
    })
}

/// Scopes that read the Pages of a member.
const READ_SCOPES: &[&str] = &["rw_organization_admin", "r_organization_admin"];

/// `GET .../organizationAcls?q=roleAssignee`, in pages. The name of the Page's field
/// differs with the age of the API.
pub(super) fn list_acls(core: &Core, call: &Call, caller: &Caller, page_field: &str) -> HandlerResult {
    let is_legacy = call.path.starts_with("/v2/");
    caller.require(READ_SCOPES, if is_legacy { answers::ACLS_DENIED_V2 } else { answers::ACLS_DENIED })?;
    let query = call.parameters();
    let is_finder = query.get("q") == Some("roleAssignee");
    let member = caller.member.filter(|_| is_finder).ok_or(answers::METHOD_UNRESOLVED)?;
    let start = query.number("start", 0);
    let count = query.number("count", 10).clamp(1, core.behavior().largest_page.max(1));
    let matches = |name: &str, value: &str| query.get(name).is_none_or(|requested| requested == value);
    let roles: Vec<&Role> = ROLES
        .iter()
        .filter(|role| role.member == member.key && matches("role", role.kind) && matches("state", role.state))
        .collect();
    let assignee = member.urn_for(&caller.token.app);
    let to_json = |role: &&Role| {
        let page = format!("{URN_PREFIX}{}", role.organization);
        json!({ "role": role.kind, page_field: page, "roleAssignee": assignee, "state": role.state })
    };
    let elements: Vec<Value> = roles.iter().skip(start).take(count).map(to_json).collect();
    let mut links = Vec::new();
    if start.saturating_add(count) < roles.len() {
        links.push(json!({ "rel": "next", "type": "application/json", "href": next_link(call, start + count, count) }));
    }
    let paging = json!({ "start": start, "count": count, "links": links });
    Ok(Response::json(&json!({ "elements": elements, "paging": paging })))
}

/// Returns the link to the next part of a list: a path, as in LinkedIn's responses.
fn next_link(call: &Call, start: usize, count: usize) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(call.query.as_bytes()) {
        if name != "start" && name != "count" {
            query.append_pair(&name, &value);
        }
    }
    query.append_pair("start", &start.to_string()).append_pair("count", &count.to_string());
    format!("{}?{}", call.path, query.finish())
}

/// `GET /rest/organizations/{id}`.
pub(super) fn read_organization(key: &str, caller: &Caller) -> HandlerResult {
    let scopes = [READ_SCOPES, &["r_organization_social"]].concat();
    caller.require(&scopes, answers::ORGANIZATION_DENIED)?;
    let page = find(&format!("{URN_PREFIX}{key}")).ok_or(answers::NOT_FOUND)?;
    Ok(Response::json(&page.to_json()))
}

/// `GET /rest/organizations?q=vanityName`.
pub(super) fn find_by_vanity_name(call: &Call, caller: &Caller) -> HandlerResult {
    caller.require(&["rw_organization_admin"], answers::ORGANIZATIONS_DENIED)?;
    let query = call.parameters();
    ensure(query.get("q") == Some("vanityName"), answers::METHOD_UNRESOLVED)?;
    let requested = query.get("vanityName").ok_or(answers::METHOD_UNRESOLVED)?;
    let is_requested = |page: &&Organization| page.vanity_name.eq_ignore_ascii_case(requested);
    let elements: Vec<Value> = ORGANIZATIONS.iter().filter(is_requested).map(Organization::to_json).collect();
    let paging = json!({ "start": 0, "count": 10, "links": [], "total": elements.len() });
    Ok(Response::json(&json!({ "paging": paging, "elements": elements })))
}

/// `GET /rest/organizationAuthorizations/(impersonator:…,organization:…,action:(…))`: whether the
/// member may do this on the Page. Source: "Organization Authorizations".
pub(super) fn read_authorization(key: &str, caller: &Caller) -> HandlerResult {
    caller.require(READ_SCOPES, answers::AUTHORIZATION_DENIED)?;
    let key_part = |name: &str| {
        let (_, value) = key.split_once(&format!("{name}:"))?;
        value.split([',', ')']).next().map(decode_urn)
    };
    let (Some(impersonator), Some(organization), Some(action)) =
        (key_part("(impersonator"), key_part(",organization"), key_part("(actionType"))
    else {
        return answers::PATH_SYNTAX.to_response();
    };
    ensure(caller.member_urn().as_ref() == Some(&impersonator), answers::FORBIDDEN)?;
    ensure(find(&organization).is_some(), answers::NOT_FOUND)?;
    let is_known_action =
        ["ORGANIC_SHARE_CREATE", "ORGANIC_SHARE_EDIT", "ORGANIC_SHARE_DELETE", "ORGANIC_SHARE_VIEW_AS_AUTHOR"]
            .contains(&action.as_str());
    let is_approved = is_known_action && can_post(caller.member_key(), &organization);
    let answer = if is_approved { answers::ACTION_APPROVED } else { answers::ACTION_DENIED };
    answer.to_response_with(&[("member", &impersonator), ("organization", &organization)])
}
