//! What can happen, and what is to be done about it: both are data.

use crossterm::event::{KeyEvent, MouseEvent};
use jiff::Timestamp;

use super::screens::compose::Opened;
use crate::Error;
use crate::flows::deliver;
use crate::flows::publish::{self, Draft, Published};
use crate::flows::sign_in::{Command, Event, Outcome, Request};
use crate::linkedin::RedirectUrl;
use crate::profile::{App, Name, Profile, SavedDraft};
use crate::secret::Secret;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// The clock stands at this; comes before every batch of messages.
    TimeTold(Timestamp),
    /// A key was pressed.
    KeyPressed(KeyEvent),
    /// Text was pasted.
    TextPasted(String),
    /// The mouse did something.
    MouseMoved(MouseEvent),
    /// The window has this many columns and rows.
    Resized(u16, u16),
    /// The terminal lost the focus: secrets hide.
    FocusLost,
    /// The terminal has the focus again: files may have changed.
    FocusGained,
    /// The files were read.
    FilesRead(Box<Files>),
    /// The redirect URL's port was probed; the error says who holds it.
    PortProbed {
        /// The URL that was asked about.
        url: String,
        /// Free, or why not.
        result: Result<(), Error>,
    },
    /// A sign-in went on.
    SignInWentOn {
        /// Which.
        id: u64,
        /// How.
        event: Event,
    },
    /// A sign-in ended.
    SignInEnded {
        /// Which.
        id: u64,
        /// How.
        result: Box<Result<Outcome, Error>>,
    },
    /// A profile was checked.
    Checked {
        /// Which.
        name: Name,
        /// What LinkedIn said, in words.
        result: Result<String, Error>,
    },
    /// A delivery went on.
    DeliveryWentOn(deliver::Event),
    /// A draft, pages and older posts for the compose screen.
    ComposeOpened {
        /// Which post.
        id: u64,
        /// What there is.
        found: Box<Opened>,
    },
    /// A post went on.
    PublishWentOn {
        /// Which post.
        id: u64,
        /// How.
        event: publish::Event,
    },
    /// A post is live, or deleted again, or it failed.
    PublishEnded {
        /// Which post.
        id: u64,
        /// How; nothing where it was deleted.
        result: Result<Option<Box<Published>>, Error>,
    },
    /// Something was done that deserves a line.
    Told(String),
    /// Something failed that deserves a line.
    Failed(Error),
}

/// What the files hold.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// Profiles, or why they cannot be used, sorted by name.
    pub profiles: Vec<(Name, Result<Profile, Error>)>,
    /// Apps, sorted by name.
    pub apps: Vec<App>,
    /// The active profile.
    pub active: Option<Name>,
    /// The ticks of the app guide.
    pub guide: Vec<String>,
}

/// Something to copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copied {
    /// Open text.
    Text(String),
    /// A secret.
    Secret(Secret),
}

/// Something to do; done by [`super::services`], which answers with messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Leave.
    Quit,
    /// Read the files.
    ReadFiles,
    /// Choose the active profile.
    SetActive(Name),
    /// Delete a profile.
    DeleteProfile(Name),
    /// Ask LinkedIn about a profile's token.
    CheckProfile(Name),
    /// Hand the stored token over again.
    Deliver {
        /// The profile.
        profile: Name,
        /// To these deliveries, or to all.
        only: Vec<String>,
    },
    /// Is the redirect URL's port free?
    ProbePort(RedirectUrl),
    /// Start a sign-in.
    StartSignIn {
        /// Its number.
        id: u64,
        /// What to sign in.
        request: Box<Request>,
    },
    /// Tell the running sign-in something.
    CommandSignIn(Command),
    /// Drop the running sign-in.
    CancelSignIn,
    /// Approve in the sandbox as this member.
    ApproveInSandbox {
        /// The authorization URL.
        url: String,
        /// The member's key.
        member: String,
    },
    /// Copy to the clipboard; `what` names it for people.
    Copy {
        /// For example "the token".
        what: &'static str,
        /// The thing.
        copied: Copied,
    },
    /// Look for a draft, pages and older posts of a profile.
    OpenCompose {
        /// For which post.
        id: u64,
        /// The profile.
        name: Name,
    },
    /// Keep what was typed of a post.
    KeepDraft {
        /// The profile.
        name: Name,
        /// What was typed.
        draft: Box<SavedDraft>,
    },
    /// Forget the draft of a profile.
    DropDraft(Name),
    /// Publish a post.
    Publish {
        /// Which.
        id: u64,
        /// The profile.
        name: Name,
        /// The post.
        draft: Box<Draft>,
    },
    /// Delete a post that was just published.
    DeletePost {
        /// Which.
        id: u64,
        /// The profile.
        name: Name,
        /// The post's URN.
        urn: String,
    },
    /// Open a page in the browser.
    OpenPage(String),
    /// Leave the full screen for a moment and print this on one line.
    PrintLine(String),
    /// Come back to the full screen, or draw all of it anew.
    ShowScreen,
    /// Keep the ticks of the app guide.
    KeepGuide(Vec<String>),
}
