//! The tables of bindings, one for each context: keys, action, label, and when the action is available.

mod compose;
mod deliveries;
mod profiles;
mod setup;
mod sign_in;

use crossterm::event::KeyCode;

use super::context::{Action, KeyContext};
use super::key::Key;
use crate::tui::state::State;

/// One row: an action of a context and the keys that it has unless `config.toml` gives it others.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// What the keys do.
    pub action: Action,
    /// The keys; the first one is shown where there is room for one.
    pub keys: &'static [Key],
    /// What the action is called in the hint bar, the help and pages.
    pub label: &'static str,
    /// Whether the hint bar shows it.
    pub is_hint: bool,
    /// What the action can do in a state.
    pub availability: fn(&State) -> Availability,
}

/// What an action can do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Availability {
    /// Nothing.
    Unavailable,
    /// What its label says.
    Available,
    /// Something that the current state names more precisely.
    Labelled(String),
}

impl From<bool> for Availability {
    fn from(is_available: bool) -> Self {
        if is_available { Self::Available } else { Self::Unavailable }
    }
}

impl Binding {
    /// Limits the action to states in which it does something.
    const fn when(self, availability: fn(&State) -> Availability) -> Self {
        Self { availability, ..self }
    }
}

const fn always(_: &State) -> Availability {
    Availability::Available
}

/// A row that the hint bar shows.
const fn hint(action: Action, keys: &'static [Key], label: &'static str) -> Binding {
    Binding { action, keys, label, is_hint: true, availability: always }
}

/// A row for the help alone.
const fn more(action: Action, keys: &'static [Key], label: &'static str) -> Binding {
    Binding { is_hint: false, ..hint(action, keys, label) }
}

const ENTER: Key = Key::code(KeyCode::Enter);
const ESC: Key = Key::code(KeyCode::Esc);
const TAB: Key = Key::code(KeyCode::Tab);
const SHIFT_TAB: Key = Key::code(KeyCode::BackTab);
const UP: Key = Key::code(KeyCode::Up);
const DOWN: Key = Key::code(KeyCode::Down);
const F1: Key = Key::code(KeyCode::F(1));
const ALT_LEFT: Key = Key::alt(KeyCode::Left);
const SPACE: Key = key(' ');

const fn key(c: char) -> Key {
    Key::char(c)
}

const fn ctrl(c: char) -> Key {
    Key::ctrl(c)
}

const HELP: Binding = hint(Action::Help, &[key('?'), F1], "help");
/// The help where characters are typed.
const FORM_HELP: Binding = hint(Action::Help, &[F1], "help");
const ROW_UP: Binding = more(Action::Up, &[UP, key('k')], "up");
const ROW_DOWN: Binding = more(Action::Down, &[DOWN, key('j')], "down");
const SCROLL_UP: Binding = more(Action::Up, &[UP], "up");
const SCROLL_DOWN: Binding = more(Action::Down, &[DOWN], "down");

const PRINTED_URL: &[Binding] = &[hint(Action::Back, &[ENTER, ESC], "back to the full screen")];

const HELP_DIALOG: &[Binding] =
    &[hint(Action::Back, &[ESC, key('?'), key('q'), ENTER, F1], "close"), SCROLL_UP, SCROLL_DOWN];

impl KeyContext {
    /// Returns the table of this context, in the order of the hint bar.
    pub const fn bindings(self) -> &'static [Binding] {
        match self {
            Self::List => profiles::LIST,
            Self::Filter => profiles::FILTER,
            Self::Results => profiles::RESULTS,
            Self::Copy => profiles::COPY,
            Self::Rename => profiles::RENAME,
            Self::Edit => profiles::EDIT,
            Self::EditConflict => profiles::EDIT_CONFLICT,
            Self::Export => profiles::EXPORT,
            Self::ExportExists => profiles::EXPORT_EXISTS,
            Self::Delete => profiles::DELETE,
            Self::Revoke => profiles::REVOKE,
            Self::Revoked => profiles::REVOKED,
            Self::NoRefresh => profiles::NO_REFRESH,
            Self::Reauthorize => profiles::REAUTHORIZE,
            Self::Permissions => profiles::PERMISSIONS,
            Self::Deliveries => deliveries::DELIVERIES,
            Self::RemoveDelivery => deliveries::REMOVE_DELIVERY,
            Self::TestDelivery => deliveries::TEST_DELIVERY,
            Self::Presets => deliveries::PRESETS,
            Self::AddDelivery => deliveries::ADD_DELIVERY,
            Self::Guide => setup::GUIDE,
            Self::Credentials => setup::CREDENTIALS,
            Self::Scopes => setup::SCOPES,
            Self::RedirectUrl => setup::REDIRECT_URL,
            Self::Review => setup::REVIEW,
            Self::SignIn => sign_in::SIGN_IN,
            Self::PasteCallback => sign_in::PASTE_CALLBACK,
            Self::PrintedUrl => PRINTED_URL,
            Self::DifferentMember => sign_in::DIFFERENT_MEMBER,
            Self::ReplaceToken => sign_in::REPLACE_TOKEN,
            Self::SignInFailed => sign_in::SIGN_IN_FAILED,
            Self::SignedIn => sign_in::SIGNED_IN,
            Self::Compose => compose::COMPOSE,
            Self::Preview => compose::PREVIEW,
            Self::Publishing => compose::PUBLISHING,
            Self::Published => compose::PUBLISHED,
            Self::DeletePost => compose::DELETE_POST,
            Self::NotPublished => compose::NOT_PUBLISHED,
            Self::Help => HELP_DIALOG,
        }
    }
}
