//! Start, state on disk, pages and control API.

use crate::sandbox::world::*;
use linkedin_tui::internal::clock::SystemClock;
use linkedin_tui::internal::sandbox::{CLIENT_ID, Options, STRICT_CLIENT_ID, Sandbox, Scenario};
use reqwest::Method;
use serde_json::Value;
use std::sync::Arc;

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
async fn a_damaged_state_is_reported_by_position_and_left_alone() {
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
async fn a_port_in_use_is_reported() {
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
