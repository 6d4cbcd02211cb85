//! `drafts/NAME.toml`: a post that is not published yet, saved against crashes and closed terminals.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize, Serializer};

use super::format::{self, null_if_empty};
use super::fs;
use super::fs::locks::LockId;
use super::name::Name;
use super::profile_store::ProfileStore;
use super::transaction::SAVE_LOCK_TIMEOUT;
use crate::{Code, Error, Result};

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
        let parse = |text: String| {
            // The text of a newer version may not be one that this version can parse.
            format::parse(&path, &text).map_err(|error| format::check_is_not_newer(&path, &text).err().unwrap_or(error))
        };
        self.read(&path)?.map(parse).transpose()
    }

    /// Returns the path of a draft that another process saved while one was written here. It is not `.toml`: that would be the
    /// draft of another profile.
    pub(super) fn conflicting_draft_path(&self, name: &Name) -> PathBuf {
        self.draft_path(name).with_extension("toml.other")
    }

    /// Saves a draft. If the one on the disk is neither `known` nor the same, another process saved it: it is first copied
    /// beside, and the path of the copy is returned.
    ///
    /// # Errors
    /// `files` if there is another copy already, which is not overwritten; then the draft is not saved.
    pub fn save_draft(&self, name: &Name, draft: &SavedDraft, known: Option<&SavedDraft>) -> Result<Option<PathBuf>> {
        let _lock = self.lock(&LockId::Draft(name.clone()), SAVE_LOCK_TIMEOUT)?;
        // A draft without its profile would never be offered again.
        if !self.has_profile(name) {
            return Err(self.no_such_profile_error(name));
        }
        let path = self.draft_path(name);
        let text = self.read(&path)?;
        let mut document = match format::parse_document(&path, text.as_deref()) {
            // The text on the screen replaces a damaged draft.
            Err(error) if error.code == Code::FileDamaged => format::parse_document(&path, None)?,
            other => other?,
        };
        let copy = match text.map(|text| (format::parse::<SavedDraft>(&path, &text), text)) {
            Some((Ok(found), text)) if Some(&found) != known && found != *draft => Some(self.copy_beside(name, &text)?),
            _ => None,
        };
        format::write_fields(&mut document, draft)?;
        fs::save(&path, &document.to_string())?;
        Ok(copy)
    }

    fn copy_beside(&self, name: &Name, text: &str) -> Result<PathBuf> {
        let copy = self.conflicting_draft_path(name);
        match self.read(&copy)? {
            None => fs::save(&copy, text)?,
            Some(earlier) if earlier == text => {}
            Some(_) => {
                return Err(Error::new(
                    Code::Files,
                    format!("The draft of profile {name} was changed elsewhere again, so yours is not saved."),
                    format!("Move {} to another place: it has what was changed before.", copy.display()),
                ));
            }
        }
        Ok(copy)
    }

    /// Deletes a draft, also a damaged one, unless another process saved another one than `known`. Returns whether there is none
    /// now.
    ///
    /// # Errors
    /// `file_newer` for the draft of a newer version, which this one may not be able to show; file errors.
    pub fn delete_draft(&self, name: &Name, known: Option<&SavedDraft>) -> Result<bool> {
        let _lock = self.lock(&LockId::Draft(name.clone()), SAVE_LOCK_TIMEOUT)?;
        let path = self.draft_path(name);
        if let Some(text) = self.read(&path)? {
            format::check_is_not_newer(&path, &text)?;
            if format::parse(&path, &text).is_ok_and(|found: SavedDraft| Some(&found) != known) {
                return Ok(false);
            }
        }
        fs::delete_private(&path).map(|()| true)
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
            assert_eq!(store.save_draft(&name, &draft, None).err().map(|error| error.code), expected, "{text}");
            assert_eq!(std::fs::read_to_string(&path).unwrap() == text, expected.is_some(), "{text}");
        }
    }

    #[test]
    fn a_damaged_draft_is_deleted_but_a_newer_one_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let store = ProfileStore::open(directory.path()).unwrap();
        let name = Name::parse("work").unwrap();
        let path = store.draft_path(&name);
        let newer = "schema = 2\ntext = [\"a\", \"b\"]\n";
        for (text, expected) in
            [("text = ", None), (newer, Some(Code::FileNewer)), ("schema = 2\na", Some(Code::FileNewer))]
        {
            fs::save(&path, text).unwrap();
            assert_eq!(store.delete_draft(&name, None).err().map(|error| error.code), expected, "{text}");
            assert_eq!(path.exists(), expected.is_some(), "{text}");
        }
    }

    #[test]
    fn a_draft_of_another_process_is_copied_once_and_never_lost() {
        let directory = tempfile::tempdir().unwrap();
        let store = ProfileStore::open(directory.path()).unwrap();
        let name = Name::parse("work").unwrap();
        store.create_or_update_profile(Profile::new(name.clone(), name.clone(), Vec::new()), |_| ()).unwrap();
        let draft = |text: &str| SavedDraft { text: text.to_owned(), ..SavedDraft::default() };
        let [mine, theirs, later] = ["mine", "theirs", "later"].map(draft);
        let copied = || std::fs::read_to_string(store.conflicting_draft_path(&name)).unwrap_or_default();
        assert_eq!(store.save_draft(&name, &mine, None).unwrap(), None);
        assert_eq!(store.save_draft(&name, &theirs, Some(&mine)).unwrap(), None, "it is known");
        assert_eq!(store.save_draft(&name, &theirs, None).unwrap(), None, "it is the same");
        assert_eq!(store.save_draft(&name, &mine, Some(&mine)).unwrap(), Some(store.conflicting_draft_path(&name)));
        assert_eq!(store.draft(&name).unwrap(), Some(mine.clone()));
        assert!(copied().contains("theirs"), "{}", copied());

        store.save_draft(&name, &later, Some(&mine)).unwrap();
        let refused = store.save_draft(&name, &mine, Some(&mine)).unwrap_err();
        assert!(refused.hint.contains("work.toml.other"), "{refused}");
        assert_eq!(store.draft(&name).unwrap(), Some(later.clone()), "neither is overwritten");
        assert!(copied().contains("theirs"), "{}", copied());
        assert!(!store.delete_draft(&name, Some(&mine)).unwrap());
        assert!(store.delete_draft(&name, Some(&later)).unwrap());

        // The copy is the profile's: it follows and is deleted with it.
        let renamed = Name::parse("renamed").unwrap();
        store.rename_profile(&name, &renamed).unwrap();
        assert!(!store.conflicting_draft_path(&name).exists() && store.conflicting_draft_path(&renamed).exists());
        let deleted = store.delete_profile_with_undo(&renamed).unwrap();
        assert!(!store.conflicting_draft_path(&renamed).exists());
        store.restore_profile(&deleted).unwrap();
        assert!(store.conflicting_draft_path(&renamed).exists());
        assert_eq!(store.take_failures(), Vec::<String>::new());
    }
}
