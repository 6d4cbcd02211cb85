//! The profiles of a directory.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::SystemTime;

use super::format::{Document, SecretWriter, profile as profile_format};
use super::fs;
use super::fs::locks::{LockId, ProfileLock};
use super::model::Profile;
use super::name::Name;
use super::profile_store::{MAX_READS, ProfileStore};
use crate::{Code, Result};

/// The size of an encrypted token, rounded up.
const TOKEN_BYTES: usize = 16 * 1024;

/// A profile's name and its file's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: Name,
    /// The profile, or why it cannot be read.
    pub profile: Result<Profile>,
}

/// Identifies a version of a file without reading it. Every save creates a new file, so the inode distinguishes two saves within the
/// clock's resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileVersion {
    modified: Option<SystemTime>,
    length: u64,
    inode: u64,
}

/// A profile that is about to be written: `P`, the document on disk, and how its secrets are written.
type Editable<P> = (P, Document, SecretWriter);

impl ProfileStore {
    pub fn profile_path(&self, name: &Name) -> PathBuf {
        self.file_path("profiles", name)
    }

    /// Returns whether the profile's file exists, even as a dangling link.
    pub(super) fn has_profile(&self, name: &Name) -> bool {
        let path = self.profile_path(name);
        path.exists() || path.is_symlink()
    }

    pub fn profile_names(&self) -> Result<Vec<Name>> {
        Ok(self.list("profiles")?.names)
    }

    /// Returns the names of all profiles, and of those whose files are symbolic links.
    pub fn names_and_links(&self) -> Result<(Vec<Name>, Vec<Name>)> {
        let listing = self.list("profiles")?;
        Ok((listing.names, listing.links))
    }

    /// Returns the file that a profile's path is a symbolic link to: deleting the profile deletes the link only.
    pub fn profile_link_target(&self, name: &Name) -> Option<PathBuf> {
        std::fs::read_link(self.profile_path(name)).ok()
    }

    pub fn profile(&self, name: &Name) -> Result<Profile> {
        let path = self.profile_path(name);
        let profile = self.read_as(&path, |text| profile_format::read(&path, name, text, self.keys_for_reading()))?;
        // A dangling link is not a missing profile.
        let profile = profile.ok_or_else(|| {
            let dangling = fs::resolve_target(&path).err();
            dangling.unwrap_or_else(|| self.no_such_profile_error(name))
        })?;
        self.remember_identity(&profile);
        Ok(profile)
    }

    pub(super) fn no_such_profile_error(&self, name: &Name) -> crate::Error {
        self.not_found_error(Code::NoSuchProfile, "profile", name, self.profile_names())
    }

    fn find_profile(&self, name: &Name) -> Result<Option<Profile>> {
        match self.profile(name) {
            Err(error) if error.code == Code::NoSuchProfile => Ok(None),
            profile => profile.map(Some),
        }
    }

    /// Reads all profiles, sorted. One that is renamed during the call is returned with its new name.
    pub fn profiles(&self) -> Result<Vec<Entry>> {
        let mut profiles: BTreeMap<Name, Result<Profile>> = BTreeMap::new();
        for _ in 0..MAX_READS {
            let names = self.profile_names()?;
            profiles.retain(|name, _| names.contains(name));
            let new: Vec<Name> = names.into_iter().filter(|name| !profiles.contains_key(name)).collect();
            let mut is_complete = true;
            for name in new {
                match self.profile(&name) {
                    Err(error) if error.code == Code::NoSuchProfile => is_complete = false,
                    profile => drop(profiles.insert(name, profile)),
                }
            }
            if is_complete {
                break;
            }
        }
        Ok(profiles.into_iter().map(|(name, profile)| Entry { name, profile }).collect())
    }

    /// Returns the version of a profile's file; `None` if it does not exist.
    pub fn file_version(&self, name: &Name) -> Option<FileVersion> {
        let metadata = std::fs::metadata(self.profile_path(name)).ok()?;
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
        #[cfg(not(unix))]
        let inode = 0;
        Some(FileVersion { modified: metadata.modified().ok(), length: metadata.len(), inode })
    }

    /// Checks that a new token of this profile, and its app, can be saved. Call it before LinkedIn issues the token, which would
    /// be lost, and with it the refresh token that it replaces.
    pub fn ensure_writable(&self, name: &Name, app: &Name) -> Result<()> {
        self.with_locks(&[], |store| store.check_writable(name, app))
    }

    /// Does the same as [`ProfileStore::ensure_writable`] under a lock that the caller holds.
    pub fn ensure_writable_locked(&self, lock: &ProfileLock, app: &Name) -> Result<()> {
        self.read_locked(lock, |store| store.check_writable(&lock.name, app))
    }

    fn check_writable(&self, name: &Name, app: &Name) -> Result<()> {
        for path in [self.app_path(app), self.profile_path(name)] {
            self.open_for_editing(&path)?;
            fs::check_writable(&path, TOKEN_BYTES)?;
        }
        Ok(())
    }

    /// Reads under a profile's lock, which is released while a key is fetched.
    pub fn read_locked<T>(&self, lock: &ProfileLock, read: impl FnMut(&Self) -> Result<T>) -> Result<T> {
        self.transaction_with_lock(lock, read, |_, result| Ok(result))
    }

    /// Changes a profile under its lock, after reading it again. Returns the profile as saved.
    pub fn update_profile(&self, name: &Name, change: impl FnOnce(&mut Profile) -> Result<()>) -> Result<Profile> {
        self.transaction(
            &[LockId::Profile(name.clone())],
            |store| store.open_profile_for_editing(name),
            |store, found| store.write_changed(found, change),
        )
    }

    /// Does the same as [`ProfileStore::update_profile`] under a lock that the caller holds.
    pub fn update_locked(
        &self,
        lock: &ProfileLock,
        change: impl FnOnce(&mut Profile) -> Result<()>,
    ) -> Result<Profile> {
        self.transaction_with_lock(
            lock,
            |store| store.open_profile_for_editing(&lock.name),
            |store, found| store.write_changed(found, change),
        )
    }

    fn open_profile_for_editing(&self, name: &Name) -> Result<Editable<Profile>> {
        let profile = self.profile(name)?;
        let (document, secrets) = self.open_for_editing(&self.profile_path(name))?;
        Ok((profile, document, secrets))
    }

    fn write_changed(
        &self,
        (mut profile, mut document, secrets): Editable<Profile>,
        change: impl FnOnce(&mut Profile) -> Result<()>,
    ) -> Result<Profile> {
        let before = profile.clone();
        change(&mut profile)?;
        if profile != before {
            profile_format::write(&mut document, &profile, &secrets)?;
            fs::save(&self.profile_path(&profile.name), &document.to_string())?;
        }
        Ok(profile)
    }

    /// Creates a profile, or changes the existing one, under its lock.
    pub fn create_or_update_profile(&self, new: Profile, change: impl FnOnce(&mut Profile)) -> Result<Profile> {
        let name = new.name.clone();
        let path = self.profile_path(&name);
        self.transaction(
            &[LockId::Profile(name.clone())],
            |store| {
                let profile = store.find_profile(&name)?;
                let (document, secrets) = store.open_for_editing(&path)?;
                Ok((profile, document, secrets))
            },
            |_, (profile, mut document, secrets): Editable<Option<Profile>>| {
                let mut profile = profile.unwrap_or(new);
                change(&mut profile);
                profile_format::write(&mut document, &profile, &secrets)?;
                fs::save(&path, &document.to_string())?;
                Ok(profile)
            },
        )
    }
}
