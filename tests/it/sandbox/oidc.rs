//! Quirks 30 to 34: `OpenID` Connect.

use crate::sandbox::world::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET, MEMBERS, STRICT_CLIENT_ID, STRICT_CLIENT_SECRET};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn quirk_30_discovery_is_linkedins() {
    let world = World::new().await;
    let seen = world.get("/oauth/.well-known/openid-configuration").await;
    let host = world.sandbox.base().as_str().trim_end_matches('/').to_owned();
    let live = json!({
        "issuer":"https://www.linkedin.com/oauth",
        "authorization_endpoint":"https://www.linkedin.com/oauth/v2/authorization",
        "token_endpoint":"https://www.linkedin.com/oauth/v2/accessToken",
        "userinfo_endpoint":"https://api.linkedin.com/v2/userinfo",
        "jwks_uri":"https://www.linkedin.com/oauth/openid/jwks",
        "response_types_supported":["code"],"subject_types_supported":["pairwise"],
        "id_token_signing_alg_values_supported":["RS256"],
        "scopes_supported":["openid","profile","email"],
        "claims_supported":["iss","aud","iat","exp","sub","name","given_name","family_name","picture","email","email_verified","locale"]
    });
    let linkedin = seen.text.replace("https://www.linkedin.com", &host);
    let live = live.to_string().replace("https://www.linkedin.com", &host).replace("https://api.linkedin.com", &host);
    assert_eq!(serde_json::from_str::<Value>(&linkedin).unwrap(), serde_json::from_str::<Value>(&live).unwrap());
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        assert_eq!(world.get(path).await.status, 404);
    }
}

#[tokio::test]
async fn quirk_31_id_tokens_are_really_signed() {
    let world = World::new().await;
    let mut url = world.authorization(CLIENT_ID, READY_URI, ALL);
    url.query_pairs_mut().append_pair("nonce", "n-0S6");
    let back = world.sandbox.approve(&url, "ada").await.unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let body = world.exchange(&code).await.json();
    let id_token = body["id_token"].as_str().unwrap();
    let (header, claims_seen) = claims(id_token);
    assert_eq!((&header["zip"], &header["alg"], &header["typ"]), (&json!("RS256"), &json!("RS256"), &json!("JWT")));
    let origin = world.sandbox.base().as_str().trim_end_matches('/').to_owned();
    assert_eq!(claims_seen["iss"], format!("{origin}/oauth"));
    assert_eq!(claims_seen["aud"], CLIENT_ID);
    assert_eq!(claims_seen["exp"].as_i64().unwrap() - claims_seen["iat"].as_i64().unwrap(), 3600);
    assert_eq!((&claims_seen["email_verified"], &claims_seen["locale"]), (&json!("true"), &json!("en_US")));
    assert!(claims_seen.get("nonce").is_none());

    let jwks = world.get("/oauth/openid/jwks").await.json();
    let key = &jwks["keys"][0];
    assert_eq!(key["kid"], header["kid"]);
    let part = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let (message, signature) = id_token.rsplit_once('.').unwrap();
    ring::signature::RsaPublicKeyComponents { n: part("n"), e: part("e") }
        .verify(
            &ring::signature::RSA_PKCS1_2048_8192_SHA256,
            message.as_bytes(),
            &URL_SAFE_NO_PAD.decode(signature).unwrap(),
        )
        .unwrap();

    world.control("scenario", json!({ "name": "old-issuer" })).await;
    let body = world.grant(ALL).await;
    assert_eq!(claims(body["id_token"].as_str().unwrap()).1["iss"], origin);
}

#[tokio::test]
async fn quirk_32_userinfo_has_other_types() {
    let world = World::new().await;
    let body = world.userinfo(&world.token(ALL).await).await.json();
    assert_eq!(body["email_verified"], true);
    assert_eq!(body["locale"], json!({ "country": "US", "language": "en" }));
    assert_eq!(body["sub"], MEMBERS[0].sub);
    assert!(body["picture"].is_string());
    let body = world.userinfo(&world.token("openid profile").await).await.json();
    assert!(body.get("email").is_none() && body.get("email_verified").is_none());
    world.control("scenario", json!({ "name": "no-picture" })).await;
    let token = world.token("openid profile").await;
    assert!(world.userinfo(&token).await.json().get("picture").is_none());
    world.control("scenario", json!({ "name": "member-id-omitted" })).await;
    assert!(world.userinfo(&token).await.json().get("sub").is_none());
    world.control("scenario", json!({ "name": "no-userinfo" })).await;
    assert_eq!(world.userinfo(&token).await.status, 500);
}

#[tokio::test]
async fn quirk_33_user_ids_are_pairwise() {
    let world = World::new().await;
    let mut firsts = Vec::new();
    for member in MEMBERS {
        let mut subs = Vec::new();
        for (client_id, secret, uri) in
            [(CLIENT_ID, CLIENT_SECRET, READY_URI), (STRICT_CLIENT_ID, STRICT_CLIENT_SECRET, STRICT_URI)]
        {
            let code = world.code_for(client_id, uri, ALL, member.key).await;
            let form = with(&with(&form(&code), "client_id", client_id), "client_secret", secret);
            let body = world.post("/oauth/v2/accessToken", &with(&form, "redirect_uri", uri)).await.json();
            let info = world.userinfo(body["access_token"].as_str().unwrap()).await.json();
            assert_eq!(info["name"], member.name);
            subs.push(info["sub"].as_str().unwrap().to_owned());
        }
        assert!(subs[0] != subs[1] && subs.iter().all(|sub| sub.len() == 10));
        firsts.push(subs[0].chars().next().unwrap());
    }
    assert!(firsts.contains(&'-') && firsts.contains(&'_'));
}

#[tokio::test]
async fn quirk_34_missing_permissions_are_named() {
    let world = World::new().await;
    let denied = |permission: &str| {
        json!({
            "status": 403, "serviceErrorCode": 100, "code": "ACCESS_DENIED",
            "message": format!("Not enough permissions to access: {permission}"),
        })
    };
    let seen = world.userinfo(&world.token("w_member_social").await).await;
    assert_eq!((seen.status, seen.json()), (403, denied("userinfo.GET.NO_VERSION")));
    let token = world.token(ALL).await;
    let seen = world.call(Method::GET, "/v2/me", &token, &[], "").await;
    assert_eq!((seen.status, seen.json()), (403, denied("me.GET.NO_VERSION")));
}
