//! The lines of the list and their order. They are recomputed when files, filter, sort order or time change, not in each frame:
//! drawing ten thousand profiles costs no more than drawing ten.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crossterm::event::KeyEvent;
use jiff::{SignedDuration, Timestamp};

use super::jobs::Job;
use super::layout::{list_area, list_layout};
use super::results::LastResults;
use crate::store::{Name, Status};
use crate::text::fold_for_search;
use crate::tui::files::{Files, Row};
use crate::tui::state::State;
use crate::tui::time_format;
use crate::tui::widgets::field::Field;

/// Days that the calendar strip covers.
pub(super) const STRIP_DAYS: usize = 60;

/// The most unread files with which the rows are sorted; a screen shows about as many.
const MAX_UNREAD_SORTED: usize = 64;

/// Every status, in the order in which the title counts them.
pub(super) const STATUSES: [Status; 6] =
    [Status::Active, Status::Expiring, Status::Expired, Status::Revoked, Status::Unknown, Status::SignedOut];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Expiry,
    Name,
    App,
}

impl Sort {
    pub(super) const fn next(self) -> Self {
        match self {
            Self::Expiry => Self::Name,
            Self::Name => Self::App,
            Self::App => Self::Expiry,
        }
    }
}

/// One line of the list. The indices are those of the rows of [`Files`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// The heading of an app: the index of one of its rows, and the number of its profiles.
    App(usize, usize),
    /// The index of a profile's row.
    Row(usize),
}

/// The lines of the list.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// The indices of all rows in their order.
    sorted: Vec<usize>,
    /// The lines that the filter leaves.
    pub items: Vec<Item>,
    /// How many of the lines are profiles.
    pub rows: usize,
    /// The selected line.
    pub selected: usize,
    /// How many profiles have each of [`STATUSES`].
    pub counts: [usize; STATUSES.len()],
    /// How many files cannot be read.
    pub damaged: usize,
    /// How many files were not read yet.
    pub unread: usize,
    /// How many tokens expire today, tomorrow, and so on.
    pub expiring_by_day: Vec<usize>,
    /// When a status or the date changes next, and everything is recomputed.
    valid_until: Option<Timestamp>,
}

/// The state of the profile list.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// The selected profile.
    pub selected: Option<Name>,
    pub filter: Field,
    /// Whether the filter is being typed.
    pub is_filtering: bool,
    pub sort: Sort,
    /// Whether the rows are grouped by app.
    pub is_grouped: bool,
    /// The profiles that a command works on, where it works on several.
    pub marked: BTreeSet<Name>,
    /// The checks and refreshes in progress.
    pub jobs: Vec<Job>,
    /// The results of the last check or refresh.
    pub last_results: Option<Arc<LastResults>>,
    /// Warnings of the last check, each with the issue time of its token.
    pub warnings: BTreeMap<Name, (Timestamp, String)>,
    /// Whether the background checks of this start were started.
    pub has_checked_on_start: bool,
    /// The profiles to re-authorize after the current one.
    pub queue: VecDeque<Name>,
    /// The deletions that can be undone, the newest last.
    pub deleted: Vec<Vec<Name>>,
    /// Keys that wait until the files that they are for are read.
    pub queued_keys: Vec<KeyEvent>,
    pub shown: Shown,
}

/// Returns the row of an item; for an app, one of its rows.
pub(super) fn row(files: &Files, item: Item) -> Option<&Row> {
    match item {
        Item::App(number, _) | Item::Row(number) => files.rows.get(number),
    }
}

fn expiry(row: &Row) -> Option<Timestamp> {
    row.readable()?.token.as_ref()?.expires_at
}

fn app(row: &Row) -> Option<&Name> {
    row.readable().map(|profile| &profile.app)
}

/// Recomputes everything after files changed, or at [`Shown::valid_until`].
pub(crate) fn recompute(state: &mut State) {
    let Some(files) = state.files.clone() else { return };
    recount(state, &files);
    sort(state);
}

/// Returns whether a status or the date has changed.
pub(crate) fn is_due(state: &State) -> bool {
    state.list.shown.valid_until.is_some_and(|until| until <= state.now)
}

fn recount(state: &mut State, files: &Files) {
    let today = state.now.to_zoned_datetime(state.config.zone.clone());
    let midnight = today.start_of_day().map_or(state.now, |day| day.timestamp());
    let mut until = midnight.checked_add(SignedDuration::from_hours(24)).ok();
    let warning = SignedDuration::from_hours(24 * i64::from(state.config.expiring_days));
    let shown = &mut state.list.shown;
    shown.counts = Default::default();
    (shown.damaged, shown.unread) = (0, 0);
    shown.expiring_by_day = vec![0; STRIP_DAYS];
    for row in &files.rows {
        let Some(profile) = row.readable() else {
            shown.unread += usize::from(row.profile.is_none());
            shown.damaged += usize::from(row.profile.is_some());
            continue;
        };
        let status = profile.status(state.now, state.config.expiring_days);
        if let Some(at) = STATUSES.iter().position(|known| *known == status) {
            shown.counts[at] += 1;
        }
        let Some(expiry) = expiry(row) else { continue };
        for change in [Some(expiry), expiry.checked_sub(warning).ok()].into_iter().flatten() {
            if change > state.now {
                until = Some(until.map_or(change, |until| until.min(change)));
            }
        }
        let can_expire = matches!(status, Status::Active | Status::Expiring | Status::Unknown);
        let day = (expiry.as_second() - midnight.as_second()).div_euclid(86_400);
        let Ok(day) = usize::try_from(day) else { continue };
        // A token issued today expires in sixty days, one day after the strip: the last cell counts it too.
        let day = if day == STRIP_DAYS { day - 1 } else { day };
        if let Some(count) = shown.expiring_by_day.get_mut(day).filter(|_| can_expire) {
            *count += 1;
        }
    }
    shown.valid_until = until;
    state.list.marked.retain(|name| files.has_profile(name.as_str()));
}

/// Sorts all rows, then filters them.
pub(super) fn sort(state: &mut State) {
    let Some(files) = state.files.clone() else { return };
    let list = &mut state.list;
    let mut sorted: Vec<usize> = (0..files.rows.len()).collect();
    // Rows without the value come last.
    let by_app = |at: &usize| app(&files.rows[*at]).map_or((true, None), |app| (false, Some(app)));
    let by_expiry = |at: &usize| expiry(&files.rows[*at]).map_or((true, None), |expiry| (false, Some(expiry)));
    // The rows are sorted by name already, and a stable sort preserves that. While many files are unread they stay sorted by
    // name: otherwise they would move with each file that is read.
    match if list.shown.unread > MAX_UNREAD_SORTED { Sort::Name } else { list.sort } {
        Sort::Name => {}
        Sort::App => sorted.sort_by_cached_key(by_app),
        Sort::Expiry => sorted.sort_by_cached_key(by_expiry),
    }
    if list.is_grouped {
        sorted.sort_by_cached_key(by_app);
    }
    list.shown.sorted = sorted;
    filter(state);
}

/// Shows the rows that the filter leaves.
pub(crate) fn filter(state: &mut State) {
    let Some(files) = state.files.clone() else { return };
    let words: Vec<String> = fold_for_search(state.list.filter.text()).split_whitespace().map(str::to_owned).collect();
    let is_match = |row: &Row| {
        let status =
            row.readable().map_or("", |profile| profile.status(state.now, state.config.expiring_days).as_str());
        words.is_empty() || row.matches(&words, status)
    };
    let remaining: Vec<usize> =
        state.list.shown.sorted.iter().copied().filter(|at| is_match(&files.rows[*at])).collect();
    let shown = &mut state.list.shown;
    shown.rows = remaining.len();
    if state.list.is_grouped {
        shown.items.clear();
        for group in remaining.chunk_by(|left, right| app(&files.rows[*left]) == app(&files.rows[*right])) {
            shown.items.push(Item::App(group[0], group.len()));
            shown.items.extend(group.iter().map(|at| Item::Row(*at)));
        }
    } else {
        shown.items = remaining.into_iter().map(Item::Row).collect();
    }
    restore_selection(state, &files);
}

/// Selects the line of the selected profile; where the profile was deleted, the line in its place.
fn restore_selection(state: &mut State, files: &Files) {
    let list = &mut state.list;
    let is_selected = |item: &Item| match item {
        Item::Row(at) => files.rows.get(*at).map(|row| &row.name) == list.selected.as_ref(),
        Item::App(..) => false,
    };
    let is_deleted = list.selected.as_ref().is_some_and(|name| !files.has_profile(name.as_str()));
    list.shown.selected = match list.shown.items.iter().position(is_selected) {
        Some(at) => at,
        None if is_deleted => nearest_row(&list.shown.items, list.shown.selected),
        None => nearest_row(&list.shown.items, 0),
    };
    if is_deleted {
        state.list.selected = selected(state).map(|row| row.name.clone());
    }
}

/// Selects the profile that is shown as selected. They differ while a filter hides the profile that was selected before it.
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

/// Selects the profile at a line, or the next one in the direction of the movement.
pub(super) fn select(state: &mut State, to: usize) {
    let shown = &mut state.list.shown;
    let to = to.min(shown.items.len().saturating_sub(1));
    let is_row = |at: &usize| matches!(shown.items.get(*at), Some(Item::Row(_)));
    let above = (0..=to).rev().find(is_row).filter(|_| to < shown.selected);
    shown.selected = above.unwrap_or_else(|| nearest_row(&shown.items, to));
    commit_selection(state);
}

pub(super) fn selected(state: &State) -> Option<&Row> {
    match state.list.shown.items.get(state.list.shown.selected)? {
        Item::Row(at) => state.files.as_ref()?.rows.get(*at),
        Item::App(..) => None,
    }
}

/// Returns the profiles that the filter leaves.
pub(super) fn shown_rows<'a>(state: &'a State, files: &'a Files) -> impl Iterator<Item = &'a Row> {
    state.list.shown.items.iter().filter_map(|item| match item {
        Item::Row(at) => files.rows.get(*at),
        Item::App(..) => None,
    })
}

/// Returns the profiles that a command works on: the marked ones, or the selected one where none is marked.
pub(super) fn targets(state: &State) -> Vec<Name> {
    if state.list.marked.is_empty() {
        return selected(state).map(|row| vec![row.name.clone()]).unwrap_or_default();
    }
    // The order is that of the list.
    let Some(files) = &state.files else { return Vec::new() };
    let order = state.list.shown.sorted.iter().filter_map(|at| files.rows.get(*at));
    order.map(|row| &row.name).filter(|name| state.list.marked.contains(*name)).cloned().collect()
}

/// Returns how many profiles are marked, and how many of them the filter hides.
pub(super) fn marked_label(state: &State) -> Option<String> {
    let all = state.list.marked.len();
    if all == 0 {
        return None;
    }
    let Some(files) = &state.files else { return None };
    let shown = shown_rows(state, files).filter(|row| state.list.marked.contains(&row.name)).count();
    Some(if shown < all { format!("{all} marked, {} hidden", all - shown) } else { format!("{all} marked") })
}

fn visible_rows<'a>(state: &'a State, files: &'a Files) -> impl Iterator<Item = &'a Row> {
    let layout = list_layout(state, list_area(&state.window()));
    let visible = state.list.shown.items.iter().skip(layout.top).take(usize::from(layout.rows.height));
    visible.filter_map(|item| row(files, *item))
}

/// Sorts the profiles to read: the visible ones first.
pub(crate) fn sort_visible_first(state: &State, mut names: Vec<Name>) -> Vec<Name> {
    let Some(files) = &state.files else { return names };
    let visible: BTreeSet<&Name> = visible_rows(state, files).map(|row| &row.name).collect();
    names.sort_by_key(|name| !visible.contains(name));
    names
}

/// Returns when a status, the date, or the time left of a visible token changes next.
pub(crate) fn next_change(state: &State) -> Option<Timestamp> {
    let files = state.files.as_ref()?;
    let changes = visible_rows(state, files).filter_map(|row| time_format::next_change(state.now, expiry(row)?));
    changes.chain(state.list.shown.valid_until).min()
}
