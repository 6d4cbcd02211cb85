//! Reads LinkedIn's JSON field by field: an unusable field must not lose the others.

use std::borrow::Cow;
use std::fmt::Write;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::response::Response;
use crate::{Code, Error, Result};

/// In a repaired document, a value at this depth becomes `null`. It is less than the parser's own limit of 128.
const MAX_DEPTH: usize = 100;

/// A JSON object. A field that is missing or of an unusable kind is `None`.
#[derive(Deserialize)]
pub struct Fields(Map<String, Value>);

// The values may be secrets.
impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Fields {
    /// Parses an object; `None` if `body` is not one.
    pub fn parse(body: &[u8]) -> Option<Self> {
        match parse(body)? {
            Value::Object(fields) => Some(Self(fields)),
            _ => None,
        }
    }

    /// Returns a string that is not blank, trimmed.
    pub fn string(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    /// Returns a string that is not blank, or a number as text.
    pub fn string_or_number(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::Number(number) => Some(number.to_string()),
            _ => self.string(name).map(str::to_owned),
        }
    }

    /// Returns a number or its text as an integer, without its fraction.
    pub fn integer(&self, name: &str) -> Option<i64> {
        read_integer(self.0.get(name)?)
    }

    /// Returns a boolean or its text.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        match self.0.get(name)? {
            Value::Bool(value) => Some(*value),
            Value::String(text) => text.trim().to_ascii_lowercase().parse().ok(),
            _ => None,
        }
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Returns the text of an error body: `error_description`, else `message`.
    pub fn detail(&self) -> &str {
        self.string("error_description").or_else(|| self.string("message")).unwrap_or_default()
    }

    /// Returns the object as valid JSON.
    pub fn into_json(self) -> Vec<u8> {
        Value::Object(self.0).to_string().into_bytes()
    }
}

fn read_integer(value: &Value) -> Option<i64> {
    let truncate = |number: f64| -> Option<i64> {
        // Beyond 2^53 a float is no longer exact.
        let fits = number.is_finite() && number.abs() < 9_007_199_254_740_992.0;
        fits.then(|| format!("{:.0}", number.trunc()).parse().ok())?
    };
    match value {
        Value::Number(number) => number.as_i64().or_else(|| truncate(number.as_f64()?)),
        Value::String(text) => text.trim().parse().ok().or_else(|| truncate(text.trim().parse().ok()?)),
        _ => None,
    }
}

/// Parses JSON in UTF-8, or in UTF-16 with a byte order mark. Of duplicate names, the last one counts.
///
/// Content of a string, a number or a name that JSON forbids is replaced; a document that is truncated or
/// otherwise not JSON is `None`.
pub(super) fn parse(body: &[u8]) -> Option<Value> {
    let text = decode(body);
    serde_json::from_str(&text).or_else(|_| serde_json::from_str(&repair(&text))).ok()
}

/// Decodes UTF-8 or, after its byte order mark, UTF-16. Invalid bytes become U+FFFD.
fn decode(body: &[u8]) -> Cow<'_, str> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, _) = bytes.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
        Cow::Owned(String::from_utf16_lossy(&units))
    };
    match body {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        _ => String::from_utf8_lossy(body),
    }
}

/// Replaces what makes a parser reject the whole document: half a surrogate pair by
/// U+FFFD, a raw control character by its escape, an unknown escape by its own letters, and an
/// unknown literal, too large a number or too deep a value by `null`.
fn repair(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut depth = 0_usize;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (end, repaired) = match c {
            '"' => repair_string(rest),
            c if is_word_char(c) => repair_word(rest, depth),
            c => (c.len_utf8(), Cow::Borrowed(&rest[..c.len_utf8()])),
        };
        let (opens, closes) = (matches!(c, '[' | '{'), matches!(c, ']' | '}'));
        depth += usize::from(opens);
        if depth < MAX_DEPTH {
            out.push_str(&repaired);
        } else if depth == MAX_DEPTH && opens {
            out.push_str("null");
        }
        depth = depth.saturating_sub(usize::from(closes));
        rest = &rest[end..];
    }
    out
}

const fn is_word_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_')
}

/// Repairs the literal or number at the start of `text`; returns its end and its replacement.
fn repair_word(text: &str, depth: usize) -> (usize, Cow<'_, str>) {
    let end = text.find(|c| !is_word_char(c)).unwrap_or(text.len());
    let word = &text[..end];
    // Outside of any object a word is not a field: prose must not become JSON.
    let is_valid = depth == 0 || serde_json::from_str::<Value>(word).is_ok();
    (end, Cow::Borrowed(if is_valid { word } else { "null" }))
}

/// Repairs the string at the start of `text`; returns its end and its repaired form.
fn repair_string(text: &str) -> (usize, Cow<'_, str>) {
    let mut out = String::from("\"");
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (at + 1, Cow::Owned(out + "\"")),
            '\\' => {
                let (escaped, length) = repair_escape(&text[at..]);
                out.push_str(&escaped);
                for _ in 1..length {
                    chars.next();
                }
            }
            '\u{0}'..='\u{1f}' => drop(write!(out, "\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    // Without its end, the document is truncated.
    (text.len(), Cow::Borrowed(text))
}

/// Repairs the escape at the start of `text`; returns its repaired form and its length in (ASCII) characters.
fn repair_escape(text: &str) -> (Cow<'_, str>, usize) {
    let code_unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    match text.chars().nth(1) {
        Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't') => (Cow::Borrowed(&text[..2]), 2),
        Some('u') => match (code_unit(0), code_unit(6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (Cow::Borrowed(&text[..12]), 12),
            (Some(0xd800..=0xdfff), _) => (Cow::Borrowed("\\ufffd"), 6),
            (Some(_), _) => (Cow::Borrowed(&text[..6]), 6),
            (None, _) => (Cow::Borrowed("\\\\"), 1),
        },
        _ => (Cow::Borrowed("\\\\"), 1),
    }
}

impl Response {
    /// Reads the body as a JSON object, whatever its content type. The error describes the body and never quotes it.
    pub fn fields(&self) -> Result<Fields> {
        Fields::parse(&self.body).ok_or_else(|| self.unreadable_body_error())
    }

    /// Reads the body as a JSON value of the caller's type, whatever its content type.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let value = parse(&self.body).and_then(|value| serde_json::from_value(value).ok());
        value.ok_or_else(|| self.unreadable_body_error())
    }

    /// Reads the body as a JSON object. A list is none, although serde reads it as the fields of a struct in their order.
    pub(crate) fn json_object<T: DeserializeOwned>(&self) -> Result<T> {
        let value = parse(&self.body).filter(serde_json::Value::is_object);
        let object = value.and_then(|value| serde_json::from_value(value).ok());
        object.ok_or_else(|| self.unreadable_body_error())
    }

    pub fn is_web_page(&self) -> bool {
        decode(&self.body).trim_start().starts_with('<')
    }

    fn unreadable_body_error(&self) -> Error {
        let (what, hint) = self.describe_body();
        Error::new(Code::UnexpectedResponse, format!("LinkedIn responded with {what} (status {}).", self.status), hint)
    }

    /// Describes a body that cannot be used, and returns the hint for it.
    fn describe_body(&self) -> (&'static str, &'static str) {
        const CHECK_HOSTS: &str = "Check linkedin.www and linkedin.api in config.toml, and any proxy in between.";
        let text = decode(&self.body);
        let text = text.trim();
        let is_form =
            || text.contains('=') && !text.contains(char::is_whitespace) && !text.starts_with(['{', '[', '"']);
        if text.is_empty() {
            ("an empty response", "Try again; if it happens again, check any proxy in between.")
        } else if self.is_compressed || self.body.starts_with(b"\x1f\x8b") {
            (
                "compressed data, which was not requested",
                "A proxy in between compresses responses: ask its administrator to exclude LinkedIn's hosts.",
            )
        } else if self.is_web_page() {
            (
                "a web page instead of data",
                "A proxy or a login page may be in between: open a web page, then try again.",
            )
        } else if is_form() {
            ("form-encoded text instead of JSON", CHECK_HOSTS)
        } else if parse(&self.body).is_some() {
            ("JSON of another shape than expected", CHECK_HOSTS)
        } else if text.starts_with(['{', '[']) {
            ("JSON that is damaged or truncated", "Try again; if it happens again, check any proxy in between.")
        } else {
            ("content that is not JSON", CHECK_HOSTS)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// Values for which a strict parser rejects the whole document.
    const INVALID: &[&str] = &[
        r#""Ada \ud83d""#,
        r#""\udc4b Ada""#,
        r#""\ud83d\u0041""#,
        r#""\ud83d\ud83d\udc4b""#,
        r#""\x41 \u12""#,
        "\"tab\there\nand a line\"",
        "\"\u{0}\"",
        "1e999",
        "007",
        "+5",
        ".5",
        "NaN",
        "-Infinity",
        "True",
        "undefined",
    ];

    #[test]
    fn an_invalid_value_keeps_the_other_fields() {
        for invalid in INVALID {
            let text = format!(
                "{{\"sub\":\"-kf W\\u00e9\",\"invalid\":{invalid},\"more\":[{invalid},{{\"x\":{invalid}}}],\"n\":7}}"
            );
            let fields = Fields::parse(text.as_bytes()).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((fields.string("sub"), fields.integer("n")), (Some("-kf Wé"), Some(7)), "{text}");
        }
    }

    #[test]
    fn half_a_surrogate_pair_becomes_the_replacement_character() {
        for (text, expected) in [
            (r#""Ada \ud83d""#, "Ada \u{fffd}"),
            (r#""\udc4b""#, "\u{fffd}"),
            (r#""\ud83d\ud83d\udc4b""#, "\u{fffd}👋"),
            (r#""\ud83dA""#, "\u{fffd}A"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
        ] {
            assert_eq!(parse(text.as_bytes()), Some(json!(expected)), "{text}");
        }
    }

    #[test]
    fn utf8_and_utf16_with_a_mark_are_read() {
        let text = "{\"name\":\"Zoë 👋\"}";
        let utf16 = |order: fn(u16) -> [u8; 2]| {
            std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(order).collect::<Vec<u8>>()
        };
        let bom = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        for body in [text.as_bytes().to_vec(), bom, utf16(u16::to_le_bytes), utf16(u16::to_be_bytes)] {
            assert_eq!(Fields::parse(&body).unwrap().string("name"), Some("Zoë 👋"));
        }
        assert_eq!(Fields::parse(b"{\"name\":\"Zo\xeb\",\"sub\":\"x\"}").unwrap().string("name"), Some("Zo\u{fffd}"));
    }

    #[test]
    fn the_last_of_duplicate_names_counts() {
        let fields = Fields::parse(b"{\"sub\":\"a\",\"sub\":\"b\"}").unwrap();
        assert_eq!(fields.string("sub"), Some("b"));
    }

    #[test]
    fn too_deep_a_value_is_null_and_the_rest_stays() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deep = format!("{}1{}", open.repeat(5000), close.repeat(5000));
            let fields = Fields::parse(format!("{{\"deep\":{deep},\"sub\":\"x\"}}").as_bytes()).unwrap();
            assert_eq!(fields.string("sub"), Some("x"));
            let mut value = fields.get("deep").unwrap();
            let mut depth = 1;
            while let Some(inner) = value.get(0).or_else(|| value.get("a")) {
                value = inner;
                depth += 1;
            }
            assert_eq!((value, depth), (&Value::Null, MAX_DEPTH - 1));
        }
    }

    #[test]
    fn text_that_is_not_json_is_rejected() {
        for text in ["", "hello", "{", "{\"a\":\"b", "{\"a\":1}}", "[1,]", "<html>", "a=b&c=d", "{\"a\":1} x", "{a:1}"]
        {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_read_from_any_form() {
        for (value, expected) in [
            (json!(5_183_999.0), Some(5_183_999)),
            (json!("5183999.0"), Some(5_183_999)),
            (json!(" 1800 "), Some(1800)),
            (json!(1.9), Some(1)),
            (json!(-1.9), Some(-1)),
            (json!(i64::MAX), Some(i64::MAX)),
            (json!(u64::MAX), None),
            (json!(1e300), None),
            (json!("NaN"), None),
            (json!("inf"), None),
            (json!("soon"), None),
            (json!(null), None),
            (json!([1]), None),
        ] {
            assert_eq!(read_integer(&value), expected, "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(body in proptest::collection::vec(any::<u8>(), 0..400)) {
            drop(parse(&body));
        }

        #[test]
        fn any_json_like_text_is_read_without_a_panic(body in "[\\[\\]{}:,\"\\\\u0dDeE+.a\\n é-]{0,200}") {
            drop(parse(body.as_bytes()));
        }

        #[test]
        fn good_fields_survive_any_other_string(
            invalid in "([a-zé \\\\]|\\\\u[dD][89a-fA-F][0-9a-f]{2}|\\\\[a-z]|[\\x00-\\x1f]){0,30}",
            sub in "[A-Za-z0-9_-]{1,20}",
        ) {
            // A backslash at the end would escape the closing quote: that is another document.
            let invalid = invalid.trim_end_matches('\\');
            let text = format!("{{\"invalid\":\"{invalid}\",\"sub\":\"{sub}\"}}");
            let fields = Fields::parse(text.as_bytes());
            prop_assert!(fields.is_some(), "{}", text);
            prop_assert_eq!(fields.as_ref().and_then(|fields| fields.string("sub")), Some(sub.as_str()));
        }

        #[test]
        fn valid_json_is_read_as_the_parser_reads_it(text in "[ -~é👋\\n]{0,60}", number in any::<i64>()) {
            let value = json!({"text": text, "number": number, "list": [text, null, true]});
            prop_assert_eq!(parse(value.to_string().as_bytes()), Some(value.clone()));
            let repaired: Value = serde_json::from_str(&repair(&value.to_string())).unwrap();
            prop_assert_eq!(repaired, value);
        }
    }
}
