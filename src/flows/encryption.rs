//! Changes how secrets are stored: as plain text in private files, or encrypted with a key from the
//! keyring or behind a passphrase.

use std::path::Path;

use crate::config::Settings;
use crate::encryption::{EncryptionChange, Keys, UnusedKeyringEntry};
use crate::store::{Encryption, ProfileStore, Reencrypted};
use crate::{Error, Result};

#[derive(Debug)]
pub struct EncryptionOutcome {
    pub files: Reencrypted,
    /// Why an unused key could not be deleted.
    pub old_key_left: Option<Error>,
}

/// Creates the key, rewrites every file, and deletes unused keys.
///
/// Nothing is changed before the setting is written. If the program is killed after that, the same call completes the change.
pub fn change_encryption(
    root: &Path,
    store: &ProfileStore,
    keys: &Keys,
    encryption: Encryption,
) -> Result<EncryptionOutcome> {
    Settings::load(root)?;
    let switch = EncryptionChange { keys, kind: encryption };
    let (files, unused_entry) = store.reencrypt(encryption, &switch, || keys.delete_other_keys(encryption))?;
    // Without a lock: the keyring may be slow.
    let old_key_left = unused_entry.and_then(UnusedKeyringEntry::delete).err();
    Ok(EncryptionOutcome { files, old_key_left })
}
