//! Draws a sign-in and its failure.

use jiff::Timestamp;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{Origin, PasteForm, Phase, SignIn, different_member};
use crate::flows::sign_in::CredentialsCheck;
use crate::text::clean;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::layout::PageWidths;
use crate::tui::screens::{error_notes, member_and_email};
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::widgets::page::Page;
use crate::{Code, Error};

/// Seconds without a callback after which LinkedIn is probably showing an error page, which never redirects.
const OVERDUE_SECONDS: i64 = 60;

const PHASES: [Phase; 7] = [
    Phase::CheckSecret,
    Phase::Listen,
    Phase::OpenBrowser,
    Phase::Consent,
    Phase::Exchange,
    Phase::Save,
    Phase::Identify,
];

/// Returns the elapsed and the total time of the wait for the callback.
fn elapsed_of_total(sign_in: &SignIn, now: Timestamp) -> String {
    let minutes = |seconds: i64| format!("{}:{:02}", seconds.max(0) / 60, seconds.max(0) % 60);
    sign_in.wait.filter(|_| sign_in.phase == Phase::Consent).map_or_else(String::new, |(since, until)| {
        let total = until.as_second() - since.as_second();
        let elapsed = (now.as_second() - since.as_second()).clamp(0, total);
        format!("{} of {}", minutes(elapsed), minutes(total))
    })
}

/// Returns the label of a step and a note beside it.
fn label_and_note(phase: Phase, sign_in: &SignIn) -> (&'static str, String) {
    let is_done = phase < sign_in.phase;
    let label = |done, open| if is_done { done } else { open };
    let (label, note) = match phase {
        Phase::CheckSecret => match sign_in.credentials_check {
            None => ("Check client ID and secret", ""),
            Some(CredentialsCheck::Accepted) => ("Client ID and secret accepted", ""),
            Some(CredentialsCheck::NoAnswer) => ("Client ID and secret sent", "verified after sign-in"),
            Some(CredentialsCheck::NotNeeded) => ("Client ID", "native PKCE: no secret"),
        },
        Phase::Listen => (
            label("Callback server started", "Start the callback server"),
            sign_in.links.as_ref().map_or("", |links| links.addresses),
        ),
        Phase::OpenBrowser => match &sign_in.browser {
            None => ("Open the browser", ""),
            Some(Ok(command)) => ("Browser opened", command.as_str()),
            Some(Err(_)) => ("Open the link below yourself", ""),
        },
        Phase::Consent => (label("Authorized by LinkedIn", "Waiting for you to click Allow in the browser"), ""),
        Phase::Exchange => (label("Authorization code exchanged", "Exchange the authorization code"), ""),
        Phase::Save => (label("Token saved", "Save the token"), ""),
        Phase::Identify => ("Identify the member", ""),
    };
    (label, note.to_owned())
}

/// Returns the mark of something in progress.
pub(crate) fn spinner(theme: Theme, now: Timestamp) -> &'static str {
    const FRAMES: [&str; 8] = ["⠋", "⠙", "⠸", "⠴", "⠦", "⠧", "⠇", "⠏"];
    const ASCII_FRAMES: [&str; 4] = ["|", "/", "-", "\\"];
    let tenth = usize::try_from(now.as_millisecond().rem_euclid(1_000_000) / 100).unwrap_or_default();
    if theme.is_ascii { ASCII_FRAMES[tenth % ASCII_FRAMES.len()] } else { FRAMES[tenth % FRAMES.len()] }
}

fn step_lines(sign_in: &SignIn, theme: Theme, now: Timestamp) -> Vec<Line<'static>> {
    let steps = PHASES.map(|phase| (phase, label_and_note(phase, sign_in)));
    // Only a step with a note must leave room for it.
    let with_note = steps.iter().filter(|(_, (_, note))| !note.is_empty());
    let label_width = with_note.map(|(_, (label, _))| label.len()).max().unwrap_or_default();
    let line = |(phase, (label, note)): (Phase, (&str, String))| {
        let (mark, style) = mark(sign_in, phase, theme, now);
        let label_style = if phase > sign_in.phase { theme.dim() } else { Style::new() };
        Line::from(vec![
            Span::styled(format!("{mark} "), style),
            Span::styled(format!("{label:<label_width$}   "), label_style),
            Span::styled(note, theme.dim()),
        ])
    };
    steps.into_iter().map(line).collect()
}

fn mark(sign_in: &SignIn, phase: Phase, theme: Theme, now: Timestamp) -> (&'static str, Style) {
    let is_not_opened = phase == Phase::OpenBrowser && matches!(sign_in.browser, Some(Err(_)));
    if phase < sign_in.phase && is_not_opened {
        ("!", theme.warning())
    } else if phase < sign_in.phase {
        theme.done_mark()
    } else if phase > sign_in.phase {
        (theme.symbol("○", "."), theme.dim())
    } else if sign_in.failure.is_some() || sign_in.unsaved.is_some() {
        theme.failed_mark()
    } else if sign_in.different_member.is_some() {
        ("?", theme.warning())
    } else {
        (spinner(theme, now), theme.accent())
    }
}

/// Returns the account to sign in with, and the position among several re-authorizations.
fn account_line(state: &State, sign_in: &SignIn) -> Option<String> {
    let files = state.files();
    let member = files.profile(&sign_in.request.profile).and_then(|profile| profile.member.as_ref());
    let member = member.map(|member| format!("Sign in as {}", member_and_email(member)));
    let position = sign_in.position.map(|(at, total)| format!("{at} of {total}"));
    let parts: Vec<String> = member.into_iter().chain(position).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

pub(crate) fn page(state: &State, sign_in: &SignIn, theme: Theme, widths: PageWidths) -> Page {
    match (&sign_in.failure, &sign_in.different_member) {
        (Some(error), _) => failure_page(state, sign_in, error, theme, widths),
        (None, Some(members)) => different_member::page(state, sign_in, members, theme, widths),
        (None, None) => progress_page(state, sign_in, theme, widths),
    }
}

fn progress_page(state: &State, sign_in: &SignIn, theme: Theme, widths: PageWidths) -> Page {
    let mut page = Page::new(theme, widths.single, format!("Signing in to profile {}", sign_in.request.profile));
    page.right = elapsed_of_total(sign_in, state.now);
    page.lines = step_lines(sign_in, theme, state.now);
    page.blank();
    if let Some(error) = &sign_in.unsaved {
        page.error(&format!("The token could not be saved: {error}"));
        page.dim(&state.hint(error));
        let retry = state.press(KeyContext::SignIn, Action::Retry, "save it again");
        page.strong(&format!("The token is still in memory. Fix the problem. {retry}"));
        page.blank();
    }
    if sign_in.phase <= Phase::Consent
        && let Some(account) = account_line(state, sign_in)
    {
        page.strong(&account);
    }
    if sign_in.phase != Phase::Consent {
        return page;
    }
    if let Some(Err(reason)) = &sign_in.browser {
        page.warning(reason);
    }
    if let Some(links) = &sign_in.links {
        page.dim("If the browser did not open, open this link where you are signed in to the right LinkedIn account:");
        page.link(&links.short_link);
        if let Some(ssh) = &state.config.ssh {
            // A native PKCE app's port is chosen at each sign-in: the link has it.
            let port = url::Url::parse(&links.short_link).ok().and_then(|link| link.port());
            let port = port.unwrap_or_else(|| sign_in.request.app.redirect_url.port());
            page.dim("If the browser is on another machine, forward the port there first:");
            page.lines.push(Line::from(ssh.tunnel_command(port)));
        }
    }
    if !state.config.sandbox_members.is_empty() {
        page.blank();
        page.dim("Sandbox: press a key to sign in without a browser");
        let keys = [Action::ApproveFirst, Action::ApproveSecond, Action::ApproveThird];
        for ((_, name), action) in state.config.sandbox_members.iter().zip(keys) {
            let name = crate::text::fit(&clean(name, 40), 40);
            page.choice(state, (KeyContext::SignIn, action), Some(&name));
        }
    }
    if let Some((count, reason)) = &sign_in.rejected_callbacks {
        let callbacks = if *count == 1 { "callback" } else { "callbacks, the last one" };
        page.blank();
        page.warning(&format!("Rejected {count} {callbacks}: {}", clean(reason, 200)));
    }
    let is_overdue =
        sign_in.wait.is_some_and(|(since, _)| state.now.as_second() - since.as_second() >= OVERDUE_SECONDS);
    if is_overdue {
        let copy = |action| format!("{} copy", state.key_name(KeyContext::SignIn, action));
        page.blank();
        page.warning(
            "Still waiting. If LinkedIn shows \"Bummer, something went wrong\", check that these match your app's \
             Auth tab exactly:",
        );
        page.value_with_note("Redirect URL", sign_in.request.app.redirect_url.as_str(), &copy(Action::CopyUrl));
        page.value_with_note("Client ID", &clean(&sign_in.request.app.client_id, 60), &copy(Action::CopyClientId));
    }
    page
}

fn failure_page(state: &State, sign_in: &SignIn, error: &Error, theme: Theme, widths: PageWidths) -> Page {
    let mut page = Page::new(theme, widths.single, format!("{} {}", theme.failed_mark().0, headline(error.code)));
    page.title_style = theme.error();
    page.plain(&error.message);
    if let Some(detail) = &error.detail {
        page.dim(&format!("LinkedIn: {detail}"));
    }
    page.blank();
    for paragraph in state.hint(error).lines() {
        page.strong(paragraph);
    }
    page.blank();
    for action in fix_actions(error.code) {
        page.choice(state, (KeyContext::SignInFailed, *action), None);
    }
    let back = match sign_in.origin {
        Origin::Setup => "back to the review",
        Origin::List => "back to the profile list",
    };
    page.choice(state, (KeyContext::SignInFailed, Action::Back), Some(back));
    page
}

pub(crate) fn paste_page(state: &State, form: &PasteForm, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, "Paste the callback URL");
    let notes = form.rejection.as_ref().map(|error| error_notes(state, error, theme)).unwrap_or_default();
    // The pasted URL contains an authorization code.
    page.masked_field("URL", &form.url, true, notes);
    page.blank();
    page.dim(
        "After you click Allow, the browser may show \"unable to connect\". Copy the full URL from its address bar: \
         it starts with the redirect URL and contains code= and state=.",
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
const fn fix_actions(code: Code) -> &'static [Action] {
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
