//! Documents: `POST /rest/documents?action=initializeUpload`, then a PUT of the bytes ("Documents API").

use super::api::Api;
use super::endpoints::DOCUMENTS;
use super::posts::Refusal;
use super::uploads::{INITIALIZE, Upload, initialize_body, start_upload};

/// Largest file, in bytes.
pub(crate) const MAX_BYTES: u64 = 100 * 1024 * 1024;
pub(crate) const MAX_DOCUMENT_PAGES: usize = 300;

/// Starts an upload for `owner` (the author's URN).
pub(crate) async fn initialize(api: Api<'_>, owner: &str) -> Result<Upload, Refusal> {
    let path = format!("{DOCUMENTS}{INITIALIZE}");
    start_upload(api, &path, &initialize_body(owner), "/value/uploadUrl", "/value/document").await
}
