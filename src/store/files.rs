//! Reading one file: regular, of a sensible size, and private.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::text::line_column;
use crate::{Code, Error, NextStep, Result};

/// Largest file that is read.
const MOST: u64 = 32 * 1024 * 1024;

/// An input/output error in words, with the path.
pub(super) fn failed(doing: &str, path: &Path, error: &std::io::Error) -> Error {
    let (why, hint, step) = match error.kind() {
        ErrorKind::PermissionDenied => {
            ("permission denied".to_owned(), "Check the mode and owner of the file and its folder.", None)
        }
        ErrorKind::ReadOnlyFilesystem => {
            ("the file system is read-only".to_owned(), "Mount it writable.", Some(NextStep::UseOtherFolder))
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            ("the disk is full".to_owned(), "Free some space and try again.", None)
        }
        ErrorKind::ResourceBusy => (MOUNT_POINT.to_owned(), MOUNT_THE_FOLDER, None),
        _ => (
            crate::error::io_reason(error).into_owned(),
            "Check the path and the disk.",
            Some(NextStep::UseOtherFolder),
        ),
    };
    let message = format!("{} could not be {doing}: {why}.", path.display());
    Error { next_step: step.map(Box::new), ..Error::new(Code::Files, message, hint).with_io_source(error) }
}

/// A file that is a mount point (`docker run -v FILE:FILE`) cannot be replaced by another one.
pub(super) const MOUNT_POINT: &str = "it is a mount point of its own, so that no new file can take its place";
pub(super) const MOUNT_THE_FOLDER: &str = "Mount the folder that holds it instead of the file.";

pub(super) fn refused(path: &Path, why: &str, hint: &str) -> Error {
    Error::new(Code::Files, format!("{} is refused: {why}.", path.display()), hint)
}

/// The folders that this program makes within its own.
const FOLDERS: &[&str] = &["apps", "profiles", "locks", "posts", "drafts", "keys"];

/// Reads a text file; `None` where there is none. Tightens its mode through the open file and
/// gives a warning where it was open to others.
pub(super) fn read(path: &Path) -> Result<Option<(String, Option<String>)>> {
    let Some((file, about)) = open(path)? else { return Ok(None) };
    let found = tighten(&file, path, &about)?;
    Ok(Some((text(file, &about, path)?, warning(found.as_slice()))))
}

/// Reads a text file and leaves its mode as it is; `None` where there is none.
pub(super) fn look(path: &Path) -> Result<Option<String>> {
    open(path)?.map(|(file, about)| text(file, &about, path)).transpose()
}

/// Reads a file that need not be text.
pub(super) fn look_bytes(path: &Path) -> Result<Option<Vec<u8>>> {
    open(path)?.map(|(file, about)| bytes(file, &about, path)).transpose()
}

/// Opens a regular file of a sensible size; `None` where there is none.
fn open(path: &Path) -> Result<Option<(File, std::fs::Metadata)>> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // A FIFO must not hang the open.
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    let file = match options.open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("read", path, &error)),
    };
    let about = file.metadata().map_err(|error| failed("read", path, &error))?;
    if !about.is_file() {
        return Err(refused(path, "it is no regular file", "Move it away."));
    }
    if about.len() > MOST {
        return Err(refused(path, "it is larger than 32 MiB", "Move it away."));
    }
    Ok(Some((file, about)))
}

fn bytes(file: File, about: &std::fs::Metadata, path: &Path) -> Result<Vec<u8>> {
    // Room for all of it and the end: a file of a kilobyte is read in two calls, and not in seven.
    let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or_default() + 1);
    file.take(MOST).read_to_end(&mut bytes).map_err(|error| failed("read", path, &error))?;
    Ok(bytes)
}

fn text(file: File, about: &std::fs::Metadata, path: &Path) -> Result<String> {
    String::from_utf8(bytes(file, about, path)?).map_err(|bad| {
        let good = bad.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&bad.as_bytes()[..good]).into_owned();
        damaged(path, &line_column(&before, good))
    })
}

/// The error for a file that cannot be understood; `place` is a position and never content.
pub(super) fn damaged(path: &Path, place: &str) -> Error {
    Error::new(
        Code::FileDamaged,
        format!("{} cannot be understood at {place}.", path.display()),
        "Correct it by hand or move it away; it is not overwritten, and the other profiles are not touched.",
    )
}

/// What was found open to other users.
struct Open {
    path: PathBuf,
    /// The mode it was found with.
    mode: u32,
    /// Is it private now?
    tightened: bool,
}

/// Makes private what is open to others, and looks whether that had an effect.
#[cfg(unix)]
fn tighten(file: &File, path: &Path, about: &std::fs::Metadata) -> Result<Option<Open>> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let is_open = |about: &std::fs::Metadata| about.mode() & 0o077 != 0;
    owned(path, about.uid())?;
    if !is_open(about) {
        return Ok(None);
    }
    let mode = if about.is_dir() { 0o700 } else { 0o600 };
    // It fails on a read-only mount, and some file systems (WSL's drvfs) take it and do nothing.
    drop(file.set_permissions(std::fs::Permissions::from_mode(mode)));
    let tightened = file.metadata().is_ok_and(|about| !is_open(&about));
    Ok(Some(Open { path: path.to_owned(), mode: about.mode() & 0o777, tightened }))
}

/// The warning for what was open to others, with the modes it was found with.
fn warning(found: &[Open]) -> Option<String> {
    let (tightened, left): (Vec<&Open>, Vec<&Open>) = found.iter().partition(|open| open.tightened);
    let sentences = [
        named(&tightened).map(|(what, were)| {
            format!("{what} could be read by other users ({}) and {were} made private.", modes(&tightened))
        }),
        named(&left).map(|(what, _)| {
            format!(
                "{what} can be read by other users ({}), and the mode could not be changed: the file system is read-only, or \
                 keeps no modes.",
                modes(&left)
            )
        }),
        Some("If others use this machine, make a new client secret and sign in again.".to_owned()),
    ];
    (!found.is_empty()).then(|| sentences.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

fn modes(found: &[&Open]) -> String {
    let modes: Vec<String> = found.iter().map(|open| format!("{:03o}", open.mode)).collect();
    format!("mode{} {}", if modes.len() == 1 { "" } else { "s" }, modes.join(", "))
}

fn named(found: &[&Open]) -> Option<(String, &'static str)> {
    let paths: Vec<String> = found.iter().map(|open| open.path.display().to_string()).collect();
    match paths.as_slice() {
        [] => None,
        [one] => Some((one.clone(), "was")),
        [rest @ .., last] => Some((format!("{} and {last}", rest.join(", ")), "were")),
    }
}

#[cfg(unix)]
pub(super) fn owned(path: &Path, owner: u32) -> Result<()> {
    if owner == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    Err(refused(path, &format!("it is owned by user {owner}"), "Run as that user (without sudo).")
        .with_next_step(NextStep::UseOtherFolder))
}

#[cfg(not(unix))]
fn tighten(_: &File, _: &Path, _: &std::fs::Metadata) -> Result<Option<Open>> {
    Ok(None)
}

/// Makes the folder private, with those that this program makes within it, and gives a warning
/// where one was open to others.
pub(super) fn tighten_folder(path: &Path) -> Result<Option<String>> {
    // Asked by its path: a folder that cannot be listed has an owner all the same.
    let about = match std::fs::metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("read", path, &error)),
    };
    if !about.is_dir() {
        return Err(refused(path, "it is not a directory", "Move it away.").with_next_step(NextStep::UseOtherFolder));
    }
    #[cfg(unix)]
    owned(path, std::os::unix::fs::MetadataExt::uid(&about))?;
    let Ok(folder) = File::open(path) else { return Ok(None) };
    let about = folder.metadata().map_err(|error| failed("read", path, &error))?;
    let mut found = Vec::from_iter(tighten(&folder, path, &about)?);
    found.extend(FOLDERS.iter().filter_map(|inner| tighten_own(&path.join(inner))));
    Ok(warning(&found))
}

/// The same for a folder within. What is a link, or somebody else's, was not made by this program;
/// whether it can be used is told where it is.
#[cfg(unix)]
fn tighten_own(path: &Path) -> Option<Open> {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = rustix::fs::OFlags::DIRECTORY | rustix::fs::OFlags::NOFOLLOW;
    let folder = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path).ok()?;
    let about = folder.metadata().ok()?;
    tighten(&folder, path, &about).ok()?
}

#[cfg(not(unix))]
fn tighten_own(_: &Path) -> Option<Open> {
    None
}

/// Reads a file that says where secrets are sent: this user's own, or root's (a link into a store that a package manager keeps).
/// `None` where there is none.
///
/// # Errors
/// As [`read_text`]; `files` for somebody else's file, and for a link that leads nowhere: that is no missing file.
pub fn read_trusted(path: &Path) -> Result<Option<String>> {
    let Some((file, about)) = open(path)? else {
        return if path.is_symlink() {
            Err(refused(path, "it is a symbolic link that leads nowhere", "Remove the link, or make its target."))
        } else {
            Ok(None)
        };
    };
    #[cfg(unix)]
    {
        let owner = std::os::unix::fs::MetadataExt::uid(&about);
        if owner != 0 {
            owned(path, owner)?;
        }
    }
    text(file, &about, path).map(Some)
}

/// Refuses a key that is somebody else's, or that others may do with what is `forbidden`.
#[cfg(unix)]
fn check_private(path: &Path, about: &std::fs::Metadata, forbidden: u32) -> Result<()> {
    use std::os::unix::fs::MetadataExt;
    let (me, mode) = (rustix::process::geteuid().as_raw(), about.mode() & 0o777);
    if about.uid() != me && about.uid() != 0 {
        return Err(refused(path, &format!("it is owned by user {}", about.uid()), "Make it your own."));
    }
    // What root gives to a service is readable by the service's group.
    let forbidden = if about.uid() == me { forbidden } else { forbidden & !0o040 };
    if mode & forbidden != 0 {
        return Err(refused(
            path,
            &format!("other users have access to it (mode {mode:03o}), and it opens your tokens"),
            &format!("Make it private: chmod 600 {}", path.display()),
        ));
    }
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "other systems refuse")]
fn check_private(_: &Path, _: &std::fs::Metadata, _: u32) -> Result<()> {
    Ok(())
}

/// What other users may not do with a file: permission bits of group and others.
pub const OTHERS_READ_OR_WRITE: u32 = 0o077;
/// The same for a file that is no secret.
pub const WRITE: u32 = 0o022;

/// Reads a file that opens secrets, of at most `max` bytes; `None` where there is none. What others can read opens nothing
/// any more, and what others can write may be theirs.
///
/// # Errors
/// `files` for what is no regular file, or where others may do what is `forbidden`; `file_damaged` when it is not text.
pub fn read_key_file(path: &Path, max: u64, forbidden: u32) -> Result<Option<Zeroizing<String>>> {
    // A pipe that the shell opened (`<(pass show linkedin-tui)`) is read as well.
    let (file, about) = match crate::files::open_regular(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|error| failed("read", path, &error))?,
    };
    check_private(path, &about, forbidden)?;
    // Room for all of it: a text that grows leaves pieces of itself in freed memory.
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(max).unwrap_or_default() + 1));
    file.take(max + 1).read_to_string(&mut text).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => damaged(path, "some place: it is not text"),
        _ => failed("read", path, &error),
    })?;
    if text.len() as u64 > max {
        return Err(refused(path, "it is too large for what it should hold", "Check the path."));
    }
    Ok(Some(text))
}

/// Reads a text file of the person's own, of at most 32 MiB; `None` where there is none.
///
/// # Errors
/// `files` when it cannot be read or is no regular file, for a pipe or a device might never end;
/// `file_damaged` when it is not text.
pub fn read_text(path: &Path) -> Result<Option<String>> {
    look(path)
}
