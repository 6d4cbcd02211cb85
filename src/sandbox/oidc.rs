//! `OpenID` Connect: discovery, key set, ID tokens and userinfo.

use serde_json::{Value, json};

use super::answers::{self, ensure};
use super::api::Caller;
use super::core::Core;
use super::members::SandboxMember;
use super::response::{HandlerResult, Response};
use super::scenario::Behavior;
use super::signing_key::KEY_ID;
use super::state::AccessToken;
use crate::Result;
use crate::linkedin::endpoints;

/// How long an ID token is valid, in seconds.
const ID_TOKEN_SECONDS: i64 = 3600;

/// Returns LinkedIn's discovery document of June 2026, with this host in place of LinkedIn's. It names
/// no authentication methods, no PKCE, no revocation and no introspection.
pub(super) fn discovery(core: &Core) -> Response {
    let host = core.origin();
    Response::json(&json!({
        "issuer": issuer(core, &core.behavior()),
        "authorization_endpoint": format!("{host}{}", endpoints::AUTHORIZATION),
        "token_endpoint": format!("{host}{}", endpoints::ACCESS_TOKEN),
        "userinfo_endpoint": format!("{host}{}", endpoints::USERINFO),
        "jwks_uri": format!("{host}{}", endpoints::JWKS),
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "profile", "email"],
        "claims_supported": [
            "iss", "aud", "iat", "exp", "sub", "name", "given_name", "family_name", "picture", "email",
            "email_verified", "locale"
        ],
    }))
}

pub(super) fn jwks(core: &Core) -> Response {
    Response::json(&json!({ "keys": [core.signing_key.public_jwk()] }))
}

fn issuer(core: &Core, behavior: &Behavior) -> String {
    let host = core.origin();
    if behavior.old_issuer { host } else { format!("{host}/oauth") }
}

/// Returns the claims that `scopes` allow; without `locale` and `email_verified`, which differ between ID token and userinfo.
fn claims(
    core: &Core,
    behavior: &Behavior,
    member: &SandboxMember,
    client_id: &str,
    scopes: &[String],
    now: i64,
) -> Value {
    let has = |id: &str| scopes.iter().any(|scope| scope == id);
    let mut claims = json!({});
    if !behavior.member_id_omitted {
        claims["sub"] = json!(member.sub_for(client_id));
    }
    if has("profile") {
        claims["name"] = json!(member.name);
        claims["given_name"] = json!(member.given_name);
        claims["family_name"] = json!(member.family_name);
        if !behavior.no_picture {
            let (origin, expires_at) = (core.origin(), now + 60 * 86_400);
            // The sandbox has no pictures: this URL responds with 404.
            let url = format!("{origin}/sandbox/picture/{}?e={expires_at}&v=beta&t=sandbox", member.key);
            claims["picture"] = json!(url);
        }
    }
    if has("email") {
        claims["email"] = json!(member.email);
    }
    claims
}

/// Returns a signed ID token. Its `email_verified` and `locale` are strings, userinfo's are not; a
/// nonce is never echoed.
pub(super) fn id_token(
    core: &Core,
    behavior: &Behavior,
    member: &SandboxMember,
    token: &AccessToken,
    now: i64,
) -> Result<String> {
    let mut claims = claims(core, behavior, member, &token.app, &token.scopes, now);
    claims["iss"] = json!(issuer(core, behavior));
    claims["aud"] = json!(token.app);
    claims["iat"] = json!(now);
    claims["exp"] = json!(now + ID_TOKEN_SECONDS);
    if claims.get("name").is_some() {
        claims["locale"] = json!("en_US");
    }
    if claims.get("email").is_some() {
        claims["email_verified"] = json!("true");
    }
    // The ID tokens of LinkedIn have this invalid `zip`.
    let header = format!(r#"{{"zip":"RS256","typ":"JWT","kid":"{KEY_ID}","alg":"RS256"}}"#);
    core.signing_key.sign(&header, &claims.to_string())
}

/// `GET /v2/userinfo`.
pub(super) fn read_userinfo(core: &Core, caller: &Caller) -> HandlerResult {
    let behavior = core.behavior();
    ensure(!behavior.no_userinfo, answers::SERVER_ERROR)?;
    let is_oidc = caller.has_scope("openid") && caller.has_any_scope(&["profile", "email"]);
    let member = caller.member.filter(|_| is_oidc).ok_or_else(|| caller.permission_denied(answers::USERINFO_DENIED))?;
    let mut body = claims(core, &behavior, member, &caller.token.app, &caller.scopes, caller.now_ms / 1000);
    if caller.has_scope("profile") {
        body["locale"] = json!({ "country": "US", "language": "en" });
    }
    if caller.has_scope("email") {
        body["email_verified"] = json!(true);
    }
    Ok(Response::json(&body))
}
