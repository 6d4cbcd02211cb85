//! Why input or output failed, in plain language.

use std::borrow::Cow;
use std::fmt;
use std::io;

/// A reason inside an [`io::Error`], which [`io_reason`] returns as it is.
#[derive(Debug)]
pub(crate) struct Reason(Cow<'static, str>);

impl Reason {
    /// Creates an [`io::Error`] of `kind` with this reason.
    pub(crate) fn error(kind: io::ErrorKind, text: impl Into<Cow<'static, str>>) -> io::Error {
        io::Error::new(kind, Self(text.into()))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Reason {}

/// Returns why input or output failed, as a text that follows a colon: "the disk is full".
///
/// [`io::ErrorKind`]'s own texts ("entity not found") are for developers, and an error's
/// `Display` is in the system's language or carries a path that the caller names already.
pub(crate) fn io_reason(error: &io::Error) -> Cow<'static, str> {
    use io::ErrorKind as Kind;
    if let Some(reason) = error.get_ref().and_then(|inner| inner.downcast_ref::<Reason>()) {
        return reason.0.clone();
    }
    let text = match error.kind() {
        Kind::NotFound => "not found",
        Kind::PermissionDenied => "permission denied",
        Kind::AlreadyExists => "it already exists",
        Kind::IsADirectory => "it is a directory",
        Kind::NotADirectory => "a part of the path is not a directory",
        Kind::DirectoryNotEmpty => "the directory is not empty",
        Kind::ReadOnlyFilesystem => "the file system is read-only",
        Kind::StorageFull => "the disk is full",
        Kind::QuotaExceeded => "the disk quota is used up",
        Kind::FileTooLarge => "it is too large",
        Kind::InvalidFilename => "the file name is not valid",
        Kind::StaleNetworkFileHandle => "the network file system lost the file",
        Kind::ResourceBusy | Kind::ExecutableFileBusy => "it is in use",
        Kind::CrossesDevices => "source and target are on different file systems",
        Kind::TooManyLinks => "it has too many links",
        Kind::Deadlock => "waiting for it would cause a deadlock",
        Kind::NotSeekable => "it is a stream, not a file",
        Kind::InvalidData => "it is not UTF-8 text",
        Kind::InvalidInput => "the system does not accept the request",
        Kind::ArgumentListTooLong => "the arguments and the environment are too long",
        Kind::UnexpectedEof => "it ended too early",
        Kind::WriteZero => "nothing more could be written",
        Kind::BrokenPipe => "the reader closed the stream",
        Kind::WouldBlock => "it has nothing to read yet",
        Kind::TimedOut => "timed out",
        Kind::Interrupted => "interrupted",
        Kind::OutOfMemory => "out of memory",
        Kind::Unsupported => "the system does not support it",
        Kind::ConnectionRefused => "the connection was refused",
        Kind::ConnectionReset => "the connection was reset",
        Kind::ConnectionAborted => "the connection was aborted",
        Kind::NotConnected => "there is no connection",
        Kind::HostUnreachable => "the host cannot be reached",
        Kind::NetworkUnreachable => "the network cannot be reached",
        Kind::NetworkDown => "the network is down",
        Kind::AddrInUse => "the address is in use",
        Kind::AddrNotAvailable => "the address is not available",
        _ => return system_reason(error),
    };
    text.into()
}

/// Returns the text for system errors that have no stable [`io::ErrorKind`].
fn system_reason(error: &io::Error) -> Cow<'static, str> {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        match Errno::from_io_error(error) {
            Some(Errno::MFILE | Errno::NFILE) => return "too many files are open".into(),
            Some(Errno::LOOP) => return "too many symbolic links lead to each other".into(),
            Some(Errno::IO) => return "the disk or device failed".into(),
            Some(Errno::NXIO | Errno::NODEV) => return "there is no such device".into(),
            Some(Errno::NOEXEC) => return "the system cannot run it".into(),
            _ => {}
        }
    }
    // Sharing and lock violations; broken pipe, pipe closing, and not connected.
    #[cfg(windows)]
    match error.raw_os_error() {
        Some(32 | 33) => return "another program has it open".into(),
        Some(109 | 232 | 233) => return "the reader closed the stream".into(),
        _ => {}
    }
    match error.raw_os_error() {
        Some(number) => format!("system error {number}").into(),
        None => "the reason is unknown".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Terms that only a developer understands, or that are in the system's own language.
    const FORBIDDEN: &[&str] = &[
        "entity",
        "invalid data",
        "invalid input",
        "invalid filename",
        "resource busy",
        "uncategorized",
        "other error",
        "os error",
        "unexpected end of file",
        "operation would block",
    ];

    #[test]
    fn io_errors_have_plain_reasons() {
        let numbered = (1..200).map(io::Error::from_raw_os_error);
        let kinds = numbered.chain([
            io::ErrorKind::Other.into(),
            io::ErrorKind::UnexpectedEof.into(),
            io::ErrorKind::InvalidData.into(),
            io::Error::other("text of a library"),
        ]);
        for error in kinds {
            let reason = io_reason(&error);
            assert!(!FORBIDDEN.iter().any(|word| reason.contains(word)), "{error:?} -> {reason}");
            assert!(!reason.contains("library") && !reason.ends_with('.'), "{reason}");
        }
        assert_eq!(io_reason(&Reason::error(io::ErrorKind::Other, "it is quarantined")), "it is quarantined");
    }
}
