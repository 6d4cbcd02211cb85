//! The timeline: how many tokens expire on each of the coming days, with dates.

use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::list::{self, TIMELINE_DAYS};
use super::rows::is_revoked;
use crate::store::Status;
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::time_format;

pub(super) const TITLE: &str = "Next 60 days";
/// Days between two dates.
const WEEK_DAYS: usize = 7;
/// Columns of a day at most.
const MAX_DAY_COLUMNS: usize = 3;

/// How the days are spread over columns.
#[derive(Clone, Copy)]
struct Scale {
    /// The days in a cell: one in a wide window, several in a narrow one.
    days: usize,
    /// The columns of a cell.
    columns: usize,
    /// The cells side by side: each has one bar, and one mark of the ruler.
    cells: usize,
}

impl Scale {
    fn new(width: usize) -> Self {
        let days = TIMELINE_DAYS.div_ceil(width.clamp(1, TIMELINE_DAYS));
        Self { days, columns: (width / TIMELINE_DAYS).clamp(1, MAX_DAY_COLUMNS), cells: TIMELINE_DAYS.div_ceil(days) }
    }
}

/// Returns when the token of the selected profile expires, if that is ahead.
fn selected_expiry(state: &State) -> Option<Timestamp> {
    let profile = list::selected(state)?.readable().filter(|profile| !is_revoked(state, profile))?;
    profile.token.as_ref()?.expires_at.filter(|expiry| *expiry > state.now)
}

/// Returns the expiry of the selected profile in words.
pub(super) fn describe_selected_expiry(state: &State) -> String {
    let (Some(row), Some(expiry)) = (list::selected(state), selected_expiry(state)) else { return String::new() };
    format!("{} expires {}", row.name, time_format::format_recent_day(state, expiry))
}

/// Draws bars, a ruler with a tick for each week and the day of the selected profile, and dates.
pub(super) fn draw(state: &State, buffer: &mut Buffer, area: Rect, theme: Theme) {
    if area.height < 3 {
        return;
    }
    let scale = Scale::new(usize::from(area.width));
    let bars = Rect { height: area.height - 2, ..area };
    draw_bars(state, buffer, bars, scale, theme);
    let selected =
        selected_expiry(state).and_then(|expiry| list::timeline_day(state, expiry)).map(|day| day / scale.days);
    draw_ruler(buffer, Rect { y: bars.bottom(), height: 1, ..area }, scale, selected, theme);
    draw_dates(state, buffer, Rect { y: bars.bottom() + 1, height: 1, ..area }, scale, theme);
}

/// Draws the bars: a token is at most a cell high, and differs from none however many others expire on one day. Those that
/// are about to expire are at the bottom of their bar, and those with an unknown status at its top.
fn draw_bars(state: &State, buffer: &mut Buffer, area: Rect, scale: Scale, theme: Theme) {
    const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    let sums = |by_day: &[usize]| by_day.chunks(scale.days).map(|days| days.iter().sum()).collect::<Vec<usize>>();
    let view = &state.list.view;
    let (counts, soon, unknown) =
        (sums(&view.expiring_by_day), sums(&view.expiring_soon_by_day), sums(&view.unknown_by_day));
    let max = counts.iter().copied().max().unwrap_or_default().max(1);
    let room = 8 * usize::from(area.height);
    for (number, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0) {
        let height = (count * room).div_ceil(max).min(count * 8).max(2);
        let known_height = height * (count - unknown[number]) / count;
        let soon_height = (height * soon[number]).div_ceil(count);
        // A gap separates the days where there is room for it.
        let width = scale.columns - usize::from(scale.columns > 1);
        let Ok(x) = u16::try_from(number * scale.columns) else { continue };
        for (level, y) in (area.y..area.bottom()).rev().enumerate() {
            let symbol = match (theme.is_ascii, level, count) {
                (false, ..) => EIGHTHS[height.saturating_sub(8 * level).min(8)].repeat(width),
                // A repeated digit would be another number.
                (true, 0, 1..=9) => format!("{count:<width$}"),
                (true, 0, _) => format!("{:<width$}", "+"),
                (true, ..) => " ".repeat(width),
            };
            let style = match 8 * level {
                bottom if bottom < soon_height => theme.warning_mark(),
                bottom if bottom < known_height => theme.success_mark(),
                _ => theme.status_mark(Status::Unknown).1,
            };
            buffer.set_stringn(area.x + x, y, symbol, width, style);
        }
    }
}

fn draw_ruler(buffer: &mut Buffer, area: Rect, scale: Scale, selected: Option<usize>, theme: Theme) {
    let mut spans = Vec::new();
    for cell in 0..scale.cells {
        let is_tick = (cell * scale.days..(cell + 1) * scale.days).any(|day| day % WEEK_DAYS == 0);
        let (first, style) = if selected == Some(cell) {
            (theme.symbol("▲", "^"), theme.accent())
        } else if is_tick {
            (theme.symbol("┴", "+"), theme.dim())
        } else {
            (theme.symbol("─", "-"), theme.dim())
        };
        spans.push(Span::styled(first, style));
        spans.push(Span::styled(theme.symbol("─", "-").repeat(scale.columns - 1), theme.dim()));
    }
    buffer.set_line(area.x, area.y, &Line::from(spans), area.width);
}

/// Draws the date of each week, or of each second one in narrow cells, that has room for it.
fn draw_dates(state: &State, buffer: &mut Buffer, area: Rect, scale: Scale, theme: Theme) {
    let today = state.now.to_zoned_datetime(state.config.zone.clone()).date();
    let mut end = 0;
    // In narrow cells the dates of all weeks would read as one text.
    let step = if scale.columns == 1 { 2 * WEEK_DAYS } else { WEEK_DAYS };
    for day in (0..TIMELINE_DAYS).step_by(step) {
        let hours = i64::try_from(24 * day).unwrap_or_default();
        let date = today.saturating_add(SignedDuration::from_hours(hours));
        // Without its year, which the order of the dates shows: `Jan 7`.
        let text = if day == 0 { "today".to_owned() } else { date.strftime("%b %-d").to_string() };
        let x = day / scale.days * scale.columns;
        if x < end || x + text.width() > usize::from(area.width) {
            continue;
        }
        end = x + text.width() + 1;
        let style = if day == 0 { theme.strong() } else { theme.dim() };
        buffer.set_stringn(area.x + u16::try_from(x).unwrap_or_default(), area.y, text, usize::from(area.width), style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_fill_the_width_without_exceeding_it() {
        for width in 1..300 {
            let Scale { days, columns, cells } = Scale::new(width);
            assert!(cells * columns <= width, "{width}");
            assert!(cells * days >= TIMELINE_DAYS, "{width}");
        }
    }
}
