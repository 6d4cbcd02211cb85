//! The screens, each reached by the messages that the program would send.

mod catalog;
mod compose;
mod list;
mod setup;

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use linkedin_tui::internal::flows::sign_in::{Event, SignInOutcome};
use linkedin_tui::internal::linkedin::{Flow, RedirectUrl};
use linkedin_tui::internal::secret::Secret;
use linkedin_tui::internal::store::{
    App, Check, CommandExit, DeliveryResult, Member, Name, Profile, RefreshToken, Token, Verdict,
};
use linkedin_tui::internal::tui::message::{Effect, Message};
use linkedin_tui::internal::tui::state::{Prefill, State, UiConfig};
use linkedin_tui::internal::tui::store_snapshot::{Row, StoreSnapshot};
use linkedin_tui::internal::tui::theme::{ColorDepth, Theme};
use linkedin_tui::internal::tui::update::update;
use linkedin_tui::internal::tui::view::{DrawnScreen, view};
use linkedin_tui::{Code, Error};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

pub(crate) use self::catalog::all;
pub(crate) use self::compose::*;
pub(crate) use self::list::*;
pub(crate) use self::setup::*;

/// What every secret of the scenes contains.
pub(crate) const SECRET_MARKER: &str = "canary0";

/// A token that no screen may show by default.
pub(crate) const TOKEN: &str = "AQcanary0token0that0no0screen0may0see";

/// A client secret that no screen may show by default.
pub(crate) const SECRET: &str = "canary0secret==";

/// Colors and Unicode.
pub(crate) const COLOR_THEME: Theme = Theme { color_depth: ColorDepth::True, is_ascii: false, is_light: false };

/// No colors, ASCII only.
pub(crate) const PLAIN_THEME: Theme = Theme { color_depth: ColorDepth::None, is_ascii: true, is_light: false };

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

/// Returns profiles of every status except unknown, and one whose file is damaged.
fn files() -> StoreSnapshot {
    let mut shop = profile("shop", "Ada Lovelace", 31);
    shop.token.as_mut().unwrap().refresh =
        Some(RefreshToken::new(Secret::new("canary0refresh"), Some(days_from_now(300))));
    let mut revoked_profile = profile("client-b", "Grace Hopper", 20);
    revoked_profile.check = Some(Check::new(days_from_now(-1), Verdict::Revoked));
    let last = |exit, is_test_token| {
        Some(DeliveryResult { at: days_from_now(-2), exit, last_line: String::new(), is_test_token })
    };
    shop.deliveries = deliveries(&["site secret", "vault", "pass", "staging"]);
    shop.deliveries[0].last_result = last(CommandExit::Code(0), false);
    shop.deliveries[1].last_result = last(CommandExit::Code(2), false);
    shop.deliveries[3].last_result = last(CommandExit::Code(0), true);
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
    StoreSnapshot {
        rows: profiles,
        stale: Vec::new(),
        links: Vec::new(),
        apps: vec![app("my-app")],
        current: Some(name("work")),
        completed_guide_steps: vec!["app".to_owned()],
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
        let config = UiConfig {
            badge: None,
            prefill,
            browser: Some(Ok("firefox".to_owned())),
            ssh: None,
            has_display: true,
            sandbox_members: Vec::new(),
            expiring_days: 7,
            timeout_seconds: 300,
            reveal_seconds: 15,
            clear_clipboard_seconds: 0,
            is_token_shown: false,
            zone: TimeZone::UTC,
            check_on_start: false,
            keymap: linkedin_tui::internal::tui::keymap::Keymap::default(),
            profiles_directory: "/home/ada/.config/linkedin-tui/profiles".into(),
            selected_profile: None,
            program_command: "linkedin-tui",
            endpoints: linkedin_tui::internal::linkedin::Endpoints::linkedin().unwrap(),
            mouse: true,
            is_background_light: false,
            requires_ascii: false,
            is_ascii: false,
            config_file: "/home/ada/.config/linkedin-tui/config.toml".into(),
        };
        Self::with(config)
    }

    pub(crate) fn with(config: UiConfig) -> Self {
        let (state, effects) = State::new(config, now());
        Self { state, effects }
    }

    pub(crate) fn send(mut self, msg: Message) -> Self {
        self.effects = update(&mut self.state, msg);
        self
    }

    /// Presses a key, after the screen is drawn as the event loop does.
    pub(crate) fn press(self, code: KeyCode) -> Self {
        let (columns, rows) = self.state.size;
        let (_, drawn) = draw_state(&self.state, columns, rows, COLOR_THEME);
        let scene = self.send(Message::Drawn { scroll_range: drawn.scroll_range, click_targets: drawn.click_targets });
        scene.send(Message::KeyPressed(KeyEvent::new(code, KeyModifiers::NONE)))
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

    pub(crate) fn alt(self, key: char) -> Self {
        self.send(Message::KeyPressed(KeyEvent::new(KeyCode::Char(key), KeyModifiers::ALT)))
    }

    pub(crate) fn advance(self, seconds: i64) -> Self {
        let at = self.state.now + SignedDuration::from_secs(seconds);
        self.send(Message::Tick(at))
    }

    pub(crate) fn event(self, event: Event) -> Self {
        let id = self.state.sign_in().map_or(0, |sign_in| sign_in.id);
        self.send(Message::SignInProgressed { id, event })
    }

    pub(crate) fn finish_sign_in(self, result: Result<SignInOutcome, Error>) -> Self {
        let id = self.state.sign_in().map_or(0, |sign_in| sign_in.id);
        self.send(Message::SignInFinished { id, result: Box::new(result) })
    }

    /// Draws the screen at a size.
    pub(crate) fn draw(&self, columns: u16, rows: u16, theme: Theme) -> Buffer {
        let mut state = self.state.clone();
        update(&mut state, Message::Resized(columns, rows));
        draw_state(&state, columns, rows, theme).0
    }
}

pub(crate) fn draw_state(state: &State, columns: u16, rows: u16, theme: Theme) -> (Buffer, DrawnScreen) {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    let mut drawn = DrawnScreen::default();
    terminal.draw(|frame| drawn = view(state, theme, frame)).unwrap();
    (terminal.backend().buffer().clone(), drawn)
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

/// Returns files with one profile that has `text` in every field.
pub(crate) fn files_with_text(text: &str) -> Arc<StoreSnapshot> {
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
    Arc::new(StoreSnapshot {
        rows: vec![Row::new(name("bad"), Err(error)), Row::new(name("hostile"), Ok(one))],
        stale: Vec::new(),
        links: Vec::new(),
        apps: vec![app],
        current: Some(name("hostile")),
        completed_guide_steps: Vec::new(),
    })
}
