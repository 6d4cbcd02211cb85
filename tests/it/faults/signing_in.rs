//! The exchange of a code: sent once whatever happens, and cancelled without a trace.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use jiff::Timestamp;
use linkedin_tui::clock::FixedClock;
use linkedin_tui::config::Settings;
use linkedin_tui::flows::sign_in::{Event, MemberMismatch, Outcome, Request, sign_in};
use linkedin_tui::host::{Browser, BrowserExit, Started};
use linkedin_tui::linkedin::http::{Http, Network};
use linkedin_tui::linkedin::versions::Setting;
use linkedin_tui::linkedin::{Endpoints, Flow, RedirectUrl, VersionInUse};
use linkedin_tui::sandbox::{CLIENT_ID, CLIENT_SECRET, Options, Sandbox, Scenario};
use linkedin_tui::secret::Secret;
use linkedin_tui::session::Context;
use linkedin_tui::session::DeliveryMonitor;
use linkedin_tui::store::{App, Store};
use linkedin_tui::{Code, Error};
use serde_json::{Value, json};
use url::Url;

use crate::faults::mock::{Mock, json as answer_json};
use crate::faults::world::{World, app, limits, name};
use crate::support::process::is_alone;

fn client() -> reqwest::Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// A member who approves whatever is opened.
struct Member(Arc<Sandbox>);

impl Browser for Member {
    fn start(&self, _: Option<&str>, url: &Url) -> Result<Started, String> {
        let (sandbox, url) = (Arc::clone(&self.0), url.clone());
        let watch = tokio::spawn(async move {
            if let Ok(callback) = sandbox.approve(&url, "ada").await {
                drop(client().get(callback).send().await);
            }
            BrowserExit::Opened
        });
        Ok(Started { command: "a member".to_owned(), watch })
    }
}

async fn sandbox(scenario: Scenario) -> Arc<Sandbox> {
    let clock = Arc::new(FixedClock::new(Timestamp::from_second(1_795_000_000).unwrap()));
    Arc::new(Sandbox::start(Options { port: None, folder: None, scenario: Some(scenario), clock }).await.unwrap())
}

fn context(folder: &std::path::Path, sandbox: &Arc<Sandbox>) -> Context {
    let base = sandbox.base().as_str();
    let clock = Arc::new(FixedClock::new(Timestamp::from_second(1_795_000_000).unwrap()));
    Context {
        store: Store::open(folder).unwrap(),
        settings: Settings::default(),
        endpoints: Endpoints::new(base, base).unwrap(),
        http: Http::with_timeouts(Network::default(), limits()),
        clock: clock.clone(),
        api_version: VersionInUse::new(Setting::Auto, None, clock),
        browser: Arc::new(Member(Arc::clone(sandbox))),
        deliveries: DeliveryMonitor::default(),
    }
}

pub(crate) fn request(app: App) -> Request {
    Request {
        app,
        profile: name(),
        scopes: ["openid", "profile"].map(str::to_owned).to_vec(),
        browser: None,
        no_browser: false,
        timeout_seconds: 20,
        show_token: false,
        on_member_mismatch: Some(MemberMismatch::Discard),
    }
}

pub(crate) fn ready() -> App {
    let redirect = format!("http://localhost:{}/callback", crate::support::ports::free_port());
    App {
        client_id: CLIENT_ID.to_owned(),
        client_secret: Some(Secret::new(CLIENT_SECRET)),
        redirect_url: RedirectUrl::parse(&redirect).unwrap(),
        ..app(Flow::Standard)
    }
}

pub(crate) async fn signed_in(ctx: &Context, request: Request, told: &Mutex<Vec<Event>>) -> Result<Outcome, Error> {
    let (_commands, heard) = tokio::sync::mpsc::unbounded_channel();
    let tell = |event: Event| told.lock().unwrap().push(event);
    sign_in(ctx, request, &tell, heard).await
}

async fn control(sandbox: &Sandbox, verb: &str, order: Value) {
    let url = sandbox.base().join(&format!("/sandbox/{verb}")).unwrap();
    let request = client().post(url).header("content-type", "application/json").body(order.to_string());
    assert!(request.send().await.unwrap().status().is_success(), "{verb}");
}

#[tokio::test]
async fn t26_a_sign_in_cancelled_at_any_point_leaves_all_or_nothing_and_a_free_port() {
    if !is_alone("faults::signing_in::t26_a_sign_in_cancelled_at_any_point_leaves_all_or_nothing_and_a_free_port") {
        return;
    }
    let sandbox = sandbox(Scenario::Normal).await;
    let mut ended = false;
    for polls in (0..400).step_by(3) {
        let folder = tempfile::tempdir().unwrap();
        let ctx = context(folder.path(), &sandbox);
        let app = ready();
        let port = app.redirect_url.port();
        let told = Mutex::default();
        {
            let mut flow = pin!(signed_in(&ctx, request(app), &told));
            let mut left = polls;
            // Polled so many times, then dropped, as Esc does.
            ended = std::future::poll_fn(|cx| match flow.as_mut().poll(cx) {
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
        if ended {
            break;
        }
    }
    assert!(ended, "the last one ran to its end");
}

#[tokio::test]
async fn t03_a_code_whose_answer_is_lost_is_not_sent_again() {
    // Introspection answers, the token endpoint reads the code and hangs up.
    let mock = Mock::new();
    let world = World::new(&mock.base);
    let before = world.file();
    mock.then(answer_json(200, &json!({"active": false})));
    let told = Mutex::default();
    let (commands, heard) = tokio::sync::mpsc::unbounded_channel();
    let tell = |event: Event| {
        if let Event::Listening { authorization_url, redirect_url, .. } = &event {
            let state = authorization_url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
            let pasted = format!("{redirect_url}?code=AQcode&state={state}");
            commands.send(linkedin_tui::flows::sign_in::Command::Paste(pasted)).unwrap();
        }
        let told: &Mutex<Vec<Event>> = &told;
        told.lock().unwrap().push(event);
    };
    let request = Request { no_browser: true, ..request(App { client_id: "86abcdefghijkl".into(), ..ready() }) };
    let error = sign_in(&world.ctx, request, &tell, heard).await.unwrap_err();
    assert_eq!(error.code, Code::Network, "{error}");
    assert_eq!(mock.count("POST /oauth/v2/accessToken"), 1);
    assert_eq!(world.file(), before);
}

#[tokio::test]
async fn a_native_pkce_app_signs_in_on_a_free_port_with_a_verifier_and_no_secret() {
    let sandbox = sandbox(Scenario::RefreshTokens).await;
    let order = json!({"client_id": "86native0pkce1", "native_pkce": true, "scopes": ["openid", "profile"]});
    control(&sandbox, "app", order).await;
    let folder = tempfile::tempdir().unwrap();
    let ctx = context(folder.path(), &sandbox);
    let native = App { client_id: "86native0pkce1".into(), ..app(Flow::NativePkce) };
    let mut ports = Vec::new();
    for _ in 0..2 {
        let told = Mutex::default();
        let outcome = signed_in(&ctx, request(native.clone()), &told).await.unwrap();
        assert_eq!(outcome.profile.member.unwrap().name.as_deref(), Some("Ada Lovelace"));
        let told = told.into_inner().unwrap();
        let Some(Event::Listening { redirect_url, authorization_url, .. }) =
            told.iter().find(|event| matches!(event, Event::Listening { .. }))
        else {
            panic!("{told:?}")
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
    let fresh = linkedin_tui::flows::refresh::refresh(&ctx, &name()).await.unwrap().token.unwrap();
    assert!(fresh.access != before.access && fresh.refresh.unwrap().token == before.refresh.unwrap().token);
    let checked = linkedin_tui::flows::check::check(&ctx, &name()).await.unwrap();
    assert_eq!(ctx.status(&checked.profile).as_str(), "active");
}

#[tokio::test]
async fn t27_fewer_scopes_than_before_mark_the_siblings_too() {
    let sandbox = sandbox(Scenario::Normal).await;
    let folder = tempfile::tempdir().unwrap();
    let ctx = context(folder.path(), &sandbox);
    let told = Mutex::default();
    signed_in(&ctx, request(ready()), &told).await.unwrap();
    control(&sandbox, "scenario", json!({"name": "fewer-scopes"})).await;
    let other = linkedin_tui::store::Name::parse("other").unwrap();
    let outcome = signed_in(&ctx, Request { profile: other, ..request(ready()) }, &told).await.unwrap();
    assert_eq!(outcome.missing.len(), 1, "asked for as many, granted fewer");
    assert_eq!(outcome.siblings, [name()]);
    assert_eq!(ctx.status(&ctx.store.profile(&name()).unwrap()).as_str(), "unknown");
}

/// A re-authorization of a profile whose member is known, at a LinkedIn that answers the code with `issued` and userinfo never;
/// gives how it ended, and the profiles that are there then.
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
    let (commands, heard) = tokio::sync::mpsc::unbounded_channel();
    let tell = |event: Event| {
        if let Event::Listening { authorization_url, redirect_url, .. } = &event {
            let state = authorization_url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
            let pasted = format!("{redirect_url}?code=AQcode&state={state}");
            commands.send(linkedin_tui::flows::sign_in::Command::Paste(pasted)).unwrap();
        }
    };
    let app = App { client_id: "86abcdefghijkl".into(), ..ready() };
    let request = Request { no_browser: true, on_member_mismatch: Some(on_member_mismatch), ..request(app) };
    let ended = sign_in(&world.ctx, request, &tell, heard).await;
    (ended, world)
}

/// An `id_token` that names a member, as LinkedIn's token answer has it.
fn id_token(subject: &str) -> String {
    use base64::Engine as _;
    let part = |value: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2ln", part(&json!({"alg": "RS256"})), part(&json!({"sub": subject})))
}

#[tokio::test]
async fn t21_id_token_of_a_different_member_never_replaces() {
    let issued = |subject: &str| json!({"access_token": crate::faults::world::NEW, "expires_in": 5_184_000, "scope": "openid,profile", "id_token": id_token(subject)});
    let (ended, world) = re_authorized(issued("another0id"), MemberMismatch::Discard).await;
    assert_eq!(ended.unwrap_err().code, Code::DifferentMember);
    assert_eq!(crate::faults::world::access(&world.stored()), crate::faults::world::OLD);
    let (ended, world) = re_authorized(issued("kfW51gr4Ja"), MemberMismatch::Discard).await;
    assert_eq!(ended.unwrap().profile.name, name(), "the profile's own member");
    assert_eq!(crate::faults::world::access(&world.stored()), crate::faults::world::NEW);
}

#[tokio::test]
async fn t21_a_token_of_nobody_known_is_kept_beside_a_known_members_profile() {
    for scope in ["w_member_social", "openid,profile"] {
        let issued = || json!({"access_token": crate::faults::world::NEW, "expires_in": 5_184_000, "scope": scope});
        let (ended, world) = re_authorized(issued(), MemberMismatch::Discard).await;
        let outcome = ended.unwrap();
        assert_eq!((outcome.profile.name.as_str(), outcome.profile.member), ("work-unverified", None), "{scope}");
        assert_eq!(crate::faults::world::access(&world.stored()), crate::faults::world::OLD, "{scope}");
        assert_eq!(world.stored().member.unwrap().id, "kfW51gr4Ja", "{scope}");
        // Asked for in so many words, it is replaced, and the profile names nobody any more.
        let (ended, world) = re_authorized(issued(), MemberMismatch::Replace).await;
        assert_eq!(ended.unwrap().profile.name, name());
        assert_eq!(
            (crate::faults::world::access(&world.stored()), world.stored().member),
            (crate::faults::world::NEW, None),
            "{scope}"
        );
    }
}

#[tokio::test]
async fn l23_a_port_that_leads_elsewhere_ends_the_sign_in_before_the_browser() {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    mock.then(answer_json(200, &json!({"active": false})));
    let app = App { client_id: "86abcdefghijkl".into(), ..ready() };
    let port = app.redirect_url.port();
    // Another program on ::1 alone, where the name localhost leads as well.
    let Ok(_squatter) = std::net::TcpListener::bind(("::1", port)) else { return };
    let told = Mutex::default();
    let error = signed_in(&world.ctx, request(app), &told).await.unwrap_err();
    assert_eq!(error.code, Code::PortInUse, "{error}");
    let told = told.into_inner().unwrap();
    assert!(
        !told.iter().any(|event| matches!(event, Event::Listening { .. } | Event::BrowserOpened { .. })),
        "{told:?}"
    );
}
