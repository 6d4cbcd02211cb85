//! What is wrong with a post, part by part.

use super::attachment::AttachmentKind;
use super::{ComposedPost, Part, with_scheme};
use crate::flows::publish::{self, Draft, FileInfo, Link, MAX_DESCRIPTION_CHARS};
use crate::linkedin::little_text;
use crate::linkedin::posts::{
    MAX_ALT_TEXT_CHARS, MAX_OPTION_CHARS, MAX_QUESTION_CHARS, MAX_TEXT_UNITS, MAX_TITLE_CHARS, POLL_OPTIONS,
};

pub(super) fn format_characters(count: usize) -> String {
    if count == 1 { "1 character".to_owned() } else { format!("{count} characters") }
}

impl ComposedPost {
    /// Returns what is wrong with a part, as a sentence for the line below it. An empty part is not wrong.
    pub(super) fn problem(&self, part: Part) -> Option<String> {
        let too_long = |text: &str, max: usize| {
            let count = text.chars().count();
            (count > max).then(|| format!("{} too many: LinkedIn accepts {max}.", format_characters(count - max)))
        };
        match part {
            Part::Text => {
                let used = little_text::utf16_len(&self.typed_text());
                (used > MAX_TEXT_UNITS)
                    .then(|| format!("The text is {} too long.", format_characters(used - MAX_TEXT_UNITS)))
            }
            Part::Author => Some(self.selected_author()?.refusal.as_ref()?.reason.clone()),
            Part::Link if self.link.trimmed().is_empty() => None,
            Part::Link => {
                let link = Link::parse(&with_scheme(self.link.trimmed()), None);
                let check =
                    |link| publish::check(&Draft { attachment: publish::Attachment::Link(link), ..Draft::default() });
                link.and_then(check).err().map(|error| error.to_string())
            }
            Part::Title => too_long(self.title.trimmed(), MAX_TITLE_CHARS),
            Part::Image(index) if index >= self.attachment.max_images() && index < self.draft_images().len() => {
                Some(self.images_limit())
            }
            Part::Image(_) | Part::Thumbnail | Part::Document | Part::Video | Part::Captions => {
                self.file(part)?.1.problem().map(str::to_owned)
            }
            Part::Description => too_long(self.description.trimmed(), MAX_DESCRIPTION_CHARS),
            Part::Question => too_long(self.poll.question.trimmed(), MAX_QUESTION_CHARS),
            Part::Option(index) => too_long(self.poll.options.get(index)?.trimmed(), MAX_OPTION_CHARS)
                .or_else(|| self.poll.is_repeated(index).then(|| "Another option has the same text.".to_owned())),
            Part::Parent if self.parent.trimmed().is_empty() => None,
            Part::Parent => publish::parse_post_urn(self.parent.trimmed()).err().map(|error| error.to_string()),
            Part::Alt(index) => too_long(self.images.get(index)?.alt.trimmed(), MAX_ALT_TEXT_CHARS),
            Part::Visibility | Part::Attachment | Part::Duration | Part::FirstComment => None,
        }
    }

    /// Returns the sentence about the most images that the attachment has.
    pub(super) fn images_limit(&self) -> String {
        let is_carousel = self.attachment == AttachmentKind::Carousel;
        let (what, files) = if is_carousel { ("document", "pages") } else { ("post", "images") };
        format!("A {what} has at most {} {files}.", self.attachment.max_images())
    }

    /// Returns whether a part kept the post from being previewed, and was not changed since.
    pub(super) fn has_part_problem(&self, part: Part) -> bool {
        self.part_problem.as_ref().is_some_and(|(blocker, _)| *blocker == part)
    }

    /// Returns the first part that keeps the post from being published, and why. The author is not one: LinkedIn decides.
    pub(super) fn first_problem(&self) -> Option<(Part, String)> {
        let option_count = self.poll.to_poll().options.len();
        let next_option = self.poll.options.iter().position(|option| option.trimmed().is_empty());
        let empty = |part| match part {
            Part::Link if self.link.trimmed().is_empty() => Some("Enter the link."),
            Part::Image(0) if self.draft_images().is_empty() => Some("Enter an image file."),
            Part::Document if self.document.is_empty() => Some("Enter a document file."),
            Part::Video if self.video.is_empty() => Some("Enter a video file."),
            Part::Question if self.poll.question.trimmed().is_empty() => Some("Enter the question."),
            Part::Option(index) if option_count < *POLL_OPTIONS.start() && next_option == Some(index) => {
                Some("Enter at least two options.")
            }
            Part::Parent if self.parent.trimmed().is_empty() => Some("Enter the post to reshare."),
            _ => None,
        };
        let found = self.parts().into_iter().filter(|part| *part != Part::Author).find_map(|part| {
            let problem = empty(part).map(str::to_owned).or_else(|| self.problem(part))?;
            Some((part, problem))
        });
        found.or_else(|| Some((Part::Image(0), publish::carousel_problem(self.carousel_info()?.bytes)?)))
    }

    /// Returns the pages of the carousel and their size together, once each was read and can be used.
    pub(super) fn carousel_info(&self) -> Option<FileInfo> {
        let files = self.images.iter().filter(|image| !image.file.is_empty());
        let pages: Vec<FileInfo> = files.map(|image| image.file.info()).collect::<Option<_>>()?;
        let is_carousel = self.attachment == AttachmentKind::Carousel && !pages.is_empty();
        let bytes = pages.iter().map(|page| page.page_bytes.unwrap_or(page.bytes)).sum();
        is_carousel.then_some(FileInfo { bytes, page_bytes: None, dimensions: None, pages: Some(pages.len()) })
    }
}
