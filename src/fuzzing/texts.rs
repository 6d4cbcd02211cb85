//! Texts for a terminal, copied credentials, and the text of a post.

use unicode_width::UnicodeWidthStr as _;

use super::check_displayed_error;
use crate::flows::token_file::TokenFile;
use crate::linkedin::{client_id_problem, little_text, parse_client_id};
use crate::text::{
    CopiedValue, clean_copied_value, clean_pasted, columns, escape_controls, escape_html, fit, is_hostile, sanitize,
    skip_columns, wrap, wrap_after,
};

/// Narrowest line that text is wrapped to.
const MIN_WRAP_COLUMNS: usize = 8;

/// Checks that any text is safe for a terminal, and fits its width.
///
/// Input: a byte for the width, then the text.
pub fn terminal_text(input: &[u8]) {
    let Some((width, text)) = input.split_first() else { return };
    let (width, text) = (usize::from(width % 64), String::from_utf8_lossy(text));
    check_fit(&text, width);
    check_wrapped(&text, width);
    let remaining = skip_columns(&text, width);
    assert!(text.ends_with(remaining));
    assert!(remaining.is_empty() || columns(&text) - columns(remaining) >= width);

    let cleaned = sanitize(&text, width);
    assert!(!cleaned.contains(is_hostile), "{cleaned:?}");
    assert_eq!(cleaned.trim(), cleaned);
    assert_eq!(sanitize(&cleaned, width + 1), cleaned, "clean text is changed again");

    let shown = escape_controls(&text);
    assert_eq!(shown.chars().count(), text.chars().count());
    for (shown, typed) in shown.chars().zip(text.chars()) {
        let is_reordering = matches!(typed, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert!(shown == typed || typed.is_control() || is_reordering, "{typed:?}");
        assert!(!shown.is_control(), "{shown:?}");
    }
    assert!(!escape_html(&text).contains(['<', '>', '"', '\'']));
}

fn check_fit(text: &str, width: usize) {
    let fitted = fit(text, width);
    assert!(fitted.width() <= width, "as characters: {fitted:?}");
    assert!(columns(&fitted) <= width, "as it is drawn: {fitted:?}");
    assert!(fitted == text || fitted.ends_with('…') || width == 0);
    assert!(text.starts_with(fitted.trim_end_matches('…')));
}

fn check_wrapped(text: &str, width: usize) {
    let letters = |text: &str| text.replace([' ', '\n'], "");
    for lines in [wrap(text, width), wrap_after(text, width, &[' ', '/', '?', '&'])] {
        for line in &lines {
            let max_columns = width.max(MIN_WRAP_COLUMNS);
            assert!(columns(line) <= max_columns && line.width() <= max_columns, "{line:?}");
        }
        assert_eq!(letters(&lines.concat()), letters(text), "more than spaces is lost");
    }
}

/// Checks that a cleaned credential is one line of printable text, which cleaning does not change.
///
/// Input: a byte for the kind, then the copied text.
pub fn credential(input: &[u8]) {
    let Some((kind, text)) = input.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    let kind = [CopiedValue::ClientId, CopiedValue::ClientSecret, CopiedValue::Token, CopiedValue::RedirectUrl]
        [usize::from(kind % 4)];
    let (value, _) = clean_copied_value(kind, &text);
    assert!(!value.contains(|c| is_hostile(c) || c == '\n'), "{value:?}");
    assert_eq!(value.trim(), value);
    assert_eq!(clean_copied_value(kind, &value), (value.clone(), false), "a clean credential is changed again");
    let (line, _) = clean_pasted(&text, 100);
    assert!(line.chars().count() <= 100 && !line.contains(is_hostile), "{line:?}");

    match parse_client_id(&text) {
        Ok(id) => assert_eq!(client_id_problem(&id), None),
        Err(error) => check_displayed_error(&error),
    }
    if let Err(error) = TokenFile::parse(&text, None) {
        check_displayed_error(&error);
    }
}

/// Checks that a post's text is published unchanged.
///
/// Input: a byte for whether mentions are read, then the text.
pub fn little_text(input: &[u8]) {
    let Some((first, text)) = input.split_first() else { return };
    let (has_mentions, text) = (first % 2 == 1, String::from_utf8_lossy(text));
    let escaped = little_text::escape(&text, has_mentions);
    assert_eq!(
        little_text::published_text(&escaped, has_mentions),
        Some(little_text::to_plain_text(&text, has_mentions)),
        "{escaped:?}"
    );
    let unchanged = little_text::replace_mentions(&text, |_| Ok::<_, ()>(None));
    assert_eq!(unchanged.as_deref(), Ok(&*text));
    assert!(little_text::utf16_len(&escaped) >= little_text::utf16_len(&text));
    if !has_mentions {
        assert_eq!(little_text::to_plain_text(&text, false), text);
    }
}
