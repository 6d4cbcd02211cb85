//! The line that the list, the palette, the scopes and the help are searched by.

use ratatui::text::{Line, Span};

use super::field::Field;
use super::page::{Page, visible_part};
use crate::text::columns;
use crate::tui::theme::Theme;

/// The columns before the text.
const PROMPT_WIDTH: usize = 2;

/// Returns the line in `width` columns, and the column of its cursor.
pub(crate) fn search_line(
    theme: Theme,
    field: &Field,
    placeholder: &str,
    is_focused: bool,
    width: usize,
) -> (Line<'static>, usize) {
    let width = width.saturating_sub(PROMPT_WIDTH).max(8);
    let (typed, cursor) = visible_part(field, width);
    let style = theme.field(is_focused);
    let (text, style) =
        if typed.is_empty() { (placeholder.to_owned(), style.patch(theme.dim())) } else { (typed, style) };
    let pad = " ".repeat(width.saturating_sub(columns(&text)));
    let prompt = Span::styled(theme.symbol("› ", "> "), theme.accent());
    (Line::from(vec![prompt, Span::styled(format!("{text}{pad}"), style)]), PROMPT_WIDTH + cursor)
}

impl Page {
    /// Adds the search as the first lines, which stay visible when what is found scrolls.
    pub(crate) fn search(&mut self, field: &Field, placeholder: &str, is_focused: bool) {
        let (line, cursor) = search_line(self.theme, field, placeholder, is_focused, self.width);
        self.cursor = is_focused.then_some((cursor, self.lines.len()));
        self.lines.push(line);
        self.blank();
        self.sticky_lines = self.lines.len();
    }
}
