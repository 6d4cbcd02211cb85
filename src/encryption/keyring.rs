//! The key in the system's keyring: the Secret Service, the Keychain or the Credential Manager. The file `keys/keyring` has the
//! name of its entry, which is the public half of the key.

use std::path::{Path, PathBuf};
use std::time::Duration;

use age::secrecy::{ExposeSecret, SecretString};
#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store;
#[cfg(all(unix, not(target_os = "macos")))]
use dbus_secret_service_keyring_store::Store;
use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error as KeyringError};
#[cfg(windows)]
use windows_native_keyring_store::Store;

use crate::store::{Key, MAX_KEY_FILE_BYTES, OTHERS_WRITE, delete_private, read_key_file};
use crate::sync::run_with_timeout;
use crate::{Code, Error, NextStep, Result};

/// The entry's service; its user is the entry's name.
const SERVICE: &str = "linkedin-tui";

/// A keyring may wait for the user, or hang.
const KEYRING_TIMEOUT: Duration = Duration::from_secs(4);

/// An entry's name is shorter than this; a public key has 62 characters.
const PUBLIC_KEY_BYTES_LIMIT: usize = 200;

pub(super) fn key_file_path(root: &Path) -> PathBuf {
    root.join("keys").join("keyring")
}

/// Returns the name of the entry; `None` before a key was created. Other users may read the file, because the public half of a key
/// is not secret.
fn entry_name(root: &Path) -> Result<Option<String>> {
    let Some(text) = read_key_file(&key_file_path(root), MAX_KEY_FILE_BYTES, OTHERS_WRITE)? else { return Ok(None) };
    let name = text.trim();
    if name.starts_with("age1") && name.len() < PUBLIC_KEY_BYTES_LIMIT {
        return Ok(Some(name.to_owned()));
    }
    Err(Error::new(
        Code::FileDamaged,
        format!("{} does not name a key.", key_file_path(root).display()),
        "Restore the file from a backup, or write the name of the keyring's entry (service linkedin-tui) into it.",
    ))
}

/// Returns the key that `keys/keyring` names.
pub(super) fn load_key(root: &Path) -> Result<Key> {
    let unavailable = |why: &str| {
        Error::new(
            Code::KeyUnavailable,
            format!("The encryption key is not available: {why}."),
            "Restore that file and the keyring's entry (service linkedin-tui) from a backup: without them, encrypted tokens cannot be \
             read. If there is no backup, create a new key.",
        )
        .with_next_step(NextStep::CreateKey { encryption: "keyring" })
    };
    let name =
        entry_name(root)?.ok_or_else(|| unavailable(&format!("{} was not found", key_file_path(root).display())))?;
    let text = read_entry(&name)?.ok_or_else(|| unavailable("the keyring no longer has an entry for it"))?;
    Key::parse(text.expose_secret())
        .filter(|key| key.public_key() == name)
        .ok_or_else(|| unavailable("the keyring's entry has a different key"))
}

/// Returns whether the file and the keyring's entry exist.
pub(super) fn has_key(root: &Path) -> Result<bool> {
    entry_name(root)?.map_or(Ok(false), |name| Ok(read_entry(&name)?.is_some()))
}

/// Creates a key and stores it in the keyring. Returns it with the content for its file.
pub(super) fn create_key() -> Result<(Key, String)> {
    let key = Key::generate();
    let name = key.public_key();
    // Reports an unavailable keyring before anything is created.
    read_entry(&name)?;
    write_entry(&name, key.to_secret_string())?;
    // Some keyrings accept an entry and lose it.
    let stored = read_entry(&name)?.and_then(|text| Key::parse(text.expose_secret()));
    if stored.is_none_or(|stored| stored.public_key() != name) {
        drop(delete_entry(name));
        return Err(keyring_error("does not return what it stored"));
    }
    Ok((key, format!("{name}\n")))
}

/// Deletes the file with the entry's name, and returns the name. The entry is not used afterwards.
pub(super) fn delete_key_file(root: &Path) -> Result<Option<String>> {
    let name = entry_name(root)?;
    delete_private(&key_file_path(root))?;
    Ok(name)
}

pub(super) fn delete_entry(name: String) -> Result<()> {
    call_keyring(move || match open_entry(&name)?.delete_credential() {
        Err(KeyringError::NoEntry) => Ok(()),
        other => other,
    })
}

fn read_entry(name: &str) -> Result<Option<SecretString>> {
    let name = name.to_owned();
    call_keyring(move || match open_entry(&name)?.get_password() {
        Ok(text) => Ok(Some(SecretString::from(text))),
        Err(KeyringError::NoEntry) => Ok(None),
        Err(error) => Err(error),
    })
}

fn write_entry(name: &str, text: SecretString) -> Result<()> {
    let name = name.to_owned();
    call_keyring(move || open_entry(&name)?.set_password(text.expose_secret()))
}

fn open_entry(name: &str) -> keyring_core::Result<Entry> {
    Store::new()?.build(SERVICE, name, None)
}

/// Calls the keyring, for at most [`KEYRING_TIMEOUT`].
fn call_keyring<T: Send + 'static>(work: impl FnOnce() -> keyring_core::Result<T> + Send + 'static) -> Result<T> {
    match run_with_timeout("keyring", KEYRING_TIMEOUT, work) {
        Some(Ok(value)) => Ok(value),
        Some(Err(error)) => Err(to_error(&error)),
        None => Err(keyring_error("does not respond")),
    }
}

/// Converts an error without the keyring's own text, which may quote the secret.
fn to_error(error: &KeyringError) -> Error {
    match error {
        KeyringError::NoStorageAccess(_) => keyring_error("is locked, or access to it was refused"),
        KeyringError::NoEntry => keyring_error("has no entry for the key"),
        KeyringError::Ambiguous(_) => keyring_error("has several entries for the same key"),
        KeyringError::BadEncoding(_) | KeyringError::BadDataFormat(..) => keyring_error("returned no text for the key"),
        _ => keyring_error("cannot be reached"),
    }
}

fn keyring_error(what: &str) -> Error {
    Error::new(
        Code::KeyUnavailable,
        format!("The system's keyring {what}, so the encryption key is not available."),
        "Start or unlock it (on Linux a Secret Service such as gnome-keyring or KWallet, on the session's D-Bus) and \
         try again. Nothing is ever written as plain text instead.",
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::locked(KeyringError::NoStorageAccess("s3cret".into()), "is locked")]
    #[case::no_entry(KeyringError::NoEntry, "has no entry")]
    #[case::ambiguous(KeyringError::Ambiguous(Vec::new()), "has several entries")]
    #[case::encoding(KeyringError::BadEncoding(b"s3cret".to_vec()), "returned no text")]
    #[case::format(KeyringError::BadDataFormat(b"s3cret".to_vec(), "s3cret".into()), "returned no text")]
    #[case::other(KeyringError::PlatformFailure("s3cret".into()), "cannot be reached")]
    fn error_has_no_text_of_the_keyring(#[case] error: KeyringError, #[case] expected: &str) {
        let error = to_error(&error);
        assert_eq!(error.code, Code::KeyUnavailable);
        assert!(error.message.starts_with(&format!("The system's keyring {expected}")), "{}", error.message);
        assert!(!format!("{error:?}").contains("s3cret"));
    }

    #[test]
    fn only_a_public_key_names_an_entry() {
        let directory = tempfile::tempdir().unwrap();
        let name = |text: &str| {
            crate::store::write_private(&key_file_path(directory.path()), text).unwrap();
            entry_name(directory.path())
        };
        std::fs::create_dir(directory.path().join("keys")).unwrap();
        assert_eq!(entry_name(directory.path()).unwrap(), None);
        assert_eq!(name("age1abc\n").unwrap().as_deref(), Some("age1abc"));
        for invalid in ["", "abc", &format!("age1{}", "a".repeat(PUBLIC_KEY_BYTES_LIMIT - 4))] {
            assert_eq!(name(invalid).unwrap_err().code, Code::FileDamaged, "{invalid:?}");
        }
    }
}
