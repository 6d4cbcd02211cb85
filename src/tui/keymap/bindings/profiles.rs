//! The bindings of the profile list and its dialogs.

use crossterm::event::KeyCode;

use super::super::context::Action;
use super::super::key::Key;
use super::{
    Binding, DOWN, ENTER, ESC, F1, ROW_DOWN, ROW_UP, SCROLL_DOWN, SCROLL_UP, SHIFT_TAB, SPACE, TAB, UP, ctrl, enter,
    esc, help_only, hint, key, no, yes,
};
use crate::tui::screens::{permissions, profiles};
use crate::tui::state::{Dialog, State};

fn has_profiles(state: &State) -> bool {
    state.files.as_ref().is_some_and(|files| !files.rows.is_empty())
}

fn list_back_label(state: &State) -> Option<String> {
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
    help_only(Action::Mark, &[SPACE], "mark"),
    help_only(Action::MarkAll, &[key('*')], "mark all or none"),
    help_only(Action::Sort, &[key('s')], "sort by expiry, name, app"),
    help_only(Action::Group, &[key('b')], "group by app"),
    help_only(Action::Copy, &[key('y')], "copy any value"),
    help_only(Action::CopyMemberId, &[key('i')], "copy member ID"),
    help_only(Action::Results, &[key('l')], "last results"),
    help_only(Action::Revoke, &[key('x')], "revoke"),
    help_only(Action::Rename, &[key('R')], "rename"),
    help_only(Action::Duplicate, &[key('D')], "same app, another account"),
    help_only(Action::Edit, &[key('e')], "edit scopes, browser, app"),
    help_only(Action::Export, &[key('E')], "export"),
    help_only(Action::Deliveries, &[key('t')], "deliveries"),
    help_only(Action::Permissions, &[key('P')], "permissions"),
    help_only(Action::Delete, &[key('d')], "delete"),
    help_only(Action::Undo, &[key('u')], "undo delete"),
    ROW_UP,
    ROW_DOWN,
    help_only(Action::PageUp, &[Key::code(KeyCode::PageUp)], "10 rows up"),
    help_only(Action::PageDown, &[Key::code(KeyCode::PageDown)], "10 rows down"),
    help_only(Action::First, &[Key::code(KeyCode::Home), key('g')], "first"),
    help_only(Action::Last, &[Key::code(KeyCode::End), key('G')], "last"),
    esc("cancel checks, clear marks or filter").labeled(list_back_label),
    help_only(Action::Reload, &[ctrl('l')], "reload and redraw"),
];

pub(super) const FILTER: &[Binding] =
    &[enter(Action::Apply, "apply filter"), esc("clear filter"), SCROLL_UP, SCROLL_DOWN];

pub(super) const RESULTS: &[Binding] = &[
    hint(Action::Up, &[UP, key('k')], "up"),
    hint(Action::Down, &[DOWN, key('j')], "down"),
    hint(Action::Back, &[ESC, key('l'), key('q')], "close"),
];

pub(super) const COPY: &[Binding] = &[
    help_only(Action::CopyToken, &[key('t')], "token"),
    help_only(Action::CopyMemberId, &[key('i')], "member ID"),
    help_only(Action::CopyUrn, &[key('u')], "URN"),
    help_only(Action::CopyMemberName, &[key('m')], "member"),
    help_only(Action::CopyEmail, &[key('@')], "email"),
    help_only(Action::CopyProfileName, &[key('n')], "profile"),
    help_only(Action::CopyAppName, &[key('a')], "app"),
    help_only(Action::CopyClientId, &[key('k')], "client ID"),
    help_only(Action::CopyGrantedScopes, &[key('s')], "granted"),
    help_only(Action::CopyRequestedScopes, &[key('S')], "requested"),
    help_only(Action::CopyIssuedAt, &[key('d')], "issued"),
    help_only(Action::CopyExpiresAt, &[key('e')], "expires"),
    help_only(Action::CopyRefreshToken, &[key('r')], "refresh token"),
    help_only(Action::CopyRefreshExpiresAt, &[key('R')], "refresh until"),
    help_only(Action::CopyLastCheck, &[key('v')], "last check"),
    help_only(Action::CopyBrowser, &[key('b')], "browser"),
    help_only(Action::CopyFile, &[key('f')], "file"),
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
    help_only(Action::PreviousField, &[SHIFT_TAB], "previous field"),
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
    help_only(Action::PreviousField, &[SHIFT_TAB, UP], "previous format"),
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

#[expect(clippy::unnecessary_wraps, reason = "other labels hide their binding with None")]
fn reauthorize_label(state: &State) -> Option<String> {
    let has_no_browser = matches!(state.config.browser, Some(Err(_)));
    Some(if has_no_browser { "show the link" } else { "open the browser" }.to_owned())
}

pub(super) const REAUTHORIZE: &[Binding] =
    &[enter(Action::Continue, "open the browser").labeled(reauthorize_label), esc("cancel")];

fn has_portal_page(state: &State) -> bool {
    permissions::portal_page(state).is_some()
}

pub(super) const PERMISSIONS: &[Binding] = &[
    hint(Action::Up, &[UP, key('k')], "up").when(permissions::has_permissions),
    hint(Action::Down, &[DOWN, key('j')], "down").when(permissions::has_permissions),
    hint(Action::Check, &[key('v')], "check again").when(permissions::can_probe),
    hint(Action::OpenPage, &[key('o')], "open portal page").when(has_portal_page),
    hint(Action::Back, &[ESC, key('P'), key('q')], "close"),
];
