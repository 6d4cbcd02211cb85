//! Scrolling of pages and dialogs.

use super::overlays::Overlay;
use super::state::State;
use crate::tui::keymap::Action;

/// The rows of the border and the padding, at the top and the bottom.
const FRAME_ROWS: u16 = 4;
/// How many lines stay visible when the user scrolls by a page.
const OVERLAP_ROWS: u16 = 2;

pub(super) fn scroll_position(state: &mut State) -> &mut u16 {
    match state.overlays.last_mut() {
        Some(Overlay::Help(help)) => &mut help.scroll,
        Some(_) => &mut state.overlay_scroll,
        None => &mut state.scroll,
    }
}

pub(in crate::tui) fn scroll(state: &mut State, action: Action) {
    let max_scroll = state.max_scroll;
    let page = state.window().body.height.saturating_sub(FRAME_ROWS + OVERLAP_ROWS).max(1);
    let scroll = scroll_position(state);
    let to = match action {
        Action::Up => scroll.saturating_sub(1),
        Action::Down => *scroll + 1,
        Action::PageUp => scroll.saturating_sub(page),
        Action::PageDown => scroll.saturating_add(page),
        Action::First => 0,
        _ => max_scroll,
    };
    *scroll = to.min(max_scroll);
}
