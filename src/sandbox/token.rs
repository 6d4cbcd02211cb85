//! The token endpoint: exchanges a code, a refresh token or client credentials for an access token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::answers::{self, ensure};
use super::call::{Call, Fields};
use super::core::Core;
use super::response::{HandlerResult, Response};
use super::scenario::Behavior;
use super::state::{AccessToken, RefreshToken, SandboxState};
use super::{oidc, random};
use crate::Result;

/// Lifetime of a refresh token, in seconds; a refresh never extends it.
const REFRESH_TOKEN_SECONDS: i64 = 365 * 86_400;
/// Lifetime of a refresh token in one recorded response, in seconds.
const LONG_REFRESH_TOKEN_SECONDS: i64 = 31_536_059;
/// Lifetime of an authorization code, in seconds.
pub(super) const CODE_SECONDS: i64 = 30 * 60;
/// Lifetime of a token of the client credentials grant, in seconds.
const CLIENT_CREDENTIALS_TOKEN_SECONDS: i64 = 1800;

/// `POST /oauth/v2/accessToken`. Credentials are read only from the form body: the query and HTTP
/// Basic are ignored.
pub(super) fn handle_request(core: &Core, call: &Call) -> HandlerResult {
    let form = call.form();
    let behavior = core.behavior();
    core.update(|state, now_ms| match form.require("grant_type")? {
        "authorization_code" => exchange(core, &behavior, state, &form, now_ms),
        "refresh_token" => refresh(&behavior, state, &form, now_ms),
        "client_credentials" => issue_app_token(&behavior, state, &form, now_ms),
        _ => answers::GRANT_TYPE.to_response(),
    })
}

fn exchange(core: &Core, behavior: &Behavior, state: &mut SandboxState, form: &Fields, now_ms: i64) -> HandlerResult {
    let value = form.require("code")?;
    let redirect_uri = form.require("redirect_uri")?;
    let client_id = form.require("client_id")?;
    let found_code = state.codes.iter().find(|code| code.value == value).cloned();
    if let Some(challenge) = found_code.as_ref().and_then(|code| code.challenge.as_ref()) {
        let verifier = form.require("code_verifier")?;
        let digest = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
        ensure(URL_SAFE_NO_PAD.encode(digest) == *challenge, answers::CODE_MISMATCH)?;
    } else {
        let secret = form.require("client_secret")?;
        let is_authentic = state.app(client_id).is_some_and(|app| app.has_secret(secret));
        // The standard flow rejects any verifier with the error of a wrong secret.
        ensure(is_authentic && form.get("code_verifier").is_none(), answers::CLIENT_REFUSED)?;
    }
    let now = now_ms / 1000;
    let issued_code = found_code.filter(|code| !code.is_used).ok_or(answers::CODE_NOT_FOUND)?;
    ensure(issued_code.app == client_id && now < issued_code.at + CODE_SECONDS, answers::CODE_MISMATCH)?;
    ensure(issued_code.redirect_uri == redirect_uri, answers::REDIRECT_MISMATCH)?;
    state.codes.iter_mut().filter(|code| code.value == value).for_each(|code| code.is_used = true);
    let has_refresh_tokens =
        state.app(client_id).ok_or(answers::CLIENT_REFUSED)?.has_refresh_tokens || behavior.refresh_tokens;
    let authorization = Authorization {
        app: client_id,
        member: Some(&issued_code.member),
        scopes: &issued_code.scopes,
        authorized_at: now,
    };
    let token = issue(behavior, state, authorization, now_ms, behavior.token_seconds)?;
    let mut body = token_body(behavior, &token);
    if has_refresh_tokens {
        let seconds = if behavior.long_refresh { LONG_REFRESH_TOKEN_SECONDS } else { REFRESH_TOKEN_SECONDS };
        let refresh = RefreshToken {
            value: format!("AQW{}", random::generate_text(447)?),
            app: issued_code.app,
            member: issued_code.member.clone(),
            scopes: issued_code.scopes.clone(),
            authorized_at: now,
            expires_at: now + seconds,
            is_revoked: false,
        };
        add_refresh_token(behavior, &mut body, &refresh.value, seconds);
        state.refresh_tokens.push(refresh);
    }
    if issued_code.scopes.iter().any(|scope| scope == "openid") {
        // LinkedIn omits the type from every other response.
        body["token_type"] = json!("Bearer");
        if let Some(member) = behavior.member(&issued_code.member) {
            body["id_token"] = json!(oidc::id_token(core, behavior, member, &token, now)?);
        }
    }
    Ok(Response::json(&body))
}

fn refresh(behavior: &Behavior, state: &mut SandboxState, form: &Fields, now_ms: i64) -> HandlerResult {
    let value = form.require("refresh_token")?;
    let client_id = form.require("client_id")?;
    let app = state.app(client_id);
    // A native PKCE app has no secret to send.
    if form.get("client_secret").is_some() || !app.is_some_and(|app| app.has_native_pkce) {
        let secret = form.require("client_secret")?;
        ensure(app.is_some_and(|app| app.has_secret(secret)), answers::CLIENT_REFUSED)?;
    }
    ensure(!behavior.refresh_parameter_missing, answers::REFRESH_PARAMETER_MISSING)?;
    let now = now_ms / 1000;
    let found = state.refresh_tokens.iter().find(|token| token.value == value).cloned();
    let valid_token = found.filter(|token| token.app == client_id && !token.is_revoked && token.expires_at > now);
    let refresh_token = valid_token.ok_or(answers::REFRESH_REFUSED)?;
    // An access token does not outlive its refresh token.
    let remaining = refresh_token.expires_at - now;
    let seconds = behavior.token_seconds.min(remaining);
    let (member, scopes, authorized_at) =
        (Some(refresh_token.member.as_str()), &refresh_token.scopes, refresh_token.authorized_at);
    let token =
        issue(behavior, state, Authorization { app: client_id, member, scopes, authorized_at }, now_ms, seconds)?;
    let mut body = token_body(behavior, &token);
    if seconds == remaining {
        body["expires_in"] = json!(remaining);
    }
    add_refresh_token(behavior, &mut body, value, remaining);
    Ok(Response::json(&body))
}

fn issue_app_token(behavior: &Behavior, state: &mut SandboxState, form: &Fields, now_ms: i64) -> HandlerResult {
    let client_id = form.require("client_id")?;
    let secret = form.require("client_secret")?;
    let unknown = || answers::CLIENT_UNKNOWN.refusal(&[("client_id", client_id)]);
    let app = state.app(client_id).ok_or_else(unknown)?;
    ensure(app.has_secret(secret), answers::CLIENT_REFUSED)?;
    ensure(app.has_client_credentials, answers::CLIENT_CREDENTIALS_REFUSED)?;
    let authorization = Authorization { app: client_id, member: None, scopes: &[], authorized_at: now_ms / 1000 };
    let token = issue(behavior, state, authorization, now_ms, CLIENT_CREDENTIALS_TOKEN_SECONDS)?;
    // The lifetime is a string here, a number everywhere else.
    let expires_in = CLIENT_CREDENTIALS_TOKEN_SECONDS.to_string();
    Ok(Response::json(&json!({ "access_token": token.value, "expires_in": expires_in })))
}

/// The app, the member and the scopes that a token is issued for.
#[derive(Clone, Copy)]
struct Authorization<'a> {
    app: &'a str,
    /// `None` for the client credentials authorization.
    member: Option<&'a str>,
    scopes: &'a [String],
    /// Epoch seconds.
    authorized_at: i64,
}

/// Issues a token. Other scopes revoke the member's earlier tokens for the app.
fn issue(
    behavior: &Behavior,
    state: &mut SandboxState,
    authorization: Authorization<'_>,
    now_ms: i64,
    seconds: i64,
) -> Result<AccessToken> {
    let length = if behavior.long_tokens { 1_100 } else { 350 };
    let mut scopes_before = None;
    if authorization.member.is_some() {
        for earlier in &mut state.tokens {
            let is_same_authorization =
                earlier.app == authorization.app && earlier.member.as_deref() == authorization.member;
            if !is_same_authorization {
                continue;
            }
            // Those of the last token, so that the same scopes again are none.
            scopes_before = None;
            if earlier.scopes != authorization.scopes {
                earlier.is_revoked = true;
                scopes_before = Some(earlier.scopes.clone());
            }
        }
    }
    let token = AccessToken {
        value: format!("AQV{}", random::generate_text(length - 3)?),
        app: authorization.app.to_owned(),
        member: authorization.member.map(str::to_owned),
        scopes: authorization.scopes.to_vec(),
        scopes_before,
        created_ms: now_ms,
        authorized_at: authorization.authorized_at,
        expires_at: now_ms / 1000 + seconds,
        is_revoked: false,
    };
    state.tokens.push(token.clone());
    Ok(token)
}

fn token_body(behavior: &Behavior, token: &AccessToken) -> Value {
    let seconds = token.expires_at - token.created_ms / 1000;
    json!({
        "access_token": token.value,
        // In practice LinkedIn returns one second less than documented: 5183999.
        "expires_in": if behavior.exact_expires_in { seconds } else { seconds - 1 },
        // Documented with spaces, but returned with commas, sorted.
        "scope": token.scopes.join(","),
    })
}

fn add_refresh_token(behavior: &Behavior, body: &mut Value, value: &str, seconds: i64) {
    body["refresh_token"] = json!(value);
    if !behavior.refresh_end_omitted {
        body["refresh_token_expires_in"] = json!(seconds);
    }
}
