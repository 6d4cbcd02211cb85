//! The compose screen: a post is written, previewed and published, or the text of a published one is changed.

mod attachment;
mod authorization;
mod commands;
mod drafts;
mod editing;
mod first_comment;
mod form;
mod help;
mod link_metadata;
mod names;
mod opening;
mod preview;
mod problems;
mod progress;
mod publishing;
mod results;
mod view;

use jiff::Timestamp;
use ratatui::style::{Modifier, Style};
use ratatui_textarea::{CursorMove, TextArea, WrapMode};

use self::attachment::{AttachmentKind, FileField, ImageFields, PollFields};
use self::link_metadata::LinkedPageState;
use self::names::NameList;
use crate::flows::permissions::AcceptedWrite;
use crate::flows::publish::{FileRole, Published};
use crate::linkedin::little_text::{self, TextPart};
use crate::linkedin::posts::Visibility;
use crate::store::{DraftImage, Name, PublishedPost, SavedDraft};
use crate::tui::message::Author;
use crate::tui::widgets::field::Field;
use crate::{Code, Error};

pub(crate) use authorization::{
    can_add_scope, can_open_portal, is_refused_despite_scope, missing_scope, reauthorize_label, return_to_closed_post,
};
pub(crate) use commands::{
    discard, handle, on_draft_failed, on_draft_moved, on_file_inspected, on_path_completed, on_text_edited,
    return_to_posts, save_if_due, save_if_profile_is_missing,
};
pub(crate) use editing::SAVE_DELAY;
pub(crate) use first_comment::on_commented;
pub(crate) use help::explanation;
pub(crate) use link_metadata::on_link_metadata_fetched;
pub(crate) use names::on_names_read;
pub(crate) use opening::{cannot_publish_reason, on_opened, open, open_edit, open_with};
pub(crate) use preview::add_post_text;
pub(crate) use progress::Progress;
pub(crate) use publishing::{
    can_cancel, delete, on_canceled, on_changed_meanwhile, on_edited, on_finished, on_progressed, on_searched,
    report_search_without_post,
};
pub(crate) use results::{
    discard_page, first_steps, open_recent_activity_label, page, recent_activity, step_description,
};
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
    /// The texts after one that was deleted and another that was inserted for it, which are undone together.
    replacements: Vec<String>,
    pub visibility: Visibility,
    /// The authors that can be selected: the member, then the Pages that the member can post as.
    pub authors: Vec<Author>,
    /// The selected author.
    author: usize,
    attachment: AttachmentKind,
    /// A link to show as a card.
    link: Field,
    /// The reading of the linked web page: in progress, failed, or done with a warning.
    linked_page: Option<LinkedPageState>,
    /// The title of the link, the document or the video.
    title: Field,
    /// The titles of the other kinds of attachments.
    other_titles: Vec<(AttachmentKind, Field)>,
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
    /// A comment that follows the post.
    first_comment: Field,
    /// Why LinkedIn would refuse a comment of the member, as far as is known.
    comment_refusal: Option<String>,
    /// What LinkedIn accepted last, by capability and author.
    accepted: Vec<AcceptedWrite>,
    /// The paths that the last completion found, where there are several.
    completions: Vec<String>,
    /// The names that complete a mention.
    names: NameList,
    /// The focused part.
    part: Part,
    pub stage: Stage,
    /// The posts that this program published before, newest first.
    recent_posts: Vec<PublishedPost>,
    /// The posts that may have been published.
    maybe_published_posts: Vec<PublishedPost>,
    /// What kept the post from being previewed, or pasted files from being added, and the part that it is about.
    part_problem: Option<(Part, String)>,
    /// How many changes were made, so that an error about the form before is not shown any longer.
    pub changes: u32,
    /// Whether it was begun on the screen of posts, and goes back to it.
    pub(crate) returns_to_posts: bool,
    /// The published post whose text is changed; `None` for a new post.
    post_to_edit: Option<Box<PublishedPost>>,
    /// Whether LinkedIn may have saved a changed text that it did not confirm.
    may_be_changed: bool,
    /// The first line of the text that was saved elsewhere after the post was opened, and that the changed text replaces.
    replaced_line: Option<String>,
    /// What the form is filled with unless there is a draft, or once that is discarded.
    prefill: Option<Box<SavedDraft>>,
    /// Whether saving may replace the stored draft: the user changed or discarded something, or a draft was restored.
    can_replace_draft: bool,
    /// When the first change that is not saved yet was made.
    pub unsaved_since: Option<Timestamp>,
    /// Whether the draft on disk has the last change; false before the first one.
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
    FirstComment,
}

#[derive(Clone, Debug)]
pub enum Stage {
    Writing,
    Preview,
    /// Something that is in progress. Only the upload of files can be canceled.
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
    Edit,
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
            text: new_text_area(""),
            replacements: Vec::new(),
            visibility: Visibility::Public,
            authors: vec![member],
            author: 0,
            attachment: AttachmentKind::None,
            link: Field::default(),
            linked_page: None,
            title: Field::default(),
            other_titles: Vec::new(),
            description: Field::default(),
            thumbnail: FileField::default(),
            images: vec![ImageFields::default()],
            document: FileField::default(),
            video: FileField::default(),
            captions: FileField::default(),
            poll: PollFields::default(),
            parent: Field::default(),
            first_comment: Field::default(),
            comment_refusal: None,
            accepted: Vec::new(),
            completions: Vec::new(),
            names: NameList::default(),
            part: Part::Text,
            stage: Stage::Writing,
            recent_posts: Vec::new(),
            maybe_published_posts: Vec::new(),
            part_problem: None,
            changes: 0,
            returns_to_posts: false,
            post_to_edit: None,
            may_be_changed: false,
            replaced_line: None,
            prefill: None,
            can_replace_draft: false,
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

    /// Returns whether the text of a published post is edited, and no new post is written.
    pub(crate) const fn is_edit(&self) -> bool {
        self.post_to_edit.is_some()
    }

    /// Returns whether the text has the focus.
    pub(crate) fn is_in_text(&self) -> bool {
        self.part == Part::Text
    }

    /// Returns whether there is something to discard.
    pub(crate) fn has_content(&self) -> bool {
        match &self.post_to_edit {
            // The former text may have to be saved again.
            Some(post) => self.may_be_changed || self.typed_text() != post.text,
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
        let text = self.typed_text();
        // A mention is its name, which may have no URN yet.
        let shown: String = little_text::parse_text_parts(&text)
            .into_iter()
            .map(|part| match part {
                TextPart::Plain(shown) | TextPart::Hashtag(shown) | TextPart::Mention(shown) => shown,
                TextPart::Name { source, name } => {
                    if self.is_known(name) {
                        name
                    } else {
                        source
                    }
                }
            })
            .collect();
        PublishedPost::new(None, "", Timestamp::UNIX_EPOCH, &shown).first_line
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
        if self.is_edit() {
            return parts;
        }
        if self.authors.len() > 1 {
            parts.push(Part::Author);
        }
        parts.extend([Part::Visibility, Part::Attachment]);
        match self.attachment {
            AttachmentKind::None => {}
            AttachmentKind::Link => parts.extend([Part::Link, Part::Title, Part::Description, Part::Thumbnail]),
            AttachmentKind::Images => {
                for (index, image) in self.images.iter().enumerate() {
                    parts.push(Part::Image(index));
                    if !image.file.is_empty() {
                        parts.push(Part::Alt(index));
                    }
                }
            }
            AttachmentKind::Carousel => {
                parts.extend((0..self.images.len()).map(Part::Image));
                parts.push(Part::Title);
            }
            AttachmentKind::Document => parts.extend([Part::Document, Part::Title]),
            AttachmentKind::Video => parts.extend([Part::Video, Part::Title, Part::Captions, Part::Thumbnail]),
            AttachmentKind::Poll => {
                parts.push(Part::Question);
                parts.extend((0..self.poll.options.len()).map(Part::Option));
                parts.push(Part::Duration);
            }
            AttachmentKind::Reshare => parts.push(Part::Parent),
        }
        if self.has_first_comment_field() {
            parts.push(Part::FirstComment);
        }
        parts
    }

    /// Returns the image files of the post, or of the pages of its carousel, each with its alt text.
    pub fn draft_images(&self) -> Vec<DraftImage> {
        if !matches!(self.attachment, AttachmentKind::Images | AttachmentKind::Carousel) {
            return Vec::new();
        }
        self.images.iter().filter_map(ImageFields::to_draft).collect()
    }

    /// Returns the file of a part and its role; `None` if the part is not a file.
    fn file(&self, part: Part) -> Option<(FileRole, &FileField)> {
        Some(match part {
            Part::Image(index) => {
                let role =
                    if self.attachment == AttachmentKind::Carousel { FileRole::DocumentPage } else { FileRole::Image };
                (role, &self.images.get(index)?.file)
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
            Part::Image(index) => self.images.get_mut(index).map(|image| &mut image.file),
            Part::Thumbnail => Some(&mut self.thumbnail),
            Part::Document => Some(&mut self.document),
            Part::Video => Some(&mut self.video),
            Part::Captions => Some(&mut self.captions),
            _ => None,
        }
    }

    fn field(&mut self, part: Part) -> Option<&mut Field> {
        match part {
            Part::Link => Some(&mut self.link),
            Part::Title => Some(&mut self.title),
            Part::Description => Some(&mut self.description),
            Part::Alt(index) => self.images.get_mut(index).map(|image| &mut image.alt),
            Part::Question => Some(&mut self.poll.question),
            Part::Option(index) => self.poll.options.get_mut(index),
            Part::Parent => Some(&mut self.parent),
            Part::FirstComment => Some(&mut self.first_comment),
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

/// Returns a link with `https://` if it has no scheme; text with white space is no link and stays as it was typed.
fn with_scheme(link: &str) -> String {
    let is_no_link = link.is_empty() || link.contains(char::is_whitespace);
    let has_scheme = link.contains("://");
    if is_no_link || has_scheme { link.to_owned() } else { format!("https://{link}") }
}

/// Returns a text area with `text` and the cursor at its end.
fn new_text_area(text: &str) -> TextArea<'static> {
    let mut text_area = TextArea::from(text.split('\n'));
    text_area.set_wrap_mode(WrapMode::WordOrGlyph);
    text_area.set_cursor_line_style(Style::new());
    text_area.set_cursor_style(Style::new().add_modifier(Modifier::REVERSED));
    text_area.set_placeholder_text("What do you want to say?");
    text_area.set_placeholder_style(Style::new().add_modifier(Modifier::DIM));
    text_area.set_max_histories(MAX_UNDO_STEPS);
    text_area.move_cursor(CursorMove::Bottom);
    text_area.move_cursor(CursorMove::End);
    text_area
}
