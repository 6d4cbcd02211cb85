//! The profile list and its dialogs.

use crossterm::event::KeyCode;

use super::super::context::Action;
use super::super::key::Key;
use super::{
    Binding, DOWN, ENTER, ESC, F1, ROW_DOWN, ROW_UP, SCROLL_DOWN, SCROLL_UP, SHIFT_TAB, SPACE, TAB, UP, ctrl, enter,
    esc, hint, key, more, no, yes,
};
use crate::tui::screens::{permissions, profiles};
use crate::tui::state::{Dialog, State};

fn has_profiles(state: &State) -> bool {
    state.files.as_ref().is_some_and(|files| !files.rows.is_empty())
}

fn list_back(state: &State) -> Option<String> {
    profiles::back_label(state).map(str::to_owned)
}

pub(super) const LIST: &[Binding] = &[
    enter(Action::Use, "use"),
    hint(Action::Reauthorize, &[key('r')], "re-authorize").when(has_profiles),
    hint(Action::Refresh, &[key('f')], "refresh").when(has_profiles),
    hint(Action::Check, &[key('v')], "check").when(has_profiles),
    hint(Action::CheckAll, &[key('V')], "check all").when(has_profiles),
    hint(Action::CopyToken, &[key('c')], "copy token").when(has_profiles),
    hint(Action::Compose, &[key('p')], "post").when(has_profiles),
    hint(Action::Add, &[key('a')], "add"),
    hint(Action::Filter, &[key('/')], "filter").when(has_profiles),
    hint(Action::Help, &[key('?'), F1], "all keys"),
    hint(Action::Quit, &[key('q')], "quit"),
    more(Action::Mark, &[SPACE], "mark"),
    more(Action::MarkAll, &[key('*')], "mark all or none"),
    more(Action::Sort, &[key('s')], "sort by expiry, name, app"),
    more(Action::Group, &[key('b')], "group by app"),
    more(Action::Copy, &[key('y')], "copy any value"),
    more(Action::CopyMemberId, &[key('i')], "copy member ID"),
    more(Action::Results, &[key('l')], "last results"),
    more(Action::Revoke, &[key('x')], "revoke"),
    more(Action::Rename, &[key('R')], "rename"),
    more(Action::Duplicate, &[key('D')], "same app, another account"),
    more(Action::Edit, &[key('e')], "edit scopes, browser, app"),
    more(Action::Export, &[key('E')], "export"),
    more(Action::Deliveries, &[key('t')], "deliveries"),
    more(Action::Permissions, &[key('P')], "permissions"),
    more(Action::Delete, &[key('d')], "delete"),
    more(Action::Undo, &[key('u')], "undo delete"),
    ROW_UP,
    ROW_DOWN,
    more(Action::PageUp, &[Key::code(KeyCode::PageUp)], "ten up"),
    more(Action::PageDown, &[Key::code(KeyCode::PageDown)], "ten down"),
    more(Action::First, &[Key::code(KeyCode::Home), key('g')], "first"),
    more(Action::Last, &[Key::code(KeyCode::End), key('G')], "last"),
    esc("cancel checks, clear marks or filter").labeled(list_back),
    more(Action::Reload, &[ctrl('l')], "reload and redraw"),
];

pub(super) const FILTER: &[Binding] =
    &[enter(Action::Apply, "apply filter"), esc("clear filter"), SCROLL_UP, SCROLL_DOWN];

pub(super) const RESULTS: &[Binding] = &[
    hint(Action::Up, &[UP, key('k')], "up"),
    hint(Action::Down, &[DOWN, key('j')], "down"),
    hint(Action::Back, &[ESC, key('l'), key('q')], "close"),
];

pub(super) const COPY: &[Binding] = &[
    more(Action::CopyToken, &[key('t')], "token"),
    more(Action::CopyMemberId, &[key('i')], "member ID"),
    more(Action::CopyUrn, &[key('u')], "URN"),
    more(Action::CopyMemberName, &[key('m')], "member"),
    more(Action::CopyEmail, &[key('@')], "email"),
    more(Action::CopyProfileName, &[key('n')], "profile"),
    more(Action::CopyAppName, &[key('a')], "app"),
    more(Action::CopyClientId, &[key('k')], "client ID"),
    more(Action::CopyGrantedScopes, &[key('s')], "granted"),
    more(Action::CopyRequestedScopes, &[key('S')], "requested"),
    more(Action::CopyIssuedAt, &[key('d')], "issued"),
    more(Action::CopyExpiresAt, &[key('e')], "expires"),
    more(Action::CopyRefreshToken, &[key('r')], "refresh token"),
    more(Action::CopyRefreshExpiresAt, &[key('R')], "refresh until"),
    more(Action::CopyLastCheck, &[key('v')], "last check"),
    more(Action::CopyBrowser, &[key('b')], "browser"),
    more(Action::CopyFile, &[key('f')], "file"),
    hint(Action::Back, &[ESC, key('q')], "close"),
    SCROLL_UP,
    SCROLL_DOWN,
];

pub(super) const RENAME: &[Binding] = &[enter(Action::Save, "rename"), esc("cancel")];

pub(super) const EDIT: &[Binding] = &[
    enter(Action::Save, "save"),
    hint(Action::NextField, &[TAB], "next field"),
    hint(Action::NextApp, &[ctrl('a')], "next app"),
    esc("cancel"),
    more(Action::PreviousField, &[SHIFT_TAB], "previous field"),
];

pub(super) const EDIT_CONFLICT: &[Binding] = &[
    hint(Action::KeepMine, &[key('k')], "save my changes"),
    hint(Action::TakeTheirs, &[key('t')], "discard my changes"),
    esc("cancel"),
];

pub(super) const EXPORT: &[Binding] = &[
    enter(Action::Save, "write file"),
    hint(Action::NextField, &[TAB, DOWN], "next format"),
    hint(Action::Copy, &[ctrl('y')], "copy instead"),
    esc("cancel"),
    more(Action::PreviousField, &[SHIFT_TAB, UP], "previous format"),
];

pub(super) const EXPORT_EXISTS: &[Binding] = &[yes(Action::Replace, "replace"), no("choose another name")];

fn can_revoke(state: &State) -> bool {
    matches!(&state.dialog, Some(Dialog::Delete(names)) if profiles::can_revoke(state, names))
}

pub(super) const DELETE: &[Binding] = &[
    yes(Action::Delete, "delete"),
    hint(Action::Revoke, &[key('x')], "revoke at LinkedIn, then delete").when(can_revoke),
    no("cancel"),
];

pub(super) const REVOKE: &[Binding] = &[yes(Action::Revoke, "revoke"), no("cancel")];

pub(super) const REVOKED: &[Binding] =
    &[hint(Action::OpenPage, &[key('o')], "open permitted services"), hint(Action::Back, &[ESC, ENTER], "close")];

pub(super) const NO_REFRESH: &[Binding] = &[hint(Action::Reauthorize, &[key('r')], "re-authorize"), esc("cancel")];

pub(super) const REAUTHORIZE: &[Binding] = &[enter(Action::Continue, "open the browser"), esc("cancel")];

fn has_portal_page(state: &State) -> bool {
    permissions::portal_page(state).is_some()
}

pub(super) const PERMISSIONS: &[Binding] = &[
    hint(Action::Up, &[UP, key('k')], "up").when(permissions::are_known),
    hint(Action::Down, &[DOWN, key('j')], "down").when(permissions::are_known),
    hint(Action::Check, &[key('v')], "check again").when(permissions::can_probe),
    hint(Action::OpenPage, &[key('o')], "open portal page").when(has_portal_page),
    hint(Action::Back, &[ESC, key('P'), key('q')], "close"),
];
