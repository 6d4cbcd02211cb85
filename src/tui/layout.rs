//! The layout of the window, computed from sizes alone: `update` (mouse, visible rows) and `view` (drawing) share it.

use std::ops::Range;

use ratatui::layout::Rect;

use crate::text::columns;

/// The columns and rows that every screen needs.
pub(crate) const MIN_SIZE: (u16, u16) = (60, 20);
/// The width of text in a wider window, because longer lines are hard to read.
const MAX_TEXT_WIDTH: u16 = 100;
const MAX_HINT_LINES: usize = 3;
/// The border and the padding of a dialog, on both sides.
const DIALOG_FRAME_ROWS: u16 = 4;

pub(crate) const fn is_too_small((width, height): (u16, u16)) -> bool {
    width < MIN_SIZE.0 || height < MIN_SIZE.1
}

/// The areas of a window that is at least [`MIN_SIZE`]. The title bar is its first row.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    /// The page or the profile list.
    pub body: Rect,
    /// The status line, and the key hints below it.
    pub footer: Rect,
    /// Which hints are on each line; those that do not fit are on none.
    pub hint_lines: Vec<Range<usize>>,
    /// The columns between two hints.
    pub hint_gap: usize,
}

impl Window {
    pub(crate) fn new((width, height): (u16, u16), hints: &[(String, String)]) -> Self {
        let (hint_lines, hint_gap) = wrap_hints(hints, usize::from(width - 2));
        let footer_height = u16::try_from(hint_lines.len()).unwrap_or(1) + 1;
        let body = Rect { x: 2, y: 2, width: width - 3, height: height.saturating_sub(2 + footer_height) };
        let footer = Rect { x: 0, y: body.bottom(), width, height: height - body.bottom() };
        Self { body, footer, hint_lines, hint_gap }
    }

    /// Returns the width of a page's text. The last two columns of the body are for the scroll marks.
    pub(crate) fn text_width(&self) -> usize {
        usize::from((self.body.width - 2).min(MAX_TEXT_WIDTH))
    }

    fn dialog_width(&self) -> u16 {
        self.footer.width.min(MAX_TEXT_WIDTH) - 2
    }

    pub(crate) fn dialog_text_width(&self) -> usize {
        usize::from(self.dialog_width() - 6)
    }

    /// Returns the area of a dialog with `line_count` lines of text, its border included: as high as the text, or as the body.
    pub(crate) fn dialog(&self, line_count: usize) -> Rect {
        let max_text_height = self.body.height.saturating_sub(DIALOG_FRAME_ROWS);
        let text_height = u16::try_from(line_count).unwrap_or(u16::MAX).min(max_text_height);
        let height = (text_height + DIALOG_FRAME_ROWS).min(self.body.height);
        let width = self.dialog_width();
        Rect {
            x: self.body.x - 1 + (self.body.width + 1 - width) / 2,
            y: self.body.y + (self.body.height - height) / 2,
            width,
            height,
        }
    }
}

/// Wraps key hints; a narrower gap is used where it saves a line.
fn wrap_hints(hints: &[(String, String)], width: usize) -> (Vec<Range<usize>>, usize) {
    let widths: Vec<usize> = hints.iter().map(|(key, label)| columns(key) + 1 + columns(label)).collect();
    let total = |gap: usize| widths.iter().map(|width| width + gap).sum::<usize>();
    let gap = if total(3) > width + 3 && total(2) <= width + 2 { 2 } else { 3 };
    let mut lines = Vec::new();
    let (mut start, mut used) = (0, 0);
    for (at, hint) in widths.iter().enumerate() {
        if used + hint > width {
            lines.push(start..at);
            if lines.len() == MAX_HINT_LINES {
                return (lines, gap);
            }
            (start, used) = (at, 0);
        }
        used += hint + gap;
    }
    lines.push(start..widths.len());
    (lines, gap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_take_at_most_three_lines() {
        let hints = vec![("a".to_owned(), "x".repeat(25)); 9];
        let window = Window::new(MIN_SIZE, &hints);
        assert_eq!(window.hint_lines, [0..2, 2..4, 4..6]);
        assert_eq!((window.body.height, window.footer.height), (14, 4));
        assert_eq!(Window::new(MIN_SIZE, &[]).footer.height, 2);
    }

    #[test]
    fn narrower_gap_saves_a_line() {
        let hints = vec![("a".to_owned(), "x".repeat(12)); 4];
        let window = Window::new((60, 20), &hints[..3]);
        assert_eq!((window.hint_lines.len(), window.hint_gap), (1, 3));
        let window = Window::new((64, 20), &hints);
        assert_eq!((window.hint_lines.len(), window.hint_gap), (1, 2));
    }

    #[test]
    fn dialog_is_inside_the_body() {
        let window = Window::new((120, 30), &[]);
        assert!(window.dialog(3).height == 7 && window.dialog(500).height == window.body.height);
        assert!(window.dialog(500).right() <= window.body.right() + 1);
    }
}
