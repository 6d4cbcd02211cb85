//! The `[keys.*]` tables of `config.toml`, which change the default keys.

use std::str::FromStr;

use super::context::TextEntry;
use super::{Action, BoundKeys, Key, KeyContext, Keymap, QUIT_KEY, SUSPEND_KEY};
use crate::config::{KeyEntry, KeyTable};
use crate::text::sanitize;
use crate::{Error, Result};

/// The value that unbinds an action.
const UNBOUND: &str = "none";
/// The length at which a message cuts a name that it quotes.
const MAX_QUOTED_CHARS: usize = 40;

/// The characters that terminals send as another key with ctrl: both have the same control character.
const SENT_FOR_CTRL: &[(char, &str)] = &[('i', "tab"), ('m', "enter"), ('[', "esc")];

/// An entry of a table.
struct Rebinding {
    action: Action,
    keys: Vec<Key>,
    line: usize,
}

impl Keymap {
    /// Applies the tables. A key that an entry binds is no longer bound to the action that has it by default.
    ///
    /// # Errors
    /// `bad_input` with the line: an unknown table, action or key, a key that two entries of a table bind, a key that
    /// cannot be bound there, or a context without a key for "back".
    pub fn with_settings(tables: &[KeyTable]) -> Result<Self> {
        let mut bound = Self::default().bound.to_vec();
        for table in tables {
            let context = KeyContext::from_str(&table.name).map_err(|_| {
                bad_entry(table.line, format!("there is no table [keys.{}]", sanitize(&table.name, MAX_QUOTED_CHARS)))
            })?;
            let entries: Result<Vec<Rebinding>> =
                table.entries.iter().map(|entry| parse_entry(context, entry)).collect();
            apply(context, &mut bound, &entries?)?;
        }
        Ok(Self { bound: bound.into() })
    }
}

fn bad_entry(line: usize, what: impl std::fmt::Display) -> Error {
    Error::bad_input(
        format!("config.toml, line {line}: {what}."),
        "docs/keys.md lists the tables, the actions and how keys are written.",
    )
}

fn parse_entry(context: KeyContext, entry: &KeyEntry) -> Result<Rebinding> {
    let line = entry.line;
    let action = Action::from_str(&entry.action).ok();
    let action = action.filter(|action| context.bindings().any(|binding| binding.action == *action));
    let action = action.ok_or_else(|| {
        bad_entry(
            line,
            format!("[keys.{}] has no action {}", context.name(), sanitize(&entry.action, MAX_QUOTED_CHARS)),
        )
    })?;
    if entry.keys == [UNBOUND] {
        return Ok(Rebinding { action, keys: Vec::new(), line });
    }
    let keys: Result<Vec<Key>> = entry.keys.iter().map(|text| parse_key(context, text, line)).collect();
    Ok(Rebinding { action, keys: keys?, line })
}

fn parse_key(context: KeyContext, text: &str, line: usize) -> Result<Key> {
    let key = Key::parse(text)
        .ok_or_else(|| bad_entry(line, format!("unknown key \"{}\"", sanitize(text, MAX_QUOTED_CHARS))))?;
    if key == QUIT_KEY || key == SUSPEND_KEY {
        return Err(bad_entry(line, format!("{} cannot be bound: it means the same everywhere", key.name())));
    }
    if let Some((_, sent)) = SENT_FOR_CTRL.iter().find(|(c, _)| key == Key::ctrl(*c)) {
        return Err(bad_entry(line, format!("{} cannot be bound: terminals send {sent} for it", key.name())));
    }
    let is_typed = match context.text_entry() {
        TextEntry::None => false,
        TextEntry::Line => key.edits_line(),
        TextEntry::MultiLine => key.edits_text(),
    };
    // A key that the context binds by default does not edit text there.
    if is_typed && !context.own_bindings().iter().any(|binding| binding.keys.contains(&key)) {
        let name = key.name();
        return Err(bad_entry(
            line,
            format!("{name} cannot be bound in [keys.{}]: it edits text there", context.name()),
        ));
    }
    Ok(key)
}

fn apply(context: KeyContext, bound: &mut [BoundKeys], entries: &[Rebinding]) -> Result<()> {
    let mut rebound: Vec<(Key, Action)> = Vec::new();
    for entry in entries {
        for key in &entry.keys {
            if let Some((_, other)) = rebound.iter().find(|(other, _)| other == key) {
                let (key, other, this) = (key.name(), other.name(), entry.action.name());
                return Err(bad_entry(entry.line, format!("{key} is bound twice: to {other} and to {this}")));
            }
            rebound.push((*key, entry.action));
        }
    }
    for bound in bound.iter_mut().filter(|bound| bound.context == context) {
        match entries.iter().find(|entry| entry.action == bound.binding.action) {
            Some(entry) => bound.keys.clone_from(&entry.keys),
            None => bound.keys.retain(|key| rebound.iter().all(|(other, _)| other != key)),
        }
        if bound.binding.action == Action::Back && bound.keys.is_empty() {
            let line = entries.iter().map(|entry| entry.line).max().unwrap_or_default();
            return Err(bad_entry(
                line,
                format!("back in [keys.{}] needs a key: nothing else leaves it", context.name()),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    fn keymap(text: &str) -> Result<Keymap> {
        Keymap::with_settings(&Settings::parse(text).unwrap().keys)
    }

    fn keys(keymap: &Keymap, context: KeyContext, action: Action) -> Vec<String> {
        keymap.find(context, action).unwrap().keys.iter().map(|key| key.name()).collect()
    }

    #[test]
    fn rebound_key_replaces_the_default_keys() {
        let keymap = keymap("[keys.list]\nreauthorize = \"R\"\nup = [\"w\", \"alt-up\"]\nundo = \"none\"\n").unwrap();
        assert_eq!(keys(&keymap, KeyContext::List, Action::Reauthorize), ["R"]);
        assert!(keys(&keymap, KeyContext::List, Action::ReauthorizeDue).is_empty(), "it had the key by default");
        assert_eq!(keys(&keymap, KeyContext::List, Action::Up), ["w", "alt-up"]);
        assert!(keys(&keymap, KeyContext::List, Action::Undo).is_empty());
        assert_eq!(keys(&keymap, KeyContext::JobResults, Action::Up), ["up", "k"], "another context keeps its keys");
    }

    #[test]
    fn bad_entry_is_named_with_its_line() {
        for (text, expected) in [
            ("[keys.lst]\nup = \"w\"", "line 1: there is no table [keys.lst]."),
            ("[ui]\n[keys.list]\nfly = \"w\"", "line 3: [keys.list] has no action fly."),
            ("[keys.list]\npublish = \"w\"", "line 2: [keys.list] has no action publish."),
            ("[keys.list]\nup = \"hyper-x\"", "line 2: unknown key \"hyper-x\"."),
            ("[keys.list]\nup = \"w\"\ndown = \"w\"", "w is bound twice: to"),
            ("[keys.list]\nup = [\"w\", \"w\"]", "line 2: w is bound twice: to up and to up."),
            ("[keys.list]\nup = \"ctrl-c\"", "line 2: ctrl-c cannot be bound"),
            ("[keys.list]\nup = \"ctrl-i\"", "line 2: ctrl-i cannot be bound: terminals send tab for it."),
            ("[keys.list]\nup = \"Ctrl-M\"", "line 2: ctrl-m cannot be bound: terminals send enter for it."),
            ("[keys.list]\nup = \"ctrl-[\"", "line 2: ctrl-[ cannot be bound: terminals send esc for it."),
            ("[keys.rename]\nsave = \"s\"", "line 2: s cannot be bound in [keys.rename]: it edits text there."),
            ("[keys.compose]\npreview = \"enter\"", "line 2: enter cannot be bound in [keys.compose]"),
            ("[keys.delete]\nback = \"none\"", "line 2: back in [keys.delete] needs a key"),
            ("[keys.rename]\nsave = \"esc\"", "line 2: back in [keys.rename] needs a key"),
        ] {
            let error = keymap(text).unwrap_err();
            assert!(error.message.contains(expected), "{}", error.message);
        }
    }
}
