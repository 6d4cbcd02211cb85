//! A store that is encrypted with a key in memory, which a test locks, replaces or observes.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use linkedin_tui::internal::store::{Encryption, Key, KeyChange, KeyProvider, ProfileStore};
use linkedin_tui::{Code, Error, Result};

use crate::support::save_app_and_profiles;

/// A [`KeyProvider`] in memory, instead of a keyring or a prompt.
#[derive(Debug)]
pub(crate) struct MemoryKeys {
    encryption: Mutex<Encryption>,
    key: Mutex<Key>,
    is_locked: AtomicBool,
    /// Whether the key is cached.
    is_cached: AtomicBool,
    prompts: AtomicUsize,
    /// How many prepared keys were discarded.
    discarded: AtomicUsize,
    /// Called when the key is prompted for.
    on_prompt: fn(&Path),
    root: PathBuf,
}

impl MemoryKeys {
    /// Creates the key of the store in `root`.
    pub(crate) fn new(root: &Path, encryption: Encryption, on_prompt: fn(&Path)) -> Arc<Self> {
        Arc::new(Self {
            encryption: Mutex::new(encryption),
            key: Mutex::new(Key::generate()),
            is_locked: AtomicBool::new(false),
            is_cached: AtomicBool::new(false),
            prompts: AtomicUsize::new(0),
            discarded: AtomicUsize::new(0),
            on_prompt,
            root: root.to_owned(),
        })
    }

    pub(crate) fn set_encryption(&self, encryption: Encryption) {
        *self.encryption.lock().unwrap() = encryption;
    }

    pub(crate) fn replace_key(&self) {
        *self.key.lock().unwrap() = Key::generate();
    }

    pub(crate) fn set_locked(&self, is_locked: bool) {
        self.is_locked.store(is_locked, Ordering::SeqCst);
    }

    pub(crate) fn set_cached(&self, is_cached: bool) {
        self.is_cached.store(is_cached, Ordering::SeqCst);
    }

    pub(crate) fn discarded(&self) -> usize {
        self.discarded.load(Ordering::SeqCst)
    }

    #[cfg_attr(not(unix), expect(dead_code, reason = "only tests of Unix count them"))]
    pub(crate) fn prompts(&self) -> usize {
        self.prompts.load(Ordering::SeqCst)
    }
}

impl KeyProvider for MemoryKeys {
    fn preferred_encryption(&self) -> Result<Encryption> {
        Ok(*self.encryption.lock().unwrap())
    }

    fn fetch_key(&self, _: Encryption) -> Result<Key> {
        if self.is_locked.load(Ordering::SeqCst) {
            return Err(Error::new(Code::KeyUnavailable, "The keyring is locked.", "Unlock it."));
        }
        if !self.is_cached.swap(true, Ordering::SeqCst) {
            self.prompts.fetch_add(1, Ordering::SeqCst);
            (self.on_prompt)(&self.root);
        }
        Ok(self.key.lock().unwrap().clone())
    }

    fn cached_key(&self, kind: Encryption) -> Result<Option<Key>> {
        if self.is_cached.load(Ordering::SeqCst) { self.fetch_key(kind).map(Some) } else { Ok(None) }
    }
}

/// A store with an app and the profiles `work` and `spare`, encrypted with a key in memory.
pub(crate) struct EncryptedStore {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) store: ProfileStore,
    pub(crate) keys: Arc<MemoryKeys>,
}

impl EncryptedStore {
    /// Creates the store with this encryption; `on_prompt` is called with its root when the key is prompted for.
    pub(crate) fn new(encryption: Encryption, on_prompt: fn(&Path)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let keys = MemoryKeys::new(directory.path(), encryption, on_prompt);
        let store = ProfileStore::open(directory.path()).unwrap().with_keys(keys.clone());
        save_app_and_profiles(&store);
        Self { directory, store, keys }
    }

    /// Changes the encryption of all files; `commit` runs before the files are replaced.
    pub(crate) fn change_encryption(
        &self,
        encryption: Encryption,
        commit: &(dyn Fn() -> Result<()> + Sync),
    ) -> Result<()> {
        let commit = || {
            commit()?;
            self.keys.set_encryption(encryption);
            Ok(())
        };
        let change = EncryptionChange { keys: &self.keys, encryption, commit: &commit };
        self.store.reencrypt(encryption, &change, || ()).map(drop)
    }
}

/// A change of the encryption, which `commit` completes.
struct EncryptionChange<'a> {
    keys: &'a MemoryKeys,
    encryption: Encryption,
    commit: &'a (dyn Fn() -> Result<()> + Sync),
}

impl KeyChange for EncryptionChange<'_> {
    type Prepared = Option<Key>;

    fn prepare(&self, _: bool) -> Result<Option<Key>> {
        if self.encryption == Encryption::Off { Ok(None) } else { self.keys.fetch_key(self.encryption).map(Some) }
    }

    fn key(prepared: &Option<Key>) -> Option<Key> {
        prepared.clone()
    }

    fn is_current(&self, _: &Option<Key>) -> bool {
        true
    }

    fn commit(&self, _: &Option<Key>) -> Result<()> {
        (self.commit)()
    }

    fn discard(&self, _: Option<Key>) {
        self.keys.discarded.fetch_add(1, Ordering::SeqCst);
    }
}
