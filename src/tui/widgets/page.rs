//! A page: titled lines that scroll so that the focus stays in sight. Every screen but the
//! profile list is one, so that all of them work at every size.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::field::Field;
use crate::text::{columns, fit, skip_columns, wrap};
use crate::tui::theme::Theme;

/// Columns of a label.
const LABEL: usize = 14;
/// Columns of a field's label, after its mark.
const FIELD_LABEL: usize = 15;

/// What a screen shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    /// What the screen is for.
    pub title: String,
    /// The title's style where it is not the accent.
    pub title_style: Style,
    /// On the right of the title.
    pub right: String,
    /// The lines.
    pub lines: Vec<Line<'static>>,
    /// The line that must be in sight.
    pub focus: Option<usize>,
    /// Column and line of the text cursor.
    pub cursor: Option<(usize, usize)>,
    /// Addresses that can be opened: line and address, which stands at the line's start.
    pub links: Vec<(usize, String)>,
}

/// An address on the screen, for terminals that can open it (OSC 8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it stands.
    pub at: Position,
    /// The address, which is also what is shown.
    pub address: String,
    /// How it looks.
    pub style: Style,
}

impl Page {
    /// An empty page.
    pub(crate) fn titled(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// A blank line.
    pub(crate) fn blank(&mut self) {
        self.lines.push(Line::default());
    }

    /// Text, wrap at `width`.
    pub(crate) fn text(&mut self, style: Style, text: &str, width: usize) {
        for line in wrap(text, width) {
            self.lines.push(Line::styled(line, style));
        }
    }

    /// An address on a line of its own.
    pub(crate) fn link(&mut self, address: &str, style: Style) {
        self.links.push((self.lines.len(), address.to_owned()));
        self.lines.push(Line::styled(address.to_owned(), style));
    }

    /// A labelled field on one line, with a word beside or below it.
    pub(crate) fn field(&mut self, theme: Theme, input: &Input<'_>, width: usize) {
        let room = width.saturating_sub(FIELD_LABEL + 2).clamp(8, 60);
        let (text, cursor) = input.shown(room);
        let mark = if input.focused { theme.pick("› ", "> ") } else { "  " };
        let style = if input.focused { theme.selected() } else { theme.strong() };
        if input.focused {
            self.focus = Some(self.lines.len());
            self.cursor = Some((2 + FIELD_LABEL + cursor, self.lines.len()));
        }
        let padded = format!("{text}{}", " ".repeat(room.saturating_sub(columns(&text))));
        self.lines.push(Line::from(vec![
            Span::styled(format!("{mark}{:<FIELD_LABEL$}", input.label), style),
            Span::styled(padded, theme.field(input.focused)),
        ]));
        let indent = " ".repeat(2 + FIELD_LABEL);
        for (style, note) in &input.notes {
            for line in wrap(note, width.saturating_sub(2 + FIELD_LABEL)) {
                self.lines.push(Line::from(vec![Span::raw(indent.clone()), Span::styled(line, *style)]));
            }
        }
    }

    /// A value that stands among fields and is not typed, and a word on what changes it.
    pub(crate) fn fixed(&mut self, theme: Theme, label: &str, value: &str, note: &str) {
        self.lines.push(Line::from(vec![
            Span::styled(format!("  {label:<FIELD_LABEL$}"), theme.strong()),
            Span::raw(value.to_owned()),
            Span::styled(format!("   {note}"), theme.dim()),
        ]));
    }

    /// A label, its value over as many lines as it takes, and a word on what can be done with it.
    pub(crate) fn labelled(&mut self, theme: Theme, label: &str, value: &str, note: &str, width: usize) {
        let room = width.saturating_sub(LABEL).max(10);
        let mut label = label;
        let mut used = 0;
        for row in wrap(value, room) {
            used = columns(&row);
            self.lines.push(Line::from(vec![Span::styled(format!("{label:<LABEL$}"), theme.dim()), Span::raw(row)]));
            label = "";
        }
        if note.is_empty() {
            return;
        }
        let gap = if used + 3 + columns(note) > room {
            self.blank();
            LABEL
        } else {
            3
        };
        if let Some(line) = self.lines.last_mut() {
            line.push_span(Span::styled(format!("{}{note}", " ".repeat(gap)), theme.dim()));
        }
    }

    /// How many lines do not fit in `height`.
    pub(crate) fn overflow(&self, height: u16) -> u16 {
        u16::try_from(self.lines.len()).unwrap_or(u16::MAX).saturating_sub(height)
    }

    /// Draws the lines, scrolled by `scroll` or to the focus; gives the links that are in sight.
    pub(crate) fn draw(&self, frame: &mut Frame<'_>, area: Rect, scroll: u16, theme: Theme) -> Vec<Link> {
        let height = usize::from(area.height);
        let furthest = self.lines.len().saturating_sub(height);
        let top = match self.focus {
            // Two lines of company below the focus where there are any.
            Some(focus) => (focus + 3).saturating_sub(height).min(furthest),
            None => usize::from(scroll).min(furthest),
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
                mark(frame, area.y, theme.pick("↑", "^"));
            }
            if top < furthest {
                mark(frame, area.bottom() - 1, theme.pick("↓", "v"));
            }
        }
        let place = |line: usize| -> Option<u16> {
            let row = line.checked_sub(top).filter(|row| *row < height)?;
            Some(area.y + u16::try_from(row).ok()?)
        };
        if let Some((column, line)) = self.cursor
            && let Some(y) = place(line)
        {
            let x = area.x + u16::try_from(column).unwrap_or(u16::MAX).min(area.width.saturating_sub(1));
            frame.set_cursor_position(Position::new(x, y));
        }
        let links = self.links.iter().filter_map(|(line, address)| {
            let style = self.lines.get(*line)?.style;
            let fits = columns(address) <= usize::from(area.width);
            fits.then_some(Link { at: Position::new(area.x, place(*line)?), address: address.clone(), style })
        });
        links.collect()
    }
}

/// A text field as a page shows it.
#[derive(Debug)]
pub(crate) struct Input<'a> {
    /// Its name.
    pub label: &'a str,
    /// What was typed.
    pub field: &'a Field,
    /// Is it typed in?
    pub focused: bool,
    /// Are its characters hidden?
    pub masked: bool,
    /// Words below it.
    pub notes: Vec<(Style, String)>,
}

impl Input<'_> {
    /// The text in `room` columns, and the cursor's column in it.
    fn shown(&self, room: usize) -> (String, usize) {
        if self.masked {
            let count = self.field.text().chars().count();
            // Where the cursor stands among so many dots tells nobody anything.
            return ("•".repeat(count.min(room - 1)), count.min(room - 1));
        }
        let scroll = self.field.scroll(room - 1);
        let text = skip_columns(self.field.text(), scroll);
        (fit(text, room), self.field.cursor().saturating_sub(scroll).min(room - 1))
    }
}

/// A line of text after a short mark.
pub(crate) fn marked(theme: Theme, mark: &str, text: &str) -> Line<'static> {
    Line::from(vec![Span::styled(format!("  {mark:<6}"), theme.accent()), Span::raw(text.to_owned())])
}
