//! `notified.toml`: about which profiles a person was told today.

use toml_edit::value;

use super::exclusive::SAVE_WAIT;
use super::locks::LockId;
use super::store::ProfileStore;
use super::types::Name;
use super::{format, saving};
use crate::Result;

impl ProfileStore {
    /// Takes the right to tell about a profile on this day (`2026-11-24`): true for the first that
    /// asks. Other days are forgotten.
    ///
    /// # Errors
    /// `file_damaged`, `file_newer`, `files`, `locked`.
    pub fn claim_notice(&self, name: &Name, day: &str) -> Result<bool> {
        self.change_notices(|table| {
            table.retain(|_, told| told.as_str() == Some(day));
            table.insert(name.as_str(), value(day)).is_none()
        })
    }

    /// Gives that right back, because telling failed.
    ///
    /// # Errors
    /// As [`ProfileStore::claim_notice`].
    pub fn release_notice(&self, name: &Name) -> Result<()> {
        self.change_notices(|table| drop(table.remove(name.as_str())))
    }

    fn change_notices<T: Default>(&self, change: impl FnOnce(&mut toml_edit::Table) -> T) -> Result<T> {
        let _lock = self.lock(&LockId::Notices, SAVE_WAIT)?;
        let path = self.root.join("notified.toml");
        let old = self.read(&path)?;
        let mut document = format::document(&path, old.as_deref())?;
        let changed = format::section(&mut document, "told").map(change).unwrap_or_default();
        let new = document.to_string();
        if old.as_deref() != Some(new.as_str()) {
            saving::save(&path, &new)?;
        }
        Ok(changed)
    }
}
