//! Text from outside, made safe to show; text to show, made to fit.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Is this a character that steers a terminal, reorders a line or takes no place of its own?
fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}')
}

/// Makes text from outside fit for a terminal: control characters become visible marks (`␛`),
/// bidi overrides, zero-width and tag characters go, at most two combining marks stay on one
/// character, and the whole is cut to `max` characters.
#[must_use]
pub fn clean(text: &str, max: usize) -> String {
    let mut out = String::new();
    let mut count = 0;
    let mut marks = 0;
    for c in text.chars() {
        let shown = match c {
            '\n' | '\r' | '\t' => ' ',
            '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + c as u32).unwrap_or('�'),
            '\u{7f}' => '␡',
            c if c.is_control() => '�',
            c if is_hostile(c) => continue,
            c => c,
        };
        if shown.width() == Some(0) {
            marks += 1;
            if marks > 2 || count == 0 {
                continue;
            }
        } else {
            marks = 0;
            if count == max {
                out.push('…');
                break;
            }
            count += 1;
        }
        out.push(shown);
    }
    out.trim().to_owned()
}

/// A pasted text as it was meant: one line of at most `max` characters, without stray spaces,
/// quotes, zero-width characters or a leading `NAME=`. The second value says that there was more
/// than one line.
#[must_use]
pub fn pasted(text: &str, prefixes: &[&str], max: usize) -> (String, bool) {
    let kept: String = text.chars().take(max * 2).filter(|c| matches!(c, '\r' | '\n') || !is_hostile(*c)).collect();
    let mut lines = kept.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty());
    let mut line = lines.next().unwrap_or_default();
    let several = lines.next().is_some();
    for prefix in prefixes {
        let name = prefix.trim_end_matches('=');
        if line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
            && let Some(value) = line.get(name.len()..).and_then(|rest| rest.trim_start().strip_prefix('='))
        {
            line = value.trim_start();
        }
    }
    let line: String = line.chars().take(max).collect();
    (line.trim().trim_matches(['"', '\'', '`']).trim().to_owned(), several)
}

/// Cuts to at most `width` terminal columns, with `…` at the end where something is missing.
#[must_use]
pub fn fit(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let w = c.width().unwrap_or(0);
        if used + w + 1 > width {
            break;
        }
        used += w;
        out.push(c);
    }
    if width > 0 {
        out.push('…');
    }
    out
}

/// For finding: lower case, without the marks on letters (`Zoë` is `zoe`).
#[must_use]
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfd().filter(|c| !is_combining_mark(*c)).collect::<String>().to_lowercase()
}

/// Breaks into lines of at most `width` columns, at spaces; a longer word is cut anywhere. Never at
/// a hyphen: tokens, flags and addresses have them.
#[must_use]
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let options = textwrap::Options::new(width.max(10))
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(text, options).into_iter().map(std::borrow::Cow::into_owned).collect()
}

/// Escapes for HTML text and double-quoted attributes.
#[must_use]
pub fn html_escape(text: &str) -> String {
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

/// Undoes the HTML entities that LinkedIn leaves in `error_description`
/// (`Scope &quot;r_liteprofile&quot; is not authorized`), escaped once or twice.
#[must_use]
pub fn decode_entities(text: &str) -> String {
    text.replace("&amp;", "&")
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
}

/// A place in a text for people, from a byte offset: `line 2, column 9`.
#[must_use]
pub fn place(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or_default();
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    format!("line {}, column {column}", before.matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u01_u03_controls_become_marks_and_reordering_goes() {
        assert_eq!(clean("a\u{1b}[31mb\u{7}", 50), "a␛[31mb␇");
        assert_eq!(clean("x\u{202e}y\u{200b}z\u{9b}1m", 50), "xyz�1m");
        assert_eq!(clean(&format!("e{}", "\u{301}".repeat(500)), 50).chars().count(), 3);
        assert_eq!(clean(&"x".repeat(300), 200).chars().count(), 201);
    }

    #[test]
    fn u04_fit_never_exceeds_the_width() {
        for width in 0..12 {
            assert!(fit("李小龙 Zoë Ångström", width).width() <= width);
        }
    }

    #[test]
    fn lines_are_full_where_a_word_is_longer_than_one() {
        assert_eq!(wrapped("AQ-34567890-12345", 10), ["AQ-3456789", "0-12345"]);
        assert_eq!(wrapped("use --on-other-member here", 18), ["use", "--on-other-member", "here"]);
    }

    #[test]
    fn entities_of_linkedin_are_undone() {
        for escaped in ["Scope &quot;a&quot; &amp; b", "Scope &amp;quot;a&amp;quot; & b", "Scope &#34;a&#34; & b"] {
            assert_eq!(decode_entities(escaped), "Scope \"a\" & b");
        }
    }
}
