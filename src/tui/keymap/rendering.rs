//! Keys as the screen shows them: hints at the bottom, choices inside pages.

use ratatui::text::{Line, Span};

use super::{Action, Availability, BoundKeys, KeyContext};
use crate::text::wrap;
use crate::tui::state::State;
use crate::tui::theme::Theme;

/// Columns of a key before its label, and of the gap after it.
const KEY_WIDTH: usize = 6;
/// Columns before a choice's text.
const CHOICE_INDENT: usize = 2 + KEY_WIDTH;

/// Returns what a binding does now, or nothing where it does nothing.
fn label(state: &State, bound: &BoundKeys) -> Option<String> {
    match (bound.binding.availability)(state) {
        Availability::Unavailable => None,
        Availability::Available => Some(bound.binding.label.to_owned()),
        Availability::Labelled(label) => Some(label),
    }
}

/// Returns key and label of everything that the hint bar shows of a context.
fn hinted(state: &State, theme: Theme, context: KeyContext) -> impl Iterator<Item = (String, String)> {
    let hints = state.start.keymap.in_context(context).filter(|bound| bound.binding.is_hint);
    hints.filter_map(move |bound| Some((bound.keys.first()?.label(theme.ascii), label(state, bound)?)))
}

/// Returns key and label of the hint bar.
pub(in crate::tui) fn hints(state: &State, theme: Theme) -> Vec<(String, String)> {
    hinted(state, theme, state.key_context()).collect()
}

/// Returns the choices of a dialog or page: the hints of its context, one a line.
pub(in crate::tui) fn choices(state: &State, theme: Theme, context: KeyContext) -> Vec<Line<'static>> {
    hinted(state, theme, context).map(|(key, label)| line(theme, &key, label)).collect()
}

/// Returns one choice with a text of its own, wrap at `width`; nothing where it is unbound or unavailable.
pub(in crate::tui) fn choice(
    state: &State,
    theme: Theme,
    (context, action): (KeyContext, Action),
    text: Option<&str>,
    width: usize,
) -> Vec<Line<'static>> {
    let Some(bound) = state.start.keymap.bound(context, action) else { return Vec::new() };
    let Some(key) = bound.keys.first() else { return Vec::new() };
    let Some(label) = label(state, bound) else { return Vec::new() };
    let rows = wrap(text.unwrap_or(&label), width.saturating_sub(CHOICE_INDENT));
    let key = key.label(theme.ascii);
    rows.into_iter().enumerate().map(|(row, text)| line(theme, if row == 0 { &key } else { "" }, text)).collect()
}

fn line(theme: Theme, key: &str, text: String) -> Line<'static> {
    Line::from(vec![Span::styled(format!("  {key:<KEY_WIDTH$}"), theme.accent()), Span::raw(text)])
}
