//! The tables of bindings, one for each context.

mod compose;
mod deliveries;
mod profiles;
mod program;
mod setup;
mod sign_in;

use crossterm::event::KeyCode;

use super::context::{Action, KeyContext, TextEntry};
use super::key::Key;
use crate::tui::state::State;

/// An action of a context, and its keys unless `config.toml` changes them.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    pub action: Action,
    /// The default keys; the key hint shows the first.
    pub keys: &'static [Key],
    /// The name of the action in the key hints, the help and pages.
    pub label: &'static str,
    /// Whether it is a key hint where it is available.
    is_hint: bool,
    /// Whether the page lists it as a next step, which Enter takes where it is selected.
    pub(in crate::tui) is_step: bool,
    /// While this returns `true`, a binding that the help alone shows is a key hint too.
    hinted_while: Option<fn(&State) -> bool>,
    /// Whether it scrolls the page as a whole, instead of moving a selection.
    scrolls_page: bool,
    availability: Availability,
}

/// When an action does something.
#[derive(Clone, Copy, Debug)]
enum Availability {
    Always,
    When(fn(&State) -> bool),
    /// Returns the action's name, which depends on the state; `None` where it does nothing.
    Labeled(fn(&State) -> Option<String>),
}

impl Binding {
    const fn when(self, is_available: fn(&State) -> bool) -> Self {
        Self { availability: Availability::When(is_available), ..self }
    }

    /// Makes the action a next step too.
    const fn and_step(self) -> Self {
        Self { is_step: true, ..self }
    }

    /// Makes the action a key hint while `is_hinted`.
    const fn hinted_while(self, is_hinted: fn(&State) -> bool) -> Self {
        Self { hinted_while: Some(is_hinted), ..self }
    }

    /// Returns whether the action is a key hint where it is available.
    pub fn is_hint(&self, state: &State) -> bool {
        self.is_hint || self.hinted_while.is_some_and(|is_hinted| is_hinted(state))
    }

    /// Makes the name depend on the state. Where `label` returns `None`, the action does nothing and is no key hint; the
    /// default name stays in the help and the reference.
    const fn labeled(self, label: fn(&State) -> Option<String>) -> Self {
        Self { availability: Availability::Labeled(label), ..self }
    }

    /// Returns the name of what the action does in a state; `None` where it does nothing.
    pub fn current_label(&self, state: &State) -> Option<String> {
        match self.availability {
            Availability::Always => Some(self.label.to_owned()),
            Availability::When(is_available) => is_available(state).then(|| self.label.to_owned()),
            Availability::Labeled(label) => label(state),
        }
    }
}

/// Creates a binding that is a key hint.
const fn hint(action: Action, keys: &'static [Key], label: &'static str) -> Binding {
    Binding {
        action,
        keys,
        label,
        is_hint: true,
        is_step: false,
        hinted_while: None,
        scrolls_page: false,
        availability: Availability::Always,
    }
}

/// Creates a binding that is a next step on the page, and no key hint below it.
const fn step(action: Action, keys: &'static [Key], label: &'static str) -> Binding {
    help_only(action, keys, label).and_step()
}

/// Creates the binding that takes the selected next step of a context.
const fn take_step(label: fn(&State) -> Option<String>) -> Binding {
    enter(Action::Continue, "the selected next step").labeled(label)
}

/// Creates a binding that only the help shows.
const fn help_only(action: Action, keys: &'static [Key], label: &'static str) -> Binding {
    Binding { is_hint: false, ..hint(action, keys, label) }
}

const ENTER: Key = Key::code(KeyCode::Enter);
const ESC: Key = Key::code(KeyCode::Esc);
const TAB: Key = Key::code(KeyCode::Tab);
const SHIFT_TAB: Key = Key::code(KeyCode::BackTab);
const UP: Key = Key::code(KeyCode::Up);
const LEFT: Key = Key::code(KeyCode::Left);
const RIGHT: Key = Key::code(KeyCode::Right);
const DOWN: Key = Key::code(KeyCode::Down);
const F1: Key = Key::code(KeyCode::F(1));
/// Opens the palette where `:` is text. Terminals and multiplexers leave it alone, and it edits no text.
const F2: Key = Key::code(KeyCode::F(2));
const ALT_LEFT: Key = Key::alt(KeyCode::Left);
const SPACE: Key = key(' ');
/// Leads to the next profile of the re-authorization queue, on every screen of a sign-in. `n` means no.
const SKIP: Key = key('N');
const Y: Key = key('y');
const N: Key = key('n');

const fn key(c: char) -> Key {
    Key::char(c)
}

const fn ctrl(c: char) -> Key {
    Key::ctrl(c)
}

/// Creates the binding that answers the question of a dialog with yes.
const fn yes(action: Action, label: &'static str) -> Binding {
    hint(action, &[Y], label)
}

/// Creates the binding that answers the question of a dialog with no.
const fn no(label: &'static str) -> Binding {
    hint(Action::Back, &[ESC, N], label)
}

const fn enter(action: Action, label: &'static str) -> Binding {
    hint(action, &[ENTER], label)
}

const fn esc(label: &'static str) -> Binding {
    hint(Action::Back, &[ESC], label)
}

const HELP: Binding = hint(Action::Help, &[key('?'), F1], "help");
/// The help of contexts with text fields, where `?` is text.
const FORM_HELP: Binding = hint(Action::Help, &[F1], "help");
/// The keys of a list, whose handler moves the selection.
const ROW_UP: Binding = help_only(Action::Up, &[UP, key('k')], "up");
const ROW_DOWN: Binding = help_only(Action::Down, &[DOWN, key('j')], "down");
/// The keys of a page that scrolls as a whole, without a handler of its own.
const SCROLL_UP: Binding = Binding { scrolls_page: true, ..ROW_UP };
const SCROLL_DOWN: Binding = Binding { scrolls_page: true, ..ROW_DOWN };

const NEXT_FIELD: Binding = hint(Action::NextField, &[TAB, DOWN], "next field");
const PREVIOUS_FIELD: Binding = help_only(Action::PreviousField, &[SHIFT_TAB, UP], "previous field");

/// The keys while the full screen, which is the whole interface, is left, and a URL is printed on the terminal below its
/// prompt, where the terminal selects and opens it as a whole.
const URL_OUTSIDE_SCREEN: &[Binding] = &[hint(Action::Back, &[ENTER, ESC], "back to the full screen")];

/// The keys of every list, and of every page that scrolls, besides its own bindings.
const NAVIGATION: &[Binding] = &[
    ROW_UP,
    ROW_DOWN,
    help_only(Action::PageUp, &[Key::code(KeyCode::PageUp)], "page up"),
    help_only(Action::PageDown, &[Key::code(KeyCode::PageDown)], "page down"),
    help_only(Action::First, &[Key::code(KeyCode::Home), key('g')], "first"),
    help_only(Action::Last, &[Key::code(KeyCode::End), key('G')], "last"),
];

/// The navigation beside a text field, where characters, Home and End edit the text.
const NAVIGATION_WITH_TEXT_FIELD: &[Binding] = &[
    help_only(Action::Up, &[UP], "up"),
    help_only(Action::Down, &[DOWN], "down"),
    help_only(Action::PageUp, &[Key::code(KeyCode::PageUp)], "page up"),
    help_only(Action::PageDown, &[Key::code(KeyCode::PageDown)], "page down"),
];

/// What every context without a text field has, except the overlays of keys themselves ([`KeyContext::common_bindings`]), and
/// unless its own table has the action.
pub(super) const COMMON: &[Binding] = &[
    help_only(Action::Palette, &[key(':'), F2], "actions"),
    help_only(Action::Help, &[key('?'), F1], "help"),
    help_only(Action::RequestLog, &[], "request log"),
    help_only(Action::Settings, &[], "settings"),
];

/// What every context with a text field has.
pub(super) const COMMON_WITH_TEXT_FIELD: &[Binding] = &[
    help_only(Action::Palette, &[F2], "actions"),
    help_only(Action::Help, &[F1], "help"),
    help_only(Action::RequestLog, &[], "request log"),
    help_only(Action::Settings, &[], "settings"),
];

impl KeyContext {
    /// Returns the title in the help and in the key reference.
    pub const fn title(self) -> &'static str {
        self.table().0
    }

    /// Returns the bindings in the order of the key hints: those of its own table, then those that it shares.
    pub fn bindings(self) -> impl Iterator<Item = &'static Binding> {
        let listed = self.own_bindings();
        let is_listed = |action| listed.iter().any(|binding| binding.action == action);
        let shared = self.navigation_bindings().iter().chain(self.common_bindings());
        listed.iter().chain(shared.filter(move |binding| !is_listed(binding.action)))
    }

    /// Returns the bindings of its own table.
    pub(super) const fn own_bindings(self) -> &'static [Binding] {
        self.table().1
    }

    /// Returns the navigation of a context whose table has [`Action::Up`]: such a table has a list or a page that scrolls.
    fn navigation_bindings(self) -> &'static [Binding] {
        let can_navigate = self.own_bindings().iter().any(|binding| binding.action == Action::Up);
        match self.text_entry() {
            _ if !can_navigate => &[],
            TextEntry::None => NAVIGATION,
            TextEntry::Line | TextEntry::MultiLine => NAVIGATION_WITH_TEXT_FIELD,
        }
    }

    /// Returns whether the context is a page that scrolls as a whole: its table has [`SCROLL_UP`].
    pub(in crate::tui) fn is_scrollable(self) -> bool {
        self.own_bindings().iter().any(|binding| binding.scrolls_page)
    }

    const fn common_bindings(self) -> &'static [Binding] {
        match (self, self.text_entry()) {
            (Self::PrintedUrl | Self::Palette | Self::Help | Self::FindHelp, _) => &[],
            (_, TextEntry::None) => COMMON,
            (_, TextEntry::Line | TextEntry::MultiLine) => COMMON_WITH_TEXT_FIELD,
        }
    }

    const fn table(self) -> (&'static str, &'static [Binding]) {
        match self {
            Self::List => ("Profile list", profiles::LIST),
            Self::Filter => ("Filter", profiles::FILTER),
            Self::Detail => ("Profile", profiles::DETAIL),
            Self::JobResults => ("Last results", profiles::RESULTS),
            Self::Copy => ("Copy a value", profiles::COPY),
            Self::Rename => ("Rename a profile", profiles::RENAME),
            Self::Edit => ("Edit a profile", profiles::EDIT),
            Self::EditConflict => ("Changed elsewhere", profiles::EDIT_CONFLICT),
            Self::Export => ("Export", profiles::EXPORT),
            Self::ExportExists => ("Replace the file?", profiles::EXPORT_EXISTS),
            Self::Delete => ("Delete profiles?", profiles::DELETE),
            Self::Revoke => ("Revoke the token?", profiles::REVOKE),
            Self::Revoked => ("Token revoked", profiles::REVOKED),
            Self::NoRefresh => ("No refresh token", profiles::NO_REFRESH),
            Self::Reauthorize => ("Re-authorize?", profiles::REAUTHORIZE),
            Self::Permissions => ("Permissions", profiles::PERMISSIONS),
            Self::Deliveries => ("Deliveries", deliveries::DELIVERIES),
            Self::RemoveDelivery => ("Remove a delivery?", deliveries::REMOVE_DELIVERY),
            Self::TestDelivery => ("Send a test token?", deliveries::TEST_DELIVERY),
            Self::Presets => ("Add a delivery", deliveries::PRESETS),
            Self::AddDelivery => ("Delivery settings", deliveries::ADD_DELIVERY),
            Self::Welcome => ("Welcome to the sandbox", setup::WELCOME),
            Self::Guide => ("App guide", setup::GUIDE),
            Self::Credentials => ("Credentials", setup::CREDENTIALS),
            Self::Scopes => ("Scopes", setup::SCOPES),
            Self::CustomScopes => ("Custom scopes", setup::CUSTOM_SCOPES),
            Self::FindScope => ("Find a scope", setup::FIND_SCOPE),
            Self::RedirectUrl => ("Redirect URL", setup::REDIRECT_URL),
            Self::Review => ("Review", setup::REVIEW),
            Self::SignIn => ("Signing in", sign_in::SIGN_IN),
            Self::PasteCallback => ("Paste the callback URL", sign_in::PASTE_CALLBACK),
            Self::PrintedUrl => ("Authorization URL outside the full screen", URL_OUTSIDE_SCREEN),
            Self::DifferentMember => ("Different member", sign_in::DIFFERENT_MEMBER),
            Self::ReplaceToken => ("Replace the token?", sign_in::REPLACE_TOKEN),
            Self::SignInFailed => ("Sign-in failed", sign_in::SIGN_IN_FAILED),
            Self::SignedIn => ("Signed in", sign_in::SIGNED_IN),
            Self::Compose => ("New post", compose::COMPOSE),
            Self::DiscardDraft => ("Discard the draft?", compose::DISCARD_DRAFT),
            Self::Preview => ("Preview", compose::PREVIEW),
            Self::Publishing => ("Publishing", compose::PUBLISHING),
            Self::Published => ("Published", compose::PUBLISHED),
            Self::DeletePost => ("Delete the post?", compose::DELETE_POST),
            Self::DeleteRecord => ("Delete the record?", compose::DELETE_RECORD),
            Self::NotPublished => ("Not published", compose::NOT_PUBLISHED),
            Self::MaybePublished => ("May have been published", compose::MAYBE_PUBLISHED),
            Self::Posts => ("Posts", compose::POSTS),
            Self::Statistics => ("Statistics of a post", compose::STATISTICS),
            Self::Comment => ("Comment on a post", compose::COMMENT),
            Self::CommentFailed => ("Comment not published", compose::COMMENT_FAILED),
            Self::React => ("React to a post", compose::REACT),
            Self::Requests => ("Request log", program::REQUESTS),
            Self::Request => ("Request", program::REQUEST),
            Self::Settings => ("Settings", program::SETTINGS),
            Self::EditSetting => ("Edit a setting", program::EDIT_SETTING),
            Self::Palette => ("Actions", program::PALETTE),
            Self::Help => ("Help", program::HELP_KEYS),
            Self::FindHelp => ("Find in the help", program::FIND_HELP),
        }
    }
}
