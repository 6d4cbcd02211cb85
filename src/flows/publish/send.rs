//! Sending a post: by the versioned API and, if LinkedIn refuses the app there, by the legacy one. A post is sent
//! once, and again only after a response which means that it was not published.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::sleep;

use super::attempt::Attempt;
use super::checked_draft::CheckedDraft;
use super::media::LoadedMedia;
use super::types::{Attachment, Draft, Event, EventSink, Published};
use super::uploads::{ImageApi, Uploader};
use crate::flows::permissions;
use crate::linkedin::api::Api;
use crate::linkedin::capabilities::Capability;
use crate::linkedin::endpoints::{POSTS, UGC_POSTS};
use crate::linkedin::posts::{self, Content, Refusal};
use crate::linkedin::{little_text, ugc};
use crate::session::Context;
use crate::store::Profile;
use crate::{Code, Error, Result};

/// The pauses before a post with a file that LinkedIn has not processed yet is sent again. LinkedIn refuses such a post,
/// so it is not published.
const NOT_READY_PAUSES: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(6),
    Duration::from_secs(15),
    Duration::from_secs(30),
];

/// A post and everything needed to send it.
pub(super) struct Publisher<'a> {
    pub(super) api: Api<'a>,
    pub(super) author: &'a str,
    pub(super) draft: &'a Draft,
    pub(super) checked: &'a CheckedDraft,
    pub(super) media: &'a LoadedMedia,
    pub(super) attempt: &'a Attempt<'a>,
    pub(super) on_event: &'a EventSink,
    pub(super) now: Timestamp,
    /// The API that is tried first.
    pub(super) first_api: PostApi,
}

/// Why a post was not published, or may not have been.
pub(super) struct PublishFailure {
    pub(super) error: Error,
    /// The path that the app has no access to, if that is the reason.
    pub(super) refused_api: Option<&'static str>,
}

impl From<Error> for PublishFailure {
    fn from(error: Error) -> Self {
        Self { error, refused_api: None }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum PostApi {
    /// `/rest/posts`
    #[default]
    Versioned,
    /// `/v2/ugcPosts`
    Legacy,
}

impl PostApi {
    pub(super) fn from_path(path: &str) -> Self {
        if path == UGC_POSTS { Self::Legacy } else { Self::Versioned }
    }

    const fn other(self) -> Self {
        match self {
            Self::Versioned => Self::Legacy,
            Self::Legacy => Self::Versioned,
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Versioned => POSTS,
            Self::Legacy => UGC_POSTS,
        }
    }
}

impl Publisher<'_> {
    /// Uploads the files and publishes. A text that is already published is a success.
    pub(super) async fn send(&self) -> Result<Published, PublishFailure> {
        let has_choice = has_api_choice(self.author, &self.draft.attachment);
        let first = self.first_api;
        let (sent, post_api) = match self.send_with(first).await {
            Err(Refusal::NoApiAccess(refused)) if has_choice => {
                (self.on_event)(Event::FallingBack);
                match self.send_with(first.other()).await {
                    // The refusal of the versioned API names a product, that of the legacy API does not.
                    Err(Refusal::Other(error)) if error.code == Code::Refused => {
                        (Err(Refusal::NoApiAccess(refused)), first)
                    }
                    Err(Refusal::NoApiAccess(_)) if first == PostApi::Versioned => {
                        (Err(Refusal::NoApiAccess(refused)), first)
                    }
                    sent => (sent, first.other()),
                }
            }
            sent => (sent, first),
        };
        match sent {
            Ok(urn) => Ok(self.to_published(urn, false, post_api)),
            Err(Refusal::Duplicate(urn)) => Ok(self.to_published(urn, true, post_api)),
            Err(refusal) => {
                // An app that may not upload a video, or not reshare, may still publish other posts with this API.
                let has_no_access =
                    matches!(refusal, Refusal::NoApiAccess(_)) && fits_legacy_api(&self.draft.attachment);
                let refused_api = has_no_access.then_some(post_api.path());
                Err(PublishFailure { error: refusal.into(), refused_api })
            }
        }
    }

    async fn send_with(&self, post_api: PostApi) -> Result<Option<String>, Refusal> {
        match post_api {
            PostApi::Versioned => self.send_versioned().await,
            PostApi::Legacy => self.send_legacy().await,
        }
    }

    const fn uploader(&self) -> Uploader<'_> {
        Uploader { api: self.api, author: self.author, on_event: self.on_event, attempt: self.attempt }
    }

    async fn send_versioned(&self) -> Result<Option<String>, Refusal> {
        let content = Box::pin(self.uploader().upload(self.media, self.checked.content.as_ref())).await?;
        let post = posts::build_body(self.author, &self.checked.commentary, self.draft.visibility, content.as_ref());
        self.begin_sending().await;
        let mut pauses = NOT_READY_PAUSES.iter();
        let mut is_repeated = false;
        let sent = loop {
            match posts::create(self.api, &post).await {
                Err(Refusal::Conflict(_)) if !is_repeated => is_repeated = true,
                Err(Refusal::MediaNotReady(error)) => match pauses.next() {
                    Some(pause) => sleep(*pause).await,
                    None => break Err(Refusal::Other(error)),
                },
                sent => break sent,
            }
        };
        self.end_sending(&sent).await;
        self.forget_uploads(&sent, content.as_ref()).await;
        sent
    }

    /// Records that the post is sent. The event is first, so that whoever cancels until then leaves no record.
    async fn begin_sending(&self) {
        (self.on_event)(Event::Publishing);
        self.attempt.record_sending().await;
    }

    /// Deletes the record of a post that LinkedIn refused.
    async fn end_sending(&self, sent: &Result<Option<String>, Refusal>) {
        if let Err(refusal) = sent
            && refusal.is_certain()
        {
            self.attempt.delete_record_as_refused().await;
        }
    }

    /// Deletes the receipts of files that are published now, or that LinkedIn refuses: the next attempt uploads them again.
    async fn forget_uploads(&self, sent: &Result<Option<String>, Refusal>, content: Option<&Content>) {
        let is_refused = |error: &Error| error.code == Code::Refused;
        if matches!(sent, Ok(_) | Err(Refusal::Duplicate(_)))
            || matches!(sent, Err(Refusal::Other(error)) if is_refused(error))
        {
            self.attempt.delete_uploads(content.map(Content::uploads).unwrap_or_default()).await;
        }
    }

    /// Sends the post by the legacy API, whose images are its own: they are uploaded again for it.
    async fn send_legacy(&self) -> Result<Option<String>, Refusal> {
        let text = little_text::to_plain_text(&self.draft.text, self.draft.has_mentions());
        let images = match self.media {
            LoadedMedia::Images(images) => self.uploader().upload_images(images, ImageApi::Legacy).await?,
            // The card is published without its image.
            _ => Vec::new(),
        };
        let article = match &self.checked.content {
            Some(Content::Article(article)) => Some(article),
            _ => None,
        };
        let body = ugc::build_body(self.author, &text, self.draft.visibility, article, &images);
        self.begin_sending().await;
        let sent = ugc::create(self.api, &body).await;
        self.end_sending(&sent).await;
        self.forget_uploads(&sent, Content::from_images(images).as_ref()).await;
        sent
    }

    fn to_published(&self, urn: Option<String>, is_duplicate: bool, post_api: PostApi) -> Published {
        Published {
            url: urn.as_deref().map(|urn| self.api.endpoints.permalink(urn).into()),
            urn,
            is_duplicate,
            is_legacy: post_api == PostApi::Legacy,
            visibility: self.draft.visibility,
            author: self.author.to_owned(),
            kind: self.draft.attachment.name(),
            images: self.draft.attachment.images().len(),
            at: self.now,
            first_comment: None,
            warnings: self.warnings(post_api),
        }
    }

    /// Returns what the post lacks.
    fn warnings(&self, post_api: PostApi) -> Vec<String> {
        let lacks_thumbnail = post_api == PostApi::Legacy && matches!(self.media, LoadedMedia::Thumbnail(_));
        let warning =
            "The link was published without its thumbnail: the app may only use the legacy API, which has none.";
        lacks_thumbnail.then(|| warning.to_owned()).into_iter().collect()
    }
}

/// Returns the API by which a post is sent first: the one that accepted the app's last post, where the post fits both.
pub(super) fn first_api(ctx: &Context, profile: &Profile, author: &str, attachment: &Attachment) -> PostApi {
    if !has_api_choice(author, attachment) {
        return PostApi::Versioned;
    }
    // If the list of outcomes can't be read, the default API is tried first.
    let last_path = permissions::last_accepted(ctx, profile, Capability::PostAsMember).unwrap_or_default();
    last_path.as_deref().map(PostApi::from_path).unwrap_or_default()
}

/// Returns whether both APIs may accept a post: the legacy one refuses Pages as authors.
fn has_api_choice(author: &str, attachment: &Attachment) -> bool {
    is_member(author) && fits_legacy_api(attachment)
}

/// Returns whether the legacy API has posts of this kind here.
const fn fits_legacy_api(attachment: &Attachment) -> bool {
    matches!(attachment, Attachment::None | Attachment::Link(_) | Attachment::Images(_))
}

pub(super) fn is_member(author: &str) -> bool {
    author.starts_with("urn:li:person:")
}
