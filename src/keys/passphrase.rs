//! The key behind a passphrase: an age identity file, sealed by age's scrypt recipient, that the
//! standard `age` program takes by `-i` as it is.

use std::io::Read;
use std::path::{Path, PathBuf};

use age::armor::ArmoredReader;
use age::secrecy::{ExposeSecret, SecretString};
use age::{DecryptError, Decryptor, scrypt};

use super::Question;
use crate::profile::{Key, delete_private, make_private_folder, write_private};
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// Names the file with the passphrase.
const VARIABLE: &str = "LINKEDIN_TUI_PASSPHRASE_FILE";

/// Longest passphrase taken from a file.
const MOST: u64 = 4096;

/// The work behind a new passphrase, 2^N rounds of scrypt: 256 MiB of memory and about a second,
/// as the `age` program itself has it.
const WORK: u8 = 18;

/// The most that a file may ask for, also as `age` has it.
const MOST_WORK: u8 = 22;

/// How often a mistyped passphrase is asked for again.
const TRIES: usize = 3;

/// The sealed key's file.
pub(super) fn path(root: &Path) -> PathBuf {
    root.join("keys").join("passphrase.age")
}

fn wrong() -> Error {
    Error::new(
        Code::WrongPassphrase,
        "The passphrase does not open the key to the sealed fields.",
        format!("Try again; a script's passphrase is the first line of the file that {VARIABLE} names."),
    )
}

fn nobody() -> Error {
    Error::new(
        Code::KeyUnavailable,
        "The tokens are sealed with a passphrase, and there is no terminal to ask for it.",
        format!("Put it into a file that only you can read and name that file: {VARIABLE}=FILE."),
    )
}

/// The sealed key.
pub(super) fn stored(root: &Path) -> Result<String> {
    let path = path(root);
    std::fs::read_to_string(&path).map_err(|error| {
        Error::new(
            Code::KeyUnavailable,
            format!(
                "{}, the key to the sealed fields, could not be read: {}.",
                path.display(),
                crate::error::io_reason(&error)
            ),
            "Put the file back from a copy. Without it sealed tokens stay closed; without sealed ones make it: \
             linkedin-tui protect passphrase",
        )
    })
}

/// The key, opened by the passphrase from the file or from the person.
pub(super) fn key(root: &Path, file: Option<&Path>, ask: impl Fn(Question) -> Result<Option<Secret>>) -> Result<Key> {
    let path = path(root);
    let sealed = stored(root)?;
    if let Some(file) = file {
        return open(&path, &sealed, from_file(file)?);
    }
    for _ in 1..TRIES {
        match open(&path, &sealed, ask(Question::Passphrase)?.ok_or_else(nobody)?) {
            Err(error) if error.code == Code::WrongPassphrase => {}
            other => return other,
        }
    }
    open(&path, &sealed, ask(Question::Passphrase)?.ok_or_else(nobody)?)
}

/// The key that is there, or a new one behind a new passphrase.
pub(super) fn make(root: &Path, file: Option<&Path>, ask: impl Fn(Question) -> Result<Option<Secret>>) -> Result<Key> {
    let path = path(root);
    if path.exists() {
        return key(root, file, ask);
    }
    let passphrase = if let Some(file) = file {
        from_file(file)?
    } else {
        let first = ask(Question::NewPassphrase)?.ok_or_else(nobody)?;
        if ask(Question::Again)?.as_ref() != Some(&first) {
            return Err(Error::bad_input("The two passphrases differ.", "Nothing was changed; try again."));
        }
        first
    };
    if passphrase.is_empty() {
        return Err(Error::bad_input("The passphrase is empty.", "Nothing was changed; choose one."));
    }
    let key = Key::generate();
    make_private_folder(&root.join("keys"))?;
    write_private(&path, &sealed(&key, passphrase).map_err(|_| damaged(&path, "could not be made"))?)?;
    Ok(key)
}

/// Removes the sealed key; it may be gone already.
pub(super) fn remove(root: &Path) -> Result<()> {
    delete_private(&path(root))
}

fn damaged(path: &Path, why: &str) -> Error {
    Error::new(
        Code::FileDamaged,
        format!("{}, the key to the sealed fields, {why}.", path.display()),
        "Put the file back from a copy; nothing was overwritten.",
    )
}

fn from_file(path: &Path) -> Result<Secret> {
    let mut text = String::new();
    std::fs::File::open(path).and_then(|file| file.take(MOST).read_to_string(&mut text)).map_err(|error| {
        Error::new(
            Code::KeyUnavailable,
            format!(
                "{}, which {VARIABLE} names, could not be read: {}.",
                path.display(),
                crate::error::io_reason(&error)
            ),
            "Check the path, its mode, and that the file is text.",
        )
    })?;
    Ok(Secret::new(text.lines().next().unwrap_or_default()))
}

fn sealed(key: &Key, passphrase: Secret) -> Result<String, age::EncryptError> {
    let mut recipient = scrypt::Recipient::new(passphrase.into());
    recipient.set_work_factor(WORK);
    let text = SecretString::from(format!("# public key: {}\n{}\n", key.public(), key.text().expose_secret()));
    age::encrypt_and_armor(&recipient, text.expose_secret().as_bytes())
}

fn open(path: &Path, sealed: &str, passphrase: Secret) -> Result<Key> {
    let broken = || damaged(path, "is damaged");
    let mut identity = scrypt::Identity::new(passphrase.into());
    identity.set_max_work_factor(MOST_WORK);
    let decryptor = Decryptor::new_buffered(ArmoredReader::new(sealed.as_bytes())).map_err(|_| broken())?;
    let mut reader = decryptor.decrypt(std::iter::once(&identity as _)).map_err(|error| match error {
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed | DecryptError::NoMatchingKeys => wrong(),
        _ => broken(),
    })?;
    let mut text = String::new();
    reader.read_to_string(&mut text).map_err(|_| broken())?;
    Key::parse(&text).ok_or_else(broken)
}
