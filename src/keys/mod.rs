//! The keys to sealed fields: one in the system's keyring, one behind a passphrase. Nothing here
//! runs before a field is sealed or about to be.

mod keyring;
mod passphrase;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::config::Settings;
use crate::profile::{Key, KeyHolder, Protection};
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// How long a failure counts as the answer: a list of profiles must not ask a hanging keyring for
/// each of them.
const FAILURE_COUNTS: Duration = Duration::from_secs(2);

/// A question to the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// The passphrase that is in use.
    Passphrase,
    /// A new one.
    NewPassphrase,
    /// The new one once more.
    Again,
}

/// Asks the person; `None` where there is no terminal to ask on.
pub type Ask = fn(Question) -> Result<Option<Secret>>;

/// For runs that ask nobody.
///
/// # Errors
/// None.
pub fn ask_nobody(_: Question) -> Result<Option<Secret>> {
    Ok(None)
}

/// A key, or why there was none and when; and what the key's file said then. Another process may
/// have made another key since, and nothing may be sealed with the old one.
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
    pub fn be_quiet(&self) {
        self.quiet.store(true, Ordering::Relaxed);
    }

    fn asked(&self, question: Question) -> Result<Option<Secret>> {
        if self.quiet.load(Ordering::Relaxed) { Ok(None) } else { (self.ask)(question) }
    }

    fn held(&self, kind: Protection) -> Option<&Mutex<Held>> {
        match kind {
            Protection::File => None,
            Protection::Keyring => Some(&self.keyring),
            Protection::Passphrase => Some(&self.passphrase),
        }
    }

    /// What the key's file says: the public half, or the ciphertext.
    fn stamp(&self, kind: Protection) -> String {
        let path = if kind == Protection::Keyring { keyring::path(&self.root) } else { passphrase::path(&self.root) };
        std::fs::read_to_string(path).unwrap_or_default()
    }

    /// Asks for the passphrase now, where one is in use: later there may be no way to.
    ///
    /// # Errors
    /// `wrong_passphrase`, `key_unavailable`, `files`.
    pub fn unlock(&self) -> Result<()> {
        if passphrase::path(&self.root).exists() { self.key(Protection::Passphrase).map(drop) } else { Ok(()) }
    }

    /// Is there a key behind a passphrase? Nobody is asked for the passphrase.
    ///
    /// # Errors
    /// `key_unavailable`.
    pub fn passphrase_is_there(&self) -> Result<()> {
        passphrase::stored(&self.root).map(drop)
    }

    /// Makes the key of this kind where there is none yet.
    ///
    /// # Errors
    /// `key_unavailable` where it cannot be kept, `bad_input` for an unusable new passphrase,
    /// `wrong_passphrase` for a key that is there already, `files`.
    pub fn make(&self, kind: Protection) -> Result<()> {
        let Some(held) = self.held(kind) else { return Ok(()) };
        let mut held = guard(held);
        let key = if kind == Protection::Keyring {
            keyring::make(&self.root)?
        } else {
            passphrase::make(&self.root, self.passphrase_file.as_deref(), |question| self.asked(question))?
        };
        *held = Some((self.stamp(kind), Ok(key)));
        Ok(())
    }

    /// Removes every key but the one of this kind. Call it only when nothing needs them.
    ///
    /// # Errors
    /// `key_unavailable` where the keyring does not take part, `files`.
    pub fn remove_others(&self, kept: Protection) -> Result<()> {
        if kept != Protection::Passphrase {
            passphrase::remove(&self.root)?;
            *guard(&self.passphrase) = None;
        }
        if kept != Protection::Keyring {
            keyring::remove(&self.root)?;
            *guard(&self.keyring) = None;
        }
        Ok(())
    }
}

impl KeyHolder for Keys {
    fn wanted(&self) -> Result<Protection> {
        Ok(Settings::load(&self.root)?.storage.protection)
    }

    fn key(&self, kind: Protection) -> Result<Key> {
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
        let found = if kind == Protection::Keyring {
            keyring::key(&self.root)
        } else {
            passphrase::key(&self.root, self.passphrase_file.as_deref(), |question| self.asked(question))
        };
        *held = Some((stamp, found.clone().map_err(|error| (error, Instant::now()))));
        found
    }
}
