//! The legacy way to publish: `POST /v2/ugcPosts` ("Share on LinkedIn"). Unversioned; its text is
//! plain, so nothing is escaped, and a member may not send `distribution`.

use serde::Serialize;
use serde_json::{Value, json};

use super::api::Api;
use super::endpoints::UGC_POSTS;
use super::posts::{self, Visibility};
use super::refusals::{self, Refusal};
use crate::Result;

/// The body of a post of text.
#[must_use]
pub fn body(author: &str, text: &str, visibility: Visibility) -> Value {
    json!({
        "author": author,
        "lifecycleState": "PUBLISHED",
        "specificContent": { "com.linkedin.ugc.ShareContent": {
            "shareCommentary": { "text": text },
            "shareMediaCategory": "NONE",
        } },
        "visibility": { "com.linkedin.ugc.MemberNetworkVisibility": visibility.as_str() },
    })
}

/// Publishes, and gives the URN where the answer names it.
///
/// # Errors
/// As [`Refusal`] tells them apart.
pub async fn create(api: Api<'_>, body: &impl Serialize) -> Result<Option<String>, Refusal> {
    let answer = api.post(UGC_POSTS, body).await.map_err(refusals::unanswered)?;
    posts::made(&answer)
}
