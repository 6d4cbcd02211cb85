//! Keys from `config.toml`: `[keys.list]` with `reauthorize = "R"`.

use std::str::FromStr;

use super::context::TextEntry;
use super::{Action, BoundKeys, Key, KeyContext, Keymap, LEAVE, SUSPEND};
use crate::config::{KeyEntry, KeyTable};
use crate::text::clean;
use crate::{Error, Result};

/// What unbinds an action.
const NONE: &str = "none";
/// Characters of a quoted name in a message.
const MAX_QUOTED: usize = 40;

/// An action of a context with the keys that a person gave it.
struct Rebinding {
    action: Action,
    keys: Vec<Key>,
    line: usize,
}

impl Keymap {
    /// Applies the `[keys.*]` tables of `config.toml`. A key that is given to an action is taken from the action that has
    /// it by default.
    ///
    /// # Errors
    /// `bad_input` with the line: an unknown table, action or key, a key given to two actions of a context, a key that
    /// cannot be bound there, or a context that could not be left.
    pub fn with_settings(tables: &[KeyTable]) -> Result<Self> {
        let mut bound = Self::default().bound.to_vec();
        for table in tables {
            let context = KeyContext::from_str(&table.name).map_err(|_| {
                wrong(table.line, format!("there is no table [keys.{}]", clean(&table.name, MAX_QUOTED)))
            })?;
            let entries: Result<Vec<Rebinding>> = table.entries.iter().map(|entry| rebinding(context, entry)).collect();
            rebind(context, &mut bound, &entries?)?;
        }
        Ok(Self { bound: bound.into() })
    }
}

fn wrong(line: usize, what: impl std::fmt::Display) -> Error {
    Error::bad_input(
        format!("config.toml, line {line}: {what}."),
        "docs/keys.md lists the tables, the actions and how keys are written.",
    )
}

fn rebinding(context: KeyContext, entry: &KeyEntry) -> Result<Rebinding> {
    let line = entry.line;
    let action = Action::from_str(&entry.action).ok();
    let action = action.filter(|action| context.bindings().iter().any(|binding| binding.action == *action));
    let action = action.ok_or_else(|| {
        wrong(line, format!("[keys.{}] has no action {}", context.name(), clean(&entry.action, MAX_QUOTED)))
    })?;
    if entry.keys == [NONE] {
        return Ok(Rebinding { action, keys: Vec::new(), line });
    }
    let keys: Result<Vec<Key>> = entry.keys.iter().map(|text| parsed(context, text, line)).collect();
    Ok(Rebinding { action, keys: keys?, line })
}

fn parsed(context: KeyContext, text: &str, line: usize) -> Result<Key> {
    let key = Key::parse(text).ok_or_else(|| wrong(line, format!("unknown key \"{}\"", clean(text, MAX_QUOTED))))?;
    if key == LEAVE || key == SUSPEND {
        return Err(wrong(line, format!("{} cannot be bound: it means the same everywhere", key.name())));
    }
    let is_typed = match context.text_entry() {
        TextEntry::None => false,
        TextEntry::Line => key.edits_line(),
        TextEntry::Editor => key.edits_text(),
    };
    if is_typed {
        let name = key.name();
        return Err(wrong(line, format!("{name} cannot be bound in [keys.{}]: it edits text there", context.name())));
    }
    Ok(key)
}

fn rebind(context: KeyContext, bound: &mut [BoundKeys], entries: &[Rebinding]) -> Result<()> {
    let mut given: Vec<(Key, Action)> = Vec::new();
    for entry in entries {
        for key in &entry.keys {
            if let Some((_, other)) = given.iter().find(|(other, _)| other == key) {
                let (key, other, this) = (key.name(), other.name(), entry.action.name());
                return Err(wrong(entry.line, format!("{key} is bound twice: to {other} and to {this}")));
            }
            given.push((*key, entry.action));
        }
    }
    for row in bound.iter_mut().filter(|row| row.context == context) {
        match entries.iter().find(|entry| entry.action == row.binding.action) {
            Some(entry) => row.keys.clone_from(&entry.keys),
            None => row.keys.retain(|key| given.iter().all(|(given, _)| given != key)),
        }
        if row.binding.action == Action::Back && row.keys.is_empty() {
            let line = entries.iter().map(|entry| entry.line).max().unwrap_or_default();
            return Err(wrong(line, format!("back in [keys.{}] needs a key: nothing else leaves it", context.name())));
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
        keymap.bound(context, action).unwrap().keys.iter().map(|key| key.name()).collect()
    }

    #[test]
    fn a_given_key_replaces_the_defaults_and_is_taken_from_them() {
        let keymap = keymap("[keys.list]\nreauthorize = \"R\"\nup = [\"w\", \"alt-up\"]\nundo = \"none\"\n").unwrap();
        assert_eq!(keys(&keymap, KeyContext::List, Action::Reauthorize), ["R"]);
        assert!(keys(&keymap, KeyContext::List, Action::Rename).is_empty());
        assert_eq!(keys(&keymap, KeyContext::List, Action::Up), ["w", "alt-up"]);
        assert!(keys(&keymap, KeyContext::List, Action::Undo).is_empty());
        assert_eq!(keys(&keymap, KeyContext::Results, Action::Up), ["up", "k"], "another context keeps its keys");
    }

    #[test]
    fn a_wrong_entry_is_named_with_its_line() {
        for (text, wanted) in [
            ("[keys.lst]\nup = \"w\"", "line 1: there is no table [keys.lst]."),
            ("[ui]\n[keys.list]\nfly = \"w\"", "line 3: [keys.list] has no action fly."),
            ("[keys.list]\npublish = \"w\"", "line 2: [keys.list] has no action publish."),
            ("[keys.list]\nup = \"hyper-x\"", "line 2: unknown key \"hyper-x\"."),
            ("[keys.list]\nup = \"w\"\ndown = \"w\"", "w is bound twice: to"),
            ("[keys.list]\nup = [\"w\", \"w\"]", "line 2: w is bound twice: to up and to up."),
            ("[keys.list]\nup = \"ctrl-c\"", "line 2: ctrl-c cannot be bound"),
            ("[keys.rename]\nsave = \"s\"", "line 2: s cannot be bound in [keys.rename]: it edits text there."),
            ("[keys.compose]\npreview = \"enter\"", "line 2: enter cannot be bound in [keys.compose]"),
            ("[keys.delete]\nback = \"none\"", "line 2: back in [keys.delete] needs a key"),
            ("[keys.rename]\nsave = \"esc\"", "line 2: back in [keys.rename] needs a key"),
        ] {
            let error = keymap(text).unwrap_err();
            assert!(error.message.contains(wanted), "{}", error.message);
        }
    }
}
