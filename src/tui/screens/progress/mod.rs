//! A sign-in that goes on: its steps live, and what the person can do meanwhile.

mod other;
mod view;

use jiff::Timestamp;

use super::{profiles, setup};
use crate::flows::sign_in::{Command, CredentialsCheck, Event, Outcome, Request};
use crate::store::Member;
use crate::text::clean;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::{ClipboardContent, Effect, TerminalEffect};
use crate::tui::state::{Dialog, Screen, State, Step};
use crate::tui::widgets::field::Field;
use crate::{Code, Error};
pub(crate) use other::Dropped;
pub(in crate::tui) use other::{own_profile, replace, replace_page, waits as token_waits};
pub(in crate::tui) use view::{named, page, paste_page, spinner};

/// After so long without an answer LinkedIn may have shown an error page, which it never sends back.
const SILENCE_SECONDS: i64 = 60;

/// Where a sign-in was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The setup screens.
    Setup,
    /// The profile list.
    List,
}

impl Origin {
    /// The screen that one comes back to.
    const fn screen(self) -> Screen {
        match self {
            Self::List => Screen::Profiles,
            Self::Setup => Screen::Setup(Step::Review),
        }
    }
}

/// The steps, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The client secret is tried.
    Trial,
    /// The port is bound and tested.
    Listen,
    /// The browser is started.
    Browser,
    /// The person is in the browser.
    Consent,
    /// The code is exchanged.
    Exchange,
    /// The token is saved.
    Save,
    /// LinkedIn is asked who it is.
    Identify,
}

const PHASES: [Phase; 7] =
    [Phase::Trial, Phase::Listen, Phase::Browser, Phase::Consent, Phase::Exchange, Phase::Save, Phase::Identify];

/// What the listener told.
#[derive(Clone, Debug)]
pub struct Links {
    /// The authorization URL.
    pub url: String,
    /// The short link.
    pub short: String,
    /// The addresses that are held.
    pub held: &'static str,
}

/// A running or failed sign-in.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// Its number; answers with another one are dropped.
    pub id: u64,
    /// What was asked for.
    pub request: Request,
    /// Where a failure leads back to.
    pub origin: Origin,
    /// Which it is of how many that are re-authorized one after the other.
    pub turn: Option<(usize, usize)>,
    /// The step that goes on.
    pub phase: Phase,
    /// What the trial of the secret said.
    pub trial: Option<CredentialsCheck>,
    /// The listener's addresses, once it listens.
    pub links: Option<Links>,
    /// The browser that was started, or why none was.
    pub browser: Option<Result<String, String>>,
    /// Since when and until when the person is waited for.
    pub wait: Option<(Timestamp, Timestamp)>,
    /// How many answers were refused, and why the newest was.
    pub rejected_callbacks: Option<(u64, String)>,
    /// Why the token could not be saved; it waits in memory.
    pub unsaved: Option<Error>,
    /// The profile's member and the one who came back.
    pub other: Option<(Member, Member)>,
    /// The token that a person chose to throw away.
    pub dropped: Option<Dropped>,
    /// How it failed.
    pub failure: Option<Error>,
}

/// Starts a sign-in; another one that goes on is dropped.
pub(in crate::tui) fn start(state: &mut State, request: Request, origin: Origin) -> Vec<Effect> {
    let id = state.next_id;
    state.next_id += 1;
    state.revealed = None;
    let left = state.list.queue.len();
    state.reauthorization_count = state.reauthorization_count.max(left + 1);
    let sign_in = SignIn {
        id,
        request: request.clone(),
        origin,
        turn: (state.reauthorization_count > 1)
            .then(|| (state.reauthorization_count - left, state.reauthorization_count)),
        phase: Phase::Trial,
        trial: None,
        links: None,
        browser: None,
        wait: None,
        rejected_callbacks: None,
        unsaved: None,
        other: None,
        dropped: None,
        failure: None,
    };
    state.go(Screen::SignIn(Box::new(sign_in)));
    vec![Effect::StartSignIn { id, request: Box::new(request) }]
}

/// Takes an event of the running sign-in.
pub(in crate::tui) fn went_on(state: &mut State, id: u64, event: Event) {
    let Some(sign_in) = state.sign_in_mut(id) else { return };
    match event {
        Event::CredentialsChecked(trial) => {
            sign_in.trial = Some(trial);
            sign_in.phase = Phase::Listen;
        }
        Event::Listening { v4, v6, authorization_url, short_link, .. } => {
            let held = match (v4, v6) {
                (true, true) => "127.0.0.1 and ::1",
                (true, false) => "127.0.0.1",
                _ => "::1",
            };
            sign_in.links = Some(Links { url: authorization_url.into(), short: short_link, held });
            sign_in.phase = Phase::Browser;
        }
        Event::BrowserOpened { command } => sign_in.browser = Some(Ok(clean(&command, 200))),
        Event::BrowserNotOpened { reason: why } => {
            let why = clean(&why, 300);
            // The page says it already: a key that was pressed to open one must not seem dead.
            let again = matches!(sign_in.browser, Some(Err(_)));
            sign_in.browser = Some(Err(why.clone()));
            if again {
                let show = state.press(KeyContext::SignIn, Action::ShowUrl, "show the URL");
                let copy = state.press(KeyContext::SignIn, Action::CopyLink, "copy it");
                state.notify_error(format!("{why} Open the URL yourself. {show} {copy}"));
            }
        }
        Event::Waiting { since, until } => {
            sign_in.wait = Some((since, until));
            sign_in.phase = Phase::Consent;
        }
        Event::CallbackRejected(rejected) => {
            sign_in.rejected_callbacks = Some((rejected.count, rejected.last_reason));
        }
        Event::PasteRejected(error) => match &mut state.dialog {
            Some(Dialog::PasteCallback(form)) => form.refused = Some(error),
            _ => state.notify_error(format!("{error} {}", state.hint(&error))),
        },
        Event::CallbackAccepted | Event::Exchanging => {
            sign_in.phase = Phase::Exchange;
            if matches!(state.dialog, Some(Dialog::PasteCallback(_))) {
                state.dialog = None;
            }
            // What was told of the wait is over with it.
            state.notification = None;
        }
        Event::SaveFailed(error) => {
            sign_in.phase = Phase::Save;
            sign_in.unsaved = Some(error);
        }
        Event::TokenSaved { .. } => {
            sign_in.unsaved = None;
            sign_in.phase = Phase::Identify;
        }
        Event::MemberIdentified(_) => {}
        Event::MemberNotSaved { error, .. } => {
            state.notify_error(format!("The token is saved, but its member could not be saved: {error}"));
        }
        Event::MemberUnknown(error) => state.notify_error(format!("The member could not be identified: {error}")),
        Event::DifferentMember { stored, found } => {
            sign_in.phase = Phase::Save;
            sign_in.other = Some((stored, found));
        }
    }
}

/// Takes the end of the running sign-in.
pub(in crate::tui) fn ended(state: &mut State, id: u64, result: Result<Outcome, Error>) -> Vec<Effect> {
    let sign_in = match &mut state.screen {
        Screen::SignIn(sign_in) if sign_in.id == id => sign_in,
        _ => return Vec::new(),
    };
    let mut effects = vec![Effect::ReadFiles];
    if matches!(state.dialog, Some(Dialog::PrintedUrl(_))) {
        effects.push(Effect::Terminal(TerminalEffect::ShowScreen));
    }
    state.dialog = None;
    match result {
        Ok(outcome) => {
            let (meant, name) = (sign_in.request.profile.clone(), outcome.profile.name.clone());
            // It is renewed, whoever of several was meant: what is left begins with the next.
            state.list.marked.remove(&name);
            state.list.queue.retain(|next| *next != name);
            state.not_reauthorized = Some(meant).filter(|meant| *meant != name);
            // Nothing typed is needed any more, and a secret least of all.
            state.setup = setup::Setup::new(&state.start.prefill);
            state.list.selected = Some(outcome.profile.name.clone());
            profiles::signed_in(state, &outcome.profile);
            state.go(Screen::Done(Box::new(outcome)));
        }
        Err(error) => {
            sign_in.other = None;
            if let Some(dropped) = sign_in.dropped.take().filter(|_| error.code == Code::DifferentMember) {
                let sign_in = SignIn::clone(sign_in);
                effects.extend(other::dropped(state, sign_in, &dropped));
                return effects;
            }
            sign_in.failure = Some(error);
            state.scroll = 0;
        }
    }
    effects
}

/// A command on any page of a sign-in.
pub(in crate::tui) fn handle(state: &mut State, sign_in: Box<SignIn>, action: Action) -> Vec<Effect> {
    if sign_in.failure.is_some() {
        return handle_failure(state, sign_in, action);
    }
    if action == Action::Back && sign_in.other.is_none() {
        state.go(sign_in.origin.screen());
        state.notify("Sign-in cancelled. Nothing was changed.");
        return vec![Effect::CancelSignIn];
    }
    let is_different_member = sign_in.other.is_some();
    state.screen = Screen::SignIn(sign_in);
    if is_different_member { other::act(state, action) } else { handle_progress(state, action) }
}

/// A command while the sign-in is running.
fn handle_progress(state: &mut State, action: Action) -> Vec<Effect> {
    let Screen::SignIn(sign_in) = &mut state.screen else { return Vec::new() };
    let links = sign_in.links.clone();
    match action {
        Action::ReopenBrowser => return vec![Effect::SendSignInCommand(Command::OpenAgain)],
        Action::Retry if sign_in.unsaved.is_some() => {
            sign_in.unsaved = None;
            return vec![Effect::SendSignInCommand(Command::SaveAgain)];
        }
        Action::PasteCallback => state.dialog = Some(Dialog::PasteCallback(PasteForm::default())),
        Action::CopyUrl => return copy("the redirect URL", sign_in.request.app.redirect_url.as_str()),
        Action::CopyClientId => return copy("the client ID", &sign_in.request.app.client_id),
        Action::CopyLink => return links.map_or_else(Vec::new, |links| copy("the URL", &links.url)),
        Action::CopyShortLink => return links.map_or_else(Vec::new, |links| copy("the short link", &links.short)),
        Action::ShowUrl => {
            if let Some(links) = links {
                state.dialog = Some(Dialog::PrintedUrl(links.url.clone()));
                return vec![Effect::Terminal(TerminalEffect::PrintLine(links.url))];
            }
        }
        Action::ApproveFirst | Action::ApproveSecond | Action::ApproveThird => {
            let number = match action {
                Action::ApproveFirst => 0,
                Action::ApproveSecond => 1,
                _ => 2,
            };
            if let (Some(links), Some((key, name))) = (links, state.start.sandbox_members.get(number).cloned()) {
                state.notify(format!("Approving in the sandbox as {name} ..."));
                return vec![Effect::ApproveInSandbox { url: links.url, member: key }];
            }
        }
        _ => {}
    }
    Vec::new()
}

fn copy(what: &'static str, text: &str) -> Vec<Effect> {
    vec![Effect::Terminal(TerminalEffect::Copy { what, copied: ClipboardContent::Text(text.to_owned()) })]
}

/// The field for a pasted callback URL.
#[derive(Clone, Debug, Default)]
pub struct PasteForm {
    /// What was typed or pasted.
    pub url: Field,
    /// Why the last URL was rejected.
    pub refused: Option<Error>,
}

impl PasteForm {
    /// Inserts pasted text. A URL may be broken over lines; the callback server finds it in what is around it.
    pub(in crate::tui) fn paste(&mut self, text: &str) -> Option<usize> {
        self.url.insert(&text.replace(|c: char| c.is_control(), "\n"))
    }
}

/// Submits the pasted URL; the form stays open until it is accepted.
pub(in crate::tui) fn submit(state: &mut State, mut form: PasteForm) -> Vec<Effect> {
    let text = form.url.trimmed().to_owned();
    let effects = if text.is_empty() {
        Vec::new()
    } else {
        form.refused = None;
        vec![Effect::SendSignInCommand(Command::Paste(text))]
    };
    state.dialog = Some(Dialog::PasteCallback(form));
    effects
}

/// A command after a failure.
fn handle_failure(state: &mut State, sign_in: Box<SignIn>, action: Action) -> Vec<Effect> {
    match action {
        Action::Retry => return start(state, sign_in.request, sign_in.origin),
        Action::EditScopes | Action::EditCredentials | Action::EditRedirectUrl => {
            return setup::fix(state, &sign_in, action);
        }
        Action::Back => state.go(sign_in.origin.screen()),
        action => {
            state.screen = Screen::SignIn(sign_in);
            if action == Action::OpenPortal {
                return vec![Effect::OpenPage(crate::linkedin::endpoints::portal::APPS.to_owned())];
            }
        }
    }
    Vec::new()
}
