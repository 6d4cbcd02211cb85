//! The state of the list.

use super::jobs::Job;
use super::results::LastResults;
use crate::store::{Name, Status};
use crate::tui::message::Undoable;
use crate::tui::widgets::field::Field;
use crossterm::event::KeyEvent;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Every status, the most urgent first: the order in which the title counts them, and that of sorting by status.
pub(super) const STATUSES: [Status; 6] =
    [Status::Expired, Status::Revoked, Status::Expiring, Status::Unknown, Status::Active, Status::SignedOut];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Expiry,
    Name,
    Member,
    App,
    Status,
}

impl Sort {
    pub(super) const fn next(self) -> Self {
        match self {
            Self::Expiry => Self::Name,
            Self::Name => Self::Member,
            Self::Member => Self::App,
            Self::App => Self::Status,
            Self::Status => Self::Expiry,
        }
    }

    /// Returns the name of the column.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Expiry => "expiry",
            Self::Name => "name",
            Self::Member => "member",
            Self::App => "app",
            Self::Status => "status",
        }
    }
}

/// One line of the list. The indices are those of [`rows`](crate::tui::store_snapshot::StoreSnapshot::rows).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// The heading of a group, which has the profiles of an app: the index of one of its rows, and their number.
    Group(usize, usize),
    /// The index of a profile's row.
    Row(usize),
}

/// What the list shows, as computed from the store, the filter and the time.
#[derive(Clone, Debug, Default)]
pub struct ListView {
    /// The indices of all rows in the sort order.
    pub(super) sorted: Vec<usize>,
    /// The indices of the rows that the filter leaves.
    pub(super) filtered: Vec<usize>,
    /// The lines that the filter leaves.
    pub items: Vec<Item>,
    /// The selected line.
    pub selected: usize,
    /// How many profiles have each of [`STATUSES`].
    pub counts: [usize; STATUSES.len()],
    /// How many files cannot be read.
    pub damaged: usize,
    /// How many files were not read yet.
    pub unread: usize,
    /// How many profiles a member must re-authorize now or soon.
    pub due: usize,
    /// How many of them have no valid token any more.
    pub overdue: usize,
    /// How many tokens expire today, tomorrow, and so on.
    pub expiring_by_day: Vec<usize>,
    /// How many of those tokens are about to expire.
    pub expiring_soon_by_day: Vec<usize>,
    /// How many of them have an unknown status.
    pub unknown_by_day: Vec<usize>,
    /// When a status or the date changes next. Everything is recomputed then.
    pub(super) valid_until: Option<Timestamp>,
}

impl ListView {
    /// Returns how many profiles the filter leaves.
    pub const fn row_count(&self) -> usize {
        self.filtered.len()
    }
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
    /// Whether the sort order is reversed.
    pub is_descending: bool,
    /// Whether the rows are grouped by app.
    pub is_grouped: bool,
    /// The groups whose rows are hidden.
    pub folded: BTreeSet<String>,
    /// The group whose heading is selected.
    pub selected_group: Option<String>,
    /// Whether the detail of the selected profile is shown as a page, instead of the list.
    pub is_detail_open: bool,
    /// Whether the first due profile was selected as the list opened.
    pub has_selected_due: bool,
    /// The profiles that a command works on, where it works on several.
    pub marked: BTreeSet<Name>,
    /// The jobs in progress.
    pub jobs: Vec<Job>,
    /// The results of the last job.
    pub last_results: Option<Arc<LastResults>>,
    /// Warnings of the last check, each with the issue time of its token.
    pub warnings: BTreeMap<Name, (Timestamp, String)>,
    /// Whether the background checks of this start were started.
    pub has_checked_on_start: bool,
    /// The profiles to re-authorize after the one whose dialog or sign-in is open.
    pub reauthorization_queue: VecDeque<Name>,
    /// The profiles of the re-authorization queue that were skipped. They remain marked.
    pub skipped: BTreeSet<Name>,
    /// The profiles that were re-authorized since the list was left.
    pub reauthorized: BTreeSet<Name>,
    /// The changes that can be undone, the newest last.
    pub undoable: Vec<Undoable>,
    /// Whether a change is being undone.
    pub is_undoing: bool,
    /// How many more changes are undone after that one.
    pub queued_undos: usize,
    /// Keys that wait until the files of their profiles are read.
    pub queued_keys: Vec<KeyEvent>,
    pub view: ListView,
}
