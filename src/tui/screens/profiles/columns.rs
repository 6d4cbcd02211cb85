//! The columns of the list.

use super::model::Sort;
use crate::text;
use crate::tui::store_snapshot::{Row, StoreSnapshot};

// All widths are in columns of the terminal.

/// Width of the marks before the name: the cursor, and the mark of a marked profile, with a gap.
pub(super) const MARKS_WIDTH: usize = 4;
/// Width of the status, with the gap after it.
pub(super) const STATUS_WIDTH: usize = 11;
/// Width of the time left, with the gap after it.
pub(super) const TIME_LEFT_WIDTH: usize = 10;

/// Width of the member.
const MEMBER_WIDTH: usize = 14;
/// Width that the member keeps where a name needs more to be whole.
const MIN_MEMBER_WIDTH: usize = 12;

/// The widths of the other columns, gaps included; zero hides a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) name: usize,
    pub(super) member: usize,
    pub(super) app: usize,
    pub(super) scopes: usize,
    pub(super) checked: usize,
    /// The bar beside the time left.
    pub(super) time_left_bar: usize,
}

/// Longest name, with the mark of the current profile, that counts for the width of its column. A longer one is shown whole
/// where there is room, and must not hide other columns of all rows.
const USUAL_NAME_WIDTH: usize = 28;
/// Width by which the rows of a group are indented.
pub(super) const GROUP_INDENT: usize = 2;

impl Columns {
    pub(super) fn new(store: &StoreSnapshot, width: usize, is_grouped: bool) -> Self {
        let is_current = |row: &Row| store.current.as_ref() == Some(&row.name);
        // Profile names are ASCII; the current one has a `●` after it.
        let indent = if is_grouped { GROUP_INDENT } else { 0 };
        let name = |row: &Row| indent + row.name.as_str().len() + 2 * usize::from(is_current(row));
        let member = |row: &Row| Some(text::columns(row.readable()?.member.as_ref()?.name.as_deref()?));
        let longest_name = store.rows.iter().map(name).max().unwrap_or_default();
        let usual_names = store.rows.iter().map(name).filter(|width| *width <= USUAL_NAME_WIDTH);
        let usual_name = usual_names.max().unwrap_or(USUAL_NAME_WIDTH);
        let longest_member = store.rows.iter().filter_map(member).max().unwrap_or_default();
        let apps = store.readable().map(|profile| profile.app.as_str().len());
        let longest_app = apps.max().unwrap_or_default();
        Self::divide((usual_name, longest_name), longest_member, longest_app, width)
    }

    /// Divides `width`. Other columns are left out before a usual name is cut, because users type names into scripts: first those
    /// that the detail pane repeats. For an unusually long name only the bar and what is before it are left out, where that
    /// shows it whole. The columns that stay get what is left over, the names first.
    fn divide(
        (usual_name, longest_name): (usize, usize),
        longest_member: usize,
        longest_app: usize,
        width: usize,
    ) -> Self {
        let free = width.saturating_sub(MARKS_WIDTH + STATUS_WIDTH + TIME_LEFT_WIDTH);
        let from_width = |min_width: usize, columns: usize| if width >= min_width { columns } else { 0 };
        let app = from_width(92, 11);
        let fits = longest_name + 2 + MIN_MEMBER_WIDTH + app <= free;
        let name = if fits { longest_name } else { usual_name } + 2;
        let member = free.saturating_sub(name + app).clamp(MIN_MEMBER_WIDTH, MEMBER_WIDTH);
        let mut columns = Self {
            name: name.max(10),
            member,
            app,
            scopes: from_width(112, 8),
            checked: from_width(124, 11),
            time_left_bar: from_width(58, 7),
        };
        let mut missing = columns.total().saturating_sub(free);
        let optional = [
            &mut columns.checked,
            &mut columns.scopes,
            &mut columns.time_left_bar,
            &mut columns.app,
            &mut columns.member,
        ];
        for column in optional {
            if missing > 0 {
                missing = missing.saturating_sub(std::mem::take(column));
            }
        }
        columns.name -= missing.min(columns.name);
        let mut spare = free.saturating_sub(columns.total());
        let longest_name = (longest_name + 2).max(columns.name);
        for (column, max) in [
            (&mut columns.name, longest_name),
            (&mut columns.app, (longest_app + 2).clamp(11, 40)),
            (&mut columns.member, (longest_member + 2).clamp(MEMBER_WIDTH, 40)),
            (&mut columns.time_left_bar, 28),
        ] {
            if *column > 0 {
                let given = spare.min(max - *column);
                *column += given;
                spare -= given;
            }
        }
        if columns.member > 0 {
            columns.member += spare;
        } else {
            columns.name += spare;
        }
        columns
    }

    const fn total(&self) -> usize {
        self.name + self.member + self.app + self.scopes + self.checked + self.time_left_bar
    }

    /// Returns the column that is sorted by when its heading at `x` is clicked.
    pub(super) fn sort_at(&self, x: usize) -> Option<Sort> {
        let widths = [
            (MARKS_WIDTH + self.name, Some(Sort::Name)),
            (self.member, Some(Sort::Member)),
            (self.app, Some(Sort::App)),
            (self.scopes + self.checked, None),
            (STATUS_WIDTH, Some(Sort::Status)),
            (TIME_LEFT_WIDTH + self.time_left_bar, Some(Sort::Expiry)),
        ];
        let mut end = 0;
        let hit = widths.iter().find(|(width, _)| {
            end += width;
            x < end
        });
        hit.and_then(|(_, sort)| *sort)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_cut_while_another_column_can_shrink() {
        for width in 56..200 {
            let free = width - MARKS_WIDTH - STATUS_WIDTH - TIME_LEFT_WIDTH;
            for usual in [5, 14, 28] {
                for longest in [usual, 64] {
                    let columns = Columns::divide((usual, longest), 40, 16, width);
                    assert_eq!(columns.total(), free, "{longest} in {width}");
                    assert!(columns.name > usual || columns.total() == columns.name, "{usual} in {width}");
                    let is_at_minimum = columns.member <= 14 && columns.app <= 11 && columns.time_left_bar <= 7;
                    assert!(columns.name > longest || is_at_minimum, "{longest} in {width}: {columns:?}");
                    assert!(columns.member == 0 || columns.member >= MIN_MEMBER_WIDTH, "{longest} in {width}");
                }
            }
        }
    }

    #[test]
    fn one_long_name_hides_columns_only_to_be_whole() {
        let mut whole = 0;
        for width in 56..200 {
            let (usual, outlier) = (Columns::divide((16, 16), 20, 16, width), Columns::divide((16, 35), 20, 16, width));
            let are_shown = |columns: Columns| [columns.member, columns.app].map(|width| width > 0);
            assert_eq!(are_shown(outlier), are_shown(usual), "{width}");
            let others =
                |columns: Columns| [columns.scopes, columns.checked, columns.time_left_bar].map(|width| width > 0);
            assert!(others(outlier) == others(usual) || outlier.name > 35, "{width}");
            whole += usize::from(outlier.name > 35 && usual.time_left_bar > 0);
            // In a list of 80 columns, and in the panel of one of 120.
            assert!(![76, 77].contains(&width) || outlier.name > 35, "{width}: {outlier:?}");
        }
        assert!(whole > 120, "{whole}");
    }

    #[test]
    fn long_name_is_whole_in_a_group_too() {
        // In a list of 80 columns, and in the panel of one of 120.
        for width in [76, 77] {
            let columns = Columns::divide((16 + GROUP_INDENT, 35 + GROUP_INDENT), 20, 16, width);
            assert!(columns.name > 35 + GROUP_INDENT && columns.time_left_bar == 0, "{width}: {columns:?}");
        }
    }

    #[test]
    fn no_app_is_cut_while_another_column_has_room() {
        let columns = Columns::divide((28, 35), 40, 16, 130);
        assert!(columns.app > 16 && columns.name > 35, "{columns:?}");
    }

    #[test]
    fn every_heading_sorts_by_its_column() {
        let columns = Columns::divide((12, 12), 20, 16, 130);
        let app = MARKS_WIDTH + columns.name + columns.member;
        let status = app + columns.app + columns.scopes + columns.checked;
        for (x, sort) in [
            (0, Some(Sort::Name)),
            (MARKS_WIDTH + columns.name, Some(Sort::Member)),
            (app, Some(Sort::App)),
            (app + columns.app, None),
            (status, Some(Sort::Status)),
            (status + STATUS_WIDTH, Some(Sort::Expiry)),
            (129, Some(Sort::Expiry)),
            (130, None),
        ] {
            assert_eq!(columns.sort_at(x), sort, "{x}");
        }
    }
}
