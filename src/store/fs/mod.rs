//! Private files, which are replaced atomically, and their locks.

pub(super) mod locks;
mod modes;
mod open;
mod save;

use std::io::ErrorKind;
use std::path::Path;

use crate::error::io_reason;
use crate::{Code, Error, NextStep};

pub(super) use modes::tighten_directory;
pub(crate) use open::{MAX_KEY_FILE_BYTES, OTHERS_ACCESS, OTHERS_WRITE, read_key_file, read_trusted};
pub(super) use open::{read, read_bytes, read_text_keeping_mode};
pub use save::write_private;
pub(super) use save::{
    PreparedFile, check_writable, delete, delete_unflushed, flush_directory_of, link_directory, prepare, rename,
    resolve_target, save, save_bytes,
};
pub(crate) use save::{create_private_directory, delete_private, write_output};

/// Returns the error for an operation of the file system, with the path.
pub(super) fn io_error(operation: &str, path: &Path, error: &std::io::Error) -> Error {
    let (hint, step) = match error.kind() {
        ErrorKind::PermissionDenied => ("Check the mode and owner of the file and its directory.", None),
        ErrorKind::ReadOnlyFilesystem => ("Mount it writable.", Some(NextStep::UseOtherDirectory)),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => ("Free some space and try again.", None),
        ErrorKind::ResourceBusy => (MOUNT_POINT_HINT, None),
        _ => ("Check the path and the disk.", Some(NextStep::UseOtherDirectory)),
    };
    let reason = if error.kind() == ErrorKind::ResourceBusy { MOUNT_POINT.into() } else { io_reason(error) };
    let message = format!("{} could not be {operation}: {reason}.", path.display());
    Error { next_step: step.map(Box::new), ..Error::new(Code::Files, message, hint).with_io_source(error) }
}

/// A file that is a mount point (`docker run -v FILE:FILE`) cannot be replaced.
const MOUNT_POINT: &str = "it is a mount point, so it cannot be replaced";
const MOUNT_POINT_HINT: &str = "Mount the directory that contains it instead of the file.";

/// Returns the error for a file that is not used.
fn refused_error(path: &Path, why: &str, hint: &str) -> Error {
    Error::new(Code::Files, format!("{} is refused: {why}.", path.display()), hint)
}

/// Returns the error for a file that cannot be parsed. `position` must not quote the file: it may contain secrets.
pub(super) fn damaged_error(path: &Path, position: &str) -> Error {
    Error::new(
        Code::FileDamaged,
        format!("{} cannot be parsed at {position}.", path.display()),
        "Fix it in an editor or move it away. It is not overwritten, and other profiles are not affected.",
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::permission_denied(ErrorKind::PermissionDenied, "Check the mode and owner", false)]
    #[case::read_only(ErrorKind::ReadOnlyFilesystem, "Mount it writable", true)]
    #[case::full(ErrorKind::StorageFull, "Free some space", false)]
    #[case::quota(ErrorKind::QuotaExceeded, "Free some space", false)]
    #[case::mount_point(ErrorKind::ResourceBusy, MOUNT_POINT_HINT, false)]
    #[case::other(ErrorKind::NotADirectory, "Check the path", true)]
    fn hint_fits_the_reason(#[case] kind: ErrorKind, #[case] hint: &str, #[case] offers_other_directory: bool) {
        let error = io_error("saved", Path::new("a.toml"), &kind.into());
        assert!(error.hint.starts_with(hint), "{}", error.hint);
        assert_eq!(error.next_step.is_some(), offers_other_directory);
        assert_eq!(error.message.contains(MOUNT_POINT), kind == ErrorKind::ResourceBusy);
    }
}
