//! What a sign-in takes, tells and gives.

use jiff::Timestamp;
use url::Url;

use crate::Error;
use crate::store::{App, Member, Name, Profile};

/// What a sign-in needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The app, with its secret; saved with the token when it is new or changed.
    pub app: App,
    /// The profile's name.
    pub profile: Name,
    /// The scopes to ask for.
    pub scopes: Vec<String>,
    /// The profile's own browser command; `None` uses the setting, `BROWSER` or the system's.
    pub browser: Option<String>,
    /// Do not start a browser.
    pub no_browser: bool,
    /// How long to wait for the person.
    pub timeout_seconds: u64,
    /// Also show the token on the page in the browser.
    pub show_token: bool,
    /// What to do when a different member than the stored one signs in; `None` asks by
    /// [`Event::DifferentMember`].
    pub on_member_mismatch: Option<MemberMismatch>,
}

/// What to do with a different member's token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberMismatch {
    /// The profile is theirs now.
    Replace,
    /// Keep it as a new profile.
    KeepAs(Name),
    /// Throw the new token away.
    Discard,
}

/// What the trial of the secret said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretTrial {
    /// LinkedIn did not refuse it.
    Accepted,
    /// No answer; no obstacle.
    NoAnswer,
    /// The app has no secret to try (native PKCE).
    NotNeeded,
}

/// What happens while signing in, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The client secret was tried.
    SecretTried(SecretTrial),
    /// The callback listener holds the port and passed its self-test.
    Listening {
        /// The redirect URL in use.
        redirect_url: String,
        /// Is 127.0.0.1 held?
        v4: bool,
        /// Is `[::1]` held?
        v6: bool,
        /// The long authorization URL (carries `state`; never log it).
        authorization_url: Url,
        /// The short local link that redirects to it.
        short_link: String,
    },
    /// A browser was started.
    BrowserOpened {
        /// Its command, for people.
        command: String,
    },
    /// No browser: the person opens the link.
    OpenYourself {
        /// Why no browser was started, or how it failed, as a sentence.
        why: String,
    },
    /// Waiting for the person.
    Waiting {
        /// Since when.
        since: Timestamp,
        /// Until when.
        until: Timestamp,
    },
    /// An answer with a wrong or missing `state` (or another unusable one) came in and was refused.
    StrayRefused {
        /// How many so far.
        count: u64,
        /// Why the newest was refused, as a sentence.
        why: String,
    },
    /// A pasted address was refused; the wait goes on.
    PasteRefused(Error),
    /// The right answer came.
    CallbackAccepted,
    /// The code is being exchanged.
    Exchanging,
    /// The token could not be saved; it is kept in memory and waits for [`Command::SaveAgain`].
    SaveFailed(Error),
    /// The token is in the profile's file.
    TokenSaved {
        /// The profile it was saved in.
        profile: Name,
        /// Asked but not granted.
        missing: Vec<String>,
    },
    /// LinkedIn said who it is.
    MemberIdentified(Member),
    /// LinkedIn would not say who it is; the token is saved all the same.
    MemberUnknown(Error),
    /// LinkedIn said who it is, but that could not be saved; the token is saved all the same.
    MemberNotSaved {
        /// Who it is.
        member: Member,
        /// Why it could not be saved.
        error: Error,
    },
    /// A different member than the stored one signed in; waits for [`Command::Choose`].
    DifferentMember {
        /// The profile's member.
        stored: Member,
        /// Who came back.
        found: Member,
    },
}

/// What the person can do meanwhile. Cancelling is dropping the future.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Start the browser again.
    OpenAgain,
    /// The redirected address, pasted.
    Paste(String),
    /// Try to save once more, after [`Event::SaveFailed`].
    SaveAgain,
    /// The choice after [`Event::DifferentMember`].
    Choose(MemberMismatch),
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The profile as saved.
    pub profile: Profile,
    /// Asked but not granted.
    pub missing: Vec<String>,
    /// Profiles of the same app and member whose tokens the new scope set may have ended.
    pub siblings: Vec<Name>,
    /// Where it was saved, for people.
    pub saved_in: String,
}
