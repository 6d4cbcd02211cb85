//! The result of a sign-in: the member, the token, and what can be done next.

use super::{compose, copy, deliveries, member_and_email, profiles};
use crate::flows::sign_in::SignInOutcome;
use crate::store::{Name, Token};
use crate::text::clean;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::layout::PageWidths;
use crate::tui::message::Effect;
use crate::tui::state::{Screen, State};
use crate::tui::theme::Theme;
use crate::tui::time_format;
use crate::tui::widgets::page::{Page, marked_line};

pub(crate) fn page(state: &State, outcome: &SignInOutcome, theme: Theme, widths: PageWidths) -> Page {
    let profile = &outcome.profile;
    let copy_key = |action| format!("{} copy", state.key_name(KeyContext::SignedIn, action));
    let (title, style) = if outcome.missing.is_empty() {
        (format!("{} Signed in", theme.done_mark().0), theme.success())
    } else {
        ("! Signed in with fewer scopes".to_owned(), theme.warning())
    };
    let mut page = Page::with_aside(theme, widths, title);
    page.title_style = style;
    if let Some(requested) = &state.not_reauthorized {
        let name = &profile.name;
        page.warning(&format!(
            "{requested} was not re-authorized: this token belongs to a different member and is saved in {name}."
        ));
    }
    match &profile.member {
        Some(member) => {
            page.value("Member", &clean(member.name.as_deref().unwrap_or("(no name)"), 80));
            if let Some(email) = &member.email {
                page.value("Email", &clean(email, 80));
            }
            page.value_with_note("Member ID", &clean(&member.id, 60), &copy_key(Action::CopyMemberId));
            page.value_with_note("URN", &clean(&member.urn(), 80), &copy_key(Action::CopyUrn));
        }
        None => page.warning("The member could not be identified. The token is saved."),
    }
    if let Some(token) = &profile.token {
        let end = token.expires_at.map_or_else(|| "unknown".to_owned(), |end| time_format::format_expiry(state, end));
        page.value("Expires", &end);
        let refresh = match &token.refresh {
            Some(refresh) => {
                refresh.expires_at.map_or_else(|| "yes".to_owned(), |end| time_format::format_expiry(state, end))
            }
            None => "no refresh token: re-authorize before it expires".to_owned(),
        };
        page.value("Refresh", &refresh);
        page.value("Scopes", &clean(&token.scopes.join(" "), 300));
        if outcome.missing.is_empty() {
            page.value("", "all requested scopes were granted");
        } else {
            let missing = clean(&outcome.missing.join(" "), 300);
            page.warning(&format!("Requested but not granted: {missing}"));
        }
        token_lines(&mut page, state, token);
    }
    page.value("Saved in", &outcome.saved_in);
    if !cfg!(windows) {
        page.value("", "only you can read this file");
    }
    if !outcome.siblings.is_empty() {
        let names: Vec<&str> = outcome.siblings.iter().map(Name::as_str).collect();
        page.blank();
        page.warning(&format!(
            "The scopes differ from before, so LinkedIn revokes this member's earlier tokens for the app. Check: {}",
            names.join(", ")
        ));
    }
    // The deliveries may have changed since the sign-in.
    let files = state.files();
    let stored = files.profile(&profile.name).unwrap_or(profile);
    deliveries::add_lines(&mut page, state, stored);
    page.aside("Next");
    let mut add_choice = |action, text: Option<&str>| page.choice(state, (KeyContext::SignedIn, action), text);
    add_choice(Action::CopyToken, None);
    match state.list.queue.front() {
        Some(next) => {
            let member = files.profile(next).and_then(|profile| profile.member.as_ref());
            let account = member.map_or_else(String::new, |member| format!(", as {}", member_and_email(member)));
            let text = format!("re-authorize {next}{account} ({} left)", state.list.queue.len());
            add_choice(Action::Continue, Some(&text));
            add_choice(Action::Back, Some("profile list; the remaining profiles stay marked"));
        }
        None => add_choice(Action::Continue, None),
    }
    if stored.deliveries.is_empty() {
        add_choice(Action::Deliveries, Some("deliver it to a server, a CI secret, a vault"));
    }
    page.panel("In a script");
    page.lines.push(marked_line(theme, "shell", &format!("{} token {}", state.config.program, profile.name)));
    page
}

fn token_lines(page: &mut Page, state: &State, token: &Token) {
    if state.is_revealed() {
        page.value("Token", crate::tui::expose(&token.access));
        let left = state.revealed_until.map_or(0, |until| until.as_second() - state.now.as_second());
        page.value("", &format!("visible for {left} s, or until the window loses focus"));
    } else {
        let key = |action| state.key_name(KeyContext::SignedIn, action);
        let note = format!("{} show, {} copy", key(Action::Reveal), key(Action::CopyToken));
        page.value_with_note("Token", &token.access.masked(), &note);
    }
}

pub(crate) fn handle(state: &mut State, outcome: Box<SignInOutcome>, action: Action) -> Vec<Effect> {
    match action {
        Action::Continue | Action::Back => {
            state.revealed_until = None;
            let next = if action == Action::Continue { profiles::reauthorize_next(state) } else { None };
            next.unwrap_or_else(|| {
                state.open_screen(Screen::Profiles);
                vec![Effect::ReadFiles]
            })
        }
        Action::Compose => {
            let profile = outcome.profile.clone();
            // The screen stays open where the token cannot publish.
            state.screen = Screen::SignedIn(outcome);
            compose::open(state, &profile)
        }
        action => {
            let copied = profiles::copied_value(state, &outcome.profile, action);
            match action {
                Action::Reveal => state.toggle_reveal(),
                Action::Deliveries => deliveries::open(state, outcome.profile.name.clone()),
                _ => {}
            }
            state.screen = Screen::SignedIn(outcome);
            copied.map_or_else(Vec::new, |(label, content)| copy(label, content))
        }
    }
}
