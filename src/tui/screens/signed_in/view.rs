//! Draws the result of a sign-in.

use jiff::Timestamp;
use ratatui::text::{Line, Span};

use super::{SignedIn, missing_product, shell_commands};
use crate::Error;
use crate::flows::sign_in::SignInOutcome;
use crate::flows::sign_in::describe_revoked;
use crate::linkedin::scopes;
use crate::store::{Profile, Token};
use crate::text::{columns, fit, sanitize};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::layout::PageWidths;
use crate::tui::screens::{deliveries, profiles};
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::time_format;
use crate::tui::widgets::page::{LABEL_WIDTH, Page, TITLE_GAPS};

/// The lifetime of LinkedIn's access tokens, in days.
const TOKEN_DAYS: i64 = 60;
const BAR_CELLS: usize = 20;

pub(crate) fn page(state: &State, signed_in: &SignedIn, theme: Theme, widths: PageWidths) -> Page {
    let outcome = &signed_in.outcome;
    let profile = &outcome.profile;
    let member = profile.member.as_ref();
    let heading = member.map_or_else(
        || "Signed in".to_owned(),
        |member| format!("Signed in as {}", sanitize(member.name.as_deref().unwrap_or(&member.id), 60)),
    );
    let (title, style) = if signed_in.is_restricted() {
        ("! Signed in; account restricted".to_owned(), theme.warning())
    } else if !outcome.missing_scopes.is_empty() {
        let verb = if outcome.missing_scopes.len() == 1 { "was" } else { "were" };
        let missing = sanitize(&outcome.missing_scopes.join(", "), 80);
        (format!("! Signed in, but {missing} {verb} not granted"), theme.warning())
    } else if signed_in.can_identify() {
        let title =
            if member.is_some() { format!("! {heading}") } else { "! Signed in; member not identified".to_owned() };
        (title, theme.warning())
    } else {
        (format!("{} {heading}", theme.done_mark().0), theme.success())
    };
    let name = fit(profile.name.as_str(), 24);
    // The title bar has the name too: it must not cut the title.
    let has_room_for_name = columns(&title) + columns(&name) + TITLE_GAPS <= widths.main;
    let mut page = Page::with_aside(theme, widths, title);
    page.title_style = style;
    if outcome.missing_scopes.is_empty() && has_room_for_name {
        page.title_note = name;
    }
    if let Some(position) = profiles::queue_position(state) {
        let gap = if page.title_note.is_empty() { "" } else { theme.separator() };
        page.title_note = format!("{}{gap}{position}", page.title_note);
    }
    add_warnings(&mut page, state, outcome);
    add_unknown_member(&mut page, state, signed_in);
    // A low window has no row to spare below one sentence.
    if !page.lines.is_empty() && (member.is_none() || state.window().is_framed) {
        page.blank();
    }
    add_member(&mut page, state, outcome);
    if let Some(token) = &profile.token {
        add_token(&mut page, state, token, outcome);
    }
    let path = theme.shorten_path(&outcome.saved_in, page.width.saturating_sub(LABEL_WIDTH));
    let room = page.width.saturating_sub(LABEL_WIDTH + columns(&path));
    page.value_with_note("Saved in", &path, if room > 25 && !cfg!(windows) { "only you can read it" } else { "" });
    // The deliveries may have changed since the sign-in.
    let store = state.store();
    let stored = store.profile(&profile.name).unwrap_or(profile);
    deliveries::add_lines(&mut page, state, stored);
    if widths.is_split {
        add_commands(&mut page, state, profile);
        page.aside("Next");
        page.next_steps(state, KeyContext::SignedIn);
    } else {
        page.panel("Next");
        page.next_steps(state, KeyContext::SignedIn);
        add_fitting_commands(&mut page, state, profile);
    }
    page
}

fn add_warnings(page: &mut Page, state: &State, outcome: &SignInOutcome) {
    let name = &outcome.profile.name;
    if let Some(requested) = &state.profile_not_reauthorized {
        let belongs = if outcome.profile.member.is_some() { "belongs" } else { "may belong" };
        page.warning(&format!(
            "Profile {requested} was not re-authorized: this token {belongs} to a different member and is saved as profile {name}."
        ));
    }
    if !outcome.missing_scopes.is_empty() {
        page.warning(&missing_product(outcome).map_or_else(
            || "LinkedIn granted fewer scopes than were requested.".to_owned(),
            |product| format!("Check that your app has the product \"{}\", then re-authorize.", product.name),
        ));
    }
    if let Some(revoked) = describe_revoked(&outcome.revoked_profiles) {
        let check = state.key_name(KeyContext::List, Action::CheckAll);
        page.warning(&format!("{revoked} In the list, press {check} to check all."));
    }
}

/// Adds why the API did not return the member, if so.
fn add_unknown_member(page: &mut Page, state: &State, signed_in: &SignedIn) {
    let profile = &signed_in.outcome.profile;
    if profile.member.is_some() && signed_in.member_error.is_none() {
        return;
    }
    if !page.lines.is_empty() {
        page.blank();
    }
    let scopes = profile.token.as_ref().map(|token| token.scopes.as_slice()).unwrap_or_default();
    let style = page.theme.warning();
    match (scopes::missing_openid_warning(scopes), &signed_in.member_error) {
        (Some(cost), _) if !scopes::can_identify_member(scopes) => page.warning(cost),
        (_, Some(error)) => {
            let saved = if signed_in.is_restricted() {
                format!("{} The token is saved.", error.message)
            } else if profile.member.is_some() {
                format!("The token is saved, but LinkedIn returned only the ID of its member. {}", error.message)
            } else {
                format!("The token is saved, but its member could not be identified. {}", error.message)
            };
            page.failure(style, &Error { message: saved, ..error.clone() }, &state.hint(error));
        }
        _ => page.warning("The member could not be identified. The token is saved."),
    }
}

fn add_member(page: &mut Page, state: &State, outcome: &SignInOutcome) {
    let Some(member) = &outcome.profile.member else { return };
    let name = sanitize(member.name.as_deref().unwrap_or("(no name)"), 80);
    match &member.email {
        Some(email) => page.value_with_note("Member", &name, &sanitize(email, 80)),
        None => page.value("Member", &name),
    }
    let copy = format!("{} copy member ID", state.key_name(KeyContext::SignedIn, Action::CopyMemberId));
    page.value_with_note("URN", &sanitize(&member.urn(), 80), &copy);
}

fn add_token(page: &mut Page, state: &State, token: &Token, outcome: &SignInOutcome) {
    let theme = page.theme;
    let key = |action| state.key_name(KeyContext::SignedIn, action);
    if state.is_revealed() {
        page.value("Token", crate::tui::expose(&token.access));
        let left = state.revealed_until.map_or(0, |until| until.as_second() - state.now.as_second());
        page.value("", &format!("visible for {left} s, or until the window loses focus"));
    } else {
        let note = format!("{} copy, {} show", key(Action::CopyToken), key(Action::Reveal));
        let masked: Vec<char> = token.access.masked().chars().collect();
        let (head, tail) = (&masked[..masked.len().min(4)], &masked[masked.len().saturating_sub(3)..]);
        let short: String = head.iter().chain(&['•'; 12]).chain(tail).collect();
        page.value_with_note("Token", &short, &note);
    }
    match token.expires_at {
        Some(expiry) => add_expiry(page, state, expiry),
        None => page.value("Expires", "unknown"),
    }
    let refresh = match &token.refresh {
        Some(refresh) => {
            let until = refresh.expires_at.map(|expiry| time_format::format_day_and_relative(state, expiry));
            format!("refreshes itself{}", until.map_or_else(String::new, |until| format!(" until {until}")))
        }
        None => "re-authorize by then (no refresh token)".to_owned(),
    };
    page.value("Renewal", &refresh);
    let granted = token.scopes.iter().map(|id| (id, theme.done_mark()));
    let missing = outcome.missing_scopes.iter().map(|id| (id, theme.failed_mark()));
    let mut line = vec![Span::styled(format!("{:<LABEL_WIDTH$}", "Scopes"), theme.dim())];
    let mut used = LABEL_WIDTH;
    // What is missing is in view in the smallest window too.
    for (id, (mark, style)) in missing.chain(granted) {
        let id = sanitize(id, 60);
        if used + columns(&id) + 4 > page.width && used > LABEL_WIDTH {
            page.lines.push(Line::from(std::mem::take(&mut line)));
            line.push(Span::raw(" ".repeat(LABEL_WIDTH)));
            used = LABEL_WIDTH;
        }
        used += columns(&id) + 4;
        line.extend([Span::styled(mark, style), Span::raw(format!(" {id}  "))]);
    }
    page.lines.push(Line::from(line));
}

/// Adds the expiry with a bar of the lifetime that is left.
fn add_expiry(page: &mut Page, state: &State, expiry: Timestamp) {
    let theme = page.theme;
    let left = (expiry.as_second() - state.now.as_second()).max(0);
    let total = TOKEN_DAYS * 86_400;
    let text = format!("{}  ", time_format::format_day_and_relative(state, expiry));
    let bar_cells = BAR_CELLS.min(page.width.saturating_sub(LABEL_WIDTH + columns(&text)));
    // Rounded up, so that a new token fills the bar.
    let cells = i64::try_from(bar_cells).unwrap_or_default();
    let filled = usize::try_from((left.min(total) * cells + total - 1) / total).unwrap_or_default();
    page.lines.push(Line::from(vec![
        Span::styled(format!("{:<LABEL_WIDTH$}", "Expires"), theme.dim()),
        Span::raw(text),
        Span::styled(theme.symbol("━", "=").repeat(filled), theme.success_mark()),
        Span::styled(theme.symbol("─", "-").repeat(bar_cells - filled), theme.dim()),
    ]));
}

const COMMANDS_TITLE: &str = "In a script (a number copies its command)";

/// Adds the commands that fit below the facts and the next steps, which are more important.
fn add_fitting_commands(page: &mut Page, state: &State, profile: &Profile) {
    let window = state.window();
    let mut extended = page.clone();
    extended.panel(COMMANDS_TITLE);
    for (action, command) in shell_commands(state, profile) {
        extended.choice(state, (KeyContext::SignedIn, action), Some(&command));
        if !extended.fits(&window) {
            return;
        }
        *page = extended.clone();
    }
}

fn add_commands(page: &mut Page, state: &State, profile: &Profile) {
    page.panel(COMMANDS_TITLE);
    for (action, command) in shell_commands(state, profile) {
        page.choice(state, (KeyContext::SignedIn, action), Some(&command));
    }
}
