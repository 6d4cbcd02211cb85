//! Everything the interface knows. It is changed by [`super::update`] alone.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

pub use super::dialogs::Dialog;
use super::files::Files;
use super::hint::hint;
use super::message::Effect;
use super::screens::compose::{Compose, KEPT_AFTER, Stage};
use super::screens::deliveries::{self, Panel, RunningDelivery};
use super::screens::profiles::{self, list::List};
use super::screens::progress::SignIn;
use super::screens::setup::Setup;
use super::when;
use crate::Error;
use crate::flows::sign_in::Outcome;
use crate::host::Ssh;
use crate::secret::Secret;
use crate::store::Name;
use crate::tui::keymap::{Action, KeyContext, Keymap};

/// What the interface starts with: facts from outside that do not change.
#[derive(Clone, Debug)]
pub struct Start {
    /// `SANDBOX`, or the host's name where it is not LinkedIn's.
    pub badge: Option<String>,
    /// What the setup screens are prefilled with.
    pub prefill: Prefill,
    /// The browser that would be started, or why none can be.
    pub browser: Option<Result<String, String>>,
    /// How a person who is connected over SSH reaches this machine.
    pub ssh: Option<Ssh>,
    /// Key and name of the sandbox's members.
    pub sandbox_members: Vec<(String, String)>,
    /// Days left from which a token counts as expiring.
    pub expiring_days: u32,
    /// How long to wait for the browser, in seconds.
    pub timeout_seconds: u64,
    /// How long a revealed secret stays, in seconds.
    pub reveal_seconds: u64,
    /// How long a copied secret stays in the clipboard, in seconds; 0 for as long as it likes.
    pub clear_clipboard_seconds: u64,
    /// Show the token in the browser too.
    pub show_token: bool,
    /// The time zone that dates are shown in.
    pub zone: TimeZone,
    /// Check what was not checked for a day as the list opens.
    pub check_on_start: bool,
    /// The keys.
    pub keymap: Keymap,
    /// Where the profiles' files are.
    pub profiles_folder: PathBuf,
    /// The program as a shell starts it on the same files.
    pub program: &'static str,
}

/// What the environment, a `.env` file or the sandbox offers for a new app.
#[derive(Clone, Debug, Default)]
pub struct Prefill {
    /// Client ID.
    pub client_id: String,
    /// Client secret.
    pub client_secret: Option<Secret>,
    /// Redirect URL.
    pub redirect_url: Option<String>,
    /// Where it comes from, for people.
    pub source: Option<&'static str>,
}

/// Which screen is on.
#[derive(Clone, Debug)]
pub enum Screen {
    /// The setup, at a step.
    Setup(Step),
    /// A sign-in that is running or has failed.
    SignIn(Box<SignIn>),
    /// A sign-in succeeded.
    Done(Box<Outcome>),
    /// The profile list.
    Profiles,
    /// A post that is written or published.
    Compose(Box<Compose>),
}

/// The setup's steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// How to make an app.
    Guide,
    /// Client ID and secret.
    Credentials,
    /// What the token may do.
    Scopes,
    /// Where the browser comes back to.
    Redirect,
    /// Everything at a glance.
    Review,
}

/// How long a notification stays, in seconds.
const NOTIFICATION_SECONDS: i64 = 6;
/// How long an error stays, in seconds.
const ERROR_SECONDS: i64 = 12;

/// A line that says what was just done, until it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The words.
    pub text: String,
    /// Whether it is an error.
    pub is_error: bool,
    /// Until when it stays.
    pub until: Timestamp,
}

/// All of it.
#[derive(Clone, Debug)]
pub struct State {
    /// Facts from outside.
    pub start: Start,
    /// The time, as last told.
    pub now: Timestamp,
    /// What the files hold; `None` until they were read.
    pub files: Option<Arc<Files>>,
    /// The screen.
    pub screen: Screen,
    /// What lies over it.
    pub dialog: Option<Dialog>,
    /// The post that was last left: it is opened again where its draft cannot be saved.
    pub left_post: Option<Box<Compose>>,
    /// The line at the bottom.
    pub notification: Option<Notification>,
    /// What was typed in the setup; kept until a sign-in succeeds.
    pub setup: Setup,
    /// The profile list.
    pub list: List,
    /// The deliveries of this run, the newest last.
    pub handings: Vec<RunningDelivery>,
    /// Until when a secret is shown.
    pub revealed: Option<Timestamp>,
    /// A secret that is taken out of the clipboard again, and when.
    pub copied: Option<(Secret, Timestamp)>,
    /// How many are re-authorized one after the other.
    pub round: usize,
    /// The profile that the sign-in just finished was for, where its token went to another.
    pub not_renewed: Option<Name>,
    /// Number of the next sign-in.
    pub next_id: u64,
    /// Columns and rows of the window.
    pub size: (u16, u16),
    /// Lines that a page without a focus is scrolled by.
    pub scroll: u16,
}

impl State {
    /// The first screen, before the files are read.
    pub fn new(start: Start, now: Timestamp) -> (Self, Vec<Effect>) {
        let setup = Setup::new(&start.prefill);
        let state = Self {
            start,
            now,
            files: None,
            screen: Screen::Profiles,
            dialog: None,
            left_post: None,
            notification: None,
            setup,
            list: List::default(),
            handings: Vec::new(),
            revealed: None,
            copied: None,
            round: 0,
            not_renewed: None,
            next_id: 1,
            size: (80, 24),
            scroll: 0,
        };
        (state, vec![Effect::ReadFiles])
    }

    /// What the files hold; nothing until they were read.
    pub fn files(&self) -> Arc<Files> {
        self.files.clone().unwrap_or_default()
    }

    /// Goes to a screen.
    pub fn go(&mut self, screen: Screen) {
        if matches!(screen, Screen::Profiles) {
            // What was to be re-authorized after this one is marked still.
            self.list.queue.clear();
            self.round = 0;
        }
        self.screen = screen;
        self.scroll = 0;
        self.dialog = None;
        self.notification = None;
    }

    /// Where keys go.
    pub fn key_context(&self) -> KeyContext {
        if let Some(dialog) = &self.dialog {
            return dialog.key_context();
        }
        self.context_beneath()
    }

    /// The place under an overlay.
    pub fn context_beneath(&self) -> KeyContext {
        match &self.screen {
            Screen::Setup(Step::Guide) => KeyContext::Guide,
            Screen::Setup(Step::Credentials) => KeyContext::Credentials,
            Screen::Setup(Step::Scopes) => KeyContext::Scopes,
            Screen::Setup(Step::Redirect) => KeyContext::RedirectUrl,
            Screen::Setup(Step::Review) => KeyContext::Review,
            Screen::SignIn(sign_in) if sign_in.failure.is_some() => KeyContext::SignInFailed,
            Screen::SignIn(sign_in) if sign_in.other.is_some() => KeyContext::DifferentMember,
            Screen::SignIn(_) => KeyContext::SignIn,
            Screen::Done(_) => KeyContext::SignedIn,
            Screen::Compose(post) => match post.stage {
                Stage::Writing => KeyContext::Compose,
                Stage::Preview => KeyContext::Preview,
                Stage::Publishing(_) => KeyContext::Publishing,
                Stage::Published(_) => KeyContext::Published,
                Stage::Deleting(_) => KeyContext::DeletePost,
                Stage::Failed(_) => KeyContext::NotPublished,
            },
            Screen::Profiles if self.list.filtering => KeyContext::Filter,
            Screen::Profiles => KeyContext::List,
        }
    }

    /// Returns the sign-in on the screen.
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

    /// Returns the post on the screen.
    pub fn compose(&self) -> Option<&Compose> {
        match &self.screen {
            Screen::Compose(post) => Some(post),
            _ => None,
        }
    }

    /// Returns the post of this number; messages of another one are out of date.
    pub(super) fn compose_mut(&mut self, id: u64) -> Option<&mut Compose> {
        match &mut self.screen {
            Screen::Compose(post) if post.id == id => Some(post),
            _ => None,
        }
    }

    /// Returns the panel of deliveries while it is open.
    pub fn panel(&self) -> Option<&Panel> {
        match &self.dialog {
            Some(Dialog::Deliveries(panel)) => Some(panel),
            _ => None,
        }
    }

    /// Returns the advice of an error, with the key of its next step.
    pub fn hint(&self, error: &Error) -> String {
        hint(&self.start.keymap, self.start.program, error)
    }

    /// Returns a sentence that names the key of an action: "Press r to re-authorize."
    pub fn press(&self, context: KeyContext, action: Action, purpose: &str) -> String {
        self.start.keymap.press(context, action, purpose)
    }

    /// Returns the name of an action's key.
    pub fn key_name(&self, context: KeyContext, action: Action) -> String {
        self.start.keymap.key_name(context, action)
    }

    /// Is a secret shown now?
    pub fn is_revealed(&self) -> bool {
        self.revealed.is_some_and(|until| self.now < until)
    }

    /// Shows a secret for a while, or hides it.
    pub fn toggle_reveal(&mut self) {
        self.revealed = if self.is_revealed() { None } else { self.after(self.start.reveal_seconds) };
    }

    /// So many seconds from now.
    fn after(&self, seconds: u64) -> Option<Timestamp> {
        self.now.checked_add(SignedDuration::from_secs(i64::try_from(seconds).ok()?)).ok()
    }

    /// Says that a secret was copied, and when it goes again.
    pub fn secret_copied(&mut self, what: &str, where_to: &str, secret: Secret) {
        let seconds = self.start.clear_clipboard_seconds;
        let Some(until) = self.after(seconds).filter(|_| seconds > 0) else {
            self.notify(format!("Copied {what}: {where_to}."));
            return;
        };
        self.copied = Some((secret, until));
        self.notify(format!("Copied {what}: {where_to}, for {seconds} s."));
    }

    /// Says that what was copied is of no use any more.
    pub fn dead_token_copied(&mut self, why: &str, secret: Option<Secret>) {
        let seconds = self.start.clear_clipboard_seconds;
        if let (Some(secret), Some(until)) = (secret, self.after(seconds).filter(|_| seconds > 0)) {
            self.copied = Some((secret, until));
        }
        self.notify_error(format!("Copied the token, which {why}"));
    }

    /// The copied secret whose time is over.
    pub fn take_copied(&mut self) -> Option<Secret> {
        self.copied.take_if(|(_, until)| *until <= self.now).map(|(secret, _)| secret)
    }

    /// Shows a notification in the status line.
    pub fn notify(&mut self, text: impl Into<String>) {
        self.notify_as(false, text);
    }

    /// Shows an error in the status line.
    pub fn notify_error(&mut self, text: impl Into<String>) {
        self.notify_as(true, text);
    }

    /// Reports that only so many characters of a pasted text were inserted.
    pub(super) fn notify_cut(&mut self, inserted: Option<usize>) {
        let Some(count) = inserted else { return };
        let number = if count < 1000 { count.to_string() } else { format!("{},{:03}", count / 1000, count % 1000) };
        let unit = if count == 1 { "character" } else { "characters" };
        self.notify_error(format!("The pasted text was cut to {number} {unit}."));
    }

    /// Shows a text in the status line until its time is over.
    pub(super) fn notify_as(&mut self, is_error: bool, text: impl Into<String>) {
        let seconds = if is_error { ERROR_SECONDS } else { NOTIFICATION_SECONDS };
        let until = self.now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(self.now);
        self.notification = Some(Notification { text: text.into(), is_error, until });
    }

    /// When the screen reads differently by the clock alone, however long the machine sleeps before.
    pub fn next_time_change(&self) -> Option<Timestamp> {
        match &self.screen {
            Screen::Profiles => profiles::next_change(self),
            Screen::Done(outcome) => when::next_change(self.now, outcome.profile.token.as_ref()?.expires_at?),
            _ => None,
        }
    }

    /// When the screen changes by itself: a spinner, a countdown, a secret or a line that goes.
    /// `None` wakes nobody.
    pub fn next_tick(&self) -> Option<std::time::Duration> {
        let until = |at: Timestamp| std::time::Duration::try_from(at.duration_since(self.now)).unwrap_or_default();
        let told = self.notification.as_ref().map(|notification| until(notification.until));
        let mut soonest = self.copied.as_ref().map(|(_, at)| until(*at)).into_iter().chain(told).min();
        // A typed text is kept after a moment.
        if let Some(at) = self.compose().and_then(|post| post.unkept)
            && let Ok(at) = at.checked_add(KEPT_AFTER)
        {
            soonest = Some(soonest.map_or(until(at), |other| other.min(until(at))));
        }
        // A shown secret counts its seconds down.
        if let Some(at) = self.revealed.filter(|at| *at > self.now) {
            soonest = Some({
                let second = until(at).min(std::time::Duration::from_secs(1));
                soonest.map_or(second, |other| other.min(second))
            });
        }
        let moving = self.sign_in().is_some_and(|sign_in| sign_in.failure.is_none())
            || self.list.jobs.iter().any(|job| !job.running.is_empty())
            || deliveries::running(self)
            || matches!(&self.dialog, Some(Dialog::Permissions(panel)) if panel.is_probing());
        if moving {
            let frame = std::time::Duration::from_millis(100);
            soonest = Some(soonest.map_or(frame, |other| other.min(frame)));
        }
        soonest
    }
}
