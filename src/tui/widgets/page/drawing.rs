//! Draws a page: its panels in one column or two, and the lines of each, scrolled so that the focus stays visible.

use ratatui::Frame;
use ratatui::layout::{Margin, Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::panel::{UNFRAMED_PANEL_COLUMNS, draw_dialog_panel, draw_panel, draw_rule, inner_area};
use super::{Block, DrawnPage, Link, MIN_PANEL_HEIGHT, Page, Panel, ScrollRange, undim};
use crate::text::columns;
use crate::tui::layout::{Window, dialog_margin};

/// The columns of a title's line besides the title and the note.
pub(crate) const TITLE_GAPS: usize = 9;
/// The rows that the panels above the pinned ones keep, with their title.
const MIN_SCROLLED_HEIGHT: u16 = 5;

/// The rows of a window from which a page has a margin above it.
const MARGIN_FROM: u16 = 32;

/// Returns the empty rows above a page: a third of what a large window has more than a small one. It depends on the rows that the
/// page leaves free only where they are few, so that the pages of a sequence begin in the same row.
fn top_margin(window_height: u16, free: u16) -> u16 {
    (window_height.saturating_sub(MARGIN_FROM) / 3).min(free)
}

/// The lines of a page that an area shows, and where it marks that there are more.
struct VisibleLines {
    /// Each line with its row on the screen.
    lines: Vec<(usize, u16)>,
    continues_above: Option<u16>,
    continues_below: bool,
}

impl Page {
    /// Draws the lines without any frame, scrolled by `scroll` or to the focus; returns the visible links and click targets.
    pub(crate) fn draw(&self, frame: &mut Frame<'_>, area: Rect, scroll: u16) -> DrawnPage {
        let lines: Vec<usize> = (0..self.lines.len()).collect();
        self.draw_lines(frame, area, area.right().saturating_sub(1), &lines, scroll)
    }

    /// Draws the lines inside the border of a dialog.
    pub(crate) fn draw_dialog(&self, frame: &mut Frame<'_>, area: Rect, scroll: u16) -> DrawnPage {
        let style = if self.title_style == Style::new() { self.theme.accent() } else { self.title_style };
        let lines: Vec<usize> = (0..self.lines.len()).collect();
        let inside = area.inner(Margin::new(3, dialog_margin(lines.len(), area.height)));
        let scroll_range = ScrollRange::new(lines.len(), inside.height);
        let note = self.scroll_note((&self.title, &self.title_note), &lines, scroll_range.max, area.width);
        draw_dialog_panel(frame, area, self.theme, (&self.title, style), &note);
        let drawn = self.draw_lines(frame, inside, area.right() - 1, &lines, scroll);
        DrawnPage { scroll_range, height: area.height, ..drawn }
    }

    /// Draws the panels with their borders; without borders where the window is small.
    pub(crate) fn draw_panels(&self, frame: &mut Frame<'_>, window: &Window, scroll: u16) -> DrawnPage {
        // A page keeps its width while its aside is empty.
        let has_aside = self.aside_width.is_some();
        let page = if self.is_wide { window.table_page() } else { window.page(has_aside) };
        let footnote_height = u16::try_from(self.footnotes.len()).unwrap_or(u16::MAX).min(page.height / 2);
        let area = Rect { height: page.height - footnote_height, ..page };
        let drawn = self.draw_blocks(frame, window, area, scroll);
        let top = area.y + drawn.height.min(area.height);
        for (y, line) in (top..top + footnote_height).zip(&self.footnotes) {
            let margin = if window.is_framed { 2 } else { 1 };
            frame.buffer_mut().set_line(area.x + margin, y, line, area.width.saturating_sub(margin + 1));
        }
        let mut scroll_range = drawn.scroll_range;
        scroll_range.max = scroll_range.max.max(u16::try_from(self.hidden_lines).unwrap_or(u16::MAX));
        DrawnPage { scroll_range, ..drawn }
    }

    fn draw_blocks(&self, frame: &mut Frame<'_>, window: &Window, area: Rect, scroll: u16) -> DrawnPage {
        let has_aside = self.panels.iter().any(|panel| panel.is_aside);
        let first = Panel {
            title: self.title.clone(),
            title_style: if self.title_style == Style::new() { self.theme.accent() } else { self.title_style },
            note: self.title_note.clone(),
            is_aside: false,
            is_pinned: false,
            start: 0,
        };
        let panels: Vec<&Panel> = std::iter::once(&first).chain(&self.panels).collect();
        let ends = panels.iter().skip(1).map(|panel| panel.start).chain([self.lines.len()]);
        let blocks = panels.iter().zip(ends).map(|(panel, end)| Block { panel, lines: panel.start..end });
        let (aside, main): (Vec<_>, Vec<_>) = match window.main_column().filter(|_| has_aside) {
            Some(_) => blocks.partition(|block| block.panel.is_aside),
            None => (Vec::new(), blocks.collect()),
        };
        let fits = |blocks: &[Block<'_>]| {
            let longest = blocks.iter().filter(|block| !block.panel.is_pinned).map(Block::framed_height).max();
            let longest = longest.unwrap_or_default();
            let total: u16 = blocks.iter().map(Block::framed_height).fold(0, u16::saturating_add);
            total.saturating_sub(longest) + longest.min(MIN_PANEL_HEIGHT) <= area.height
        };
        if !window.is_framed || !fits(&main) {
            return self.draw_unframed(frame, area, &main, scroll);
        }
        let height = |blocks: &[Block<'_>]| blocks.iter().map(Block::framed_height).fold(0, u16::saturating_add);
        let height = height(&main).max(height(&aside)).min(area.height);
        let margin = if self.is_wide { 0 } else { top_margin(frame.area().height, area.height - height) };
        let area = Rect { y: area.y + margin, height: area.height - margin, ..area };
        let Some(main_column) = window.main_column().filter(|_| !aside.is_empty()) else {
            let drawn = self.draw_column(frame, Rect { height, ..area }, main, scroll);
            return DrawnPage { height: drawn.height + margin, ..drawn };
        };
        let right = Rect { x: area.x + main_column, width: area.width - main_column, height, ..area };
        let mut drawn = self.draw_column(frame, Rect { width: main_column, height, ..area }, main, scroll);
        let aside = self.draw_column(frame, right, aside, scroll);
        if aside.scroll_range.max > drawn.scroll_range.max {
            drawn.scroll_range = aside.scroll_range;
        }
        drawn.height = height + margin;
        drawn.links.extend(aside.links);
        drawn.click_targets.extend(aside.click_targets);
        drawn
    }

    /// Draws panels below each other. The longest one that is not pinned scrolls where they are higher than the area, the last
    /// one grows where they are lower.
    fn draw_column(&self, frame: &mut Frame<'_>, area: Rect, blocks: Vec<Block<'_>>, scroll: u16) -> DrawnPage {
        let mut heights: Vec<u16> = blocks.iter().map(Block::framed_height).collect();
        let total = heights.iter().copied().fold(0, u16::saturating_add);
        let unpinned = heights.iter_mut().zip(&blocks).filter(|(_, block)| !block.panel.is_pinned);
        if let Some(longest) = unpinned.map(|(height, _)| height).max() {
            *longest = longest.saturating_sub(total.saturating_sub(area.height)).max(MIN_PANEL_HEIGHT);
        }
        if let Some(last) = heights.last_mut() {
            *last += area.height.saturating_sub(total);
        }
        let mut drawn = DrawnPage { height: area.height, ..DrawnPage::default() };
        let mut y = area.y;
        for (block, height) in blocks.into_iter().zip(heights) {
            let panel = Rect { y, height: height.min(area.bottom().saturating_sub(y)), ..area };
            if panel.height < MIN_PANEL_HEIGHT {
                break;
            }
            let Panel { title, title_style, .. } = block.panel;
            let inside = inner_area(panel);
            let lines: Vec<usize> = block.lines.collect();
            let range = ScrollRange::new(lines.len(), inside.height);
            let overflow = range.max;
            let note = self.scroll_note((title, &block.panel.note), &lines, overflow, panel.width);
            draw_panel(frame, panel, self.theme, (title, *title_style), &note);
            if overflow > drawn.scroll_range.max {
                drawn.scroll_range = range;
            }
            let part = self.draw_lines(frame, inside, panel.right() - 1, &lines, scroll.min(overflow));
            drawn.links.extend(part.links);
            drawn.click_targets.extend(part.click_targets);
            y += height;
        }
        drawn
    }

    /// Returns the note of a panel, with the key that scrolls it where it does not fit. Where the title in `width` leaves too
    /// little room for both, the key is more useful.
    fn scroll_note(&self, (title, note): (&str, &str), lines: &[usize], overflow: u16, width: u16) -> String {
        let follows_selection = self.visible_line.is_some_and(|visible| lines.contains(&visible));
        if overflow == 0 || follows_selection || self.scroll_key.is_empty() {
            return note.to_owned();
        }
        let scrolls = format!("{} scrolls", self.scroll_key);
        let both = format!("{note}{}{scrolls}", self.theme.separator());
        let texts = [both, scrolls, self.scroll_key.clone()].into_iter().skip(usize::from(note.is_empty()));
        let fits = |text: &String| columns(title) + columns(text) + TITLE_GAPS <= usize::from(width);
        texts.into_iter().find(fits).unwrap_or_else(|| note.to_owned())
    }

    /// Draws a line with the title instead of the border of a panel. The panels scroll together, above the pinned ones.
    fn draw_unframed(&self, frame: &mut Frame<'_>, area: Rect, blocks: &[Block<'_>], scroll: u16) -> DrawnPage {
        let height =
            |blocks: &[&Block<'_>]| blocks.iter().map(|block| block.framed_height() - 1).fold(0, u16::saturating_add);
        let (mut pinned, mut scrolled): (Vec<_>, Vec<_>) = blocks.iter().partition(|block| block.panel.is_pinned);
        // What does not fit must be reachable: then everything scrolls.
        if height(&pinned) + height(&scrolled).min(MIN_SCROLLED_HEIGHT) > area.height {
            (pinned, scrolled) = (Vec::new(), blocks.iter().collect());
        }
        let (scrolled_height, pinned_height) = (height(&scrolled), height(&pinned));
        let top = Rect { height: scrolled_height.min(area.height - pinned_height), ..area };
        let bottom = Rect { y: top.bottom(), height: pinned_height, ..area };
        let mut drawn = self.draw_rules(frame, top, &scrolled, scroll);
        let fixed = self.draw_rules(frame, bottom, &pinned, 0);
        drawn.links.extend(fixed.links);
        drawn.click_targets.extend(fixed.click_targets);
        let scroll_range = ScrollRange::new(usize::from(scrolled_height), top.height);
        DrawnPage { scroll_range, height: top.height + bottom.height, ..drawn }
    }

    /// Draws panels with a line instead of their borders, scrolled together.
    fn draw_rules(&self, frame: &mut Frame<'_>, area: Rect, blocks: &[&Block<'_>], scroll: u16) -> DrawnPage {
        // A line number beyond the page's lines is the title of the block with that number.
        let titles = self.lines.len();
        let mut rows = Vec::new();
        for (number, block) in blocks.iter().enumerate() {
            rows.push(titles + number);
            rows.extend(block.lines.clone());
        }
        let overflow = u16::try_from(rows.len()).unwrap_or(u16::MAX).saturating_sub(area.height);
        let inside = Rect { x: area.x + 1, width: area.width - UNFRAMED_PANEL_COLUMNS, ..area };
        let drawn = self.draw_lines(frame, inside, area.right() - 1, &rows, scroll);
        for (at, y) in self.visible_lines(&rows, area, scroll).lines {
            if let Some(block) = at.checked_sub(titles).and_then(|number| blocks.get(number)) {
                let Panel { title, title_style, .. } = block.panel;
                let note = self.scroll_note(
                    (title, &block.panel.note),
                    &rows,
                    if at == titles { overflow } else { 0 },
                    area.width,
                );
                let rule = Rect { y, height: 1, width: area.width - 2, ..area };
                draw_rule(frame, rule, self.theme, (title, *title_style), &note);
            }
        }
        drawn
    }

    /// Returns the visible ones of `rows`: the first lines that stay, and those of the others from `scroll` or around the focus.
    fn visible_lines(&self, rows: &[usize], area: Rect, scroll: u16) -> VisibleLines {
        let stays = |row: &&usize| self.sticky_lines > 0 && (**row >= self.lines.len() || **row < self.sticky_lines);
        let sticky = rows.iter().take_while(stays).count().min(usize::from(area.height / 2));
        let height = usize::from(area.height) - sticky;
        let max_top = (rows.len() - sticky).saturating_sub(height);
        let row = self.visible_line.and_then(|number| rows[sticky..].iter().position(|line| *line == number));
        let top = match row {
            // Up to two lines below it stay visible.
            Some(row) => (row + 3).saturating_sub(height).min(max_top),
            None => usize::from(scroll).min(max_top),
        };
        let visible = rows[..sticky].iter().chain(&rows[sticky + top..]).copied();
        let first = area.y + u16::try_from(sticky).unwrap_or_default();
        VisibleLines {
            lines: visible.zip(area.y..area.bottom()).collect(),
            continues_above: (top > 0).then_some(first),
            continues_below: top < max_top,
        }
    }

    /// Draws some of the page's lines, with marks at the column `mark_x` where there are more; returns the visible links and
    /// click targets.
    fn draw_lines(&self, frame: &mut Frame<'_>, area: Rect, mark_x: u16, rows: &[usize], scroll: u16) -> DrawnPage {
        if area.width == 0 || area.height == 0 {
            return DrawnPage::default();
        }
        let theme = self.theme;
        let visible = self.visible_lines(rows, area, scroll);
        let (mut links, mut click_targets) = (Vec::new(), Vec::new());
        let mut continued = Vec::new();
        for (number, y) in visible.lines {
            continued.extend(self.continued.iter().filter(|(line, _)| *line == number).map(|(_, arrow)| (y, *arrow)));
            let Some(line) = self.lines.get(number) else { continue };
            frame.buffer_mut().set_style(Rect { y, height: 1, ..area }, line.style);
            frame.buffer_mut().set_line(area.x, y, line, area.width);
            mark_cut_line(frame, line, Rect { y, height: 1, ..area });
            if line.style == theme.selected() {
                undim(frame.buffer_mut(), Rect { y, height: 1, ..area });
            }
            if let Some((column, _)) = self.cursor.filter(|(_, line)| *line == number) {
                let x = area.x + u16::try_from(column).unwrap_or(u16::MAX).min(area.width.saturating_sub(1));
                frame.set_cursor_position(Position::new(x, y));
            }
            click_targets.extend(self.click_at(number).map(|click| (Rect { y, height: 1, ..area }, click)));
            let of_line =
                self.links.iter().filter(|(line, url)| *line == number && columns(url) <= usize::from(area.width));
            links.extend(of_line.filter_map(|(_, url)| {
                let before = line.spans.iter().position(|span| span.content == *url)?;
                let x: usize = line.spans[..before].iter().map(Span::width).sum();
                let at = Position::new(area.x + u16::try_from(x).ok()?, y);
                (x + columns(url) <= usize::from(area.width)).then(|| Link { at, url: url.clone(), style: line.style })
            }));
        }
        let mut mark = |y, text| frame.buffer_mut().set_stringn(mark_x, y, text, 1, theme.strong());
        for (y, arrow) in continued {
            mark(y, arrow);
        }
        if let Some(y) = visible.continues_above {
            mark(y, theme.symbol("↑", "^"));
        }
        if visible.continues_below {
            mark(area.bottom() - 1, theme.symbol("↓", "v"));
        }
        DrawnPage { links, click_targets, ..DrawnPage::default() }
    }
}

/// Ends a line that is too long for its area with "…": nothing is cut without a mark.
fn mark_cut_line(frame: &mut Frame<'_>, line: &Line<'_>, area: Rect) {
    if line.width() <= usize::from(area.width) {
        return;
    }
    let text: String = line.spans.iter().map(|span| span.content.as_ref()).collect();
    if columns(text.trim_end()) > usize::from(area.width) {
        let x = area.right() - 1;
        let buffer = frame.buffer_mut();
        // A wide character before it may reach into the last column.
        if x > area.x && columns(buffer[(x - 1, area.y)].symbol()) > 1 {
            buffer[(x - 1, area.y)].set_char(' ');
        }
        buffer[(x, area.y)].set_symbol("…");
    }
}
