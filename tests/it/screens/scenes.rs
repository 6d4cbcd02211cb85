//! The screens, each reached by the messages that the program would send.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use linkedin_tui::internal::flows::publish::Published;
use linkedin_tui::internal::flows::sign_in::{Event, Outcome, SecretTrial};
use linkedin_tui::internal::host::Ssh;
use linkedin_tui::internal::linkedin::answers::authorization_error;
use linkedin_tui::internal::linkedin::capabilities::Capability;
use linkedin_tui::internal::linkedin::posts::Visibility;
use linkedin_tui::internal::linkedin::scopes::CATALOGUE;
use linkedin_tui::internal::linkedin::{Flow, RedirectUrl};
use linkedin_tui::internal::secret::Secret;
use linkedin_tui::internal::store::{
    App, Check, CommandExit, Delivery, DeliveryResult, Input, Member, Name, PagePermission, Permission, Permissions,
    Profile, PublishedPost, RefreshToken, Token, Verdict,
};
use linkedin_tui::internal::tui::files::{Files, Row};
use linkedin_tui::internal::tui::message::ComposeData;
use linkedin_tui::internal::tui::message::{Effect, JobItem, Message};
use linkedin_tui::internal::tui::state::{Prefill, Start, State};
use linkedin_tui::internal::tui::theme::Theme;
use linkedin_tui::internal::tui::update::update;
use linkedin_tui::internal::tui::view::view;
use linkedin_tui::{Code, Error};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

/// A token that no screen may show by default.
pub(crate) const TOKEN: &str = "AQcanary0token0that0must0stay0hidden";
/// A client secret that no screen may show by default.
pub(crate) const SECRET: &str = "canary0secret==";
/// Colors and Unicode.
pub(crate) const COLOR_THEME: Theme = Theme { colour: true, ascii: false, light: false, true_colour: false };
/// No colors, ASCII only.
pub(crate) const PLAIN_THEME: Theme = Theme { colour: false, ascii: true, light: false, true_colour: false };

/// The interface in the state after some messages.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) state: State,
    /// The effects of the last message.
    pub(crate) effects: Vec<Effect>,
}

pub(crate) fn now() -> Timestamp {
    "2026-03-01T10:00:00Z".parse().unwrap()
}

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn days_from_now(days: i64) -> Timestamp {
    now() + SignedDuration::from_hours(24 * days) + SignedDuration::from_mins(5)
}

pub(crate) fn app(text: &str) -> App {
    App {
        name: name(text),
        client_id: "86abcdefghijkl".to_owned(),
        client_secret: Some(Secret::new(SECRET)),
        redirect_url: RedirectUrl::parse(RedirectUrl::DEFAULT).unwrap(),
        flow: Flow::Standard,
    }
}

pub(crate) fn member(id: &str, member_name: &str) -> Member {
    Member { id: id.to_owned(), name: Some(member_name.to_owned()), email: Some(format!("{id}@example.com")) }
}

pub(crate) fn profile(of: &str, member_name: &str, days: i64) -> Profile {
    let scopes: Vec<String> = ["openid", "profile", "email", "w_member_social"].map(str::to_owned).to_vec();
    let mut profile = Profile::new(name(of), name("my-app"), scopes.clone());
    profile.member = Some(member(&format!("{of}-1x"), member_name));
    profile.token = Some(Token {
        access: Secret::new(TOKEN),
        scopes,
        issued_at: days_from_now(days - 60),
        expires_at: Some(days_from_now(days)),
        refresh: None,
    });
    profile
}

/// Returns six profiles: one of each status, and one with a damaged file.
fn files() -> Files {
    let mut shop = profile("shop", "Ada Lovelace", 31);
    shop.token.as_mut().unwrap().refresh =
        Some(RefreshToken::new(Secret::new("canary0refresh"), Some(days_from_now(300))));
    let mut revoked_profile = profile("client-b", "Grace Hopper", 20);
    revoked_profile.check = Some(Check { at: days_from_now(-1), verdict: Verdict::Revoked });
    let last =
        |exit, test_token| Some(DeliveryResult { at: days_from_now(-2), ended: exit, line: String::new(), test_token });
    shop.deliveries = deliveries(&["site secret", "vault", "pass", "staging"]);
    shop.deliveries[0].last = last(CommandExit::Code(0), false);
    shop.deliveries[1].last = last(CommandExit::Code(2), false);
    shop.deliveries[3].last = last(CommandExit::Code(0), true);
    let mut empty = profile("old", "Alan Turing", 1);
    empty.token = None;
    let mut profiles: Vec<_> = [
        profile("work", "Ada Lovelace", 52),
        profile("client-a", "李小龙", 5),
        revoked_profile,
        profile("blog", "Zoë 🚀 Quinn", -3),
        shop,
        empty,
    ]
    .map(|profile| Row::new(profile.name.clone(), Ok(profile)))
    .to_vec();
    let damaged =
        Error::new(Code::Files, "profiles/torn.toml cannot be read: line 3, column 9.", "Fix it in an editor.");
    profiles.push(Row::new(name("torn"), Err(damaged)));
    profiles.sort_by(|one, other| one.name.cmp(&other.name));
    Files {
        rows: profiles,
        stale: Vec::new(),
        apps: vec![app("my-app")],
        current: Some(name("work")),
        guide: vec!["app".to_owned()],
    }
}

impl Scene {
    /// Creates the state before any file was read.
    pub(crate) fn new() -> Self {
        let prefill = Prefill {
            client_id: "86abcdefghijkl".to_owned(),
            client_secret: Some(Secret::new(SECRET)),
            redirect_url: None,
            source: Some("LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET"),
        };
        let start = Start {
            badge: None,
            prefill,
            browser: Some(Ok("firefox".to_owned())),
            ssh: None,
            sandbox_members: Vec::new(),
            expiring_days: 7,
            timeout_seconds: 300,
            reveal_seconds: 15,
            clear_clipboard_seconds: 0,
            show_token: false,
            zone: TimeZone::UTC,
            check_on_start: false,
            keymap: linkedin_tui::internal::tui::keymap::Keymap::default(),
            profiles_folder: "/home/ada/.config/linkedin-tui/profiles".into(),
            program: "linkedin-tui",
        };
        Self::with(start)
    }

    pub(crate) fn with(start: Start) -> Self {
        let (state, effects) = State::new(start, now());
        Self { state, effects }
    }

    pub(crate) fn send(mut self, msg: Message) -> Self {
        self.effects = update(&mut self.state, msg);
        self
    }

    pub(crate) fn press(self, code: KeyCode) -> Self {
        self.send(Message::KeyPressed(KeyEvent::new(code, KeyModifiers::NONE)))
    }

    /// Presses each character.
    pub(crate) fn keys(self, text: &str) -> Self {
        text.chars().fold(self, |scene, key| scene.press(KeyCode::Char(key)))
    }

    pub(crate) fn enter(self) -> Self {
        self.press(KeyCode::Enter)
    }

    pub(crate) fn ctrl(self, key: char) -> Self {
        self.send(Message::KeyPressed(KeyEvent::new(KeyCode::Char(key), KeyModifiers::CONTROL)))
    }

    pub(crate) fn advance(self, seconds: i64) -> Self {
        let at = self.state.now + SignedDuration::from_secs(seconds);
        self.send(Message::Tick(at))
    }

    pub(crate) fn event(self, event: Event) -> Self {
        let id = self.state.sign_in().map_or(0, |one| one.id);
        self.send(Message::SignInProgressed { id, event })
    }

    pub(crate) fn finish_sign_in(self, result: Result<Outcome, Error>) -> Self {
        let id = self.state.sign_in().map_or(0, |one| one.id);
        self.send(Message::SignInEnded { id, result: Box::new(result) })
    }

    /// Draws the screen at a size.
    pub(crate) fn draw(&self, columns: u16, rows: u16, theme: Theme) -> Buffer {
        let mut state = self.state.clone();
        update(&mut state, Message::Resized(columns, rows));
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal
            .draw(|frame| {
                view(&state, theme, frame);
            })
            .unwrap();
        terminal.backend().buffer().clone()
    }
}

/// Returns the text of the cells without trailing spaces.
pub(crate) fn text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut skip = 0;
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            if skip == 0 {
                line.push_str(symbol);
            }
            // A wide character covers the cells after it.
            skip = unicode_width::UnicodeWidthStr::width(symbol).max(skip).saturating_sub(1);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Returns the first screen with an empty config folder.
pub(crate) fn guide() -> Scene {
    Scene::new().send(Message::FilesRead(Box::default()))
}

pub(crate) fn credentials() -> Scene {
    guide().enter()
}

pub(crate) fn scopes() -> Scene {
    credentials().enter()
}

/// Returns the screen with the usual scopes and one more selected.
fn scopes_with(id: &str) -> Scene {
    let row = CATALOGUE.iter().position(|scope| scope.id == id).unwrap();
    (0..row).fold(scopes(), |scene, _| scene.press(KeyCode::Down)).keys(" ")
}

pub(crate) fn redirect() -> Scene {
    let scene = scopes().enter();
    let url = RedirectUrl::DEFAULT.to_owned();
    scene.send(Message::PortProbed { url, result: Ok(()) })
}

pub(crate) fn review() -> Scene {
    redirect().enter()
}

fn waiting_since(scene: Scene) -> Scene {
    let url = "https://www.linkedin.com/oauth/v2/authorization?response_type=code&client_id=86abcdefghijkl\
               &redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback&state=c2NlbmVfc3RhdGU\
               &scope=openid%20profile%20email%20w_member_social";
    scene
        .event(Event::SecretTried(SecretTrial::Accepted))
        .event(Event::Listening {
            redirect_url: RedirectUrl::DEFAULT.to_owned(),
            v4: true,
            v6: true,
            authorization_url: url.parse().unwrap(),
            short_link: "http://localhost:3000/go/Zk3pX9aQ1bTe".to_owned(),
        })
        .event(Event::BrowserOpened { command: "firefox".to_owned() })
        .event(Event::Waiting { since: now(), until: now() + SignedDuration::from_secs(300) })
}

pub(crate) fn progress() -> Scene {
    waiting_since(review().enter()).advance(14)
}

pub(crate) fn outcome() -> Outcome {
    let mut profile = profile("default", "Ada Lovelace", 60);
    profile.token.as_mut().unwrap().scopes.retain(|scope| scope != "email");
    Outcome {
        profile,
        missing: vec!["email".to_owned()],
        siblings: Vec::new(),
        saved_in: "/home/ada/.config/linkedin-tui/profiles/default.toml".to_owned(),
    }
}

pub(crate) fn done() -> Scene {
    progress().event(Event::CallbackAccepted).event(Event::Exchanging).finish_sign_in(Ok(outcome()))
}

/// Returns deliveries with these names.
pub(crate) fn deliveries(names: &[&str]) -> Vec<Delivery> {
    let delivery = |of: &&str| {
        let command = vec!["store".to_owned(), (*of).to_owned()];
        Delivery { name: (*of).to_owned(), command, input: Input::Token, last: None }
    };
    names.iter().map(delivery).collect()
}

/// Returns the screen after signing in to a profile with these deliveries, none of them started.
pub(crate) fn done_with_deliveries(deliveries: &[&str]) -> Scene {
    let mut outcome = outcome();
    outcome.profile.deliveries = self::deliveries(deliveries);
    progress().event(Event::CallbackAccepted).event(Event::Exchanging).finish_sign_in(Ok(outcome))
}

fn start_delivery(scene: Scene, of: &str, test: bool) -> Scene {
    let (profile, delivery) = (name("default"), of.to_owned());
    scene.send(Message::DeliveryProgressed(linkedin_tui::internal::session::DeliveryEvent::Started { profile, delivery, test }))
}

pub(crate) fn delivering(scene: Scene, of: &str) -> Scene {
    start_delivery(scene, of, false)
}

fn finish_delivery(scene: Scene, of: &str, exit: CommandExit, line: &str, test_token: bool) -> Scene {
    let result = DeliveryResult { at: now(), ended: exit, line: line.to_owned(), test_token };
    let event =
        linkedin_tui::internal::session::DeliveryEvent::Ended { profile: name("default"), delivery: of.to_owned(), result };
    scene.send(Message::DeliveryProgressed(event))
}

pub(crate) fn delivered(scene: Scene, of: &str, exit: CommandExit, line: &str) -> Scene {
    finish_delivery(delivering(scene, of), of, exit, line, false)
}

/// Returns the scene after a test token was delivered.
pub(crate) fn tested(scene: Scene, of: &str, exit: CommandExit) -> Scene {
    finish_delivery(start_delivery(scene, of, true), of, exit, "", true)
}

fn done_delivering() -> Scene {
    let scene = done_with_deliveries(&["site secret", "vault", "pass", "cluster"]);
    let scene = delivered(scene, "site secret", CommandExit::Code(0), "Set Actions secret for me/site");
    let scene = delivered(scene, "vault", CommandExit::Code(2), "Error: permission denied");
    delivering(scene, "pass")
}

pub(crate) fn list() -> Scene {
    Scene::new().send(Message::FilesRead(Box::new(files())))
}

/// Returns the ID of the running check or refresh.
pub(crate) fn job(scene: &Scene) -> u64 {
    scene.state.list.jobs.first().unwrap().id
}

fn revoked(confirmed: bool) -> Scene {
    let error = Error::new(Code::Network, "Nothing answers at www.linkedin.com.", "Try again.");
    let result = Ok((confirmed, (!confirmed).then_some(error)));
    list().keys("xy").send(Message::Revoked { name: name("work"), result })
}

fn edit_conflict() -> Scene {
    let mut changed = profile("work", "Ada Lovelace", 52);
    changed.browser = Some("firefox -P changed".to_owned());
    let edited = list().keys("e").press(KeyCode::End).keys(" r_basicprofile").enter();
    edited.send(Message::Edited { name: name("work"), conflict: Some(Box::new(changed)) })
}

fn checking_all() -> Scene {
    let scene = list().keys("V");
    let id = job(&scene);
    ["blog", "client-a"].iter().fold(scene, |scene, of| scene.send(Message::JobItemStarted { id, name: name(of) }))
}

fn results() -> Scene {
    let scene = list().keys("V");
    let id = job(&scene);
    let finish = |scene: Scene, of: &str, result| scene.send(Message::JobItemFinished { id, name: name(of), result });
    let checked = |of: &str, days, verdict| {
        let mut profile = Box::new(profile(of, "Ada Lovelace", days));
        profile.check = Some(Check { at: now(), verdict });
        Ok(JobItem::Checked { profile, remarks: Vec::new() })
    };
    let network_error = Error::new(Code::Network, "Nothing answers at www.linkedin.com.", "Try again.");
    let expired = checked("blog", -3, Verdict::Expired);
    let scene = finish(finish(scene, "blog", expired), "client-a", Err(network_error.clone()));
    let scene = finish(finish(scene, "client-b", Err(network_error)), "shop", checked("shop", 31, Verdict::Active));
    finish(scene, "work", checked("work", 52, Verdict::Active)).keys("l")
}

fn progress_over_ssh() -> Scene {
    let Scene { state, .. } = Scene::new();
    let start = Start {
        ssh: Some(Ssh { destination: "ada@build.example.com".to_owned(), port: None }),
        browser: Some(Err("there is no display".to_owned())),
        badge: Some("SANDBOX".to_owned()),
        sandbox_members: [("ada", "Ada Lovelace"), ("bruce", "李小龙"), ("mallory", "Mallory")]
            .map(|(key, member_name)| (key.to_owned(), member_name.to_owned()))
            .to_vec(),
        ..state.start
    };
    let scene = Scene::with(start).send(Message::FilesRead(Box::default()));
    let scene = scene.enter().enter().enter().enter().enter();
    waiting_since(scene).event(Event::BrowserNotOpened { reason: "There is no display.".to_owned() }).advance(9)
}

fn reauthorizing() -> Scene {
    waiting_since(list().keys("r").enter())
}

/// Returns the screen after 李小龙, who has a profile, signed in to Ada's profile.
pub(crate) fn different_member_with_profile() -> Scene {
    let (stored, found) = (member("work-1x", "Ada Lovelace"), member("client-a-1x", "李小龙"));
    reauthorizing()
        .event(Event::CallbackAccepted)
        .event(Event::Exchanging)
        .event(Event::DifferentMember { stored, found })
}

/// Returns the first of three re-authorizations in a row, for client-a.
pub(crate) fn reauthorizing_three() -> Scene {
    let marked = list().press(KeyCode::Home).press(KeyCode::Down).keys("   r");
    waiting_since(marked.enter())
}

/// Returns the screen after the current sign-in saved this profile.
pub(crate) fn finish_reauthorization(scene: Scene, of: &str, member_name: &str) -> Scene {
    let saved_in = format!("/home/ada/.config/linkedin-tui/profiles/{of}.toml");
    let profile = profile(of, member_name, 60);
    scene.finish_sign_in(Ok(Outcome { profile, missing: Vec::new(), siblings: Vec::new(), saved_in }))
}

/// Returns the compose screen with a text.
pub(crate) fn compose() -> Scene {
    list().keys("p").keys("Hello LinkedIn API :-) #rust")
}

pub(crate) fn preview() -> Scene {
    compose().ctrl('p')
}

fn compose_id(scene: &Scene) -> u64 {
    scene.state.compose().unwrap().id
}

/// Returns the screen after the result of publishing.
pub(crate) fn published(scene: Scene, result: Result<Option<Published>, Error>) -> Scene {
    let id = compose_id(&scene);
    scene.send(Message::PublishEnded { id, result: result.map(|published_post| published_post.map(Box::new)) })
}

pub(crate) fn published_post(duplicate: bool) -> Published {
    Published {
        urn: Some("urn:li:share:7141138937766391808".to_owned()),
        url: Some("https://www.linkedin.com/feed/update/urn:li:share:7141138937766391808/".to_owned()),
        duplicate,
        legacy: false,
        visibility: Visibility::Public,
        author: "urn:li:person:blog-1x".to_owned(),
        images: 0,
        at: now(),
        remarks: Vec::new(),
    }
}

/// Returns a profile with permissions that were probed two hours ago.
pub(crate) fn with_permissions(mut profile: Profile, (evidence, page): (&str, &str), can_post: bool) -> Profile {
    let allowed = |capability| match capability {
        Capability::SignIn | Capability::PostAsPage => Some(true),
        Capability::EditPosts | Capability::React => None,
        Capability::PostAsMember => can_post.then_some(true).or(Some(false)),
        _ => Some(false),
    };
    let one = |capability: Capability| Permission {
        capability,
        allowed: allowed(capability),
        product: Some(capability.remedy().product.to_owned()),
        evidence: evidence.to_owned(),
    };
    let of = |id: u32, name: Option<&str>, role: &str| PagePermission {
        urn: format!("urn:li:organization:{id}"),
        name: name.map(str::to_owned),
        role: role.to_owned(),
        can_post: role == "ADMINISTRATOR",
    };
    profile.stored_permissions = Some(Permissions {
        at: now() - SignedDuration::from_hours(2),
        app: profile.app.clone(),
        client_id: "86abcdefghijkl".to_owned(),
        scopes: profile.token.as_ref().unwrap().scopes.clone(),
        list: Capability::ALL.into_iter().map(one).collect(),
        pages: vec![of(7, Some(page), "ADMINISTRATOR"), of(8, None, "ANALYST")],
    });
    profile
}

/// Returns the list with known permissions of the selected profile.
pub(crate) fn known_permissions(can_post: bool) -> Scene {
    let evidence = "GET /rest/memberCreatorPostAnalytics answered 403: Not enough permissions to access: \
                    partnerApiMemberCreatorPostAnalytics.FINDER-me.20260901.";
    let known = with_permissions(profile("work", "Ada Lovelace", 52), (evidence, "Analytical Engines"), can_post);
    list().send(Message::ProfilesRead(vec![(name("work"), Ok(known))]))
}

/// Returns every screen by its name.
pub(crate) fn all() -> Vec<(&'static str, Scene)> {
    [signing_in(), listing()].concat()
}

/// Returns the screens from the guide to the deliveries of a new token.
fn signing_in() -> Vec<(&'static str, Scene)> {
    let port_in_use = Error::new(Code::PortInUse, "Port 3000 is taken by node (4242).", "Stop that program.");
    let url = RedirectUrl::DEFAULT.to_owned();
    let scope_error = authorization_error(
        "unauthorized_scope_error",
        "Scope &quot;r_ads&quot; is not authorized for your application",
        &["openid".to_owned(), "r_ads".to_owned()],
    );
    let secret_error = Error::new(Code::ClientRefused, "LinkedIn refused the client secret.", "Copy it again.")
        .with_detail("invalid_client: Client authentication failed");
    let different_member =
        Event::DifferentMember { stored: member("a1", "Ada Lovelace"), found: member("b2", "李小龙") };
    let save_error =
        Error::new(Code::Files, "profiles/default.toml cannot be saved: no space left.", "Free some space.");
    vec![
        ("guide", guide()),
        ("guide-old-tutorial", guide().keys("t")),
        ("credentials", credentials()),
        ("credentials-saved-app", list().keys("a")),
        ("scopes", scopes()),
        ("scopes-page", scopes().keys("3")),
        ("scopes-incompatible", scopes_with("r_member_postAnalytics")),
        ("scopes-pages-and-openid", scopes_with("w_organization_social")),
        ("redirect", redirect()),
        ("redirect-port-in-use", redirect().send(Message::PortProbed { url, result: Err(port_in_use) })),
        ("review", review()),
        ("progress", progress()),
        ("progress-no-callback", progress().advance(60)),
        ("progress-over-ssh", progress_over_ssh()),
        ("progress-unsaved", progress().event(Event::SaveFailed(save_error))),
        ("paste", progress().keys("p")),
        ("credentials-refused", {
            let error = Error::new(Code::ClientRefused, "LinkedIn refused the client secret.", "Copy it again.");
            reauthorizing().finish_sign_in(Err(error)).keys("k")
        }),
        ("failure-scope", progress().finish_sign_in(Err(scope_error))),
        ("failure-secret", progress().finish_sign_in(Err(secret_error))),
        (
            "different-member",
            reauthorizing().event(Event::CallbackAccepted).event(Event::Exchanging).event(different_member),
        ),
        ("different-member-known", different_member_with_profile()),
        ("different-member-replace", different_member_with_profile().keys("p")),
        ("progress-sequence", reauthorizing_three()),
        ("done-sequence", finish_reauthorization(reauthorizing_three(), "client-a", "李小龙")),
        ("done-new-profile", finish_reauthorization(different_member_with_profile().keys("k"), "account", "李小龙")),
        ("done", done()),
        ("done-delivering", done_delivering()),
        ("deliveries", {
            let scene = tested(done_delivering(), "cluster", CommandExit::Code(0));
            scene.keys("d").press(KeyCode::Down)
        }),
        ("deliveries-none", list().keys("t")),
        ("deliveries-presets", list().keys("ta").press(KeyCode::Down)),
        ("deliveries-add", list().keys("ta").press(KeyCode::Enter).press(KeyCode::Enter)),
        ("deliveries-remove", done_with_deliveries(&["site secret"]).keys("dd")),
        ("deliveries-saved", list().press(KeyCode::Up).keys("t")),
        ("deliveries-test", list().press(KeyCode::Up).keys("tn")),
    ]
}

/// Returns the list and the screens that it opens.
fn listing() -> Vec<(&'static str, Scene)> {
    vec![
        ("list", list()),
        ("list-error", {
            let message = "There is no display, so no browser can be started on this machine.";
            let hint = "Open it yourself: https://www.linkedin.com/developers/apps";
            list().send(Message::Failed(Error::new(Code::Unexpected, message, hint)))
        }),
        ("list-delivered", list().press(KeyCode::Up)),
        ("list-filter", list().keys("/ada")),
        ("list-damaged", list().press(KeyCode::End)),
        ("list-delete", list().keys("d")),
        ("list-reauthorize", list().keys("r")),
        ("list-grouped", list().keys("b")),
        ("list-marked", list().press(KeyCode::Home).keys("   ")),
        ("list-checking", checking_all()),
        ("list-results", results()),
        ("list-copy", list().keys("y")),
        ("list-revoke", list().keys("x")),
        ("list-revoked", revoked(true)),
        ("list-revoked-unconfirmed", revoked(false)),
        ("list-no-refresh", list().keys("f")),
        ("list-permissions", known_permissions(true).keys("Pjjj")),
        ("list-permissions-pages", known_permissions(true).keys("Pjjjjjj")),
        ("list-permissions-probing", list().keys("P")),
        ("list-permissions-reprobing", known_permissions(true).keys("Pv")),
        ("list-permissions-failed", {
            let network_error =
                Error::new(Code::Network, "Nothing answers at api.linkedin.com.", "Check the network, then try again.");
            let probing = list().keys("P");
            let id = probing.state.next_id - 1;
            probing.send(Message::PermissionsProbed { id, name: name("work"), result: Err(network_error) })
        }),
        ("list-rename", list().keys("R")),
        ("list-edit", list().keys("e")),
        ("list-edit-conflict", edit_conflict()),
        ("list-export", list().keys("E")),
        ("list-export-exists", {
            let sent = list().keys("E").press(KeyCode::Tab).enter();
            sent.send(Message::ExportExists(vec!["/home/ada/site/work.json".into()]))
        }),
        ("list-delete-marked", list().press(KeyCode::Home).keys("   d")),
        ("compose", compose()),
        ("compose-not-permitted", known_permissions(false).keys("p")),
        ("compose-recent", {
            let scene = list().keys("p");
            let found = ComposeData {
                recent: vec![PublishedPost::new(
                    Some("urn:li:share:1".to_owned()),
                    "urn:li:person:x",
                    now(),
                    "Hello again",
                )],
                ..ComposeData::default()
            };
            let id = compose_id(&scene);
            scene.send(Message::ComposeOpened { id, found: Box::new(found) }).advance(7200)
        }),
        ("compose-preview", preview()),
        ("compose-publishing", preview().enter()),
        ("compose-published", published(preview().enter(), Ok(Some(published_post(false))))),
        ("compose-duplicate", published(preview().enter(), Ok(Some(published_post(true))))),
        ("compose-delete", published(preview().enter(), Ok(Some(published_post(false)))).keys("d")),
        (
            "compose-failed",
            published(
                preview().enter(),
                Err(Error::new(
                    Code::MaybePublished,
                    "LinkedIn's answer to the post did not come: it may have been published.",
                    "Look at your recent posts on LinkedIn before you post again.",
                )),
            ),
        ),
        ("help", list().keys("?")),
        ("help-scopes", scopes().press(KeyCode::F(1))),
    ]
}

/// Returns files with one profile that has `text` in every field.
pub(crate) fn files_with_text(text: &str) -> Arc<Files> {
    let mut one = profile("hostile", text, 9);
    one.member = Some(Member { id: text.to_owned(), name: Some(text.to_owned()), email: Some(text.to_owned()) });
    one.scopes = vec![text.to_owned()];
    one.browser = Some(text.to_owned());
    if let Some(token) = &mut one.token {
        token.scopes = vec![text.to_owned()];
    }
    let one = with_permissions(one, (text, text), false);
    let app = App { client_id: text.to_owned(), ..app("my-app") };
    let error = Error::new(Code::Files, text, text);
    Arc::new(Files {
        rows: vec![Row::new(name("bad"), Err(error)), Row::new(name("hostile"), Ok(one))],
        stale: Vec::new(),
        apps: vec![app],
        current: Some(name("hostile")),
        guide: Vec::new(),
    })
}
