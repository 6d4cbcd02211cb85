//! `OpenID` Connect.

use crate::sandbox::client::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET, MEMBERS, STRICT_CLIENT_ID, STRICT_CLIENT_SECRET};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn discovery_matches_linkedins() {
    let client = SandboxClient::new().await;
    let response = client.get("/oauth/.well-known/openid-configuration").await;
    let host = client.sandbox.base().as_str().trim_end_matches('/').to_owned();
    let expected = json!({
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
    let returned = response.text.replace("https://www.linkedin.com", &host);
    let expected =
        expected.to_string().replace("https://www.linkedin.com", &host).replace("https://api.linkedin.com", &host);
    assert_eq!(serde_json::from_str::<Value>(&returned).unwrap(), serde_json::from_str::<Value>(&expected).unwrap());
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        assert_eq!(client.get(path).await.status, 404);
    }
}

#[tokio::test]
async fn id_tokens_have_a_valid_signature() {
    let client = SandboxClient::new().await;
    let mut url = client.authorization(CLIENT_ID, REDIRECT_URI, MEMBER_SCOPES);
    url.query_pairs_mut().append_pair("nonce", "n-0S6");
    let callback = client.sandbox.approve(&url, "ada").await.unwrap();
    let code = callback.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let body = client.exchange(&code).await.json();
    let id_token = body["id_token"].as_str().unwrap();
    let (header, claims) = decode_id_token(id_token);
    assert_eq!((&header["zip"], &header["alg"], &header["typ"]), (&json!("RS256"), &json!("RS256"), &json!("JWT")));
    let origin = client.sandbox.base().as_str().trim_end_matches('/').to_owned();
    assert_eq!(claims["iss"], format!("{origin}/oauth"));
    assert_eq!(claims["aud"], CLIENT_ID);
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
    assert_eq!((&claims["email_verified"], &claims["locale"]), (&json!("true"), &json!("en_US")));
    assert!(claims.get("nonce").is_none());

    let jwks = client.get("/oauth/openid/jwks").await.json();
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

    client.control("scenario", json!({ "name": "old-issuer" })).await;
    let body = client.issue_token(MEMBER_SCOPES).await;
    assert_eq!(decode_id_token(body["id_token"].as_str().unwrap()).1["iss"], origin);
}

#[tokio::test]
async fn userinfo_has_its_own_value_types() {
    let client = SandboxClient::new().await;
    let body = client.userinfo(&client.token(MEMBER_SCOPES).await).await.json();
    assert_eq!(body["email_verified"], true);
    assert_eq!(body["locale"], json!({ "country": "US", "language": "en" }));
    assert_eq!(body["sub"], MEMBERS[0].sub);
    assert!(body["picture"].is_string());
    let body = client.userinfo(&client.token("openid profile").await).await.json();
    assert!(body.get("email").is_none() && body.get("email_verified").is_none());
    client.control("scenario", json!({ "name": "no-picture" })).await;
    let token = client.token("openid profile").await;
    assert!(client.userinfo(&token).await.json().get("picture").is_none());
    client.control("scenario", json!({ "name": "member-id-omitted" })).await;
    assert!(client.userinfo(&token).await.json().get("sub").is_none());
    client.control("scenario", json!({ "name": "no-userinfo" })).await;
    assert_eq!(client.userinfo(&token).await.status, 500);
}

#[tokio::test]
async fn member_ids_are_pairwise() {
    let client = SandboxClient::new().await;
    let mut firsts = Vec::new();
    for member in MEMBERS {
        let mut subs = Vec::new();
        for (client_id, secret, uri) in
            [(CLIENT_ID, CLIENT_SECRET, REDIRECT_URI), (STRICT_CLIENT_ID, STRICT_CLIENT_SECRET, STRICT_URI)]
        {
            let code = client.code_for(client_id, uri, MEMBER_SCOPES, member.key).await;
            let form =
                with_parameter(&with_parameter(&token_request(&code), "client_id", client_id), "client_secret", secret);
            let body = client.post("/oauth/v2/accessToken", &with_parameter(&form, "redirect_uri", uri)).await.json();
            let info = client.userinfo(body["access_token"].as_str().unwrap()).await.json();
            assert_eq!(info["name"], member.name);
            subs.push(info["sub"].as_str().unwrap().to_owned());
        }
        assert!(subs[0] != subs[1] && subs.iter().all(|sub| sub.len() == 10));
        firsts.push(subs[0].chars().next().unwrap());
    }
    assert!(firsts.contains(&'-') && firsts.contains(&'_'));
}

#[tokio::test]
async fn missing_permissions_are_named() {
    let client = SandboxClient::new().await;
    let denied = |permission: &str| {
        json!({
            "status": 403, "serviceErrorCode": 100, "code": "ACCESS_DENIED",
            "message": format!("Not enough permissions to access: {permission}"),
        })
    };
    let response = client.userinfo(&client.token("w_member_social").await).await;
    assert_eq!((response.status, response.json()), (403, denied("userinfo.GET.NO_VERSION")));
    let token = client.token(MEMBER_SCOPES).await;
    let response = client.send(Method::GET, "/v2/me", &token, &[], "").await;
    assert_eq!((response.status, response.json()), (403, denied("me.GET.NO_VERSION")));
}
