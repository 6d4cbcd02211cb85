//! The checks of a post before anything is sent.

use super::types::{Attachment, Document, DocumentSource, Draft, Link, Video, web_address_error};
use crate::linkedin::documents::MAX_DOCUMENT_PAGES;
use crate::linkedin::little_text;
use crate::linkedin::posts::{
    Article, Content, MAX_ALT_TEXT_CHARS, MAX_IMAGES, MAX_OPTION_CHARS, MAX_QUESTION_CHARS, MAX_TEXT_UNITS,
    MAX_TITLE_CHARS, POLL_OPTIONS, Poll,
};
use crate::linkedin::urn::{is_author_urn, parse_post_urn};
use crate::store::DraftImage;
use crate::text::sanitize;
use crate::{Error, Result};

/// Characters of a link's description. LinkedIn documents no limit; this is that of an alt text.
pub(crate) const MAX_DESCRIPTION_CHARS: usize = MAX_ALT_TEXT_CHARS;

/// A post that passed the checks, ready to be sent but for its files.
pub(super) struct CheckedDraft {
    /// The text in LinkedIn's "little" format.
    pub(super) commentary: String,
    /// What is below the text, as far as it needs no file.
    pub(super) content: Option<Content>,
}

impl CheckedDraft {
    pub(super) fn new(draft: &Draft) -> Result<Self> {
        let length = little_text::utf16_len(&draft.text);
        if length > MAX_TEXT_UNITS {
            return Err(Error::bad_input(
                format!(
                    "The text is too long: {length} characters as LinkedIn counts (UTF-16), and it accepts {MAX_TEXT_UNITS}."
                ),
                format!("Shorten it by {}.", length - MAX_TEXT_UNITS),
            ));
        }
        if draft.text.trim().is_empty() && draft.attachment == Attachment::None {
            return Err(Error::bad_input(
                "There is nothing to post.",
                "Add a text, or something below it: a link, images, a document, a video or a poll.",
            ));
        }
        if let Some(author) = &draft.author {
            check_author(author)?;
        }
        let content = match &draft.attachment {
            Attachment::None => None,
            Attachment::Link(link) => Some(Content::Article(build_article(link)?)),
            Attachment::Images(images) => {
                check_images(images)?;
                None
            }
            Attachment::Document(document) => {
                check_document(document)?;
                None
            }
            Attachment::Video(Video { title, .. }) => {
                check_title("video", title.as_deref())?;
                None
            }
            Attachment::Poll(poll) => Some(Content::Poll(check_poll(poll)?)),
            Attachment::Reshare(parent) => Some(Content::Reshare(check_parent(parent)?)),
        };
        Ok(Self { commentary: little_text::escape(&draft.text, draft.has_mentions()), content })
    }
}

fn check_author(author: &str) -> Result<()> {
    if is_author_urn(author) {
        return Ok(());
    }
    Err(Error::bad_input(
        format!("{} is not the URN of an author.", sanitize(author, 80)),
        "It is urn:li:organization:NUMBER for a Page, urn:li:person:ID for a member.",
    ))
}

fn check_images(images: &[DraftImage]) -> Result<()> {
    if images.len() > MAX_IMAGES {
        return Err(Error::bad_input(
            format!("A post has at most {MAX_IMAGES} images; there are {}.", images.len()),
            "Remove some.",
        ));
    }
    if images.iter().filter_map(|image| image.alt.as_deref()).any(|alt| alt.chars().count() > MAX_ALT_TEXT_CHARS) {
        return Err(Error::bad_input(
            format!("An alt text is too long: LinkedIn accepts {MAX_ALT_TEXT_CHARS} characters."),
            "Shorten it.",
        ));
    }
    Ok(())
}

fn too_long_error(what: &str, count: usize, max: usize) -> Error {
    Error::bad_input(
        format!("{what} is too long: it has {count} characters, and LinkedIn accepts {max}."),
        format!("Shorten it by {}.", count - max),
    )
}

fn check_chars(what: &str, text: &str, max: usize) -> Result<()> {
    let count = text.chars().count();
    if count <= max { Ok(()) } else { Err(too_long_error(what, count, max)) }
}

fn check_title(what: &str, title: Option<&str>) -> Result<()> {
    check_chars(&format!("The title of the {what}"), title.unwrap_or_default(), MAX_TITLE_CHARS)
}

fn check_document(document: &Document) -> Result<()> {
    check_title("document", document.title.as_deref())?;
    match &document.source {
        DocumentSource::Images(images) if images.len() > MAX_DOCUMENT_PAGES => Err(Error::bad_input(
            format!("A document has at most {MAX_DOCUMENT_PAGES} pages; there are {} images.", images.len()),
            "Remove some.",
        )),
        DocumentSource::Images(images) if images.is_empty() => {
            Err(Error::bad_input("A carousel has at least one image.", "Add an image."))
        }
        _ => Ok(()),
    }
}

/// Checks a poll and returns it without the spaces around its texts.
fn check_poll(poll: &Poll) -> Result<Poll> {
    let question = poll.question.trim();
    let options: Vec<&str> = poll.options.iter().map(|option| option.trim()).collect();
    if question.is_empty() || options.iter().any(|option| option.is_empty()) {
        return Err(Error::bad_input(
            "A question and options of a poll cannot be empty.",
            "Enter a text for the question and for each option.",
        ));
    }
    check_chars("The question of the poll", question, MAX_QUESTION_CHARS)?;
    for (index, option) in options.iter().enumerate() {
        check_chars(&format!("Option {} of the poll", index + 1), option, MAX_OPTION_CHARS)?;
        if options.iter().take(index).any(|other| other == option) {
            return Err(Error::bad_input(
                format!("Two options of the poll are the same: {}.", sanitize(option, MAX_OPTION_CHARS)),
                "Change one of them.",
            ));
        }
    }
    if !POLL_OPTIONS.contains(&options.len()) {
        let (min, max) = (POLL_OPTIONS.start(), POLL_OPTIONS.end());
        return Err(Error::bad_input(
            format!(
                "A poll has {min} to {max} options; there {}.",
                if options.len() == 1 { "is 1".to_owned() } else { format!("are {}", options.len()) }
            ),
            "Add or remove options.",
        ));
    }
    Ok(Poll {
        question: question.to_owned(),
        options: options.into_iter().map(str::to_owned).collect(),
        duration: poll.duration,
    })
}

fn check_parent(parent: &str) -> Result<String> {
    parse_post_urn(parent).ok_or_else(|| {
        Error::bad_input(
            format!("{} is not a post.", sanitize(parent, 120)),
            "Pass its URN, such as urn:li:share:7141138937766391808, or its link.",
        )
    })
}

fn build_article(link: &Link) -> Result<Article> {
    if !matches!(link.url.scheme(), "http" | "https") || link.url.host_str().is_none() {
        return Err(web_address_error());
    }
    if !link.url.username().is_empty() || link.url.password().is_some() {
        return Err(Error::bad_input(
            "The link contains a user name or password, which every reader would see.",
            "Remove what precedes the @.",
        ));
    }
    // LinkedIn reads nothing from the page, so without a title the card would be empty.
    let default_title = || {
        let address = link.url.as_str().trim_start_matches("https://").trim_start_matches("http://");
        address.trim_end_matches('/').chars().take(MAX_TITLE_CHARS).collect()
    };
    let is_filled = |text: &String| !text.trim().is_empty();
    let title: String = link.title.clone().filter(is_filled).unwrap_or_else(default_title);
    check_title("link", Some(&title))?;
    let description = link.description.clone().filter(is_filled);
    check_chars("The description of the link", description.as_deref().unwrap_or_default(), MAX_DESCRIPTION_CHARS)?;
    Ok(Article { source: link.url.to_string(), title, description, thumbnail: None })
}
