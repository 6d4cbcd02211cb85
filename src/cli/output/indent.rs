//! A body for a person at a terminal: JSON indented, everything else line by line; nothing in it
//! steers the terminal.

use std::fmt::Write as _;

use crate::text::{clean, is_hostile};

/// Longest line that is not JSON.
const LINE: usize = 4000;

/// The text with line breaks and indents where it is JSON. Only spaces change: numbers and the order
/// of keys stay as they were sent.
pub(crate) fn indented(text: &str) -> String {
    if serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        return text.lines().map(|line| clean(line, LINE)).collect::<Vec<_>>().join("\n");
    }
    let mut out = String::with_capacity(text.len() * 2);
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        if quoted {
            push_escaped(&mut out, c);
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            c if c.is_whitespace() => {}
            '"' => {
                quoted = true;
                out.push(c);
            }
            '{' | '[' => {
                out.push(c);
                while letters.next_if(|c| c.is_whitespace()).is_some() {}
                if let Some(close) = letters.next_if(|c| matches!(c, '}' | ']')) {
                    out.push(close);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c => out.push(c),
        }
    }
    out
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

/// Returns JSON in which what would control a terminal, reorder a line or be invisible is escaped. `serde_json` escapes no more
/// than RFC 8259 demands (U+0000 to U+001F); such a character stands in strings alone, so the value stays the same.
pub(crate) fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    json.chars().for_each(|c| push_escaped(&mut out, c));
    out
}

/// Appends `c`, as `\uXXXX` where a terminal must not get it.
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
    fn json_keeps_its_order_and_numbers() {
        let text = r#"{"b":1.50,"a":[ ],"c":{"x":[1,2],"y":"{[,:\"\\"},"n":12345678901234567890}"#;
        let shown = indented(text);
        assert_eq!(
            shown,
            "{\n  \"b\": 1.50,\n  \"a\": [],\n  \"c\": {\n    \"x\": [\n      1,\n      2\n    ],\n    \"y\": \"{[,:\\\"\\\\\"\n  },\n  \"n\": 12345678901234567890\n}"
        );
    }

    #[test]
    fn u02_terminal_json_is_equal_without_hostile_characters() {
        let hostile =
            "\u{7f}\u{80}\u{9b}\u{9d}\u{ad}\u{61c}\u{200b}\u{200e}\u{202e}\u{2028}\u{2066}\u{feff}\u{e0041}\u{1b}";
        let value = serde_json::json!({ hostile: [hostile, "Zoë 李 ❤️"] });
        let shown = escaped(&value.to_string());
        assert!(shown.chars().all(|c| !is_hostile(c)), "{shown:?}");
        assert!(shown.contains("\\udb40\\udc41") && shown.contains("Zoë 李 ❤️"), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }

    #[test]
    fn u02_nothing_in_a_body_steers_the_terminal() {
        let shown = indented("{\"name\":\"a\u{202e}b\u{9b}31m李\"}");
        assert_eq!(shown, "{\n  \"name\": \"a\\u202eb\\u009b31m李\"\n}");
        assert_eq!(indented("<p>\u{1b}[31mx\nsecond"), "<p>␛[31mx\nsecond");
        let back: serde_json::Value = serde_json::from_str(&indented("{\"a\":\"x\u{202e}\u{200b}y\"}")).unwrap();
        assert_eq!(back["a"], "x\u{202e}\u{200b}y");
    }
}
