//! Advisory locks, kept by the kernel: a process that dies gives its lock back.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use super::files::failed;
use super::types::Name;
use crate::{Code, Error, Result};

/// How often a taken lock is tried again.
const TRY_AGAIN: Duration = Duration::from_millis(20);

/// Holds a profile's lock until dropped.
#[derive(Debug)]
pub struct ProfileLock {
    pub(super) name: Name,
    pub(super) _file: File,
}

/// Alone, or beside others that hold it so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    Alone,
    Shared,
}

/// How long a file system may take to say whether a lock is free: some never do.
const PATIENCE: Duration = Duration::from_secs(5);

/// Waits at most `wait` for the lock file at `path`.
///
/// # Errors
/// `locked` when another process holds it all the while; `files` for a file system that has no locks to give, or does not answer.
pub(super) fn take(path: &Path, what: &str, hold: Hold, wait: Duration) -> Result<File> {
    let (owned, what) = (path.to_owned(), what.to_owned());
    // Asked from a thread of its own, which is left behind where it hangs.
    let (sender, answer) = channel();
    let asked = std::thread::Builder::new()
        .name("lock".to_owned())
        .spawn(move || drop(sender.send(Some(wait_for(&owned, &what, hold, wait, &sender)))));
    asked.map_err(|error| failed("locked", path, &error))?;
    loop {
        match answer.recv_timeout(PATIENCE) {
            Ok(Some(taken)) => return taken,
            // It is taken, and the file system lives.
            Ok(None) => {}
            Err(_) => return Err(no_lock(path, "its file system does not answer")),
        }
    }
}

/// Tells `sender` each time that the lock is taken.
fn wait_for(
    path: &Path,
    what: &str,
    hold: Hold,
    wait: Duration,
    sender: &Sender<Option<Result<File>>>,
) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    let file = options.open(path).map_err(|error| failed("locked", path, &error))?;
    let deadline = Instant::now() + wait;
    loop {
        let tried = match hold {
            Hold::Alone => file.try_lock(),
            Hold::Shared => file.try_lock_shared(),
        };
        match tried {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                // Nobody listens any more once this took too long.
                drop(sender.send(None));
                std::thread::park_timeout(TRY_AGAIN);
            }
            Err(TryLockError::WouldBlock) => {
                return Err(Error::new(
                    Code::Locked,
                    format!("Another linkedin-tui is working on {what}."),
                    "Try again when it is done.",
                ));
            }
            // Some file systems know no locks; a single user is better served than refused.
            Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(no_lock(path, &error.to_string())),
        }
    }
}

/// In the system's own words: the kinds of errors have none for a file system without locks.
fn no_lock(path: &Path, why: &str) -> Error {
    Error::new(
        Code::Files,
        format!("{} could not be locked: {why}.", path.display()),
        "Nothing was changed. Keep the files where locks work, on a local disk: --config-dir DIR or LINKEDIN_TUI_CONFIG_DIR.",
    )
}
