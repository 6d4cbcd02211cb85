//! One vocabulary of errors for both faces: what happened, why, what to do next.

use std::borrow::Cow;
use std::fmt;
use std::io;

use jiff::SignedDuration;

/// A stable word for what went wrong, printed as `error.code` by `--json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// Something this program did not foresee.
    Unexpected,
    /// A flag, an argument or typed text that cannot be used.
    BadInput,
    /// No profile of that name.
    NoSuchProfile,
    /// No app of that name.
    NoSuchApp,
    /// The profile has no token yet.
    SignedOut,
    /// The token's time is over.
    Expired,
    /// LinkedIn or the member revoked the token, or it is not one of LinkedIn's.
    Revoked,
    /// LinkedIn did not accept the token (401), for no reason that is known here.
    TokenRefused,
    /// LinkedIn restricted the member's account: the token is valid, and every call fails.
    MemberRestricted,
    /// The member pressed Cancel.
    Denied,
    /// A different member than the stored one signed in.
    DifferentMember,
    /// Nobody came back from the browser in time.
    TimedOut,
    /// The returned `state` is not the one that was sent.
    StateMismatch,
    /// A scope is not provisioned to the app.
    ScopeNotAuthorized,
    /// The redirect URL differs from the registered one, or the code does not fit.
    RedirectMismatch,
    /// LinkedIn does not accept the client ID and secret.
    ClientRefused,
    /// The authorization code is spent or too old.
    CodeRefused,
    /// LinkedIn answered the browser with another error.
    Refused,
    /// The network, a proxy or TLS failed before LinkedIn could answer.
    Network,
    /// LinkedIn had a problem of its own (5xx).
    ServerError,
    /// Too many calls (429).
    RateLimited,
    /// The answer is not one LinkedIn gives.
    UnexpectedResponse,
    /// The token may not do this (403).
    NotPermitted,
    /// The connection broke off, or LinkedIn failed, after a post was sent: it may be published.
    MaybePublished,
    /// A file cannot be read or written.
    Files,
    /// A file cannot be parsed.
    FileDamaged,
    /// A file was written by a newer version of this program.
    FileNewer,
    /// A delivery's command failed.
    NotDelivered,
    /// Nothing gives the key to the encrypted fields: no keyring, a locked one, no passphrase.
    KeyUnavailable,
    /// The passphrase does not open the key.
    WrongPassphrase,
    /// The redirect URL's port is taken.
    PortInUse,
    /// Another process holds the lock.
    Locked,
    /// The person interrupted.
    Interrupted,
}

impl Code {
    /// The word used in JSON and docs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unexpected => "unexpected",
            Self::BadInput => "bad_input",
            Self::NoSuchProfile => "no_such_profile",
            Self::NoSuchApp => "no_such_app",
            Self::SignedOut => "signed_out",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::TokenRefused => "token_refused",
            Self::MemberRestricted => "member_restricted",
            Self::Denied => "denied",
            Self::DifferentMember => "different_member",
            Self::TimedOut => "timed_out",
            Self::StateMismatch => "state_mismatch",
            Self::ScopeNotAuthorized => "scope_not_authorized",
            Self::RedirectMismatch => "redirect_mismatch",
            Self::ClientRefused => "client_refused",
            Self::CodeRefused => "code_refused",
            Self::Refused => "refused",
            Self::Network => "network",
            Self::ServerError => "server_error",
            Self::RateLimited => "rate_limited",
            Self::UnexpectedResponse => "unexpected_response",
            Self::NotPermitted => "not_permitted",
            Self::MaybePublished => "maybe_published",
            Self::Files => "files",
            Self::FileDamaged => "file_damaged",
            Self::FileNewer => "file_newer",
            Self::NotDelivered => "not_delivered",
            Self::KeyUnavailable => "key_unavailable",
            Self::WrongPassphrase => "wrong_passphrase",
            Self::PortInUse => "port_in_use",
            Self::Locked => "locked",
            Self::Interrupted => "interrupted",
        }
    }

    /// Can the same request succeed later, without anything being changed?
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::Network | Self::ServerError | Self::RateLimited | Self::Locked)
    }

    /// The process's exit code.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Unexpected => 1,
            Self::BadInput => 2,
            Self::NoSuchProfile | Self::NoSuchApp => 3,
            Self::SignedOut
            | Self::Expired
            | Self::Revoked
            | Self::TokenRefused
            | Self::Denied
            | Self::DifferentMember
            | Self::TimedOut => 4,
            Self::StateMismatch
            | Self::ScopeNotAuthorized
            | Self::RedirectMismatch
            | Self::ClientRefused
            | Self::CodeRefused
            | Self::Refused
            | Self::Network
            | Self::ServerError
            | Self::RateLimited
            | Self::UnexpectedResponse
            | Self::NotPermitted
            | Self::MemberRestricted
            | Self::NotDelivered
            | Self::MaybePublished => 5,
            // The files cannot be read, for want of their key: signing in again would not help.
            Self::Files | Self::FileDamaged | Self::FileNewer | Self::KeyUnavailable | Self::WrongPassphrase => 6,
            Self::PortInUse | Self::Locked => 7,
            Self::Interrupted => 130,
        }
    }
}

/// What happened, why, and what to do next. Never carries a body, a URL's query, a code, a
/// `state`, a secret or a token.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    /// The stable word.
    pub code: Code,
    /// What happened and why, as sentences.
    pub message: String,
    /// What to do next.
    pub hint: String,
    /// LinkedIn's own words, cleaned and cut by [`crate::text::clean`].
    pub detail: Option<String>,
    /// How long the server asks to wait before the next try (`Retry-After`).
    pub wait: Option<SignedDuration>,
}

/// The result of nearly everything here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of `code` with what happened and what to do next.
    pub fn new(code: Code, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: hint.into(), detail: None, wait: None }
    }

    /// The same error with LinkedIn's own words, cleaned and cut here.
    #[must_use]
    pub fn detail(mut self, words: &str) -> Self {
        let words = crate::text::clean(words, 200);
        self.detail = (!words.is_empty()).then_some(words);
        self
    }

    /// The clock stands where no certificate and no HTTP date reaches.
    #[must_use]
    pub fn unusable_clock() -> Self {
        Self::new(
            Code::Network,
            "This machine's clock is set to a time before 1970 or after 9999, at which no connection can be made.",
            "Set the clock (Linux: timedatectl set-ntp true), then try again.",
        )
    }

    /// Bad input: exit code 2.
    pub fn bad_input(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Code::BadInput, message, hint)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.detail {
            Some(detail) => write!(f, " LinkedIn said: {detail}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self}", self.code.as_str())
    }
}

impl std::error::Error for Error {}

/// A reason in words inside an [`io::Error`], which [`io_reason`] returns as it is.
#[derive(Debug)]
pub struct Reason(Cow<'static, str>);

impl Reason {
    /// Wraps the words into an [`io::Error`] of `kind`.
    pub fn error(kind: io::ErrorKind, words: impl Into<Cow<'static, str>>) -> io::Error {
        io::Error::new(kind, Self(words.into()))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Reason {}

/// Returns why input or output failed, in words that follow a colon: "the disk is full".
///
/// [`io::ErrorKind`]'s own words ("entity not found") are for developers, and an error's
/// `Display` is in the system's language or carries a path that the caller names already.
#[must_use]
pub fn io_reason(error: &io::Error) -> Cow<'static, str> {
    use io::ErrorKind as Kind;
    if let Some(reason) = error.get_ref().and_then(|inner| inner.downcast_ref::<Reason>()) {
        return reason.0.clone();
    }
    let words = match error.kind() {
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
        Kind::CrossesDevices => "the two places are on different file systems",
        Kind::TooManyLinks => "it has too many links",
        Kind::Deadlock => "waiting for it would never end",
        Kind::NotSeekable => "it is a stream, not a file",
        Kind::InvalidData => "it is not UTF-8 text",
        Kind::InvalidInput => "the system does not accept the request",
        Kind::ArgumentListTooLong => "the arguments and the environment are too long",
        Kind::UnexpectedEof => "it ended too early",
        Kind::WriteZero => "nothing more could be written",
        Kind::BrokenPipe => "the reader has gone away",
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
    words.into()
}

/// Returns the words for system errors that have no stable [`io::ErrorKind`].
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
    match error.raw_os_error() {
        Some(number) => format!("system error {number}").into(),
        None => "the system gives no reason".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words that only a developer understands, or that are in the system's own language.
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
    fn io_errors_are_told_in_plain_words() {
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
        assert_eq!(io_reason(&Reason::error(io::ErrorKind::Other, "it is a ghost")), "it is a ghost");
    }
}
