//! Sending a post: by the versioned API and, if LinkedIn refuses the app there, by the legacy one. A post is sent
//! once, and again only after a response which means that it was not published.

use std::sync::Arc;

use jiff::Timestamp;

use super::checked_draft::CheckedDraft;
use super::images::LoadedImage;
use super::types::{Draft, Event, EventSink, Published};
use crate::linkedin::api::Api;
use crate::linkedin::endpoints::{POSTS, UGC_POSTS};
use crate::linkedin::images::{self, Upload};
use crate::linkedin::posts::{self, Content, Image, Refusal};
use crate::linkedin::{little, ugc};
use crate::{Code, Error, Result};

/// A post and everything needed to send it.
pub(super) struct Publisher<'a> {
    pub(super) api: Api<'a>,
    pub(super) author: &'a str,
    pub(super) draft: &'a Draft,
    pub(super) checked: &'a CheckedDraft,
    pub(super) images: &'a [LoadedImage],
    pub(super) on_event: &'a EventSink,
    pub(super) now: Timestamp,
    /// The API that accepted the app's last post; it is tried first.
    pub(super) preferred_api: PostApi,
}

/// Why a post was not published, or may not have been.
pub(super) struct PublishFailure {
    pub(super) error: Error,
    /// The path that the app has no access to, if that is the reason.
    pub(super) closed_api: Option<&'static str>,
}

impl From<Error> for PublishFailure {
    fn from(error: Error) -> Self {
        Self { error, closed_api: None }
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
    /// Uploads the images and publishes. A text that is already published is a success.
    pub(super) async fn send(&self) -> Result<Published, PublishFailure> {
        // The legacy API refuses Pages as authors.
        let first = if is_member(self.author) { self.preferred_api } else { PostApi::Versioned };
        let (sent, post_api) = match self.send_with(first).await {
            Err(Refusal::NoApiAccess(refused)) if is_member(self.author) => {
                (self.on_event)(Event::FallingBack);
                match self.send_with(first.other()).await {
                    // The first refusal names a product, that of the legacy API does not.
                    Err(Refusal::Other(error)) if error.code == Code::Refused => {
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
                let closed_api = matches!(refusal, Refusal::NoApiAccess(_)).then_some(post_api.path());
                Err(PublishFailure { error: refusal.into(), closed_api })
            }
        }
    }

    async fn send_with(&self, post_api: PostApi) -> Result<Option<String>, Refusal> {
        match post_api {
            PostApi::Versioned => self.send_versioned().await,
            PostApi::Legacy => self.send_legacy().await,
        }
    }

    async fn send_versioned(&self) -> Result<Option<String>, Refusal> {
        let content = match &self.checked.article {
            Some(article) => Some(article.clone()),
            None => Content::from_images(self.upload(PostApi::Versioned).await?),
        };
        let post = posts::body(self.author, &self.checked.commentary, self.draft.visibility, content.as_ref());
        (self.on_event)(Event::Publishing);
        match posts::create(self.api, &post).await {
            Err(Refusal::Conflict(_)) => posts::create(self.api, &post).await,
            sent => sent,
        }
    }

    /// Sends the post by the legacy API, whose images are its own: they are uploaded again for it.
    async fn send_legacy(&self) -> Result<Option<String>, Refusal> {
        let text = little::to_plain_text(&self.draft.text, self.draft.has_mentions);
        let images = self.upload(PostApi::Legacy).await?;
        let body = ugc::body(self.author, &text, self.draft.visibility, self.checked.article.as_ref(), &images);
        (self.on_event)(Event::Publishing);
        ugc::create(self.api, &body).await
    }

    async fn upload(&self, post_api: PostApi) -> Result<Vec<Image>, Refusal> {
        let (mut uploaded, of) = (Vec::new(), self.images.len());
        for (index, image) in self.images.iter().enumerate() {
            let Upload { url, urn } = match post_api {
                PostApi::Versioned => images::initialize(self.api, self.author).await,
                PostApi::Legacy => images::register(self.api, self.author).await,
            }
            .map_err(explain_upload_failure)?;
            let (on_event, size) = (Arc::clone(self.on_event), image.bytes.len() as u64);
            let sent = move |sent| on_event(Event::Uploading { number: index + 1, of, sent, size });
            let sent = images::upload(self.api, url, image.media_type, image.bytes.clone(), Arc::new(sent)).await;
            sent.map_err(explain_upload_failure)?;
            uploaded.push(Image { id: urn, alt_text: image.alt.clone() });
        }
        Ok(uploaded)
    }

    fn to_published(&self, urn: Option<String>, is_duplicate: bool, post_api: PostApi) -> Published {
        Published {
            url: urn.as_deref().map(|urn| self.api.endpoints.permalink(urn).into()),
            urn,
            is_duplicate,
            is_legacy: post_api == PostApi::Legacy,
            visibility: self.draft.visibility,
            author: self.author.to_owned(),
            images: self.images.len(),
            at: self.now,
            warnings: Vec::new(),
        }
    }
}

/// Adds that an image failed: nothing is published yet.
fn explain_upload_failure(refusal: Refusal) -> Refusal {
    let prefixed = |mut error: Error| {
        error.message = format!("The image was not uploaded. {}", error.message);
        error
    };
    match refusal {
        Refusal::NoApiAccess(error) => Refusal::NoApiAccess(prefixed(error)),
        Refusal::Other(error) => Refusal::Other(prefixed(error)),
        other => other,
    }
}

pub(super) fn is_member(author: &str) -> bool {
    author.starts_with("urn:li:person:")
}
