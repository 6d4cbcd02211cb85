//! Writing one file: private from the first instant, whole at every instant.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::{NamedTempFile, TempPath};

use super::open::dangling_link;
use super::{failed, refused};
use crate::files::leftovers::{self, Leftovers};
use crate::files::{create_temporary, flush_folder, folder_of};
use crate::{Error, Result};

/// Creates a folder and those above it, 0700; they may exist.
pub(crate) fn create_private_folder(path: &Path) -> Result<()> {
    create_folder(path).map_err(|error| failed("created", path, &error))
}

fn create_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Returns where a save really goes: the target of a symbolic link, if it is the user's own and no other user can replace it.
pub(in crate::store) fn target(path: &Path) -> Result<PathBuf> {
    if !path.is_symlink() {
        return Ok(path.to_owned());
    }
    let target = std::fs::canonicalize(path).map_err(|_| dangling_link(path))?;
    #[cfg(unix)]
    {
        use super::modes::check_owner;
        use std::os::unix::fs::MetadataExt;
        let metadata = |path: &Path| std::fs::symlink_metadata(path).map_err(|error| failed("read", path, &error));
        check_owner(path, metadata(path)?.uid())?;
        check_owner(&target, metadata(&target)?.uid())?;
        if metadata(folder_of(&target))?.mode() & 0o022 != 0 {
            return Err(refused(
                path,
                "it is a link into a folder that others can write",
                "Keep the file in a folder of your own.",
            ));
        }
    }
    Ok(target)
}

/// Refuses a file that a save could not replace: it is a mount point, or its folder or disk cannot take `bytes` more. Leaves
/// nothing behind.
pub(in crate::store) fn check_writable(path: &Path, bytes: usize) -> Result<()> {
    let path = target(path)?;
    if is_mount_point(&path) {
        return Err(refused(&path, super::MOUNT_POINT, super::MOUNT_POINT_HINT));
    }
    let probe = create_folder(folder_of(&path))
        .and_then(|()| create_temporary(folder_of(&path)))
        .and_then(|mut file| file.write_all(&vec![b' '; bytes]));
    probe.map_err(|error| failed("saved", &path, &error))
}

#[cfg(target_os = "linux")]
fn is_mount_point(path: &Path) -> bool {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    // A kernel that does not know leaves it to the save.
    statx(CWD, path, AtFlags::empty(), StatxFlags::TYPE)
        .is_ok_and(|metadata| metadata.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(not(target_os = "linux"))]
const fn is_mount_point(_: &Path) -> bool {
    false
}

/// A file's new text, flushed to the disk in the same folder. Deleted when dropped.
pub(in crate::store) struct Prepared {
    // Not the open file: there may be thousands at once.
    file: TempPath,
    path: PathBuf,
}

/// Writes the new text into a temporary file in the same folder.
pub(in crate::store) fn prepare(path: &Path, text: &str) -> Result<Prepared> {
    let path = target(path)?;
    match write_temporary(&path, text.as_bytes()) {
        Ok(file) => Ok(Prepared { file: file.into_temp_path(), path }),
        Err(error) => Err(failed("saved", &path, &error)),
    }
}

impl Prepared {
    /// Renames it over the old file, and flushes the folder.
    pub(in crate::store) fn commit(self) -> Result<()> {
        let persist = |file: TempPath| file.persist(&self.path).map_err(|error| (error.error, error.path));
        let renamed = retry_while_held(self.file, MAX_RENAME_TRIES, persist);
        renamed.and_then(|()| flush_folder(folder_of(&self.path))).map_err(|error| failed("saved", &self.path, &error))
    }
}

/// Saves: a temporary file in the same folder, flushed to the disk, renamed over the old one, and the folder flushed. At every
/// instant the file is the old or the new one, whole.
pub(in crate::store) fn save(path: &Path, text: &str) -> Result<()> {
    save_bytes(path, text.as_bytes())
}

/// Saves as [`save`] does what need not be text.
pub(in crate::store) fn save_bytes(path: &Path, bytes: &[u8]) -> Result<()> {
    let path = target(path)?;
    let once = || {
        let persist = |new: NamedTempFile| new.persist(&path).map(drop).map_err(|error| (error.error, error.file));
        retry_while_held(write_temporary(&path, bytes)?, MAX_RENAME_TRIES, persist)?;
        flush_folder(folder_of(&path))
    };
    let saved = match once() {
        // A network file system lost a handle, or a sweep deleted the temporary file before it was locked.
        Err(error) if matches!(error.kind(), ErrorKind::StaleNetworkFileHandle | ErrorKind::NotFound) => once(),
        saved => saved,
    };
    saved.map_err(|error| failed("saved", &path, &error))
}

fn write_temporary(path: &Path, bytes: &[u8]) -> std::io::Result<NamedTempFile> {
    create_folder(folder_of(path))?;
    let mut file = create_temporary(folder_of(path))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Writes a file that the user names, 0600 from its first instant and whole at every one. Its folder must exist: a slip in the
/// path is an error.
pub fn write_private(path: &Path, text: &str) -> Result<()> {
    let path = std::path::absolute(path).map_err(|error| failed("saved", path, &error))?;
    let target = target(&path)?;
    if std::fs::metadata(&target).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        return Err(refused(&path, "it is not a regular file", "Use another path."));
    }
    let folder = folder_of(&target);
    if !folder.is_dir() {
        return Err(refused(&path, "its folder does not exist", "Create the folder first, or choose another path."));
    }
    // What a killed save left here may hold a token.
    drop(leftovers::sweep(folder, Leftovers::Unlocked));
    save(&path, text)
}

/// Returns the folder of a symbolic link's target, where saves go; `None` for anything else.
pub(in crate::store) fn link_folder(path: &Path) -> Option<PathBuf> {
    path.is_symlink().then_some(())?;
    Some(std::fs::canonicalize(path).ok()?.parent()?.to_owned())
}

/// Deletes a file, if it exists.
pub(crate) fn delete_private(path: &Path) -> Result<()> {
    if path.exists() || path.is_symlink() { delete(path) } else { Ok(()) }
}

/// Deletes a file, and flushes the folder.
pub(in crate::store) fn delete(path: &Path) -> Result<()> {
    remove(path)?;
    flush_folder_of(path)
}

/// Deletes a file without a flush.
pub(in crate::store) fn remove(path: &Path) -> Result<()> {
    std::fs::remove_file(path).map_err(|error| failed("deleted", path, &error))
}

/// Renames a file without a flush.
pub(in crate::store) fn rename(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to).map_err(|error| failed("renamed", from, &error))
}

/// Flushes the folder of `path` to the disk, where a file was added, deleted or renamed.
pub(in crate::store) fn flush_folder_of(path: &Path) -> Result<()> {
    let folder = folder_of(path);
    flush_folder(folder).map_err(|error| {
        let failed = failed("flushed to the disk", folder, &error);
        Error { message: format!("{} A power failure may undo the change.", failed.message), ..failed }
    })
}

/// How often to try a rename, and the pause in between, where another program holds the old file open: Windows refuses then, and
/// virus scanners and sync programs do it. Elsewhere an open file is no obstacle.
const MAX_RENAME_TRIES: u32 = if cfg!(windows) { 11 } else { 1 };
const RENAME_RETRY_PAUSE: Duration = Duration::from_millis(50);

/// Calls `persist`, which returns what it could not put in place, until it succeeds, at most `tries` times.
fn retry_while_held<T>(
    new: T,
    tries: u32,
    persist: impl Fn(T) -> Result<(), (std::io::Error, T)>,
) -> std::io::Result<()> {
    let mut new = new;
    for _ in 1..tries {
        match persist(new) {
            Err((error, back)) if error.kind() == ErrorKind::PermissionDenied => new = back,
            other => return other.map_err(|(error, _)| error),
        }
        std::thread::park_timeout(RENAME_RETRY_PAUSE);
    }
    persist(new).map_err(|(error, _)| error)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn s31_file_held_open_is_replaced_when_released() {
        let outcome = |kind: ErrorKind, failures: u32, tries: u32| {
            let calls = Cell::new(0);
            let done = retry_while_held("new", tries, |new| {
                calls.set(calls.get() + 1);
                if calls.get() <= failures { Err((kind.into(), new)) } else { Ok(()) }
            });
            (done.is_ok(), calls.get())
        };
        assert_eq!(outcome(ErrorKind::PermissionDenied, 0, 11), (true, 1));
        assert_eq!(outcome(ErrorKind::PermissionDenied, 3, 11), (true, 4));
        assert_eq!(outcome(ErrorKind::PermissionDenied, 99, 11), (false, 11));
        assert_eq!(outcome(ErrorKind::StorageFull, 99, 11), (false, 1), "another error stays");
        assert_eq!(outcome(ErrorKind::PermissionDenied, 99, 1), (false, 1));
    }
}
