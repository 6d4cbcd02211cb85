//! Errors, as the command line and the interface both report them: what happened, why, and what to
//! do next.

#![warn(missing_docs)]

mod io_reason;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use io_reason::{Reason, io_reason};

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
    /// LinkedIn does not accept the redirect URL.
    RedirectMismatch = "redirect_mismatch", exit 5;
    /// LinkedIn rejected the client ID or the client secret.
    ClientRefused = "client_refused", exit 5;
    /// LinkedIn refused the authorization code: it has expired, was already used, or belongs to another request.
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
    /// LinkedIn restricted the member's account: every request fails, whatever the token.
    MemberRestricted = "member_restricted", exit 5;
    /// The command of a delivery failed.
    NotDelivered = "not_delivered", exit 5;
    /// The connection or LinkedIn failed after a post or comment was sent: it may have been published.
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

/// Declares [`NextStep`], one line per step: `Variant { fields } = "label";`. The label is an imperative without a full
/// stop.
macro_rules! steps {
    ($(#[doc = $description:literal] $step:ident $({ $($field:ident: $type:ty),+ })? = $label:literal;)+) => {
        /// What the user can do about an error: the facts alone. The command line renders a command, the
        /// interface a key.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        #[expect(missing_docs, reason = "the fields are names and values of what the variant describes")]
        pub enum NextStep {
            $(#[doc = $description] $step $({ $($field: $type),+ })?,)+
        }

        impl NextStep {
            /// Returns the step as an imperative without a full stop.
            #[must_use]
            pub const fn label(&self) -> &'static str {
                match self {
                    $(Self::$step { .. } => $label,)+
                }
            }
        }
    };
}

steps! {
    /// Sign in to a profile, or re-authorize it.
    SignIn { profile: String } = "Sign in";
    /// Sign in to a profile that does not exist yet.
    SignInToNewProfile = "Sign in to a new profile";
    /// Sign in to a profile that does not exist yet, with an app that is not saved yet.
    SignInWithNewApp = "Sign in to a new profile";
    /// Add an app and sign in: there is neither an app nor a profile yet.
    SetUp = "Set up an app and a profile";
    /// Sign in with a saved app.
    SignInWithApp { profile: String, app: String } = "Sign in";
    /// Sign in again with other scopes.
    SignInWithScopes { profile: String, scopes: String } = "Sign in again with these scopes";
    /// Sign in again with other scopes once LinkedIn approved the app for them.
    SignInOnceApproved { profile: String, scopes: String } = "When the app has it, sign in again with these scopes";
    /// Sign in again and save a different member's token as a new profile.
    SignInKeepingBothMembers { profile: String } = "Keep both members";
    /// Sign in again and replace the member of a profile.
    SignInReplacingMember { profile: String } = "Replace the member";
    /// Use the client credentials grant for a profile that does not exist yet.
    UseClientCredentialsForNewProfile = "Use another profile name";
    /// Finish the sign-in of another process of this program, or stop its sandbox: it holds the port.
    FinishOtherSignIn = "Finish or stop it first";
    /// Copy the client ID again: LinkedIn does not know it.
    CopyClientId = "Copy the Client ID again from the app's Auth tab";
    /// Save the client secret of an app.
    AddClientSecret { app: String, client_id: String } = "Save the client secret";
    /// Select a current profile.
    SelectProfile = "Select a current profile";
    /// Name the profile to use.
    NameProfile = "Name the profile";
    /// Identify the member of a profile: save which member its token belongs to.
    Identify { profile: String } = "Identify the member";
    /// Probe the permissions of a profile's token.
    ProbePermissions { profile: String } = "Try again";
    /// List the deliveries of a profile.
    ListDeliveries { profile: String } = "List the deliveries";
    /// Remove a delivery from a profile.
    RemoveDelivery { profile: String, delivery: String } = "Remove the existing delivery";
    /// List what deliveries can be added.
    ListPresets = "List the presets";
    /// Name the delivery.
    NameDelivery = "Name the delivery";
    /// Set the settings that a preset needs.
    SetPresetSettings { keys: Vec<&'static str> } = "Set the settings of the preset";
    /// Import under another name.
    ImportUnderOtherName = "Use another profile name";
    /// Name the app that an imported token belongs to.
    NameImportedApp = "Name the app";
    /// Set the redirect URL of the imported app.
    SetRedirectUrl = "Pass the correct redirect URL";
    /// List the posts that were published with this program.
    ListPosts = "List the posts";
    /// Select the author of a post.
    SelectAuthor = "Select the author";
    /// Export as JSON.
    ExportJson = "Export as JSON";
    /// List the known scopes.
    ListScopes = "List the scopes";
    /// Create a new encryption key for the `encryption` of that name: `keyring` or `passphrase`.
    CreateKey { encryption: &'static str } = "Create a new key";
    /// Use another directory for settings, apps and profiles.
    UseOtherDirectory = "Use another directory";
    /// Use another port for the sandbox.
    UseOtherPort = "Use another port";
}

/// What happened, why, and what to do next. Never contains a response body, the query of a URL, an
/// authorization code, a `state`, a secret or a token.
#[derive(Clone)]
pub struct Error {
    /// The stable code.
    pub code: Code,
    /// What happened and why, in sentences.
    pub message: String,
    /// Advice that fits both the command line and the interface; may be empty.
    pub hint: String,
    /// What the user can do, rendered after the advice.
    pub next_step: Option<Box<NextStep>>,
    /// LinkedIn's own text, cleaned and cut by [`crate::text::sanitize`].
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
        let text = crate::text::sanitize(text, 200);
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

    /// Adds the system's own text of an input/output error as the source. An error without a
    /// number of the system has its text in the message already.
    #[must_use]
    pub fn with_io_source(self, error: &io::Error) -> Self {
        match error.raw_os_error() {
            Some(number) => self.with_source(io::Error::from_raw_os_error(number)),
            None => self,
        }
    }

    /// Returns the advice and the name of the next step, without the command or the key that takes it: for pages that a browser shows.
    #[must_use]
    pub fn hint_without_command(&self) -> String {
        self.render_hint(|step| format!("{}.", step.label()))
    }

    /// Returns the advice, followed by the step as `render` words it.
    pub(crate) fn render_hint(&self, render: impl FnOnce(&NextStep) -> String) -> String {
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
            .map(|error| crate::text::sanitize(&error.to_string(), 300))
            .collect();
        texts.dedup();
        texts
    }
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
            // A sentence may follow.
            Some(detail) if detail.ends_with(['.', '!', '?']) => write!(f, " LinkedIn's message: {detail}"),
            Some(detail) => write!(f, " LinkedIn's message: {detail}."),
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
