//! Which commands of the list are available, and why one is not.

use super::list::{self, marked_or_selected, selected};
use crate::store::Name;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::state::State;
use crate::tui::store_snapshot::StoreSnapshot;

/// The profiles that a command of the list works on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// The list itself, or profiles that the command finds itself.
    List,
    /// The selected row, or the rows of the selected group; for `MarkAll` every row that the filter leaves.
    RowsToMark,
    /// The selected row, also one whose file cannot be read.
    SelectedRow,
    /// The marked profiles, or the selected one where none is marked.
    MarkedOrSelected,
    /// Only the selected profile. Its file must be readable, except to copy its path.
    Selected,
}

pub(super) const fn target(action: Action) -> Target {
    use Action::{
        Add, Back, Check, CheckAll, Delete, Deliveries, Details, Export, Filter, Fold, Group, JobResults, Mark,
        MarkAll, Permissions, Reauthorize, ReauthorizeDue, Refresh, ReverseSort, Revoke, Sort, Undo, Unfold,
    };
    match action {
        Add | Back | CheckAll | Filter | Fold | Group | JobResults | ReauthorizeDue | ReverseSort | Sort | Undo
        | Unfold => Target::List,
        Mark | MarkAll => Target::RowsToMark,
        Details => Target::SelectedRow,
        Check | Delete | Deliveries | Export | Permissions | Reauthorize | Refresh | Revoke => Target::MarkedOrSelected,
        _ => Target::Selected,
    }
}

/// What the primary key of the list (Enter, [`Action::Details`]) does, which depends on the selected line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PrimaryAction {
    Add,
    ToggleGroup,
    Details,
}

pub(super) fn primary_action(state: &State) -> PrimaryAction {
    if state.store().rows.is_empty() {
        PrimaryAction::Add
    } else if list::is_selected_group_folded(state).is_some() {
        PrimaryAction::ToggleGroup
    } else {
        PrimaryAction::Details
    }
}

/// Returns whether the selected profile is not the current one and can become it.
pub(crate) fn can_make_current(state: &State) -> bool {
    let current = state.store().current.clone();
    !has_marks(state) && !is_damaged(state) && selected(state).is_some_and(|row| current.as_ref() != Some(&row.name))
}

/// Returns whether the primary key shows the details of the selected profile.
pub(crate) fn shows_details(state: &State) -> bool {
    primary_action(state) == PrimaryAction::Details && has_selection(state) && !has_marks(state)
}

/// Returns the label of the primary key, where it does something.
pub(crate) fn primary_label(state: &State) -> Option<&'static str> {
    match primary_action(state) {
        PrimaryAction::Add => Some("add a profile"),
        PrimaryAction::ToggleGroup if list::is_selected_group_folded(state) == Some(true) => Some("unfold"),
        PrimaryAction::ToggleGroup => Some("fold"),
        PrimaryAction::Details => shows_details(state).then_some("details"),
    }
}

/// Returns why no profile is listed.
pub(super) fn empty_list_message(state: &State, store: &StoreSnapshot) -> String {
    if store.rows.is_empty() {
        format!("No profiles yet. {}", state.key_sentence(KeyContext::List, Action::Details, "add one"))
    } else {
        format!("No matching profiles. {}", state.key_sentence(KeyContext::List, Action::Back, "clear the filter"))
    }
}

/// Returns whether commands work on marked profiles instead of the selected one.
pub(crate) fn has_marks(state: &State) -> bool {
    !state.list.marked.is_empty() && !state.list.is_detail_open
}

/// Returns the context whose keys work on the selected profile: the page with its details where it is open, else the list.
pub(super) fn profile_context(state: &State) -> KeyContext {
    if state.list.is_detail_open { KeyContext::Detail } else { KeyContext::List }
}

/// Returns whether a profile is selected, and not a group.
pub(crate) fn has_selection(state: &State) -> bool {
    selected(state).is_some()
}

/// Returns whether a command works on the selected profile, and its file cannot be read.
pub(crate) fn is_damaged(state: &State) -> bool {
    !has_marks(state) && selected(state).is_some_and(|row| matches!(row.profile, Some(Err(_))))
}

/// Returns whether any of the profiles that a command works on can get a new token without a sign-in of its member.
pub(crate) fn can_refresh(state: &State) -> bool {
    let store = state.store();
    let can_refresh = |name: &Name| store.profile(name).is_some_and(|profile| profile.is_refreshable(state.now));
    marked_or_selected(state).iter().any(can_refresh)
}

/// Refuses a command on profiles where no profile is listed or a group is selected.
pub(super) fn refuse_without_profile(state: &mut State, action: Action) -> bool {
    let is_group_selected = list::is_selected_group_folded(state).is_some();
    let has_profile = match target(action) {
        Target::List => true,
        Target::RowsToMark => selected(state).is_some() || is_group_selected,
        Target::SelectedRow => selected(state).is_some(),
        // Marked profiles that the filter hides are included.
        _ => selected(state).is_some() || !state.list.marked.is_empty(),
    };
    if !has_profile && let Some(store) = state.store.clone() {
        let message = if is_group_selected {
            let mark = state.key_sentence(KeyContext::List, Action::Mark, "mark all profiles of this app");
            format!("Select a profile. {mark}")
        } else {
            // An empty list is not an error.
            let message = empty_list_message(state, &store);
            state.notify(message);
            return true;
        };
        state.notify_error(message);
    }
    !has_profile
}

/// Refuses a command on the selected profile while several are marked: the user may mean all of them.
pub(super) fn refuse_with_marks(state: &mut State, action: Action) -> bool {
    let is_for_one = matches!(target(action), Target::Selected | Target::SelectedRow);
    if !is_for_one || !has_marks(state) {
        return false;
    }
    let key = state.key_name(KeyContext::List, action);
    let marks = match state.list.marked.len() {
        1 => "the mark".to_owned(),
        many => format!("the {many} marks"),
    };
    let clear = state.key_sentence(KeyContext::List, Action::Back, &format!("clear {marks} first"));
    state.notify_error(format!("{key} works on one profile. {clear}"));
    true
}

/// Returns whether a command does something with a profile whose file cannot be read.
const fn works_if_damaged(action: Action) -> bool {
    matches!(target(action), Target::List | Target::RowsToMark | Target::SelectedRow)
        || matches!(action, Action::Delete | Action::Copy | Action::CopyFilePath)
}

/// Refuses a command on the selected profile where its file cannot be read.
pub(super) fn refuse_if_damaged(state: &mut State, action: Action) -> bool {
    if works_if_damaged(action) || !is_damaged(state) {
        return false;
    }
    let Some(name) = selected(state).map(|row| row.name.clone()) else { return false };
    // The detail pane shows why, so the message names only what can be done.
    let copy = state.key_sentence(profile_context(state), Action::Copy, "copy its path");
    state.notify_error(format!("The file of profile {name} cannot be read. {copy}"));
    true
}

/// Returns the label of "back", where it does something.
pub(crate) fn back_label(state: &State) -> Option<&'static str> {
    let list = &state.list;
    if list.is_detail_open {
        Some("back")
    } else if !list.jobs.is_empty() {
        Some("cancel")
    } else if !list.marked.is_empty() {
        Some("clear marks")
    } else {
        (!list.filter.text().is_empty()).then_some("clear filter")
    }
}
