//! What stands below a post's text: an article, an image, or several.

use serde_json::{Value, json};

use super::call::Reply;
use super::state::State;

/// Characters of an image's description.
const LONGEST_ALT: usize = 4086;
/// Characters of an article's title.
const LONGEST_TITLE: usize = 400;

/// All that is wrong with the shape, as lines of a 422.
pub(super) fn problems(content: &Value) -> Vec<String> {
    let line = |field: &str, words: &str| format!("ERROR :: /content{field} :: {words}\n");
    let missing = "field is required but not found and has no default value";
    let Some(object) = content.as_object().filter(|object| object.len() == 1) else {
        return vec![line("", "is not a union with exactly one member")];
    };
    let mut problems = Vec::new();
    for (name, value) in object {
        match name.as_str() {
            "article" if !value["source"].is_string() => problems.push(line("/article/source", missing)),
            "media" if !value["id"].is_string() => problems.push(line("/media/id", missing)),
            "article" | "media" => {}
            "multiImage" => {
                let images = value["images"].as_array().map(Vec::as_slice).unwrap_or_default();
                if !(2..=20).contains(&images.len()) {
                    problems.push(line("/multiImage/images", "length must be between 2 and 20"));
                }
                for (index, _) in images.iter().enumerate().filter(|(_, image)| !image["id"].is_string()) {
                    problems.push(line(&format!("/multiImage/images/{index}/id"), missing));
                }
            }
            other => {
                let shown = crate::text::clean(other, 40);
                problems.push(line(&format!("/{shown}"), "unrecognized field found but not allowed"));
            }
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

/// Refuses images that were not uploaded by this author, and texts that are too long.
pub(super) fn refused(state: &State, author: &str, content: &Value) -> Option<Reply> {
    let bad =
        |code: &str, words: String| Some(Reply::json(400, &json!({ "status": 400, "code": code, "message": words })));
    if content
        .pointer("/article/title")
        .and_then(Value::as_str)
        .is_some_and(|title| title.chars().count() > LONGEST_TITLE)
    {
        return bad(
            "FIELD_LENGTH_TOO_LONG",
            "Field /content/article/title exceeds the maximum length of 400".to_owned(),
        );
    }
    for (urn, alt) in images(content) {
        let known =
            state.images.iter().any(|image| image.urn() == urn && image.owner == author && image.kind.is_some());
        if !known {
            let shown = crate::text::clean(urn, 80);
            return bad("INVALID_URN_ID", format!("The image {shown} was not uploaded by the author"));
        }
        if alt.is_some_and(|alt| alt.chars().count() > LONGEST_ALT) {
            return bad("FIELD_LENGTH_TOO_LONG", "Field altText exceeds the maximum length of 4086".to_owned());
        }
    }
    None
}
