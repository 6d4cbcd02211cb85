//! Reading one file: regular, of a sensible size, and private.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::Path;

use zeroize::Zeroizing;

use super::modes::{check_private, tighten, warning};
use super::{damaged, failed, refused};
use crate::Result;
use crate::files::open_regular;
use crate::text::line_column;

const MAX_FILE_BYTES: u64 = 32 * 1024 * 1024;

/// Size limit of a file with an encryption key.
pub(crate) const MAX_KEY_FILE_BYTES: u64 = 64 * 1024;

/// Permission bits: other users may neither read nor write the file.
pub(crate) const OTHERS_READ_OR_WRITE: u32 = 0o077;
/// Permission bits: other users may read the file, but not write it.
pub(crate) const OTHERS_WRITE: u32 = 0o022;

/// Reads a text file; `None` where there is none. Makes it private through the open file, with a warning where other users could
/// read it.
pub(in crate::store) fn read(path: &Path) -> Result<Option<(String, Option<String>)>> {
    let Some((file, metadata)) = open(path)? else { return Ok(None) };
    let open_to_others = tighten(&file, path, &metadata)?;
    Ok(Some((text(file, &metadata, path)?, warning(open_to_others.as_slice()))))
}

/// Reads a text file and leaves its mode as it is; `None` where there is none.
pub(in crate::store) fn read_untouched(path: &Path) -> Result<Option<String>> {
    open(path)?.map(|(file, metadata)| text(file, &metadata, path)).transpose()
}

/// Reads a file that need not be text, and leaves its mode as it is; `None` where there is none.
pub(in crate::store) fn read_bytes(path: &Path) -> Result<Option<Vec<u8>>> {
    open(path)?.map(|(file, metadata)| bytes(file, &metadata, path)).transpose()
}

/// Opens a regular file of a sensible size; `None` where there is none.
fn open(path: &Path) -> Result<Option<(File, Metadata)>> {
    let (file, metadata) = match open_regular(path) {
        Ok(opened) => opened,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == ErrorKind::InvalidInput => {
            return Err(refused(path, "it is not a regular file", "Move it away."));
        }
        Err(error) => return Err(failed("read", path, &error)),
    };
    if metadata.len() > MAX_FILE_BYTES {
        return Err(refused(path, "it is larger than 32 MiB", "Move it away."));
    }
    Ok(Some((file, metadata)))
}

fn bytes(file: File, metadata: &Metadata, path: &Path) -> Result<Vec<u8>> {
    // Room for all of it and the end: a file of a kilobyte takes two reads instead of seven.
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default() + 1);
    file.take(MAX_FILE_BYTES).read_to_end(&mut bytes).map_err(|error| failed("read", path, &error))?;
    Ok(bytes)
}

fn text(file: File, metadata: &Metadata, path: &Path) -> Result<String> {
    String::from_utf8(bytes(file, metadata, path)?).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        damaged(path, &line_column(&String::from_utf8_lossy(&error.as_bytes()[..valid]), valid))
    })
}

/// Reads a file that says where secrets are sent: this user's own, or root's (a link into a package manager's store). `None`
/// where there is none.
///
/// # Errors
/// As [`read_untouched`]; `files` for another user's file, and for a dangling link, which is not the same as no file.
pub(crate) fn read_trusted(path: &Path) -> Result<Option<String>> {
    let Some((file, metadata)) = open(path)? else {
        return if path.is_symlink() { Err(dangling_link(path)) } else { Ok(None) };
    };
    #[cfg(unix)]
    {
        let owner = std::os::unix::fs::MetadataExt::uid(&metadata);
        if owner != 0 {
            super::modes::check_owner(path, owner)?;
        }
    }
    text(file, &metadata, path).map(Some)
}

pub(super) fn dangling_link(path: &Path) -> crate::Error {
    refused(path, "it is a symbolic link that leads nowhere", "Remove the link, or create its target.")
}

/// Reads a file that opens secrets, of at most `max_bytes`; `None` where there is none. A key that others can read protects
/// nothing any more, and one that others can write may be theirs.
///
/// # Errors
/// `files` for anything but a regular file, and where others have `forbidden` access; `file_damaged` when it is not text.
pub(crate) fn read_key_file(path: &Path, max_bytes: u64, forbidden: u32) -> Result<Option<Zeroizing<String>>> {
    // A pipe that the shell opened (`<(pass show linkedin-tui)`) is read as well.
    let (file, metadata) = match open_regular(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|error| failed("read", path, &error))?,
    };
    check_private(path, &metadata, forbidden)?;
    // Room for all of it: a text that grows leaves pieces of itself in freed memory.
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(max_bytes).unwrap_or_default() + 1));
    file.take(max_bytes + 1).read_to_string(&mut text).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => damaged(path, "some place: it is not text"),
        _ => failed("read", path, &error),
    })?;
    if text.len() as u64 > max_bytes {
        return Err(refused(path, "it is too large for what it should hold", "Check the path."));
    }
    Ok(Some(text))
}
