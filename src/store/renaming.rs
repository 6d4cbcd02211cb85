//! Another name for a profile. Whatever fails or is killed on the way, the profile is there under one of the two names, and the
//! current one is still the current one.

use super::locks::LockId;
use super::store::ProfileStore;
use super::types::{Name, Profile};
use super::{format, saving, state};
use crate::{Error, Result};

impl ProfileStore {
    /// Gives a profile another name; the current one stays the current one.
    ///
    /// # Errors
    /// `bad_input` where the new name is taken; as [`ProfileStore::profile`]; those of `state.toml` where the profile is the active
    /// one. Nothing is changed then. `files` where the disk did not confirm the new name.
    pub fn rename_profile(&self, old: &Name, new: &Name) -> Result<()> {
        let of =
            |name: &Name| [LockId::Profile(name.clone()), LockId::Posts(name.clone()), LockId::Draft(name.clone())];
        self.exclusive(&[of(old), of(new)].concat(), |store| store.rename_locked(old, new))
    }

    fn rename_locked(&self, old: &Name, new: &Name) -> Result<()> {
        let (from, to) = (self.profile_path(old), self.profile_path(new));
        let profile = self.profile(old)?;
        let text = self.read(&from)?.unwrap_or_default();
        let renamed = Profile { name: new.clone(), ..profile };
        let document = format::document(&from, Some(&text))?;
        // Encrypted fields carry the name, so they are written anew.
        let encrypted = if format::encryption(&document).is_some() {
            let (mut document, writing) = self.editable(&from)?;
            format::write_profile(&mut document, &renamed, &writing)?;
            Some(document.to_string())
        } else {
            None
        };
        // A rename that was killed between its two steps left both names with the same token.
        let half_done = encrypted.is_some() && old != new && to.exists() && self.profile(new)? == renamed;
        if (to.exists() || to.is_symlink()) && !half_done {
            return Err(Error::bad_input(format!("There is a profile called {new} already."), "Choose another name."));
        }

        let is_current = self.current_profile()?.as_ref() == Some(old);
        if is_current {
            self.change_state(|document| state::write_renaming(document, Some(new)))?;
        }
        if let Some(text) = encrypted {
            saving::save(&to, &text)?;
            if let Err(error) = saving::remove(&from) {
                // One profile under two names would refresh its token twice.
                drop(saving::remove(&to));
                return Err(error);
            }
        } else {
            saving::rename(&from, &to)?;
        }
        let flushed = saving::flush(&to);
        // The profile has its new name from here on: what fails now is no failure of the renaming.
        self.move_sidecar_files(old, new);
        if is_current && let Err(error) = self.set_current_profile(Some(new)) {
            self.note_failure(format!("{new} is the current profile, but state.toml still has its old name: {error}"));
        }
        flushed
    }

    /// Renames what is kept beside a profile. What a deleted profile of the new name left is replaced.
    fn move_sidecar_files(&self, old: &Name, new: &Name) {
        for (from, to) in self.sidecar_files(old).iter().zip(self.sidecar_files(new)).filter(|(from, _)| from.exists())
        {
            if let Err(error) = saving::rename(from, &to).and_then(|()| saving::flush(&to)) {
                self.note_failure(format!("{error} Rename it to {} by hand.", to.display()));
            }
        }
    }
}
