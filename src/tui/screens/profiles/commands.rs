//! The key and message handlers of the list.

use std::sync::Arc;

use crossterm::event::KeyEvent;

use super::availability::{
    PrimaryAction, Target, has_marks, is_damaged, primary_action, profile_context, refuse_if_damaged,
    refuse_with_marks, refuse_without_profile, target,
};
use super::layout::shown_rows;
use super::list::{self, is_filtered, marked_or_selected, selected};
use super::model::Item;
use super::{batch, confirm, copy, export, forms, jobs, results};
use crate::store::{Name, Profile, Status};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::{Effect, JobKind, Undoable};
use crate::tui::screens::{compose, deliveries, move_selection, permissions, posts, setup};
use crate::tui::state::{Dialog, State};
use crate::tui::store_snapshot::StoreSnapshot;
use crate::{Code, Error};

/// Replaces a listed profile by what was saved.
pub(crate) fn update_profile(state: &mut State, profile: &Profile) {
    change_store(state, |store| store.set(profile.name.clone(), Ok(profile.clone())));
}

/// Adds or replaces the profile that a sign-in saved: the setup must know its name before the directory is listed again.
pub(crate) fn add_profile(state: &mut State, profile: &Profile) {
    change_store(state, |store| store.insert(profile.clone()));
}

fn change_store(state: &mut State, change: impl FnOnce(&mut StoreSnapshot)) {
    if let Some(store) = &mut state.store {
        change(Arc::make_mut(store));
    }
    list::recompute(state);
}

/// The most keys that wait for profiles to be read.
const MAX_QUEUED_KEYS: usize = 64;

/// Queues a key for a profile whose file is still being read, and all keys after it. Returns whether it was queued.
pub(crate) fn queue_key(state: &mut State, action: Option<Action>, key: KeyEvent) -> bool {
    use Action::{
        CheckAll, Delete, Down, First, Help, Last, OpenControlPage, PageDown, PageUp, Palette, ReauthorizeDue, Reload,
        RequestLog, Settings, Up, Use,
    };
    let can_run = match action {
        None
        | Some(
            Delete | Down | First | Help | Last | OpenControlPage | PageDown | PageUp | Palette | Reload | RequestLog
            | Settings | Up | Use,
        ) => true,
        Some(ReauthorizeDue) => state.list.view.unread == 0,
        Some(action)
            if action != CheckAll
                && matches!(target(action), Target::List | Target::RowsToMark | Target::SelectedRow) =>
        {
            true
        }
        Some(action) if action == CheckAll || !state.list.marked.is_empty() => state.list.view.unread == 0,
        Some(_) => selected(state).is_none_or(|row| row.profile.is_some()),
    };
    if can_run && state.list.queued_keys.is_empty() {
        return false;
    }
    if state.list.queued_keys.len() < MAX_QUEUED_KEYS {
        state.list.queued_keys.push(key);
    }
    true
}

/// Handles a key for the row that is shown as selected. Files are read again where a dialog opens: another process may have
/// changed the profile that it is about.
pub(crate) fn handle(state: &mut State, action: Action) -> Vec<Effect> {
    list::commit_selection(state);
    let mut effects = perform(state, action);
    if state.dialog.is_some() {
        effects.push(Effect::ReloadStore);
    }
    effects
}

fn perform(state: &mut State, action: Action) -> Vec<Effect> {
    let (at, count) = (state.list.view.selected, state.list.view.items.len());
    let to = match action {
        Action::Up | Action::Down => Some(move_selection(at, count, action)),
        Action::PageUp => Some(at.saturating_sub(shown_rows(state))),
        Action::PageDown => Some(at + shown_rows(state)),
        Action::First => Some(0),
        Action::Last => Some(count),
        _ => None,
    };
    if let Some(to) = to {
        list::select_line(state, to);
        return Vec::new();
    }
    let action = match (action, primary_action(state)) {
        (Action::Details, PrimaryAction::Add) => Action::Add,
        (Action::Details, PrimaryAction::ToggleGroup) => {
            if list::is_selected_group_folded(state) == Some(true) {
                Action::Unfold
            } else {
                Action::Fold
            }
        }
        (action, _) => action,
    };
    if refuse_without_profile(state, action) || refuse_with_marks(state, action) || refuse_if_damaged(state, action) {
        return Vec::new();
    }
    match action {
        Action::Add => setup::open(state),
        Action::Filter => state.list.is_filtering = true,
        Action::Back => return go_back(state),
        Action::Sort => {
            (state.list.sort, state.list.is_descending) = (state.list.sort.next(), false);
            list::sort(state);
        }
        Action::ReverseSort => {
            let column = state.list.sort;
            list::sort_by_column(state, column);
        }
        Action::Fold => list::fold(state, true),
        Action::Unfold => list::fold(state, false),
        Action::Details => open_detail(state),
        Action::Group => {
            state.list.is_grouped = !state.list.is_grouped;
            list::sort(state);
        }
        Action::Mark => toggle_mark(state),
        Action::MarkAll => toggle_all_marks(state),
        Action::CheckAll => return check_all(state),
        Action::JobResults => results::open(state),
        Action::Check => return start_check(state, JobKind::Check),
        Action::Refresh => return refresh(state),
        Action::Undo => return undo(state),
        Action::Delete => {
            let names = marked_or_selected(state);
            if !names.is_empty() {
                state.dialog = Some(Dialog::Delete(names));
            }
        }
        Action::Reauthorize => ask_to_reauthorize(state, marked_or_selected(state)),
        Action::ReauthorizeDue => {
            let due = list::due_profiles(state);
            if due.is_empty() {
                let shown = if is_filtered(state) { "No shown profile" } else { "No profile" };
                state.notify(format!("{shown} needs to be re-authorized."));
            }
            ask_to_reauthorize(state, due);
        }
        Action::Revoke => confirm::open_revoke(state, marked_or_selected(state)),
        Action::Deliveries if has_marks(state) => return deliver_marked(state),
        Action::Permissions if has_marks(state) => {
            return start_check(state, JobKind::Probe);
        }
        Action::Export => export::open(state),
        _ => return handle_selected(state, action),
    }
    Vec::new()
}

/// Undoes the last change of the list. While one is being undone, the ones before it wait: they may be about the same profile.
fn undo(state: &mut State) -> Vec<Effect> {
    if state.list.is_undoing {
        state.list.queued_undos += 1;
        return Vec::new();
    }
    let effect = match state.list.undoable.pop() {
        None => {
            state.list.queued_undos = 0;
            state.notify_error("Nothing to undo.");
            return Vec::new();
        }
        Some(Undoable::Deletion(names)) => Effect::UndoDelete(names),
        Some(Undoable::Renaming { old, new }) => Effect::RenameProfile { old: new, new: old, is_undo: true },
        Some(Undoable::CurrentProfile(previous)) => Effect::SetCurrentProfile { name: previous, is_undo: true },
    };
    state.list.is_undoing = true;
    vec![effect]
}

/// Reads the list again after a change was undone, and undoes the next if the key was pressed for it meanwhile.
pub(super) fn on_undone(state: &mut State) -> Vec<Effect> {
    state.list.is_undoing = false;
    let mut effects = vec![Effect::ReloadStore];
    if let Some(remaining) = state.list.queued_undos.checked_sub(1) {
        state.list.queued_undos = remaining;
        effects.extend(undo(state));
    }
    effects
}

/// Handles a change that could not be undone. It can be undone again, unless its profile is gone: earlier changes come next.
pub(crate) fn on_undo_failed(state: &mut State, change: Undoable, error: &Error) -> Vec<Effect> {
    state.notify_failure(error);
    if error.code == Code::NoSuchProfile {
        return on_undone(state);
    }
    state.list.undoable.push(change);
    (state.list.is_undoing, state.list.queued_undos) = (false, 0);
    // Of several deleted profiles, some may be restored.
    vec![Effect::ReloadStore]
}

/// Handles that deleted profiles are restored.
pub(crate) fn on_delete_undone(state: &mut State, names: &[Name]) -> Vec<Effect> {
    state.list.selected = names.first().cloned();
    let names: Vec<&str> = names.iter().map(Name::as_str).collect();
    state.notify(format!("Restored {}.", names.join(", ")));
    on_undone(state)
}

/// Performs an action of the list on one profile, regardless of the marks.
pub(crate) fn handle_for_profile(state: &mut State, action: Action, name: &Name) -> Vec<Effect> {
    let store = state.store();
    let Some(profile) = store.profile(name) else { return Vec::new() };
    match action {
        Action::Reauthorize => {
            ask_to_reauthorize(state, vec![name.clone()]);
            vec![Effect::ReloadStore]
        }
        Action::Permissions => permissions::open(state, profile),
        _ if profile.token.is_some() => check_one(state, name),
        _ => Vec::new(),
    }
}

/// Checks a listed profile, which identifies its member.
pub(crate) fn check_one(state: &mut State, name: &Name) -> Vec<Effect> {
    jobs::start(state, JobKind::Check, vec![name.clone()], Vec::new(), false)
}

fn ask_to_reauthorize(state: &mut State, mut names: Vec<Name>) {
    let store = state.store();
    // What a damaged file requests is not known.
    let damaged: Vec<Name> = names.extract_if(.., |name| store.is_damaged(name)).collect();
    if !damaged.is_empty() {
        let damaged: Vec<&str> = damaged.iter().map(Name::as_str).collect();
        state.notify_error(format!("Left out, because the file cannot be read: {}.", damaged.join(", ")));
    }
    batch::sort_by_scopes(&store, &mut names);
    let mut names = names.into_iter();
    state.reauthorization_count = 0;
    state.list.skipped.clear();
    state.list.reauthorized.clear();
    state.dialog = names.next().map(Dialog::Reauthorize);
    state.list.reauthorization_queue = names.collect();
}

fn open_detail(state: &mut State) {
    state.list.is_detail_open = true;
    state.scroll = 0;
}

/// Delivers the tokens of the marked profiles again.
fn deliver_marked(state: &mut State) -> Vec<Effect> {
    let store = state.store();
    let has_deliveries = |name: &Name| {
        store.profile(name).is_some_and(|profile| profile.token.is_some() && !profile.deliveries.is_empty())
    };
    let (with, without): (Vec<Name>, Vec<Name>) = marked_or_selected(state).into_iter().partition(has_deliveries);
    if with.is_empty() {
        let has_delivery = |name: &Name| store.profile(name).is_some_and(|profile| !profile.deliveries.is_empty());
        let lacking = if without.iter().any(has_delivery) { "a token and a delivery" } else { "a delivery" };
        let none = match without.as_slice() {
            [name] => format!("profile {name} does not have {lacking}"),
            many => format!("none of the {} profiles has {lacking}", many.len()),
        };
        let marks = if without.len() == 1 { "the mark" } else { "the marks" };
        let clear = state.key_name(KeyContext::List, Action::Back);
        let add = state.key_name(KeyContext::List, Action::Deliveries);
        state.notify_error(format!(
            "Nothing to deliver: {none}. Press {clear} to clear {marks}, then {add} to add a delivery."
        ));
        return Vec::new();
    }
    let skipped = match without.len() {
        0 => String::new(),
        1 => format!(" {} has no token or no deliveries.", without[0]),
        many => format!(" {many} have no token or no deliveries."),
    };
    let names: Vec<&str> = with.iter().map(Name::as_str).collect();
    state.notify(format!("Delivering the tokens of {}.{skipped}", names.join(", ")));
    with.into_iter().map(|profile| Effect::Deliver { profile, only: Vec::new(), is_test: false }).collect()
}

/// Closes the detail, else cancels the jobs, else clears the marks, else the filter.
fn go_back(state: &mut State) -> Vec<Effect> {
    if state.list.is_detail_open {
        state.list.is_detail_open = false;
        return Vec::new();
    }
    if let Some(effects) = jobs::cancel(state) {
        return effects;
    }
    if state.list.marked.is_empty() {
        state.list.filter.wipe();
        list::apply_filter(state);
    } else {
        state.list.marked.clear();
    }
    Vec::new()
}

/// Marks the selected profile, or clears its mark, and selects the next one; the same for the profiles of the selected group.
fn toggle_mark(state: &mut State) {
    let store = state.store();
    match state.list.view.items.get(state.list.view.selected) {
        Some(Item::Group(at, _)) => {
            let Some(group) = store.rows.get(*at).map(list::group) else { return };
            let names = list::filtered_rows(state, &store).filter(|row| list::group(row) == group);
            toggle_marks(state, names.map(|row| row.name.clone()).collect());
        }
        Some(Item::Row(at)) => {
            toggle_marks(state, store.rows.get(*at).map(|row| row.name.clone()).into_iter().collect());
            list::select_next_row(state);
        }
        None => {}
    }
}

/// Marks these profiles, or clears their marks where all of them are marked.
fn toggle_marks(state: &mut State, names: Vec<Name>) {
    let marked = &mut state.list.marked;
    if names.iter().all(|name| marked.contains(name)) {
        marked.retain(|name| !names.contains(name));
    } else {
        marked.extend(names);
    }
}

/// Marks all rows that the filter leaves, or clears the marks where all of them are marked.
fn toggle_all_marks(state: &mut State) {
    let Some(store) = state.store.clone() else { return };
    let names = list::filtered_rows(state, &store).map(|row| row.name.clone()).collect();
    toggle_marks(state, names);
}

/// Splits profiles into those with a token and those without.
fn split_by_token(state: &State, names: Vec<Name>) -> (Vec<Name>, Vec<Name>) {
    let store = state.store();
    names.into_iter().partition(|name| store.profile(name).is_some_and(|profile| profile.token.is_some()))
}

/// Checks the tokens or the permissions of the marked profiles.
fn start_check(state: &mut State, kind: JobKind) -> Vec<Effect> {
    let (with, without) = split_by_token(state, marked_or_selected(state));
    if with.is_empty() {
        match without.as_slice() {
            [name] => {
                let sign_in = state.key_sentence(profile_context(state), Action::Reauthorize, "sign in");
                state.notify_error(format!("{name} has no token to check. {sign_in}"));
            }
            many => state.notify_error(format!("None of the {} profiles has a token to check.", many.len())),
        }
        return Vec::new();
    }
    jobs::start(state, kind, with, without, false)
}

fn check_all(state: &mut State) -> Vec<Effect> {
    let store = state.store();
    let shown: Vec<Name> = if is_filtered(state) {
        list::filtered_rows(state, &store).filter_map(|row| Some(row.readable()?.name.clone())).collect()
    } else {
        store.readable().map(|profile| profile.name.clone()).collect()
    };
    let (names, _) = split_by_token(state, shown);
    if names.is_empty() {
        let shown = if is_filtered(state) { "No shown profile" } else { "No profile" };
        state.notify_error(format!("{shown} has a token to check."));
        return Vec::new();
    }
    jobs::start(state, JobKind::Check, names, Vec::new(), false)
}

fn refresh(state: &mut State) -> Vec<Effect> {
    let store = state.store();
    let can_refresh = |name: &Name| store.profile(name).is_some_and(|profile| profile.is_refreshable(state.now));
    let (refreshable, others): (Vec<Name>, Vec<Name>) = marked_or_selected(state).into_iter().partition(can_refresh);
    if refreshable.is_empty() {
        state.dialog = others.into_iter().next().map(Dialog::NoRefresh);
        return Vec::new();
    }
    if !others.is_empty() {
        let reauthorize = state.key_sentence(profile_context(state), Action::Reauthorize, "re-authorize");
        // An error would delay the notification of the result, which counts them too.
        state.notify(format!("{} without a refresh token. {reauthorize}", others.len()));
    }
    jobs::start(state, JobKind::Refresh, refreshable, others, false)
}

fn handle_selected(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(name) = selected(state).map(|row| row.name.clone()) else { return Vec::new() };
    match action {
        Action::Use => return vec![Effect::SetCurrentProfile { name, is_undo: false }],
        // Nothing but the path of a damaged file is known.
        Action::Copy | Action::CopyFilePath if is_damaged(state) => return copy::copy_path(state, &name),
        Action::Copy => copy::open_copy(state, name),
        Action::Rename => forms::open_rename(state, name),
        Action::Deliveries => deliveries::open(state, name),
        action => {
            let store = state.store();
            let Some(profile) = store.profile(&name) else { return Vec::new() };
            match action {
                Action::Duplicate => return duplicate(state, &store, profile),
                Action::Edit => forms::open_edit(state, profile),
                Action::Compose => return compose::open(state, profile),
                Action::Posts => return posts::open(state, profile.name.clone(), None),
                Action::Permissions => return permissions::open(state, profile),
                _ => return copy::copy(state, &name, action),
            }
        }
    }
    Vec::new()
}

/// Reports the new current profile, and what it lacks.
pub(crate) fn on_current_profile_set(
    state: &mut State,
    profile: &Profile,
    previous: Option<Name>,
    is_undo: bool,
) -> Vec<Effect> {
    let previous = previous.filter(|previous| *previous != profile.name);
    if !is_undo && let Some(previous) = &previous {
        state.list.undoable.push(Undoable::CurrentProfile(previous.clone()));
    }
    let previous = previous.map_or_else(String::new, |previous| format!(" (was {previous})"));
    update_profile(state, profile);
    let press = |action, purpose| state.key_sentence(profile_context(state), action, purpose);
    let problem = match profile.status(state.now, state.config.expiring_days) {
        Status::SignedOut if profile.client_credentials => {
            format!(" It has no token. {}", press(Action::Refresh, "request one"))
        }
        Status::SignedOut => format!(" It has no token. {}", press(Action::Reauthorize, "sign in")),
        Status::Expired => format!(" Its token has expired. {}", press(Action::Reauthorize, "re-authorize")),
        Status::Revoked => format!(" Its token was revoked. {}", press(Action::Reauthorize, "re-authorize")),
        Status::Active | Status::Expiring | Status::Unknown => String::new(),
    };
    state.notify(format!("{} is now the current profile{previous}.{problem}", profile.name));
    if is_undo { on_undone(state) } else { vec![Effect::ReloadStore] }
}

/// Reports deleted profiles, which can be restored.
pub(crate) fn on_deleted(state: &mut State, names: Vec<Name>) -> Vec<Effect> {
    let what =
        if let [name] = names.as_slice() { format!("profile {name}") } else { format!("{} profiles", names.len()) };
    let was_current = state.store().current.clone().is_some_and(|current| names.contains(&current));
    let current = if was_current { " No profile is current now." } else { "" };
    state.list.is_detail_open = false;
    let undo = state.key_sentence(KeyContext::List, Action::Undo, "undo");
    state.notify(format!("Deleted {what}.{current} {undo}"));
    state.list.undoable.push(Undoable::Deletion(names));
    vec![Effect::ReloadStore]
}

/// Opens the setup for a different member with the same app and scopes.
fn duplicate(state: &mut State, store: &StoreSnapshot, profile: &Profile) -> Vec<Effect> {
    let Some(app) = store.apps.iter().find(|app| app.name == profile.app) else {
        state.notify_error(missing_app(profile));
        return Vec::new();
    };
    setup::duplicate(state, profile, app)
}

pub(super) fn missing_app(profile: &Profile) -> String {
    format!("The app {} of this profile is missing or cannot be read.", profile.app)
}

/// Handles a key while the filter is typed.
pub(crate) fn handle_filter(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Apply => {
            state.list.is_filtering = false;
            list::commit_selection(state);
        }
        Action::Back => {
            state.list.is_filtering = false;
            state.list.filter.wipe();
            list::apply_filter(state);
        }
        other => return handle(state, other),
    }
    Vec::new()
}
