//! Advisory locks, kept by the kernel: a process that dies gives its lock back.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
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

/// Waits at most `wait` for the lock file at `path`.
///
/// # Errors
/// `locked` when another process holds it all the while; file errors.
pub(super) fn take(path: &Path, what: &str, hold: Hold, wait: Duration) -> Result<File> {
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
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => std::thread::park_timeout(TRY_AGAIN),
            Err(TryLockError::WouldBlock) => {
                return Err(Error::new(
                    Code::Locked,
                    format!("Another linkedin-tui is working on {what}."),
                    "Try again when it is done.",
                ));
            }
            // Some file systems know no locks; a single user is better served than refused.
            Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(failed("locked", path, &error)),
        }
    }
}
