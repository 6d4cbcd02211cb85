//! A page: panels of lines that scroll so that the selected line stays visible. Every screen except the profile list is drawn as a
//! page, so that all of them work at every size.

mod cropping;
mod drawing;

pub(crate) use drawing::TITLE_GAPS;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::field::Field;
use crate::text::{columns, fit, skip_columns, wrap, wrap_after};
use crate::tui::keymap::{Action, Key, KeyContext};
use crate::tui::layout::{PageWidths, Window};
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
    /// A text on the right of the first panel's title.
    pub title_note: String,
    /// The panels after the first one, which has the title of the page.
    panels: Vec<Panel>,
    /// The width of the aside; `None` where the page has none.
    aside_width: Option<usize>,
    /// Whether it has a table that uses a wide window.
    pub is_wide: bool,
    pub lines: Vec<Line<'static>>,
    /// The lines below the panels, which are always visible.
    pub footnotes: Vec<Line<'static>>,
    pub theme: Theme,
    /// Columns at which text is wrapped.
    pub width: usize,
    /// The key that scrolls, for the title of what does not fit.
    pub scroll_key: String,
    /// The least columns of text in a dialog, so that it keeps its size while its selection moves.
    pub min_text_width: usize,
    /// The lines above and below which a part of the page continues: it has only the rows that fit.
    continued: Vec<(usize, &'static str)>,
    /// How many of the first lines stay visible when the others scroll.
    pub sticky_lines: usize,
    /// How far the last part can be scrolled that has only the rows that fit.
    hidden_lines: usize,
    /// Columns of a value's label.
    pub label_width: usize,
    /// The line that stays visible when the page scrolls: the selected or focused one. Without it the page scrolls by its keys.
    pub visible_line: Option<usize>,
    /// Column and line of the text cursor.
    pub cursor: Option<(usize, usize)>,
    /// URLs that can be opened, each with its line, which has the URL as a text of its own.
    pub links: Vec<(usize, String)>,
    /// What a click on a line does.
    clicks: Vec<(usize, LineClick)>,
}

/// What a click on a line of a page does.
#[derive(Clone, Debug, PartialEq, Eq)]
enum LineClick {
    Key(KeyContext, Action),
    /// Selects a row, or focuses a field.
    Select {
        is_selected: bool,
    },
    /// Selects the row that the line continues.
    SelectContinued,
    Link(String),
}

/// What a click on an area of the screen does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Click {
    /// Performs the action of a key in its context.
    Key(KeyContext, Action),
    /// Moves the selection, or the focus, by so many rows or fields.
    Select(isize),
    /// Opens an earlier step of the setup, by its number in the title bar.
    OpenStep(usize),
    /// Opens a URL.
    Link(String),
}

/// A part of a page with its own title.
#[derive(Clone, Debug)]
struct Panel {
    title: String,
    title_style: Style,
    note: String,
    is_aside: bool,
    /// Whether it is always visible: the others scroll.
    is_pinned: bool,
    /// Its first line.
    start: usize,
}

/// The rows that a panel needs: its border and one line.
const MIN_PANEL_HEIGHT: u16 = 3;

/// A panel with its lines.
struct Block<'a> {
    panel: &'a Panel,
    lines: std::ops::Range<usize>,
}

impl Block<'_> {
    fn framed_height(&self) -> u16 {
        u16::try_from(self.lines.len()).unwrap_or(u16::MAX - 2).saturating_add(2)
    }
}

/// How far a page, or its only part that does not fit, can be scrolled.
#[derive(Clone, Copy, Debug, Default)]
pub struct ScrollRange {
    /// How many lines are not visible at the top position.
    pub max: u16,
    /// How many rows show lines at once.
    pub visible_rows: u16,
}

impl ScrollRange {
    /// Creates the range of lines that an area with these rows shows.
    pub(crate) fn new(lines: usize, visible_rows: u16) -> Self {
        Self { max: u16::try_from(lines).unwrap_or(u16::MAX).saturating_sub(visible_rows), visible_rows }
    }
}

/// What a drawn page shows.
#[derive(Default)]
pub(crate) struct DrawnPage {
    pub links: Vec<Link>,
    /// What a click does, by area.
    pub click_targets: Vec<(Rect, Click)>,
    pub scroll_range: ScrollRange,
    /// The rows that the panels take.
    height: u16,
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
    /// Returns the columns of the longest line.
    pub(crate) fn text_width(&self) -> usize {
        self.lines.iter().map(Line::width).max().unwrap_or_default().max(self.min_text_width)
    }

    pub(crate) fn new(theme: Theme, width: usize, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            title_style: Style::new(),
            title_note: String::new(),
            panels: Vec::new(),
            aside_width: None,
            is_wide: false,
            lines: Vec::new(),
            footnotes: Vec::new(),
            theme,
            width,
            scroll_key: String::new(),
            min_text_width: 0,
            continued: Vec::new(),
            sticky_lines: 0,
            hidden_lines: 0,
            label_width: LABEL_WIDTH,
            visible_line: None,
            cursor: None,
            links: Vec::new(),
            clicks: Vec::new(),
        }
    }

    /// Returns the rows that the panels need below each other.
    pub(crate) fn height(&self, is_framed: bool) -> usize {
        let frame_rows = if is_framed { 2 } else { 1 };
        self.lines.len() + frame_rows * (1 + self.panels.len())
    }

    /// Returns whether all lines and footnotes are visible, with the panels below each other.
    pub(crate) fn fits(&self, window: &Window) -> bool {
        self.height(window.is_framed) + self.footnotes.len() <= usize::from(window.body.height)
    }

    /// Makes the next line a row, or a field, that a click selects.
    pub(crate) fn click_row(&mut self, is_selected: bool) {
        self.clicks.push((self.lines.len(), LineClick::Select { is_selected }));
    }

    /// Makes a click on the next line perform the action of a key.
    pub(crate) fn click_key(&mut self, context: KeyContext, action: Action) {
        self.clicks.push((self.lines.len(), LineClick::Key(context, action)));
    }

    /// Returns what a click on a line does.
    fn click_at(&self, line: usize) -> Option<Click> {
        let is_row = |click: &LineClick| matches!(click, LineClick::Select { .. });
        let (_, click) = self.clicks.iter().find(|(at, _)| *at == line)?;
        Some(match click {
            LineClick::Key(context, action) => Click::Key(*context, *action),
            LineClick::Link(url) => Click::Link(url.clone()),
            LineClick::SelectContinued => {
                let is_before = |(at, click): &&(usize, LineClick)| *at < line && is_row(click);
                return self.click_at(self.clicks.iter().rfind(is_before)?.0);
            }
            LineClick::Select { is_selected: true } => Click::Select(0),
            LineClick::Select { is_selected: false } => {
                let rows = || self.clicks.iter().filter(|(_, click)| is_row(click));
                let selected = rows().position(|(_, click)| *click == LineClick::Select { is_selected: true })?;
                let at = rows().position(|(at, _)| *at == line)?;
                Click::Select(at.cast_signed() - selected.cast_signed())
            }
        })
    }

    /// Creates a page with an aside, which [`Page::aside`] begins.
    pub(crate) fn with_aside(theme: Theme, widths: PageWidths, title: impl Into<String>) -> Self {
        Self { aside_width: Some(widths.aside), ..Self::new(theme, widths.main, title) }
    }

    /// Begins another panel below the ones before.
    pub(crate) fn panel(&mut self, title: impl Into<String>) {
        self.panels.push(Panel {
            title: title.into(),
            title_style: Style::new(),
            note: String::new(),
            is_aside: self.panels.last().is_some_and(|panel| panel.is_aside),
            is_pinned: false,
            start: self.lines.len(),
        });
    }

    /// Begins the first panel of the aside: beside the panels before where the window is wide, below them elsewhere.
    pub(crate) fn aside(&mut self, title: impl Into<String>) {
        self.width = self.aside_width.unwrap_or(self.width);
        self.panel(title);
        if let Some(panel) = self.panels.last_mut() {
            panel.is_aside = true;
        }
    }

    /// Makes the last panel always visible, while the others scroll.
    pub(crate) fn pin(&mut self) {
        if let Some(panel) = self.panels.last_mut() {
            panel.is_pinned = true;
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
            self.visible_line = Some(self.lines.len());
        }
        self.click_row(is_selected);
        spans.insert(0, cursor_mark(self.theme, is_selected));
        self.lines.push(Line::from(spans).style(row_style(self.theme, is_selected)));
    }

    /// Adds a line that continues the last row.
    pub(crate) fn continued_row(&mut self, is_selected: bool, text: String) {
        self.clicks.push((self.lines.len(), LineClick::SelectContinued));
        self.lines.push(Line::raw(text).style(row_style(self.theme, is_selected)));
    }

    /// Adds a paragraph below the panels, which is always visible.
    pub(crate) fn footnote(&mut self, style: Style, text: &str, width: usize) {
        self.footnotes.extend(wrap(text, width).into_iter().map(|line| Line::styled(line, style)));
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

    /// Adds a URL on a line of its own; on several where it is longer, after its slashes.
    pub(crate) fn link(&mut self, url: &str) {
        let parts = wrap_after(url, self.width, &['/', '?', '&']);
        if parts.len() == 1 {
            self.links.push((self.lines.len(), url.to_owned()));
        }
        for part in parts {
            self.clicks.push((self.lines.len(), LineClick::Link(url.to_owned())));
            self.lines.push(Line::styled(part, self.theme.accent()));
        }
    }

    /// Adds a text field with its label on one line, and the notes below it.
    pub(crate) fn field(&mut self, label: &str, field: &Field, is_focused: bool, notes: Vec<(Style, String)>) {
        let (text, cursor) = visible_part(field, self.field_width());
        self.input(label, &text, cursor, is_focused, notes);
    }

    /// Adds a text field as [`Self::field`] does, which shows `default` while it is empty.
    pub(crate) fn field_with_default(
        &mut self,
        label: &str,
        field: &Field,
        default: &str,
        is_focused: bool,
        notes: Vec<(Style, String)>,
    ) {
        let row = self.lines.len();
        if !field.text().is_empty() {
            return self.field(label, field, is_focused, notes);
        }
        self.input(label, &fit(default, self.field_width()), 0, is_focused, notes);
        if let Some(text) = self.lines.get_mut(row).and_then(|line| line.spans.last_mut()) {
            text.style = text.style.patch(self.theme.dim());
        }
    }

    /// Adds a text field that grows with its text: over as many lines as needed.
    pub(crate) fn growing_field(&mut self, label: &str, field: &Field, is_focused: bool, notes: Vec<(Style, String)>) {
        // The cursor is after the last character.
        let rows = field.rows(self.field_width() - 1);
        let last = rows.len() - 1;
        let mut notes = Some(notes);
        self.click_row(is_focused);
        for (number, (text, cursor)) in rows.into_iter().enumerate() {
            let label = if number == 0 { label } else { "" };
            let notes = notes.take_if(|_| number == last).unwrap_or_default();
            self.input_row(label, &text, cursor.filter(|_| is_focused), is_focused, notes);
        }
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
        self.click_row(is_focused);
        self.input_row(label, text, Some(cursor).filter(|_| is_focused), is_focused, notes);
    }

    /// Adds a row of a text field, with the cursor's column where it has the cursor.
    fn input_row(
        &mut self,
        label: &str,
        text: &str,
        cursor: Option<usize>,
        is_focused: bool,
        notes: Vec<(Style, String)>,
    ) {
        if let Some(cursor) = cursor {
            self.visible_line = Some(self.lines.len());
            self.cursor = Some((2 + FIELD_LABEL_WIDTH + cursor, self.lines.len()));
        }
        let padded = format!("{text}{}", " ".repeat(self.field_width().saturating_sub(columns(text))));
        self.lines.push(Line::from(vec![
            focus_mark(self.theme, is_focused),
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

    /// Adds a row whose value is being edited: the text field after `label`, and `unit` behind it.
    pub(crate) fn edited_row(&mut self, label: String, field: &Field, unit: &str) {
        let label_width = columns(&label);
        let unit_width = if unit.is_empty() { 0 } else { columns(unit) + 1 };
        let width = self.width.saturating_sub(2 + label_width + unit_width).clamp(8, 60);
        let (text, cursor) = visible_part(field, width);
        // A number needs only a few columns, so that its unit stays beside it.
        let width = if unit.is_empty() { width } else { width.min(8).max(columns(&text) + 1) };
        self.visible_line = Some(self.lines.len());
        self.cursor = Some((2 + label_width + cursor, self.lines.len()));
        self.click_row(true);
        let padded = format!("{text}{}", " ".repeat(width.saturating_sub(columns(&text))));
        self.lines.push(Line::from(vec![
            focus_mark(self.theme, true),
            Span::styled(label, self.theme.accent()),
            Span::styled(padded, self.theme.field(true)),
            Span::raw(format!(" {unit}").trim_end().to_owned()),
        ]));
    }

    fn field_label(&self, label: &str, is_focused: bool) -> Span<'static> {
        let style = if is_focused { self.theme.accent() } else { self.theme.strong() };
        Span::styled(format!("{label:<FIELD_LABEL_WIDTH$}"), style)
    }

    /// Adds a value among fields that is changed by a key instead of typed; `note` names the key.
    pub(crate) fn selection(&mut self, label: &str, value: &str, note: &str, is_focused: bool) {
        let room = self.width.saturating_sub(2 + FIELD_LABEL_WIDTH + 3 + columns(note));
        self.click_row(is_focused);
        let mut line = Line::from(vec![
            focus_mark(self.theme, is_focused),
            self.field_label(label, is_focused),
            Span::raw(format!("{}   ", fit(value, room))),
        ]);
        line.spans.extend(note_spans(self.theme, note));
        self.lines.push(line);
    }

    /// Adds a label and its value, over as many lines as needed.
    pub(crate) fn value(&mut self, label: &str, value: &str) {
        self.value_with_note(label, value, "");
    }

    /// Adds a label, its value, and a note on what can be done with the value, such as `c copy, ctrl-r show`.
    pub(crate) fn value_with_note(&mut self, label: &str, value: &str, note: &str) {
        let label_width = self.label_width;
        let room = self.width.saturating_sub(label_width).max(10);
        let mut label = label;
        let mut used = 0;
        for row in wrap(value, room) {
            used = columns(&row);
            let label_span = Span::styled(format!("{label:<label_width$}"), self.theme.dim());
            self.lines.push(Line::from(vec![label_span, Span::raw(row)]));
            label = "";
        }
        if note.is_empty() {
            return;
        }
        let gap = if used + 3 + columns(note) > room {
            self.blank();
            label_width
        } else {
            3
        };
        if let Some(line) = self.lines.last_mut() {
            line.push_span(Span::raw(" ".repeat(gap)));
            line.spans.extend(note_spans(self.theme, note));
        }
    }
}

/// Returns the spans of a note: keys as key hints show them, and the rest dim.
pub(crate) fn note_spans(theme: Theme, note: &str) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    for (number, part) in note.split(", ").enumerate() {
        if number > 0 {
            spans.push(Span::styled(", ", theme.dim()));
        }
        match part.split_once(' ').filter(|(key, _)| Key::parse(key).is_some()) {
            Some((key, label)) => {
                spans.push(Span::styled(key.to_owned(), theme.accent()));
                spans.push(Span::styled(format!(" {label}"), theme.dim()));
            }
            None => spans.push(Span::styled(part.to_owned(), theme.dim())),
        }
    }
    spans
}

/// Returns the part of a field's text that `width` columns hold, with "…" where text before or after it is hidden, and the
/// cursor's column in it.
pub(super) fn visible_part(field: &Field, width: usize) -> (String, usize) {
    let scroll = field.scroll(width - 1);
    let mut text = skip_columns(field.text(), scroll).to_owned();
    if scroll > 0 {
        let shown = skip_columns(field.text(), scroll + 1);
        let pad = columns(&text).saturating_sub(columns(shown) + 1);
        text = format!("…{}{shown}", " ".repeat(pad));
    }
    (fit(&text, width), field.cursor().saturating_sub(scroll).min(width - 1))
}

/// Makes dim text of a selected row as bright as the rest: dim on the reversed colors of a terminal without colors is hard to
/// read.
pub(crate) fn undim(buffer: &mut Buffer, area: Rect) {
    buffer.set_style(area, Style::new().remove_modifier(Modifier::DIM));
}

/// Returns the mark before a field, whose line keeps its colors.
fn focus_mark(theme: Theme, is_focused: bool) -> Span<'static> {
    if is_focused { Span::styled(theme.symbol("▌ ", "> "), theme.accent()) } else { Span::raw("  ") }
}

/// Returns the mark before a line that can be selected.
pub(crate) fn cursor_mark(theme: Theme, is_selected: bool) -> Span<'static> {
    if is_selected { Span::styled(format!("{} ", theme.cursor()), theme.accent()) } else { Span::raw("  ") }
}

/// Returns the style of a line that can be selected.
pub(crate) fn row_style(theme: Theme, is_selected: bool) -> Style {
    if is_selected { theme.selected() } else { Style::new() }
}
