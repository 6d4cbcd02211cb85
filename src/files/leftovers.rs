//! Temporary files of saves, and those that crashes leave.

use std::fs::DirEntry;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::open_without_following;

/// A temporary file older than this was left by a crash.
const MAX_AGE: Duration = Duration::from_secs(3600);

/// The start of the names of temporary files.
pub(crate) const TEMPORARY_PREFIX: &str = ".tmp-linkedin-tui-";

/// Which temporary files count as leftovers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeftoverFilter {
    /// All, because no process saves in that directory now.
    All,
    /// Those older than an hour, and those that no process has locked.
    OldOrUnlocked,
    /// Those older than an hour.
    Old,
}

/// Deletes the temporary files that crashes left in `directory`, and returns the first that could not be deleted. A directory that cannot
/// be listed is treated as empty.
pub(crate) fn delete(directory: &Path, which: LeftoverFilter) -> Option<(PathBuf, Error)> {
    let mut failed = None;
    for path in find(directory, which) {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => failed = failed.or(Some((path, error))),
            _ => {}
        }
    }
    failed
}

/// Returns whether a temporary file of a save has this name.
pub(crate) fn is_temporary(name: &str) -> bool {
    name.starts_with(TEMPORARY_PREFIX)
}

/// Counts the temporary files that crashes left in `directory`.
pub(crate) fn count(directory: &Path, which: LeftoverFilter) -> usize {
    find(directory, which).len()
}

fn find(directory: &Path, which: LeftoverFilter) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.filter(|entry| is_leftover(entry, which)).map(|entry| entry.path()).collect()
}

fn is_leftover(entry: &DirEntry, which: LeftoverFilter) -> bool {
    let is_old = || {
        let modified = entry.metadata().and_then(|metadata| metadata.modified()).ok();
        modified.and_then(|at| SystemTime::now().duration_since(at).ok()).is_some_and(|age| age > MAX_AGE)
    };
    let is_unlocked = || open_without_following(&entry.path()).is_ok_and(|file| file.try_lock().is_ok());
    is_temporary(&entry.file_name().to_string_lossy())
        && match which {
            LeftoverFilter::All => true,
            LeftoverFilter::OldOrUnlocked => is_old() || is_unlocked(),
            LeftoverFilter::Old => is_old(),
        }
}
