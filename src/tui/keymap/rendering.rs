//! Keys as the screen shows them: the hint bar, and choices inside pages.

use ratatui::text::{Line, Span};

use super::{Action, KeyContext};
use crate::text::wrap;
use crate::tui::state::State;
use crate::tui::theme::Theme;

/// Columns of a key before its label, and of the gap after it.
const KEY_WIDTH: usize = 6;
/// Columns before a choice's text.
const CHOICE_INDENT: usize = 2 + KEY_WIDTH;

/// Returns the key and the label of each hint of a context.
pub(in crate::tui) fn hints(state: &State, ascii: bool, context: KeyContext) -> Vec<(String, String)> {
    let hints = state.config.keymap.bindings(context).filter(|bound| bound.binding.is_hint);
    hints.filter_map(|bound| Some((bound.keys.first()?.label(ascii), bound.binding.current_label(state)?))).collect()
}

/// Returns the hints of a context, one on each line.
pub(in crate::tui) fn choices(state: &State, theme: Theme, context: KeyContext) -> Vec<Line<'static>> {
    hints(state, theme.is_ascii, context).into_iter().map(|(key, label)| line(theme, &key, label)).collect()
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
    rows.into_iter().enumerate().map(|(row, text)| line(theme, if row == 0 { &key } else { "" }, text)).collect()
}

fn line(theme: Theme, key: &str, text: String) -> Line<'static> {
    Line::from(vec![Span::styled(format!("  {key:<KEY_WIDTH$}"), theme.accent()), Span::raw(text)])
}
