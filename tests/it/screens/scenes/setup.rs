//! The screens of the setup, the sign-in and its deliveries.

use super::*;
use crossterm::event::KeyCode;
use jiff::SignedDuration;
use linkedin_tui::internal::flows::sign_in::{CredentialsCheck, Event, SignInOutcome};
use linkedin_tui::internal::host::Ssh;
use linkedin_tui::internal::linkedin::RedirectUrl;
use linkedin_tui::internal::store::{CommandExit, Delivery, DeliveryResult, Input};
use linkedin_tui::internal::tui::message::Message;
use linkedin_tui::internal::tui::state::UiConfig;

/// Returns the first screen with an empty config directory.
pub(crate) fn guide() -> Scene {
    Scene::new().send(Message::StoreReloaded(Box::default()))
}

pub(crate) fn credentials() -> Scene {
    guide().enter()
}

pub(crate) fn scopes() -> Scene {
    credentials().enter()
}

/// Returns the screen with the usual scopes and one more selected, which was found by its ID.
pub(crate) fn scopes_with(id: &str) -> Scene {
    scopes().keys("/").keys(id).keys(" ").enter()
}

/// Returns a sandbox without profiles.
pub(crate) fn welcome() -> Scene {
    let Scene { state, .. } = Scene::new();
    let config = UiConfig { program_command: "linkedin-tui --sandbox", ..sandbox(state.config) };
    Scene::with(config).send(Message::StoreReloaded(Box::default()))
}

fn sandbox(config: UiConfig) -> UiConfig {
    UiConfig {
        badge: Some("SANDBOX".to_owned()),
        sandbox_members: [("ada", "Ada Lovelace"), ("bruce", "李小龙"), ("grace", "Grace Hopper")]
            .map(|(key, member_name)| (key.to_owned(), member_name.to_owned()))
            .to_vec(),
        prefill: Prefill { source: Some("the sandbox"), ..config.prefill },
        ..config
    }
}

/// Returns the review of a sign-in to the sandbox.
pub(crate) fn review_in_sandbox() -> Scene {
    let url = RedirectUrl::DEFAULT.to_owned();
    welcome().enter().send(Message::PortProbed { url, result: Ok(()) })
}

/// Returns a sign-in to the sandbox that waits for the callback.
pub(crate) fn progress_in_sandbox() -> Scene {
    wait_for_callback(review_in_sandbox().enter()).advance(3)
}

pub(crate) fn redirect() -> Scene {
    let scene = scopes().enter();
    let url = RedirectUrl::DEFAULT.to_owned();
    scene.send(Message::PortProbed { url, result: Ok(()) })
}

pub(crate) fn review() -> Scene {
    redirect().enter()
}

pub(crate) fn wait_for_callback(scene: Scene) -> Scene {
    let url = "https://www.linkedin.com/oauth/v2/authorization?response_type=code&client_id=86abcdefghijkl\
               &redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback&state=c2NlbmVfc3RhdGU\
               &scope=openid%20profile%20email%20w_member_social";
    scene
        .event(Event::CredentialsChecked(CredentialsCheck::Accepted))
        .event(Event::Listening {
            redirect_url: RedirectUrl::DEFAULT.to_owned(),
            has_ipv4: true,
            has_ipv6: true,
            authorization_url: url.parse().unwrap(),
            short_link: "http://localhost:3000/go/Zk3pX9aQ1bTe".to_owned(),
        })
        .event(Event::BrowserOpened { command: "firefox".to_owned() })
        .event(Event::Waiting { since: now(), until: now() + SignedDuration::from_secs(300) })
}

pub(crate) fn progress() -> Scene {
    wait_for_callback(review().enter()).advance(14)
}

pub(crate) fn outcome() -> SignInOutcome {
    SignInOutcome {
        profile: profile("default", "Ada Lovelace", 60),
        missing_scopes: Vec::new(),
        revoked_profiles: Vec::new(),
        saved_in: "/home/ada/.config/linkedin-tui/profiles/default.toml".to_owned(),
    }
}

pub(crate) fn done() -> Scene {
    finish(outcome())
}

fn finish(outcome: SignInOutcome) -> Scene {
    progress().event(Event::CallbackAccepted).event(Event::Exchanging).finish_sign_in(Ok(outcome))
}

/// Returns the screen after LinkedIn granted fewer scopes than were requested.
pub(crate) fn done_without(scope: &str) -> Scene {
    let mut outcome = outcome();
    outcome.profile.token.as_mut().unwrap().scopes.retain(|granted| granted != scope);
    finish(SignInOutcome { missing_scopes: vec![scope.to_owned()], ..outcome })
}

/// Returns the screen after a sign-in with scopes that do not identify the member.
pub(crate) fn done_without_member() -> Scene {
    let mut outcome = outcome();
    outcome.profile.member = None;
    outcome.profile.token.as_mut().unwrap().scopes = vec!["w_organization_social".to_owned()];
    finish(outcome)
}

/// Returns deliveries with these names.
pub(crate) fn deliveries(names: &[&str]) -> Vec<Delivery> {
    let delivery = |of: &&str| {
        let command = vec!["store".to_owned(), (*of).to_owned()];
        Delivery { name: (*of).to_owned(), command, input: Input::Token, last_result: None }
    };
    names.iter().map(delivery).collect()
}

/// Returns the screen after signing in to a profile with these deliveries, none of them started.
pub(crate) fn signed_in_with_deliveries(deliveries: &[&str]) -> Scene {
    let mut outcome = outcome();
    outcome.profile.deliveries = self::deliveries(deliveries);
    progress().event(Event::CallbackAccepted).event(Event::Exchanging).finish_sign_in(Ok(outcome))
}

pub(crate) fn start_delivery(scene: Scene, of: &str, test: bool) -> Scene {
    let (profile, delivery) = (name("default"), of.to_owned());
    scene.send(Message::DeliveryProgressed(linkedin_tui::internal::session::DeliveryEvent::Started {
        profile,
        delivery,
        is_test: test,
    }))
}

pub(crate) fn delivering(scene: Scene, of: &str) -> Scene {
    start_delivery(scene, of, false)
}

pub(crate) fn finish_delivery(scene: Scene, of: &str, exit: CommandExit, line: &str, is_test_token: bool) -> Scene {
    let result = DeliveryResult { at: now(), exit, last_line: line.to_owned(), is_test_token };
    let event = linkedin_tui::internal::session::DeliveryEvent::Finished {
        profile: name("default"),
        delivery: of.to_owned(),
        result,
    };
    scene.send(Message::DeliveryProgressed(event))
}

pub(crate) fn delivered(scene: Scene, of: &str, exit: CommandExit, line: &str) -> Scene {
    finish_delivery(delivering(scene, of), of, exit, line, false)
}

/// Returns the scene after a test token was delivered.
pub(crate) fn tested(scene: Scene, of: &str, exit: CommandExit) -> Scene {
    finish_delivery(start_delivery(scene, of, true), of, exit, "", true)
}

pub(crate) fn done_delivering() -> Scene {
    let scene = signed_in_with_deliveries(&["site secret", "vault", "pass", "cluster"]);
    let scene = delivered(scene, "site secret", CommandExit::Code(0), "Set Actions secret for me/site");
    let scene = delivered(scene, "vault", CommandExit::Code(2), "Error: permission denied");
    delivering(scene, "pass")
}

pub(crate) fn progress_over_ssh() -> Scene {
    let Scene { state, .. } = Scene::new();
    let config = UiConfig {
        ssh: Some(Ssh { destination: "ada@build.example.com".to_owned(), port: None }),
        browser: Some(Err("there is no display".to_owned())),
        has_display: false,
        ..sandbox(state.config)
    };
    let scene = Scene::with(config).send(Message::StoreReloaded(Box::default()));
    let scene = scene.enter().enter();
    wait_for_callback(scene)
        .event(Event::BrowserNotOpened(Error::new(Code::Unexpected, "There is no display.", "")))
        .advance(9)
}

/// Returns a sign-in on a machine without a display, without an SSH connection.
pub(crate) fn progress_headless() -> Scene {
    let Scene { state, .. } = Scene::new();
    let config = UiConfig {
        browser: Some(Err("This is a container without a display.".to_owned())),
        has_display: false,
        ..state.config
    };
    let scene = Scene::with(config).send(Message::StoreReloaded(Box::default()));
    let url = RedirectUrl::DEFAULT.to_owned();
    let review = scene.enter().enter().enter().enter().send(Message::PortProbed { url, result: Ok(()) });
    wait_for_callback(review.enter())
        .event(Event::BrowserNotOpened(Error::new(Code::Unexpected, "This is a container without a display.", "")))
        .advance(9)
}

/// Returns the guide with all steps done.
pub(crate) fn done_guide() -> Scene {
    let scene = guide().keys("      ");
    scene.press(KeyCode::Home)
}
