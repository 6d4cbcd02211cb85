//! A body for a person at a terminal: JSON indented, everything else line by line; nothing in it
//! steers the terminal.

use std::fmt::Write as _;

use crate::text::clean;

/// Longest line that is not JSON.
const LINE: usize = 4000;

/// The text with line breaks and indents where it is JSON. Only spaces change: numbers and the order
/// of keys stay as they were sent.
pub(super) fn indented(text: &str) -> String {
    if serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        return text.lines().map(|line| clean(line, LINE)).collect::<Vec<_>>().join("\n");
    }
    let mut out = String::with_capacity(text.len() * 2);
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        if quoted {
            harmless(&mut out, c);
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

/// A character that hides or reorders others stands there by its number, as JSON may write it.
fn harmless(out: &mut String, c: char) {
    if !c.is_control() && clean(&format!("x{c}x"), 3).chars().count() == 3 {
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
    fn u02_nothing_in_a_body_steers_the_terminal() {
        let shown = indented("{\"name\":\"a\u{202e}b\u{9b}31m李\"}");
        assert_eq!(shown, "{\n  \"name\": \"a\\u202eb\\u009b31m李\"\n}");
        assert_eq!(indented("<p>\u{1b}[31mx\nsecond"), "<p>␛[31mx\nsecond");
        let back: serde_json::Value = serde_json::from_str(&indented("{\"a\":\"x\u{202e}\u{200b}y\"}")).unwrap();
        assert_eq!(back["a"], "x\u{202e}\u{200b}y");
    }
}
