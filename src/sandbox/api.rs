//! The gateway of the API: checks token, version and syntax of a call.
//!
//! The order of the checks is neither documented nor proved: token, version, syntax, then the
//! permission, then the body.

use serde_json::json;

use super::answers::{self, Sample};
use super::apps;
use super::call::Call;
use super::core::Core;
use super::members::{self, SandboxMember};
use super::paths;
use super::reply::{HandlerResult, Reply};
use super::scenario::{Behaviour, GateText, Products};
use super::state::AccessToken;
use crate::Result;

/// The member's own data, which has one version only.
pub(super) const OWN_DATA: &str = "/rest/memberAuthorizations";
/// The only version of that data ("Member Data Portability").
const OWN_DATA_VERSION: &str = "202312";
/// Statistics of a member's posts.
pub(super) const STATISTICS: &str = "/rest/memberCreatorPostAnalytics";
/// Endpoints younger than the oldest versions, each with the first version that has it.
const FIRST_VERSIONS: &[(&str, &str)] = &[(STATISTICS, "202506")];

/// Scopes that may write posts: as the member, and as a Page.
pub(super) const WRITE_SCOPES: &[&str] = &["w_member_social", "w_organization_social"];

/// The token of a call, its member, and its scopes.
pub(super) struct Caller {
    pub(super) token: AccessToken,
    pub(super) member: Option<&'static SandboxMember>,
    pub(super) now_ms: i64,
    /// As permissions name it: `20260901`; empty under `/v2`.
    version: String,
    scopes: Vec<String>,
    gate_text: GateText,
}

impl Caller {
    pub(super) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|known| known == scope)
    }

    pub(super) fn has_any(&self, scopes: &[&str]) -> bool {
        scopes.iter().any(|scope| self.has(scope))
    }

    /// Whether the token has a scope of the Community Management API, which grants its permissions.
    pub(super) fn is_partner(&self) -> bool {
        self.has_any(apps::PARTNER_SCOPES)
    }

    /// The member's URN, as this app sees it.
    pub(super) fn person(&self) -> Option<String> {
        self.member.map(|member| format!("urn:li:person:{}", member.sub_for(&self.token.app)))
    }

    /// The month of the version that was sent; empty under `/v2`.
    pub(super) fn month(&self) -> &str {
        self.version.get(..6).unwrap_or_default()
    }

    /// Returns the refusal of `sample`, with the name of its permission.
    pub(super) fn denied(&self, sample: &Sample) -> Reply {
        sample.denied(self.gate_text, &self.version)
    }

    pub(super) fn gate_text(&self) -> GateText {
        self.gate_text
    }

    /// Refuses unless the token has one of `scopes`.
    pub(super) fn require(&self, scopes: &[&str], sample: &Sample) -> Result<(), Reply> {
        if self.has_any(scopes) { Ok(()) } else { Err(self.denied(sample)) }
    }
}

/// Authorizes a call, or refuses it as the gateway does.
pub(super) fn authorize(core: &Core, call: &Call) -> HandlerResult<Caller> {
    let behaviour = core.behaviour();
    let mut caller = authenticate(core, &behaviour, call)?;
    caller.version = version(&behaviour, call)?;
    check_syntax(call)?;
    Ok(caller)
}

fn authenticate(core: &Core, behaviour: &Behaviour, call: &Call) -> HandlerResult<Caller> {
    let missing = if behaviour.empty_token_65604 { answers::TOKEN_MISSING_65604 } else { answers::TOKEN_MISSING };
    let header = call.header("authorization").map(str::trim).filter(|value| !value.is_empty());
    let Some(header) = header else { return Err(missing.reply().into()) };
    let (scheme, value) = header.split_once(' ').unwrap_or((header, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(answers::SCHEME_UNKNOWN.reply().into());
    }
    let value = value.trim();
    if value.is_empty() {
        return Err(missing.reply().into());
    }
    let state = core.state()?;
    let now_ms = core.now_ms(&state);
    let Some(token) = state.tokens.iter().find(|token| token.value == value).cloned() else {
        return Err(answers::TOKEN_INVALID.reply().into());
    };
    let age_ms = now_ms - token.created_ms;
    // A token that has not reached every server yet is refused like a revoked one.
    let is_unknown_yet = (0..behaviour.fresh_token_refused_seconds * 1000).contains(&age_ms);
    if token.revoked || is_unknown_yet || behaviour.api_refuses_tokens {
        return Err(answers::TOKEN_REVOKED.reply().into());
    }
    if token.expires_at <= now_ms / 1000 {
        return Err(answers::TOKEN_EXPIRED.reply().into());
    }
    let member = token.member.as_deref().and_then(members::find);
    if behaviour.restricted_member && member.is_some() {
        return Err(answers::MEMBER_RESTRICTED.reply().into());
    }
    let is_ghost = (0..behaviour.ghost_minutes * 60_000).contains(&age_ms);
    let scopes = match behaviour.products {
        Products::None => Vec::new(),
        _ => token.scopes_before.clone().filter(|_| is_ghost).unwrap_or_else(|| token.scopes.clone()),
    };
    Ok(Caller { token, member, now_ms, version: String::new(), scopes, gate_text: behaviour.gate_text })
}

/// The version of a call as permissions name it. `/v2` and the uploads have none.
fn version(behaviour: &Behaviour, call: &Call) -> Result<String, Reply> {
    let sent = call.header("linkedin-version").filter(|value| !value.is_empty());
    let parts = |sent: &str| {
        let (month, revision) = sent.split_once('.').unwrap_or((sent, "01"));
        (month.to_owned(), crate::text::clean(&format!("{month}{revision}"), 20))
    };
    if !call.path.starts_with("/rest/") {
        return match sent {
            Some(sent) if behaviour.v2_refuses_version && call.path.starts_with("/v2/") => {
                Err(answers::VERSION_ON_V2.filled(&[("version", &parts(sent).1)]))
            }
            _ => Ok(String::new()),
        };
    }
    let Some(sent) = sent else { return Err(answers::VERSION_MISSING.reply()) };
    let (month, shown) = parts(sent);
    let is_active = match call.path.as_str() {
        OWN_DATA => month == OWN_DATA_VERSION,
        _ => behaviour.versions.contains(&month),
    };
    if !is_active {
        return Err(answers::VERSION_INACTIVE.filled(&[("version", &shown)]));
    }
    let is_younger = |(path, first): &(&str, &str)| call.path == *path && month.as_str() < *first;
    if FIRST_VERSIONS.iter().any(is_younger) { Err(answers::NO_RESOURCE.reply()) } else { Ok(shown) }
}

/// Refuses URNs that are not percent-encoded, and projections of the versioned API.
fn check_syntax(call: &Call) -> Result<(), Reply> {
    if call.path.starts_with(paths::UPLOADS) {
        return Ok(());
    }
    // Inside parentheses a colon separates a key's names and values.
    let is_raw = |text: &str| text.contains("urn:li:") || text.split('(').next().is_some_and(|key| key.contains(':'));
    if call.path.split('/').any(is_raw) {
        return Err(answers::PATH_SYNTAX.reply());
    }
    if call.query.split('&').any(is_raw) {
        return Err(answers::QUERY_SYNTAX.reply());
    }
    if call.path.starts_with("/rest/") && call.parameters().names().any(|name| name == "projection") {
        return Err(answers::PROJECTION.reply());
    }
    Ok(())
}

/// Splits a path of the API into its collection and the key that follows.
pub(super) fn split(path: &str) -> (&str, &str) {
    let end = path.match_indices('/').nth(2).map_or(path.len(), |(at, _)| at);
    let (collection, key) = path.split_at(end);
    (collection, key.trim_start_matches('/'))
}

/// Decodes a percent-encoded URN of a path.
pub(super) fn decoded(key: &str) -> String {
    let encoded = key.replace('+', "%2B");
    url::form_urlencoded::parse(encoded.as_bytes()).map(|(name, _)| name.into_owned()).collect()
}

/// `GET /v2/me`: only for the retired or vetted scopes.
pub(super) fn me(caller: &Caller) -> HandlerResult {
    caller.require(&["r_liteprofile", "r_basicprofile"], &answers::ME_DENIED)?;
    let Some(member) = caller.member else { return Err(caller.denied(&answers::ME_DENIED).into()) };
    Ok(Reply::json(&json!({
        "id": member.sub_for(&caller.token.app),
        "localizedFirstName": member.given_name,
        "localizedLastName": member.family_name,
    })))
}
