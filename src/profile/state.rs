//! `state.toml`: the active profile, and what is ticked in the app guide.

use super::exclusive::SAVE_WAIT;
use super::locks::LockId;
use super::saving;
use super::store::Store;
use super::types::Name;
use super::wire::{self, StateFile};
use crate::Result;

impl Store {
    fn state(&self) -> Result<StateFile> {
        let path = self.root.join("state.toml");
        match self.read(&path)? {
            Some(text) => wire::parse(&path, &text),
            None => Ok(StateFile::default()),
        }
    }

    /// The active profile; `None` where it was deleted.
    ///
    /// # Errors
    /// `file_damaged`, `files`.
    pub fn active(&self) -> Result<Option<Name>> {
        let state = self.state()?;
        // The second is there where a renaming was interrupted between its two files.
        let names = [state.active, state.renaming_to].into_iter().flatten().filter_map(|name| Name::parse(&name).ok());
        Ok(names.into_iter().find(|name| {
            let path = self.profile_path(name);
            path.exists() || path.is_symlink()
        }))
    }

    /// Chooses the active profile.
    ///
    /// # Errors
    /// `file_damaged`, `file_newer`, `files`, `locked`.
    pub fn set_active(&self, name: Option<&Name>) -> Result<()> {
        self.change_state(|document| wire::write_active(document, name))
    }

    /// Makes a profile the active one where none is.
    ///
    /// # Errors
    /// As [`Store::set_active`].
    pub fn claim_active(&self, name: &Name) -> Result<()> {
        let _lock = self.lock(&LockId::State, SAVE_WAIT)?;
        if self.active()?.is_some() {
            Ok(())
        } else {
            self.change_locked_state(|document| wire::write_active(document, Some(name)))
        }
    }

    /// The same after a profile was saved, which a `state.toml` that cannot be written does not undo: that is a warning.
    pub fn activate_first(&self, name: &Name) {
        if let Err(error) = self.claim_active(name) {
            self.note_failure(format!("{name} is saved, but could not be made the active profile: {error}"));
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
        self.change_state(|document| wire::write_guide(document, ticks))
    }

    pub(super) fn change_state(&self, change: impl FnOnce(&mut toml_edit::DocumentMut)) -> Result<()> {
        let _lock = self.lock(&LockId::State, SAVE_WAIT)?;
        self.change_locked_state(change)
    }

    fn change_locked_state(&self, change: impl FnOnce(&mut toml_edit::DocumentMut)) -> Result<()> {
        let path = self.root.join("state.toml");
        let mut document = wire::document(&path, self.read(&path)?.as_deref())?;
        change(&mut document);
        saving::save(&path, &document.to_string())
    }
}
