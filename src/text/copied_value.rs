//! Cleans values that were copied from a page, a file or a message.

use super::is_hostile;
use zeroize::{Zeroize as _, Zeroizing};

/// A value that users copy from a page, a file or a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CopiedValue {
    ClientId,
    ClientSecret,
    /// An access token or a refresh token.
    Token,
    RedirectUrl,
}

impl CopiedValue {
    /// Returns the names that are copied along with a value.
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

/// LinkedIn's tokens have a few hundred characters.
const MAX_VALUE_CHARS: usize = 16 * 1024;

/// Returns the value in a copied text: the first line, without invisible characters, blanks, quotes, `export`, a leading
/// `NAME=` or `"name":`, or a token's `Bearer`. The second value is whether there are more lines.
pub(crate) fn clean_copied_value(kind: CopiedValue, text: &str) -> (String, bool) {
    let (mut line, has_more_lines) = first_line(text, MAX_VALUE_CHARS);
    let mut value = line.as_str();
    // Each wrapping may be within another: "NAME='Bearer T'",
    loop {
        let mut inner = strip_quotes(value.trim_end_matches([',', ';']));
        inner = strip_word(inner, "export").unwrap_or(inner);
        if kind == CopiedValue::Token {
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
    (value, has_more_lines)
}

/// Returns the first line of a pasted text, of at most `max_chars` characters, without spaces and quotes around it and without invisible
/// characters. The second value is whether there are more lines.
pub(crate) fn clean_pasted(text: &str, max_chars: usize) -> (String, bool) {
    let (line, has_more_lines) = first_line(text, max_chars);
    (strip_quotes(&line).to_owned(), has_more_lines)
}

/// Returns the first line that is not blank, without invisible characters.
fn first_line(text: &str, max_chars: usize) -> (String, bool) {
    let to_visible =
        |c: char| if c == '\t' { Some(' ') } else { Some(c).filter(|c| matches!(c, '\r' | '\n') || !is_hostile(*c)) };
    let visible: Zeroizing<String> =
        Zeroizing::new(text.chars().take(max_chars.saturating_mul(2)).filter_map(to_visible).collect());
    let mut lines = visible.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty());
    let line = lines.next().unwrap_or_default().chars().take(max_chars).collect();
    (line, lines.next().is_some())
}

fn strip_quotes(text: &str) -> &str {
    text.trim().trim_matches(['"', '\'', '`']).trim()
}

/// Returns what follows a word and blanks.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let rest = strip_start(text, word)?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| rest.trim_start())
}

/// Returns what follows a name, which may be quoted, and `=` or `:`.
fn strip_name<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let rest = strip_start(text, name)?.trim_start_matches(['"', '\'', '`']).trim_start();
    rest.strip_prefix(['=', ':']).map(str::trim_start)
}

fn strip_start<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(start.len())?;
    head.eq_ignore_ascii_case(start).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_surrounds_a_copied_value_is_removed() {
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
            (CopiedValue::ClientId, "LINKEDIN_CLIENT_ID", "86abcdefghijkl"),
            (CopiedValue::ClientId, "client_id", "86abcdefghijkl"),
            (CopiedValue::ClientSecret, "LINKEDIN_CLIENT_SECRET", "WPL_AP1.a+/=="),
            (CopiedValue::ClientSecret, "Primary Client Secret", "WPL_AP1.a+/=="),
            (CopiedValue::Token, "LINKEDIN_ACCESS_TOKEN", "AQX-_0"),
            (CopiedValue::Token, "access_token", "AQX-_0"),
            (CopiedValue::RedirectUrl, "LINKEDIN_REDIRECT_URI", "http://localhost:3000/callback"),
        ] {
            for wrapping in WRAPPINGS {
                let text = wrapping.replace("NAME", name).replace("name", &name.to_lowercase()).replace('V', value);
                assert_eq!(clean_copied_value(kind, &text).0, value, "{text:?}");
            }
        }
        for text in [
            "Bearer T0",
            "bearer  T0",
            "\"Bearer T0\"",
            "Authorization: Bearer T0",
            "LINKEDIN_ACCESS_TOKEN='Bearer T0'",
        ] {
            assert_eq!(clean_copied_value(CopiedValue::Token, text).0, "T0", "{text}");
        }
        let other_name = "client_secrets = a";
        assert_eq!(clean_copied_value(CopiedValue::ClientSecret, other_name).0, other_name);
        assert_eq!(clean_copied_value(CopiedValue::Token, "one\ntwo"), ("one".to_owned(), true));
        assert_eq!(clean_copied_value(CopiedValue::Token, "BearerT").0, "BearerT");
    }
}
