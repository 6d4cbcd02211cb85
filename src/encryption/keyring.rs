//! The key in the system's keyring: the Secret Service, the Keychain or the Credential Manager. The file `keys/keyring` has the
//! name of its entry, which is the public half of the key.

#[cfg(feature = "keyring")]
mod entry;
#[cfg(not(feature = "keyring"))]
#[path = "keyring/unsupported.rs"]
mod entry;

use std::path::{Path, PathBuf};

use age::secrecy::ExposeSecret;

pub(super) use self::entry::delete_entry;
use self::entry::{read_entry, write_entry};
use crate::store::{Key, MAX_KEY_FILE_BYTES, OTHERS_WRITE, delete_private, read_key_file};
use crate::{Code, Error, NextStep, Result};

/// An entry's name is shorter than this; a public key has 62 characters.
const PUBLIC_KEY_BYTES_LIMIT: usize = 200;

pub(super) fn key_file_path(root: &Path) -> PathBuf {
    root.join("keys").join("keyring")
}

/// Returns the name of the entry; `None` if there is no file. Other users may read the file, because the public half of a
/// key is not secret.
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
    let unavailable = |why: &str, what: &str| {
        Error::new(
            Code::KeyUnavailable,
            format!("The encryption key is not available: {why}."),
            format!(
                "Restore {what} from a backup: without the key, encrypted tokens cannot be read. If there is no backup, \
                 create a new key."
            ),
        )
        .with_next_step(NextStep::CreateKey { encryption: "keyring" })
    };
    let name = entry_name(root)?
        .ok_or_else(|| unavailable(&format!("{} was not found", key_file_path(root).display()), "the file"))?;
    let text = read_entry(&name)?
        .ok_or_else(|| unavailable("the keyring has no entry for it (service linkedin-tui)", "the entry"))?;
    Key::parse(text.expose_secret())
        .filter(|key| key.public_key() == name)
        .ok_or_else(|| unavailable("the keyring's entry (service linkedin-tui) has a different key", "the entry"))
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
    write_entry(&name, &key.to_secret_string())?;
    Ok((key, format!("{name}\n")))
}

/// Deletes the file with the entry's name, and returns the name. The entry is not used afterwards.
pub(super) fn delete_key_file(root: &Path) -> Result<Option<String>> {
    let name = entry_name(root)?;
    delete_private(&key_file_path(root))?;
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

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
