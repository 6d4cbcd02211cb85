//! The layout of the profile list.

use ratatui::layout::{Position, Rect};

use super::columns::Columns;
use super::commands;
use super::list;
use super::model::{Item, Sort};
use crate::tui::keymap::Action;
use crate::tui::layout::{SPLIT_WIDTH, Window};
use crate::tui::message::Effect;
use crate::tui::state::State;
use crate::tui::widgets::panel;

/// The width of the detail beside the list: a third of the window, within these limits.
const MIN_DETAIL_WIDTH: u16 = 40;
const MAX_DETAIL_WIDTH: u16 = 72;
/// The heights of the body from which the timeline has a panel, and from which its bars have two rows.
const TIMELINE_MIN_BODY: u16 = 20;
const HIGH_TIMELINE_MIN_BODY: u16 = 30;
/// The rows of the timeline: bars, ruler and dates.
const TIMELINE_ROWS: u16 = 3;
/// The height of the detail below the list: in a low window, in a higher one, and where the list leaves room.
const LOW_DETAIL_HEIGHT: u16 = 3;
const DETAIL_HEIGHT: u16 = 5;
const MAX_DETAIL_HEIGHT: u16 = 6;
/// The height of the body from which the detail below the list has its usual height.
const DETAIL_MIN_BODY: u16 = 19;
/// Rows of the list that remain above a timeline.
const MIN_ROWS: u16 = 6;

pub(super) struct ListLayout {
    /// Whether the list, the timeline and the detail are panels beside each other.
    pub(super) is_split: bool,
    /// The panel of the list, or the area that it shares with everything below it.
    pub(super) list: Rect,
    pub(super) filter: Option<Rect>,
    /// The column headings.
    pub(super) header: Rect,
    pub(super) rows: Rect,
    /// The title line of the timeline or its panel, and the timeline in it.
    pub(super) timeline: Option<(Rect, Rect)>,
    /// The title line of the detail or its panel, and the detail in it.
    pub(super) detail: Option<(Rect, Rect)>,
    /// The first visible line.
    pub(super) top: usize,
}

/// Returns the areas of the list, its timeline and its detail.
pub(super) fn list_layout(state: &State, window: &Window) -> ListLayout {
    let is_split = window.is_framed && window.body.width >= SPLIT_WIDTH;
    let mut layout = if is_split { split_layout(window.body) } else { stacked_layout(state, window.body) };
    if state.list.is_filtering || !state.list.filter.text().is_empty() {
        layout.filter = Some(layout.header);
        layout.header.y += 1;
        layout.rows.y += 1;
        layout.rows.height = layout.rows.height.saturating_sub(1);
    }
    let height = usize::from(layout.rows.height).max(1);
    let view = &state.list.view;
    layout.top = view.selected.saturating_sub(height / 2).min(view.items.len().saturating_sub(height));
    layout
}

/// Returns the layout with the list and the timeline below it on the left, and the detail on the right.
fn split_layout(body: Rect) -> ListLayout {
    let detail_width = (body.width / 3).clamp(MIN_DETAIL_WIDTH, MAX_DETAIL_WIDTH);
    let detail = Rect { x: body.right() - detail_width, width: detail_width, ..body };
    let left = Rect { width: body.width - detail_width, ..body };
    let timeline_height = match body.height {
        HIGH_TIMELINE_MIN_BODY.. => TIMELINE_ROWS + 3,
        TIMELINE_MIN_BODY.. => TIMELINE_ROWS + 2,
        _ => 0,
    };
    let list = Rect { height: left.height - timeline_height, ..left };
    let timeline = Rect { y: list.bottom(), height: timeline_height, ..left };
    let inside = panel::inner_area(list);
    ListLayout {
        is_split: true,
        list,
        filter: None,
        header: Rect { height: 1, ..inside },
        rows: Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside },
        timeline: (timeline_height > 0).then(|| (timeline, panel::inner_area(timeline))),
        detail: Some((detail, panel::inner_area(detail))),
        top: 0,
    }
}

/// Returns the layout with the list, then the timeline where there is room for it, then the detail, each below a line with its
/// title.
fn stacked_layout(state: &State, body: Rect) -> ListLayout {
    // The last two columns are blank and for the arrows.
    let list = Rect { x: body.x + 1, width: body.width - 3, ..body };
    let mut detail_height = if body.height >= DETAIL_MIN_BODY { DETAIL_HEIGHT } else { LOW_DETAIL_HEIGHT };
    let wanted_rows = u16::try_from(list::full_line_count(state)).unwrap_or(u16::MAX).max(MIN_ROWS);
    // The headings, and the title of the detail.
    let mut spare = body.height.saturating_sub(2 + detail_height).saturating_sub(wanted_rows);
    let timeline_height = if spare > TIMELINE_ROWS { TIMELINE_ROWS + 1 } else { 0 };
    spare -= timeline_height;
    detail_height += spare.min(MAX_DETAIL_HEIGHT - DETAIL_HEIGHT);
    let title = Rect { y: list.bottom().saturating_sub(detail_height + 1), height: 1, ..list };
    let detail = Rect { y: title.y + 1, height: detail_height, ..list };
    let timeline_title = Rect { y: title.y - timeline_height, ..title };
    let timeline = Rect { y: timeline_title.y + 1, height: TIMELINE_ROWS, ..list };
    ListLayout {
        is_split: false,
        list,
        filter: None,
        header: Rect { height: 1, ..list },
        rows: Rect { y: list.y + 1, height: timeline_title.y.saturating_sub(list.y + 1), ..list },
        timeline: (timeline_height > 0).then_some((timeline_title, timeline)),
        detail: Some((title, detail)),
        top: 0,
    }
}

/// Returns how many rows of the list are shown, at least one.
pub(super) fn shown_rows(state: &State) -> usize {
    usize::from(list_layout(state, &state.window()).rows.height).max(1)
}

/// Selects the row at a position of the screen, folds or unfolds a group, sorts by a column, or does what the status line
/// offers.
pub(crate) fn click(state: &mut State, window: &Window, column: u16, line: u16) -> Vec<Effect> {
    let layout = list_layout(state, window);
    let at = Position::new(column, line);
    let is_due_offered = state.notification.is_none() && state.list.marked.is_empty() && list::due_count(state).0 > 0;
    if line == window.footer.y && is_due_offered {
        return commands::handle(state, Action::ReauthorizeDue);
    }
    if layout.rows.contains(at) {
        let at = layout.top + usize::from(line - layout.rows.y);
        let Some(item) = state.list.view.items.get(at).copied() else { return Vec::new() };
        list::select_line(state, at);
        if matches!(item, Item::Group(..))
            && let Some(is_folded) = list::is_selected_group_folded(state)
        {
            list::fold(state, !is_folded);
        }
    } else if layout.header.contains(at)
        && let Some(sort) = column_at(state, &layout, column)
    {
        list::sort_by_column(state, sort);
    }
    Vec::new()
}

/// Returns the column whose heading is at a position.
fn column_at(state: &State, layout: &ListLayout, x: u16) -> Option<Sort> {
    let columns = Columns::new(&state.store(), usize::from(layout.rows.width), state.list.is_grouped);
    columns.sort_at(usize::from(x - layout.rows.x))
}
