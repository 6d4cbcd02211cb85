//! A sign-in: its phases while it is running, the choice after a different member signed in, and a failure.

mod different_member;
mod view;

use jiff::Timestamp;

use super::signed_in::SignedIn;
use super::{copy_text, profiles, setup};
use crate::flows::sign_in::{Command, CredentialsCheck, Event, Request, SignInOutcome};
use crate::text::sanitize;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::{Effect, TerminalEffect};
use crate::tui::state::{Dialog, Screen, SetupStep, State};
use crate::tui::widgets::field::Field;
use crate::{Code, Error};
use different_member::DiscardedToken;
pub(crate) use different_member::{
    DifferentMember, choice_description, has_undecided_token, replace_token, replace_token_page, update_label,
};
pub(crate) use view::{fix_actions, needs_self_serve_product, page, paste_page, spinner, step_description};

/// The screen that a sign-in was started from, and that it returns to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Setup,
    List,
}

impl Origin {
    const fn screen(self) -> Screen {
        match self {
            Self::List => Screen::Profiles,
            Self::Setup => Screen::Setup(SetupStep::Review),
        }
    }
}

/// The phases of a sign-in, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    CheckSecret,
    Listen,
    OpenBrowser,
    Consent,
    Exchange,
    Save,
    Identify,
}

/// How the browser reaches the sign-in, from the moment that the callback server listens.
#[derive(Clone, Debug)]
pub struct Links {
    pub authorization_url: String,
    pub short_link: String,
    /// The addresses of the callback server.
    addresses: &'static str,
}

impl Links {
    /// Returns the control page of the sandbox, which is at its root.
    fn control_page(&self) -> Option<String> {
        let url = url::Url::parse(&self.authorization_url).ok()?;
        url.join("/").ok().map(Into::into)
    }
}

/// A sign-in that is running or has failed.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// Its number; messages of another one are ignored.
    pub id: u64,
    pub request: Request,
    pub origin: Origin,
    /// Its position and the total where several profiles are re-authorized one after the other.
    position: Option<(usize, usize)>,
    pub phase: Phase,
    /// When each phase began. One that waited for the user begins again afterwards.
    phase_times: Vec<(Phase, Timestamp)>,
    credentials_check: Option<CredentialsCheck>,
    pub links: Option<Links>,
    /// The browser that was opened, or why none was.
    browser: Option<Result<String, String>>,
    /// When the wait for the callback started, and when it times out.
    wait: Option<(Timestamp, Timestamp)>,
    /// The number of rejected callbacks, and why the last one was.
    rejected_callbacks: Option<(u64, String)>,
    /// Why the token, which is in memory, could not be saved.
    pub save_error: Option<Error>,
    /// The member who signed in instead of the profile's, until the user chooses what to do with the token.
    pub different_member: Option<DifferentMember>,
    discarded_token: Option<DiscardedToken>,
    /// Whether all is done but the page in the browser, which may take some seconds to load the result.
    is_result_known: bool,
    /// Why the member could not be identified.
    member_error: Option<Error>,
    pub failure: Option<Error>,
}

impl SignIn {
    fn enter(&mut self, phase: Phase, now: Timestamp) {
        self.phase = phase;
        self.phase_times.push((phase, now));
    }
}

/// Starts a sign-in; a running sign-in is canceled.
pub(crate) fn start(state: &mut State, request: Request, origin: Origin) -> Vec<Effect> {
    let id = state.take_id();
    state.revealed_until = None;
    let remaining = state.list.reauthorization_queue.len();
    state.reauthorization_count = state.reauthorization_count.max(remaining + 1);
    let sign_in = SignIn {
        id,
        request: request.clone(),
        origin,
        position: (state.reauthorization_count > 1)
            .then(|| (state.reauthorization_count - remaining, state.reauthorization_count)),
        phase: Phase::CheckSecret,
        phase_times: vec![(Phase::CheckSecret, state.now)],
        credentials_check: None,
        links: None,
        browser: None,
        wait: None,
        rejected_callbacks: None,
        save_error: None,
        different_member: None,
        discarded_token: None,
        is_result_known: false,
        member_error: None,
        failure: None,
    };
    state.open_screen(Screen::SignIn(Box::new(sign_in)));
    vec![Effect::StartSignIn { id, request: Box::new(request) }]
}

pub(crate) fn on_progressed(state: &mut State, id: u64, event: Event) {
    let now = state.now;
    let Some(sign_in) = state.sign_in_mut(id) else { return };
    match event {
        Event::CredentialsChecked(check) => {
            sign_in.credentials_check = Some(check);
            sign_in.enter(Phase::Listen, now);
        }
        Event::Listening { has_ipv4, has_ipv6, authorization_url, short_link, .. } => {
            let addresses = match (has_ipv4, has_ipv6) {
                (true, true) => "127.0.0.1 and ::1",
                (true, false) => "127.0.0.1",
                _ => "::1",
            };
            sign_in.links = Some(Links { authorization_url: authorization_url.into(), short_link, addresses });
            sign_in.enter(Phase::OpenBrowser, now);
        }
        Event::BrowserOpened { command } => sign_in.browser = Some(Ok(sanitize(&command, 200))),
        Event::BrowserNotOpened(error) => {
            let reason = sanitize(&error.message, 300);
            let is_repeated = matches!(sign_in.browser, Some(Err(_)));
            sign_in.browser = Some(Err(reason.clone()));
            // The page shows the reason already, and a key must have a visible effect.
            if is_repeated {
                let show = state.key_sentence(KeyContext::SignIn, Action::ShowUrl, "show the full URL");
                let copy = state.key_sentence(KeyContext::SignIn, Action::CopyUrlToOpen, "copy it");
                state.notify_error(format!("{reason} Open the URL yourself. {show} {copy}"));
            }
        }
        Event::Waiting { since, until } => {
            sign_in.wait = Some((since, until));
            sign_in.enter(Phase::Consent, now);
        }
        Event::CallbackRejected(rejected) => {
            sign_in.rejected_callbacks = Some((rejected.count, rejected.last_reason));
        }
        Event::PasteRejected(error) => match &mut state.dialog {
            Some(Dialog::PasteCallback(form)) => form.rejection = Some(error),
            _ => state.notify_failure(&error),
        },
        Event::CallbackAccepted | Event::Exchanging => {
            if sign_in.phase != Phase::Exchange {
                sign_in.enter(Phase::Exchange, now);
            }
            if matches!(state.dialog, Some(Dialog::PasteCallback(_))) {
                state.dialog = None;
            }
            // A notification about the wait no longer applies.
            state.notification = None;
        }
        Event::SaveFailed(error) => {
            sign_in.enter(Phase::Save, now);
            sign_in.save_error = Some(error);
        }
        Event::TokenSaved { .. } => {
            sign_in.save_error = None;
            sign_in.enter(Phase::Identify, now);
        }
        Event::BrowserSkipped => {}
        Event::MemberIdentified(_) => sign_in.is_result_known = true,
        Event::MemberNotSaved { error, .. } => {
            sign_in.is_result_known = true;
            state.notify_error(format!("The token is saved, but its member could not be saved: {error}"));
        }
        Event::MemberUnknown(error) => {
            // The next screen shows it. Before the token is saved, it is why the token gets its own profile.
            sign_in.member_error = Some(error);
            sign_in.is_result_known = sign_in.phase == Phase::Identify;
        }
        Event::DifferentMember { stored, found, revoked_profiles } => {
            sign_in.enter(Phase::Save, now);
            sign_in.different_member = Some(DifferentMember { stored, found, revoked_profiles });
        }
    }
}

pub(crate) fn on_finished(state: &mut State, id: u64, result: Result<SignInOutcome, Error>) -> Vec<Effect> {
    let sign_in = match &mut state.screen {
        Screen::SignIn(sign_in) if sign_in.id == id => sign_in,
        _ => return Vec::new(),
    };
    let mut effects = vec![Effect::ReloadStore];
    if matches!(state.dialog, Some(Dialog::PrintedUrl(_))) {
        effects.push(Effect::Terminal(TerminalEffect::ShowScreen));
    }
    state.dialog = None;
    match result {
        Ok(outcome) => {
            let (requested, name) = (sign_in.request.profile.clone(), outcome.profile.name.clone());
            let member_error = sign_in.member_error.take();
            // A token of a different member may have been saved in another profile of the queue.
            state.list.marked.remove(&name);
            state.list.reauthorized.insert(name.clone());
            state.list.reauthorization_queue.retain(|next| *next != name);
            state.profile_not_reauthorized = Some(requested).filter(|requested| *requested != name);
            // What was typed, the secret above all, is not needed any more.
            state.setup = setup::Setup::new(&state.config.prefill);
            // The cursor goes to the next profile of the queue.
            state.list.selected = state.list.reauthorization_queue.front().cloned().or(Some(name));
            profiles::add_profile(state, &outcome.profile);
            let is_for_post = state.post_to_continue.take().as_ref() == Some(&outcome.profile.name);
            state.open_screen(Screen::SignedIn(Box::new(SignedIn::new(outcome, is_for_post, member_error))));
        }
        Err(error) => {
            sign_in.different_member = None;
            if let Some(discarded) = sign_in.discarded_token.take().filter(|_| error.code == Code::DifferentMember) {
                let sign_in = SignIn::clone(sign_in);
                effects.extend(different_member::on_discarded(state, sign_in, &discarded));
                return effects;
            }
            sign_in.failure = Some(error);
            state.scroll = 0;
        }
    }
    effects
}

pub(crate) fn handle(state: &mut State, mut sign_in: Box<SignIn>, action: Action) -> Vec<Effect> {
    if sign_in.failure.is_some() {
        return handle_failure(state, sign_in, action);
    }
    if let Some(members) = sign_in.different_member.clone() {
        return different_member::handle(state, sign_in, members, action);
    }
    if action == Action::Back {
        let message = profiles::canceled_message(state, &sign_in.request.profile);
        state.open_screen(sign_in.origin.screen());
        state.notify_canceled(message);
        return vec![Effect::CancelSignIn];
    }
    if action == Action::Skip && sign_in.save_error.is_none() && !state.list.reauthorization_queue.is_empty() {
        let name = sign_in.request.profile.clone();
        state.screen = Screen::SignIn(sign_in);
        return profiles::skip_sign_in(state, name);
    }
    let effects = handle_progress(state, &mut sign_in, action);
    state.screen = Screen::SignIn(sign_in);
    effects
}

fn handle_progress(state: &mut State, sign_in: &mut SignIn, action: Action) -> Vec<Effect> {
    match (action, sign_in.links.clone()) {
        (Action::ReopenBrowser, _) => return vec![Effect::SendSignInCommand(Command::OpenAgain)],
        (Action::Retry, _) if sign_in.save_error.is_some() => {
            sign_in.save_error = None;
            sign_in.enter(Phase::Save, state.now);
            return vec![Effect::SendSignInCommand(Command::SaveAgain)];
        }
        (Action::PasteCallback, _) => state.dialog = Some(Dialog::PasteCallback(PasteForm::default())),
        (Action::CopyRedirectUrl, _) => {
            return copy_text("the redirect URL", sign_in.request.app.redirect_url.as_str());
        }
        (Action::CopyClientId, _) => return copy_text("the client ID", &sign_in.request.app.client_id),
        (Action::CopyUrlToOpen, Some(links)) => return copy_text("the full URL", &links.authorization_url),
        (Action::CopyShortLink, Some(links)) => return copy_text("the short link", &links.short_link),
        (Action::ShowUrl, Some(links)) => {
            state.dialog = Some(Dialog::PrintedUrl(links.authorization_url.clone()));
            return vec![Effect::Terminal(TerminalEffect::PrintLine(links.authorization_url))];
        }
        (Action::ApproveFirst | Action::ApproveSecond | Action::ApproveThird, Some(links)) => {
            let number = match action {
                Action::ApproveFirst => 0,
                Action::ApproveSecond => 1,
                _ => 2,
            };
            if let Some((key, name)) = state.config.sandbox_members.get(number).cloned() {
                state.notify(format!("Approving in the sandbox as {name}…"));
                return vec![Effect::ApproveInSandbox { url: links.authorization_url, member: key }];
            }
        }
        _ => {}
    }
    Vec::new()
}

/// Returns the position of the sandbox's member whom the profile expects; the first where it expects none of them.
pub(crate) fn expected_sandbox_member(state: &State) -> usize {
    let store = state.store();
    let stored = state.sign_in().and_then(|sign_in| store.profile(&sign_in.request.profile)?.member.as_ref());
    let name = stored.and_then(|member| member.name.as_deref());
    let expected = state.config.sandbox_members.iter().position(|(_, member)| Some(member.as_str()) == name);
    expected.unwrap_or_default()
}

/// Returns what the key that opens the browser does; `None` where no browser can be started.
pub(crate) fn open_browser_label(state: &State) -> Option<String> {
    let sign_in = state.sign_in().filter(|sign_in| sign_in.phase == Phase::Consent)?;
    if sign_in.request.browser.is_none() && state.config.is_headless() {
        return None;
    }
    Some(if matches!(sign_in.browser, Some(Ok(_))) { "reopen browser" } else { "open browser" }.to_owned())
}

/// The field for a pasted callback URL.
#[derive(Clone, Debug, Default)]
pub struct PasteForm {
    pub url: Field,
    /// Why the last URL was rejected.
    pub rejection: Option<Error>,
}

impl PasteForm {
    /// Inserts pasted text. It may contain more than the URL, and line breaks in the URL: the callback server extracts it.
    pub(crate) fn paste(&mut self, text: &str) -> Option<usize> {
        self.url.insert(&text.replace(|c: char| c.is_control(), "\n"))
    }
}

/// Submits the pasted URL; the form stays open until it is accepted.
pub(crate) fn submit_callback_url(state: &mut State, mut form: PasteForm) -> Vec<Effect> {
    let text = form.url.trimmed().to_owned();
    let effects = if text.is_empty() {
        Vec::new()
    } else {
        form.rejection = None;
        vec![Effect::SendSignInCommand(Command::Paste(text))]
    };
    state.dialog = Some(Dialog::PasteCallback(form));
    effects
}

fn handle_failure(state: &mut State, sign_in: Box<SignIn>, action: Action) -> Vec<Effect> {
    if action == Action::Skip && !state.list.reauthorization_queue.is_empty() {
        let name = sign_in.request.profile.clone();
        state.screen = Screen::SignIn(sign_in);
        return profiles::skip_sign_in(state, name);
    }
    match action {
        Action::Retry => return start(state, sign_in.request, sign_in.origin),
        Action::EditScopes | Action::EditCredentials | Action::EditRedirectUrl => {
            return setup::open_step_to_fix(state, &sign_in, action);
        }
        Action::Back => state.open_screen(sign_in.origin.screen()),
        action => {
            state.screen = Screen::SignIn(sign_in);
            if action == Action::OpenPortal {
                return vec![Effect::OpenPage(crate::linkedin::endpoints::portal::APPS.to_owned())];
            }
        }
    }
    Vec::new()
}
