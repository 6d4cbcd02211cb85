//! The exchange of a code: sent at most once, and a cancelled one changes nothing.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use linkedin_tui::internal::flows::sign_in::{Event, MemberMismatch, Outcome, Request};
use linkedin_tui::internal::linkedin::Flow;
use linkedin_tui::internal::linkedin::http::{Http, Network};
use linkedin_tui::internal::sandbox::{Sandbox, Scenario};
use linkedin_tui::internal::session::Context;
use linkedin_tui::internal::store::App;
use linkedin_tui::{Code, Error};
use serde_json::{Value, json};

use crate::faults::mock::{Mock, json as answer_json};
use crate::faults::world::{NEW, OLD, World, app, limits, name};
use crate::support::process::is_alone;
use crate::support::sandbox::{ApprovingMember, control};
use crate::support::sign_in::{free_redirect_url, ready_app, request, sign_in_by_paste, sign_in_noting};
use crate::support::{self, access_token, fixed_clock};

fn context(folder: &std::path::Path, sandbox: &Arc<Sandbox>) -> Context {
    Context {
        http: Http::with_timeouts(Network::default(), limits()),
        browser: ApprovingMember::new(sandbox),
        ..support::context(folder, sandbox.base().as_str(), fixed_clock())
    }
}

async fn sandbox(scenario: Scenario) -> Arc<Sandbox> {
    Arc::new(support::sandbox::start(Some(scenario), fixed_clock()).await)
}

/// Returns the stored profile's app, with a redirect URL on a free port.
fn own_app() -> App {
    App { redirect_url: free_redirect_url(), ..app(Flow::Standard) }
}

#[tokio::test]
async fn t26_cancelling_anywhere_is_all_or_nothing_and_frees_the_port() {
    if !is_alone("faults::signing_in::t26_cancelling_anywhere_is_all_or_nothing_and_frees_the_port") {
        return;
    }
    let sandbox = sandbox(Scenario::Normal).await;
    let mut is_finished = false;
    for polls in (0..400).step_by(3) {
        let folder = tempfile::tempdir().unwrap();
        let ctx = context(folder.path(), &sandbox);
        let app = ready_app();
        let port = app.redirect_url.port();
        let events = Mutex::default();
        {
            let mut flow = pin!(sign_in_noting(&ctx, request(app), &events));
            let mut left = polls;
            // Polled so many times, then dropped, as Esc does.
            is_finished = std::future::poll_fn(|cx| match flow.as_mut().poll(cx) {
                Poll::Ready(_) => Poll::Ready(true),
                Poll::Pending if left == 0 => Poll::Ready(false),
                Poll::Pending => {
                    left -= 1;
                    Poll::Pending
                }
            })
            .await;
        }
        let bound = std::net::TcpListener::bind(("127.0.0.1", port));
        assert!(bound.is_ok(), "the port is free after {polls} polls");
        match ctx.store.profile(&name()) {
            Ok(profile) => assert!(profile.token.is_some_and(|token| token.expires_at.is_some()), "whole"),
            Err(error) => assert_eq!(error.code, Code::NoSuchProfile, "{error}"),
        }
        if is_finished {
            break;
        }
    }
    assert!(is_finished, "the last one ran to its end");
}

#[tokio::test]
async fn t03_a_code_whose_response_is_lost_is_not_resent() {
    // Introspection answers; the token endpoint reads the code and closes the connection.
    let mock = Mock::new();
    let world = World::new(&mock.base);
    let before = world.file();
    mock.then(answer_json(200, &json!({"active": false})));
    let (result, _) = sign_in_by_paste(&world.ctx, request(own_app())).await;
    let error = result.unwrap_err();
    assert_eq!(error.code, Code::Network, "{error}");
    assert_eq!(mock.count("POST /oauth/v2/accessToken"), 1);
    assert_eq!(world.file(), before);
}

#[tokio::test]
async fn native_pkce_signs_in_on_any_port_without_a_secret() {
    let sandbox = sandbox(Scenario::RefreshTokens).await;
    let order = json!({"client_id": "86native0pkce1", "native_pkce": true, "scopes": ["openid", "profile"]});
    control(&sandbox, "app", &order).await;
    let folder = tempfile::tempdir().unwrap();
    let ctx = context(folder.path(), &sandbox);
    let native = App { client_id: "86native0pkce1".into(), ..app(Flow::NativePkce) };
    let mut ports = Vec::new();
    for _ in 0..2 {
        let events = Mutex::default();
        let outcome = sign_in_noting(&ctx, request(native.clone()), &events).await.unwrap();
        assert_eq!(outcome.profile.member.unwrap().name.as_deref(), Some("Ada Lovelace"));
        let events = events.into_inner().unwrap();
        let Some(Event::Listening { redirect_url, authorization_url, .. }) =
            events.iter().find(|event| matches!(event, Event::Listening { .. }))
        else {
            panic!("{events:?}")
        };
        assert!(redirect_url.starts_with("http://127.0.0.1:") && !redirect_url.ends_with(":0"), "{redirect_url}");
        assert_eq!(authorization_url.path(), "/oauth/native-pkce/authorization");
        let query: Vec<String> = authorization_url.query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert!(query.contains(&"code_challenge".to_owned()), "{query:?}");
        ports.push(redirect_url.clone());
    }
    let stored = ctx.store.app(&native.name).unwrap();
    assert_eq!(stored, native, "what is saved still asks for a free port: {ports:?}");
    let before = ctx.store.profile(&name()).unwrap().token.unwrap();
    let fresh = linkedin_tui::internal::flows::refresh::refresh(&ctx, &name()).await.unwrap().token.unwrap();
    assert!(fresh.access != before.access && fresh.refresh.unwrap().token == before.refresh.unwrap().token);
    let checked = linkedin_tui::internal::flows::check::check(&ctx, &name()).await.unwrap();
    assert_eq!(ctx.status(&checked.profile).as_str(), "active");
}

#[tokio::test]
async fn t27_fewer_scopes_than_before_mark_the_siblings_too() {
    let sandbox = sandbox(Scenario::Normal).await;
    let folder = tempfile::tempdir().unwrap();
    let ctx = context(folder.path(), &sandbox);
    let events = Mutex::default();
    sign_in_noting(&ctx, request(ready_app()), &events).await.unwrap();
    control(&sandbox, "scenario", &json!({"name": "fewer-scopes"})).await;
    let other = support::name("other");
    let outcome = sign_in_noting(&ctx, Request { profile: other, ..request(ready_app()) }, &events).await.unwrap();
    assert_eq!(outcome.missing.len(), 1, "fewer scopes granted than requested");
    assert_eq!(outcome.siblings, [name()]);
    assert_eq!(ctx.status(&ctx.store.profile(&name()).unwrap()).as_str(), "unknown");
}

/// Re-authorizes a profile with a known member; the code is exchanged for `issued`, and userinfo is refused.
/// Returns the result, and the world with its profiles.
async fn re_authorized(issued: Value, on_member_mismatch: MemberMismatch) -> (Result<Outcome, Error>, World) {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    mock.then(answer_json(200, &json!({"active": false}))).then(answer_json(200, &issued));
    for _ in 0..40 {
        mock.then(answer_json(
            403,
            &json!({"status": 403, "code": "ACCESS_DENIED", "message": "Not enough permissions"}),
        ));
    }
    let request = Request { on_member_mismatch: Some(on_member_mismatch), ..request(own_app()) };
    let (result, _) = sign_in_by_paste(&world.ctx, request).await;
    (result, world)
}

/// Returns an `id_token` of a member, as in LinkedIn's token response.
fn id_token(subject: &str) -> String {
    use base64::Engine as _;
    let part = |value: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2ln", part(&json!({"alg": "RS256"})), part(&json!({"sub": subject})))
}

#[tokio::test]
async fn t21_id_token_of_a_different_member_never_replaces() {
    let issued = |subject: &str| json!({"access_token": NEW, "expires_in": 5_184_000, "scope": "openid,profile", "id_token": id_token(subject)});
    let (result, world) = re_authorized(issued("another0id"), MemberMismatch::Discard).await;
    assert_eq!(result.unwrap_err().code, Code::DifferentMember);
    assert_eq!(access_token(&world.stored()), OLD);
    let (result, world) = re_authorized(issued("kfW51gr4Ja"), MemberMismatch::Discard).await;
    assert_eq!(result.unwrap().profile.name, name(), "the profile's own member");
    assert_eq!(access_token(&world.stored()), NEW);
}

#[tokio::test]
async fn t21_a_token_of_an_unknown_member_gets_its_own_profile() {
    for scope in ["w_member_social", "openid,profile"] {
        let issued = || json!({"access_token": NEW, "expires_in": 5_184_000, "scope": scope});
        let (result, world) = re_authorized(issued(), MemberMismatch::Discard).await;
        let outcome = result.unwrap();
        assert_eq!((outcome.profile.name.as_str(), outcome.profile.member), ("work-unverified", None), "{scope}");
        assert_eq!(access_token(&world.stored()), OLD, "{scope}");
        assert_eq!(world.stored().member.unwrap().id, "kfW51gr4Ja", "{scope}");
        // With an explicit `Replace` the token is replaced, and the profile's member is unknown.
        let (result, world) = re_authorized(issued(), MemberMismatch::Replace).await;
        assert_eq!(result.unwrap().profile.name, name());
        assert_eq!((access_token(&world.stored()), world.stored().member), (NEW, None), "{scope}");
    }
}

#[tokio::test]
async fn l23_a_port_that_leads_elsewhere_opens_no_browser() {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    mock.then(answer_json(200, &json!({"active": false})));
    let app = own_app();
    let port = app.redirect_url.port();
    // Another program on ::1 only, to which localhost resolves as well.
    let Ok(_squatter) = std::net::TcpListener::bind(("::1", port)) else { return };
    let events = Mutex::default();
    let error = sign_in_noting(&world.ctx, request(app), &events).await.unwrap_err();
    assert_eq!(error.code, Code::PortInUse, "{error}");
    let events = events.into_inner().unwrap();
    assert!(
        !events.iter().any(|event| matches!(event, Event::Listening { .. } | Event::BrowserOpened { .. })),
        "{events:?}"
    );
}
