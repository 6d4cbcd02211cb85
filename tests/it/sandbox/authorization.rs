//! The authorization page.

use crate::sandbox::client::*;
use linkedin_tui::internal::sandbox::{CLIENT_ID, STRICT_CLIENT_ID, Scenario};
use serde_json::json;

#[tokio::test]
async fn an_unregistered_redirect_gets_the_error_page() {
    let client = SandboxClient::new().await;
    for status in [401, 200] {
        client.set_behavior(json!({ "bummer_200": status == 200 })).await;
        let response = client.authorize(STRICT_CLIENT_ID, "http://localhost:3001/callback", MEMBER_SCOPES).await;
        assert_eq!(response.status, status);
        assert!(response.text.contains("Bummer, something went wrong."));
        assert!(response.text.contains("The redirect_uri does not match the registered value"));
        assert_eq!(response.header("location"), None);
    }
}

#[tokio::test]
async fn an_unknown_client_gets_the_error_page() {
    let client = SandboxClient::new().await;
    let response = client.authorize("77unknown<b>", STRICT_URI, MEMBER_SCOPES).await;
    assert!(
        response.text.contains("The passed in client_id is invalid &quot;77unknown&lt;b&gt;&quot;"),
        "{}",
        response.text
    );
    assert_eq!(response.header("location"), None);
}

#[tokio::test]
async fn the_redirect_is_checked_before_the_scopes() {
    let client = SandboxClient::new().await;
    let response = client.authorize(STRICT_CLIENT_ID, "http://localhost:1/callback", "r_liteprofile").await;
    assert!(response.text.contains("The redirect_uri does not match"));
}

#[tokio::test]
async fn redirects_must_match_exactly_except_the_query() {
    let client = SandboxClient::new().await;
    for (uri, is_accepted) in [
        (STRICT_URI, true),
        ("http://localhost:3000/callback?id=1", true),
        ("http://localhost:3000/callback#x", false),
        ("http://localhost:3000/callback/", false),
        ("https://localhost:3000/callback", false),
        ("http://localhost:3001/callback", false),
        ("http://127.0.0.1:3000/callback", false),
    ] {
        let response = client.authorize(STRICT_CLIENT_ID, uri, MEMBER_SCOPES).await;
        assert_eq!(response.status == 200, is_accepted, "{uri}");
    }
    assert_eq!(client.authorize(CLIENT_ID, REDIRECT_URI, MEMBER_SCOPES).await.status, 200);
}

#[tokio::test]
async fn a_missing_scope_is_an_invalid_request() {
    let client = SandboxClient::new().await;
    let query = client.authorize(STRICT_CLIENT_ID, STRICT_URI, "").await.query();
    assert_eq!(query["error"], "invalid_request");
    assert_eq!(query["error_description"], "You need to pass the \"scope\" parameter");
    assert_eq!(query["state"], "st");
}

#[tokio::test]
async fn an_unauthorized_scope_is_named_with_html_entities() {
    let client = SandboxClient::new().await;
    let response = client.authorize(STRICT_CLIENT_ID, STRICT_URI, "openid profile r_liteprofile").await;
    let raw = response.header("location").unwrap();
    assert!(raw.contains("Scope+%26quot%3Br_liteprofile%26quot%3B+is+not+authorized+for+your+application"), "{raw}");
    assert_eq!(response.query()["error"], "unauthorized_scope_error");
    client.set_behavior(json!({ "invalid_scope_error": true })).await;
    let response = client.authorize(STRICT_CLIENT_ID, STRICT_URI, "r_liteprofile").await;
    let query = response.query();
    assert_eq!((query["error"].as_str(), query["state"].as_str()), ("invalid_scope_error", "st"));
    assert!(!query.contains_key("error_description"), "the newer code names nothing");
    client.set_behavior(json!({ "scope_error_on_page": true })).await;
    let response = client.authorize(STRICT_CLIENT_ID, STRICT_URI, "r_liteprofile").await;
    assert!(response.header("location").is_none() && response.text.contains("Bummer, something went wrong."));
    let link = format!("<a href=\"{STRICT_URI}?error=unauthorized_scope_error&amp;error_description=Scope+");
    assert!(response.text.contains(&link), "{}", response.text);
}

#[tokio::test]
async fn openid_alone_is_insufficient() {
    let client = SandboxClient::new().await;
    let query = client.authorize(STRICT_CLIENT_ID, STRICT_URI, "openid").await.query();
    assert_eq!(query["error"], "openid_insufficient_scope_error");
    assert_eq!(query["error_description"], "Include valid openId scopes like profile, email.");
}

#[tokio::test]
async fn scopes_are_separated_by_spaces_plus_or_commas() {
    let client = SandboxClient::new().await;
    for separator in ["%20", "+", ",", "%2C"] {
        let path = format!(
            "/oauth/v2/authorization?response_type=code&client_id={CLIENT_ID}&redirect_uri={REDIRECT_URI}&scope=openid{separator}email"
        );
        let response = client.get(&path).await;
        assert_eq!(response.status, 200, "{separator}");
        assert!(response.text.contains("member-ada"));
    }
}

#[tokio::test]
async fn canceling_echoes_the_state() {
    let client = SandboxClient::new().await;
    let url = client.authorization(CLIENT_ID, REDIRECT_URI, MEMBER_SCOPES);
    let target = format!("{}?{}", url.path(), url.query().unwrap());
    let query = client.post("/uas/login-submit", &[("request", &target), ("cancel", "1")]).await.query();
    assert_eq!((query["error"].as_str(), query["state"].as_str()), ("user_cancelled_login", "st"));
    let response = client.post("/uas/login-submit", &[("request", &target), ("member", "bruce")]).await;
    assert_eq!((response.status, response.header("location")), (303, Some(target.as_str())));
    let consent = client.open(&url).await;
    assert!(consent.text.contains("李小龙") && consent.text.contains("id=\"allow\""));
    let query = client.post("/oauth/v2/login-success", &[("request", &target), ("cancel", "1")]).await.query();
    assert_eq!((query["error"].as_str(), query["state"].as_str()), ("user_cancelled_authorize", "st"));
    let query = client.post("/oauth/v2/login-success", &[("request", &target), ("allow", "1")]).await.query();
    assert!(query.contains_key("code") && query["state"] == "st");
    for (scenario, error) in
        [("cancel-at-login", "user_cancelled_login"), ("cancel-at-consent", "user_cancelled_authorize")]
    {
        client.control("scenario", json!({ "name": scenario })).await;
        assert_eq!(client.open(&url).await.query()["error"], error);
        let callback = client.sandbox.approve(&url, "ada").await.unwrap();
        assert!(callback.query().unwrap().contains(error));
        client.control("scenario", json!({ "name": scenario, "set": { "cancel_undescribed": true } })).await;
        assert_eq!(client.open(&url).await.query()["error_description"], "");
    }
}

#[tokio::test]
async fn an_existing_consent_skips_the_page() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    assert!(
        client
            .authorize(CLIENT_ID, REDIRECT_URI, "email openid profile w_member_social")
            .await
            .query()
            .contains_key("code")
    );
    assert_eq!(client.authorize(CLIENT_ID, REDIRECT_URI, "openid email").await.status, 200);
    let revoked = client.post("/oauth/v2/revoke", &client_credentials(&[("token", &token)])).await;
    assert_eq!(revoked.status, 200);
    assert_eq!(client.authorize(CLIENT_ID, REDIRECT_URI, MEMBER_SCOPES).await.status, 200);
    client.token(MEMBER_SCOPES).await;
    client.advance_clock(61 * 86_400).await;
    assert_eq!(client.authorize(CLIENT_ID, REDIRECT_URI, MEMBER_SCOPES).await.status, 200);
}

#[tokio::test]
async fn the_signed_in_member_approves() {
    let client = SandboxClient::new().await;
    client.control("sign-in", json!({ "member": "bruce" })).await;
    let mut url = client.authorization(CLIENT_ID, REDIRECT_URI, MEMBER_SCOPES);
    url.query_pairs_mut()
        .append_pair("prompt", "select_account")
        .append_pair("login_hint", "ada@sandbox.example")
        .append_pair("nonce", "n")
        .append_pair("code_challenge", "c")
        .append_pair("code_challenge_method", "S256");
    let response = client.open(&url).await;
    assert!(response.text.contains("李小龙") && !response.text.contains("Ada Lovelace"));
    // The challenge is ignored: no verifier is required.
    let callback = client.sandbox.approve(&url, "bruce").await.unwrap();
    let code = callback.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    assert_eq!(client.exchange(&code).await.status, 200);
}

#[tokio::test]
async fn state_is_echoed_byte_for_byte() {
    let client = SandboxClient::in_scenario(Scenario::AlreadyGranted).await;
    let state = "a%2Bb%2Fc%3Dd%26e%20f+g";
    let path = format!(
        "/oauth/v2/authorization?response_type=code&client_id={CLIENT_ID}&redirect_uri={REDIRECT_URI}&state={state}&scope=openid%20email"
    );
    let response = client.get(&path).await;
    assert!(response.header("location").unwrap().ends_with(&format!("&state={state}")));
    assert_eq!(response.query()["state"], "a+b/c=d&e f g");
}
