//! The error body of any of LinkedIn's endpoints, read field by field: its shape differs by endpoint, year and layer
//! ("Error Handling", learn.microsoft.com/linkedin), and everything but the HTTP status may be missing.

use serde_json::Value;

use crate::linkedin::urn::is_urn;
use crate::text::sanitize;

/// Longest field name or value that a message contains, in characters.
const MAX_NAME_CHARS: usize = 80;
/// How many problems of a body one message names.
const MAX_PROBLEMS: usize = 10;

/// An error body, whichever of LinkedIn's shapes it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Body {
    /// Such as 65601.
    pub(super) service_error_code: Option<i64>,
    /// `code`, `error` and the codes of `errorDetails.inputErrors`.
    pub(super) codes: Vec<String>,
    /// `message` or `error_description`, without a leading Java class name.
    pub(super) message: String,
    /// The fields at fault, as LinkedIn names them: `/author`, `metricType`.
    pub(super) fields: Vec<String>,
    /// The lines of a 422, without their `ERROR ::`.
    pub(super) problems: Vec<String>,
    /// The descriptions of the input errors beyond `message`: `metricType: Query parameter is not allowed`.
    details: Vec<String>,
    /// `maxLength` of an input error.
    max_length: Option<u64>,
}

impl Body {
    /// Reads JSON; anything else is a body without fields.
    pub(super) fn parse(json: Option<&Value>) -> Self {
        let Some(json) = json else { return Self::default() };
        let text = |key: &str| json.get(key).and_then(Value::as_str).unwrap_or_default();
        let details = json.pointer("/errorDetails/inputErrors").and_then(Value::as_array);
        let inputs: Vec<&Value> = details.into_iter().flatten().collect();
        let input = |error: &Value, key: &str| error.get(key).and_then(Value::as_str).map(str::to_owned);

        let top_level = [text("code"), text("error")].into_iter().filter(|code| !code.is_empty()).map(str::to_owned);
        let codes = top_level.chain(inputs.iter().filter_map(|error| input(error, "code"))).collect();
        let mut message = strip_class(text("message")).to_owned();
        if message.trim().is_empty() {
            text("error_description").clone_into(&mut message);
        }
        if message.trim().is_empty() {
            message = inputs.iter().find_map(|error| input(error, "description")).unwrap_or_default();
        }
        let paths = inputs
            .iter()
            .filter_map(|error| error.pointer("/input/inputPath/fieldPath").and_then(Value::as_str))
            .map(str::to_owned);
        let fields = deduplicate(paths.chain(bracketed_fields(&message)).chain(too_long_field(&message)));
        let details = deduplicate(
            inputs.iter().filter_map(|error| describe_input_error(error)).filter(|text| !message.contains(text)),
        );
        Self {
            service_error_code: json.get("serviceErrorCode").and_then(Value::as_i64),
            codes,
            problems: parse_problems(&message),
            fields,
            message,
            details,
            max_length: inputs.iter().find_map(|error| error.get("maxLength").and_then(Value::as_u64)),
        }
    }

    /// Returns the fields at fault as one phrase; empty if none is named.
    pub(super) fn field_list(&self) -> String {
        self.fields.iter().map(|field| sanitize(field, MAX_NAME_CHARS)).collect::<Vec<_>>().join(", ")
    }

    /// Returns LinkedIn's own text: the message, then what the input errors add; the codes if there is no text.
    pub(super) fn text(&self) -> String {
        let mut text = self.message.trim().to_owned();
        if !self.details.is_empty() {
            format!("{text} ({})", self.details.join("; ")).trim_start().clone_into(&mut text);
        }
        if text.is_empty() { self.codes.join(", ") } else { text }
    }

    /// Returns length and maximum of a text that is too long, as LinkedIn counts them.
    ///
    /// Two wordings are known: `text length (3200 characters) exceeded the maximum allowed (3000 characters)` and
    /// `{field} length {length} can't exceeded maximum {max} length`.
    pub(super) fn lengths(&self) -> (Option<u64>, Option<u64>) {
        let after = self.message.split_once("length").map_or("", |(_, rest)| rest);
        let mut numbers = after
            .split(|c: char| !c.is_ascii_digit())
            .filter(|digits| !digits.is_empty())
            .filter_map(|digits| digits.parse().ok());
        let (length, max) = (numbers.next(), numbers.next());
        (length.filter(|_| max.is_some()), max.or(self.max_length))
    }

    /// Returns the URN that a duplicate names: `Content is a duplicate of urn:li:share:7…`.
    pub(super) fn duplicate_of(&self) -> Option<String> {
        let start = self.message.find("urn:li:")?;
        let word = self.message.get(start..)?.split_whitespace().next()?;
        let urn = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
        is_urn(urn).then(|| urn.to_owned())
    }

    /// Returns the version in `Requested version 20250401 is not active`, as `YYYYMM`: the text has eight digits.
    pub(super) fn version(&self) -> Option<&str> {
        let word = self.message.split("version ").nth(1)?.split_whitespace().next()?;
        let month = word.get(..6)?;
        word.bytes().all(|byte| byte.is_ascii_digit()).then_some(month)
    }
}

/// Strips a leading `com.linkedin.….SomeException: `, which means nothing to the user.
fn strip_class(message: &str) -> &str {
    let mut rest = message.trim_start();
    while let Some((class, text)) = rest.split_once(": ") {
        let parts = class.split('.').count();
        let is_name =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "_$".contains(c));
        let is_package = class.starts_with(|c: char| c.is_ascii_lowercase());
        if parts < 3 || !is_package || !class.split('.').all(is_name) {
            break;
        }
        rest = text.trim_start();
    }
    rest
}

/// Returns the description of an input error, with the field if it names one.
fn describe_input_error(error: &Value) -> Option<String> {
    let description = error.get("description").and_then(Value::as_str).filter(|text| !text.trim().is_empty())?;
    let field = error.pointer("/input/inputPath/fieldPath").and_then(Value::as_str);
    Some(field.map_or_else(|| description.to_owned(), |field| format!("{field}: {description}")))
}

/// Returns the fields in `… while processing fields [/author, /content]`.
fn bracketed_fields(message: &str) -> Vec<String> {
    let list = message.split_once("fields [").and_then(|(_, rest)| rest.split_once(']')).map_or("", |(list, _)| list);
    list.split(',').map(str::trim).filter(|field| !field.is_empty()).map(str::to_owned).collect()
}

/// Returns the lines `ERROR :: /author :: field is required …` of a 422, each as `/author: field is required …`.
fn parse_problems(message: &str) -> Vec<String> {
    message
        .lines()
        .filter_map(|line| line.trim().strip_prefix("ERROR :: "))
        .map(|line| sanitize(&line.replacen(" :: ", ": ", 1), 120))
        .take(MAX_PROBLEMS)
        .collect()
}

/// Returns the first [`MAX_PROBLEMS`] texts, each once.
fn deduplicate(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for text in texts.take(MAX_PROBLEMS) {
        if !out.contains(&text) {
            out.push(text);
        }
    }
    out
}

/// Returns the field of `commentary length 3001 can't exceeded maximum 3000 length`.
fn too_long_field(message: &str) -> Option<String> {
    let (field, rest) = message.split_once(" length ")?;
    let is_field =
        field.bytes().all(|byte| byte.is_ascii_alphanumeric()) && rest.starts_with(|c: char| c.is_ascii_digit());
    is_field.then(|| field.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(text: &str) -> Body {
        Body::parse(Some(&json!({ "message": text })))
    }

    #[test]
    fn java_class_names_are_stripped_and_the_text_stays() {
        for (text, stripped) in [
            ("com.linkedin.content.common.exception.BadRequestResponseException: Content is bad", "Content is bad"),
            ("com.linkedin.a.B: com.linkedin.c.D$E: twice", "twice"),
            ("java.lang.IllegalArgumentException: x", "x"),
            (
                "Not enough permissions to access: userinfo.GET.NO_VERSION",
                "Not enough permissions to access: userinfo.GET.NO_VERSION",
            ),
            ("ERROR :: /author :: field is required", "ERROR :: /author :: field is required"),
            ("a.b: kept", "a.b: kept"),
        ] {
            assert_eq!(message(text).message, stripped);
        }
    }

    #[test]
    fn fields_come_from_brackets_and_input_errors() {
        let body = message("Data Processing Exception while processing fields [/author, /content/media]");
        assert_eq!(body.fields, ["/author", "/content/media"]);
        let body = Body::parse(Some(&json!({ "errorDetails": { "inputErrors": [
            { "code": "QUERY_PARAM_NOT_ALLOWED", "description": "no", "input": { "inputPath": { "fieldPath": "metricType" } } },
            { "code": "PARAM_INVALID", "input": {} },
        ] } })));
        assert_eq!(body.fields, ["metricType"]);
        assert_eq!(body.codes, ["QUERY_PARAM_NOT_ALLOWED", "PARAM_INVALID"]);
        assert_eq!(body.message, "no");
    }

    #[test]
    fn lengths_are_read_from_both_wordings() {
        let real = "ShareCommentary text length (3200 characters) exceeded the maximum allowed (3000 characters)";
        assert_eq!(message(real).lengths(), (Some(3200), Some(3000)));
        assert_eq!(
            message("commentary length 3001 can't exceeded maximum 3000 length").lengths(),
            (Some(3001), Some(3000))
        );
        assert_eq!(message("title length 512 can't exceeded maximum 400 length").fields, ["title"]);
        assert_eq!(message("too long").lengths(), (None, None));
    }

    #[test]
    fn duplicate_and_version_are_read_from_the_text() {
        assert_eq!(
            message("x: Content is a duplicate of urn:li:share:7.").duplicate_of().as_deref(),
            Some("urn:li:share:7")
        );
        assert_eq!(message("Content is a duplicate of ../../x").duplicate_of(), None);
        assert_eq!(message("Requested version 20250401 is not active").version(), Some("202504"));
        assert_eq!(message("Requested version one is not active").version(), None);
    }

    #[test]
    fn only_an_object_has_fields() {
        for other in [json!(null), json!([]), json!("text"), json!({ "message": 7, "errorDetails": [] })] {
            assert_eq!(Body::parse(Some(&other)), Body::default());
        }
        assert_eq!(Body::parse(None), Body::default());
    }
}
