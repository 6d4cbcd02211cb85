//! The detail of the selected profile, beside or below the list.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::results;
use super::rows::{bar, fraction_left, is_revoked};
use crate::linkedin::scopes;
use crate::store::{Delivery, Profile, Token};
use crate::text::{clean, wrap_after};
use crate::tui::files::Row;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::time_format;
use crate::tui::widgets::page::Page;

/// Columns of a label.
const LABEL_WIDTH: usize = 11;
/// Columns from which the member and the token are shown side by side below the list.
const SIDE_BY_SIDE_WIDTH: u16 = 76;

/// Draws the detail of a row. Beside the list there is room for blank lines.
pub(super) fn draw(state: &State, row: &Row, frame: &mut Frame<'_>, area: Rect, is_beside: bool, theme: Theme) {
    let profile = match &row.profile {
        Some(Ok(profile)) => profile,
        other => {
            let mut page = Page::new(theme, usize::from(area.width), "");
            page.strong(row.name.as_str());
            if let Some(Err(error)) = other {
                page.error(&error.to_string());
                page.plain(&state.hint(error));
            }
            page.draw(frame, area, 0);
            return;
        }
    };
    let side_by_side = !is_beside && area.width >= SIDE_BY_SIDE_WIDTH;
    let left = if side_by_side { Rect { width: area.width / 2 - 2, ..area } } else { area };
    let mut page = Page::new(theme, usize::from(left.width), "");
    let status = profile.status(state.now, state.config.expiring_days);
    page.lines.push(Line::from(vec![
        Span::styled(profile.name.to_string(), theme.strong()),
        Span::raw("  "),
        Span::styled(status.as_str(), theme.status(status)),
    ]));
    if is_beside {
        page.blank();
        member_lines(&mut page, state, profile);
        page.blank();
        token_lines(&mut page, state, profile);
    } else if side_by_side {
        token_lines(&mut page, state, profile);
        let right = Rect { x: area.x + area.width / 2, width: area.width - area.width / 2, ..area };
        let mut page = Page::new(theme, usize::from(right.width), "");
        member_lines(&mut page, state, profile);
        page.draw(frame, right, 0);
    } else {
        token_lines(&mut page, state, profile);
        member_lines(&mut page, state, profile);
    }
    page.draw(frame, left, 0);
}

/// Adds a label and its value, over as many lines as needed.
fn add(page: &mut Page, style: Style, label: &str, value: &str) {
    let mut label = label;
    // A path has no spaces to break at.
    for part in wrap_after(value, page.width.saturating_sub(LABEL_WIDTH), &[' ', '-']) {
        let label_span = Span::styled(format!("{label:<LABEL_WIDTH$}"), page.theme.dim());
        page.lines.push(Line::from(vec![label_span, Span::styled(part, style)]));
        label = "";
    }
}

fn member_lines(page: &mut Page, state: &State, profile: &Profile) {
    let mut add = |label: &str, value: &str| add(page, Style::new(), label, value);
    if let Some(member) = &profile.member {
        add("Member", &clean(member.name.as_deref().unwrap_or("(no name)"), 80));
        if let Some(email) = &member.email {
            add("", &clean(email, 80));
        }
        add("Member ID", &clean(&member.id, 60));
        add("URN", &clean(&member.urn(), 80));
    } else {
        add("Member", "not known");
    }
    add("App", profile.app.as_str());
    add("Browser", &clean(profile.browser.as_deref().unwrap_or("system default"), 120));
    add("File", &clean(&super::copy::file_path(state, &profile.name), 200));
}

/// Adds the token's expiry, scopes, last check and deliveries.
fn token_lines(page: &mut Page, state: &State, profile: &Profile) {
    let (theme, plain) = (page.theme, Style::new());
    let joined = |scopes: &[String]| clean(&scopes.join(" "), 300);
    if let Some(token) = &profile.token {
        let expiry = match token.expires_at {
            None => "unknown".to_owned(),
            Some(expiry) if is_revoked(state, profile) => {
                format!("{}, but revoked", time_format::format_day(state, expiry))
            }
            Some(expiry) => time_format::format_expiry(state, expiry),
        };
        add(page, plain, "Expires", &expiry);
        if let Some(fraction) = fraction_left(state, profile) {
            let status = profile.status(state.now, state.config.expiring_days);
            let bar = bar(fraction, page.width.saturating_sub(LABEL_WIDTH).min(28), theme);
            add(page, theme.status(status), "", bar.trim_end());
        }
        add(page, plain, "Refresh", &refresh_label(state, token));
        add(page, plain, "Granted", &joined(&token.scopes));
        if !scopes::are_same(&profile.scopes, &token.scopes) {
            add(page, plain, "Requested", &joined(&profile.scopes));
            let missing = scopes::find_missing(&profile.scopes, &token.scopes);
            if !missing.is_empty() {
                add(page, theme.warning(), "Missing", &joined(&missing));
            }
        }
    } else {
        let sign_in = state.press(KeyContext::List, Action::Reauthorize, "sign in");
        add(page, plain, "Token", &format!("none. {sign_in}"));
        add(page, plain, "Requests", &joined(&profile.scopes));
    }
    add(page, plain, "Checked", &last_check_label(state, profile));
    if let Some(warning) = results::warning(state, profile) {
        add(page, theme.warning(), "Warning", &clean(warning, 400));
    }
    for (number, delivery) in profile.deliveries.iter().enumerate() {
        let (text, style) = last_delivery_label(state, delivery, theme);
        add(page, style, if number == 0 { "Delivers" } else { "" }, &text);
    }
    if let Some(token) = &profile.token {
        add(page, plain, "Issued", &time_format::format_minute(state, token.issued_at));
    }
}

fn last_delivery_label(state: &State, delivery: &Delivery, theme: Theme) -> (String, Style) {
    let name = clean(&delivery.name, 60);
    match &delivery.last_result {
        None => (format!("{name}, not run yet"), theme.dim()),
        Some(last) => {
            let (mark, style) = if last.succeeded() && last.test_token {
                ("! test token", theme.warning())
            } else if last.succeeded() {
                (theme.symbol("✓", "ok"), theme.success())
            } else {
                (theme.symbol("✗", "failed"), theme.error())
            };
            (format!("{name} {mark} {}", time_format::format_recent_day(state, last.at)), style)
        }
    }
}

fn refresh_label(state: &State, token: &Token) -> String {
    match &token.refresh {
        None => "none".to_owned(),
        Some(refresh) if refresh.refused_at.is_some() => "refused".to_owned(),
        Some(refresh) => {
            refresh.expires_at.map_or_else(|| "yes".to_owned(), |end| time_format::format_expiry(state, end))
        }
    }
}

fn last_check_label(state: &State, profile: &Profile) -> String {
    profile.check.map_or_else(
        || "never".to_owned(),
        |check| format!("{}: {}", time_format::format_relative(state, check.at), check.verdict.as_str()),
    )
}
