//! A sign-in that goes on: its steps live, and what the person can do meanwhile.

use jiff::Timestamp;
use ratatui::text::{Line, Span};

use super::{profiles, setup};
use crate::flows::sign_in::{Command, Event, Outcome, Request, SecretTrial};
use crate::profile::{Member, Name};
use crate::text::clean;
use crate::tui::field::{Field, cleaned};
use crate::tui::keys::Action;
use crate::tui::message::{Copied, Effect};
use crate::tui::page::{Page, choice};
use crate::tui::state::{Overlay, Screen, State, Step};
use crate::tui::theme::Theme;
use crate::{Code, Error};

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
    pub strays: Option<(u64, String)>,
    /// Why the pasted address was refused.
    pub paste_refused: Option<Error>,
    /// Why the token could not be saved; it waits in memory.
    pub unsaved: Option<Error>,
    /// The profile's member and the one who came back.
    pub other: Option<(Member, Member)>,
    /// How it failed.
    pub failure: Option<Error>,
}

/// Starts a sign-in; another one that goes on is dropped.
pub(in crate::tui) fn start(state: &mut State, request: Request, origin: Origin) -> Vec<Effect> {
    let id = state.next_id;
    state.next_id += 1;
    state.revealed = None;
    state.sign_in = Some(SignIn {
        id,
        request: request.clone(),
        origin,
        phase: Phase::Trial,
        trial: None,
        links: None,
        browser: None,
        wait: None,
        strays: None,
        paste_refused: None,
        unsaved: None,
        other: None,
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
        Event::OpenYourself { why } => sign_in.browser = Some(Err(clean(&why, 300))),
        Event::Waiting { since, until } => {
            sign_in.wait = Some((since, until));
            sign_in.phase = Phase::Consent;
        }
        Event::StrayRefused { count, why } => sign_in.strays = Some((count, why)),
        Event::PasteRefused(error) => sign_in.paste_refused = Some(error),
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
        Event::MemberUnknown(error) => state.say(format!("LinkedIn did not say who it is: {error}"), true),
        Event::OtherMember { stored, found } => {
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
            state.sign_in = None;
            // Nothing typed is needed any more, and a secret least of all.
            state.setup = setup::Setup::new(&state.start.prefill);
            state.list.selected = Some(outcome.profile.name.clone());
            profiles::signed_in(state, &outcome.profile);
            state.go(Screen::Done(Box::new(outcome)));
        }
        Err(error) => {
            sign_in.other = None;
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
    vec![Effect::Copy { what, copied: Copied::Text(text.to_owned()) }]
}

/// Drops it and goes back to where it was asked for.
fn cancel(state: &mut State) -> Vec<Effect> {
    let origin = state.sign_in.take().map(|one| one.origin);
    state.go(match origin {
        Some(Origin::List) => Screen::Profiles,
        _ => Screen::Setup(Step::Review),
    });
    state.say("Cancelled; the port is closed and nothing was changed.", false);
    vec![Effect::CancelSignIn]
}

/// What the person chose about the other member.
pub(in crate::tui) fn choose(state: &mut State, choice: crate::flows::sign_in::OtherMember) -> Vec<Effect> {
    if let Some(sign_in) = &mut state.sign_in {
        sign_in.other = None;
    }
    vec![Effect::CommandSignIn(Command::Choose(choice))]
}

/// A free name for the member who came back.
pub(in crate::tui) fn free_name(state: &State, found: &Member) -> Name {
    let base = Name::suggest(found.name.as_deref().unwrap_or_default(), "account");
    let files = state.files();
    let taken = |name: &Name| files.has(name.as_str());
    if !taken(&base) {
        return base;
    }
    (2..10_000).filter_map(|n| Name::parse(&format!("{base}-{n}")).ok()).find(|name| !taken(name)).unwrap_or(base)
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

/// Pasted into that field.
pub(in crate::tui) fn paste(pasting: &mut Field, text: &str) {
    let (text, _) = cleaned(text, &[]);
    pasting.insert(&text);
}

fn minutes(seconds: i64) -> String {
    format!("{}:{:02}", seconds.max(0) / 60, seconds.max(0) % 60)
}

/// The right side of the title: elapsed and whole time.
pub(in crate::tui) fn clock(sign_in: &SignIn, now: Timestamp) -> String {
    sign_in.wait.filter(|_| sign_in.phase == Phase::Consent).map_or_else(String::new, |(since, until)| {
        let whole = until.as_second() - since.as_second();
        let elapsed = (now.as_second() - since.as_second()).clamp(0, whole);
        format!("{} of {}", minutes(elapsed), minutes(whole))
    })
}

fn what(phase: Phase, sign_in: &SignIn) -> (String, String) {
    let done = phase < sign_in.phase;
    let (text, note) = match phase {
        Phase::Trial => match sign_in.trial {
            None => ("Try the client ID and secret", ""),
            Some(SecretTrial::Accepted) => ("Client ID and secret tried", "not refused"),
            Some(SecretTrial::NoAnswer) => ("Client ID and secret tried", "no sure answer"),
            Some(SecretTrial::NotNeeded) => ("Client ID", "native PKCE: no secret"),
        },
        Phase::Listen => (
            if done { "Listening" } else { "Listen on the redirect URL" },
            sign_in.links.as_ref().map_or("", |l| l.held),
        ),
        Phase::Browser => match &sign_in.browser {
            None => ("Open the browser", ""),
            Some(Ok(command)) => ("Browser opened", command.as_str()),
            Some(Err(_)) => ("Open the address yourself", ""),
        },
        Phase::Consent => {
            (if done { "You came back from LinkedIn" } else { "Waiting for you to press Allow on LinkedIn" }, "")
        }
        Phase::Exchange => (if done { "Code exchanged for a token" } else { "Exchange the code for a token" }, ""),
        Phase::Save => (if done { "Token saved" } else { "Save the token" }, ""),
        Phase::Identify => ("Find out who you are", ""),
    };
    (text.to_owned(), note.to_owned())
}

/// What goes on, at this moment.
pub(in crate::tui) fn spinner(theme: Theme, now: Timestamp) -> &'static str {
    const FRAMES: [&str; 8] = ["⠋", "⠙", "⠸", "⠴", "⠦", "⠧", "⠇", "⠏"];
    const PLAIN: [&str; 4] = ["|", "/", "-", "\\"];
    let tenth = usize::try_from(now.as_millisecond().rem_euclid(1_000_000) / 100).unwrap_or_default();
    if theme.ascii { PLAIN[tenth % PLAIN.len()] } else { FRAMES[tenth % FRAMES.len()] }
}

/// The steps with a tick, a spinner or a cross each.
pub(in crate::tui) fn steps(sign_in: &SignIn, theme: Theme, now: Timestamp) -> Vec<Line<'static>> {
    let words = PHASES.map(|phase| what(phase, sign_in));
    // Only a step with a note must leave room for it.
    let column =
        words.iter().filter(|(_, note)| !note.is_empty()).map(|(text, _)| text.len()).max().unwrap_or_default();
    PHASES
        .into_iter()
        .zip(words)
        .map(|(phase, (text, note))| {
            let by_hand = phase == Phase::Browser && matches!(sign_in.browser, Some(Err(_)));
            let (mark, style) = if phase < sign_in.phase && by_hand {
                (theme.pick("!", "!"), theme.warning())
            } else if phase < sign_in.phase {
                (theme.pick("✓", "x"), theme.good())
            } else if phase > sign_in.phase {
                (theme.pick("○", "."), theme.dim())
            } else if sign_in.failure.is_some() || sign_in.unsaved.is_some() {
                (theme.pick("✗", "!"), theme.bad())
            } else if sign_in.other.is_some() {
                (theme.pick("?", "?"), theme.warning())
            } else {
                (spinner(theme, now), theme.accent())
            };
            let words = if phase > sign_in.phase { theme.dim() } else { ratatui::style::Style::new() };
            Line::from(vec![
                Span::styled(format!("{mark} "), style),
                Span::styled(format!("{text:<column$}   "), words),
                Span::styled(note, theme.dim()),
            ])
        })
        .collect()
}

/// The page while it goes on.
pub(in crate::tui) fn page(state: &State, theme: Theme, width: usize) -> Page {
    let Some(sign_in) = &state.sign_in else { return Page::default() };
    let mut page = Page::titled(format!("Signing in to profile {}", sign_in.request.profile));
    page.right = clock(sign_in, state.now);
    page.lines = steps(sign_in, theme, state.now);
    page.blank();
    if let Some(error) = &sign_in.unsaved {
        page.say(theme.bad(), &format!("The token could not be saved: {error}"), width);
        page.say(theme.dim(), &error.hint, width);
        page.say(theme.strong(), "It is kept in memory. Mend the cause and press r to save again.", width);
        page.blank();
    }
    if sign_in.phase != Phase::Consent {
        return page;
    }
    if let Some(Err(why)) = &sign_in.browser {
        page.say(theme.warning(), why, width);
    }
    if let Some(links) = &sign_in.links {
        page.say(theme.dim(), "Open this in the browser where you are signed in as the right member:", width);
        page.link(&links.short, theme.accent());
        if let Some(host) = &state.start.ssh {
            // A native PKCE app's port is chosen at each sign-in: the link has it.
            let chosen = url::Url::parse(&links.short).ok().and_then(|link| link.port());
            let port = chosen.unwrap_or_else(|| sign_in.request.app.redirect_url.port());
            page.say(theme.dim(), "The browser is on your own machine? Run this there first:", width);
            page.lines.push(Line::from(format!("ssh -L {port}:localhost:{port} {host}")));
        }
    }
    if !state.start.sandbox_members.is_empty() {
        page.blank();
        page.say(theme.dim(), "Sandbox: approve without a browser as", width);
        for (number, (_, name)) in state.start.sandbox_members.iter().enumerate() {
            page.lines.push(choice(theme, &(number + 1).to_string(), &crate::text::fit(&clean(name, 40), 40)));
        }
    }
    if let Some((count, why)) = &sign_in.strays {
        page.blank();
        page.say(theme.warning(), &format!("{count} answer(s) refused; the newest: {}", clean(why, 200)), width);
    }
    let silent = sign_in.wait.is_some_and(|(since, _)| state.now.as_second() - since.as_second() >= SILENCE_SECONDS);
    if silent {
        page.blank();
        page.say(
            theme.warning(),
            "Nothing came back yet. If LinkedIn showed an error page, one of these is not exactly as registered \
             on the app's Auth tab:",
            width,
        );
        page.labelled(theme, "Redirect URL", sign_in.request.app.redirect_url.as_str(), "y copies", width);
        page.labelled(theme, "Client ID", &clean(&sign_in.request.app.client_id, 60), "i copies", width);
    }
    page
}

/// The question when another member came back.
pub(in crate::tui) fn other_page(state: &State, theme: Theme, width: usize) -> Page {
    let Some((stored, found)) = state.sign_in.as_ref().and_then(|one| one.other.as_ref()) else {
        return Page::default();
    };
    let profile = state.sign_in.as_ref().map_or_else(String::new, |one| one.request.profile.to_string());
    let mut page = Page::titled(format!("{} Another member signed in", theme.pick("⚠", "!")));
    let who = |member: &Member| {
        format!("{} ({})", clean(member.name.as_deref().unwrap_or("somebody"), 60), clean(&member.urn(), 60))
    };
    page.labelled(theme, "Profile", &profile, "", width);
    page.labelled(theme, "Belongs to", &who(stored), "", width);
    page.labelled(theme, "Now it was", &who(found), "", width);
    page.blank();
    page.say(
        theme.dim(),
        "LinkedIn uses whoever is signed in in that browser, and offers no choice. Nothing has been overwritten.",
        width,
    );
    page.blank();
    let name = free_name(state, found);
    page.lines.push(choice(theme, "k", &format!("keep the new token as profile {name}")));
    page.lines.push(choice(theme, "r", &format!("replace: {profile} is theirs from now on")));
    page.lines.push(choice(theme, "d", "discard the new token"));
    page
}

/// The page of a failure: what happened, why, and what mends it.
pub(in crate::tui) fn failure_page(state: &State, theme: Theme, width: usize) -> Page {
    let Some((sign_in, error)) = state.sign_in.as_ref().and_then(|one| one.failure.as_ref().map(|error| (one, error)))
    else {
        return Page::default();
    };
    let mut page = Page::titled(format!("{} {}", theme.pick("✗", "!"), headline(error.code)));
    page.title_style = theme.bad();
    page.say(ratatui::style::Style::new(), &error.message, width);
    if let Some(said) = &error.said {
        page.say(theme.dim(), &format!("LinkedIn said: {said}"), width);
    }
    page.blank();
    for paragraph in error.hint.lines() {
        page.say(theme.strong(), paragraph, width);
    }
    page.blank();
    for (key, text) in mends(error.code) {
        page.lines.push(choice(theme, key, text));
    }
    let back = match sign_in.origin {
        Origin::Setup => "back to the review; nothing you typed is lost",
        Origin::List => "back to the profile list; nothing was changed",
    };
    page.lines.push(choice(theme, "enter", back));
    page
}

const fn headline(code: Code) -> &'static str {
    match code {
        Code::Denied => "Not allowed",
        Code::TimedOut => "Nobody came back",
        Code::ScopeNotAuthorized => "LinkedIn refused a scope",
        Code::RedirectMismatch => "The redirect URL or the code does not fit",
        Code::ClientRefused => "LinkedIn refused the client ID or secret",
        Code::CodeRefused => "The code was too old or spent",
        Code::PortInUse => "The port is taken",
        Code::Network => "No connection",
        Code::ServerError | Code::RateLimited => "LinkedIn is not well",
        Code::OtherMember => "Another member signed in",
        Code::Files | Code::FileDamaged | Code::FileNewer => "The files cannot be written",
        _ => "That did not work",
    }
}

/// The keys that mend it, the likeliest first.
const fn mends(code: Code) -> &'static [(&'static str, &'static str)] {
    const AGAIN: (&str, &str) = ("r", "try again");
    const SCOPES: (&str, &str) = ("s", "choose other scopes");
    const CREDENTIALS: (&str, &str) = ("k", "enter client ID and secret again");
    const REDIRECT: (&str, &str) = ("u", "change the redirect URL");
    const PORTAL: (&str, &str) = ("l", "open your apps in the developer portal");
    match code {
        Code::ScopeNotAuthorized => &[SCOPES, PORTAL, AGAIN],
        Code::ClientRefused => &[CREDENTIALS, PORTAL, AGAIN],
        Code::RedirectMismatch => &[REDIRECT, CREDENTIALS, PORTAL, AGAIN],
        Code::PortInUse => &[REDIRECT, AGAIN],
        Code::TimedOut => &[AGAIN, REDIRECT, CREDENTIALS, PORTAL],
        _ => &[AGAIN],
    }
}

/// A command after a failure.
pub(in crate::tui) fn failure_act(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(sign_in) = state.sign_in.clone() else { return Vec::new() };
    match action {
        Action::Retry => start(state, sign_in.request, sign_in.origin),
        Action::Portal => vec![Effect::OpenPage(crate::linkedin::endpoints::portal::APPS.to_owned())],
        Action::Next | Action::Back => {
            state.sign_in = None;
            state.go(match sign_in.origin {
                Origin::List => Screen::Profiles,
                Origin::Setup => Screen::Setup(Step::Review),
            });
            Vec::new()
        }
        Action::ToScopes | Action::ToCredentials | Action::ToRedirect => setup::mend(state, &sign_in, action),
        _ => Vec::new(),
    }
}
