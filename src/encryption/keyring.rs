//! The key in the system's keyring: the Secret Service, the Keychain or the Credential Manager.
//! Only this small key lives there. `keys/keyring` names its entry, by the public half.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use age::secrecy::{ExposeSecret, SecretString};
use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error as KeyringError};

use super::MAX_KEY_FILE_BYTES;
use crate::store::{Key, WRITE, delete_private, read_key_file};
use crate::{Code, Error, NextStep, Result};

/// The entry's service; its user is the public half of the key.
const SERVICE: &str = "linkedin-tui";

/// How long a keyring may take: it may wait for a person who is not there, or hang.
const PATIENCE: Duration = Duration::from_secs(4);

/// Longest public half that is read.
const LONGEST: usize = 200;

/// The file that names the entry.
pub(super) fn path(root: &Path) -> PathBuf {
    root.join("keys").join("keyring")
}

/// The name of the entry; `None` where no key was ever made.
fn named(root: &Path) -> Result<Option<String>> {
    let Some(text) = read_key_file(&path(root), MAX_KEY_FILE_BYTES, WRITE)? else { return Ok(None) };
    let name = text.trim();
    if name.starts_with("age1") && name.len() < LONGEST {
        return Ok(Some(name.to_owned()));
    }
    Err(Error::new(
        Code::FileDamaged,
        format!("{} does not name a key.", path(root).display()),
        "Put the file back from a copy; the keyring's entry with the service linkedin-tui has the name that belongs in it.",
    ))
}

/// The key that `keys/keyring` names.
pub(super) fn key(root: &Path) -> Result<Key> {
    let gone = |why: &str| {
        Error::new(
            Code::KeyUnavailable,
            format!("The encryption key is not available: {why}."),
            "Restore the keyring's entry (service linkedin-tui) from a copy: without it, encrypted tokens cannot be read. If \
             there are none, create a new key.",
        )
        .with_next_step(NextStep::CreateKey { storage: "keyring" })
    };
    let name = named(root)?.ok_or_else(|| gone("none was created yet"))?;
    let text = read(&name)?.ok_or_else(|| gone("the keyring has no entry for it any more"))?;
    Key::parse(text.expose_secret())
        .filter(|key| key.public() == name)
        .ok_or_else(|| gone("the keyring's entry holds another one"))
}

/// Is there a name, and the entry for it?
pub(super) fn has_key(root: &Path) -> Result<bool> {
    named(root)?.map_or(Ok(false), |name| Ok(read(&name)?.is_some()))
}

/// A new key, which the keyring has already, and what its file is to say.
pub(super) fn new_key() -> Result<(Key, String)> {
    let key = Key::generate();
    let name = key.public();
    // A keyring that is not there is reported before anything is made.
    read(&name)?;
    write(&name, key.text())?;
    // What the keyring took must be what it gives.
    let given = read(&name)?.and_then(|text| Key::parse(text.expose_secret()));
    if given.is_none_or(|given| given.public() != name) {
        drop(remove_entry(name));
        return Err(unavailable("does not give back what it was given"));
    }
    Ok((key, format!("{name}\n")))
}

/// Removes the file that names the entry, and gives that name. From then on nobody takes the entry for the key.
pub(super) fn forget(root: &Path) -> Result<Option<String>> {
    let name = named(root)?;
    delete_private(&path(root))?;
    Ok(name)
}

/// Removes an entry; it may be gone already.
pub(super) fn remove_entry(name: String) -> Result<()> {
    within(move || match entry(&name)?.delete_credential() {
        Err(KeyringError::NoEntry) => Ok(()),
        other => other,
    })
}

fn read(name: &str) -> Result<Option<SecretString>> {
    let name = name.to_owned();
    within(move || match entry(&name)?.get_password() {
        Ok(text) => Ok(Some(SecretString::from(text))),
        Err(KeyringError::NoEntry) => Ok(None),
        Err(error) => Err(error),
    })
}

fn write(name: &str, text: SecretString) -> Result<()> {
    let name = name.to_owned();
    within(move || entry(&name)?.set_password(text.expose_secret()))
}

#[cfg(all(unix, not(target_os = "macos")))]
fn store() -> keyring_core::Result<Arc<impl CredentialStoreApi>> {
    dbus_secret_service_keyring_store::Store::new()
}

#[cfg(target_os = "macos")]
fn store() -> keyring_core::Result<Arc<impl CredentialStoreApi>> {
    apple_native_keyring_store::keychain::Store::new()
}

#[cfg(windows)]
fn store() -> keyring_core::Result<Arc<impl CredentialStoreApi>> {
    windows_native_keyring_store::Store::new()
}

fn entry(name: &str) -> keyring_core::Result<Entry> {
    store()?.build(SERVICE, name, None)
}

/// Asks the keyring from a thread of its own, which is left behind when it does not come back.
fn within<T: Send + 'static>(work: impl FnOnce() -> keyring_core::Result<T> + Send + 'static) -> Result<T> {
    let (sender, answer) = channel();
    // Nobody listens any more only when the time is over.
    let started = std::thread::Builder::new().name("keyring".to_owned()).spawn(move || drop(sender.send(work())));
    if let Err(error) = started {
        return Err(Error::new(
            Code::Unexpected,
            format!("No thread could be started: {}.", crate::error::io_reason(&error)),
            "",
        ));
    }
    match answer.recv_timeout(PATIENCE) {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => Err(told(&error)),
        Err(RecvTimeoutError::Timeout) => Err(unavailable("does not answer")),
        Err(RecvTimeoutError::Disconnected) => Err(unavailable("could not be asked")),
    }
}

/// The keyring's own words may carry anything; they are left out.
fn told(error: &KeyringError) -> Error {
    match error {
        KeyringError::NoStorageAccess(_) => unavailable("is locked, or access to it was refused"),
        KeyringError::NoEntry => unavailable("has no entry for the key"),
        KeyringError::Ambiguous(_) => unavailable("has several entries for the same key"),
        KeyringError::BadEncoding(_) | KeyringError::BadDataFormat(..) => unavailable("gives no text for the key"),
        _ => unavailable("cannot be reached"),
    }
}

fn unavailable(what: &str) -> Error {
    Error::new(
        Code::KeyUnavailable,
        format!("The system's keyring {what}, and it has the encryption key."),
        "Start or unlock it (on Linux a Secret Service such as gnome-keyring or KWallet, on the session's D-Bus) and \
         try again. Nothing is ever written as plain text instead.",
    )
}
