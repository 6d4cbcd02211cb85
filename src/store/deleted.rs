//! Deleting a profile, and undoing it for as long as the program runs. The bytes stay in memory, so that a deleted token is on no
//! disk.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::format;
use super::fs;
use super::fs::locks::LockId;
use super::model::Profile;
use super::name::Name;
use super::profile_store::ProfileStore;
use crate::{Code, Error, Result};

/// A deleted profile: the bytes of its file and of the files beside it it. Wiped when dropped.
pub struct DeletedProfile {
    name: Name,
    content: Content,
    /// The content, where its key was cached: the encryption may be changed before the deletion is undone.
    profile: Option<Profile>,
    sidecars: Vec<(PathBuf, Zeroizing<Vec<u8>>)>,
    was_current: bool,
    flush_error: Option<Error>,
}

enum Content {
    Bytes(Zeroizing<Vec<u8>>),
    /// Where the profile was a symbolic link: only the link was deleted.
    Link(PathBuf),
}

impl DeletedProfile {
    pub const fn name(&self) -> &Name {
        &self.name
    }

    /// Returns why the deletion may not survive a power failure.
    pub const fn flush_error(&self) -> Option<&Error> {
        self.flush_error.as_ref()
    }
}

impl ProfileStore {
    /// Deletes a profile, and returns what [`ProfileStore::restore_profile`] restores. If it was the current one, none is current.
    /// Deletes nothing where it fails.
    pub fn remove_profile(&self, name: &Name) -> Result<DeletedProfile> {
        // Caches the key, which is not asked for under the locks.
        drop(self.profile(name));
        self.exclusive(&LockId::of_profile(name), |store| store.remove_locked(name, Undo::Possible))
    }

    /// Deletes a profile for good, even an unreadable one.
    pub fn delete_profile(&self, name: &Name) -> Result<()> {
        let removed = self.exclusive(&LockId::of_profile(name), |store| store.remove_locked(name, Undo::Impossible))?;
        removed.flush_error.map_or(Ok(()), Err)
    }

    fn remove_locked(&self, name: &Name, undo: Undo) -> Result<DeletedProfile> {
        let path = self.profile_path(name);
        if !self.has_profile(name) {
            return Err(self.no_such_profile(name));
        }
        for path in self.sidecar_files(name).iter().chain([&path]) {
            if let Ok(Some(text)) = fs::read_untouched(path) {
                format::check_deletable(path, &text)?;
            }
        }
        let content = match std::fs::read_link(&path) {
            Ok(target) => Content::Link(target),
            Err(_) => Content::Bytes(undo.bytes(&path)?.unwrap_or_default()),
        };
        let mut sidecars = Vec::new();
        for path in self.sidecar_files(name) {
            sidecars.extend(undo.bytes(&path)?.map(|bytes| (path, bytes)));
        }
        // A damaged state.toml is no obstacle, and neither is a key that is not cached.
        let was_current = matches!(self.current_profile(), Ok(Some(current)) if current == *name);
        let profile = self.profile(name).ok();

        fs::remove(&path)?;
        // It is deleted and can be restored: no failure from here on may lose that.
        let flush_error = fs::flush_folder_of(&path).err();
        for (path, _) in &sidecars {
            self.note_failed(fs::delete(path));
        }
        if was_current && let Err(error) = self.set_current_profile(None) {
            self.note_failure(format!("{name} is deleted, but state.toml still has its name: {error}"));
        }
        Ok(DeletedProfile { name: name.clone(), content, profile, sidecars, was_current, flush_error })
    }

    /// Restores a deleted profile, byte by byte, and as the current one where it was and no other is. If the encryption has changed
    /// since, its secrets are encrypted again.
    pub fn restore_profile(&self, removed: &DeletedProfile) -> Result<()> {
        let name = &removed.name;
        self.exclusive(&LockId::of_profile(name), |store| store.restore_locked(removed))?;
        if removed.was_current
            && let Err(error) = self.claim_current_profile(name)
        {
            self.note_failure(format!("{name} is back, but could not be made the current profile: {error}"));
        }
        Ok(())
    }

    fn restore_locked(&self, removed: &DeletedProfile) -> Result<()> {
        let path = self.profile_path(&removed.name);
        if self.has_profile(&removed.name) {
            return Err(Error::bad_input(
                format!("A profile called {} exists again, so the deleted one was not restored.", removed.name),
                "Rename that one, then undo.",
            ));
        }
        match &removed.content {
            Content::Bytes(bytes) => match self.reencrypted(removed, bytes)? {
                Some(text) => fs::save(&path, &text)?,
                None => fs::save_bytes(&path, bytes)?,
            },
            Content::Link(target) => link(target, &path).map_err(|error| fs::failed("restored", &path, &error))?,
        }
        for (path, bytes) in &removed.sidecars {
            self.note_failed(fs::save_bytes(path, bytes));
        }
        Ok(())
    }

    /// Returns the text whose secrets are stored as the settings say now; `None` where the old bytes are right.
    fn reencrypted(&self, removed: &DeletedProfile, bytes: &[u8]) -> Result<Option<Zeroizing<String>>> {
        let (Some(profile), Ok(text)) = (&removed.profile, std::str::from_utf8(bytes)) else { return Ok(None) };
        let path = self.profile_path(&removed.name);
        let Ok(mut document) = format::document(&path, Some(text)) else { return Ok(None) };
        // The old key counts only where it is still in use: a changed encryption may have deleted it.
        if format::is_stored_as(&document, self.keys.preferred_encryption()?) {
            if let Some(kind) = format::encryption(&document)
                && matches!(self.keys.cached_key(kind), Ok(None))
            {
                // Whether it still decrypts the text decides, so the key is fetched.
                self.keys.key(kind)?;
            }
            match format::profile::read(&path, &removed.name, text, Some(&*self.keys)) {
                Ok(_) => return Ok(None),
                // A key that is not available now may still be the right one.
                Err(error) if error.code == Code::KeyUnavailable => return Ok(None),
                Err(_) => {}
            }
        }
        format::profile::write(&mut document, profile, &self.preferred_writer()?)?;
        Ok(Some(Zeroizing::new(document.to_string())))
    }

    /// Returns the files beside a profile, under its name.
    pub(super) fn sidecar_files(&self, name: &Name) -> [PathBuf; 2] {
        [self.posts_path(name), self.draft_path(name)]
    }
}

/// Whether a deletion can be undone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Undo {
    /// What cannot be read is not deleted.
    Possible,
    /// What cannot be read, or is not a file, is deleted all the same.
    Impossible,
}

impl Undo {
    /// Reads a file; `None` where there is none.
    fn bytes(self, path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>> {
        match fs::read_bytes(path) {
            Err(_) if self == Self::Impossible => Ok(Some(Zeroizing::default())),
            bytes => bytes.map(|bytes| bytes.map(Zeroizing::new)),
        }
    }
}

#[cfg(unix)]
fn link(target: &Path, path: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn link(target: &Path, path: &Path) -> std::io::Result<()> {
    std::fs::hard_link(target, path)
}
