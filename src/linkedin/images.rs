//! Images: `POST /rest/images?action=initializeUpload`, or in the legacy API `POST /v2/assets?action=registerUpload`,
//! then a PUT of the bytes ("Images API").

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use serde_json::{Value, json};
use url::Url;

use super::api::Api;
use super::endpoints::{ASSETS, IMAGES};
use super::http::Response;
use super::meanings;
use super::posts::Refusal;
use super::urn::is_urn;
use crate::{Code, Error, Result};

/// The query that starts an upload.
pub(crate) const INITIALIZE: &str = "?action=initializeUpload";
/// How long one upload may take: a slow connection needs minutes.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(600);
/// How many bytes are sent between two reports of progress.
const CHUNK_BYTES: usize = 64 * 1024;

/// Receives the number of bytes sent so far; must not block.
pub(crate) type OnProgress = Arc<dyn Fn(u64) + Send + Sync>;

/// An upload that was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Upload {
    pub url: Url,
    /// The URN of the image, for the post.
    pub urn: String,
}

/// Returns the request that starts an upload for `owner`.
pub(crate) fn initialize_body(owner: &str) -> Value {
    json!({ "initializeUploadRequest": { "owner": owner } })
}

/// Starts an upload for `owner` (the author's URN) by the versioned API.
pub(crate) async fn initialize(api: Api<'_>, owner: &str) -> Result<Upload, Refusal> {
    start_upload(api, &format!("{IMAGES}{INITIALIZE}"), &initialize_body(owner), "/value/uploadUrl", "/value/image")
        .await
}

/// Starts an upload for `owner` by the legacy API ("Share on LinkedIn", "Vector Assets API"): `/v2/ugcPosts` accepts
/// its images and no `urn:li:image`.
pub(crate) async fn register(api: Api<'_>, owner: &str) -> Result<Upload, Refusal> {
    let body = json!({ "registerUploadRequest": {
        "recipes": ["urn:li:digitalmediaRecipe:feedshare-image"],
        "owner": owner,
        "serviceRelationships": [{ "relationshipType": "OWNER", "identifier": "urn:li:userGeneratedContent" }],
    } });
    let url = "/value/uploadMechanism/com.linkedin.digitalmedia.uploading.MediaUploadHttpRequest/uploadUrl";
    start_upload(api, &format!("{ASSETS}?action=registerUpload"), &body, url, "/value/asset").await
}

/// Starts an upload; its URL and its URN are at these JSON pointers (RFC 6901) in the response.
async fn start_upload(api: Api<'_>, path: &str, body: &Value, url: &str, urn: &str) -> Result<Upload, Refusal> {
    let response = api.post(path, body).await.map_err(|failure| Refusal::Other(failure.error))?;
    if !response.is_success() {
        return Err(to_refusal(&response));
    }
    let json: Value = response.json().map_err(Refusal::Other)?;
    let text = |pointer| json.pointer(pointer).and_then(Value::as_str);
    let url = text(url).and_then(|url| Url::parse(url).ok());
    let urn = text(urn).filter(|urn| is_urn(urn)).map(str::to_owned);
    url.zip(urn).map(|(url, urn)| Upload { url, urn }).ok_or_else(|| {
        Refusal::Other(Error::new(
            Code::UnexpectedResponse,
            "LinkedIn's response contains no upload URL or no valid URN of an image.",
            "Try again; if it happens again, please report it.",
        ))
    })
}

/// Sends the bytes with the token, which this PUT needs.
pub(crate) async fn upload(
    api: Api<'_>,
    url: Url,
    content_type: &str,
    bytes: Bytes,
    on_progress: OnProgress,
) -> Result<(), Refusal> {
    let body = ProgressBody { remaining: bytes, sent: 0, on_progress };
    let response =
        api.put(url, content_type, reqwest::Body::wrap(body), UPLOAD_TIMEOUT).await.map_err(Refusal::Other)?;
    if response.is_success() { Ok(()) } else { Err(to_refusal(&response)) }
}

/// Returns the refusal of an upload. An app without the product for these uploads may have the one for
/// the other API.
fn to_refusal(response: &Response) -> Refusal {
    let explanation = meanings::explain(response).for_program_request();
    let lacks_access = explanation.resource.is_some_and(|resource| resource.is_create() || resource.method.is_empty());
    if lacks_access { Refusal::NoApiAccess(explanation.error) } else { Refusal::Other(explanation.error) }
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
