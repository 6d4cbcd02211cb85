//! Where things stand on the list's screen.

use ratatui::layout::{Position, Rect};

use super::list::{self, DAYS};
use crate::tui::state::State;

/// Columns of the list from which the detail stands beside it.
const WIDE: u16 = 104;
/// Width of the detail beside the list: what is left of 120 columns gives the strip a cell for each day.
const BESIDE: u16 = 40;
/// Most and least lines of the detail below the list.
const BELOW: (u16, u16) = (9, 5);
/// Rows of the list that come before any detail below it.
const ROWS: u16 = 5;
/// What stands before the strip.
pub(super) const STRIP_LABEL: usize = 14;

/// The rows, the detail, the calendar strip, and the first line shown.
pub(super) struct Places {
    pub(super) rows: Rect,
    pub(super) detail: Option<Rect>,
    pub(super) beside: bool,
    pub(super) strip: Option<Rect>,
    pub(super) top: usize,
}

pub(super) fn layout(state: &State, area: Rect) -> Places {
    let filter = u16::from(state.list.filtering || !state.list.filter.text().is_empty());
    let head = (2 + filter).min(area.height);
    let beside = area.width >= WIDE;
    let width = if beside { area.width - BESIDE - 3 } else { area.width };
    let any = state.files.as_ref().is_some_and(|files| !files.rows.is_empty());
    let mut left = area.height - head;
    // A blank line, the strip.
    let strip = any && left >= ROWS + 2 && usize::from(width) >= STRIP_LABEL + DAYS / 2;
    left -= 2 * u16::from(strip);
    let below = if beside || left < ROWS + 1 + BELOW.1 { 0 } else { (left - ROWS - 1).min(BELOW.0) };
    left -= below + u16::from(below > 0);
    let rows = Rect { x: area.x, y: area.y + head, width, height: left };
    let detail = if beside {
        Some(Rect { x: area.right() - BESIDE, width: BESIDE, ..area })
    } else if below > 0 {
        Some(Rect { y: area.bottom() - below, height: below, ..area })
    } else {
        None
    };
    let strip = strip.then_some(Rect { y: rows.bottom() + 1, height: 1, ..rows });
    let height = usize::from(left).max(1);
    let shown = &state.list.shown;
    let top = shown.at.saturating_sub(height / 2).min(shown.items.len().saturating_sub(height));
    Places { rows, detail, beside, strip, top }
}

/// Selects the row at a place of the screen.
pub(in crate::tui) fn click(state: &mut State, area: Rect, column: u16, line: u16) {
    let found = layout(state, area);
    if found.rows.contains(Position::new(column, line)) {
        let at = found.top + usize::from(line - found.rows.y);
        if matches!(state.list.shown.items.get(at), Some(list::Item::Row(_))) {
            list::select(state, at);
        }
    }
}
