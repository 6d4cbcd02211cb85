//! In `state.toml`: the version of LinkedIn's API that an automatic choice found to work.

use jiff::Timestamp;

use super::state::write_working_version;
use super::store::ProfileStore;
use crate::Result;
use crate::linkedin::versions::Version;

impl ProfileStore {
    /// The version that worked last; `None` where the newest has never been refused.
    ///
    /// # Errors
    /// `file_damaged`, `files`.
    pub fn working_version(&self) -> Result<Option<Version>> {
        Ok(self.state()?.working_version())
    }

    /// Saves the version that worked, and since when.
    ///
    /// # Errors
    /// `file_damaged`, `file_newer`, `files`, `locked`.
    pub fn set_working_version(&self, version: Version, since: Timestamp) -> Result<()> {
        self.change_state(|document| write_working_version(document, version, since))
    }
}
