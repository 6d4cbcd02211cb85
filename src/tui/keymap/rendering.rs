//! Returns keys as the screen shows them: key hints, and choices inside pages.

use ratatui::text::{Line, Span};

use super::key_hint::KeyHint;
use super::{Action, BoundKeys, KeyContext};
use crate::text::{columns, wrap};
use crate::tui::screens::next_steps;
use crate::tui::state::State;
use crate::tui::theme::Theme;

/// Columns of a key before its label, and of the gap after it.
const KEY_WIDTH: usize = 6;
/// Columns between a key and its label, where the keys of all choices are known.
const KEY_GAP: usize = 2;
/// Columns before a choice's text.
const CHOICE_INDENT: usize = 2 + KEY_WIDTH;

fn key_hint(bound: &BoundKeys, is_ascii: bool, label: String) -> Option<KeyHint> {
    let action = bound.binding.action;
    Some(KeyHint {
        key: bound.keys.first()?.label(is_ascii),
        label,
        action: Some(action),
        is_primary: false,
        is_global: matches!(action, Action::Palette | Action::Help | Action::Back | Action::Quit),
    })
}

/// Returns the hints of a context whatever is selected: as many lines as they need keep the screen where it is.
pub(in crate::tui) fn all_key_hints(state: &State, is_ascii: bool, context: KeyContext) -> Vec<KeyHint> {
    let bound = state.config.keymap.bindings(context).filter(|bound| bound.binding.is_hint(state));
    bound.filter_map(|bound| key_hint(bound, is_ascii, bound.binding.label.to_owned())).collect()
}

/// Returns the hints of a context.
pub(in crate::tui) fn key_hints(state: &State, is_ascii: bool, context: KeyContext) -> Vec<KeyHint> {
    let bound = state.config.keymap.bindings(context).filter(|bound| bound.binding.is_hint(state));
    let selected = next_steps::selected(state, context);
    // The hint of the key that takes the selected step describes the step, so the step's own key is not hinted.
    let bound = bound.filter(|bound| !bound.binding.is_step || selected != Some(bound.binding.action));
    let mut hints: Vec<KeyHint> =
        bound.filter_map(|bound| key_hint(bound, is_ascii, bound.binding.current_label(state)?)).collect();
    // Without a primary key among the hints, the first one is primary: Enter begins a new line in the form of a post, and these
    // screens go on with a key of their own.
    if let Some(first) = hints.first_mut()
        && (matches!(first.key.as_str(), "enter" | "y")
            || !first.is_global
                && matches!(
                    context,
                    KeyContext::Compose
                        | KeyContext::Preview
                        | KeyContext::Comment
                        | KeyContext::SignIn
                        | KeyContext::Statistics
                ))
    {
        (first.is_primary, first.is_global) = (true, false);
    }
    hints
}

/// Returns the hints of a context, one on each line, except the help and the palette.
pub(in crate::tui) fn choices(state: &State, theme: Theme, context: KeyContext) -> Vec<(Action, Line<'static>)> {
    let hints = key_hints(state, theme.is_ascii, context).into_iter();
    let hints: Vec<KeyHint> =
        hints.filter(|hint| !matches!(hint.action, Some(Action::Help | Action::Palette))).collect();
    let key_width = hints.iter().map(|hint| columns(&hint.key)).max().unwrap_or_default() + KEY_GAP;
    hints.into_iter().filter_map(|hint| Some((hint.action?, line(theme, &hint.key, key_width, hint.label)))).collect()
}

/// Returns one choice, with `text` instead of its label, wrapped at `width`; nothing where it is unbound or unavailable.
pub(in crate::tui) fn choice(
    state: &State,
    theme: Theme,
    (context, action): (KeyContext, Action),
    text: Option<&str>,
    width: usize,
) -> Vec<Line<'static>> {
    let Some(bound) = state.config.keymap.find(context, action) else { return Vec::new() };
    let Some(key) = bound.keys.first() else { return Vec::new() };
    let Some(label) = bound.binding.current_label(state) else { return Vec::new() };
    let rows = wrap(text.unwrap_or(&label), width.saturating_sub(CHOICE_INDENT));
    let key = key.label(theme.is_ascii);
    rows.into_iter()
        .enumerate()
        .map(|(row, text)| line(theme, if row == 0 { &key } else { "" }, KEY_WIDTH, text))
        .collect()
}

fn line(theme: Theme, key: &str, key_width: usize, text: String) -> Line<'static> {
    Line::from(vec![Span::styled(format!("  {key:<key_width$}"), theme.accent()), Span::raw(text)])
}
