//! Performs what the mouse does as the keys do it.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::{QuitBy, perform, quit};
use crate::tui::keymap::{self, Action, KeyContext};
use crate::tui::message::Effect;
use crate::tui::screens::{profiles, setup};
use crate::tui::state::State;
use crate::tui::view::STEPS;
use crate::tui::widgets::page::Click;

pub(super) fn on_mouse_used(state: &mut State, event: MouseEvent) -> Vec<Effect> {
    let context = state.key_context();
    let action = match event.kind {
        MouseEventKind::ScrollUp => Action::Up,
        MouseEventKind::ScrollDown => Action::Down,
        MouseEventKind::Down(MouseButton::Left) => {
            return click(state, context, event);
        }
        _ => return Vec::new(),
    };
    // The wheel moves only where the arrow keys do.
    let is_bound = state.config.keymap.bindings(context).any(|bound| bound.binding.action == action);
    if is_bound { perform(state, context, action) } else { Vec::new() }
}

/// Performs the action of a clicked key hint, or selects a clicked row.
fn click(state: &mut State, context: KeyContext, event: MouseEvent) -> Vec<Effect> {
    let window = state.window();
    if let Some(at) = window.hint_at(Position::new(event.column, event.row)) {
        let hints = keymap::key_hints(state, state.config.is_ascii, context);
        return match hints.get(at).and_then(|hint| hint.action) {
            Some(Action::Quit) => quit(state, QuitBy::Action),
            Some(action) => perform(state, context, action),
            None => Vec::new(),
        };
    }
    if matches!(context, KeyContext::List | KeyContext::Filter) {
        return profiles::click(state, &window, event.column, event.row);
    }
    let at = Position::new(event.column, event.row);
    let target = state.click_targets.iter().find(|(area, _)| area.contains(at)).map(|(_, target)| target.clone());
    match target {
        Some(Click::Key(clicked_context, action)) if clicked_context == context => perform(state, context, action),
        Some(Click::Select(offset)) => select(state, context, offset),
        Some(Click::OpenStep(number)) if context == state.screen_context() => {
            STEPS.get(number).map_or_else(Vec::new, |(step, _)| setup::open_earlier_step(state, *step))
        }
        Some(Click::Link(url)) => vec![Effect::OpenPage(url)],
        _ => Vec::new(),
    }
}

/// Moves the selection, or the focus among fields, by `offset`. A click on the selected row toggles it, or performs the primary
/// action.
fn select(state: &mut State, context: KeyContext, offset: isize) -> Vec<Effect> {
    let is_bound = |state: &State, action| state.config.keymap.has_action(context, action);
    let steps = if offset < 0 { [Action::Up, Action::PreviousField] } else { [Action::Down, Action::NextField] };
    if offset == 0 {
        let hints = keymap::key_hints(state, state.config.is_ascii, context);
        let primary = hints.first().filter(|hint| hint.is_primary).and_then(|hint| hint.action);
        let toggle = Some(Action::Toggle).filter(|action| is_bound(state, *action));
        return toggle.or(primary).map_or_else(Vec::new, |action| perform(state, context, action));
    }
    let Some(step) = steps.into_iter().find(|step| is_bound(state, *step)) else { return Vec::new() };
    (0..offset.unsigned_abs()).flat_map(|_| perform(state, context, step)).collect()
}
