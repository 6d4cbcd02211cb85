//! The number of a file's format: which versions of this program may write and delete it.

use std::path::Path;

use toml_edit::{DocumentMut, Item, value};

use super::files::damaged;
use crate::text::clean;
use crate::{Code, Error, Result};

/// The format's number. A file with a higher one is read but not written.
const SCHEMA: i64 = 1;

fn newer(path: &Path, schema: &str) -> Error {
    Error::new(
        Code::FileNewer,
        format!("{} was written by a newer linkedin-tui (schema {schema}).", path.display()),
        "Update linkedin-tui; this version does not write the file.",
    )
}

/// What a file says of its format.
enum Schema {
    /// Nothing.
    None,
    /// This program writes it.
    Known,
    /// A higher number than this program's, as it is written.
    Newer(String),
    /// No number, or none that there ever was.
    Odd,
}

impl Schema {
    fn of(document: &DocumentMut) -> Self {
        match document.get("schema").map(Item::as_integer) {
            None => Self::None,
            Some(Some(SCHEMA)) => Self::Known,
            Some(Some(number)) if number > SCHEMA => Self::Newer(number.to_string()),
            Some(_) => Self::Odd,
        }
    }

    /// From a text that cannot be parsed: a number that TOML has no room for makes it so, and is a newer one all the same.
    fn of_damaged(text: &str) -> Self {
        let top = text.lines().map(str::trim).take_while(|line| !line.starts_with('['));
        let mut values = top.filter_map(|line| line.strip_prefix("schema")?.trim_start().strip_prefix('='));
        let Some(found) = values.next() else { return Self::None };
        let number: String = found.split('#').next().unwrap_or_default().trim().chars().filter(|c| *c != '_').collect();
        let digits = number.strip_prefix('+').unwrap_or(&number);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        match digits.parse::<i64>() {
            Ok(SCHEMA) => Self::Known,
            Ok(number) if number > SCHEMA => Self::Newer(number.to_string()),
            Err(_) if is_number => Self::Newer(clean(digits, 40)),
            _ => Self::Odd,
        }
    }

    /// Refuses what this version neither writes nor deletes.
    fn check(&self, path: &Path) -> Result<()> {
        match self {
            Self::None | Self::Known => Ok(()),
            Self::Newer(number) => Err(newer(path, number)),
            Self::Odd => Err(damaged(path, "the key schema")),
        }
    }
}

/// Prepares a document for writing: one that says nothing gets this version's number.
///
/// # Errors
/// `file_newer`, `file_damaged`.
pub(super) fn prepare(path: &Path, document: &mut DocumentMut) -> Result<()> {
    let schema = Schema::of(document);
    schema.check(path)?;
    if matches!(schema, Schema::None) {
        document.insert("schema", value(SCHEMA));
    }
    Ok(())
}

/// Refuses to read a file whose schema is no number that there ever was.
///
/// # Errors
/// `file_damaged`.
pub(super) fn check_readable(path: &Path, schema: Option<&toml::Value>) -> Result<()> {
    match schema.map(|schema| schema.as_integer().is_some_and(|number| number >= SCHEMA)) {
        Some(false) => Err(damaged(path, "the key schema")),
        _ => Ok(()),
    }
}

/// Refuses what only its own version may delete: a newer file, and one that may be. Any other damage is no obstacle.
///
/// # Errors
/// `file_newer`, `file_damaged`.
pub(super) fn check_deletable(path: &Path, text: &str) -> Result<()> {
    text.parse::<DocumentMut>().map_or_else(|_| Schema::of_damaged(text), |document| Schema::of(&document)).check(path)
}
