//! What the list shows and in which order. It is worked out when files, filter, sort or time
//! change, and kept between frames: drawing ten thousand profiles costs no more than drawing ten.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crossterm::event::KeyEvent;
use jiff::{SignedDuration, Timestamp};

use super::jobs::Job;
use super::layout::list_layout;
use super::results::JobResult;
use crate::store::{Name, Status};
use crate::text::fold_for_search;
use crate::tui::files::{Files, Row};
use crate::tui::message::JobKind;
use crate::tui::state::State;
use crate::tui::when;
use crate::tui::widgets::field::Field;

/// Days that the calendar strip looks ahead.
pub(super) const DAYS: usize = 60;

/// Rows that may be sorted before their files were read: what a screen holds.
const UNREAD: usize = 64;

/// Every status, in the order in which the title counts them.
pub(super) const STATUSES: [Status; 6] =
    [Status::Active, Status::Expiring, Status::Expired, Status::Revoked, Status::Unknown, Status::SignedOut];

/// What the rows are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// What ends first.
    #[default]
    Expiry,
    /// The profile's name.
    Name,
    /// The app's name.
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

/// One line of the list; the numbers are those of the rows of [`Files`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// An app's heading: one of its rows, and how many there are.
    App(usize, usize),
    /// A profile.
    Row(usize),
}

/// What was worked out.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// All rows in their order.
    sorted: Vec<usize>,
    /// The lines that the filter leaves.
    pub items: Vec<Item>,
    /// How many of them are profiles.
    pub rows: usize,
    /// Which of them is selected.
    pub at: usize,
    /// How many profiles there are of each status, in the order of the title.
    pub counts: [usize; STATUSES.len()],
    /// How many files cannot be read.
    pub damaged: usize,
    /// How many files were not read yet.
    pub unread: usize,
    /// How many tokens end today, tomorrow, and so on.
    pub ends: Vec<usize>,
    /// When a status or the day changes, so that all this is worked out anew.
    until: Option<Timestamp>,
}

/// The profile list's own state.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// The selected profile.
    pub selected: Option<Name>,
    /// What the filter says.
    pub filter: Field,
    /// Is the filter being typed?
    pub filtering: bool,
    /// What the rows are sorted by.
    pub sort: Sort,
    /// Are they grouped by app?
    pub grouped: bool,
    /// The profiles that a command is for, where it is for several.
    pub marked: BTreeSet<Name>,
    /// Checks and refreshes that go on.
    pub jobs: Vec<Job>,
    /// What the last check or refresh said of each.
    pub last: Option<(JobKind, Vec<JobResult>)>,
    /// Warnings of the last check, and when the token was issued that each is about.
    pub warnings: BTreeMap<Name, (Timestamp, String)>,
    /// Were the background checks of this start begun?
    pub checked_on_start: bool,
    /// Profiles that are re-authorized after this one.
    pub queue: VecDeque<Name>,
    /// What can be brought back, the newest last.
    pub deleted: Vec<Vec<Name>>,
    /// Keys that wait for the details of the selected profile.
    pub ahead: Vec<KeyEvent>,
    /// What was worked out of the files.
    pub shown: Shown,
}

/// The row of an item.
pub(super) fn row(files: &Files, item: Item) -> Option<&Row> {
    match item {
        Item::App(number, _) | Item::Row(number) => files.rows.get(number),
    }
}

fn end(row: &Row) -> Option<Timestamp> {
    row.readable()?.token.as_ref()?.expires_at
}

fn app(row: &Row) -> Option<&Name> {
    row.readable().map(|profile| &profile.app)
}

/// Works out everything: files changed, or time went over an end.
pub(in crate::tui) fn recompute(state: &mut State) {
    let Some(files) = state.files.clone() else { return };
    recount(state, &files);
    sort(state, &files);
}

/// Did time go over an end, a warning or midnight?
pub(in crate::tui) fn is_due(state: &State) -> bool {
    state.list.shown.until.is_some_and(|until| until <= state.now)
}

fn recount(state: &mut State, files: &Files) {
    let today = state.now.to_zoned_datetime(state.start.zone.clone());
    let midnight = today.start_of_day().map_or(state.now, |day| day.timestamp());
    let mut until = midnight.checked_add(SignedDuration::from_hours(24)).ok();
    let warning = SignedDuration::from_hours(24 * i64::from(state.start.expiring_days));
    let shown = &mut state.list.shown;
    shown.counts = Default::default();
    (shown.damaged, shown.unread) = (0, 0);
    shown.ends = vec![0; DAYS];
    for row in &files.rows {
        let Some(profile) = row.readable() else {
            shown.unread += usize::from(row.profile.is_none());
            shown.damaged += usize::from(row.profile.is_some());
            continue;
        };
        let status = profile.status(state.now, state.start.expiring_days);
        if let Some(at) = STATUSES.iter().position(|one| *one == status) {
            shown.counts[at] += 1;
        }
        let Some(end) = end(row) else { continue };
        for change in [Some(end), end.checked_sub(warning).ok()].into_iter().flatten() {
            if change > state.now {
                until = Some(until.map_or(change, |until| until.min(change)));
            }
        }
        // A revoked token is no chore of a day to come.
        let is_valid_for = matches!(status, Status::Active | Status::Expiring | Status::Unknown);
        let day = (end.as_second() - midnight.as_second()).div_euclid(86_400);
        // A token of today lives for sixty days from now, and so ends on the sixtieth day after today: the last cell holds both.
        let day = if day == i64::try_from(DAYS).unwrap_or(i64::MAX) { day - 1 } else { day };
        if let Some(count) = usize::try_from(day).ok().and_then(|day| shown.ends.get_mut(day)).filter(|_| is_valid_for)
        {
            *count += 1;
        }
    }
    shown.until = until;
    state.list.marked.retain(|name| files.has(name.as_str()));
}

/// Sorts all rows, then filters them.
pub(super) fn sort(state: &mut State, files: &Arc<Files>) {
    let list = &mut state.list;
    let mut sorted: Vec<usize> = (0..files.rows.len()).collect();
    // The rows are sorted by name already, and a stable sort keeps that. While many files are unread they stay so: what comes
    // in piece by piece would move them again and again.
    match if list.shown.unread > UNREAD { Sort::Name } else { list.sort } {
        Sort::Name => {}
        Sort::App => {
            sorted.sort_by_cached_key(|at| app(&files.rows[*at]).map_or((true, None), |app| (false, Some(app))));
        }
        Sort::Expiry => {
            sorted.sort_by_cached_key(|at| end(&files.rows[*at]).map_or((true, None), |end| (false, Some(end))));
        }
    }
    if list.grouped {
        sorted.sort_by_cached_key(|at| app(&files.rows[*at]).map_or((true, None), |app| (false, Some(app))));
    }
    list.shown.sorted = sorted;
    filter(state, files);
}

/// Takes the rows that the filter leaves.
pub(super) fn filter(state: &mut State, files: &Arc<Files>) {
    let words: Vec<String> = fold_for_search(state.list.filter.text()).split_whitespace().map(str::to_owned).collect();
    let fits = |row: &Row| {
        let status = row.readable().map_or("", |profile| profile.status(state.now, state.start.expiring_days).as_str());
        words.is_empty() || row.matches(&words, status)
    };
    let kept: Vec<usize> = state.list.shown.sorted.iter().copied().filter(|at| fits(&files.rows[*at])).collect();
    let shown = &mut state.list.shown;
    shown.rows = kept.len();
    if state.list.grouped {
        shown.items.clear();
        for group in kept.chunk_by(|one, other| app(&files.rows[*one]) == app(&files.rows[*other])) {
            shown.items.push(Item::App(group[0], group.len()));
            shown.items.extend(group.iter().map(|at| Item::Row(*at)));
        }
    } else {
        shown.items = kept.into_iter().map(Item::Row).collect();
    }
    restore_selection(state, files);
}

/// Finds the selected profile again; where it is gone, the one in its place is next.
pub(super) fn restore_selection(state: &mut State, files: &Files) {
    let list = &mut state.list;
    let is_selected = |item: &Item| match item {
        Item::Row(at) => files.rows.get(*at).map(|row| &row.name) == list.selected.as_ref(),
        Item::App(..) => false,
    };
    let gone = list.selected.as_ref().is_some_and(|name| !files.has(name.as_str()));
    list.shown.at = match list.shown.items.iter().position(is_selected) {
        Some(at) => at,
        None if gone => nearest_row(&list.shown.items, list.shown.at),
        None => nearest_row(&list.shown.items, 0),
    };
    if gone {
        list.selected =
            list.shown.items.get(list.shown.at).and_then(|item| row(files, *item)).map(|row| row.name.clone());
    }
}

/// Makes the row that is shown as selected the selected one: under a filter that hides the one selected before, it is not yet.
pub(super) fn commit_selection(state: &mut State) {
    if let Some(name) = selected(state).map(|row| row.name.clone()) {
        state.list.selected = Some(name);
    }
}

/// The profile at `at`, or the nearest after it, or before it.
fn nearest_row(items: &[Item], at: usize) -> usize {
    let at = at.min(items.len().saturating_sub(1));
    let is_row = |at: &usize| matches!(items.get(*at), Some(Item::Row(_)));
    (at..items.len()).find(is_row).or_else(|| (0..at).rev().find(is_row)).unwrap_or_default()
}

/// Selects the profile at a line, or the next in the direction of travel.
pub(super) fn select(state: &mut State, to: usize) {
    let Some(files) = state.files.clone() else { return };
    let shown = &mut state.list.shown;
    let to = to.min(shown.items.len().saturating_sub(1));
    let is_row = |at: &usize| matches!(shown.items.get(*at), Some(Item::Row(_)));
    let found = if to < shown.at {
        (0..=to).rev().find(is_row).unwrap_or_else(|| nearest_row(&shown.items, to))
    } else {
        nearest_row(&shown.items, to)
    };
    shown.at = found;
    if let Some(row) = shown.items.get(found).and_then(|item| row(&files, *item)) {
        state.list.selected = Some(row.name.clone());
    }
}

/// The selected row.
pub(in crate::tui) fn selected(state: &State) -> Option<&Row> {
    let item = *state.list.shown.items.get(state.list.shown.at)?;
    row(state.files.as_ref()?, item).filter(|_| matches!(item, Item::Row(_)))
}

/// The profiles that a command is for: those that are marked, else the selected one.
pub(super) fn targets(state: &State) -> Vec<Name> {
    if state.list.marked.is_empty() {
        return selected(state).map(|row| vec![row.name.clone()]).unwrap_or_default();
    }
    // In the order in which they are seen; those that the filter hides come last.
    let Some(files) = &state.files else { return Vec::new() };
    let order = state.list.shown.sorted.iter().filter_map(|at| files.rows.get(*at));
    order.map(|row| &row.name).filter(|name| state.list.marked.contains(*name)).cloned().collect()
}

/// How many are marked, and how many of them the filter hides.
pub(super) fn marked(state: &State) -> Option<String> {
    let all = state.list.marked.len();
    if all == 0 {
        return None;
    }
    let Some(files) = &state.files else { return None };
    let shown = state.list.shown.items.iter().filter(|item| matches!(item, Item::Row(_)));
    let shown = shown.filter_map(|item| row(files, *item)).filter(|row| state.list.marked.contains(&row.name)).count();
    Some(if shown < all { format!("{all} marked, {} hidden", all - shown) } else { format!("{all} marked") })
}

/// The rows in sight.
fn in_sight<'a>(state: &'a State, files: &'a Files) -> impl Iterator<Item = &'a Row> {
    let layout = list_layout(state, state.window().body);
    let seen = state.list.shown.items.iter().skip(layout.top).take(usize::from(layout.rows.height));
    seen.filter_map(|item| row(files, *item))
}

/// `names` with those in sight first: they are read first.
pub(in crate::tui) fn visible_first(state: &State, mut names: Vec<Name>) -> Vec<Name> {
    let Some(files) = &state.files else { return names };
    let seen: BTreeSet<&Name> = in_sight(state, files).map(|row| &row.name).collect();
    names.sort_by_key(|name| !seen.contains(name));
    names
}

/// When a status, the day, or what is left of a token in sight changes by itself.
pub(in crate::tui) fn next_change(state: &State) -> Option<Timestamp> {
    let files = state.files.as_ref()?;
    let ends = in_sight(state, files).filter_map(|row| when::next_change(state.now, end(row)?));
    ends.chain(state.list.shown.until).min()
}
