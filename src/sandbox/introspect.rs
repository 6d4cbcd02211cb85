//! Introspection, and the revocation that LinkedIn documents nowhere.

use serde_json::json;

use super::answers;
use super::call::{Call, Fields};
use super::core::Core;
use super::html::not_found;
use super::reply::{HandlerResult, Reply};
use super::scenario::Revoke;
use super::state::SandboxState;
use super::token::is_secret_of;

/// `POST /oauth/v2/introspectToken`. Needs no scope, only the app's credentials.
pub(super) fn endpoint(core: &Core, call: &Call) -> HandlerResult {
    let state = core.state()?;
    let now = core.now(&state);
    Ok(introspect(&state, &call.form(), now, core.behaviour().short_introspection)?)
}

fn introspect(state: &SandboxState, form: &Fields, now: i64, short: bool) -> Result<Reply, Reply> {
    let (client_id, value) = authenticate(state, form)?;
    let Some(token) = state.tokens.iter().find(|token| token.value == value) else {
        return Err(answers::INTROSPECT_TOKEN.reply());
    };
    if token.app != client_id {
        return Ok(answers::INTROSPECT_OTHER_APP.reply());
    }
    let status = token.status(now);
    let mut body = json!({
        "active": status == "active",
        "client_id": token.app,
        "authorized_at": token.authorized_at,
        "created_at": token.created_ms / 1000,
        "status": status,
        // A second after the whole lifetime, two after what the token endpoint answered.
        "expires_at": token.expires_at + 1,
        "auth_type": if token.member.is_some() { "3L" } else { "2L" },
    });
    if token.member.is_some() {
        body["scope"] = json!(token.scopes.join(","));
    }
    if short && let Some(body) = body.as_object_mut() {
        body.retain(|name, _| name != "status" && name != "authorized_at");
    }
    Ok(Reply::json(&body))
}

/// `POST /oauth/v2/revoke`.
pub(super) fn revoke(core: &Core, call: &Call) -> HandlerResult {
    match core.behaviour().revoke {
        Revoke::Missing => return Ok(Reply::html(404, not_found())),
        Revoke::Error => return Ok(answers::REVOKE_REFUSED.reply()),
        Revoke::Ok => {}
    }
    let form = call.form();
    Ok(core.update(|state, _| {
        let (client_id, value) = match authenticate(state, &form) {
            Ok(authenticated) => authenticated,
            Err(refusal) => return Ok(refusal),
        };
        for token in &mut state.tokens {
            token.revoked |= token.app == client_id && token.value == value;
        }
        for token in &mut state.refresh_tokens {
            token.revoked |= token.app == client_id && token.value == value;
        }
        Ok(Reply::empty(200))
    })?)
}

/// Returns client ID and token where the client secret is right.
fn authenticate<'a>(state: &SandboxState, form: &'a Fields) -> Result<(&'a str, &'a str), Reply> {
    let client_id = form.required("client_id")?;
    let secret = form.required("client_secret")?;
    let value = form.required("token")?;
    let Some(app) = state.app(client_id) else {
        return Err(answers::INTROSPECT_CLIENT.filled(&[("client_id", client_id)]));
    };
    if is_secret_of(app, secret) { Ok((client_id, value)) } else { Err(answers::INTROSPECT_SECRET.reply()) }
}
