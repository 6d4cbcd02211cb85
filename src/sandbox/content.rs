//! The content of a post below its text: an article, an image or several, a document, a video or a poll.

use serde_json::{Value, json};

use super::answers::{self, ensure};
use super::media;
use super::response::HandlerResult;
use super::state::{DOCUMENT_URN, IMAGE_URN, SandboxState, VIDEO_URN};

/// Characters of an image's alt text.
const MAX_ALT_TEXT_CHARS: usize = 4086;
/// Characters of an article's title.
const MAX_TITLE_CHARS: usize = 400;
/// Characters of the question of a poll, and of an option.
const MAX_QUESTION_CHARS: usize = 140;
const MAX_OPTION_CHARS: usize = 30;
/// Options of a poll.
const OPTION_COUNT: std::ops::RangeInclusive<usize> = 2..=4;
const POLL_DURATIONS: [&str; 4] = ["ONE_DAY", "THREE_DAYS", "SEVEN_DAYS", "FOURTEEN_DAYS"];
/// Images of a post that has several.
const MULTI_IMAGE_COUNT: std::ops::RangeInclusive<usize> = 2..=20;

/// Returns the lines of a 422 for what does not fit the schema.
pub(super) fn find_problems(content: &Value) -> HandlerResult<Vec<String>> {
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
            // LinkedIn's response to a document without a title is not known.
            "media" if index == 0 && value["id"].is_string() => {
                let is_document = value["id"].as_str().is_some_and(|id| id.starts_with(DOCUMENT_URN));
                if is_document && value["title"].as_str().unwrap_or_default().is_empty() {
                    problems.push(required("/media/title")?);
                }
            }
            "media" if index == 0 => problems.push(required("/media/id")?),
            "multiImage" if index == 0 => match value["images"].as_array() {
                None => problems.push(required("/multiImage/images")?),
                Some(images) => {
                    for (index, _) in images.iter().enumerate().filter(|(_, image)| !image["id"].is_string()) {
                        problems.push(required(&format!("/multiImage/images/{index}/id"))?);
                    }
                }
            },
            "poll" if index == 0 => problems.extend(poll_problems(value)?),
            unknown => problems.push(answers::unknown_field(&format!("content/{unknown}"))?),
        }
    }
    Ok(problems)
}

/// Returns the lines of a 422 for a poll that does not fit the schema.
fn poll_problems(poll: &Value) -> HandlerResult<Vec<String>> {
    let required = |field: &str| answers::required_field(&format!("content/poll{field}"));
    let mut problems = Vec::new();
    if !poll["question"].is_string() {
        problems.push(required("/question")?);
    }
    match poll["options"].as_array() {
        None => problems.push(required("/options")?),
        Some(options) => {
            for (index, _) in options.iter().enumerate().filter(|(_, option)| !option["text"].is_string()) {
                problems.push(required(&format!("/options/{index}/text"))?);
            }
        }
    }
    match &poll["settings"]["duration"] {
        Value::Null => problems.push(required("/settings/duration")?),
        duration if duration.as_str().is_some_and(|text| POLL_DURATIONS.contains(&text)) => {}
        other => {
            let values = [("field", "/content/poll/settings/duration"), ("value", &*other.to_string())];
            problems.push(answers::FIELD_ENUM.message(&values)?);
        }
    }
    Ok(problems)
}

/// Returns the texts of the options of a poll.
pub(super) fn poll_options(content: &Value) -> Vec<&str> {
    let options = content.pointer("/poll/options").and_then(Value::as_array);
    options.into_iter().flatten().filter_map(|option| option["text"].as_str()).collect()
}

/// Returns the document or the video of a post: its URN and its title.
pub(super) fn document_or_video(content: &Value) -> Option<(&str, &str)> {
    let media = content.get("media")?;
    let urn = media["id"].as_str().filter(|urn| urn.starts_with(DOCUMENT_URN) || urn.starts_with(VIDEO_URN))?;
    Some((urn, media["title"].as_str().unwrap_or_default()))
}

/// Returns the URNs and alt texts of the images of a post.
pub(super) fn images(content: &Value) -> Vec<(&str, Option<&str>)> {
    let list: Vec<&Value> = match (content.get("media"), content.pointer("/multiImage/images")) {
        (Some(_), _) if document_or_video(content).is_some() => Vec::new(),
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

/// Refuses files that are unknown or unreadable, have another owner than the author or another URN
/// prefix than this API's, and texts that are too long. No document or video can be processed if `is_failing`.
pub(super) fn check(
    state: &SandboxState,
    author: &str,
    content: &Value,
    urn_prefix: &str,
    is_failing: bool,
) -> HandlerResult<()> {
    if let Some((urn, title)) = document_or_video(content) {
        check_length("/content/media/title", title, MAX_TITLE_CHARS)?;
        ensure(urn_prefix == IMAGE_URN, answers::URN_INVALID)?;
        return media::check(state, author, urn, is_failing);
    }
    if let Some(poll) = content.get("poll") {
        let question = poll["question"].as_str().unwrap_or_default();
        check_length("/content/poll/question", question, MAX_QUESTION_CHARS)?;
        let options = poll_options(content);
        if !OPTION_COUNT.contains(&options.len()) {
            let (field, value) = ("/content/poll/options", format!("{} options", options.len()));
            return Err(answers::VALUE_REFUSED.refusal(&[("field", field), ("value", &value)]));
        }
        return options.iter().enumerate().try_for_each(|(index, text)| {
            check_length(&format!("/content/poll/options/{index}/text"), text, MAX_OPTION_CHARS)
        });
    }
    let thumbnail = content.pointer("/article/thumbnail").and_then(Value::as_str).map(|urn| (urn, None));
    let title = content.pointer("/article/title").and_then(Value::as_str).unwrap_or_default();
    check_length("/content/article/title", title, MAX_TITLE_CHARS)?;
    let images = images(content);
    if content.get("multiImage").is_some() && !MULTI_IMAGE_COUNT.contains(&images.len()) {
        let (field, value) = ("/content/multiImage/images", format!("{} images", images.len()));
        return Err(answers::VALUE_REFUSED.refusal(&[("field", field), ("value", &value)]));
    }
    for (urn, alt_text) in images.into_iter().chain(thumbnail) {
        ensure(urn.starts_with(urn_prefix), answers::URN_INVALID)?;
        let image = state.images.iter().find(|image| image.urn() == urn).ok_or(answers::IMAGE_UNKNOWN)?;
        ensure(image.owner == author, answers::CONTENT_NOT_OWNED)?;
        ensure(!image.is_unreadable, answers::UPLOAD_UNREADABLE)?;
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
