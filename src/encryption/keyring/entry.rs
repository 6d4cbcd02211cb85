//! The entry in the system's keyring.

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

use crate::sync::run_with_timeout;
use crate::{Code, Error, Result};

/// The entry's service; its user is the entry's name.
const SERVICE: &str = "linkedin-tui";

/// A keyring may wait for the user, or hang.
const KEYRING_TIMEOUT: Duration = Duration::from_secs(4);

pub(super) fn read_entry(name: &str) -> Result<Option<SecretString>> {
    let name = name.to_owned();
    call_keyring(move || match open_entry(&name)?.get_password() {
        Ok(text) => Ok(Some(SecretString::from(text))),
        Err(KeyringError::NoEntry) => Ok(None),
        Err(error) => Err(error),
    })
}

/// Writes an entry, and reads it back: some keyrings accept one and lose it.
pub(super) fn write_entry(name: &str, text: &SecretString) -> Result<()> {
    let (owned_name, owned_text) = (name.to_owned(), text.clone());
    call_keyring(move || open_entry(&owned_name)?.set_password(owned_text.expose_secret()))?;
    if read_entry(name)?.is_none_or(|stored| stored.expose_secret().trim() != text.expose_secret().trim()) {
        drop(delete_entry(name.to_owned()));
        return Err(keyring_error("does not return what it stored"));
    }
    Ok(())
}

pub(in crate::encryption) fn delete_entry(name: String) -> Result<()> {
    call_keyring(move || match open_entry(&name)?.delete_credential() {
        Err(KeyringError::NoEntry) => Ok(()),
        other => other,
    })
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
}
