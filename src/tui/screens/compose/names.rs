//! The names that complete a mention: a list below the cursor, after `@[` and a letter.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use super::{ComposedPost, Part, Stage};
use crate::flows::publish::MentionName;
use crate::linkedin::little_text::{self, TextPart};
use crate::linkedin::urn::is_page_urn;
use crate::text::{columns, fit, sanitize};
use crate::tui::keymap::Action;
use crate::tui::screens::move_selection;
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::widgets::page::{cursor_mark, row_style};
use crate::tui::widgets::panel::{draw_dialog_panel, inner_area};

/// What begins a mention.
const MENTION_START: &str = "@[";
/// The names that are shown at once.
const MAX_ROWS: usize = 5;
/// Columns of a name at most.
const MAX_NAME_WIDTH: usize = 40;

/// The list of names. It is shown while the cursor is in a mention that a name completes.
#[derive(Clone, Debug, Default)]
pub(super) struct NameList {
    /// Who can be mentioned by name.
    pub(super) names: Vec<MentionName>,
    is_read: bool,
    selected: usize,
    /// The line and the character of the mention whose list was closed.
    closed_at: Option<(usize, usize)>,
}

/// The start of a mention before the cursor.
struct TypedMention {
    /// Its line, and the number of its first character there.
    start: (usize, usize),
    /// What was typed of the name.
    name: String,
}

impl ComposedPost {
    fn typed_mention(&self) -> Option<TypedMention> {
        if self.part != Part::Text || !matches!(self.stage, Stage::Writing) {
            return None;
        }
        let cursor = self.text.cursor();
        let line = self.text.lines().get(cursor.0)?;
        let end = line.char_indices().nth(cursor.1).map_or(line.len(), |(at, _)| at);
        let start = line[..end].rfind(MENTION_START)?;
        let name = &line[start + MENTION_START.len()..end];
        // A complete mention, in which the cursor only moves.
        let is_complete = matches!(
            little_text::parse_text_parts(&line[start..])[..],
            [TextPart::Mention(_) | TextPart::Name { .. }, ..]
        );
        let is_name = name.starts_with(char::is_alphanumeric) && !name.contains([']', '[', '@']);
        (is_name && !is_complete)
            .then(|| TypedMention { start: (cursor.0, line[..start].chars().count()), name: name.to_owned() })
    }

    /// Returns the names that complete the mention at the cursor: those that begin with what was typed, then those that have a
    /// word which does.
    fn matching_names(&self) -> Vec<&MentionName> {
        let Some(typed) = self.typed_mention().filter(|typed| self.names.closed_at != Some(typed.start)) else {
            return Vec::new();
        };
        let typed = typed.name.to_lowercase();
        let rank = |name: &MentionName| {
            let name = name.name.trim().to_lowercase();
            let has_word = || name.match_indices(' ').any(|(at, _)| name[at + 1..].starts_with(&typed));
            if name.starts_with(&typed) { Some(0) } else { has_word().then_some(1) }
        };
        let mut ranked: Vec<(i32, &MentionName)> =
            self.names.names.iter().filter_map(|name| Some((rank(name)?, name))).collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().map(|(_, name)| name).collect()
    }

    /// Returns whether a name without a URN is that of one member or Page that can be mentioned.
    pub(super) fn is_known(&self, name: &str) -> bool {
        // Without being unique, it needs the URN.
        self.known(name).any(|known| known.mention.ends_with(']'))
    }

    fn known(&self, name: &str) -> impl Iterator<Item = &MentionName> {
        let folded = name.trim().to_lowercase();
        self.names.names.iter().filter(move |known| known.name.trim().to_lowercase() == folded)
    }

    /// Returns why names of the text are no mentions, once it was read which are known.
    pub(super) fn mention_problems(&self) -> Vec<String> {
        let text = self.typed_text();
        let problem = |part| match part {
            TextPart::Name { name, .. } if self.names.is_read && !self.is_known(name) => {
                let reason = if self.known(name).next().is_some() { "is not unique" } else { "is not known" };
                Some(format!("{} {reason}", sanitize(name, 60)))
            }
            _ => None,
        };
        let mut problems = Vec::new();
        for problem in little_text::parse_text_parts(&text).into_iter().filter_map(problem) {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        problems
    }

    /// Returns whether the list of names is shown.
    pub(crate) fn has_name_list(&self) -> bool {
        !self.matching_names().is_empty()
    }

    pub(super) fn select_name(&mut self, action: Action) {
        let count = self.matching_names().len();
        self.names.selected = move_selection(self.names.selected.min(count.saturating_sub(1)), count, action);
    }

    pub(super) fn close_name_list(&mut self) {
        self.names.closed_at = self.typed_mention().map(|typed| typed.start);
    }

    /// Starts with the first name again, after the text changed.
    pub(super) fn reset_name_list(&mut self) {
        self.names.selected = 0;
        // Another mention may begin at the same place.
        if self.typed_mention().is_none() {
            self.names.closed_at = None;
        }
    }

    /// Completes the mention at the cursor with the selected name.
    pub(super) fn insert_name(&mut self, now: Timestamp) {
        let matches = self.matching_names();
        let selected = matches.get(self.names.selected).or(matches.last()).map(|name| name.mention.clone());
        let (Some(mention), Some(typed)) = (selected, self.typed_mention()) else { return };
        let before = format!("{MENTION_START}{}", typed.name);
        // A mention that only continues is undone to what was typed.
        if let Some(rest) = mention.strip_prefix(&before) {
            self.text.insert_str(rest);
        } else {
            self.jump(typed.start);
            self.text.delete_str(before.chars().count());
            self.text.insert_str(mention);
            self.replacements.push(self.typed_text());
        }
        self.on_changed(now);
    }
}

/// Handles the names that were read.
pub(crate) fn on_names_read(state: &mut State, id: u64, names: Vec<MentionName>) {
    if let Some(post) = state.compose_mut(id) {
        (post.names.names, post.names.is_read) = (names, true);
    }
}

/// Draws the list of names below the cursor, which is in `text`, or above it where there is no room.
pub(super) fn draw(post: &ComposedPost, frame: &mut Frame<'_>, (text, bounds): (Rect, Rect), theme: Theme) {
    let matches = post.matching_names();
    let (false, Some(typed)) = (matches.is_empty(), post.typed_mention()) else { return };
    let buffer = frame.buffer_mut();
    let is_cursor = |position: &ratatui::layout::Position| buffer[*position].modifier.contains(Modifier::REVERSED);
    let Some(cursor) = text.positions().find(is_cursor) else { return };
    let selected = post.names.selected.min(matches.len() - 1);
    let first = (selected + 1).saturating_sub(MAX_ROWS);
    let names: Vec<(String, &str)> = matches
        .iter()
        .map(|name| {
            let kind = if is_page_urn(&name.urn) { "Page" } else { "Member" };
            (fit(&sanitize(&name.name, 80), MAX_NAME_WIDTH), kind)
        })
        .collect();
    let name_width = names.iter().map(|(name, _)| columns(name)).max().unwrap_or_default();
    let to_u16 = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
    // The mark, the gap, the kind, and the border with its blanks.
    let width = to_u16(2 + name_width + 2 + "Member".len() + 4).min(bounds.width);
    let height = to_u16(names.len().min(MAX_ROWS) + 2);
    let typed_width = to_u16(columns(&typed.name) + MENTION_START.len());
    let x = cursor.x.saturating_sub(typed_width).clamp(bounds.x, bounds.right() - width);
    let has_room_below = cursor.y + 1 + height <= bounds.bottom();
    let y = if has_room_below { cursor.y + 1 } else { cursor.y.saturating_sub(height).max(bounds.y) };
    let area = Rect { x, y, width, height }.intersection(bounds);
    frame.render_widget(Clear, area);
    let note = if names.len() > MAX_ROWS { format!("{}/{}", selected + 1, names.len()) } else { String::new() };
    draw_dialog_panel(frame, area, theme, ("", Style::new()), &note);
    let inside = inner_area(area);
    for (y, (index, (name, kind))) in (inside.top()..inside.bottom()).zip(names.iter().enumerate().skip(first)) {
        let is_selected = index == selected;
        let gap = " ".repeat(name_width - columns(name) + 2);
        let kind_style = if is_selected { Style::new() } else { theme.dim() };
        let line = Line::from(vec![
            cursor_mark(theme, is_selected),
            Span::raw(format!("{name}{gap}")),
            Span::styled(*kind, kind_style),
        ]);
        let row = Rect { y, height: 1, ..inside };
        frame.buffer_mut().set_style(row, row_style(theme, is_selected));
        frame.buffer_mut().set_line(row.x, y, &line, row.width);
    }
}
