//! The attachment of a post, one kind at a time, and the fields of each kind.

use std::path::PathBuf;
use std::sync::Arc;

use super::non_empty;
use crate::flows::publish::{FileInfo, PixelPreview};
use crate::linkedin::documents::MAX_DOCUMENT_PAGES;
use crate::linkedin::posts::{MAX_IMAGES, POLL_OPTIONS, Poll, PollDuration};
use crate::store::{DraftImage, DraftPoll, SavedDraft};
use crate::tui::theme::Theme;
use crate::tui::widgets::field::Field;

/// What a post has besides its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum AttachmentKind {
    #[default]
    None,
    Link,
    Images,
    Document,
    /// Images that become the pages of a document.
    Carousel,
    Video,
    Poll,
    Reshare,
}

impl AttachmentKind {
    /// Every kind with its name, in the order of the form.
    pub(super) const ALL: &[(Self, &str)] = &[
        (Self::None, "None"),
        (Self::Link, "Link"),
        (Self::Images, "Images"),
        (Self::Document, "Document"),
        (Self::Carousel, "Carousel"),
        (Self::Video, "Video"),
        (Self::Poll, "Poll"),
        (Self::Reshare, "Reshare"),
    ];

    /// Returns the kind before or after this one; it wraps around.
    pub(super) fn next(self, is_forward: bool) -> Self {
        let at = Self::ALL.iter().position(|(kind, _)| *kind == self).unwrap_or_default();
        let step = if is_forward { 1 } else { Self::ALL.len() - 1 };
        Self::ALL[(at + step) % Self::ALL.len()].0
    }

    /// Returns the most image files of the kind.
    pub(super) const fn max_images(self) -> usize {
        if matches!(self, Self::Carousel) { MAX_DOCUMENT_PAGES } else { MAX_IMAGES }
    }

    /// Returns the name in a saved draft; none for a post without an attachment.
    pub(super) fn draft_name(self) -> Option<String> {
        let named = Self::ALL.iter().find(|(kind, _)| *kind == self && self != Self::None);
        named.map(|(_, name)| name.to_ascii_lowercase())
    }

    /// Returns the kind of a saved draft.
    pub(super) fn of_draft(draft: &SavedDraft) -> Self {
        let saved = draft.attachment.as_deref().unwrap_or_default();
        let named = Self::ALL.iter().find(|(_, name)| name.eq_ignore_ascii_case(saved));
        named.map_or_else(|| Self::of_fields(draft), |(kind, _)| *kind)
    }

    /// Returns the kind that a draft without its name has fields of.
    const fn of_fields(draft: &SavedDraft) -> Self {
        match draft {
            draft if !draft.images.is_empty() => Self::Images,
            SavedDraft { document: Some(_), .. } => Self::Document,
            SavedDraft { poll: Some(_), .. } => Self::Poll,
            SavedDraft { reshare: Some(_), .. } => Self::Reshare,
            SavedDraft { video: Some(_), .. } | SavedDraft { captions: Some(_), .. } => Self::Video,
            SavedDraft { link: Some(_), .. }
            | SavedDraft { title: Some(_), .. }
            | SavedDraft { description: Some(_), .. }
            | SavedDraft { thumbnail: Some(_), .. } => Self::Link,
            _ => Self::None,
        }
    }
}

/// The path of a file, and the file there.
#[derive(Clone, Debug, Default)]
pub(super) struct FileField {
    pub(super) path: Field,
    /// The path that was read, and the file there, or why it cannot be used.
    read: Option<(String, Result<FileInfo, String>)>,
    /// A small picture of the image that was read.
    picture: Option<Arc<PixelPreview>>,
}

impl FileField {
    pub(super) fn new(path: impl Into<String>) -> Self {
        Self { path: Field::new(path), ..Self::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.path.trimmed().is_empty()
    }

    /// Returns the path; `None` if the field is empty.
    pub(super) fn text(&self) -> Option<String> {
        non_empty(self.path.trimmed())
    }

    /// Returns the name of the file.
    pub(super) fn name(&self) -> &str {
        let path = self.path.trimmed();
        path.rsplit(std::path::is_separator).next().unwrap_or(path)
    }

    pub(super) fn set_read(
        &mut self,
        path: &str,
        result: &Result<FileInfo, String>,
        picture: Option<&Arc<PixelPreview>>,
    ) {
        if self.path.trimmed() == path {
            self.read = Some((path.to_owned(), result.clone()));
            self.picture = picture.cloned();
        }
    }

    /// Returns the file at the path as it is now, or why it cannot be used; `None` until it was read.
    fn read_result(&self) -> Option<&Result<FileInfo, String>> {
        self.read.as_ref().filter(|(path, _)| path == self.path.trimmed()).map(|(_, result)| result)
    }

    pub(super) fn info(&self) -> Option<FileInfo> {
        self.read_result().and_then(|result| result.as_ref().ok()).copied()
    }

    pub(super) fn picture(&self) -> Option<&PixelPreview> {
        self.picture.as_deref().filter(|_| self.info().is_some())
    }

    pub(super) fn problem(&self) -> Option<&str> {
        self.read_result().and_then(|result| result.as_ref().err()).map(String::as_str)
    }

    /// Clears what was read: another kind of attachment checks the file differently.
    pub(super) fn clear_read(&mut self) {
        self.read = None;
    }

    /// Returns the path, where it was not read yet.
    pub(super) fn unread_path(&self) -> Option<String> {
        self.text().filter(|_| self.read_result().is_none())
    }
}

/// The fields of an image.
#[derive(Clone, Debug, Default)]
pub(super) struct ImageFields {
    pub(super) file: FileField,
    pub(super) alt: Field,
}

impl ImageFields {
    pub(super) fn new(image: &DraftImage) -> Self {
        Self {
            file: FileField::new(image.path.to_string_lossy()),
            alt: Field::new(image.alt.clone().unwrap_or_default()),
        }
    }

    pub(super) fn to_draft(&self) -> Option<DraftImage> {
        let path = PathBuf::from(self.file.text()?);
        Some(DraftImage { path, alt: non_empty(self.alt.trimmed()) })
    }
}

/// The fields of a poll.
#[derive(Clone, Debug)]
pub(super) struct PollFields {
    pub(super) question: Field,
    /// The options, with an empty row at the end for another one.
    pub(super) options: Vec<Field>,
    pub(super) duration: PollDuration,
}

impl Default for PollFields {
    fn default() -> Self {
        Self {
            question: Field::default(),
            options: vec![Field::default(); *POLL_OPTIONS.start()],
            duration: PollDuration::default(),
        }
    }
}

impl PollFields {
    pub(super) const DURATIONS: &[PollDuration] =
        &[PollDuration::OneDay, PollDuration::ThreeDays, PollDuration::SevenDays, PollDuration::FourteenDays];

    pub(super) fn new(poll: &DraftPoll) -> Self {
        let mut fields = Self {
            question: Field::new(poll.question.clone()),
            options: poll.options.iter().take(*POLL_OPTIONS.end()).map(|option| Field::new(option.clone())).collect(),
            duration: PollDuration::from_days(poll.days).unwrap_or_default(),
        };
        fields.add_option_row();
        fields
    }

    /// Adds an empty row for another option, unless there is one.
    pub(super) fn add_option_row(&mut self) {
        while self.options.len() < *POLL_OPTIONS.start() {
            self.options.push(Field::default());
        }
        let is_complete = self.options.iter().all(|option| !option.trimmed().is_empty());
        if is_complete && self.options.len() < *POLL_OPTIONS.end() {
            self.options.push(Field::default());
        }
    }

    /// Returns the poll, without its empty options.
    pub(super) fn to_poll(&self) -> Poll {
        let options = self.options.iter().filter_map(|option| non_empty(option.trimmed()));
        Poll { question: self.question.trimmed().to_owned(), options: options.collect(), duration: self.duration }
    }

    /// Returns the poll to save; `None` if nothing was typed.
    pub(super) fn to_draft(&self) -> Option<DraftPoll> {
        let Poll { question, options, duration } = self.to_poll();
        let is_empty = question.is_empty() && options.is_empty();
        (!is_empty).then(|| DraftPoll { question, options, days: duration.days() })
    }

    /// Returns whether an earlier option has the same text.
    pub(super) fn is_repeated(&self, index: usize) -> bool {
        let text = |option: &Field| option.trimmed().to_owned();
        let own = self.options.get(index).map(text).filter(|own| !own.is_empty());
        own.is_some_and(|own| self.options.iter().take(index).any(|other| other.trimmed() == own))
    }
}

/// Formats how long a poll is open: `3 days`.
pub(super) fn format_days(duration: PollDuration) -> String {
    match duration.days() {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

/// Formats the size of a file and what else is known about it: `1200×627 · 184 kB`.
pub(super) fn format_info(theme: Theme, info: FileInfo) -> String {
    let (times, dot) = (theme.symbol("×", "x"), theme.symbol("·", "-"));
    let size = format_bytes(info.bytes);
    match (info.dimensions, info.pages) {
        (Some((width, height)), _) => format!("{width}{times}{height} {dot} {size}"),
        (None, Some(1)) => format!("1 page {dot} {size}"),
        (None, Some(pages)) => format!("{pages} pages {dot} {size}"),
        (None, None) => size,
    }
}

/// Returns the paths of a paste: a terminal quotes files that are dropped on it, or escapes their spaces.
pub(super) fn pasted_paths(line: &str) -> Vec<String> {
    let line = line.trim();
    let is_quoted = line.starts_with(['\'', '"']) || (!cfg!(windows) && line.contains("\\ "));
    let words = shlex::split(line).filter(|words| {
        let are_absolute = words.len() > 1 && words.iter().all(|word| word.starts_with('/'));
        !words.is_empty() && (is_quoted || are_absolute)
    });
    words.unwrap_or_else(|| vec![line.trim_matches(['"', '\'']).to_owned()])
}

/// Formats the size of a file: `184 kB`.
pub(super) fn format_bytes(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_files_are_unquoted_and_split() {
        for (pasted, paths) in [
            ("box.png", vec!["box.png"]),
            ("my box.png ", vec!["my box.png"]),
            ("'my box.png'", vec!["my box.png"]),
            ("'/a/b c.png' /d.png", vec!["/a/b c.png", "/d.png"]),
            ("/a.png /b.png", vec!["/a.png", "/b.png"]),
            ("\"unclosed.png", vec!["unclosed.png"]),
        ] {
            assert_eq!(pasted_paths(pasted), paths, "{pasted}");
        }
        #[cfg(unix)]
        assert_eq!(pasted_paths("my\\ box.png"), ["my box.png"]);
    }

    #[test]
    fn a_poll_offers_a_row_until_it_has_four_options() {
        let mut poll = PollFields::default();
        let rows = |poll: &mut PollFields, texts: &[&str]| {
            poll.options = texts.iter().map(|text| Field::new(*text)).collect();
            poll.add_option_row();
            poll.options.len()
        };
        assert_eq!(rows(&mut poll, &[]), 2);
        assert_eq!(rows(&mut poll, &["a", ""]), 2);
        assert_eq!(rows(&mut poll, &["a", "b"]), 3);
        assert_eq!(rows(&mut poll, &["a", "b", "c", "d"]), 4);
        poll.options[1] = Field::new("a");
        assert_eq!([0, 1, 2].map(|index| poll.is_repeated(index)), [false, true, false]);
    }

    #[test]
    fn file_sizes_have_few_digits() {
        for (bytes, text) in [(70, "70 B"), (183_500, "184 kB"), (999_999, "1000 kB"), (2_340_000, "2.3 MB")] {
            assert_eq!(format_bytes(bytes), text);
        }
    }
}
