//! The token endpoint: exchanges a code, a refresh token or client credentials for an access token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use subtle::ConstantTimeEq as _;

use super::answers;
use super::apps::App;
use super::call::{Call, Fields};
use super::core::Core;
use super::reply::{HandlerResult, Reply};
use super::scenario::Behaviour;
use super::state::{AccessToken, AuthorizationCode, RefreshToken, SandboxState};
use super::{members, oidc, random};
use crate::Result;

/// Lifetime of a refresh token, in seconds; a refresh never extends it.
const REFRESH_TOKEN_SECONDS: i64 = 365 * 86_400;
/// The lifetime of a refresh token that was seen once, in seconds.
const LONG_REFRESH_TOKEN_SECONDS: i64 = 31_536_059;
/// Lifetime of an authorization code, in seconds.
pub(super) const CODE_SECONDS: i64 = 30 * 60;
/// Lifetime of a token of the client credentials grant, in seconds.
const CLIENT_CREDENTIALS_TOKEN_SECONDS: i64 = 1800;

/// `POST /oauth/v2/accessToken`. Credentials count only in the form body: the query and HTTP
/// Basic are ignored.
pub(super) fn endpoint(core: &Core, call: &Call) -> HandlerResult {
    let form = call.form();
    let behaviour = core.behaviour();
    let granted = core.update(|state, now_ms| {
        Ok(match form.required("grant_type") {
            Ok("authorization_code") => exchange(core, &behaviour, state, &form, now_ms),
            Ok("refresh_token") => refresh(&behaviour, state, &form, now_ms),
            Ok("client_credentials") => client_credentials(&behaviour, state, &form, now_ms),
            Ok(_) => Err(answers::GRANT_TYPE.reply().into()),
            Err(reply) => Err(reply.into()),
        })
    })?;
    Ok(Reply::json(&Value::Object(granted?)))
}

/// The body of a success.
type Granted = HandlerResult<Map<String, Value>>;

pub(super) fn is_secret_of(app: &App, secret: &str) -> bool {
    app.client_secret.as_bytes().ct_eq(secret.as_bytes()).into()
}

fn exchange(core: &Core, behaviour: &Behaviour, state: &mut SandboxState, form: &Fields, now_ms: i64) -> Granted {
    let value = form.required("code")?;
    let redirect_uri = form.required("redirect_uri")?;
    let client_id = form.required("client_id")?;
    let position = state.codes.iter().position(|code| code.value == value);
    let issued = position.and_then(|index| state.codes.get(index)).cloned();
    let challenge = issued.as_ref().and_then(|issued| issued.challenge.clone());
    if let Some(challenge) = &challenge {
        let verifier = form.required("code_verifier")?;
        let digest = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
        if URL_SAFE_NO_PAD.encode(digest) != *challenge {
            return Err(answers::CODE_MISMATCH.reply().into());
        }
    } else {
        let secret = form.required("client_secret")?;
        let is_authentic = state.app(client_id).is_some_and(|app| is_secret_of(app, secret));
        // The confidential flow answers any verifier as if the secret were wrong.
        if !is_authentic || form.get("code_verifier").is_some() {
            return Err(answers::CLIENT_REFUSED.reply().into());
        }
    }
    let (Some(issued), Some(position)) = (issued, position) else {
        return Err(answers::CODE_NOT_FOUND.reply().into());
    };
    check_code(&issued, client_id, redirect_uri, now_ms / 1000)?;
    if let Some(issued) = state.codes.get_mut(position) {
        issued.used = true;
    }
    let app = state.app(client_id).cloned().ok_or_else(|| answers::CLIENT_REFUSED.reply())?;
    let grant = Grant { app: &app.client_id, member: Some(&issued.member), scopes: &issued.scopes };
    let token = issue(behaviour, state, grant, now_ms, behaviour.token_seconds)?;
    let mut body = answer(behaviour, &token);
    if app.refresh || behaviour.refresh_tokens {
        let seconds = if behaviour.long_refresh { LONG_REFRESH_TOKEN_SECONDS } else { REFRESH_TOKEN_SECONDS };
        let refresh = RefreshToken {
            value: format!("AQW{}", random::text(447)?),
            app: app.client_id.clone(),
            member: issued.member.clone(),
            scopes: issued.scopes.clone(),
            authorized_at: now_ms / 1000,
            expires_at: now_ms / 1000 + seconds,
            revoked: false,
        };
        body.insert("refresh_token".to_owned(), json!(refresh.value));
        if !behaviour.refresh_end_omitted {
            body.insert("refresh_token_expires_in".to_owned(), json!(seconds));
        }
        state.refresh_tokens.push(refresh);
    }
    if issued.scopes.iter().any(|scope| scope == "openid") {
        // LinkedIn leaves the type out of every other answer.
        body.insert("token_type".to_owned(), json!("Bearer"));
        if let Some(member) = members::find(&issued.member) {
            let id_token = oidc::id_token(core, behaviour, member, &token, now_ms / 1000)?;
            body.insert("id_token".to_owned(), json!(id_token));
        }
    }
    Ok(body)
}

fn check_code(code: &AuthorizationCode, client_id: &str, redirect_uri: &str, now: i64) -> HandlerResult<()> {
    if code.used {
        return Err(answers::CODE_NOT_FOUND.reply().into());
    }
    if code.app != client_id || now >= code.at + CODE_SECONDS {
        return Err(answers::CODE_MISMATCH.reply().into());
    }
    if code.redirect_uri != redirect_uri {
        return Err(answers::REDIRECT_MISMATCH.reply().into());
    }
    Ok(())
}

fn refresh(behaviour: &Behaviour, state: &mut SandboxState, form: &Fields, now_ms: i64) -> Granted {
    let value = form.required("refresh_token")?;
    let client_id = form.required("client_id")?;
    // A native PKCE app has no secret to send.
    if !(form.get("client_secret").is_none() && state.app(client_id).is_some_and(|app| app.native_pkce)) {
        let secret = form.required("client_secret")?;
        if !state.app(client_id).is_some_and(|app| is_secret_of(app, secret)) {
            return Err(answers::CLIENT_REFUSED.reply().into());
        }
    }
    if behaviour.refresh_parameter_missing {
        return Err(answers::REFRESH_PARAMETER_MISSING.reply().into());
    }
    let now = now_ms / 1000;
    let known = state.refresh_tokens.iter().find(|token| token.value == value).cloned();
    let known = known.filter(|token| token.app == client_id && !token.revoked && token.expires_at > now);
    let Some(known) = known else {
        return Err(answers::REFRESH_REFUSED.reply().into());
    };
    // An access token does not outlive its refresh token.
    let remaining = known.expires_at - now;
    let seconds = behaviour.token_seconds.min(remaining);
    let grant = Grant { app: client_id, member: Some(&known.member), scopes: &known.scopes };
    let mut token = issue(behaviour, state, grant, now_ms, seconds)?;
    token.authorized_at = known.authorized_at;
    if let Some(stored) = state.tokens.last_mut() {
        stored.authorized_at = known.authorized_at;
    }
    let mut body = answer(behaviour, &token);
    if seconds == remaining {
        body.insert("expires_in".to_owned(), json!(remaining));
    }
    body.insert("refresh_token".to_owned(), json!(known.value));
    if !behaviour.refresh_end_omitted {
        body.insert("refresh_token_expires_in".to_owned(), json!(remaining));
    }
    Ok(body)
}

fn client_credentials(behaviour: &Behaviour, state: &mut SandboxState, form: &Fields, now_ms: i64) -> Granted {
    let client_id = form.required("client_id")?;
    let secret = form.required("client_secret")?;
    let Some(app) = state.app(client_id) else {
        return Err(answers::CLIENT_UNKNOWN.filled(&[("client_id", client_id)]).into());
    };
    if !is_secret_of(app, secret) {
        return Err(answers::CLIENT_REFUSED.reply().into());
    }
    if !app.client_credentials {
        return Err(answers::CLIENT_CREDENTIALS_REFUSED.reply().into());
    }
    let grant = Grant { app: client_id, member: None, scopes: &[] };
    let token = issue(behaviour, state, grant, now_ms, CLIENT_CREDENTIALS_TOKEN_SECONDS)?;
    let mut body = Map::new();
    body.insert("access_token".to_owned(), json!(token.value));
    // A string here, a number everywhere else.
    body.insert("expires_in".to_owned(), json!(CLIENT_CREDENTIALS_TOKEN_SECONDS.to_string()));
    Ok(body)
}

/// What a token is issued for.
#[derive(Clone, Copy)]
struct Grant<'a> {
    app: &'a str,
    /// `None` for the client credentials grant.
    member: Option<&'a str>,
    scopes: &'a [String],
}

/// Issues a token. Other scopes revoke the member's earlier tokens for the app.
fn issue(
    behaviour: &Behaviour,
    state: &mut SandboxState,
    grant: Grant<'_>,
    now_ms: i64,
    seconds: i64,
) -> Result<AccessToken> {
    let length = if behaviour.long_tokens { 1_100 } else { 350 };
    let mut scopes_before = None;
    if grant.member.is_some() {
        for earlier in &mut state.tokens {
            let same_grant = earlier.app == grant.app && earlier.member.as_deref() == grant.member;
            if same_grant && earlier.scopes != grant.scopes {
                earlier.revoked = true;
                scopes_before = Some(earlier.scopes.clone());
            }
        }
    }
    let token = AccessToken {
        value: format!("AQV{}", random::text(length - 3)?),
        app: grant.app.to_owned(),
        member: grant.member.map(str::to_owned),
        scopes: grant.scopes.to_vec(),
        scopes_before,
        created_ms: now_ms,
        authorized_at: now_ms / 1000,
        expires_at: now_ms / 1000 + seconds,
        revoked: false,
    };
    state.tokens.push(token.clone());
    Ok(token)
}

fn answer(behaviour: &Behaviour, token: &AccessToken) -> Map<String, Value> {
    let whole = token.expires_at - token.created_ms / 1000;
    let mut body = Map::new();
    body.insert("access_token".to_owned(), json!(token.value));
    // In practice LinkedIn says one second less than documented: 5183999.
    body.insert("expires_in".to_owned(), json!(if behaviour.exact_expires_in { whole } else { whole - 1 }));
    // Documented with spaces, answered with commas, sorted.
    body.insert("scope".to_owned(), json!(token.scopes.join(",")));
    body
}
