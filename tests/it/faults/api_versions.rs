//! LinkedIn rejects the API version: an automatic version is replaced once, a configured one never.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use linkedin_tui::internal::config::Settings;
use linkedin_tui::internal::flows::api_request::{ApiRequest, send};
use linkedin_tui::internal::flows::publish::{Attachment, Draft, publish};
use linkedin_tui::internal::linkedin::VersionInUse;
use linkedin_tui::internal::linkedin::versions::{Setting, Version};
use linkedin_tui::internal::session::{FlowEvent, Reporter, api_version};
use linkedin_tui::internal::store::DraftImage;
use linkedin_tui::{Code, Error};
use serde_json::{Value, json};

use crate::faults::mock::{MockServer, Response, json_response, response};
use crate::faults::mock_env::{MockEnv, profile_name};
use crate::support::{PIXEL_PNG, start_time};

fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

fn inactive_version_error(version: &str) -> Value {
    let message = format!("Requested version {version}01 is not active");
    json!({ "status": 426, "code": "NONEXISTENT_VERSION", "message": message })
}

/// Returns the `LinkedIn-Version` of each request; `-` if none was sent.
fn sent_versions(mock: &MockServer) -> Vec<String> {
    let version = |request: &String| {
        let head = request.split("\r\n\r\n").next().unwrap().to_ascii_lowercase();
        let line = head.lines().find_map(|line| line.strip_prefix("linkedin-version: ").map(str::to_owned));
        line.unwrap_or_else(|| "-".to_owned())
    };
    mock.requests().iter().map(version).collect()
}

fn request_bodies(mock: &MockServer) -> Vec<String> {
    mock.requests().iter().map(|request| request.split_once("\r\n\r\n").unwrap().1.to_owned()).collect()
}

/// Creates an environment with this version setting, and the warnings of its run.
fn env_with_version(mock: &MockServer, setting: &str) -> (MockEnv, Arc<Mutex<Vec<String>>>) {
    let mut env = MockEnv::new(&mock.base);
    let changes = Arc::<Mutex<Vec<String>>>::default();
    let recorded = Arc::clone(&changes);
    let reporter = Reporter::new(move |event| {
        if let FlowEvent::ApiVersionChanged(change) = event {
            recorded.lock().unwrap().push(change.to_string());
        }
    });
    setting.clone_into(&mut env.ctx.settings.linkedin.api_version);
    let (store, clock) = (env.ctx.store.clone(), env.ctx.clock.clone());
    let loaded = api_version::load(&env.ctx.settings, &store, clock.clone()).unwrap();
    env.ctx.api_version = api_version::with_reporting(loaded, &store, clock, reporter);
    (env, changes)
}

async fn get(env: &MockEnv, path: &str, headers: &[(&str, &str)]) -> u16 {
    let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let request = ApiRequest::new("GET", path, &headers, None).unwrap();
    send(&env.ctx, &profile_name(), &request).await.unwrap().status
}

fn text_draft(text: &str) -> Draft {
    Draft { text: text.to_owned(), ..Draft::default() }
}

async fn post(env: &MockEnv, draft: Draft) -> Result<Option<String>, Error> {
    publish(&env.ctx, &profile_name(), draft, Arc::new(|_| {})).await.map(|published| published.urn)
}

fn created_response() -> Response {
    response(201, "x-restli-id: urn:li:share:7\r\n", b"")
}

#[tokio::test]
async fn a_426_is_retried_once_with_an_earlier_version() {
    let mock = MockServer::new();
    mock.enqueue(json_response(426, &inactive_version_error("202609"))).enqueue(created_response());
    let (env, changes) = env_with_version(&mock, "auto");
    assert_eq!(post(&env, text_draft("Hello :-)")).await.unwrap().as_deref(), Some("urn:li:share:7"));
    assert_eq!(sent_versions(&mock), ["202609", "202608"]);
    let bodies = request_bodies(&mock);
    assert!(!bodies[0].is_empty() && bodies[0] == bodies[1], "the same body, byte for byte");
    assert_eq!(*changes.lock().unwrap(), ["LinkedIn does not serve API version 202609; 202608 is used from now on."]);

    // The next request and the next run use the version that worked.
    mock.enqueue(json_response(200, &json!({})));
    assert_eq!(get(&env, "/rest/posts/x", &[]).await, 200);
    assert_eq!(sent_versions(&mock)[2..], ["202608"]);
    let saved = env.ctx.store.working_version().unwrap();
    assert_eq!(saved, Some(version("202608")));
    assert_eq!(VersionInUse::new(Setting::Auto, saved, env.ctx.clock.clone()).current(), version("202608"));
    let state =
        std::fs::read_to_string(env.ctx.store.profile_path(&profile_name()).parent().unwrap().join("../state.toml"));
    assert!(
        state.unwrap().contains(&format!("since = \"{start}\"", start = start_time().strftime("%Y-%m-%dT%H:%M:%SZ")))
    );
    assert_eq!(changes.lock().unwrap().len(), 1, "reported once");
}

#[tokio::test]
async fn a_second_426_is_reported_and_not_retried() {
    let mock = MockServer::new();
    mock.enqueue(json_response(426, &inactive_version_error("202609")))
        .enqueue(json_response(426, &inactive_version_error("202608")))
        .enqueue(created_response());
    let (env, changes) = env_with_version(&mock, "auto");
    let error = post(&env, text_draft("Hello")).await.unwrap_err();
    assert_eq!(error.code, Code::Refused);
    assert!(error.hint.contains("linkedin.api_version") && error.hint.contains("202601 to 202609"), "{}", error.hint);
    assert_eq!(sent_versions(&mock), ["202609", "202608"]);
    assert_eq!(env.ctx.store.working_version().unwrap(), None, "a rejected version is not saved");
    assert!(changes.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_configured_version_is_never_replaced() {
    for fixed in ["202601", "202401", "202512", "202510.03"] {
        let mock = MockServer::new();
        mock.enqueue(json_response(426, &inactive_version_error(fixed))).enqueue(created_response());
        let (env, changes) = env_with_version(&mock, fixed);
        let error = post(&env, text_draft("Hello")).await.unwrap_err();
        assert!(!error.hint.contains("202512"), "the hint names only active versions: {}", error.hint);
        assert_eq!(sent_versions(&mock), [fixed]);
        assert!(changes.lock().unwrap().is_empty() && env.ctx.store.working_version().unwrap().is_none());
    }
}

#[tokio::test]
async fn a_version_error_is_recognized_at_any_status() {
    let cases = [
        (426, json!({}), 2),
        (400, json!({ "code": "NONEXISTENT_VERSION" }), 2),
        (400, json!({ "message": "Requested version 20260901 is not active" }), 2),
        (503, json!({ "message": "Requested version 20260901 is not active" }), 2),
        (400, json!({ "code": "VERSION_MISSING", "message": "A version must be present." }), 1),
        (403, json!({ "code": "ACCESS_DENIED", "message": "Not enough permissions" }), 1),
        (404, json!({ "code": "RESOURCE_NOT_FOUND", "message": "No virtual resource found" }), 1),
        (500, json!({ "message": "Internal Server Error" }), 1),
        (200, json!({ "message": "Requested version 20260901 is not active" }), 1),
    ];
    for (status, body, requests) in cases {
        let mock = MockServer::new();
        mock.enqueue(json_response(status, &body)).enqueue(json_response(200, &json!({})));
        let (env, _) = env_with_version(&mock, "auto");
        let received = get(&env, "/rest/posts/x", &[]).await;
        assert_eq!(sent_versions(&mock).len(), requests, "{status} {body}");
        assert_eq!(received, if requests == 2 { 200 } else { status });
    }
}

#[tokio::test]
async fn a_server_error_does_not_confirm_a_version() {
    let mock = MockServer::new();
    mock.enqueue(json_response(426, &inactive_version_error("202609"))).enqueue(json_response(500, &json!({})));
    let (env, changes) = env_with_version(&mock, "auto");
    assert_eq!(get(&env, "/rest/posts/x", &[]).await, 500);
    assert!(changes.lock().unwrap().is_empty() && env.ctx.store.working_version().unwrap().is_none());
}

#[tokio::test]
async fn an_explicit_version_header_is_unchanged() {
    for (header, expected) in [("202312", "202312"), ("202510.03", "202510.03"), ("202609", "202609")] {
        let mock = MockServer::new();
        mock.enqueue(json_response(426, &inactive_version_error(header))).enqueue(json_response(200, &json!({})));
        let (env, _) = env_with_version(&mock, "auto");
        assert_eq!(get(&env, "/rest/memberSnapshotData?q=criteria", &[("linkedin-version", header)]).await, 426);
        assert_eq!(sent_versions(&mock), [expected]);
    }
}

#[tokio::test]
async fn apis_with_their_own_versions_are_unchanged() {
    for (path, version) in [
        ("/rest/memberSnapshotData?q=criteria&domain=MEMBER_SHARE_INFO", "202312"),
        ("/rest/memberChangeLogs?q=memberAndApplication", "202312"),
        ("/rest/identityMe", "202510.03"),
    ] {
        let mock = MockServer::new();
        mock.enqueue(json_response(426, &inactive_version_error(version))).enqueue(json_response(200, &json!({})));
        let (env, _) = env_with_version(&mock, "auto");
        assert_eq!(get(&env, path, &[]).await, 426);
        assert_eq!(sent_versions(&mock), [version], "{path}");
    }
}

#[tokio::test]
async fn only_rest_paths_send_a_version() {
    let mock = MockServer::new();
    for _ in 0..3 {
        mock.enqueue(json_response(426, &json!({})));
    }
    let (env, _) = env_with_version(&mock, "auto");
    for path in ["/v2/userinfo", "/v2/me", "/restaurant"] {
        assert_eq!(get(&env, path, &[]).await, 426, "the program sent no version to replace");
    }
    assert_eq!(sent_versions(&mock), ["-", "-", "-"]);
}

#[tokio::test]
async fn an_upload_and_its_post_use_one_version() {
    let mock = MockServer::new();
    let upload = format!("{}/upload", mock.base);
    let slot = json!({ "value": { "uploadUrl": upload, "image": "urn:li:image:1" } });
    mock.enqueue(json_response(426, &inactive_version_error("202609")))
        .enqueue(json_response(200, &slot))
        .enqueue(response(201, "", b""))
        .enqueue(created_response());
    let (env, changes) = env_with_version(&mock, "auto");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("dot.png");
    std::fs::write(&path, Bytes::from_static(PIXEL_PNG)).unwrap();
    let attachment = Attachment::Images(vec![DraftImage { path, alt: None }]);
    let draft = Draft { attachment, ..text_draft("a dot") };
    post(&env, draft).await.unwrap();
    assert_eq!(sent_versions(&mock), ["202609", "202608", "-", "202608"]);
    assert_eq!(changes.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_saved_sunset_version_is_ignored() {
    let mock = MockServer::new();
    let (env, _) = env_with_version(&mock, "auto");
    env.ctx.store.set_working_version(version("202511"), start_time()).unwrap();
    let loaded = api_version::load(&Settings::default(), &env.ctx.store, env.ctx.clock.clone()).unwrap();
    assert_eq!(loaded.current(), version("202609"));
}
