//! Keys: how they are written in `config.toml` and on the screen, and which events they match.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use unicode_width::UnicodeWidthChar;

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// The keys that are written as a name.
const NAMED_KEYS: &[(&str, KeyCode)] = &[
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

/// The keys that the screen shows as a symbol, unless it is limited to ASCII.
const KEY_SYMBOLS: &[(KeyCode, &str)] =
    &[(KeyCode::Up, "↑"), (KeyCode::Down, "↓"), (KeyCode::Left, "←"), (KeyCode::Right, "→")];

const MAX_FUNCTION_KEY: u8 = 24;

impl Key {
    pub const fn code(code: KeyCode) -> Self {
        Self { code, modifiers: KeyModifiers::NONE }
    }

    pub const fn char(c: char) -> Self {
        Self::code(KeyCode::Char(c))
    }

    pub const fn ctrl(c: char) -> Self {
        Self { code: KeyCode::Char(c), modifiers: KeyModifiers::CONTROL }
    }

    pub const fn alt(code: KeyCode) -> Self {
        Self { code, modifiers: KeyModifiers::ALT }
    }

    /// Parses a key as [`Key::name`] writes it: `R`, `ctrl-x`, `alt-T`, `F5`, `enter`. The case matters only for a single character,
    /// and not after `ctrl-`: terminals send the same for both cases.
    pub fn parse(text: &str) -> Option<Self> {
        let mut characters = text.chars();
        if let (Some(c), None) = (characters.next(), characters.next()) {
            return c.width().is_some_and(|width| width > 0 && c != ' ').then_some(Self::char(c));
        }
        let lower = text.to_lowercase();
        if let Some((_, code)) = NAMED_KEYS.iter().find(|(name, _)| *name == lower) {
            return Some(Self::code(*code));
        }
        if let Some(number) = lower.strip_prefix('f').and_then(|number| number.parse().ok()) {
            return (1..=MAX_FUNCTION_KEY).contains(&number).then_some(Self::code(KeyCode::F(number)));
        }
        let (modifier, _) = lower.split_once('-')?;
        let (rest, modifiers) = match modifier {
            "ctrl" => (lower.get("ctrl-".len()..)?, KeyModifiers::CONTROL),
            "alt" => (text.get("alt-".len()..)?, KeyModifiers::ALT),
            _ => return None,
        };
        let base = Self::parse(rest).filter(|base| base.modifiers.is_empty())?;
        Some(Self { modifiers, ..base })
    }

    /// Returns the name used in `config.toml` and in sentences.
    pub fn name(self) -> String {
        let code = match self.code {
            KeyCode::F(number) => format!("F{number}"),
            KeyCode::Char(c) if c != ' ' => c.to_string(),
            code => {
                let named = NAMED_KEYS.iter().find(|(_, named)| *named == code);
                named.map_or_else(|| format!("{code:?}"), |(name, _)| (*name).to_owned())
            }
        };
        match self.modifiers {
            KeyModifiers::CONTROL => format!("ctrl-{code}"),
            KeyModifiers::ALT => format!("alt-{code}"),
            _ => code,
        }
    }

    /// Returns what key hints and the help show: arrows as symbols unless `is_ascii`.
    pub fn label(self, is_ascii: bool) -> String {
        let symbol = KEY_SYMBOLS.iter().find(|(code, _)| *code == self.code && self.modifiers.is_empty() && !is_ascii);
        symbol.map_or_else(|| self.name(), |(_, symbol)| (*symbol).to_owned())
    }

    /// Returns the press of this key.
    pub const fn to_event(self) -> KeyEvent {
        KeyEvent::new(self.code, self.modifiers)
    }

    /// Returns whether the event is a press of this key. Shift is ignored: it is part of a character (`G`), and with any other key it
    /// has no meaning of its own, so that shift-up is `up`.
    pub fn matches(self, event: &KeyEvent) -> bool {
        self.code == event.code && self.modifiers == event.modifiers.difference(KeyModifiers::SHIFT)
    }

    fn types_character(self) -> bool {
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
    use crate::tui::keymap::Keymap;

    #[test]
    fn parse_reads_what_name_writes() {
        for text in
            ["r", "R", "/", "-", "é", "ctrl-x", "alt-left", "F5", "space", "enter", "shift-tab", "page-up", "ctrl--"]
        {
            let key = Key::parse(text).unwrap();
            assert_eq!(key.name(), text);
        }
        for key in Keymap::default().bound.iter().flat_map(|bound| &bound.keys) {
            assert_eq!(Key::parse(&key.name()), Some(*key));
        }
        assert_eq!(Key::parse("F1"), Key::parse("f1"));
        assert_eq!(Key::parse("Ctrl-X"), Some(Key::ctrl('x')));
        assert_eq!(Key::parse("Alt-Left"), Some(Key::alt(KeyCode::Left)));
        assert_eq!(Key::parse("Alt-T"), Some(Key::alt(KeyCode::Char('T'))));
        for wrong in ["", " ", "rr", "ctrl-", "ctrl-ctrl-x", "hyper-x", "f0", "f99", "\u{7}"] {
            assert_eq!(Key::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn shift_is_part_of_the_character() {
        let event = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert!(Key::char('G').matches(&event) && !Key::char('g').matches(&event));
    }
}
