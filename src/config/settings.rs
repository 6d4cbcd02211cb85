//! `config.toml`, the user's settings. `config.example.toml` documents every key.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{KeyTable, keys, resolve_path};
use crate::linkedin::Endpoints;
use crate::linkedin::endpoints::{API, WWW};
use crate::linkedin::http;
use crate::linkedin::versions::Setting;
use crate::store::{Encryption, read_trusted, rename_key, set_value, write_private};
use crate::text::{format_position, sanitize};
use crate::{Code, Error, Result};

/// The settings, each with its default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub linkedin: LinkedIn,
    pub browser: Browser,
    pub status: Status,
    pub sign_in: SignIn,
    pub network: Network,
    pub notify: Notify,
    pub ui: Ui,
    pub storage: Storage,
    /// `[keys.*]`: keys of the interface.
    #[serde(skip)]
    pub keys: Vec<KeyTable>,
}

/// `[linkedin]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct LinkedIn {
    pub www: String,
    pub api: String,
    /// The `LinkedIn-Version` header: `auto`, or `YYYYMM`.
    pub api_version: String,
}

impl Default for LinkedIn {
    fn default() -> Self {
        Self { www: WWW.to_owned(), api: API.to_owned(), api_version: Setting::AUTO.to_owned() }
    }
}

/// `[browser]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Browser {
    /// The command; empty: `BROWSER`, else the system's.
    pub command: String,
    /// Whether the page after signing in also shows the token and the member ID.
    pub show_token: bool,
}

/// `[status]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Status {
    /// A token with this many days left, or fewer, is expiring.
    pub expiring_days: u32,
    /// Whether the profile list checks in the background what was not checked for a day.
    pub check_on_start: bool,
}

impl Default for Status {
    fn default() -> Self {
        Self { expiring_days: 7, check_on_start: true }
    }
}

/// The timeouts of a sign-in that are accepted, also by `login --timeout`.
pub(crate) const SIGN_IN_TIMEOUT_SECONDS: RangeInclusive<u64> = 1..=86_400;

/// `[sign_in]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct SignIn {
    /// How long to wait for the browser, in seconds.
    pub timeout_seconds: u64,
}

impl Default for SignIn {
    fn default() -> Self {
        Self { timeout_seconds: 300 }
    }
}

impl SignIn {
    pub fn check(&self) -> Result<()> {
        if SIGN_IN_TIMEOUT_SECONDS.contains(&self.timeout_seconds) {
            return Ok(());
        }
        let (first, last) = (SIGN_IN_TIMEOUT_SECONDS.start(), SIGN_IN_TIMEOUT_SECONDS.end());
        Err(Error::bad_input(
            format!("The setting sign_in.timeout_seconds cannot be {}.", self.timeout_seconds),
            format!("Set it to {first} to {last} in config.toml."),
        ))
    }
}

/// `[network]`
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Network {
    proxy: String,
    ca_file: PathBuf,
}

impl Network {
    /// Returns the proxy's URL, which may contain a password.
    pub fn proxy(&self) -> Option<String> {
        (!self.proxy.trim().is_empty()).then(|| self.proxy.trim().to_owned())
    }

    /// Returns the PEM file with additional trusted certificates. [`Settings::load`] makes it absolute.
    pub fn ca_file(&self) -> Option<PathBuf> {
        (!self.ca_file.as_os_str().is_empty()).then(|| self.ca_file.clone())
    }

    pub fn to_http(&self) -> http::Network {
        http::Network { proxy: self.proxy(), ca_file: self.ca_file() }
    }

    fn resolve_ca_file(&mut self, dir: &Path) {
        let typed = self.ca_file.to_string_lossy().trim().to_owned();
        self.ca_file = if typed.is_empty() { PathBuf::new() } else { resolve_path(dir, &typed) };
    }
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Network").field("proxy", &!self.proxy.is_empty()).field("ca_file", &self.ca_file).finish()
    }
}

/// `[notify]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Notify {
    /// A program and its arguments.
    pub command: Vec<String>,
}

/// `[ui]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Ui {
    /// `auto`, `light` or `dark`.
    pub theme: String,
    /// Whether clicks and the wheel are handled.
    pub mouse: bool,
    /// Whether only ASCII characters are drawn.
    pub ascii: bool,
    /// Seconds before a revealed secret is hidden.
    pub reveal_seconds: u64,
    /// Seconds before a copied secret is cleared from the clipboard; 0 for never.
    pub clear_clipboard_seconds: u64,
}

impl Default for Ui {
    fn default() -> Self {
        Self { theme: "auto".to_owned(), mouse: true, ascii: false, reveal_seconds: 15, clear_clipboard_seconds: 0 }
    }
}

/// The value of a setting that the interface can change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingValue {
    Text(String),
    Switch(bool),
    Number(u64),
    List(Vec<String>),
}

impl SettingValue {
    fn into_toml(self) -> toml_edit::Value {
        match self {
            Self::Text(text) => text.into(),
            Self::Switch(is_on) => is_on.into(),
            Self::Number(number) => i64::try_from(number).unwrap_or(i64::MAX).into(),
            Self::List(words) => words.into_iter().collect::<toml_edit::Array>().into(),
        }
    }
}

/// `[storage]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "StorageTable")]
pub struct Storage {
    /// `off`, `keyring` or `passphrase`; the command `encryption` changes it.
    pub encryption: Encryption,
}

/// `[storage]` in the file, with the earlier name of `encryption`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct StorageTable {
    encryption: Option<Encryption>,
    protection: Option<Encryption>,
}

impl From<StorageTable> for Storage {
    fn from(table: StorageTable) -> Self {
        Self { encryption: table.encryption.or(table.protection).unwrap_or_default() }
    }
}

/// The earlier name of `storage.encryption`, which is still read.
const PROTECTION: &str = "protection";

/// The section with the keys of the interface, which validates them.
const KEYS: &str = "keys";

const DAMAGED_HINT: &str = "Fix that line; config.example.toml shows every key.";

/// Reads the file; `None` if it does not exist.
fn read_file(path: &Path) -> Result<Option<String>> {
    read_trusted(path).map_err(|error| match error.code {
        Code::FileDamaged => Error { hint: DAMAGED_HINT.to_owned(), ..error },
        _ => error,
    })
}

impl Settings {
    /// Reads `config.toml` in `dir`; the defaults if it does not exist.
    /// An error in the syntax has only the line and column: a parser's message quotes values.
    pub fn load(dir: &Path) -> Result<Self> {
        let settings = Self::read(dir)?;
        settings.endpoints()?;
        settings.api_version()?;
        settings.sign_in.check()?;
        Ok(settings)
    }

    /// Reads `config.toml` as [`Settings::load`] does, without checking the values.
    pub fn read(dir: &Path) -> Result<Self> {
        let path = dir.join("config.toml");
        let Some(text) = read_file(&path)? else { return Ok(Self::default()) };
        let mut settings = Self::parse(&text).map_err(|position| {
            let message = format!("{} cannot be parsed at {position}.", path.display());
            Error::new(Code::FileDamaged, message, DAMAGED_HINT)
        })?;
        settings.network.resolve_ca_file(dir);
        Ok(settings)
    }

    /// Writes `storage.encryption` into `config.toml`; everything else in it stays as it is.
    pub fn set_encryption(dir: &Path, encryption: Encryption) -> Result<()> {
        let is_set = Self::load(dir)?.storage.encryption == encryption;
        let path = dir.join("config.toml");
        let text = read_file(&path)?.unwrap_or_default();
        let damaged = || Error::new(Code::FileDamaged, format!("{} cannot be changed.", path.display()), "Fix it.");
        let mut document: toml_edit::DocumentMut = text.parse().map_err(|_| damaged())?;
        if is_set && document.get("storage").and_then(|section| section.get(PROTECTION)).is_none() {
            return Ok(());
        }
        let section = document.entry("storage").or_insert(toml_edit::table());
        let section = section.as_table_like_mut().ok_or_else(damaged)?;
        rename_key(section, PROTECTION, "encryption");
        set_value(section, "encryption", Some(encryption.as_str().into()));
        write_private(&path, &document.to_string())
    }

    /// Returns the value of a setting that [`Settings::save_value`] can change; `None` for any other.
    pub(crate) fn value(&self, section: &str, key: &str) -> Option<SettingValue> {
        use SettingValue::{List, Number, Switch, Text};
        Some(match (section, key) {
            ("ui", "theme") => Text(self.ui.theme.clone()),
            ("ui", "mouse") => Switch(self.ui.mouse),
            ("ui", "ascii") => Switch(self.ui.ascii),
            ("ui", "reveal_seconds") => Number(self.ui.reveal_seconds),
            ("ui", "clear_clipboard_seconds") => Number(self.ui.clear_clipboard_seconds),
            ("status", "expiring_days") => Number(self.status.expiring_days.into()),
            ("status", "check_on_start") => Switch(self.status.check_on_start),
            ("browser", "command") => Text(self.browser.command.clone()),
            ("notify", "command") => List(self.notify.command.clone()),
            _ => return None,
        })
    }

    /// Writes one setting into `config.toml` in `dir`, or removes it so that its default applies; everything else in the file
    /// stays as it is. Returns the settings as they are then.
    ///
    /// # Errors
    /// `file_damaged` for a file that cannot be parsed, or that could not be parsed with the value; nothing is written then.
    pub(crate) fn save_value(dir: &Path, section: &str, key: &str, value: Option<SettingValue>) -> Result<Self> {
        let path = dir.join("config.toml");
        let text = read_file(&path)?.unwrap_or_default();
        let damaged = |position: &str| {
            let message = format!("{} cannot be changed: it cannot be parsed{position}.", path.display());
            Error::new(Code::FileDamaged, message, DAMAGED_HINT)
        };
        let mut document: toml_edit::DocumentMut = text.parse().map_err(|_| damaged(""))?;
        if let Some(lines) = lines_of(&text, section, key).filter(|_| value.is_none()) {
            // The comments above and below stay.
            let mut new = text.clone();
            new.replace_range(lines, "");
            document = new.parse().map_err(|_| damaged(""))?;
        } else if value.is_some() || document.contains_key(section) {
            let table = document.entry(section).or_insert(toml_edit::table());
            set_value(table.as_table_like_mut().ok_or_else(|| damaged(""))?, key, value.map(SettingValue::into_toml));
        }
        let new = document.to_string();
        Self::parse(&new).map_err(|position| damaged(&format!(" at {position}")))?;
        if new != text {
            write_private(&path, &new)?;
        }
        Self::read(dir)
    }

    /// Parses the text; an error is the position.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let position = |error: toml::de::Error| format_position(text, error.span().map_or(0, |span| span.start));
        let settings: Self = toml::from_str(text).map_err(position)?;
        Ok(Self { keys: keys::read(text).map_err(position)?, ..settings })
    }

    /// Returns the unknown keys of a text, as `section.key`; none if it cannot be parsed. The example has every known key.
    pub fn unknown_keys(text: &str) -> Vec<String> {
        let parsed = |text: &str| text.parse::<toml::Table>().unwrap_or_default();
        let documented = parsed(include_str!("../../config.example.toml"));
        let mut unknown = Vec::new();
        for (section, found) in parsed(text) {
            // The example has its entries only in comments.
            if section == KEYS && found.is_table() {
                continue;
            }
            match (documented.get(&section).and_then(toml::Value::as_table), found.as_table()) {
                (Some(documented), Some(found)) => {
                    let unknown_keys = found.keys().filter(|key| {
                        !documented.contains_key(*key) && (section.as_str(), key.as_str()) != ("storage", PROTECTION)
                    });
                    unknown.extend(unknown_keys.map(|key| format!("{section}.{key}")));
                }
                _ => unknown.push(section),
            }
        }
        unknown
    }

    /// Returns the keys that a text sets, with the values that are not private: numbers and booleans, never text.
    pub fn configured_keys(text: &str) -> Vec<(String, Option<String>)> {
        let parsed = text.parse::<toml::Table>().unwrap_or_default();
        let unknown = Self::unknown_keys(text);
        let mut configured = Vec::new();
        for (section, table) in parsed.iter().filter_map(|(key, value)| Some((key, value.as_table()?))) {
            for (key, value) in table {
                let name = format!("{section}.{key}");
                if !unknown.contains(&name) && !unknown.contains(section) {
                    let number = value.as_integer().map(|number| number.to_string());
                    configured.push((name, number.or_else(|| value.as_bool().map(|on| on.to_string()))));
                }
            }
        }
        configured
    }

    pub fn endpoints(&self) -> Result<Endpoints> {
        Endpoints::new(&self.linkedin.www, &self.linkedin.api)
    }

    pub fn api_version(&self) -> Result<Setting> {
        let text = &self.linkedin.api_version;
        Setting::parse(text).ok_or_else(|| {
            Error::bad_input(
                format!("linkedin.api_version is not a version of LinkedIn's API: \"{}\".", sanitize(text, 40)),
                "Write \"auto\", or a year and a month (YYYYMM), such as \"202609\", in config.toml.",
            )
        })
    }
}

/// Returns the range of the lines that set a key of a table; `None` if none does, or only a part of a line.
fn lines_of(text: &str, section: &str, key: &str) -> Option<std::ops::Range<usize>> {
    let document = toml_edit::Document::parse(text).ok()?;
    let table = document.get(section)?.as_table()?;
    let (key, value) = table.get_key_value(key)?;
    let (start, end) = (key.span()?.start, value.span()?.end);
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
    // A comment behind the value stays as a line of its own.
    let comment = text[end..line_end].find('#');
    Some(line_start..comment.map_or(line_end, |at| end + at))
}

#[cfg(test)]
mod tests;
