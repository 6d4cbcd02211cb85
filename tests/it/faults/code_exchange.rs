//! The exchange of the authorization code: sent at most once, and a canceled exchange changes nothing.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use linkedin_tui::internal::flows::sign_in::{DifferentMemberChoice, Event, Request, SignInOutcome};
use linkedin_tui::internal::linkedin::Flow;
use linkedin_tui::internal::linkedin::http::{Http, Network};
use linkedin_tui::internal::sandbox::{Sandbox, Scenario};
use linkedin_tui::internal::session::Context;
use linkedin_tui::internal::store::App;
use linkedin_tui::{Code, Error};
use serde_json::{Value, json};

use crate::faults::mock::{MockServer, json_response};
use crate::faults::mock_env::{MockEnv, NEW_TOKEN, OLD_TOKEN, app, profile_name, timeouts};
use crate::support::process::runs_in_own_process;
use crate::support::sandbox::{ApprovingMember, control};
use crate::support::sign_in::{default_app, free_redirect_url, request, sign_in_by_paste, sign_in_recording};
use crate::support::{self, access_token, fixed_clock};

fn sandbox_context(directory: &std::path::Path, sandbox: &Arc<Sandbox>) -> Context {
    Context {
        http: Http::with_timeouts(Network::default(), timeouts()),
        browser: ApprovingMember::new(sandbox),
        ..support::context(directory, sandbox.base().as_str(), fixed_clock())
    }
}

async fn start_sandbox(scenario: Scenario) -> Arc<Sandbox> {
    Arc::new(support::sandbox::start(Some(scenario), fixed_clock()).await)
}

/// Returns the stored profile's app, with a redirect URL on a free port.
fn app_on_free_port() -> App {
    App { redirect_url: free_redirect_url(), ..app(Flow::Standard) }
}

#[tokio::test]
async fn t26_canceling_saves_all_or_nothing_and_frees_the_port() {
    if !runs_in_own_process("faults::code_exchange::t26_canceling_saves_all_or_nothing_and_frees_the_port") {
        return;
    }
    let sandbox = start_sandbox(Scenario::Normal).await;
    let mut is_finished = false;
    for polls in (0..400).step_by(3) {
        let directory = tempfile::tempdir().unwrap();
        let ctx = sandbox_context(directory.path(), &sandbox);
        let app = default_app();
        let port = app.redirect_url.port();
        let events = Mutex::default();
        {
            let mut flow = pin!(sign_in_recording(&ctx, request(app), &events));
            let mut remaining = polls;
            // Polls the flow `polls` times, then drops it, as Esc does.
            is_finished = std::future::poll_fn(|cx| match flow.as_mut().poll(cx) {
                Poll::Ready(_) => Poll::Ready(true),
                Poll::Pending if remaining == 0 => Poll::Ready(false),
                Poll::Pending => {
                    remaining -= 1;
                    Poll::Pending
                }
            })
            .await;
        }
        let bound = std::net::TcpListener::bind(("127.0.0.1", port));
        assert!(bound.is_ok(), "the port is free after {polls} polls");
        match ctx.store.profile(&profile_name()) {
            Ok(profile) => {
                assert!(profile.token.is_some_and(|token| token.expires_at.is_some()), "a saved token is complete");
            }
            Err(error) => assert_eq!(error.code, Code::NoSuchProfile, "{error}"),
        }
        if is_finished {
            break;
        }
    }
    assert!(is_finished, "the last sign-in finished");
}

#[tokio::test]
async fn t03_a_code_whose_response_is_lost_is_not_resent() {
    // Introspection responds; the token endpoint reads the code and closes the connection.
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    let before = env.file_text();
    mock.enqueue(json_response(200, &json!({"active": false})));
    let (result, _) = sign_in_by_paste(&env.ctx, request(app_on_free_port())).await;
    let error = result.unwrap_err();
    assert_eq!(error.code, Code::Network, "{error}");
    assert_eq!(mock.count_requests("POST /oauth/v2/accessToken"), 1);
    assert_eq!(env.file_text(), before);
}

#[tokio::test]
async fn native_pkce_signs_in_on_any_port_without_a_secret() {
    let sandbox = start_sandbox(Scenario::RefreshTokens).await;
    let settings = json!({"client_id": "86native0pkce1", "native_pkce": true, "scopes": ["openid", "profile"]});
    control(&sandbox, "app", &settings).await;
    let directory = tempfile::tempdir().unwrap();
    let ctx = sandbox_context(directory.path(), &sandbox);
    let native = App { client_id: "86native0pkce1".into(), ..app(Flow::NativePkce) };
    let mut ports = Vec::new();
    for _ in 0..2 {
        let events = Mutex::default();
        let outcome = sign_in_recording(&ctx, request(native.clone()), &events).await.unwrap();
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
    assert_eq!(stored, native, "the saved app still uses any free port: {ports:?}");
    let before = ctx.store.profile(&profile_name()).unwrap().token.unwrap();
    let fresh = linkedin_tui::internal::flows::refresh::refresh(&ctx, &profile_name()).await.unwrap().token.unwrap();
    assert!(fresh.access != before.access && fresh.refresh.unwrap().token == before.refresh.unwrap().token);
    let checked = linkedin_tui::internal::flows::check::check(&ctx, &profile_name()).await.unwrap();
    assert_eq!(ctx.status(&checked.profile).as_str(), "active");
}

#[tokio::test]
async fn t27_fewer_granted_scopes_mark_the_siblings() {
    let sandbox = start_sandbox(Scenario::Normal).await;
    let directory = tempfile::tempdir().unwrap();
    let ctx = sandbox_context(directory.path(), &sandbox);
    let events = Mutex::default();
    sign_in_recording(&ctx, request(default_app()), &events).await.unwrap();
    control(&sandbox, "scenario", &json!({"name": "fewer-scopes"})).await;
    let second = support::name("second");
    let outcome =
        sign_in_recording(&ctx, Request { profile: second, ..request(default_app()) }, &events).await.unwrap();
    assert_eq!(outcome.missing_scopes.len(), 1, "fewer scopes granted than requested");
    assert_eq!(outcome.revoked_profiles, [profile_name()]);
    assert_eq!(ctx.status(&ctx.store.profile(&profile_name()).unwrap()).as_str(), "unknown");
}

/// Re-authorizes a profile with a known member; the code is exchanged for `issued`, and userinfo is denied.
/// Returns the result, and the environment with its profiles.
async fn reauthorize_with_token(
    issued: Value,
    on_different_member: DifferentMemberChoice,
) -> (Result<SignInOutcome, Error>, MockEnv) {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    mock.enqueue(json_response(200, &json!({"active": false}))).enqueue(json_response(200, &issued));
    for _ in 0..40 {
        mock.enqueue(json_response(
            403,
            &json!({"status": 403, "code": "ACCESS_DENIED", "message": "Not enough permissions"}),
        ));
    }
    let request = Request { on_different_member: Some(on_different_member), ..request(app_on_free_port()) };
    let (result, _) = sign_in_by_paste(&env.ctx, request).await;
    (result, env)
}

/// Returns an `id_token` of a member, as in LinkedIn's token response.
fn id_token(subject: &str) -> String {
    use base64::Engine as _;
    let part = |value: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2ln", part(&json!({"alg": "RS256"})), part(&json!({"sub": subject})))
}

#[tokio::test]
async fn t21_id_token_of_a_different_member_replaces_nothing() {
    let issued = |subject: &str| json!({"access_token": NEW_TOKEN, "expires_in": 5_184_000, "scope": "openid,profile", "id_token": id_token(subject)});
    let (result, env) = reauthorize_with_token(issued("different0id"), DifferentMemberChoice::Discard).await;
    assert_eq!(result.unwrap_err().code, Code::DifferentMember);
    assert_eq!(access_token(&env.stored_profile()), OLD_TOKEN);
    let (result, env) = reauthorize_with_token(issued("kfW51gr4Ja"), DifferentMemberChoice::Discard).await;
    assert_eq!(result.unwrap().profile.name, profile_name(), "the profile's own member");
    assert_eq!(access_token(&env.stored_profile()), NEW_TOKEN);
}

#[tokio::test]
async fn t21_a_token_of_an_unknown_member_gets_its_own_profile() {
    for scope in ["w_member_social", "openid,profile"] {
        let issued = || json!({"access_token": NEW_TOKEN, "expires_in": 5_184_000, "scope": scope});
        let (result, env) = reauthorize_with_token(issued(), DifferentMemberChoice::Discard).await;
        let outcome = result.unwrap();
        assert_eq!((outcome.profile.name.as_str(), outcome.profile.member), ("work-unverified", None), "{scope}");
        assert_eq!(access_token(&env.stored_profile()), OLD_TOKEN, "{scope}");
        assert_eq!(env.stored_profile().member.unwrap().id, "kfW51gr4Ja", "{scope}");
        // With an explicit `Replace` the token is replaced, and the profile's member is unknown.
        let (result, env) = reauthorize_with_token(issued(), DifferentMemberChoice::Replace).await;
        assert_eq!(result.unwrap().profile.name, profile_name());
        assert_eq!((access_token(&env.stored_profile()), env.stored_profile().member), (NEW_TOKEN, None), "{scope}");
    }
}

#[tokio::test]
async fn l23_a_port_of_a_different_program_opens_no_browser() {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    mock.enqueue(json_response(200, &json!({"active": false})));
    let app = app_on_free_port();
    let port = app.redirect_url.port();
    // A different program listens on ::1 only, to which localhost resolves as well.
    let Ok(_other_listener) = std::net::TcpListener::bind(("::1", port)) else { return };
    let events = Mutex::default();
    let error = sign_in_recording(&env.ctx, request(app), &events).await.unwrap_err();
    assert_eq!(error.code, Code::PortInUse, "{error}");
    let events = events.into_inner().unwrap();
    assert!(
        !events.iter().any(|event| matches!(event, Event::Listening { .. } | Event::BrowserOpened { .. })),
        "{events:?}"
    );
}
