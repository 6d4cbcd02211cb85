//! The callback URL as it is pasted, in every form that copying produces: without its scheme, broken over lines, in
//! quotes or angle brackets, as HTML, Markdown or JSON, or its query alone.

use crate::text::is_hostile;

/// Longest text that is parsed; a callback URL of LinkedIn's has about 500 characters.
const MAX_CHARS: usize = 16 * 1024;

/// The parameters that a callback's query may begin with.
const PARAMETERS: [&str; 5] = ["code=", "state=", "error=", "error_description=", "iss="];

/// What a redirect URL can begin with, with or without its scheme.
const URL_PREFIXES: [&str; 5] = ["https://", "http://", "localhost", "127.0.0.1", "[::1]"];

/// A candidate for the callback URL in a pasted text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PastedUrl {
    /// Host and port, without a scheme; empty if only a path or a query was pasted.
    pub(super) authority: String,
    /// Empty if only a query was pasted.
    pub(super) path: String,
    pub(super) query: String,
}

/// Returns the candidates in `text`, the likeliest first: all of it as one URL that was broken over lines, then its
/// words.
pub(super) fn find_urls(text: &str) -> Vec<PastedUrl> {
    let text = text.replace("\u{1b}[200~", "").replace("\u{1b}[201~", "").replace(['\r', '\t'], "\n");
    let text: String = text.chars().take(MAX_CHARS).filter(|c| *c == '\n' || !is_hostile(*c)).collect();
    // The quote marks of an email, the frame of a box, the line continuation of a shell.
    let lines: Vec<&str> = text.lines().map(|line| line.trim_matches([' ', '>', '|', '│', '\\'])).collect();
    let joined = lines.concat();
    let one_url: String = joined.split_whitespace().collect();
    let words = joined.split_whitespace().chain(lines.iter().flat_map(|line| line.split_whitespace()));
    let mut urls: Vec<PastedUrl> = Vec::new();
    for candidate in std::iter::once(one_url.as_str()).chain(words) {
        urls.extend(parse(&unescape(candidate)).filter(|url| !urls.contains(url)));
    }
    urls
}

/// Undoes the escapes of HTML, JSON and shells.
fn unescape(text: &str) -> String {
    let mut text = text.to_owned();
    while text.contains("&amp;") {
        text = text.replace("&amp;", "&");
    }
    for (escaped, plain) in [("&#38;", "&"), ("&#x26;", "&"), ("\\u0026", "&"), ("\\u003d", "="), ("\\", "")] {
        text = text.replace(escaped, plain);
    }
    text
}

/// Parses the URL in a text without spaces.
fn parse(text: &str) -> Option<PastedUrl> {
    let query_start = PARAMETERS.iter().filter_map(|name| find_parameter(text, name)).min()?;
    let (before, query) = text.split_at(query_start);
    // Browsers percent-encode these in a query ("URL Standard", special-query percent-encode set): here they end it.
    let query = query.split(['"', '\'', '<', '>', '#']).next().unwrap_or_default();
    let query = query.split("](").next().unwrap_or_default();
    let query = query.trim_end_matches([')', ']', '}', '`', '.', ',', ';', '”', '’', '»', '*']);
    // The text before the first known parameter.
    let (location, others) = before.rsplit_once('?').unwrap_or(("", before));
    let query = if before.contains('?') { format!("{others}{query}") } else { query.to_owned() };
    let start =
        URL_PREFIXES.iter().filter_map(|prefix| location.to_ascii_lowercase().rfind(prefix)).max().unwrap_or_default();
    let location = &location[start..];
    let location = location.split_once("://").map_or(location, |(_, after_scheme)| after_scheme);
    let location = location.trim_start_matches(['"', '\'', '<', '(', '`', '“', '‘', '«']);
    let (authority, path) = location.find('/').map_or((location, ""), |slash| location.split_at(slash));
    Some(PastedUrl { authority: authority.to_owned(), path: path.to_owned(), query })
}

/// Returns the position of a parameter in `text`: after `?` or `&`, or at the start of a word.
fn find_parameter(text: &str, name: &str) -> Option<usize> {
    let is_at_start =
        |at: usize| !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '%'));
    text.match_indices(name).map(|(at, _)| at).find(|at| is_at_start(*at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const QUERY: &str = "code=AQ-b_c1&state=xYz-_9";

    fn is_found(pasted: &str, authority: &str, path: &str) -> bool {
        let expected = PastedUrl { authority: authority.to_owned(), path: path.to_owned(), query: QUERY.to_owned() };
        find_urls(pasted).contains(&expected)
    }

    #[test]
    fn l33_a_url_is_found_in_every_pasted_form() {
        let url = format!("http://localhost:3000/callback?{QUERY}");
        let without_scheme = url.trim_start_matches("http://");
        let forms = [
            url.clone(),
            without_scheme.to_owned(),
            format!("  {url} \r\n"),
            url.replace("http", "https"),
            url.replace("http", "HTTP"),
            url.replace('&', "&amp;"),
            url.replace('&', "&amp;amp;"),
            url.replace('&', "&#38;"),
            url.replace('/', "\\/").replace('&', "\\u0026"),
            url.replace('?', "\\?").replace('=', "\\=").replace('&', "\\&"),
            format!("\u{feff}{url}\u{200b}"),
            url.replace("code", "co\u{ad}d\u{200b}e"),
            format!("<{url}>"),
            format!("\"{url}\""),
            format!("'{without_scheme}'"),
            format!("`{url}`"),
            format!("“{url}”"),
            format!("({without_scheme})"),
            format!("{url}."),
            format!("{url}#_=_"),
            format!("[callback]({url})"),
            format!("[{url}]({url})"),
            format!("**{url}**"),
            format!("<a href=\"{}\">{without_scheme}</a>", url.replace('&', "&amp;")),
            format!("It ended on {url} then nothing"),
            format!("It ended on\n{url}\nthen nothing"),
            format!("view-source:{url}"),
            format!("Location: {url}"),
            format!("\u{1b}[200~{url}\u{1b}[201~"),
            format!("> {}\n> {}", &url[..40], &url[40..]),
            format!("│ {} │\n│ {} │", &url[..40], &url[40..]),
        ];
        for form in forms {
            assert!(is_found(&form, "localhost:3000", "/callback"), "{form:?}: {:?}", find_urls(&form));
        }
        for (form, authority, path) in [
            (format!("127.0.0.1:3000/callback?{QUERY}"), "127.0.0.1:3000", "/callback"),
            (format!("http://[::1]:3000/a/b?{QUERY}"), "[::1]:3000", "/a/b"),
            (format!("/callback?{QUERY}"), "", "/callback"),
            (format!("GET /callback?{QUERY} HTTP/1.1"), "", "/callback"),
            (format!("?{QUERY}"), "", ""),
            (QUERY.to_owned(), "", ""),
        ] {
            assert!(is_found(&form, authority, path), "{form:?}: {:?}", find_urls(&form));
        }
    }

    #[test]
    fn l33_a_url_may_be_broken_over_lines() {
        let url = format!("http://localhost:3000/callback?{QUERY}");
        for at in 1..url.len() {
            for line_end in ["\n", "\r\n", "\r", " \n  ", "\\\n", "\n\n"] {
                let broken = format!("{}{line_end}{}", &url[..at], &url[at..]);
                assert!(is_found(&broken, "localhost:3000", "/callback"), "{broken:?}: {:?}", find_urls(&broken));
            }
        }
    }

    #[test]
    fn l33_other_parameters_and_a_description_stay_whole() {
        let query = "x=1&error=denied&error_description=It+(really)+ended.+Try%27s&state=s";
        let urls = find_urls(&format!("http://localhost:3000/callback?{query}"));
        assert_eq!(urls[0].query, query);
    }

    #[test]
    fn l33_text_without_a_parameter_has_no_url() {
        for text in ["", "AQonlythecode", "http://localhost:3000/callback", "http://", "postcode=1", "?"] {
            assert_eq!(find_urls(text), [], "{text}");
        }
    }

    proptest! {
        #[test]
        fn l33_no_pasted_text_panics(text in "(\\PC|[?&=/:#<>\\[\\]()\\\\\n ]|code=|state=|http://|&amp;|localhost){0,40}") {
            drop(find_urls(&text));
        }
    }
}
