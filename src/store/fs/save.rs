//! Writing files: private from their creation, and replaced atomically.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use super::open::dangling_link_error;
use super::{io_error, refused_error};
use crate::files::leftovers::{self, LeftoverFilter};
use crate::files::{
    MAX_TRIES_WHILE_OPEN, create_temporary, directory_of, flush, flush_directory, retry_while_open, unlock,
};
use crate::{Error, Result};

/// Creates a directory and its parents, 0700; they may exist.
pub(crate) fn create_private_directory(path: &Path) -> Result<()> {
    create_directory(path).map_err(|error| io_error("created", path, &error))
}

#[cfg(unix)]
fn create_directory(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// The first directory that does not exist yet gets an ACL that its files and directories inherit, before they exist.
#[cfg(windows)]
fn create_directory(path: &Path) -> std::io::Result<()> {
    let is_missing = |directory: &&Path| !directory.as_os_str().is_empty() && !directory.exists();
    if let Some(first) = path.ancestors().take_while(is_missing).last() {
        std::fs::create_dir_all(first)?;
        // A file system without ACLs is reported by the `doctor` command.
        drop(crate::files::acl::make_directory_private(first));
    }
    std::fs::create_dir_all(path)
}

/// Returns the file that a save replaces: the target of a symbolic link, if no other user can replace it.
pub(in crate::store) fn resolve_target(path: &Path) -> Result<PathBuf> {
    if !path.is_symlink() {
        return Ok(path.to_owned());
    }
    let target = std::fs::canonicalize(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => dangling_link_error(path).with_io_source(&error),
        _ => io_error("resolved", path, &error),
    })?;
    #[cfg(unix)]
    {
        use super::modes::check_owner;
        use std::os::unix::fs::MetadataExt;
        let metadata = |path: &Path| std::fs::symlink_metadata(path).map_err(|error| io_error("read", path, &error));
        check_owner(path, metadata(path)?.uid())?;
        check_owner(&target, metadata(&target)?.uid())?;
        if metadata(directory_of(&target))?.mode() & 0o022 != 0 {
            return Err(refused_error(
                path,
                "it is a symbolic link into a directory that other users can write to",
                "Move the file to a directory that only you can write to.",
            ));
        }
    }
    Ok(target)
}

/// Checks that a save of `bytes` can replace the file: it is not a mount point, and its directory and disk accept the bytes.
pub(in crate::store) fn check_writable(path: &Path, bytes: usize) -> Result<()> {
    let path = resolve_target(path)?;
    if is_mount_point(&path) {
        return Err(refused_error(&path, super::MOUNT_POINT, super::MOUNT_POINT_HINT));
    }
    let written = create_directory(directory_of(&path))
        .and_then(|()| create_temporary(directory_of(&path)))
        .and_then(|mut file| file.write_all(&vec![b' '; bytes]));
    written.map_err(|error| io_error("saved", &path, &error))
}

#[cfg(target_os = "linux")]
fn is_mount_point(path: &Path) -> bool {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    // On an older kernel the save itself fails.
    statx(CWD, path, AtFlags::empty(), StatxFlags::TYPE)
        .is_ok_and(|metadata| metadata.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(not(target_os = "linux"))]
const fn is_mount_point(_: &Path) -> bool {
    false
}

/// A file's new text, flushed to the disk in the same directory. Deleted when dropped.
pub(in crate::store) struct PreparedFile {
    // Closed, because there may be thousands at once.
    file: TempPath,
    path: PathBuf,
}

pub(in crate::store) fn prepare(path: &Path, text: &str) -> Result<PreparedFile> {
    let path = resolve_target(path)?;
    match write_temporary(&path, text.as_bytes(), DirectoryOwner::Store) {
        Ok(file) => Ok(PreparedFile { file: file.into_temp_path(), path }),
        Err(error) => Err(io_error("saved", &path, &error)),
    }
}

impl PreparedFile {
    pub(in crate::store) fn commit(self) -> Result<()> {
        let persist = |file: TempPath| file.persist(&self.path).map_err(|error| (error.error, error.path));
        let renamed = retry_while_open(self.file, MAX_TRIES_WHILE_OPEN, persist);
        renamed
            .and_then(|()| flush_directory(directory_of(&self.path)))
            .map_err(|error| io_error("saved", &self.path, &error))
    }
}

/// Replaces or creates a file atomically, and creates its directory: a temporary file in the same directory is flushed to the disk and renamed over the old one, and the
/// directory is flushed.
pub(in crate::store) fn save(path: &Path, text: &str) -> Result<()> {
    save_bytes(path, text.as_bytes())
}

pub(in crate::store) fn save_bytes(path: &Path, bytes: &[u8]) -> Result<()> {
    save_in(path, bytes, DirectoryOwner::Store)
}

/// Who created the directory that a file is saved in.
#[derive(Clone, Copy)]
enum DirectoryOwner {
    /// The store: its files inherit the directory's ACL.
    Store,
    /// The user, who named it.
    User,
}

fn save_in(path: &Path, bytes: &[u8], owner: DirectoryOwner) -> Result<()> {
    let path = resolve_target(path)?;
    let try_once = || {
        let persist = |new: NamedTempFile| new.persist(&path).map(drop).map_err(|error| (error.error, error.file));
        let file = write_temporary(&path, bytes, owner)?;
        // Temporary files are locked while a process writes them.
        unlock(&file);
        retry_while_open(file, MAX_TRIES_WHILE_OPEN, persist)?;
        flush_directory(directory_of(&path))
    };
    let saved = match try_once() {
        // A network file system lost a handle, or another process deleted the temporary file before it was locked.
        Err(error) if matches!(error.kind(), ErrorKind::StaleNetworkFileHandle | ErrorKind::NotFound) => try_once(),
        saved => saved,
    };
    saved.map_err(|error| io_error("saved", &path, &error))
}

fn write_temporary(path: &Path, bytes: &[u8], owner: DirectoryOwner) -> std::io::Result<NamedTempFile> {
    create_directory(directory_of(path))?;
    let mut file = create_temporary(directory_of(path))?;
    if matches!(owner, DirectoryOwner::User) {
        make_private(file.path());
    }
    file.write_all(bytes)?;
    flush(file.as_file())?;
    Ok(file)
}

/// Removes other users' access to a file that is still empty. On a file system without ACLs that fails: no text promises the
/// user that the file is private there.
#[cfg(windows)]
fn make_private(file: &Path) {
    drop(crate::files::acl::make_file_private(file));
}

/// The file has mode 0600 from its creation.
#[cfg(not(windows))]
const fn make_private(_: &Path) {}

/// Saves a file that the user named, with mode 0600 from its creation, as [`save`] does. A directory that does not exist is an error, because
/// the path may have a typo.
pub fn write_private(path: &Path, text: &str) -> Result<()> {
    let path = std::path::absolute(path).map_err(|error| io_error("saved", path, &error))?;
    // A link of Linux to a pipe, such as /dev/stdout, leads to a file that has no path.
    let kind = std::fs::metadata(&path).ok().map(|metadata| metadata.file_type());
    if kind.is_some_and(|kind| kind.is_dir()) || path.to_string_lossy().ends_with(std::path::is_separator) {
        return Err(refused_error(&path, "it is a directory", "Add the name of a file."));
    }
    if kind.is_some_and(|kind| !kind.is_file()) {
        return Err(refused_error(&path, "it is not a regular file", "Use another path."));
    }
    let target = resolve_target(&path)?;
    let directory = directory_of(&target);
    if !directory.is_dir() {
        return Err(refused_error(
            &path,
            "its directory does not exist",
            "Create the directory first, or choose another path.",
        ));
    }
    // A temporary file that a crash left here may contain a token. One that a process is writing is locked, and stays.
    drop(leftovers::delete(directory, LeftoverFilter::OldOrUnlocked));
    save_in(&path, text.as_bytes(), DirectoryOwner::User)
}

/// Saves a file outside the config directory, as [`write_private`] does. An error does not suggest another config directory.
pub(crate) fn write_output(path: &Path, text: &str) -> Result<()> {
    write_private(path, text).map_err(|error| Error { next_step: None, ..error })
}

/// Returns the directory of a symbolic link's target, where saves go; `None` for anything else.
pub(in crate::store) fn link_directory(path: &Path) -> Option<PathBuf> {
    path.is_symlink().then_some(())?;
    Some(std::fs::canonicalize(path).ok()?.parent()?.to_owned())
}

/// Deletes a file, if it exists.
pub(crate) fn delete_private(path: &Path) -> Result<()> {
    if path.exists() || path.is_symlink() { delete(path) } else { Ok(()) }
}

pub(in crate::store) fn delete(path: &Path) -> Result<()> {
    delete_unflushed(path)?;
    flush_directory_of(path)
}

pub(in crate::store) fn delete_unflushed(path: &Path) -> Result<()> {
    retry_while_open((), MAX_TRIES_WHILE_OPEN, |()| std::fs::remove_file(path).map_err(|error| (error, ())))
        .map_err(|error| io_error("deleted", path, &error))
}

pub(in crate::store) fn rename(from: &Path, to: &Path) -> Result<()> {
    retry_while_open((), MAX_TRIES_WHILE_OPEN, |()| std::fs::rename(from, to).map_err(|error| (error, ())))
        .map_err(|error| io_error("renamed", from, &error))
}

/// Flushes the directory of `path` to the disk, where a file was added, deleted or renamed.
pub(in crate::store) fn flush_directory_of(path: &Path) -> Result<()> {
    let directory = directory_of(path);
    flush_directory(directory).map_err(|error| {
        let error = io_error("flushed to the disk", directory, &error);
        Error { message: format!("{} A power failure may undo the change.", error.message), ..error }
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn s31_open_file_is_replaced_once_closed() {
        let outcome = |kind: ErrorKind, failures: u32, tries: u32| {
            let calls = Cell::new(0);
            let result = retry_while_open("new", tries, |new| {
                calls.set(calls.get() + 1);
                if calls.get() <= failures { Err((kind.into(), new)) } else { Ok(()) }
            });
            (result.is_ok(), calls.get())
        };
        assert_eq!(outcome(ErrorKind::PermissionDenied, 0, 11), (true, 1));
        assert_eq!(outcome(ErrorKind::PermissionDenied, 3, 11), (true, 4));
        assert_eq!(outcome(ErrorKind::PermissionDenied, 99, 11), (false, 11));
        assert_eq!(outcome(ErrorKind::StorageFull, 99, 11), (false, 1), "other errors are not retried");
        assert_eq!(outcome(ErrorKind::PermissionDenied, 99, 1), (false, 1));
    }
}
