//! The contexts that have key bindings, and the actions that keys are bound to.

use strum::{EnumIter, EnumString, IntoStaticStr};

/// A screen, one of its modes, or a dialog, with its own key bindings. The name in snake case is its table in `config.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum KeyContext {
    List,
    Filter,
    Detail,
    Results,
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
    Preview,
    Publishing,
    Published,
    DeletePost,
    NotPublished,
    Help,
}

/// What can be typed in a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextEntry {
    None,
    /// One line.
    Line,
    /// Several lines.
    Editor,
}

impl KeyContext {
    /// Returns the name of the context's table in `config.toml`, below `keys`.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns what can be typed in the context. Keys that edit text cannot be bound where text is typed.
    pub(super) const fn text_entry(self) -> TextEntry {
        match self {
            Self::Compose => TextEntry::Editor,
            Self::Filter
            | Self::Rename
            | Self::Edit
            | Self::Export
            | Self::AddDelivery
            | Self::Credentials
            | Self::FindScope
            | Self::RedirectUrl
            | Self::Review
            | Self::PasteCallback => TextEntry::Line,
            // The scopes have bindings for characters too: they apply while the list has the focus and not the field below it.
            _ => TextEntry::None,
        }
    }

    /// Returns whether Ctrl-C means "back" instead of "quit": it cancels a sign-in and saves a draft, and does not interrupt
    /// a post that is being sent.
    pub(super) const fn has_back_on_ctrl_c(self) -> bool {
        matches!(self, Self::SignIn | Self::Compose | Self::Preview | Self::Publishing)
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
    ChangeVisibility,
    Check,
    CheckAll,
    Clear,
    Collapse,
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
    CopyFile,
    CopyGrantedScopes,
    CopyHeader,
    CopyIssuedAt,
    CopyLastCheck,
    CopyLink,
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
    CopyUrl,
    CopyUrn,
    Delete,
    Deliver,
    DeliverAll,
    Deliveries,
    Details,
    Discard,
    Down,
    Duplicate,
    Edit,
    EditCredentials,
    EditRedirectUrl,
    EditScopes,
    Expand,
    Export,
    Filter,
    First,
    Fold,
    Group,
    Help,
    KeepMine,
    Last,
    Mark,
    MarkAll,
    NextApp,
    NextAuthor,
    NextField,
    OpenControlPage,
    OpenGuide,
    OpenPage,
    OpenPortal,
    OutdatedTutorials,
    PageDown,
    PageUp,
    PasteCallback,
    Permissions,
    PresetOne,
    PresetThree,
    PresetTwo,
    Preview,
    PreviousField,
    Publish,
    Quit,
    Reauthorize,
    ReauthorizeDue,
    Refresh,
    Reload,
    Rename,
    ReopenBrowser,
    Replace,
    Results,
    Retry,
    Reveal,
    ReverseSort,
    Revoke,
    Save,
    SaveAsNewProfile,
    SendTestToken,
    ShowUrl,
    Sort,
    TakeTheirs,
    Toggle,
    Undo,
    Unfold,
    Up,
    UpdateTheirProfile,
    Use,
}

impl Action {
    /// Returns the name of the action's entry in `config.toml`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
