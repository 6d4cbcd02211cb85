//! Changes how secrets are stored: as plain text in private files, or encrypted with a key from the
//! keyring or behind a passphrase.

use std::path::Path;

use crate::config::Settings;
use crate::encryption::{EncryptionSwitch, Keys, UnusedKeyringEntry};
use crate::store::{Encryption, ProfileStore, Reencrypted};
use crate::{Error, Result};

/// What was done.
#[derive(Debug)]
pub struct EncryptionChanged {
    /// The files.
    pub files: Reencrypted,
    /// Why a key that nothing needs any more is still there.
    pub old_key_left: Option<Error>,
}

/// Makes the key, rewrites every file, and removes the keys that nothing needs any more.
///
/// Before the setting is written nothing is changed; after a kill the same call does the rest.
///
/// # Errors
/// As [`ProfileStore::reencrypt`].
pub fn change_encryption(
    root: &Path,
    store: &ProfileStore,
    keys: &Keys,
    wanted: Encryption,
) -> Result<EncryptionChanged> {
    Settings::load(root)?;
    let introduction = EncryptionSwitch { keys, kind: wanted };
    let (files, removed) = store.reencrypt(wanted, &introduction, || keys.delete_other_keys(wanted))?;
    // The keyring may take its time, and nobody waits for it any more.
    let old_key_left = removed.and_then(UnusedKeyringEntry::remove).err();
    Ok(EncryptionChanged { files, old_key_left })
}
