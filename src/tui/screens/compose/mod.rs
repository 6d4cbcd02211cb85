//! The compose screen: a post is written, previewed and published, or the text of a published one is changed.

mod attachment;
mod commands;
mod editing;
mod help;
mod link_preview;
mod preview;
mod progress;
mod publishing;
mod results;
mod view;

use std::path::PathBuf;

use jiff::Timestamp;
use ratatui::style::{Modifier, Style};
use ratatui_textarea::{CursorMove, TextArea, WrapMode};

use self::attachment::{Attachment, FileField, ImageFields, PollFields};
use self::link_preview::LinkedPageState;
use crate::flows::publish::{
    self, Document, DocumentSource, Draft, FileInfo, FileRole, Link, MAX_DESCRIPTION_CHARS, Mentions, Published, Video,
};
use crate::linkedin::little_text;
use crate::linkedin::posts::{
    MAX_ALT_TEXT_CHARS, MAX_OPTION_CHARS, MAX_QUESTION_CHARS, MAX_TEXT_UNITS, MAX_TITLE_CHARS, POLL_OPTIONS, Visibility,
};
use crate::store::{DraftImage, Name, PublishedPost, SavedDraft};
use crate::tui::message::Author;
use crate::tui::widgets::field::Field;
use crate::{Code, Error, Result};

pub(crate) use commands::{
    can_add_scope, can_open_portal, cannot_publish_reason, discard, handle, is_refused_with_scope, missing_scope,
    on_draft_failed, on_draft_moved, on_file_inspected, on_opened, on_path_completed, on_text_edited, open, open_edit,
    open_with, reauthorize_label, return_to_closed, save_if_due, save_if_profile_is_missing,
};
pub(crate) use editing::SAVE_DELAY;
pub(crate) use help::explanation;
pub(crate) use link_preview::on_previewed as on_link_metadata_fetched;
pub(crate) use preview::add_text as add_post_text;
pub(crate) use progress::Progress;
pub(crate) use publishing::{can_cancel, delete, on_cancelled, on_edited, on_finished, on_progressed, on_searched};
use results::recent_activity;
pub(crate) use results::{discard_page, open_recent_activity_label, page};
pub(crate) use view::{draw, status, title_path};

/// The visibility of a saved draft for the author's connections.
const CONNECTIONS: &str = "connections";
/// The keystrokes that can be undone.
const MAX_UNDO_STEPS: usize = 1000;

/// A post that is written, published or changed.
#[derive(Clone, Debug)]
pub struct ComposedPost {
    /// Its number; messages of another post are ignored.
    pub id: u64,
    pub profile: Name,
    text: TextArea<'static>,
    pub visibility: Visibility,
    /// The authors that can be selected: the member, then the Pages that the member can post as.
    pub authors: Vec<Author>,
    /// The selected author.
    author: usize,
    attachment: Attachment,
    /// A link to show as a card.
    link: Field,
    /// The page of the link, where it is being read or could not be.
    linked_page: Option<LinkedPageState>,
    /// The title of the link, the document or the video.
    title: Field,
    /// The description of the link.
    description: Field,
    /// The image of the link or the video.
    thumbnail: FileField,
    /// The images, or the pages of a carousel, and an empty row at the end for another one.
    images: Vec<ImageFields>,
    document: FileField,
    video: FileField,
    /// The captions of the video.
    captions: FileField,
    poll: PollFields,
    /// The post to reshare: its URN, or a link to it.
    parent: Field,
    /// The paths that the last completion found, where there are several.
    completions: Vec<String>,
    /// The focused part.
    part: Part,
    pub stage: Stage,
    /// The posts that this program published before, newest first.
    recent_posts: Vec<PublishedPost>,
    /// The posts that may have been published.
    maybe_published_posts: Vec<PublishedPost>,
    /// How many changes were made, so that an error about the form before is not shown any longer.
    pub changes: u32,
    /// The published post whose text is changed; `None` for a new post.
    post_to_edit: Option<Box<PublishedPost>>,
    /// What the form is filled with unless there is a draft, or once that is discarded.
    prefill: Option<Box<SavedDraft>>,
    /// Whether anything was typed, pasted or discarded.
    is_edited: bool,
    /// When the first change that is not saved yet was made.
    pub unsaved_since: Option<Timestamp>,
    /// Whether the draft was saved.
    is_saved: bool,
}

/// The parts of the form that can have the focus. Images and options have their index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Text,
    Author,
    Visibility,
    Attachment,
    Link,
    Title,
    Description,
    Thumbnail,
    Image(usize),
    Alt(usize),
    Document,
    Video,
    Captions,
    Question,
    Option(usize),
    Duration,
    Parent,
}

#[derive(Clone, Debug)]
pub enum Stage {
    Writing,
    Preview,
    /// Something that is in progress. Only the upload of files can be cancelled.
    Busy(Task, Progress),
    Published(Box<Published>),
    /// LinkedIn refused the post, or its response was lost.
    Failed(Error),
}

/// The request to LinkedIn that is in progress.
#[derive(Clone, Debug)]
pub enum Task {
    Publish,
    /// Change the text of a published post.
    Update,
    /// Delete the post that was just published.
    Delete(Box<Published>),
    /// Find out whether the post was published; the error is why that is not known.
    Find(Error),
}

impl ComposedPost {
    fn new(id: u64, profile: Name, member: Author) -> Self {
        Self {
            id,
            profile,
            text: editor(""),
            visibility: Visibility::Public,
            authors: vec![member],
            author: 0,
            attachment: Attachment::None,
            link: Field::default(),
            linked_page: None,
            title: Field::default(),
            description: Field::default(),
            thumbnail: FileField::default(),
            images: vec![ImageFields::default()],
            document: FileField::default(),
            video: FileField::default(),
            captions: FileField::default(),
            poll: PollFields::default(),
            parent: Field::default(),
            completions: Vec::new(),
            part: Part::Text,
            stage: Stage::Writing,
            recent_posts: Vec::new(),
            maybe_published_posts: Vec::new(),
            changes: 0,
            post_to_edit: None,
            prefill: None,
            is_edited: false,
            unsaved_since: None,
            is_saved: false,
        }
    }

    /// Returns whether only a sign-in fixes the failure.
    pub(crate) const fn needs_sign_in(&self) -> bool {
        matches!(&self.stage, Stage::Failed(error) if matches!(error.code, Code::Expired | Code::Revoked | Code::SignedOut))
    }

    /// Returns whether LinkedIn may have published the post although it did not confirm that.
    pub(crate) const fn is_maybe_published(&self) -> bool {
        matches!(&self.stage, Stage::Failed(error) if matches!(error.code, Code::MaybePublished))
    }

    /// Returns whether it changes the text of a published post.
    pub(crate) const fn is_update(&self) -> bool {
        self.post_to_edit.is_some()
    }

    /// Returns whether there is something to discard.
    pub(crate) fn has_content(&self) -> bool {
        match &self.post_to_edit {
            Some(post) => self.typed_text() != post.text,
            None => !self.is_blank(),
        }
    }

    fn is_blank(&self) -> bool {
        let draft = self.to_saved_draft();
        // A choice without a text is nothing to save.
        let (visibility, attachment) = (draft.visibility.clone(), draft.attachment.clone());
        draft == SavedDraft { visibility, attachment, ..SavedDraft::default() }
    }

    pub fn typed_text(&self) -> String {
        self.text.lines().join("\n")
    }

    /// Returns the first line of the text, for a dialog about the post.
    pub(crate) fn first_line(&self) -> String {
        PublishedPost::new(None, "", Timestamp::UNIX_EPOCH, &self.typed_text()).first_line
    }

    fn selected_author(&self) -> Option<&Author> {
        self.authors.get(self.author)
    }

    /// Returns the URN of the selected Page; `None` for the member.
    pub(crate) fn author_urn(&self) -> Option<&str> {
        self.selected_author()?.urn.as_deref()
    }

    /// Returns the parts that can have the focus, in their order.
    fn parts(&self) -> Vec<Part> {
        let mut parts = vec![Part::Text];
        if self.is_update() {
            return parts;
        }
        if self.authors.len() > 1 {
            parts.push(Part::Author);
        }
        parts.extend([Part::Visibility, Part::Attachment]);
        match self.attachment {
            Attachment::None => {}
            Attachment::Link => parts.extend([Part::Link, Part::Title, Part::Description, Part::Thumbnail]),
            Attachment::Images => {
                for (number, image) in self.images.iter().enumerate() {
                    parts.push(Part::Image(number));
                    if !image.file.is_empty() {
                        parts.push(Part::Alt(number));
                    }
                }
            }
            Attachment::Carousel => {
                parts.extend((0..self.images.len()).map(Part::Image));
                parts.push(Part::Title);
            }
            Attachment::Document => parts.extend([Part::Document, Part::Title]),
            Attachment::Video => parts.extend([Part::Video, Part::Title, Part::Captions, Part::Thumbnail]),
            Attachment::Poll => {
                parts.push(Part::Question);
                parts.extend((0..self.poll.options.len()).map(Part::Option));
                parts.push(Part::Duration);
            }
            Attachment::Reshare => parts.push(Part::Parent),
        }
        parts
    }

    /// Returns the image files of the post, or of the pages of its carousel, each with its alt text.
    pub fn draft_images(&self) -> Vec<DraftImage> {
        if !matches!(self.attachment, Attachment::Images | Attachment::Carousel) {
            return Vec::new();
        }
        self.images.iter().filter_map(ImageFields::to_draft).collect()
    }

    /// Returns a file of the post and its kind; `None` for the parts that are none.
    fn file(&self, part: Part) -> Option<(FileRole, &FileField)> {
        Some(match part {
            Part::Image(number) => {
                let role = if self.attachment == Attachment::Carousel { FileRole::Page } else { FileRole::Image };
                (role, &self.images.get(number)?.file)
            }
            Part::Thumbnail => (FileRole::Thumbnail, &self.thumbnail),
            Part::Document => (FileRole::Document, &self.document),
            Part::Video => (FileRole::Video, &self.video),
            Part::Captions => (FileRole::Captions, &self.captions),
            _ => return None,
        })
    }

    fn file_mut(&mut self, part: Part) -> Option<&mut FileField> {
        match part {
            Part::Image(number) => self.images.get_mut(number).map(|image| &mut image.file),
            Part::Thumbnail => Some(&mut self.thumbnail),
            Part::Document => Some(&mut self.document),
            Part::Video => Some(&mut self.video),
            Part::Captions => Some(&mut self.captions),
            _ => None,
        }
    }

    /// Returns what is wrong with a part, as a sentence for the line below it. An empty part is not wrong.
    fn problem(&self, part: Part) -> Option<String> {
        let too_long = |text: &str, max: usize| {
            let count = text.chars().count();
            (count > max).then(|| format!("{} characters too many: LinkedIn accepts {max}.", count - max))
        };
        match part {
            Part::Text => {
                let used = little_text::utf16_len(&self.typed_text());
                (used > MAX_TEXT_UNITS).then(|| format!("The text is {} characters too long.", used - MAX_TEXT_UNITS))
            }
            Part::Author => Some(self.selected_author()?.refusal.as_ref()?.reason.clone()),
            Part::Link if self.link.trimmed().is_empty() => None,
            Part::Link => {
                let link = Link::parse(&with_scheme(self.link.trimmed()), None);
                let check =
                    |link| publish::check(&Draft { attachment: publish::Attachment::Link(link), ..Draft::default() });
                link.and_then(check).err().map(|error| error.to_string())
            }
            Part::Title => too_long(self.title.trimmed(), MAX_TITLE_CHARS),
            Part::Image(number) if number >= self.attachment.max_images() && number < self.draft_images().len() => {
                let max = self.attachment.max_images();
                let is_carousel = self.attachment == Attachment::Carousel;
                let (what, files) = if is_carousel { ("document", "pages") } else { ("post", "images") };
                Some(format!("A {what} has at most {max} {files}."))
            }
            Part::Image(_) | Part::Thumbnail | Part::Document | Part::Video | Part::Captions => {
                self.file(part)?.1.problem().map(str::to_owned)
            }
            Part::Description => too_long(self.description.trimmed(), MAX_DESCRIPTION_CHARS),
            Part::Question => too_long(self.poll.question.trimmed(), MAX_QUESTION_CHARS),
            Part::Option(number) => too_long(self.poll.options.get(number)?.trimmed(), MAX_OPTION_CHARS)
                .or_else(|| self.poll.is_repeated(number).then(|| "Another option has the same text.".to_owned())),
            Part::Parent if self.parent.trimmed().is_empty() => None,
            Part::Parent => publish::parse_post_urn(self.parent.trimmed()).err().map(|error| error.to_string()),
            Part::Alt(number) => too_long(self.images.get(number)?.alt.trimmed(), MAX_ALT_TEXT_CHARS),
            Part::Visibility | Part::Attachment | Part::Duration => None,
        }
    }

    /// Returns the first part that keeps the post from being published, and why. The author is not one: LinkedIn decides.
    fn first_problem(&self) -> Option<(Part, String)> {
        let option_count = self.poll.to_poll().options.len();
        let next_option = self.poll.options.iter().position(|option| option.trimmed().is_empty());
        let empty = |part| match part {
            Part::Link if self.link.trimmed().is_empty() => Some("Enter the link."),
            Part::Image(0) if self.draft_images().is_empty() => Some("Enter an image file."),
            Part::Document if self.document.is_empty() => Some("Enter a document file."),
            Part::Video if self.video.is_empty() => Some("Enter a video file."),
            Part::Question if self.poll.question.trimmed().is_empty() => Some("Enter the question."),
            Part::Option(number) if option_count < *POLL_OPTIONS.start() && next_option == Some(number) => {
                Some("Enter at least two options.")
            }
            Part::Parent if self.parent.trimmed().is_empty() => Some("Enter the post to reshare."),
            _ => None,
        };
        let found = self.parts().into_iter().filter(|part| *part != Part::Author).find_map(|part| {
            let problem = empty(part).map(str::to_owned).or_else(|| self.problem(part))?;
            Some((part, problem))
        });
        found.or_else(|| Some((Part::Image(0), publish::carousel_problem(self.carousel_info()?.bytes)?)))
    }

    /// Returns the pages of the carousel and their size together, once each was read and can be used.
    fn carousel_info(&self) -> Option<FileInfo> {
        let files = self.images.iter().filter(|image| !image.file.is_empty());
        let pages: Vec<FileInfo> = files.map(|image| image.file.info()).collect::<Option<_>>()?;
        let is_carousel = self.attachment == Attachment::Carousel && !pages.is_empty();
        let bytes = pages.iter().map(|page| page.page_bytes.unwrap_or(page.bytes)).sum();
        is_carousel.then_some(FileInfo { bytes, page_bytes: None, dimensions: None, pages: Some(pages.len()) })
    }

    /// Returns the post to publish, or the rule that it breaks.
    pub fn to_draft(&self) -> Result<Draft> {
        let attachment = self.to_attachment()?;
        let draft = Draft {
            text: self.typed_text(),
            visibility: self.visibility,
            author: self.selected_author().and_then(|author| author.urn.clone()),
            attachment,
            mentions: Mentions::Known,
        };
        publish::check(&draft)?;
        Ok(draft)
    }

    /// Returns the attachment. Without a file or a link it is none.
    fn to_attachment(&self) -> Result<publish::Attachment> {
        let title = || non_empty(self.title.trimmed());
        let path = |file: &FileField| file.text().map(PathBuf::from);
        Ok(match self.attachment {
            Attachment::None => publish::Attachment::None,
            Attachment::Images => publish::Attachment::from_images(self.draft_images()),
            Attachment::Link => match non_empty(self.link.trimmed()) {
                Some(url) => publish::Attachment::Link(Link {
                    description: non_empty(self.description.trimmed()),
                    thumbnail: path(&self.thumbnail),
                    ..Link::parse(&with_scheme(&url), title())?
                }),
                None => publish::Attachment::None,
            },
            Attachment::Document => path(&self.document).map_or(publish::Attachment::None, |path| {
                publish::Attachment::Document(Document { source: DocumentSource::File(path), title: title() })
            }),
            Attachment::Carousel => {
                let paths: Vec<PathBuf> = self.draft_images().into_iter().map(|image| image.path).collect();
                let source = DocumentSource::Images(paths);
                publish::Attachment::Document(Document { source, title: title() })
            }
            Attachment::Video => path(&self.video).map_or(publish::Attachment::None, |video| {
                publish::Attachment::Video(Video {
                    path: video,
                    title: title(),
                    captions: path(&self.captions),
                    thumbnail: path(&self.thumbnail),
                })
            }),
            Attachment::Poll => publish::Attachment::Poll(self.poll.to_poll()),
            Attachment::Reshare => publish::Attachment::Reshare(self.parent.trimmed().to_owned()),
        })
    }

    /// Returns the draft to save: of the attachments, the selected kind.
    fn to_saved_draft(&self) -> SavedDraft {
        let visibility = if self.visibility == Visibility::Connections { CONNECTIONS } else { "public" };
        let parts = self.parts();
        let text = |part, field: &Field| non_empty(field.trimmed()).filter(|_| parts.contains(&part));
        SavedDraft {
            text: self.typed_text(),
            visibility: visibility.to_owned(),
            author: self.selected_author().and_then(|author| author.urn.clone()),
            attachment: self.attachment.draft_name(),
            link: text(Part::Link, &self.link),
            title: text(Part::Title, &self.title),
            description: text(Part::Description, &self.description),
            thumbnail: text(Part::Thumbnail, &self.thumbnail.path),
            document: text(Part::Document, &self.document.path),
            video: text(Part::Video, &self.video.path),
            captions: text(Part::Captions, &self.captions.path),
            reshare: text(Part::Parent, &self.parent),
            poll: self.poll.to_draft().filter(|_| self.attachment == Attachment::Poll),
            images: self.draft_images(),
        }
    }

    fn field(&mut self, part: Part) -> Option<&mut Field> {
        match part {
            Part::Link => Some(&mut self.link),
            Part::Title => Some(&mut self.title),
            Part::Description => Some(&mut self.description),
            Part::Alt(number) => self.images.get_mut(number).map(|image| &mut image.alt),
            Part::Question => Some(&mut self.poll.question),
            Part::Option(number) => self.poll.options.get_mut(number),
            Part::Parent => Some(&mut self.parent),
            Part::Image(_) | Part::Thumbnail | Part::Document | Part::Video | Part::Captions => {
                self.file_mut(part).map(|file| &mut file.path)
            }
            Part::Text | Part::Visibility | Part::Author | Part::Attachment | Part::Duration => None,
        }
    }
}

fn non_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Returns a link with `https://` where it has no scheme.
fn with_scheme(link: &str) -> String {
    let is_complete = link.contains("://") || link.contains(char::is_whitespace);
    if link.is_empty() || is_complete { link.to_owned() } else { format!("https://{link}") }
}

/// Returns an editor of `text` with the cursor at its end.
fn editor(text: &str) -> TextArea<'static> {
    let mut editor = TextArea::from(text.split('\n'));
    editor.set_wrap_mode(WrapMode::WordOrGlyph);
    editor.set_cursor_line_style(Style::new());
    editor.set_cursor_style(Style::new().add_modifier(Modifier::REVERSED));
    editor.set_placeholder_text("What do you want to say?");
    editor.set_placeholder_style(Style::new().add_modifier(Modifier::DIM));
    editor.set_max_histories(MAX_UNDO_STEPS);
    editor.move_cursor(CursorMove::Bottom);
    editor.move_cursor(CursorMove::End);
    editor
}
