//! After a sign-in: who, what, until when, where, and what next.

use super::{compose, deliveries, profiles, progress};
use crate::flows::sign_in::Outcome;
use crate::store::{Name, Token};
use crate::text::{clean, wrap};
use crate::tui::keymap::Action;
use crate::tui::message::Effect;
use crate::tui::state::{Screen, State};
use crate::tui::theme::Theme;
use crate::tui::when;
use crate::tui::widgets::page::{Page, choice};

/// The page.
pub(in crate::tui) fn page(state: &State, outcome: &Outcome, theme: Theme, width: usize) -> Page {
    let profile = &outcome.profile;
    let mut page = Page::titled(format!("{} You have a token", theme.pick("✓", "*")));
    page.title_style = theme.good();
    if let Some(meant) = &state.not_renewed {
        let words = format!("{meant} is still not renewed: this token is a different member's, in {}.", profile.name);
        page.say(theme.warning(), &words, width);
    }
    match &profile.member {
        Some(member) => {
            page.labelled(theme, "Member", &clean(member.name.as_deref().unwrap_or("(no name told)"), 80), "", width);
            if let Some(email) = &member.email {
                page.labelled(theme, "E-mail", &clean(email, 80), "", width);
            }
            page.labelled(theme, "User ID", &clean(&member.id, 60), "i copies", width);
            page.labelled(theme, "URN", &clean(&member.urn(), 80), "u copies", width);
        }
        None => page.say(theme.warning(), "LinkedIn did not say who this is; the token is saved all the same.", width),
    }
    if let Some(token) = &profile.token {
        let end = token.expires_at.map_or_else(|| "LinkedIn did not say".to_owned(), |end| when::until(state, end));
        page.labelled(theme, "Expires", &end, "", width);
        let refresh = match &token.refresh {
            Some(refresh) => refresh.expires_at.map_or_else(|| "yes".to_owned(), |end| when::until(state, end)),
            None => "none, LinkedIn gives them to partners: sign in again".to_owned(),
        };
        page.labelled(theme, "Refresh", &refresh, "", width);
        page.labelled(theme, "Scopes", &clean(&token.scopes.join(" "), 300), "", width);
        if outcome.missing.is_empty() {
            page.labelled(theme, "", "all that you asked for", "", width);
        } else {
            let missing = clean(&outcome.missing.join(" "), 300);
            page.say(theme.warning(), &format!("Not granted, though asked for: {missing}"), width);
        }
        token_lines(&mut page, state, token, theme, width);
    }
    page.labelled(theme, "Saved in", &outcome.saved_in, "", width);
    page.labelled(theme, "", "only you can read it", "", width);
    if !outcome.siblings.is_empty() {
        let names: Vec<&str> = outcome.siblings.iter().map(Name::as_str).collect();
        page.blank();
        page.say(
            theme.warning(),
            &format!(
                "Other scopes than before end earlier tokens of this member for the app. Check: {}",
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
    page.lines.push(choice(theme, "c", "copy the token"));
    match state.list.queue.front() {
        Some(next) => {
            let member = files.profile(next).and_then(|profile| profile.member.as_ref());
            let whom = member.map_or_else(String::new, |member| format!(", as {}", progress::named(member)));
            let words = format!("re-authorize {next}{whom} ({} left)", state.list.queue.len());
            for (number, row) in wrap(&words, width.saturating_sub(8)).iter().enumerate() {
                page.lines.push(choice(theme, if number == 0 { "enter" } else { "" }, row));
            }
            page.lines.push(choice(theme, "esc", "profile list; those left stay marked"));
        }
        None => page.lines.push(choice(theme, "enter", "all profiles: check, renew, add another account")),
    }
    if stored.deliveries.is_empty() {
        page.lines.push(choice(theme, "d", "deliver it to a server, a CI secret, a vault"));
    }
    page.lines.push(choice(theme, "shell", &format!("linkedin-tui token {}", profile.name)));
    page
}

/// The token: masked, or whole for a while.
fn token_lines(page: &mut Page, state: &State, token: &Token, theme: Theme, width: usize) {
    if !state.is_revealed() {
        page.labelled(theme, "Token", &token.access.masked(), "t shows, c copies", width);
        return;
    }
    page.labelled(theme, "Token", &crate::tui::shown(&token.access), "", width);
    let left = state.revealed.map_or(0, |until| until.as_second() - state.now.as_second());
    page.labelled(theme, "", &format!("hides in {left} s, and when the window loses the focus"), "", width);
}

/// A command.
pub(in crate::tui) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let Screen::Done(outcome) = &state.screen else { return Vec::new() };
    let profile = &outcome.profile;
    match action {
        Action::Next => {
            state.revealed = None;
            // One after the other, where several were marked.
            let next = profiles::next_in_queue(state);
            next.unwrap_or_else(|| {
                state.go(Screen::Profiles);
                vec![Effect::ReadFiles]
            })
        }
        Action::Back => {
            state.revealed = None;
            state.go(Screen::Profiles);
            vec![Effect::ReadFiles]
        }
        Action::Reveal => {
            state.toggle_reveal();
            Vec::new()
        }
        Action::Deliver => {
            let name = profile.name.clone();
            deliveries::open(state, name);
            Vec::new()
        }
        Action::Compose => {
            let profile = profile.clone();
            compose::open(state, &profile)
        }
        other => {
            let copied = profiles::value(state, profile, other);
            copied.map_or_else(Vec::new, |(what, copied)| vec![Effect::Copy { what, copied }])
        }
    }
}
