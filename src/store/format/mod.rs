//! The TOML documents. serde reads them; writing edits the document on disk, so that comments and unknown keys survive.

pub(super) mod app;
mod deliveries;
mod document;
pub(super) mod permissions;
pub(super) mod profile;
mod schema;
mod secrets;
pub(super) mod state;

use std::ops::Range;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use toml_edit::{ArrayOfTables, Item, Table, TableLike, value};

use super::fs::damaged_error;
use crate::text::format_position;
use crate::{Code, Error, Result};

pub(super) use document::Document;
pub(super) use schema::check_is_not_newer;
pub(super) use secrets::{SecretWriter, common_encryption, declared_encryption, is_stored_as, mentions_encryption};

/// Parses a document. An error has only the position: a parser's message quotes values, and these may be secrets.
pub(super) fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T> {
    toml::from_str(text).map_err(|error| damaged_at_error(path, text, error.span()))
}

fn damaged_at_error(path: &Path, text: &str, span: Option<Range<usize>>) -> Error {
    damaged_error(path, &format_position(text, span.map_or(0, |span| span.start)))
}

/// Returns the error for the value at `key`, with its position and without its content.
fn damaged_value_error(path: &Path, text: &str, key: &str) -> Error {
    let document = toml_edit::Document::parse(text).ok();
    let span = document.as_ref().and_then(|document| document.get(key)?.span());
    damaged_error(path, &span.map_or_else(|| format!("the key {key}"), |span| format_position(text, span.start)))
}

/// Parses the document on disk for editing, or creates one if `text` is `None`.
pub(super) fn parse_document(path: &Path, text: Option<&str>) -> Result<Document> {
    let text = text.unwrap_or_default();
    let mut document = Document::parse(text).map_err(|error| damaged_at_error(path, text, error.span()))?;
    schema::prepare(path, &mut document)?;
    Ok(document)
}

/// Writes the fields of `new` into `table` and removes those that are absent. Comments and keys that `new` does not know stay,
/// except those in an array of tables, whose rows are replaced.
///
/// The fields are serialized to JSON first, because its `null` distinguishes an absent field from an unknown key.
pub(super) fn write_fields(table: &mut Table, new: &impl Serialize) -> Result<()> {
    match serde_json::to_value(new) {
        Ok(Value::Object(fields)) => {
            write_object(table, fields);
            Ok(())
        }
        _ => Err(Error::new(Code::Unexpected, "A document could not be written.", "")),
    }
}

fn write_object(table: &mut Table, fields: serde_json::Map<String, Value>) {
    for (key, field) in fields {
        match field {
            Value::Object(inner) => {
                if let Some(table) = get_or_insert_table(table, &key) {
                    if inner.values().all(|field| field.is_object() || field.is_null()) {
                        // A table of tables needs no header.
                        table.set_implicit(true);
                    }
                    write_object(table, inner);
                }
            }
            Value::Array(rows) if rows.first().is_some_and(Value::is_object) => {
                let rows: ArrayOfTables = rows.into_iter().map(to_table).collect();
                table.insert(&key, Item::ArrayOfTables(rows));
            }
            field => set_value(table, &key, to_toml_value(field)),
        }
    }
}

pub(super) fn new_table(row: &impl Serialize) -> Result<Table> {
    let mut table = Table::new();
    write_fields(&mut table, row)?;
    Ok(table)
}

fn to_table(row: Value) -> Table {
    let mut table = Table::new();
    if let Value::Object(fields) = row {
        write_object(&mut table, fields);
    }
    table
}

fn to_toml_value(field: Value) -> Option<toml_edit::Value> {
    Some(match field {
        Value::Null | Value::Object(_) => return None,
        Value::Bool(flag) => flag.into(),
        Value::Number(number) => number.as_i64()?.into(),
        Value::String(text) => text.into(),
        Value::Array(items) => items.into_iter().filter_map(to_toml_value).collect::<toml_edit::Array>().into(),
    })
}

/// Sets or removes a value; the comments around an earlier one stay.
pub(crate) fn set_value(table: &mut dyn TableLike, key: &str, new: Option<toml_edit::Value>) {
    let Some(mut new) = new else {
        drop(table.remove(key));
        return;
    };
    match table.get_mut(key).and_then(Item::as_value_mut) {
        // An array may have comments and line breaks within.
        Some(old) if is_equal(old, &new) => {}
        Some(old) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        None => drop(table.insert(key, value(new))),
    }
}

fn is_equal(old: &toml_edit::Value, new: &toml_edit::Value) -> bool {
    use toml_edit::Value::{Array, Boolean, Integer, String};
    match (old, new) {
        (String(old), String(new)) => old.value() == new.value(),
        (Integer(old), Integer(new)) => old.value() == new.value(),
        (Boolean(old), Boolean(new)) => old.value() == new.value(),
        (Array(old), Array(new)) => old.len() == new.len() && old.iter().zip(new).all(|(old, new)| is_equal(old, new)),
        _ => false,
    }
}

/// Renames a key, with its comments. Where both names exist, the value of the new one stays.
pub(crate) fn rename_key(table: &mut dyn TableLike, old: &str, new: &str) {
    let decor = table.key(old).map(|key| key.leaf_decor().clone());
    if let Some(item) = table.remove(old)
        && !table.contains_key(new)
    {
        table.insert(new, item);
        if let (Some(mut key), Some(decor)) = (table.key_mut(new), decor) {
            *key.leaf_decor_mut() = decor;
        }
    }
}

/// Returns the table at `key`, created if missing.
pub(super) fn get_or_insert_table<'a>(table: &'a mut Table, key: &str) -> Option<&'a mut Table> {
    let item = table.entry(key).or_insert(Item::Table(Table::new()));
    if !item.is_table() {
        // Converts an inline table.
        *item = Item::Table(std::mem::take(item).into_table().unwrap_or_default());
    }
    item.as_table_mut()
}

/// Serializes an empty list as absent.
pub(super) fn null_if_empty<T: Serialize, S: serde::Serializer>(items: &[T], to: S) -> Result<S::Ok, S::Error> {
    Some(items).filter(|items| !items.is_empty()).serialize(to)
}

/// Serializes `false` as absent.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes the field")]
fn null_if_false<S: serde::Serializer>(flag: &bool, to: S) -> Result<S::Ok, S::Error> {
    flag.then_some(true).serialize(to)
}

/// Serializes times as RFC 3339, in UTC, to the second.
pub(super) mod rfc3339_seconds {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use crate::clock::rfc3339;

    pub(in crate::store) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        rfc3339(*at).serialize(to)
    }

    pub(in crate::store) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }

    /// Times that may be absent; needs `#[serde(default)]`.
    pub(in crate::store) mod optional {
        use super::{Deserialize as _, Deserializer, Error as _, Serialize as _, Serializer, Timestamp, rfc3339};

        #[expect(clippy::ref_option, reason = "serde passes the field")]
        pub(in crate::store) fn serialize<S: Serializer>(at: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
            at.map(rfc3339).serialize(to)
        }

        pub(in crate::store) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
            String::deserialize(from)?.parse().map(Some).map_err(D::Error::custom)
        }
    }
}

/// Reads and writes the document of a profile `p`.
#[cfg(test)]
mod test_profile {
    use crate::store::fuzzing;
    use crate::store::model::Profile;
    use crate::store::name::Name;

    pub(super) fn read_profile(text: &str) -> Profile {
        fuzzing::read(&Name::parse("p").unwrap(), text).unwrap()
    }

    pub(super) fn write_profile(text: &str, profile: &Profile) -> String {
        fuzzing::write(text, profile).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use toml_edit::DocumentMut;

    use super::*;

    #[test]
    fn an_equal_value_keeps_its_form() {
        let mut document: DocumentMut = "a = 0x10 # hex\nb = [ 0x1 ]\nc = true\nd = 'x'\n".parse().unwrap();
        let unchanged = document.to_string();
        let table = document.as_table_mut();
        set_value(table, "a", Some(16.into()));
        set_value(table, "b", Some(toml_edit::Array::from_iter([1]).into()));
        set_value(table, "c", Some(true.into()));
        set_value(table, "d", Some("x".into()));
        assert_eq!(document.to_string(), unchanged);
        let table = document.as_table_mut();
        set_value(table, "a", Some(17.into()));
        set_value(table, "b", Some(toml_edit::Array::from_iter([1, 2]).into()));
        set_value(table, "c", Some(false.into()));
        set_value(table, "d", None);
        assert_eq!(document.to_string(), "a = 17 # hex\nb = [1, 2]\nc = false\n");
    }

    #[test]
    fn a_table_of_tables_gets_no_header() {
        let mut document = DocumentMut::new();
        write_fields(&mut document, &json!({"a": {"none": null, "b": {"c": 1}}, "d": {"e": 2}})).unwrap();
        assert_eq!(document.to_string(), "[a.b]\nc = 1\n\n[d]\ne = 2\n");
    }

    #[test]
    fn an_inline_table_is_converted() {
        let mut document: DocumentMut = "a={ b = 1 }\n".parse().unwrap();
        let table = get_or_insert_table(&mut document, "a").unwrap();
        assert!(table.contains_key("b"));
        set_value(get_or_insert_table(&mut document, "a").unwrap(), "c", Some(2.into()));
        assert_eq!(document.to_string(), "[a]\nb = 1\nc = 2\n");
    }

    #[test]
    fn a_key_is_renamed_with_its_comments() {
        let renamed = |text: &str| {
            let mut document: DocumentMut = text.parse().unwrap();
            rename_key(document.as_table_mut(), "old", "new");
            document.to_string()
        };
        assert_eq!(renamed("# why\nold = 1 # x\n"), "# why\nnew = 1 # x\n");
        assert_eq!(renamed("old = 1\nnew = 2\n"), "new = 2\n");
        assert_eq!(renamed("other = 1\n"), "other = 1\n");
    }
}
