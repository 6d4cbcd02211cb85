//! Quirks 1 to 12: the authorization page.

use crate::sandbox::world::*;
use linkedin_tui::internal::sandbox::{CLIENT_ID, STRICT_CLIENT_ID, Scenario};
use serde_json::json;

#[tokio::test]
async fn quirk_01_unregistered_redirect_is_bummer() {
    let world = World::new().await;
    for status in [401, 200] {
        world.set(json!({ "bummer_200": status == 200 })).await;
        let seen = world.authorize(STRICT_CLIENT_ID, "http://localhost:3001/callback", ALL).await;
        assert_eq!(seen.status, status);
        assert!(seen.text.contains("Bummer, something went wrong."));
        assert!(seen.text.contains("The redirect_uri does not match the registered value"));
        assert_eq!(seen.header("location"), None);
    }
}

#[tokio::test]
async fn quirk_02_unknown_client_is_bummer() {
    let world = World::new().await;
    let seen = world.authorize("77unknown<b>", STRICT_URI, ALL).await;
    assert!(seen.text.contains("The passed in client_id is invalid &quot;77unknown&lt;b&gt;&quot;"), "{}", seen.text);
    assert_eq!(seen.header("location"), None);
}

#[tokio::test]
async fn quirk_03_redirect_is_checked_before_scopes() {
    let world = World::new().await;
    let seen = world.authorize(STRICT_CLIENT_ID, "http://localhost:1/callback", "r_liteprofile").await;
    assert!(seen.text.contains("The redirect_uri does not match"));
}

#[tokio::test]
async fn quirk_04_redirect_matching_is_exact_but_for_the_query() {
    let world = World::new().await;
    for (uri, fine) in [
        (STRICT_URI, true),
        ("http://localhost:3000/callback?id=1", true),
        ("http://localhost:3000/callback#x", false),
        ("http://localhost:3000/callback/", false),
        ("https://localhost:3000/callback", false),
        ("http://localhost:3001/callback", false),
        ("http://127.0.0.1:3000/callback", false),
    ] {
        let seen = world.authorize(STRICT_CLIENT_ID, uri, ALL).await;
        assert_eq!(seen.status == 200, fine, "{uri}");
    }
    assert_eq!(world.authorize(CLIENT_ID, READY_URI, ALL).await.status, 200);
}

#[tokio::test]
async fn quirk_05_missing_scope_is_invalid_request() {
    let world = World::new().await;
    let query = world.authorize(STRICT_CLIENT_ID, STRICT_URI, "").await.query();
    assert_eq!(query["error"], "invalid_request");
    assert_eq!(query["error_description"], "You need to pass the \"scope\" parameter");
    assert_eq!(query["state"], "st");
}

#[tokio::test]
async fn quirk_06_unprovisioned_scope_is_named_with_html_entities() {
    let world = World::new().await;
    let seen = world.authorize(STRICT_CLIENT_ID, STRICT_URI, "openid profile r_liteprofile").await;
    let raw = seen.header("location").unwrap();
    assert!(raw.contains("Scope+%26quot%3Br_liteprofile%26quot%3B+is+not+authorized+for+your+application"), "{raw}");
    assert_eq!(seen.query()["error"], "unauthorized_scope_error");
    world.set(json!({ "invalid_scope_error": true })).await;
    let seen = world.authorize(STRICT_CLIENT_ID, STRICT_URI, "r_liteprofile").await;
    let query = seen.query();
    assert_eq!((query["error"].as_str(), query["state"].as_str()), ("invalid_scope_error", "st"));
    assert!(!query.contains_key("error_description"), "the newer code names nothing");
    world.set(json!({ "scope_error_on_page": true })).await;
    let seen = world.authorize(STRICT_CLIENT_ID, STRICT_URI, "r_liteprofile").await;
    assert!(seen.header("location").is_none() && seen.text.contains("Bummer, something went wrong."));
    let link = format!("<a href=\"{STRICT_URI}?error=unauthorized_scope_error&amp;error_description=Scope+");
    assert!(seen.text.contains(&link), "{}", seen.text);
}

#[tokio::test]
async fn quirk_07_openid_alone_is_insufficient() {
    let world = World::new().await;
    let query = world.authorize(STRICT_CLIENT_ID, STRICT_URI, "openid").await.query();
    assert_eq!(query["error"], "openid_insufficient_scope_error");
    assert_eq!(query["error_description"], "Include valid openId scopes like profile, email.");
}

#[tokio::test]
async fn quirk_08_scopes_come_with_spaces_plus_or_commas() {
    let world = World::new().await;
    for joint in ["%20", "+", ",", "%2C"] {
        let path = format!(
            "/oauth/v2/authorization?response_type=code&client_id={CLIENT_ID}&redirect_uri={READY_URI}&scope=openid{joint}email"
        );
        let seen = world.get(&path).await;
        assert_eq!(seen.status, 200, "{joint}");
        assert!(seen.text.contains("member-ada"));
    }
}

#[tokio::test]
async fn quirk_09_cancelling_echoes_the_state() {
    let world = World::new().await;
    let url = world.authorization(CLIENT_ID, READY_URI, ALL);
    let target = format!("{}?{}", url.path(), url.query().unwrap());
    let query = world.post("/uas/login-submit", &[("request", &target), ("cancel", "1")]).await.query();
    assert_eq!((query["error"].as_str(), query["state"].as_str()), ("user_cancelled_login", "st"));
    let seen = world.post("/uas/login-submit", &[("request", &target), ("member", "bruce")]).await;
    assert_eq!((seen.status, seen.header("location")), (303, Some(target.as_str())));
    let consent = world.open(&url).await;
    assert!(consent.text.contains("李小龙") && consent.text.contains("id=\"allow\""));
    let query = world.post("/oauth/v2/login-success", &[("request", &target), ("cancel", "1")]).await.query();
    assert_eq!((query["error"].as_str(), query["state"].as_str()), ("user_cancelled_authorize", "st"));
    let query = world.post("/oauth/v2/login-success", &[("request", &target), ("allow", "1")]).await.query();
    assert!(query.contains_key("code") && query["state"] == "st");
    for (scenario, error) in
        [("cancel-at-login", "user_cancelled_login"), ("cancel-at-consent", "user_cancelled_authorize")]
    {
        world.control("scenario", json!({ "name": scenario })).await;
        assert_eq!(world.open(&url).await.query()["error"], error);
        let back = world.sandbox.approve(&url, "ada").await.unwrap();
        assert!(back.query().unwrap().contains(error));
        world.control("scenario", json!({ "name": scenario, "set": { "cancel_undescribed": true } })).await;
        assert_eq!(world.open(&url).await.query()["error_description"], "");
    }
}

#[tokio::test]
async fn quirk_10_an_existing_grant_skips_the_page() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    assert!(
        world
            .authorize(CLIENT_ID, READY_URI, "email openid profile w_member_social")
            .await
            .query()
            .contains_key("code")
    );
    assert_eq!(world.authorize(CLIENT_ID, READY_URI, "openid email").await.status, 200);
    let revoked = world.post("/oauth/v2/revoke", &credentials(&[("token", &token)])).await;
    assert_eq!(revoked.status, 200);
    assert_eq!(world.authorize(CLIENT_ID, READY_URI, ALL).await.status, 200);
    world.token(ALL).await;
    world.advance(61 * 86_400).await;
    assert_eq!(world.authorize(CLIENT_ID, READY_URI, ALL).await.status, 200);
}

#[tokio::test]
async fn quirk_11_the_signed_in_member_decides() {
    let world = World::new().await;
    world.control("sign-in", json!({ "member": "bruce" })).await;
    let mut url = world.authorization(CLIENT_ID, READY_URI, ALL);
    url.query_pairs_mut()
        .append_pair("prompt", "select_account")
        .append_pair("login_hint", "ada@sandbox.example")
        .append_pair("nonce", "n")
        .append_pair("code_challenge", "c")
        .append_pair("code_challenge_method", "S256");
    let seen = world.open(&url).await;
    assert!(seen.text.contains("李小龙") && !seen.text.contains("Ada Lovelace"));
    // The challenge is ignored: no verifier is required.
    let back = world.sandbox.approve(&url, "bruce").await.unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    assert_eq!(world.exchange(&code).await.status, 200);
}

#[tokio::test]
async fn quirk_12_state_is_echoed_byte_for_byte() {
    let world = World::in_scenario(Scenario::AlreadyGranted).await;
    let state = "a%2Bb%2Fc%3Dd%26e%20f+g";
    let path = format!(
        "/oauth/v2/authorization?response_type=code&client_id={CLIENT_ID}&redirect_uri={READY_URI}&state={state}&scope=openid%20email"
    );
    let seen = world.get(&path).await;
    assert!(seen.header("location").unwrap().ends_with(&format!("&state={state}")));
    assert_eq!(seen.query()["state"], "a+b/c=d&e f g");
}
