//! Changing files: locks first, then reading, then writing. Nobody is asked for a key while a lock is held: where one is not at
//! hand, every lock is given back, the key is asked for, and the whole is begun again.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;

use super::encrypted::{CachedKeys, Encryption, KeyProvider};
use super::format::{self, Writing};
use super::locks::{Hold, LockId, ProfileLock, take};
use super::saving;
use super::store::ProfileStore;
use super::types::Name;
use crate::{Code, Error, Result};

/// How long a save waits for another one.
pub(super) const SAVE_WAIT: Duration = Duration::from_secs(35);

/// How often a change is begun again because a key was not at hand.
const MAX_ATTEMPTS: usize = 5;

/// Tasks of one process wait for each other here: the kernel's locks stand between processes, and waiting for one takes a
/// thread.
pub(super) type InProcess = Arc<Mutex<HashMap<Name, Arc<tokio::sync::Mutex<()>>>>>;

impl ProfileStore {
    /// Waits until no other task of this process works on the profile over the network. What that one brought is in the file
    /// then.
    pub async fn process_turn(&self, name: &Name) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.in_process.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(turns.entry(name.clone()).or_default())
        };
        turn.lock_owned().await
    }

    /// Takes a profile's lock, for a read-modify-write that takes long (a refresh).
    ///
    /// # Errors
    /// `locked` after `wait`; `files`.
    pub fn lock_profile(&self, name: &Name, wait: Duration) -> Result<ProfileLock> {
        let id = LockId::Profile(name.clone());
        Ok(ProfileLock { file: self.lock(&id, wait)?, path: self.lock_path(&id), name: name.clone() })
    }

    /// Takes the lock of a profile's deliveries, which another process may hold for long.
    ///
    /// # Errors
    /// `locked` after `wait`; `files`.
    pub fn lock_deliveries(&self, name: &Name, wait: Duration) -> Result<ProfileLock> {
        let id = LockId::Deliveries(name.clone());
        Ok(ProfileLock { file: self.lock(&id, wait)?, path: self.lock_path(&id), name: name.clone() })
    }

    pub(super) fn lock(&self, id: &LockId, wait: Duration) -> Result<File> {
        self.hold(id, Hold::Alone, wait)
    }

    fn hold(&self, id: &LockId, hold: Hold, wait: Duration) -> Result<File> {
        saving::make_folder(&self.root.join("locks"))?;
        take(&self.lock_path(id), id, hold, wait)
    }

    fn lock_path(&self, id: &LockId) -> std::path::PathBuf {
        self.root.join("locks").join(format!("{id}.lock"))
    }

    /// While the value lives nobody changes how all secrets are stored.
    fn storage_shared(&self) -> Result<File> {
        let _queue = self.lock(&LockId::StorageQueue, SAVE_WAIT)?;
        self.hold(&LockId::Storage, Hold::Shared, SAVE_WAIT)
    }

    /// While the value lives nobody else writes a secret. Who comes later waits.
    pub(super) fn storage_alone(&self) -> Result<[File; 2]> {
        let queue = self.lock(&LockId::StorageQueue, SAVE_WAIT)?;
        Ok([queue, self.lock(&LockId::Storage, SAVE_WAIT)?])
    }

    /// Runs `work` with these locks held, on a store that asks nobody for a key. `work` reads what it needs by itself; it runs
    /// again from its beginning after a key had to be asked for, so until it has its keys it must change nothing.
    ///
    /// # Errors
    /// `locked`, `files`; those of `work`; those of the keys.
    pub(super) fn exclusive<T>(&self, ids: &[LockId], mut work: impl FnMut(&Self) -> Result<T>) -> Result<T> {
        let mut ids = ids.to_vec();
        ids.sort();
        ids.dedup();
        for _ in 0..MAX_ATTEMPTS {
            let locks: Vec<File> = ids.iter().map(|id| self.lock(id, SAVE_WAIT)).collect::<Result<_>>()?;
            match self.attempt(&mut work) {
                Ok(done) => return done,
                Err(missing) => {
                    drop(locks);
                    self.keys.key(missing)?;
                }
            }
        }
        Err(restless())
    }

    /// The same under a profile's lock that is held already; it is given back while somebody is asked.
    ///
    /// # Errors
    /// As [`ProfileStore::exclusive`].
    pub(super) fn under<T>(&self, lock: &ProfileLock, mut work: impl FnMut(&Self) -> Result<T>) -> Result<T> {
        for _ in 0..MAX_ATTEMPTS {
            match self.attempt(&mut work) {
                Ok(done) => return done,
                Err(missing) => drop(lock.paused(SAVE_WAIT, || self.keys.key(missing))?),
            }
        }
        Err(restless())
    }

    /// Runs `work` once; the error is a key that somebody has to be asked for.
    fn attempt<T>(&self, work: &mut impl FnMut(&Self) -> Result<T>) -> Result<Result<T>, Encryption> {
        let storage = match self.storage_shared() {
            Ok(storage) => storage,
            Err(error) => return Ok(Err(error)),
        };
        let at_hand = Arc::new(CachedKeys::new(Arc::clone(&self.keys), None));
        let keys: Arc<dyn KeyProvider> = Arc::<CachedKeys>::clone(&at_hand);
        let done = work(&Self { keys, ..self.clone() });
        drop(storage);
        match at_hand.missing() {
            Some(kind) if done.is_err() => Err(kind),
            _ => Ok(done),
        }
    }

    /// The document to edit, and how its secrets are written: as they are in the file where they are encrypted there, whatever
    /// the settings say by now; else as the settings say.
    pub(super) fn editable(&self, path: &Path) -> Result<(toml_edit::DocumentMut, Writing)> {
        if self.without_secrets {
            return Err(Error::new(Code::Unexpected, "An outline of the files cannot be written back.", ""));
        }
        let document = format::document(path, self.read(path)?.as_deref())?;
        let writing = match format::encryption(&document) {
            Some(kind) => Writing::Encrypted(kind, self.keys.key(kind)?),
            None => self.wanted_writing()?,
        };
        Ok((document, writing))
    }

    pub(super) fn wanted_writing(&self) -> Result<Writing> {
        Ok(match self.keys.wanted()? {
            Encryption::Off => Writing::Plain,
            kind => Writing::Encrypted(kind, self.keys.key(kind)?),
        })
    }
}

fn restless() -> Error {
    Error::new(
        Code::Locked,
        "The key to the encrypted secrets was replaced again and again meanwhile.",
        "Try again when the other linkedin-tui is done.",
    )
}
