//! Scrolling of pages and dialogs.

use super::overlays::Overlay;
use super::state::State;
use super::widgets::page::ScrollRange;
use crate::tui::keymap::Action;

/// How many lines stay visible when the user scrolls by a page.
const OVERLAP_ROWS: u16 = 2;

pub(super) fn scroll_position(state: &mut State) -> &mut u16 {
    match state.overlays.last_mut() {
        Some(Overlay::Help(help)) => &mut help.scroll,
        Some(_) => &mut state.overlay_scroll,
        None if state.dialog.is_some() => &mut state.dialog_scroll,
        None => &mut state.scroll,
    }
}

pub(in crate::tui) fn scroll(state: &mut State, action: Action) {
    let ScrollRange { max, visible_rows } = state.scroll_range;
    // In a low panel fewer lines stay: every line must be in view once.
    let page = visible_rows.saturating_sub(OVERLAP_ROWS.min(visible_rows / 3)).max(1);
    let scroll = scroll_position(state);
    let to = match action {
        Action::Up => scroll.saturating_sub(1),
        Action::Down => *scroll + 1,
        Action::PageUp => scroll.saturating_sub(page),
        Action::PageDown => scroll.saturating_add(page),
        Action::First => 0,
        _ => max,
    };
    *scroll = to.min(max);
}
