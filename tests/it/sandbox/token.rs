//! The token endpoint.

use crate::sandbox::client::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET, STRICT_CLIENT_ID, STRICT_CLIENT_SECRET, Scenario};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_code_is_valid_once_for_thirty_minutes() {
    let client = SandboxClient::new().await;
    let code = client.code(MEMBER_SCOPES).await;
    client.advance_clock(29 * 60).await;
    assert_eq!(client.exchange(&code).await.status, 200);
    let again = client.exchange(&code).await;
    again.assert_oauth_error(401, "invalid_request", "Unable to retrieve access token: authorization code not found");
    let code = client.code(MEMBER_SCOPES).await;
    client.advance_clock(30 * 60).await;
    client.exchange(&code).await.assert_oauth_error(400, "invalid_request", MISMATCH_DESCRIPTION);
    assert_eq!(client.state().await["requests"]["POST /oauth/v2/accessToken"], 3);
}

#[tokio::test]
async fn all_mismatches_share_one_description() {
    let client = SandboxClient::new().await;
    let code = client.code(MEMBER_SCOPES).await;
    let different_redirect = with_parameter(&token_request(&code), "redirect_uri", "http://localhost:41999/callback?x");
    client.post("/oauth/v2/accessToken", &different_redirect).await.assert_oauth_error(
        400,
        "invalid_redirect_uri",
        MISMATCH_DESCRIPTION,
    );
    let different_client = with_parameter(&token_request(&code), "client_id", STRICT_CLIENT_ID);
    let different_client = with_parameter(&different_client, "client_secret", STRICT_CLIENT_SECRET);
    client.post("/oauth/v2/accessToken", &different_client).await.assert_oauth_error(
        400,
        "invalid_request",
        MISMATCH_DESCRIPTION,
    );
    client.control("scenario", json!({ "name": "expired-code" })).await;
    let expired_code = client.code(MEMBER_SCOPES).await;
    client.exchange(&expired_code).await.assert_oauth_error(400, "invalid_request", MISMATCH_DESCRIPTION);
}

#[tokio::test]
async fn http_basic_authentication_is_ignored() {
    let client = SandboxClient::new().await;
    let code = client.code(MEMBER_SCOPES).await;
    let bare = without_parameter(&without_parameter(&token_request(&code), "client_id"), "client_secret");
    let request = client.request(Method::POST, "/oauth/v2/accessToken").basic_auth(CLIENT_ID, Some(CLIENT_SECRET));
    let response = read_response(request.form(&bare).send().await.unwrap()).await;
    response.assert_oauth_error(400, "invalid_request", "A required parameter \"client_id\" is missing");
}

#[tokio::test]
async fn each_missing_parameter_is_named() {
    let client = SandboxClient::new().await;
    let code = client.code(MEMBER_SCOPES).await;
    for name in ["grant_type", "code", "redirect_uri", "client_id", "client_secret"] {
        let response = client.post("/oauth/v2/accessToken", &without_parameter(&token_request(&code), name)).await;
        response.assert_oauth_error(400, "invalid_request", &format!("A required parameter \"{name}\" is missing"));
    }
    let refresh = client_credentials(&[("grant_type", "refresh_token")]);
    let response = client.post("/oauth/v2/accessToken", &refresh).await;
    response.assert_oauth_error(400, "invalid_request", "A required parameter \"refresh_token\" is missing");
}

#[tokio::test]
async fn a_missing_parameter_keeps_the_refresh_token_valid() {
    let client = SandboxClient::in_scenario(Scenario::RefreshParameterMissing).await;
    let refresh_token = client.issue_token(MEMBER_SCOPES).await["refresh_token"].as_str().unwrap().to_owned();
    let refresh = client_credentials(&[("grant_type", "refresh_token"), ("refresh_token", &refresh_token)]);
    for _ in 0..2 {
        let response = client.post("/oauth/v2/accessToken", &refresh).await;
        response.assert_oauth_error(400, "invalid_request", "A required parameter \"client_secret\" is missing");
    }
    client.control("scenario", json!({ "name": "refresh-tokens" })).await;
    for name in ["client_id", "client_secret", "refresh_token", "grant_type"] {
        let response = client.post("/oauth/v2/accessToken", &without_parameter(&refresh, name)).await;
        response.assert_oauth_error(400, "invalid_request", &format!("A required parameter \"{name}\" is missing"));
    }
    assert_eq!(client.post("/oauth/v2/accessToken", &refresh).await.status, 200);
}

#[tokio::test]
async fn a_wrong_secret_is_invalid_client() {
    let client = SandboxClient::new().await;
    let code = client.code(MEMBER_SCOPES).await;
    let response =
        client.post("/oauth/v2/accessToken", &with_parameter(&token_request(&code), "client_secret", "wrong")).await;
    response.assert_oauth_error(401, "invalid_client", "Client authentication failed");
}

#[tokio::test]
async fn code_verifiers_are_for_native_pkce_only() {
    let client = SandboxClient::new().await;
    let code = client.code(MEMBER_SCOPES).await;
    let response =
        client.post("/oauth/v2/accessToken", &with_parameter(&token_request(&code), "code_verifier", "v")).await;
    response.assert_oauth_error(401, "invalid_client", "Client authentication failed");

    let verifier = "a-verifier-of-at-least-forty-three-characters-0";
    let digest = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
    let uri = "http://127.0.0.1:5123/anywhere";
    let mut url = client.authorization(CLIENT_ID, uri, MEMBER_SCOPES);
    url.set_path("/oauth/native-pkce/authorization");
    assert!(client.open(&url).await.text.contains("Not enough permissions to access Native PKCE protocol"));
    client.control("app", json!({ "client_id": CLIENT_ID, "native_pkce": true })).await;
    assert_eq!(client.open(&url).await.query()["error"], "invalid_request");
    url.query_pairs_mut()
        .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(digest))
        .append_pair("code_challenge_method", "S256");
    let callback = client.sandbox.approve(&url, "ada").await.unwrap();
    let code = callback.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let bare = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", uri), ("client_id", CLIENT_ID)];
    let response = client.post("/oauth/v2/accessToken", &bare).await;
    response.assert_oauth_error(400, "invalid_request", "A required parameter \"code_verifier\" is missing");
    let wrong = with_parameter(&bare, "code_verifier", "wrong");
    client.post("/oauth/v2/accessToken", &wrong).await.assert_oauth_error(400, "invalid_request", MISMATCH_DESCRIPTION);
    let right = with_parameter(&bare, "code_verifier", verifier);
    assert_eq!(client.post("/oauth/v2/accessToken", &right).await.status, 200);
}

#[tokio::test]
async fn token_type_comes_only_with_openid() {
    let client = SandboxClient::new().await;
    let bare = client.issue_token("w_member_social").await;
    assert!(bare.get("token_type").is_none() && bare.get("id_token").is_none());
    let full = client.issue_token(MEMBER_SCOPES).await;
    assert_eq!(full["token_type"], "Bearer");
    assert!(full["id_token"].is_string() && full.get("refresh_token").is_none());
}

#[tokio::test]
async fn expires_in_is_a_second_short() {
    let client = SandboxClient::new().await;
    let body = client.issue_token("w_member_social profile openid email").await;
    assert_eq!(body["expires_in"], 5_183_999);
    assert_eq!(body["scope"], "email,openid,profile,w_member_social");
    client.set_behavior(json!({ "exact_expires_in": true })).await;
    assert_eq!(client.issue_token(MEMBER_SCOPES).await["expires_in"], 5_184_000);
    client.control("scenario", json!({ "name": "fewer-scopes" })).await;
    assert_eq!(client.issue_token(MEMBER_SCOPES).await["scope"], "email,openid,profile");
}

#[tokio::test]
async fn tokens_and_codes_are_long() {
    let client = SandboxClient::new().await;
    let code = client.code(MEMBER_SCOPES).await;
    assert!(code.starts_with("AQ") && (130..=350).contains(&code.len()));
    let token = client.token(MEMBER_SCOPES).await;
    assert!(token.starts_with("AQ") && token.len() == 350);
    client.control("scenario", json!({ "name": "long-tokens" })).await;
    assert_eq!(client.code(MEMBER_SCOPES).await.len(), 350);
    let long = client.token(MEMBER_SCOPES).await;
    assert!(long.len() >= 1000);
    assert_eq!(client.userinfo(&long).await.status, 200);
}

#[test]
fn client_secrets_need_url_encoding() {
    for secret in [CLIENT_SECRET, STRICT_CLIENT_SECRET] {
        assert!(secret.starts_with("WPL_AP1.") && secret.ends_with("=="));
        assert!(secret.contains('+') && secret.contains('/'));
    }
}

#[tokio::test]
async fn different_scopes_revoke_earlier_tokens() {
    let client = SandboxClient::new().await;
    let first = client.token(MEMBER_SCOPES).await;
    let second = client.token(MEMBER_SCOPES).await;
    assert_eq!(client.introspect(&first).await.json()["status"], "active");
    let narrower = client.token("openid profile").await;
    for old in [&first, &second] {
        assert_eq!(client.introspect(old).await.json()["status"], "revoked");
    }
    let different_member =
        client.exchange(&client.code_for(CLIENT_ID, REDIRECT_URI, MEMBER_SCOPES, "bruce").await).await;
    assert_eq!(different_member.status, 200);
    assert_eq!(client.introspect(&narrower).await.json()["status"], "active");
}

#[tokio::test]
async fn refresh_tokens_do_not_rotate_and_expire() {
    let client = SandboxClient::in_scenario(Scenario::RefreshTokens).await;
    let body = client.issue_token(MEMBER_SCOPES).await;
    let refresh_token = body["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(body["refresh_token_expires_in"], 31_536_000);
    let refresh = client_credentials(&[("grant_type", "refresh_token"), ("refresh_token", &refresh_token)]);
    client.advance_clock(59 * 86_400).await;
    let body = client.post("/oauth/v2/accessToken", &refresh).await.json();
    assert_eq!(body["refresh_token"], refresh_token);
    assert_eq!(body["refresh_token_expires_in"], 306 * 86_400);
    assert_eq!(body["expires_in"], 5_183_999);
    client.advance_clock(301 * 86_400).await;
    let body = client.post("/oauth/v2/accessToken", &refresh).await.json();
    assert_eq!(body["expires_in"], 5 * 86_400);
    client.advance_clock(5 * 86_400).await;
    let expected_text = "The provided authorization grant or refresh token is invalid, expired or revoked";
    client.post("/oauth/v2/accessToken", &refresh).await.assert_oauth_error(400, "invalid_request", expected_text);
    client.set_behavior(json!({ "refresh_tokens": true, "long_refresh": true })).await;
    assert_eq!(client.issue_token(MEMBER_SCOPES).await["refresh_token_expires_in"], 31_536_059);
    client.set_behavior(json!({ "refresh_tokens": true, "refresh_end_omitted": true })).await;
    let body = client.issue_token(MEMBER_SCOPES).await;
    assert!(body["refresh_token"].is_string() && body.get("refresh_token_expires_in").is_none());
}

#[tokio::test]
async fn client_credentials_are_disabled_by_default() {
    let client = SandboxClient::new().await;
    let request = client_credentials(&[("grant_type", "client_credentials")]);
    let expected_text = "This application is not allowed to create application tokens";
    client.post("/oauth/v2/accessToken", &request).await.assert_oauth_error(401, "access_denied", expected_text);
    client.control("app", json!({ "client_id": CLIENT_ID, "client_credentials": true })).await;
    let body = client.post("/oauth/v2/accessToken", &request).await.json();
    assert_eq!(body["expires_in"], "1800");
    let response = client.introspect(body["access_token"].as_str().unwrap()).await.json();
    assert_eq!(response["auth_type"], "2L");
    assert!(response.get("scope").is_none());
}
