//! Images: `POST /rest/images?action=initializeUpload`, or in the legacy API `POST /v2/assets?action=registerUpload`,
//! then a PUT of the bytes ("Images API").

use serde_json::{Value, json};

use super::api::Api;
use super::endpoints::{ASSETS, IMAGES};
use super::posts::Refusal;
use super::uploads::{INITIALIZE, Upload, initialize_body, start_upload};

/// Starts an upload for `owner` (the author's URN) by the versioned API.
pub(crate) async fn initialize(api: Api<'_>, owner: &str) -> Result<Upload, Refusal> {
    start_upload(api, &format!("{IMAGES}{INITIALIZE}"), &initialize_body(owner), "/value/uploadUrl", "/value/image")
        .await
}

/// The query that starts an upload by the legacy API.
pub(crate) const REGISTER: &str = "?action=registerUpload";

/// Returns the body of the request that starts an upload by the legacy API.
pub(crate) fn register_body(owner: &str) -> Value {
    json!({ "registerUploadRequest": {
        "recipes": ["urn:li:digitalmediaRecipe:feedshare-image"],
        "owner": owner,
        "serviceRelationships": [{ "relationshipType": "OWNER", "identifier": "urn:li:userGeneratedContent" }],
    } })
}

/// Starts an upload for `owner` by the legacy API ("Share on LinkedIn", "Vector Assets API"): `/v2/ugcPosts` accepts
/// its images and no `urn:li:image`.
pub(crate) async fn register(api: Api<'_>, owner: &str) -> Result<Upload, Refusal> {
    let url = "/value/uploadMechanism/com.linkedin.digitalmedia.uploading.MediaUploadHttpRequest/uploadUrl";
    start_upload(api, &format!("{ASSETS}{REGISTER}"), &register_body(owner), url, "/value/asset").await
}
