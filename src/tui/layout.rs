//! The layout of the window, computed from sizes alone: `update` (mouse, visible rows) and `view` (drawing) share it.

use ratatui::layout::{Position, Rect};

use super::keymap::KeyHint;
use super::widgets::panel::{PANEL_COLUMNS, UNFRAMED_PANEL_COLUMNS};
use crate::text::columns;

/// The columns and rows that every screen needs.
pub(crate) const MIN_SIZE: (u16, u16) = (60, 20);
/// The size from which panels have a border.
const FRAMED_SIZE: (u16, u16) = (80, 24);
/// The columns from which a page has its second column of panels, and the list its detail beside it: the first column is
/// never narrower than [`FRAMED_SIZE`].
pub(crate) const SPLIT_WIDTH: u16 = 118;
/// The columns of the first column at least.
const MIN_MAIN_COLUMN: u16 = FRAMED_SIZE.0;
const MAX_PAGE_WIDTH: u16 = 100;
const MAX_SPLIT_PAGE_WIDTH: u16 = 148;
const MAX_DIALOG_WIDTH: u16 = 100;
const MIN_DIALOG_WIDTH: u16 = 50;
const MAX_HINT_LINES: u16 = 3;
/// The columns between two key hints.
const HINT_GAP: u16 = 2;
/// The border and the padding of a dialog, on both sides.
const DIALOG_FRAME_ROWS: u16 = 4;
const DIALOG_FRAME_COLUMNS: u16 = 6;
/// The rows of a dialog up to which a text that is higher has no padding above and below it.
const MAX_UNPADDED_HEIGHT: u16 = 18;
/// The columns at the left and the right of the footer.
const MARGIN: u16 = 1;

pub(crate) const fn is_too_small((width, height): (u16, u16)) -> bool {
    width < MIN_SIZE.0 || height < MIN_SIZE.1
}

/// The areas of a window that is at least [`MIN_SIZE`]. The title bar is its first row.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    /// Between the title bar and the footer.
    pub body: Rect,
    /// The status line, and the key hints below it.
    pub footer: Rect,
    /// The row below the last one of a dialog: the status line while one is open, directly above the dialog's own key hints.
    pub dialog_bottom: u16,
    /// The area of each hint; those that do not fit have none.
    pub hints: Vec<(Rect, usize)>,
    /// Whether panels have a border.
    pub is_framed: bool,
}

/// The columns of a page's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PageWidths {
    /// Of a page without an aside.
    pub single: usize,
    /// Of the main panels of a page with an aside.
    pub main: usize,
    /// Of the aside, which is beside the main panels or below them.
    pub aside: usize,
    /// Whether the aside is beside the main panels.
    pub is_split: bool,
}

impl Window {
    #[cfg(test)]
    fn new(size: (u16, u16), hints: &[KeyHint]) -> Self {
        Self::with_hints_behind(size, hints, &[], 1)
    }

    /// Computes the areas. While a dialog is open, `hints` are those of the dialog and `hints_behind` those of the screen:
    /// the footer has as many lines as either needs, so that the screen stays where it is. The status line is `status_lines`
    /// high.
    pub(crate) fn with_hints_behind(
        (width, height): (u16, u16),
        hints: &[KeyHint],
        hints_behind: &[KeyHint],
        status_lines: u16,
    ) -> Self {
        let lines = wrap_hints(hints, width - 2 * MARGIN);
        let height_of = |lines: &[HintLine]| u16::try_from(lines.len()).unwrap_or(1);
        let own_lines = height_of(&lines);
        let line_count = own_lines.max(height_of(&wrap_hints(hints_behind, width - 2 * MARGIN)));
        let body = Rect { x: 0, y: 1, width, height: height.saturating_sub(1 + status_lines + line_count) };
        let footer = Rect { x: 0, y: body.bottom(), width, height: height - body.bottom() };
        let mut placed = Vec::new();
        // The hints are at the bottom, whatever has more of them.
        for (y, line) in (footer.bottom() - own_lines..).zip(lines) {
            let mut x = MARGIN;
            for at in line.left {
                placed.push((Rect { x, y, width: hint_width(hints, at), height: 1 }, at));
                x += hint_width(hints, at) + HINT_GAP;
            }
            let mut x = width - MARGIN - total_width(hints, &line.right);
            for at in line.right {
                placed.push((Rect { x, y, width: hint_width(hints, at), height: 1 }, at));
                x += hint_width(hints, at) + HINT_GAP;
            }
        }
        let is_framed = width >= FRAMED_SIZE.0 && height >= FRAMED_SIZE.1;
        let dialog_bottom = footer.y + line_count - own_lines;
        Self { body, footer, dialog_bottom, hints: placed, is_framed }
    }

    /// Returns the hint at a position.
    pub(crate) fn hint_at(&self, position: Position) -> Option<usize> {
        self.hints.iter().find(|(area, _)| area.contains(position)).map(|(_, at)| *at)
    }

    /// Returns the area of a page, centered in a wide window.
    pub(crate) fn page(&self, has_aside: bool) -> Rect {
        let max_width = if has_aside && self.is_split() { MAX_SPLIT_PAGE_WIDTH } else { MAX_PAGE_WIDTH };
        self.centered(max_width)
    }

    /// Returns the area of a page with one column of panels whose table uses the whole window.
    pub(crate) const fn table_page(&self) -> Rect {
        self.body
    }

    fn centered(&self, max_width: u16) -> Rect {
        let width = self.body.width.min(max_width);
        Rect { x: (self.body.width - width) / 2, width, ..self.body }
    }

    /// Returns the columns of the text of a [`table_page`](Self::table_page).
    pub(crate) fn table_text_width(&self) -> usize {
        usize::from(self.table_page().width - self.frame_columns())
    }

    const fn frame_columns(&self) -> u16 {
        if self.is_framed { PANEL_COLUMNS } else { UNFRAMED_PANEL_COLUMNS }
    }

    const fn is_split(&self) -> bool {
        self.is_framed && self.body.width >= SPLIT_WIDTH
    }

    /// Returns the columns of a page's first column of panels, where it has a second one.
    pub(crate) fn main_column(&self) -> Option<u16> {
        self.is_split().then(|| (self.page(true).width * 3 / 5).max(MIN_MAIN_COLUMN))
    }

    pub(crate) fn page_widths(&self) -> PageWidths {
        let frame = self.frame_columns();
        let text = |columns: u16| usize::from(columns - frame);
        let single = text(self.page(false).width);
        match self.main_column() {
            Some(main) => {
                PageWidths { single, main: text(main), aside: text(self.page(true).width - main), is_split: true }
            }
            None => PageWidths { single, main: single, aside: single, is_split: false },
        }
    }

    /// Returns the lines that `count` panels below each other have together.
    pub(crate) fn panel_rows(&self, count: u16) -> usize {
        let frame_rows = if self.is_framed { 2 } else { 1 };
        usize::from(self.body.height.saturating_sub(frame_rows * count))
    }

    /// Returns the columns of a dialog's text at most.
    pub(crate) fn dialog_text_width(&self) -> usize {
        usize::from(self.footer.width.min(MAX_DIALOG_WIDTH) - 2 - DIALOG_FRAME_COLUMNS)
    }

    /// Returns the lines of a dialog's text at most.
    pub(crate) fn dialog_text_height(&self) -> usize {
        let height = self.max_dialog_height();
        usize::from(height.saturating_sub(2 * dialog_margin(usize::MAX, height)))
    }

    const fn max_dialog_height(&self) -> u16 {
        self.dialog_bottom.saturating_sub(self.body.y)
    }

    /// Returns the area of a dialog, its border included: as wide and as high as its text, or as there is room.
    pub(crate) fn dialog(&self, line_count: usize, text_width: usize) -> Rect {
        let text_height = u16::try_from(line_count.min(self.dialog_text_height())).unwrap_or_default();
        let height = (text_height + DIALOG_FRAME_ROWS).min(self.max_dialog_height());
        let text_width = u16::try_from(text_width.min(self.dialog_text_width())).unwrap_or_default();
        let width = (text_width + DIALOG_FRAME_COLUMNS).max(MIN_DIALOG_WIDTH);
        // Only a high dialog covers rows of the screen's footer.
        let y = self.body.y + self.body.height.saturating_sub(height) / 2;
        Rect { x: (self.body.width - width) / 2, y, width, height }
    }
}

/// Returns the rows above the text of a dialog, and below it: the border, and the padding. In a small window the text is worth more
/// than the padding.
pub(crate) fn dialog_margin(line_count: usize, height: u16) -> u16 {
    let fits = line_count <= usize::from(height.saturating_sub(DIALOG_FRAME_ROWS));
    if fits || height > MAX_UNPADDED_HEIGHT { DIALOG_FRAME_ROWS / 2 } else { 1 }
}

/// The hints of a line, by their indices: those of the context on the left, the global ones on the right.
struct HintLine {
    left: Vec<usize>,
    right: Vec<usize>,
}

fn hint_width(hints: &[KeyHint], at: usize) -> u16 {
    let hint = &hints[at];
    u16::try_from(columns(&hint.key) + 1 + columns(&hint.label)).unwrap_or(u16::MAX) + 2 * u16::from(hint.is_primary)
}

fn total_width(hints: &[KeyHint], line: &[usize]) -> u16 {
    let gaps = HINT_GAP * u16::try_from(line.len().saturating_sub(1)).unwrap_or_default();
    line.iter().map(|at| hint_width(hints, *at)).sum::<u16>() + gaps
}

/// Wraps key hints. The global ones are at the right end of the last line, even where others do not fit.
fn wrap_hints(hints: &[KeyHint], width: u16) -> Vec<HintLine> {
    let (right, left): (Vec<usize>, Vec<usize>) = (0..hints.len()).partition(|at| hints[*at].is_global);
    let right_width = total_width(hints, &right);
    let mut lines: Vec<Vec<usize>> = vec![Vec::new()];
    for at in left {
        let last = lines.len() - 1;
        lines[last].push(at);
        if total_width(hints, &lines[last]) > width {
            lines[last].pop();
            lines.push(vec![at]);
        }
    }
    // A wide window has no second line for the global ones alone: the help and the palette list what is left out.
    let max = if lines.len() == 1 && width >= SPLIT_WIDTH - 2 * MARGIN { 1 } else { usize::from(MAX_HINT_LINES) };
    let room = width.saturating_sub(right_width + HINT_GAP);
    if !right.is_empty() && total_width(hints, &lines[lines.len() - 1]) > room && lines.len() < max {
        lines.push(Vec::new());
    }
    lines.truncate(max);
    let last = lines.len() - 1;
    while !right.is_empty() && total_width(hints, &lines[last]) > room && lines[last].pop().is_some() {}
    let mut lines: Vec<HintLine> = lines.into_iter().map(|left| HintLine { left, right: Vec::new() }).collect();
    lines[last].right = right;
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(label_width: usize) -> KeyHint {
        KeyHint { key: "a".to_owned(), label: "x".repeat(label_width), ..KeyHint::default() }
    }

    fn lines(window: &Window) -> Vec<Vec<usize>> {
        let rows = window.footer.y + 1..window.footer.bottom();
        let on = |y| window.hints.iter().filter(|(area, _)| area.y == y).map(|(_, at)| *at).collect();
        rows.map(on).collect()
    }

    #[test]
    fn hints_take_at_most_three_lines() {
        let window = Window::new(MIN_SIZE, &vec![hint(25); 9]);
        assert_eq!(lines(&window), [[0, 1], [2, 3], [4, 5]]);
        assert_eq!((window.body.height, window.footer.height), (15, 4));
        assert_eq!(Window::new(MIN_SIZE, &[]).footer.height, 2);
    }

    #[test]
    fn hints_wrap_where_they_do_not_fit() {
        assert_eq!(lines(&Window::new((64, 20), &vec![hint(12); 4])), [[0, 1, 2, 3]]);
        assert_eq!(lines(&Window::new((63, 20), &vec![hint(12); 4])), [vec![0, 1, 2], vec![3]]);
    }

    #[test]
    fn screen_behind_a_dialog_stays_where_it_is() {
        let screen = Window::new((63, 20), &vec![hint(12); 4]);
        let dialog = Window::with_hints_behind((63, 20), &[hint(12)], &vec![hint(12); 4], 1);
        assert_eq!((dialog.body, dialog.footer), (screen.body, screen.footer));
        assert_eq!(lines(&dialog), [vec![], vec![0]]);
    }

    #[test]
    fn a_high_dialog_ends_above_the_status_line_of_its_hints() {
        let (few, many) = ([hint(12)], vec![hint(25); 9]);
        let window = Window::with_hints_behind(MIN_SIZE, &few, &many, 1);
        assert_eq!((window.footer.height, window.dialog_bottom), (4, MIN_SIZE.1 - 2));
        assert_eq!(window.dialog(500, 40).bottom(), window.dialog_bottom);
        let low = window.dialog(3, 40);
        assert!(low.bottom() < window.body.bottom(), "a low one stays in the middle of the body: {low:?}");
        let same = Window::with_hints_behind(MIN_SIZE, &many, &[], 1);
        assert_eq!(same.dialog_bottom, same.footer.y);
    }

    #[test]
    fn a_long_status_leaves_the_page_its_border() {
        let (usual, long) = (Window::new((80, 24), &[]), Window::with_hints_behind((80, 24), &[], &[], 3));
        assert_eq!(long.body.height + 2, usual.body.height);
        assert_eq!(long.footer.bottom(), usual.footer.bottom());
        let window = Window::with_hints_behind((63, 20), &vec![hint(12); 4], &[], 2);
        assert_eq!(window.hints[0].0.y, window.footer.y + 2);
    }

    #[test]
    fn global_hints_are_on_the_right_of_the_last_line() {
        let mut hints = vec![hint(25); 9];
        hints.push(KeyHint { is_global: true, ..hint(8) });
        let window = Window::new(MIN_SIZE, &hints);
        assert_eq!(lines(&window), [vec![0, 1], vec![2, 3], vec![4, 9]]);
        let (area, _) = window.hints[5];
        assert_eq!(area.right(), 59);
        assert_eq!(window.hint_at(Position::new(area.x, area.y)), Some(9));
        assert_eq!(window.hint_at(Position::new(area.right(), area.y)), None);
    }

    #[test]
    fn wide_window_has_no_line_for_global_hints_alone() {
        let mut hints = vec![hint(25); 4];
        hints.push(KeyHint { is_global: true, ..hint(8) });
        assert_eq!(lines(&Window::new((120, 36), &hints)), [vec![0, 1, 2, 4]]);
        assert_eq!(lines(&Window::new((110, 36), &hints[1..])), [vec![0, 1, 2, 3]]);
        assert_eq!(lines(&Window::new((80, 24), &hints[2..])), [vec![0, 1, 2]]);
        assert_eq!(lines(&Window::new((116, 24), &hints)).len(), 2, "a narrow one wraps");
        assert_eq!(lines(&Window::new((120, 36), &vec![hint(25); 5])), [vec![0, 1, 2, 3], vec![4]]);
    }

    #[test]
    fn dialog_is_as_large_as_its_text_and_inside_the_body() {
        let window = Window::new((120, 30), &[]);
        assert_eq!(window.dialog(3, 60).height, 7);
        assert_eq!(window.dialog(3, 60).width, 66);
        assert_eq!(window.dialog(500, 500).height, window.body.height);
        assert!(window.dialog(500, 500).right() <= window.body.right());
    }

    #[test]
    fn page_with_an_aside_is_split_in_a_wide_window() {
        let widths = Window::new((120, 36), &[]).page_widths();
        assert_eq!(widths, PageWidths { single: 96, main: 76, aside: 36, is_split: true });
        assert!(!Window::new((117, 36), &[]).page_widths().is_split);
        let widths = Window::new((80, 24), &[]).page_widths();
        assert_eq!(widths, PageWidths { single: 76, main: 76, aside: 76, is_split: false });
        assert_eq!(Window::new(MIN_SIZE, &[]).page_widths().single, 57);
        for width in 80..260 {
            let widths = Window::new((width, 36), &[]).page_widths();
            assert!(widths.main >= 76, "{width} columns show less than 80: {widths:?}");
        }
    }
}
