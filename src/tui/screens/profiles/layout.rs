//! The layout of the profile list.

use ratatui::layout::{Position, Rect};

use super::list::{self, DAYS};
use crate::tui::state::State;

/// The width from which the detail is beside the list.
const SPLIT_WIDTH: u16 = 104;
/// The width of the detail beside the list; the rest of 120 columns gives the strip a cell for each day.
const DETAIL_WIDTH: u16 = 40;
/// Most and fewest lines of the detail below the list.
const DETAIL_HEIGHT: (u16, u16) = (9, 5);
/// Rows of the list that are kept before a detail is shown below it.
const MIN_ROWS: u16 = 5;
/// Columns before the strip.
pub(super) const STRIP_LABEL: usize = 14;

/// The rows, the detail, the calendar strip, and the first line shown.
pub(super) struct ListLayout {
    pub(super) rows: Rect,
    pub(super) detail: Option<Rect>,
    pub(super) beside: bool,
    pub(super) strip: Option<Rect>,
    pub(super) top: usize,
}

pub(super) fn list_layout(state: &State, area: Rect) -> ListLayout {
    let filter = u16::from(state.list.filtering || !state.list.filter.text().is_empty());
    let head = (2 + filter).min(area.height);
    let beside = area.width >= SPLIT_WIDTH;
    let width = if beside { area.width - DETAIL_WIDTH - 3 } else { area.width };
    let any = state.files.as_ref().is_some_and(|files| !files.rows.is_empty());
    let mut left = area.height - head;
    // A blank line, the strip.
    let strip = any && left >= MIN_ROWS + 2 && usize::from(width) >= STRIP_LABEL + DAYS / 2;
    left -= 2 * u16::from(strip);
    let below =
        if beside || left < MIN_ROWS + 1 + DETAIL_HEIGHT.1 { 0 } else { (left - MIN_ROWS - 1).min(DETAIL_HEIGHT.0) };
    left -= below + u16::from(below > 0);
    let rows = Rect { x: area.x, y: area.y + head, width, height: left };
    let detail = if beside {
        Some(Rect { x: area.right() - DETAIL_WIDTH, width: DETAIL_WIDTH, ..area })
    } else if below > 0 {
        Some(Rect { y: area.bottom() - below, height: below, ..area })
    } else {
        None
    };
    let strip = strip.then_some(Rect { y: rows.bottom() + 1, height: 1, ..rows });
    let height = usize::from(left).max(1);
    let shown = &state.list.shown;
    let top = shown.at.saturating_sub(height / 2).min(shown.items.len().saturating_sub(height));
    ListLayout { rows, detail, beside, strip, top }
}

/// Selects the row at a position of the screen.
pub(in crate::tui) fn click(state: &mut State, area: Rect, column: u16, line: u16) {
    let found = list_layout(state, area);
    if found.rows.contains(Position::new(column, line)) {
        let at = found.top + usize::from(line - found.rows.y);
        if matches!(state.list.shown.items.get(at), Some(list::Item::Row(_))) {
            list::select(state, at);
        }
    }
}
