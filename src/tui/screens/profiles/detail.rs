//! Everything about the selected profile.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::results;
use super::rows::{bar, revoked, share};
use crate::linkedin::scopes;
use crate::store::{Delivery, Profile, Token};
use crate::text::{clean, wrap_after};
use crate::tui::files::Row;
use crate::tui::hint::hint;
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::when;
use crate::tui::widgets::page::Page;

/// Columns of a label.
const LABEL: usize = 11;
/// Columns from which the two halves stand side by side.
const HALVES: u16 = 76;

/// Draws the detail: one half below the other, or side by side where the pane is flat.
pub(super) fn draw(state: &State, row: &Row, frame: &mut Frame<'_>, area: Rect, beside: bool, theme: Theme) {
    let profile = match &row.profile {
        Some(Ok(profile)) => profile,
        other => {
            let mut page = Page::default();
            let width = usize::from(area.width);
            page.say(theme.strong(), row.name.as_str(), width);
            if let Some(Err(error)) = other {
                page.say(theme.bad(), &error.to_string(), width);
                page.say(Style::new(), &hint(error), width);
            }
            page.draw(frame, area, 0, theme);
            return;
        }
    };
    if !beside && area.width >= HALVES {
        let left = Rect { width: area.width / 2 - 2, ..area };
        let right = Rect { x: area.x + area.width / 2, width: area.width - area.width / 2, ..area };
        let mut page = headed(state, profile, theme);
        page.lines.extend(life(state, profile, theme, usize::from(left.width)));
        page.draw(frame, left, 0, theme);
        let page = Page { lines: identity(state, profile, theme, usize::from(right.width)), ..Page::default() };
        page.draw(frame, right, 0, theme);
        return;
    }
    let width = usize::from(area.width);
    let mut page = headed(state, profile, theme);
    if beside {
        page.blank();
        page.lines.extend(identity(state, profile, theme, width));
        page.blank();
        page.lines.extend(life(state, profile, theme, width));
    } else {
        page.lines.extend(life(state, profile, theme, width));
        page.lines.extend(identity(state, profile, theme, width));
    }
    page.draw(frame, area, 0, theme);
}

/// The name and the status in words.
fn headed(state: &State, profile: &Profile, theme: Theme) -> Page {
    let status = profile.status(state.now, state.start.expiring_days);
    let mut page = Page::default();
    page.lines.push(Line::from(vec![
        Span::styled(profile.name.to_string(), theme.strong()),
        Span::raw("  "),
        Span::styled(status.as_str(), theme.status(status)),
    ]));
    page
}

/// A label and its value, over as many lines as it takes.
fn line(lines: &mut Vec<Line<'static>>, theme: Theme, style: Style, (label, value): (&str, &str), width: usize) {
    let mut label = label;
    // A path has no spaces to break at.
    for part in wrap_after(value, width.saturating_sub(LABEL), &[' ', '-']) {
        lines.push(Line::from(vec![Span::styled(format!("{label:<LABEL$}"), theme.dim()), Span::styled(part, style)]));
        label = "";
    }
}

/// Who it is, and where it comes from.
fn identity(state: &State, profile: &Profile, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut say = |label: &str, value: &str| line(&mut lines, theme, Style::new(), (label, value), width);
    if let Some(member) = &profile.member {
        let name = clean(member.name.as_deref().unwrap_or("(no name told)"), 80);
        say("Member", &name);
        if let Some(email) = &member.email {
            say("", &clean(email, 80));
        }
        say("User ID", &clean(&member.id, 60));
        say("URN", &clean(&member.urn(), 80));
    } else {
        say("Member", "not known");
    }
    say("App", profile.app.as_str());
    say("Browser", &clean(profile.browser.as_deref().unwrap_or("the system's own"), 120));
    say("File", &clean(&super::copy::file(state, &profile.name), 200));
    lines
}

/// How long the token lives, what it may do, and what LinkedIn last said.
fn life(state: &State, profile: &Profile, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let status = profile.status(state.now, state.start.expiring_days);
    let plain = Style::new();
    if let Some(token) = &profile.token {
        let end = match token.expires_at {
            None => "not told".to_owned(),
            Some(end) if revoked(state, profile) => format!("{}, but revoked", when::short_day(state, end)),
            Some(end) => when::short_until(state, end),
        };
        line(&mut lines, theme, plain, ("Expires", &end), width);
        if let Some(part) = share(state, profile) {
            let text = bar(part, width.saturating_sub(LABEL).min(28), theme);
            line(&mut lines, theme, theme.status(status), ("", text.trim_end()), width);
        }
        line(&mut lines, theme, plain, ("Refresh", &refresh(state, token)), width);
        let scopes = |scopes: &[String]| clean(&scopes.join(" "), 300);
        line(&mut lines, theme, plain, ("Granted", &scopes(&token.scopes)), width);
        if !scopes::same(&profile.scopes, &token.scopes) {
            line(&mut lines, theme, plain, ("Asked", &scopes(&profile.scopes)), width);
            let missing = scopes::missing(&profile.scopes, &token.scopes);
            if !missing.is_empty() {
                line(&mut lines, theme, theme.warning(), ("Missing", &scopes(&missing)), width);
            }
        }
    } else {
        line(&mut lines, theme, plain, ("Token", "none: r signs in"), width);
        line(&mut lines, theme, plain, ("Asks for", &clean(&profile.scopes.join(" "), 300)), width);
    }
    line(&mut lines, theme, plain, ("Checked", &checked(state, profile)), width);
    if let Some(odd) = results::odd(state, profile) {
        line(&mut lines, theme, theme.warning(), ("Odd", &clean(odd, 400)), width);
    }
    for (number, delivery) in profile.deliveries.iter().enumerate() {
        let (text, style) = delivered(state, delivery, theme);
        line(&mut lines, theme, style, (if number == 0 { "Delivers" } else { "" }, &text), width);
    }
    if let Some(token) = &profile.token {
        line(&mut lines, theme, plain, ("Issued", &when::minute(state, token.issued_at)), width);
    }
    lines
}

/// A delivery, and how it went last.
fn delivered(state: &State, delivery: &Delivery, theme: Theme) -> (String, Style) {
    let name = clean(&delivery.name, 60);
    match &delivery.last {
        None => (format!("{name}, not run yet"), theme.dim()),
        Some(last) => {
            let (mark, style) = if last.succeeded() && last.test_token {
                ("! test token", theme.warning())
            } else if last.succeeded() {
                (theme.pick("✓", "ok"), theme.good())
            } else {
                (theme.pick("✗", "failed"), theme.bad())
            };
            (format!("{name} {mark} {}", when::short_day(state, last.at)), style)
        }
    }
}

fn refresh(state: &State, token: &Token) -> String {
    match &token.refresh {
        None => "none: sign in again".to_owned(),
        Some(refresh) if refresh.refused_at.is_some() => "refused: sign in again".to_owned(),
        Some(refresh) => refresh.expires_at.map_or_else(|| "yes".to_owned(), |end| when::short_until(state, end)),
    }
}

/// The last check and what it said.
pub(super) fn checked(state: &State, profile: &Profile) -> String {
    profile.check.map_or_else(
        || "never".to_owned(),
        |check| {
            let ago = when::ago(state.now.as_second() - check.at.as_second());
            format!("{ago} ago: {}", check.verdict.as_str())
        },
    )
}
