//! Draws a sign-in and its failure.

use jiff::Timestamp;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{Origin, PasteForm, Phase, SignIn, different_member};
use crate::flows::sign_in::CredentialsCheck;
use crate::linkedin::products::{self, Access};
use crate::linkedin::scopes;
use crate::text::{columns, fit, sanitize};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::layout::PageWidths;
use crate::tui::screens::{error_notes, inline_hint, member_and_email};
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::widgets::page::Page;
use crate::{Code, Error, NextStep};

/// Seconds without a callback after which LinkedIn is probably showing an error page, which never redirects.
const OVERDUE_SECONDS: i64 = 10;

const PHASES: [Phase; 7] = [
    Phase::CheckSecret,
    Phase::Listen,
    Phase::OpenBrowser,
    Phase::Consent,
    Phase::Exchange,
    Phase::Save,
    Phase::Identify,
];

/// Formats minutes and seconds: `4:46`.
fn format_minutes(seconds: i64) -> String {
    format!("{}:{:02}", seconds.max(0) / 60, seconds.max(0) % 60)
}

/// Returns the line with the progress of the wait for the callback.
fn wait_line(sign_in: &SignIn, theme: Theme, now: Timestamp, width: usize) -> Option<Line<'static>> {
    let (since, until) = sign_in.wait.filter(|_| sign_in.phase == Phase::Consent)?;
    let total = (until.as_second() - since.as_second()).max(1);
    let elapsed = (now.as_second() - since.as_second()).clamp(0, total);
    let left = format!(" {} left", format_minutes(total - elapsed));
    let cells = width.saturating_sub(2 + left.len()).min(48);
    let filled = usize::try_from(elapsed).unwrap_or_default() * cells / usize::try_from(total).unwrap_or(1);
    Some(Line::from(vec![
        Span::raw("  "),
        Span::styled(theme.symbol("━", "=").repeat(filled), theme.accent()),
        Span::styled(theme.symbol("─", "-").repeat(cells - filled), theme.dim()),
        Span::styled(left, theme.dim()),
    ]))
}

/// Returns how long a finished phase took, or how long the current one has taken so far.
fn phase_time(sign_in: &SignIn, phase: Phase, now: Timestamp) -> String {
    // A phase that waited for the user began again: what the user took is not its time.
    let Some(at) = sign_in.phase_times.iter().rposition(|(entered, _)| *entered == phase) else { return String::new() };
    let start = sign_in.phase_times[at].1;
    let is_current = phase == sign_in.phase;
    let end = sign_in.phase_times[at..].iter().find(|(entered, _)| *entered > phase).map_or(now, |(_, end)| *end);
    if phase == Phase::CheckSecret && matches!(sign_in.credentials_check, Some(CredentialsCheck::Inconclusive)) {
        // Nothing was checked yet.
        return String::new();
    }
    let milliseconds = end.as_millisecond() - start.as_millisecond();
    match milliseconds {
        _ if is_current && milliseconds < 1000 => String::new(),
        ..100 => "<0.1 s".to_owned(),
        100..10_000 => format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100),
        _ => format_minutes(milliseconds / 1000),
    }
}

/// Returns the label of a phase and a note beside it.
fn label_and_note(phase: Phase, sign_in: &SignIn) -> (&'static str, String) {
    if sign_in.is_result_known && phase == sign_in.phase {
        return ("Show the result in the browser", String::new());
    }
    let is_done = phase < sign_in.phase;
    let label = |done, open| if is_done { done } else { open };
    let (label, note) = match phase {
        Phase::CheckSecret => match sign_in.credentials_check {
            None => ("Check client ID and secret", ""),
            Some(CredentialsCheck::Accepted) => ("Client ID and secret accepted", ""),
            // The exchange succeeds with the right ones only.
            Some(CredentialsCheck::Inconclusive) if sign_in.phase > Phase::Exchange => {
                ("Client ID and secret accepted", "")
            }
            Some(CredentialsCheck::Inconclusive) => ("Client ID and secret", "checked after you click Allow"),
            Some(CredentialsCheck::NotNeeded) => ("Client ID", "native PKCE: no secret"),
        },
        Phase::Listen => (
            label("Callback server started", "Start the callback server"),
            sign_in.links.as_ref().map_or("", |links| links.addresses),
        ),
        Phase::OpenBrowser => match &sign_in.browser {
            None => ("Open the browser", ""),
            Some(Ok(command)) => ("Browser opened", command.as_str()),
            Some(Err(_)) => ("Open the URL yourself", ""),
        },
        Phase::Consent => (label("Authorized by LinkedIn", "Waiting for you to click Allow in the browser"), ""),
        Phase::Exchange => (label("Authorization code exchanged", "Exchange the authorization code"), ""),
        Phase::Save => (label("Token saved", "Save the token"), ""),
        Phase::Identify => ("Identify the member", ""),
    };
    (label, note.to_owned())
}

/// Returns the mark of something in progress, which differs every 100 ms.
pub(crate) fn spinner(theme: Theme, now: Timestamp) -> &'static str {
    const FRAMES: [&str; 8] = ["⠋", "⠙", "⠸", "⠴", "⠦", "⠧", "⠇", "⠏"];
    const ASCII_FRAMES: [&str; 4] = ["|", "/", "-", "\\"];
    let tenths = usize::try_from(now.as_millisecond().rem_euclid(1_000_000) / 100).unwrap_or_default();
    if theme.is_ascii { ASCII_FRAMES[tenths % ASCII_FRAMES.len()] } else { FRAMES[tenths % FRAMES.len()] }
}

/// Returns a line for each phase, with its duration on the right. Where there is little room, the later phases share a line.
fn phase_lines(sign_in: &SignIn, theme: Theme, now: Timestamp, widths: PageWidths) -> Vec<Line<'static>> {
    let is_merged = |phase: Phase| !widths.is_split && phase > sign_in.phase && phase > Phase::Exchange;
    let phases: Vec<(Phase, &str, String)> = PHASES
        .into_iter()
        .filter(|phase| !is_merged(*phase))
        // A discarded token is not saved, and its member is known.
        .filter(|phase| sign_in.discarded_token.is_none() || *phase <= sign_in.phase)
        .map(|phase| {
            let (label, note) = label_and_note(phase, sign_in);
            let merges = phase == Phase::Exchange && is_merged(Phase::Save);
            (phase, if merges { "Exchange the code, save the token, identify the member" } else { label }, note)
        })
        .collect();
    // Only a phase with a note must leave room for it.
    let with_note = phases.iter().filter(|(_, _, note)| !note.is_empty());
    let label_width = with_note.map(|(_, label, _)| label.len()).max().unwrap_or_default();
    let line = |(phase, label, note): (Phase, &str, String)| {
        let (mark, style) = phase_mark(sign_in, phase, theme, now);
        let label_style = match phase.cmp(&sign_in.phase) {
            std::cmp::Ordering::Greater => theme.dim(),
            std::cmp::Ordering::Equal => theme.strong(),
            std::cmp::Ordering::Less => Style::new(),
        };
        let time = phase_time(sign_in, phase, now);
        let label = if note.is_empty() { label.to_owned() } else { format!("{label:<label_width$}   ") };
        let room = widths.main.saturating_sub(2 + columns(&label) + columns(&time) + 1);
        let note = fit(&note, room);
        let gap = room.saturating_sub(columns(&note)) + 1;
        Line::from(vec![
            Span::styled(format!("{mark} "), style),
            Span::styled(label, label_style),
            Span::styled(note, theme.dim()),
            Span::styled(format!("{}{time}", " ".repeat(gap)), theme.dim()),
        ])
    };
    phases.into_iter().map(line).collect()
}

fn phase_mark(sign_in: &SignIn, phase: Phase, theme: Theme, now: Timestamp) -> (&'static str, Style) {
    let is_not_opened = phase == Phase::OpenBrowser && matches!(sign_in.browser, Some(Err(_)));
    let is_unverified = phase == Phase::CheckSecret
        && sign_in.phase <= Phase::Exchange
        && matches!(sign_in.credentials_check, Some(CredentialsCheck::Inconclusive));
    if phase < sign_in.phase && is_not_opened {
        ("!", theme.warning_mark())
    } else if phase < sign_in.phase && is_unverified {
        // A tick would mean that LinkedIn accepted the credentials.
        (theme.symbol("○", "."), theme.dim())
    } else if phase < sign_in.phase {
        theme.done_mark()
    } else if phase > sign_in.phase {
        (theme.symbol("○", "."), theme.dim())
    } else if sign_in.failure.is_some() || sign_in.save_error.is_some() {
        theme.failed_mark()
    } else if sign_in.different_member.is_some() {
        ("?", theme.warning_mark())
    } else {
        (spinner(theme, now), theme.accent())
    }
}

/// Returns the account to sign in with, where the profile has one.
fn account(state: &State, sign_in: &SignIn) -> Option<String> {
    let store = state.store();
    store.profile(&sign_in.request.profile)?.member.as_ref().map(member_and_email)
}

pub(crate) fn page(state: &State, sign_in: &SignIn, theme: Theme, widths: PageWidths) -> Page {
    match (&sign_in.failure, &sign_in.different_member) {
        (Some(error), _) => failure_page(state, sign_in, error, theme, widths),
        (None, Some(members)) => different_member::page(state, sign_in, members, theme, widths),
        (None, None) => progress_page(state, sign_in, theme, widths),
    }
}

/// Returns the position among several profiles that are re-authorized, where there are several.
fn position_note(sign_in: &SignIn) -> String {
    sign_in.position.map(|(at, total)| format!("{at}/{total}")).unwrap_or_default()
}

fn progress_page(state: &State, sign_in: &SignIn, theme: Theme, widths: PageWidths) -> Page {
    let title = sign_in.discarded_token.as_ref().map(different_member::DiscardedToken::title);
    let title = title.unwrap_or_else(|| format!("Signing in to profile {}", sign_in.request.profile));
    let mut page = Page::with_aside(theme, widths, title);
    page.title_note = position_note(sign_in);
    page.lines = phase_lines(sign_in, theme, state.now, widths);
    if let Some(wait) = wait_line(sign_in, theme, state.now, widths.main) {
        let at = page.lines.len() - if widths.is_split { 3 } else { 1 };
        page.lines.insert(at, wait);
    }
    let is_early = sign_in.phase <= Phase::Consent;
    let account = account(state, sign_in).filter(|_| is_early);
    if let Some(account) = account.as_ref().filter(|_| !widths.is_split) {
        page.strong(&format!("Sign in as {account}"));
    }
    if let Some(error) = &sign_in.save_error {
        page.blank();
        page.error(&format!("The token could not be saved: {error}"));
        page.dim(&state.hint(error));
        let retry = state.key_sentence(KeyContext::SignIn, Action::Retry, "save it again");
        page.strong(&format!("The token is still in memory. Fix the problem. {retry}"));
    }
    if let Some((count, reason)) = &sign_in.rejected_callbacks {
        let callbacks = if *count == 1 { "callback" } else { "callbacks, the last one" };
        page.warning(&format!("Rejected {count} {callbacks}: {}", sanitize(reason, 200)));
    }
    let is_waiting = sign_in.phase == Phase::Consent;
    if is_waiting && state.is_sandbox() && !widths.is_split {
        page.panel(SANDBOX_TITLE);
        add_sandbox_keys(&mut page, state, sign_in);
    }
    if is_waiting {
        add_link(&mut page, state, sign_in);
    }
    if is_early {
        let before = page.clone();
        add_compared_values(&mut page, state, sign_in);
        if state.is_sandbox() && !fits(state, &page, widths) {
            page = before;
            page.dim(&state.key_sentence(KeyContext::SignIn, Action::Help, "see what a \"Bummer\" page means"));
        }
        let before = page.clone();
        add_consent_preview(&mut page, sign_in, account.as_deref());
        if !fits(state, &page, widths) {
            page = before;
        }
    }
    if is_waiting && state.is_sandbox() && widths.is_split {
        page.panel(SANDBOX_TITLE);
        add_sandbox_keys(&mut page, state, sign_in);
        if let Some(url) = sign_in.links.as_ref().and_then(super::Links::control_page) {
            page.link(&url);
        }
    }
    page
}

/// Returns whether all of a page with one column is visible; one with two columns has room.
fn fits(state: &State, page: &Page, widths: PageWidths) -> bool {
    let window = state.window();
    widths.is_split || page.height(window.is_framed) <= usize::from(window.body.height)
}

const SANDBOX_TITLE: &str = "Sandbox: sign in with a key";

/// Adds the link for a browser that was not opened, or not where the right member is signed in.
fn add_link(page: &mut Page, state: &State, sign_in: &SignIn) {
    let Some(links) = &sign_in.links else { return };
    let theme = page.theme;
    // A native PKCE app's port is chosen at each sign-in: the link has it.
    let port = url::Url::parse(&links.short_link).ok().and_then(|link| link.port());
    let port = port.unwrap_or_else(|| sign_in.request.app.redirect_url.port());
    let tunnel = state.config.ssh.as_ref().map(|ssh| ssh.tunnel_command(port));
    let hint = |action, label: &str| inline_hint(state, theme, (KeyContext::SignIn, action), label);
    if let Some(Err(reason)) = &sign_in.browser {
        // The full URL works in every browser; the short link only where this machine is reached.
        page.panel("Open the URL yourself");
        page.warning(match &tunnel {
            Some(_) => "You are connected over SSH: open the URL on your own machine.",
            None => reason,
        });
        let mut keys = hint(Action::CopyUrlToOpen, "copy full URL").to_vec();
        keys.push(Span::styled("then, after Allow, ", theme.dim()));
        keys.extend(hint(Action::PasteCallback, "paste callback URL"));
        page.lines.push(Line::from(keys));
        let short = state.key_name(KeyContext::SignIn, Action::CopyShortLink);
        match tunnel {
            Some(command) => {
                page.dim(&format!("Or forward the port and open the short link ({short} copies it):"));
                page.lines.push(Line::from(command));
            }
            None => {
                page.dim(&format!("A browser that reaches this machine can open the short link ({short} copies it):"));
            }
        }
        page.link(&links.short_link);
        return;
    }
    page.panel("Browser not open, or another account in it?");
    page.link(&links.short_link);
    let mut keys = hint(Action::CopyShortLink, "copy short link").to_vec();
    keys.extend(hint(Action::CopyUrlToOpen, "full URL"));
    keys.extend(hint(Action::PasteCallback, "paste callback URL"));
    page.lines.push(Line::from(keys));
    if let Some(command) = tunnel {
        page.dim("If the browser is on another machine, forward the port there first:");
        page.lines.push(Line::from(command));
    }
}

/// Adds what must match the app's Auth tab: otherwise LinkedIn shows an error page, and never redirects.
fn add_compared_values(page: &mut Page, state: &State, sign_in: &SignIn) {
    let is_overdue =
        sign_in.wait.is_some_and(|(since, _)| state.now.as_second() - since.as_second() >= OVERDUE_SECONDS);
    page.panel("LinkedIn shows \"Bummer, something went wrong\"?");
    let copy = |action| format!("{} copy", state.key_name(KeyContext::SignIn, action));
    let style = if is_overdue { page.theme.warning() } else { page.theme.dim() };
    page.text(style, "Then one of these differs from your app's Auth tab:");
    page.value_with_note("Redirect URL", sign_in.request.app.redirect_url.as_str(), &copy(Action::CopyRedirectUrl));
    page.value_with_note("Client ID", &sanitize(&sign_in.request.app.client_id, 60), &copy(Action::CopyClientId));
}

fn add_consent_preview(page: &mut Page, sign_in: &SignIn, account: Option<&str>) {
    page.aside("What you will see in the browser");
    match account {
        Some(account) => page.strong(&format!("1. Sign in as {account}")),
        None => page.plain("1. Sign in, unless you are signed in"),
    }
    page.plain("2. Click Allow");
    page.blank();
    page.dim("Your app would like to:");
    for scope in &sign_in.request.scopes {
        page.bullet(&sanitize(&scopes::consent_text(scope), 120));
    }
}

fn add_sandbox_keys(page: &mut Page, state: &State, sign_in: &SignIn) {
    let theme = page.theme;
    let actions = [Action::ApproveFirst, Action::ApproveSecond, Action::ApproveThird];
    let expected = super::expected_sandbox_member(state);
    let mut line: Vec<Span<'static>> = Vec::new();
    let members = state.config.sandbox_members.iter().zip(actions);
    let approvals = members.map(|((_, name), action)| (action, fit(&sanitize(name, 40), 24)));
    let control_page = sign_in.links.as_ref().and_then(super::Links::control_page);
    let keys = approvals.chain(control_page.map(|_| (Action::OpenControlPage, "control page".to_owned())));
    for (action, label) in keys {
        let mut spans = inline_hint(state, theme, (KeyContext::SignIn, action), &label);
        if actions.get(expected) == Some(&action) {
            spans[1].style = theme.strong();
        }
        let width = |spans: &[Span<'_>]| spans.iter().map(|span| columns(&span.content)).sum::<usize>();
        if !line.is_empty() && width(&line) + width(&spans) > page.width + 3 {
            page.lines.push(Line::from(std::mem::take(&mut line)));
        }
        line.extend(spans);
    }
    page.lines.push(Line::from(line));
}

fn failure_page(state: &State, sign_in: &SignIn, error: &Error, theme: Theme, widths: PageWidths) -> Page {
    let mut page = Page::with_aside(theme, widths, format!("{} {}", theme.failed_mark().0, headline(error.code)));
    page.title_style = theme.error();
    page.title_note = position_note(sign_in);
    if error.code == Code::TimedOut {
        page.plain(&format!(
            "No callback came to {} within {}.",
            sign_in.request.app.redirect_url.as_str(),
            format_limit(sign_in.request.timeout_seconds)
        ));
        page.blank();
        for paragraph in timed_out_hint(state).lines() {
            page.strong(paragraph);
        }
    } else {
        page.failure(Style::new(), error, &state.hint(error));
    }
    page.panel("Next");
    page.next_steps(state, KeyContext::SignInFailed);
    if widths.is_split {
        let request = &sign_in.request;
        page.aside("What was requested");
        page.value("Profile", request.profile.as_str());
        page.value("Client ID", &sanitize(&request.app.client_id, 60));
        page.value("Redirect URL", request.app.redirect_url.as_str());
        page.value("Scopes", &sanitize(&request.scopes.join(" "), 600));
    }
    page.footnote(theme.dim(), "Nothing was saved, and nothing you typed is lost.", widths.single);
    page
}

/// Returns what a next step does, if its label is not enough.
pub(crate) fn step_description(state: &State, action: Action) -> Option<String> {
    let back = match state.sign_in()?.origin {
        Origin::Setup => "back to the review",
        Origin::List => "back to the profile list",
    };
    (action == Action::Back).then(|| back.to_owned())
}

/// Formats how long a sign-in waits.
fn format_limit(seconds: u64) -> String {
    match (seconds / 60, seconds % 60) {
        (1, 0) => "1 minute".to_owned(),
        (minutes, 0) => format!("{minutes} minutes"),
        _ => format!("{seconds} seconds"),
    }
}

/// Returns the likely causes of a missing callback, with the keys that fix them.
fn timed_out_hint(state: &State) -> String {
    let key = |action| state.key_name(KeyContext::SignInFailed, action);
    format!(
        "If LinkedIn showed \"Bummer, something went wrong\", the redirect URL ({}) or the client ID ({}) differs from your app's \
         Auth tab. If nothing opened, try again and open the URL yourself.",
        key(Action::EditRedirectUrl),
        key(Action::EditCredentials)
    )
}

pub(crate) fn paste_page(state: &State, form: &PasteForm, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, "Paste the URL that the browser ended on");
    let notes = form.rejection.as_ref().map(|error| error_notes(state, error, theme)).unwrap_or_default();
    // The pasted URL contains an authorization code.
    page.masked_field("URL", &form.url, true, notes);
    page.blank();
    page.dim(
        "After you click Allow, the browser may show \"unable to connect\". Copy the whole URL from its address bar: \
         it starts with the redirect URL and contains code= and state=.",
    );
    page
}

const fn headline(code: Code) -> &'static str {
    match code {
        Code::Denied => "Sign-in canceled",
        Code::TimedOut => "Timed out waiting for the browser",
        Code::ScopeNotAuthorized => "Scope not authorized for this app",
        Code::RedirectMismatch => "Redirect URL mismatch",
        Code::ClientRefused => "Invalid client ID or client secret",
        Code::CodeRefused => "Authorization code refused",
        Code::PortInUse => "Port in use",
        Code::Network => "Connection failed",
        Code::ServerError => "LinkedIn is temporarily unavailable",
        Code::RateLimited => "Rate limit reached",
        Code::DifferentMember => "A different member signed in",
        Code::Files | Code::FileDamaged | Code::FileNewer => "Could not save",
        _ => "Sign-in failed",
    }
}

/// Returns the actions that fix the failure on the screen, the likeliest first.
pub(crate) fn fix_actions(state: &State) -> Vec<Action> {
    let failed = state.sign_in().and_then(|sign_in| Some((sign_in, sign_in.failure.as_ref()?)));
    failed.map_or_else(Vec::new, |(sign_in, error)| fixes(state, sign_in, error))
}

/// Returns whether LinkedIn refused scopes that adding a self-serve product grants at once.
pub(crate) fn needs_self_serve_product(state: &State) -> bool {
    let failed = state.sign_in().and_then(|sign_in| Some((sign_in, sign_in.failure.as_ref()?)));
    failed.is_some_and(|(sign_in, error)| error.code == Code::ScopeNotAuthorized && is_self_serve(sign_in, error))
}

/// Returns whether all scopes that the error names, or all requested ones if it names none, are self-serve.
fn is_self_serve(sign_in: &SignIn, error: &Error) -> bool {
    let words = error.message.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let named: Vec<String> = words.filter(|word| scopes::find(word).is_some()).map(str::to_owned).collect();
    let refused = if named.is_empty() { &sign_in.request.scopes } else { &named };
    refused.iter().all(|id| products::products_with(id).any(|product| product.access == Access::SelfServe))
}

/// Returns the actions that fix a failure. The sandbox's apps are in no portal.
pub(super) fn fixes(state: &State, sign_in: &SignIn, error: &Error) -> Vec<Action> {
    use Action::{EditCredentials, EditRedirectUrl, EditScopes, OpenPortal, Retry};
    let actions: &[Action] = match error.code {
        Code::ScopeNotAuthorized if is_self_serve(sign_in, error) => &[OpenPortal, Retry, EditScopes],
        Code::ScopeNotAuthorized => &[EditScopes, OpenPortal, Retry],
        Code::ClientRefused => &[EditCredentials, OpenPortal, Retry],
        Code::RedirectMismatch => &[EditRedirectUrl, EditCredentials, OpenPortal, Retry],
        Code::PortInUse if error.next_step.as_deref() == Some(&NextStep::FinishOtherSignIn) => {
            &[Retry, EditRedirectUrl]
        }
        Code::PortInUse => &[EditRedirectUrl, Retry],
        Code::CodeRefused | Code::TimedOut => &[Retry, EditRedirectUrl, EditCredentials, OpenPortal],
        Code::Denied => &[Retry, EditScopes],
        _ => &[Retry],
    };
    actions.iter().copied().filter(|action| *action != OpenPortal || !state.is_sandbox()).collect()
}
