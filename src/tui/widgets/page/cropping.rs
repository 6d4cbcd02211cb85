//! Parts of a page that have only the rows that fit, where several of them share the window.

use ratatui::text::Line;

use super::Page;

impl Page {
    /// Marks the first and the last line of a part that has only the rows that fit, where it continues.
    pub(crate) fn mark_continued(&mut self, (first, is_above): (usize, bool), (last, is_below): (usize, bool)) {
        self.continued.extend(is_above.then_some((first, self.theme.symbol("↑", "^"))));
        self.continued.extend(is_below.then_some((last, self.theme.symbol("↓", "v"))));
    }

    /// Leaves `height` of the lines from `start` on, without the first `scroll` of them: blank ones where they are fewer. Returns
    /// whether there are more.
    pub(crate) fn crop(&mut self, start: usize, height: usize, scroll: usize) -> bool {
        self.hidden_lines = (self.lines.len() - start).saturating_sub(height);
        let top = scroll.min(self.hidden_lines);
        self.lines.drain(start..start + top);
        self.lines.resize(start + height, Line::default());
        let part = start..start + height;
        let moved = |line: usize| {
            if line < start { Some(line) } else { line.checked_sub(top).filter(|line| part.contains(line)) }
        };
        self.visible_line = self.visible_line.and_then(moved);
        let clicks = std::mem::take(&mut self.clicks);
        self.clicks = clicks.into_iter().filter_map(|(line, click)| Some((moved(line)?, click))).collect();
        let links = std::mem::take(&mut self.links);
        self.links = links.into_iter().filter_map(|(line, url)| Some((moved(line)?, url))).collect();
        self.mark_continued((start, top > 0), (start + height.saturating_sub(1), top < self.hidden_lines));
        self.hidden_lines > 0
    }

    /// Sets the text on the right of the last panel's title.
    pub(crate) fn note_panel(&mut self, note: String) {
        if let Some(panel) = self.panels.last_mut() {
            panel.note = note;
        }
    }
}
