//! A profile's deliveries: where each new token is handed to, and how that went last. The tables
//! `[[deliver]]` are a person's; what happened stands apart from them in `[delivered]`.

use jiff::Timestamp;
use serde::Deserialize;
use toml_edit::{DocumentMut, Item, Table, value};

use super::format::{Source, rename_key, section, set, strings, table_at};
use crate::Result;
use crate::clock::rfc3339;

/// A command that takes each new token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What people call it.
    pub name: String,
    /// The program and its arguments; no shell is involved.
    pub command: Vec<String>,
    /// How the command gets the token.
    pub input: Input,
    /// How it went last.
    pub last: Option<DeliveryResult>,
}

/// How a command gets the token; never as an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The token alone on stdin, without a newline: a store keeps every byte.
    Token,
    /// `NAME=value` lines on stdin.
    Env,
    /// The JSON of `export --format json` on stdin.
    Json,
    /// The variables of `exec` in the environment, nothing on stdin.
    Environment,
    /// This text on stdin, with the variables' values in the places of `${NAME}`.
    Template(String),
    /// A word that this version does not know. The profile stays usable; the delivery fails.
    Unknown,
}

impl Input {
    /// The word in the file.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Env => "env",
            Self::Json => "json",
            Self::Environment => "environment",
            Self::Template(_) => "template",
            Self::Unknown => "unknown",
        }
    }
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandExit {
    /// With this exit code.
    Code(i32),
    /// In another way, said as a sentence: not started, stopped, killed by a signal.
    Failed(String),
}

/// How a delivery went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryResult {
    /// When it ended.
    pub at: Timestamp,
    /// How.
    pub ended: CommandExit,
    /// The last line that it printed, cleaned, without any piece of the token; may be empty.
    pub line: String,
    /// Whether it was a test token, which is stored there until the real one is delivered.
    pub test_token: bool,
}

impl DeliveryResult {
    /// Did the command take what it was handed?
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.ended == CommandExit::Code(0)
    }

    /// Whether it took the real token.
    #[must_use]
    pub fn delivered_token(&self) -> bool {
        self.succeeded() && !self.test_token
    }

    /// How it failed and what it said last, in one sentence.
    #[must_use]
    pub fn summary(&self) -> String {
        let how = match &self.ended {
            CommandExit::Code(0) => String::new(),
            CommandExit::Code(code) => format!("It ended with exit code {code}."),
            CommandExit::Failed(why) => why.clone(),
        };
        let parts = [how.as_str(), self.line.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// A table `[[deliver]]`.
#[derive(Deserialize)]
pub(super) struct DeliverTable {
    name: String,
    #[serde(default)]
    command: Vec<String>,
    input: Option<String>,
    template: Option<String>,
}

/// A table in `[delivered]`.
#[derive(Deserialize)]
pub(super) struct DeliveredTable {
    at: String,
    code: Option<i32>,
    failure: Option<String>,
    #[serde(default)]
    line: String,
    #[serde(default)]
    test_token: bool,
    /// The earlier name of `test_token`.
    #[serde(default)]
    made_up: bool,
}

/// `[delivered]`: by the delivery's name.
pub(super) type DeliveredTables = std::collections::BTreeMap<String, DeliveredTable>;

/// The deliveries of a file's tables.
pub(super) fn read(
    source: Source<'_>,
    tables: Vec<DeliverTable>,
    mut delivered: DeliveredTables,
) -> Result<Vec<Delivery>> {
    let one = |table: DeliverTable| {
        let last = match delivered.remove(&table.name) {
            None => None,
            Some(last) => Some(DeliveryResult {
                at: source.time(&["delivered", &table.name, "at"], &last.at)?,
                ended: match last.code {
                    Some(code) => CommandExit::Code(code),
                    None => CommandExit::Failed(last.failure.unwrap_or_default()),
                },
                line: last.line,
                test_token: last.test_token || last.made_up,
            }),
        };
        let input = match (table.input.as_deref(), table.template) {
            (Some("token") | None, None) => Input::Token,
            (Some("env"), None) => Input::Env,
            (Some("json"), None) => Input::Json,
            (Some("environment"), None) => Input::Environment,
            (Some("template") | None, Some(text)) => Input::Template(text),
            _ => Input::Unknown,
        };
        Ok(Delivery { name: table.name, command: table.command, input, last })
    };
    tables.into_iter().map(one).collect()
}

/// Brings the document's tables in line with the profile. A table that is right already is not
/// touched, so that its comments and other keys stay.
pub(super) fn write(document: &mut DocumentMut, deliveries: &[Delivery]) {
    write_commands(document, deliveries);
    let known: Vec<&str> = deliveries.iter().filter(|one| one.last.is_some()).map(|one| one.name.as_str()).collect();
    if known.is_empty() {
        drop(document.remove("delivered"));
        return;
    }
    let Some(results) = section(document, "delivered") else { return };
    // Only its tables have anything to say.
    results.set_implicit(true);
    results.retain(|name, _| known.contains(&name));
    for (name, last) in deliveries.iter().filter_map(|one| Some((&one.name, one.last.as_ref()?))) {
        let item = results.entry(name).or_insert(Item::Table(Table::new()));
        let Some(table) = table_at(item) else { continue };
        let (code, failure) = match &last.ended {
            CommandExit::Code(code) => (Some(value(i64::from(*code))), None),
            CommandExit::Failed(why) => (None, Some(value(why))),
        };
        set(table, "at", Some(value(rfc3339(last.at))));
        set(table, "code", code);
        set(table, "failure", failure);
        set(table, "line", Some(value(&last.line)));
        rename_key(table, "made_up", "test_token");
        set(table, "test_token", last.test_token.then(|| value(true)));
    }
}

fn write_commands(document: &mut DocumentMut, deliveries: &[Delivery]) {
    if deliveries.is_empty() {
        drop(document.remove("deliver"));
        return;
    }
    let item = document.entry("deliver").or_insert(Item::ArrayOfTables(toml_edit::ArrayOfTables::new()));
    if !item.is_array_of_tables() {
        // Written as `deliver = [{ .. }]`.
        *item = std::mem::take(item)
            .into_array_of_tables()
            .map_or_else(|_| Item::ArrayOfTables(toml_edit::ArrayOfTables::new()), Item::ArrayOfTables);
    }
    let Some(tables) = item.as_array_of_tables_mut() else { return };
    // A name that stands twice counts twice, in the file's order.
    let mut left: Vec<&Delivery> = deliveries.iter().collect();
    tables.retain(|table| {
        let name = table.get("name").and_then(Item::as_str);
        let found = left.iter().position(|one| Some(one.name.as_str()) == name);
        found.map(|place| left.remove(place)).is_some()
    });
    let mut left: Vec<&Delivery> = deliveries.iter().collect();
    for table in tables.iter_mut() {
        let name = table.get("name").and_then(Item::as_str).unwrap_or_default();
        if let Some(place) = left.iter().position(|one| one.name == name) {
            put(table, left.remove(place));
        }
    }
    for new in left {
        let mut table = Table::new();
        put(&mut table, new);
        tables.push(table);
    }
}

fn put(table: &mut Table, delivery: &Delivery) {
    set(table, "name", Some(value(&delivery.name)));
    let same = table.get("command").and_then(Item::as_array).is_some_and(|words| {
        words.iter().map(toml_edit::Value::as_str).eq(delivery.command.iter().map(|word| Some(word.as_str())))
    });
    if !same {
        set(table, "command", Some(strings(&delivery.command)));
    }
    match &delivery.input {
        Input::Unknown => {}
        Input::Token if !table.contains_key("input") => {}
        input => {
            set(table, "input", Some(value(input.as_str())));
            set(table, "template", if let Input::Template(text) = input { Some(value(text)) } else { None });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::format;
    use super::super::types::{Name, Profile};
    use super::*;

    fn parsed(text: &str) -> Profile {
        format::profile(Path::new("p.toml"), &Name::parse("p").unwrap(), text, None).unwrap()
    }

    fn written(text: &str, profile: &Profile) -> String {
        let mut document = format::document(Path::new("p.toml"), Some(text)).unwrap();
        format::write_profile(&mut document, profile, &format::Writing::Plain).unwrap();
        document.to_string()
    }

    #[test]
    fn tables_are_read_and_written_however_they_are_spelt() {
        let text = "schema = 1\napp = \"a\"\nscopes = []\n\
                    deliver = [{ name = \"x\", command = [\"true\"], mine = 1 }, { name = \"y\", input = \"odd\" }]\n";
        let mut profile = parsed(text);
        assert_eq!((&profile.deliveries[0].input, &profile.deliveries[1].input), (&Input::Token, &Input::Unknown));
        let at = "2026-11-24T14:05:00Z".parse().unwrap();
        let last = |ended, test_token| Some(DeliveryResult { at, ended, line: "said \"so\"".to_owned(), test_token });
        profile.deliveries[0].last = last(CommandExit::Code(3), false);
        profile.deliveries[1].last = last(CommandExit::Failed("It was ended by signal 9.".to_owned()), true);
        let input = Input::Template("a\nb ${LINKEDIN_ACCESS_TOKEN}".to_owned());
        let new = Delivery { name: "z.1 \"q\"".to_owned(), command: vec!["cat".to_owned()], input, last: None };
        profile.deliveries.push(new);
        let whole = written(text, &profile);
        assert_eq!(parsed(&whole), profile, "{whole}");
        assert!(whole.contains("mine = 1") && whole.contains("input = \"odd\""), "{whole}");
        assert_eq!(written(&whole, &profile), whole, "nothing new changes nothing");
        let earlier = whole.replace("test_token = true", "made_up = true");
        assert_eq!(parsed(&earlier), profile, "the earlier name is read");
        assert_eq!(written(&earlier, &profile), whole, "and rewritten");
        profile.deliveries[1].last = last(CommandExit::Code(0), false);
        assert!(whole.contains("test_token = true") && !written(&whole, &profile).contains("test_token"));
        profile.deliveries.clear();
        assert!(!written(&whole, &profile).contains("deliver"));
    }

    #[test]
    fn a_name_that_stands_twice_stays_twice() {
        let one = "\n[[deliver]]\nname = \"x\" # 1\ncommand = [\"a\"]\n";
        let text =
            format!("schema = 1\napp = \"a\"\nscopes = []\n{one}{}", one.replace('1', "2").replace("\"a\"", "\"b\""));
        assert_eq!(written(&text, &parsed(&text)), text);
    }
}
