//! The keys to encrypted fields: one in the system's keyring, one protected by a passphrase. They are fetched when a field is
//! first encrypted or decrypted.

mod keyring;
mod memory;
mod passphrase;

pub use passphrase::PassphrasePrompt;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::config::Settings;
use crate::secret::Secret;
use crate::store::{
    Encryption, Key, KeyChange, KeyProvider, MAX_KEY_FILE_BYTES, OTHERS_ACCESS, OTHERS_WRITE, create_private_directory,
    delete_private, read_key_file, write_private,
};
use crate::sync::lock;
use crate::{Code, Error, Result};

/// How long a failure is cached, so that listing many profiles waits for a hanging keyring only once.
const FAILURE_CACHE_TIME: Duration = Duration::from_secs(2);

/// Prompts the user; returns `None` without a terminal.
pub(crate) type Prompter = fn(PassphrasePrompt) -> Result<Option<Secret>>;

/// Returns no passphrase: a [`Prompter`] for runs without a terminal.
pub fn no_prompt(_: PassphrasePrompt) -> Result<Option<Secret>> {
    Ok(None)
}

/// The content of the key's file when the key was fetched, and the key, or why and when it could not be fetched. If the content
/// has changed, another process has replaced the key, so nothing may be encrypted with the cached one.
type CachedKey = Option<(String, Result<Key, (Error, Instant)>)>;

/// The keys of one directory, each fetched at most once.
#[derive(Debug)]
pub struct Keys {
    root: PathBuf,
    passphrase_file: Option<PathBuf>,
    prompter: Prompter,
    is_prompting_disabled: AtomicBool,
    keyring: Mutex<CachedKey>,
    passphrase: Mutex<CachedKey>,
}

impl Keys {
    /// Returns the keys of the directory at `root`. A passphrase is read from `passphrase_file`, else prompted for.
    pub fn new(root: &Path, passphrase_file: Option<PathBuf>, prompter: Prompter) -> Self {
        Self {
            root: root.to_owned(),
            passphrase_file,
            prompter,
            is_prompting_disabled: AtomicBool::new(false),
            keyring: Mutex::default(),
            passphrase: Mutex::default(),
        }
    }

    /// Disables prompts, which would appear over the interface.
    pub fn disable_prompts(&self) {
        self.is_prompting_disabled.store(true, Ordering::Relaxed);
    }

    fn prompt(&self, prompt: PassphrasePrompt) -> Result<Option<Secret>> {
        if self.is_prompting_disabled.load(Ordering::Relaxed) { Ok(None) } else { (self.prompter)(prompt) }
    }

    fn cache_of(&self, kind: Encryption) -> Option<&Mutex<CachedKey>> {
        match kind {
            Encryption::Off => None,
            Encryption::Keyring => Some(&self.keyring),
            Encryption::Passphrase => Some(&self.passphrase),
        }
    }

    fn key_file_path(&self, kind: Encryption) -> PathBuf {
        if kind == Encryption::Keyring {
            keyring::key_file_path(&self.root)
        } else {
            passphrase::key_file_path(&self.root)
        }
    }

    /// Returns the content of the key's file: the public half, or the ciphertext. Empty if it cannot be read, which fetching the key
    /// reports.
    fn key_file_content(&self, kind: Encryption) -> String {
        let forbidden = if kind == Encryption::Keyring { OTHERS_WRITE } else { OTHERS_ACCESS };
        let text = read_key_file(&self.key_file_path(kind), MAX_KEY_FILE_BYTES, forbidden).ok().flatten();
        text.map(|text| text.to_string()).unwrap_or_default()
    }

    /// Caches the key with the content of its file.
    fn cache_key(&self, kind: Encryption, key_file: String, key: &Key) {
        memory::disable_core_dumps();
        if let Some(cache) = self.cache_of(kind) {
            *lock(cache) = Some((key_file, Ok(key.clone())));
        }
    }

    /// Prompts for the passphrase, if one is in use. Call it before [`Keys::disable_prompts`].
    pub fn unlock(&self) -> Result<()> {
        if passphrase::key_file_path(&self.root).exists() {
            self.fetch_key(Encryption::Passphrase).map(drop)
        } else {
            Ok(())
        }
    }

    /// Checks that the key protected by a passphrase exists, without a prompt.
    pub fn check_passphrase_key(&self) -> Result<()> {
        passphrase::read_encrypted_key(&self.root).map(drop)
    }

    /// Deletes the files of the keys of other kinds; no file may still be encrypted with them. Call it under the lock of the storage,
    /// and [`UnusedKeyringEntry::delete`], which may take a long time, after releasing it.
    pub fn delete_other_keys(&self, current: Encryption) -> Result<UnusedKeyringEntry> {
        if current != Encryption::Passphrase {
            passphrase::delete_key_file(&self.root)?;
            *lock(&self.passphrase) = None;
        }
        if current == Encryption::Keyring {
            return Ok(UnusedKeyringEntry(None));
        }
        let entry = keyring::delete_key_file(&self.root)?;
        *lock(&self.keyring) = None;
        Ok(UnusedKeyringEntry(entry))
    }

    /// Returns the encryption whose key file exists in `keys/`.
    fn encryption_in_use(&self) -> Option<Encryption> {
        let exists = |kind: &Encryption| self.key_file_path(*kind).symlink_metadata().is_ok();
        [Encryption::Passphrase, Encryption::Keyring].into_iter().find(exists)
    }
}

/// The name of a keyring entry that is no longer needed.
pub struct UnusedKeyringEntry(Option<String>);

impl UnusedKeyringEntry {
    /// Deletes the entry, if it exists.
    pub fn delete(self) -> Result<()> {
        self.0.map_or(Ok(()), keyring::delete_entry)
    }
}

/// A change of encryption to `kind`.
#[derive(Debug)]
pub(crate) struct EncryptionChange<'a> {
    pub keys: &'a Keys,
    pub kind: Encryption,
}

/// The key of a change of encryption, and the content of its file when it was prepared.
#[derive(Debug)]
pub(crate) struct PreparedKey {
    key: Option<Key>,
    key_file: String,
    /// The content to write, for a new key.
    new_key_file: Option<String>,
}

impl KeyChange for EncryptionChange<'_> {
    type Prepared = PreparedKey;

    fn prepare(&self, is_in_use: bool) -> Result<PreparedKey> {
        let keys = self.keys;
        if self.kind == Encryption::Off {
            return Ok(PreparedKey { key: None, key_file: String::new(), new_key_file: None });
        }
        let key_file = keys.key_file_content(self.kind);
        let has_key = match self.kind {
            Encryption::Keyring => keyring::has_key(&keys.root)?,
            _ => keys.key_file_path(self.kind).symlink_metadata().is_ok(),
        };
        // If files need the existing key, a missing one must not be replaced by a new one.
        if is_in_use || has_key {
            return Ok(PreparedKey { key: Some(keys.fetch_key(self.kind)?), key_file, new_key_file: None });
        }
        memory::disable_core_dumps();
        let (key, new_key_file) = if self.kind == Encryption::Keyring {
            keyring::create_key()?
        } else {
            passphrase::create_key(&keys.root, keys.passphrase_file.as_deref(), |prompt| keys.prompt(prompt))?
        };
        Ok(PreparedKey { key: Some(key), key_file, new_key_file: Some(new_key_file) })
    }

    fn key(prepared: &PreparedKey) -> Option<Key> {
        prepared.key.clone()
    }

    fn is_current(&self, prepared: &PreparedKey) -> bool {
        self.kind == Encryption::Off || self.keys.key_file_content(self.kind) == prepared.key_file
    }

    fn commit(&self, prepared: &PreparedKey) -> Result<()> {
        let path = self.keys.key_file_path(self.kind);
        if let Some(text) = &prepared.new_key_file {
            create_private_directory(&self.keys.root.join("keys"))?;
            write_private(&path, text)?;
        }
        if let Err(error) = Settings::set_encryption(&self.keys.root, self.kind) {
            if prepared.new_key_file.is_some() {
                drop(delete_private(&path));
            }
            return Err(error);
        }
        if let Some(key) = &prepared.key {
            self.keys.cache_key(
                self.kind,
                prepared.new_key_file.clone().unwrap_or_else(|| prepared.key_file.clone()),
                key,
            );
        }
        Ok(())
    }

    fn discard(&self, prepared: PreparedKey) {
        // A key whose file exists is in use.
        let unused = prepared.new_key_file.filter(|new| self.keys.key_file_content(self.kind) != *new);
        if self.kind == Encryption::Keyring
            && let Some(name) = unused
        {
            // An entry that remains is harmless: nothing was encrypted with it.
            drop(keyring::delete_entry(name.trim().to_owned()));
        }
    }
}

impl KeyProvider for Keys {
    /// Returns the setting of `config.toml`. If that is `off` although a key exists, secrets stay encrypted: the file may have been
    /// replaced, for the command that turns encryption off deletes the key.
    fn preferred_encryption(&self) -> Result<Encryption> {
        match Settings::load(&self.root)?.storage.encryption {
            Encryption::Off => Ok(self.encryption_in_use().unwrap_or(Encryption::Off)),
            encrypted => Ok(encrypted),
        }
    }

    fn fetch_key(&self, kind: Encryption) -> Result<Key> {
        let Some(cache) = self.cache_of(kind) else {
            return Err(Error::new(Code::Unexpected, "Plain text needs no key.", ""));
        };
        let mut cached = lock(cache);
        let key_file = self.key_file_content(kind);
        match &*cached {
            Some((cached_file, Ok(key))) if *cached_file == key_file => return Ok(key.clone()),
            Some((cached_file, Err((error, at)))) if *cached_file == key_file && at.elapsed() < FAILURE_CACHE_TIME => {
                return Err(error.clone());
            }
            _ => {}
        }
        memory::disable_core_dumps();
        let key = if kind == Encryption::Keyring {
            keyring::load_key(&self.root)
        } else {
            passphrase::load_key(&self.root, self.passphrase_file.as_deref(), |prompt| self.prompt(prompt))
        };
        *cached = Some((key_file, key.clone().map_err(|error| (error, Instant::now()))));
        key
    }

    fn cached_key(&self, kind: Encryption) -> Result<Option<Key>> {
        let Some(cache) = self.cache_of(kind) else { return Ok(None) };
        // While another thread fetches the key, it is not cached.
        let Ok(cached) = cache.try_lock() else { return Ok(None) };
        match &*cached {
            Some((cached_file, Ok(key))) if *cached_file == self.key_file_content(kind) => Ok(Some(key.clone())),
            _ => Ok(None),
        }
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    const KINDS: [Encryption; 2] = [Encryption::Keyring, Encryption::Passphrase];

    fn write(keys: &Keys, kind: Encryption, text: &str) {
        create_private_directory(&keys.root.join("keys")).unwrap();
        write_private(&keys.key_file_path(kind), text).unwrap();
    }

    fn set_mode(keys: &Keys, kind: Encryption, mode: u32) {
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(keys.key_file_path(kind), permissions).unwrap();
    }

    #[test]
    fn a_cached_key_is_used_while_its_file_is_unchanged() {
        let directory = tempfile::tempdir().unwrap();
        let keys = Keys::new(directory.path(), None, no_prompt);
        let key = Key::generate();
        for kind in KINDS {
            let is_cached =
                || keys.cached_key(kind).unwrap().is_some_and(|cached| cached.public_key() == key.public_key());
            write(&keys, kind, "age1one");
            assert!(!is_cached());
            keys.cache_key(kind, "age1one".to_owned(), &key);
            assert!(is_cached());
            assert_eq!(keys.fetch_key(kind).unwrap().public_key(), key.public_key());
            write(&keys, kind, "age1two");
            assert!(!is_cached(), "another process has replaced the key");
            write(&keys, kind, "age1one");
            assert!(is_cached());
            // The name of a keyring's entry is not secret.
            set_mode(&keys, kind, 0o644);
            assert_eq!(is_cached(), kind == Encryption::Keyring);
        }
        assert!(keys.cached_key(Encryption::Off).unwrap().is_none());
        write(&keys, Encryption::Passphrase, "two");
        assert!(keys.fetch_key(Encryption::Passphrase).is_err(), "the cached key is not the file's");
    }

    #[test]
    fn a_failure_is_cached_while_the_file_is_unchanged() {
        static PROMPTS: AtomicUsize = AtomicUsize::new(0);
        #[expect(clippy::unnecessary_wraps, reason = "a prompter")]
        fn no_passphrase(_: PassphrasePrompt) -> Result<Option<Secret>> {
            PROMPTS.fetch_add(1, Ordering::Relaxed);
            Ok(None)
        }
        let directory = tempfile::tempdir().unwrap();
        let keys = Keys::new(directory.path(), None, no_passphrase);
        let prompts = || {
            assert!(keys.fetch_key(Encryption::Passphrase).is_err());
            PROMPTS.load(Ordering::Relaxed)
        };
        write(&keys, Encryption::Passphrase, "one");
        assert_eq!((prompts(), prompts()), (1, 1));
        write(&keys, Encryption::Passphrase, "two");
        assert_eq!(prompts(), 2);
        let expired = Instant::now().checked_sub(FAILURE_CACHE_TIME).unwrap();
        let error = Error::new(Code::KeyUnavailable, "", "");
        *lock(&keys.passphrase) = Some(("two".to_owned(), Err((error, expired))));
        assert_eq!(prompts(), 3);
    }

    #[test]
    fn unlock_needs_the_passphrase_only_where_one_is_used() {
        let directory = tempfile::tempdir().unwrap();
        let keys = Keys::new(directory.path(), None, no_prompt);
        assert!(keys.unlock().is_ok());
        assert!(keys.check_passphrase_key().is_err());
        write(&keys, Encryption::Passphrase, "one");
        assert_eq!(keys.unlock().unwrap_err().code, Code::KeyUnavailable);
        assert!(keys.check_passphrase_key().is_ok());
    }

    #[test]
    fn only_keys_of_other_kinds_are_deleted() {
        let remaining = |current: Encryption| {
            let directory = tempfile::tempdir().unwrap();
            let keys = Keys::new(directory.path(), None, no_prompt);
            for kind in KINDS {
                write(&keys, kind, "age1one");
            }
            let entry = keys.delete_other_keys(current).unwrap().0;
            (KINDS.map(|kind| keys.key_file_path(kind).exists()), entry.as_deref() == Some("age1one"))
        };
        assert_eq!(remaining(Encryption::Keyring), ([true, false], false));
        assert_eq!(remaining(Encryption::Passphrase), ([false, true], true));
        assert_eq!(remaining(Encryption::Off), ([false, false], true));
    }

    #[test]
    fn a_change_is_current_while_the_key_file_is_unchanged() {
        let directory = tempfile::tempdir().unwrap();
        let keys = Keys::new(directory.path(), None, no_prompt);
        write(&keys, Encryption::Passphrase, "one");
        let prepared = || PreparedKey { key: None, key_file: "one".to_owned(), new_key_file: None };
        let change = EncryptionChange { keys: &keys, kind: Encryption::Passphrase };
        assert!(change.is_current(&prepared()));
        write(&keys, Encryption::Passphrase, "two");
        assert!(!change.is_current(&prepared()));
        let off = EncryptionChange { keys: &keys, kind: Encryption::Off };
        assert!(off.is_current(&prepared()) && off.prepare(true).unwrap().key.is_none());
    }
}
