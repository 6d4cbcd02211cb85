//! Reading and writing one file: private from the first instant, whole at every instant.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use crate::text::place;
use crate::{Code, Error, Result};

/// Largest file that is read.
const MOST: u64 = 32 * 1024 * 1024;

/// What the names of temporary files begin with.
pub(super) const TEMPORARY: &str = ".tmp-linkedin-tui-";

/// An input/output error in words, with the path.
pub(super) fn failed(doing: &str, path: &Path, error: &std::io::Error) -> Error {
    let (why, hint) = match error.kind() {
        ErrorKind::PermissionDenied => {
            ("permission denied".to_owned(), "Check the mode and owner of the file and its folder.")
        }
        ErrorKind::ReadOnlyFilesystem => {
            ("the file system is read-only".to_owned(), "Mount it writable, or use --config-dir.")
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            ("the disk is full".to_owned(), "Free some space and try again.")
        }
        _ => (crate::error::io_reason(error).into_owned(), "Check the path and the disk, or use --config-dir."),
    };
    Error::new(Code::Files, format!("{} could not be {doing}: {why}.", path.display()), hint)
}

fn refused(path: &Path, why: &str, hint: &str) -> Error {
    Error::new(Code::Files, format!("{} is refused: {why}.", path.display()), hint)
}

/// The folders that this program makes within its own.
const FOLDERS: &[&str] = &["apps", "profiles", "locks", "posts", "drafts", "keys"];

/// Reads a text file; `None` where there is none. Tightens its mode through the open file and
/// gives a warning where it was open to others.
pub(super) fn read(path: &Path) -> Result<Option<(String, Option<String>)>> {
    let Some((file, about)) = open(path)? else { return Ok(None) };
    let found = tighten(&file, path, &about)?.map(|mode| (path.to_owned(), mode));
    Ok(Some((text(file, &about, path)?, opened(found.as_slice()))))
}

/// Reads a text file and leaves its mode as it is; `None` where there is none.
pub(super) fn look(path: &Path) -> Result<Option<String>> {
    open(path)?.map(|(file, about)| text(file, &about, path)).transpose()
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

fn text(file: File, about: &std::fs::Metadata, path: &Path) -> Result<String> {
    // Room for all of it and the end: a file of a kilobyte is read in two calls, and not in seven.
    let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or_default() + 1);
    file.take(MOST).read_to_end(&mut bytes).map_err(|error| failed("read", path, &error))?;
    String::from_utf8(bytes).map_err(|bad| {
        let good = bad.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&bad.as_bytes()[..good]).into_owned();
        damaged(path, &place(&before, good))
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

/// Makes private what is open, and gives the mode it was found with where others could use it.
#[cfg(unix)]
fn tighten(file: &File, path: &Path, about: &std::fs::Metadata) -> Result<Option<u32>> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    owned(path, about.uid())?;
    if about.mode().trailing_zeros() >= 6 {
        return Ok(None);
    }
    let mode = if about.is_dir() { 0o700 } else { 0o600 };
    // On a read-only mount the mode stays; the warning is due all the same.
    drop(file.set_permissions(std::fs::Permissions::from_mode(mode)));
    Ok(Some(about.mode() & 0o777))
}

/// The warning for what was open to others, with the modes it was found with.
fn opened(found: &[(PathBuf, u32)]) -> Option<String> {
    let modes = found.iter().map(|(_, mode)| format!("{mode:03o}")).collect::<Vec<_>>().join(", ");
    let (what, modes, were) = match found {
        [] => return None,
        [(one, _)] => (one.display().to_string(), format!("mode {modes}"), "was"),
        [rest @ .., (last, _)] => {
            let rest: Vec<String> = rest.iter().map(|(path, _)| path.display().to_string()).collect();
            (format!("{} and {}", rest.join(", "), last.display()), format!("modes {modes}"), "were")
        }
    };
    Some(format!(
        "{what} could be read by other users ({modes}) and {were} made private. If others use this machine, \
         make a new client secret and sign in again."
    ))
}

#[cfg(unix)]
fn owned(path: &Path, owner: u32) -> Result<()> {
    if owner == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    Err(refused(path, &format!("it is owned by user {owner}"), "Run as that user (without sudo), or use --config-dir."))
}

#[cfg(not(unix))]
fn tighten(_: &File, _: &Path, _: &std::fs::Metadata) -> Result<Option<u32>> {
    Ok(None)
}

/// Makes the folder private, with those that this program makes within it, and gives a warning
/// where one was open to others.
pub(super) fn tighten_folder(path: &Path) -> Result<Option<String>> {
    let Ok(folder) = File::open(path) else { return Ok(None) };
    let about = folder.metadata().map_err(|error| failed("read", path, &error))?;
    if !about.is_dir() {
        return Err(refused(path, "it is no folder", "Move it away, or use --config-dir."));
    }
    let mut found = Vec::from_iter(tighten(&folder, path, &about)?.map(|mode| (path.to_owned(), mode)));
    for inner in FOLDERS {
        let inner = path.join(inner);
        found.extend(tighten_own(&inner).map(|mode| (inner, mode)));
    }
    Ok(opened(&found))
}

/// The same for a folder within. What is a link, or somebody else's, was not made by this program;
/// whether it can be used is told where it is.
#[cfg(unix)]
fn tighten_own(path: &Path) -> Option<u32> {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = rustix::fs::OFlags::DIRECTORY | rustix::fs::OFlags::NOFOLLOW;
    let folder = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path).ok()?;
    let about = folder.metadata().ok()?;
    tighten(&folder, path, &about).ok()?
}

#[cfg(not(unix))]
fn tighten_own(_: &Path) -> Option<u32> {
    None
}

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
        Ok(file) => Ok(Prepared { file, path }),
        Err(error) => Err(failed("saved", &path, &error)),
    }
}

impl Prepared {
    /// Renames it over the old file, and flushes the folder.
    pub(super) fn put(self) -> Result<()> {
        put(self.file, &self.path).map_err(|error| failed("saved", &self.path, &error))
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
    let once = || put(written(&path, bytes)?, &path);
    let saved = match once() {
        // A network file system forgot a handle: with a new one it may do.
        Err(error) if error.kind() == ErrorKind::StaleNetworkFileHandle => once(),
        saved => saved,
    };
    saved.map_err(|error| failed("saved", &path, &error))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("/"))
}

fn written(path: &Path, bytes: &[u8]) -> std::io::Result<TempPath> {
    let folder = folder_of(path);
    private_folder(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file.into_temp_path())
}

fn put(file: TempPath, path: &Path) -> std::io::Result<()> {
    file.persist(path).map_err(|error| error.error)?;
    flush_folder(folder_of(path))
}

/// Writes a file of the person's own choosing, 0600 from its first instant and whole at every one.
/// Folders are not made: a slip in the path should be told.
///
/// # Errors
/// `files`.
pub fn write_private(path: &Path, text: &str) -> Result<()> {
    let path = std::path::absolute(path).map_err(|error| failed("saved", path, &error))?;
    match path.parent() {
        Some(folder) if folder.is_dir() => save(&path, text),
        _ => Err(refused(&path, "its folder does not exist", "Make the folder first, or choose another place.")),
    }
}

/// Reads a text file of the person's own, of at most 32 MiB; `None` where there is none.
///
/// # Errors
/// `files` when it cannot be read or is no regular file, for a pipe or a device might never end;
/// `file_damaged` when it is not text.
pub fn read_text(path: &Path) -> Result<Option<String>> {
    look(path)
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
    std::fs::remove_file(path).map_err(|error| failed("deleted", path, &error))?;
    flush_folder(path.parent().unwrap_or(Path::new("/"))).map_err(|error| failed("deleted", path, &error))
}

fn flush_folder(folder: &Path) -> std::io::Result<()> {
    // Windows has no flush of folders; there the rename itself is journalled.
    if cfg!(windows) { Ok(()) } else { File::open(folder)?.sync_all() }
}
