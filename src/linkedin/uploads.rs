//! What the uploads of images, documents and videos share: the request that starts one, bodies that report their
//! progress, and the status of an uploaded file.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use serde_json::{Value, json};
use tokio::sync::mpsc::Receiver;
use url::Url;

use super::api::Api;
use super::http::Response;
use super::meanings;
use super::posts::Refusal;
use super::urn::{self, is_urn};
use crate::{Code, Error, Result};

/// The query that starts an upload.
pub(crate) const INITIALIZE: &str = "?action=initializeUpload";
/// How long one upload may take: a slow connection needs minutes.
pub(super) const UPLOAD_TIMEOUT: Duration = Duration::from_secs(600);
/// How many bytes are sent between two reports of progress.
const CHUNK_BYTES: usize = 64 * 1024;

/// Receives the number of bytes sent so far; must not block.
pub(crate) type OnProgress = Arc<dyn Fn(u64) + Send + Sync>;

/// An upload that was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Upload {
    pub url: Url,
    /// The URN of the file, for the post.
    pub urn: String,
}

/// Returns the request that starts an upload for `owner`.
pub(crate) fn initialize_body(owner: &str) -> Value {
    json!({ "initializeUploadRequest": { "owner": owner } })
}

/// Starts an upload; its URL and its URN are at these JSON pointers (RFC 6901) in the response.
pub(super) async fn start_upload(
    api: Api<'_>,
    path: &str,
    body: &Value,
    url: &str,
    urn: &str,
) -> Result<Upload, Refusal> {
    let json = post(api, path, body).await?;
    let text = |pointer| json.pointer(pointer).and_then(Value::as_str);
    let url = text(url).and_then(|url| Url::parse(url).ok());
    let urn = text(urn).filter(|urn| is_urn(urn)).map(str::to_owned);
    url.zip(urn).map(|(url, urn)| Upload { url, urn }).ok_or_else(|| {
        Refusal::Other(Error::new(
            Code::UnexpectedResponse,
            "LinkedIn's response contains no upload URL or no valid URN of the upload.",
            "Try again; if it happens again, please report it.",
        ))
    })
}

/// Posts a request that starts an upload, and returns the JSON of the response.
pub(super) async fn post(api: Api<'_>, path: &str, body: &Value) -> Result<Value, Refusal> {
    let response = api.post(path, body).await.map_err(|failure| Refusal::Other(failure.error))?;
    if response.is_success() { response.json().map_err(Refusal::Other) } else { Err(to_refusal(&response)) }
}

/// Sends the bytes with the token.
pub(crate) async fn upload(
    api: Api<'_>,
    to: Url,
    media_type: &str,
    bytes: Bytes,
    on_progress: OnProgress,
) -> Result<(), Refusal> {
    let body = ProgressBody { remaining: bytes, sent: 0, on_progress };
    let response =
        api.put(to, media_type, reqwest::Body::wrap(body), UPLOAD_TIMEOUT, true).await.map_err(Refusal::Other)?;
    if response.is_success() { Ok(()) } else { Err(to_refusal(&response)) }
}

/// Returns the refusal of an upload. An app without the product for these uploads may have the one for
/// the other API.
pub(super) fn to_refusal(response: &Response) -> Refusal {
    let explanation = meanings::explain(response).for_request_by_program();
    let lacks_access = explanation.resource.is_some_and(|resource| resource.is_create() || resource.method.is_empty());
    if lacks_access { Refusal::NoApiAccess(explanation.error) } else { Refusal::Other(explanation.error) }
}

/// The status of an uploaded document or video.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MediaStatus {
    WaitingUpload,
    Processing,
    Available,
    /// With LinkedIn's reason, if it gave one.
    Failed(Option<String>),
}

/// Reads the status of an upload in `collection`. Many tokens may only write: `None` if this one may not read it.
pub(crate) async fn status(api: Api<'_>, collection: &str, urn: &str) -> Result<Option<MediaStatus>> {
    let response = api.get(&format!("{collection}/{}", urn::encode(urn))).await?;
    if !response.is_success() {
        let explanation = meanings::explain(&response).for_request_by_program();
        // These prove nothing about what the token may read. Every other refusal means that it may not read the status.
        let is_inconclusive = matches!(
            explanation.error.code,
            Code::Expired | Code::Revoked | Code::RateLimited | Code::ServerError | Code::UnexpectedResponse
        );
        return if is_inconclusive { Err(explanation.error) } else { Ok(None) };
    }
    Ok(parse_status(&response.json()?))
}

fn parse_status(json: &Value) -> Option<MediaStatus> {
    let reason = json["processingFailureReason"].as_str().filter(|reason| !reason.trim().is_empty());
    Some(match json["status"].as_str()? {
        "WAITING_UPLOAD" => MediaStatus::WaitingUpload,
        "PROCESSING" => MediaStatus::Processing,
        "AVAILABLE" => MediaStatus::Available,
        "PROCESSING_FAILED" => MediaStatus::Failed(reason.map(|reason| crate::text::sanitize(reason, 200))),
        _ => return None,
    })
}

/// A body in chunks that reports its progress.
struct ProgressBody {
    remaining: Bytes,
    sent: u64,
    on_progress: OnProgress,
}

impl Body for ProgressBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Self::Error>>> {
        if self.remaining.is_empty() {
            return Poll::Ready(None);
        }
        let next = self.remaining.len().min(CHUNK_BYTES);
        let chunk = self.remaining.split_to(next);
        self.sent += chunk.len() as u64;
        (self.on_progress)(self.sent);
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.remaining.is_empty()
    }

    // An exact size sets Content-Length, without which an upload may be refused.
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining.len() as u64)
    }
}

/// A body whose chunks come from elsewhere, such as a file that is too large for memory.
pub(crate) struct StreamBody {
    /// The chunks, or why one could not be read.
    pub chunks: Receiver<io::Result<Bytes>>,
    /// The bytes that are still to come.
    pub remaining: u64,
    pub sent: u64,
    pub on_progress: OnProgress,
}

impl Body for StreamBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.remaining == 0 {
            return Poll::Ready(None);
        }
        let chunk = match ready!(self.chunks.poll_recv(context)) {
            Some(Ok(chunk)) => chunk,
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            None => return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into()))),
        };
        let length = chunk.len() as u64;
        self.remaining = self.remaining.saturating_sub(length);
        self.sent += length;
        (self.on_progress)(self.sent);
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.remaining == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::waiting(json!({ "status": "WAITING_UPLOAD" }), Some(MediaStatus::WaitingUpload))]
    #[case::processing(json!({ "status": "PROCESSING" }), Some(MediaStatus::Processing))]
    #[case::available(json!({ "status": "AVAILABLE", "processingFailureReason": "" }), Some(MediaStatus::Available))]
    #[case::failed(json!({ "status": "PROCESSING_FAILED" }), Some(MediaStatus::Failed(None)))]
    #[case::failed_with_reason(
        json!({ "status": "PROCESSING_FAILED", "processingFailureReason": "Too\u{1b}[31m short" }),
        Some(MediaStatus::Failed(Some("Too\u{241b}[31m short".to_owned())))
    )]
    #[case::unknown(json!({ "status": "NEW" }), None)]
    #[case::missing(json!({}), None)]
    fn the_status_of_an_upload_is_parsed(#[case] body: Value, #[case] expected: Option<MediaStatus>) {
        assert_eq!(parse_status(&body), expected);
    }
}
