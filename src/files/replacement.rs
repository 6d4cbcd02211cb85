//! Replacing files atomically, by renaming a temporary file of the same directory.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use super::leftovers::{self, LeftoverFilter, TEMPORARY_PREFIX};
use super::retry::{MAX_TRIES_WHILE_OPEN, retry_while_open};
#[cfg(unix)]
use crate::error::Reason;

/// Replaces the content of one of the user's files, or of a link's target, atomically. Owner, group and mode stay. A file is written
/// in place if it is a mount point, or if the permissions allow nothing else.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = std::fs::canonicalize(path)?;
    let metadata = std::fs::metadata(&target)?;
    refuse_link_of_other_user(path, &metadata)?;
    // A temporary file of a killed save may contain a token.
    drop(leftovers::delete(directory_of(&target), LeftoverFilter::OldOrUnlocked));
    let replaced = write_temporary(&target, bytes, &metadata)
        .and_then(|file| {
            let persist = |file: tempfile::NamedTempFile| {
                file.persist(&target).map(drop).map_err(|error| (error.error, error.file))
            };
            unlock(&file);
            retry_while_open(file, MAX_TRIES_WHILE_OPEN, persist)
        })
        .and_then(|()| flush_directory(directory_of(&target)));
    match replaced {
        Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ResourceBusy) => {
            write_in_place(&target, bytes)
        }
        replaced => replaced,
    }
}

pub(crate) fn directory_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("/"))
}

/// Creates a temporary file, 0600, that is deleted when dropped. It is locked while it is open, which distinguishes it from those
/// that a crash left.
pub(crate) fn create_temporary(directory: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY_PREFIX);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600));
    let file = builder.tempfile_in(directory)?;
    // On a file system without locks only the age distinguishes them.
    drop(file.as_file().try_lock());
    Ok(file)
}

/// Releases the lock of a temporary file before it is renamed: on Windows no other process could read the file while it is locked.
pub(crate) fn unlock(file: &tempfile::NamedTempFile) {
    if cfg!(windows) {
        drop(file.as_file().unlock());
    }
}

fn write_temporary(target: &Path, bytes: &[u8], metadata: &Metadata) -> io::Result<tempfile::NamedTempFile> {
    let mut file = create_temporary(directory_of(target))?;
    file.write_all(bytes)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let created = file.as_file().metadata()?;
        if (created.uid(), created.gid()) != (metadata.uid(), metadata.gid()) {
            fchown(file.as_file(), Some(metadata.uid()), Some(metadata.gid()))?;
        }
    }
    file.as_file().set_permissions(metadata.permissions())?;
    flush(file.as_file())?;
    Ok(file)
}

fn write_in_place(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(target)?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)?;
    flush(&file)
}

/// Flushes a file or a directory to the disk. On macOS the standard library also has the disk flush its own cache (`F_FULLFSYNC`),
/// which network and foreign file systems refuse.
pub(crate) fn flush(file: &File) -> io::Result<()> {
    let flushed = file.sync_all();
    #[cfg(target_vendor = "apple")]
    if flushed.is_err() {
        return Ok(rustix::fs::fsync(file)?);
    }
    flushed
}

/// Flushes a directory to the disk after a file in it was added, renamed or deleted.
///
/// Not an error: Windows and some file systems cannot flush directories (`EINVAL`, `ENOTSUP`), and a directory that can be written but not
/// listed cannot be opened for it.
pub(crate) fn flush_directory(directory: &Path) -> io::Result<()> {
    if cfg!(windows) {
        return Ok(());
    }
    let Err(error) = File::open(directory).and_then(|directory| flush(&directory)) else { return Ok(()) };
    match error.kind() {
        ErrorKind::InvalidInput | ErrorKind::Unsupported | ErrorKind::PermissionDenied => Ok(()),
        _ => Err(error),
    }
}

/// Refuses another user's link to this user's file, which anyone can create in a shared directory.
#[cfg(unix)]
fn refuse_link_of_other_user(path: &Path, target: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let link = std::fs::symlink_metadata(path)?;
    let user = rustix::process::geteuid().as_raw();
    if link.is_symlink() && link.uid() != user && link.uid() != target.uid() {
        return Err(Reason::error(ErrorKind::PermissionDenied, "it is another user's symbolic link"));
    }
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
fn refuse_link_of_other_user(_: &Path, _: &Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn replaced_file_keeps_owner_mode_and_link() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
        let directory = tempfile::tempdir().unwrap();
        let (path, link) = (directory.path().join("file"), directory.path().join("link"));
        std::fs::write(&path, "old and longer").unwrap();
        symlink(&path, &link).unwrap();
        // Only root can change the owner.
        drop(chown(&path, Some(33), Some(33)));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let owner_and_mode = |path: &Path| {
            std::fs::metadata(path).map(|metadata| (metadata.uid(), metadata.gid(), metadata.mode())).unwrap()
        };
        let before = owner_and_mode(&path);
        for (path, text) in [(&path, "new"), (&link, "newer")] {
            replace(path, text.as_bytes()).unwrap();
            assert_eq!(std::fs::read_to_string(path).unwrap(), text);
            assert_eq!(owner_and_mode(path), before);
        }
        assert!(link.is_symlink());
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 2, "no temporary file is left");
        assert_eq!(crate::files::mode_open_to_others(&path).unwrap(), Some(0o640));
        write_in_place(&path, b"in place").unwrap();
        assert_eq!((std::fs::read_to_string(&path).unwrap().as_str(), owner_and_mode(&path)), ("in place", before));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn another_users_link_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let (path, link) = (directory.path().join("file"), directory.path().join("link"));
        std::fs::write(&path, "old").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        if std::os::unix::fs::lchown(&link, Some(65534), None).is_ok() {
            assert_eq!(
                crate::error::io_reason(&replace(&link, b"new").unwrap_err()),
                "it is another user's symbolic link"
            );
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        }
    }
}
