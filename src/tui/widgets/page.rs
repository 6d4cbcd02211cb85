//! A page: a title, and lines that scroll so that the focus stays visible. Every screen except the profile list is drawn as a
//! page, so that all of them work at every size.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::field::Field;
use crate::text::{columns, fit, skip_columns, wrap};
use crate::tui::theme::Theme;

/// Columns of a value's label.
pub(crate) const LABEL_WIDTH: usize = 14;
/// Columns of a field's label, after its mark.
const FIELD_LABEL_WIDTH: usize = 15;

/// The content of a screen or a dialog.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub title: String,
    /// The title's style where it is not the accent.
    pub title_style: Style,
    /// A text on the right of the title bar.
    pub right: String,
    pub lines: Vec<Line<'static>>,
    pub theme: Theme,
    /// Columns at which text is wrapped.
    pub width: usize,
    /// The line that must be visible.
    pub focus: Option<usize>,
    /// Column and line of the text cursor.
    pub cursor: Option<(usize, usize)>,
    /// URLs that can be opened, each with its line, which starts with the URL.
    pub links: Vec<(usize, String)>,
}

/// A URL on the screen, for terminals that can open it (OSC 8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub at: Position,
    /// The URL, which is also the text of the link.
    pub url: String,
    pub style: Style,
}

impl Page {
    pub(crate) fn new(theme: Theme, width: usize, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            title_style: Style::new(),
            right: String::new(),
            lines: Vec::new(),
            theme,
            width,
            focus: None,
            cursor: None,
            links: Vec::new(),
        }
    }

    pub(crate) fn blank(&mut self) {
        self.lines.push(Line::default());
    }

    /// Adds a paragraph.
    pub(crate) fn text(&mut self, style: Style, text: &str) {
        for line in wrap(text, self.width) {
            self.lines.push(Line::styled(line, style));
        }
    }

    /// Adds a paragraph behind an indent.
    pub(crate) fn indented(&mut self, indent: usize, style: Style, text: &str) {
        for line in wrap(text, self.width.saturating_sub(indent)) {
            self.lines.push(Line::styled(format!("{:indent$}{line}", ""), style));
        }
    }

    /// Adds a line that can be selected; the selected line stays visible.
    pub(crate) fn row(&mut self, is_selected: bool, mut spans: Vec<Span<'static>>) {
        if is_selected {
            self.focus = Some(self.lines.len());
        }
        spans.insert(0, cursor_mark(self.theme, is_selected));
        self.lines.push(Line::from(spans));
    }

    pub(crate) fn plain(&mut self, text: &str) {
        self.text(Style::new(), text);
    }

    pub(crate) fn dim(&mut self, text: &str) {
        self.text(self.theme.dim(), text);
    }

    pub(crate) fn strong(&mut self, text: &str) {
        self.text(self.theme.strong(), text);
    }

    pub(crate) fn success(&mut self, text: &str) {
        self.text(self.theme.success(), text);
    }

    pub(crate) fn warning(&mut self, text: &str) {
        self.text(self.theme.warning(), text);
    }

    pub(crate) fn error(&mut self, text: &str) {
        self.text(self.theme.error(), text);
    }

    /// Adds a URL on a line of its own.
    pub(crate) fn link(&mut self, url: &str) {
        self.links.push((self.lines.len(), url.to_owned()));
        self.lines.push(Line::styled(url.to_owned(), self.theme.accent()));
    }

    /// Adds a text field with its label on one line, and the notes below it.
    pub(crate) fn field(&mut self, label: &str, field: &Field, is_focused: bool, notes: Vec<(Style, String)>) {
        let (text, cursor) = visible_part(field, self.field_width());
        self.input(label, &text, cursor, is_focused, notes);
    }

    /// Adds a text field that shows a dot for each character.
    pub(crate) fn masked_field(&mut self, label: &str, field: &Field, is_focused: bool, notes: Vec<(Style, String)>) {
        // The cursor stays at the end of the dots, which do not show the text around it.
        let count = field.text().chars().count().min(self.field_width() - 1);
        self.input(label, &"•".repeat(count), count, is_focused, notes);
    }

    fn field_width(&self) -> usize {
        self.width.saturating_sub(FIELD_LABEL_WIDTH + 2).clamp(8, 60)
    }

    fn input(&mut self, label: &str, text: &str, cursor: usize, is_focused: bool, notes: Vec<(Style, String)>) {
        if is_focused {
            self.focus = Some(self.lines.len());
            self.cursor = Some((2 + FIELD_LABEL_WIDTH + cursor, self.lines.len()));
        }
        let padded = format!("{text}{}", " ".repeat(self.field_width().saturating_sub(columns(text))));
        self.lines.push(Line::from(vec![
            cursor_mark(self.theme, is_focused),
            self.field_label(label, is_focused),
            Span::styled(padded, self.theme.field(is_focused)),
        ]));
        let indent = " ".repeat(2 + FIELD_LABEL_WIDTH);
        for (style, note) in notes {
            for line in wrap(&note, self.width.saturating_sub(2 + FIELD_LABEL_WIDTH)) {
                self.lines.push(Line::from(vec![Span::raw(indent.clone()), Span::styled(line, style)]));
            }
        }
    }

    fn field_label(&self, label: &str, is_focused: bool) -> Span<'static> {
        let style = if is_focused { self.theme.selected() } else { self.theme.strong() };
        Span::styled(format!("{label:<FIELD_LABEL_WIDTH$}"), style)
    }

    /// Adds a value among fields that is changed by a key instead of typed; `note` names the key.
    pub(crate) fn selection(&mut self, label: &str, value: &str, note: &str, is_focused: bool) {
        let room = self.width.saturating_sub(2 + FIELD_LABEL_WIDTH + 3 + columns(note));
        self.lines.push(Line::from(vec![
            cursor_mark(self.theme, is_focused),
            self.field_label(label, is_focused),
            Span::raw(fit(value, room)),
            Span::styled(format!("   {note}"), self.theme.dim()),
        ]));
    }

    /// Adds a label and its value, over as many lines as needed.
    pub(crate) fn value(&mut self, label: &str, value: &str) {
        self.value_with_note(label, value, "");
    }

    /// Adds a label, its value, and a note on what can be done with the value.
    pub(crate) fn value_with_note(&mut self, label: &str, value: &str, note: &str) {
        let room = self.width.saturating_sub(LABEL_WIDTH).max(10);
        let mut label = label;
        let mut used = 0;
        for row in wrap(value, room) {
            used = columns(&row);
            let label_span = Span::styled(format!("{label:<LABEL_WIDTH$}"), self.theme.dim());
            self.lines.push(Line::from(vec![label_span, Span::raw(row)]));
            label = "";
        }
        if note.is_empty() {
            return;
        }
        let gap = if used + 3 + columns(note) > room {
            self.blank();
            LABEL_WIDTH
        } else {
            3
        };
        if let Some(line) = self.lines.last_mut() {
            line.push_span(Span::styled(format!("{}{note}", " ".repeat(gap)), self.theme.dim()));
        }
    }

    /// Returns how many lines do not fit in `height`.
    pub(crate) fn overflow(&self, height: u16) -> u16 {
        u16::try_from(self.lines.len()).unwrap_or(u16::MAX).saturating_sub(height)
    }

    /// Draws the lines, scrolled by `scroll` or to the focus; returns the visible links.
    pub(crate) fn draw(&self, frame: &mut Frame<'_>, area: Rect, scroll: u16) -> Vec<Link> {
        let theme = self.theme;
        let height = usize::from(area.height);
        let max_top = self.lines.len().saturating_sub(height);
        let top = match self.focus {
            // Up to two lines below the focus stay visible.
            Some(focus) => (focus + 3).saturating_sub(height).min(max_top),
            None => usize::from(scroll).min(max_top),
        };
        for (row, line) in self.lines.iter().skip(top).take(height).enumerate() {
            let y = area.y + u16::try_from(row).unwrap_or_default();
            frame.buffer_mut().set_line(area.x, y, line, area.width);
        }
        if area.width > 0 && height > 0 {
            let mark = |frame: &mut Frame<'_>, y, text| {
                frame.buffer_mut().set_stringn(area.right() - 1, y, text, 1, theme.dim());
            };
            if top > 0 {
                mark(frame, area.y, theme.symbol("↑", "^"));
            }
            if top < max_top {
                mark(frame, area.bottom() - 1, theme.symbol("↓", "v"));
            }
        }
        let visible_row = |line: usize| -> Option<u16> {
            let row = line.checked_sub(top).filter(|row| *row < height)?;
            Some(area.y + u16::try_from(row).ok()?)
        };
        if let Some((column, line)) = self.cursor
            && let Some(y) = visible_row(line)
        {
            let x = area.x + u16::try_from(column).unwrap_or(u16::MAX).min(area.width.saturating_sub(1));
            frame.set_cursor_position(Position::new(x, y));
        }
        let links = self.links.iter().filter_map(|(line, url)| {
            let style = self.lines.get(*line)?.style;
            let has_room = columns(url) <= usize::from(area.width);
            has_room.then_some(Link { at: Position::new(area.x, visible_row(*line)?), url: url.clone(), style })
        });
        links.collect()
    }
}

/// Returns the part of a field's text that `width` columns hold, and the cursor's column in it.
fn visible_part(field: &Field, width: usize) -> (String, usize) {
    let scroll = field.scroll(width - 1);
    let text = skip_columns(field.text(), scroll);
    (fit(text, width), field.cursor().saturating_sub(scroll).min(width - 1))
}

/// Returns the mark before a line that can be selected.
pub(crate) fn cursor_mark(theme: Theme, is_selected: bool) -> Span<'static> {
    if is_selected { Span::styled(theme.symbol("› ", "> "), theme.selected()) } else { Span::raw("  ") }
}

/// Returns a line of text after a short mark.
pub(crate) fn marked_line(theme: Theme, mark: &str, text: &str) -> Line<'static> {
    Line::from(vec![Span::styled(format!("  {mark:<6}"), theme.accent()), Span::raw(text.to_owned())])
}

/// Returns the style of a line that can be selected.
pub(crate) fn row_style(theme: Theme, is_selected: bool) -> Style {
    if is_selected { theme.selected() } else { Style::new() }
}
