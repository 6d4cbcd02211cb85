//! The pages of the sandbox, who has which role on them, and the API that tells it.

use serde_json::{Value, json};

use super::api::{self, Bearer};
use super::call::{Call, Fields, Reply};
use super::server::Server;
use crate::Result;

/// A page.
pub(super) struct Organization {
    pub(super) id: u64,
    pub(super) name: &'static str,
    vanity_name: &'static str,
}

/// All pages.
pub(super) const ORGANIZATIONS: &[Organization] = &[
    Organization { id: 2_414_183, name: "Analytical Engines", vanity_name: "analytical-engines" },
    Organization { id: 2_414_184, name: "Tea & Differences Ltd.", vanity_name: "tea-and-differences" },
    Organization { id: 2_414_185, name: "龍 Film Studio", vanity_name: "dragon-film-studio" },
];

/// A member's role on a page.
struct Role {
    member: &'static str,
    organization: u64,
    kind: &'static str,
    state: &'static str,
}

const fn role(member: &'static str, organization: u64, kind: &'static str, state: &'static str) -> Role {
    Role { member, organization, kind, state }
}

/// One role is only asked for, and one may post but not administer.
const ROLES: &[Role] = &[
    role("ada", 2_414_183, "ADMINISTRATOR", "APPROVED"),
    role("ada", 2_414_185, "ADMINISTRATOR", "REQUESTED"),
    role("ada", 2_414_184, "ADMINISTRATOR", "APPROVED"),
    role("bruce", 2_414_185, "ADMINISTRATOR", "APPROVED"),
    role("bruce", 2_414_184, "CONTENT_ADMIN", "APPROVED"),
];

/// Roles that may post for a page.
const POSTERS: &[&str] =
    &["ADMINISTRATOR", "CONTENT_ADMIN", "CONTENT_ADMINISTRATOR", "DIRECT_SPONSORED_CONTENT_POSTER"];

/// The page of that URN.
pub(super) fn find(urn: &str) -> Option<&'static Organization> {
    let id: u64 = urn.strip_prefix("urn:li:organization:")?.parse().ok()?;
    ORGANIZATIONS.iter().find(|organization| organization.id == id)
}

/// May the member post in the page's name?
pub(super) fn may_post(member: &str, urn: &str) -> bool {
    find(urn).is_some_and(|organization| {
        ROLES.iter().any(|role| {
            role.member == member
                && role.organization == organization.id
                && role.state == "APPROVED"
                && POSTERS.contains(&role.kind)
        })
    })
}

fn reads_pages(bearer: &Bearer) -> bool {
    bearer.may("rw_organization_admin") || bearer.may("r_organization_admin")
}

/// The version as permissions name it; `/v2/` has none.
fn suffix(server: &Server, call: &Call) -> Result<String, Reply> {
    if call.path.starts_with("/v2/") { Ok("NO_VERSION".to_owned()) } else { api::version(server, call) }
}

/// `GET .../organizationAcls?q=roleAssignee`, in pages. The key of the page differs with the API's age.
pub(super) fn acls(server: &Server, call: &Call, key: &str) -> Result<Reply> {
    let bearer = match api::bearer(server, call)? {
        Ok(bearer) => bearer,
        Err(reply) => return Ok(reply),
    };
    let version = match suffix(server, call) {
        Ok(version) => version,
        Err(reply) => return Ok(reply),
    };
    let Some(member) = bearer.member.filter(|_| reads_pages(&bearer)) else {
        return Ok(api::not_permitted(&format!("organizationAcls.FINDER-roleAssignee.{version}")));
    };
    let query = Fields::parse(call.query.as_bytes());
    if query.get("q") != Some("roleAssignee") {
        let words = "Query parameter 'q' must name a finder";
        return Ok(Reply::json(400, &json!({ "status": 400, "code": "ILLEGAL_ARGUMENT", "message": words })));
    }
    let number = |name: &str, usual: usize| query.get(name).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (start, count) = (number("start", 0), number("count", 10).clamp(1, server.behaviour().largest_page.max(1)));
    let fits = |name: &str, value: &str| query.get(name).is_none_or(|wanted| wanted == value);
    let rows: Vec<&Role> = ROLES
        .iter()
        .filter(|role| role.member == member.key && fits("role", role.kind) && fits("state", role.state))
        .collect();
    let assignee = format!("urn:li:person:{}", member.sub_for(&bearer.token.app));
    let elements: Vec<Value> = rows
        .iter()
        .skip(start)
        .take(count)
        .map(|role| {
            let page = format!("urn:li:organization:{}", role.organization);
            json!({ "role": role.kind, key: page, "roleAssignee": assignee, "state": role.state })
        })
        .collect();
    let mut links = Vec::new();
    if start.saturating_add(count) < rows.len() {
        links.push(json!({ "rel": "next", "type": "application/json", "href": next(call, start + count, count) }));
    }
    let paging = json!({ "start": start, "count": count, "links": links });
    Ok(Reply::json(200, &json!({ "elements": elements, "paging": paging })))
}

/// The same question further on: a path, as LinkedIn links.
fn next(call: &Call, start: usize, count: usize) -> String {
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
pub(super) fn organization(server: &Server, call: &Call) -> Result<Reply> {
    let bearer = match api::bearer(server, call)? {
        Ok(bearer) => bearer,
        Err(reply) => return Ok(reply),
    };
    let version = match suffix(server, call) {
        Ok(version) => version,
        Err(reply) => return Ok(reply),
    };
    if !reads_pages(&bearer) && !bearer.may("r_organization_social") {
        return Ok(api::not_permitted(&format!("organizations.GET.{version}")));
    }
    let id = call.path.rsplit('/').next().unwrap_or_default();
    Ok(match find(&format!("urn:li:organization:{id}")) {
        None => Reply::json(
            404,
            &json!({ "status": 404, "serviceErrorCode": 100, "code": "NOT_FOUND", "message": "Could not find entity" }),
        ),
        Some(page) => {
            Reply::json(200, &json!({ "id": page.id, "localizedName": page.name, "vanityName": page.vanity_name }))
        }
    })
}
