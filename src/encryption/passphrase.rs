//! The key behind a passphrase: an age identity file, encrypted by age's scrypt recipient, that the
//! standard `age` program takes by `-i` as it is.

use std::io::Read;
use std::path::{Path, PathBuf};

use age::armor::ArmoredReader;
use age::secrecy::ExposeSecret;
use age::{DecryptError, Decryptor, scrypt};
use zeroize::Zeroizing;

use super::{MAX_KEY_FILE_BYTES, PassphrasePrompt};
use crate::secret::Secret;
use crate::store::{Key, OTHERS_READ_OR_WRITE, delete_private, read_key_file};
use crate::{Code, Error, NextStep, Result};

/// Names the file with the passphrase.
const VARIABLE: &str = "LINKEDIN_TUI_PASSPHRASE_FILE";

/// Longest passphrase taken from a file.
const MAX_PASSPHRASE_BYTES: u64 = 4096;

/// Shortest new passphrase. A shorter one is soon guessed by who has a copy of the files, however slow scrypt is.
const MIN_PASSPHRASE_CHARS: usize = 8;

/// Longest identity file that is taken for one.
const MAX_IDENTITY_BYTES: usize = 4096;

/// The work behind a new passphrase, 2^N rounds of scrypt: 256 MiB of memory and about a second,
/// as the `age` program itself has it.
const WORK: u8 = 18;

/// The most that a file may ask for, also as `age` has it.
const MOST_WORK: u8 = 22;

/// How often a mistyped passphrase is asked for again.
const TRIES: usize = 3;

/// The encrypted key's file.
pub(super) fn path(root: &Path) -> PathBuf {
    root.join("keys").join("passphrase.age")
}

fn wrong() -> Error {
    Error::new(
        Code::WrongPassphrase,
        "The passphrase does not open the encryption key.",
        format!("Try again; a script's passphrase is the first line of the file that {VARIABLE} names."),
    )
}

fn nobody() -> Error {
    Error::new(
        Code::KeyUnavailable,
        "The tokens are encrypted with a passphrase, and there is no terminal to ask for it.",
        format!("Put it into a file that only you can read and name that file: {VARIABLE}=FILE."),
    )
}

/// The error where a new passphrase cannot be asked for.
fn nobody_to_choose() -> Error {
    Error { message: "A passphrase must be chosen, and there is no terminal to ask for it.".to_owned(), ..nobody() }
}

/// The encrypted key.
pub(super) fn stored(root: &Path) -> Result<Zeroizing<String>> {
    let path = path(root);
    let unreadable = |why: &str| {
        Error::new(
            Code::KeyUnavailable,
            format!("{}, the encryption key, could not be read: {why}.", path.display()),
            "Restore the file from a copy: without it, encrypted tokens cannot be read. If there are none, create a new key.",
        )
        .with_next_step(NextStep::CreateKey { storage: "passphrase" })
    };
    match read_key_file(&path, MAX_KEY_FILE_BYTES, OTHERS_READ_OR_WRITE) {
        Ok(Some(text)) => Ok(text),
        Ok(None) => Err(unreadable("it was not found")),
        // What is wrong with the file is said by the error itself.
        Err(error) => Err(Error { code: Code::KeyUnavailable, ..error }),
    }
}

/// The key, opened by the passphrase from the file or from the person.
pub(super) fn key(
    root: &Path,
    file: Option<&Path>,
    ask: impl Fn(PassphrasePrompt) -> Result<Option<Secret>>,
) -> Result<Key> {
    let path = path(root);
    let encrypted = stored(root)?;
    if let Some(file) = file {
        return open(&path, &encrypted, from_file(file)?);
    }
    for _ in 1..TRIES {
        match open(&path, &encrypted, ask(PassphrasePrompt::Passphrase)?.ok_or_else(nobody)?) {
            Err(error) if error.code == Code::WrongPassphrase => {}
            other => return other,
        }
    }
    open(&path, &encrypted, ask(PassphrasePrompt::Passphrase)?.ok_or_else(nobody)?)
}

/// A new key behind a new passphrase, and what its file is to say.
pub(super) fn new_key(
    root: &Path,
    file: Option<&Path>,
    ask: impl Fn(PassphrasePrompt) -> Result<Option<Secret>>,
) -> Result<(Key, String)> {
    let path = path(root);
    let passphrase = if let Some(file) = file {
        from_file(file)?
    } else {
        let first = ask(PassphrasePrompt::NewPassphrase)?.ok_or_else(nobody_to_choose)?;
        if ask(PassphrasePrompt::Again)?.as_ref() != Some(&first) {
            return Err(Error::bad_input("The two passphrases differ.", "Nothing was changed; try again."));
        }
        first
    };
    if passphrase.chars() < MIN_PASSPHRASE_CHARS {
        return Err(Error::bad_input(
            format!("The passphrase is too short: {MIN_PASSPHRASE_CHARS} characters are the least."),
            "Whoever has a copy of the files can try millions. Nothing was changed; choose a longer one, such as four random words.",
        ));
    }
    let key = Key::generate();
    let text = encrypt(&key, passphrase).map_err(|_| damaged(&path, "could not be made"))?;
    Ok((key, text))
}

/// Removes the encrypted key; it may be gone already.
pub(super) fn remove(root: &Path) -> Result<()> {
    delete_private(&path(root))
}

fn damaged(path: &Path, why: &str) -> Error {
    Error::new(
        Code::FileDamaged,
        format!("{}, the encryption key, {why}.", path.display()),
        "Put the file back from a copy; nothing was overwritten.",
    )
}

fn from_file(path: &Path) -> Result<Secret> {
    let text = read_key_file(path, MAX_PASSPHRASE_BYTES, OTHERS_READ_OR_WRITE);
    let text = text.map_err(|error| Error { code: Code::KeyUnavailable, ..error })?;
    let text = text.ok_or_else(|| {
        Error::new(
            Code::KeyUnavailable,
            format!("{}, which {VARIABLE} names, could not be read: it was not found.", path.display()),
            "Check the path.",
        )
    })?;
    Ok(Secret::new(text.lines().next().unwrap_or_default()))
}

fn encrypt(key: &Key, passphrase: Secret) -> Result<String, age::EncryptError> {
    let mut recipient = scrypt::Recipient::new(passphrase.into());
    recipient.set_work_factor(WORK);
    let (public, secret) = (key.public(), key.text());
    // Room for all of it: a text that grows leaves pieces of itself in freed memory.
    let mut text = Zeroizing::new(String::with_capacity(MAX_IDENTITY_BYTES));
    for part in ["# public key: ", public.as_str(), "\n", secret.expose_secret(), "\n"] {
        text.push_str(part);
    }
    age::encrypt_and_armor(&recipient, text.as_bytes())
}

fn open(path: &Path, encrypted: &str, passphrase: Secret) -> Result<Key> {
    let broken = || damaged(path, "is damaged");
    let mut identity = scrypt::Identity::new(passphrase.into());
    identity.set_max_work_factor(MOST_WORK);
    let decryptor = Decryptor::new_buffered(ArmoredReader::new(encrypted.as_bytes())).map_err(|_| broken())?;
    let reader = decryptor.decrypt(std::iter::once(&identity as _)).map_err(|error| match error {
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed | DecryptError::NoMatchingKeys => wrong(),
        _ => broken(),
    })?;
    let mut text = Zeroizing::new(String::with_capacity(MAX_IDENTITY_BYTES));
    reader.take(MAX_IDENTITY_BYTES as u64).read_to_string(&mut text).map_err(|_| broken())?;
    Key::parse(&text).ok_or_else(broken)
}
