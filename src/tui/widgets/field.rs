//! A line of typed text.

use crossterm::event::{Event, KeyEvent};
use tui_input::backend::crossterm::EventHandler;
use tui_input::{Input, InputRequest};
use zeroize::Zeroize;

/// Longest text that is taken.
const MOST: usize = 4096;

/// A text field; `Debug` shows its length only.
#[derive(Clone, Default)]
pub struct Field(Input);

impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Field({} characters)", self.0.value().chars().count())
    }
}

impl Field {
    /// A field with a text in it, the cursor at its end.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Input::new(text.into()))
    }

    /// The text.
    pub fn text(&self) -> &str {
        self.0.value()
    }

    /// The text without space around it.
    pub fn trimmed(&self) -> &str {
        self.0.value().trim()
    }

    /// The cursor, in columns.
    pub fn cursor(&self) -> usize {
        self.0.visual_cursor()
    }

    /// The first column to show in `width` columns.
    pub fn scroll(&self, width: usize) -> usize {
        self.0.visual_scroll(width)
    }

    /// A key that is no command.
    pub fn type_key(&mut self, key: KeyEvent) {
        if self.room() > 0 || !matches!(key.code, crossterm::event::KeyCode::Char(_)) {
            self.0.handle_event(&Event::Key(key));
        }
    }

    /// Inserts pasted text, already cleaned. Returns how many characters were inserted where that was not all of it.
    pub fn insert(&mut self, text: &str) -> Option<usize> {
        let room = self.room();
        for c in text.chars().take(room) {
            self.0.handle(InputRequest::InsertChar(c));
        }
        text.chars().nth(room).map(|_| room)
    }

    /// Returns how many more characters are taken.
    fn room(&self) -> usize {
        MOST.saturating_sub(self.0.value().chars().count())
    }

    /// Empties it and wipes what was there.
    pub fn wipe(&mut self) {
        let mut old = std::mem::take(&mut self.0).value().to_owned();
        old.zeroize();
    }
}

/// A pasted text as it was meant: one line, without stray spaces, quotes or zero-width characters.
/// The second value says that there was more than one line.
pub(crate) fn cleaned(pasted: &str) -> (String, bool) {
    // More than a field takes, so that the field reports the cut.
    crate::text::clean_pasted(pasted, 2 * MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u13_a_pasted_line_is_cleaned() {
        for text in ["a b", "  a b\r\n", "\"a b\"", "\u{feff}a b\u{200b}"] {
            assert_eq!(cleaned(text), ("a b".to_owned(), false), "{text:?}");
        }
        assert_eq!(cleaned("one\ntwo"), ("one".to_owned(), true));
        assert_eq!(cleaned("a\u{1b}[201~b").0, "a[201~b");
    }

    #[test]
    fn u14_a_large_paste_is_cut() {
        let mut field = Field::default();
        assert_eq!(field.insert(&cleaned(&"x".repeat(1_000_000)).0), Some(MOST));
        assert_eq!(field.text().len(), MOST);
        assert_eq!(format!("{field:?}"), "Field(4096 characters)");
    }
}
