//! `state.toml`: the current profile, and what is ticked in the app guide.

use jiff::Timestamp;
use serde::Deserialize;
use toml_edit::{DocumentMut, value};

use super::exclusive::SAVE_WAIT;
use super::format::{self, rename_key, section, set};
use super::locks::LockId;
use super::saving;
use super::store::ProfileStore;
use super::types::Name;
use crate::Result;
use crate::clock::rfc3339;
use crate::linkedin::versions::Version;

/// `state.toml`.
#[derive(Default, Deserialize)]
pub(super) struct StateFile {
    /// The current profile.
    current: Option<String>,
    /// The earlier name of `current`.
    active: Option<String>,
    /// The name that the current profile is about to have; set for the moment of its renaming.
    pub(super) renaming_to: Option<String>,
    /// What is ticked in the app guide.
    #[serde(default)]
    pub(super) guide: Vec<String>,
    api_version: Option<ApiVersionTable>,
}

impl StateFile {
    /// The name of the current profile, whether it exists or not.
    pub(super) fn current(&self) -> Option<&str> {
        self.current.as_deref().or(self.active.as_deref())
    }

    /// The version of the API that an automatic choice found to work.
    pub(super) fn working_version(&self) -> Option<Version> {
        Version::parse(self.api_version.as_ref()?.working.as_deref()?)
    }
}

/// `[api_version]` of `state.toml`; its other key, `since`, is for people.
#[derive(Deserialize)]
struct ApiVersionTable {
    working: Option<String>,
}

impl ProfileStore {
    /// What the file says.
    ///
    /// # Errors
    /// `file_damaged`, `files`.
    pub(super) fn state(&self) -> Result<StateFile> {
        let path = self.root.join("state.toml");
        match self.read(&path)? {
            Some(text) => format::parse(&path, &text),
            None => Ok(StateFile::default()),
        }
    }

    /// The current profile; `None` where it was deleted.
    ///
    /// # Errors
    /// `file_damaged`, `files`.
    pub fn current_profile(&self) -> Result<Option<Name>> {
        let state = self.state()?;
        // The second is there where a renaming was interrupted between its two files.
        let names = [state.current().map(str::to_owned), state.renaming_to]
            .into_iter()
            .flatten()
            .filter_map(|name| Name::parse(&name).ok());
        Ok(names.into_iter().find(|name| {
            let path = self.profile_path(name);
            path.exists() || path.is_symlink()
        }))
    }

    /// Chooses the current profile.
    ///
    /// # Errors
    /// `file_damaged`, `file_newer`, `files`, `locked`.
    pub fn set_current_profile(&self, name: Option<&Name>) -> Result<()> {
        self.change_state(|document| write_current_profile(document, name))
    }

    /// Makes a profile the current one where none is.
    ///
    /// # Errors
    /// As [`ProfileStore::set_current_profile`].
    pub fn claim_current_profile(&self, name: &Name) -> Result<()> {
        let _lock = self.lock(&LockId::State, SAVE_WAIT)?;
        if self.current_profile()?.is_some() {
            Ok(())
        } else {
            self.change_locked_state(|document| write_current_profile(document, Some(name)))
        }
    }

    /// The same after a profile was saved, which a `state.toml` that cannot be written does not undo: that is a warning.
    pub fn make_current_if_none(&self, name: &Name) {
        if let Err(error) = self.claim_current_profile(name) {
            self.note_failure(format!("{name} is saved, but could not be made the current profile: {error}"));
        }
    }

    /// What is ticked in the app guide.
    ///
    /// # Errors
    /// `file_damaged`, `files`.
    pub fn guide(&self) -> Result<Vec<String>> {
        Ok(self.state()?.guide)
    }

    /// Keeps what is ticked in the app guide.
    ///
    /// # Errors
    /// `file_damaged`, `file_newer`, `files`, `locked`.
    pub fn set_guide(&self, ticks: &[String]) -> Result<()> {
        self.change_state(|document| write_guide(document, ticks))
    }

    pub(super) fn change_state(&self, change: impl FnOnce(&mut DocumentMut)) -> Result<()> {
        let _lock = self.lock(&LockId::State, SAVE_WAIT)?;
        self.change_locked_state(change)
    }

    fn change_locked_state(&self, change: impl FnOnce(&mut DocumentMut)) -> Result<()> {
        let path = self.root.join("state.toml");
        let mut document = format::document(&path, self.read(&path)?.as_deref())?;
        change(&mut document);
        saving::save(&path, &document.to_string())
    }
}
/// Writes the ticks of the app guide.
pub(super) fn write_guide(document: &mut DocumentMut, ticks: &[String]) {
    let ticks: toml_edit::Array = ticks.iter().collect();
    set(document.as_table_mut(), "guide", Some(value(ticks)));
}

/// Writes the version of the API that works into the document.
pub(super) fn write_working_version(document: &mut DocumentMut, version: Version, since: Timestamp) {
    if let Some(table) = section(document, "api_version") {
        set(table, "working", Some(value(version.to_string())));
        set(table, "since", Some(value(rfc3339(since))));
    }
}

/// Writes the current profile into the document.
pub(super) fn write_current_profile(document: &mut DocumentMut, current: Option<&Name>) {
    let table = document.as_table_mut();
    rename_key(table, "active", "current");
    set(table, "current", current.map(|name| value(name.as_str())));
    write_renaming(document, None);
}

/// Writes the name that the current profile is about to have.
pub(super) fn write_renaming(document: &mut DocumentMut, to: Option<&Name>) {
    set(document.as_table_mut(), "renaming_to", to.map(|name| value(name.as_str())));
}
