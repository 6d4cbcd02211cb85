//! Keys: how they are written in `config.toml` and on the screen, and which events they match.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use unicode_width::UnicodeWidthChar;

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// The keys that have a name of their own.
const NAMED: &[(&str, KeyCode)] = &[
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("space", KeyCode::Char(' ')),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("page-up", KeyCode::PageUp),
    ("page-down", KeyCode::PageDown),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("insert", KeyCode::Insert),
    ("delete", KeyCode::Delete),
    ("backspace", KeyCode::Backspace),
];

/// The keys that are drawn as a sign where the terminal has it.
const SIGNS: &[(KeyCode, &str)] =
    &[(KeyCode::Up, "↑"), (KeyCode::Down, "↓"), (KeyCode::Left, "←"), (KeyCode::Right, "→")];

/// The highest function key.
const MAX_FUNCTION_KEY: u8 = 24;

impl Key {
    /// A key without modifiers.
    pub const fn code(code: KeyCode) -> Self {
        Self { code, modifiers: KeyModifiers::NONE }
    }

    /// A character without modifiers.
    pub const fn char(c: char) -> Self {
        Self::code(KeyCode::Char(c))
    }

    /// A character with Ctrl.
    pub const fn ctrl(c: char) -> Self {
        Self { code: KeyCode::Char(c), modifiers: KeyModifiers::CONTROL }
    }

    /// A key with Alt.
    pub const fn alt(code: KeyCode) -> Self {
        Self { code, modifiers: KeyModifiers::ALT }
    }

    /// Parses a key as [`Key::name`] writes it: `R`, `ctrl-x`, `alt-left`, `f5`, `enter`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut characters = text.chars();
        if let (Some(c), None) = (characters.next(), characters.next()) {
            return c.width().is_some_and(|width| width > 0 && c != ' ').then_some(Self::char(c));
        }
        let lower = text.to_lowercase();
        if let Some((_, code)) = NAMED.iter().find(|(name, _)| *name == lower) {
            return Some(Self::code(*code));
        }
        if let Some(number) = lower.strip_prefix('f').and_then(|number| number.parse().ok()) {
            return (1..=MAX_FUNCTION_KEY).contains(&number).then_some(Self::code(KeyCode::F(number)));
        }
        let (modifier, rest) = lower.split_once('-')?;
        let base = Self::parse(rest).filter(|base| base.modifiers.is_empty())?;
        let modifiers = match modifier {
            "ctrl" => KeyModifiers::CONTROL,
            "alt" => KeyModifiers::ALT,
            _ => return None,
        };
        Some(Self { modifiers, ..base })
    }

    /// Returns the name used in `config.toml` and in sentences.
    pub fn name(self) -> String {
        let code = match self.code {
            KeyCode::F(number) => format!("F{number}"),
            KeyCode::Char(c) if c != ' ' => c.to_string(),
            code => {
                let named = NAMED.iter().find(|(_, named)| *named == code);
                named.map_or_else(|| format!("{code:?}"), |(name, _)| (*name).to_owned())
            }
        };
        match self.modifiers {
            KeyModifiers::CONTROL => format!("ctrl-{code}"),
            KeyModifiers::ALT => format!("alt-{code}"),
            _ => code,
        }
    }

    /// Returns what the hint bar and the help show: arrows as signs unless `ascii`.
    pub fn label(self, ascii: bool) -> String {
        let sign = SIGNS.iter().find(|(code, _)| *code == self.code && self.modifiers.is_empty() && !ascii);
        sign.map_or_else(|| self.name(), |(_, sign)| (*sign).to_owned())
    }

    /// Returns whether the event is this key. Shift is part of the character and therefore ignored.
    pub fn matches(self, event: &KeyEvent) -> bool {
        self.code == event.code && self.modifiers == event.modifiers.difference(KeyModifiers::SHIFT)
    }

    /// Returns whether the key types a character into a text field.
    pub fn types_character(self) -> bool {
        matches!(self.code, KeyCode::Char(_)) && self.modifiers.is_empty()
    }

    /// Returns whether the key edits a line of text.
    pub(super) fn edits_line(self) -> bool {
        use KeyCode::{Backspace, Delete, End, Home, Left, Right};
        self.types_character()
            || self.modifiers.is_empty() && matches!(self.code, Backspace | Delete | Left | Right | Home | End)
    }

    /// Returns whether the key edits a text of several lines.
    pub(super) fn edits_text(self) -> bool {
        use KeyCode::{Down, Enter, PageDown, PageUp, Up};
        self.edits_line() || self.modifiers.is_empty() && matches!(self.code, Enter | Up | Down | PageUp | PageDown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_key_is_read_again() {
        for text in
            ["r", "R", "/", "-", "é", "ctrl-x", "alt-left", "F5", "space", "enter", "shift-tab", "page-up", "ctrl--"]
        {
            let key = Key::parse(text).unwrap();
            assert_eq!(key.name(), text);
        }
        assert_eq!(Key::parse("F1"), Key::parse("f1"));
        assert_eq!(Key::parse("Ctrl-X"), Some(Key::ctrl('x')));
        for wrong in ["", " ", "rr", "ctrl-", "ctrl-ctrl-x", "hyper-x", "f0", "f99", "\u{7}"] {
            assert_eq!(Key::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn shift_belongs_to_the_character() {
        let event = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert!(Key::char('G').matches(&event) && !Key::char('g').matches(&event));
    }
}
