//! Images of the legacy API: `POST /v2/assets?action=registerUpload`, then a PUT of the bytes ("Share on
//! LinkedIn", "Vector Assets API"). `/v2/ugcPosts` takes these and no `urn:li:image`.

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::api::Api;
use super::endpoints::ASSETS;
use super::images::{Upload, refused, unexpected};
use super::posts::Refusal;
use super::urn::is_urn;
use crate::Result;

/// The query that starts an upload.
const REGISTER: &str = "?action=registerUpload";

/// Returns the request that starts an upload for `owner` (the author's URN).
fn register_body(owner: &str) -> Value {
    json!({ "registerUploadRequest": {
        "recipes": ["urn:li:digitalmediaRecipe:feedshare-image"],
        "owner": owner,
        "serviceRelationships": [{ "relationshipType": "OWNER", "identifier": "urn:li:userGeneratedContent" }],
    } })
}

/// Starts an upload for `owner` (the author's URN).
///
/// # Errors
/// As [`Refusal`] distinguishes them; `unexpected_response` for an answer without a URL or a URN.
pub(crate) async fn register(api: Api<'_>, owner: &str) -> Result<Upload, Refusal> {
    #[derive(Deserialize)]
    struct Registered {
        value: Registration,
    }
    #[derive(Deserialize)]
    struct Registration {
        asset: String,
        #[serde(rename = "uploadMechanism")]
        mechanism: Mechanism,
    }
    #[derive(Deserialize)]
    struct Mechanism {
        #[serde(rename = "com.linkedin.digitalmedia.uploading.MediaUploadHttpRequest")]
        http: Http,
    }
    #[derive(Deserialize)]
    struct Http {
        #[serde(rename = "uploadUrl")]
        url: Url,
    }
    let answer = api
        .post(&format!("{ASSETS}{REGISTER}"), &register_body(owner))
        .await
        .map_err(|failure| Refusal::Other(failure.error))?;
    if !answer.is_success() {
        return Err(refused(&answer));
    }
    let Registration { asset, mechanism } = answer.json::<Registered>().map_err(Refusal::Other)?.value;
    if is_urn(&asset) { Ok(Upload { url: mechanism.http.url, urn: asset }) } else { Err(unexpected()) }
}
