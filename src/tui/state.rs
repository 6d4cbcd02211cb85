//! The state of the interface. Only [`super::update`] changes it.

mod notifications;

pub(super) use notifications::ERROR_SECONDS;
pub(crate) use notifications::Notification;
use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Rect;

pub use super::dialogs::Dialog;
use super::hint::{Offer, hint};
use super::layout::{MIN_SIZE, Window};
use super::message::Effect;
use super::overlays;
pub use super::overlays::Overlay;
use super::screens::compose::{ComposedPost, SAVE_DELAY, Stage};
use super::screens::deliveries::{self, DeliveriesPanel, StartedDelivery};
use super::screens::next_steps;
use super::screens::posts::{self, Posts};
use super::screens::profiles::{self, model::List};
use super::screens::progress::SignIn;
use super::screens::requests::RequestLog;
use super::screens::setup::Setup;
use super::screens::signed_in::SignedIn;
use super::store_snapshot::StoreSnapshot;
use super::time_format;
use super::widgets::page::{Click, ScrollRange};
use crate::Error;
use crate::host::Ssh;
use crate::linkedin::Endpoints;
use crate::secret::Secret;
use crate::store::Name;
use crate::tui::keymap::{self, Action, KeyContext, KeyHint, Keymap};

/// The settings and the environment that the interface is started with.
#[derive(Clone, Debug)]
pub struct UiConfig {
    /// A mark in the title bar: `SANDBOX`, or the name of a host that is not LinkedIn's.
    pub badge: Option<String>,
    pub prefill: Prefill,
    /// The browser command, or the reason that no browser can be started; `None` where it was not detected.
    pub browser: Option<Result<String, String>>,
    pub ssh: Option<Ssh>,
    /// Whether a graphical display can be reached.
    pub has_display: bool,
    /// The key and the name of each member of the sandbox; empty outside of it.
    pub sandbox_members: Vec<(String, String)>,
    /// The days before its expiry in which a token counts as expiring.
    pub expiring_days: u32,
    /// How long a sign-in waits for the browser.
    pub timeout_seconds: u64,
    pub reveal_seconds: u64,
    /// How long a copied secret stays in the clipboard; 0 never clears it.
    pub clear_clipboard_seconds: u64,
    /// `browser.show_token` of `config.toml`: whether the browser shows the token after a sign-in.
    pub is_token_shown: bool,
    pub zone: TimeZone,
    /// Whether tokens that were not checked for a day are checked as the list opens.
    pub check_on_start: bool,
    pub keymap: Keymap,
    pub profiles_directory: PathBuf,
    /// The profile of `--profile`, which is selected at the start instead of the current one.
    pub selected_profile: Option<Name>,
    /// The command that starts the program on the same files.
    pub program_command: &'static str,
    pub endpoints: Endpoints,
    /// Whether clicks and the wheel are handled.
    pub mouse: bool,
    /// Whether the terminal has a light background, as far as it is known.
    pub is_background_light: bool,
    /// Whether the terminal can draw ASCII only.
    pub requires_ascii: bool,
    /// Whether the screen is drawn with ASCII only.
    pub is_ascii: bool,
    pub config_file: PathBuf,
}

impl UiConfig {
    /// Returns whether no browser can be started: [`browser`](Self::browser) is then why.
    pub fn is_headless(&self) -> bool {
        matches!(self.browser, Some(Err(_)))
    }
}

/// The credentials of a new app from the environment, a `.env` file or the sandbox.
#[derive(Clone, Debug, Default)]
pub struct Prefill {
    pub client_id: String,
    pub client_secret: Option<Secret>,
    pub redirect_url: Option<String>,
    /// Where they come from, as a screen names it.
    pub source: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub enum Screen {
    /// The first screen of a sandbox without profiles.
    Welcome,
    Setup(SetupStep),
    /// A sign-in that is running or has failed.
    SignIn(Box<SignIn>),
    /// The result of a sign-in.
    SignedIn(Box<SignedIn>),
    Profiles,
    /// A post that is being written or published.
    Compose(Box<ComposedPost>),
    /// The posts that were published with a profile.
    Posts(Box<Posts>),
}

/// The steps of the setup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupStep {
    /// The checklist for creating an app.
    Guide,
    Credentials,
    Scopes,
    Redirect,
    Review,
}

const ANIMATION_INTERVAL: Duration = Duration::from_millis(100);
const COUNTDOWN_INTERVAL: Duration = Duration::from_secs(1);

#[derive(Clone, Debug)]
pub struct State {
    pub config: UiConfig,
    /// The time of the last [`super::message::Message::Tick`].
    pub now: Timestamp,
    /// The contents of the files; `None` until they were listed.
    pub store: Option<Arc<StoreSnapshot>>,
    /// When the files were last read, or are being read since.
    pub(super) store_requested_at: Timestamp,
    pub screen: Screen,
    /// The dialog over the screen.
    pub dialog: Option<Dialog>,
    /// What is open over the screen and its dialog, the topmost last.
    pub overlays: Vec<Overlay>,
    /// The lines that an overlay without a focus is scrolled by.
    pub overlay_scroll: u16,
    /// The actions that were run from the palette, the last one first.
    pub recent_actions: Vec<Action>,
    pub requests: RequestLog,
    /// The post that was closed last. It is opened again if its draft cannot be saved.
    pub closed_post: Option<Box<ComposedPost>>,
    /// The posts over which a form was opened, which leads back to them.
    pub(super) closed_posts: Option<Box<Posts>>,
    /// The profile whose post led to a sign-in, which leads back to it.
    pub(super) post_to_continue: Option<Name>,
    /// The comments that were typed and not published, by the URNs of their posts.
    pub(super) comment_drafts: HashMap<String, String>,
    /// The next step that was selected, by its position, and the context that it is of.
    pub(super) selected_step: Option<(KeyContext, Action)>,
    /// The message in the status line.
    pub notification: Option<Notification>,
    /// The messages that wait until the unread error in the status line is read.
    queued_notifications: VecDeque<Notification>,
    /// The fields of the setup, until a sign-in succeeds.
    pub setup: Setup,
    pub list: List,
    /// The deliveries since the start, the newest last.
    pub deliveries: Vec<StartedDelivery>,
    /// When the shown secret is hidden again.
    pub revealed_until: Option<Timestamp>,
    /// The secret in the clipboard, and when the clipboard is cleared.
    pub copied: Option<(Secret, Timestamp)>,
    /// How many profiles are re-authorized one after the other.
    pub reauthorization_count: usize,
    /// The profile that the last sign-in was for, where its token was saved in another profile.
    pub profile_not_reauthorized: Option<Name>,
    /// The number of the next sign-in, post, job or probe.
    pub next_id: u64,
    /// Whether the terminal is left to the user's editor, so nothing is drawn.
    pub is_editor_open: bool,
    /// Columns and rows of the window.
    pub size: (u16, u16),
    /// The lines that a page without a focus is scrolled by.
    pub scroll: u16,
    /// The lines that a dialog is scrolled by.
    pub(super) dialog_scroll: u16,
    /// The limits of the scrolling, as of the last drawing.
    pub(super) scroll_range: ScrollRange,
    /// What a click does, as of the last drawing.
    pub(super) click_targets: Vec<(Rect, Click)>,
}

impl State {
    /// Creates the state before the files are read.
    pub fn new(config: UiConfig, now: Timestamp) -> (Self, Vec<Effect>) {
        let setup = Setup::new(&config.prefill);
        let state = Self {
            config,
            now,
            store: None,
            store_requested_at: now,
            screen: Screen::Profiles,
            dialog: None,
            overlays: Vec::new(),
            overlay_scroll: 0,
            recent_actions: Vec::new(),
            requests: RequestLog::default(),
            closed_post: None,
            closed_posts: None,
            post_to_continue: None,
            comment_drafts: HashMap::new(),
            selected_step: None,
            notification: None,
            queued_notifications: VecDeque::new(),
            setup,
            list: List::default(),
            deliveries: Vec::new(),
            revealed_until: None,
            copied: None,
            reauthorization_count: 0,
            profile_not_reauthorized: None,
            next_id: 1,
            is_editor_open: false,
            size: (80, 24),
            scroll: 0,
            dialog_scroll: 0,
            scroll_range: ScrollRange::default(),
            click_targets: Vec::new(),
        };
        (state, vec![Effect::ReloadStore])
    }

    /// Returns whether LinkedIn is simulated.
    pub(super) fn is_sandbox(&self) -> bool {
        !self.config.sandbox_members.is_empty()
    }

    /// Returns the contents of the files; empty until they are listed.
    pub fn store(&self) -> Arc<StoreSnapshot> {
        self.store.clone().unwrap_or_default()
    }

    /// Opens a screen.
    pub fn open_screen(&mut self, screen: Screen) {
        if matches!(screen, Screen::Profiles) {
            // The profiles that were to be re-authorized next stay marked.
            self.list.reauthorization_queue.clear();
            self.list.skipped.clear();
            self.list.reauthorized.clear();
            self.reauthorization_count = 0;
            self.closed_posts = None;
        }
        if matches!(screen, Screen::Profiles | Screen::Compose(_) | Screen::Posts(_)) {
            self.post_to_continue = None;
        }
        self.screen = screen;
        self.scroll = 0;
        self.dialog = None;
        // The palette and the help are about the screen before.
        self.overlays.retain(|overlay| !matches!(overlay, Overlay::Palette(_) | Overlay::Help(_)));
        self.drop_read_notification();
    }

    /// Returns the context of the topmost overlay, else of the dialog, else of the screen.
    pub fn key_context(&self) -> KeyContext {
        self.overlays.last().map_or_else(|| self.screen_or_dialog_context(), Overlay::key_context)
    }

    /// Returns the context below the topmost overlay.
    pub(super) fn context_below(&self) -> KeyContext {
        let below = self.overlays.len().checked_sub(2).and_then(|at| self.overlays.get(at));
        below.map_or_else(|| self.screen_or_dialog_context(), Overlay::key_context)
    }

    fn screen_or_dialog_context(&self) -> KeyContext {
        self.dialog.as_ref().map_or_else(|| self.screen_context(), Dialog::key_context)
    }

    /// Returns whether Ctrl-C means "back". What covers a screen that it does not quit closes, and the screen stays.
    pub(super) fn has_back_on_ctrl_c(&self) -> bool {
        self.screen_context().has_back_on_ctrl_c() || self.screen_or_dialog_context().has_back_on_ctrl_c()
    }

    pub(super) fn screen_context(&self) -> KeyContext {
        match &self.screen {
            Screen::Welcome => KeyContext::Welcome,
            Screen::Setup(SetupStep::Guide) => KeyContext::Guide,
            Screen::Setup(SetupStep::Credentials) => KeyContext::Credentials,
            Screen::Setup(SetupStep::Scopes) if self.setup.scope_list.find.is_some() => KeyContext::FindScope,
            Screen::Setup(SetupStep::Scopes) if self.setup.is_typing_custom_scopes() => KeyContext::CustomScopes,
            Screen::Setup(SetupStep::Scopes) => KeyContext::Scopes,
            Screen::Setup(SetupStep::Redirect) => KeyContext::RedirectUrl,
            Screen::Setup(SetupStep::Review) => KeyContext::Review,
            Screen::SignIn(sign_in) if sign_in.failure.is_some() => KeyContext::SignInFailed,
            Screen::SignIn(sign_in) if sign_in.different_member.is_some() => KeyContext::DifferentMember,
            Screen::SignIn(_) => KeyContext::SignIn,
            Screen::SignedIn(_) => KeyContext::SignedIn,
            Screen::Posts(_) => KeyContext::Posts,
            Screen::Compose(post) if post.is_maybe_published() && !post.is_edit() => KeyContext::MaybePublished,
            Screen::Compose(post) => match post.stage {
                Stage::Writing => KeyContext::Compose,
                Stage::Preview => KeyContext::Preview,
                Stage::Busy(..) => KeyContext::Publishing,
                Stage::Published(_) => KeyContext::Published,
                Stage::Failed(_) => KeyContext::NotPublished,
            },
            Screen::Profiles if self.list.is_filtering => KeyContext::Filter,
            Screen::Profiles if self.list.is_detail_open => KeyContext::Detail,
            Screen::Profiles => KeyContext::List,
        }
    }

    pub fn sign_in(&self) -> Option<&SignIn> {
        match &self.screen {
            Screen::SignIn(sign_in) => Some(sign_in),
            _ => None,
        }
    }

    /// Returns the sign-in of this number; messages of another one are out of date.
    pub(super) fn sign_in_mut(&mut self, id: u64) -> Option<&mut SignIn> {
        match &mut self.screen {
            Screen::SignIn(sign_in) if sign_in.id == id => Some(sign_in),
            _ => None,
        }
    }

    pub fn compose(&self) -> Option<&ComposedPost> {
        match &self.screen {
            Screen::Compose(post) => Some(post),
            _ => None,
        }
    }

    /// Returns the post of this number; messages of another one are out of date.
    pub(super) fn compose_mut(&mut self, id: u64) -> Option<&mut ComposedPost> {
        match &mut self.screen {
            Screen::Compose(post) if post.id == id => Some(post),
            _ => None,
        }
    }

    /// Returns the open dialog of a profile's deliveries.
    pub fn deliveries_panel(&self) -> Option<&DeliveriesPanel> {
        match &self.dialog {
            Some(Dialog::Deliveries(panel)) => Some(panel),
            _ => None,
        }
    }

    /// Returns the hint of an error for the text of the screen or its dialog, with the key of its next step.
    pub fn hint(&self, error: &Error) -> String {
        self.hint_in(self.screen_or_dialog_context(), error)
    }

    /// Returns the hint of an error for the status line: an overlay has the keys while it is open.
    pub(super) fn status_hint(&self, error: &Error) -> String {
        self.hint_in(self.key_context(), error)
    }

    fn hint_in(&self, current: KeyContext, error: &Error) -> String {
        let offer = |context, action| self.offer(current, (context, action));
        hint(&self.config.keymap, self.config.program_command, error, &offer)
    }

    /// Returns where the current context offers an action of a context. The same key may be about something else here: in the
    /// list `e` edits a profile, and after publishing the post.
    fn offer(&self, current: KeyContext, (context, action): (KeyContext, Action)) -> Offer {
        if !current.has_action_of(context, action) || !self.is_available(current, action) {
            return Offer::Elsewhere;
        }
        if next_steps::steps(self, current).contains(&action) { Offer::Step } else { Offer::Key(current) }
    }

    /// Returns how many rows of the list were shown at the last drawing, at least one.
    pub(super) fn shown_rows(&self) -> usize {
        self.click_targets.iter().filter(|(_, click)| matches!(click, Click::Select(_))).count().max(1)
    }

    /// Returns whether a context has the action, and it does something.
    fn is_available(&self, context: KeyContext, action: Action) -> bool {
        let mut bound = self.config.keymap.bindings(context).filter(|bound| bound.binding.action == action);
        bound.any(|bound| !bound.keys.is_empty() && bound.binding.current_label(self).is_some())
    }

    /// Returns a sentence that names the key of an action, and where `config.toml` binds no key, how to bind one: "Press r to
    /// re-authorize."
    pub fn key_sentence(&self, context: KeyContext, action: Action, purpose: &str) -> String {
        self.config.keymap.key_sentence(context, action, purpose)
    }

    /// Returns the name of an action's key.
    pub fn key_name(&self, context: KeyContext, action: Action) -> String {
        self.config.keymap.key_name(context, action)
    }

    /// Returns whether a dialog or an overlay is open, which has the keys and the cursor.
    pub fn is_screen_covered(&self) -> bool {
        self.dialog.is_some() || !self.overlays.is_empty()
    }

    /// Returns whether secrets are shown.
    pub fn is_revealed(&self) -> bool {
        self.revealed_until.is_some_and(|until| self.now < until)
    }

    /// Shows a secret for a while, or hides it.
    pub fn toggle_reveal(&mut self) {
        self.revealed_until = if self.is_revealed() { None } else { self.time_in(self.config.reveal_seconds) };
    }

    fn time_in(&self, seconds: u64) -> Option<Timestamp> {
        self.now.checked_add(SignedDuration::from_secs(i64::try_from(seconds).ok()?)).ok()
    }

    /// Reports that a secret was copied, and schedules the clearing of the clipboard.
    pub fn report_copied_secret(&mut self, label: &str, clipboard: &str, secret: Secret) {
        let suffix = if self.schedule_clipboard_clearing(secret) {
            format!(", for {} s", self.config.clear_clipboard_seconds)
        } else {
            String::new()
        };
        self.notify(format!("Copied {label}: {clipboard}{suffix}."));
    }

    /// Warns that the copied token is not valid. `secret` is the token where the clipboard can be cleared.
    pub fn report_copied_invalid_token(&mut self, reason: &str, secret: Option<Secret>) {
        if let Some(secret) = secret {
            self.schedule_clipboard_clearing(secret);
        }
        self.notify_error(format!("Copied the token, which {reason}"));
    }

    /// Returns `false` where the settings leave secrets in the clipboard.
    fn schedule_clipboard_clearing(&mut self, secret: Secret) -> bool {
        let seconds = self.config.clear_clipboard_seconds;
        let Some(until) = self.time_in(seconds).filter(|_| seconds > 0) else { return false };
        self.copied = Some((secret, until));
        true
    }

    /// Returns the copied secret once its time in the clipboard is over.
    pub fn take_expired_secret(&mut self) -> Option<Secret> {
        self.copied.take_if(|(_, until)| *until <= self.now).map(|(secret, _)| secret)
    }

    /// Returns the number of the next sign-in, post, job or probe.
    pub(super) fn take_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id - 1
    }

    /// Returns the key hints of the screen, or of the overlay that covers it, while a dialog over it has its own.
    pub(super) fn hints_behind(&self, is_ascii: bool) -> Vec<KeyHint> {
        let context = match overlays::covering_overlay(self) {
            Some((at, _)) if at + 1 == self.overlays.len() => return Vec::new(),
            Some((_, overlay)) => overlay.key_context(),
            // What can be done with the selected post changes from post to post.
            None if posts::has_post(self) => return keymap::all_key_hints(self, is_ascii, KeyContext::Posts),
            None if self.dialog.is_none() && self.overlays.is_empty() => return Vec::new(),
            None => self.screen_context(),
        };
        keymap::key_hints(self, is_ascii, context)
    }

    /// Returns the columns of a profile's or member's name in a key hint: a longer name would push other hints away.
    pub(super) fn hint_name_width(&self) -> usize {
        (usize::from(self.size.0) / 4).max(20)
    }

    /// Returns the areas of the window as it was last measured.
    pub(super) fn window(&self) -> Window {
        let size = (self.size.0.max(MIN_SIZE.0), self.size.1.max(MIN_SIZE.1));
        let is_ascii = self.config.is_ascii;
        let hints = keymap::key_hints(self, is_ascii, self.key_context());
        Window::with_hints_behind(size, &hints, &self.hints_behind(is_ascii), self.status_lines(size.0))
    }

    /// Returns when the passing of time changes a text on the screen. It is a point in time rather than a duration, because a
    /// machine may sleep before it.
    pub fn next_time_change(&self) -> Option<Timestamp> {
        match &self.screen {
            Screen::Profiles => profiles::next_change(self),
            Screen::SignedIn(signed_in) => {
                time_format::next_change(self.now, signed_in.outcome.profile.token.as_ref()?.expires_at?)
            }
            _ => None,
        }
    }

    /// Returns how long until the event loop must send the next tick, because the screen changes by itself: a spinner, a countdown, a
    /// secret or a notification that disappears, a draft that is saved. `None` where it does not.
    pub fn time_until_next_tick(&self) -> Option<Duration> {
        let until = |at: Timestamp| Duration::try_from(at.duration_since(self.now)).unwrap_or_default();
        let notification = self.notification.as_ref().map(|notification| until(notification.until));
        let clipboard = self.copied.as_ref().map(|(_, at)| until(*at));
        let draft = self.compose().and_then(|post| post.unsaved_since?.checked_add(SAVE_DELAY).ok()).map(until);
        let countdown = self.revealed_until.filter(|at| *at > self.now).map(|at| until(at).min(COUNTDOWN_INTERVAL));
        let is_animated = self.sign_in().is_some_and(|sign_in| sign_in.failure.is_none())
            || self.list.jobs.iter().any(|job| !job.running.is_empty())
            || deliveries::is_any_running(self)
            || self.compose().is_some_and(|post| matches!(post.stage, Stage::Busy(..)) || post.is_reading_link())
            || matches!(&self.dialog, Some(Dialog::Permissions(panel)) if panel.is_probing())
            || matches!(&self.dialog, Some(Dialog::Statistics(dialog)) if dialog.is_fetching())
            || matches!(&self.dialog, Some(Dialog::Comment(form)) if form.is_sending())
            || matches!(&self.dialog, Some(Dialog::React(menu)) if menu.is_sending());
        let frame = is_animated.then_some(ANIMATION_INTERVAL);
        [notification, clipboard, draft, countdown, frame].into_iter().flatten().min()
    }
}
