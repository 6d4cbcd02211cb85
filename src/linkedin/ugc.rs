//! The legacy API for posts: `POST /v2/ugcPosts` ("Share on LinkedIn"). It has no versions, its text is plain (nothing
//! is escaped), and a member may not send `distribution`.

use serde_json::{Value, json};

use super::api::Api;
use super::endpoints::UGC_POSTS;
use super::posts::{self, Article, Image, Refusal, Visibility};
use crate::Result;

/// Returns the body of a post of plain `text` with a link or with images (`urn:li:digitalmediaAsset:…`).
pub(crate) fn build_body(
    author: &str,
    text: &str,
    visibility: Visibility,
    article: Option<&Article>,
    images: &[Image],
) -> Value {
    let (category, media) = match article {
        Some(Article { source, title, description, .. }) => {
            let mut media = json!({ "status": "READY", "originalUrl": source, "title": { "text": title } });
            if let Some(description) = description {
                media["description"] = json!({ "text": description });
            }
            ("ARTICLE", vec![media])
        }
        None if images.is_empty() => ("NONE", Vec::new()),
        None => ("IMAGE", images.iter().map(to_media).collect()),
    };
    let mut share = json!({ "shareCommentary": { "text": text }, "shareMediaCategory": category });
    if !media.is_empty() {
        share["media"] = media.into();
    }
    json!({
        "author": author,
        "lifecycleState": "PUBLISHED",
        "specificContent": { "com.linkedin.ugc.ShareContent": share },
        "visibility": { "com.linkedin.ugc.MemberNetworkVisibility": visibility.as_str() },
    })
}

fn to_media(image: &Image) -> Value {
    let mut media = json!({ "status": "READY", "media": image.id });
    if let Some(alt) = &image.alt_text {
        media["description"] = json!({ "text": alt });
    }
    media
}

/// Publishes a post and returns its URN if the response names it.
pub(crate) async fn create(api: Api<'_>, body: &Value) -> Result<Option<String>, Refusal> {
    let response = api.post(UGC_POSTS, body).await.map_err(posts::no_response_refusal)?;
    posts::parse_created(&response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_links_and_images_have_a_body() {
        let share = |article: Option<&Article>, images: &[Image]| {
            let body = build_body("urn:li:person:x", "Hello :-)", Visibility::Connections, article, images);
            assert_eq!(body["visibility"]["com.linkedin.ugc.MemberNetworkVisibility"], "CONNECTIONS");
            assert!(body.get("distribution").is_none(), "a member may not send it");
            body["specificContent"]["com.linkedin.ugc.ShareContent"].clone()
        };
        let text = json!({ "shareCommentary": { "text": "Hello :-)" }, "shareMediaCategory": "NONE" });
        assert_eq!(share(None, &[]), text, "nothing is escaped");

        let link = Article {
            source: "https://example.com/".to_owned(),
            title: "Title".to_owned(),
            description: Some("About".to_owned()),
            thumbnail: None,
        };
        let link = share(Some(&link), &[]);
        let media = json!([{
            "status": "READY", "originalUrl": "https://example.com/", "title": { "text": "Title" },
            "description": { "text": "About" },
        }]);
        assert_eq!((&link["shareMediaCategory"], &link["media"]), (&json!("ARTICLE"), &media));

        let asset = Image { id: "urn:li:digitalmediaAsset:1".to_owned(), alt_text: Some("a cat".to_owned()) };
        let images = share(None, &[asset]);
        let media =
            json!([{ "status": "READY", "media": "urn:li:digitalmediaAsset:1", "description": { "text": "a cat" } }]);
        assert_eq!((&images["shareMediaCategory"], &images["media"]), (&json!("IMAGE"), &media));
    }
}
