//! The gateway of the API: checks token, version and syntax of a call.
//!
//! The order of the checks is neither documented nor shown by a recorded response: token, version, syntax, then the
//! permission, then the body.

use serde_json::json;

use super::answers::{self, Answer, ensure};
use super::apps;
use super::call::Call;
use super::core::Core;
use super::members::SandboxMember;
use super::paths;
use super::response::{HandlerResult, Refusal, Response};
use super::scenario::{Behavior, PermissionText, Products};
use super::state::AccessToken;
use crate::linkedin::endpoints::{MEMBER_AUTHORIZATIONS, POST_ANALYTICS};

/// The only version that has [`MEMBER_AUTHORIZATIONS`] ("Member Data Portability").
const MEMBER_AUTHORIZATIONS_VERSION: &str = "202312";
/// The first version that has the statistics of a member's posts.
const POST_ANALYTICS_SINCE: &str = "202506";

/// Scopes that may write posts: as the member, and as a Page.
pub(super) const WRITE_SCOPES: &[&str] = &["w_member_social", "w_organization_social"];

/// The token of a call, its member, and its scopes.
pub(super) struct Caller {
    pub(super) token: AccessToken,
    pub(super) member: Option<&'static SandboxMember>,
    pub(super) now_ms: i64,
    pub(super) permission_text: PermissionText,
    /// The API version as in the name of a permission: `20260901`; empty under `/v2`.
    version: String,
    pub(super) scopes: Vec<String>,
}

impl Caller {
    pub(super) fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }

    pub(super) fn has_any_scope(&self, scopes: &[&str]) -> bool {
        scopes.iter().any(|scope| self.has_scope(scope))
    }

    /// Returns whether the token has a scope of the Community Management API, which grants its permissions.
    pub(super) fn has_community_management(&self) -> bool {
        self.has_any_scope(apps::COMMUNITY_MANAGEMENT_SCOPES)
    }

    /// Returns the member's name in the sandbox, such as `ada`; empty for a token of the client credentials grant.
    pub(super) fn member_key(&self) -> &'static str {
        self.member.map_or("", |member| member.key)
    }

    /// Returns the member's URN, as this app sees it.
    pub(super) fn member_urn(&self) -> Option<String> {
        self.member.map(|member| member.urn_for(&self.token.app))
    }

    /// Returns the month of the version that was sent, as `YYYYMM`; empty under `/v2`.
    pub(super) fn month(&self) -> &str {
        self.version.get(..6).unwrap_or_default()
    }

    /// Returns the refusal of `answer`, with the name of the missing permission.
    pub(super) fn permission_denied(&self, answer: Answer) -> Refusal {
        answer.permission_denied(self.permission_text, &self.version)
    }

    /// Refuses unless the token has one of `scopes`.
    pub(super) fn require(&self, scopes: &[&str], answer: Answer) -> HandlerResult<()> {
        if self.has_any_scope(scopes) { Ok(()) } else { Err(self.permission_denied(answer)) }
    }
}

/// Authorizes a call, or refuses it as the gateway does.
pub(super) fn validate_call(core: &Core, call: &Call) -> HandlerResult<Caller> {
    let behavior = core.behavior();
    let mut caller = authenticate(core, &behavior, call)?;
    caller.version = check_version(&behavior, call)?;
    check_syntax(call)?;
    Ok(caller)
}

fn authenticate(core: &Core, behavior: &Behavior, call: &Call) -> HandlerResult<Caller> {
    let missing = if behavior.empty_token_65604 { answers::TOKEN_MISSING_65604 } else { answers::TOKEN_MISSING };
    let header = call.header("authorization").map(str::trim).filter(|value| !value.is_empty()).ok_or(missing)?;
    let (scheme, value) = header.split_once(' ').unwrap_or((header, ""));
    ensure(scheme.eq_ignore_ascii_case("bearer"), answers::SCHEME_UNKNOWN)?;
    let value = value.trim();
    ensure(!value.is_empty(), missing)?;
    let state = core.state()?;
    let now_ms = core.now_ms(&state);
    let token = state.tokens.into_iter().find(|token| token.value == value).ok_or(answers::TOKEN_INVALID)?;
    let age_ms = now_ms - token.created_ms;
    // A token that has not reached every server yet is refused like a revoked one.
    let is_fresh = (0..behavior.fresh_token_refused_seconds * 1000).contains(&age_ms);
    ensure(!token.is_revoked && !is_fresh && !behavior.api_refuses_tokens, answers::TOKEN_REVOKED)?;
    ensure(token.expires_at > now_ms / 1000, answers::TOKEN_EXPIRED)?;
    let member = token.member.as_deref().and_then(|key| behavior.member(key));
    ensure(member.is_none() || !behavior.restricted_member, answers::MEMBER_RESTRICTED)?;
    let has_previous_scopes = (0..behavior.ghost_minutes * 60_000).contains(&age_ms);
    let scopes = match (behavior.products, &token.scopes_before) {
        (Products::None, _) => Vec::new(),
        (_, Some(scopes_before)) if has_previous_scopes => scopes_before.clone(),
        _ => token.scopes.clone(),
    };
    let permission_text = behavior.permission_text;
    Ok(Caller { token, member, now_ms, permission_text, version: String::new(), scopes })
}

/// Returns the version of a call as permissions name it. `/v2` and the uploads have none.
fn check_version(behavior: &Behavior, call: &Call) -> HandlerResult<String> {
    let sent = call.header("linkedin-version").filter(|value| !value.is_empty());
    let (month, revision) = sent.map_or(("", ""), |sent| sent.split_once('.').unwrap_or((sent, "01")));
    let version = crate::text::sanitize(&format!("{month}{revision}"), 20);
    if !call.path.starts_with("/rest/") {
        if sent.is_some() && behavior.v2_refuses_version && call.path.starts_with("/v2/") {
            return Err(answers::VERSION_ON_V2.refusal(&[("version", &version)]));
        }
        return Ok(String::new());
    }
    ensure(sent.is_some(), answers::VERSION_MISSING)?;
    let is_active = match call.path.as_str() {
        MEMBER_AUTHORIZATIONS => month == MEMBER_AUTHORIZATIONS_VERSION,
        _ => behavior.versions.iter().any(|active| active == month),
    };
    if !is_active {
        return Err(answers::VERSION_INACTIVE.refusal(&[("version", &version)]));
    }
    ensure(call.path != POST_ANALYTICS || month >= POST_ANALYTICS_SINCE, answers::NO_RESOURCE)?;
    Ok(version)
}

/// Refuses URNs that are not percent-encoded, and projections of the versioned API.
fn check_syntax(call: &Call) -> HandlerResult<()> {
    if call.path.starts_with(paths::UPLOADS) {
        return Ok(());
    }
    // Inside parentheses a colon separates a key's names and values.
    let is_raw = |text: &str| text.contains("urn:li:") || text.split('(').next().is_some_and(|key| key.contains(':'));
    ensure(!call.path.split('/').any(is_raw), answers::PATH_SYNTAX)?;
    ensure(!call.query.split('&').any(is_raw), answers::QUERY_SYNTAX)?;
    let has_projection = call.parameters().names().any(|name| name == "projection");
    ensure(!has_projection || !call.path.starts_with("/rest/"), answers::PROJECTION)
}

/// Splits a path of the API into its collection and the URN or ID that follows.
pub(super) fn split_path(path: &str) -> (&str, &str) {
    let end = path.match_indices('/').nth(2).map_or(path.len(), |(at, _)| at);
    let (collection, key) = path.split_at(end);
    (collection, key.trim_start_matches('/'))
}

/// Decodes a percent-encoded URN of a path.
pub(super) fn decode_urn(key: &str) -> String {
    // The parser is one of forms, in which these characters mean something else.
    let encoded = key.replace('+', "%2B").replace('=', "%3D").replace('&', "%26");
    url::form_urlencoded::parse(encoded.as_bytes()).map(|(name, _)| name.into_owned()).collect()
}

/// Returns the member of the token. The scopes for it are retired, or require approval.
pub(super) fn read_me(caller: &Caller) -> HandlerResult {
    caller.require(&["r_liteprofile", "r_basicprofile"], answers::ME_DENIED)?;
    let member = caller.member.ok_or_else(|| caller.permission_denied(answers::ME_DENIED))?;
    Ok(Response::json(&json!({
        "id": member.sub_for(&caller.token.app),
        "localizedFirstName": member.given_name,
        "localizedLastName": member.family_name,
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urn_is_decoded_whole() {
        assert_eq!(decode_urn("urn%3Ali%3Ashare%3A1"), "urn:li:share:1");
        assert_eq!(decode_urn("a+b=c&d%26e"), "a+b=c&d&e");
    }
}
