//! Text from outside, made safe to show; text to show, made to fit.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};
use zeroize::{Zeroize as _, Zeroizing};

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

/// A value that people copy from a page, a file or a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The app's client ID.
    ClientId,
    /// The app's client secret.
    ClientSecret,
    /// An access token or a refresh token.
    Token,
    /// The app's redirect URL.
    RedirectUrl,
}

impl Credential {
    /// The names that come along with a copied value.
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::ClientId => &["LINKEDIN_CLIENT_ID", "client_id", "clientId", "Client ID"],
            Self::ClientSecret => {
                &["LINKEDIN_CLIENT_SECRET", "client_secret", "clientSecret", "Primary Client Secret", "Client Secret"]
            }
            Self::Token => &[
                "LINKEDIN_ACCESS_TOKEN",
                "access_token",
                "accessToken",
                "linkedInAccessToken",
                "refresh_token",
                "Authorization",
            ],
            Self::RedirectUrl => &["LINKEDIN_REDIRECT_URI", "redirect_uri", "redirect_url", "redirectUri"],
        }
    }
}

/// Longest credential, in characters; LinkedIn's tokens have some hundreds.
const MAX_CREDENTIAL_CHARS: usize = 16 * 1024;

/// The credential in a text, however it was copied: the first line, without invisible characters,
/// blanks, quotes, `export`, a leading `NAME=` or `"name":`, or a token's `Bearer`. The second value
/// says that there was more than one line.
#[must_use]
pub fn clean_credential(kind: Credential, text: &str) -> (String, bool) {
    let (mut line, several) = first_line(text, MAX_CREDENTIAL_CHARS);
    let mut value = line.as_str();
    // Each layer may be within another: "NAME='Bearer T'",
    loop {
        let mut inner = unquoted(value.trim_end_matches([',', ';']));
        inner = strip_word(inner, "export").unwrap_or(inner);
        if kind == Credential::Token {
            inner = strip_word(inner, "Bearer").unwrap_or(inner);
        }
        inner = kind.names().iter().find_map(|name| strip_name(inner, name)).unwrap_or(inner);
        if inner.len() == value.len() {
            break;
        }
        value = inner;
    }
    let value = value.to_owned();
    line.zeroize();
    (value, several)
}

/// A pasted text as it was meant: one line of at most `max` characters, without stray spaces,
/// quotes or invisible characters. The second value says that there was more than one line.
#[must_use]
pub fn pasted(text: &str, max: usize) -> (String, bool) {
    let (line, several) = first_line(text, max);
    (unquoted(&line).to_owned(), several)
}

/// The first line with something on it, without invisible characters.
fn first_line(text: &str, max: usize) -> (String, bool) {
    let visible =
        |c: char| if c == '\t' { Some(' ') } else { Some(c).filter(|c| matches!(c, '\r' | '\n') || !is_hostile(*c)) };
    let kept: Zeroizing<String> =
        Zeroizing::new(text.chars().take(max.saturating_mul(2)).filter_map(visible).collect());
    let mut lines = kept.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty());
    let line = lines.next().unwrap_or_default().chars().take(max).collect();
    (line, lines.next().is_some())
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['"', '\'', '`']).trim()
}

/// What follows a word, if only blanks come between.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let rest = strip_start(text, word)?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| rest.trim_start())
}

/// What follows a name, which may be in quotes, and `=` or `:`.
fn strip_name<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let rest = strip_start(text, name)?.trim_start_matches(['"', '\'', '`']).trim_start();
    rest.strip_prefix(['=', ':']).map(str::trim_start)
}

fn strip_start<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(start.len())?;
    head.eq_ignore_ascii_case(start).then_some(rest)
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
    fn copied_credentials_are_freed_of_what_came_along() {
        const WRAPPINGS: &[&str] = &[
            "V",
            " V \r\n",
            "\"V\"",
            "'\"V\"'",
            "`V`",
            "\u{feff}V\u{200b}",
            "V\nnext line",
            "\tV",
            "NAME=V",
            "name = \"V\"",
            "export NAME='V'",
            "export\tNAME=V",
            "\"NAME=V\"",
            "name: V",
            "\"name\": \"V\",",
            "NAME=V;",
            "\n\nV",
        ];
        for (kind, name, value) in [
            (Credential::ClientId, "LINKEDIN_CLIENT_ID", "86abcdefghijkl"),
            (Credential::ClientId, "client_id", "86abcdefghijkl"),
            (Credential::ClientSecret, "LINKEDIN_CLIENT_SECRET", "WPL_AP1.a+/=="),
            (Credential::ClientSecret, "Primary Client Secret", "WPL_AP1.a+/=="),
            (Credential::Token, "LINKEDIN_ACCESS_TOKEN", "AQX-_0"),
            (Credential::Token, "access_token", "AQX-_0"),
            (Credential::RedirectUrl, "LINKEDIN_REDIRECT_URI", "http://localhost:3000/callback"),
        ] {
            for wrapping in WRAPPINGS {
                let text = wrapping.replace("NAME", name).replace("name", &name.to_lowercase()).replace('V', value);
                assert_eq!(clean_credential(kind, &text).0, value, "{text:?}");
            }
        }
        for text in [
            "Bearer T0",
            "bearer  T0",
            "\"Bearer T0\"",
            "Authorization: Bearer T0",
            "LINKEDIN_ACCESS_TOKEN='Bearer T0'",
        ] {
            assert_eq!(clean_credential(Credential::Token, text).0, "T0", "{text}");
        }
        assert_eq!(
            clean_credential(Credential::ClientSecret, "client_secrets = a").0,
            "client_secrets = a",
            "another name"
        );
        assert_eq!(clean_credential(Credential::Token, "one\ntwo"), ("one".to_owned(), true));
        assert_eq!(clean_credential(Credential::Token, "BearerT").0, "BearerT");
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
