//! `drafts/NAME.toml`: a post that is not published yet, saved against crashes and closed terminals.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize, Serializer};

use super::format::{self, null_if_empty};
use super::fs;
use super::fs::locks::LockId;
use super::name::Name;
use super::profile_store::ProfileStore;
use super::transaction::SAVE_LOCK_TIMEOUT;
use crate::{Code, Result};

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct SavedDraft {
    pub text: String,
    /// `public` or `connections`; empty for the default.
    pub visibility: String,
    /// The author's URN, where it is not the member's own.
    pub author: Option<String>,
    /// The kind of the attachment, such as `document`. Without it, the fields below decide.
    pub attachment: Option<String>,
    pub link: Option<String>,
    /// The title of the link, the document or the video.
    pub title: Option<String>,
    /// The description of the link.
    pub description: Option<String>,
    /// The path of the image of the link or the video.
    pub thumbnail: Option<String>,
    /// The path of the document.
    pub document: Option<String>,
    /// The path of the video.
    pub video: Option<String>,
    /// The path of the captions of the video.
    pub captions: Option<String>,
    /// The URN of the post to reshare, or a link to it.
    pub reshare: Option<String>,
    /// The comment that follows the post.
    pub first_comment: Option<String>,
    pub poll: Option<DraftPoll>,
    #[serde(rename = "image", serialize_with = "null_if_empty")]
    pub images: Vec<DraftImage>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct DraftImage {
    #[serde(serialize_with = "serialize_lossy")]
    pub path: PathBuf,
    pub alt: Option<String>,
}

/// A poll as far as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct DraftPoll {
    pub question: String,
    pub options: Vec<String>,
    pub days: u8,
}

impl ProfileStore {
    pub(super) fn draft_path(&self, name: &Name) -> PathBuf {
        self.file_path("drafts", name)
    }

    pub fn draft(&self, name: &Name) -> Result<Option<SavedDraft>> {
        let path = self.draft_path(name);
        self.read(&path)?.map(|text| format::parse(&path, &text)).transpose()
    }

    pub fn save_draft(&self, name: &Name, draft: &SavedDraft) -> Result<()> {
        let _lock = self.lock(&LockId::Draft(name.clone()), SAVE_LOCK_TIMEOUT)?;
        // A draft without its profile would never be offered again.
        if !self.has_profile(name) {
            return Err(self.no_such_profile_error(name));
        }
        let path = self.draft_path(name);
        let mut document = match format::parse_document(&path, self.read(&path)?.as_deref()) {
            // The text on the screen replaces a damaged draft.
            Err(error) if error.code == Code::FileDamaged => format::parse_document(&path, None)?,
            other => other?,
        };
        format::write_fields(&mut document, draft)?;
        fs::save(&path, &document.to_string())
    }

    /// Saves another text of a profile's draft beside it, and returns the path.
    pub fn save_other_draft(&self, name: &Name, draft: &SavedDraft) -> Result<PathBuf> {
        // Not `.toml`: that would be the draft of another profile.
        let path = self.draft_path(name).with_extension("toml.other");
        let mut document = format::parse_document(&path, None)?;
        format::write_fields(&mut document, draft)?;
        fs::save(&path, &document.to_string())?;
        Ok(path)
    }

    pub fn delete_draft(&self, name: &Name) -> Result<()> {
        let _lock = self.lock(&LockId::Draft(name.clone()), SAVE_LOCK_TIMEOUT)?;
        fs::delete_private(&self.draft_path(name))
    }
}

/// Serializes a path. Bytes that are not UTF-8 are lost, because TOML is UTF-8.
fn serialize_lossy<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    path.to_string_lossy().serialize(to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::model::Profile;

    #[test]
    fn a_damaged_draft_is_replaced_but_a_newer_one_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let store = ProfileStore::open(directory.path()).unwrap();
        let name = Name::parse("work").unwrap();
        store.create_or_update_profile(Profile::new(name.clone(), name.clone(), Vec::new()), |_| ()).unwrap();
        let path = store.draft_path(&name);
        let draft = SavedDraft { text: "Hello".to_owned(), ..SavedDraft::default() };
        for (text, expected) in [("text = ", None), ("schema = 2\n", Some(Code::FileNewer))] {
            fs::save(&path, text).unwrap();
            assert_eq!(store.save_draft(&name, &draft).err().map(|error| error.code), expected, "{text}");
            assert_eq!(std::fs::read_to_string(&path).unwrap() == text, expected.is_some(), "{text}");
        }
    }
}
