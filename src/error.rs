//! Errors, as the command line and the interface both report them: what happened, why, and what to
//! do next.

#![warn(missing_docs)]

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Declares [`Code`] and everything that a code determines, one line per code:
/// `Variant = "word", exit STATUS[, retryable];`.
macro_rules! codes {
    ($(#[doc = $description:literal] $variant:ident = $word:literal, exit $status:literal $(, $retryable:ident)?;)+) => {
        /// What went wrong, as a stable word: `error.code` of `--json`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $description] $variant,)+
        }

        impl Code {
            /// Every code, grouped by exit status.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Returns the word used in JSON and in the documentation.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// Returns what the code means, as a sentence.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self {
                    $(Self::$variant => $description.trim_ascii(),)+
                }
            }

            /// Returns the exit status of a command that fails with this code.
            #[must_use]
            pub const fn exit_code(self) -> u8 {
                match self {
                    $(Self::$variant => $status,)+
                }
            }

            /// Returns whether the same request can succeed later without any change.
            #[must_use]
            pub const fn is_retryable(self) -> bool {
                match self {
                    $(Self::$variant => codes!(@retryable $($retryable)?),)+
                }
            }
        }
    };
    (@retryable) => { false };
    (@retryable retryable) => { true };
}

codes! {
    /// An internal error.
    Unexpected = "unexpected", exit 1;
    /// An argument, an option or typed text is invalid.
    BadInput = "bad_input", exit 2;
    /// No profile has that name.
    NoSuchProfile = "no_such_profile", exit 3;
    /// No app has that name.
    NoSuchApp = "no_such_app", exit 3;
    /// The profile has no token, or its refresh token no longer works.
    SignedOut = "signed_out", exit 4;
    /// The token has expired, or expires too soon.
    Expired = "expired", exit 4;
    /// The token was revoked, or LinkedIn does not know it.
    Revoked = "revoked", exit 4;
    /// LinkedIn rejected the token (401) for an unknown reason.
    TokenRefused = "token_refused", exit 4;
    /// The member declined the authorization.
    Denied = "denied", exit 4;
    /// A different member signed in than the one stored in the profile.
    DifferentMember = "different_member", exit 4;
    /// The browser did not return before the sign-in timed out.
    TimedOut = "timed_out", exit 4;
    /// The `state` parameter of the callback does not match the request.
    StateMismatch = "state_mismatch", exit 5;
    /// The app is not authorized for a requested scope.
    ScopeNotAuthorized = "scope_not_authorized", exit 5;
    /// The redirect URL differs from the registered one, or from the one of the authorization request.
    RedirectMismatch = "redirect_mismatch", exit 5;
    /// LinkedIn rejected the client ID or the client secret.
    ClientRefused = "client_refused", exit 5;
    /// The authorization code has expired or was already used.
    CodeRefused = "code_refused", exit 5;
    /// LinkedIn rejected the request for a reason without a code of its own.
    Refused = "refused", exit 5;
    /// The network, a proxy or TLS failed before LinkedIn responded.
    Network = "network", exit 5, retryable;
    /// LinkedIn returned a server error (5xx).
    ServerError = "server_error", exit 5, retryable;
    /// A rate limit of LinkedIn was reached (429).
    RateLimited = "rate_limited", exit 5, retryable;
    /// The response does not look like one of LinkedIn's.
    UnexpectedResponse = "unexpected_response", exit 5;
    /// The token is valid but does not permit the request (403).
    NotPermitted = "not_permitted", exit 5;
    /// LinkedIn restricted the member's account: the token is valid, but every request fails.
    MemberRestricted = "member_restricted", exit 5;
    /// The command of a delivery failed.
    NotDelivered = "not_delivered", exit 5;
    /// The connection or LinkedIn failed after a post was sent: it may have been published.
    MaybePublished = "maybe_published", exit 5;
    /// A file could not be read or written.
    Files = "files", exit 6;
    /// A file could not be parsed.
    FileDamaged = "file_damaged", exit 6;
    /// A file was written by a newer version of this program.
    FileNewer = "file_newer", exit 6;
    /// The encryption key is not available: no keyring, a locked keyring or no passphrase.
    KeyUnavailable = "key_unavailable", exit 6;
    /// The passphrase does not decrypt the encryption key.
    WrongPassphrase = "wrong_passphrase", exit 6;
    /// The port of the redirect URL is in use.
    PortInUse = "port_in_use", exit 7;
    /// Another process holds the lock.
    Locked = "locked", exit 7, retryable;
    /// The user interrupted the program.
    Interrupted = "interrupted", exit 130;
}

/// What the user can do about an error: the facts alone. The command line renders a command, the
/// interface a key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextStep {
    /// Sign in to a profile, or re-authorize it.
    SignIn {
        /// The profile's name.
        profile: String,
    },
    /// Sign in to a profile that does not exist yet.
    SignInToNewProfile,
    /// Sign in with a saved app.
    SignInWithApp {
        /// The profile's name.
        profile: String,
        /// The app's name.
        app: String,
    },
    /// Sign in again with other scopes.
    SignInWithScopes {
        /// The profile's name.
        profile: String,
        /// The scopes to request, separated by spaces.
        scopes: String,
    },
    /// Sign in again and save a different member's token as a new profile.
    SignInAsNewProfile {
        /// The name of the profile that stays as it is.
        profile: String,
    },
    /// Sign in again and replace the member of a profile.
    SignInReplacingMember {
        /// The profile's name.
        profile: String,
    },
    /// Use the client credentials grant for a profile that does not exist yet.
    UseClientCredentials,
    /// Save the client secret of an app.
    AddClientSecret {
        /// The app's name.
        app: String,
        /// The app's client ID.
        client_id: String,
    },
    /// Select a current profile.
    SelectProfile,
    /// Name the profile to use.
    NameProfile,
    /// Identify the member of a profile.
    Identify {
        /// The profile's name.
        profile: String,
    },
    /// Probe the permissions of a profile's token.
    ProbePermissions {
        /// The profile's name.
        profile: String,
    },
    /// List the deliveries of a profile.
    ListDeliveries {
        /// The profile's name.
        profile: String,
    },
    /// Remove a delivery from a profile.
    RemoveDelivery {
        /// The profile's name.
        profile: String,
        /// The delivery's name.
        delivery: String,
    },
    /// List what deliveries can be added.
    ListPresets,
    /// Name the delivery.
    NameDelivery,
    /// Set the settings that a preset takes.
    SetPresetSettings {
        /// The keys of the settings.
        keys: Vec<&'static str>,
    },
    /// Import under another name.
    ImportUnderOtherName,
    /// Name the app that an imported token belongs to.
    NameImportedApp,
    /// List the posts that were published from here.
    ListPosts,
    /// Select the author of a post.
    SelectAuthor,
    /// Export as JSON.
    ExportJson,
    /// List the known scopes.
    ListScopes,
    /// Create a new encryption key.
    CreateKey {
        /// How it is stored: `keyring` or `passphrase`.
        storage: &'static str,
    },
    /// Use another folder for settings, apps and profiles.
    UseOtherFolder,
    /// Use another port for the sandbox.
    UseOtherPort,
}

impl NextStep {
    /// Returns the step as an imperative without a full stop.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::SignIn { .. } | Self::SignInWithApp { .. } => "Sign in",
            Self::SignInToNewProfile => "Sign in to a new profile",
            Self::SignInWithScopes { .. } => "Sign in again with these scopes",
            Self::SignInAsNewProfile { .. } => "Keep both members",
            Self::SignInReplacingMember { .. } => "Replace the member",
            Self::UseClientCredentials | Self::ImportUnderOtherName => "Use another profile name",
            Self::AddClientSecret { .. } => "Save the client secret",
            Self::SelectProfile => "Select a current profile",
            Self::NameProfile => "Name the profile",
            Self::Identify { .. } => "Identify the member",
            Self::ProbePermissions { .. } => "Try again",
            Self::ListDeliveries { .. } => "List the deliveries",
            Self::RemoveDelivery { .. } => "Remove the existing delivery",
            Self::ListPresets => "List the presets",
            Self::NameDelivery => "Name the delivery",
            Self::SetPresetSettings { .. } => "Set the settings of the preset",
            Self::NameImportedApp => "Name the app",
            Self::ListPosts => "List the posts",
            Self::SelectAuthor => "Select the author",
            Self::ExportJson => "Export as JSON",
            Self::ListScopes => "List the scopes",
            Self::CreateKey { .. } => "Create a new key",
            Self::UseOtherFolder => "Use another folder",
            Self::UseOtherPort => "Use another port",
        }
    }
}

/// What happened, why, and what to do next. Never contains a response body, the query of a URL, an
/// authorization code, a `state`, a secret or a token.
#[derive(Clone)]
pub struct Error {
    /// The stable code.
    pub code: Code,
    /// What happened and why, in sentences.
    pub message: String,
    /// Advice that fits the command line and the interface alike; may be empty.
    pub hint: String,
    /// What the user can do, rendered after the advice.
    pub next_step: Option<Box<NextStep>>,
    /// LinkedIn's own text, cleaned and cut by [`crate::text::clean`].
    pub detail: Option<String>,
    /// How long the server asks to wait before the next request (`Retry-After`).
    pub retry_after: Option<Duration>,
    /// The underlying error, see [`Error::with_source`].
    pub source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// The result of a fallible operation of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Creates an error of `code` with what happened and what to do next.
    pub fn new(code: Code, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: hint.into(),
            next_step: None,
            detail: None,
            retry_after: None,
            source: None,
        }
    }

    /// Creates an error for invalid input.
    pub fn bad_input(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Code::BadInput, message, hint)
    }

    /// Creates the error for a clock beyond the dates of certificates and HTTP.
    #[must_use]
    pub fn unusable_clock() -> Self {
        Self::new(
            Code::Network,
            "This machine's clock is set to a time before 1970 or after 9999, so no connection can be made.",
            "Set the clock (Linux: timedatectl set-ntp true), then try again.",
        )
    }

    /// Adds what the user can do.
    #[must_use]
    pub fn with_next_step(mut self, step: NextStep) -> Self {
        self.next_step = Some(Box::new(step));
        self
    }

    /// Replaces what to do next: the advice, and the step if any.
    pub fn replace_hint(&mut self, hint: impl Into<String>, step: Option<NextStep>) {
        self.hint = hint.into();
        self.next_step = step.map(Box::new);
    }

    /// Adds LinkedIn's own text, cleaned and cut.
    #[must_use]
    pub fn with_detail(mut self, text: &str) -> Self {
        let text = crate::text::clean(text, 200);
        self.detail = (!text.is_empty()).then_some(text);
        self
    }

    /// Adds the underlying error, which `--verbose` prints. Its text must not quote data: an error of
    /// a parser, or a URL with a query, is not a source.
    #[must_use]
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Adds the system's own text of an input/output error as the source. Others are in the message already.
    #[must_use]
    pub fn with_io_source(self, error: &io::Error) -> Self {
        match error.raw_os_error() {
            Some(number) => self.with_source(io::Error::from_raw_os_error(number)),
            None => self,
        }
    }

    /// Returns the advice and the step as neutral text, for pages that a browser shows.
    #[must_use]
    pub fn neutral_hint(&self) -> String {
        self.hint_with(|step| format!("{}.", step.label()))
    }

    /// Returns the advice, followed by the step as `render` words it.
    pub(crate) fn hint_with(&self, render: impl FnOnce(&NextStep) -> String) -> String {
        let step = self.next_step.as_deref().map(render).filter(|step| !step.is_empty());
        match (self.hint.is_empty(), step) {
            (_, None) => self.hint.clone(),
            (true, Some(step)) => step,
            (false, Some(step)) => format!("{} {step}", self.hint),
        }
    }

    /// Returns the texts of the underlying errors, outermost first.
    #[must_use]
    pub fn sources(&self) -> Vec<String> {
        let first = std::error::Error::source(self);
        let mut texts: Vec<String> = std::iter::successors(first, |error| error.source())
            .map(|error| clean_source(&error.to_string()))
            .collect();
        texts.dedup();
        texts
    }
}

fn clean_source(text: &str) -> String {
    crate::text::clean(text, 300)
}

/// The source does not count: it is diagnostic detail of the same error.
impl PartialEq for Error {
    fn eq(&self, other: &Self) -> bool {
        (self.code, &self.message, &self.hint) == (other.code, &other.message, &other.hint)
            && (&self.next_step, &self.detail, self.retry_after) == (&other.next_step, &other.detail, other.retry_after)
    }
}

impl Eq for Error {}

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

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// A reason in words inside an [`io::Error`], which [`io_reason`] returns as it is.
#[derive(Debug)]
pub(crate) struct Reason(Cow<'static, str>);

impl Reason {
    /// Wraps the words into an [`io::Error`] of `kind`.
    pub(crate) fn error(kind: io::ErrorKind, words: impl Into<Cow<'static, str>>) -> io::Error {
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
pub(crate) fn io_reason(error: &io::Error) -> Cow<'static, str> {
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
