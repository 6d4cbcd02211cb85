//! Retrying while another program has a file open.

use std::io::{self, ErrorKind};
use std::time::Duration;

/// How many times to try to rename or delete a file. Windows refuses it while another program, such as a virus scanner or a sync
/// program, has the file open; other systems do not.
pub(crate) const MAX_TRIES_WHILE_OPEN: u32 = if cfg!(windows) { 11 } else { 1 };
/// Doubled after each try up to [`MAX_RETRY_PAUSE`]: 1.3 s in all.
const FIRST_RETRY_PAUSE: Duration = Duration::from_millis(10);
const MAX_RETRY_PAUSE: Duration = Duration::from_millis(200);

/// Calls `change`, which returns the file that it could not change, until it succeeds, at most `tries` times.
pub(crate) fn retry_while_open<T, R>(
    new: T,
    tries: u32,
    change: impl Fn(T) -> Result<R, (io::Error, T)>,
) -> io::Result<R> {
    let (mut new, mut pause) = (new, FIRST_RETRY_PAUSE);
    for _ in 1..tries {
        match change(new) {
            Err((error, file))
                if error.kind() == ErrorKind::PermissionDenied
                    || cfg!(windows) && is_open_elsewhere(error.raw_os_error()) =>
            {
                new = file;
            }
            other => return other.map_err(|(error, _)| error),
        }
        std::thread::park_timeout(pause);
        pause = (pause * 2).min(MAX_RETRY_PAUSE);
    }
    change(new).map_err(|(error, _)| error)
}

/// Returns whether a code of Windows means that another program has the file open: access denied, sharing violation, lock violation.
const fn is_open_elsewhere(code: Option<i32>) -> bool {
    matches!(code, Some(5 | 32 | 33))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_files_are_known_by_their_windows_errors() {
        for code in [5, 32, 33] {
            assert!(is_open_elsewhere(Some(code)), "{code}");
        }
        assert!(!is_open_elsewhere(Some(112)), "a full disk");
        assert!(!is_open_elsewhere(None));
    }
}
