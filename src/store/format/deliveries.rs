//! The deliveries of a profile's document: `[[deliver]]`, which the user edits, and their results in `[delivered]`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use toml_edit::{ArrayOfTables, Item, Table};

use super::{get_or_insert_table, null_if_false, rename_key, rfc3339_seconds, write_fields};
use crate::Result;
use crate::store::delivery::{CommandExit, Delivery, DeliveryResult, Input};

#[derive(Deserialize, Serialize)]
pub(super) struct DeliverTable {
    name: String,
    #[serde(default)]
    command: Vec<String>,
    input: Option<String>,
    template: Option<String>,
}

impl DeliverTable {
    fn input(&self) -> Input {
        match (self.input.as_deref(), &self.template) {
            (Some("token") | None, None) => Input::Token,
            (Some("env"), None) => Input::Env,
            (Some("json"), None) => Input::Json,
            (Some("environment"), None) => Input::Environment,
            (Some("template") | None, Some(text)) => Input::Template(text.clone()),
            _ => Input::Unknown,
        }
    }
}

impl From<&Delivery> for DeliverTable {
    fn from(delivery: &Delivery) -> Self {
        Self {
            name: delivery.name.clone(),
            command: delivery.command.clone(),
            input: Some(delivery.input.as_str().to_owned()),
            template: if let Input::Template(text) = &delivery.input { Some(text.clone()) } else { None },
        }
    }
}

#[derive(Deserialize, Serialize)]
pub(super) struct DeliveredTable {
    #[serde(with = "rfc3339_seconds")]
    at: Timestamp,
    code: Option<i32>,
    failure: Option<String>,
    #[serde(default)]
    line: String,
    #[serde(default, alias = "made_up", serialize_with = "null_if_false")]
    test_token: bool,
}

/// The results by the key of their delivery; see [`result_keys`].
pub(super) type DeliveredTables = BTreeMap<String, DeliveredTable>;

impl From<DeliveredTable> for DeliveryResult {
    fn from(table: DeliveredTable) -> Self {
        let failed = || CommandExit::Failed(table.failure.unwrap_or_default());
        let exit = table.code.map_or_else(failed, CommandExit::Code);
        Self { at: table.at, exit, last_line: table.line, is_test_token: table.test_token }
    }
}

impl From<&DeliveryResult> for DeliveredTable {
    fn from(result: &DeliveryResult) -> Self {
        let (code, failure) = match &result.exit {
            CommandExit::Code(code) => (Some(*code), None),
            CommandExit::Failed(reason) => (None, Some(reason.clone())),
        };
        Self { at: result.at, code, failure, line: result.last_line.clone(), test_token: result.is_test_token }
    }
}

pub(super) fn read(tables: Vec<DeliverTable>, mut delivered: DeliveredTables) -> Vec<Delivery> {
    let keys = result_keys(tables.iter().map(|table| table.name.as_str()));
    let delivery = |(table, key): (DeliverTable, String)| Delivery {
        input: table.input(),
        last_result: delivered.remove(&key).map(DeliveryResult::from),
        name: table.name,
        command: table.command,
    };
    tables.into_iter().zip(keys).map(delivery).collect()
}

/// Returns the key of each delivery in `[delivered]`: its name, or `NAME (2)` for the second of that name.
fn result_keys<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Vec<String> {
    let mut used: BTreeSet<String> = BTreeSet::new();
    let delivery_names: BTreeSet<&str> = names.clone().collect();
    let key = |name: &str| {
        let numbered =
            (2_usize..).map(|number| format!("{name} ({number})")).filter(|key| !delivery_names.contains(key.as_str()));
        let key = std::iter::once(name.to_owned()).chain(numbered).find(|key| !used.contains(key)).unwrap_or_default();
        used.insert(key.clone());
        key
    };
    names.map(key).collect()
}

/// Writes the tables that differ from the profile. The others keep their comments, unknown keys and layout.
pub(super) fn write(document: &mut Table, deliveries: &[Delivery]) -> Result<()> {
    write_commands(document, deliveries)?;
    let keys = result_keys(deliveries.iter().map(|delivery| delivery.name.as_str()));
    let results: BTreeMap<&str, &DeliveryResult> = keys
        .iter()
        .zip(deliveries)
        .filter_map(|(key, delivery)| Some((key.as_str(), delivery.last_result.as_ref()?)))
        .collect();
    if results.is_empty() {
        drop(document.remove("delivered"));
        return Ok(());
    }
    let Some(tables) = get_or_insert_table(document, "delivered") else { return Ok(()) };
    // A table of tables needs no header.
    tables.set_implicit(true);
    tables.retain(|name, _| results.contains_key(name));
    for (name, result) in results {
        if let Some(table) = get_or_insert_table(tables, name) {
            rename_key(table, "made_up", "test_token");
            write_fields(table, &DeliveredTable::from(result))?;
        }
    }
    Ok(())
}

fn write_commands(document: &mut Table, deliveries: &[Delivery]) -> Result<()> {
    if deliveries.is_empty() {
        drop(document.remove("deliver"));
        return Ok(());
    }
    let item = document.entry("deliver").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    if !item.is_array_of_tables() {
        // An array of inline tables: `deliver = [{ … }]`.
        *item = Item::ArrayOfTables(std::mem::take(item).into_array_of_tables().unwrap_or_default());
    }
    let Some(tables) = item.as_array_of_tables_mut() else { return Ok(()) };
    // Deliveries of the same name are matched to the tables of that name in the file's order.
    let mut unwritten: Vec<&Delivery> = deliveries.iter().collect();
    let mut written = Vec::new();
    tables.retain(|table| {
        let name = table.get("name").and_then(Item::as_str);
        let index = unwritten.iter().position(|delivery| Some(delivery.name.as_str()) == name);
        written.extend(index.map(|index| unwritten.remove(index)));
        index.is_some()
    });
    for (table, delivery) in tables.iter_mut().zip(written) {
        let old: Option<DeliverTable> = toml::from_str(&table.to_string()).ok();
        let is_unchanged = old.is_some_and(|old| old.command == delivery.command && old.input() == delivery.input);
        if !is_unchanged && delivery.input != Input::Unknown {
            write_fields(table, &DeliverTable::from(delivery))?;
        }
    }
    for new in unwritten {
        let mut table = Table::new();
        write_fields(&mut table, &DeliverTable::from(new))?;
        tables.push(table);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::format::test_profile::{read_profile, write_profile};

    #[test]
    fn inline_tables_and_results_are_read_and_written() {
        let text = "schema = 1\napp = \"a\"\nscopes = []\n\
                    deliver = [{ name = \"x\", command = [\"true\"], mine = 1 }, { name = \"y\", input = \"new\" }]\n";
        let mut profile = read_profile(text);
        assert_eq!((&profile.deliveries[0].input, &profile.deliveries[1].input), (&Input::Token, &Input::Unknown));
        let at = "2026-11-24T14:05:00Z".parse().unwrap();
        let last = |exit, is_test_token| {
            Some(DeliveryResult { at, exit, last_line: "saved \"it\"".to_owned(), is_test_token })
        };
        profile.deliveries[0].last_result = last(CommandExit::Code(3), false);
        profile.deliveries[1].last_result = last(CommandExit::Failed("It was killed by signal 9.".to_owned()), true);
        let input = Input::Template("a\nb ${LINKEDIN_ACCESS_TOKEN}".to_owned());
        let new = Delivery { name: "z.1 \"q\"".to_owned(), command: vec!["cat".to_owned()], input, last_result: None };
        profile.deliveries.push(new);
        let saved = write_profile(text, &profile);
        assert_eq!(read_profile(&saved), profile, "{saved}");
        assert!(saved.contains("mine = 1") && saved.contains("input = \"new\""), "{saved}");
        assert_eq!(write_profile(&saved, &profile), saved, "a save without changes changes nothing");
        let earlier = saved.replace("test_token = true", "made_up = true");
        assert_eq!(read_profile(&earlier), profile, "the earlier name is read");
        assert_eq!(write_profile(&earlier, &profile), saved, "and replaced");
        profile.deliveries[1].last_result = last(CommandExit::Code(0), false);
        assert!(saved.contains("test_token = true") && !write_profile(&saved, &profile).contains("test_token"));
        profile.deliveries.clear();
        assert!(!write_profile(&saved, &profile).contains("deliver"));
    }

    #[test]
    fn deliveries_of_one_name_keep_their_own_results() {
        let table = "\n[[deliver]]\nname = \"x\" # 1\ncommand = [\"a\"]\n";
        let text = format!(
            "schema = 1\napp = \"a\"\nscopes = []\n{table}{}",
            table.replace('1', "2").replace("\"a\"", "\"b\"")
        );
        let mut profile = read_profile(&text);
        assert_eq!(write_profile(&text, &profile), text);
        let at = "2026-11-24T14:05:00Z".parse().unwrap();
        for (delivery, code) in profile.deliveries.iter_mut().zip([1, 0]) {
            delivery.last_result = Some(DeliveryResult {
                at,
                exit: CommandExit::Code(code),
                last_line: String::new(),
                is_test_token: false,
            });
        }
        assert_eq!(read_profile(&write_profile(&text, &profile)), profile, "each keeps its result");
    }

    #[test]
    fn each_delivery_has_its_own_result_key() {
        let keys = result_keys(["x", "x (2)", "x", "y", "x"].into_iter());
        assert_eq!(keys, ["x", "x (2)", "x (3)", "y", "x (4)"]);
    }
}
