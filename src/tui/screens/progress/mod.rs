//! A sign-in that goes on: its steps live, and what the person can do meanwhile.

mod other;
mod view;

use jiff::Timestamp;

use super::{profiles, setup};
use crate::flows::sign_in::{Command, Event, Outcome, Request, SecretTrial};
use crate::store::Member;
use crate::text::clean;
use crate::tui::keymap::Action;
use crate::tui::message::{ClipboardContent, Effect};
use crate::tui::state::{Overlay, Screen, State, Step};
use crate::tui::widgets::field::Field;
use crate::{Code, Error};
pub use other::Dropped;
pub(in crate::tui) use other::{act as other_act, own_profile, page as other_page, replace_page, waits as token_waits};
pub(in crate::tui) use view::{failure_page, named, page, spinner};

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
    pub trial: Option<SecretTrial>,
    /// The listener's addresses, once it listens.
    pub links: Option<Links>,
    /// The browser that was started, or why none was.
    pub browser: Option<Result<String, String>>,
    /// Since when and until when the person is waited for.
    pub wait: Option<(Timestamp, Timestamp)>,
    /// How many answers were refused, and why the newest was.
    pub rejected_callbacks: Option<(u64, String)>,
    /// Why the pasted address was refused.
    pub paste_refused: Option<Error>,
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
    state.round = state.round.max(left + 1);
    state.sign_in = Some(SignIn {
        id,
        request: request.clone(),
        origin,
        turn: (state.round > 1).then(|| (state.round - left, state.round)),
        phase: Phase::Trial,
        trial: None,
        links: None,
        browser: None,
        wait: None,
        rejected_callbacks: None,
        paste_refused: None,
        unsaved: None,
        other: None,
        dropped: None,
        failure: None,
    });
    state.go(Screen::SignIn);
    vec![Effect::StartSignIn { id, request: Box::new(request) }]
}

/// Takes an event of the running sign-in.
pub(in crate::tui) fn went_on(state: &mut State, id: u64, event: Event) {
    let Some(sign_in) = state.sign_in.as_mut().filter(|one| one.id == id) else { return };
    match event {
        Event::SecretTried(trial) => {
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
                state.say(format!("{why} Open the address yourself: u shows it whole, c copies it."), true);
            }
        }
        Event::Waiting { since, until } => {
            sign_in.wait = Some((since, until));
            sign_in.phase = Phase::Consent;
        }
        Event::CallbackRejected(rejected) => {
            sign_in.rejected_callbacks = Some((rejected.count, rejected.last_reason));
        }
        Event::PasteRejected(error) => sign_in.paste_refused = Some(error),
        Event::CallbackAccepted | Event::Exchanging => {
            sign_in.phase = Phase::Exchange;
            sign_in.paste_refused = None;
            if state.overlay == Some(Overlay::Paste) {
                state.overlay = None;
            }
            // What was told of the wait is over with it.
            state.toast = None;
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
            state.say(format!("The token is saved, but not whose it is: {error}"), true);
        }
        Event::MemberUnknown(error) => state.say(format!("LinkedIn did not say who it is: {error}"), true),
        Event::DifferentMember { stored, found } => {
            sign_in.phase = Phase::Save;
            sign_in.other = Some((stored, found));
        }
    }
}

/// Takes the end of the running sign-in.
pub(in crate::tui) fn ended(state: &mut State, id: u64, result: Result<Outcome, Error>) -> Vec<Effect> {
    let Some(sign_in) = state.sign_in.as_mut().filter(|one| one.id == id) else { return Vec::new() };
    state.pasting.wipe();
    let mut effects = vec![Effect::ReadFiles];
    if matches!(state.overlay, Some(Overlay::Printed(_))) {
        effects.push(Effect::ShowScreen);
    }
    state.overlay = None;
    match result {
        Ok(outcome) => {
            let (meant, name) = (sign_in.request.profile.clone(), outcome.profile.name.clone());
            state.sign_in = None;
            // It is renewed, whoever of several was meant: what is left begins with the next.
            state.list.marked.remove(&name);
            state.list.queue.retain(|next| *next != name);
            state.not_renewed = Some(meant).filter(|meant| *meant != name);
            // Nothing typed is needed any more, and a secret least of all.
            state.setup = setup::Setup::new(&state.start.prefill);
            state.list.selected = Some(outcome.profile.name.clone());
            profiles::signed_in(state, &outcome.profile);
            state.go(Screen::Done(Box::new(outcome)));
        }
        Err(error) => {
            sign_in.other = None;
            if let Some(dropped) = sign_in.dropped.take().filter(|_| error.code == Code::DifferentMember) {
                let sign_in = sign_in.clone();
                effects.extend(other::dropped(state, sign_in, &dropped));
                return effects;
            }
            sign_in.failure = Some(error);
            state.scroll = 0;
        }
    }
    effects
}

/// A command while it goes on.
pub(in crate::tui) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(sign_in) = &state.sign_in else { return Vec::new() };
    let links = sign_in.links.clone();
    match action {
        Action::Back => return cancel(state),
        Action::OpenAgain => return vec![Effect::CommandSignIn(Command::OpenAgain)],
        Action::Retry if sign_in.unsaved.is_some() => {
            if let Some(sign_in) = &mut state.sign_in {
                sign_in.unsaved = None;
            }
            return vec![Effect::CommandSignIn(Command::SaveAgain)];
        }
        Action::Paste => {
            state.pasting.wipe();
            state.overlay = Some(Overlay::Paste);
        }
        Action::CopyUrl => return copy("the redirect URL", sign_in.request.app.redirect_url.as_str()),
        Action::CopyClientId => return copy("the client ID", &sign_in.request.app.client_id),
        Action::CopyLink => return links.map_or_else(Vec::new, |links| copy("the address", &links.url)),
        Action::CopyShort => return links.map_or_else(Vec::new, |links| copy("the short link", &links.short)),
        Action::ShowLink => {
            if let Some(links) = links {
                state.overlay = Some(Overlay::Printed(links.url.clone()));
                return vec![Effect::PrintLine(links.url)];
            }
        }
        Action::ApproveFirst | Action::ApproveSecond | Action::ApproveThird => {
            let number = match action {
                Action::ApproveFirst => 0,
                Action::ApproveSecond => 1,
                _ => 2,
            };
            if let (Some(links), Some((key, name))) = (links, state.start.sandbox_members.get(number).cloned()) {
                state.say(format!("Approving in the sandbox as {name} ..."), false);
                return vec![Effect::ApproveInSandbox { url: links.url, member: key }];
            }
        }
        _ => {}
    }
    Vec::new()
}

fn copy(what: &'static str, text: &str) -> Vec<Effect> {
    vec![Effect::Copy { what, copied: ClipboardContent::Text(text.to_owned()) }]
}

/// Drops it and goes back to where it was asked for.
fn cancel(state: &mut State) -> Vec<Effect> {
    let origin = state.sign_in.take().map_or(Origin::Setup, |one| one.origin);
    state.go(origin.screen());
    state.say("Cancelled; the port is closed and nothing was changed.", false);
    vec![Effect::CancelSignIn]
}

/// A key in the field for a pasted address.
pub(in crate::tui) fn paste_act(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Next if !state.pasting.trimmed().is_empty() => {
            let text = state.pasting.trimmed().to_owned();
            if let Some(sign_in) = &mut state.sign_in {
                sign_in.paste_refused = None;
            }
            vec![Effect::CommandSignIn(Command::Paste(text))]
        }
        Action::Back => {
            state.pasting.wipe();
            state.overlay = None;
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Pasted into that field. An address may be broken over lines, and the listener finds it in whatever stands around it.
pub(in crate::tui) fn paste(pasting: &mut Field, text: &str) {
    pasting.insert(&text.replace(|c: char| c.is_control(), "\n"));
}

/// A command after a failure.
pub(in crate::tui) fn failure_act(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(sign_in) = state.sign_in.clone() else { return Vec::new() };
    match action {
        Action::Retry => start(state, sign_in.request, sign_in.origin),
        Action::Portal => vec![Effect::OpenPage(crate::linkedin::endpoints::portal::APPS.to_owned())],
        Action::Next | Action::Back => {
            state.sign_in = None;
            state.go(sign_in.origin.screen());
            Vec::new()
        }
        Action::ToScopes | Action::ToCredentials | Action::ToRedirect => setup::fix(state, &sign_in, action),
        _ => Vec::new(),
    }
}
