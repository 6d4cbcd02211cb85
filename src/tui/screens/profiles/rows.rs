//! The list as it is drawn: head, rows in sight, calendar strip.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::layout::{ListLayout, STRIP_LABEL, list_layout};
use super::list::{self, DAYS, Item, STATUSES, Sort};
use super::{detail, jobs};
use crate::clock::days_left;
use crate::store::{Profile, Status};
use crate::text::{self, clean, fit};
use crate::tui::files::{Files, Row};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::state::State;
use crate::tui::theme::Theme;

/// The title's right side: how many there are of each status, and how many files cannot be read. Where `room` columns are too few
/// for all of them, whole ones are left out from the end, and "…" says so.
pub(in crate::tui) fn counts(state: &State, theme: Theme, room: usize) -> Line<'static> {
    let shown = &state.list.shown;
    let mut parts: Vec<(String, Style)> = STATUSES
        .into_iter()
        .zip(shown.counts)
        .filter(|(_, count)| *count > 0)
        .map(|(status, count)| (format!("{count} {}", status.as_str()), theme.status(status)))
        .collect();
    if shown.damaged > 0 {
        // Before those that nobody must do anything about.
        let at = STATUSES.iter().zip(shown.counts).take(4).filter(|(_, count)| *count > 0).count();
        parts.insert(at, (format!("{} damaged", shown.damaged), theme.bad()));
    }
    let gap = theme.pick(" · ", ", ");
    let width = |parts: &[(String, Style)]| {
        parts.iter().map(|(text, _)| text.width() + gap.width()).sum::<usize>().saturating_sub(gap.width())
    };
    if width(&parts) > room {
        while parts.len() > 1 && width(&parts) + gap.width() + 1 > room {
            parts.pop();
        }
        parts.push(("…".to_owned(), theme.dim()));
    }
    let mut spans = Vec::new();
    for (text, style) in parts {
        if !spans.is_empty() {
            spans.push(Span::styled(gap, theme.dim()));
        }
        spans.push(Span::styled(text, style));
    }
    Line::from(spans)
}

/// Widths of the columns in `width`: profile, member, app, bar; zero where there is no room.
fn columns(width: usize) -> (usize, usize, usize, usize) {
    // The marks, status, days and the gaps between.
    let free = width.saturating_sub(4 + 11 + 9);
    let app = if width >= 90 { 14 } else { 11 * usize::from(width >= 74) };
    let bar = if width >= 64 { (free / 6).clamp(9, 20) } else { 0 };
    let rest = free.saturating_sub(app + bar + 2);
    let member = if width >= 50 { rest / 2 } else { 0 };
    (rest - member, member, app, bar)
}

fn cell(text: &str, width: usize) -> String {
    if width == 0 {
        return String::new();
    }
    let text = fit(text, width.saturating_sub(1));
    let pad = width.saturating_sub(text::columns(&text));
    format!("{text}{}", " ".repeat(pad))
}

/// The share of a token's life that is left, in `width` cells, the last of them blank.
pub(super) fn bar(part: f64, width: usize, theme: Theme) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if width < 2 {
        return String::new();
    }
    let width = width - 1;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a few cells"
    )]
    let eighths = (part.clamp(0.0, 1.0) * width as f64 * 8.0).round() as usize;
    let full = eighths / 8;
    let mut text = theme.pick("█", "#").repeat(full);
    if full < width && !theme.ascii {
        text.push_str(EIGHTHS[eighths % 8]);
    }
    let used = text.width();
    text + &theme.pick("░", ".").repeat(width - used) + " "
}

/// Has LinkedIn said that the token was revoked? Then nothing is left of it, whatever its end.
pub(super) fn revoked(state: &State, profile: &Profile) -> bool {
    profile.status(state.now, state.start.expiring_days) == Status::Revoked
}

/// The share of its life that a profile's token has left.
pub(super) fn share(state: &State, profile: &Profile) -> Option<f64> {
    let token = profile.token.as_ref().filter(|_| !revoked(state, profile))?;
    let end = token.expires_at?;
    let whole = (end.as_second() - token.issued_at.as_second()).max(1);
    #[expect(clippy::cast_precision_loss, reason = "a share of a bar")]
    Some((end.as_second() - state.now.as_second()) as f64 / whole as f64)
}

/// What is left, short: `54 d`, `3 h`, `12 d ago`.
fn left(state: &State, profile: &Profile) -> String {
    let token = profile.token.as_ref().filter(|_| !revoked(state, profile));
    let Some(end) = token.and_then(|token| token.expires_at) else { return "-".to_owned() };
    let seconds = end.as_second() - state.now.as_second();
    let days = days_left(state.now, end);
    match seconds {
        ..-86_400 => format!("{} d ago", -seconds / 86_400),
        -86_400..=0 => "over".to_owned(),
        1..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{days} d"),
    }
}

/// A profile's line. Without colours the whole selected line stands out, where with them its name does.
fn row_line(state: &State, files: &Files, row: &Row, is_selected: bool, width: usize, theme: Theme) -> Line<'static> {
    let line = row_cells(state, files, row, is_selected, width, theme);
    if theme.has_color || !is_selected {
        return line;
    }
    let text: String = line.spans.iter().map(|span| span.content.as_ref()).collect();
    let pad = " ".repeat(width.saturating_sub(text::columns(&text)));
    Line::styled(text + &pad, theme.selected())
}

fn row_cells(state: &State, files: &Files, row: &Row, is_selected: bool, width: usize, theme: Theme) -> Line<'static> {
    let (name_width, member_width, app_width, bar_width) = columns(width);
    let current = files.current.as_ref() == Some(&row.name);
    let marked = state.list.marked.contains(&row.name);
    let style = if is_selected { theme.selected() } else { Style::new() };
    let mut spans = vec![
        Span::styled(if is_selected { theme.pick("›", ">") } else { " " }, style),
        Span::styled(if marked { theme.pick("✓", "x") } else { " " }, theme.strong()),
        Span::styled(if current { theme.pick("● ", "* ") } else { "  " }, theme.accent()),
        Span::styled(cell(row.name.as_str(), name_width), style),
    ];
    let profile = match &row.profile {
        Some(Ok(profile)) => profile,
        Some(Err(_)) => {
            spans.push(Span::styled("cannot be read", theme.bad()));
            return Line::from(spans);
        }
        None => {
            spans.push(Span::styled(theme.pick("…", "..."), theme.dim()));
            return Line::from(spans);
        }
    };
    let member = profile
        .member
        .as_ref()
        .map_or_else(|| "-".to_owned(), |member| clean(member.name.as_deref().unwrap_or(&member.id), 60));
    spans.push(Span::styled(cell(&member, member_width), style));
    spans.push(Span::styled(cell(profile.app.as_str(), app_width), theme.dim()));
    let status = profile.status(state.now, state.start.expiring_days);
    let word = jobs::in_progress(state, &row.name).unwrap_or(status.as_str());
    spans.push(Span::styled(cell(word, 11), theme.status(status)));
    let part = share(state, profile);
    spans.push(match part {
        Some(part) => Span::styled(bar(part, bar_width, theme), theme.status(status)),
        None => Span::raw(" ".repeat(bar_width)),
    });
    spans.push(Span::styled(format!("{:>8}", left(state, profile)), theme.status(status)));
    Line::from(spans)
}

/// An app's heading.
fn app_line(row: &Row, count: usize, width: usize, theme: Theme) -> Line<'static> {
    let name = row.readable().map_or("no app known", |profile| profile.app.as_str());
    Line::from(vec![
        Span::styled(format!("  {} ", theme.pick("▾", "-")), theme.dim()),
        Span::styled(fit(name, width.saturating_sub(14)), theme.strong()),
        Span::styled(format!("  {count}"), theme.dim()),
    ])
}

/// Draws the list and the detail.
pub(in crate::tui) fn draw(state: &State, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let Some(files) = &state.files else {
        frame.buffer_mut().set_line(area.x, area.y, &Line::styled("Reading profiles ...", theme.dim()), area.width);
        return;
    };
    let layout = list_layout(state, area);
    let width = usize::from(layout.rows.width);
    head(state, frame, area, width, theme);
    let shown = &state.list.shown;
    let buffer = frame.buffer_mut();
    if shown.items.is_empty() {
        let text = if files.rows.is_empty() {
            format!("No profiles yet. {}", state.press(KeyContext::List, Action::Add, "add one"))
        } else {
            format!("No profile matches the filter. {}", state.press(KeyContext::List, Action::Back, "clear it"))
        };
        buffer.set_line(layout.rows.x, layout.rows.y, &Line::styled(text, theme.dim()), layout.rows.width);
        return;
    }
    let seen = shown.items.iter().enumerate().skip(layout.top).take(usize::from(layout.rows.height));
    for (y, (number, item)) in (layout.rows.y..).zip(seen) {
        let Some(row) = list::row(files, *item) else { continue };
        let line = match item {
            Item::App(_, count) => app_line(row, *count, width, theme),
            Item::Row(_) => row_line(state, files, row, number == shown.at, width, theme),
        };
        buffer.set_line(layout.rows.x, y, &line, layout.rows.width);
    }
    more(buffer, &layout, shown.items.len(), theme);
    if let Some(line) = layout.strip {
        buffer.set_line(line.x, line.y, &strip(state, width, theme), line.width);
    }
    if let (Some(pane), Some(row)) = (layout.detail, list::selected(state)) {
        if layout.beside {
            for y in area.y..area.bottom() {
                buffer.set_string(pane.x - 2, y, theme.pick("│", "|"), theme.dim());
            }
        } else {
            let rule = theme.pick("─", "-").repeat(usize::from(pane.width));
            buffer.set_string(pane.x, pane.y - 1, rule, theme.dim());
        }
        detail::draw(state, row, frame, pane, layout.beside, theme);
    }
}

/// The arrows that say that there are more rows, in the blank columns at the right.
fn more(buffer: &mut Buffer, layout: &ListLayout, count: usize, theme: Theme) {
    let rows = layout.rows;
    if rows.width == 0 || rows.height == 0 {
        return;
    }
    if layout.top > 0 {
        buffer.set_stringn(rows.right() - 1, rows.y, theme.pick("↑", "^"), 1, theme.dim());
    }
    if layout.top + usize::from(rows.height) < count {
        buffer.set_stringn(rows.right() - 1, rows.bottom() - 1, theme.pick("↓", "v"), 1, theme.dim());
    }
}

fn head(state: &State, frame: &mut Frame<'_>, area: Rect, width: usize, theme: Theme) {
    let (name_width, member_width, app_width, bar_width) = columns(width);
    let mut y = area.y;
    if state.list.filtering || !state.list.filter.text().is_empty() {
        let text = state.list.filter.text();
        let line = Line::from(vec![Span::styled("  / ", theme.accent()), Span::raw(clean(text, 200))]);
        frame.buffer_mut().set_line(area.x, y, &line, area.width);
        let all = state.files.as_ref().map_or(0, |files| files.rows.len());
        let found = format!("{} of {all}", state.list.shown.rows);
        let x = (area.x + u16::try_from(width).unwrap_or(area.width))
            .saturating_sub(u16::try_from(found.len()).unwrap_or(0));
        frame.buffer_mut().set_stringn(x, y, &found, found.len(), theme.dim());
        if state.list.filtering {
            let x = area.x
                + 4
                + u16::try_from(state.list.filter.cursor()).unwrap_or(u16::MAX).min(area.width.saturating_sub(5));
            frame.set_cursor_position((x, y));
        }
        y += 1;
    }
    let arrow = |sort: Sort| if state.list.sort == sort { theme.pick(" ↓", " v") } else { "" };
    let head = format!(
        "    {}{}{}{}{}{:>8}",
        cell(&format!("PROFILE{}", arrow(Sort::Name)), name_width),
        cell("MEMBER", member_width),
        cell(&format!("APP{}", arrow(Sort::App)), app_width),
        cell("STATUS", 11),
        " ".repeat(bar_width),
        format!("LEFT{}", arrow(Sort::Expiry))
    );
    let buffer = frame.buffer_mut();
    if y < area.bottom() {
        buffer.set_stringn(area.x, y, head, width, theme.dim());
    }
    if y + 1 < area.bottom() {
        buffer.set_string(area.x, y + 1, theme.pick("─", "-").repeat(width), theme.dim());
        if let Some(marked) = list::marked(state) {
            buffer.set_stringn(area.x + 4, y + 1, format!(" {marked} "), width.saturating_sub(4), theme.strong());
        }
    }
}

/// What ends in the days to come, a cell a day, or a cell for several where there is less room.
fn strip(state: &State, width: usize, theme: Theme) -> Line<'static> {
    const LEVELS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    let span = DAYS.div_ceil((width - STRIP_LABEL).min(DAYS));
    let cells: Vec<usize> = state.list.shown.ends.chunks(span).map(|days| days.iter().sum()).collect();
    let most = cells.iter().copied().max().unwrap_or_default().max(1);
    let mut spans = vec![Span::styled(format!("{:<STRIP_LABEL$}", format!("next {DAYS} days")), theme.dim())];
    let soon = usize::try_from(state.start.expiring_days).unwrap_or(DAYS);
    for (number, count) in cells.into_iter().enumerate() {
        let text = match (theme.ascii, count) {
            (true, 0) => ".".to_owned(),
            (true, 1..=9) => count.to_string(),
            (true, _) => "+".to_owned(),
            (false, 0) => LEVELS[0].to_owned(),
            // One of many must still be seen above the ground.
            (false, _) => LEVELS[(count * 7).div_ceil(most).clamp(2, 7)].to_owned(),
        };
        let style = match count {
            0 => theme.dim(),
            _ if number * span <= soon => theme.warning(),
            _ => theme.good(),
        };
        spans.push(Span::styled(text, style));
    }
    Line::from(spans)
}
