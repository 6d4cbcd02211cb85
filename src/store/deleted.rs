//! A deleted profile that can come back as it was, and the mark by which a changed file is known.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use zeroize::Zeroizing;

use super::locks::LockId;
use super::store::ProfileStore;
use super::types::{Name, Profile};
use super::{files, format, saving, schema};
use crate::{Code, Error, Result};

/// A deleted profile: the very bytes of its file and of what was kept beside it. Wiped when dropped.
pub struct DeletedProfile {
    name: Name,
    content: Content,
    /// What the bytes said, where their key was at hand: another way to keep secrets may be chosen meanwhile.
    profile: Option<Profile>,
    beside: Vec<(PathBuf, Zeroizing<Vec<u8>>)>,
    was_current: bool,
    flush_error: Option<Error>,
}

enum Content {
    Bytes(Zeroizing<Vec<u8>>),
    /// The profile was a symbolic link, which alone was deleted.
    Link(PathBuf),
}

impl DeletedProfile {
    /// Whose it was.
    #[must_use]
    pub const fn name(&self) -> &Name {
        &self.name
    }

    /// Why the deletion may not outlast a power failure.
    #[must_use]
    pub const fn flush_error(&self) -> Option<&Error> {
        self.flush_error.as_ref()
    }
}

/// How a file looked from outside; another value means another content. Every save makes a new
/// file, so that even two saves within the clock's tick differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileVersion {
    modified: Option<SystemTime>,
    length: u64,
    file: u64,
}

impl ProfileStore {
    /// Deletes a profile's file, whatever is in it, and gives what brings it back. The current one is forgotten with it.
    ///
    /// # Errors
    /// `no_such_profile`; `file_newer` for what only a newer version may delete; `files` when its bytes cannot be kept first, or
    /// it cannot be deleted. Nothing is deleted then.
    pub fn remove_profile(&self, name: &Name) -> Result<DeletedProfile> {
        // What it says is kept as well, should the key be replaced meanwhile; nobody waits for a key under the locks.
        drop(self.profile(name));
        self.exclusive(&locks_of(name), |store| store.remove_locked(name, Undo::Kept))
    }

    /// Deletes it for good, also what cannot be read.
    ///
    /// # Errors
    /// As [`ProfileStore::remove_profile`]; `files` also where it is deleted and the disk did not confirm that.
    pub fn delete_profile(&self, name: &Name) -> Result<()> {
        let removed = self.exclusive(&locks_of(name), |store| store.remove_locked(name, Undo::Lost))?;
        removed.flush_error.map_or(Ok(()), Err)
    }

    fn remove_locked(&self, name: &Name, undo: Undo) -> Result<DeletedProfile> {
        let path = self.profile_path(name);
        if !path.exists() && !path.is_symlink() {
            return Err(self.missing(Code::NoSuchProfile, "profile", name, self.profile_names()));
        }
        for path in self.sidecar_files(name).iter().chain([&path]) {
            if let Ok(Some(text)) = files::look(path) {
                schema::check_deletable(path, &text)?;
            }
        }
        let content = match std::fs::read_link(&path) {
            Ok(target) => Content::Link(target),
            Err(_) => Content::Bytes(undo.bytes(&path)?.unwrap_or_default()),
        };
        let mut beside = Vec::new();
        for path in self.sidecar_files(name) {
            beside.extend(undo.bytes(&path)?.map(|bytes| (path, bytes)));
        }
        // A damaged state.toml costs what is in it. Nobody is asked for a key to delete something.
        let was_current = matches!(self.current_profile(), Ok(Some(current)) if current == *name);
        let profile = self.profile(name).ok();

        saving::remove(&path)?;
        // It is gone, and can come back: nothing that fails from here on may lose that.
        let flush_error = saving::flush(&path).err();
        for (path, _) in &beside {
            if let Err(error) = saving::delete(path) {
                self.note_failure(error.to_string());
            }
        }
        if was_current && let Err(error) = self.set_current_profile(None) {
            self.note_failure(format!("{name} is deleted, but state.toml still has its name: {error}"));
        }
        Ok(DeletedProfile { name: name.clone(), content, profile, beside, was_current, flush_error })
    }

    /// Brings a deleted profile back, byte by byte, and as the current one where it was and no other is. Where secrets are kept another
    /// way since, its own are as well.
    ///
    /// # Errors
    /// `bad_input` where the name is taken meanwhile; `files`, `locked`; `key_unavailable` where it must be encrypted anew.
    pub fn restore_profile(&self, removed: &DeletedProfile) -> Result<()> {
        let name = &removed.name;
        self.exclusive(&locks_of(name), |store| store.restore_locked(removed))?;
        if removed.was_current
            && let Err(error) = self.claim_current_profile(name)
        {
            self.note_failure(format!("{name} is back, but could not be made the current profile: {error}"));
        }
        Ok(())
    }

    fn restore_locked(&self, removed: &DeletedProfile) -> Result<()> {
        let path = self.profile_path(&removed.name);
        if path.exists() || path.is_symlink() {
            return Err(Error::bad_input(
                format!("There is a profile called {} again, so the deleted one stays away.", removed.name),
                "Rename that one, then undo.",
            ));
        }
        match &removed.content {
            Content::Bytes(bytes) => match self.kept_as_now(removed, bytes)? {
                Some(text) => saving::save(&path, &text)?,
                None => saving::save_bytes(&path, bytes)?,
            },
            Content::Link(target) => link(target, &path).map_err(|error| files::failed("restored", &path, &error))?,
        }
        for (path, bytes) in &removed.beside {
            if let Err(error) = saving::save_bytes(path, bytes) {
                self.note_failure(error.to_string());
            }
        }
        Ok(())
    }

    /// The text whose secrets are kept as they are to be kept now; `None` where the old bytes will do.
    fn kept_as_now(&self, removed: &DeletedProfile, bytes: &[u8]) -> Result<Option<Zeroizing<String>>> {
        let (Some(profile), Ok(text)) = (&removed.profile, std::str::from_utf8(bytes)) else { return Ok(None) };
        let path = self.profile_path(&removed.name);
        let Ok(mut document) = format::document(&path, Some(text)) else { return Ok(None) };
        let kept = format::is_kept(&document, self.keys.wanted()?);
        if let Some(kind) = format::encryption(&document)
            && matches!(self.keys.cached_key(kind), Ok(None))
        {
            // Whether it still opens decides, so the key is asked for.
            self.keys.key(kind)?;
        }
        // A key that cannot be asked for just now is no other key.
        let opens = match format::profile(&path, &removed.name, text, Some(&*self.keys)) {
            Ok(_) => true,
            Err(error) => error.code == Code::KeyUnavailable,
        };
        if kept && opens {
            return Ok(None);
        }
        format::write_profile(&mut document, profile, &self.wanted_writing()?)?;
        Ok(Some(Zeroizing::new(document.to_string())))
    }

    /// The mark of a profile's file; `None` where there is none. Opens nothing.
    #[must_use]
    pub fn file_version(&self, name: &Name) -> Option<FileVersion> {
        let about = std::fs::metadata(self.profile_path(name)).ok()?;
        #[cfg(unix)]
        let file = std::os::unix::fs::MetadataExt::ino(&about);
        #[cfg(not(unix))]
        let file = 0;
        Some(FileVersion { modified: about.modified().ok(), length: about.len(), file })
    }
}

fn locks_of(name: &Name) -> [LockId; 3] {
    [LockId::Profile(name.clone()), LockId::Posts(name.clone()), LockId::Draft(name.clone())]
}

/// Can a deletion be undone?
#[derive(Clone, Copy, PartialEq, Eq)]
enum Undo {
    /// So what cannot be read cannot be deleted.
    Kept,
    /// So what cannot be read, or is no file at all, goes like everything else.
    Lost,
}

impl Undo {
    /// The bytes of a file; `None` where there is none.
    fn bytes(self, path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>> {
        match files::look_bytes(path) {
            Err(_) if self == Self::Lost => Ok(Some(Zeroizing::default())),
            bytes => bytes.map(|bytes| bytes.map(Zeroizing::new)),
        }
    }
}

#[cfg(unix)]
fn link(target: &std::path::Path, path: &std::path::Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn link(target: &std::path::Path, path: &std::path::Path) -> std::io::Result<()> {
    std::fs::hard_link(target, path)
}
