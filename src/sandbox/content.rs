//! The content of a post below its text: an article, an image, or several.

use serde_json::{Value, json};

use super::answers;
use super::reply::Reply;
use super::state::SandboxState;

/// Characters of an image's alt text.
const MAX_ALT_TEXT_CHARS: usize = 4086;
/// Characters of an article's title.
const MAX_TITLE_CHARS: usize = 400;
/// Images of a post that has several.
const MULTI_IMAGE_COUNT: std::ops::RangeInclusive<usize> = 2..=20;

/// Returns the lines of a 422 for what does not fit the schema.
pub(super) fn problems(content: &Value) -> Vec<String> {
    let required = |field: &str| answers::required_field(&format!("/content{field}"));
    let unknown = |field: &str| answers::FIELD_UNKNOWN.message(&[("field", &format!("/content{field}"))]);
    let Some(object) = content.as_object().filter(|object| !object.is_empty()) else {
        return vec![required("")];
    };
    let mut problems = Vec::new();
    // A union: only the first member counts.
    for (index, (name, value)) in object.iter().enumerate() {
        match name.as_str() {
            _ if index > 0 => problems.push(unknown(&format!("/{}", crate::text::clean(name, 40)))),
            "article" if !value["source"].is_string() => problems.push(required("/article/source")),
            "media" if !value["id"].is_string() => problems.push(required("/media/id")),
            "article" | "media" => {}
            "multiImage" => {
                let Some(images) = value["images"].as_array() else {
                    problems.push(required("/multiImage/images"));
                    continue;
                };
                for (index, _) in images.iter().enumerate().filter(|(_, image)| !image["id"].is_string()) {
                    problems.push(required(&format!("/multiImage/images/{index}/id")));
                }
            }
            other => problems.push(unknown(&format!("/{}", crate::text::clean(other, 40)))),
        }
    }
    problems
}

/// Returns the URNs and alt texts of the images of a post.
pub(super) fn images(content: &Value) -> Vec<(&str, Option<&str>)> {
    let list: Vec<&Value> = match (content.get("media"), content.pointer("/multiImage/images")) {
        (Some(image), _) => vec![image],
        (None, Some(images)) => images.as_array().map(|images| images.iter().collect()).unwrap_or_default(),
        (None, None) => Vec::new(),
    };
    list.into_iter().filter_map(|image| Some((image["id"].as_str()?, image["altText"].as_str()))).collect()
}

/// Converts the content of a legacy post to the form of the versioned API.
pub(super) fn from_legacy(share: &Value) -> Option<Value> {
    let media = share["media"].as_array().map(Vec::as_slice).unwrap_or_default();
    let image = |media: &Value| match &media["description"]["text"] {
        Value::Null => json!({ "id": media["media"] }),
        alt => json!({ "id": media["media"], "altText": alt }),
    };
    match (share["shareMediaCategory"].as_str(), media) {
        (Some("ARTICLE"), [link, ..]) => Some(json!({ "article": {
            "source": link["originalUrl"], "title": link["title"]["text"], "description": link["description"]["text"],
        } })),
        (Some("IMAGE"), [one]) => Some(json!({ "media": image(one) })),
        (Some("IMAGE"), several) => {
            Some(json!({ "multiImage": { "images": several.iter().map(image).collect::<Vec<_>>() } }))
        }
        _ => None,
    }
}

/// Refuses images that are unknown or unreadable, have another owner than the author or another URN
/// prefix than this API's, and texts that are too long.
pub(super) fn check(state: &SandboxState, author: &str, content: &Value, urn_prefix: &str) -> Option<Reply> {
    let title = content.pointer("/article/title").and_then(Value::as_str).unwrap_or_default();
    if let Some(refusal) = too_long("/content/article/title", title, MAX_TITLE_CHARS) {
        return Some(refusal);
    }
    let images = images(content);
    if content.get("multiImage").is_some() && !MULTI_IMAGE_COUNT.contains(&images.len()) {
        let (field, value) = ("/content/multiImage/images", format!("{} images", images.len()));
        return Some(answers::VALUE_REFUSED.filled(&[("field", field), ("value", &value)]));
    }
    images.into_iter().find_map(|(urn, alt)| {
        check_image(state, author, urn, urn_prefix)
            .or_else(|| too_long("/content/media/altText", alt.unwrap_or_default(), MAX_ALT_TEXT_CHARS))
    })
}

fn check_image(state: &SandboxState, author: &str, urn: &str, urn_prefix: &str) -> Option<Reply> {
    if !urn.starts_with(urn_prefix) {
        return Some(answers::URN_INVALID.reply());
    }
    let Some(image) = state.images.iter().find(|image| image.urn() == urn) else {
        return Some(answers::IMAGE_UNKNOWN.reply());
    };
    let refusal = match image {
        _ if image.owner != author => answers::CONTENT_NOT_OWNED,
        _ if image.unreadable => answers::UPLOAD_UNREADABLE,
        _ if image.kind.is_none() => answers::UPLOAD_MISSING,
        _ => return None,
    };
    Some(refusal.reply())
}

/// Returns the documented refusal of `text` where it has more than `max` characters.
fn too_long(field: &str, text: &str, max: usize) -> Option<Reply> {
    let length = text.chars().count();
    let values = [("field", field), ("length", &length.to_string()), ("max", &max.to_string())];
    (length > max).then(|| answers::FIELD_TOO_LONG.filled(&values))
}
