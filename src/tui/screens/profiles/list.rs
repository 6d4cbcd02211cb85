//! Computes the lines of the list and their order, and selects one. They are recomputed when files, filter, sort order or time
//! change, not in each frame: drawing ten thousand profiles costs no more than drawing ten.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::layout::list_layout;
use super::model::{Item, STATUSES, Sort};
use crate::store::{Name, Profile, Status};
use crate::text::fold_for_search;
use crate::tui::state::State;
use crate::tui::store_snapshot::{Row, StoreSnapshot};
use crate::tui::time_format;

/// The days that the timeline covers.
pub(super) const TIMELINE_DAYS: usize = 60;

/// The most unread files with which the rows are sorted; a screen shows about as many.
const MAX_UNREAD_SORTED: usize = 64;

/// Returns the row of an item; for a group, one of its rows.
pub(super) fn row(store: &StoreSnapshot, item: Item) -> Option<&Row> {
    match item {
        Item::Group(at, _) | Item::Row(at) => store.rows.get(at),
    }
}

fn expiry(row: &Row) -> Option<Timestamp> {
    row.readable()?.token.as_ref()?.expires_at
}

fn app(row: &Row) -> Option<&Name> {
    row.readable().map(|profile| &profile.app)
}

/// Returns the group of a row: its app, or nothing where the app is unknown.
pub(super) fn group(row: &Row) -> &str {
    app(row).map_or("", Name::as_str)
}

fn member(row: &Row) -> Option<String> {
    let member = row.readable()?.member.as_ref()?;
    Some(fold_for_search(member.name.as_deref().unwrap_or(&member.id)))
}

/// Returns when a token became or becomes invalid. What a check found invalid is so now, whichever check that was: another one
/// must not move the row.
fn valid_until(row: &Row, now: Timestamp, expiring_days: u32) -> Option<Timestamp> {
    let profile = row.readable()?;
    let expiry = profile.token.as_ref()?.expires_at;
    let found_invalid = match profile.status(now, expiring_days) {
        Status::Expired | Status::Revoked => Some(now),
        _ => None,
    };
    [expiry, found_invalid].into_iter().flatten().min()
}

/// Returns whether a member must re-authorize the profile now or soon: nothing else gets it a valid token.
fn is_reauthorization_due(profile: &Profile, now: Timestamp, expiring_days: u32) -> bool {
    // A doubt changes nothing about when a token expires.
    let status = profile.checked_status(now, expiring_days);
    matches!(status, Status::Expired | Status::Revoked | Status::Expiring)
        && !profile.client_credentials
        && !profile.is_refreshable(now)
}

/// Returns whether a filter hides profiles: a command on all profiles is then one on those that are shown.
pub(crate) fn is_filtered(state: &State) -> bool {
    !state.list.filter.trimmed().is_empty()
}

/// Returns the profiles that a member must re-authorize now or soon, the most urgent first; only those that the filter leaves.
pub(super) fn due_profiles(state: &State) -> Vec<Name> {
    let store = state.store();
    let (now, days) = (state.now, state.config.expiring_days);
    let is_due = |row: &&Row| row.readable().is_some_and(|profile| is_reauthorization_due(profile, now, days));
    let mut due: Vec<&Row> = if is_filtered(state) {
        filtered_rows(state, &store).filter(is_due).collect()
    } else {
        store.rows.iter().filter(is_due).collect()
    };
    due.sort_by_cached_key(|row| valid_until(row, now, days));
    due.into_iter().map(|row| row.name.clone()).collect()
}

/// Returns how many profiles a member must re-authorize now or soon, and how many of them have no valid token any more; only of
/// those that the filter leaves.
pub(crate) fn due_count(state: &State) -> (usize, usize) {
    if !is_filtered(state) {
        return (state.list.view.due, state.list.view.overdue);
    }
    let store = state.store();
    let due = due_profiles(state);
    let is_overdue = |name: &&Name| {
        let profile = store.profile(name);
        profile.is_some_and(|profile| profile.checked_status(state.now, state.config.expiring_days) != Status::Expiring)
    };
    (due.len(), due.iter().filter(is_overdue).count())
}

/// Recomputes the [`ListView`](super::model::ListView) after files changed, or when it is outdated.
pub(crate) fn recompute(state: &mut State) {
    let Some(store) = state.store.clone() else { return };
    if store.rows.is_empty() {
        // The profiles that the queued keys waited for were deleted meanwhile.
        state.list.queued_keys.clear();
    }
    recount(state, &store);
    sort(state);
}

/// Returns whether a status or the date has changed since [`recompute`].
pub(crate) fn is_outdated(state: &State) -> bool {
    state.list.view.valid_until.is_some_and(|until| until <= state.now)
}

/// Returns the day of the timeline on which `at` is, counted by dates: a day has 23 or 25 hours where the clocks change. A token
/// issued today expires in sixty days, one day after the timeline: its last day counts it too.
pub(super) fn timeline_day(state: &State, at: Timestamp) -> Option<usize> {
    let [today, date] = [state.now, at].map(|time| time.to_zoned_datetime(state.config.zone.clone()).date());
    let day = usize::try_from(today.duration_until(date).as_hours() / 24).ok()?;
    (day <= TIMELINE_DAYS).then_some(day.min(TIMELINE_DAYS - 1))
}

fn recount(state: &mut State, store: &StoreSnapshot) {
    let today = state.now.to_zoned_datetime(state.config.zone.clone());
    let tomorrow = today.tomorrow().and_then(|day| day.start_of_day());
    let mut until = tomorrow.ok().map(|day| day.timestamp());
    let warning = SignedDuration::from_hours(24 * i64::from(state.config.expiring_days));
    let mut view = std::mem::take(&mut state.list.view);
    view.counts = Default::default();
    (view.damaged, view.unread, view.due, view.overdue) = (0, 0, 0, 0);
    for days in [&mut view.expiring_by_day, &mut view.expiring_soon_by_day, &mut view.unknown_by_day] {
        *days = vec![0; TIMELINE_DAYS];
    }
    for row in &store.rows {
        let Some(profile) = row.readable() else {
            view.unread += usize::from(row.profile.is_none());
            view.damaged += usize::from(row.profile.is_some());
            continue;
        };
        let status = profile.status(state.now, state.config.expiring_days);
        if let Some(at) = STATUSES.iter().position(|other| *other == status) {
            view.counts[at] += 1;
        }
        if is_reauthorization_due(profile, state.now, state.config.expiring_days) {
            view.due += 1;
            let checked = profile.checked_status(state.now, state.config.expiring_days);
            view.overdue += usize::from(checked != Status::Expiring);
        }
        let Some(expiry) = expiry(row) else { continue };
        for change in [Some(expiry), expiry.checked_sub(warning).ok()].into_iter().flatten() {
            if change > state.now {
                until = Some(until.map_or(change, |until| until.min(change)));
            }
        }
        let can_expire = matches!(status, Status::Active | Status::Expiring | Status::Unknown);
        if let Some(day) = timeline_day(state, expiry).filter(|_| can_expire) {
            view.expiring_by_day[day] += 1;
            view.expiring_soon_by_day[day] += usize::from(status == Status::Expiring);
            view.unknown_by_day[day] += usize::from(status == Status::Unknown);
        }
    }
    view.valid_until = until;
    state.list.view = view;
    state.list.marked.retain(|name| store.has_profile(name.as_str()));
}

/// Sorts all rows, then filters them.
pub(super) fn sort(state: &mut State) {
    let Some(store) = state.store.clone() else { return };
    let (now, days) = (state.now, state.config.expiring_days);
    let list = &mut state.list;
    let mut sorted: Vec<usize> = (0..store.rows.len()).collect();
    let by_app = |at: &usize| app(&store.rows[*at]).map_or((true, None), |app| (false, Some(app)));
    let by_expiry = |at: &usize| valid_until(&store.rows[*at], now, days);
    let by_member = |at: &usize| member(&store.rows[*at]);
    let by_status = |at: &usize| {
        let status = store.rows[*at].readable()?.status(now, days);
        STATUSES.iter().position(|other| *other == status)
    };
    // The rows are sorted by name already, and a stable sort preserves that. While many files are unread they stay sorted by
    // name: otherwise they would move with each file that is read.
    let valued_count = match if list.view.unread > MAX_UNREAD_SORTED { Sort::Name } else { list.sort } {
        Sort::Name => sorted.len(),
        Sort::App => sort_by(&mut sorted, |at| app(&store.rows[*at])),
        Sort::Expiry => sort_by(&mut sorted, by_expiry),
        Sort::Member => sort_by(&mut sorted, by_member),
        Sort::Status => sort_by(&mut sorted, by_status),
    };
    if list.is_descending {
        sorted[..valued_count].reverse();
    }
    if list.is_grouped {
        sorted.sort_by_cached_key(by_app);
    }
    list.view.sorted = sorted;
    apply_filter(state);
}

/// Sorts by a value; rows without it come last. Returns how many have it.
fn sort_by<K: Ord>(rows: &mut [usize], value: impl Fn(&usize) -> Option<K>) -> usize {
    rows.sort_by_cached_key(|at| value(at).map_or((true, None), |value| (false, Some(value))));
    rows.partition_point(|at| value(at).is_some())
}

/// Sorts by a column; the column that is sorted by already is reversed.
pub(super) fn sort_by_column(state: &mut State, column: Sort) {
    let list = &mut state.list;
    list.is_descending = list.sort == column && !list.is_descending;
    list.sort = column;
    sort(state);
}

/// Shows the rows that the filter leaves.
pub(crate) fn apply_filter(state: &mut State) {
    let Some(store) = state.store.clone() else { return };
    let words: Vec<String> = fold_for_search(state.list.filter.text()).split_whitespace().map(str::to_owned).collect();
    let is_match = |row: &Row| {
        let status =
            row.readable().map_or("", |profile| profile.status(state.now, state.config.expiring_days).as_str());
        words.is_empty() || row.matches(&words, status)
    };
    let filtered: Vec<usize> = state.list.view.sorted.iter().copied().filter(|at| is_match(&store.rows[*at])).collect();
    let list = &mut state.list;
    if list.is_grouped {
        list.view.items.clear();
        for rows in filtered.chunk_by(|left, right| group(&store.rows[*left]) == group(&store.rows[*right])) {
            list.view.items.push(Item::Group(rows[0], rows.len()));
            // What a filter finds is never hidden.
            if !words.is_empty() || !list.folded.contains(group(&store.rows[rows[0]])) {
                list.view.items.extend(rows.iter().map(|at| Item::Row(*at)));
            }
        }
    } else {
        list.view.items = filtered.iter().copied().map(Item::Row).collect();
    }
    list.view.filtered = filtered;
    restore_selection(state, &store);
    select_exact_name(state, &store);
}

/// Returns how many lines the list has without a filter and with every group unfolded.
pub(super) fn full_line_count(state: &State) -> usize {
    let Some(store) = &state.store else { return 0 };
    let list = &state.list;
    let group_at = |at: &usize| store.rows.get(*at).map(group);
    let is_same_group = |left: &usize, right: &usize| group_at(left) == group_at(right);
    let heading_count = if list.is_grouped { list.view.sorted.chunk_by(is_same_group).count() } else { 0 };
    store.rows.len() + heading_count
}

/// Selects the profile whose whole name is typed as the filter: the name may also be a part of others, or that of their app.
fn select_exact_name(state: &mut State, store: &StoreSnapshot) {
    let list = &mut state.list;
    if !list.is_filtering {
        return;
    }
    let is_exact = |item: &Item| matches!(item, Item::Row(at) if store.rows.get(*at).is_some_and(|row| row.name.as_str() == list.filter.trimmed()));
    if let Some(at) = list.view.items.iter().position(is_exact) {
        (list.view.selected, list.selected_group) = (at, None);
    }
}

/// Selects the line of the selected profile or group; where the profile was deleted, the line in its place; where its group is
/// folded, the group.
fn restore_selection(state: &mut State, store: &StoreSnapshot) {
    let list = &mut state.list;
    let is_heading = |item: &Item, name: &str| match item {
        Item::Group(at, _) => store.rows.get(*at).is_some_and(|row| group(row) == name),
        Item::Row(_) => false,
    };
    if let Some(name) = list.selected_group.take()
        && let Some(at) = list.view.items.iter().position(|item| is_heading(item, &name))
    {
        (list.view.selected, list.selected_group) = (at, Some(name));
        return;
    }
    let is_selected = |item: &Item| match item {
        Item::Row(at) => store.rows.get(*at).map(|row| &row.name) == list.selected.as_ref(),
        Item::Group(..) => false,
    };
    let row = list.selected.as_ref().and_then(|name| store.row(name));
    let is_deleted = list.selected.is_some() && row.is_none();
    let group_line = row.and_then(|row| list.view.items.iter().position(|item| is_heading(item, group(row))));
    list.view.selected = match list.view.items.iter().position(is_selected) {
        Some(at) => at,
        None if is_deleted => nearest_row(&list.view.items, list.view.selected),
        None => group_line.unwrap_or_else(|| nearest_row(&list.view.items, 0)),
    };
    if is_deleted {
        state.list.selected = selected(state).map(|row| row.name.clone());
    }
    if selected(state).is_none() {
        state.list.is_detail_open = false;
    }
}

/// Selects the first profile that must be re-authorized, once, after all files are read as the list opens. A profile that the user
/// selected meanwhile stays selected.
pub(crate) fn select_first_due(state: &mut State) {
    if state.list.has_selected_due || state.list.view.unread > 0 {
        return;
    }
    state.list.has_selected_due = true;
    let current = state.store().current.clone();
    if state.config.selected_profile.is_none()
        && state.list.selected == current
        && state.list.queued_keys.is_empty()
        && let Some(name) = due_profiles(state).into_iter().next()
    {
        select_profile(state, &name);
    }
}

/// Selects a profile, and clears the filter or unfolds the group that hides it.
pub(crate) fn select_profile(state: &mut State, name: &Name) {
    let store = state.store();
    let Some(row) = store.row(name) else { return };
    state.list.folded.remove(group(row));
    (state.list.selected, state.list.selected_group) = (Some(name.clone()), None);
    apply_filter(state);
    if selected(state).is_none_or(|row| row.name != *name) {
        state.list.filter.wipe();
        apply_filter(state);
    }
}

/// Hides or shows the rows of the selected group; of the selected profile's group where a profile is selected.
pub(super) fn fold(state: &mut State, is_folded: bool) {
    let Some(item) = state.list.view.items.get(state.list.view.selected).copied() else { return };
    let store = state.store();
    let Some(group) = row(&store, item).map(|row| group(row).to_owned()) else { return };
    let is_heading = matches!(item, Item::Group(..));
    if !state.list.is_grouped || (!is_heading && !is_folded) {
        return;
    }
    if is_heading {
        if is_folded {
            state.list.folded.insert(group.clone());
        } else {
            state.list.folded.remove(&group);
        }
    }
    // From a profile the first step leads to its group.
    state.list.selected_group = Some(group);
    apply_filter(state);
}

/// Returns whether a group's rows are hidden; `None` where no group is selected.
pub(super) fn is_selected_group_folded(state: &State) -> Option<bool> {
    match state.list.view.items.get(state.list.view.selected)? {
        Item::Group(at, _) => {
            let store = state.store.as_ref()?;
            Some(store.rows.get(*at).is_some_and(|row| state.list.folded.contains(group(row))))
        }
        Item::Row(_) => None,
    }
}

/// Returns the group whose heading is selected.
pub(super) fn selected_group(state: &State) -> Option<String> {
    match state.list.view.items.get(state.list.view.selected)? {
        Item::Group(at, _) => state.store.as_ref()?.rows.get(*at).map(|row| group(row).to_owned()),
        Item::Row(_) => None,
    }
}

/// Returns the number of the selected profile among those that the filter leaves; `None` where none is selected.
pub(super) fn position(state: &State) -> Option<usize> {
    let view = &state.list.view;
    selected(state)?;
    Some(view.items[..=view.selected].iter().filter(|item| matches!(item, Item::Row(_))).count())
}

/// Stores the profile on the selected line as the selected one. While a filter hides the selected profile, another is on
/// that line.
pub(super) fn commit_selection(state: &mut State) {
    if let Some(name) = selected(state).map(|row| row.name.clone()) {
        state.list.selected = Some(name);
    }
}

/// Returns the profile's line at `at`, or the nearest one after it, or before it.
fn nearest_row(items: &[Item], at: usize) -> usize {
    let at = at.min(items.len().saturating_sub(1));
    let is_row = |at: &usize| matches!(items.get(*at), Some(Item::Row(_)));
    (at..items.len()).find(is_row).or_else(|| (0..at).rev().find(is_row)).unwrap_or_default()
}

/// Selects the profile or the group at a line.
pub(super) fn select_line(state: &mut State, to: usize) {
    let store = state.store();
    let list = &mut state.list;
    list.view.selected = to.min(list.view.items.len().saturating_sub(1));
    list.selected_group = match list.view.items.get(list.view.selected) {
        Some(Item::Group(at, _)) => store.rows.get(*at).map(|row| group(row).to_owned()),
        _ => None,
    };
    commit_selection(state);
}

/// Selects the profile after the selected one.
pub(super) fn select_next_row(state: &mut State) {
    let next = nearest_row(&state.list.view.items, state.list.view.selected + 1);
    select_line(state, next);
}

pub(super) fn selected(state: &State) -> Option<&Row> {
    match state.list.view.items.get(state.list.view.selected)? {
        Item::Row(at) => state.store.as_ref()?.rows.get(*at),
        Item::Group(..) => None,
    }
}

/// Returns the profiles that the filter leaves, those of folded groups included.
pub(super) fn filtered_rows<'a>(state: &'a State, store: &'a StoreSnapshot) -> impl Iterator<Item = &'a Row> {
    state.list.view.filtered.iter().filter_map(|at| store.rows.get(*at))
}

/// Returns the profiles that a command works on: the marked ones, or the selected one where none is marked.
pub(super) fn marked_or_selected(state: &State) -> Vec<Name> {
    if state.list.marked.is_empty() || state.list.is_detail_open {
        return selected(state).map(|row| vec![row.name.clone()]).unwrap_or_default();
    }
    // The order is that of the list.
    let Some(store) = &state.store else { return Vec::new() };
    let order = state.list.view.sorted.iter().filter_map(|at| store.rows.get(*at));
    order.map(|row| &row.name).filter(|name| state.list.marked.contains(*name)).cloned().collect()
}

/// Returns how many profiles are marked, and how many of them the filter hides.
pub(super) fn marked_label(state: &State) -> Option<String> {
    let marked_count = state.list.marked.len();
    if marked_count == 0 {
        return None;
    }
    let Some(store) = &state.store else { return None };
    let visible = filtered_rows(state, store).filter(|row| state.list.marked.contains(&row.name)).count();
    Some(if visible < marked_count {
        format!("{marked_count} marked, {} hidden by the filter", marked_count - visible)
    } else {
        format!("{marked_count} marked")
    })
}

fn visible_rows<'a>(state: &'a State, store: &'a StoreSnapshot) -> impl Iterator<Item = &'a Row> {
    let layout = list_layout(state, &state.window());
    let visible = state.list.view.items.iter().skip(layout.top).take(usize::from(layout.rows.height));
    visible.filter_map(|item| row(store, *item))
}

/// Sorts the profiles to read: the visible ones first.
pub(crate) fn sort_visible_first(state: &State, mut names: Vec<Name>) -> Vec<Name> {
    let Some(store) = &state.store else { return names };
    let visible: BTreeSet<&Name> = visible_rows(state, store).map(|row| &row.name).collect();
    names.sort_by_key(|name| !visible.contains(name));
    names
}

/// Returns when a status, the date, or the time left of a visible token changes next.
pub(crate) fn next_change(state: &State) -> Option<Timestamp> {
    let store = state.store.as_ref()?;
    let changes = visible_rows(state, store).filter_map(|row| time_format::next_change(state.now, expiry(row)?));
    changes.chain(state.list.view.valid_until).min()
}
