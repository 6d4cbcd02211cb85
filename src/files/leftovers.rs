//! Temporary files of saves, and what crashes leave of them.

use std::ffi::OsStr;
use std::fs::{DirEntry, OpenOptions};
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A temporary file older than this was left by a crash.
const STALE: Duration = Duration::from_secs(3600);

/// What the names of temporary files begin with.
pub const TEMPORARY: &str = ".tmp-linkedin-tui-";

/// Which temporary files are deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leftovers {
    /// All: nobody saves in that folder now.
    All,
    /// Those that no process holds.
    Unlocked,
    /// Those older than an hour.
    Old,
}

/// Deletes what killed saves left in `folder`; gives the first that could not be deleted. A folder that cannot be listed has
/// nothing to delete.
#[must_use]
pub fn sweep(folder: &Path, which: Leftovers) -> Option<(PathBuf, Error)> {
    let entries = std::fs::read_dir(folder).ok()?;
    let ours = entries.flatten().filter(|entry| is_temporary(&entry.file_name()));
    let left: Vec<PathBuf> =
        ours.filter(|entry| which == Leftovers::All || is_leftover(entry, which)).map(|entry| entry.path()).collect();
    let mut failed = None;
    for path in left {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => failed = failed.or(Some((path, error))),
            _ => {}
        }
    }
    failed
}

/// Is this a name of a temporary file of a save?
#[must_use]
pub fn is_temporary(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with(TEMPORARY)
}

/// Was this temporary file left by a crash?
#[must_use]
pub fn is_leftover(entry: &DirEntry, which: Leftovers) -> bool {
    let changed = entry.metadata().and_then(|about| about.modified()).ok();
    let old = changed.and_then(|at| SystemTime::now().duration_since(at).ok()).is_some_and(|age| age > STALE);
    old || which == Leftovers::Unlocked && is_unlocked(&entry.path())
}

fn is_unlocked(path: &Path) -> bool {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW;
        options.custom_flags(flags.bits().cast_signed());
    }
    options.open(path).is_ok_and(|file| file.try_lock().is_ok())
}
