//! Changes a post by keys, pasted text and choices, and saves it as a draft.

use super::attachment::{AttachmentKind, FileField, ImageFields, PollFields, pasted_paths};
use super::{ComposedPost, Part, Stage, with_scheme};
use crate::flows::publish::FileRole;
use crate::linkedin::posts::Visibility;
use crate::tui::keymap::Action;
use crate::tui::message::Effect;
use crate::tui::screens::move_selection;
use crate::tui::widgets::field::{Field, clean_line};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::{SignedDuration, Timestamp};
use ratatui_textarea::{CursorMove, Input};

/// The most characters that a paste, or the user's own editor program, inserts into the text.
const MAX_PASTED_CHARS: usize = 20_000;

/// How long after a change the draft is saved.
pub(crate) const SAVE_DELAY: SignedDuration = SignedDuration::from_secs(1);

impl ComposedPost {
    pub(super) fn mark_changed(&mut self, now: Timestamp) {
        self.can_replace_draft = true;
        self.on_form_changed();
        self.is_saved = false;
        self.unsaved_since.get_or_insert(now);
    }

    /// Forgets what was wrong with the form before.
    fn on_form_changed(&mut self) {
        self.changes += 1;
        self.part_problem = None;
    }

    /// Returns whether closing the form saves a draft.
    pub(crate) fn has_draft(&self) -> bool {
        self.can_replace_draft && !self.is_blank()
    }

    /// Returns whether the draft on disk has the last change.
    pub(super) const fn is_draft_saved(&self) -> bool {
        self.is_saved
    }

    /// Saves the draft, or deletes it where the post is empty. The changes of a published post are not saved.
    pub(super) fn save(&mut self) -> Vec<Effect> {
        self.unsaved_since = None;
        if self.is_edit() {
            return Vec::new();
        }
        // The stored draft may not have been read yet, and an untouched copy of a post is none.
        if !self.can_replace_draft {
            return Vec::new();
        }
        if self.is_blank() {
            return vec![Effect::DeleteDraft { id: self.id, name: self.profile.clone() }];
        }
        self.is_saved = true;
        let draft = Box::new(self.to_saved_draft());
        vec![Effect::SaveDraft { id: self.id, name: self.profile.clone(), draft }]
    }

    /// Checks the files of the selected attachment whose paths changed.
    pub(super) fn inspect_files(&self) -> Vec<Effect> {
        let files = self.parts().into_iter().filter_map(|part| self.file(part));
        files
            .filter_map(|(role, file)| Some(Effect::InspectFile { id: self.id, role, path: file.unread_path()? }))
            .collect()
    }

    /// Adds an empty row for another image, unless there is one.
    pub(super) fn add_image_row(&mut self) {
        let is_full = self.images.len() >= self.attachment.max_images();
        if !is_full && self.images.last().is_none_or(|image| !image.file.is_empty()) {
            self.images.push(ImageFields::default());
        }
    }

    /// Moves the focus, after finishing the field that had it.
    pub(super) fn move_focus(&mut self, action: Action) -> Vec<Effect> {
        let is_row_removed = self.cleared_row().is_some();
        let effects = self.finish_focused_field();
        // The next image is in the row of the removed one now.
        if is_row_removed && !matches!(action, Action::Up | Action::PreviousField) {
            return effects;
        }
        let parts = self.parts();
        let at = parts.iter().position(|part| *part == self.part).unwrap_or_default();
        self.part = parts[move_selection(at, parts.len(), action)];
        effects
    }

    /// Returns the focused row of an image if its path was cleared. Unless it is the last one, it is removed once the user leaves it.
    fn cleared_row(&self) -> Option<usize> {
        let Part::Image(index) = self.part else { return None };
        let is_cleared = index + 1 < self.images.len() && self.images[index].file.is_empty();
        is_cleared.then_some(index)
    }

    /// Finishes the focused field, which the user leaves: adds a scheme to a link, and checks the file of a path.
    pub(super) fn finish_focused_field(&mut self) -> Vec<Effect> {
        self.completions.clear();
        match self.part {
            Part::Link => {
                self.link = Field::new(with_scheme(self.link.trimmed()));
                Vec::new()
            }
            Part::Image(_) => {
                if let Some(index) = self.cleared_row() {
                    self.images.remove(index);
                }
                self.add_image_row();
                self.inspect_files()
            }
            part => self.file(part).map_or_else(Vec::new, |_| self.inspect_files()),
        }
    }

    /// Selects a kind of attachment, each of which has its own title.
    fn select_attachment(&mut self, kind: AttachmentKind) {
        let others = &mut self.other_titles;
        let at = others.iter().position(|(other, _)| *other == kind);
        let title = at.map(|at| others.swap_remove(at).1).unwrap_or_default();
        others.push((self.attachment, std::mem::replace(&mut self.title, title)));
        self.attachment = kind;
    }

    /// Selects the next or the previous choice of the focused part; returns whether it has choices.
    pub(super) fn change_choice(&mut self, is_forward: bool) -> bool {
        match self.part {
            Part::Visibility => {
                self.visibility = match self.visibility {
                    Visibility::Public => Visibility::Connections,
                    Visibility::Connections => Visibility::Public,
                };
            }
            Part::Author => {
                let action = if is_forward { Action::NextField } else { Action::PreviousField };
                self.author = move_selection(self.author, self.authors.len(), action);
            }
            Part::Attachment => {
                self.select_attachment(self.attachment.next(is_forward));
                self.images.iter_mut().for_each(|image| image.file.clear_read());
                self.add_image_row();
            }
            Part::Duration => {
                let durations = PollFields::DURATIONS;
                let at = durations.iter().position(|duration| *duration == self.poll.duration).unwrap_or_default();
                let step = if is_forward { 1 } else { durations.len() - 1 };
                self.poll.duration = durations[(at + step) % durations.len()];
            }
            _ => return false,
        }
        true
    }

    /// Handles a key without a binding.
    pub(crate) fn type_key(&mut self, key: KeyEvent, now: Timestamp) -> Vec<Effect> {
        if !matches!(self.stage, Stage::Writing) {
            return Vec::new();
        }
        if key.modifiers.is_empty() && self.has_name_list() {
            match key.code {
                KeyCode::Up => self.select_name(Action::Up),
                KeyCode::Down => self.select_name(Action::Down),
                KeyCode::Enter => self.insert_name(now),
                _ => return self.type_into_field(key, now),
            }
            return Vec::new();
        }
        if self.part == Part::FirstComment {
            let before = self.first_comment.text().to_owned();
            let is_handled = self.first_comment.type_in_lines(key);
            if self.first_comment.text() != before {
                self.on_changed(now);
            }
            if is_handled {
                return Vec::new();
            }
        }
        if key.modifiers.is_empty() {
            let is_choice = matches!(self.part, Part::Author | Part::Visibility | Part::Attachment | Part::Duration);
            match key.code {
                KeyCode::Left if is_choice => return self.change_choice_and_save(false),
                KeyCode::Right | KeyCode::Enter | KeyCode::Char(' ') if is_choice => {
                    return self.change_choice_and_save(true);
                }
                KeyCode::Up if self.part != Part::Text => return self.move_focus(Action::Up),
                KeyCode::Down | KeyCode::Enter if self.part != Part::Text => return self.move_focus(Action::Down),
                KeyCode::Down if !self.is_edit() => {
                    let before = self.text.cursor();
                    self.text.input(Input::from(key));
                    let is_last_line = self.text.cursor() == before;
                    return if is_last_line { self.move_focus(Action::Down) } else { Vec::new() };
                }
                _ => {}
            }
        }
        self.type_into_field(key, now)
    }

    /// Edits the text or the field that has the focus.
    fn type_into_field(&mut self, key: KeyEvent, now: Timestamp) -> Vec<Effect> {
        let deletes_to_start = key.modifiers == KeyModifiers::CONTROL && key.code == KeyCode::Char('u');
        let is_changed = match self.part {
            // The key means this in every other field and in a shell.
            Part::Text if deletes_to_start => self.text.delete_line_by_head(),
            Part::Text => self.text.input(Input::from(key)),
            part => {
                let Some(field) = self.field(part) else { return Vec::new() };
                let before = field.text().to_owned();
                field.type_key(key);
                field.text() != before
            }
        };
        if is_changed {
            self.on_changed(now);
        }
        Vec::new()
    }

    pub(super) fn change_choice_and_save(&mut self, is_forward: bool) -> Vec<Effect> {
        self.change_choice(is_forward);
        self.can_replace_draft = true;
        self.on_form_changed();
        let mut effects = self.save();
        effects.extend(self.inspect_files());
        effects
    }

    pub(super) fn on_changed(&mut self, now: Timestamp) {
        self.completions.clear();
        self.reset_name_list();
        match self.part {
            Part::Image(_) => self.add_image_row(),
            Part::Option(_) => self.poll.add_option_row(),
            _ => {}
        }
        self.mark_changed(now);
    }

    /// Inserts pasted text: with its lines in the text of the post and in the first comment, on one line in a title or a similar
    /// text, every path in an image field, one path in the field of another file, and its first line in any other field. Returns
    /// how many characters were inserted, where that was not all.
    pub(crate) fn paste(&mut self, text: &str, now: Timestamp) -> Option<usize> {
        if !matches!(self.stage, Stage::Writing) {
            return None;
        }
        let inserted = match self.part {
            Part::Text => self.insert_text(text),
            // Text stays as it is; only a URL is cleaned of quotes and invisible characters.
            Part::FirstComment => self.first_comment.insert_lines(text),
            part @ (Part::Title | Part::Description | Part::Alt(_) | Part::Question | Part::Option(_)) => {
                let line = text.trim().replace(char::is_whitespace, " ");
                self.field(part)?.insert(&line.replace(char::is_control, ""))
            }
            Part::Image(index) => return self.paste_paths(index, text, now),
            part @ (Part::Thumbnail | Part::Document | Part::Video | Part::Captions) => {
                let path = pasted_paths(&to_line(text)).into_iter().next()?;
                self.field(part)?.insert(&path)
            }
            part => self.field(part)?.insert(&clean_line(text).0),
        };
        self.on_changed(now);
        inserted
    }

    /// Inserts a text with its lines into the text of the post, up to [`MAX_PASTED_CHARS`]; returns that limit if it was reached.
    pub(super) fn insert_text(&mut self, text: &str) -> Option<usize> {
        let lines = text.replace("\r\n", "\n").replace('\r', "\n");
        let mut lines = lines.chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control());
        self.text.insert_str(lines.by_ref().take(MAX_PASTED_CHARS).collect::<String>());
        lines.next().map(|_| MAX_PASTED_CHARS)
    }

    /// Inserts the first path at the cursor, and the others as images of their own, up to the limit of images.
    fn paste_paths(&mut self, index: usize, text: &str, now: Timestamp) -> Option<usize> {
        let mut paths = pasted_paths(&to_line(text)).into_iter();
        let inserted = self.field(Part::Image(index))?.insert(&paths.next()?);
        let mut left_out = 0;
        for path in paths {
            if self.images.last().is_some_and(|image| image.file.is_empty()) {
                self.images.pop();
            }
            if self.images.len() < self.attachment.max_images() {
                self.images.push(ImageFields { file: FileField::new(path), ..ImageFields::default() });
            } else {
                left_out += 1;
            }
        }
        self.on_changed(now);
        if left_out > 0 {
            let files = if left_out == 1 { "file was" } else { "files were" };
            let note = format!("{left_out} {files} left out. {}", self.images_limit());
            self.part_problem = Some((Part::Image(index), note));
        }
        inserted
    }

    /// Returns the path to complete, where the focus is on one whose file is not known to be usable.
    pub(crate) fn path_to_complete(&self) -> Option<(FileRole, String)> {
        let (role, file) = self.file(self.part)?;
        (file.info().is_none() && !file.is_empty()).then(|| (role, file.path.text().to_owned()))
    }

    /// Undoes or repeats the last change of the text: what was typed by the word, anything else by the edit.
    pub(super) fn step_history(&mut self, is_undo: bool) -> bool {
        let mut has_changed = false;
        let (mut is_within_word, mut is_half_undone) = (false, false);
        loop {
            let (before, cursor) = (self.typed_text(), self.text.cursor());
            if !self.step_edit(is_undo) {
                return has_changed;
            }
            let after = self.typed_text();
            let (longer, shorter) = if is_undo { (&before, &after) } else { (&after, &before) };
            let is_typed = longer.chars().count() == shorter.chars().count() + 1;
            let is_replacement = !is_typed && self.replacements.contains(longer);
            let completes = if is_undo { is_half_undone } else { is_replacement };
            // The kind of an edit is known only once it is made: one that does not belong to those before is taken back.
            if has_changed && !completes && !(is_within_word && is_typed) {
                self.step_edit(!is_undo);
                self.jump((cursor.0, cursor.1));
                return true;
            }
            has_changed = true;
            is_half_undone = is_replacement;
            let cursor = self.text.cursor();
            let line = self.text.lines().get(cursor.0);
            let last = cursor.1.checked_sub(1).and_then(|at| line?.chars().nth(at));
            is_within_word = is_typed && last.is_some_and(char::is_alphanumeric);
        }
    }

    fn step_edit(&mut self, is_undo: bool) -> bool {
        if is_undo { self.text.undo() } else { self.text.redo() }
    }

    /// Moves the cursor of the text to a line and a column.
    pub(super) fn jump(&mut self, (line, column): (usize, usize)) {
        let position = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        self.text.move_cursor(CursorMove::Jump(position(line), position(column)));
    }
}

/// Returns pasted text on one line.
fn to_line(text: &str) -> String {
    text.trim().replace(['\r', '\n'], " ").replace(char::is_control, "")
}
