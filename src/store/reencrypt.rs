//! Changing the encryption of all files. A failure before the new key is saved changes none of them; after a later failure or a
//! crash every file can be read, and the same call rewrites the rest.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml_edit::DocumentMut;

use super::encrypted::{self, CachedKeys, Encryption, Key, KeyProvider};
use super::format::{self, SecretWriter};
use super::fs::{self, PreparedFile};
use super::profile_store::{ProfileStore, UNLISTED_DIRECTORIES};
use crate::files::leftovers::{self, LeftoverFilter};
use crate::{Code, Error, Result};

/// How many times the key is prepared, because another process may change something in between.
const MAX_ATTEMPTS: usize = 5;

/// The result of [`ProfileStore::reencrypt`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reencrypted {
    /// The number of apps and profiles in the directory.
    pub files: usize,
    /// The number of files that were stored differently before.
    pub changed: usize,
}

/// The key's part in a change of encryption. [`KeyChange::prepare`] and [`KeyChange::discard`] run without a lock and may prompt or
/// wait for a keyring; the other steps run under the lock of the storage, and must be quick.
pub trait KeyChange {
    /// A key that is not used yet.
    type Prepared;

    /// Returns the existing key if files need it (`is_in_use`), else the existing or a new one. Other processes see no
    /// change.
    fn prepare(&self, is_in_use: bool) -> Result<Self::Prepared>;

    /// Returns the key; `None` for plain text.
    fn key(prepared: &Self::Prepared) -> Option<Key>;

    /// Returns whether it is still the key to use: another process may have created another one.
    fn is_current(&self, prepared: &Self::Prepared) -> bool;

    /// Saves the key, and the encryption in the settings. All new files are on the disk by then.
    /// Changes nothing if it fails.
    fn commit(&self, prepared: &Self::Prepared) -> Result<()>;

    /// Discards a key that was not committed.
    fn discard(&self, prepared: Self::Prepared);
}

/// What is left to do once the key is committed. The locks are held until all files are replaced and the old key is deleted.
struct Rewrite {
    files: usize,
    changes: Vec<Change>,
    prepared_files: Vec<PreparedFile>,
    _locks: [std::fs::File; 2],
}

/// One file, before and after.
struct Change {
    path: PathBuf,
    before: String,
    after: String,
}

impl ProfileStore {
    /// Rewrites every file with the encryption `wanted`, under the lock of the storage.
    ///
    /// All new files are on the disk before the key is committed and the first file is replaced, so a failure before that changes
    /// nothing. After a later failure or a crash each file is the old or the new one and names its own encryption: all can be read,
    /// and the same call rewrites the rest. `cleanup` runs at the end, when no file needs the old key.
    pub fn reencrypt<K: KeyChange, T>(
        &self,
        wanted: Encryption,
        change: &K,
        cleanup: impl FnOnce() -> T,
    ) -> Result<(Reencrypted, T)> {
        for _ in 0..MAX_ATTEMPTS {
            for kind in self.encryptions_in_use()?.into_iter().filter(|kind| *kind != wanted) {
                self.keys.fetch_key(kind)?;
            }
            let is_in_use = self.encryptions_in_use()?.contains(&wanted);
            let prepared = change.prepare(is_in_use)?;
            match self.commit_key(wanted, change, &prepared, is_in_use) {
                // From here on the key is in use, even if a file cannot be replaced.
                Ok(Some(rewrite)) => {
                    let Rewrite { files, changes, prepared_files, _locks } = rewrite;
                    replace_files(&changes, prepared_files)?;
                    return Ok((Reencrypted { files, changed: changes.len() }, cleanup()));
                }
                Ok(None) => change.discard(prepared),
                Err(error) => {
                    change.discard(prepared);
                    return Err(error);
                }
            }
        }
        Err(Error::new(
            Code::Locked,
            "Another linkedin-tui process kept changing how secrets are stored.",
            "Try again when it is done.",
        ))
    }

    /// Prepares all new files and commits the key. Returns `None`, and has changed nothing, if another process has changed something
    /// since the key was prepared: the key, whether files need it, or the key of a file, which is then not cached.
    fn commit_key<K: KeyChange>(
        &self,
        wanted: Encryption,
        change: &K,
        prepared: &K::Prepared,
        is_in_use: bool,
    ) -> Result<Option<Rewrite>> {
        let locks = self.lock_storage()?;
        if !change.is_current(prepared) || self.encryptions_in_use()?.contains(&wanted) != is_in_use {
            return Ok(None);
        }
        self.delete_leftovers()?;
        let key = K::key(prepared);
        let cached = Arc::new(CachedKeys::new(Arc::clone(&self.keys), key.clone().map(|key| (wanted, key))));
        let keys: Arc<dyn KeyProvider> = Arc::<CachedKeys>::clone(&cached);
        let secrets = key.map_or(SecretWriter::Plain, |key| SecretWriter::Encrypted(wanted, key));
        let (files, changes) = match self.clone().with_keys(keys).plan_changes(wanted, &secrets) {
            Err(_) if cached.missing_key().is_some() => return Ok(None),
            changes => changes?,
        };
        let mut prepared_files = Vec::with_capacity(changes.len());
        for change in &changes {
            prepared_files.push(fs::prepare(&change.path, &change.after)?);
        }
        change.commit(prepared)?;
        Ok(Some(Rewrite { files, changes, prepared_files, _locks: locks }))
    }

    /// Returns the number of files, and the changes of those that are not stored as `wanted`.
    fn plan_changes(&self, wanted: Encryption, secrets: &SecretWriter) -> Result<(usize, Vec<Change>)> {
        let (profiles, apps) = (self.profile_names()?, self.app_names()?);
        let keys = Some(&*self.keys);
        let mut changes = Vec::new();
        for name in &profiles {
            let path = self.profile_path(name);
            changes.extend(self.plan_change(&path, wanted, |document, text| {
                let profile = format::profile::read(&path, name, text, keys)?;
                format::profile::write(document, &profile, secrets)
            })?);
        }
        for name in &apps {
            let path = self.app_path(name);
            changes.extend(self.plan_change(&path, wanted, |document, text| {
                let app = format::app::read(&path, name, text, keys)?;
                format::app::write(document, &app, secrets)
            })?);
        }
        Ok((profiles.len() + apps.len(), changes))
    }

    /// Returns the change of a file; `None` if it is already stored as `wanted`, or does not exist.
    fn plan_change(
        &self,
        path: &Path,
        wanted: Encryption,
        rewrite: impl FnOnce(&mut DocumentMut, &str) -> Result<()>,
    ) -> Result<Option<Change>> {
        let Some(before) = self.read(path)? else { return Ok(None) };
        let mut document = format::parse_document(path, Some(&before))?;
        let is_unchanged = format::is_stored_as(&document, wanted);
        // Even a file that needs no change must decrypt, so that a second run verifies the first.
        rewrite(&mut document, &before)?;
        Ok((!is_unchanged).then(|| Change { path: path.to_owned(), before, after: document.to_string() }))
    }

    /// Returns the encryptions that files have.
    fn encryptions_in_use(&self) -> Result<BTreeSet<Encryption>> {
        let profiles = self.profile_names()?.into_iter().map(|name| self.profile_path(&name));
        let apps = self.app_names()?.into_iter().map(|name| self.app_path(&name));
        let mut found = BTreeSet::new();
        for path in profiles.chain(apps) {
            let Some(text) = self.read(&path)? else { continue };
            if encrypted::has_encrypted_field(&text) {
                found.extend(format::declared_encryption(&*format::parse_document(&path, Some(&text))?));
            }
        }
        Ok(found)
    }

    /// Deletes the temporary files that crashes left: they may contain secrets in the old encryption. Under the lock of the storage
    /// no other process saves in `profiles` and `apps`. In the other directories one may save something else at this moment, such as
    /// `config.toml` or `state.toml`, and has locked its temporary file: that one is not deleted.
    fn delete_leftovers(&self) -> Result<()> {
        let mut shared = Vec::from_iter(fs::link_directory(&self.root.join("config.toml")));
        shared.extend(UNLISTED_DIRECTORIES.map(|directory| self.root.join(directory)));
        let mut exclusive = Vec::new();
        for directory in ["profiles", "apps"] {
            shared.extend(self.list(directory)?.link_directories);
            exclusive.push(self.root.join(directory));
        }
        let exclusive = exclusive.iter().map(|directory| (directory, LeftoverFilter::All));
        for (directory, which) in
            exclusive.chain(shared.iter().map(|directory| (directory, LeftoverFilter::OldOrUnlocked)))
        {
            if let Some((path, error)) = leftovers::delete(directory, which) {
                return Err(fs::io_error("deleted", &path, &error));
            }
        }
        Ok(())
    }
}

fn replace_files(changes: &[Change], prepared_files: Vec<PreparedFile>) -> Result<()> {
    for (done, (change, prepared)) in changes.iter().zip(prepared_files).enumerate() {
        let is_unchanged = fs::read(&change.path)?.is_some_and(|(text, _)| text == change.before);
        if !is_unchanged {
            return Err(changed_elsewhere_error(&change.path, done, changes.len()));
        }
        prepared.commit()?;
    }
    Ok(())
}

/// Returns the error for a file that another program changed, which is not overwritten.
fn changed_elsewhere_error(path: &Path, done: usize, total: usize) -> Error {
    Error::new(
        Code::Files,
        format!("{} was changed by another program; {done} of {total} files were rewritten.", path.display()),
        "Run the same command again to rewrite the rest.",
    )
}
