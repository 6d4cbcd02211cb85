//! Transactions: lock, read, write. If a key is not cached, a transaction releases its locks, fetches the key, which may prompt,
//! and starts again.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;

use super::encrypted::{CachedKeys, Encryption, KeyProvider};
use super::format::{self, SecretWriter};
use super::fs;
use super::fs::locks::{LockId, Mode, ProfileLock, acquire};
use super::name::Name;
use super::profile_store::ProfileStore;
use crate::sync::lock;
use crate::{Code, Error, Result};

/// How long a save waits for another one.
pub(super) const SAVE_LOCK_TIMEOUT: Duration = Duration::from_secs(35);

/// How many times a transaction is tried; each time another key may be missing.
const MAX_ATTEMPTS: usize = 5;

impl ProfileStore {
    /// Acquires the lock on a profile among the tasks of this process. Read the file afterwards: another task may have changed it.
    pub async fn lock_in_process(&self, name: &Name) -> OwnedMutexGuard<()> {
        let process_lock = Arc::clone(lock(&self.task_locks).entry(name.clone()).or_default());
        process_lock.lock_owned().await
    }

    /// Acquires a profile's lock for a long operation, such as a refresh.
    pub fn lock_profile(&self, name: &Name, timeout: Duration) -> Result<ProfileLock> {
        self.lock_of_profile(&LockId::Profile(name.clone()), name, timeout)
    }

    /// Acquires the lock of a profile's deliveries, which another process may hold for a long time.
    pub fn lock_deliveries(&self, name: &Name, timeout: Duration) -> Result<ProfileLock> {
        self.lock_of_profile(&LockId::Deliveries(name.clone()), name, timeout)
    }

    /// Acquires the lock of an article that is published, or fails at once.
    pub(crate) fn lock_article(&self, path: &Path) -> Result<File> {
        let path = std::fs::canonicalize(path).map_err(|error| fs::io_error("locked", path, &error))?;
        self.lock(&LockId::Article(path), Duration::ZERO)
    }

    /// Acquires the lock that shows that the deletion of a profile can be undone; `None` if another process holds it, or if it cannot be
    /// acquired.
    pub(super) fn lock_deleted(&self, name: &Name) -> Option<File> {
        self.lock(&LockId::Deleted(name.clone()), Duration::ZERO).ok()
    }

    /// Returns whether the deletion of a profile can be undone: a process that deleted it still has its files.
    pub(super) fn can_be_restored(&self, name: &Name) -> bool {
        let attempt = self.lock_as(&LockId::Deleted(name.clone()), Mode::Shared, Duration::ZERO);
        attempt.is_err_and(|error| error.code == Code::Locked)
    }

    fn lock_of_profile(&self, id: &LockId, name: &Name, timeout: Duration) -> Result<ProfileLock> {
        Ok(ProfileLock { file: self.lock(id, timeout)?, path: self.lock_path(id), name: name.clone() })
    }

    pub(super) fn lock(&self, id: &LockId, timeout: Duration) -> Result<File> {
        self.lock_as(id, Mode::Exclusive, timeout)
    }

    fn lock_as(&self, id: &LockId, mode: Mode, timeout: Duration) -> Result<File> {
        fs::create_private_directory(&self.root.join("locks"))?;
        acquire(&self.lock_path(id), id, mode, timeout, &self.wait_observer)
    }

    fn lock_path(&self, id: &LockId) -> PathBuf {
        self.root.join("locks").join(format!("{id}.lock"))
    }

    /// Acquires the lock that prevents a change of encryption.
    fn lock_storage_shared(&self) -> Result<File> {
        let _queue = self.lock(&LockId::StorageQueue, SAVE_LOCK_TIMEOUT)?;
        self.lock_as(&LockId::Storage, Mode::Shared, SAVE_LOCK_TIMEOUT)
    }

    /// Acquires the locks that prevent other processes from writing secrets.
    pub(super) fn lock_storage(&self) -> Result<[File; 2]> {
        let queue = self.lock(&LockId::StorageQueue, SAVE_LOCK_TIMEOUT)?;
        Ok([queue, self.lock(&LockId::Storage, SAVE_LOCK_TIMEOUT)?])
    }

    /// Runs `work` under these locks, on a store that has only the cached keys. `work` runs again after a missing key was fetched,
    /// so it must not change anything before it has its keys.
    pub(super) fn with_locks<T>(&self, ids: &[LockId], work: impl FnMut(&Self) -> Result<T>) -> Result<T> {
        self.transaction(ids, work, |_, result| Ok(result))
    }

    /// Runs `prepare` as [`ProfileStore::with_locks`] runs its work, and then `commit`, once.
    pub(super) fn transaction<P, T>(
        &self,
        ids: &[LockId],
        mut prepare: impl FnMut(&Self) -> Result<P>,
        commit: impl FnOnce(&Self, P) -> Result<T>,
    ) -> Result<T> {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        for _ in 0..MAX_ATTEMPTS {
            let locks: Vec<File> = ids.iter().map(|id| self.lock(id, SAVE_LOCK_TIMEOUT)).collect::<Result<_>>()?;
            match self.attempt(&mut prepare)? {
                Attempt::Done { store, prepared, _storage } => return commit(&store, prepared?),
                Attempt::MissingKey(kind) => {
                    drop(locks);
                    self.keys.fetch_key(kind)?;
                }
            }
        }
        Err(key_changed_error())
    }

    /// Runs a [`ProfileStore::transaction`] under a lock that the caller holds; it is released while a key is fetched.
    pub(super) fn transaction_with_lock<P, T>(
        &self,
        lock: &ProfileLock,
        mut prepare: impl FnMut(&Self) -> Result<P>,
        commit: impl FnOnce(&Self, P) -> Result<T>,
    ) -> Result<T> {
        for _ in 0..MAX_ATTEMPTS {
            match self.attempt(&mut prepare)? {
                Attempt::Done { store, prepared, _storage } => return commit(&store, prepared?),
                Attempt::MissingKey(kind) => {
                    drop(lock.release_while(SAVE_LOCK_TIMEOUT, &self.wait_observer, || self.keys.fetch_key(kind))?);
                }
            }
        }
        Err(key_changed_error())
    }

    fn attempt<P>(&self, prepare: &mut impl FnMut(&Self) -> Result<P>) -> Result<Attempt<P>> {
        let storage = self.lock_storage_shared()?;
        let cached = Arc::new(CachedKeys::new(Arc::clone(&self.keys), None));
        let keys: Arc<dyn KeyProvider> = Arc::<CachedKeys>::clone(&cached);
        let store = self.clone().with_keys(keys);
        let prepared = prepare(&store);
        Ok(match cached.missing_key() {
            Some(kind) if prepared.is_err() => Attempt::MissingKey(kind),
            _ => Attempt::Done { store: Box::new(store), prepared, _storage: storage },
        })
    }

    /// Returns the document to edit, and how to write its secrets: an encrypted file stays encrypted the same way, a new or plain
    /// one follows the settings.
    pub(super) fn open_for_editing(&self, path: &Path) -> Result<(format::Document, SecretWriter)> {
        if self.omits_secrets {
            return Err(Error::new(Code::Unexpected, "A store without secrets cannot be written.", ""));
        }
        let document = format::parse_document(path, self.read(path)?.as_deref())?;
        let secrets = match format::declared_encryption(&document) {
            Some(kind) => SecretWriter::Encrypted(kind, self.keys.fetch_key(kind)?),
            None => self.preferred_writer()?,
        };
        Ok((document, secrets))
    }

    pub(super) fn preferred_writer(&self) -> Result<SecretWriter> {
        Ok(match self.keys.preferred_encryption()? {
            Encryption::Off => SecretWriter::Plain,
            kind => SecretWriter::Encrypted(kind, self.keys.fetch_key(kind)?),
        })
    }
}

enum Attempt<P> {
    Done {
        /// Has all keys that were needed.
        store: Box<ProfileStore>,
        prepared: Result<P>,
        _storage: File,
    },
    MissingKey(Encryption),
}

fn key_changed_error() -> Error {
    Error::new(
        Code::Locked,
        "Another linkedin-tui process kept replacing the key to the encrypted secrets.",
        "Try again when it is done.",
    )
}
