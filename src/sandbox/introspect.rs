//! Introspection, and the revocation that LinkedIn does not document.

use serde_json::json;

use super::answers::{self, ensure};
use super::call::{Call, Fields};
use super::core::Core;
use super::html::not_found_page;
use super::response::{HandlerResult, Response};
use super::scenario::Revoke;
use super::state::SandboxState;

/// `POST /oauth/v2/introspectToken`. Needs no scope, only the app's credentials.
pub(super) fn introspect(core: &Core, call: &Call) -> HandlerResult {
    let state = core.state()?;
    let form = call.form();
    let (client_id, value) = authenticate(&state, &form)?;
    let token = state.tokens.iter().find(|token| token.value == value).ok_or(answers::INTROSPECT_TOKEN)?;
    ensure(token.app == client_id, answers::INTROSPECT_OTHER_APP)?;
    let status = token.status(core.now(&state));
    let mut body = json!({
        "active": status == "active",
        "client_id": token.app,
        "authorized_at": token.authorized_at,
        "created_at": token.created_ms / 1000,
        "status": status,
        // One second more than the whole lifetime, two more than `expires_in` of the token endpoint.
        "expires_at": token.expires_at + 1,
        "auth_type": if token.member.is_some() { "3L" } else { "2L" },
    });
    if token.member.is_some() {
        body["scope"] = json!(token.scopes.join(","));
    }
    if core.behavior().short_introspection
        && let Some(body) = body.as_object_mut()
    {
        body.retain(|name, _| name != "status" && name != "authorized_at");
    }
    Ok(Response::json(&body))
}

/// `POST /oauth/v2/revoke`.
pub(super) fn revoke(core: &Core, call: &Call) -> HandlerResult {
    match core.behavior().revoke {
        Revoke::Missing => return Ok(Response::html(404, not_found_page())),
        Revoke::Error => return answers::REVOKE_REFUSED.to_response(),
        Revoke::Ok => {}
    }
    let form = call.form();
    core.update(|state, _| {
        let (client_id, value) = authenticate(state, &form)?;
        for token in &mut state.tokens {
            token.is_revoked |= token.app == client_id && token.value == value;
        }
        for token in &mut state.refresh_tokens {
            token.is_revoked |= token.app == client_id && token.value == value;
        }
        Ok(Response::empty(200))
    })
}

/// Returns client ID and token of the form, if the client secret is correct.
fn authenticate<'a>(state: &SandboxState, form: &'a Fields) -> HandlerResult<(&'a str, &'a str)> {
    let client_id = form.require("client_id")?;
    let secret = form.require("client_secret")?;
    let value = form.require("token")?;
    let unknown = || answers::INTROSPECT_CLIENT.refusal(&[("client_id", client_id)]);
    ensure(state.app(client_id).ok_or_else(unknown)?.has_secret(secret), answers::INTROSPECT_SECRET)?;
    Ok((client_id, value))
}
