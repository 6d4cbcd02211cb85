//! The contexts in which keys mean something, and the actions that they are bound to.

use strum::{EnumIter, EnumString, IntoStaticStr};

/// Where keys go: a screen, one of its modes, or a dialog. The name in snake case is its table in `config.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[expect(missing_docs, reason = "each is described by its title")]
pub enum KeyContext {
    List,
    Filter,
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
    Guide,
    Credentials,
    Scopes,
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

/// What is typed in a context beside its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextEntry {
    None,
    /// One line.
    Line,
    /// Several lines.
    Editor,
}

impl KeyContext {
    /// Returns the title in the help and in the key reference.
    pub const fn title(self) -> &'static str {
        match self {
            Self::List => "Profile list",
            Self::Filter => "Filter",
            Self::Results => "Last results",
            Self::Copy => "Copy a value",
            Self::Rename => "Rename a profile",
            Self::Edit => "Edit a profile",
            Self::EditConflict => "Edited elsewhere",
            Self::Export => "Export",
            Self::ExportExists => "Replace the file?",
            Self::Delete => "Delete profiles?",
            Self::Revoke => "Revoke the token?",
            Self::Revoked => "Token revoked",
            Self::NoRefresh => "No refresh token",
            Self::Reauthorize => "Re-authorize?",
            Self::Permissions => "Permissions",
            Self::Deliveries => "Deliveries",
            Self::RemoveDelivery => "Remove a delivery?",
            Self::TestDelivery => "Send a test token?",
            Self::Presets => "Add a delivery",
            Self::AddDelivery => "Delivery settings",
            Self::Guide => "Setup: app guide",
            Self::Credentials => "Setup: credentials",
            Self::Scopes => "Setup: scopes",
            Self::RedirectUrl => "Setup: redirect URL",
            Self::Review => "Setup: review",
            Self::SignIn => "Signing in",
            Self::PasteCallback => "Paste the callback URL",
            Self::PrintedUrl => "Authorization URL on the plain screen",
            Self::DifferentMember => "Different member",
            Self::ReplaceToken => "Replace the token?",
            Self::SignInFailed => "Sign-in failed",
            Self::SignedIn => "Signed in",
            Self::Compose => "New post",
            Self::Preview => "Preview",
            Self::Publishing => "Publishing",
            Self::Published => "Published",
            Self::DeletePost => "Delete the post?",
            Self::NotPublished => "Not published",
            Self::Help => "Help",
        }
    }

    /// Returns the name of its table in `config.toml`, below `keys`.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns what is typed here, which no key may take away.
    pub(super) const fn text_entry(self) -> TextEntry {
        match self {
            Self::Compose => TextEntry::Editor,
            Self::Filter
            | Self::Rename
            | Self::Edit
            | Self::Export
            | Self::AddDelivery
            | Self::Credentials
            | Self::RedirectUrl
            | Self::Review
            | Self::PasteCallback => TextEntry::Line,
            // The scopes have keys while the list is selected; in the field below it a character is text.
            _ => TextEntry::None,
        }
    }

    /// Returns whether Ctrl-C first ends what is in progress: it cancels a sign-in and saves a draft, and a post that is
    /// being sent is waited for.
    pub(super) const fn is_interruptible(self) -> bool {
        matches!(self, Self::SignIn | Self::Compose | Self::Preview | Self::Publishing)
    }
}

/// What a key does. The name in snake case is its entry in `config.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[expect(missing_docs, reason = "each is described by its label in the tables")]
pub enum Action {
    Add,
    Apply,
    ApproveFirst,
    ApproveSecond,
    ApproveThird,
    Back,
    ChangeVisibility,
    Check,
    CheckAll,
    Clear,
    Compose,
    Continue,
    Copy,
    CopyAppName,
    CopyBrowser,
    CopyClientId,
    CopyEmail,
    CopyExpiresAt,
    CopyFile,
    CopyGrantedScopes,
    CopyIssuedAt,
    CopyLastCheck,
    CopyLink,
    CopyMemberId,
    CopyMemberName,
    CopyProfileName,
    CopyRefreshExpiresAt,
    CopyRefreshToken,
    CopyRequestedScopes,
    CopyShortLink,
    CopyToken,
    CopyUrl,
    CopyUrn,
    Delete,
    Deliver,
    DeliverAll,
    Deliveries,
    Discard,
    Down,
    Duplicate,
    Edit,
    EditCredentials,
    EditRedirectUrl,
    EditScopes,
    Export,
    Filter,
    First,
    Group,
    Help,
    KeepMine,
    Last,
    Mark,
    MarkAll,
    NextApp,
    NextAuthor,
    NextField,
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
    Refresh,
    Reload,
    Rename,
    ReopenBrowser,
    Replace,
    Results,
    Retry,
    Reveal,
    Revoke,
    Save,
    SaveAsNewProfile,
    SendTestToken,
    ShowUrl,
    Sort,
    TakeTheirs,
    Toggle,
    Undo,
    Up,
    UpdateTheirProfile,
    Use,
}

impl Action {
    /// Returns the name of its entry in `config.toml`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
