//! The sandbox against the facts known of LinkedIn: one test for each quirk.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use linkedin_tui::clock::{FixedClock, SystemClock};
use linkedin_tui::sandbox::{
    CLIENT_ID, CLIENT_SECRET, MEMBERS, Options, STRICT_CLIENT_ID, STRICT_CLIENT_SECRET, Sandbox, Scenario,
};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use url::Url;

const READY_URI: &str = "http://localhost:41999/callback";
const STRICT_URI: &str = "http://localhost:3000/callback";
const ALL: &str = "openid profile email w_member_social";
const MISMATCH: &str = "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired. Or external member binding exists";

/// A sandbox and a raw client that follows no redirect.
struct World {
    sandbox: Sandbox,
    http: reqwest::Client,
}

/// An answer, read whole.
struct Seen {
    status: u16,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl Seen {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Where it redirects to.
    fn location(&self) -> Url {
        assert_eq!(self.status, 302, "{}", self.text);
        Url::parse(self.header("location").unwrap()).unwrap()
    }

    fn query(&self) -> HashMap<String, String> {
        self.location().query_pairs().into_owned().collect()
    }

    #[track_caller]
    fn is_oauth_error(&self, status: u16, error: &str, description: &str) {
        assert_eq!(self.json(), json!({ "error": error, "error_description": description }));
        assert_eq!(self.status, status);
    }
}

impl World {
    async fn with(options: Options) -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(std::time::Duration::from_secs(20))
            .build()
            .unwrap();
        Self { sandbox: Sandbox::start(options).await.unwrap(), http }
    }

    async fn new() -> Self {
        let clock = Arc::new(FixedClock::new(Timestamp::from_second(1_795_000_000).unwrap()));
        Self::with(Options { port: None, folder: None, scenario: None, clock }).await
    }

    async fn in_scenario(scenario: Scenario) -> Self {
        let clock = Arc::new(FixedClock::new(Timestamp::from_second(1_795_000_000).unwrap()));
        Self::with(Options { port: None, folder: None, scenario: Some(scenario), clock }).await
    }

    fn url(&self, path: &str) -> Url {
        self.sandbox.base().join(path).unwrap()
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    async fn get(&self, path: &str) -> Seen {
        seen(self.request(Method::GET, path).send().await.unwrap()).await
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Seen {
        seen(self.request(Method::POST, path).form(form).send().await.unwrap()).await
    }

    async fn control(&self, verb: &str, order: Value) -> Value {
        let path = format!("/sandbox/{verb}");
        let sent = self.request(Method::POST, &path).header("content-type", "application/json").body(order.to_string());
        let seen = seen(sent.send().await.unwrap()).await;
        assert_eq!(seen.status, 200, "{}", seen.text);
        seen.json()
    }

    async fn set(&self, switches: Value) {
        self.control("scenario", json!({ "name": "normal", "set": switches })).await;
    }

    async fn advance(&self, seconds: i64) {
        self.control("clock", json!({ "advance_seconds": seconds })).await;
    }

    fn authorization(&self, client_id: &str, redirect_uri: &str, scope: &str) -> Url {
        let mut url = self.url("/oauth/v2/authorization");
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("state", "st")
            .append_pair("scope", scope);
        url
    }

    async fn open(&self, url: &Url) -> Seen {
        seen(self.http.get(url.clone()).send().await.unwrap()).await
    }

    async fn authorize(&self, client_id: &str, redirect_uri: &str, scope: &str) -> Seen {
        self.open(&self.authorization(client_id, redirect_uri, scope)).await
    }

    async fn code_for(&self, client_id: &str, redirect_uri: &str, scope: &str, member: &str) -> String {
        let url = self.authorization(client_id, redirect_uri, scope);
        let back = self.sandbox.approve(&url, member).await.unwrap();
        let code = back.query_pairs().find(|(name, _)| name == "code");
        code.unwrap_or_else(|| panic!("no code in {back}")).1.into_owned()
    }

    async fn code(&self, scope: &str) -> String {
        self.code_for(CLIENT_ID, READY_URI, scope, "ada").await
    }

    async fn exchange(&self, code: &str) -> Seen {
        self.post("/oauth/v2/accessToken", &form(code)).await
    }

    async fn grant(&self, scope: &str) -> Value {
        let seen = self.exchange(&self.code(scope).await).await;
        assert_eq!(seen.status, 200, "{}", seen.text);
        seen.json()
    }

    async fn token(&self, scope: &str) -> String {
        self.grant(scope).await["access_token"].as_str().unwrap().to_owned()
    }

    async fn call(&self, method: Method, path: &str, token: &str, headers: &[(&str, &str)], body: &str) -> Seen {
        let mut request = self.request(method, path).bearer_auth(token).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        seen(request.send().await.unwrap()).await
    }

    async fn userinfo(&self, token: &str) -> Seen {
        self.call(Method::GET, "/v2/userinfo", token, &[], "").await
    }

    async fn publish(&self, token: &str, body: &Value) -> Seen {
        let headers = [("linkedin-version", "202609"), ("x-restli-protocol-version", "2.0.0")];
        self.call(Method::POST, "/rest/posts", token, &headers, &body.to_string()).await
    }

    async fn introspect(&self, token: &str) -> Seen {
        self.post("/oauth/v2/introspectToken", &credentials(&[("token", token)])).await
    }

    async fn state(&self) -> Value {
        self.get("/sandbox/state").await.json()
    }
}

async fn seen(response: Response) -> Seen {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Seen { status, headers, text: response.text().await.unwrap() }
}

fn credentials<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)], more].concat()
}

fn form(code: &str) -> Vec<(&str, &str)> {
    credentials(&[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", READY_URI)])
}

fn without<'a>(form: &[(&'a str, &'a str)], name: &str) -> Vec<(&'a str, &'a str)> {
    form.iter().copied().filter(|(known, _)| *known != name).collect()
}

fn with<'a>(form: &[(&'a str, &'a str)], name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    [without(form, name), vec![(name, value)]].concat()
}

fn urn() -> String {
    format!("urn:li:person:{}", MEMBERS[0].sub)
}

fn draft(commentary: &str) -> Value {
    json!({
        "author": urn(), "commentary": commentary, "visibility": "PUBLIC",
        "distribution": { "feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": [] },
        "lifecycleState": "PUBLISHED", "isReshareDisabledByAuthor": false,
    })
}

fn claims(id_token: &str) -> (Value, Value) {
    let mut parts = id_token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let header = serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (header, serde_json::from_slice(&parts.next().unwrap()).unwrap())
}

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
    assert_eq!(seen.query()["error"], "invalid_scope_error");
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
    // The challenge is ignored: no verifier is wanted.
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

#[tokio::test]
async fn quirk_13_a_code_lives_thirty_minutes_and_once() {
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
async fn quirk_23_other_scopes_end_the_earlier_tokens() {
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
    let words = "The provided authorization grant or refresh token is invalid, expired or revoked";
    world.post("/oauth/v2/accessToken", &refresh).await.is_oauth_error(400, "invalid_request", words);
}

#[tokio::test]
async fn quirk_25_client_credentials_are_off_until_enabled() {
    let world = World::new().await;
    let two_legged = credentials(&[("grant_type", "client_credentials")]);
    let words = "This application is not allowed to create application tokens";
    world.post("/oauth/v2/accessToken", &two_legged).await.is_oauth_error(401, "access_denied", words);
    world.control("app", json!({ "client_id": CLIENT_ID, "client_credentials": true })).await;
    let body = world.post("/oauth/v2/accessToken", &two_legged).await.json();
    assert_eq!(body["expires_in"], "1800");
    let seen = world.introspect(body["access_token"].as_str().unwrap()).await.json();
    assert_eq!(seen["auth_type"], "2L");
    assert!(seen.get("scope").is_none());
}

#[tokio::test]
async fn quirk_26_introspection_tells_seconds() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let now = 1_795_000_000;
    assert_eq!(
        world.introspect(&token).await.json(),
        json!({
            "active": true, "client_id": CLIENT_ID, "authorized_at": now, "created_at": now, "status": "active",
            "expires_at": now + 5_184_000, "scope": "email,openid,profile,w_member_social", "auth_type": "3L",
        })
    );
}

#[tokio::test]
async fn quirk_27_introspection_of_strange_tokens() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let other = [("client_id", STRICT_CLIENT_ID), ("client_secret", STRICT_CLIENT_SECRET), ("token", &token)];
    let seen = world.post("/oauth/v2/introspectToken", &other).await;
    assert_eq!((seen.status, seen.json()), (200, json!({ "active": false })));
    let good = credentials(&[("token", &token)]);
    assert_eq!(world.post("/oauth/v2/introspectToken", &with(&good, "client_id", "nobody")).await.status, 400);
    assert_eq!(world.post("/oauth/v2/introspectToken", &with(&good, "client_secret", "wrong")).await.status, 401);
    assert_eq!(world.introspect("garbage").await.status, 400);
    world.advance(60 * 86_400).await;
    let seen = world.introspect(&token).await.json();
    assert_eq!((&seen["active"], &seen["status"]), (&json!(false), &json!("expired")));
}

#[tokio::test]
async fn quirk_28_revocation_works_is_missing_or_fails() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let order = credentials(&[("token", &token)]);
    world.control("scenario", json!({ "name": "revoke-missing" })).await;
    let seen = world.post("/oauth/v2/revoke", &order).await;
    assert_eq!(seen.status, 404);
    assert!(seen.header("content-type").unwrap().starts_with("text/html"));
    world.control("scenario", json!({ "name": "revoke-error" })).await;
    let seen = world.post("/oauth/v2/revoke", &order).await;
    seen.is_oauth_error(401, "invalid_client", "Client authentication failed");
    assert_eq!(world.introspect(&token).await.json()["status"], "active");
    world.control("scenario", json!({ "name": "normal" })).await;
    let seen = world.post("/oauth/v2/revoke", &order).await;
    assert_eq!((seen.status, seen.text.as_str()), (200, ""));
    assert_eq!(world.introspect(&token).await.json()["status"], "revoked");
    assert!(!world.get("/oauth/.well-known/openid-configuration").await.text.contains("revo"));
}

#[tokio::test]
async fn quirk_29_the_member_can_withdraw() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    world.control("revoke-member-grants", json!({ "member": "ada" })).await;
    assert_eq!(world.introspect(&token).await.json()["status"], "revoked");
    let seen = world.authorize(CLIENT_ID, READY_URI, ALL).await;
    assert!(seen.status == 200 && seen.text.contains("id=\"allow\""));
}

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

#[tokio::test]
async fn quirk_35_bad_tokens_have_numbers() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let number = |seen: Seen| {
        assert_eq!(seen.status, 401);
        assert_eq!(seen.header("x-restli-error-response"), Some("true"));
        (seen.json()["serviceErrorCode"].as_u64().unwrap(), seen.json()["code"].as_str().unwrap().to_owned())
    };
    assert_eq!(number(world.get("/v2/userinfo").await), (65_604, "EMPTY_ACCESS_TOKEN".to_owned()));
    assert_eq!(number(world.userinfo("garbage").await), (65_600, "INVALID_ACCESS_TOKEN".to_owned()));
    world.advance(60 * 86_400).await;
    assert_eq!(number(world.userinfo(&token).await), (65_602, "EXPIRED_ACCESS_TOKEN".to_owned()));
    let token = world.token(ALL).await;
    world.control("revoke-member-grants", json!({})).await;
    assert_eq!(number(world.userinfo(&token).await), (65_601, "REVOKED_ACCESS_TOKEN".to_owned()));
    let basic = world.request(Method::GET, "/v2/userinfo").basic_auth("a", Some("b")).send().await.unwrap();
    assert_eq!(seen(basic).await.json()["message"], "Unknown authentication schema");
}

#[tokio::test]
async fn quirk_36_fresh_tokens_and_ghost_permissions() {
    let world = World::in_scenario(Scenario::FreshTokenRefused).await;
    let token = world.token(ALL).await;
    let refused = world.userinfo(&token).await;
    assert_eq!(refused.json()["serviceErrorCode"], 65_601);
    assert_eq!(world.introspect(&token).await.json()["active"], true);
    world.advance(3).await;
    assert_eq!(world.userinfo(&token).await.status, 200);

    world.control("scenario", json!({ "name": "ghost-permissions" })).await;
    world.token("openid profile").await;
    let token = world.token(ALL).await;
    assert_eq!(world.publish(&token, &draft("too early")).await.status, 403);
    world.advance(300).await;
    assert_eq!(world.publish(&token, &draft("on time")).await.status, 201);
}

#[tokio::test]
async fn quirk_37_versions_must_be_active() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let body = draft("hello").to_string();
    let seen = world.call(Method::POST, "/rest/posts", &token, &[], &body).await;
    assert_eq!((seen.status, seen.json()["code"].as_str().unwrap()), (400, "VERSION_MISSING"));
    assert_eq!(seen.header("x-restli-gateway-error"), Some("true"));
    let seen = world.call(Method::POST, "/rest/posts", &token, &[("linkedin-version", "202504")], &body).await;
    assert_eq!(
        (seen.status, seen.json()),
        (
            426,
            json!({ "status": 426, "code": "NONEXISTENT_VERSION", "message": "Requested version 20250401 is not active" })
        )
    );
    world.set(json!({ "versions": ["202504"] })).await;
    let seen = world.call(Method::POST, "/rest/posts", &token, &[("linkedin-version", "202504")], &body).await;
    assert_eq!(seen.status, 201);
}

#[tokio::test]
async fn quirk_38_v2_needs_no_version() {
    let world = World::new().await;
    let seen = world.userinfo(&world.token(ALL).await).await;
    assert_eq!(seen.status, 200);
    for name in ["x-li-uuid", "x-li-fabric", "x-li-pop", "x-li-proto", "x-restli-protocol-version", "set-cookie"] {
        assert!(seen.header(name).is_some(), "{name}");
    }
    assert!(seen.header("x-restli-error-response").is_none());
}

#[tokio::test]
async fn quirk_39_the_post_id_is_only_in_a_header() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let seen = world.publish(&token, &draft("one")).await;
    assert_eq!((seen.status, seen.text.as_str()), (201, ""));
    assert!(seen.header("x-restli-id").unwrap().starts_with("urn:li:share:7"));
    world.control("scenario", json!({ "name": "post-id-omitted" })).await;
    let seen = world.publish(&token, &draft("two")).await;
    assert_eq!((seen.status, seen.header("x-restli-id")), (201, None));
    assert_eq!(world.state().await["posts"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn quirk_40_the_author_must_be_the_members_whole_urn() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let words =
        "Field Value validation failed in REQUEST_BODY: Data Processing Exception while processing fields [/author]";
    for author in [MEMBERS[0].sub.to_owned(), format!("urn:li:person:{}", MEMBERS[1].sub)] {
        let mut body = draft("x");
        body["author"] = json!(author);
        let seen = world.publish(&token, &body).await;
        assert_eq!((seen.status, seen.json()["message"].as_str().unwrap()), (403, words));
    }
    let seen = world.publish(&world.token("openid profile").await, &draft("x")).await;
    assert_eq!(seen.json()["message"], "Not enough permissions to access: posts.CREATE.20260901");
}

#[tokio::test]
async fn quirk_41_all_problems_come_in_one_answer() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let seen = world
        .publish(&token, &json!({ "foo": 1, "visibility": "ALL", "distribution": {}, "lifecycleState": "PUBLISHED" }))
        .await;
    assert_eq!(seen.status, 422);
    let message = seen.json()["message"].as_str().unwrap().to_owned();
    for line in [
        "ERROR :: /author :: field is required but not found and has no default value\n",
        "ERROR :: /commentary :: field is required",
        "ERROR :: /foo :: unrecognized field found but not allowed\n",
        "is not an enum symbol",
    ] {
        assert!(message.contains(line), "{message}");
    }
    let headers = [("linkedin-version", "202609")];
    let seen = world.call(Method::POST, "/rest/posts", &token, &headers, "{").await;
    assert_eq!((seen.status, seen.json()["code"].as_str().unwrap()), (400, "ILLEGAL_ARGUMENT"));
}

#[tokio::test]
async fn quirk_42_the_same_text_again_is_a_duplicate() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let first = world.publish(&token, &draft("again")).await.header("x-restli-id").unwrap().to_owned();
    let seen = world.publish(&token, &draft("again")).await;
    assert_eq!(seen.status, 422);
    assert_eq!(seen.json()["errorDetails"]["inputErrors"][0]["code"], "DUPLICATE_POST");
    assert!(seen.json()["message"].as_str().unwrap().ends_with(&format!("Content is a duplicate of {first}")));
    world.advance(600).await;
    assert_eq!(world.publish(&token, &draft("again")).await.status, 201);
}

#[tokio::test]
async fn quirk_43_an_unescaped_character_cuts_the_text() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    assert_eq!(world.publish(&token, &draft("Hello LinkedIn API :-) bye")).await.status, 201);
    assert_eq!(world.publish(&token, &draft("Hello LinkedIn API :-\\) bye")).await.status, 201);
    let posts = world.state().await["posts"].clone();
    assert_eq!(posts[0]["text"], "Hello LinkedIn API :-");
    assert_eq!(posts[1]["text"], "Hello LinkedIn API :-) bye");
}

#[tokio::test]
async fn quirk_44_more_than_3000_characters_are_refused() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    assert_eq!(world.publish(&token, &draft(&"x".repeat(3000))).await.status, 201);
    let seen = world.publish(&token, &draft(&"x".repeat(3001))).await;
    assert_eq!((seen.status, seen.json()["code"].as_str().unwrap()), (400, "FIELD_LENGTH_TOO_LONG"));
}

#[tokio::test]
async fn quirk_46_legacy_posts_take_plain_text() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let mut body = json!({
        "author": urn(), "lifecycleState": "PUBLISHED",
        "specificContent": { "com.linkedin.ugc.ShareContent": {
            "shareCommentary": { "text": "Hello :-) [you]" }, "shareMediaCategory": "NONE" } },
        "visibility": { "com.linkedin.ugc.MemberNetworkVisibility": "PUBLIC" },
    });
    let seen = world.call(Method::POST, "/v2/ugcPosts", &token, &[], &body.to_string()).await;
    assert_eq!(seen.status, 201, "{}", seen.text);
    assert!(seen.header("x-restli-id").is_some());
    assert_eq!(world.state().await["posts"][0]["text"], "Hello :-) [you]");
    body["distribution"] = json!({});
    let seen = world.call(Method::POST, "/v2/ugcPosts", &token, &[], &body.to_string()).await;
    assert_eq!(seen.status, 403);
    assert!(seen.json()["message"].as_str().unwrap().starts_with("Unpermitted fields present in REQUEST_BODY"));
}

#[tokio::test]
async fn quirk_49_deleting_twice_is_fine() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let urn = world.publish(&token, &draft("gone soon")).await.header("x-restli-id").unwrap().to_owned();
    let path = format!("/rest/posts/{}", urn.replace(':', "%3A"));
    for _ in 0..2 {
        let seen = world.call(Method::DELETE, &path, &token, &[("linkedin-version", "202609")], "").await;
        assert_eq!(seen.status, 204);
    }
    assert_eq!(world.state().await["posts"][0]["deleted"], true);
}

#[tokio::test]
async fn quirk_50_faults_can_be_ordered() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let fault = json!({ "path_prefix": "/v2/userinfo", "status": 503, "body": "{\"status\":503}", "times": 2 });
    world.control("fault", fault).await;
    for status in [503, 503, 200] {
        assert_eq!(world.userinfo(&token).await.status, status);
    }
    let after = json!({ "path_prefix": "/rest/posts", "status": 500, "after": true });
    world.control("fault", after).await;
    assert_eq!(world.publish(&token, &draft("published all the same")).await.status, 500);
    assert_eq!(world.state().await["posts"][0]["text"], "published all the same");

    world.control("scenario", json!({ "name": "drop-connection" })).await;
    let request = world.request(Method::POST, "/rest/posts").bearer_auth(&token).header("linkedin-version", "202609");
    assert!(request.body(draft("unheard").to_string()).send().await.is_err());
    assert_eq!(world.state().await["posts"][1]["text"], "unheard");

    world.set(json!({ "slow_ms": 150 })).await;
    let start = std::time::Instant::now();
    assert_eq!(world.userinfo(&token).await.status, 200);
    assert!(start.elapsed() >= std::time::Duration::from_millis(150));
    for (scenario, status) in [("rate-limited", 429), ("server-error", 500), ("html-instead-of-json", 200)] {
        world.control("scenario", json!({ "name": scenario })).await;
        let seen = world.userinfo(&token).await;
        assert_eq!(seen.status, status);
        assert_eq!(seen.header("retry-after"), None);
        assert_eq!(seen.text.contains("<html"), status == 200);
        assert_eq!(world.exchange("x").await.status, status);
    }
}

#[tokio::test]
async fn the_state_survives_a_restart_and_is_shared() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("sandbox");
    let options = || Options { port: None, folder: Some(inside.clone()), scenario: None, clock: Arc::new(SystemClock) };
    let world = World::with(options()).await;
    let token = world.token(ALL).await;
    let base = world.sandbox.base().clone();
    world.sandbox.stop().await;
    assert!(std::net::TcpStream::connect((base.host_str().unwrap(), base.port().unwrap())).is_err());

    let world = World::with(options()).await;
    assert_eq!(world.userinfo(&token).await.status, 200);
    let sibling = World::with(options()).await;
    let newer = sibling.token(ALL).await;
    assert_eq!(world.introspect(&newer).await.json()["active"], true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&inside), 0o700);
        assert_eq!(mode(&inside.join("server.json")), 0o600);
    }
}

#[tokio::test]
async fn a_damaged_state_is_told_by_place_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.json");
    std::fs::write(&file, "{\"schema\":1,\n\"tokens\":\"AQVsecret\"}").unwrap();
    let options =
        Options { port: None, folder: Some(folder.path().into()), scenario: None, clock: Arc::new(SystemClock) };
    let Err(error) = Sandbox::start(options).await else { panic!("it started") };
    assert_eq!(error.code, linkedin_tui::Code::FileDamaged);
    assert!(error.message.contains("line 2") && !error.message.contains("AQV"));
    assert!(std::fs::read_to_string(&file).unwrap().contains("AQVsecret"));
}

#[tokio::test]
async fn a_taken_port_is_told() {
    let world = World::new().await;
    let port = world.sandbox.base().port();
    let options = Options { port, folder: None, scenario: None, clock: Arc::new(SystemClock) };
    let Err(error) = Sandbox::start(options).await else { panic!("it started") };
    assert_eq!(error.code, linkedin_tui::Code::PortInUse);
}

#[tokio::test]
async fn the_control_refuses_other_sites_and_names() {
    let world = World::new().await;
    for (name, value) in [("origin", "https://evil.example"), ("origin", "null"), ("host", "evil.example")] {
        for path in ["/sandbox/sign-in", "/uas/login-submit", "/oauth/v2/login-success"] {
            let form = [("member", "mallory")];
            let request = world.request(Method::POST, path).header(name, value).form(&form);
            assert_eq!(request.send().await.unwrap().status(), 403, "{path} {name}");
        }
    }
    assert_eq!(world.state().await["signed_in"], Value::Null);
    let origin = world.sandbox.base().as_str().trim_end_matches('/').to_owned();
    let request =
        world.request(Method::POST, "/sandbox/sign-in").header("origin", origin).form(&[("member", "mallory")]);
    assert_eq!(request.send().await.unwrap().status(), 303);
    assert_eq!(world.state().await["signed_in"], "mallory");
}

#[tokio::test]
async fn pages_escape_what_they_show_and_hide_tokens() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let page = world.get("/").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
    assert!(!page.text.contains(&token) && !page.text.contains("<b>O'Red") && !page.text.contains('\u{1b}'));
    for scenario in Scenario::ALL {
        assert!(page.text.contains(&format!("scenario-{}\"", scenario.name())));
    }
    assert!(!world.get("/sandbox/state").await.text.contains(&token));
    assert!(world.get("/sandbox/style.css").await.header("content-type").unwrap().starts_with("text/css"));
    assert!(!page.text.contains("{{") && !page.text.contains("https://"));
}

#[tokio::test]
async fn approving_refuses_what_the_browser_could_not() {
    let world = World::new().await;
    let url = world.authorization(STRICT_CLIENT_ID, READY_URI, ALL);
    assert_eq!(world.sandbox.approve(&url, "ada").await.unwrap_err().code, linkedin_tui::Code::Refused);
    let url = world.authorization(CLIENT_ID, READY_URI, ALL);
    assert_eq!(world.sandbox.approve(&url, "nobody").await.unwrap_err().code, linkedin_tui::Code::BadInput);
    let back = world.sandbox.approve(&url, "mallory").await.unwrap();
    assert_eq!(back.path(), "/callback");
}
