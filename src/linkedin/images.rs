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

use super::answers::api_error;
use super::api::Api;
use super::endpoints::IMAGES;
use super::http::Answer;
use super::posts::is_urn;
use crate::{Code, Error, Result};

/// What starts an upload.
pub const INITIALIZE: &str = "?action=initializeUpload";
/// How long one upload may take: a slow line needs minutes.
const PATIENCE: Duration = Duration::from_secs(600);
/// How much goes out between two reports.
const PIECE: usize = 64 * 1024;

/// Takes how many bytes were handed to the network so far; must not block.
pub type Sent = Arc<dyn Fn(u64) + Send + Sync>;

/// Where an image's bytes go.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Upload {
    /// For the PUT.
    upload_url: Url,
    /// The image's URN, for the post.
    pub image: String,
}

/// The request that starts an upload for `owner`.
#[must_use]
pub fn initialize_body(owner: &str) -> serde_json::Value {
    json!({ "initializeUploadRequest": { "owner": owner } })
}

/// Starts an upload for `owner` (the author's URN).
///
/// # Errors
/// As the API answers; `unexpected_answer` for an answer without an address and a URN.
pub async fn initialize(api: Api<'_>, owner: &str) -> Result<Upload> {
    #[derive(Deserialize)]
    struct Started {
        value: Upload,
    }
    let answer = api.post(&format!("{IMAGES}{INITIALIZE}"), &initialize_body(owner)).await?;
    if !answer.is_success() {
        return Err(not_uploaded(&answer));
    }
    let upload = answer.json::<Started>()?.value;
    if is_urn(&upload.image) {
        return Ok(upload);
    }
    Err(Error::new(
        Code::UnexpectedAnswer,
        "LinkedIn named an image that cannot be one.",
        "Try again; if it stays, please report it.",
    ))
}

/// Sends the bytes, with the token: this PUT needs it.
///
/// # Errors
/// As the API answers; `unexpected_answer` when the address is another host's.
pub async fn upload(api: Api<'_>, to: &Upload, kind: &str, bytes: Bytes, sent: Sent) -> Result<()> {
    let body = Counted { left: bytes, done: 0, sent };
    let answer = api.put(to.upload_url.clone(), kind, reqwest::Body::wrap(body), PATIENCE).await?;
    if answer.is_success() { Ok(()) } else { Err(not_uploaded(&answer)) }
}

/// The error of an upload that was refused; nothing is published yet.
fn not_uploaded(answer: &Answer) -> Error {
    let mut error = api_error(answer);
    error.message = format!("The image was not uploaded. {}", error.message);
    error
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
