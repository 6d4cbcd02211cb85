//! A panel: a border with a title.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::symbols::border;
use ratatui::text::Span;
use ratatui::widgets::{Block, BorderType};
use unicode_width::UnicodeWidthStr;

use crate::text::fit;
use crate::tui::theme::Theme;

const ASCII_BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// The columns of the borders and of the blanks beside them.
pub(crate) const PANEL_COLUMNS: u16 = 4;
/// The columns beside the text of a panel without a border: a blank on the left; a blank and the scroll arrow on the right.
pub(crate) const UNFRAMED_PANEL_COLUMNS: u16 = 3;

/// Returns the area inside a panel.
pub(crate) fn inner_area(area: Rect) -> Rect {
    let height = area.height.saturating_sub(2);
    Rect { x: area.x + 2, y: area.y + 1, width: area.width.saturating_sub(PANEL_COLUMNS), height }
}

/// Draws the border of a panel, with its title on the left and a note on the right.
pub(crate) fn draw_panel(frame: &mut Frame<'_>, area: Rect, theme: Theme, title: (&str, Style), note: &str) {
    draw_bordered(frame, area, theme, theme.dim(), title, note);
}

/// Draws the border of a dialog, which stands out from the panels behind it.
pub(crate) fn draw_dialog_panel(frame: &mut Frame<'_>, area: Rect, theme: Theme, title: (&str, Style), note: &str) {
    draw_bordered(frame, area, theme, theme.accent(), title, note);
}

fn draw_bordered(frame: &mut Frame<'_>, area: Rect, theme: Theme, style: Style, title: (&str, Style), note: &str) {
    let border = if theme.is_ascii { ASCII_BORDER } else { BorderType::Rounded.to_border_set() };
    frame.render_widget(Block::bordered().border_set(border).border_style(style), area);
    draw_title(frame, Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }, theme, title, note);
}

/// Draws a line with a title on the left and a note on the right, where a panel has no room for its border.
pub(crate) fn draw_rule(frame: &mut Frame<'_>, area: Rect, theme: Theme, title: (&str, Style), note: &str) {
    let rule = theme.symbol("─", "-").repeat(usize::from(area.width));
    frame.buffer_mut().set_string(area.x, area.y, rule, theme.dim());
    draw_title(frame, Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area }, theme, title, note);
}

fn draw_title(frame: &mut Frame<'_>, area: Rect, theme: Theme, (title, style): (&str, Style), note: &str) {
    let width = usize::from(area.width);
    let note = if note.is_empty() { String::new() } else { format!(" {note} ") };
    let note_width = note.width();
    if note_width + 8 < width {
        let x = area.right() - u16::try_from(note_width).unwrap_or_default() - 1;
        frame.buffer_mut().set_string(x, area.y, &note, theme.dim());
    }
    if !title.is_empty() {
        let title = format!(" {} ", fit(title, width.saturating_sub(note_width + 4)));
        let style = if style == Style::new() { theme.strong() } else { style.patch(theme.strong()) };
        // The border below it may be dim.
        let style = style.remove_modifier(Modifier::DIM);
        frame.buffer_mut().set_span(area.x, area.y, &Span::styled(title, style), area.width);
    }
}
