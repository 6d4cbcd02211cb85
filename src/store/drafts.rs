//! `drafts/NAME.toml`: a post that is being written, saved until it is published or discarded, so that neither a crash nor a
//! closed terminal costs a word.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize, Serializer};

use super::format::{self, null_if_empty};
use super::fs;
use super::fs::locks::LockId;
use super::name::Name;
use super::profile_store::ProfileStore;
use super::transaction::SAVE_WAIT;
use crate::{Code, Result};

/// A draft.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct SavedDraft {
    /// The text, as typed.
    pub text: String,
    /// `public` or `connections`; empty for the default.
    pub visibility: String,
    /// The author's URN, where it is not the member's own.
    pub author: Option<String>,
    /// A link below the text.
    pub link: Option<String>,
    /// The link's title.
    pub title: Option<String>,
    /// Images below the text.
    #[serde(rename = "image", serialize_with = "null_if_empty")]
    pub images: Vec<DraftImage>,
}

/// An image of a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct DraftImage {
    #[serde(serialize_with = "lossy_path")]
    pub path: PathBuf,
    /// The alt text.
    pub alt: Option<String>,
}

impl ProfileStore {
    pub(super) fn draft_path(&self, name: &Name) -> PathBuf {
        self.file("drafts", name)
    }

    /// Returns the draft of a profile; `None` where there is none.
    pub fn draft(&self, name: &Name) -> Result<Option<SavedDraft>> {
        let path = self.draft_path(name);
        self.read(&path)?.map(|text| format::parse(&path, &text)).transpose()
    }

    /// Saves the draft of a profile.
    pub fn save_draft(&self, name: &Name, draft: &SavedDraft) -> Result<()> {
        let _lock = self.lock(&LockId::Draft(name.clone()), SAVE_WAIT)?;
        if !self.has_profile(name) {
            return Err(self.no_such_profile(name));
        }
        let path = self.draft_path(name);
        let mut document = match format::document(&path, self.read(&path)?.as_deref()) {
            // A damaged draft is replaced by what is on the screen.
            Err(error) if error.code == Code::FileDamaged => format::document(&path, None)?,
            other => other?,
        };
        format::write_fields(&mut document, draft)?;
        fs::save(&path, &document.to_string())
    }

    /// Deletes a draft, if there is one.
    pub fn delete_draft(&self, name: &Name) -> Result<()> {
        let _lock = self.lock(&LockId::Draft(name.clone()), SAVE_WAIT)?;
        fs::delete_private(&self.draft_path(name))
    }
}

/// TOML is text: a path that is not UTF-8 is saved as far as it is.
fn lossy_path<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    path.to_string_lossy().serialize(to)
}
