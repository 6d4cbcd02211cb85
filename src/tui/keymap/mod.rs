//! The one table of bindings: dispatch, hint bar, help and the README's key table come from it.

mod bindings;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

pub use bindings::BINDINGS;
use bindings::ctrl;

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
    /// What the last check or refresh said of each.
    Results,
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
    /// The question before an export replaces a file.
    ExportExists,
    /// The deliveries of a profile.
    Deliveries,
    /// The question before one is taken out.
    RemoveDelivery,
    /// The question before a test token replaces the real one.
    TestDelivery,
    /// What can be added.
    Presets,
    /// What the chosen one must know.
    AddDelivery,
    /// What a token may do.
    Permissions,
    /// The question before a re-authorization.
    Reauthorize,
    /// The field for a pasted address.
    Paste,
    /// The choice when a different member signed in.
    DifferentMember,
    /// The question before a different member's token is put over the stored one.
    Replace,
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
    Permissions,
    SendTestToken,
    Replace,
    KeepNew,
    RenewTheirs,
    Discard,
    Sort,
    Group,
    MarkAll,
    CheckAll,
    Refresh,
    Results,
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

/// Returns whether the key stops the program until the shell continues it, wherever it is pressed.
#[must_use]
pub fn suspends(event: &KeyEvent) -> bool {
    cfg!(unix) && ctrl('z').matches(event)
}

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
            Self::Results => "Last results",
            Self::Copy => "Copy a value",
            Self::Rename => "Rename",
            Self::Edit => "Edit",
            Self::EditConflict => "Edited elsewhere too",
            Self::Export => "Export",
            Self::ExportExists => "Replace the file?",
            Self::Deliveries => "Deliveries",
            Self::RemoveDelivery => "Take out?",
            Self::TestDelivery => "Send a test token?",
            Self::Presets => "Add a delivery",
            Self::AddDelivery => "What it must know",
            Self::Permissions => "Permissions",
            Self::Reauthorize => "Re-authorize?",
            Self::Paste => "Paste the answer",
            Self::DifferentMember => "A different member",
            Self::Replace => "Replace the token?",
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
