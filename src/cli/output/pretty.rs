//! LinkedIn's response for a terminal: JSON is indented, other text is cleaned line by line, so that nothing in it
//! controls the terminal.

use std::fmt::Write as _;

use serde_json::Value;

use crate::text::{is_hostile, sanitize};

/// Longest line of a response that is not JSON, in characters.
const MAX_LINE_CHARS: usize = 4000;

/// Returns the text indented if it is JSON, with its keys in their order, or else cleaned line by line.
pub(crate) fn indent(text: &str) -> String {
    let json = serde_json::from_str::<Value>(text).and_then(|value| serde_json::to_string_pretty(&value));
    match json {
        // Every line break is from the indentation: those in strings are escaped.
        Ok(json) => json.lines().map(escape).collect::<Vec<_>>().join("\n"),
        Err(_) => text.lines().map(|line| sanitize(line, MAX_LINE_CHARS)).collect::<Vec<_>>().join("\n"),
    }
}

/// Returns JSON with every character escaped that would control a terminal, reorder a line or be invisible.
/// `serde_json` escapes only what RFC 8259 requires (U+0000 to U+001F). Such characters occur in strings only, so the
/// value stays the same.
pub(crate) fn escape(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    json.chars().for_each(|c| push_escaped(&mut out, c));
    out
}

/// Appends `c`, as `\uXXXX` if it is hostile.
fn push_escaped(out: &mut String, c: char) {
    if !is_hostile(c) {
        out.push(c);
        return;
    }
    let mut units = [0; 2];
    for unit in c.encode_utf16(&mut units) {
        // Writing to a String cannot fail.
        let _ = write!(out, "\\u{unit:04x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_the_order_of_its_keys() {
        let text = r#"{"b":1.5,"a":[ ],"c":{"x":[1,2],"y":"{[,:\"\\"},"n":12345678901234567890}"#;
        let shown = indent(text);
        assert_eq!(
            shown,
            "{\n  \"b\": 1.5,\n  \"a\": [],\n  \"c\": {\n    \"x\": [\n      1,\n      2\n    ],\n    \"y\": \"{[,:\\\"\\\\\"\n  },\n  \"n\": 12345678901234567890\n}"
        );
    }

    #[test]
    fn u02_terminal_json_is_equal_without_hostile_characters() {
        let hostile =
            "\u{7f}\u{80}\u{9b}\u{9d}\u{ad}\u{61c}\u{200b}\u{200e}\u{202e}\u{2028}\u{2066}\u{feff}\u{e0041}\u{1b}";
        let value = serde_json::json!({ hostile: [hostile, "Zoë 李 ❤️"] });
        let shown = escape(&value.to_string());
        assert!(shown.chars().all(|c| !is_hostile(c)), "{shown:?}");
        assert!(shown.contains("\\udb40\\udc41") && shown.contains("Zoë 李 ❤️"), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }

    #[test]
    fn u02_nothing_in_a_body_controls_the_terminal() {
        let shown = indent("{\"name\":\"a\u{202e}b\u{9b}31m李\"}");
        assert_eq!(shown, "{\n  \"name\": \"a\\u202eb\\u009b31m李\"\n}");
        assert_eq!(indent("<p>\u{1b}[31mx\nsecond"), "<p>␛[31mx\nsecond");
        let parsed: serde_json::Value = serde_json::from_str(&indent("{\"a\":\"x\u{202e}\u{200b}y\"}")).unwrap();
        assert_eq!(parsed["a"], "x\u{202e}\u{200b}y");
    }
}
