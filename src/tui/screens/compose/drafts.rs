//! Turns the form into the post to publish, and into the draft to save.

use std::path::PathBuf;

use super::attachment::{AttachmentKind, FileField};
use super::{CONNECTIONS, ComposedPost, Part, non_empty, with_scheme};
use crate::Result;
use crate::flows::publish::{self, Document, DocumentSource, Draft, Link, Mentions, Video};
use crate::linkedin::posts::Visibility;
use crate::store::SavedDraft;
use crate::tui::widgets::field::Field;

impl ComposedPost {
    /// Returns the post to publish, or the rule that it breaks.
    pub fn to_draft(&self) -> Result<Draft> {
        let attachment = self.to_attachment()?;
        let draft = Draft {
            text: self.typed_text(),
            visibility: self.visibility,
            author: self.selected_author().and_then(|author| author.urn.clone()),
            author_name: self.selected_author().and_then(crate::tui::message::Author::page_name),
            attachment,
            mentions: Mentions::IfKnown,
        };
        publish::check(&draft)?;
        Ok(draft)
    }

    /// Returns the attachment. Without a file or a link it is none.
    pub(super) fn to_attachment(&self) -> Result<publish::Attachment> {
        let title = || non_empty(self.title.trimmed());
        let path = |file: &FileField| file.text().map(PathBuf::from);
        Ok(match self.attachment {
            AttachmentKind::None => publish::Attachment::None,
            AttachmentKind::Images => publish::Attachment::from_images(self.draft_images()),
            AttachmentKind::Link => match non_empty(self.link.trimmed()) {
                Some(url) => publish::Attachment::Link(Link {
                    description: non_empty(self.description.trimmed()),
                    thumbnail: path(&self.thumbnail),
                    ..Link::parse(&with_scheme(&url), title())?
                }),
                None => publish::Attachment::None,
            },
            AttachmentKind::Document => path(&self.document).map_or(publish::Attachment::None, |path| {
                publish::Attachment::Document(Document { source: DocumentSource::File(path), title: title() })
            }),
            AttachmentKind::Carousel => {
                let paths: Vec<PathBuf> = self.draft_images().into_iter().map(|image| image.path).collect();
                let source = DocumentSource::Images(paths);
                publish::Attachment::Document(Document { source, title: title() })
            }
            AttachmentKind::Video => path(&self.video).map_or(publish::Attachment::None, |video| {
                publish::Attachment::Video(Video {
                    path: video,
                    title: title(),
                    captions: path(&self.captions),
                    thumbnail: path(&self.thumbnail),
                })
            }),
            AttachmentKind::Poll => publish::Attachment::Poll(self.poll.to_poll()),
            AttachmentKind::Reshare => publish::Attachment::Reshare(self.parent.trimmed().to_owned()),
        })
    }

    /// Returns the draft to save: of the attachments, the selected kind.
    pub(super) fn to_saved_draft(&self) -> SavedDraft {
        let visibility = if self.visibility == Visibility::Connections { CONNECTIONS } else { "public" };
        let parts = self.parts();
        let text = |part, field: &Field| non_empty(field.trimmed()).filter(|_| parts.contains(&part));
        SavedDraft {
            text: self.typed_text(),
            visibility: visibility.to_owned(),
            author: self.selected_author().and_then(|author| author.urn.clone()),
            attachment: self.attachment.draft_name(),
            link: text(Part::Link, &self.link),
            title: text(Part::Title, &self.title),
            description: text(Part::Description, &self.description),
            thumbnail: text(Part::Thumbnail, &self.thumbnail.path),
            document: text(Part::Document, &self.document.path),
            video: text(Part::Video, &self.video.path),
            captions: text(Part::Captions, &self.captions.path),
            reshare: text(Part::Parent, &self.parent),
            first_comment: text(Part::FirstComment, &self.first_comment),
            poll: self.poll.to_draft().filter(|_| self.attachment == AttachmentKind::Poll),
            images: self.draft_images(),
        }
    }
}
