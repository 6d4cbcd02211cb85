//! The checks of a post before anything is sent.

use super::types::{Attachment, Draft, Link, web_address_error};
use crate::linkedin::little;
use crate::linkedin::posts::{Content, MAX_ALT_TEXT_CHARS, MAX_IMAGES, MAX_TEXT_UNITS, MAX_TITLE_CHARS};
use crate::linkedin::urn::is_urn;
use crate::store::DraftImage;
use crate::text::clean;
use crate::{Error, Result};

/// A post that passed the checks, ready to be sent but for its images.
pub(super) struct CheckedDraft {
    /// The text in LinkedIn's "little" format.
    pub(super) commentary: String,
    pub(super) article: Option<Content>,
}

impl CheckedDraft {
    pub(super) fn new(draft: &Draft) -> Result<Self> {
        let length = little::utf16_len(&draft.text);
        if length > MAX_TEXT_UNITS {
            return Err(Error::bad_input(
                format!(
                    "The text is too long: {length} characters as LinkedIn counts (UTF-16), and it accepts {MAX_TEXT_UNITS}."
                ),
                format!("Shorten it by {}.", length - MAX_TEXT_UNITS),
            ));
        }
        if draft.text.trim().is_empty() && draft.attachment == Attachment::None {
            return Err(Error::bad_input("There is nothing to post.", "Add a text, a link or an image."));
        }
        if let Some(author) = &draft.author {
            check_author(author)?;
        }
        let article = match &draft.attachment {
            Attachment::None => None,
            Attachment::Link(link) => Some(build_article(link)?),
            Attachment::Images(images) => {
                check_images(images)?;
                None
            }
        };
        Ok(Self { commentary: little::escape(&draft.text, draft.has_mentions), article })
    }
}

fn check_author(author: &str) -> Result<()> {
    let is_known_kind = ["urn:li:person:", "urn:li:organization:"].iter().any(|kind| author.starts_with(kind));
    if is_known_kind && is_urn(author) {
        return Ok(());
    }
    Err(Error::bad_input(
        format!("{} is not the URN of an author.", clean(author, 80)),
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

fn build_article(link: &Link) -> Result<Content> {
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
    let title: String = link.title.clone().unwrap_or_else(default_title);
    if title.chars().count() > MAX_TITLE_CHARS {
        return Err(Error::bad_input(
            format!("The link's title is too long: LinkedIn accepts {MAX_TITLE_CHARS} characters."),
            "Shorten it.",
        ));
    }
    Ok(Content::Article { source: link.url.to_string(), title })
}
