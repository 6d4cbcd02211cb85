//! Title, description and picture of a linked page, which LinkedIn's API does not read itself (Open Graph protocol).

use std::io::Write;
use std::path::Path;

use tempfile::NamedTempFile;
use url::Url;

use super::images;
use super::types::Link;
use crate::error::io_reason;
use crate::linkedin::endpoints::is_loopback;
use crate::linkedin::posts::MAX_TITLE_CHARS;
use crate::session::Context;
use crate::text::{decode_entities, sanitize};
use crate::{Code, Error, Result};

/// Bytes of a page, and of its picture.
const MAX_BYTES: usize = 1024 * 1024;
/// Characters of a description that are filled in: LinkedIn shows far fewer.
const MAX_PREVIEW_DESCRIPTION_CHARS: usize = 300;

/// The metadata of a linked page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LinkPreview {
    pub title: Option<String>,
    pub description: Option<String>,
    /// The bytes of an image, whose format is not checked.
    pub picture: Option<Vec<u8>>,
    /// Why there is no picture although the page names one.
    pub warning: Option<String>,
}

/// How the name of a file with a picture begins.
const PICTURE_PREFIX: &str = "linkedin-preview-";

impl LinkPreview {
    /// Saves the picture to a temporary file. One that cannot be used becomes a warning.
    ///
    /// # Errors
    /// `files` if the file cannot be written.
    pub(crate) fn save_picture(&mut self) -> Result<Option<NamedTempFile>> {
        let Some(picture) = self.picture.take() else { return Ok(None) };
        if let Err(unusable) = images::check(&picture) {
            self.warning = Some(format!("its picture cannot be used: {}", unusable.reason));
            return Ok(None);
        }
        let saved = tempfile::Builder::new().prefix(PICTURE_PREFIX).tempfile();
        let saved = saved.and_then(|mut file| file.write_all(&picture).map(|()| file));
        saved.map(Some).map_err(|error| {
            let message = format!("The thumbnail could not be saved: {}.", io_reason(&error));
            Error::new(Code::Files, message, "Use a thumbnail of your own.")
        })
    }
}

/// Returns whether a file has the picture of a linked page.
pub(crate) fn is_saved_picture(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().starts_with(PICTURE_PREFIX));
    path.parent() == Some(&std::env::temp_dir()) && name == Some(true)
}

/// Fills in the fields of a link that are empty from its page. Returns the file of its picture, which is deleted when it is
/// dropped, and why there is no picture.
///
/// # Errors
/// Those of [`preview_link`]; `unexpected_response` if neither the link nor the page has a title; `files` if the picture cannot
/// be saved.
pub(crate) async fn add_link_metadata(
    ctx: &Context,
    link: &mut Link,
) -> Result<(Option<NamedTempFile>, Option<String>)> {
    let mut preview = preview_link(ctx, &link.url, link.thumbnail.is_none()).await?;
    let is_filled = |text: &String| !text.trim().is_empty();
    link.title = link.title.take().filter(is_filled).or_else(|| preview.title.take());
    link.description = link.description.take().filter(is_filled).or_else(|| preview.description.take());
    if link.title.is_none() {
        return Err(unusable_page_error("has no title"));
    }
    let file = preview.save_picture()?;
    link.thumbnail = link.thumbnail.take().or_else(|| file.as_ref().map(|file| file.path().to_owned()));
    let warning = preview.warning.map(|reason| format!("the link has no thumbnail: {reason}"));
    Ok((file, warning))
}

fn unusable_page_error(reason: &str) -> Error {
    Error::new(Code::UnexpectedResponse, format!("The linked page {reason}."), "Enter its title yourself.")
}

/// Reads the preview of a page. Neither the page nor its picture is read from this machine or a private network.
///
/// # Errors
/// `bad_input` for a host that is not public; `network` if the page cannot be read; `unexpected_response` if it is not
/// a web page.
pub(crate) async fn preview_link(ctx: &Context, url: &Url, needs_picture: bool) -> Result<LinkPreview> {
    // The sandbox may show its own pages.
    let www = ctx.endpoints.www("/");
    let sandbox = is_loopback(&www).then_some(&www);
    let page = ctx.http.fetch_public(url, sandbox, MAX_BYTES).await.map_err(|mut error| {
        if error.code == Code::Network {
            error.message = format!("The linked page could not be read. {}", error.message);
        }
        error
    })?;
    if !matches!(page.media_type.as_str(), "" | "text/html" | "application/xhtml+xml") {
        return Err(unusable_page_error("is not a web page"));
    }
    let found = parse_page(&String::from_utf8_lossy(&page.body));
    let mut preview = LinkPreview { title: found.title, description: found.description, ..LinkPreview::default() };
    let picture = found.image.filter(|_| needs_picture).and_then(|image| page.url.join(&image).ok());
    let Some(picture) = picture else { return Ok(preview) };
    match ctx.http.fetch_public(&picture, sandbox, MAX_BYTES).await {
        Ok(image) if image.is_truncated => preview.warning = Some("its picture is larger than 1 MB".to_owned()),
        Ok(image) => preview.picture = Some(image.body),
        Err(error) => preview.warning = Some(format!("its picture could not be read. {}", error.message)),
    }
    Ok(preview)
}

#[derive(Debug, Default, PartialEq, Eq)]
struct PageMetadata {
    title: Option<String>,
    description: Option<String>,
    image: Option<String>,
}

/// Reads the Open Graph properties of a page; without them its title and description.
fn parse_page(html: &str) -> PageMetadata {
    let mut metas = Vec::new();
    let html = without_comments(html);
    // Names of elements and attributes are ASCII, so that offsets in both texts are the same.
    let lower = html.to_ascii_lowercase();
    let ends_name = |text: &str| text.starts_with(|c: char| c.is_whitespace() || matches!(c, '/' | '>'));
    for (at, tag) in lower.match_indices("<meta") {
        let rest = &html[at + tag.len()..];
        // The begin of another name, such as <metadata>.
        if !ends_name(rest) {
            continue;
        }
        let attributes = parse_attributes(rest);
        let value = |name: &str| attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        if let (Some(name), Some(content)) = (value("property").or_else(|| value("name")), value("content")) {
            metas.push((name.to_ascii_lowercase(), content.to_owned()));
        }
    }
    let find = |names: &[&str], max_chars: usize| {
        let texts = names.iter().flat_map(|name| metas.iter().filter(move |(known, _)| known == name));
        texts.map(|(_, text)| sanitize(decode_entities(text).trim(), max_chars)).find(|text| !text.is_empty())
    };
    let title = || {
        let (begin, _) = lower.match_indices("<title").find(|(at, tag)| ends_name(&lower[at + tag.len()..]))?;
        let begin = begin + lower[begin..].find('>')? + 1;
        let text = &html[begin..begin + lower[begin..].find("</title")?];
        let words: Vec<&str> = text.split_whitespace().collect();
        Some(sanitize(&decode_entities(&words.join(" ")), MAX_TITLE_CHARS)).filter(|text| !text.is_empty())
    };
    PageMetadata {
        title: find(&["og:title"], MAX_TITLE_CHARS).or_else(title),
        description: find(&["og:description", "description"], MAX_PREVIEW_DESCRIPTION_CHARS),
        image: find(&["og:image:secure_url", "og:image", "og:image:url"], 2000),
    }
}

/// Removes the comments. One that does not end is text.
fn without_comments(html: &str) -> String {
    let (mut text, mut rest) = (String::new(), html);
    while let Some((before, comment)) = rest.split_once("<!--") {
        text.push_str(before);
        rest = comment.split_once("-->").map_or(comment, |(_, after)| after);
    }
    text + rest
}

/// Reads the attributes of a tag, up to the `>` that ends it; names are in lower case.
fn parse_attributes(tag: &str) -> Vec<(String, String)> {
    let mut attributes = Vec::new();
    let mut rest = tag;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            return attributes;
        }
        let ends_name = |c: char| c.is_whitespace() || matches!(c, '=' | '/' | '>');
        let (name, after) = rest.split_at(rest.find(ends_name).unwrap_or(rest.len()));
        let Some(value) = after.trim_start().strip_prefix('=') else {
            rest = after;
            continue;
        };
        let value = value.trim_start();
        // A quote has a meaning only at the begin of a value.
        let (value, next) = match value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            Some(quote) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
            None => value.split_at(value.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(value.len())),
        };
        attributes.push((name.to_ascii_lowercase(), value.to_owned()));
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn metadata(title: &str, description: &str, image: &str) -> PageMetadata {
        let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        PageMetadata { title: filled(title), description: filled(description), image: filled(image) }
    }

    #[rstest]
    #[case::open_graph(
        r#"<head><title>Plain</title><meta property="og:title" content="A &amp; B"/><meta content='it says "hi"'
           property='og:description'><META PROPERTY=og:image CONTENT=/pic.png ></head>"#,
        metadata("A & B", "it says \"hi\"", "/pic.png")
    )]
    #[case::without_open_graph(
        "<TITLE lang=en>\n  Two\n words </TITLE><meta name=description content=\"About\">",
        metadata("Two words", "About", "")
    )]
    #[case::angle_in_a_value(r#"<meta property="og:title" content="a > b">"#, metadata("a > b", "", ""))]
    #[case::controls("<meta property=\"og:title\" content=\"x\u{1b}]0;evil\u{7}\">", metadata("x␛]0;evil␇", "", ""))]
    #[case::empty_values(r#"<meta property="og:title" content=" "><title> </title>"#, metadata("", "", ""))]
    #[case::cut_off(r#"<meta property="og:title" content="never"#, metadata("never", "", ""))]
    #[case::other_text("<meta", metadata("", "", ""))]
    #[case::quote_in_an_unquoted_value(
        r#"<meta name=author content=O'Neil><meta property="og:title" content="Right"><title>It's</title>"#,
        metadata("Right", "", "")
    )]
    #[case::empty_property_before_a_filled_one(
        r#"<meta property="og:description" content=""><meta name="description" content="About">
           <meta property="og:image:secure_url" content=" "><meta property="og:image" content="/pic.png">"#,
        metadata("", "About", "/pic.png")
    )]
    #[case::in_a_comment("<!-- <title>Old</title> --><title>New</title><!-- no end", metadata("New", "", ""))]
    #[case::longer_names(
        r#"<metadata property="og:title" content="Wrong"><titles>Wrong</titles><title>Right</title>"#,
        metadata("Right", "", "")
    )]
    #[case::malformed_attributes("<meta = / =x property=og:title == content=a=b>", metadata("a=b", "", ""))]
    #[case::not_ascii("<title>Grüße 李</title>", metadata("Grüße 李", "", ""))]
    fn pages_are_read(#[case] html: &str, #[case] expected: PageMetadata) {
        assert_eq!(parse_page(html), expected);
    }
}
