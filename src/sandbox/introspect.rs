//! Introspection, and the revocation that LinkedIn documents nowhere.

use serde_json::json;

use super::answers;
use super::call::{Call, Fields, Reply};
use super::pages;
use super::scenario::Revoke;
use super::server::{self, Server};
use super::state::State;
use super::token::secret_fits;
use crate::Result;

/// `POST /oauth/v2/introspectToken`. Needs no scope, only the app's credentials.
pub(super) fn endpoint(server: &Server, call: &Call) -> Result<Reply> {
    let state = server.store.read()?;
    let now = server.now_ms(state.clock_offset) / 1000;
    Ok(introspect(&state, &call.form(), now, server.behaviour().short_introspection).unwrap_or_else(|refusal| refusal))
}

fn introspect(state: &State, form: &Fields, now: i64, short: bool) -> Result<Reply, Reply> {
    let (client_id, value) = authenticated(state, form)?;
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
        // A second after the whole lifetime, two after what the token endpoint said.
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
pub(super) fn revoke(server: &Server, call: &Call) -> Result<Reply> {
    match server.behaviour().revoke {
        Revoke::Missing => return Ok(Reply::html(404, pages::not_found())),
        Revoke::Error => return Ok(answers::REVOKE_REFUSED.reply()),
        Revoke::Ok => {}
    }
    let form = call.form();
    server::change(server, |state, _| {
        let (client_id, value) = match authenticated(state, &form) {
            Ok((client_id, value)) => (client_id.to_owned(), value.to_owned()),
            Err(refusal) => return Ok(refusal),
        };
        for token in &mut state.tokens {
            token.revoked |= token.app == client_id && token.value == value;
        }
        for token in &mut state.refresh_tokens {
            token.revoked |= token.app == client_id && token.value == value;
        }
        Ok(Reply::empty(200))
    })
}

/// Client ID and token, once the credentials fit.
fn authenticated<'a>(state: &State, form: &'a Fields) -> Result<(&'a str, &'a str), Reply> {
    let client_id = form.required("client_id")?;
    let secret = form.required("client_secret")?;
    let value = form.required("token")?;
    let Some(app) = state.app(client_id) else {
        return Err(answers::INTROSPECT_CLIENT.filled(&[("client_id", client_id)]));
    };
    if secret_fits(app, secret) { Ok((client_id, value)) } else { Err(answers::INTROSPECT_SECRET.reply()) }
}
