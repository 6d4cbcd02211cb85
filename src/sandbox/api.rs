//! What every API call shares: the bearer token, the version header, the error bodies.

use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::members::{self, SandboxMember};
use super::server::Server;
use super::state::AccessToken;
use crate::Result;

/// Who calls, and what they may.
pub(super) struct Bearer {
    pub(super) token: AccessToken,
    pub(super) member: Option<&'static SandboxMember>,
    pub(super) now_ms: i64,
    scopes: Vec<String>,
}

impl Bearer {
    pub(super) fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|known| known == scope)
    }
}

/// The caller's token, or the 401 that LinkedIn answers.
pub(super) fn bearer(server: &Server, call: &Call) -> Result<Result<Bearer, Reply>> {
    let Some(header) = call.header("authorization").filter(|value| !value.trim().is_empty()) else {
        return Ok(Err(unauthorized(65_604, "EMPTY_ACCESS_TOKEN", "Empty oauth2 access token")));
    };
    let (scheme, value) = header.split_once(' ').unwrap_or((header, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(Err(gateway_error(401, &json!({ "status": 401, "message": "Unknown authentication schema" }))));
    }
    let value = value.trim();
    if value.is_empty() {
        return Ok(Err(unauthorized(65_604, "EMPTY_ACCESS_TOKEN", "Empty oauth2 access token")));
    }
    let state = server.store.read()?;
    let now_ms = server.now_ms(state.clock_offset);
    let behaviour = server.behaviour();
    let Some(token) = state.tokens.iter().find(|token| token.value == value).cloned() else {
        return Ok(Err(unauthorized(65_600, "INVALID_ACCESS_TOKEN", "Invalid access token")));
    };
    let age_ms = now_ms - token.created_ms;
    // A token that has not reached every server yet is refused like a revoked one.
    if token.revoked || (0..behaviour.fresh_token_refused_seconds * 1000).contains(&age_ms) {
        let words = "The token used in the request has been revoked by the user";
        return Ok(Err(unauthorized(65_601, "REVOKED_ACCESS_TOKEN", words)));
    }
    if token.expires_at <= now_ms / 1000 {
        return Ok(Err(unauthorized(65_602, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired")));
    }
    let member = token.member.as_deref().and_then(members::find);
    let ghost = (0..behaviour.ghost_minutes * 60_000).contains(&age_ms);
    let scopes = token.scopes_before.clone().filter(|_| ghost).unwrap_or_else(|| token.scopes.clone());
    Ok(Ok(Bearer { token, member, now_ms, scopes }))
}

/// The version of a `/rest/` call as the permission names carry it: `20260901`.
pub(super) fn version(server: &Server, call: &Call) -> Result<String, Reply> {
    let Some(sent) = call.header("linkedin-version").filter(|value| !value.is_empty()) else {
        let words = "A version must be present. Please specify a version by adding the LinkedIn-Version header.";
        return Err(gateway_error(400, &json!({ "status": 400, "code": "VERSION_MISSING", "message": words })));
    };
    let (month, revision) = sent.split_once('.').unwrap_or((sent, "01"));
    let shown = crate::text::clean(&format!("{month}{revision}"), 20);
    if server.behaviour().versions.iter().any(|active| active == month) {
        return Ok(shown);
    }
    let words = format!("Requested version {shown} is not active");
    Err(gateway_error(426, &json!({ "status": 426, "code": "NONEXISTENT_VERSION", "message": words })))
}

fn gateway_error(status: u16, body: &Value) -> Reply {
    Reply::json(status, body).with("x-restli-gateway-error", "true")
}

fn unauthorized(number: u32, code: &str, message: &str) -> Reply {
    gateway_error(401, &json!({ "status": 401, "serviceErrorCode": number, "code": code, "message": message }))
}

/// 403 for a permission.
pub(super) fn not_permitted(permission: &str) -> Reply {
    denied(&format!("Not enough permissions to access: {permission}"))
}

/// 403 with LinkedIn's four keys.
pub(super) fn denied(message: &str) -> Reply {
    Reply::json(403, &json!({ "status": 403, "serviceErrorCode": 100, "code": "ACCESS_DENIED", "message": message }))
}

/// 429. There is no Retry-After and no rate header.
pub(super) fn throttled() -> Reply {
    let words = "Resource level throttle limit for calls to this resource is reached.";
    Reply::json(429, &json!({ "serviceErrorCode": 101, "message": words, "status": 429 }))
}

/// 429 because the member's day is used up.
pub(super) fn day_used_up() -> Reply {
    let words = "Resource level throttle MEMBER DAY limit for calls to this resource is reached.";
    Reply::json(429, &json!({ "serviceErrorCode": 101, "message": words, "status": 429 }))
}

/// 500.
pub(super) fn server_error() -> Reply {
    Reply::json(500, &json!({ "status": 500, "code": "INTERNAL_SERVER_ERROR", "message": "Internal Server Error" }))
}

/// 404 for an API path.
pub(super) fn no_such_resource(path: &str) -> Reply {
    let words = format!("No virtual resource found for path {}", crate::text::clean(path, 100));
    Reply::json(404, &json!({ "status": 404, "code": "RESOURCE_NOT_FOUND", "message": words }))
}

/// `GET /v2/me`: only for the retired or vetted scopes.
pub(super) fn me(server: &Server, call: &Call) -> Result<Reply> {
    let bearer = match bearer(server, call)? {
        Ok(bearer) => bearer,
        Err(reply) => return Ok(reply),
    };
    let Some(member) = bearer.member.filter(|_| bearer.may("r_liteprofile") || bearer.may("r_basicprofile")) else {
        return Ok(not_permitted("me.GET.NO_VERSION"));
    };
    Ok(Reply::json(
        200,
        &json!({
            "id": member.sub_for(&bearer.token.app),
            "localizedFirstName": member.given_name,
            "localizedLastName": member.family_name,
        }),
    ))
}
