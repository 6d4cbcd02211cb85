//! Draws the list: the filter, the column headings, the visible rows and the calendar strip.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::commands::empty_list_message;
use super::layout::{ListLayout, STRIP_LABEL_WIDTH, list_area, list_layout};
use super::list::{self, Item, STATUSES, STRIP_DAYS, Sort};
use super::{detail, jobs};
use crate::clock::days_left;
use crate::store::{Profile, Status};
use crate::text::{self, clean, fit};
use crate::tui::files::{Files, Row};
use crate::tui::layout::Window;
use crate::tui::screens::member_name;
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::widgets::page::row_style;

/// Returns how many profiles have each status, and how many files are damaged. What does not fit in `room` columns is left out
/// from the end and replaced by "…".
pub(crate) fn status_counts(state: &State, theme: Theme, room: usize) -> Line<'static> {
    let shown = &state.list.shown;
    let mut parts: Vec<(String, Style)> = STATUSES
        .into_iter()
        .zip(shown.counts)
        .filter(|(_, count)| *count > 0)
        .map(|(status, count)| (format!("{count} {}", status.as_str()), theme.status(status)))
        .collect();
    if shown.damaged > 0 {
        // Before the last two statuses, which need no action.
        let at = STATUSES.iter().zip(shown.counts).take(4).filter(|(_, count)| *count > 0).count();
        parts.insert(at, (format!("{} damaged", shown.damaged), theme.error()));
    }
    let gap = theme.symbol(" · ", ", ");
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

/// Columns of the marks before the name, of the status and of the time left, with the gaps between them.
const MARKS_WIDTH: usize = 4;
const STATUS_WIDTH: usize = 11;
const TIME_LEFT_WIDTH: usize = 9;

/// The widths of the other columns; zero hides a column.
struct Columns {
    name: usize,
    member: usize,
    app: usize,
    bar: usize,
}

impl Columns {
    /// Divides `width`. The other columns shrink before a name is cut, because users type names into scripts.
    fn new(longest_name: usize, width: usize) -> Self {
        let free = width.saturating_sub(MARKS_WIDTH + STATUS_WIDTH + TIME_LEFT_WIDTH);
        let app = match width {
            90.. => 14,
            74.. => 11,
            _ => 0,
        };
        let bar = if width >= 64 { (free / 6).clamp(9, 20) } else { 0 };
        let rest = free.saturating_sub(app + bar + 2);
        let member = if width >= 50 { rest / 2 } else { 0 };
        let mut columns = Self { name: rest - member, member, app, bar };
        columns.widen_name(longest_name + 1);
        columns
    }

    fn widen_name(&mut self, wanted: usize) {
        let mut missing = wanted.saturating_sub(self.name);
        if missing == 0 {
            return;
        }
        for (column, min_width) in [(&mut self.member, 13), (&mut self.bar, 5), (&mut self.app, 9)] {
            let given = missing.min(column.saturating_sub(min_width));
            *column -= given;
            self.name += given;
            missing -= given;
        }
        // Less than that cannot be read: whole columns go, the ones that the detail repeats first.
        for column in [&mut self.bar, &mut self.app, &mut self.member] {
            if missing > 0 {
                self.name += std::mem::take(column);
                missing = wanted.saturating_sub(self.name);
            }
        }
        if self.member > 0 {
            self.member += self.name - wanted;
            self.name = wanted;
        }
    }
}

/// Returns the width of the longest profile name, which is ASCII.
fn longest_name(files: &Files) -> usize {
    files.rows.iter().map(|row| row.name.as_str().len()).max().unwrap_or_default()
}

/// Returns a text cut and padded to `width` columns, the last of them blank.
fn cell(text: &str, width: usize) -> String {
    if width == 0 {
        return String::new();
    }
    let text = fit(text, width - 1);
    let pad = width - text::columns(&text);
    format!("{text}{}", " ".repeat(pad))
}

/// Returns a bar of `fraction` in `width` cells, the last of them blank.
pub(super) fn bar(fraction: f64, width: usize, theme: Theme) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if width < 2 {
        return " ".repeat(width);
    }
    let width = width - 1;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a few cells"
    )]
    let eighths = (fraction.clamp(0.0, 1.0) * width as f64 * 8.0).round() as usize;
    let full = eighths / 8;
    let mut text = theme.symbol("█", "#").repeat(full);
    if full < width && !theme.is_ascii {
        text.push_str(EIGHTHS[eighths % 8]);
    }
    let used = text.width();
    text + &theme.symbol("░", ".").repeat(width - used) + " "
}

/// Returns whether the token was revoked: nothing of it is left, whatever its expiry.
pub(super) fn is_revoked(state: &State, profile: &Profile) -> bool {
    profile.status(state.now, state.config.expiring_days) == Status::Revoked
}

/// Returns the fraction of its lifetime that a profile's token has left.
pub(super) fn fraction_left(state: &State, profile: &Profile) -> Option<f64> {
    let token = profile.token.as_ref().filter(|_| !is_revoked(state, profile))?;
    let expiry = token.expires_at?;
    let lifetime = (expiry.as_second() - token.issued_at.as_second()).max(1);
    #[expect(clippy::cast_precision_loss, reason = "a fraction of a bar")]
    Some((expiry.as_second() - state.now.as_second()) as f64 / lifetime as f64)
}

/// Returns the time that a token has left: `54 d`, `3 h`, `expired`, `12 d ago`.
fn time_left(state: &State, profile: &Profile) -> String {
    let token = profile.token.as_ref().filter(|_| !is_revoked(state, profile));
    let Some(expiry) = token.and_then(|token| token.expires_at) else { return "-".to_owned() };
    let seconds = expiry.as_second() - state.now.as_second();
    match seconds {
        ..-86_400 => format!("{} d ago", -seconds / 86_400),
        -86_400..=0 => "expired".to_owned(),
        1..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{} d", days_left(state.now, expiry)),
    }
}

/// Returns a profile's line. Without colors the whole selected line is reversed.
fn row_line(state: &State, files: &Files, row: &Row, is_selected: bool, width: usize, theme: Theme) -> Line<'static> {
    let is_current = files.current.as_ref() == Some(&row.name);
    let is_marked = state.list.marked.contains(&row.name);
    let style = row_style(theme, is_selected);
    let columns = Columns::new(longest_name(files), width);
    let mut spans = vec![
        Span::styled(if is_selected { theme.symbol("›", ">") } else { " " }, style),
        Span::styled(if is_marked { theme.done_mark().0 } else { " " }, theme.strong()),
        Span::styled(if is_current { theme.symbol("● ", "* ") } else { "  " }, theme.accent()),
        Span::styled(cell(row.name.as_str(), columns.name), style),
    ];
    match &row.profile {
        Some(Ok(profile)) => spans.extend(profile_cells(state, profile, &columns, style, theme)),
        Some(Err(_)) => spans.push(Span::styled("cannot be read", theme.error())),
        None => spans.push(Span::styled(theme.symbol("…", "..."), theme.dim())),
    }
    if theme.has_color() || !is_selected {
        return Line::from(spans);
    }
    let text: String = spans.iter().map(|span| span.content.as_ref()).collect();
    let pad = " ".repeat(width.saturating_sub(text::columns(&text)));
    Line::styled(text + &pad, theme.selected())
}

fn profile_cells(
    state: &State,
    profile: &Profile,
    columns: &Columns,
    style: Style,
    theme: Theme,
) -> [Span<'static>; 5] {
    let member = profile.member.as_ref().map_or_else(|| "-".to_owned(), member_name);
    let status = profile.status(state.now, state.config.expiring_days);
    let status_style = theme.status(status);
    let status = jobs::progress_label(state, &profile.name).unwrap_or(status.as_str());
    let bar = fraction_left(state, profile).map_or_else(
        || Span::raw(" ".repeat(columns.bar)),
        |fraction| Span::styled(bar(fraction, columns.bar, theme), status_style),
    );
    [
        Span::styled(cell(&member, columns.member), style),
        Span::styled(cell(profile.app.as_str(), columns.app), theme.dim()),
        Span::styled(cell(status, STATUS_WIDTH), status_style),
        bar,
        Span::styled(format!("{:>8}", time_left(state, profile)), status_style),
    ]
}

fn app_heading(row: &Row, count: usize, width: usize, theme: Theme) -> Line<'static> {
    let name = row.readable().map_or("no app known", |profile| profile.app.as_str());
    Line::from(vec![
        Span::styled(format!("  {} ", theme.symbol("▾", "-")), theme.dim()),
        Span::styled(fit(name, width.saturating_sub(14)), theme.strong()),
        Span::styled(format!("  {count}"), theme.dim()),
    ])
}

pub(crate) fn draw(state: &State, frame: &mut Frame<'_>, window: &Window, theme: Theme) {
    let area = list_area(window);
    let Some(files) = &state.files else {
        frame.buffer_mut().set_line(area.x, area.y, &Line::styled("Reading profiles ...", theme.dim()), area.width);
        return;
    };
    let layout = list_layout(state, area);
    let width = usize::from(layout.rows.width);
    draw_head(state, frame, area, width, theme);
    let shown = &state.list.shown;
    let buffer = frame.buffer_mut();
    if shown.items.is_empty() {
        let text = Line::styled(empty_list_message(state, files), theme.dim());
        buffer.set_line(layout.rows.x, layout.rows.y, &text, layout.rows.width);
        return;
    }
    let visible = shown.items.iter().enumerate().skip(layout.top).take(usize::from(layout.rows.height));
    for (y, (number, item)) in (layout.rows.y..).zip(visible) {
        let Some(row) = list::row(files, *item) else { continue };
        let line = match item {
            Item::App(_, count) => app_heading(row, *count, width, theme),
            Item::Row(_) => row_line(state, files, row, number == shown.selected, width, theme),
        };
        buffer.set_line(layout.rows.x, y, &line, layout.rows.width);
    }
    draw_arrows(buffer, &layout, shown.items.len(), theme);
    if let Some(line) = layout.strip {
        buffer.set_line(line.x, line.y, &calendar_strip(state, width, theme), line.width);
    }
    if let (Some(pane), Some(row)) = (layout.detail, list::selected(state)) {
        if layout.is_beside {
            for y in area.y..area.bottom() {
                buffer.set_string(pane.x - 2, y, theme.symbol("│", "|"), theme.dim());
            }
        } else {
            let rule = theme.symbol("─", "-").repeat(usize::from(pane.width));
            buffer.set_string(pane.x, pane.y - 1, rule, theme.dim());
        }
        detail::draw(state, row, frame, pane, layout.is_beside, theme);
    }
}

/// Draws arrows in the blank columns at the right if more rows are above or below.
fn draw_arrows(buffer: &mut Buffer, layout: &ListLayout, count: usize, theme: Theme) {
    let rows = layout.rows;
    if rows.width == 0 || rows.height == 0 {
        return;
    }
    if layout.top > 0 {
        buffer.set_stringn(rows.right() - 1, rows.y, theme.symbol("↑", "^"), 1, theme.dim());
    }
    if layout.top + usize::from(rows.height) < count {
        buffer.set_stringn(rows.right() - 1, rows.bottom() - 1, theme.symbol("↓", "v"), 1, theme.dim());
    }
}

fn draw_head(state: &State, frame: &mut Frame<'_>, area: Rect, width: usize, theme: Theme) {
    let columns = Columns::new(longest_name(&state.files()), width);
    let mut y = area.y;
    if state.list.is_filtering || !state.list.filter.text().is_empty() {
        let text = state.list.filter.text();
        let line = Line::from(vec![Span::styled("  / ", theme.accent()), Span::raw(clean(text, 200))]);
        frame.buffer_mut().set_line(area.x, y, &line, area.width);
        let all = state.files.as_ref().map_or(0, |files| files.rows.len());
        let count = format!("{} of {all}", state.list.shown.rows);
        let x = (area.x + u16::try_from(width).unwrap_or(area.width))
            .saturating_sub(u16::try_from(count.len()).unwrap_or(0));
        frame.buffer_mut().set_stringn(x, y, &count, count.len(), theme.dim());
        if state.list.is_filtering {
            let x = area.x
                + 4
                + u16::try_from(state.list.filter.cursor()).unwrap_or(u16::MAX).min(area.width.saturating_sub(5));
            frame.set_cursor_position((x, y));
        }
        y += 1;
    }
    let arrow = |sort: Sort| if state.list.sort == sort { theme.symbol(" ↓", " v") } else { "" };
    let head = format!(
        "    {}{}{}{}{}{:>8}",
        cell(&format!("PROFILE{}", arrow(Sort::Name)), columns.name),
        cell("MEMBER", columns.member),
        cell(&format!("APP{}", arrow(Sort::App)), columns.app),
        cell("STATUS", STATUS_WIDTH),
        " ".repeat(columns.bar),
        format!("LEFT{}", arrow(Sort::Expiry))
    );
    let buffer = frame.buffer_mut();
    if y < area.bottom() {
        buffer.set_stringn(area.x, y, head, width, theme.dim());
    }
    if y + 1 < area.bottom() {
        buffer.set_string(area.x, y + 1, theme.symbol("─", "-").repeat(width), theme.dim());
        if let Some(marked) = list::marked_label(state) {
            buffer.set_stringn(area.x + 4, y + 1, format!(" {marked} "), width.saturating_sub(4), theme.strong());
        }
    }
}

/// Returns how many tokens expire in the coming days: a cell for each day, or for several days in a narrow window.
fn calendar_strip(state: &State, width: usize, theme: Theme) -> Line<'static> {
    const LEVELS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    let span = STRIP_DAYS.div_ceil((width - STRIP_LABEL_WIDTH).min(STRIP_DAYS));
    let cells: Vec<usize> = state.list.shown.expiring_by_day.chunks(span).map(|days| days.iter().sum()).collect();
    let max = cells.iter().copied().max().unwrap_or_default().max(1);
    let mut spans =
        vec![Span::styled(format!("{:<STRIP_LABEL_WIDTH$}", format!("next {STRIP_DAYS} days")), theme.dim())];
    let soon = usize::try_from(state.config.expiring_days).unwrap_or(STRIP_DAYS);
    for (number, count) in cells.into_iter().enumerate() {
        let text = match (theme.is_ascii, count) {
            (true, 0) => ".".to_owned(),
            (true, 1..=9) => count.to_string(),
            (true, _) => "+".to_owned(),
            (false, 0) => LEVELS[0].to_owned(),
            // A single token must differ from none, however many others expire on one day.
            (false, _) => LEVELS[(count * 7).div_ceil(max).clamp(2, 7)].to_owned(),
        };
        let style = match count {
            0 => theme.dim(),
            _ if number * span <= soon => theme.warning(),
            _ => theme.success(),
        };
        spans.push(Span::styled(text, style));
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_cut_while_another_column_can_shrink() {
        let total = |columns: &Columns| columns.name + columns.member + columns.app + columns.bar;
        for width in 60..200 {
            let usual = Columns::new(0, width);
            for longest in [5, 14, 31, 64] {
                let columns = Columns::new(longest, width);
                assert_eq!(total(&columns), total(&usual), "{width}");
                let others = columns.member + columns.app + columns.bar;
                assert!(columns.name > longest || others == 0, "{longest} in {width}");
                assert!(columns.member == 0 || columns.member >= usual.member.min(13), "{longest} in {width}");
            }
        }
    }
}
