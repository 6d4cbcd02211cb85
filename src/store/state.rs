//! `state.toml`: the current profile, the completed steps of the app guide, and the API version that works.

use jiff::Timestamp;

use super::format::state::{ApiVersionTable, StateFile};
use super::format::{self, rename_key};
use super::fs;
use super::fs::locks::LockId;
use super::name::Name;
use super::profile_store::ProfileStore;
use super::transaction::SAVE_LOCK_TIMEOUT;
use crate::Result;
use crate::clock::rfc3339;
use crate::linkedin::versions::Version;

const STATE_FILE: &str = "state.toml";

impl ProfileStore {
    fn state(&self) -> Result<StateFile> {
        let path = self.root.join(STATE_FILE);
        self.read(&path)?.map_or_else(|| Ok(StateFile::default()), |text| format::parse(&path, &text))
    }

    /// Changes the file under its lock.
    pub(super) fn change_state(&self, change: impl FnOnce(&mut StateFile)) -> Result<()> {
        let _lock = self.lock(&LockId::State, SAVE_LOCK_TIMEOUT)?;
        self.change_locked_state(change)
    }

    fn change_locked_state(&self, change: impl FnOnce(&mut StateFile)) -> Result<()> {
        let path = self.root.join(STATE_FILE);
        let text = self.read(&path)?;
        let mut document = format::parse_document(&path, text.as_deref())?;
        let mut state: StateFile = format::parse(&path, text.as_deref().unwrap_or_default())?;
        change(&mut state);
        // Older versions named it `active`.
        rename_key(document.as_table_mut(), "active", "current");
        format::write_fields(&mut document, &state)?;
        fs::save(&path, &document.to_string())
    }

    /// Returns the current profile; `None` if none was set, or if it was deleted.
    pub fn current_profile(&self) -> Result<Option<Name>> {
        let StateFile { current, renaming_to, .. } = self.state()?;
        // A crash between the two steps of a rename leaves `renaming_to`.
        let names = [current, renaming_to].into_iter().flatten().filter_map(|name| Name::parse(&name).ok());
        Ok(names.into_iter().find(|name| self.has_profile(name)))
    }

    pub fn set_current_profile(&self, name: Option<&Name>) -> Result<()> {
        self.change_state(|state| set_current(state, name))
    }

    /// Makes a profile the current one if there is none.
    pub fn claim_current_profile(&self, name: &Name) -> Result<()> {
        let _lock = self.lock(&LockId::State, SAVE_LOCK_TIMEOUT)?;
        if self.current_profile()?.is_some() {
            Ok(())
        } else {
            self.change_locked_state(|state| set_current(state, Some(name)))
        }
    }

    /// Does the same as [`ProfileStore::claim_current_profile`], but a failure is only recorded: see
    /// [`ProfileStore::take_failures`].
    pub fn make_current_if_none(&self, name: &Name) {
        if let Err(error) = self.claim_current_profile(name) {
            self.record_failure(format!("{name} is saved, but could not be made the current profile: {error}"));
        }
    }

    /// Returns the completed steps of the app guide.
    pub fn completed_guide_steps(&self) -> Result<Vec<String>> {
        Ok(self.state()?.guide)
    }

    pub fn set_completed_guide_steps(&self, completed: &[String]) -> Result<()> {
        self.change_state(|state| state.guide = completed.to_vec())
    }

    /// Returns the API version that was selected automatically; `None` if the newest was never refused.
    pub fn working_version(&self) -> Result<Option<Version>> {
        Ok(self.state()?.working_version())
    }

    /// Saves the API version that works, and since when.
    pub fn set_working_version(&self, version: Version, since: Timestamp) -> Result<()> {
        let table = ApiVersionTable { working: Some(version.to_string()), since: Some(rfc3339(since)) };
        self.change_state(|state| state.api_version = Some(table))
    }
}

fn set_current(state: &mut StateFile, name: Option<&Name>) {
    state.current = name.map(ToString::to_string);
    state.renaming_to = None;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guide_and_api_version_are_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let store = ProfileStore::open(directory.path()).unwrap();
        assert_eq!((store.completed_guide_steps().unwrap(), store.working_version().unwrap()), (Vec::new(), None));
        let steps = ["app".to_owned(), "product".to_owned()];
        store.set_completed_guide_steps(&steps).unwrap();
        let version = Version::parse("202608").unwrap();
        store.set_working_version(version, "2026-11-24T14:05:00Z".parse().unwrap()).unwrap();
        assert_eq!(store.completed_guide_steps().unwrap(), steps);
        assert_eq!(store.working_version().unwrap(), Some(version));
    }
}
