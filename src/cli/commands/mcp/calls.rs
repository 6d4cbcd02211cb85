//! The arguments of the tools. Their comments are what an assistant reads about them.

use std::path::PathBuf;

#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::flows::publish::{self, Document, DocumentSource, Draft, Link, Mentions, Video};
use crate::linkedin::posts::{Poll, PollDuration, Visibility};
use crate::linkedin::social::Reaction;
use crate::store::DraftImage;
use crate::{Error, Result};

/// The profile to use.
#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileCall {
    /// Profile name; the current profile if omitted
    pub(super) profile: Option<String>,
}

/// A profile, and whether to check its token.
#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct TokenStatusCall {
    /// Profile name; the current profile if omitted
    pub(super) profile: Option<String>,
    /// Check the token with LinkedIn now, instead of returning the saved status
    #[serde(default)]
    pub(super) check_now: bool,
}

/// What to read statistics of.
#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct StatsCall {
    /// URN of a post, or a link to it; all posts of the member if omitted
    pub(super) post: Option<String>,
    /// Profile name; the current profile if omitted
    pub(super) profile: Option<String>,
}

/// A post. Unknown fields are rejected: a misspelled attachment would be published without it.
#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct NewPostCall {
    /// Plain text as readers should see it, at most 3,000 characters; hashtags are written #like_this
    #[serde(default)]
    pub(super) text: String,
    /// What is below the text; at most one kind
    pub(super) attachment: Option<Attachment>,
    /// Visible to connections only, instead of anyone
    #[serde(default)]
    pub(super) connections_only: bool,
    /// URN of a LinkedIn Page (urn:li:organization:NUMBER) to publish as, instead of the member
    pub(super) author: Option<String>,
    /// Turn @[Name](urn:li:person:ID), @[Name](company:NAME) with the name in the link of a Page, and @[Name] with a name
    /// that linkedin-tui knows into mentions
    #[serde(default)]
    pub(super) mentions: bool,
    /// Text of a comment on the new post, as its author
    pub(super) first_comment: Option<String>,
    /// Profile name; the current profile if omitted
    pub(super) profile: Option<String>,
    /// Digest of the preview that the user agreed to; nothing is sent without it
    pub(super) digest: Option<String>,
}

/// What is below the text. Set exactly one field.
#[derive(Clone, Default, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub(super) struct Attachment {
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<LinkCard>,
    /// One to twenty images (PNG, JPEG or GIF)
    #[serde(skip_serializing_if = "Option::is_none")]
    images: Option<Vec<Image>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<DocumentFile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    video: Option<VideoFile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    poll: Option<NewPoll>,
    /// URN of a post, or a link to it, to reshare
    #[serde(skip_serializing_if = "Option::is_none")]
    reshare: Option<String>,
}

/// A card that shows a web page. LinkedIn reads nothing from the page.
#[derive(Clone, Deserialize, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct LinkCard {
    /// URL of the page
    url: String,
    /// Fill in the fields that are omitted from the page
    #[serde(default)]
    pub(super) read_page: bool,
    /// Title of the card; the URL if omitted
    title: Option<String>,
    description: Option<String>,
    /// Path of the card's image
    thumbnail: Option<PathBuf>,
}

#[derive(Clone, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
struct Image {
    /// Path of the file
    path: PathBuf,
    /// Alt text
    alt: Option<String>,
}

/// A document: one file, or images that become its pages.
#[derive(Clone, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
struct DocumentFile {
    /// Path of a PDF, DOC, DOCX, PPT or PPTX file
    path: Option<PathBuf>,
    /// Instead of a file: paths of images (PNG or JPEG), one a page
    carousel: Option<Vec<PathBuf>>,
    /// Title; the name of the file if omitted
    title: Option<String>,
}

/// A video.
#[derive(Clone, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
struct VideoFile {
    /// Path of an MP4 file of 75 KB to 500 MB and 3 seconds to 30 minutes
    path: PathBuf,
    title: Option<String>,
    /// Path of a WebVTT file
    captions: Option<PathBuf>,
    /// Path of the image that is shown before the video plays
    thumbnail: Option<PathBuf>,
}

/// A poll.
#[derive(Clone, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
struct NewPoll {
    /// At most 140 characters
    question: String,
    /// Two to four, each of at most 30 characters
    options: Vec<String>,
    /// Days that the poll is open: 1, 3, 7 or 14; 3 if omitted
    days: Option<u8>,
}

/// A new text for a post.
#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct EditPostCall {
    /// URN of the post, or a link to it
    pub(super) post: String,
    /// The new text; @[Name](urn:li:person:ID), @[Name](company:NAME) and known names as in @[Name] are mentions
    pub(super) text: String,
    /// Profile name; the current profile if omitted
    pub(super) profile: Option<String>,
    /// Digest of the preview that the user agreed to; nothing is sent without it
    pub(super) digest: Option<String>,
}

/// The post to delete.
#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct DeletePostCall {
    /// URN of the post, such as urn:li:share:7141138937766391808, or a link to it
    pub(super) post: String,
    /// Profile name; the current profile if omitted
    pub(super) profile: Option<String>,
    /// Digest of the preview that the user agreed to; nothing is sent without it
    pub(super) digest: Option<String>,
}

/// A comment.
#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct CommentCall {
    /// URN of the post, or a link to it
    pub(super) post: String,
    /// Plain text
    pub(super) text: String,
    /// URN of a LinkedIn Page (urn:li:organization:NUMBER) to comment as, instead of the member
    pub(super) author: Option<String>,
    /// Profile name; the current profile if omitted
    pub(super) profile: Option<String>,
    /// Digest of the preview that the user agreed to; nothing is sent without it
    pub(super) digest: Option<String>,
}

/// A reaction.
#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ReactionCall {
    /// URN of the post, or a link to it
    pub(super) post: String,
    /// The reaction, which replaces an earlier one; none deletes it
    pub(super) reaction: ReactionName,
    /// URN of a LinkedIn Page (urn:li:organization:NUMBER) to react as, instead of the member
    pub(super) author: Option<String>,
    /// Profile name; the current profile if omitted
    pub(super) profile: Option<String>,
    /// Digest of the preview that the user agreed to; nothing is sent without it
    pub(super) digest: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(super) enum ReactionName {
    Like,
    Celebrate,
    Love,
    Insightful,
    Support,
    Funny,
    None,
}

impl From<ReactionName> for Option<Reaction> {
    fn from(name: ReactionName) -> Self {
        match name {
            ReactionName::Like => Some(Reaction::Like),
            ReactionName::Celebrate => Some(Reaction::Celebrate),
            ReactionName::Love => Some(Reaction::Love),
            ReactionName::Insightful => Some(Reaction::Insightful),
            ReactionName::Support => Some(Reaction::Support),
            ReactionName::Funny => Some(Reaction::Funny),
            ReactionName::None => None,
        }
    }
}

impl NewPostCall {
    /// Returns the link card whose page is to be read.
    pub(super) fn card_to_read(&mut self) -> Option<&mut LinkCard> {
        self.attachment.as_mut()?.link.as_mut().filter(|card| card.read_page)
    }

    /// Returns the post that the arguments describe.
    pub(super) fn to_draft(&self) -> Result<Draft> {
        Ok(Draft {
            text: self.text.clone(),
            visibility: if self.connections_only { Visibility::Connections } else { Visibility::Public },
            author: self.author.clone(),
            author_name: None,
            attachment: self.attachment.clone().map_or(Ok(publish::Attachment::None), Attachment::parse)?,
            mentions: Mentions::required_if(self.mentions),
        })
    }
}

impl Attachment {
    fn parse(self) -> Result<publish::Attachment> {
        let Self { link, images, document, video, poll, reshare } = self;
        let kinds = [
            link.map(|card| card.parse().map(publish::Attachment::Link)),
            images.map(parse_images),
            document.map(DocumentFile::parse),
            video.map(|video| Ok(video.into())),
            poll.map(NewPoll::parse),
            reshare.map(|post| Ok(publish::Attachment::Reshare(post))),
        ];
        let mut given = kinds.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(attachment), None) => attachment,
            (given, _) => Err(Error::bad_input(
                format!("The attachment has {}.", if given.is_some() { "more than one kind" } else { "no kind" }),
                "Set exactly one of link, images, document, video, poll and reshare, or omit the attachment.",
            )),
        }
    }
}

impl LinkCard {
    pub(super) fn parse(self) -> Result<Link> {
        let link = Link::parse(&self.url, self.title)?;
        Ok(Link { description: self.description, thumbnail: self.thumbnail, ..link })
    }

    /// Sets the fields to those of a link whose page was read.
    pub(super) fn fill_in(&mut self, link: Link) {
        (self.title, self.description, self.thumbnail) = (link.title, link.description, link.thumbnail);
    }
}

fn parse_images(images: Vec<Image>) -> Result<publish::Attachment> {
    if images.is_empty() {
        return Err(Error::bad_input("The attachment has no images.", "Add an image, or omit the attachment."));
    }
    let images = images.into_iter().map(|Image { path, alt }| DraftImage { path, alt });
    Ok(publish::Attachment::Images(images.collect()))
}

impl DocumentFile {
    fn parse(self) -> Result<publish::Attachment> {
        let source = match (self.path, self.carousel) {
            (Some(path), None) => DocumentSource::File(path),
            (None, Some(images)) => DocumentSource::Images(images),
            _ => {
                return Err(Error::bad_input(
                    "A document is either a file or a carousel.",
                    "Set exactly one of path and carousel.",
                ));
            }
        };
        Ok(publish::Attachment::Document(Document { source, title: self.title }))
    }
}

impl From<VideoFile> for publish::Attachment {
    fn from(VideoFile { path, title, captions, thumbnail }: VideoFile) -> Self {
        Self::Video(Video { path, title, captions, thumbnail })
    }
}

impl NewPoll {
    fn parse(self) -> Result<publish::Attachment> {
        let duration = match self.days {
            None => PollDuration::default(),
            Some(days) => PollDuration::from_days(days).ok_or_else(|| {
                Error::bad_input(format!("A poll cannot be open for {days} days."), "Use 1, 3, 7 or 14 days.")
            })?,
        };
        Ok(publish::Attachment::Poll(Poll { question: self.question, options: self.options, duration }))
    }
}
