//! The tables `[keys.CONTEXT]`, unchecked: only the interface knows its key contexts (a screen, one of its modes, or a dialog),
//! actions and keys.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

/// A table `[keys.CONTEXT]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyTable {
    /// The name of the context.
    pub name: String,
    /// The line of the name.
    pub line: usize,
    /// Sorted by action.
    pub entries: Vec<KeyEntry>,
}

/// An entry `ACTION = KEY`, or `ACTION = [KEY, KEY]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyEntry {
    pub action: String,
    pub keys: Vec<String>,
    /// The line of the action.
    pub line: usize,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum KeyList {
    One(String),
    Several(Vec<String>),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct KeyTables {
    keys: BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, KeyList>>,
}

/// Reads the tables from the text of `config.toml`.
pub(super) fn read(text: &str) -> Result<Vec<KeyTable>, toml::de::Error> {
    let line =
        |name: &Spanned<String>| text.get(..name.span().start).map_or(1, |before| before.matches('\n').count() + 1);
    let entry = |(action, keys): (Spanned<String>, KeyList)| KeyEntry {
        line: line(&action),
        action: action.into_inner(),
        keys: match keys {
            KeyList::One(key) => vec![key],
            KeyList::Several(keys) => keys,
        },
    };
    let KeyTables { keys } = toml::from_str(text)?;
    let table = |(name, entries): (Spanned<String>, BTreeMap<Spanned<String>, KeyList>)| KeyTable {
        line: line(&name),
        name: name.into_inner(),
        entries: entries.into_iter().map(entry).collect(),
    };
    Ok(keys.into_iter().map(table).collect())
}
