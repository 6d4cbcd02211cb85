//! Quirks 13 to 25: the token endpoint.

use crate::sandbox::world::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET, STRICT_CLIENT_ID, STRICT_CLIENT_SECRET, Scenario};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn quirk_13_a_code_is_valid_once_for_thirty_minutes() {
    let world = World::new().await;
    let code = world.code(ALL).await;
    world.advance(29 * 60).await;
    assert_eq!(world.exchange(&code).await.status, 200);
    let again = world.exchange(&code).await;
    again.is_oauth_error(401, "invalid_request", "Unable to retrieve access token: authorization code not found");
    let code = world.code(ALL).await;
    world.advance(30 * 60).await;
    world.exchange(&code).await.is_oauth_error(400, "invalid_request", MISMATCH);
    assert_eq!(world.state().await["requests"]["POST /oauth/v2/accessToken"], 3);
}

#[tokio::test]
async fn quirk_14_mismatches_share_one_long_text() {
    let world = World::new().await;
    let code = world.code(ALL).await;
    let other = with(&form(&code), "redirect_uri", "http://localhost:41999/callback?x");
    world.post("/oauth/v2/accessToken", &other).await.is_oauth_error(400, "invalid_redirect_uri", MISMATCH);
    let stranger = with(&form(&code), "client_id", STRICT_CLIENT_ID);
    let stranger = with(&stranger, "client_secret", STRICT_CLIENT_SECRET);
    world.post("/oauth/v2/accessToken", &stranger).await.is_oauth_error(400, "invalid_request", MISMATCH);
    world.control("scenario", json!({ "name": "expired-code" })).await;
    let late = world.code(ALL).await;
    world.exchange(&late).await.is_oauth_error(400, "invalid_request", MISMATCH);
}

#[tokio::test]
async fn quirk_15_http_basic_is_ignored() {
    let world = World::new().await;
    let code = world.code(ALL).await;
    let bare = without(&without(&form(&code), "client_id"), "client_secret");
    let request = world.request(Method::POST, "/oauth/v2/accessToken").basic_auth(CLIENT_ID, Some(CLIENT_SECRET));
    let seen = seen(request.form(&bare).send().await.unwrap()).await;
    seen.is_oauth_error(400, "invalid_request", "A required parameter \"client_id\" is missing");
}

#[tokio::test]
async fn quirk_16_each_missing_parameter_is_named() {
    let world = World::new().await;
    let code = world.code(ALL).await;
    for name in ["grant_type", "code", "redirect_uri", "client_id", "client_secret"] {
        let seen = world.post("/oauth/v2/accessToken", &without(&form(&code), name)).await;
        seen.is_oauth_error(400, "invalid_request", &format!("A required parameter \"{name}\" is missing"));
    }
    let refresh = credentials(&[("grant_type", "refresh_token")]);
    let seen = world.post("/oauth/v2/accessToken", &refresh).await;
    seen.is_oauth_error(400, "invalid_request", "A required parameter \"refresh_token\" is missing");
}

#[tokio::test]
async fn quirk_16_an_unusual_400_keeps_the_refresh_token_valid() {
    let world = World::in_scenario(Scenario::RefreshParameterMissing).await;
    let refresh_token = world.grant(ALL).await["refresh_token"].as_str().unwrap().to_owned();
    let refresh = credentials(&[("grant_type", "refresh_token"), ("refresh_token", &refresh_token)]);
    for _ in 0..2 {
        let seen = world.post("/oauth/v2/accessToken", &refresh).await;
        seen.is_oauth_error(400, "invalid_request", "A required parameter \"client_secret\" is missing");
    }
    world.control("scenario", json!({ "name": "refresh-tokens" })).await;
    for name in ["client_id", "client_secret", "refresh_token", "grant_type"] {
        let seen = world.post("/oauth/v2/accessToken", &without(&refresh, name)).await;
        seen.is_oauth_error(400, "invalid_request", &format!("A required parameter \"{name}\" is missing"));
    }
    assert_eq!(world.post("/oauth/v2/accessToken", &refresh).await.status, 200);
}

#[tokio::test]
async fn quirk_17_a_wrong_secret_is_invalid_client() {
    let world = World::new().await;
    let code = world.code(ALL).await;
    let seen = world.post("/oauth/v2/accessToken", &with(&form(&code), "client_secret", "wrong")).await;
    seen.is_oauth_error(401, "invalid_client", "Client authentication failed");
}

#[tokio::test]
async fn quirk_18_verifiers_are_for_the_native_flow_only() {
    let world = World::new().await;
    let code = world.code(ALL).await;
    let seen = world.post("/oauth/v2/accessToken", &with(&form(&code), "code_verifier", "v")).await;
    seen.is_oauth_error(401, "invalid_client", "Client authentication failed");

    let verifier = "a-verifier-of-at-least-forty-three-characters-0";
    let digest = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
    let uri = "http://127.0.0.1:5123/anywhere";
    let mut url = world.authorization(CLIENT_ID, uri, ALL);
    url.set_path("/oauth/native-pkce/authorization");
    assert!(world.open(&url).await.text.contains("Not enough permissions to access Native PKCE protocol"));
    world.control("app", json!({ "client_id": CLIENT_ID, "native_pkce": true })).await;
    assert_eq!(world.open(&url).await.query()["error"], "invalid_request");
    url.query_pairs_mut()
        .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(digest))
        .append_pair("code_challenge_method", "S256");
    let back = world.sandbox.approve(&url, "ada").await.unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let bare = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", uri), ("client_id", CLIENT_ID)];
    let seen = world.post("/oauth/v2/accessToken", &bare).await;
    seen.is_oauth_error(400, "invalid_request", "A required parameter \"code_verifier\" is missing");
    let wrong = with(&bare, "code_verifier", "another");
    world.post("/oauth/v2/accessToken", &wrong).await.is_oauth_error(400, "invalid_request", MISMATCH);
    let right = with(&bare, "code_verifier", verifier);
    assert_eq!(world.post("/oauth/v2/accessToken", &right).await.status, 200);
}

#[tokio::test]
async fn quirk_19_token_type_comes_only_with_openid() {
    let world = World::new().await;
    let bare = world.grant("w_member_social").await;
    assert!(bare.get("token_type").is_none() && bare.get("id_token").is_none());
    let full = world.grant(ALL).await;
    assert_eq!(full["token_type"], "Bearer");
    assert!(full["id_token"].is_string() && full.get("refresh_token").is_none());
}

#[tokio::test]
async fn quirk_20_expires_in_is_a_second_short_and_scopes_have_commas() {
    let world = World::new().await;
    let body = world.grant("w_member_social profile openid email").await;
    assert_eq!(body["expires_in"], 5_183_999);
    assert_eq!(body["scope"], "email,openid,profile,w_member_social");
    world.set(json!({ "exact_expires_in": true })).await;
    assert_eq!(world.grant(ALL).await["expires_in"], 5_184_000);
    world.control("scenario", json!({ "name": "fewer-scopes" })).await;
    assert_eq!(world.grant(ALL).await["scope"], "email,openid,profile");
}

#[tokio::test]
async fn quirk_21_tokens_and_codes_are_long() {
    let world = World::new().await;
    let code = world.code(ALL).await;
    assert!(code.starts_with("AQ") && (130..=350).contains(&code.len()));
    let token = world.token(ALL).await;
    assert!(token.starts_with("AQ") && token.len() == 350);
    world.control("scenario", json!({ "name": "long-tokens" })).await;
    assert_eq!(world.code(ALL).await.len(), 350);
    let long = world.token(ALL).await;
    assert!(long.len() >= 1000);
    assert_eq!(world.userinfo(&long).await.status, 200);
}

#[test]
fn quirk_22_secrets_need_encoding() {
    for secret in [CLIENT_SECRET, STRICT_CLIENT_SECRET] {
        assert!(secret.starts_with("WPL_AP1.") && secret.ends_with("=="));
        assert!(secret.contains('+') && secret.contains('/'));
    }
}

#[tokio::test]
async fn quirk_23_different_scopes_revoke_earlier_tokens() {
    let world = World::new().await;
    let first = world.token(ALL).await;
    let second = world.token(ALL).await;
    assert_eq!(world.introspect(&first).await.json()["status"], "active");
    let third = world.token("openid profile").await;
    for old in [&first, &second] {
        assert_eq!(world.introspect(old).await.json()["status"], "revoked");
    }
    let other = world.exchange(&world.code_for(CLIENT_ID, READY_URI, ALL, "bruce").await).await;
    assert_eq!(other.status, 200);
    assert_eq!(world.introspect(&third).await.json()["status"], "active");
}

#[tokio::test]
async fn quirk_24_refresh_tokens_stay_and_run_out() {
    let world = World::in_scenario(Scenario::RefreshTokens).await;
    let body = world.grant(ALL).await;
    let refresh_token = body["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(body["refresh_token_expires_in"], 31_536_000);
    let refresh = credentials(&[("grant_type", "refresh_token"), ("refresh_token", &refresh_token)]);
    world.advance(59 * 86_400).await;
    let body = world.post("/oauth/v2/accessToken", &refresh).await.json();
    assert_eq!(body["refresh_token"], refresh_token);
    assert_eq!(body["refresh_token_expires_in"], 306 * 86_400);
    assert_eq!(body["expires_in"], 5_183_999);
    world.advance(301 * 86_400).await;
    let body = world.post("/oauth/v2/accessToken", &refresh).await.json();
    assert_eq!(body["expires_in"], 5 * 86_400);
    world.advance(5 * 86_400).await;
    let expected_text = "The provided authorization grant or refresh token is invalid, expired or revoked";
    world.post("/oauth/v2/accessToken", &refresh).await.is_oauth_error(400, "invalid_request", expected_text);
    world.set(json!({ "refresh_tokens": true, "long_refresh": true })).await;
    assert_eq!(world.grant(ALL).await["refresh_token_expires_in"], 31_536_059);
    world.set(json!({ "refresh_tokens": true, "refresh_end_omitted": true })).await;
    let body = world.grant(ALL).await;
    assert!(body["refresh_token"].is_string() && body.get("refresh_token_expires_in").is_none());
}

#[tokio::test]
async fn quirk_25_client_credentials_are_off_until_enabled() {
    let world = World::new().await;
    let own = credentials(&[("grant_type", "client_credentials")]);
    let expected_text = "This application is not allowed to create application tokens";
    world.post("/oauth/v2/accessToken", &own).await.is_oauth_error(401, "access_denied", expected_text);
    world.control("app", json!({ "client_id": CLIENT_ID, "client_credentials": true })).await;
    let body = world.post("/oauth/v2/accessToken", &own).await.json();
    assert_eq!(body["expires_in"], "1800");
    let seen = world.introspect(body["access_token"].as_str().unwrap()).await.json();
    assert_eq!(seen["auth_type"], "2L");
    assert!(seen.get("scope").is_none());
}
