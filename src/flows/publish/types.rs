//! The input, events and result of publishing.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use url::Url;

use crate::linkedin::posts::{Poll, Visibility};
use crate::store::DraftImage;
use crate::{Code, Error, Result};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// The text as readers see it.
    pub text: String,
    pub visibility: Visibility,
    /// The author's URN; `None` for the profile's own member.
    pub author: Option<String>,
    pub attachment: Attachment,
    /// Whether `@[Name](urn:li:...)` in the text is a mention.
    pub has_mentions: bool,
}

/// What a post has below its text: one kind at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Attachment {
    #[default]
    None,
    Link(Link),
    /// One to twenty images.
    Images(Vec<DraftImage>),
    Document(Document),
    Video(Video),
    Poll(Poll),
    /// Another post, by its URN.
    Reshare(String),
}

impl Attachment {
    /// Returns the link to a page, if it is one.
    pub fn from_link(link: Option<Link>) -> Self {
        link.map_or(Self::None, Self::Link)
    }

    /// Returns the images, or nothing without any.
    pub fn from_images(images: Vec<DraftImage>) -> Self {
        if images.is_empty() { Self::None } else { Self::Images(images) }
    }

    pub fn images(&self) -> &[DraftImage] {
        if let Self::Images(images) = self { images } else { &[] }
    }

    /// Returns the URL of the link card.
    pub(super) fn link_url(&self) -> Option<String> {
        if let Self::Link(link) = self { Some(link.url.to_string()) } else { None }
    }

    /// Returns the name of the kind in JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::None => "text",
            Self::Link(_) => "link",
            Self::Images(_) => "images",
            Self::Document(_) => "document",
            Self::Video(_) => "video",
            Self::Poll(_) => "poll",
            Self::Reshare(_) => "reshare",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// http or https.
    pub url: Url,
    /// The title of the link card; `None` for the URL.
    pub title: Option<String>,
    pub description: Option<String>,
    /// The card's image.
    pub thumbnail: Option<PathBuf>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub source: DocumentSource,
    /// `None` for the name of the file.
    pub title: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentSource {
    /// A PDF, Word or `PowerPoint` file.
    File(PathBuf),
    /// Images that become the pages of a PDF.
    Images(Vec<PathBuf>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Video {
    /// An MP4 file.
    pub path: PathBuf,
    pub title: Option<String>,
    /// A `WebVTT` file.
    pub captions: Option<PathBuf>,
    /// The image that is shown before the video plays.
    pub thumbnail: Option<PathBuf>,
}

impl Link {
    pub fn parse(url: &str, title: Option<String>) -> Result<Self> {
        let url = Url::parse(url).map_err(|_| web_address_error())?;
        Ok(Self { url, title, description: None, thumbnail: None })
    }
}

/// Builds the error for a link that is not an http or https URL.
pub(super) fn web_address_error() -> Error {
    Error::bad_input("The link is not a web address.", "Enter a full URL, such as https://example.com/page.")
}

/// A file that LinkedIn accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileInfo {
    /// The size of the file in bytes.
    pub bytes: u64,
    /// Width and height of an image in pixels.
    pub dimensions: Option<(usize, usize)>,
    /// The pages of a PDF, where it states them.
    pub pages: Option<usize>,
}

/// A file of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileRole {
    Image,
    Document,
    Video,
    Captions,
    Thumbnail,
    /// An image that becomes a page of a document.
    Page,
}

impl FileRole {
    /// Returns its name in a sentence.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Document => "document",
            Self::Video => "video",
            Self::Captions => "captions",
            Self::Thumbnail => "thumbnail",
            Self::Page => "page",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A file is being uploaded.
    Uploading {
        role: FileRole,
        /// Its number, from one.
        number: usize,
        /// How many images the post has.
        of: usize,
        /// In bytes.
        sent: u64,
        /// The size of the file in bytes.
        size: u64,
    },
    /// A file that was uploaded for an earlier attempt is used again.
    Reusing(FileRole),
    /// LinkedIn is processing the file.
    Processing(FileRole),
    /// The post itself is being sent: from now on it may be published.
    Publishing,
    /// The app has no access to the versioned API; the older one is tried.
    FallingBack,
    /// The post is published, and its first comment is being sent.
    Commenting,
}

/// Receives each [`Event`] as it happens; must not block.
pub(crate) type EventSink = Arc<dyn Fn(Event) + Send + Sync>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The post's URN, which LinkedIn rarely omits.
    pub urn: Option<String>,
    pub url: Option<String>,
    /// Whether the same text was already published; then this is that post.
    pub is_duplicate: bool,
    /// Whether `/v2/ugcPosts` published it.
    pub is_legacy: bool,
    pub visibility: Visibility,
    pub author: String,
    /// The kind of the attachment, as [`Attachment::name`] names it.
    pub kind: &'static str,
    pub images: usize,
    /// The time of publication, by this machine's clock.
    pub at: Timestamp,
    /// What became of the first comment; `None` without one.
    pub first_comment: Option<FirstComment>,
    pub warnings: Vec<String>,
}

/// What became of the first comment of a published post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FirstComment {
    Published,
    /// The post existed already, so the comment was not sent.
    NotSent,
    /// LinkedIn refused the comment, or did not confirm it.
    Failed(Error),
}

impl FirstComment {
    /// Returns whether LinkedIn may have published the comment although it did not confirm that.
    pub(crate) const fn is_maybe_published(&self) -> bool {
        matches!(self, Self::Failed(error) if matches!(error.code, Code::MaybePublished | Code::Interrupted))
    }
}
