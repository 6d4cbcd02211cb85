//! The input, events and result of publishing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use url::Url;

use crate::linkedin::posts::{Poll, Visibility};
use crate::linkedin::urn::parse_post_urn;
use crate::store::DraftImage;
use crate::{Code, Error, Result};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// The text as readers see it.
    pub text: String,
    pub visibility: Visibility,
    /// The author's URN; `None` for the profile's own member.
    pub author: Option<String>,
    /// The author's name for the list of posts, where the author is a Page whose name is known.
    pub author_name: Option<String>,
    pub attachment: Attachment,
    pub mentions: Mentions,
}

impl Draft {
    /// Returns whether `@[Name](urn:li:...)` in the text is a mention.
    pub(crate) fn has_mentions(&self) -> bool {
        self.mentions != Mentions::None
    }
}

/// What `@[Name]` and `@[Name](urn:li:...)` in the text of a post are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mentions {
    /// Text.
    #[default]
    None,
    /// Mentions. A name that is not known stays text, with a warning: it may not be meant as one.
    IfKnown,
    /// Mentions. A name that is not known is an error.
    Required,
    /// Mentions, whose names have their URNs; any other name is text.
    Resolved,
}

impl Mentions {
    pub(crate) const fn required_if(is_requested: bool) -> Self {
        if is_requested { Self::Required } else { Self::None }
    }
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

    /// Describes what is below a text, so that posts with the same text differ: a file by its name and its size in bytes,
    /// which `size_of` returns. The rest of a link, such as its title, is not what it is about.
    pub(crate) fn describe(&self, size_of: impl Fn(&Path) -> Option<u64>) -> String {
        let describe_file = |path: &Path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            size_of(path).map_or_else(|| name.to_string(), |size| format!("{name} ({size} bytes)"))
        };
        let describe_files = |paths: &mut dyn Iterator<Item = &PathBuf>| {
            paths.map(|path| describe_file(path)).collect::<Vec<_>>().join(", ")
        };
        let what = match self {
            Self::None => return String::new(),
            Self::Link(link) => link.url.to_string(),
            Self::Images(images) => describe_files(&mut images.iter().map(|image| &image.path)),
            Self::Document(Document { source: DocumentSource::File(path), .. }) => describe_file(path),
            Self::Document(Document { source: DocumentSource::Images(paths), .. }) => describe_files(&mut paths.iter()),
            Self::Video(video) => describe_file(&video.path),
            Self::Poll(poll) => {
                let texts = std::iter::once(&poll.question).chain(&poll.options);
                texts.map(|text| text.trim()).collect::<Vec<_>>().join(" / ")
            }
            Self::Reshare(parent) => parse_post_urn(parent).unwrap_or_else(|| parent.clone()),
        };
        format!("{}: {what}", self.name())
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
    /// The size in bytes of a PDF with only this image; `None` for a file that becomes no page.
    pub page_bytes: Option<u64>,
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
    DocumentPage,
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
            Self::DocumentPage => "page",
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
    /// The post itself is being sent: until the next event or the result, it may have been published.
    Publishing,
    /// The app has no access to the versioned API; the legacy API is tried.
    FallingBack,
    /// An earlier attempt sent the post at this time, and may have published it. It is sent again.
    MaybePublished(Timestamp),
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
    /// The comment was not sent: the post existed already, or was found by a search.
    NotSent,
    /// LinkedIn refused the comment, or did not confirm it.
    Failed(Error),
}

impl Published {
    /// Returns whether a first comment was typed, and is not known to be published.
    pub(crate) fn lacks_comment(&self) -> bool {
        self.first_comment.as_ref().is_some_and(|outcome| *outcome != FirstComment::Published)
    }
}

impl FirstComment {
    /// Returns whether LinkedIn may have published the comment although it did not confirm that.
    pub(crate) const fn is_maybe_published(&self) -> bool {
        matches!(self, Self::Failed(error) if matches!(error.code, Code::MaybePublished | Code::Interrupted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linkedin::posts::PollDuration;

    #[test]
    fn attachments_are_described_by_what_they_are_about() {
        let size_of = |path: &Path| (path != Path::new("b/gone.png")).then_some(7);
        let image = |path: &str| DraftImage { path: path.into(), alt: Some("alt".to_owned()) };
        let link = Link {
            thumbnail: Some("/tmp/x.png".into()),
            ..Link::parse("https://example.com/a", Some("A title".to_owned())).unwrap()
        };
        let document = |source| Attachment::Document(Document { source, title: Some("Title".to_owned()) });
        let video =
            Video { path: "/v/demo.mp4".into(), title: None, captions: Some("demo.vtt".into()), thumbnail: None };
        let poll = Poll {
            question: " Which? ".to_owned(),
            options: vec!["vi".to_owned(), "emacs".to_owned()],
            duration: PollDuration::OneDay,
        };
        let urn = "urn:li:share:7141138937766391808";
        for (attachment, description) in [
            (Attachment::None, ""),
            (Attachment::Link(link), "link: https://example.com/a"),
            (Attachment::Images(vec![image("a/one.png"), image("b/gone.png")]), "images: one.png (7 bytes), gone.png"),
            (document(DocumentSource::File("~/report.pdf".into())), "document: report.pdf (7 bytes)"),
            (document(DocumentSource::Images(vec!["a/1.png".into()])), "document: 1.png (7 bytes)"),
            (Attachment::Video(video), "video: demo.mp4 (7 bytes)"),
            (Attachment::Poll(poll), "poll: Which? / vi / emacs"),
            (
                Attachment::Reshare(format!("https://www.linkedin.com/feed/update/{urn}/")),
                "reshare: urn:li:share:7141138937766391808",
            ),
        ] {
            assert_eq!(attachment.describe(size_of), description);
        }
    }
}
