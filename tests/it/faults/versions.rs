//! LinkedIn refuses the API version: an automatic version is replaced once, a configured one never.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use linkedin_tui::internal::config::Settings;
use linkedin_tui::internal::flows::call::{Call, call};
use linkedin_tui::internal::flows::publish::{Draft, Picture, publish};
use linkedin_tui::internal::linkedin::VersionInUse;
use linkedin_tui::internal::linkedin::versions::{Setting, Version};
use linkedin_tui::internal::session::{Note, Reporter, api_version};
use linkedin_tui::{Code, Error};
use serde_json::{Value, json};

use crate::faults::mock::{Answer, Mock, json as answer, with};
use crate::faults::world::{World, name};
use crate::support::start_time;

/// A PNG of one pixel.
const DOT: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x56\xc7\x2f\r\0\0\0\0IEND\xaeB`\x82";

fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

fn inactive(version: &str) -> Value {
    let message = format!("Requested version {version}01 is not active");
    json!({ "status": 426, "code": "NONEXISTENT_VERSION", "message": message })
}

/// Returns the `LinkedIn-Version` of each request; `-` where none was sent.
fn sent(mock: &Mock) -> Vec<String> {
    let version = |request: &String| {
        let head = request.split("\r\n\r\n").next().unwrap().to_ascii_lowercase();
        let line = head.lines().find_map(|line| line.strip_prefix("linkedin-version: ").map(str::to_owned));
        line.unwrap_or_else(|| "-".to_owned())
    };
    mock.requests().iter().map(version).collect()
}

fn bodies(mock: &Mock) -> Vec<String> {
    mock.requests().iter().map(|request| request.split_once("\r\n\r\n").unwrap().1.to_owned()).collect()
}

/// Creates a world with this version setting, and the warnings of its run.
fn world(mock: &Mock, setting: &str) -> (World, Arc<Mutex<Vec<String>>>) {
    let mut world = World::new(&mock.base);
    let notes = Arc::<Mutex<Vec<String>>>::default();
    let recorded = Arc::clone(&notes);
    let reporter = Reporter::new(move |note| {
        if let Note::ApiVersionChanged(change) = note {
            recorded.lock().unwrap().push(change.to_string());
        }
    });
    setting.clone_into(&mut world.ctx.settings.linkedin.api_version);
    let (store, clock) = (world.ctx.store.clone(), world.ctx.clock.clone());
    let opened = api_version::open(&world.ctx.settings, &store, clock.clone()).unwrap();
    world.ctx.api_version = api_version::reported(opened, &store, clock, reporter);
    (world, notes)
}

async fn get(world: &World, path: &str, headers: &[(&str, &str)]) -> u16 {
    let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let request = Call::new("GET", path, &headers, None).unwrap();
    call(&world.ctx, &name(), &request).await.unwrap().status
}

fn text(text: &str) -> Draft {
    Draft { text: text.to_owned(), ..Draft::default() }
}

async fn post(world: &World, draft: Draft) -> Result<Option<String>, Error> {
    publish(&world.ctx, &name(), draft, Arc::new(|_| {})).await.map(|published| published.urn)
}

fn created() -> Answer {
    with(201, "x-restli-id: urn:li:share:7\r\n", b"")
}

#[tokio::test]
async fn a_426_is_followed_by_one_request_more() {
    let mock = Mock::new();
    mock.then(answer(426, &inactive("202609"))).then(created());
    let (world, notes) = world(&mock, "auto");
    assert_eq!(post(&world, text("Hello :-)")).await.unwrap().as_deref(), Some("urn:li:share:7"));
    assert_eq!(sent(&mock), ["202609", "202608"]);
    let bodies = bodies(&mock);
    assert!(!bodies[0].is_empty() && bodies[0] == bodies[1], "the same body, byte for byte");
    assert_eq!(*notes.lock().unwrap(), ["LinkedIn does not serve API version 202609; 202608 is used from now on."]);

    // The next request, and the next run, use the version that worked.
    mock.then(answer(200, &json!({})));
    assert_eq!(get(&world, "/rest/posts/x", &[]).await, 200);
    assert_eq!(sent(&mock)[2..], ["202608"]);
    let remembered = world.ctx.store.working_version().unwrap();
    assert_eq!(remembered, Some(version("202608")));
    assert_eq!(VersionInUse::new(Setting::Auto, remembered, world.ctx.clock.clone()).current(), version("202608"));
    let state = std::fs::read_to_string(world.ctx.store.profile_path(&name()).parent().unwrap().join("../state.toml"));
    assert!(
        state.unwrap().contains(&format!("since = \"{start}\"", start = start_time().strftime("%Y-%m-%dT%H:%M:%SZ")))
    );
    assert_eq!(notes.lock().unwrap().len(), 1, "reported once");
}

#[tokio::test]
async fn a_second_426_is_reported_and_not_retried() {
    let mock = Mock::new();
    mock.then(answer(426, &inactive("202609"))).then(answer(426, &inactive("202608"))).then(created());
    let (world, notes) = world(&mock, "auto");
    let error = post(&world, text("Hello")).await.unwrap_err();
    assert_eq!(error.code, Code::Refused);
    assert!(error.hint.contains("linkedin.api_version") && error.hint.contains("202601 to 202609"), "{}", error.hint);
    assert_eq!(sent(&mock), ["202609", "202608"]);
    assert_eq!(world.ctx.store.working_version().unwrap(), None, "what did not work is not remembered");
    assert!(notes.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_fixed_version_makes_one_request() {
    for fixed in ["202601", "202401", "202512", "202510.03"] {
        let mock = Mock::new();
        mock.then(answer(426, &inactive(fixed))).then(created());
        let (world, notes) = world(&mock, fixed);
        let error = post(&world, text("Hello")).await.unwrap_err();
        assert!(!error.hint.contains("202512"), "names only what is active: {}", error.hint);
        assert_eq!(sent(&mock), [fixed]);
        assert!(notes.lock().unwrap().is_empty() && world.ctx.store.working_version().unwrap().is_none());
    }
}

#[tokio::test]
async fn the_refusal_is_known_at_any_status() {
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
        let mock = Mock::new();
        mock.then(answer(status, &body)).then(answer(200, &json!({})));
        let (world, _) = world(&mock, "auto");
        let answered = get(&world, "/rest/posts/x", &[]).await;
        assert_eq!(sent(&mock).len(), requests, "{status} {body}");
        assert_eq!(answered, if requests == 2 { 200 } else { status });
    }
}

#[tokio::test]
async fn a_server_error_proves_no_version() {
    let mock = Mock::new();
    mock.then(answer(426, &inactive("202609"))).then(answer(500, &json!({})));
    let (world, notes) = world(&mock, "auto");
    assert_eq!(get(&world, "/rest/posts/x", &[]).await, 500);
    assert!(notes.lock().unwrap().is_empty() && world.ctx.store.working_version().unwrap().is_none());
}

#[tokio::test]
async fn an_explicit_version_header_is_left_alone() {
    for (given, sends) in [("202312", "202312"), ("202510.03", "202510.03"), ("202609", "202609")] {
        let mock = Mock::new();
        mock.then(answer(426, &inactive(given))).then(answer(200, &json!({})));
        let (world, _) = world(&mock, "auto");
        assert_eq!(get(&world, "/rest/memberSnapshotData?q=criteria", &[("linkedin-version", given)]).await, 426);
        assert_eq!(sent(&mock), [sends]);
    }
}

#[tokio::test]
async fn apis_with_releases_of_their_own_are_left_alone() {
    for (path, version) in [
        ("/rest/memberSnapshotData?q=criteria&domain=MEMBER_SHARE_INFO", "202312"),
        ("/rest/memberChangeLogs?q=memberAndApplication", "202312"),
        ("/rest/identityMe", "202510.03"),
    ] {
        let mock = Mock::new();
        mock.then(answer(426, &inactive(version))).then(answer(200, &json!({})));
        let (world, _) = world(&mock, "auto");
        assert_eq!(get(&world, path, &[]).await, 426);
        assert_eq!(sent(&mock), [version], "{path}");
    }
}

#[tokio::test]
async fn only_rest_paths_carry_a_version() {
    let mock = Mock::new();
    for _ in 0..3 {
        mock.then(answer(426, &json!({})));
    }
    let (world, _) = world(&mock, "auto");
    for path in ["/v2/userinfo", "/v2/me", "/restaurant"] {
        assert_eq!(get(&world, path, &[]).await, 426, "nothing of ours to change");
    }
    assert_eq!(sent(&mock), ["-", "-", "-"]);
}

#[tokio::test]
async fn an_upload_and_its_post_carry_one_version() {
    let mock = Mock::new();
    let upload = format!("{}/upload", mock.base);
    let slot = json!({ "value": { "uploadUrl": upload, "image": "urn:li:image:1" } });
    mock.then(answer(426, &inactive("202609"))).then(answer(200, &slot)).then(with(201, "", b"")).then(created());
    let (world, notes) = world(&mock, "auto");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dot.png");
    std::fs::write(&path, Bytes::from_static(DOT)).unwrap();
    let draft = Draft { images: vec![Picture { path, alt: None }], ..text("a dot") };
    post(&world, draft).await.unwrap();
    assert_eq!(sent(&mock), ["202609", "202608", "-", "202608"]);
    assert_eq!(notes.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_sunset_version_is_dropped() {
    let mock = Mock::new();
    let (world, _) = world(&mock, "auto");
    world.ctx.store.set_working_version(version("202511"), start_time()).unwrap();
    let opened = api_version::open(&Settings::default(), &world.ctx.store, world.ctx.clock.clone()).unwrap();
    assert_eq!(opened.current(), version("202609"));
}
