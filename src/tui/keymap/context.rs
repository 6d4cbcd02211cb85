//! The contexts that have key bindings, and the actions that keys are bound to.

use strum::{EnumIter, EnumString, IntoStaticStr};

/// A screen, one of its modes, or a dialog, with its own key bindings. The name in snake case is its table in `config.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum KeyContext {
    List,
    Filter,
    Detail,
    /// The results of the last job.
    #[strum(serialize = "results")]
    JobResults,
    Copy,
    Rename,
    Edit,
    EditConflict,
    Export,
    ExportExists,
    Delete,
    Revoke,
    Revoked,
    NoRefresh,
    Reauthorize,
    Permissions,
    Deliveries,
    RemoveDelivery,
    TestDelivery,
    Presets,
    AddDelivery,
    Welcome,
    Guide,
    Credentials,
    Scopes,
    CustomScopes,
    FindScope,
    RedirectUrl,
    Review,
    SignIn,
    PasteCallback,
    PrintedUrl,
    DifferentMember,
    ReplaceToken,
    SignInFailed,
    SignedIn,
    Compose,
    DiscardDraft,
    Preview,
    Publishing,
    Published,
    DeletePost,
    DeleteRecord,
    NotPublished,
    MaybePublished,
    Posts,
    Statistics,
    Comment,
    CommentFailed,
    React,
    Requests,
    Request,
    Settings,
    EditSetting,
    Palette,
    Help,
    FindHelp,
}

/// What can be typed in a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextEntry {
    None,
    /// One line.
    Line,
    /// Several lines.
    MultiLine,
}

impl KeyContext {
    /// Returns the name of the context's table in `config.toml`, below `keys`.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns what can be typed in the context. Keys that edit text cannot be bound where text is typed.
    pub(super) const fn text_entry(self) -> TextEntry {
        match self {
            Self::Compose | Self::Comment => TextEntry::MultiLine,
            Self::Filter
            | Self::Rename
            | Self::Edit
            | Self::Export
            | Self::AddDelivery
            | Self::Credentials
            | Self::CustomScopes
            | Self::FindScope
            | Self::RedirectUrl
            | Self::Review
            | Self::PasteCallback
            | Self::EditSetting
            | Self::Palette
            | Self::FindHelp => TextEntry::Line,
            _ => TextEntry::None,
        }
    }

    /// Returns whether the context shows URLs or IDs that people select with the mouse, and nothing but key hints reacts to a click:
    /// the terminal keeps the mouse there.
    pub(in crate::tui) const fn is_for_selecting_text(self) -> bool {
        matches!(
            self,
            Self::SignIn | Self::SignedIn | Self::Published | Self::Revoked | Self::Request | Self::PrintedUrl
        )
    }

    /// Returns whether Ctrl-C means "back" instead of "quit": it cancels a sign-in and saves a draft, and does not interrupt
    /// a post or a comment that is being sent.
    pub(in crate::tui) const fn has_back_on_ctrl_c(self) -> bool {
        matches!(self, Self::SignIn | Self::Compose | Self::Preview | Self::Publishing | Self::Comment)
    }
}

/// What a key does. The name in snake case is its entry in `config.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Action {
    Add,
    AddSamples,
    Apply,
    ApproveFirst,
    ApproveSecond,
    ApproveThird,
    Back,
    ChangeAttachment,
    ChangeVisibility,
    Check,
    CheckAll,
    Clear,
    Collapse,
    Comment,
    Compose,
    Continue,
    Copy,
    CopyAppName,
    CopyBrowser,
    CopyClientId,
    CopyCurl,
    CopyEmail,
    CopyExpiresAt,
    CopyExportCommand,
    /// The path of the file that the screen shows.
    #[strum(serialize = "copy_file")]
    CopyFilePath,
    CopyGrantedScopes,
    CopyHeader,
    CopyIssuedAt,
    CopyLastCheck,
    /// The URL that the browser opens: the authorization URL, or a post's.
    #[strum(serialize = "copy_link")]
    CopyUrlToOpen,
    CopyMemberId,
    CopyMemberName,
    CopyProfileName,
    CopyRefreshExpiresAt,
    CopyRefreshToken,
    CopyRequestCommand,
    CopyRequestedScopes,
    CopyShortLink,
    CopyToken,
    CopyTokenCommand,
    /// The redirect URL; in the app guide, the URL of a step.
    #[strum(serialize = "copy_url")]
    CopyRedirectUrl,
    CopyUrn,
    Delete,
    Deliver,
    DeliverAll,
    Deliveries,
    Details,
    Discard,
    /// Keep what another process saved.
    #[strum(serialize = "take_theirs")]
    DiscardMine,
    Down,
    Duplicate,
    Edit,
    EditCredentials,
    EditExternally,
    EditRedirectUrl,
    EditScopes,
    Expand,
    Export,
    Filter,
    First,
    Fold,
    Group,
    Help,
    /// Show the results of the last job.
    #[strum(serialize = "results")]
    JobResults,
    KeepMine,
    Last,
    Mark,
    MarkAll,
    NextApp,
    NextAuthor,
    NextField,
    NextRequest,
    OpenControlPage,
    OpenGuide,
    OpenPage,
    OpenPortal,
    OutdatedTutorials,
    PageDown,
    PageUp,
    Palette,
    PasteCallback,
    Permissions,
    Posts,
    PresetOne,
    PresetThree,
    PresetTwo,
    Preview,
    /// Read title, description and picture of the linked page.
    PreviewLink,
    PreviousAttachment,
    PreviousField,
    PreviousRequest,
    Publish,
    /// Publish a post that may have been published already.
    PublishAgain,
    Quit,
    React,
    Reauthorize,
    /// Re-authorize every profile whose token expired, was revoked, or expires soon.
    ReauthorizeDue,
    Redo,
    Refresh,
    Reload,
    Rename,
    ReopenBrowser,
    Replace,
    RequestLog,
    ResetSetting,
    Reshare,
    Retry,
    Reveal,
    ReverseSort,
    Revoke,
    Save,
    SaveAsNewProfile,
    /// Scroll the selected post.
    ScrollDown,
    ScrollUp,
    SendTestToken,
    Skip,
    Settings,
    ShowUrl,
    Sort,
    Statistics,
    Toggle,
    Undo,
    Unfold,
    Up,
    /// Save the token in the profile of the member who signed in.
    #[strum(serialize = "update_their_profile")]
    UpdateMembersProfile,
    Use,
}

/// A heading of the help and of the key reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ActionGroup {
    Token,
    Profile,
    /// The published posts of a profile.
    Posts,
    /// One post.
    Post,
    /// The text that is being written.
    Text,
    /// What only this context has.
    Screen,
    Copy,
    View,
    Form,
    Move,
    Program,
}

impl ActionGroup {
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Screen => "Screen",
            Self::Posts => "Posts",
            Self::Post => "Post",
            Self::Text => "Text",
            Self::Token => "Token",
            Self::Profile => "Profile",
            Self::Copy => "Copy",
            Self::View => "View",
            Self::Form => "Form",
            Self::Move => "Move",
            Self::Program => "Program",
        }
    }
}

impl KeyContext {
    /// Returns the heading under which the help lists an action of this context.
    pub(crate) const fn group(self, action: Action) -> ActionGroup {
        match (self, action) {
            (Self::List | Self::Filter | Self::Detail, Action::Compose | Action::Posts) => ActionGroup::Posts,
            (
                Self::Posts | Self::Published,
                Action::OpenPage
                | Action::Check
                | Action::Compose
                | Action::Edit
                | Action::Delete
                | Action::Posts
                | Action::Statistics
                | Action::Comment
                | Action::React
                | Action::Duplicate
                | Action::Reshare,
            ) => ActionGroup::Post,
            (Self::Compose, Action::Undo | Action::Redo | Action::EditExternally | Action::Discard) => {
                ActionGroup::Text
            }
            (
                Self::List
                | Self::Filter
                | Self::Detail
                | Self::JobResults
                | Self::Delete
                | Self::Revoke
                | Self::NoRefresh
                | Self::Reauthorize
                | Self::SignedIn,
                action,
            ) => action.group(),
            // Elsewhere the same verbs are about something else: a delivery, a post, a permission.
            (_, action) => match action.group() {
                ActionGroup::Token | ActionGroup::Profile => ActionGroup::Screen,
                group => group,
            },
        }
    }
}

impl KeyContext {
    /// Returns whether an action means the same here as in `context`, for the contexts that hints name.
    pub(crate) fn has_action_of(self, context: Self, action: Action) -> bool {
        match context {
            _ if self == context => true,
            // It is about the profile everywhere, and after a failure about that of the post.
            Self::List if action == Action::Reauthorize => true,
            Self::List => matches!(self, Self::Detail | Self::JobResults | Self::SignedIn),
            Self::Preview => self == Self::Compose,
            _ => false,
        }
    }
}

impl Action {
    /// Returns the heading of the action where it is about a profile.
    const fn group(self) -> ActionGroup {
        match self {
            Self::Reauthorize
            | Self::ReauthorizeDue
            | Self::Refresh
            | Self::Check
            | Self::CheckAll
            | Self::Permissions
            | Self::Deliveries
            | Self::Export
            | Self::Revoke
            | Self::Compose => ActionGroup::Token,
            Self::Add
            | Self::Use
            | Self::Details
            | Self::Rename
            | Self::Duplicate
            | Self::Edit
            | Self::Delete
            | Self::Undo => ActionGroup::Profile,
            Self::Copy
            | Self::CopyAppName
            | Self::CopyBrowser
            | Self::CopyClientId
            | Self::CopyCurl
            | Self::CopyEmail
            | Self::CopyExpiresAt
            | Self::CopyExportCommand
            | Self::CopyFilePath
            | Self::CopyGrantedScopes
            | Self::CopyHeader
            | Self::CopyIssuedAt
            | Self::CopyLastCheck
            | Self::CopyUrlToOpen
            | Self::CopyMemberId
            | Self::CopyMemberName
            | Self::CopyProfileName
            | Self::CopyRefreshExpiresAt
            | Self::CopyRefreshToken
            | Self::CopyRequestCommand
            | Self::CopyRequestedScopes
            | Self::CopyShortLink
            | Self::CopyToken
            | Self::CopyTokenCommand
            | Self::CopyRedirectUrl
            | Self::CopyUrn => ActionGroup::Copy,
            Self::Filter
            | Self::Mark
            | Self::MarkAll
            | Self::Sort
            | Self::ReverseSort
            | Self::Group
            | Self::Fold
            | Self::Unfold
            | Self::JobResults
            | Self::Reload => ActionGroup::View,
            Self::NextField | Self::PreviousField => ActionGroup::Form,
            Self::Up
            | Self::Down
            | Self::PageUp
            | Self::PageDown
            | Self::First
            | Self::Last
            | Self::ScrollDown
            | Self::ScrollUp => ActionGroup::Move,
            Self::Help
            | Self::Palette
            | Self::RequestLog
            | Self::Settings
            | Self::OpenControlPage
            | Self::Back
            | Self::Quit => ActionGroup::Program,
            _ => ActionGroup::Screen,
        }
    }

    /// Returns whether the action moves a selection, or scrolls.
    pub(crate) const fn is_navigation(self) -> bool {
        matches!(self.group(), ActionGroup::Move)
    }

    /// Returns the name of the action's entry in `config.toml`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
