//! The compose screen: a post is written, previewed, published and, if the user wants, deleted again.

mod commands;
mod view;

use std::path::PathBuf;

use jiff::Timestamp;
use ratatui::style::{Modifier, Style};
use ratatui_textarea::{CursorMove, TextArea, WrapMode};

use crate::flows::publish::{self, Draft, Link, Published};
use crate::linkedin::posts::Visibility;
use crate::store::{DraftImage, Name, PublishedPost, SavedDraft};
use crate::tui::message::Author;
use crate::tui::widgets::field::Field;
use crate::{Code, Error, Result};

pub(crate) use commands::{
    SAVE_DELAY, handle, on_draft_failed, on_draft_moved, on_finished, on_opened, on_progressed, open, save_if_due,
    save_if_profile_is_missing,
};
pub(crate) use view::{counter, draw, page};

/// The visibility of a saved draft for the author's connections.
const CONNECTIONS: &str = "connections";

/// A post that is written or published.
#[derive(Clone, Debug)]
pub struct Compose {
    /// Its number; messages of another post are ignored.
    pub id: u64,
    pub profile: Name,
    text: TextArea<'static>,
    pub visibility: Visibility,
    /// The authors to choose from: the member, then the Pages that they administer.
    pub authors: Vec<Author>,
    /// The selected author.
    author: usize,
    /// A link to show as a card.
    link: Field,
    /// The card's title.
    title: Field,
    /// Image files, split as a shell splits words.
    images: Field,
    /// The images' alt texts, with `|` between two of them.
    pub alt: Field,
    /// The focused part.
    part: Part,
    pub stage: Stage,
    /// The posts that this program published before, newest first.
    recent: Vec<PublishedPost>,
    /// Whether anything was typed, pasted or cleared.
    is_edited: bool,
    /// When the first change that is not saved yet was made.
    pub unsaved_since: Option<Timestamp>,
}

/// The parts of the form, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Text,
    Visibility,
    Author,
    Link,
    Title,
    Images,
    Alt,
}

impl Part {
    const ALL: [Self; 7] =
        [Self::Text, Self::Visibility, Self::Author, Self::Link, Self::Title, Self::Images, Self::Alt];
}

#[derive(Clone, Debug)]
pub enum Stage {
    Writing,
    Preview,
    /// Publishing or deleting, with the step that is in progress.
    Publishing(String),
    Published(Box<Published>),
    /// Confirms the deletion of the post.
    Deleting(Box<Published>),
    /// LinkedIn refused the post, or its answer was lost.
    Failed(Error),
}

impl Compose {
    fn new(id: u64, profile: Name, member: Author) -> Self {
        Self {
            id,
            profile,
            text: editor(""),
            visibility: Visibility::Public,
            authors: vec![member],
            author: 0,
            link: Field::default(),
            title: Field::default(),
            images: Field::default(),
            alt: Field::default(),
            part: Part::Text,
            stage: Stage::Writing,
            recent: Vec::new(),
            is_edited: false,
            unsaved_since: None,
        }
    }

    /// Returns whether it failed for a reason that only a sign-in fixes.
    pub(crate) const fn needs_sign_in(&self) -> bool {
        matches!(&self.stage, Stage::Failed(error) if matches!(error.code, Code::Expired | Code::Revoked | Code::SignedOut))
    }

    pub fn typed_text(&self) -> String {
        self.text.lines().join("\n")
    }

    fn selected_author(&self) -> Option<&Author> {
        self.authors.get(self.author)
    }

    /// Returns the image files, each with its alt text.
    pub fn draft_images(&self) -> Result<Vec<DraftImage>> {
        let paths = shlex::split(self.images.trimmed()).ok_or_else(|| {
            Error::bad_input(
                "The images cannot be read: a quote is not closed.",
                "Put quotes around names with spaces.",
            )
        })?;
        let mut alts = self.alt.trimmed().split('|').map(|alt| non_empty(alt.trim()));
        Ok(paths.into_iter().map(|path| DraftImage { path: PathBuf::from(path), alt: alts.next().flatten() }).collect())
    }

    /// Returns the post to publish, or the rule that it breaks.
    pub fn to_draft(&self) -> Result<Draft> {
        let link = match non_empty(self.link.trimmed()) {
            None => None,
            Some(url) => Some(Link::parse(&url, non_empty(self.title.trimmed()))?),
        };
        let draft = Draft {
            text: self.typed_text(),
            visibility: self.visibility,
            author: self.selected_author().and_then(|author| author.urn.clone()),
            link,
            images: self.draft_images()?,
            has_mentions: false,
        };
        publish::check(&draft)?;
        Ok(draft)
    }

    /// Returns the draft to save. An unclosed quote is still being typed, so its images are saved later.
    fn to_saved_draft(&self) -> SavedDraft {
        let images = self.draft_images().unwrap_or_default();
        let visibility = if self.visibility == Visibility::Connections { CONNECTIONS } else { "public" };
        SavedDraft {
            text: self.typed_text(),
            visibility: visibility.to_owned(),
            author: self.selected_author().and_then(|author| author.urn.clone()),
            link: non_empty(self.link.trimmed()),
            title: non_empty(self.title.trimmed()),
            images,
        }
    }

    fn field(&mut self, part: Part) -> Option<&mut Field> {
        match part {
            Part::Link => Some(&mut self.link),
            Part::Title => Some(&mut self.title),
            Part::Images => Some(&mut self.images),
            Part::Alt => Some(&mut self.alt),
            Part::Text | Part::Visibility | Part::Author => None,
        }
    }
}

fn non_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Returns an editor of `text` with the cursor at its end.
fn editor(text: &str) -> TextArea<'static> {
    let mut editor = TextArea::from(text.split('\n'));
    editor.set_wrap_mode(WrapMode::WordOrGlyph);
    editor.set_cursor_line_style(Style::new());
    editor.set_cursor_style(Style::new().add_modifier(Modifier::REVERSED));
    editor.set_placeholder_text("What do you want to say?");
    editor.set_placeholder_style(Style::new().add_modifier(Modifier::DIM));
    editor.move_cursor(CursorMove::Bottom);
    editor.move_cursor(CursorMove::End);
    editor
}
