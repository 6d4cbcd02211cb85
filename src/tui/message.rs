//! Messages report what happened, effects request what to do: both are data.

use crate::linkedin::urn::is_page_urn;
use std::path::PathBuf;
use std::sync::Arc;

use crossterm::event::{KeyEvent, MouseEvent};
use jiff::Timestamp;
use ratatui::layout::Rect;

use super::store_snapshot::StoreSnapshot;
use super::widgets::page::{Click, ScrollRange};
use crate::Error;
use crate::config::{SettingValue, Settings};
use crate::flows::export::Format;
use crate::flows::manage::ProfileSettings;
use crate::flows::permissions::{self, AcceptedWrite, PostingDenial};
use crate::flows::publish::{self, Draft, FileInfo, FileRole, MentionName, PixelPreview, Published};
use crate::flows::sign_in::{Command, Event, Request, SignInOutcome};
use crate::linkedin::RedirectUrl;
use crate::linkedin::capabilities::Capability;
use crate::linkedin::http::SentRequest;
use crate::linkedin::social::Reaction;
use crate::secret::Secret;
use crate::session::DeliveryEvent;
use crate::store::{Name, Profile, PublishedPost, SavedDraft};

/// Something that happened. An `id` is the number of the sign-in, job, probe, post or list of posts; a message with another
/// number than the current one is out of date and ignored.
#[derive(Clone, Debug)]
pub enum Message {
    /// The current time; precedes every batch of messages.
    Tick(Timestamp),
    KeyPressed(KeyEvent),
    TextPasted(String),
    MouseUsed(MouseEvent),
    /// The window has this many columns and rows.
    Resized(u16, u16),
    /// The screen was drawn.
    Drawn {
        /// How far the page, or the dialog over it, can be scrolled.
        scroll_range: ScrollRange,
        /// What a click does, by area.
        click_targets: Vec<(Rect, Click)>,
    },
    FocusLost,
    FocusGained,
    /// A file of the store was changed, by this program or another one.
    StoreChanged,
    /// The shell requests a stop (SIGTSTP).
    SuspendRequested,
    /// The program runs again after a stop (SIGCONT): the screen and the files may have changed.
    Continued,
    /// The profiles were listed; files that did not change since are not read again.
    StoreReloaded(Box<StoreSnapshot>),
    ProfilesRead(Vec<(Name, Result<Profile, Error>)>),
    /// The redirect URL's port was probed; the error names the program that uses it.
    PortProbed {
        url: String,
        result: Result<(), Error>,
    },
    SignInProgressed {
        id: u64,
        event: Event,
    },
    SignInFinished {
        id: u64,
        result: Box<Result<SignInOutcome, Error>>,
    },
    JobItemStarted {
        id: u64,
        name: Name,
    },
    JobItemFinished {
        id: u64,
        name: Name,
        result: Result<JobItem, Error>,
    },
    /// A revocation finished: why LinkedIn did not confirm it, if so.
    TokenRevoked {
        name: Name,
        result: Result<Option<Error>, Error>,
    },
    /// An edit was saved, or not, because the profile was changed elsewhere.
    ProfileEdited {
        name: Name,
        /// The profile as it was changed elsewhere.
        conflict: Option<Box<Profile>>,
    },
    CurrentProfileSet {
        profile: Box<Profile>,
        previous: Option<Name>,
        is_undo: bool,
    },
    ProfileRenamed {
        old: Name,
        new: Name,
        is_undo: bool,
    },
    /// A change of the list could not be undone.
    UndoFailed {
        change: Undoable,
        error: Error,
    },
    /// Tokens were exported to files; the text names them.
    TokensExported(String),
    /// Nothing was exported, because these files exist.
    ExportExists(Vec<PathBuf>),
    /// Profiles were deleted, which can be undone.
    ProfilesDeleted(Vec<Name>),
    DeleteUndone(Vec<Name>),
    /// A secret was read, to be copied.
    SecretRead {
        /// For example "the token".
        label: &'static str,
        secret: Secret,
        /// The profile, where the secret is its access token.
        access_token_of: Option<Name>,
    },
    PermissionsProbed {
        id: u64,
        name: Name,
        /// The profile as it was saved.
        result: Result<Box<Profile>, Error>,
    },
    DeliveryProgressed(DeliveryEvent),
    DeliveryAdded {
        /// The profile as it was saved.
        profile: Box<Profile>,
        delivery: String,
    },
    ComposeOpened {
        id: u64,
        contents: Box<ComposeContents>,
    },
    /// The names were read that complete a mention in a post.
    NamesRead {
        id: u64,
        names: Vec<MentionName>,
    },
    /// A draft was saved under the new name of its profile.
    DraftMoved {
        id: u64,
        name: Name,
    },
    /// A draft could not be saved or deleted.
    DraftFailed {
        id: u64,
        error: Error,
    },
    PublishProgressed {
        id: u64,
        event: publish::Event,
    },
    /// The upload of a post's files was canceled: nothing was published.
    PublishCanceled {
        id: u64,
    },
    /// A post was published, or deleted (`None`), or that failed.
    PublishFinished {
        id: u64,
        result: Result<Option<Box<Published>>, Error>,
    },
    /// The text of a published post was changed, with warnings, or that failed.
    PostEdited {
        id: u64,
        result: Result<Vec<String>, Error>,
    },
    /// The text of a published post is not sent, because its record was changed since the form was opened.
    PostChangedMeanwhile {
        id: u64,
        post: Box<PublishedPost>,
    },
    /// A post that may have been published was searched for.
    PostSearched {
        id: u64,
        result: Result<Option<Box<Published>>, Error>,
    },
    /// The post of a record in the list of posts was searched for: its URN if it was found.
    RecordedPostSearched {
        id: u64,
        /// The URN of its author.
        author: String,
        result: Result<Option<String>, Error>,
    },
    /// The record of a post that may have been published was deleted.
    RecordDeleted {
        id: u64,
    },
    PostsRead {
        id: u64,
        result: Result<Vec<PostRow>, Error>,
    },
    StatisticsFetched {
        id: u64,
        result: Result<PostStatistics, Error>,
    },
    /// A comment was published, with warnings, or that failed.
    CommentFinished {
        id: u64,
        result: Result<Vec<String>, Error>,
    },
    /// A reaction was set or deleted, with warnings, or that failed.
    ReactionFinished {
        id: u64,
        result: Result<Vec<String>, Error>,
    },
    /// A file of a post was checked; the error is a sentence.
    FileInspected {
        id: u64,
        role: FileRole,
        path: String,
        result: Result<FileInfo, String>,
        /// A small picture of an image.
        picture: Option<Arc<PixelPreview>>,
    },
    /// A linked page was read, or that failed.
    LinkMetadataFetched {
        id: u64,
        url: String,
        result: Result<LinkMetadata, Error>,
    },
    PathCompleted {
        id: u64,
        /// The path that was to be completed.
        text: String,
        completion: PathCompletion,
    },
    /// The editor was closed; the error is a sentence.
    TextEdited {
        id: u64,
        result: Result<String, String>,
    },
    /// A secret was copied to a clipboard that can be cleared.
    SecretCopied {
        /// For example "the token".
        label: &'static str,
        /// The clipboard, as a notification names it.
        clipboard: &'static str,
        secret: Secret,
    },
    /// A token that is not valid was copied.
    InvalidTokenCopied {
        /// Why it is not valid, and how to fix that.
        reason: String,
        /// The token, where the clipboard can be cleared.
        secret: Option<Secret>,
    },
    /// LinkedIn responded to a request, or the request failed.
    RequestSent(Box<SentRequest>),
    /// The settings were read, or saved: the section and the key that were.
    SettingsRead {
        settings: Box<Settings>,
        saved: Option<(&'static str, &'static str)>,
    },
    /// Something that only the status line reports.
    Notified(String),
    /// A warning that only the status line reports.
    Warned(String),
    /// An error that only the status line reports.
    Failed(Error),
}

/// What the compose screen shows when it opens.
#[derive(Clone, Debug, Default)]
pub struct ComposeContents {
    pub draft: Option<SavedDraft>,
    /// The Pages that the post can be published as.
    pub pages: Vec<Author>,
    /// The posts that this program published before.
    pub recent: Vec<PublishedPost>,
    /// The posts that may have been published.
    pub maybe_published: Vec<PublishedPost>,
    /// What LinkedIn accepted last, by capability and author.
    pub accepted: Vec<AcceptedWrite>,
}

/// A post that this program published, or may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostRow {
    pub post: PublishedPost,
    pub url: Option<String>,
    /// What LinkedIn accepted last from the author of the post.
    pub accepted: Vec<Capability>,
}

/// The statistics of a post.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostStatistics {
    /// The numbers that could be read, with their labels.
    pub metrics: Vec<(&'static str, u64)>,
    /// What could not be read, and why.
    pub missing: Vec<(String, Error)>,
}

/// The metadata of a linked web page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkMetadata {
    pub title: Option<String>,
    pub description: Option<String>,
    /// The path of the file with its picture.
    pub picture: Option<String>,
    /// Why there is no picture although the page names one, as a clause.
    pub warning: Option<String>,
}

/// The completion of a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathCompletion {
    /// The path with the longest common prefix of all matches.
    pub text: String,
    /// The names of the matches; a directory ends with a slash.
    pub matches: Vec<String>,
}

/// A member or Page that a post can be published as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Author {
    /// `None` for the member.
    pub urn: Option<String>,
    pub name: String,
    /// Why LinkedIn would refuse the post, as far as is known.
    pub refusal: Option<PostingDenial>,
}

impl Author {
    /// Returns the name of a Page, where it is known.
    pub(in crate::tui) fn page_name(&self) -> Option<String> {
        self.urn.as_ref().filter(|urn| is_page_urn(urn) && **urn != self.name).map(|_| self.name.clone())
    }

    /// Creates the author for a Page; without a name, it has its URN.
    pub(in crate::tui) fn from_page(profile: &Profile, urn: String, name: Option<String>) -> Self {
        let refusal = permissions::posting_denial(profile, Some(&urn));
        Self { name: name.unwrap_or_else(|| urn.clone()), urn: Some(urn), refusal }
    }
}

/// A change of the profile list that can be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undoable {
    Deletion(Vec<Name>),
    Renaming {
        old: Name,
        new: Name,
    },
    /// The profile that was current before.
    CurrentProfile(Name),
}

/// What a job does with each profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// Checks the token with LinkedIn.
    Check,
    Refresh,
    /// Revokes the token at LinkedIn and deletes it.
    Revoke,
    /// Probes the permissions of the token.
    Probe,
}

/// What a job returns for one profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobItem {
    Checked {
        /// The profile as it was saved, with the verdict.
        profile: Box<Profile>,
        /// What needs attention although the token may be valid.
        warnings: Vec<String>,
    },
    Refreshed(Box<Profile>),
    Revoked {
        profile: Box<Profile>,
        /// Why LinkedIn did not confirm it; `None` where it did.
        error: Option<Error>,
    },
    Probed(Box<Profile>),
}

impl JobItem {
    /// Returns the profile as it was saved.
    pub fn profile(&self) -> &Profile {
        match self {
            Self::Checked { profile, .. }
            | Self::Refreshed(profile)
            | Self::Revoked { profile, .. }
            | Self::Probed(profile) => profile,
        }
    }
}

/// One of a profile's two tokens, or the access token as it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    Access,
    Refresh,
    /// The access token as an HTTP header.
    Header,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClipboardContent {
    Text(String),
    Secret(Secret),
    InvalidToken {
        token: Secret,
        /// Why it is not valid, and how to fix that.
        reason: String,
    },
}

/// Something to do. [`super::effects`] performs it and reports with messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    Terminal(TerminalEffect),
    /// List the profiles, and which of their files changed.
    ReloadStore,
    ReadProfiles(Vec<Name>),
    SetCurrentProfile {
        name: Name,
        /// Whether that undoes a change, so that it is not undoable itself.
        is_undo: bool,
    },
    DeleteProfiles {
        names: Vec<Name>,
        /// Whether to revoke their tokens first.
        revokes_first: bool,
    },
    UndoDelete(Vec<Name>),
    /// Check or refresh profiles, a few at once.
    StartJob {
        id: u64,
        kind: JobKind,
        names: Vec<Name>,
    },
    CancelJob(u64),
    Revoke(Name),
    RenameProfile {
        old: Name,
        new: Name,
        /// Whether that undoes a change, so that it is not undoable itself.
        is_undo: bool,
    },
    EditProfile {
        name: Name,
        /// The settings that the form was opened with.
        before: ProfileSettings,
        after: ProfileSettings,
    },
    ProbePermissions {
        id: u64,
        name: Name,
    },
    /// Read a stored token, to copy it.
    ReadToken {
        profile: Name,
        kind: TokenKind,
    },
    /// Export tokens to files, or to the clipboard.
    Export {
        names: Vec<Name>,
        format: Format,
        /// The file, with `NAME` for the name of the profile; `None` for the clipboard.
        path: Option<PathBuf>,
        /// Whether to replace existing files. A `.env` file is changed, never replaced.
        replaces_existing: bool,
    },
    /// Deliver the stored token.
    Deliver {
        profile: Name,
        /// The names of the deliveries; empty for all.
        only: Vec<String>,
        /// Whether to send a test token instead.
        is_test: bool,
    },
    AddDelivery {
        profile: Name,
        preset: &'static str,
        /// The name of the new delivery.
        delivery: String,
        /// The preset's settings: key and value.
        settings: Vec<(String, String)>,
    },
    RemoveDelivery {
        profile: Name,
        delivery: String,
    },
    /// Probe whether the redirect URL's port is available.
    ProbePort(RedirectUrl),
    StartSignIn {
        id: u64,
        request: Box<Request>,
    },
    /// Send a command to the running sign-in.
    SendSignInCommand(Command),
    CancelSignIn,
    /// Approve the authorization in the sandbox as the member with this key.
    ApproveInSandbox {
        url: String,
        member: String,
    },
    /// Create the sample profiles of the sandbox.
    AddSampleProfiles,
    /// Read the draft, the Pages and the earlier posts of a profile.
    OpenCompose {
        id: u64,
        name: Name,
    },
    /// Read who can be mentioned in a post of a profile.
    ReadMentionableNames {
        id: u64,
        name: Name,
    },
    /// Record that the form shows the saved draft, so that saving replaces it and discarding deletes it.
    RecordShownDraft {
        id: u64,
        draft: Box<SavedDraft>,
    },
    SaveDraft {
        id: u64,
        name: Name,
        draft: Box<SavedDraft>,
    },
    DeleteDraft {
        id: u64,
        name: Name,
    },
    Publish {
        id: u64,
        name: Name,
        draft: Box<Draft>,
        /// The comment that follows the post.
        first_comment: Option<String>,
    },
    /// Cancel publishing, unless the post itself was sent.
    CancelPublish {
        id: u64,
    },
    DeletePost {
        id: u64,
        name: Name,
        urn: String,
    },
    /// Delete the record of a post that may have been published.
    DeleteRecord {
        id: u64,
        name: Name,
        post: Box<PublishedPost>,
    },
    /// Change the text of a published post, unless it was changed after `edited_at`.
    EditPost {
        id: u64,
        name: Name,
        urn: String,
        text: String,
        edited_at: Option<Timestamp>,
    },
    /// Search for a post that may have been published.
    FindPost {
        id: u64,
        name: Name,
        draft: Box<Draft>,
    },
    /// Search for the post of a record in the list of posts.
    SearchRecordedPost {
        id: u64,
        name: Name,
        post: Box<PublishedPost>,
    },
    /// Read the posts that were published with a profile.
    ReadPosts {
        id: u64,
        name: Name,
    },
    FetchStatistics {
        id: u64,
        name: Name,
        urn: String,
    },
    /// Comment on a post as a Page, or as the member for `None`.
    Comment {
        id: u64,
        name: Name,
        urn: String,
        text: String,
        actor: Option<String>,
    },
    /// Set the reaction of a Page, or of the member for `None`, to a post, or delete it.
    React {
        id: u64,
        name: Name,
        urn: String,
        /// `None` deletes it.
        reaction: Option<Reaction>,
        actor: Option<String>,
    },
    /// Open the newest posts of an author in the browser; `None` is the member.
    OpenRecentActivity {
        author: Option<String>,
    },
    /// Check a file of a post.
    InspectFile {
        id: u64,
        role: FileRole,
        path: String,
    },
    /// Read title, description and picture of a linked page.
    PreviewLink {
        id: u64,
        url: String,
        /// Whether its picture is used.
        needs_picture: bool,
    },
    CancelLinkPreview,
    CompletePath {
        id: u64,
        /// What the path is completed to.
        role: FileRole,
        text: String,
    },
    /// Open a web page in the browser.
    OpenPage(String),
    /// Open the control page of the sandbox in the browser.
    OpenControlPage,
    ReadSettings,
    /// Save a setting; `None` for its default.
    SaveSetting {
        section: &'static str,
        key: &'static str,
        value: Option<SettingValue>,
    },
    /// Save the completed steps of the app guide.
    SaveCompletedGuideSteps(Vec<String>),
}

/// Something to do with the terminal, the clipboard or the process. The event loop performs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TerminalEffect {
    Quit,
    Copy {
        /// For example "the token".
        label: &'static str,
        content: ClipboardContent,
    },
    /// Sends SIGTSTP to the process group, as the terminal would for Ctrl-Z.
    RaiseSuspendSignal,
    /// Leaves the terminal to the shell, and stops until the program is continued.
    Suspend,
    /// Clear the clipboard, unless its content changed since this secret was copied.
    ClearClipboard(Secret),
    /// Leave the full screen until a key is pressed, and print this line.
    PrintLine(String),
    /// Leave the full screen, and edit this text of a post in the user's editor.
    EditText {
        id: u64,
        text: String,
    },
    /// Draw with another theme from now on.
    SetTheme {
        is_light: bool,
        is_ascii: bool,
    },
    /// Return to the full screen, or redraw all of it.
    ShowScreen,
}
