//! Images: `POST /rest/images?action=initializeUpload`, then a PUT of the bytes ("Images API").

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::answers;
use super::api::Api;
use super::endpoints::IMAGES;
use super::http::Answer;
use super::posts::{Refusal, is_urn};
use crate::{Code, Error, Result};

/// What starts an upload.
pub const INITIALIZE: &str = "?action=initializeUpload";
/// How long one upload may take: a slow line needs minutes.
const PATIENCE: Duration = Duration::from_secs(600);
/// How much goes out between two reports.
const PIECE: usize = 64 * 1024;

/// Takes how many bytes were handed to the network so far; must not block.
pub type Sent = Arc<dyn Fn(u64) + Send + Sync>;

/// An upload that was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Where the bytes go.
    pub url: Url,
    /// The image's URN, for the post.
    pub urn: String,
}

/// The request that starts an upload for `owner`.
#[must_use]
pub fn initialize_body(owner: &str) -> serde_json::Value {
    json!({ "initializeUploadRequest": { "owner": owner } })
}

/// Starts an upload for `owner` (the author's URN).
///
/// # Errors
/// As [`Refusal`] distinguishes them; `unexpected_response` for an answer without an address and a URN.
pub async fn initialize(api: Api<'_>, owner: &str) -> Result<Upload, Refusal> {
    #[derive(Deserialize)]
    struct Started {
        value: Place,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Place {
        upload_url: Url,
        image: String,
    }
    let path = format!("{IMAGES}{INITIALIZE}");
    let answer = api.post(&path, &initialize_body(owner)).await.map_err(|failure| Refusal::Other(failure.error))?;
    if !answer.is_success() {
        return Err(refused(&answer));
    }
    let Place { upload_url, image } = answer.json::<Started>().map_err(Refusal::Other)?.value;
    if is_urn(&image) { Ok(Upload { url: upload_url, urn: image }) } else { Err(unexpected()) }
}

/// Sends the bytes, with the token: this PUT needs it.
///
/// # Errors
/// As the API answers; `unexpected_response` when the address is another host's.
pub async fn upload(api: Api<'_>, to: Url, kind: &str, bytes: Bytes, sent: Sent) -> Result<(), Refusal> {
    let body = Counted { left: bytes, done: 0, sent };
    let answer = api.put(to, kind, reqwest::Body::wrap(body), PATIENCE).await.map_err(Refusal::Other)?;
    if answer.is_success() { Ok(()) } else { Err(refused(&answer)) }
}

/// The refusal of an upload: nothing is published yet. An app without the product for uploads may have it for those of the other API.
pub(super) fn refused(answer: &Answer) -> Refusal {
    let reading = answers::read(answer).of_own_request();
    let gated = reading.resource.is_some_and(|resource| resource.is_create() || resource.method.is_empty());
    if gated { Refusal::Gated(reading.error) } else { Refusal::Other(reading.error) }
}

/// The refusal of an answer that names no image.
pub(super) fn unexpected() -> Refusal {
    Refusal::Other(Error::new(
        Code::UnexpectedResponse,
        "LinkedIn named an image that cannot be one.",
        "Try again; if it happens again, please report it.",
    ))
}

/// A body in pieces that tells how far it is.
struct Counted {
    left: Bytes,
    done: u64,
    sent: Sent,
}

impl Body for Counted {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Self::Error>>> {
        if self.left.is_empty() {
            return Poll::Ready(None);
        }
        let next = self.left.len().min(PIECE);
        let piece = self.left.split_to(next);
        self.done += piece.len() as u64;
        (self.sent)(self.done);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    // An exact size makes a Content-Length, without which an upload may be refused.
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.len() as u64)
    }
}
