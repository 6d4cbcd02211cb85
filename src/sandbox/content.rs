//! The content of a post below its text: an article, an image, or several.

use serde_json::{Value, json};

use super::answers::{self, ensure};
use super::response::HandlerResult;
use super::state::SandboxState;

/// Characters of an image's alt text.
const MAX_ALT_TEXT_CHARS: usize = 4086;
/// Characters of an article's title.
const MAX_TITLE_CHARS: usize = 400;
/// Images of a post that has several.
const MULTI_IMAGE_COUNT: std::ops::RangeInclusive<usize> = 2..=20;

/// Returns the lines of a 422 for what does not fit the schema.
pub(super) fn problems(content: &Value) -> HandlerResult<Vec<String>> {
    let required = |field: &str| answers::required_field(&format!("content{field}"));
    let Some(object) = content.as_object().filter(|object| !object.is_empty()) else {
        return Ok(vec![required("")?]);
    };
    let mut problems = Vec::new();
    // A union: only the first member is used.
    for (index, (name, value)) in object.iter().enumerate() {
        match name.as_str() {
            "article" if index == 0 && value["source"].is_string() => {}
            "article" if index == 0 => problems.push(required("/article/source")?),
            "media" if index == 0 && value["id"].is_string() => {}
            "media" if index == 0 => problems.push(required("/media/id")?),
            "multiImage" if index == 0 => match value["images"].as_array() {
                None => problems.push(required("/multiImage/images")?),
                Some(images) => {
                    for (index, _) in images.iter().enumerate().filter(|(_, image)| !image["id"].is_string()) {
                        problems.push(required(&format!("/multiImage/images/{index}/id"))?);
                    }
                }
            },
            unknown => problems.push(answers::unknown_field(&format!("content/{unknown}"))?),
        }
    }
    Ok(problems)
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
        (Some("IMAGE"), [single]) => Some(json!({ "media": image(single) })),
        (Some("IMAGE"), several) => {
            Some(json!({ "multiImage": { "images": several.iter().map(image).collect::<Vec<_>>() } }))
        }
        _ => None,
    }
}

/// Refuses images that are unknown or unreadable, have another owner than the author or another URN
/// prefix than this API's, and texts that are too long.
pub(super) fn check(state: &SandboxState, author: &str, content: &Value, urn_prefix: &str) -> HandlerResult<()> {
    let title = content.pointer("/article/title").and_then(Value::as_str).unwrap_or_default();
    check_length("/content/article/title", title, MAX_TITLE_CHARS)?;
    let images = images(content);
    if content.get("multiImage").is_some() && !MULTI_IMAGE_COUNT.contains(&images.len()) {
        let (field, value) = ("/content/multiImage/images", format!("{} images", images.len()));
        return Err(answers::VALUE_REFUSED.refusal(&[("field", field), ("value", &value)]));
    }
    for (urn, alt_text) in images {
        ensure(urn.starts_with(urn_prefix), answers::URN_INVALID)?;
        let image = state.images.iter().find(|image| image.urn() == urn).ok_or(answers::IMAGE_UNKNOWN)?;
        ensure(image.owner == author, answers::CONTENT_NOT_OWNED)?;
        ensure(!image.unreadable, answers::UPLOAD_UNREADABLE)?;
        ensure(image.kind.is_some(), answers::UPLOAD_MISSING)?;
        check_length("/content/media/altText", alt_text.unwrap_or_default(), MAX_ALT_TEXT_CHARS)?;
    }
    Ok(())
}

/// Refuses `text`, as documented, if it has more than `max_chars` characters.
fn check_length(field: &str, text: &str, max_chars: usize) -> HandlerResult<()> {
    let length = text.chars().count();
    if length <= max_chars {
        return Ok(());
    }
    let values = [("field", field), ("length", &length.to_string()), ("max", &max_chars.to_string())];
    Err(answers::FIELD_TOO_LONG.refusal(&values))
}
