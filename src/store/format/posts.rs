//! `posts/NAME.toml`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::seconds;
use crate::linkedin::capabilities::Capability;
use crate::store::model::{PublishedPost, WriteOutcome};

#[derive(Deserialize)]
pub(in crate::store) struct PostsFile {
    #[serde(default)]
    pub(in crate::store) post: Vec<PublishedPost>,
    #[serde(default)]
    pub(in crate::store) outcome: Vec<OutcomeTable>,
}

/// The keys of the file's tables.
pub(in crate::store) const POST: &str = "post";
pub(in crate::store) const OUTCOME: &str = "outcome";

#[derive(Deserialize, Serialize)]
pub(in crate::store) struct OutcomeTable {
    capability: String,
    #[serde(default)]
    author: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(with = "seconds")]
    at: Timestamp,
    #[serde(default)]
    accepted: bool,
    #[serde(default)]
    api: String,
}

impl OutcomeTable {
    /// Returns the outcome; `None` for a capability that a newer version wrote.
    pub(in crate::store) fn read(self) -> Option<WriteOutcome> {
        let Self { author, client_id, scopes, at, accepted, api, .. } = self;
        let capability = Capability::from_id(&self.capability)?;
        Some(WriteOutcome { capability, author, client_id, scopes, at, accepted, api })
    }
}

impl From<&WriteOutcome> for OutcomeTable {
    fn from(outcome: &WriteOutcome) -> Self {
        let WriteOutcome { capability, author, client_id, scopes, at, accepted, api } = outcome.clone();
        Self { capability: capability.id().to_owned(), author, client_id, scopes, at, accepted, api }
    }
}
