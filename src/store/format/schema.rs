//! The schema number of a document, by which an older version refuses to write or delete it.

use std::path::Path;

use toml_edit::{DocumentMut, Item, value};

use crate::store::fs::damaged_error;
use crate::text::sanitize;
use crate::{Code, Error, Result};

/// A document with a higher number is read but not written.
const SCHEMA: i64 = 1;

fn newer_error(path: &Path, schema: &str) -> Error {
    Error::new(
        Code::FileNewer,
        format!("{} was written by a newer linkedin-tui (schema {schema}).", path.display()),
        "Update linkedin-tui; this version does not write the file.",
    )
}

enum Schema {
    None,
    Known,
    /// The number, as written.
    Newer(String),
    Invalid,
}

impl Schema {
    fn read(document: &DocumentMut) -> Self {
        match document.get("schema").map(Item::as_integer) {
            None => Self::None,
            Some(Some(SCHEMA)) => Self::Known,
            Some(Some(number)) if number > SCHEMA => Self::Newer(number.to_string()),
            Some(_) => Self::Invalid,
        }
    }

    /// Reads a text that cannot be parsed. It is newer if its number is too large for TOML.
    fn read_damaged(text: &str) -> Self {
        let top = text.lines().map(str::trim).take_while(|line| !line.starts_with('['));
        let mut values = top.filter_map(|line| line.strip_prefix("schema")?.trim_start().strip_prefix('='));
        let Some(value) = values.next() else { return Self::None };
        let number: String = value.split('#').next().unwrap_or_default().trim().chars().filter(|c| *c != '_').collect();
        let digits = number.strip_prefix('+').unwrap_or(&number);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        match digits.parse::<i64>() {
            Ok(SCHEMA) => Self::Known,
            Ok(number) if number > SCHEMA => Self::Newer(number.to_string()),
            Err(_) if is_number => Self::Newer(sanitize(digits, 40)),
            _ => Self::Invalid,
        }
    }

    /// Refuses a document that this version neither writes nor deletes.
    fn check(&self, path: &Path) -> Result<()> {
        match self {
            Self::None | Self::Known => Ok(()),
            Self::Newer(number) => Err(newer_error(path, number)),
            Self::Invalid => Err(damaged_error(path, "the key schema")),
        }
    }
}

/// Refuses to write a newer document, and sets the schema of one without it.
pub(super) fn prepare(path: &Path, document: &mut DocumentMut) -> Result<()> {
    let schema = Schema::read(document);
    schema.check(path)?;
    if matches!(schema, Schema::None) {
        document.insert("schema", value(SCHEMA));
    }
    Ok(())
}

/// Refuses to read a document with an invalid schema.
pub(super) fn check_readable(path: &Path, schema: Option<&toml::Value>) -> Result<()> {
    match schema.map(|schema| schema.as_integer().is_some_and(|number| number >= SCHEMA)) {
        Some(false) => Err(damaged_error(path, "the key schema")),
        _ => Ok(()),
    }
}

/// Refuses to delete a document that is or may be newer. A damaged one can be deleted.
pub(in crate::store) fn check_is_not_newer(path: &Path, text: &str) -> Result<()> {
    text.parse::<DocumentMut>()
        .map_or_else(|_| Schema::read_damaged(text), |document| Schema::read(&document))
        .check(path)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::none("a = 1", None)]
    #[case::known("schema = 1", None)]
    #[case::newer("schema = 2", Some(Code::FileNewer))]
    #[case::zero("schema = 0", Some(Code::FileDamaged))]
    #[case::text("schema = \"1\"", Some(Code::FileDamaged))]
    #[case::damaged_none("a", None)]
    #[case::damaged_known("schema = 1 # 2\na", None)]
    #[case::damaged_newer("schema = +1_0\na", Some(Code::FileNewer))]
    #[case::damaged_zero("schema = 0\na", Some(Code::FileDamaged))]
    #[case::damaged_text("schema = x\na", Some(Code::FileDamaged))]
    #[case::damaged_empty("schema =\na", Some(Code::FileDamaged))]
    #[case::too_large_for_toml("schema = 99999999999999999999", Some(Code::FileNewer))]
    #[case::in_a_table("[a]\nschema = 2\nb", None)]
    #[case::similar_key("schemas = 2\na", None)]
    fn newer_and_invalid_documents_cannot_be_deleted(#[case] text: &str, #[case] expected: Option<Code>) {
        assert_eq!(check_is_not_newer(Path::new("p.toml"), text).err().map(|error| error.code), expected);
    }

    #[test]
    fn newer_documents_are_read_but_not_written() {
        let path = Path::new("p.toml");
        let read = |text: &str| check_readable(path, toml::from_str::<toml::Table>(text).unwrap().get("schema"));
        let write = |text: &str| {
            let mut document: DocumentMut = text.parse().unwrap();
            prepare(path, &mut document).map(|()| document.to_string())
        };
        assert!(read("").is_ok() && read("schema = 1").is_ok() && read("schema = 2").is_ok());
        assert_eq!(read("schema = 0").unwrap_err().code, Code::FileDamaged);
        assert_eq!(write("").unwrap(), "schema = 1\n");
        assert_eq!(write("schema = 1 # x\n").unwrap(), "schema = 1 # x\n");
        assert_eq!(write("schema = 2").unwrap_err().code, Code::FileNewer);
        assert_eq!(write("schema = 0").unwrap_err().code, Code::FileDamaged);
    }
}
