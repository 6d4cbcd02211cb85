//! After a sign-in: who, what, until when, where, and what next.

use super::{compose, deliveries, profiles, progress};
use crate::flows::sign_in::Outcome;
use crate::store::{Name, Token};
use crate::text::clean;
use crate::tui::keymap::{Action, KeyContext, choice};
use crate::tui::message::{Effect, TerminalEffect};
use crate::tui::state::{Screen, State};
use crate::tui::theme::Theme;
use crate::tui::when;
use crate::tui::widgets::page::{Page, marked};

/// The page.
pub(in crate::tui) fn page(state: &State, outcome: &Outcome, theme: Theme, width: usize) -> Page {
    let profile = &outcome.profile;
    let copy = |action| format!("{} copy", state.key_name(KeyContext::SignedIn, action));
    let mut page = Page::titled(format!("{} Signed in", theme.pick("✓", "*")));
    page.title_style = theme.good();
    if let Some(meant) = &state.not_reauthorized {
        let words = format!(
            "{meant} was not re-authorized: this token belongs to a different member and is saved in {}.",
            profile.name
        );
        page.text(theme.warning(), &words, width);
    }
    match &profile.member {
        Some(member) => {
            page.labelled(theme, "Member", &clean(member.name.as_deref().unwrap_or("(no name)"), 80), "", width);
            if let Some(email) = &member.email {
                page.labelled(theme, "Email", &clean(email, 80), "", width);
            }
            page.labelled(theme, "Member ID", &clean(&member.id, 60), &copy(Action::CopyMemberId), width);
            page.labelled(theme, "URN", &clean(&member.urn(), 80), &copy(Action::CopyUrn), width);
        }
        None => page.text(theme.warning(), "The member could not be identified. The token is saved.", width),
    }
    if let Some(token) = &profile.token {
        let end = token.expires_at.map_or_else(|| "unknown".to_owned(), |end| when::until(state, end));
        page.labelled(theme, "Expires", &end, "", width);
        let refresh = match &token.refresh {
            Some(refresh) => refresh.expires_at.map_or_else(|| "yes".to_owned(), |end| when::until(state, end)),
            None => "no refresh token: re-authorize before it expires".to_owned(),
        };
        page.labelled(theme, "Refresh", &refresh, "", width);
        page.labelled(theme, "Scopes", &clean(&token.scopes.join(" "), 300), "", width);
        if outcome.missing.is_empty() {
            page.labelled(theme, "", "all requested scopes were granted", "", width);
        } else {
            let missing = clean(&outcome.missing.join(" "), 300);
            page.text(theme.warning(), &format!("Requested but not granted: {missing}"), width);
        }
        token_lines(&mut page, state, token, theme, width);
    }
    page.labelled(theme, "Saved in", &outcome.saved_in, "", width);
    page.labelled(theme, "", "only you can read this file", "", width);
    if !outcome.siblings.is_empty() {
        let names: Vec<&str> = outcome.siblings.iter().map(Name::as_str).collect();
        page.blank();
        page.text(
            theme.warning(),
            &format!(
                "The scopes differ from before, so LinkedIn revokes this member's earlier tokens for the app. Check: {}",
                names.join(", ")
            ),
            width,
        );
    }
    // They may have changed since.
    let files = state.files();
    let stored = files.profile(&profile.name).unwrap_or(profile);
    deliveries::lines(&mut page, state, stored, theme, width);
    page.blank();
    page.lines.push(ratatui::text::Line::styled("Next", theme.strong()));
    let mut offer = |action, text: Option<&str>| {
        page.lines.extend(choice(state, theme, (KeyContext::SignedIn, action), text, width));
    };
    offer(Action::CopyToken, None);
    match state.list.queue.front() {
        Some(next) => {
            let member = files.profile(next).and_then(|profile| profile.member.as_ref());
            let whom = member.map_or_else(String::new, |member| format!(", as {}", progress::named(member)));
            let words = format!("re-authorize {next}{whom} ({} left)", state.list.queue.len());
            offer(Action::Continue, Some(&words));
            offer(Action::Back, Some("profile list; the remaining profiles stay marked"));
        }
        None => offer(Action::Continue, None),
    }
    if stored.deliveries.is_empty() {
        offer(Action::Deliveries, Some("deliver it to a server, a CI secret, a vault"));
    }
    page.lines.push(marked(theme, "shell", &format!("{} token {}", state.start.program, profile.name)));
    page
}

/// The token: masked, or whole for a while.
fn token_lines(page: &mut Page, state: &State, token: &Token, theme: Theme, width: usize) {
    if !state.is_revealed() {
        let key = |action| state.key_name(KeyContext::SignedIn, action);
        let note = format!("{} show, {} copy", key(Action::Reveal), key(Action::CopyToken));
        page.labelled(theme, "Token", &token.access.masked(), &note, width);
        return;
    }
    page.labelled(theme, "Token", &crate::tui::shown(&token.access), "", width);
    let left = state.revealed.map_or(0, |until| until.as_second() - state.now.as_second());
    page.labelled(theme, "", &format!("visible for {left} s, or until the window loses focus"), "", width);
}

/// A command.
pub(in crate::tui) fn handle(state: &mut State, outcome: Box<Outcome>, action: Action) -> Vec<Effect> {
    match action {
        Action::Continue | Action::Back => {
            state.revealed = None;
            // One after the other, where several were marked.
            let next = if action == Action::Continue { profiles::next_in_queue(state) } else { None };
            next.unwrap_or_else(|| {
                state.go(Screen::Profiles);
                vec![Effect::ReadFiles]
            })
        }
        Action::Compose => {
            let profile = outcome.profile.clone();
            state.screen = Screen::Done(outcome);
            compose::open(state, &profile)
        }
        action => {
            let copied = profiles::value(state, &outcome.profile, action);
            match action {
                Action::Reveal => state.toggle_reveal(),
                Action::Deliveries => deliveries::open(state, outcome.profile.name.clone()),
                _ => {}
            }
            state.screen = Screen::Done(outcome);
            copied.map_or_else(Vec::new, |(what, copied)| vec![Effect::Terminal(TerminalEffect::Copy { what, copied })])
        }
    }
}
