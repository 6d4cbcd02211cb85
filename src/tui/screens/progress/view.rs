//! How a sign-in and its failure look.

use jiff::Timestamp;
use ratatui::text::{Line, Span};

use super::{Origin, PHASES, PasteForm, Phase, SILENCE_SECONDS, SignIn, other};
use crate::flows::sign_in::CredentialsCheck;
use crate::store::Member;
use crate::text::clean;
use crate::tui::keymap::{Action, KeyContext, choice};
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::widgets::page::{Input, Page};
use crate::{Code, Error};

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
            None => ("Check client ID and secret", ""),
            Some(CredentialsCheck::Accepted) => ("Client ID and secret accepted", ""),
            Some(CredentialsCheck::NoAnswer) => ("Client ID and secret sent", "verified after sign-in"),
            Some(CredentialsCheck::NotNeeded) => ("Client ID", "native PKCE: no secret"),
        },
        Phase::Listen => (
            if done { "Callback server started" } else { "Start the callback server" },
            sign_in.links.as_ref().map_or("", |l| l.held),
        ),
        Phase::Browser => match &sign_in.browser {
            None => ("Open the browser", ""),
            Some(Ok(command)) => ("Browser opened", command.as_str()),
            Some(Err(_)) => ("Open the link below yourself", ""),
        },
        Phase::Consent => {
            (if done { "Authorized by LinkedIn" } else { "Waiting for you to click Allow in the browser" }, "")
        }
        Phase::Exchange => (if done { "Authorization code exchanged" } else { "Exchange the authorization code" }, ""),
        Phase::Save => (if done { "Token saved" } else { "Save the token" }, ""),
        Phase::Identify => ("Identify the member", ""),
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

/// The member and their address, where one is known.
pub(in crate::tui) fn named(member: &Member) -> String {
    let name = clean(member.name.as_deref().unwrap_or(&member.id), 60);
    member.email.as_ref().map_or_else(|| name.clone(), |email| format!("{name} ({})", clean(email, 80)))
}

/// Whom to sign in as, and which of several in a row this is.
fn whom(state: &State, sign_in: &SignIn) -> Option<String> {
    let turn = sign_in.turn.map(|(at, of)| format!("{at} of {of}"));
    let files = state.files();
    let member = files.profile(&sign_in.request.profile).and_then(|profile| profile.member.as_ref());
    match (member.map(|member| format!("Sign in as {}", named(member))), turn) {
        (Some(who), Some(turn)) => Some(format!("{who}, {turn}")),
        (who, turn) => who.or(turn),
    }
}

/// The page of a sign-in.
pub(in crate::tui) fn page(state: &State, sign_in: &SignIn, theme: Theme, width: usize) -> Page {
    match &sign_in.failure {
        Some(error) => failure_page(state, sign_in, error, theme, width),
        None if sign_in.other.is_some() => other::page(state, theme, width),
        None => progress_page(state, sign_in, theme, width),
    }
}

/// The page while it is running.
fn progress_page(state: &State, sign_in: &SignIn, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("Signing in to profile {}", sign_in.request.profile));
    page.right = clock(sign_in, state.now);
    page.lines = steps(sign_in, theme, state.now);
    page.blank();
    if let Some(error) = &sign_in.unsaved {
        page.text(theme.bad(), &format!("The token could not be saved: {error}"), width);
        page.text(theme.dim(), &state.hint(error), width);
        let retry = state.press(KeyContext::SignIn, Action::Retry, "save it again");
        page.text(theme.strong(), &format!("The token is still in memory. Fix the problem. {retry}"), width);
        page.blank();
    }
    if sign_in.phase <= Phase::Consent
        && let Some(words) = whom(state, sign_in)
    {
        page.text(theme.strong(), &words, width);
    }
    if sign_in.phase != Phase::Consent {
        return page;
    }
    if let Some(Err(why)) = &sign_in.browser {
        page.text(theme.warning(), why, width);
    }
    if let Some(links) = &sign_in.links {
        page.text(
            theme.dim(),
            "If the browser did not open, open this link where you are signed in to the right LinkedIn account:",
            width,
        );
        page.link(&links.short, theme.accent());
        if let Some(ssh) = &state.start.ssh {
            // A native PKCE app's port is chosen at each sign-in: the link has it.
            let chosen = url::Url::parse(&links.short).ok().and_then(|link| link.port());
            let port = chosen.unwrap_or_else(|| sign_in.request.app.redirect_url.port());
            page.text(theme.dim(), "If the browser is on another machine, forward the port there first:", width);
            page.lines.push(Line::from(ssh.tunnel(port)));
        }
    }
    if !state.start.sandbox_members.is_empty() {
        page.blank();
        page.text(theme.dim(), "Sandbox: press a key to sign in without a browser", width);
        let keys = [Action::ApproveFirst, Action::ApproveSecond, Action::ApproveThird];
        for ((_, name), action) in state.start.sandbox_members.iter().zip(keys) {
            let name = crate::text::fit(&clean(name, 40), 40);
            page.lines.extend(choice(state, theme, (KeyContext::SignIn, action), Some(&name), width));
        }
    }
    if let Some((count, why)) = &sign_in.rejected_callbacks {
        page.blank();
        page.text(
            theme.warning(),
            &format!(
                "Rejected {count} {}: {}",
                if *count == 1 { "callback" } else { "callbacks, the last one" },
                clean(why, 200)
            ),
            width,
        );
    }
    let silent = sign_in.wait.is_some_and(|(since, _)| state.now.as_second() - since.as_second() >= SILENCE_SECONDS);
    if silent {
        let copy = |action| format!("{} copy", state.key_name(KeyContext::SignIn, action));
        page.blank();
        page.text(
            theme.warning(),
            "Still waiting. If LinkedIn shows \"Bummer, something went wrong\", check that these match your app's Auth tab \
             exactly:",
            width,
        );
        page.labelled(theme, "Redirect URL", sign_in.request.app.redirect_url.as_str(), &copy(Action::CopyUrl), width);
        page.labelled(
            theme,
            "Client ID",
            &clean(&sign_in.request.app.client_id, 60),
            &copy(Action::CopyClientId),
            width,
        );
    }
    page
}

/// The page of a failure: what happened, why, and what mends it.
fn failure_page(state: &State, sign_in: &SignIn, error: &Error, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("{} {}", theme.pick("✗", "!"), headline(error.code)));
    page.title_style = theme.bad();
    page.text(ratatui::style::Style::new(), &error.message, width);
    if let Some(detail) = &error.detail {
        page.text(theme.dim(), &format!("LinkedIn: {detail}"), width);
    }
    page.blank();
    for paragraph in state.hint(error).lines() {
        page.text(theme.strong(), paragraph, width);
    }
    page.blank();
    for action in fixes(error.code) {
        page.lines.extend(choice(state, theme, (KeyContext::SignInFailed, *action), None, width));
    }
    let back = match sign_in.origin {
        Origin::Setup => "back to the review",
        Origin::List => "back to the profile list",
    };
    page.lines.extend(choice(state, theme, (KeyContext::SignInFailed, Action::Back), Some(back), width));
    page
}

/// The field for a pasted callback URL.
pub(in crate::tui) fn paste_page(state: &State, form: &PasteForm, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled("Paste the callback URL");
    let mut notes = Vec::new();
    if let Some(error) = &form.refused {
        notes.push((theme.bad(), error.to_string()));
        notes.push((theme.dim(), state.hint(error)));
    }
    // The pasted URL contains an authorization code.
    let input = Input { label: "URL", field: &form.url, focused: true, masked: true, notes };
    page.field(theme, &input, width);
    page.blank();
    page.text(
        theme.dim(),
        "After you click Allow, the browser may show \"unable to connect\". Copy the full URL from its address bar: it starts \
         with the redirect URL and contains code= and state=.",
        width,
    );
    page
}

const fn headline(code: Code) -> &'static str {
    match code {
        Code::Denied => "Sign-in cancelled",
        Code::TimedOut => "Timed out waiting for the browser",
        Code::ScopeNotAuthorized => "Scope not authorized for this app",
        Code::RedirectMismatch => "Redirect URL mismatch",
        Code::ClientRefused => "Invalid client ID or client secret",
        Code::CodeRefused => "Authorization code expired or already used",
        Code::PortInUse => "Port in use",
        Code::Network => "No connection",
        Code::ServerError => "LinkedIn is temporarily unavailable",
        Code::RateLimited => "Rate limit reached",
        Code::DifferentMember => "A different member signed in",
        Code::Files | Code::FileDamaged | Code::FileNewer => "Could not save",
        _ => "Sign-in failed",
    }
}

/// Returns the actions that fix a failure, the likeliest first.
const fn fixes(code: Code) -> &'static [Action] {
    use Action::{EditCredentials, EditRedirectUrl, EditScopes, OpenPortal, Retry};
    match code {
        Code::ScopeNotAuthorized => &[EditScopes, OpenPortal, Retry],
        Code::ClientRefused => &[EditCredentials, OpenPortal, Retry],
        Code::RedirectMismatch => &[EditRedirectUrl, EditCredentials, OpenPortal, Retry],
        Code::PortInUse => &[EditRedirectUrl, Retry],
        Code::TimedOut => &[Retry, EditRedirectUrl, EditCredentials, OpenPortal],
        _ => &[Retry],
    }
}
