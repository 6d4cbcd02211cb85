//! What can happen, and what is to be done about it: both are data.

use std::path::PathBuf;

use crossterm::event::{KeyEvent, MouseEvent};
use jiff::Timestamp;

use super::files::Files;
use crate::Error;
use crate::flows::export::Format;
use crate::flows::manage::ProfileSettings;
use crate::flows::publish::{self, Draft, Published};
use crate::flows::sign_in::{Command, Event, Outcome, Request};
use crate::linkedin::RedirectUrl;
use crate::secret::Secret;
use crate::session::DeliveryEvent;
use crate::store::{Name, Profile, PublishedPost, SavedDraft};

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Message {
    /// The clock stands at this; comes before every batch of messages.
    Tick(Timestamp),
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
    /// The shell wants the program to stop.
    StopAsked,
    /// The program goes on after a stop: the screen and the files may have changed.
    Continued,
    /// The folder was listed; files that did not change since are not read again.
    FilesRead(Box<Files>),
    /// Files of profiles were read.
    ProfilesRead(Vec<(Name, Result<Profile, Error>)>),
    /// The redirect URL's port was probed; the error says who holds it.
    PortProbed {
        /// The URL that was asked about.
        url: String,
        /// Free, or why not.
        result: Result<(), Error>,
    },
    /// A sign-in went on.
    SignInProgressed {
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
    /// A profile's turn in a job came.
    JobItemStarted {
        /// Which job.
        id: u64,
        /// The profile.
        name: Name,
    },
    /// A profile's turn in a job is over.
    JobItemFinished {
        /// Which job.
        id: u64,
        /// The profile.
        name: Name,
        /// What became of it.
        result: Result<JobItem, Error>,
    },
    /// A token was revoked, as far as it goes.
    Revoked {
        /// Whose.
        name: Name,
        /// Did LinkedIn confirm it, and what it said where it did not.
        result: Result<(bool, Option<Error>), Error>,
    },
    /// An edit was saved, or another hand was there before.
    Edited {
        /// Whose.
        name: Name,
        /// The profile as the other hand left it.
        conflict: Option<Box<Profile>>,
    },
    /// A profile is the current one now.
    CurrentProfileSet(Box<Profile>),
    /// A profile has another name.
    Renamed {
        /// Its old name.
        old: Name,
        /// Its name now.
        new: Name,
    },
    /// Tokens were exported to files, in words.
    Exported(String),
    /// Nothing was exported: these files stand there already.
    ExportExists(Vec<PathBuf>),
    /// Profiles were deleted, and can be brought back.
    Deleted(Vec<Name>),
    /// What was deleted last is back.
    DeleteUndone,
    /// A secret is there to be copied.
    SecretRead {
        /// For example "the token".
        what: &'static str,
        /// The secret.
        secret: Secret,
        /// The profile whose access token it is, if it is one.
        token_of: Option<Name>,
    },
    /// LinkedIn said what a token may do.
    PermissionsProbed {
        /// Which probe.
        id: u64,
        /// Whose token.
        name: Name,
        /// The profile as it was saved.
        result: Result<Box<Profile>, Error>,
    },
    /// A delivery went on.
    DeliveryProgressed(DeliveryEvent),
    /// A delivery is in a profile's file.
    DeliveryAdded {
        /// The profile as it was saved.
        profile: Box<Profile>,
        /// The delivery's name.
        delivery: String,
    },
    /// A draft, pages and older posts for the compose screen.
    ComposeOpened {
        /// Which post.
        id: u64,
        /// What there is.
        found: Box<ComposeData>,
    },
    /// A draft was saved under the new name of its profile.
    DraftMoved {
        /// The post's number.
        id: u64,
        /// The profile's new name.
        name: Name,
    },
    /// A draft could not be saved or deleted.
    DraftFailed {
        /// The post's number.
        id: u64,
        /// Why.
        error: Error,
    },
    /// A post went on.
    PublishProgressed {
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
    /// A secret is in a clipboard that can be emptied.
    SecretCopied {
        /// For example "the token".
        what: &'static str,
        /// Where it went, for people.
        where_to: &'static str,
        /// The secret.
        secret: Secret,
    },
    /// A token that nothing accepts any more is in the clipboard.
    InvalidTokenCopied {
        /// Why nothing does, and what mends it.
        why: String,
        /// The token, where the clipboard can be emptied.
        secret: Option<Secret>,
    },
    /// Something was done that deserves a line.
    Notify(String),
    /// Something failed that deserves a line.
    Failed(Error),
}

/// What the compose screen is opened with.
#[derive(Clone, Debug, Default)]
pub struct ComposeData {
    /// The draft that was left.
    pub draft: Option<SavedDraft>,
    /// The Pages to publish as.
    pub pages: Vec<Author>,
    /// What was published from here before.
    pub recent: Vec<PublishedPost>,
}

/// A member or Page that a post can be published as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Author {
    /// The URN; `None` for the member.
    pub urn: Option<String>,
    /// The name shown.
    pub name: String,
    /// Why LinkedIn would refuse the post, as far as is known.
    pub refusal: Option<String>,
}

/// What a job does with profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// Asks LinkedIn about the token.
    Check,
    /// Refreshes the token.
    Refresh,
}

/// What a job did with one profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobItem {
    /// LinkedIn was asked about the token; the verdict is in the profile.
    Checked {
        /// The profile as it was saved.
        profile: Box<Profile>,
        /// What needs attention although the token may be valid.
        remarks: Vec<String>,
    },
    /// The token was refreshed.
    Refreshed(Box<Profile>),
}

impl JobItem {
    /// Returns the profile as it was saved.
    pub fn profile(&self) -> &Profile {
        match self {
            Self::Checked { profile, .. } | Self::Refreshed(profile) => profile,
        }
    }
}

/// One of a profile's two tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// The access token.
    Access,
    /// The refresh token.
    Refresh,
}

/// Something to copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClipboardContent {
    /// Open text.
    Text(String),
    /// A secret.
    Secret(Secret),
    /// A token that nothing accepts any more; why, and what mends it.
    Dead(Secret, String),
}

/// Something to do; done by [`super::effects`], which answers with messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// What the loop does with the terminal.
    Terminal(TerminalEffect),
    /// List the folder.
    ReadFiles,
    /// Read these profiles' files.
    ReadProfiles(Vec<Name>),
    /// Choose the current profile.
    SetCurrentProfile(Name),
    /// Delete profiles.
    DeleteProfiles {
        /// Which.
        names: Vec<Name>,
        /// Revoke their tokens first?
        revoke: bool,
    },
    /// Bring back what was deleted last.
    UndoDelete,
    /// Check or refresh profiles, a few at once.
    StartJob {
        /// Its number.
        id: u64,
        /// What to do.
        kind: JobKind,
        /// With which.
        names: Vec<Name>,
    },
    /// Drop a job.
    CancelJob(u64),
    /// Revoke a token.
    Revoke(Name),
    /// Give a profile another name.
    RenameProfile {
        /// Its name.
        old: Name,
        /// Its new name.
        new: Name,
    },
    /// Change what a person may change of a profile.
    EditProfile {
        /// Which.
        name: Name,
        /// As it was when the person began.
        before: ProfileSettings,
        /// As it shall be.
        after: ProfileSettings,
    },
    /// Find out what a token may do.
    ProbePermissions {
        /// The probe's number.
        id: u64,
        /// The profile.
        name: Name,
    },
    /// Read a stored token, to copy it.
    ReadToken {
        /// Whose.
        profile: Name,
        /// Which.
        which: TokenKind,
    },
    /// Export tokens: to a file (one each, for several), or to the clipboard.
    Export {
        /// Whose.
        names: Vec<Name>,
        /// The form.
        format: Format,
        /// The file; `NAME` in it becomes the profile's.
        path: Option<PathBuf>,
        /// Replace what stands there? A `.env` file is not replaced but changed.
        replace: bool,
    },
    /// Hand the stored token over again.
    Deliver {
        /// The profile.
        profile: Name,
        /// To these deliveries, or to all.
        only: Vec<String>,
        /// Whether to send a test token instead.
        test: bool,
    },
    /// Add a delivery to a profile.
    AddDelivery {
        /// The profile.
        profile: Name,
        /// The preset's word.
        preset: &'static str,
        /// What to call it.
        delivery: String,
        /// What was said of the preset's settings.
        detail: Vec<(String, String)>,
    },
    /// Take a delivery out of a profile.
    RemoveDelivery {
        /// The profile.
        profile: Name,
        /// The delivery's name.
        delivery: String,
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
    /// Look for a draft, pages and older posts of a profile.
    OpenCompose {
        /// For which post.
        id: u64,
        /// The profile.
        name: Name,
    },
    /// Save what was typed of a post.
    SaveDraft {
        /// The post's number.
        id: u64,
        /// The profile.
        name: Name,
        /// What was typed.
        draft: Box<SavedDraft>,
    },
    /// Delete the draft of a post.
    DeleteDraft {
        /// The post's number.
        id: u64,
        /// The profile.
        name: Name,
    },
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
    /// Keep the ticks of the app guide.
    KeepGuide(Vec<String>),
}

/// Something to do with the terminal, the clipboard or the process; done by the loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TerminalEffect {
    /// Leave.
    Quit,
    /// Copy to the clipboard; `what` names it for people.
    Copy {
        /// For example "the token".
        what: &'static str,
        /// The thing.
        copied: ClipboardContent,
    },
    /// Ask the shell to stop the program.
    Suspend,
    /// Leave the terminal to the shell, and stop until the program is continued.
    Stop,
    /// Take a copied secret out of the clipboard, where it still is there.
    Forget(Secret),
    /// Leave the full screen for a moment and print this on one line.
    PrintLine(String),
    /// Come back to the full screen, or draw all of it anew.
    ShowScreen,
}
