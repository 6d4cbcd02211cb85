//! Renaming a profile. After a failure or a crash the profile exists under one of the two names, and a current profile is still
//! current.

use super::format;
use super::fs;
use super::fs::locks::LockId;
use super::model::{Profile, ProfileIdentity};
use super::name::Name;
use super::profile_store::ProfileStore;
use crate::sync::lock;
use crate::{Error, Result};

impl ProfileStore {
    /// Remembers a profile, so that [`ProfileStore::current_name`] can find it. Without a token nothing is sent for it.
    pub(super) fn remember_identity(&self, profile: &Profile) {
        if profile.token.is_some() {
            lock(&self.identities).insert(profile.name.clone(), ProfileIdentity::of(profile));
        }
    }

    /// Returns the name that a profile has now; `name` if it was not renamed since it was read here, or was deleted.
    pub(crate) fn current_name(&self, name: &Name) -> Name {
        let new = if self.has_profile(name) { None } else { self.find_new_name(name) };
        new.unwrap_or_else(|| name.clone())
    }

    /// Returns the new name of a profile that no longer exists; `None` also where several profiles have its token.
    pub(super) fn find_new_name(&self, name: &Name) -> Option<Name> {
        let before = lock(&self.identities).get(name).cloned()?;
        let profiles = self.without_secrets().profiles().ok()?.into_iter().filter_map(|entry| entry.profile.ok());
        let mut same = profiles.filter(|profile| ProfileIdentity::of(profile) == before);
        same.next().filter(|_| same.next().is_none()).map(|profile| profile.name)
    }

    /// Renames a profile; the current one stays the current one.
    /// Renames nothing if it fails, unless only the flush to the disk failed.
    pub fn rename_profile(&self, old: &Name, new: &Name) -> Result<()> {
        let locks = [LockId::of_profile(old), LockId::of_profile(new)].concat();
        self.with_locks(&locks, |store| store.rename_locked(old, new))
    }

    fn rename_locked(&self, old: &Name, new: &Name) -> Result<()> {
        let (from, to) = (self.profile_path(old), self.profile_path(new));
        let profile = self.profile(old)?;
        let text = self.read(&from)?.unwrap_or_default();
        let renamed = Profile { name: new.clone(), ..profile };
        let document = format::parse_document(&from, Some(&text))?;
        // Encrypted fields contain the name, so they are encrypted again.
        let encrypted = if format::declared_encryption(&document).is_some() {
            let (mut document, secrets) = self.open_for_editing(&from)?;
            format::profile::write(&mut document, &renamed, &secrets)?;
            Some(document.to_string())
        } else {
            None
        };
        // A crash between the two steps of an earlier rename left the same token under both names.
        let is_half_done = encrypted.is_some() && old != new && to.exists() && self.profile(new)? == renamed;
        if self.has_profile(new) && !is_half_done {
            return Err(Error::bad_input(format!("A profile named {new} already exists."), "Choose another name."));
        }

        let is_current = self.current_profile()?.as_ref() == Some(old);
        if is_current {
            self.change_state(|state| state.renaming_to = Some(new.to_string()))?;
        }
        if let Some(text) = encrypted {
            fs::save(&to, &text)?;
            if let Err(error) = fs::delete_unflushed(&from) {
                // A token under two names would be refreshed twice.
                drop(fs::delete_unflushed(&to));
                return Err(error);
            }
        } else {
            fs::rename(&from, &to)?;
        }
        let flush_result = fs::flush_directory_of(&to);
        // The profile is renamed: later failures are only recorded.
        self.move_sidecar_files(old, new);
        if is_current && let Err(error) = self.set_current_profile(Some(new)) {
            self.record_failure(format!(
                "{new} is the current profile, but state.toml still has its old name: {error}"
            ));
        }
        flush_result
    }

    /// Renames the posts and the drafts, over those that a deleted profile of the new name left.
    fn move_sidecar_files(&self, old: &Name, new: &Name) {
        for (from, to) in self.sidecar_files(old).iter().zip(self.sidecar_files(new)).filter(|(from, _)| from.exists())
        {
            if let Err(error) = fs::rename(from, &to).and_then(|()| fs::flush_directory_of(&to)) {
                self.record_failure(format!("{error} Rename it to {} manually.", to.display()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::drafts::SavedDraft;
    use crate::store::model::PublishedPost;

    #[test]
    fn posts_and_draft_follow_their_profile() {
        let directory = tempfile::tempdir().unwrap();
        let store = ProfileStore::open(directory.path()).unwrap();
        let [old, new, other] = ["old", "new", "other"].map(|name| Name::parse(name).unwrap());
        for name in [&old, &other] {
            store.create_or_update_profile(Profile::new(name.clone(), name.clone(), Vec::new()), |_| ()).unwrap();
        }
        let at = "2026-11-24T14:05:00Z".parse().unwrap();
        store.save_post(&old, &PublishedPost::new(None, "urn:li:person:a", at, "Hello")).unwrap();
        let draft = SavedDraft { text: "Later".to_owned(), ..SavedDraft::default() };
        store.save_draft(&old, &draft, None).unwrap();
        assert!(store.rename_profile(&old, &other).is_err(), "the name is taken");
        store.rename_profile(&old, &new).unwrap();
        assert_eq!((store.posts(&old).unwrap().len(), store.posts(&new).unwrap().len()), (0, 1));
        assert_eq!((store.draft(&old).unwrap(), store.draft(&new).unwrap()), (None, Some(draft)));
        assert_eq!(store.take_failures(), Vec::<String>::new());
    }
}
