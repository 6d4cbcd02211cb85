//! A sandbox on a free port, and an HTTP client for it.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET, MEMBERS, Options, Sandbox, Scenario};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use url::Url;

use crate::support::{self, DEADLINE, client_builder, fixed_clock};

pub(crate) const REDIRECT_URI: &str = "http://localhost:41999/callback";
pub(crate) const STRICT_URI: &str = "http://localhost:3000/callback";
pub(crate) const MEMBER_SCOPES: &str = "openid profile email w_member_social";
pub(crate) const VERSION_HEADERS: &[(&str, &str)] =
    &[("linkedin-version", "202609"), ("x-restli-protocol-version", "2.0.0")];
pub(crate) const MISMATCH_DESCRIPTION: &str = "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired. Or external member binding exists";

/// A sandbox and an HTTP client that follows no redirect.
pub(crate) struct SandboxClient {
    pub(crate) sandbox: Sandbox,
    pub(crate) http: reqwest::Client,
}

/// A response with its complete body.
pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl HttpResponse {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Returns the URL of the redirect.
    pub(crate) fn location(&self) -> Url {
        assert_eq!(self.status, 302, "{}", self.text);
        Url::parse(self.header("location").unwrap()).unwrap()
    }

    pub(crate) fn query(&self) -> HashMap<String, String> {
        self.location().query_pairs().into_owned().collect()
    }

    #[track_caller]
    pub(crate) fn assert_oauth_error(&self, status: u16, error: &str, description: &str) {
        assert_eq!(self.json(), json!({ "error": error, "error_description": description }));
        assert_eq!(self.status, status);
    }
}

impl SandboxClient {
    pub(crate) async fn with_options(options: Options) -> Self {
        let http = client_builder().redirect(reqwest::redirect::Policy::none()).timeout(DEADLINE).build().unwrap();
        Self { sandbox: Sandbox::start(options).await.unwrap(), http }
    }

    pub(crate) async fn new() -> Self {
        Self::with_options(Options { port: None, directory: None, scenario: None, clock: fixed_clock() }).await
    }

    pub(crate) async fn in_scenario(scenario: Scenario) -> Self {
        Self::with_options(Options { port: None, directory: None, scenario: Some(scenario), clock: fixed_clock() })
            .await
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        self.sandbox.base().join(path).unwrap()
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    pub(crate) async fn get(&self, path: &str) -> HttpResponse {
        read_response(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> HttpResponse {
        read_response(self.request(Method::POST, path).form(form).send().await.unwrap()).await
    }

    pub(crate) async fn control(&self, action: &str, body: Value) -> Value {
        support::sandbox::control(&self.sandbox, action, &body).await
    }

    pub(crate) async fn set_behavior(&self, switches: Value) {
        self.control("scenario", json!({ "name": "normal", "set": switches })).await;
    }

    pub(crate) async fn advance_clock(&self, seconds: i64) {
        self.control("clock", json!({ "advance_seconds": seconds })).await;
    }

    pub(crate) fn authorization(&self, client_id: &str, redirect_uri: &str, scope: &str) -> Url {
        let mut url = self.url("/oauth/v2/authorization");
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("state", "st")
            .append_pair("scope", scope);
        url
    }

    pub(crate) async fn open(&self, url: &Url) -> HttpResponse {
        read_response(self.http.get(url.clone()).send().await.unwrap()).await
    }

    pub(crate) async fn authorize(&self, client_id: &str, redirect_uri: &str, scope: &str) -> HttpResponse {
        self.open(&self.authorization(client_id, redirect_uri, scope)).await
    }

    pub(crate) async fn code_for(&self, client_id: &str, redirect_uri: &str, scope: &str, member: &str) -> String {
        let url = self.authorization(client_id, redirect_uri, scope);
        let callback = self.sandbox.approve(&url, member).await.unwrap();
        let code = callback.query_pairs().find(|(name, _)| name == "code");
        code.unwrap_or_else(|| panic!("no code in {callback}")).1.into_owned()
    }

    pub(crate) async fn code(&self, scope: &str) -> String {
        self.code_for(CLIENT_ID, REDIRECT_URI, scope, "ada").await
    }

    pub(crate) async fn exchange(&self, code: &str) -> HttpResponse {
        self.post("/oauth/v2/accessToken", &token_request(code)).await
    }

    pub(crate) async fn issue_token(&self, scope: &str) -> Value {
        let response = self.exchange(&self.code(scope).await).await;
        assert_eq!(response.status, 200, "{}", response.text);
        response.json()
    }

    pub(crate) async fn token(&self, scope: &str) -> String {
        self.issue_token(scope).await["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        token: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> HttpResponse {
        let mut request = self.request(method, path).bearer_auth(token).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read_response(request.send().await.unwrap()).await
    }

    pub(crate) async fn userinfo(&self, token: &str) -> HttpResponse {
        self.send(Method::GET, "/v2/userinfo", token, &[], "").await
    }

    pub(crate) async fn publish(&self, token: &str, body: &Value) -> HttpResponse {
        let headers = [("linkedin-version", "202609"), ("x-restli-protocol-version", "2.0.0")];
        self.send(Method::POST, "/rest/posts", token, &headers, &body.to_string()).await
    }

    pub(crate) async fn publish_legacy(&self, token: &str, author: &str, text: &str) -> HttpResponse {
        let headers = [("x-restli-protocol-version", "2.0.0")];
        self.send(Method::POST, "/v2/ugcPosts", token, &headers, &legacy_draft(author, text).to_string()).await
    }

    /// Sends a GET with the version headers that the documentation requires.
    pub(crate) async fn get_versioned(&self, token: &str, path: &str) -> HttpResponse {
        self.send(Method::GET, path, token, VERSION_HEADERS, "").await
    }

    pub(crate) async fn introspect(&self, token: &str) -> HttpResponse {
        self.post("/oauth/v2/introspectToken", &client_credentials(&[("token", token)])).await
    }

    pub(crate) async fn state(&self) -> Value {
        support::sandbox::state(&self.sandbox).await
    }
}

pub(crate) async fn read_response(response: Response) -> HttpResponse {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    HttpResponse { status, headers, text: response.text().await.unwrap() }
}

pub(crate) fn client_credentials<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)], more].concat()
}

pub(crate) fn token_request(code: &str) -> Vec<(&str, &str)> {
    client_credentials(&[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", REDIRECT_URI)])
}

pub(crate) fn without_parameter<'a>(form: &[(&'a str, &'a str)], name: &str) -> Vec<(&'a str, &'a str)> {
    form.iter().copied().filter(|(known, _)| *known != name).collect()
}

pub(crate) fn with_parameter<'a>(
    form: &[(&'a str, &'a str)],
    name: &'a str,
    value: &'a str,
) -> Vec<(&'a str, &'a str)> {
    [without_parameter(form, name), vec![(name, value)]].concat()
}

pub(crate) fn member_urn() -> String {
    format!("urn:li:person:{}", MEMBERS[0].sub)
}

pub(crate) fn draft(commentary: &str) -> Value {
    json!({
        "author": member_urn(), "commentary": commentary, "visibility": "PUBLIC",
        "distribution": { "feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": [] },
        "lifecycleState": "PUBLISHED", "isReshareDisabledByAuthor": false,
    })
}

pub(crate) fn legacy_draft(author: &str, text: &str) -> Value {
    json!({
        "author": author, "lifecycleState": "PUBLISHED",
        "specificContent": { "com.linkedin.ugc.ShareContent": {
            "shareCommentary": { "text": text }, "shareMediaCategory": "NONE" } },
        "visibility": { "com.linkedin.ugc.MemberNetworkVisibility": "PUBLIC" },
    })
}

pub(crate) fn encode_urn(urn: &str) -> String {
    urn.replace(':', "%3A")
}

pub(crate) fn decode_id_token(id_token: &str) -> (Value, Value) {
    let mut parts = id_token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let header = serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (header, serde_json::from_slice(&parts.next().unwrap()).unwrap())
}
