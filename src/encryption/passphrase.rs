//! The key encrypted with a passphrase: an age identity file with an scrypt recipient, as `age -i` accepts it.

use std::io::Read;
use std::path::{Path, PathBuf};

use age::armor::ArmoredReader;
use age::secrecy::ExposeSecret;
use age::{DecryptError, Decryptor, scrypt};
use zeroize::Zeroizing;

use crate::secret::Secret;
use crate::store::{Key, MAX_KEY_FILE_BYTES, OTHERS_ACCESS, delete_private, read_key_file};
use crate::{Code, Error, NextStep, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassphrasePrompt {
    /// For the passphrase in use.
    Passphrase,
    /// For the passphrase in use, after a wrong one.
    PassphraseAgain,
    NewPassphrase,
    ConfirmPassphrase,
}

/// The environment variable that names the file with the passphrase.
const PASSPHRASE_FILE_VARIABLE: &str = "LINKEDIN_TUI_PASSPHRASE_FILE";

const MAX_PASSPHRASE_BYTES: u64 = 4096;

/// A shorter passphrase is soon guessed with a copy of the files, however slow scrypt is.
const MIN_PASSPHRASE_CHARS: usize = 8;

const MAX_IDENTITY_BYTES: usize = 4096;

/// The scrypt work factor of a new passphrase, log2: 256 MiB of memory and about a second, as in the `age` program.
const WORK_FACTOR: u8 = 18;

/// The highest work factor that is accepted, as in the `age` program.
const MAX_WORK_FACTOR: u8 = 22;

/// How many times to prompt for the passphrase.
const MAX_PROMPTS: usize = 3;

pub(super) fn key_file_path(root: &Path) -> PathBuf {
    root.join("keys").join("passphrase.age")
}

fn wrong_passphrase_error() -> Error {
    Error::new(
        Code::WrongPassphrase,
        "The passphrase does not decrypt the encryption key.",
        format!(
            "Try again; a script's passphrase is the first line of the file that {PASSPHRASE_FILE_VARIABLE} names."
        ),
    )
}

fn no_terminal_error() -> Error {
    Error::new(
        Code::KeyUnavailable,
        "The tokens are encrypted with a passphrase, and there is no terminal to prompt for it.",
        format!(
            "Write it to a file that only you can read, and set {PASSPHRASE_FILE_VARIABLE} to the path of the file."
        ),
    )
}

fn no_terminal_to_choose_error() -> Error {
    Error {
        message: "A passphrase must be chosen, and there is no terminal to prompt for it.".to_owned(),
        ..no_terminal_error()
    }
}

pub(super) fn read_encrypted_key(root: &Path) -> Result<Zeroizing<String>> {
    let path = key_file_path(root);
    let unreadable = |why: &str| {
        Error::new(
            Code::KeyUnavailable,
            format!("{}, the encryption key, could not be read: {why}.", path.display()),
            "Restore the file from a backup: without it, encrypted tokens cannot be read. If there is no backup, create a new key.",
        )
        .with_next_step(NextStep::CreateKey { encryption: "passphrase" })
    };
    match read_key_file(&path, MAX_KEY_FILE_BYTES, OTHERS_ACCESS) {
        Ok(Some(text)) => Ok(text),
        Ok(None) => Err(unreadable("it was not found")),
        Err(error) => Err(Error { code: Code::KeyUnavailable, ..error }),
    }
}

/// Returns the key, decrypted with the passphrase from the file or from a prompt.
pub(super) fn load_key(
    root: &Path,
    file: Option<&Path>,
    prompt: impl Fn(PassphrasePrompt) -> Result<Option<Secret>>,
) -> Result<Key> {
    let path = key_file_path(root);
    let encrypted = read_encrypted_key(root)?;
    if let Some(file) = file {
        return decrypt(&path, &encrypted, read_passphrase(file)?);
    }
    let mut key = Err(wrong_passphrase_error());
    for attempt in 0..MAX_PROMPTS {
        let kind = if attempt == 0 { PassphrasePrompt::Passphrase } else { PassphrasePrompt::PassphraseAgain };
        key = decrypt(&path, &encrypted, prompt(kind)?.ok_or_else(no_terminal_error)?);
        if !key.as_ref().is_err_and(|error| error.code == Code::WrongPassphrase) {
            break;
        }
    }
    key
}

/// Creates a key encrypted with a new passphrase. Returns it with the content for its file.
pub(super) fn create_key(
    file: Option<&Path>,
    prompt: impl Fn(PassphrasePrompt) -> Result<Option<Secret>>,
) -> Result<(Key, String)> {
    let passphrase = if let Some(file) = file {
        read_passphrase(file)?
    } else {
        let first = prompt(PassphrasePrompt::NewPassphrase)?.ok_or_else(no_terminal_to_choose_error)?;
        if prompt(PassphrasePrompt::ConfirmPassphrase)?.as_ref() != Some(&first) {
            return Err(Error::bad_input("The two passphrases differ.", "Nothing was changed; try again."));
        }
        first
    };
    if passphrase.char_count() < MIN_PASSPHRASE_CHARS {
        return Err(Error::bad_input(
            format!("The passphrase is too short: {MIN_PASSPHRASE_CHARS} characters are the minimum."),
            "Nothing was changed. Choose a longer one, such as four random words: anyone with a copy of the files can try millions.",
        ));
    }
    let key = Key::generate();
    let text = encrypt(&key, passphrase).map_err(|_| {
        Error::new(
            Code::Unexpected,
            "The new key could not be encrypted with the passphrase.",
            "Nothing was changed. Please report this.",
        )
    })?;
    Ok((key, text))
}

pub(super) fn delete_key_file(root: &Path) -> Result<()> {
    delete_private(&key_file_path(root))
}

fn damaged_error(path: &Path) -> Error {
    Error::new(
        Code::FileDamaged,
        format!("{}, the encryption key, is damaged.", path.display()),
        "Restore the file from a backup; nothing was overwritten.",
    )
}

fn read_passphrase(path: &Path) -> Result<Secret> {
    let text = read_key_file(path, MAX_PASSPHRASE_BYTES, OTHERS_ACCESS);
    let text = text.map_err(|error| Error { code: Code::KeyUnavailable, ..error })?;
    let text = text.ok_or_else(|| {
        Error::new(
            Code::KeyUnavailable,
            format!("{}, which {PASSPHRASE_FILE_VARIABLE} names, could not be read: it was not found.", path.display()),
            "Check the path.",
        )
    })?;
    Ok(Secret::new(text.lines().next().unwrap_or_default()))
}

fn encrypt(key: &Key, passphrase: Secret) -> Result<String, age::EncryptError> {
    let mut recipient = scrypt::Recipient::new(passphrase.into());
    recipient.set_work_factor(WORK_FACTOR);
    let (public, secret) = (key.public_key(), key.to_secret_string());
    // With the full capacity from the start: a buffer that grows leaves copies of the secret in freed memory.
    let mut text = Zeroizing::new(String::with_capacity(MAX_IDENTITY_BYTES));
    for part in ["# public key: ", public.as_str(), "\n", secret.expose_secret(), "\n"] {
        text.push_str(part);
    }
    age::encrypt_and_armor(&recipient, text.as_bytes())
}

fn decrypt(path: &Path, encrypted: &str, passphrase: Secret) -> Result<Key> {
    let damaged_key = || damaged_error(path);
    let mut identity = scrypt::Identity::new(passphrase.into());
    identity.set_max_work_factor(MAX_WORK_FACTOR);
    let decryptor = Decryptor::new_buffered(ArmoredReader::new(encrypted.as_bytes())).map_err(|_| damaged_key())?;
    let reader = decryptor.decrypt(std::iter::once(&identity as _)).map_err(|error| match error {
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed | DecryptError::NoMatchingKeys => {
            wrong_passphrase_error()
        }
        _ => damaged_key(),
    })?;
    let mut text = Zeroizing::new(String::with_capacity(MAX_IDENTITY_BYTES));
    reader.take(MAX_IDENTITY_BYTES as u64).read_to_string(&mut text).map_err(|_| damaged_key())?;
    Key::parse(&text).ok_or_else(damaged_key)
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    /// Writes a new key that `passphrase` decrypts at once, and returns it.
    fn write_key(root: &Path, passphrase: &str) -> Key {
        let key = Key::generate();
        let mut recipient = scrypt::Recipient::new(passphrase.to_owned().into());
        recipient.set_work_factor(2);
        let text = age::encrypt_and_armor(&recipient, key.to_secret_string().expose_secret().as_bytes()).unwrap();
        crate::store::create_private_directory(&root.join("keys")).unwrap();
        crate::store::write_private(&key_file_path(root), &text).unwrap();
        key
    }

    #[test]
    fn wrong_passphrase_prompts_again() {
        use PassphrasePrompt::{Passphrase, PassphraseAgain};
        let directory = tempfile::tempdir().unwrap();
        let stored = write_key(directory.path(), "right");
        let key_after = |wrong: usize| {
            let prompts = RefCell::new(Vec::new());
            let key = load_key(directory.path(), None, |prompt| {
                prompts.borrow_mut().push(prompt);
                Ok(Some(Secret::new(if prompts.borrow().len() > wrong { "right" } else { "wrong" })))
            });
            (key.map(|key| key.public_key()).map_err(|error| error.code), prompts.into_inner())
        };
        let right = || Ok(stored.public_key());
        assert_eq!(key_after(0), (right(), vec![Passphrase]));
        assert_eq!(key_after(2), (right(), vec![Passphrase, PassphraseAgain, PassphraseAgain]));
        let wrong = Err(Code::WrongPassphrase);
        assert_eq!(key_after(3), (wrong, vec![Passphrase, PassphraseAgain, PassphraseAgain]));
    }

    #[test]
    fn damaged_key_prompts_once() {
        let directory = tempfile::tempdir().unwrap();
        write_key(directory.path(), "right");
        crate::store::write_private(&key_file_path(directory.path()), "age").unwrap();
        let prompts = Cell::new(0);
        let error = load_key(directory.path(), None, |_| {
            prompts.set(prompts.get() + 1);
            Ok(Some(Secret::new("right")))
        });
        assert_eq!((error.unwrap_err().code, prompts.get()), (Code::FileDamaged, 1));
    }

    #[test]
    fn a_missing_terminal_is_reported_for_a_new_passphrase() {
        let error = create_key(None, |_| Ok(None)).unwrap_err();
        assert_eq!(error.code, Code::KeyUnavailable);
        assert!(error.message.starts_with("A passphrase must be chosen"), "{}", error.message);
        assert!(error.hint.contains(PASSPHRASE_FILE_VARIABLE));
    }
}
