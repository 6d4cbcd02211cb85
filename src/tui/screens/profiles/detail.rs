//! The detail of the selected profile: beside the list, in a few lines below it, or as a page with every value.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::results;
use super::rows::{bar, fraction_left, is_revoked, time_left};
use super::values::{
    Expiry, MarkedText, check_text, delivery_text, last_check_label, renewal, scope_texts, sorted_deliveries,
    token_values, unknown_reason,
};
use super::{jobs, list};
use crate::linkedin::scopes::CATALOG;
use crate::store::{Profile, Status};
use crate::text::{columns, fit, sanitize, wrap};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::layout::PageWidths;
use crate::tui::screens::{browser_label, member_name, short_browser_label};
use crate::tui::state::State;
use crate::tui::store_snapshot::Row;
use crate::tui::theme::Theme;
use crate::tui::time_format;
use crate::tui::widgets::page::{LABEL_WIDTH, Page};

/// Columns of a label beside the list.
const PANE_LABEL_WIDTH: usize = 11;

/// Wraps texts: each line has as many as fit, and none is divided. One that is wider than a line is truncated.
fn wrap_texts(items: &[MarkedText], width: usize) -> Vec<Line<'static>> {
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut used = 0;
    for item in items {
        match lines.last_mut() {
            Some(line) if used + 2 + item.width() <= width => {
                line.push_span(Span::raw("  "));
                line.spans.extend(item.spans());
                used += 2 + item.width();
            }
            _ => {
                let text = fit(&item.text, width.saturating_sub(columns(item.mark) + 1));
                let item = MarkedText { text, ..MarkedText::new((item.mark, item.style), "") };
                lines.push(Line::from(item.spans().to_vec()));
                used = item.width();
            }
        }
    }
    lines
}

/// Returns why a profile's file cannot be shown, with the next step.
fn unreadable_page(state: &State, row: &Row, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, row.name.to_string());
    if let Some(Err(error)) = &row.profile {
        page.error(&error.to_string());
        page.plain(&state.hint(error));
    } else {
        page.dim(&format!("Reading the file{}", theme.ellipsis()));
    }
    page
}

/// Draws the detail of a row beside the list.
pub(super) fn draw_pane(state: &State, row: &Row, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let width = usize::from(area.width);
    let Some(profile) = row.readable() else {
        unreadable_page(state, row, theme, width).draw(frame, area, 0);
        return;
    };
    let mut page = Page::new(theme, width, "");
    match &profile.member {
        Some(member) => {
            page.strong(&member_name(member));
            if let Some(email) = &member.email {
                page.plain(&fit(&sanitize(email, 80), width));
            }
            page.dim(&fit(&sanitize(&member.urn(), 80), width));
        }
        None => page.dim("Member unknown"),
    }
    page.blank();
    let status = profile.status(state.now, state.config.expiring_days);
    let (mark, mark_style) = theme.status_mark(status);
    page.lines.push(Line::from(vec![
        Span::styled(format!("{mark} "), mark_style),
        Span::styled(
            jobs::progress_label(state, &profile.name).unwrap_or(status.as_str()),
            theme.status(status).patch(theme.strong()),
        ),
    ]));
    if let Some(fraction) = fraction_left(state, profile) {
        page.lines.push(Line::from(bar(fraction, width + 1, status, theme).to_vec()));
    }
    for (label, value) in token_values(state, profile) {
        add_pane_value(&mut page, label, &value);
    }
    let reason = unknown_reason(state, &state.store(), profile);
    if reason.is_none() || profile.last_check().is_some() {
        add_pane_value(&mut page, "Checked", &last_check_label(state, profile, time_format::format_relative));
    }
    if let Some(reason) = reason {
        page.dim(&crate::text::to_sentence(&reason));
    }
    if let Some(warning) = results::warning(state, profile) {
        page.warning(&format!("Warning: {}", sanitize(warning, 400)));
    }
    page.blank();
    page.strong(if profile.token.is_some() { "Scopes" } else { "Requested scopes" });
    page.lines.extend(wrap_texts(&scope_texts(profile, theme), width));
    if !profile.deliveries.is_empty() {
        page.blank();
        page.strong("Deliveries");
        for delivery in &profile.deliveries {
            let marked = delivery_text(state, delivery, theme);
            page.lines.extend(wrap_texts(&[marked], width));
        }
    }
    page.blank();
    add_pane_value(&mut page, "App", profile.app.as_str());
    let room = width.saturating_sub(PANE_LABEL_WIDTH);
    add_pane_value(&mut page, "Browser", &short_browser_label(state, profile.browser.as_deref(), theme, room));
    let path = super::copy::file_path(state, &profile.name);
    add_pane_value(&mut page, "File", &theme.shorten_path(&sanitize(&path, 200), room));
    if let Some(token) = &profile.token {
        // The time of the day is on the page: it would take a second line here.
        add_pane_value(&mut page, "Issued", &time_format::format_day_and_relative(state, token.issued_at));
    }
    page.draw(frame, area, 0);
}

/// Adds a label and its value, over as many lines as needed.
fn add_pane_value(page: &mut Page, label: &str, value: &str) {
    let mut label = label;
    for part in crate::text::wrap(value, page.width.saturating_sub(PANE_LABEL_WIDTH)) {
        let label_span = Span::styled(format!("{label:<PANE_LABEL_WIDTH$}"), page.theme.dim());
        page.lines.push(Line::from(vec![label_span, Span::raw(part)]));
        label = "";
    }
}

/// Returns the status, when the token expires and how the profile gets its next one, in one line; without the label of the expiry
/// and the day until which it can be refreshed where they do not fit.
fn token_summary(state: &State, profile: &Profile, theme: Theme, width: usize) -> Line<'static> {
    let status = profile.status(state.now, state.config.expiring_days);
    let gap = theme.separator();
    let line = |has_label: bool, has_refresh_day: bool| {
        let (mark, mark_style) = theme.status_mark(status);
        let mut spans =
            vec![Span::styled(format!("{mark} "), mark_style), Span::styled(status.as_str(), theme.status(status))];
        let Some(token) = &profile.token else {
            let values = token_values(state, profile).into_iter();
            spans.extend(values.map(|(label, value)| Span::raw(format!("{gap}{} {value}", label.to_lowercase()))));
            return Line::from(spans);
        };
        let expiry = Expiry::new(state, profile, token);
        let (label, value) = expiry.label_and_value(state);
        match expiry {
            Expiry::Expires(at) if at > state.now => {
                let label = if has_label { "expires " } else { "" };
                spans.extend([Span::styled(gap, theme.dim()), Span::styled(label, theme.dim())]);
                let day = time_format::format_day(state, at);
                spans.push(Span::raw(format!("{day} ({})", time_left(state, profile))));
            }
            // The status before it is "expired" already.
            Expiry::Expired(_) => spans.push(Span::raw(format!(" {value}"))),
            _ => {
                let label = format!("{} ", label.to_lowercase());
                spans.extend([Span::styled(gap, theme.dim()), Span::styled(label, theme.dim()), Span::raw(value)]);
            }
        }
        let (renewal, until) = renewal(state, profile, token);
        spans.extend([Span::styled(gap, theme.dim()), Span::raw(renewal)]);
        spans.extend(until.filter(|_| has_refresh_day).map(Span::raw));
        Line::from(spans)
    };
    let lines = [(true, true), (false, true)].map(|(label, day)| line(label, day));
    lines.into_iter().find(|line| line.width() <= width).unwrap_or_else(|| line(false, false))
}

/// Draws the most important values of a row below the list, each line on its own.
pub(super) fn draw_summary(state: &State, row: &Row, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    // The text begins below the names.
    let area = Rect { x: area.x + 1, width: area.width - 1, ..area };
    let width = usize::from(area.width);
    let Some(profile) = row.readable() else {
        unreadable_page(state, row, theme, width).draw(frame, area, 0);
        return;
    };
    let gap = || Span::styled(theme.separator(), theme.dim());
    let mut lines = vec![token_summary(state, profile, theme, width)];
    if let Some(warning) = results::warning(state, profile) {
        lines.push(Line::styled(format!("Warning: {}", sanitize(warning, 400)), theme.warning()));
    }
    let mut member_spans =
        vec![Span::raw(profile.member.as_ref().map_or_else(|| "Member unknown".to_owned(), member_name))];
    if let Some(member) = &profile.member {
        for value in member.email.iter().map(|email| sanitize(email, 80)).chain([sanitize(&member.urn(), 80)]) {
            member_spans.extend([gap(), Span::raw(value)]);
        }
    }
    lines.push(Line::from(member_spans));
    let mut scopes = scope_texts(profile, theme);
    let mut scope_lines = wrap_texts(&scopes, width);
    if scope_lines.len() > 1 && lines.len() + scope_lines.len() > usize::from(area.height) {
        // The end of the only line is cut, so what the token lacks comes first.
        scopes.rotate_left(profile.token.as_ref().map_or(0, |token| token.scopes.len()));
        scope_lines = wrap_texts(&scopes, usize::MAX);
    }
    lines.extend(scope_lines);
    let check = match unknown_reason(state, &state.store(), profile) {
        Some(reason) => MarkedText::new(theme.status_mark(Status::Unknown), reason),
        None => check_text(state, profile, theme),
    };
    let mut result_spans: Vec<Span<'static>> = check.spans().to_vec();
    for delivery in sorted_deliveries(profile) {
        result_spans.push(gap());
        result_spans.extend(delivery_text(state, delivery, theme).spans());
    }
    lines.push(Line::from(result_spans));
    let path = super::copy::file_path(state, &profile.name);
    let mut file_spans = vec![
        Span::styled("app ", theme.dim()),
        Span::raw(profile.app.to_string()),
        gap(),
        Span::styled("browser ", theme.dim()),
        Span::raw(short_browser_label(state, profile.browser.as_deref(), theme, width / 3)),
        gap(),
        Span::styled("file ", theme.dim()),
    ];
    let used: usize = file_spans.iter().map(Span::width).sum();
    file_spans.push(Span::raw(theme.shorten_path(&sanitize(&path, 200), width.saturating_sub(used))));
    lines.push(Line::from(file_spans));
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        frame.buffer_mut().set_line(area.x, y, &fit_line(line, width), area.width);
    }
}

/// Draws the detail of a list that has no line to select.
pub(super) fn draw_nothing(frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    frame.buffer_mut().set_stringn(area.x, area.y, "None selected", usize::from(area.width), theme.dim());
}

/// Draws the app of the selected group, in a panel or below the list.
pub(super) fn draw_group(state: &State, group: &str, frame: &mut Frame<'_>, area: Rect, theme: Theme, is_panel: bool) {
    // The text begins below the names, as that of a profile does.
    let area = if is_panel { area } else { Rect { x: area.x + 1, width: area.width - 1, ..area } };
    let store = state.store();
    let mut page = Page::new(theme, usize::from(area.width), "");
    let rows = || store.rows.iter().filter(|row| list::group(row) == group);
    let profiles: Vec<&Profile> = rows().filter_map(Row::readable).collect();
    match store.apps.iter().find(|app| app.name.as_str() == group) {
        Some(app) => {
            add_pane_value(&mut page, "Client ID", &sanitize(&app.client_id, 60));
            add_pane_value(&mut page, "Redirect", &sanitize(app.redirect_url.as_str(), 120));
        }
        None if !group.is_empty() => page.warning("The app is missing or cannot be read."),
        // Only a profile's file names its app.
        None if rows().any(|row| row.profile.is_none()) => page.dim(&format!("Reading the files{}", theme.ellipsis())),
        None => page.warning("The files of these profiles cannot be read."),
    }
    let matches = list::filtered_rows(state, &store).filter(|row| list::group(row) == group).count();
    let count = rows().count();
    let is_filtered = !state.list.filter.text().is_empty();
    let count = if is_filtered { format!("{matches}/{count} match the filter") } else { count.to_string() };
    add_pane_value(&mut page, "Profiles", &count);
    let expiries = profiles.iter().filter(|profile| !is_revoked(state, profile));
    let next =
        expiries.filter_map(|profile| profile.token.as_ref()?.expires_at).filter(|expiry| *expiry > state.now).min();
    if let Some(next) = next {
        add_pane_value(&mut page, "Expires", &format!("next on {}", time_format::format_day_and_relative(state, next)));
    }
    let purpose = if is_filtered { "mark those that match" } else { "mark all of them" };
    page.dim(&state.key_sentence(KeyContext::List, Action::Mark, purpose));
    page.draw(frame, area, 0);
}

/// Returns a line in `width` columns, with "…" where its end is cut.
fn fit_line(line: Line<'static>, width: usize) -> Line<'static> {
    if line.width() <= width {
        return line;
    }
    let mut left = width;
    let style = line.style;
    let mut spans = Vec::new();
    for span in line.spans {
        let text = fit(&span.content, left);
        let is_cut = text.len() < span.content.len();
        left = left.saturating_sub(columns(&text));
        spans.push(Span::styled(text, span.style));
        if is_cut {
            break;
        }
    }
    Line::from(spans).style(style)
}

/// Returns the page with every value of the selected profile.
pub(crate) fn detail_page(state: &State, theme: Theme, widths: PageWidths) -> Page {
    let store = state.store();
    let Some(row) = super::list::selected(state) else { return Page::new(theme, widths.single, "") };
    let Some(profile) = row.readable() else { return unreadable_page(state, row, theme, widths.single) };
    let mut page = Page::with_aside(theme, widths, profile.name.to_string());
    if store.current.as_ref() == Some(&profile.name) {
        theme.symbol("● current", "* current").clone_into(&mut page.title_note);
    }
    if let Some(member) = &profile.member {
        let key = |action| format!("{} copy", state.key_name(KeyContext::Detail, action));
        page.value("Member", &sanitize(member.name.as_deref().unwrap_or("(no name)"), 80));
        if let Some(email) = &member.email {
            page.value("Email", &sanitize(email, 80));
        }
        page.value_with_note("Member ID", &sanitize(&member.id, 60), &key(Action::CopyMemberId));
        page.value("URN", &sanitize(&member.urn(), 80));
    } else {
        page.value("Member", "unknown");
    }
    page.panel("Token");
    let status = profile.status(state.now, state.config.expiring_days);
    let (mark, mark_style) = theme.status_mark(status);
    // A check that was started in the list goes on here.
    let label = jobs::progress_label(state, &profile.name).unwrap_or(status.as_str());
    let status_spans = vec![Span::styled(format!("{mark} "), mark_style), Span::styled(label, theme.status(status))];
    add_labeled(&mut page, "Status", status_spans);
    if let Some(fraction) = fraction_left(state, profile) {
        let bar = bar(fraction, page.width.saturating_sub(LABEL_WIDTH).min(41), status, theme);
        add_labeled(&mut page, "", bar.to_vec());
    }
    for (label, value) in token_values(state, profile) {
        page.value(label, &value);
    }
    page.value("Checked", &last_check_label(state, profile, time_format::format_past));
    if let Some(reason) = unknown_reason(state, &store, profile) {
        page.dim(&crate::text::to_sentence(&reason));
    }
    if let Some(token) = &profile.token {
        page.value("Issued", &time_format::format_past(state, token.issued_at));
    }
    let path = sanitize(&super::copy::file_path(state, &profile.name), 300);
    let room = page.width.saturating_sub(LABEL_WIDTH);
    for (number, part) in crate::text::wrap_after(&path, room, &['/', '\\']).into_iter().enumerate() {
        page.value(if number == 0 { "File" } else { "" }, &part);
    }
    if let Some(warning) = results::warning(state, profile) {
        page.warning(&format!("Warning: {}", sanitize(warning, 400)));
    }
    page.panel(if profile.token.is_some() { "Scopes" } else { "Requested scopes" });
    let marks = scope_texts(profile, theme);
    let name_width = marks.iter().map(MarkedText::width).max().unwrap_or_default();
    for marked in &marks {
        let mut spans = marked.spans().to_vec();
        if let Some(scope) = CATALOG.iter().find(|scope| scope.id == marked.text) {
            let pad = " ".repeat(name_width - marked.width() + 2);
            let room = page.width.saturating_sub(name_width + 2);
            spans.push(Span::styled(format!("{pad}{}", fit(scope.grants, room)), theme.dim()));
        }
        page.lines.push(Line::from(spans));
    }
    page.aside("Settings");
    page.value("App", profile.app.as_str());
    if let Some(app) = store.apps.iter().find(|app| app.name == profile.app) {
        page.value("Client ID", &sanitize(&app.client_id, 60));
        page.value("Redirect URL", &sanitize(app.redirect_url.as_str(), 120));
    }
    let room = page.width.saturating_sub(LABEL_WIDTH);
    page.value("Browser", &browser_label(state, profile.browser.as_deref(), theme, room));
    page.panel("Deliveries");
    for delivery in &profile.deliveries {
        let width = page.width;
        page.lines.extend(wrap_texts(&[delivery_text(state, delivery, theme)], width));
    }
    if profile.deliveries.is_empty() {
        let add = state.key_sentence(KeyContext::Detail, Action::Deliveries, "add one");
        page.dim(&format!("No deliveries yet. {add}"));
    }
    page.panel("In a script");
    for command in [format!("token {}", profile.name), format!("exec {} -- COMMAND", profile.name)] {
        let rows = wrap(&format!("{} {command}", state.config.program_command), page.width.saturating_sub(2));
        for (index, row) in rows.into_iter().enumerate() {
            let prompt = Span::styled(if index == 0 { "$ " } else { "  " }, theme.dim());
            page.lines.push(Line::from(vec![prompt, Span::raw(row)]));
        }
    }
    page
}

/// Adds a label before styled text.
fn add_labeled(page: &mut Page, label: &str, spans: Vec<Span<'static>>) {
    let mut line = Line::from(Span::styled(format!("{label:<LABEL_WIDTH$}"), page.theme.dim()));
    line.spans.extend(spans);
    page.lines.push(line);
}
