//! The keys to encrypted fields: one in the system's keyring, one behind a passphrase. Nothing here
//! runs before a field is encrypted or about to be.

mod keyring;
mod memory;
mod passphrase;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::config::Settings;
use crate::secret::Secret;
use crate::store::{
    Encryption, Key, KeyChange, KeyProvider, OTHERS_READ_OR_WRITE, WRITE, delete_private, make_private_folder,
    read_key_file, write_private,
};
use crate::{Code, Error, Result};

/// How long a failure counts as the answer: a list of profiles must not ask a hanging keyring for
/// each of them.
const FAILURE_COUNTS: Duration = Duration::from_secs(2);

/// Longest key file that is read.
const MAX_KEY_FILE_BYTES: u64 = 64 * 1024;

/// A question to the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassphrasePrompt {
    /// The passphrase that is in use.
    Passphrase,
    /// A new one.
    NewPassphrase,
    /// The new one once more.
    Again,
}

/// Asks the person; `None` where there is no terminal to ask on.
pub type Ask = fn(PassphrasePrompt) -> Result<Option<Secret>>;

/// For runs that ask nobody.
///
/// # Errors
/// None.
pub fn no_prompt(_: PassphrasePrompt) -> Result<Option<Secret>> {
    Ok(None)
}

/// A key, or why there was none and when; and what the key's file said then. Another process may
/// have made another key since, and nothing may be encrypted with the old one.
type Held = Option<(String, Result<Key, (Error, Instant)>)>;

/// The keys of one folder, each fetched at most once.
#[derive(Debug)]
pub struct Keys {
    root: PathBuf,
    passphrase_file: Option<PathBuf>,
    ask: Ask,
    quiet: AtomicBool,
    keyring: Mutex<Held>,
    passphrase: Mutex<Held>,
}

fn guard(held: &Mutex<Held>) -> MutexGuard<'_, Held> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Keys {
    /// For the folder at `root`. A passphrase is read from the file where one is named, else asked.
    #[must_use]
    pub fn new(root: &Path, passphrase_file: Option<PathBuf>, ask: Ask) -> Self {
        Self {
            root: root.to_owned(),
            passphrase_file,
            ask,
            quiet: AtomicBool::new(false),
            keyring: Mutex::default(),
            passphrase: Mutex::default(),
        }
    }

    /// Asks nobody from now on: the screen belongs to the interface.
    pub fn disable_prompts(&self) {
        self.quiet.store(true, Ordering::Relaxed);
    }

    fn asked(&self, question: PassphrasePrompt) -> Result<Option<Secret>> {
        if self.quiet.load(Ordering::Relaxed) { Ok(None) } else { (self.ask)(question) }
    }

    fn held(&self, kind: Encryption) -> Option<&Mutex<Held>> {
        match kind {
            Encryption::Off => None,
            Encryption::Keyring => Some(&self.keyring),
            Encryption::Passphrase => Some(&self.passphrase),
        }
    }

    fn path(&self, kind: Encryption) -> PathBuf {
        if kind == Encryption::Keyring { keyring::path(&self.root) } else { passphrase::path(&self.root) }
    }

    /// What the key's file says: the public half, or the ciphertext. Nothing where it cannot be read; who needs it says why.
    fn stamp(&self, kind: Encryption) -> String {
        let forbidden = if kind == Encryption::Keyring { WRITE } else { OTHERS_READ_OR_WRITE };
        let text = read_key_file(&self.path(kind), MAX_KEY_FILE_BYTES, forbidden).ok().flatten();
        text.map(|text| text.to_string()).unwrap_or_default()
    }

    /// Remembers the key, with what its file says. From now on this process leaves no core file.
    fn remember(&self, kind: Encryption, stamp: String, key: &Key) {
        memory::leave_no_core_file();
        if let Some(held) = self.held(kind) {
            *guard(held) = Some((stamp, Ok(key.clone())));
        }
    }

    /// Asks for the passphrase now, where one is in use: later there may be no way to.
    ///
    /// # Errors
    /// `wrong_passphrase`, `key_unavailable`, `files`.
    pub fn unlock(&self) -> Result<()> {
        if passphrase::path(&self.root).exists() { self.key(Encryption::Passphrase).map(drop) } else { Ok(()) }
    }

    /// Is there a key behind a passphrase? Nobody is asked for the passphrase.
    ///
    /// # Errors
    /// `key_unavailable`.
    pub fn check_passphrase_key(&self) -> Result<()> {
        passphrase::stored(&self.root).map(drop)
    }

    /// Removes the files of every key but the one of this kind. Call it only when nothing needs them, and while nobody can begin to.
    /// What is left to remove in the keyring may take its time: see [`UnusedKeyringEntry::remove`].
    ///
    /// # Errors
    /// `files`.
    pub fn delete_other_keys(&self, kept: Encryption) -> Result<UnusedKeyringEntry> {
        if kept != Encryption::Passphrase {
            passphrase::remove(&self.root)?;
            *guard(&self.passphrase) = None;
        }
        let mut left = None;
        if kept != Encryption::Keyring {
            left = keyring::forget(&self.root)?;
            *guard(&self.keyring) = None;
        }
        Ok(UnusedKeyringEntry(left))
    }

    /// How the files in `keys/` say that secrets are stored.
    fn encryption_in_use(&self) -> Option<Encryption> {
        let is_there = |kind: &Encryption| self.path(*kind).symlink_metadata().is_ok();
        [Encryption::Passphrase, Encryption::Keyring].into_iter().find(is_there)
    }
}

/// The keyring's entry of a key that nothing needs any more.
#[must_use]
pub struct UnusedKeyringEntry(Option<String>);

impl UnusedKeyringEntry {
    /// Removes it; it may be gone already.
    ///
    /// # Errors
    /// `key_unavailable` where the keyring does not take part.
    pub fn remove(self) -> Result<()> {
        self.0.map_or(Ok(()), keyring::remove_entry)
    }
}

/// Storing all secrets with the key of one kind.
#[derive(Debug)]
pub struct EncryptionSwitch<'a> {
    /// The keys of the folder.
    pub keys: &'a Keys,
    /// Which one.
    pub kind: Encryption,
}

/// A key that is about to be used for everything, and what its file said when it was prepared.
#[derive(Debug)]
pub struct PreparedKey {
    key: Option<Key>,
    stamp: String,
    /// What its file is to say, where it is a new one.
    new_stamp: Option<String>,
}

impl KeyChange for EncryptionSwitch<'_> {
    type Prepared = PreparedKey;

    fn prepare(&self, in_use: bool) -> Result<PreparedKey> {
        let keys = self.keys;
        if self.kind == Encryption::Off {
            return Ok(PreparedKey { key: None, stamp: String::new(), new_stamp: None });
        }
        let stamp = keys.stamp(self.kind);
        let is_there = match self.kind {
            Encryption::Keyring => keyring::has_key(&keys.root)?,
            _ => keys.path(self.kind).symlink_metadata().is_ok(),
        };
        // Where files need the key that is there, a lost one must not be replaced by another.
        if in_use || is_there {
            return Ok(PreparedKey { key: Some(keys.key(self.kind)?), stamp, new_stamp: None });
        }
        memory::leave_no_core_file();
        let (key, new_stamp) = if self.kind == Encryption::Keyring {
            keyring::new_key()?
        } else {
            passphrase::new_key(&keys.root, keys.passphrase_file.as_deref(), |question| keys.asked(question))?
        };
        Ok(PreparedKey { key: Some(key), stamp, new_stamp: Some(new_stamp) })
    }

    fn key(prepared: &PreparedKey) -> Option<Key> {
        prepared.key.clone()
    }

    fn is_current(&self, prepared: &PreparedKey) -> bool {
        self.kind == Encryption::Off || self.keys.stamp(self.kind) == prepared.stamp
    }

    fn commit(&self, prepared: &PreparedKey) -> Result<()> {
        let path = self.keys.path(self.kind);
        if let Some(text) = &prepared.new_stamp {
            make_private_folder(&self.keys.root.join("keys"))?;
            write_private(&path, text)?;
        }
        if let Err(error) = Settings::set_encryption(&self.keys.root, self.kind) {
            if prepared.new_stamp.is_some() {
                drop(delete_private(&path));
            }
            return Err(error);
        }
        if let Some(key) = &prepared.key {
            self.keys.remember(self.kind, prepared.new_stamp.clone().unwrap_or_else(|| prepared.stamp.clone()), key);
        }
        Ok(())
    }

    fn discard(&self, prepared: PreparedKey) {
        // Once its file is there it is in use.
        let unused = prepared.new_stamp.filter(|new| self.keys.stamp(self.kind) != *new);
        if self.kind == Encryption::Keyring
            && let Some(name) = unused
        {
            // An entry that is left behind opens nothing.
            drop(keyring::remove_entry(name.trim().to_owned()));
        }
    }
}

impl KeyProvider for Keys {
    /// As `config.toml` says. Where it says nothing, or `file`, though a key is in use, secrets go on being encrypted: the file
    /// may have been replaced, and only the command turns encryption off, which takes the key away.
    fn wanted(&self) -> Result<Encryption> {
        match Settings::load(&self.root)?.storage.encryption {
            Encryption::Off => Ok(self.encryption_in_use().unwrap_or(Encryption::Off)),
            encrypted => Ok(encrypted),
        }
    }

    fn key(&self, kind: Encryption) -> Result<Key> {
        let Some(held) = self.held(kind) else {
            return Err(Error::new(Code::Unexpected, "Plain files need no key.", ""));
        };
        let mut held = guard(held);
        let stamp = self.stamp(kind);
        match &*held {
            Some((then, Ok(key))) if *then == stamp => return Ok(key.clone()),
            Some((then, Err((error, at)))) if *then == stamp && at.elapsed() < FAILURE_COUNTS => {
                return Err(error.clone());
            }
            _ => {}
        }
        memory::leave_no_core_file();
        let found = if kind == Encryption::Keyring {
            keyring::key(&self.root)
        } else {
            passphrase::key(&self.root, self.passphrase_file.as_deref(), |question| self.asked(question))
        };
        *held = Some((stamp, found.clone().map_err(|error| (error, Instant::now()))));
        found
    }

    fn cached_key(&self, kind: Encryption) -> Result<Option<Key>> {
        let Some(held) = self.held(kind) else { return Ok(None) };
        // Another thread is asking for it just now.
        let Ok(held) = held.try_lock() else { return Ok(None) };
        match &*held {
            Some((then, Ok(key))) if *then == self.stamp(kind) => Ok(Some(key.clone())),
            _ => Ok(None),
        }
    }
}
