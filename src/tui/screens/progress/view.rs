//! How a sign-in and its failure look.

use jiff::Timestamp;
use ratatui::text::{Line, Span};

use super::{Origin, PHASES, Phase, SILENCE_SECONDS, SignIn};
use crate::Code;
use crate::flows::sign_in::SecretTrial;
use crate::store::Member;
use crate::text::clean;
use crate::tui::hint::hint;
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::widgets::page::{Page, choice};

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

/// The page while it goes on.
pub(in crate::tui) fn page(state: &State, theme: Theme, width: usize) -> Page {
    let Some(sign_in) = &state.sign_in else { return Page::default() };
    let mut page = Page::titled(format!("Signing in to profile {}", sign_in.request.profile));
    page.right = clock(sign_in, state.now);
    page.lines = steps(sign_in, theme, state.now);
    page.blank();
    if let Some(error) = &sign_in.unsaved {
        page.say(theme.bad(), &format!("The token could not be saved: {error}"), width);
        page.say(theme.dim(), &hint(error), width);
        page.say(theme.strong(), "It is kept in memory. Mend the cause and press r to save again.", width);
        page.blank();
    }
    if sign_in.phase <= Phase::Consent
        && let Some(words) = whom(state, sign_in)
    {
        page.say(theme.strong(), &words, width);
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
        if let Some(ssh) = &state.start.ssh {
            // A native PKCE app's port is chosen at each sign-in: the link has it.
            let chosen = url::Url::parse(&links.short).ok().and_then(|link| link.port());
            let port = chosen.unwrap_or_else(|| sign_in.request.app.redirect_url.port());
            page.say(theme.dim(), "The browser is on your own machine? Run this there first:", width);
            page.lines.push(Line::from(ssh.tunnel(port)));
        }
    }
    if !state.start.sandbox_members.is_empty() {
        page.blank();
        page.say(theme.dim(), "Sandbox: approve without a browser as", width);
        for (number, (_, name)) in state.start.sandbox_members.iter().enumerate() {
            page.lines.push(choice(theme, &(number + 1).to_string(), &crate::text::fit(&clean(name, 40), 40)));
        }
    }
    if let Some((count, why)) = &sign_in.rejected_callbacks {
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

/// The page of a failure: what happened, why, and what mends it.
pub(in crate::tui) fn failure_page(state: &State, theme: Theme, width: usize) -> Page {
    let Some((sign_in, error)) = state.sign_in.as_ref().and_then(|one| one.failure.as_ref().map(|error| (one, error)))
    else {
        return Page::default();
    };
    let mut page = Page::titled(format!("{} {}", theme.pick("✗", "!"), headline(error.code)));
    page.title_style = theme.bad();
    page.say(ratatui::style::Style::new(), &error.message, width);
    if let Some(detail) = &error.detail {
        page.say(theme.dim(), &format!("LinkedIn said: {detail}"), width);
    }
    page.blank();
    for paragraph in hint(error).lines() {
        page.say(theme.strong(), paragraph, width);
    }
    page.blank();
    for (key, text) in fixes(error.code) {
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
        Code::TimedOut => "Timed out waiting for the browser",
        Code::ScopeNotAuthorized => "LinkedIn refused a scope",
        Code::RedirectMismatch => "The redirect URL or the code does not fit",
        Code::ClientRefused => "LinkedIn refused the client ID or secret",
        Code::CodeRefused => "The code was too old or spent",
        Code::PortInUse => "The port is taken",
        Code::Network => "No connection",
        Code::ServerError | Code::RateLimited => "LinkedIn is not well",
        Code::DifferentMember => "A different member signed in",
        Code::Files | Code::FileDamaged | Code::FileNewer => "The files cannot be written",
        _ => "That did not work",
    }
}

/// The keys that mend it, the likeliest first.
const fn fixes(code: Code) -> &'static [(&'static str, &'static str)] {
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
