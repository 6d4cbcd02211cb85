//! A text field, of one line or of several.

use crossterm::event::{Event, KeyCode, KeyEvent};
use tui_input::backend::crossterm::to_input_request;
use tui_input::{Input, InputRequest};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};
use zeroize::Zeroize;

const MAX_CHARS: usize = 4096;

/// A text field. It may contain a secret, so `Debug` shows its length only.
#[derive(Clone, Default)]
pub struct Field(Input);

impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Field({} characters)", self.0.value().chars().count())
    }
}

impl Field {
    /// Creates a field with the cursor at the end of the text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Input::new(text.into()))
    }

    pub fn text(&self) -> &str {
        self.0.value()
    }

    pub fn trimmed(&self) -> &str {
        self.0.value().trim()
    }

    /// Returns the column of the cursor.
    pub fn cursor(&self) -> usize {
        self.0.visual_cursor()
    }

    /// Returns the first column to show in `width` columns.
    pub fn scroll(&self, width: usize) -> usize {
        self.0.visual_scroll(width)
    }

    /// Returns the text in rows of `width` columns, broken between words where they fit, and the cursor's column in its row. The
    /// column after a row is for the cursor, and for a space.
    pub fn rows(&self, width: usize) -> Vec<(String, Option<usize>)> {
        let text = self.text();
        let mut starts = vec![0];
        // The columns of the row, and the start of its last word.
        let (mut used, mut word) = (0, 0);
        for (at, c) in text.char_indices() {
            let columns = c.width().unwrap_or_default();
            let row = starts.last().copied().unwrap_or_default();
            if c == '\n' {
                starts.push(at + 1);
                (used, word) = (0, at + 1);
                continue;
            }
            let is_space_after = c == ' ' && used == width;
            if used + columns > width && at > row && !is_space_after {
                let start = if word > row { word } else { at };
                starts.push(start);
                used = text[start..at].width();
            }
            used += columns;
            if c == ' ' {
                word = at + 1;
            }
        }
        let cursor = self.cursor_byte();
        let row = |(number, start): (usize, usize)| {
            let next = starts.get(number + 1).copied();
            let end = next.unwrap_or(text.len());
            let has_cursor = cursor >= start && next.is_none_or(|next| cursor < next);
            (
                text[start..end].trim_end_matches('\n').to_owned(),
                has_cursor.then(|| text[start..cursor].width().min(width)),
            )
        };
        starts.iter().copied().enumerate().map(row).collect()
    }

    fn cursor_byte(&self) -> usize {
        self.text().char_indices().nth(self.0.cursor()).map_or(self.text().len(), |(at, _)| at)
    }

    /// Handles a key of a text with several lines; returns whether it is one: the arrow keys leave the text at its ends.
    pub fn type_in_lines(&mut self, key: KeyEvent) -> bool {
        let (text, cursor) = (self.text(), self.cursor_byte());
        let start = text[..cursor].rfind('\n').map_or(0, |at| at + 1);
        let end = text[cursor..].find('\n').map_or(text.len(), |at| cursor + at);
        let column = text[start..cursor].chars().count();
        let in_line = |start: usize| {
            let line = text[start..].split('\n').next().unwrap_or_default();
            text[..start].chars().count() + column.min(line.chars().count())
        };
        let to = match key.code {
            _ if !key.modifiers.is_empty() => None,
            KeyCode::Enter => {
                self.insert("\n");
                return true;
            }
            KeyCode::Up if start == 0 => return false,
            KeyCode::Down if end == text.len() => return false,
            KeyCode::Up => Some(in_line(text[..start - 1].rfind('\n').map_or(0, |at| at + 1))),
            KeyCode::Down => Some(in_line(end + 1)),
            KeyCode::Home => Some(text[..start].chars().count()),
            KeyCode::End => Some(text[..end].chars().count()),
            _ => None,
        };
        match to {
            Some(to) => drop(self.0.handle(InputRequest::SetCursor(to))),
            None => self.type_key(key),
        }
        true
    }

    /// Inserts pasted text with its lines; returns what [`Field::insert`] does.
    pub fn insert_lines(&mut self, pasted: &str) -> Option<usize> {
        let lines = pasted.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n").replace('\t', " ");
        // A copied line often ends with a line break that belongs to no text.
        let lines = lines.trim_end_matches('\n');
        self.insert(&lines.replace(|c: char| c.is_control() && c != '\n', ""))
    }

    /// Handles a key without a binding.
    pub fn type_key(&mut self, key: KeyEvent) {
        let Some(request) = to_input_request(&Event::Key(key)) else { return };
        self.0.handle(request);
        // Only a character, or the text that was cut before, makes the field longer: its end before the cursor is dropped.
        while self.text().chars().count() > MAX_CHARS {
            self.0.handle(InputRequest::DeletePrevChar);
        }
    }

    /// Inserts pasted text that is already cleaned; returns how many were inserted, where that was not all.
    pub fn insert(&mut self, text: &str) -> Option<usize> {
        let count = self.remaining_chars();
        for c in text.chars().take(count) {
            self.0.handle(InputRequest::InsertChar(c));
        }
        text.chars().nth(count).map(|_| count)
    }

    fn remaining_chars(&self) -> usize {
        MAX_CHARS.saturating_sub(self.0.value().chars().count())
    }

    /// Clears the field, and overwrites its text in memory. Out of reach are the copies that a growing text left behind, and
    /// what the user cut from it (ctrl-u, ctrl-w, ctrl-k): the input keeps that to paste it again.
    pub fn wipe(&mut self) {
        self.take_text().zeroize();
    }

    /// Clears the field and returns its text, which is moved and not copied: a copy would leave the original in memory.
    fn take_text(&mut self) -> String {
        std::mem::take(&mut self.0).into()
    }
}

/// Returns the first line of a pasted text without surrounding spaces, quotes and zero-width characters, and whether there
/// were more lines.
pub(crate) fn clean_line(pasted: &str) -> (String, bool) {
    // More than a field holds, so that the field reports the cut.
    crate::text::clean_pasted(pasted, 2 * MAX_CHARS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u13_a_pasted_line_is_cleaned() {
        for text in ["a b", "  a b\r\n", "\"a b\"", "\u{feff}a b\u{200b}"] {
            assert_eq!(clean_line(text), ("a b".to_owned(), false), "{text:?}");
        }
        assert_eq!(clean_line("one\ntwo"), ("one".to_owned(), true));
        assert_eq!(clean_line("a\u{1b}[201~b").0, "a[201~b");
    }

    #[test]
    fn the_wiped_text_is_not_a_copy() {
        let mut field = Field::new("s3cret");
        let address = field.text().as_ptr();
        let taken = field.take_text();
        assert_eq!((taken.as_str(), taken.as_ptr()), ("s3cret", address));
        let mut field = Field::new("s3cret");
        field.wipe();
        assert_eq!((field.text(), field.cursor()), ("", 0));
    }

    #[test]
    fn rows_break_between_words_and_have_the_cursor() {
        for (text, back, rows) in [
            ("", 0, vec![("", Some(0))]),
            ("one two", 0, vec![("one two", Some(7))]),
            ("one two three", 0, vec![("one two ", None), ("three", Some(5))]),
            ("one two three", 6, vec![("one two ", Some(7)), ("three", None)]),
            ("one two three", 5, vec![("one two ", None), ("three", Some(0))]),
            ("incomprehensible", 0, vec![("incompr", None), ("ehensib", None), ("le", Some(2))]),
            ("日本語日本", 0, vec![("日本語", None), ("日本", Some(4))]),
            ("one\ntwo", 0, vec![("one", None), ("two", Some(3))]),
            ("one\n\ntwo", 4, vec![("one", None), ("", Some(0)), ("two", None)]),
            ("one\n", 1, vec![("one", Some(3)), ("", None)]),
        ] {
            let mut field = Field::new(text);
            for _ in 0..back {
                field.type_key(KeyEvent::from(KeyCode::Left));
            }
            let expected: Vec<_> = rows.into_iter().map(|(row, cursor)| (row.to_owned(), cursor)).collect();
            assert_eq!(field.rows(7), expected, "{text} {back}");
        }
    }

    #[test]
    fn keys_move_between_lines_and_leave_at_the_ends() {
        use KeyCode::{Char, Down, End, Enter, Home, Up};
        let mut field = Field::default();
        assert_eq!(field.insert_lines("a\u{1b}b\r\nlonger\tline\u{2029}c\n"), None);
        assert_eq!(field.text(), "ab\nlonger line\nc");
        let cursor_after = |field: &mut Field, code| {
            let is_handled = field.type_in_lines(KeyEvent::from(code));
            is_handled.then(|| field.cursor_byte())
        };
        for (code, cursor) in [
            (Down, None),
            (Up, Some(4)),
            (End, Some(14)),
            (Up, Some(2)),
            (Up, None),
            (Home, Some(0)),
            (Down, Some(3)),
            (Enter, Some(4)),
            (Char('x'), Some(5)),
        ] {
            assert_eq!(cursor_after(&mut field, code), cursor, "{code:?}");
        }
        assert_eq!(field.text(), "ab\n\nxlonger line\nc");
    }

    #[test]
    fn pasted_lines_keep_their_spaces() {
        let mut field = Field::new("hello");
        field.insert_lines("  and more \n");
        assert_eq!(field.text(), "hello  and more ");
    }

    #[test]
    fn full_field_can_be_edited_but_not_grow() {
        use crossterm::event::KeyModifiers;
        let ctrl = |key| KeyEvent::new(KeyCode::Char(key), KeyModifiers::CONTROL);
        let mut field = Field::default();
        field.insert(&"x".repeat(MAX_CHARS));
        field.type_key(KeyEvent::from(KeyCode::Char('y')));
        assert_eq!(field.text(), "x".repeat(MAX_CHARS));
        field.type_key(ctrl('u'));
        assert_eq!(field.text(), "");
        field.type_key(ctrl('y'));
        field.type_key(ctrl('y'));
        assert_eq!(field.text().len(), MAX_CHARS);
    }

    #[test]
    fn u14_a_large_paste_is_cut() {
        let mut field = Field::default();
        assert_eq!(field.insert(&clean_line(&"x".repeat(1_000_000)).0), Some(MAX_CHARS));
        assert_eq!(field.text().len(), MAX_CHARS);
        assert_eq!(format!("{field:?}"), "Field(4096 characters)");
    }
}
