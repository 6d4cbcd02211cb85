//! The older way to publish: `POST /v2/ugcPosts` ("Share on LinkedIn"). It has no versions, its text is plain (nothing is escaped), and
//! a member may not send `distribution`.

use serde::Serialize;
use serde_json::{Value, json};

use super::api::Api;
use super::endpoints::UGC_POSTS;
use super::posts::{self, Content, Refusal, Visibility};
use crate::Result;

/// Returns the body of a post of plain `text` with `content`; `None` for images: this API knows none of the versioned API's
/// (`urn:li:image` is refused with `INVALID_CONTENT_OWNERSHIP`).
#[must_use]
pub fn body(author: &str, text: &str, visibility: Visibility, content: Option<&Content>) -> Option<Value> {
    let mut share = json!({ "shareCommentary": { "text": text }, "shareMediaCategory": "NONE" });
    match content {
        None => {}
        Some(Content::Article { source, title }) => {
            share["shareMediaCategory"] = "ARTICLE".into();
            share["media"] = json!([{ "status": "READY", "originalUrl": source, "title": { "text": title } }]);
        }
        Some(Content::Media(_) | Content::MultiImage { .. }) => return None,
    }
    Some(json!({
        "author": author,
        "lifecycleState": "PUBLISHED",
        "specificContent": { "com.linkedin.ugc.ShareContent": share },
        "visibility": { "com.linkedin.ugc.MemberNetworkVisibility": visibility.as_str() },
    }))
}

/// Publishes a post and returns its URN where the answer names it.
///
/// # Errors
/// As [`Refusal`] distinguishes them.
pub async fn create(api: Api<'_>, body: &impl Serialize) -> Result<Option<String>, Refusal> {
    let answer = api.post(UGC_POSTS, body).await.map_err(posts::unanswered)?;
    posts::created(&answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_links_have_a_body_and_images_none() {
        let of = |content: Option<&Content>| body("urn:li:person:x", "Hello :-)", Visibility::Connections, content);
        let text = of(None).unwrap();
        let share = &text["specificContent"]["com.linkedin.ugc.ShareContent"];
        assert_eq!(share["shareCommentary"]["text"], "Hello :-)", "nothing is escaped");
        assert_eq!(text["visibility"]["com.linkedin.ugc.MemberNetworkVisibility"], "CONNECTIONS");
        assert!(text.get("distribution").is_none());

        let link = Content::Article { source: "https://example.com/".to_owned(), title: "Title".to_owned() };
        let link = of(Some(&link)).unwrap();
        let share = &link["specificContent"]["com.linkedin.ugc.ShareContent"];
        assert_eq!(
            (share["shareMediaCategory"].as_str(), share["media"][0]["originalUrl"].as_str()),
            (Some("ARTICLE"), Some("https://example.com/"))
        );

        let image = posts::Image { id: "urn:li:image:1".to_owned(), alt_text: None };
        assert_eq!(of(Content::of(vec![image]).as_ref()), None);
    }
}
