//! `state.toml`.

use serde::{Deserialize, Serialize};

use super::null_if_empty;
use crate::linkedin::versions::Version;

#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub(in crate::store) struct StateFile {
    #[serde(alias = "active")]
    pub(in crate::store) current: Option<String>,
    /// The new name of the current profile while it is being renamed.
    pub(in crate::store) renaming_to: Option<String>,
    /// The completed steps of the app guide.
    #[serde(serialize_with = "null_if_empty")]
    pub(in crate::store) guide: Vec<String>,
    pub(in crate::store) api_version: Option<ApiVersionTable>,
}

#[derive(Deserialize, Serialize)]
pub(in crate::store) struct ApiVersionTable {
    pub(in crate::store) working: Option<String>,
    /// For the user; the program does not read it.
    pub(in crate::store) since: Option<String>,
}

impl StateFile {
    /// Returns the API version that was selected automatically.
    pub(in crate::store) fn working_version(&self) -> Option<Version> {
        Version::parse(self.api_version.as_ref()?.working.as_deref()?)
    }
}
