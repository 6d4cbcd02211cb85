//! The options of `post`, and the post that they describe.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::cli::prompt;
use crate::flows::publish::{Attachment, Document, DocumentSource, Draft, Link, Mentions, Video};
use crate::linkedin::posts::{MAX_TEXT_UNITS, Poll, PollDuration, Visibility};
use crate::store::DraftImage;
use crate::{Error, Result};

/// Largest text on stdin, in bytes: larger than any post, so that an error can state the length.
const MAX_STDIN_BYTES: u64 = 1024 * 1024;

/// The options that publish no new post, so that the options of one would have no effect.
const WITHOUT_NEW_POST: [&str; 4] = ["edit", "delete", "recent", "list_mentions"];

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Text of the post, or - for stdin; no escaping needed
    #[arg(required_unless_present_any = ["delete", "recent", "list_mentions", "attachment", "front_matter"], conflicts_with_all = ["delete", "recent", "list_mentions", "front_matter"])]
    pub(crate) text: Option<String>,
    /// Who can see the post
    #[arg(long, value_enum, default_value_t = PostVisibility::Public, conflicts_with_all = WITHOUT_NEW_POST)]
    pub(crate) visibility: PostVisibility,
    /// Author, such as a Page (urn:li:organization:N) [default: the member]
    #[arg(long = "as", value_name = "URN")]
    pub(crate) author: Option<String>,
    /// Link below the text
    #[arg(long, value_name = "URL", groups = ["attachment", "titled", "with_thumbnail"], conflicts_with_all = WITHOUT_NEW_POST)]
    pub(crate) link: Option<String>,
    /// Title of the link (LinkedIn does not fetch it), document or video
    #[arg(long, value_name = "TEXT", requires = "titled", conflicts_with_all = WITHOUT_NEW_POST)]
    pub(crate) title: Option<String>,
    /// Description of the link
    #[arg(long, value_name = "TEXT", requires = "link", conflicts_with_all = WITHOUT_NEW_POST)]
    pub(crate) description: Option<String>,
    /// Image of the link's card, or of the video before it plays
    #[arg(long, value_name = "FILE", requires = "with_thumbnail", conflicts_with_all = WITHOUT_NEW_POST)]
    pub(crate) thumbnail: Option<PathBuf>,
    /// Read title, description and picture of the linked page
    #[arg(long, requires = "link", conflicts_with_all = WITHOUT_NEW_POST)]
    pub(crate) preview_link: bool,
    /// Image below the text (PNG, JPEG or GIF); repeatable, at most 20
    #[arg(long = "image", value_name = "FILE", group = "attachment", conflicts_with_all = WITHOUT_NEW_POST)]
    pub(crate) images: Vec<PathBuf>,
    /// Alt text, one per --image, in order
    #[arg(long = "alt", value_name = "TEXT", requires = "images", conflicts_with_all = WITHOUT_NEW_POST)]
    pub(crate) alts: Vec<String>,
    /// Document below the text (PDF, DOC, DOCX, PPT or PPTX)
    #[arg(long, value_name = "FILE", groups = ["attachment", "titled"], conflicts_with_all = WITHOUT_NEW_POST)]
    pub(crate) document: Option<PathBuf>,
    /// Image of a carousel, a document with an image a page; repeatable
    #[arg(long, value_name = "FILE", groups = ["attachment", "titled"], conflicts_with_all = WITHOUT_NEW_POST)]
    pub(crate) carousel: Vec<PathBuf>,
    /// Video below the text (MP4, 75 KB to 500 MB, 3 s to 30 min)
    #[arg(long, value_name = "FILE", groups = ["attachment", "titled", "with_thumbnail"], conflicts_with_all = WITHOUT_NEW_POST)]
    pub(crate) video: Option<PathBuf>,
    /// Captions of the video (WebVTT)
    #[arg(long, value_name = "FILE", requires = "video", conflicts_with_all = WITHOUT_NEW_POST)]
    pub(crate) captions: Option<PathBuf>,
    /// Poll with this question below the text
    #[arg(long, value_name = "QUESTION", group = "attachment", requires = "options", conflicts_with_all = WITHOUT_NEW_POST)]
    pub(crate) poll: Option<String>,
    /// Option of the poll; 2 to 4
    #[arg(long = "option", value_name = "TEXT", requires = "poll", conflicts_with_all = WITHOUT_NEW_POST)]
    pub(crate) options: Vec<String>,
    /// Days that the poll is open
    #[arg(long, value_name = "DAYS", value_parser = ["1", "3", "7", "14"], default_value = "3", conflicts_with_all = WITHOUT_NEW_POST)]
    pub(crate) poll_days: String,
    /// Reshare a post; its URN or link
    #[arg(long, value_name = "URN", group = "attachment", conflicts_with_all = WITHOUT_NEW_POST)]
    pub(crate) reshare: Option<String>,
    /// Publish what a Markdown file's front matter says, and write the URN into it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["attachment", "edit", "delete", "recent"])]
    pub(crate) front_matter: Option<PathBuf>,
    /// Do nothing if the front matter has a URN already
    #[arg(long, requires = "front_matter")]
    pub(crate) once: bool,
    /// Turn @[Name](urn:li:person:ID), @[Name](company:NAME) and known names as in @[Name] into mentions
    #[arg(long)]
    pub(crate) mentions: bool,
    /// List the names that can be mentioned without a URN
    #[arg(long, conflicts_with_all = ["edit", "delete", "recent", "front_matter", "mentions"])]
    pub(crate) list_mentions: bool,
    /// Comment on the post once it is published
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["edit", "delete", "recent"])]
    pub(crate) first_comment: Option<String>,
    /// Print the requests without the token, and send nothing
    #[arg(long, conflicts_with_all = ["delete", "recent"])]
    pub(crate) dry_run: bool,
    /// Replace the text of a published post; its URN or link
    #[arg(long, value_name = "URN", conflicts_with_all = ["delete", "recent", "dry_run", "author"])]
    pub(crate) edit: Option<String>,
    /// Delete a post; its URN or link
    #[arg(long, value_name = "URN", conflicts_with = "recent")]
    pub(crate) delete: Option<String>,
    /// List the posts that were published with this program
    #[arg(long)]
    pub(crate) recent: bool,
}

/// Who can see a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PostVisibility {
    /// Anyone
    Public,
    /// Connections only
    Connections,
}

pub(super) fn build_draft(args: Args) -> Result<Draft> {
    reject_options_of_other_kinds(&args)?;
    if args.alts.len() > args.images.len() {
        return Err(Error::bad_input(
            "There are more --alt than --image options.",
            "Pass one --alt per image, in order.",
        ));
    }
    let text = read_text(&args)?;
    let attachment = build_attachment(&args)?;
    Ok(Draft {
        text,
        visibility: match args.visibility {
            PostVisibility::Public => Visibility::Public,
            PostVisibility::Connections => Visibility::Connections,
        },
        author: args.author,
        author_name: None,
        attachment,
        mentions: Mentions::required_if(args.mentions),
    })
}

/// Returns what is below the text: clap rejects options of two kinds.
fn build_attachment(args: &Args) -> Result<Attachment> {
    let title = args.title.clone();
    if let Some(url) = &args.link {
        let link = Link::parse(url, title)?;
        let (description, thumbnail) = (args.description.clone(), args.thumbnail.clone());
        return Ok(Attachment::Link(Link { description, thumbnail, ..link }));
    }
    if let Some(path) = args.document.clone() {
        return Ok(Attachment::Document(Document { source: DocumentSource::File(path), title }));
    }
    if !args.carousel.is_empty() {
        let source = DocumentSource::Images(args.carousel.clone());
        return Ok(Attachment::Document(Document { source, title }));
    }
    if let Some(path) = args.video.clone() {
        let (captions, thumbnail) = (args.captions.clone(), args.thumbnail.clone());
        return Ok(Attachment::Video(Video { path, title, captions, thumbnail }));
    }
    if let Some(question) = args.poll.clone() {
        let duration = args.poll_days.parse().ok().and_then(PollDuration::from_days).unwrap_or_default();
        return Ok(Attachment::Poll(Poll { question, options: args.options.clone(), duration }));
    }
    if let Some(parent) = &args.reshare {
        return Ok(Attachment::Reshare(parent.clone()));
    }
    let mut alts = args.alts.iter().cloned();
    let images = args.images.iter().map(|path| DraftImage { path: path.clone(), alt: alts.next() });
    Ok(Attachment::from_images(images.collect()))
}

/// Rejects an option that the kind of the post does not have: clap does not require an option that conflicts with a
/// present one.
fn reject_options_of_other_kinds(args: &Args) -> Result<()> {
    let (has_link, has_video) = (args.link.is_some(), args.video.is_some());
    let is_titled = has_link || has_video || args.document.is_some() || !args.carousel.is_empty();
    let rejected = [
        (args.title.is_some() && !is_titled, "--title", "--link, --document, --carousel or --video"),
        (args.description.is_some() && !has_link, "--description", "--link"),
        (args.thumbnail.is_some() && !has_link && !has_video, "--thumbnail", "--link or --video"),
        (args.captions.is_some() && !has_video, "--captions", "--video"),
        (!args.options.is_empty() && args.poll.is_none(), "--option", "--poll"),
        (!args.alts.is_empty() && args.images.is_empty(), "--alt", "--image"),
    ];
    match rejected.into_iter().find(|(is_rejected, ..)| *is_rejected) {
        Some((_, option, owner)) => {
            Err(Error::bad_input(format!("{option} is only for {owner}."), format!("Remove {option}.")))
        }
        None => Ok(()),
    }
}

/// Returns the text of the post; `-` is stdin.
pub(super) fn read_text(args: &Args) -> Result<String> {
    match args.text.as_deref() {
        Some("-") => read_stdin(),
        text => Ok(text.unwrap_or_default().to_owned()),
    }
}

/// Returns the text on stdin without its last newline.
fn read_stdin() -> Result<String> {
    let hint = format!("Pipe in plain text; a post has at most {MAX_TEXT_UNITS} characters.");
    let text = prompt::read_stdin("The text on stdin", MAX_STDIN_BYTES, hint)?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}
