//! The next steps of a result, on every page that ends something: the arrow keys select one, and Enter takes it.

use ratatui::style::Style;
use ratatui::text::Span;

use super::{compose, move_selection, progress, signed_in};
use crate::text::{columns, wrap};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::scrolling::scroll;
use crate::tui::state::State;
use crate::tui::widgets::page::Page;

/// Columns between the keys and what they do.
const KEY_GAP: usize = 2;

/// Returns the next steps of a context: the available ones of its table, the likeliest first.
pub(crate) fn steps(state: &State, context: KeyContext) -> Vec<Action> {
    let listed = state.config.keymap.bindings(context).map(|bound| bound.binding);
    let available = listed.filter(|binding| binding.is_step && binding.current_label(state).is_some());
    let mut steps: Vec<Action> = available.map(|binding| binding.action).collect();
    let first = match context {
        KeyContext::SignInFailed => progress::fix_actions(state),
        KeyContext::SignedIn => signed_in::first_steps(state),
        KeyContext::Published => compose::first_steps(state),
        _ => Vec::new(),
    };
    steps.sort_by_key(|action| first.iter().position(|likely| likely == action).unwrap_or(first.len()));
    steps
}

/// Returns the index of the selected step; 0 before one was selected, and if it is no longer possible.
fn selected_index(state: &State, context: KeyContext, steps: &[Action]) -> usize {
    let Some((of, selected)) = state.selected_step else { return 0 };
    steps.iter().position(|step| of == context && *step == selected).unwrap_or_default()
}

/// Returns the step that Enter takes; `None` where the context has no steps.
pub(crate) fn selected(state: &State, context: KeyContext) -> Option<Action> {
    let steps = steps(state, context);
    steps.get(selected_index(state, context, &steps)).copied()
}

/// Returns the label of the step that Enter takes.
pub(crate) fn selected_label(state: &State, context: KeyContext) -> Option<String> {
    state.config.keymap.label(state, context, selected(state, context)?)
}

/// Moves the selection, or scrolls what is above it. Returns the action to perform: for Enter that of the selected step.
pub(crate) fn resolve(state: &mut State, context: KeyContext, action: Action) -> Option<Action> {
    let steps = steps(state, context);
    match action {
        _ if steps.is_empty() => Some(action),
        Action::Up | Action::Down => {
            let at = move_selection(selected_index(state, context, &steps), steps.len(), action);
            state.selected_step = steps.get(at).map(|step| (context, *step));
            None
        }
        action if action.is_navigation() => {
            scroll(state, action);
            None
        }
        Action::Continue => selected(state, context),
        action => Some(action),
    }
}

/// Returns what a step does, where the page has room for more than the label.
fn description(state: &State, context: KeyContext, action: Action) -> Option<String> {
    match context {
        KeyContext::SignedIn => signed_in::step_description(state, action),
        KeyContext::DifferentMember => progress::choice_description(state, action),
        KeyContext::SignInFailed => progress::step_description(state, action),
        KeyContext::Published | KeyContext::NotPublished => compose::step_description(state, action),
        _ => None,
    }
}

impl Page {
    /// Adds the next steps of a context, whose panel is always visible.
    pub(super) fn next_steps(&mut self, state: &State, context: KeyContext) {
        self.pin();
        let (steps, selected) = (steps(state, context), selected(state, context));
        let keymap = &state.config.keymap;
        let key = |action| {
            // Enter takes the selected one.
            let action = if Some(action) == selected { Action::Continue } else { action };
            keymap.key(context, action).map_or_else(String::new, |key| key.label(self.theme.is_ascii))
        };
        let keys: Vec<String> = steps.iter().map(|action| key(*action)).collect();
        let key_width = keys.iter().map(|key| columns(key)).max().unwrap_or_default() + KEY_GAP;
        for (action, key) in steps.into_iter().zip(keys) {
            let is_selected = Some(action) == selected;
            let text = description(state, context, action).or_else(|| keymap.label(state, context, action));
            let style = if is_selected { Style::new() } else { self.theme.accent() };
            let room = self.width.saturating_sub(2 + key_width);
            for (row, text) in wrap(&text.unwrap_or_default(), room).into_iter().enumerate() {
                let key = if row == 0 { key.as_str() } else { "" };
                let gap = " ".repeat(key_width - columns(key));
                self.row(is_selected, vec![Span::styled(format!("{key}{gap}"), style), Span::raw(text)]);
            }
        }
        // What the steps are about comes first, until one of them is selected.
        if state.selected_step.is_none() {
            self.visible_line = None;
        }
    }
}
