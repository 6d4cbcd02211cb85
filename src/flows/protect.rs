//! Keeping secrets another way: plain in private files, or sealed with a key from the keyring or
//! behind a passphrase.

use std::path::Path;

use crate::config::Settings;
use crate::keys::Keys;
use crate::profile::{KeyHolder, Protection, Resealed, Store};
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
/// As [`Store::reseal`] and [`Keys::make`].
pub fn protect(root: &Path, store: &Store, keys: &Keys, wanted: Protection) -> Result<Protected> {
    Settings::load(root)?;
    // Where files need the key that is there, a lost one must not be replaced by another.
    let key = |needed| match wanted {
        Protection::File => Ok(()),
        _ if needed => keys.key(wanted).map(drop),
        _ => keys.make(wanted),
    };
    let commit = || Settings::set_protection(root, wanted);
    let (files, old_key_left) = store.reseal(wanted, key, commit, || keys.remove_others(wanted).err())?;
    Ok(Protected { files, old_key_left })
}
