//! The layout of the profile list.

use ratatui::layout::{Position, Rect};

use super::list::{self, STRIP_DAYS};
use crate::tui::layout::Window;
use crate::tui::state::State;

/// The width from which the detail is shown beside the list.
const SPLIT_WIDTH: u16 = 104;
/// The width of the detail beside the list. It leaves the strip a cell per day in 120 columns.
const DETAIL_WIDTH: u16 = 40;
/// The height of the detail below the list.
const MAX_DETAIL_HEIGHT: u16 = 9;
const MIN_DETAIL_HEIGHT: u16 = 5;
/// Rows of the list that remain where a detail is shown below it.
const MIN_ROWS: u16 = 5;
pub(super) const STRIP_LABEL_WIDTH: usize = 14;

pub(super) struct ListLayout {
    pub(super) rows: Rect,
    pub(super) detail: Option<Rect>,
    /// Whether the detail is beside the list.
    pub(super) is_beside: bool,
    pub(super) strip: Option<Rect>,
    /// The first visible line.
    pub(super) top: usize,
}

/// Returns the area of the list and the detail.
pub(super) fn list_area(window: &Window) -> Rect {
    let body = window.body;
    Rect { x: 2, width: body.width - 3, ..body }
}

pub(super) fn list_layout(state: &State, area: Rect) -> ListLayout {
    let filter = u16::from(state.list.is_filtering || !state.list.filter.text().is_empty());
    let head = (2 + filter).min(area.height);
    let is_beside = area.width >= SPLIT_WIDTH;
    let width = if is_beside { area.width - DETAIL_WIDTH - 3 } else { area.width };
    let has_rows = state.files.as_ref().is_some_and(|files| !files.rows.is_empty());
    let mut left = area.height - head;
    // The strip and a blank line above it.
    let strip = has_rows && left >= MIN_ROWS + 2 && usize::from(width) >= STRIP_LABEL_WIDTH + STRIP_DAYS / 2;
    left -= 2 * u16::from(strip);
    let has_room_below = !is_beside && left > MIN_ROWS + MIN_DETAIL_HEIGHT;
    let below = if has_room_below { (left - MIN_ROWS - 1).min(MAX_DETAIL_HEIGHT) } else { 0 };
    left -= below + u16::from(below > 0);
    let rows = Rect { x: area.x, y: area.y + head, width, height: left };
    let detail = if is_beside {
        Some(Rect { x: area.right() - DETAIL_WIDTH, width: DETAIL_WIDTH, ..area })
    } else if below > 0 {
        Some(Rect { y: area.bottom() - below, height: below, ..area })
    } else {
        None
    };
    let strip = strip.then_some(Rect { y: rows.bottom() + 1, height: 1, ..rows });
    let height = usize::from(left).max(1);
    let shown = &state.list.shown;
    let top = shown.selected.saturating_sub(height / 2).min(shown.items.len().saturating_sub(height));
    ListLayout { rows, detail, is_beside, strip, top }
}

/// Selects the row at a position of the screen.
pub(crate) fn click(state: &mut State, window: &Window, column: u16, line: u16) {
    let layout = list_layout(state, list_area(window));
    if layout.rows.contains(Position::new(column, line)) {
        let at = layout.top + usize::from(line - layout.rows.y);
        if matches!(state.list.shown.items.get(at), Some(list::Item::Row(_))) {
            list::select(state, at);
        }
    }
}
