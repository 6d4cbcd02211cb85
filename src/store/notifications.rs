//! `notified.toml`: the profiles about which a notification was sent today.

use toml_edit::{Table, value};

use super::format;
use super::fs;
use super::fs::locks::LockId;
use super::name::Name;
use super::profile_store::ProfileStore;
use super::transaction::SAVE_LOCK_TIMEOUT;
use crate::Result;

impl ProfileStore {
    /// Claims the notification about a profile on this day (`2026-11-24`): true for the first claim. Deletes those of other days.
    pub fn claim_notification(&self, name: &Name, day: &str) -> Result<bool> {
        self.change_notifications(|table| {
            table.retain(|_, notified| notified.as_str() == Some(day));
            table.insert(name.as_str(), value(day)).is_none()
        })
    }

    /// Releases the claim, because the notification failed.
    pub fn release_notification(&self, name: &Name) -> Result<()> {
        self.change_notifications(|table| drop(table.remove(name.as_str())))
    }

    fn change_notifications<T: Default>(&self, change: impl FnOnce(&mut Table) -> T) -> Result<T> {
        let _lock = self.lock(&LockId::Notifications, SAVE_LOCK_TIMEOUT)?;
        let path = self.root.join("notified.toml");
        let old = self.read(&path)?;
        let mut document = format::parse_document(&path, old.as_deref())?;
        format::rename_key(document.as_table_mut(), "told", "notified");
        let changed = format::get_or_insert_table(&mut document, "notified").map(change).unwrap_or_default();
        let new = document.to_string();
        if old.as_deref() != Some(new.as_str()) {
            fs::save(&path, &new)?;
        }
        Ok(changed)
    }
}
