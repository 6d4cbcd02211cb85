//! The compose screen: a post is written, looked at, published, and, if need be, deleted again.

mod commands;
mod page;

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

pub(in crate::tui) use commands::{
    KEPT_AFTER, draft_failed, draft_moved, ended, handle, keep_in_time, open, opened, save_if_profile_is_gone, went_on,
};
pub(in crate::tui) use page::{counter, draw, page};

/// A post in the making.
#[derive(Clone, Debug)]
pub struct Compose {
    /// Its number; answers with another one are dropped.
    pub id: u64,
    /// Who publishes.
    pub profile: Name,
    /// The text.
    pub text: TextArea<'static>,
    /// Is it for the member's connections only?
    pub connections_only: bool,
    /// The authors to choose from: the member, then the pages they administer.
    pub authors: Vec<Author>,
    /// Which of them.
    pub author: usize,
    /// A link to show as a card.
    pub link: Field,
    /// The card's title.
    pub title: Field,
    /// Image files, split as a shell splits words.
    pub images: Field,
    /// What is on the images, a `|` between two of them.
    pub alt: Field,
    /// What is typed in.
    pub part: Part,
    /// How far it is.
    pub stage: Stage,
    /// What was published from here before, newest first.
    pub recent: Vec<PublishedPost>,
    /// Whether anything was typed, pasted or cleared.
    pub is_edited: bool,
    /// Since when the newest text waits to be kept.
    pub unkept: Option<Timestamp>,
}

/// The parts of the form, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The text.
    Text,
    /// Who may see it.
    Visibility,
    /// As whom.
    Author,
    /// The link.
    Link,
    /// The link's title.
    Title,
    /// The images.
    Images,
    /// Their description.
    Alt,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Text, Self::Visibility, Self::Author, Self::Link, Self::Title, Self::Images, Self::Alt];
}

/// How far a post is.
#[derive(Clone, Debug)]
pub enum Stage {
    /// It is written.
    Writing,
    /// It is looked at before it goes out.
    Preview,
    /// It is on its way; the words say how far.
    Publishing(String),
    /// It is live.
    Published(Box<Published>),
    /// Shall it be deleted again?
    Deleting(Box<Published>),
    /// It did not go out, or nobody knows.
    Failed(Error),
}

impl Compose {
    /// An empty post.
    pub fn new(id: u64, profile: Name, member: Author) -> Self {
        Self {
            id,
            profile,
            text: editor(""),
            connections_only: false,
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
            unkept: None,
        }
    }

    /// Was it refused for a reason that only a sign-in mends?
    pub const fn needs_sign_in(&self) -> bool {
        matches!(&self.stage, Stage::Failed(error) if matches!(error.code, Code::Expired | Code::Revoked | Code::SignedOut))
    }

    /// The text as typed.
    pub fn words(&self) -> String {
        self.text.lines().join("\n")
    }

    /// The image files, each with its description.
    ///
    /// # Errors
    /// `bad_input` for a quote that is not closed.
    pub fn pictures(&self) -> Result<Vec<DraftImage>> {
        let paths = shlex::split(self.images.trimmed()).ok_or_else(|| {
            Error::bad_input(
                "The images cannot be read: a quote is not closed.",
                "Put quotes around names with spaces.",
            )
        })?;
        let mut alts = self.alt.trimmed().split('|').map(|alt| filled(alt.trim()));
        Ok(paths.into_iter().map(|path| DraftImage { path: PathBuf::from(path), alt: alts.next().flatten() }).collect())
    }

    /// The post as it would be published.
    ///
    /// # Errors
    /// `bad_input` with the rule that it breaks.
    pub fn post(&self) -> Result<Draft> {
        let link = match filled(self.link.trimmed()) {
            None => None,
            Some(text) => Some(Link::parse(&text, filled(self.title.trimmed()))?),
        };
        let draft = Draft {
            text: self.words(),
            visibility: if self.connections_only { Visibility::Connections } else { Visibility::Public },
            author: self.authors.get(self.author).and_then(|author| author.urn.clone()),
            link,
            images: self.pictures()?,
            mentions: false,
        };
        publish::check(&draft)?;
        Ok(draft)
    }

    /// What was typed, as it is kept for another day. An open quote is still being typed: its images wait.
    pub fn saved(&self) -> SavedDraft {
        SavedDraft {
            text: self.words(),
            visibility: if self.connections_only { "connections" } else { "public" }.to_owned(),
            author: self.authors.get(self.author).and_then(|author| author.urn.clone()),
            link: filled(self.link.trimmed()),
            title: filled(self.title.trimmed()),
            images: self.pictures().unwrap_or_default(),
        }
    }

    /// The one-line field of a part.
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

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// An editor with a text in it, the cursor at its end.
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
