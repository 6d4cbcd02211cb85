//! Keeping secrets another way: plain in private files, or sealed with a key from the keyring or
//! behind a passphrase.

use std::path::Path;

use crate::config::Settings;
use crate::keys::{Introduction, Keys, LeftInKeyring};
use crate::profile::{Protection, Resealed, Store};
use crate::{Error, Result};

/// What was done.
#[derive(Debug)]
pub struct Protected {
    /// The files.
    pub files: Resealed,
    /// Why a key that nothing needs any more is still there.
    pub old_key_left: Option<Error>,
}

/// Makes the key, rewrites every file, and removes the keys that nothing needs any more.
///
/// Before the setting is written nothing is changed; after a kill the same call does the rest.
///
/// # Errors
/// As [`Store::reseal`].
pub fn protect(root: &Path, store: &Store, keys: &Keys, wanted: Protection) -> Result<Protected> {
    Settings::load(root)?;
    let introduction = Introduction { keys, kind: wanted };
    let (files, removed) = store.reseal(wanted, &introduction, || keys.remove_others(wanted))?;
    // The keyring may take its time, and nobody waits for it any more.
    let old_key_left = removed.and_then(LeftInKeyring::remove).err();
    Ok(Protected { files, old_key_left })
}
