//! Deletes a profile, and can restore it while the program runs. The content stays in memory only, so that no deleted token remains
//! on the disk.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

use super::format;
use super::fs;
use super::fs::locks::LockId;
use super::model::Profile;
use super::name::Name;
use super::posts::merge_posts;
use super::profile_store::ProfileStore;
use crate::{Code, Error, Result};

/// How long the end of the program waits for a command that saves a post.
const DROP_LOCK_TIMEOUT: Duration = Duration::from_secs(2);

/// A deleted profile: the content of its file, its posts and its drafts. Wiped when dropped.
pub struct DeletedProfile {
    name: Name,
    content: Content,
    /// The decrypted profile, if its key was cached: the encryption may be changed before the deletion is undone.
    profile: Option<Profile>,
    /// The posts and the drafts.
    sidecars: Vec<(PathBuf, Zeroizing<Vec<u8>>)>,
    was_current: bool,
    flush_error: Option<Error>,
    /// What shows other processes that the deletion can be undone; `None` if it cannot.
    _undo: Option<Undo>,
}

/// Lets commands save what they still learn about the posts of a deleted profile. When dropped, nothing of it remains, unless it was
/// restored.
struct Undo {
    store: ProfileStore,
    name: Name,
    _lock: File,
}

impl Drop for Undo {
    fn drop(&mut self) {
        // Until the posts are deleted no command may save one.
        let _posts = self.store.lock(&LockId::Posts(self.name.clone()), DROP_LOCK_TIMEOUT);
        if !self.store.has_profile(&self.name) {
            self.store.record_if_failed(fs::delete_private(&self.store.posts_path(&self.name)));
        }
    }
}

enum Content {
    Bytes(Zeroizing<Vec<u8>>),
    /// The target of a symbolic link: only the link was deleted.
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
    /// Deletes a profile, and returns it for [`ProfileStore::restore_profile`]. If it was the current one, none is current.
    /// Deletes nothing if it fails.
    pub fn delete_profile_with_undo(&self, name: &Name) -> Result<DeletedProfile> {
        // Caches the key, which cannot be fetched under the locks.
        drop(self.profile(name));
        // Before the deletion: a command may save a post right after it.
        let lock = self.lock_deleted(name);
        let deleted = self.with_locks(&LockId::of_profile(name), |store| store.delete_locked(name, fs::read_bytes))?;
        let undo = lock.map(|lock| Undo { store: self.clone(), name: name.clone(), _lock: lock });
        Ok(DeletedProfile { _undo: undo, ..deleted })
    }

    /// Deletes a profile permanently, even an unreadable one.
    pub fn delete_profile(&self, name: &Name) -> Result<()> {
        let read = |path: &Path| fs::read_bytes(path).or_else(|_| Ok(Some(Vec::new())));
        let deleted = self.with_locks(&LockId::of_profile(name), |store| store.delete_locked(name, read))?;
        deleted.flush_error.map_or(Ok(()), Err)
    }

    fn delete_locked(&self, name: &Name, read: impl Fn(&Path) -> Result<Option<Vec<u8>>>) -> Result<DeletedProfile> {
        let path = self.profile_path(name);
        if !self.has_profile(name) {
            return Err(self.no_such_profile_error(name));
        }
        for path in self.sidecar_files(name).iter().chain([&path]) {
            if let Ok(Some(text)) = fs::read_text_keeping_mode(path) {
                format::check_is_not_newer(path, &text)?;
            }
        }
        let content = match std::fs::read_link(&path) {
            Ok(target) => Content::Link(target),
            Err(_) => Content::Bytes(Zeroizing::new(read(&path)?.unwrap_or_default())),
        };
        let mut sidecars = Vec::new();
        for path in self.sidecar_files(name) {
            sidecars.extend(read(&path)?.map(|bytes| (path, Zeroizing::new(bytes))));
        }
        // A damaged state.toml or a missing key must not prevent the deletion.
        let was_current = matches!(self.current_profile(), Ok(Some(current)) if current == *name);
        let profile = self.profile(name).ok();

        fs::delete_unflushed(&path)?;
        // From here on failures are only recorded: returning one would discard what can be restored.
        let flush_error = fs::flush_directory_of(&path).err();
        for (path, _) in &sidecars {
            self.record_if_failed(fs::delete(path));
        }
        if was_current && let Err(error) = self.set_current_profile(None) {
            self.record_failure(format!("{name} is deleted, but state.toml still has its name: {error}"));
        }
        Ok(DeletedProfile { name: name.clone(), content, profile, sidecars, was_current, flush_error, _undo: None })
    }

    /// Restores a deleted profile, as the current one if it was and no other is now. Its file has the same bytes as before, unless
    /// the encryption was changed since.
    pub fn restore_profile(&self, deleted: &DeletedProfile) -> Result<()> {
        let name = &deleted.name;
        self.with_locks(&LockId::of_profile(name), |store| store.restore_locked(deleted))?;
        if deleted.was_current
            && let Err(error) = self.claim_current_profile(name)
        {
            self.record_failure(format!("{name} is restored, but could not be made the current profile: {error}"));
        }
        Ok(())
    }

    fn restore_locked(&self, deleted: &DeletedProfile) -> Result<()> {
        let path = self.profile_path(&deleted.name);
        if self.has_profile(&deleted.name) {
            return Err(Error::bad_input(
                format!("A profile named {} exists again, so the deleted one was not restored.", deleted.name),
                "Rename that one, then undo.",
            ));
        }
        match &deleted.content {
            Content::Bytes(bytes) => match self.reencrypt_deleted(deleted, bytes)? {
                Some(text) => fs::save(&path, &text)?,
                None => fs::save_bytes(&path, bytes)?,
            },
            Content::Link(target) => {
                create_link(target, &path).map_err(|error| fs::io_error("restored", &path, &error))?;
            }
        }
        for (path, bytes) in &deleted.sidecars {
            self.record_if_failed(self.restore_sidecar(&deleted.name, path, bytes));
        }
        Ok(())
    }

    /// Restores a file with posts or a draft. Nothing is lost that was saved since.
    fn restore_sidecar(&self, name: &Name, path: &Path, bytes: &[u8]) -> Result<()> {
        match fs::read_bytes(path)? {
            None => fs::save_bytes(path, bytes),
            Some(newer) if newer == bytes => Ok(()),
            Some(newer) if *path == self.posts_path(name) => {
                let [deleted, newer] = [bytes, &newer].map(String::from_utf8_lossy);
                fs::save(path, &merge_posts(path, &deleted, &newer)?)
            }
            Some(_) => Err(Error::new(
                Code::Files,
                format!("{} was saved since the deletion, so the deleted one is not restored.", path.display()),
                "",
            )),
        }
    }

    /// Returns the text encrypted as the settings require now; `None` if the old bytes can be restored.
    fn reencrypt_deleted(&self, deleted: &DeletedProfile, bytes: &[u8]) -> Result<Option<Zeroizing<String>>> {
        let (Some(profile), Ok(text)) = (&deleted.profile, std::str::from_utf8(bytes)) else { return Ok(None) };
        let path = self.profile_path(&deleted.name);
        let Ok(mut document) = format::parse_document(&path, Some(text)) else { return Ok(None) };
        // The old key may have been replaced since.
        if format::is_stored_as(&document, self.keys.preferred_encryption()?) {
            if let Some(kind) = format::declared_encryption(&document)
                && matches!(self.keys.cached_key(kind), Ok(None))
            {
                // `with_locks` fetches it without the locks, and runs this again.
                self.keys.fetch_key(kind)?;
            }
            match format::profile::read(&path, &deleted.name, text, Some(&*self.keys)) {
                Ok(_) => return Ok(None),
                // An unavailable key may still be the right one.
                Err(error) if error.code == Code::KeyUnavailable => return Ok(None),
                Err(_) => {}
            }
        }
        format::profile::write(&mut document, profile, &self.preferred_writer()?)?;
        Ok(Some(Zeroizing::new(document.to_string())))
    }

    /// Returns the paths of a profile's posts, of its draft and of the draft that another process saved meanwhile.
    pub(super) fn sidecar_files(&self, name: &Name) -> [PathBuf; 3] {
        [self.posts_path(name), self.draft_path(name), self.conflicting_draft_path(name)]
    }
}

#[cfg(unix)]
fn create_link(target: &Path, path: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(windows)]
fn create_link(target: &Path, path: &Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_file(target, path)
}
