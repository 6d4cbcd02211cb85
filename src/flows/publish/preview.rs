//! A preview for an assistant: what publishing would use, checked without publishing anything.

use jiff::{SignedDuration, Timestamp};

use super::checked_draft::CheckedDraft;
use super::media::LoadedMedia;
use super::types::Draft;
use super::{
    describe_attachment, find_earlier_attempt, load_media, resolve_author, to_saved_post, with_pages_for_invalid_author,
};
use crate::Result;
use crate::flows::permissions;
use crate::flows::refresh::valid_token;
use crate::session::Context;
use crate::store::{FileStamp, Name};

/// What publishing a draft now would use.
pub(crate) struct Preview {
    /// The author's URN.
    pub author: String,
    /// The files as they are now.
    pub files: Vec<FileStamp>,
    /// Why LinkedIn may refuse the post, by the saved permissions.
    pub denial: Option<String>,
    /// When an earlier attempt sent the post, and may have published it.
    pub maybe_published_at: Option<Timestamp>,
}

/// Checks a draft, its files, its author and the token, without publishing anything.
///
/// # Errors
/// As [`super::publish`] before anything is sent.
pub(crate) async fn preview(ctx: &Context, name: &Name, draft: &Draft) -> Result<Preview> {
    CheckedDraft::new(draft).map_err(|error| with_pages_for_invalid_author(error, ctx, name, draft))?;
    let files = load_media(draft.attachment.clone()).await?.stamps();
    let profile = Box::pin(valid_token(ctx, name, SignedDuration::ZERO)).await?;
    let (profile, author) = Box::pin(resolve_author(ctx, profile, draft)).await?;
    let denial = permissions::posting_denial(&profile, draft.author.as_deref()).map(|denial| denial.reason);
    let attachment = describe_attachment(&draft.attachment).await;
    let post = to_saved_post(draft, &author, &attachment, ctx.now());
    let maybe_published_at = find_earlier_attempt(ctx, name, &post).await;
    Ok(Preview { author, files, denial, maybe_published_at })
}

impl LoadedMedia {
    /// Returns the files as they were when they were read.
    fn stamps(self) -> Vec<FileStamp> {
        match self {
            Self::None => Vec::new(),
            Self::Images(images) => images.into_iter().map(|image| image.stamp).collect(),
            Self::Thumbnail(image) => vec![image.stamp],
            Self::Document(document) => document.stamps,
            Self::Video(video) => video.stamps,
        }
    }
}
