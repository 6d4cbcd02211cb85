//! Start, saved state, pages, and the forms that change the state.

use crate::sandbox::client::*;
use linkedin_tui::internal::clock::SystemClock;
use linkedin_tui::internal::sandbox::{CLIENT_ID, Options, STRICT_CLIENT_ID, Sandbox, Scenario};
use reqwest::Method;
use serde_json::Value;
use std::sync::Arc;

#[tokio::test]
async fn the_state_survives_a_restart_and_is_shared() {
    let directory = tempfile::tempdir().unwrap();
    let inside = directory.path().join("sandbox");
    let options =
        || Options { port: None, directory: Some(inside.clone()), scenario: None, clock: Arc::new(SystemClock) };
    let client = SandboxClient::with_options(options()).await;
    let token = client.token(MEMBER_SCOPES).await;
    let base = client.sandbox.base().clone();
    client.sandbox.stop().await;
    assert!(std::net::TcpStream::connect((base.host_str().unwrap(), base.port().unwrap())).is_err());

    let client = SandboxClient::with_options(options()).await;
    assert_eq!(client.userinfo(&token).await.status, 200);
    let sibling = SandboxClient::with_options(options()).await;
    let newer = sibling.token(MEMBER_SCOPES).await;
    assert_eq!(client.introspect(&newer).await.json()["active"], true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&inside), 0o700);
        assert_eq!(mode(&inside.join("server.json")), 0o600);
    }
}

#[tokio::test]
async fn a_damaged_state_is_reported_and_not_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("server.json");
    std::fs::write(&file, "{\"schema\":1,\n\"tokens\":\"AQVsecret\"}").unwrap();
    let options =
        Options { port: None, directory: Some(directory.path().into()), scenario: None, clock: Arc::new(SystemClock) };
    let Err(error) = Sandbox::start(options).await else { panic!("it started") };
    assert_eq!(error.code, linkedin_tui::Code::FileDamaged);
    assert!(error.message.contains("line 2") && !error.message.contains("AQV"));
    assert!(std::fs::read_to_string(&file).unwrap().contains("AQVsecret"));
}

#[tokio::test]
async fn a_port_in_use_is_reported() {
    let client = SandboxClient::new().await;
    let port = client.sandbox.base().port();
    let options = Options { port, directory: None, scenario: None, clock: Arc::new(SystemClock) };
    let Err(error) = Sandbox::start(options).await else { panic!("it started") };
    assert_eq!(error.code, linkedin_tui::Code::PortInUse);
}

#[tokio::test]
async fn forms_reject_other_origins_and_hosts() {
    let client = SandboxClient::new().await;
    for (name, value) in [("origin", "https://evil.example"), ("origin", "null"), ("host", "evil.example")] {
        for path in ["/sandbox/sign-in", "/uas/login-submit", "/oauth/v2/login-success"] {
            let form = [("member", "grace")];
            let request = client.request(Method::POST, path).header(name, value).form(&form);
            assert_eq!(request.send().await.unwrap().status(), 403, "{path} {name}");
        }
    }
    assert_eq!(client.state().await["signed_in"], Value::Null);
    let origin = client.sandbox.base().as_str().trim_end_matches('/').to_owned();
    let request =
        client.request(Method::POST, "/sandbox/sign-in").header("origin", origin).form(&[("member", "grace")]);
    assert_eq!(request.send().await.unwrap().status(), 303);
    assert_eq!(client.state().await["signed_in"], "grace");
}

#[tokio::test]
async fn pages_escape_what_they_show_and_hide_tokens() {
    let client = SandboxClient::in_scenario(Scenario::HostileNames).await;
    let token = client.token(MEMBER_SCOPES).await;
    let page = client.get("/").await;
    assert!(page.text.contains("&lt;b&gt;O'Red"), "{}", page.text);
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
    assert!(!page.text.contains(&token) && !page.text.contains("<b>O'Red") && !page.text.contains('\u{1b}'));
    for scenario in Scenario::ALL {
        assert!(page.text.contains(&format!("scenario-{}\"", scenario.name())));
    }
    assert!(!client.get("/sandbox/state").await.text.contains(&token));
    assert!(client.get("/sandbox/style.css").await.header("content-type").unwrap().starts_with("text/css"));
    assert!(!page.text.contains("{{") && !page.text.contains("https://"));
}

#[tokio::test]
async fn approving_fails_where_the_browser_would_fail() {
    let client = SandboxClient::new().await;
    let url = client.authorization(STRICT_CLIENT_ID, REDIRECT_URI, MEMBER_SCOPES);
    assert_eq!(client.sandbox.approve(&url, "ada").await.unwrap_err().code, linkedin_tui::Code::Refused);
    let url = client.authorization(CLIENT_ID, REDIRECT_URI, MEMBER_SCOPES);
    assert_eq!(client.sandbox.approve(&url, "unknown").await.unwrap_err().code, linkedin_tui::Code::BadInput);
    let callback = client.sandbox.approve(&url, "grace").await.unwrap();
    assert_eq!(callback.path(), "/callback");
}

#[tokio::test]
async fn only_a_post_is_a_command() {
    let client = SandboxClient::new().await;
    client.post("/sandbox/sign-in", &[("member", "grace")]).await;
    // Without a body each of these commands signs the member out.
    for path in ["/sandbox/reset", "/sandbox/sign-in"] {
        for (method, status) in [
            (Method::GET, 404),
            (Method::HEAD, 404),
            (Method::PUT, 405),
            (Method::DELETE, 405),
            (Method::PATCH, 405),
            (Method::OPTIONS, 405),
        ] {
            let response = client.request(method.clone(), path).send().await.unwrap();
            assert_eq!(response.status(), status, "{method} {path}");
        }
    }
    assert_eq!(client.request(Method::HEAD, "/sandbox/state").send().await.unwrap().status(), 200);
    assert_eq!(client.state().await["signed_in"], "grace");
    assert_eq!(client.request(Method::POST, "/sandbox/reset").send().await.unwrap().status(), 200);
    assert_eq!(client.state().await["signed_in"], Value::Null);
}

#[tokio::test]
async fn commands_that_would_do_nothing_are_refused() {
    let client = SandboxClient::new().await;
    for (path, body) in [
        ("/sandbox/fault", serde_json::json!({ "path_prefix": "/", "times": 0 })),
        ("/sandbox/scenario", serde_json::json!({ "name": "normal", "set": ["html"] })),
        ("/sandbox/clock", serde_json::json!({ "reset": false })),
    ] {
        let response = client.request(Method::POST, path).body(body.to_string()).send().await.unwrap();
        assert_eq!(response.status(), 400, "{path}");
    }
    assert_eq!(client.state().await["faults"], 0);
}
