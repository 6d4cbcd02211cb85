//! What stands below a post's text: an article, an image, or several.

use serde_json::{Value, json};

use super::answers;
use super::call::Reply;
use super::state::State;

/// Characters of an image's description.
const LONGEST_ALT: usize = 4086;
/// Characters of an article's title.
const LONGEST_TITLE: usize = 400;
/// Images of a post that has several.
const SEVERAL: std::ops::RangeInclusive<usize> = 2..=20;

/// All that is wrong with the shape, as lines of a 422.
pub(super) fn problems(content: &Value) -> Vec<String> {
    let required = |field: &str| answers::FIELD_REQUIRED.message(&[("field", &format!("/content{field}"))]);
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

/// The images of a post: their URNs and descriptions.
pub(super) fn images(content: &Value) -> Vec<(&str, Option<&str>)> {
    let list: Vec<&Value> = match (content.get("media"), content.pointer("/multiImage/images")) {
        (Some(image), _) => vec![image],
        (None, Some(images)) => images.as_array().map(|images| images.iter().collect()).unwrap_or_default(),
        (None, None) => Vec::new(),
    };
    list.into_iter().filter_map(|image| Some((image["id"].as_str()?, image["altText"].as_str()))).collect()
}

/// What a legacy post has below its text, in the form of the versioned API.
pub(super) fn of_legacy(share: &Value) -> Option<Value> {
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

/// Refuses images that cannot be shown, are not the author's or belong to the other API (theirs
/// begin with `start`), and texts that are too long.
pub(super) fn refused(state: &State, author: &str, content: &Value, start: &str) -> Option<Reply> {
    let title = content.pointer("/article/title").and_then(Value::as_str).unwrap_or_default();
    if let Some(refusal) = too_long("/content/article/title", title, LONGEST_TITLE) {
        return Some(refusal);
    }
    let images = images(content);
    if content.get("multiImage").is_some() && !SEVERAL.contains(&images.len()) {
        let (field, value) = ("/content/multiImage/images", format!("{} images", images.len()));
        return Some(answers::VALUE_REFUSED.filled(&[("field", field), ("value", &value)]));
    }
    images.into_iter().find_map(|(urn, alt)| {
        image_refused(state, author, urn, start)
            .or_else(|| too_long("/content/media/altText", alt.unwrap_or_default(), LONGEST_ALT))
    })
}

fn image_refused(state: &State, author: &str, urn: &str, start: &str) -> Option<Reply> {
    if !urn.starts_with(start) {
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

/// The documented refusal of `text` where it has more than `max` characters.
fn too_long(field: &str, text: &str, max: usize) -> Option<Reply> {
    let length = text.chars().count();
    let values = [("field", field), ("length", &length.to_string()), ("max", &max.to_string())];
    (length > max).then(|| answers::FIELD_TOO_LONG.filled(&values))
}
