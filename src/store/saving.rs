//! Writing one file: private from the first instant, whole at every instant.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::{NamedTempFile, TempPath};

#[cfg(unix)]
use super::files::owned;
#[cfg(target_os = "linux")]
use super::files::{MOUNT_POINT, MOUNT_THE_FOLDER};
use super::files::{failed, refused};
use crate::files::flush_folder;
use crate::files::leftovers::{self, Leftovers, TEMPORARY};
use crate::{Error, Result};

/// Makes the folder and those above it, 0700.
pub(super) fn make_folder(path: &Path) -> Result<()> {
    private_folder(path).map_err(|error| failed("made", path, &error))
}

fn private_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Where a save really goes: a symbolic link's target, when that is the person's own and nobody
/// else can put something in its place.
pub(super) fn target(path: &Path) -> Result<PathBuf> {
    if !path.is_symlink() {
        return Ok(path.to_owned());
    }
    let target = std::fs::canonicalize(path).map_err(|_| {
        refused(path, "it is a symbolic link that leads nowhere", "Remove the link, or make its target.")
    })?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let about = |path: &Path| std::fs::symlink_metadata(path).map_err(|error| failed("read", path, &error));
        owned(path, about(path)?.uid())?;
        owned(&target, about(&target)?.uid())?;
        let folder = target.parent().unwrap_or(Path::new("/"));
        if about(folder)?.mode() & 0o022 != 0 {
            return Err(refused(
                path,
                "it is a link into a folder that others can write",
                "Keep the file in a folder of your own.",
            ));
        }
    }
    Ok(target)
}

/// Refuses a file that no other one can take the place of; better known before there is something to save.
#[cfg(target_os = "linux")]
pub(super) fn replaceable(path: &Path) -> Result<()> {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    let path = target(path)?;
    // A kernel that cannot say so leaves it to the save.
    let Ok(about) = statx(CWD, &path, AtFlags::empty(), StatxFlags::TYPE) else { return Ok(()) };
    if about.stx_attributes.contains(StatxAttributes::MOUNT_ROOT) {
        return Err(refused(&path, MOUNT_POINT, MOUNT_THE_FOLDER));
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn replaceable(path: &Path) -> Result<()> {
    target(path).map(drop)
}

/// A file's new text, whole and flushed to the disk beside it. Dropped, it is gone again.
pub(super) struct Prepared {
    // Not the open file: there may be thousands of them at once.
    file: TempPath,
    path: PathBuf,
}

/// Writes the new text into a temporary file in the same folder.
pub(super) fn prepare(path: &Path, text: &str) -> Result<Prepared> {
    let path = target(path)?;
    match written(&path, text.as_bytes()) {
        Ok(file) => Ok(Prepared { file: file.into_temp_path(), path }),
        Err(error) => Err(failed("saved", &path, &error)),
    }
}

impl Prepared {
    /// Renames it over the old file, and flushes the folder.
    pub(super) fn put(self) -> Result<()> {
        let put =
            tried(self.file, MAX_TRIES, |file| file.persist(&self.path).map_err(|error| (error.error, error.path)));
        put.and_then(|()| flush_folder(folder_of(&self.path))).map_err(|error| failed("saved", &self.path, &error))
    }
}

/// Saves: temporary file in the same folder, flushed to the disk, renamed over the old one, and
/// the folder flushed. At every instant the file is the old or the new one, whole.
pub(super) fn save(path: &Path, text: &str) -> Result<()> {
    save_bytes(path, text.as_bytes())
}

/// The same for bytes that need not be text.
pub(super) fn save_bytes(path: &Path, bytes: &[u8]) -> Result<()> {
    let path = target(path)?;
    let once = || {
        let put = |new: NamedTempFile| new.persist(&path).map(drop).map_err(|error| (error.error, error.file));
        tried(written(&path, bytes)?, MAX_TRIES, put)?;
        flush_folder(folder_of(&path))
    };
    let saved = match once() {
        // A network file system forgot a handle, or a sweep took the temporary file before it was locked: a new one may do.
        Err(error) if matches!(error.kind(), ErrorKind::StaleNetworkFileHandle | ErrorKind::NotFound) => once(),
        saved => saved,
    };
    saved.map_err(|error| failed("saved", &path, &error))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("/"))
}

/// A temporary file beside `path`, locked for as long as it is open: without a lock it was left behind by a crash.
fn written(path: &Path, bytes: &[u8]) -> std::io::Result<NamedTempFile> {
    let folder = folder_of(path);
    private_folder(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600));
    let mut file = builder.tempfile_in(folder)?;
    // Where there are no locks, a file's age has to do.
    drop(file.as_file().try_lock());
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Writes a file of the person's own choosing, 0600 from its first instant and whole at every one.
/// Folders are not made: a slip in the path should be told.
///
/// # Errors
/// `files`.
pub fn write_private(path: &Path, text: &str) -> Result<()> {
    let path = with_folder(path)?;
    save(&path, text)
}

fn with_folder(path: &Path) -> Result<PathBuf> {
    let path = std::path::absolute(path).map_err(|error| failed("saved", path, &error))?;
    let real = target(&path)?;
    if std::fs::metadata(&real).is_ok_and(|about| !about.is_file() && !about.is_dir()) {
        return Err(refused(&path, "it is not a regular file", "Use another path."));
    }
    match real.parent() {
        Some(folder) if folder.is_dir() => {
            // What an earlier save left here when it was killed holds a token.
            drop(leftovers::sweep(folder, Leftovers::Unlocked));
            Ok(path)
        }
        _ => Err(refused(&path, "its folder does not exist", "Make the folder first, or choose another place.")),
    }
}

/// The folder that a link in one of this program's folders leads to: saves go there.
pub(super) fn link_folder(entry: &std::fs::DirEntry) -> Option<PathBuf> {
    entry.file_type().ok().filter(std::fs::FileType::is_symlink)?;
    Some(std::fs::canonicalize(entry.path()).ok()?.parent()?.to_owned())
}

/// Makes a folder 0700; it may be there already.
///
/// # Errors
/// `files`.
pub fn make_private_folder(path: &Path) -> Result<()> {
    make_folder(path)
}

/// Deletes a file that may be gone already.
///
/// # Errors
/// `files`.
pub fn delete_private(path: &Path) -> Result<()> {
    if path.exists() || path.is_symlink() { delete(path) } else { Ok(()) }
}

/// Deletes, and flushes the folder.
pub(super) fn delete(path: &Path) -> Result<()> {
    remove(path)?;
    flush(path)
}

/// Deletes without a flush.
pub(super) fn remove(path: &Path) -> Result<()> {
    std::fs::remove_file(path).map_err(|error| failed("deleted", path, &error))
}

/// Renames without a flush.
pub(super) fn rename(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to).map_err(|error| failed("renamed", from, &error))
}

/// Flushes the folder of `path` to the disk, where a file was added, deleted or renamed.
///
/// # Errors
/// `files`, and then the change is made, but a power failure may undo it.
pub(super) fn flush(path: &Path) -> Result<()> {
    let folder = folder_of(path);
    flush_folder(folder).map_err(|error| {
        let failed = failed("flushed to the disk", folder, &error);
        Error { message: format!("{} A power failure may undo the change.", failed.message), ..failed }
    })
}

/// How often a new file is put in the old one's place, and how long to wait in between, where another program holds the old one
/// open: virus scanners and sync programs do on Windows, which then refuses. Elsewhere an open file is no obstacle.
const MAX_TRIES: u32 = if cfg!(windows) { 11 } else { 1 };
const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// Does `put`, which gives back what it could not put, until it succeeds or `tries` are over.
fn tried<T>(new: T, tries: u32, put: impl Fn(T) -> Result<(), (std::io::Error, T)>) -> std::io::Result<()> {
    let mut new = new;
    for _ in 1..tries {
        match put(new) {
            Err((error, back)) if error.kind() == ErrorKind::PermissionDenied => new = back,
            other => return other.map_err(|(error, _)| error),
        }
        std::thread::park_timeout(RETRY_PAUSE);
    }
    put(new).map_err(|(error, _)| error)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn s31_a_file_that_is_held_open_is_replaced_once_it_is_let_go() {
        let outcome = |kind: ErrorKind, failures: u32, tries: u32| {
            let asked = Cell::new(0);
            let done = tried("new", tries, |new| {
                asked.set(asked.get() + 1);
                if asked.get() <= failures { Err((kind.into(), new)) } else { Ok(()) }
            });
            (done.is_ok(), asked.get())
        };
        assert_eq!(outcome(ErrorKind::PermissionDenied, 0, 11), (true, 1));
        assert_eq!(outcome(ErrorKind::PermissionDenied, 3, 11), (true, 4));
        assert_eq!(outcome(ErrorKind::PermissionDenied, 99, 11), (false, 11));
        assert_eq!(outcome(ErrorKind::StorageFull, 99, 11), (false, 1), "another error stays");
        assert_eq!(outcome(ErrorKind::PermissionDenied, 99, 1), (false, 1));
    }
}
