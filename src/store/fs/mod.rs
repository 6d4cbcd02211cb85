//! Files: opened with care, saved whole, private, and locked.

pub(super) mod locks;
mod modes;
mod open;
mod save;

use std::io::ErrorKind;
use std::path::Path;

use crate::{Code, Error, NextStep};

pub(super) use modes::tighten_folder;
pub(crate) use open::{MAX_KEY_FILE_BYTES, OTHERS_READ_OR_WRITE, OTHERS_WRITE, read_key_file, read_trusted};
pub(super) use open::{read, read_bytes, read_untouched};
pub use save::write_private;
pub(super) use save::{
    Prepared, check_writable, delete, flush_folder_of, link_folder, prepare, remove, rename, save, save_bytes, target,
};
pub(crate) use save::{create_private_folder, delete_private};

/// Returns the error for an operation of the file system, with the path.
pub(super) fn failed(operation: &str, path: &Path, error: &std::io::Error) -> Error {
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
        ErrorKind::ResourceBusy => (MOUNT_POINT.to_owned(), MOUNT_POINT_HINT, None),
        _ => (
            crate::error::io_reason(error).into_owned(),
            "Check the path and the disk.",
            Some(NextStep::UseOtherFolder),
        ),
    };
    let message = format!("{} could not be {operation}: {why}.", path.display());
    Error { next_step: step.map(Box::new), ..Error::new(Code::Files, message, hint).with_io_source(error) }
}

/// A file that is a mount point (`docker run -v FILE:FILE`) cannot be replaced.
const MOUNT_POINT: &str = "it is a mount point of its own, so that no new file can take its place";
const MOUNT_POINT_HINT: &str = "Mount the folder that holds it instead of the file.";

/// Returns the error for a file that is not used.
fn refused(path: &Path, why: &str, hint: &str) -> Error {
    Error::new(Code::Files, format!("{} is refused: {why}.", path.display()), hint)
}

/// Returns the error for a file that cannot be parsed; `position` never has content of the file.
pub(super) fn damaged(path: &Path, position: &str) -> Error {
    Error::new(
        Code::FileDamaged,
        format!("{} cannot be understood at {position}.", path.display()),
        "Correct it by hand or move it away; it is not overwritten, and the other profiles are not touched.",
    )
}
