//! Cleaning text from outside for the terminal, and fitting text to a width.

mod copied_value;

pub(crate) use copied_value::{CopiedValue, clean_copied_value, clean_pasted};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Returns whether `c` is hostile in untrusted text: it controls a terminal, reorders a line, or is invisible.
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}')
}

/// Makes untrusted text safe for a terminal: control characters become visible symbols (`␛`), bidi overrides, zero-width and tag
/// characters are removed, a character has at most two combining marks, and the text has at most `max_chars` characters, which do
/// not include combining marks; a text that was cut ends with `…`.
pub(crate) fn sanitize(text: &str, max_chars: usize) -> String {
    let mut out = String::new();
    let mut count = 0;
    let mut marks = 0;
    for c in text.chars() {
        let shown = match control_symbol(c) {
            Some(symbol) => symbol,
            None if is_hostile(c) => continue,
            None => c,
        };
        // A combining mark needs a character that is not trimmed.
        if out.is_empty() && shown.is_whitespace() {
            continue;
        }
        if shown.width() == Some(0) {
            marks += 1;
            if marks > 2 || count == 0 {
                continue;
            }
        } else {
            marks = 0;
            if count == max_chars {
                out.push('…');
                break;
            }
            count += 1;
        }
        out.push(shown);
    }
    out.trim().to_owned()
}

/// Returns the visible symbol of a control character.
fn control_symbol(c: char) -> Option<char> {
    match c {
        '\n' | '\r' | '\t' => Some(' '),
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + c as u32),
        '\u{7f}' => Some('␡'),
        c => c.is_control().then_some('�'),
    }
}

/// Makes one line of the user's own text safe for a terminal. Unlike [`sanitize`] it removes nothing: joiners, combining marks, spaces
/// and emoji tags stay, and only control characters and those that reorder the line become visible symbols.
pub fn escape_controls(line: &str) -> String {
    let is_reordering = |c| matches!(c, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    line.chars().map(|c| control_symbol(c).unwrap_or(if is_reordering(c) { '�' } else { c })).collect()
}

/// Truncates a text to at most `max_columns` terminal columns, with `…` at the end if something is missing.
pub(crate) fn fit(text: &str, max_columns: usize) -> String {
    if columns(text) <= max_columns {
        return text.to_owned();
    }
    let Some(room) = max_columns.checked_sub(1) else { return String::new() };
    format!("{}…", prefix(text, room))
}

/// Returns a phrase as a sentence: with a capital letter and a full stop.
pub(crate) fn to_sentence(phrase: &str) -> String {
    format!("{}{}", capitalized(phrase), if phrase.ends_with('.') { "" } else { "." })
}

/// Returns a phrase as a label: with a capital letter.
pub(crate) fn capitalized(phrase: &str) -> String {
    let mut letters = phrase.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// Shortens a path in its middle to at most `width` columns: the end, which distinguishes it, stays whole where it can.
pub(crate) fn shorten_path(path: &str, width: usize, ellipsis: &str) -> String {
    if columns(path) <= width {
        return path.to_owned();
    }
    let starts = path.char_indices().filter(|(_, c)| matches!(c, '/' | '\\')).map(|(at, _)| &path[at..]);
    let short = starts.map(|end| format!("{ellipsis}{end}")).find(|short| columns(short) <= width);
    short.unwrap_or_else(|| fit(path.rsplit(['/', '\\']).next().unwrap_or(path), width))
}

/// Returns the width of `text` in terminal columns. It is the sum over the graphemes, which terminals and ratatui draw, and not over
/// the characters: U+FE0F has no width, but makes the previous character wide.
pub(crate) fn columns(text: &str) -> usize {
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// Returns `text` without the graphemes of its first `skipped` columns.
pub(crate) fn skip_columns(text: &str, skipped: usize) -> &str {
    let mut used = 0;
    let begin = text.grapheme_indices(true).find(|(_, grapheme)| {
        let is_first = used >= skipped;
        used += grapheme.width();
        is_first
    });
    begin.map_or("", |(at, _)| &text[at..])
}

/// Returns the graphemes of `text` that fit in `width` columns.
fn prefix(text: &str, width: usize) -> &str {
    let mut used = 0;
    let end = text.grapheme_indices(true).find(|(_, grapheme)| {
        used += grapheme.width();
        used > width
    });
    end.map_or(text, |(at, _)| &text[..at])
}

/// Normalizes a text for searching: lower case, without combining marks (`Zoë` becomes `zoe`).
pub(crate) fn fold_for_search(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfd().filter(|c| !is_combining_mark(*c)).collect::<String>().to_lowercase()
}

/// Wraps a text at spaces to lines of at most `width` columns, or of [`MIN_WRAP_COLUMNS`] where that is more. A longer word is cut
/// anywhere, but none is wrapped at a hyphen, which tokens, flags and URLs contain.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    wrap_after(text, width, &[' '])
}

/// Wraps a text as [`wrap`] does, but after any of `separators`.
pub(crate) fn wrap_after(text: &str, width: usize, separators: &[char]) -> Vec<String> {
    text.split('\n').flat_map(|line| wrap_line(line, width.max(MIN_WRAP_COLUMNS), separators)).collect()
}

const MIN_WRAP_COLUMNS: usize = 8;

fn wrap_line(text: &str, width: usize, separators: &[char]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_inclusive(separators) {
        // Spaces at the end of a line are removed.
        if columns(&line) + columns(word.trim_end_matches(' ')) > width && !line.trim_end_matches(' ').is_empty() {
            lines.push(line.trim_end_matches(' ').to_owned());
            line.clear();
        }
        line.push_str(word);
        while columns(line.trim_end_matches(' ')) > width {
            let cut = prefix(&line, width).len();
            // A single grapheme that is wider than the line is cut between its characters.
            let cut = if cut == 0 { fitting_bytes(&line, width) } else { cut };
            let rest = line.split_off(cut);
            lines.push(std::mem::replace(&mut line, rest));
        }
    }
    lines.push(line.trim_end_matches(' ').to_owned());
    lines
}

/// Returns the length in bytes of the characters at the start of `text` that fit in `width` columns, at least one.
fn fitting_bytes(text: &str, width: usize) -> usize {
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    let fitting = ends.clone().take_while(|end| text[..*end].width() <= width).last();
    fitting.or_else(|| ends.clone().next()).unwrap_or(text.len())
}

/// Escapes a text for HTML text and double-quoted attributes.
pub(crate) fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Decodes the HTML entities, escaped once or twice, in LinkedIn's `error_description`
/// (`Scope &quot;r_liteprofile&quot; is not authorized`).
pub(crate) fn decode_entities(text: &str) -> String {
    text.replace("&amp;", "&")
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
}

/// Returns the bytes with each `%XX` replaced; a percent sign before anything else stands for itself.
pub(crate) fn percent_decode(text: &str) -> Vec<u8> {
    let hex = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let (mut out, mut rest) = (Vec::new(), text.as_bytes());
    while let [byte, after @ ..] = rest {
        let escaped = match after {
            [high, low, ..] if *byte == b'%' => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match escaped {
            Some((high, low)) => out.push(high << 4 | low),
            None => out.push(*byte),
        }
        rest = &after[if escaped.is_some() { 2 } else { 0 }..];
    }
    out
}

/// Formats the position of a byte offset in a text: `line 2, column 9`.
pub(crate) fn format_position(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or_default();
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    format!("line {}, column {column}", before.matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn path_is_shortened_in_the_middle() {
        let path = "/home/ada/.config/linkedin-tui/profiles/work.toml";
        for (width, expected) in [
            (60, path),
            (41, "…/.config/linkedin-tui/profiles/work.toml"),
            (40, "…/linkedin-tui/profiles/work.toml"),
            (20, "…/profiles/work.toml"),
            (11, "…/work.toml"),
            (10, "work.toml"),
            (6, "work.…"),
        ] {
            assert_eq!(shorten_path(path, width, "…"), expected);
        }
        assert_eq!(shorten_path(r"C:\Users\ada\work.toml", 12, "…"), r"…\work.toml");
        assert_eq!(shorten_path(path, 22, "..."), ".../profiles/work.toml");
        assert_eq!(shorten_path(path, 21, "..."), ".../work.toml");
    }

    #[test]
    fn u01_u03_hostile_characters_are_replaced_or_removed() {
        assert_eq!(sanitize("a\u{1b}[31mb\u{7}", 50), "a␛[31mb␇");
        assert_eq!(sanitize("x\u{202e}y\u{200b}z\u{9b}1m", 50), "xyz�1m");
        assert_eq!(sanitize(&format!("e{}", "\u{301}".repeat(500)), 50).chars().count(), 3);
        assert_eq!(sanitize(&"x".repeat(300), 200).chars().count(), 201);
        assert_eq!(sanitize(" \u{301}\n\u{fe0f}a", 50), "a", "no mark without a character");
    }

    /// Generates any texts, many of which have a different width than the sum of their characters' widths.
    fn any_text() -> impl Strategy<Value = String> {
        let special = prop::sample::select(vec![
            "❤️",
            "☎️",
            "1️⃣",
            "👩‍💻",
            "🏴\u{e0067}\u{e0062}\u{e007f}",
            "🇩🇪",
            "🇩",
            "👍🏽",
            "\u{fe0f}",
            "\u{fe0e}",
            "\u{200d}",
            "é",
            "e\u{301}",
            "ᄀ",
            "각",
            "لا",
            "می\u{200c}خواهم",
            "हिन्दी",
            "李",
            "ａ",
            "\r\n",
            "\n",
            "\t",
            "\u{1b}",
            " ",
            "-",
            "…",
            "word",
        ]);
        let part = prop_oneof![special.prop_map(str::to_owned), any::<char>().prop_map(String::from)];
        prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn u04_fit_never_exceeds_the_width(text in any_text(), width in 0_usize..40) {
            let fitted = fit(&text, width);
            prop_assert!(fitted.width() <= width, "{fitted:?}");
            prop_assert!(columns(&fitted) <= width, "as it is drawn: {fitted:?}");
            prop_assert!(fitted == text || fitted.ends_with('…') || width == 0);
        }

        #[test]
        fn u04_shorten_path_never_exceeds_the_width(text in any_text(), width in 0_usize..40) {
            let fitted = shorten_path(&text, width, "…");
            prop_assert!(columns(&fitted) <= width, "{fitted:?}");
            prop_assert!(text.ends_with(&fitted) || fitted.contains('…') || width == 0);
        }

        #[test]
        fn u04_wrapped_lines_never_exceed_the_width(text in any_text(), width in MIN_WRAP_COLUMNS..40) {
            let lines = wrap(&text, width);
            for line in &lines {
                prop_assert!(columns(line) <= width && line.width() <= width, "{line:?}");
            }
            let strip_blanks = |text: &str| text.replace([' ', '\n'], "");
            prop_assert_eq!(strip_blanks(&lines.concat()), strip_blanks(&text), "nothing but spaces is lost");
        }

        #[test]
        fn skip_columns_returns_the_rest_of_the_text(text in any_text(), skipped in 0_usize..40) {
            let rest = skip_columns(&text, skipped);
            prop_assert!(text.ends_with(rest));
            prop_assert!(rest.is_empty() || columns(&text) - columns(rest) >= skipped);
        }

        #[test]
        fn escape_controls_keeps_all_but_controls(text in any_text()) {
            let shown = escape_controls(&text);
            prop_assert_eq!(shown.chars().count(), text.chars().count());
            prop_assert!(!shown.contains(char::is_control));
            for (shown, typed) in shown.chars().zip(text.chars()) {
                let is_reordering = matches!(typed, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
                prop_assert!(shown == typed || typed.is_control() || is_reordering, "{typed:?}");
            }
        }
    }

    #[test]
    fn u04_columns_are_those_of_graphemes() {
        for (text, width) in [("❤️❤️", 4), ("❤", 1), ("👩‍💻", 2), ("🇩🇪", 2), ("e\u{301}", 1), ("李", 2), ("لا", 2)]
        {
            assert_eq!(columns(text), width, "{text}");
        }
        assert_eq!(fit("❤️❤️❤️", 5), "❤️❤️…");
    }

    #[test]
    fn word_longer_than_a_line_fills_lines() {
        assert_eq!(wrap("AQ-34567890-12345", 10), ["AQ-3456789", "0-12345"]);
        assert_eq!(wrap("  two  spaces  stay ", 30), ["  two  spaces  stay"]);
        assert_eq!(wrap("", 10), [""]);
        assert_eq!(wrap("use --on-member-mismatch here", 22), ["use", "--on-member-mismatch", "here"]);
    }

    #[test]
    fn entities_of_linkedin_are_decoded() {
        for escaped in ["Scope &quot;a&quot; &amp; b", "Scope &amp;quot;a&amp;quot; & b", "Scope &#34;a&#34; & b"] {
            assert_eq!(decode_entities(escaped), "Scope \"a\" & b");
        }
    }
}
