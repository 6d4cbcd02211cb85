//! A deleted profile that can come back as it was, and the mark by which a changed file is known.

use std::path::PathBuf;
use std::time::SystemTime;

use zeroize::Zeroizing;

use super::files;
use super::store::{SAVE_WAIT, Store};
use super::types::{Name, Profile};
use super::wire;
use crate::{Code, Error, Result};

/// A deleted profile: the very bytes of its file and of what was kept beside it. Wiped when dropped.
pub struct Removed {
    name: Name,
    content: Content,
    /// What the bytes said, where their key was at hand: another way to keep secrets may be chosen meanwhile.
    profile: Option<Profile>,
    beside: Vec<(PathBuf, Zeroizing<Vec<u8>>)>,
    was_active: bool,
}

enum Content {
    Bytes(Zeroizing<Vec<u8>>),
    /// The profile was a symbolic link, which alone was deleted.
    Link(PathBuf),
}

impl Removed {
    /// Whose it was.
    #[must_use]
    pub const fn name(&self) -> &Name {
        &self.name
    }
}

/// How a file looked from outside; another value means another content. Every save makes a new
/// file, so that even two saves within the clock's tick differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    file: u64,
}

impl Store {
    /// Deletes a profile as [`Store::delete_profile`] does, and gives what brings it back.
    ///
    /// # Errors
    /// As [`Store::delete_profile`]; `files` when its bytes cannot be kept first.
    pub fn remove_profile(&self, name: &Name) -> Result<Removed> {
        let path = self.profile_path(name);
        let content = match std::fs::read_link(&path) {
            Ok(target) => Content::Link(target),
            Err(_) => match std::fs::read(&path) {
                Ok(bytes) => Content::Bytes(Zeroizing::new(bytes)),
                // Where there is none, the delete says so in its own words.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Content::Bytes(Zeroizing::default()),
                Err(error) => return Err(files::failed("read", &path, &error)),
            },
        };
        let mut beside = Vec::new();
        for path in self.companions(name) {
            match std::fs::read(&path) {
                Ok(bytes) => beside.push((path, Zeroizing::new(bytes))),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(files::failed("read", &path, &error)),
            }
        }
        let was_active = self.active()?.as_ref() == Some(name);
        let profile = self.profile(name).ok();
        self.delete_profile(name)?;
        Ok(Removed { name: name.clone(), content, profile, beside, was_active })
    }

    /// Brings a deleted profile back, byte by byte, and active where it was and nothing else is. Where secrets are kept another
    /// way since, its own are as well.
    ///
    /// # Errors
    /// `bad_input` where the name is taken meanwhile; `files`, `locked`; `key_unavailable` where it must be sealed anew.
    pub fn restore_profile(&self, removed: &Removed) -> Result<()> {
        let name = &removed.name;
        let _lock = self.lock_profile(name, SAVE_WAIT)?;
        let path = self.profile_path(name);
        if path.exists() || path.is_symlink() {
            return Err(Error::bad_input(
                format!("There is a profile called {name} again, so the deleted one stays away."),
                "Rename that one, then undo.",
            ));
        }
        let held = self.not_resealing()?;
        match &removed.content {
            Content::Bytes(bytes) => match self.kept_as_now(removed, bytes)? {
                Some(text) => files::save(&path, &text)?,
                None => files::save_bytes(&path, bytes)?,
            },
            Content::Link(target) => link(target, &path).map_err(|error| files::failed("restored", &path, &error))?,
        }
        for (path, bytes) in &removed.beside {
            files::save_bytes(path, bytes)?;
        }
        drop(held);
        if removed.was_active && self.active()?.is_none() {
            self.set_active(Some(name))?;
        }
        Ok(())
    }

    /// The text whose secrets are kept as they are to be kept now; `None` where the old bytes will do.
    fn kept_as_now(&self, removed: &Removed, bytes: &[u8]) -> Result<Option<Zeroizing<String>>> {
        let (Some(profile), Ok(text)) = (&removed.profile, std::str::from_utf8(bytes)) else { return Ok(None) };
        let path = self.profile_path(&removed.name);
        let Ok(mut document) = wire::document(&path, Some(text)) else { return Ok(None) };
        let kept = wire::is_kept(&document, self.keys.wanted()?);
        // A key that cannot be asked for just now is no other key.
        let opens = match wire::profile(&path, &removed.name, text, Some(&*self.keys)) {
            Ok(_) => true,
            Err(error) => error.code == Code::KeyUnavailable,
        };
        if kept && opens {
            return Ok(None);
        }
        let (_held, writing) = self.writing()?;
        wire::write_profile(&mut document, profile, &writing)?;
        Ok(Some(Zeroizing::new(document.to_string())))
    }

    /// The mark of a profile's file; `None` where there is none. Opens nothing.
    #[must_use]
    pub fn stamp(&self, name: &Name) -> Option<Stamp> {
        let about = std::fs::metadata(self.profile_path(name)).ok()?;
        #[cfg(unix)]
        let file = std::os::unix::fs::MetadataExt::ino(&about);
        #[cfg(not(unix))]
        let file = 0;
        Some(Stamp { modified: about.modified().ok(), length: about.len(), file })
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
