//! `OpenID` Connect: discovery, key set, id tokens and userinfo.

use serde_json::json;

use super::answers;
use super::api::Caller;
use super::core::Core;
use super::members::SandboxMember;
use super::reply::{HandlerResult, Reply};
use super::scenario::Behaviour;
use super::signing_key::KEY_ID;
use super::state::AccessToken;
use crate::Result;
use crate::linkedin::endpoints as at;

/// How long an id token is valid, in seconds.
const ID_TOKEN_SECONDS: i64 = 3600;

/// Returns LinkedIn's discovery document of June 2026, with this host in place of LinkedIn's. It names
/// no authentication methods, no PKCE, no revocation and no introspection.
pub(super) fn discovery(core: &Core) -> Reply {
    let host = core.origin();
    Reply::json(&json!({
            "issuer": issuer(core, &core.behaviour()),
            "authorization_endpoint": format!("{host}{}", at::AUTHORIZATION),
            "token_endpoint": format!("{host}{}", at::ACCESS_TOKEN),
            "userinfo_endpoint": format!("{host}{}", at::USERINFO),
            "jwks_uri": format!("{host}{}", at::JWKS),
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

pub(super) fn jwks(core: &Core) -> Reply {
    Reply::json(&json!({ "keys": [core.signing_key.public()] }))
}

fn issuer(core: &Core, behaviour: &Behaviour) -> String {
    let host = core.origin();
    if behaviour.old_issuer { host } else { format!("{host}/oauth") }
}

fn picture(core: &Core, member: &SandboxMember, now: i64) -> String {
    format!("{}/sandbox/picture/{}?e={}&v=beta&t=sandbox", core.origin(), member.key, now + 60 * 86_400)
}

/// Returns a signed id token. Its `email_verified` and `locale` are strings, userinfo's are not; a
/// nonce is never echoed.
pub(super) fn id_token(
    core: &Core,
    behaviour: &Behaviour,
    member: &SandboxMember,
    token: &AccessToken,
    now: i64,
) -> Result<String> {
    let has = |id: &str| token.scopes.iter().any(|scope| scope == id);
    let mut claims = json!({
        "iss": issuer(core, behaviour),
        "aud": token.app,
        "iat": now,
        "exp": now + ID_TOKEN_SECONDS,
    });
    if !behaviour.member_id_omitted {
        claims["sub"] = json!(member.sub_for(&token.app));
    }
    if has("profile") {
        claims["name"] = json!(member.name);
        claims["given_name"] = json!(member.given_name);
        claims["family_name"] = json!(member.family_name);
        claims["locale"] = json!("en_US");
        if !behaviour.no_picture {
            claims["picture"] = json!(picture(core, member, now));
        }
    }
    if has("email") {
        claims["email"] = json!(member.email);
        claims["email_verified"] = json!("true");
    }
    // The bogus `zip` is LinkedIn's.
    let header = format!(r#"{{"zip":"RS256","typ":"JWT","kid":"{KEY_ID}","alg":"RS256"}}"#);
    core.signing_key.sign(&header, &claims.to_string())
}

/// `GET /v2/userinfo`.
pub(super) fn userinfo(core: &Core, caller: &Caller) -> HandlerResult {
    let behaviour = core.behaviour();
    if behaviour.no_userinfo {
        return Err(answers::SERVER_ERROR.reply().into());
    }
    let is_oidc = caller.has("openid") && caller.has_any(&["profile", "email"]);
    let Some(member) = caller.member.filter(|_| is_oidc) else {
        return Err(caller.denied(&answers::USERINFO_DENIED).into());
    };
    let mut body = json!({});
    if !behaviour.member_id_omitted {
        body["sub"] = json!(member.sub_for(&caller.token.app));
    }
    if caller.has("profile") {
        body["name"] = json!(member.name);
        body["given_name"] = json!(member.given_name);
        body["family_name"] = json!(member.family_name);
        body["locale"] = json!({ "country": "US", "language": "en" });
        if !behaviour.no_picture {
            body["picture"] = json!(picture(core, member, caller.now_ms / 1000));
        }
    }
    if caller.has("email") {
        body["email"] = json!(member.email);
        body["email_verified"] = json!(true);
    }
    Ok(Reply::json(&body))
}
