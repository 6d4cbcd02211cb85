//! Reading regular files of limited size, and making them private.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::Path;

use zeroize::Zeroizing;

use super::modes::{check_private, exposure_warning, tighten};
use super::{damaged_error, io_error, refused_error};
use crate::error::io_reason;
use crate::files::{open_regular, read_open};
use crate::text::format_position;
use crate::{Error, Result};

const MAX_FILE_BYTES: u64 = 32 * 1024 * 1024;

/// Size limit of a file with an encryption key.
pub(crate) const MAX_KEY_FILE_BYTES: u64 = 64 * 1024;

/// The permission bits that give other users any access: to read, write or execute the file.
pub(crate) const OTHERS_ACCESS: u32 = 0o077;
/// The permission bits that let other users write the file.
pub(crate) const OTHERS_WRITE: u32 = 0o022;

/// Reads a text file; `None` if it does not exist. Makes it private through the open file, with a warning if other users could
/// read it.
pub(in crate::store) fn read(path: &Path) -> Result<Option<(String, Option<String>)>> {
    let Some((file, metadata)) = open(path)? else { return Ok(None) };
    let exposed = tighten(&file, path, &metadata)?;
    Ok(Some((read_to_text(file, &metadata, path)?, exposure_warning(exposed.as_slice()))))
}

/// Reads a text file and leaves its mode unchanged; `None` if it does not exist.
pub(in crate::store) fn read_text_keeping_mode(path: &Path) -> Result<Option<String>> {
    open(path)?.map(|(file, metadata)| read_to_text(file, &metadata, path)).transpose()
}

/// Reads a file that need not be text, and leaves its mode unchanged; `None` if it does not exist.
pub(in crate::store) fn read_bytes(path: &Path) -> Result<Option<Vec<u8>>> {
    open(path)?.map(|(file, metadata)| read_to_bytes(file, &metadata, path)).transpose()
}

/// Opens a file as [`open_regular`] does; `None` if it does not exist.
fn open(path: &Path) -> Result<Option<(File, Metadata)>> {
    match open_regular(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some).map_err(|error| unreadable_error(path, &error)),
    }
}

fn read_to_bytes(file: File, metadata: &Metadata, path: &Path) -> Result<Vec<u8>> {
    read_open(file, metadata, MAX_FILE_BYTES).map_err(|error| unreadable_error(path, &error))
}

fn unreadable_error(path: &Path, error: &std::io::Error) -> Error {
    match error.kind() {
        ErrorKind::InvalidInput | ErrorKind::FileTooLarge => refused_error(path, &io_reason(error), "Move it away."),
        _ => io_error("read", path, error),
    }
}

fn read_to_text(file: File, metadata: &Metadata, path: &Path) -> Result<String> {
    String::from_utf8(read_to_bytes(file, metadata, path)?).map_err(|error| {
        let valid_bytes = error.utf8_error().valid_up_to();
        damaged_error(path, &format_position(&String::from_utf8_lossy(&error.as_bytes()[..valid_bytes]), valid_bytes))
    })
}

/// Reads a file that decides where secrets are sent, such as `config.toml`; `None` if it does not exist. Refuses a dangling link,
/// and another user's file, except root's: Nix links to one in its store.
pub(crate) fn read_trusted(path: &Path) -> Result<Option<String>> {
    let Some((file, metadata)) = open(path)? else {
        return if path.is_symlink() { Err(dangling_link_error(path)) } else { Ok(None) };
    };
    #[cfg(unix)]
    {
        let owner = std::os::unix::fs::MetadataExt::uid(&metadata);
        if owner != 0 {
            super::modes::check_owner(path, owner)?;
        }
    }
    read_to_text(file, &metadata, path).map(Some)
}

pub(super) fn dangling_link_error(path: &Path) -> Error {
    refused_error(path, "it is a symbolic link whose target does not exist", "Remove the link, or create its target.")
}

/// Reads a file with a key or a passphrase; `None` if it does not exist. Refuses one to which other users have `forbidden` access:
/// a key that they can read protects nothing, and one that they can write may have been replaced.
pub(crate) fn read_key_file(path: &Path, max_bytes: u64, forbidden: u32) -> Result<Option<Zeroizing<String>>> {
    // Also accepts a pipe that the shell opened for this program: `<(pass show linkedin-tui)`.
    let (file, metadata) = match open_regular(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|error| io_error("read", path, &error))?,
    };
    check_private(path, &metadata, forbidden)?;
    // With the full capacity from the start: a buffer that grows leaves copies of the secret in freed memory.
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(max_bytes).unwrap_or_default() + 1));
    file.take(max_bytes + 1).read_to_string(&mut text).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => damaged_error(path, "an unknown position: it is not UTF-8"),
        _ => io_error("read", path, &error),
    })?;
    if text.len() as u64 > max_bytes {
        return Err(refused_error(path, "it is too large for a key or a passphrase", "Check the path."));
    }
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_short_text() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        let read = |content: &[u8]| {
            crate::store::fs::save_bytes(&path, content).unwrap();
            read_key_file(&path, 4, OTHERS_ACCESS)
        };
        assert!(read_key_file(&path, 4, OTHERS_ACCESS).unwrap().is_none());
        assert_eq!(read(b"abcd").unwrap().unwrap().as_str(), "abcd");
        assert!(read(b"abcde").unwrap_err().message.contains("too large"));
        assert!(read_key_file(directory.path(), 4, OTHERS_ACCESS).is_err(), "a directory");
        let error = read(b"a\xff").unwrap_err();
        assert!(error.code == crate::Code::FileDamaged && error.message.contains("UTF-8"), "{}", error.message);
    }
}
