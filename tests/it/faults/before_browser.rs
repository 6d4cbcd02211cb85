//! A permanent failure stops a sign-in before a browser opens; a temporary one does not.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use linkedin_tui::internal::flows::sign_in::{Event, Request};
use linkedin_tui::internal::host::{Browser, Started};
use linkedin_tui::internal::linkedin::Flow;
use linkedin_tui::internal::linkedin::http::{Http, Network};
use linkedin_tui::internal::store::App;
use linkedin_tui::{Code, Error};
use rcgen::date_time_ymd;
use serde_json::json;
use url::Url;

use crate::faults::mock::{Answer, Mock, json as answer_json, raw, stalling, with};
use crate::faults::tls::Authority;
use crate::faults::world::{World, app, limits};
use crate::support::sign_in::{ready_app, request, sign_in_noting};

/// A browser that counts how often it is started.
#[derive(Default)]
struct Counting(AtomicUsize);

impl Browser for Counting {
    fn start(&self, _: Option<&str>, _: &Url) -> Result<Started, String> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Err("counted".to_owned())
    }
}

/// Signs in at `base`; returns the result, and whether a browser was opened.
async fn attempt(base: &str, network: Network, app: App) -> (Error, bool) {
    let mut world = World::with_http(base, Http::with_timeouts(network, limits()));
    let browser = Arc::new(Counting::default());
    world.ctx.browser = browser.clone();
    let events = Mutex::default();
    let request = Request { timeout_seconds: 1, ..request(app) };
    let error = sign_in_noting(&world.ctx, request, &events).await.unwrap_err();
    let opened = browser.0.load(Ordering::SeqCst) > 0;
    let listened = events.into_inner().unwrap().iter().any(|event| matches!(event, Event::Listening { .. }));
    assert_eq!(opened, listened, "no port is bound");
    (error, opened)
}

async fn assert_stops(base: &str, network: Network, code: Code, expected: &str) {
    for app in [ready_app(), app(Flow::NativePkce)] {
        let (error, opened) = attempt(base, network.clone(), app).await;
        assert_eq!(error.code, code, "{error}");
        assert!(error.message.contains(expected) && !error.hint.is_empty(), "{expected}: {error}");
        assert!(!opened, "{expected}");
    }
}

#[tokio::test]
async fn a_certificate_that_is_refused_stops_the_sign_in() {
    let authority = Authority::new();
    for (change, expected) in [(None, "not trusted"), (Some(2021), "has expired"), (Some(4000), "not valid yet")] {
        let server = authority.server("localhost", |params| match change {
            Some(year @ ..2026) => params.not_after = date_time_ymd(year, 1, 1),
            Some(year) => params.not_before = date_time_ymd(year, 1, 1),
            None => {}
        });
        let network = if change.is_some() { authority.network() } else { Network::default() };
        assert_stops(&server.base, network, Code::Network, expected).await;
    }
    let other = authority.server("other.example", |_| {});
    assert_stops(&other.base, authority.network(), Code::Network, "another name").await;
}

#[tokio::test]
async fn an_unreachable_or_refusing_proxy_stops_the_sign_in() {
    let through = |proxy: &str| Network { proxy: Some(proxy.to_owned()), ca_file: None };
    let unreachable = format!("http://127.0.0.1:{}", crate::support::ports::free_port());
    assert_stops("https://www.linkedin.com", through(&unreachable), Code::Network, "No connection to the proxy").await;
    assert_stops(
        "https://www.linkedin.com",
        through("http://no-such-host.invalid:1"),
        Code::Network,
        "No connection to the proxy",
    )
    .await;
    for (status, expected) in [(407, "407"), (403, "did not establish the connection")] {
        let proxy = Mock::new();
        proxy.then(with(status, "", b"")).then(with(status, "", b""));
        assert_stops("https://www.linkedin.com", through(&proxy.base), Code::Network, expected).await;
    }
    assert_stops("https://www.linkedin.com", through("socks5://127.0.0.1:9"), Code::BadInput, "network.proxy").await;
}

#[tokio::test]
async fn a_file_of_certificates_that_cannot_be_used_stops_the_sign_in() {
    let folder = tempfile::tempdir().unwrap();
    let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (name, text, expected) in [
        ("missing.pem", None, "does not exist"),
        ("empty.pem", Some(""), "holds no PEM certificate"),
        ("damaged.pem", Some(damaged), "damaged"),
    ] {
        let path = folder.path().join(name);
        if let Some(text) = text {
            std::fs::write(&path, text).unwrap();
        }
        let network = Network { proxy: None, ca_file: Some(path.clone()) };
        assert_stops("https://localhost:9", network, Code::BadInput, expected).await;
        let network = Network { proxy: None, ca_file: Some(path) };
        assert_stops("https://localhost:9", network, Code::BadInput, name).await;
    }
}

#[tokio::test]
async fn an_unreachable_host_stops_the_sign_in() {
    let closed_port = format!("http://127.0.0.1:{}", crate::support::ports::free_port());
    assert_stops(&closed_port, Network::default(), Code::Network, "No connection to 127.0.0.1").await;
    assert_stops("https://no-such-host.invalid", Network::default(), Code::Network, "could not be found").await;
}

#[tokio::test]
async fn a_wrong_client_id_or_secret_stops_the_sign_in() {
    let refusal = |error: &str, expected: &str| json!({"error": error, "error_description": expected});
    for (status, body, expected) in [
        (
            400,
            refusal("invalid_client_id", "The passed in client_id is invalid \"abc\""),
            "does not know the client ID",
        ),
        (400, refusal("invalid_request", "The passed in client_id is invalid \"abc\""), "does not know the client ID"),
        (400, refusal("invalid_client_id", ""), "does not accept the client ID"),
        (401, refusal("invalid_client", "Client authentication failed"), "client secret"),
        (401, refusal("invalid_client_id", "Client authentication failed"), "client secret"),
        (401, json!({}), "client secret"),
    ] {
        let mock = Mock::new();
        mock.then(answer_json(status, &body));
        let (error, opened) = attempt(&mock.base, Network::default(), ready_app()).await;
        assert_eq!((error.code, opened), (Code::ClientRefused, false), "{body}: {error}");
        assert!(error.message.contains(expected), "{body}: {error}");
    }
}

#[tokio::test]
async fn what_proves_nothing_is_no_obstacle() {
    let other = json!({"error": "invalid_request", "error_description": "The passed in token is invalid"});
    let answers: [(&str, Answer); 8] = [
        ("the dummy token", answer_json(400, &other)),
        ("a success", answer_json(200, &json!({"active": false}))),
        ("server error", answer_json(503, &json!({}))),
        ("too many calls", answer_json(429, &json!({}))),
        ("a login page", with(401, "content-type: text/html\r\n", b"<html>log in</html>")),
        ("a redirect", with(302, "location: http://127.0.0.1:9/\r\n", b"")),
        ("a connection that breaks off", raw("HTTP/1.1 200 OK\r\ncontent-le")),
        ("no answer in time", stalling(b"")),
    ];
    for (what, answer) in answers {
        let mock = Mock::new();
        mock.then(answer);
        let (error, opened) = attempt(&mock.base, Network::default(), ready_app()).await;
        assert_eq!((error.code, opened), (Code::TimedOut, true), "{what}: {error}");
    }
}
