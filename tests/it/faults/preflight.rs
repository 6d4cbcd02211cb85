//! A permanent failure stops a sign-in before a browser opens; a temporary one does not.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use linkedin_tui::internal::flows::sign_in::{CredentialsCheck, Event, Request};
use linkedin_tui::internal::host::{Browser, Started};
use linkedin_tui::internal::linkedin::Flow;
use linkedin_tui::internal::linkedin::http::{Http, Network};
use linkedin_tui::internal::store::App;
use linkedin_tui::{Code, Error};
use rcgen::date_time_ymd;
use serde_json::json;
use url::Url;

use crate::faults::mock::{MockServer, Response, json_response, raw_response, response, stalled_response};
use crate::faults::mock_env::{MockEnv, app, timeouts};
use crate::faults::tls::Authority;
use crate::support::sign_in::{default_app, request, sign_in_recording};

/// A browser that counts its starts.
#[derive(Default)]
struct CountingBrowser(AtomicUsize);

impl Browser for CountingBrowser {
    fn start(&self, _: Option<&str>, _: &Url) -> Result<Started, Error> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Err(Error::new(Code::Unexpected, "counted", ""))
    }
}

/// Signs in at `base`; returns the result, and whether a browser was opened.
async fn sign_in_counting_browsers(base: &str, network: Network, app: App) -> (Error, bool) {
    let mut env = MockEnv::with_http(base, Http::with_timeouts(network, timeouts()));
    let browser = Arc::new(CountingBrowser::default());
    env.ctx.browser = browser.clone();
    let events = Mutex::default();
    let request = Request { timeout_seconds: 1, ..request(app) };
    let error = sign_in_recording(&env.ctx, request, &events).await.unwrap_err();
    let has_opened = browser.0.load(Ordering::SeqCst) > 0;
    let has_listened = events.into_inner().unwrap().iter().any(|event| matches!(event, Event::Listening { .. }));
    assert_eq!(has_opened, has_listened, "no port is bound");
    (error, has_opened)
}

async fn assert_stops_before_browser(base: &str, network: Network, code: Code, expected: &str) {
    for app in [default_app(), app(Flow::NativePkce)] {
        let (error, has_opened) = sign_in_counting_browsers(base, network.clone(), app).await;
        assert_eq!(error.code, code, "{error}");
        assert!(error.message.contains(expected) && !error.hint.is_empty(), "{expected}: {error}");
        assert!(!has_opened, "{expected}");
    }
}

#[tokio::test]
async fn an_invalid_certificate_stops_the_sign_in() {
    let authority = Authority::new();
    for (change, expected) in [(None, "not trusted"), (Some(2021), "has expired"), (Some(4000), "not valid yet")] {
        let server = authority.server("localhost", |params| match change {
            Some(year @ ..2026) => params.not_after = date_time_ymd(year, 1, 1),
            Some(year) => params.not_before = date_time_ymd(year, 1, 1),
            None => {}
        });
        let network = if change.is_some() { authority.network() } else { Network::default() };
        assert_stops_before_browser(&server.base, network, Code::Network, expected).await;
    }
    let misnamed = authority.server("other.example", |_| {});
    assert_stops_before_browser(&misnamed.base, authority.network(), Code::Network, "another name").await;
}

#[tokio::test]
async fn an_unusable_proxy_stops_the_sign_in() {
    let with_proxy = |proxy: &str| Network { proxy: Some(proxy.to_owned()), ca_file: None };
    let unreachable = format!("http://127.0.0.1:{}", crate::support::ports::free_port());
    assert_stops_before_browser(
        "https://www.linkedin.com",
        with_proxy(&unreachable),
        Code::Network,
        "No connection to the proxy",
    )
    .await;
    assert_stops_before_browser(
        "https://www.linkedin.com",
        with_proxy("http://no-such-host.invalid:1"),
        Code::Network,
        "No connection to the proxy",
    )
    .await;
    for (status, expected) in [(407, "407"), (403, "did not establish the connection")] {
        let proxy = MockServer::new();
        proxy.enqueue(response(status, "", b"")).enqueue(response(status, "", b""));
        assert_stops_before_browser("https://www.linkedin.com", with_proxy(&proxy.base), Code::Network, expected).await;
    }
    assert_stops_before_browser(
        "https://www.linkedin.com",
        with_proxy("socks5://127.0.0.1:9"),
        Code::BadInput,
        "network.proxy",
    )
    .await;
}

#[tokio::test]
async fn an_unusable_ca_file_stops_the_sign_in() {
    let directory = tempfile::tempdir().unwrap();
    let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (name, text, expected) in [
        ("missing.pem", None, "does not exist"),
        ("empty.pem", Some(""), "contains no PEM certificate"),
        ("damaged.pem", Some(damaged), "damaged"),
    ] {
        let path = directory.path().join(name);
        if let Some(text) = text {
            std::fs::write(&path, text).unwrap();
        }
        let network = Network { proxy: None, ca_file: Some(path.clone()) };
        assert_stops_before_browser("https://localhost:9", network, Code::BadInput, expected).await;
        let network = Network { proxy: None, ca_file: Some(path) };
        assert_stops_before_browser("https://localhost:9", network, Code::BadInput, name).await;
    }
}

#[tokio::test]
async fn an_unreachable_host_stops_the_sign_in() {
    let closed_port = format!("http://127.0.0.1:{}", crate::support::ports::free_port());
    assert_stops_before_browser(&closed_port, Network::default(), Code::Network, "No connection to 127.0.0.1").await;
    assert_stops_before_browser(
        "https://no-such-host.invalid",
        Network::default(),
        Code::Network,
        "could not be found",
    )
    .await;
}

#[tokio::test]
async fn a_wrong_client_id_or_secret_stops_the_sign_in() {
    let oauth_error = |error: &str, description: &str| json!({"error": error, "error_description": description});
    for (status, body, expected) in [
        (
            400,
            oauth_error("invalid_client_id", "The passed in client_id is invalid \"abc\""),
            "does not know the client ID",
        ),
        (
            400,
            oauth_error("invalid_request", "The passed in client_id is invalid \"abc\""),
            "does not know the client ID",
        ),
        (400, oauth_error("invalid_client_id", ""), "does not accept the client ID"),
        (401, oauth_error("invalid_client", "Client authentication failed"), "client secret"),
        (401, oauth_error("invalid_client_id", "Client authentication failed"), "client secret"),
        (401, json!({}), "client secret"),
    ] {
        let mock = MockServer::new();
        mock.enqueue(json_response(status, &body));
        let (error, has_opened) = sign_in_counting_browsers(&mock.base, Network::default(), default_app()).await;
        assert_eq!((error.code, has_opened), (Code::ClientRefused, false), "{body}: {error}");
        assert!(error.message.contains(expected), "{body}: {error}");
    }
}

#[tokio::test]
async fn inconclusive_responses_do_not_stop_the_sign_in() {
    let invalid_token = json!({"error": "invalid_request", "error_description": "The passed in token is invalid"});
    let responses: [(&str, Response); 8] = [
        ("the dummy token", json_response(400, &invalid_token)),
        ("a success", json_response(200, &json!({"active": false}))),
        ("server error", json_response(503, &json!({}))),
        ("too many calls", json_response(429, &json!({}))),
        ("a login page", response(401, "content-type: text/html\r\n", b"<html>log in</html>")),
        ("a redirect", response(302, "location: http://127.0.0.1:9/\r\n", b"")),
        ("a truncated response", raw_response("HTTP/1.1 200 OK\r\ncontent-le")),
        ("no response in time", stalled_response(b"")),
    ];
    for (what, mock_response) in responses {
        let mock = MockServer::new();
        mock.enqueue(mock_response);
        let (error, has_opened) = sign_in_counting_browsers(&mock.base, Network::default(), default_app()).await;
        assert_eq!((error.code, has_opened), (Code::TimedOut, true), "{what}: {error}");
    }
}

#[tokio::test]
async fn only_linkedins_response_verifies_the_secret() {
    let page = response(200, "content-type: text/html\r\n", b"<html>Welcome to the network of this hotel</html>");
    let responses: [(Response, CredentialsCheck); 3] = [
        (json_response(200, &json!({"active": false})), CredentialsCheck::Accepted),
        (page, CredentialsCheck::Inconclusive),
        (json_response(200, &json!({"ok": true})), CredentialsCheck::Inconclusive),
    ];
    for (mock_response, expected) in responses {
        let mock = MockServer::new();
        mock.enqueue(mock_response);
        let mut env = MockEnv::with_http(&mock.base, Http::with_timeouts(Network::default(), timeouts()));
        env.ctx.browser = Arc::new(CountingBrowser::default());
        let events = Mutex::default();
        let request = Request { timeout_seconds: 1, ..request(default_app()) };
        sign_in_recording(&env.ctx, request, &events).await.unwrap_err();
        let checks = events.into_inner().unwrap().into_iter().filter_map(|event| match event {
            Event::CredentialsChecked(check) => Some(check),
            _ => None,
        });
        assert_eq!(checks.collect::<Vec<_>>(), [expected]);
    }
}
