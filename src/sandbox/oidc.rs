//! `OpenID` Connect: discovery, signing keys, id tokens and userinfo.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::RSA_PKCS1_SHA256;
use serde_json::json;

use super::answers;
use super::api::Caller;
use super::call::{Answered, Reply};
use super::members::SandboxMember;
use super::scenario::Behaviour;
use super::server::Server;
use super::state::AccessToken;
use crate::linkedin::endpoints as at;
use crate::{Code, Error, Result};

/// The key that signs the sandbox's id tokens. It is public, in this program's source, and
/// protects nothing.
const PKCS8: &[u8] = include_bytes!("../../assets/sandbox/signing-key.der");
/// Its name in the key set.
const KEY_ID: &str = "5a4db0c5-1d25-4e0b-8c1a-5a4db0c50001";
/// How long an id token is good, in seconds.
const ID_TOKEN_SECONDS: i64 = 3600;

/// Signs id tokens.
pub(super) struct SigningKey(KeyPair);

fn broken(error: impl std::fmt::Display) -> Error {
    Error::new(Code::Unexpected, format!("The sandbox cannot sign: {error}."), "Please report this.")
}

impl SigningKey {
    pub(super) fn embedded() -> Result<Self> {
        KeyPair::from_pkcs8(PKCS8).map(Self).map_err(broken)
    }

    fn sign(&self, header: &str, claims: &str) -> Result<String> {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let mut signature = vec![0_u8; self.0.public().modulus_len()];
        self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).map_err(broken)?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// Discovery: LinkedIn's document of June 2026 with this host in place of theirs. It names no
/// authentication methods, no PKCE, no revocation and no introspection.
pub(super) fn discovery(server: &Server) -> Reply {
    let host = server.origin();
    Reply::json(&json!({
            "issuer": issuer(server, &server.behaviour()),
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

/// The key set.
pub(super) fn jwks(server: &Server) -> Reply {
    let parts: PublicKeyComponents<Vec<u8>> = server.key.0.public().into();
    let key = json!({
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID,
        "n": URL_SAFE_NO_PAD.encode(parts.n), "e": URL_SAFE_NO_PAD.encode(parts.e),
    });
    Reply::json(&json!({ "keys": [key] }))
}

fn issuer(server: &Server, behaviour: &Behaviour) -> String {
    let host = server.origin();
    if behaviour.old_issuer { host } else { format!("{host}/oauth") }
}

fn picture(server: &Server, member: &SandboxMember, now: i64) -> String {
    format!("{}/sandbox/picture/{}?e={}&v=beta&t=sandbox", server.origin(), member.key, now + 60 * 86_400)
}

/// A signed id token. Its `email_verified` and `locale` are strings, userinfo's are not; a nonce
/// is never echoed.
pub(super) fn id_token(
    server: &Server,
    behaviour: &Behaviour,
    member: &SandboxMember,
    token: &AccessToken,
    now: i64,
) -> Result<String> {
    let has = |id: &str| token.scopes.iter().any(|scope| scope == id);
    let mut claims = json!({
        "iss": issuer(server, behaviour),
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
            claims["picture"] = json!(picture(server, member, now));
        }
    }
    if has("email") {
        claims["email"] = json!(member.email);
        claims["email_verified"] = json!("true");
    }
    // The bogus `zip` is LinkedIn's.
    let header = format!(r#"{{"zip":"RS256","typ":"JWT","kid":"{KEY_ID}","alg":"RS256"}}"#);
    server.key.sign(&header, &claims.to_string())
}

/// `GET /v2/userinfo`.
pub(super) fn userinfo(server: &Server, caller: &Caller) -> Answered {
    let behaviour = server.behaviour();
    if behaviour.no_userinfo {
        return Err(answers::SERVER_ERROR.reply().into());
    }
    let is_oidc = caller.may("openid") && caller.may_any(&["profile", "email"]);
    let Some(member) = caller.member.filter(|_| is_oidc) else {
        return Err(caller.denied(&answers::USERINFO_DENIED).into());
    };
    let mut body = json!({});
    if !behaviour.member_id_omitted {
        body["sub"] = json!(member.sub_for(&caller.token.app));
    }
    if caller.may("profile") {
        body["name"] = json!(member.name);
        body["given_name"] = json!(member.given_name);
        body["family_name"] = json!(member.family_name);
        body["locale"] = json!({ "country": "US", "language": "en" });
        if !behaviour.no_picture {
            body["picture"] = json!(picture(server, member, caller.now_ms / 1000));
        }
    }
    if caller.may("email") {
        body["email"] = json!(member.email);
        body["email_verified"] = json!(true);
    }
    Ok(Reply::json(&body))
}
