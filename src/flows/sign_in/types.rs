//! The input, events, commands and outcome of a sign-in.

use std::str::FromStr;

use jiff::Timestamp;
use url::Url;

use crate::Error;
use crate::oauth::callback::RejectedCallbacks;
use crate::store::{App, Member, Name, Profile};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The app, with its client secret; saved with the token when it is new or changed.
    pub app: App,
    /// The profile to sign in or to re-authorize.
    pub profile: Name,
    pub scopes: Vec<String>,
    /// The profile's own browser command; `None` uses the setting, `BROWSER` or the system's.
    pub browser: Option<String>,
    pub is_browser_disabled: bool,
    pub timeout_seconds: u64,
    /// Whether the page in the browser shows the token too.
    pub is_token_shown: bool,
    /// What to do when a different member than the profile's signs in; with `None` the user chooses, after
    /// [`Event::DifferentMember`].
    pub on_different_member: Option<DifferentMemberChoice>,
}

/// What the user chose to do with a different member's token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DifferentMemberChoice {
    Replace,
    /// Saved as another profile: a new one, or one of that member.
    SaveAs(Name),
    Discard,
}

impl FromStr for DifferentMemberChoice {
    type Err = Option<Error>;

    /// Parses `replace`, `discard` and `new:NAME`.
    ///
    /// # Errors
    /// The reason why `NAME` is invalid; `None` for a different text.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "replace" => Ok(Self::Replace),
            None if text == "discard" => Ok(Self::Discard),
            Some(("new", name)) => Name::parse(name.trim()).map(Self::SaveAs).map_err(Some),
            _ => Err(None),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialsCheck {
    /// LinkedIn did not reject the client ID and secret.
    Accepted,
    /// LinkedIn's response is inconclusive; the sign-in continues.
    Inconclusive,
    /// The app has no client secret (native PKCE).
    NotNeeded,
}

/// What happens during a sign-in, in this order. Not every event happens, and some happen again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    CredentialsChecked(CredentialsCheck),
    /// The callback server is bound and passed its self-test.
    Listening {
        redirect_url: String,
        /// Whether 127.0.0.1 is bound.
        has_ipv4: bool,
        /// Whether `[::1]` is bound.
        has_ipv6: bool,
        /// The long authorization URL (carries `state`; never log it).
        authorization_url: Url,
        /// The short local link that redirects to it.
        short_link: String,
    },
    BrowserOpened {
        command: String,
    },
    /// No browser was requested: the user opens the link.
    BrowserSkipped,
    /// The browser could not be opened: the user opens the link.
    BrowserNotOpened(Error),
    Waiting {
        since: Timestamp,
        until: Timestamp,
    },
    /// A callback with a wrong or missing `state`, or an otherwise invalid one, was rejected; the wait continues.
    CallbackRejected(RejectedCallbacks),
    /// A pasted URL was rejected; the wait continues.
    PasteRejected(Error),
    /// The valid callback arrived.
    CallbackAccepted,
    Exchanging,
    /// A different member than the stored one signed in; unless the request decides, waits for [`Command::Choose`].
    DifferentMember {
        /// The profile's member.
        stored: Member,
        /// The member who signed in.
        found: Member,
        /// The profiles of that member whose tokens LinkedIn may have revoked, whatever becomes of the new one.
        revoked_profiles: Vec<Name>,
    },
    /// The token could not be saved; it waits in memory for [`Command::SaveAgain`].
    SaveFailed(Error),
    TokenSaved {
        profile: Name,
        /// The scopes that were requested but not granted.
        missing_scopes: Vec<String>,
    },
    MemberIdentified(Member),
    /// The member could not be identified by the API; the token is saved nevertheless. The `id_token` may name the member.
    MemberUnknown(Error),
    /// The member was identified but could not be saved; the token is saved.
    MemberNotSaved {
        member: Member,
        error: Error,
    },
}

/// What the user can do meanwhile. Canceling is dropping the future.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    OpenAgain,
    Paste(String),
    /// Tries to save again, after [`Event::SaveFailed`].
    SaveAgain,
    /// The choice after [`Event::DifferentMember`].
    Choose(DifferentMemberChoice),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInOutcome {
    pub profile: Profile,
    /// The scopes that were requested but not granted.
    pub missing_scopes: Vec<String>,
    /// Other profiles of the same app and member whose tokens LinkedIn may have revoked, because the scope set is new.
    pub revoked_profiles: Vec<Name>,
    /// The path of the profile's file, to be displayed.
    pub saved_in: String,
}
