//! The one table of bindings: dispatch, hint bar, help and the README's key table come from it.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// Where a binding holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The profile list.
    List,
    /// The list while its filter is typed.
    Filter,
    /// Setup: the app guide.
    Guide,
    /// Setup: client ID and secret.
    Credentials,
    /// Setup: scopes.
    Scopes,
    /// Setup: the redirect URL.
    Redirect,
    /// Setup: review.
    Review,
    /// While signing in.
    Progress,
    /// After a failed sign-in.
    Failure,
    /// After a successful one.
    Done,
    /// The question before a profile is deleted.
    Delete,
    /// The question before a token is revoked.
    Revoke,
    /// What became of it.
    Revoked,
    /// There is nothing to refresh.
    NoRefresh,
    /// The values of a profile.
    Copy,
    /// A new name is typed.
    Rename,
    /// A profile is edited.
    Edit,
    /// Another hand edited it too.
    EditConflict,
    /// An export is chosen.
    Export,
    /// The deliveries of a profile.
    Deliveries,
    /// The question before one is taken out.
    RemoveDelivery,
    /// What can be added.
    Presets,
    /// What the chosen one must know.
    AddDelivery,
    /// The question before a re-authorization.
    Reauthorize,
    /// The field for a pasted address.
    Paste,
    /// The choice when another member signed in.
    OtherMember,
    /// A post is written.
    Compose,
    /// How it will read.
    Preview,
    /// It is on its way.
    Publishing,
    /// It is live.
    Published,
    /// The question before a post is deleted.
    DeletePost,
    /// It did not go out.
    NotPublished,
    /// The help.
    Help,
    /// The full screen is left for a moment.
    Printed,
}

/// What a person wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is described by its label in the table below")]
pub enum Action {
    Quit,
    Help,
    Next,
    Back,
    Up,
    Down,
    First,
    Last,
    Toggle,
    OpenPage,
    CopyUrl,
    CopyClientId,
    CopyToken,
    CopyId,
    CopyUrn,
    CopyLink,
    CopyShort,
    OldTutorial,
    NextField,
    PreviousField,
    Reveal,
    PresetOne,
    PresetTwo,
    PresetThree,
    OpenAgain,
    ShowLink,
    Paste,
    ApproveFirst,
    ApproveSecond,
    ApproveThird,
    PageUp,
    PageDown,
    Retry,
    ToScopes,
    ToCredentials,
    ToRedirect,
    Portal,
    Reauthorize,
    Add,
    Delete,
    Check,
    Filter,
    Redraw,
    Deliver,
    DryRun,
    Replace,
    KeepNew,
    Discard,
    Sort,
    Group,
    MarkAll,
    CheckAll,
    Refresh,
    Undo,
    Export,
    Copy,
    Revoke,
    Rename,
    Duplicate,
    Edit,
    NextApp,
    KeepMine,
    TakeTheirs,
    CopyRefresh,
    CopyMember,
    CopyEmail,
    CopyName,
    CopyApp,
    CopyScopes,
    CopyAsked,
    CopyIssued,
    CopyExpires,
    CopyRefreshEnd,
    CopyCheck,
    CopyBrowser,
    CopyFile,
    Compose,
    Visibility,
    NextAuthor,
    Clear,
}

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(KeyCode, KeyModifiers);

impl Key {
    /// As people write it.
    #[must_use]
    pub fn name(self) -> String {
        let code = match self.0 {
            KeyCode::Char(' ') => "space".to_owned(),
            KeyCode::Char(c) => c.to_string(),
            KeyCode::Enter => "enter".to_owned(),
            KeyCode::Esc => "esc".to_owned(),
            KeyCode::Up => "↑".to_owned(),
            KeyCode::Down => "↓".to_owned(),
            KeyCode::Left => "←".to_owned(),
            KeyCode::Tab => "tab".to_owned(),
            KeyCode::BackTab => "shift-tab".to_owned(),
            KeyCode::PageUp => "page-up".to_owned(),
            KeyCode::PageDown => "page-down".to_owned(),
            KeyCode::Home => "home".to_owned(),
            KeyCode::End => "end".to_owned(),
            KeyCode::F(n) => format!("F{n}"),
            other => format!("{other:?}"),
        };
        match self.1 {
            KeyModifiers::CONTROL => format!("ctrl-{code}"),
            KeyModifiers::ALT => format!("alt-{code}"),
            _ => code,
        }
    }

    /// As people write it, in ASCII alone where that is wanted.
    #[must_use]
    pub fn shown(self, ascii: bool) -> String {
        let name = self.name();
        if ascii { name.replace('↑', "up").replace('↓', "down").replace('←', "left") } else { name }
    }

    fn matches(self, event: &KeyEvent) -> bool {
        let shift = KeyModifiers::SHIFT;
        self.0 == event.code && self.1.difference(shift) == event.modifiers.difference(shift)
    }
}

const fn plain(c: char) -> Key {
    Key(KeyCode::Char(c), KeyModifiers::NONE)
}

const fn ctrl(c: char) -> Key {
    Key(KeyCode::Char(c), KeyModifiers::CONTROL)
}

const fn code(code: KeyCode) -> Key {
    Key(code, KeyModifiers::NONE)
}

const ENTER: Key = code(KeyCode::Enter);
const ESC: Key = code(KeyCode::Esc);
const ALT_LEFT: Key = Key(KeyCode::Left, KeyModifiers::ALT);

/// One binding.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// Where it holds.
    pub place: Place,
    /// The key.
    pub key: Key,
    /// What it does.
    pub action: Action,
    /// In words, short enough for the hint bar.
    pub label: &'static str,
    /// Is it in the hint bar?
    pub hint: bool,
}

const fn hint(place: Place, key: Key, action: Action, label: &'static str) -> Binding {
    Binding { place, key, action, label, hint: true }
}

const fn more(place: Place, key: Key, action: Action, label: &'static str) -> Binding {
    Binding { place, key, action, label, hint: false }
}

/// All bindings. The first that fits wins; the order is that of the hint bar.
pub const BINDINGS: &[Binding] = &[
    hint(Place::List, ENTER, Action::Next, "use"),
    hint(Place::List, plain('r'), Action::Reauthorize, "re-authorize"),
    hint(Place::List, plain('f'), Action::Refresh, "refresh"),
    hint(Place::List, plain('v'), Action::Check, "check"),
    hint(Place::List, plain('V'), Action::CheckAll, "all"),
    hint(Place::List, plain('c'), Action::CopyToken, "copy token"),
    hint(Place::List, plain('p'), Action::Compose, "post"),
    hint(Place::List, plain('a'), Action::Add, "add"),
    hint(Place::List, plain('/'), Action::Filter, "filter"),
    hint(Place::List, plain('?'), Action::Help, "all keys"),
    hint(Place::List, plain('q'), Action::Quit, "quit"),
    more(Place::List, plain(' '), Action::Toggle, "mark"),
    more(Place::List, plain('*'), Action::MarkAll, "mark all, or none"),
    more(Place::List, plain('s'), Action::Sort, "sort by end, name, app"),
    more(Place::List, plain('b'), Action::Group, "group by app"),
    more(Place::List, plain('y'), Action::Copy, "copy any value"),
    more(Place::List, plain('i'), Action::CopyId, "copy user ID"),
    more(Place::List, plain('x'), Action::Revoke, "revoke"),
    more(Place::List, plain('R'), Action::Rename, "rename"),
    more(Place::List, plain('D'), Action::Duplicate, "same app, another account"),
    more(Place::List, plain('e'), Action::Edit, "edit scopes, browser, app"),
    more(Place::List, plain('E'), Action::Export, "export"),
    more(Place::List, plain('t'), Action::Deliver, "deliveries"),
    more(Place::List, plain('d'), Action::Delete, "delete"),
    more(Place::List, plain('u'), Action::Undo, "undo the delete"),
    more(Place::List, code(KeyCode::Up), Action::Up, "up"),
    more(Place::List, plain('k'), Action::Up, "up"),
    more(Place::List, code(KeyCode::Down), Action::Down, "down"),
    more(Place::List, plain('j'), Action::Down, "down"),
    more(Place::List, code(KeyCode::PageUp), Action::PageUp, "ten up"),
    more(Place::List, code(KeyCode::PageDown), Action::PageDown, "ten down"),
    more(Place::List, code(KeyCode::Home), Action::First, "first"),
    more(Place::List, plain('g'), Action::First, "first"),
    more(Place::List, code(KeyCode::End), Action::Last, "last"),
    more(Place::List, plain('G'), Action::Last, "last"),
    more(Place::List, code(KeyCode::F(1)), Action::Help, "all keys"),
    more(Place::List, ESC, Action::Back, "cancel checks, clear marks or filter"),
    more(Place::List, ctrl('l'), Action::Redraw, "draw again"),
    hint(Place::Filter, ENTER, Action::Next, "keep the filter"),
    hint(Place::Filter, ESC, Action::Back, "clear it"),
    more(Place::Filter, code(KeyCode::Up), Action::Up, "up"),
    more(Place::Filter, code(KeyCode::Down), Action::Down, "down"),
    hint(Place::Guide, ENTER, Action::Next, "next"),
    hint(Place::Guide, plain(' '), Action::Toggle, "tick"),
    hint(Place::Guide, plain('o'), Action::OpenPage, "open page"),
    hint(Place::Guide, plain('y'), Action::CopyUrl, "copy value"),
    hint(Place::Guide, plain('t'), Action::OldTutorial, "old tutorial?"),
    hint(Place::Guide, plain('?'), Action::Help, "help"),
    hint(Place::Guide, ESC, Action::Back, "leave"),
    more(Place::Guide, plain('q'), Action::Quit, "quit"),
    more(Place::Guide, code(KeyCode::Up), Action::Up, "up"),
    more(Place::Guide, code(KeyCode::Down), Action::Down, "down"),
    more(Place::Guide, code(KeyCode::F(1)), Action::Help, "help"),
    hint(Place::Credentials, ENTER, Action::Next, "next"),
    hint(Place::Credentials, code(KeyCode::Tab), Action::NextField, "next field"),
    hint(Place::Credentials, ctrl('r'), Action::Reveal, "show secret"),
    hint(Place::Credentials, ctrl('o'), Action::Portal, "open portal"),
    hint(Place::Credentials, code(KeyCode::F(1)), Action::Help, "help"),
    hint(Place::Credentials, ESC, Action::Back, "back"),
    more(Place::Credentials, ALT_LEFT, Action::Back, "back"),
    more(Place::Credentials, code(KeyCode::BackTab), Action::PreviousField, "field before"),
    more(Place::Credentials, code(KeyCode::Up), Action::PreviousField, "field before"),
    more(Place::Credentials, code(KeyCode::Down), Action::NextField, "next field"),
    hint(Place::Scopes, plain(' '), Action::Toggle, "choose"),
    hint(Place::Scopes, ENTER, Action::Next, "next"),
    hint(Place::Scopes, plain('1'), Action::PresetOne, "who am I"),
    hint(Place::Scopes, plain('2'), Action::PresetTwo, "post as me"),
    hint(Place::Scopes, plain('3'), Action::PresetThree, "as a page"),
    hint(Place::Scopes, plain('?'), Action::Help, "help"),
    hint(Place::Scopes, ESC, Action::Back, "back"),
    more(Place::Scopes, ALT_LEFT, Action::Back, "back"),
    more(Place::Scopes, code(KeyCode::Up), Action::Up, "up"),
    more(Place::Scopes, code(KeyCode::Down), Action::Down, "down"),
    more(Place::Scopes, code(KeyCode::Tab), Action::NextField, "to the field for others"),
    more(Place::Scopes, code(KeyCode::F(1)), Action::Help, "help"),
    hint(Place::Redirect, ENTER, Action::Next, "next"),
    hint(Place::Redirect, ctrl('y'), Action::CopyUrl, "copy"),
    hint(Place::Redirect, ctrl('o'), Action::Portal, "open portal"),
    hint(Place::Redirect, code(KeyCode::F(1)), Action::Help, "help"),
    hint(Place::Redirect, ESC, Action::Back, "back"),
    more(Place::Redirect, ALT_LEFT, Action::Back, "back"),
    hint(Place::Review, ENTER, Action::Next, "sign in"),
    hint(Place::Review, code(KeyCode::Tab), Action::NextField, "next field"),
    hint(Place::Review, code(KeyCode::F(1)), Action::Help, "help"),
    hint(Place::Review, ESC, Action::Back, "back"),
    more(Place::Review, ALT_LEFT, Action::Back, "back"),
    more(Place::Review, code(KeyCode::BackTab), Action::PreviousField, "field before"),
    more(Place::Review, code(KeyCode::Up), Action::PreviousField, "field before"),
    more(Place::Review, code(KeyCode::Down), Action::NextField, "next field"),
    hint(Place::Progress, plain('o'), Action::OpenAgain, "open again"),
    hint(Place::Progress, plain('u'), Action::ShowLink, "show address"),
    hint(Place::Progress, plain('c'), Action::CopyLink, "copy it"),
    hint(Place::Progress, plain('p'), Action::Paste, "paste the answer"),
    hint(Place::Progress, plain('1'), Action::ApproveFirst, "approve (sandbox)"),
    more(Place::Progress, plain('2'), Action::ApproveSecond, "approve as the second member (sandbox)"),
    more(Place::Progress, plain('3'), Action::ApproveThird, "approve as the third member (sandbox)"),
    hint(Place::Progress, plain('?'), Action::Help, "help"),
    hint(Place::Progress, ESC, Action::Back, "cancel"),
    more(Place::Progress, plain('l'), Action::CopyShort, "copy the short link"),
    more(Place::Progress, plain('y'), Action::CopyUrl, "copy the redirect URL"),
    more(Place::Progress, plain('i'), Action::CopyClientId, "copy the client ID"),
    more(Place::Progress, plain('r'), Action::Retry, "save again (after a failed save)"),
    hint(Place::Failure, plain('r'), Action::Retry, "try again"),
    hint(Place::Failure, plain('s'), Action::ToScopes, "scopes"),
    hint(Place::Failure, plain('k'), Action::ToCredentials, "credentials"),
    hint(Place::Failure, plain('u'), Action::ToRedirect, "redirect URL"),
    hint(Place::Failure, plain('l'), Action::Portal, "open portal"),
    hint(Place::Failure, ENTER, Action::Next, "back"),
    hint(Place::Failure, plain('?'), Action::Help, "help"),
    more(Place::Failure, ESC, Action::Back, "back"),
    hint(Place::Done, ENTER, Action::Next, "profile list"),
    hint(Place::Done, plain('p'), Action::Compose, "publish a post"),
    hint(Place::Done, plain('c'), Action::CopyToken, "copy token"),
    hint(Place::Done, plain('t'), Action::Reveal, "show token"),
    hint(Place::Done, plain('i'), Action::CopyId, "copy user ID"),
    hint(Place::Done, plain('u'), Action::CopyUrn, "copy URN"),
    hint(Place::Done, plain('?'), Action::Help, "help"),
    hint(Place::Done, plain('q'), Action::Quit, "quit"),
    more(Place::Done, plain('d'), Action::Deliver, "deliveries"),
    more(Place::Done, ESC, Action::Next, "profile list"),
    more(Place::Done, code(KeyCode::Up), Action::Up, "up"),
    more(Place::Done, code(KeyCode::Down), Action::Down, "down"),
    more(Place::Failure, code(KeyCode::Up), Action::Up, "up"),
    more(Place::Failure, code(KeyCode::Down), Action::Down, "down"),
    more(Place::Progress, code(KeyCode::Up), Action::Up, "up"),
    more(Place::Progress, code(KeyCode::Down), Action::Down, "down"),
    hint(Place::Delete, plain('y'), Action::Delete, "delete it"),
    hint(Place::Delete, ESC, Action::Back, "keep it"),
    hint(Place::Delete, plain('x'), Action::Revoke, "revoke first"),
    more(Place::Delete, plain('n'), Action::Back, "keep it"),
    hint(Place::Revoke, plain('y'), Action::Revoke, "revoke it"),
    hint(Place::Revoke, ESC, Action::Back, "keep it"),
    more(Place::Revoke, plain('n'), Action::Back, "keep it"),
    hint(Place::Revoked, plain('o'), Action::OpenPage, "open permitted services"),
    hint(Place::Revoked, ESC, Action::Back, "close"),
    more(Place::Revoked, ENTER, Action::Back, "close"),
    hint(Place::NoRefresh, plain('r'), Action::Reauthorize, "sign in again"),
    hint(Place::NoRefresh, ESC, Action::Back, "not now"),
    more(Place::Copy, plain('t'), Action::CopyToken, "token"),
    more(Place::Copy, plain('i'), Action::CopyId, "user ID"),
    more(Place::Copy, plain('u'), Action::CopyUrn, "URN"),
    more(Place::Copy, plain('m'), Action::CopyMember, "member"),
    more(Place::Copy, plain('@'), Action::CopyEmail, "e-mail"),
    more(Place::Copy, plain('n'), Action::CopyName, "profile"),
    more(Place::Copy, plain('a'), Action::CopyApp, "app"),
    more(Place::Copy, plain('k'), Action::CopyClientId, "client ID"),
    more(Place::Copy, plain('s'), Action::CopyScopes, "granted"),
    more(Place::Copy, plain('S'), Action::CopyAsked, "asked for"),
    more(Place::Copy, plain('d'), Action::CopyIssued, "issued"),
    more(Place::Copy, plain('e'), Action::CopyExpires, "expires"),
    more(Place::Copy, plain('r'), Action::CopyRefresh, "refresh token"),
    more(Place::Copy, plain('R'), Action::CopyRefreshEnd, "refresh ends"),
    more(Place::Copy, plain('v'), Action::CopyCheck, "last check"),
    more(Place::Copy, plain('b'), Action::CopyBrowser, "browser"),
    more(Place::Copy, plain('f'), Action::CopyFile, "file"),
    hint(Place::Copy, ESC, Action::Back, "close"),
    more(Place::Copy, plain('q'), Action::Back, "close"),
    more(Place::Copy, code(KeyCode::Up), Action::Up, "up"),
    more(Place::Copy, code(KeyCode::Down), Action::Down, "down"),
    hint(Place::Rename, ENTER, Action::Next, "rename"),
    hint(Place::Rename, ESC, Action::Back, "back"),
    hint(Place::Edit, ENTER, Action::Next, "save"),
    hint(Place::Edit, code(KeyCode::Tab), Action::NextField, "next field"),
    hint(Place::Edit, ctrl('a'), Action::NextApp, "another app"),
    hint(Place::Edit, ESC, Action::Back, "back"),
    more(Place::Edit, code(KeyCode::BackTab), Action::PreviousField, "field before"),
    hint(Place::EditConflict, plain('k'), Action::KeepMine, "keep mine"),
    hint(Place::EditConflict, plain('t'), Action::TakeTheirs, "take theirs"),
    hint(Place::EditConflict, ESC, Action::Back, "back"),
    hint(Place::Export, ENTER, Action::Next, "write the file"),
    hint(Place::Export, code(KeyCode::Tab), Action::NextField, "another form"),
    hint(Place::Export, ctrl('y'), Action::CopyUrl, "copy instead"),
    hint(Place::Export, ESC, Action::Back, "back"),
    more(Place::Export, code(KeyCode::BackTab), Action::PreviousField, "the form before"),
    more(Place::Export, code(KeyCode::Down), Action::NextField, "another form"),
    more(Place::Export, code(KeyCode::Up), Action::PreviousField, "the form before"),
    hint(Place::Deliveries, ENTER, Action::Next, "deliver now"),
    hint(Place::Deliveries, plain('t'), Action::Deliver, "all, or those that failed"),
    hint(Place::Deliveries, plain('n'), Action::DryRun, "dry run"),
    hint(Place::Deliveries, plain('a'), Action::Add, "add"),
    hint(Place::Deliveries, plain('d'), Action::Delete, "take out"),
    hint(Place::Deliveries, ESC, Action::Back, "close"),
    more(Place::Deliveries, plain('q'), Action::Back, "close"),
    more(Place::Deliveries, code(KeyCode::Up), Action::Up, "up"),
    more(Place::Deliveries, plain('k'), Action::Up, "up"),
    more(Place::Deliveries, code(KeyCode::Down), Action::Down, "down"),
    more(Place::Deliveries, plain('j'), Action::Down, "down"),
    hint(Place::RemoveDelivery, plain('y'), Action::Delete, "take it out"),
    hint(Place::RemoveDelivery, ESC, Action::Back, "keep it"),
    more(Place::RemoveDelivery, plain('n'), Action::Back, "keep it"),
    hint(Place::Presets, ENTER, Action::Next, "choose"),
    hint(Place::Presets, ESC, Action::Back, "back"),
    more(Place::Presets, code(KeyCode::Up), Action::Up, "up"),
    more(Place::Presets, plain('k'), Action::Up, "up"),
    more(Place::Presets, code(KeyCode::Down), Action::Down, "down"),
    more(Place::Presets, plain('j'), Action::Down, "down"),
    hint(Place::AddDelivery, ENTER, Action::Next, "add it"),
    hint(Place::AddDelivery, code(KeyCode::Tab), Action::NextField, "next field"),
    hint(Place::AddDelivery, ESC, Action::Back, "back"),
    more(Place::AddDelivery, code(KeyCode::BackTab), Action::PreviousField, "field before"),
    more(Place::AddDelivery, code(KeyCode::Up), Action::PreviousField, "field before"),
    more(Place::AddDelivery, code(KeyCode::Down), Action::NextField, "next field"),
    hint(Place::Reauthorize, ENTER, Action::Next, "open the browser"),
    hint(Place::Reauthorize, ESC, Action::Back, "not now"),
    hint(Place::Paste, ENTER, Action::Next, "use it"),
    hint(Place::Paste, ESC, Action::Back, "back"),
    hint(Place::OtherMember, plain('k'), Action::KeepNew, "keep as a new profile"),
    hint(Place::OtherMember, plain('r'), Action::Replace, "replace"),
    hint(Place::OtherMember, plain('d'), Action::Discard, "discard"),
    more(Place::OtherMember, ESC, Action::Discard, "discard"),
    hint(Place::Compose, ctrl('p'), Action::Next, "preview and publish"),
    hint(Place::Compose, code(KeyCode::Tab), Action::NextField, "next field"),
    hint(Place::Compose, ctrl('v'), Action::Visibility, "who sees it"),
    hint(Place::Compose, ctrl('a'), Action::NextAuthor, "author"),
    hint(Place::Compose, ctrl('x'), Action::Clear, "empty it"),
    hint(Place::Compose, code(KeyCode::F(1)), Action::Help, "help"),
    hint(Place::Compose, ESC, Action::Back, "back; the draft is kept"),
    more(Place::Compose, code(KeyCode::BackTab), Action::PreviousField, "field before"),
    hint(Place::Preview, ENTER, Action::Next, "publish"),
    hint(Place::Preview, ESC, Action::Back, "back to the text"),
    more(Place::Preview, code(KeyCode::Up), Action::Up, "up"),
    more(Place::Preview, code(KeyCode::Down), Action::Down, "down"),
    hint(Place::Publishing, code(KeyCode::F(1)), Action::Help, "help"),
    hint(Place::Published, plain('o'), Action::OpenPage, "open it"),
    hint(Place::Published, plain('c'), Action::CopyLink, "copy its address"),
    hint(Place::Published, plain('u'), Action::CopyUrn, "copy its URN"),
    hint(Place::Published, plain('d'), Action::Delete, "delete it again"),
    hint(Place::Published, ENTER, Action::Next, "profile list"),
    more(Place::Published, ESC, Action::Back, "profile list"),
    hint(Place::DeletePost, plain('y'), Action::Delete, "delete it"),
    hint(Place::DeletePost, ESC, Action::Back, "keep it"),
    more(Place::DeletePost, plain('n'), Action::Back, "keep it"),
    hint(Place::NotPublished, ENTER, Action::Next, "back to the text"),
    more(Place::NotPublished, ESC, Action::Back, "back to the text"),
    hint(Place::Printed, ENTER, Action::Back, "back to the full screen"),
    more(Place::Printed, ESC, Action::Back, "back to the full screen"),
    hint(Place::Help, ESC, Action::Back, "close"),
    more(Place::Help, plain('?'), Action::Back, "close"),
    more(Place::Help, plain('q'), Action::Back, "close"),
    more(Place::Help, ENTER, Action::Back, "close"),
    more(Place::Help, code(KeyCode::F(1)), Action::Back, "close"),
    more(Place::Help, code(KeyCode::Down), Action::Down, "down"),
    more(Place::Help, code(KeyCode::Up), Action::Up, "up"),
];

/// What a key means at a place. Ctrl-C leaves everywhere; releases mean nothing.
#[must_use]
pub fn action(place: Place, event: &KeyEvent) -> Option<Action> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    if ctrl('c').matches(event) {
        // What goes on is ended first: a sign-in is cancelled, a text is kept; a post that is on its way is waited for.
        let goes_on = matches!(place, Place::Progress | Place::Compose | Place::Preview | Place::Publishing);
        return Some(if goes_on { Action::Back } else { Action::Quit });
    }
    BINDINGS.iter().find(|binding| binding.place == place && binding.key.matches(event)).map(|binding| binding.action)
}

/// The bindings of a place, in the table's order.
pub fn at(place: Place) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |binding| binding.place == place)
}

impl Place {
    /// What the place is called in the help and the README.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::List => "Profile list",
            Self::Filter => "Filter",
            Self::Guide => "Setup: app guide",
            Self::Credentials => "Setup: credentials",
            Self::Scopes => "Setup: scopes",
            Self::Redirect => "Setup: redirect URL",
            Self::Review => "Setup: review",
            Self::Progress => "Signing in",
            Self::Failure => "After a failure",
            Self::Done => "Signed in",
            Self::Delete => "Delete?",
            Self::Revoke => "Revoke?",
            Self::Revoked => "Revoked",
            Self::NoRefresh => "Nothing to refresh",
            Self::Copy => "Copy a value",
            Self::Rename => "Rename",
            Self::Edit => "Edit",
            Self::EditConflict => "Edited elsewhere too",
            Self::Export => "Export",
            Self::Deliveries => "Deliveries",
            Self::RemoveDelivery => "Take out?",
            Self::Presets => "Add a delivery",
            Self::AddDelivery => "What it must know",
            Self::Reauthorize => "Re-authorize?",
            Self::Paste => "Paste the answer",
            Self::OtherMember => "Another member",
            Self::Compose => "Write a post",
            Self::Preview => "Preview",
            Self::Publishing => "Publishing",
            Self::Published => "Published",
            Self::DeletePost => "Delete the post?",
            Self::NotPublished => "Not published",
            Self::Help => "Help",
            Self::Printed => "Address on the plain screen",
        }
    }
}

/// The README's table: one line a place.
#[must_use]
pub fn markdown() -> String {
    let mut table = String::from("| where | keys |\n|---|---|\n");
    let mut places: Vec<Place> = Vec::new();
    for binding in BINDINGS {
        if !places.contains(&binding.place) {
            places.push(binding.place);
        }
    }
    for place in places {
        let keys: Vec<String> =
            at(place).map(|binding| format!("`{}` {}", binding.key.name(), binding.label)).collect();
        table.extend(["| ", place.title(), " | ", &keys.join(", "), " |\n"]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_at_one_place() {
        for (index, one) in BINDINGS.iter().enumerate() {
            let twice = BINDINGS[index + 1..].iter().find(|other| other.place == one.place && other.key == one.key);
            assert!(twice.is_none(), "{:?} {}", one.place, one.key.name());
        }
    }

    #[test]
    fn ctrl_c_leaves_everywhere() {
        let event = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(action(Place::Credentials, &event), Some(Action::Quit));
        assert_eq!(action(Place::List, &KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT)), Some(Action::Last));
    }
}
