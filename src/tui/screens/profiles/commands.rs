//! What the keys of the list do.

use std::sync::Arc;

use crossterm::event::KeyEvent;

use super::list::{self, Item, selected, targets};
use super::{confirm, copy, forms, jobs, results};
use crate::store::{Name, Profile, Status};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::{Effect, JobKind};
use crate::tui::screens::{compose, deliveries, permissions, setup};
use crate::tui::state::{Dialog, State};

/// Takes a profile as it was saved.
pub(in crate::tui) fn put(state: &mut State, profile: &Profile) {
    if let Some(files) = &mut state.files {
        Arc::make_mut(files).set(profile.name.clone(), Ok(profile.clone()));
    }
    list::recompute(state);
}

/// Takes the profile that a sign-in saved: the setup must know its name before the folder is listed anew.
pub(in crate::tui) fn signed_in(state: &mut State, profile: &Profile) {
    if let Some(files) = &mut state.files {
        Arc::make_mut(files).put(profile.clone());
    }
    list::recompute(state);
}

/// Most keys that wait.
const AHEAD: usize = 64;

/// Keeps a key that is for a profile whose file is still being read, and all that come after it: names come first, and nobody
/// who types ahead of the details should lose a key.
pub(in crate::tui) fn waits(state: &mut State, action: Option<Action>, key: KeyEvent) -> bool {
    use Action::{
        Add, Back, Delete, Down, Filter, First, Group, Help, Last, Mark, MarkAll, PageDown, PageUp, Reload, Results,
        Sort,
    };
    use Action::{CheckAll, Undo, Up, Use};
    let goes_on = match action {
        None
        | Some(
            Add | Back | Delete | Down | Filter | First | Group | Help | Last | Mark | MarkAll | PageDown | PageUp
            | Reload | Results | Sort | Undo | Up | Use,
        ) => true,
        Some(action) if action == CheckAll || !state.list.marked.is_empty() => state.list.shown.unread == 0,
        Some(_) => selected(state).is_none_or(|row| row.profile.is_some()),
    };
    if goes_on && state.list.ahead.is_empty() {
        return false;
    }
    if state.list.ahead.len() < AHEAD {
        state.list.ahead.push(key);
    }
    true
}

/// A command on the list. The row it is given on is the one that was shown, whatever was selected before a filter hid it. What it
/// asks about is read anew: another process may have changed the file since.
pub(in crate::tui) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    list::commit_selection(state);
    let mut effects = perform(state, action);
    if state.dialog.is_some() {
        effects.push(Effect::ReadFiles);
    }
    effects
}

fn perform(state: &mut State, action: Action) -> Vec<Effect> {
    let at = state.list.shown.at;
    let to = match action {
        Action::Up => Some(at.saturating_sub(1)),
        Action::Down => Some(at + 1),
        Action::PageUp => Some(at.saturating_sub(10)),
        Action::PageDown => Some(at + 10),
        Action::First => Some(0),
        Action::Last => Some(state.list.shown.items.len()),
        _ => None,
    };
    if let Some(to) = to {
        list::select(state, to);
        return Vec::new();
    }
    if told_no_row(state, action) || told_marks(state, action) {
        return Vec::new();
    }
    match action {
        Action::Add => setup::open(state),
        Action::Filter => state.list.filtering = true,
        Action::Back => return back(state),
        Action::Sort => {
            state.list.sort = state.list.sort.next();
            arranged(state);
        }
        Action::Group => {
            state.list.grouped = !state.list.grouped;
            arranged(state);
        }
        Action::Mark => mark(state),
        Action::MarkAll => mark_all(state),
        Action::CheckAll => return check_all(state),
        Action::Results => results::open(state),
        Action::Check => return check(state),
        Action::Refresh => return refresh(state),
        Action::Undo => {
            if state.list.deleted.is_empty() {
                state.notify_error("There is nothing to restore.");
                return Vec::new();
            }
            return vec![Effect::UndoDelete];
        }
        Action::Delete => {
            let names = targets(state);
            if !names.is_empty() {
                state.dialog = Some(Dialog::Delete(names));
            }
        }
        Action::Reauthorize => return reauthorize(state),
        Action::Export => forms::open_export(state),
        _ => return on_selected(state, action),
    }
    Vec::new()
}

/// Says why a command on profiles finds none.
fn told_no_row(state: &mut State, action: Action) -> bool {
    use Action::{Add, Back, CheckAll, Filter, Group, Results, Sort, Undo};
    let needs_none = matches!(action, Add | Back | CheckAll | Filter | Group | Results | Sort | Undo);
    // Marked ones are meant whether they are shown or not; the two that mark look at what is shown.
    let marks = matches!(action, Action::Mark | Action::MarkAll);
    if needs_none || selected(state).is_some() || (!marks && !state.list.marked.is_empty()) {
        return false;
    }
    let Some(files) = &state.files else { return true };
    let why = if files.rows.is_empty() {
        format!("No profiles yet. {}", state.press(KeyContext::List, Action::Add, "add one"))
    } else {
        format!("No profile matches the filter. {}", state.press(KeyContext::List, Action::Back, "clear it"))
    };
    state.notify_error(why);
    true
}

/// Refuses a command on one profile while several are marked: nobody who marked them means the row under the cursor alone.
fn told_marks(state: &mut State, action: Action) -> bool {
    use Action::{
        Add, Back, Check, CheckAll, Delete, Export, Filter, Group, Mark, MarkAll, Reauthorize, Refresh, Results, Sort,
        Undo,
    };
    let takes_many = matches!(
        action,
        Add | Back
            | Check
            | CheckAll
            | Delete
            | Export
            | Filter
            | Group
            | Mark
            | MarkAll
            | Reauthorize
            | Refresh
            | Results
            | Sort
            | Undo
    );
    if takes_many || state.list.marked.is_empty() {
        return false;
    }
    let key = state.key_name(KeyContext::List, action);
    let marks = match state.list.marked.len() {
        1 => "the mark".to_owned(),
        many => format!("the {many} marks"),
    };
    let clear = state.press(KeyContext::List, Action::Back, &format!("clear {marks} first"));
    state.notify_error(format!("{key} works on one profile. {clear}"));
    true
}

fn arranged(state: &mut State) {
    if let Some(files) = state.files.clone() {
        list::sort(state, &files);
    }
}

/// Returns what going back does now, where it does anything.
pub(in crate::tui) fn back_label(state: &State) -> Option<&'static str> {
    let list = &state.list;
    if !list.jobs.is_empty() {
        Some("cancel")
    } else if !list.marked.is_empty() {
        Some("clear marks")
    } else {
        (!list.filter.text().is_empty()).then_some("clear filter")
    }
}

/// Esc: first what goes on, then the marks, then the filter.
fn back(state: &mut State) -> Vec<Effect> {
    if let Some(effects) = jobs::cancel(state) {
        return effects;
    }
    if state.list.marked.is_empty() {
        state.list.filter.wipe();
        filtered(state);
    } else {
        state.list.marked.clear();
    }
    Vec::new()
}

/// The filter says something else.
pub(in crate::tui) fn filtered(state: &mut State) {
    if let Some(files) = state.files.clone() {
        list::filter(state, &files);
    }
}

fn mark(state: &mut State) {
    let Some(name) = selected(state).map(|row| row.name.clone()) else { return };
    if !state.list.marked.remove(&name) {
        state.list.marked.insert(name);
    }
    list::select(state, state.list.shown.at + 1);
}

/// Marks all rows that the filter leaves, or none where all are.
fn mark_all(state: &mut State) {
    let Some(files) = state.files.clone() else { return };
    let rows = state.list.shown.items.iter().filter(|item| matches!(item, Item::Row(_)));
    let names: Vec<Name> = rows.filter_map(|item| list::row(&files, *item)).map(|row| row.name.clone()).collect();
    if names.iter().all(|name| state.list.marked.contains(name)) {
        state.list.marked.clear();
    } else {
        state.list.marked.extend(names);
    }
}

/// Those with a token, and those without.
fn with_token(state: &State, names: Vec<Name>) -> (Vec<Name>, Vec<Name>) {
    let files = state.files();
    names.into_iter().partition(|name| files.profile(name).is_some_and(|profile| profile.token.is_some()))
}

fn check(state: &mut State) -> Vec<Effect> {
    if told_unreadable(state) {
        return Vec::new();
    }
    let names = targets(state);
    let (with, without) = with_token(state, names);
    if with.is_empty() {
        match without.as_slice() {
            [name] => {
                let sign_in = state.press(KeyContext::List, Action::Reauthorize, "sign in");
                state.notify_error(format!("{name} has no token to check. {sign_in}"));
            }
            many => state.notify_error(format!("None of the {} profiles has a token to check.", many.len())),
        }
        return Vec::new();
    }
    jobs::start(state, JobKind::Check, with, without, false)
}

fn check_all(state: &mut State) -> Vec<Effect> {
    let all = state.files().readable().map(|profile| profile.name.clone()).collect();
    let (names, _) = with_token(state, all);
    if names.is_empty() {
        state.notify_error("No profile has a token to check.");
        return Vec::new();
    }
    if state.list.shown.rows < state.files().rows.len() {
        state.notify(format!("Checking all {} profiles, including those hidden by the filter.", names.len()));
    }
    jobs::start(state, JobKind::Check, names, Vec::new(), false)
}

/// Can it be refreshed, so far as anybody knows?
pub(in crate::tui) fn can_refresh(state: &State, name: &Name) -> bool {
    let files = state.files.as_ref();
    files.and_then(|files| files.profile(name)).is_some_and(|profile| profile.is_refreshable(state.now))
}

fn refresh(state: &mut State) -> Vec<Effect> {
    if told_unreadable(state) {
        return Vec::new();
    }
    let names = targets(state);
    let (can, cannot): (Vec<Name>, Vec<Name>) = names.into_iter().partition(|name| can_refresh(state, name));
    if can.is_empty() {
        state.dialog = cannot.into_iter().next().map(Dialog::NoRefresh);
        return Vec::new();
    }
    if !cannot.is_empty() {
        let reauthorize = state.press(KeyContext::List, Action::Reauthorize, "re-authorize");
        // Not an error, which would delay the result: that counts them too.
        state.notify(format!("{} without a refresh token. {reauthorize}", cannot.len()));
    }
    jobs::start(state, JobKind::Refresh, can, cannot, false)
}

fn reauthorize(state: &mut State) -> Vec<Effect> {
    if told_unreadable(state) {
        return Vec::new();
    }
    let mut names = targets(state).into_iter();
    state.dialog = names.next().map(Dialog::Reauthorize);
    state.list.queue = names.collect();
    Vec::new()
}

/// Says why a single profile can be nothing but deleted.
fn told_unreadable(state: &mut State) -> bool {
    if !state.list.marked.is_empty() {
        return false;
    }
    let Some(row) = selected(state) else { return true };
    match row.profile.clone() {
        Some(Ok(_)) => false,
        Some(Err(error)) => {
            state.notify_error(format!("{error} {}", state.hint(&error)));
            true
        }
        // A key that needs it waits.
        None => true,
    }
}

fn on_selected(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(name) = selected(state).map(|row| row.name.clone()) else { return Vec::new() };
    if let Some(error) = selected(state).and_then(|row| row.profile.as_ref()?.as_ref().err()).cloned() {
        state.notify_error(format!("{error} {}", state.hint(&error)));
        return Vec::new();
    }
    match action {
        Action::Use => return vec![Effect::SetCurrentProfile(name)],
        Action::Copy => {
            state.scroll = 0;
            state.dialog = Some(Dialog::Copy(name));
        }
        Action::Revoke => confirm::revoke(state, name),
        Action::Rename => forms::open_rename(state, name),
        Action::Duplicate => duplicate(state, &name),
        Action::Compose => {
            if let Some(profile) = state.files().profile(&name) {
                return compose::open(state, profile);
            }
        }
        Action::Permissions => {
            if let Some(profile) = state.files().profile(&name) {
                return permissions::open(state, profile);
            }
        }
        Action::Deliveries => deliveries::open(state, name),
        Action::Edit => forms::open_edit(state, &name),
        other => return copy::copy(state, &name, other),
    }
    Vec::new()
}

/// A profile is the current one now. It may be one that is of no use yet, and then the line says so.
pub(in crate::tui) fn current_profile_set(state: &mut State, profile: &Profile) -> Vec<Effect> {
    put(state, profile);
    let press = |action, purpose| state.press(KeyContext::List, action, purpose);
    let problem = match profile.status(state.now, state.start.expiring_days) {
        Status::SignedOut if profile.client_credentials => {
            format!(" It has no token. {}", press(Action::Refresh, "request one"))
        }
        Status::SignedOut => format!(" It has no token. {}", press(Action::Reauthorize, "sign in")),
        Status::Expired => format!(" Its token has expired. {}", press(Action::Reauthorize, "re-authorize")),
        Status::Revoked => format!(" Its token was revoked. {}", press(Action::Reauthorize, "re-authorize")),
        Status::Active | Status::Expiring | Status::Unknown => String::new(),
    };
    state.notify(format!("{} is now the current profile.{problem}", profile.name));
    vec![Effect::ReadFiles]
}

/// Profiles are gone; where the current one is among them, there is none any more.
pub(in crate::tui) fn deleted(state: &mut State, names: Vec<Name>) -> Vec<Effect> {
    let what = if let [one] = names.as_slice() { one.to_string() } else { format!("{} profiles", names.len()) };
    let was_current = state.files().current.clone().is_some_and(|current| names.contains(&current));
    let none = if was_current { " No profile is current now." } else { "" };
    let undo = state.press(KeyContext::List, Action::Undo, "undo");
    state.notify(format!("Deleted {what}.{none} {undo}"));
    state.list.deleted.push(names);
    vec![Effect::ReadFiles]
}

/// The same app and scopes for another account: the setup's last page, filled in.
fn duplicate(state: &mut State, name: &Name) {
    let files = state.files();
    let Some(profile) = files.profile(name) else { return };
    let app = files.apps.iter().find(|app| app.name == profile.app);
    if let Some(app) = app {
        setup::like(state, profile, app);
    } else {
        state.notify_error(format!("The app {} of this profile is missing or cannot be read.", profile.app));
    }
}

/// A key while the filter is typed.
pub(in crate::tui) fn filter_act(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Apply => {
            state.list.filtering = false;
            list::commit_selection(state);
        }
        Action::Back => {
            state.list.filtering = false;
            state.list.filter.wipe();
            filtered(state);
        }
        other => return act(state, other),
    }
    Vec::new()
}
