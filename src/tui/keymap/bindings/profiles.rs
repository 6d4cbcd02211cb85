//! The bindings of the profile list and its dialogs.

use super::super::context::Action;
use super::{
    Binding, DOWN, ENTER, ESC, F1, F2, LEFT, RIGHT, ROW_DOWN, ROW_UP, SCROLL_DOWN, SCROLL_UP, SHIFT_TAB, SKIP, SPACE,
    TAB, UP, ctrl, enter, esc, help_only, hint, key, no, yes,
};
use crate::linkedin::endpoints::portal;
use crate::tui::message::Undoable;
use crate::tui::screens::{permissions, profiles};
use crate::tui::state::{Dialog, State};

fn has_profiles(state: &State) -> bool {
    state.store.as_ref().is_some_and(|store| !store.rows.is_empty())
}

/// Returns whether a command works on profiles: on the selected one, or on the marked ones.
fn has_target(state: &State) -> bool {
    can_delete(state) && !profiles::is_damaged(state)
}

/// Returns whether profiles can be deleted: also one whose file cannot be read.
fn can_delete(state: &State) -> bool {
    profiles::has_marks(state) || profiles::has_selection(state)
}

/// Returns whether a command works on the selected profile alone.
fn has_one_target(state: &State) -> bool {
    has_detail(state) && !profiles::is_damaged(state)
}

/// Returns whether one profile is selected, which may be one whose file cannot be read.
fn has_detail(state: &State) -> bool {
    profiles::has_selection(state) && !profiles::has_marks(state)
}

/// Returns whether "delete" is a key hint: with marks, and where little else works.
fn hints_delete(state: &State) -> bool {
    profiles::has_marks(state) || profiles::is_damaged(state)
}

/// Returns what "copy" copies: of a file that cannot be read only its path is known.
fn copy_label(state: &State) -> Option<String> {
    let label = if profiles::is_damaged(state) { "copy path" } else { "copy a value" };
    has_detail(state).then(|| label.to_owned())
}

fn detail_copy_label(state: &State) -> String {
    if profiles::is_damaged(state) { "copy path" } else { "copy a value" }.to_owned()
}

fn check_all_label(state: &State) -> Option<String> {
    let label = if profiles::is_filtered(state) { "check all shown" } else { "check all" };
    (has_profiles(state) && !profiles::has_marks(state)).then(|| label.to_owned())
}

/// Returns whether the last deletion can be undone, which is worth a key hint.
fn can_undo_deletion(state: &State) -> bool {
    matches!(state.list.undoable.last(), Some(Undoable::Deletion(_)))
}

fn undo_label(state: &State) -> Option<String> {
    Some(
        match state.list.undoable.last()? {
            Undoable::Deletion(_) => "undo delete",
            Undoable::Renaming { .. } => "undo rename",
            Undoable::CurrentProfile(_) => "undo current profile",
        }
        .to_owned(),
    )
}

fn reauthorize_due_label(state: &State) -> Option<String> {
    let label = if profiles::is_filtered(state) { "re-authorize all due shown" } else { "re-authorize all due" };
    (profiles::due_count(state).0 > 0 && !profiles::has_marks(state)).then(|| label.to_owned())
}

fn is_grouped(state: &State) -> bool {
    state.list.is_grouped && has_profiles(state)
}

fn has_results(state: &State) -> bool {
    state.list.last_results.is_some()
}

fn primary_label(state: &State) -> Option<String> {
    profiles::primary_label(state).map(str::to_owned)
}

fn deliveries_label(state: &State) -> Option<String> {
    has_target(state).then(|| if profiles::has_marks(state) { "deliver" } else { "deliveries" }.to_owned())
}

fn is_sandbox(state: &State) -> bool {
    !state.config.sandbox_members.is_empty()
}

fn list_back_label(state: &State) -> Option<String> {
    profiles::back_label(state).map(str::to_owned)
}

pub(super) const LIST: &[Binding] = &[
    hint(Action::Details, &[ENTER, TAB], "show details, add the first profile, or fold a group").labeled(primary_label),
    hint(Action::Reauthorize, &[key('r')], "re-authorize").when(has_target),
    help_only(Action::Refresh, &[key('f')], "refresh").when(has_target).hinted_while(profiles::can_refresh),
    hint(Action::Check, &[key('v')], "check").when(has_target),
    help_only(Action::CheckAll, &[key('V')], "check all").labeled(check_all_label),
    hint(Action::CopyToken, &[key('c')], "copy token").when(has_one_target),
    hint(Action::Compose, &[key('p')], "post").when(has_one_target),
    help_only(Action::Copy, &[key('y')], "copy a value").labeled(copy_label).hinted_while(profiles::is_damaged),
    help_only(Action::Delete, &[key('d')], "delete").when(can_delete).hinted_while(hints_delete),
    help_only(Action::Revoke, &[key('x')], "revoke").when(has_target).hinted_while(profiles::has_marks),
    help_only(Action::Export, &[key('E')], "export").when(has_target).hinted_while(profiles::has_marks),
    help_only(Action::Deliveries, &[key('t')], "deliveries")
        .labeled(deliveries_label)
        .hinted_while(profiles::has_marks),
    help_only(Action::Permissions, &[key('P')], "permissions").when(has_target).hinted_while(profiles::has_marks),
    help_only(Action::Use, &[key('U')], "make current").when(profiles::can_make_current),
    help_only(Action::Undo, &[key('u')], "undo").labeled(undo_label).hinted_while(can_undo_deletion),
    hint(Action::Add, &[key('a')], "add").when(has_profiles),
    hint(Action::Filter, &[key('/')], "filter").when(has_profiles),
    hint(Action::Palette, &[key(':'), F2], "actions"),
    hint(Action::Help, &[key('?'), F1], "help"),
    hint(Action::Quit, &[key('q')], "quit"),
    help_only(Action::ReauthorizeDue, &[key('R')], "re-authorize all due").labeled(reauthorize_due_label),
    help_only(Action::Mark, &[SPACE], "mark").when(has_profiles),
    help_only(Action::MarkAll, &[key('*')], "mark all or none").when(has_profiles),
    help_only(Action::Sort, &[key('s')], "sort by next column").when(has_profiles),
    help_only(Action::ReverseSort, &[key('S')], "reverse the order").when(has_profiles),
    help_only(Action::Group, &[key('b')], "group by app").when(has_profiles),
    help_only(Action::Fold, &[LEFT], "fold the group").when(is_grouped),
    help_only(Action::Unfold, &[RIGHT], "unfold the group").when(is_grouped),
    help_only(Action::CopyMemberId, &[key('i')], "copy member ID").when(has_one_target),
    help_only(Action::JobResults, &[key('l')], "last results").when(has_results),
    help_only(Action::Posts, &[key('h')], "posts published with this program").when(has_one_target),
    help_only(Action::Rename, &[key('n')], "rename").when(has_one_target),
    help_only(Action::Duplicate, &[key('D')], "same app, another account").when(has_one_target),
    help_only(Action::Edit, &[key('e')], "edit scopes, browser, app").when(has_one_target),
    ROW_UP,
    ROW_DOWN,
    esc("cancel checks, clear marks or filter").labeled(list_back_label),
    help_only(Action::Reload, &[ctrl('l')], "reload and redraw"),
    help_only(Action::RequestLog, &[key('L')], "request log"),
    help_only(Action::Settings, &[key(',')], "settings"),
    help_only(Action::OpenControlPage, &[key('B')], "open control page of the sandbox").when(is_sandbox),
];

/// The page with the detail of a profile: the keys of the list that are for one profile.
pub(super) const DETAIL: &[Binding] = &[
    hint(Action::Copy, &[ENTER, key('y')], "copy a value").labeled(|state| Some(detail_copy_label(state))),
    hint(Action::Reauthorize, &[key('r')], "re-authorize").when(has_one_target),
    help_only(Action::Refresh, &[key('f')], "refresh").when(has_one_target).hinted_while(profiles::can_refresh),
    hint(Action::Check, &[key('v')], "check").when(has_one_target),
    hint(Action::CopyToken, &[key('c')], "copy token").when(has_one_target),
    hint(Action::Compose, &[key('p')], "post").when(has_one_target),
    hint(Action::Edit, &[key('e')], "edit").when(has_one_target),
    hint(Action::Deliveries, &[key('t')], "deliveries").when(has_one_target),
    hint(Action::Permissions, &[key('P')], "permissions").when(has_one_target),
    help_only(Action::Delete, &[key('d')], "delete").hinted_while(profiles::is_damaged),
    hint(Action::Help, &[key('?'), F1], "help"),
    hint(Action::Back, &[ESC, TAB], "back"),
    hint(Action::Quit, &[key('q')], "quit"),
    help_only(Action::CopyMemberId, &[key('i')], "copy member ID").when(has_one_target),
    help_only(Action::Use, &[key('U')], "make current").when(profiles::can_make_current),
    help_only(Action::Rename, &[key('n')], "rename").when(has_one_target),
    help_only(Action::Duplicate, &[key('D')], "same app, another account").when(has_one_target),
    help_only(Action::Export, &[key('E')], "export").when(has_one_target),
    help_only(Action::Revoke, &[key('x')], "revoke").when(has_one_target),
    SCROLL_UP,
    SCROLL_DOWN,
    help_only(Action::Reload, &[ctrl('l')], "reload and redraw"),
];

const ARROW_UP: Binding = help_only(Action::Up, &[UP], "up");
const ARROW_DOWN: Binding = help_only(Action::Down, &[DOWN], "down");

pub(super) const FILTER: &[Binding] =
    &[enter(Action::Apply, "apply filter"), esc("clear filter"), ARROW_UP, ARROW_DOWN];

pub(super) const RESULTS: &[Binding] = &[
    enter(Action::Continue, "go to the profile"),
    hint(Action::Reauthorize, &[key('r')], "re-authorize").when(profiles::has_selected_profile),
    hint(Action::Check, &[key('v')], "check").when(profiles::has_selected_profile),
    hint(Action::Permissions, &[key('P')], "permissions").when(profiles::has_selected_profile),
    hint(Action::Back, &[ESC, key('l'), key('q')], "close"),
    ROW_UP,
    ROW_DOWN,
];

pub(super) const COPY: &[Binding] = &[
    enter(Action::Continue, "copy"),
    help_only(Action::CopyToken, &[key('c'), key('t')], "token"),
    help_only(Action::CopyHeader, &[key('h')], "header"),
    help_only(Action::CopyCurl, &[key('C')], "curl command"),
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
    help_only(Action::CopyRefreshExpiresAt, &[key('R')], "refresh token expires"),
    help_only(Action::CopyLastCheck, &[key('v')], "last check"),
    help_only(Action::CopyBrowser, &[key('b')], "browser"),
    help_only(Action::CopyFilePath, &[key('f')], "file"),
    hint(Action::Back, &[ESC, key('q')], "close"),
    ARROW_UP,
    ARROW_DOWN,
];

pub(super) const RENAME: &[Binding] = &[enter(Action::Save, "rename"), esc("cancel")];

pub(super) const EDIT: &[Binding] = &[
    enter(Action::Save, "save"),
    hint(Action::NextField, &[TAB], "next field"),
    hint(Action::NextApp, &[ctrl('n')], "next app"),
    esc("cancel"),
    help_only(Action::PreviousField, &[SHIFT_TAB], "previous field"),
];

pub(super) const EDIT_CONFLICT: &[Binding] = &[
    yes(Action::KeepMine, "save my changes"),
    hint(Action::DiscardMine, &[key('x')], "discard my changes"),
    no("cancel"),
];

pub(super) const EXPORT: &[Binding] = &[
    enter(Action::Save, "write file"),
    hint(Action::NextField, &[TAB, DOWN], "next format"),
    hint(Action::Copy, &[ctrl('y')], "copy instead"),
    esc("cancel"),
    help_only(Action::PreviousField, &[SHIFT_TAB, UP], "previous format"),
];

pub(super) const EXPORT_EXISTS: &[Binding] = &[yes(Action::Replace, "replace"), no("back")];

fn can_revoke(state: &State) -> bool {
    matches!(&state.dialog, Some(Dialog::Delete(names)) if profiles::can_revoke(state, names))
}

pub(super) const DELETE: &[Binding] = &[
    yes(Action::Delete, "delete"),
    hint(Action::Revoke, &[key('x')], "revoke at LinkedIn, then delete").when(can_revoke),
    no("cancel"),
    SCROLL_UP,
    SCROLL_DOWN,
];

pub(super) const REVOKE: &[Binding] = &[yes(Action::Revoke, "revoke"), no("cancel"), SCROLL_UP, SCROLL_DOWN];

pub(super) const REVOKED: &[Binding] =
    &[hint(Action::Back, &[ENTER, ESC], "close"), hint(Action::OpenPage, &[key('o')], "open permitted services")];

pub(super) const NO_REFRESH: &[Binding] =
    &[hint(Action::Reauthorize, &[ENTER, key('r')], "re-authorize"), esc("cancel")];

fn reauthorize_label(state: &State) -> Option<String> {
    match &state.dialog {
        Some(Dialog::Reauthorize(name)) => profiles::reauthorize_label(state, name).map(str::to_owned),
        _ => None,
    }
}

pub(super) const REAUTHORIZE: &[Binding] = &[
    enter(Action::Continue, "open the browser").labeled(reauthorize_label),
    hint(Action::Skip, &[SKIP], "skip to the next profile").labeled(profiles::skip_label),
    esc("cancel"),
    SCROLL_UP,
    SCROLL_DOWN,
];

/// Returns which page of the portal opens: a product may need an app of its own.
fn portal_page_label(state: &State) -> Option<String> {
    let url = permissions::portal_url(state)?;
    Some(if url == portal::NEW_APP { "open Create app" } else { "open portal" }.to_owned())
}

pub(super) const PERMISSIONS: &[Binding] = &[
    hint(Action::OpenPage, &[ENTER, key('o')], "open portal").labeled(portal_page_label),
    hint(Action::Reauthorize, &[key('r')], "re-authorize").when(permissions::needs_sign_in),
    hint(Action::Check, &[key('v')], "probe again").when(permissions::can_probe),
    hint(Action::Back, &[ESC, key('P'), key('q')], "close"),
    ROW_UP,
    ROW_DOWN,
];
