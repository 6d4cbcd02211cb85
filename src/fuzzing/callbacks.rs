//! Callbacks and redirect URLs.

use url::Url;
use url::form_urlencoded::{Serializer, parse};

use super::check_displayed_error;
use crate::linkedin::{Flow, RedirectUrl};
use crate::oauth::callback::fuzzing::{SignIn, find_urls, parameters};
use crate::text::is_hostile;

/// The state parameter of the callbacks in the seeds.
const STATE: &str = "xYz-_9aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789a";

/// Longest authorization code that is accepted, in bytes.
const MAX_CODE_BYTES: usize = 4096;

/// The parameters of a callback that are read.
const PARAMETERS: [&str; 5] = ["state", "code", "error", "error_description", "iss"];

/// Returns the values of a parameter of the query, parsed as the URL standard defines.
fn find_values(query: &str, name: &str) -> Vec<String> {
    parse(query.as_bytes()).filter(|(parameter, _)| parameter == name).map(|(_, value)| value.into_owned()).collect()
}

/// Returns a new sign-in; never `None`.
fn new_sign_in() -> Option<SignIn> {
    let sign_in = RedirectUrl::parse(RedirectUrl::DEFAULT).and_then(|url| SignIn::new(&url, STATE));
    assert!(sign_in.is_ok(), "without a sign-in nothing is checked");
    sign_in.ok()
}

/// Checks that a query is read by the URL standard, and is accepted only with the state parameter that was sent.
pub fn callback_query(input: &[u8]) {
    let query = String::from_utf8_lossy(input);
    let parsed = parameters(&query);
    if let Ok(parsed) = &parsed {
        for name in PARAMETERS {
            assert!(find_values(&query, name).len() <= 1, "{name} occurs twice");
        }
        for (name, value) in parsed {
            assert_eq!(&find_values(&query, name), &[value.as_str()], "{name}");
        }
        let mut serialized = Serializer::new(String::new());
        for (name, value) in parsed {
            serialized.append_pair(name, value);
        }
        assert_eq!(parameters(&serialized.finish()).as_ref(), Ok(parsed), "the parameters change when parsed again");
    }

    let Some(mut sign_in) = new_sign_in() else { return };
    if !sign_in.receive(&query) {
        assert!(sign_in.take_result().is_none(), "a rejected callback has no result");
        return;
    }
    assert_eq!(find_values(&query, "state"), [STATE], "a different state was accepted");
    assert!(parsed.is_ok());
    check_result(&mut sign_in, &[query.clone().into_owned()]);
    assert!(sign_in.receive(&query), "a reload gets the same page");
    assert!(!sign_in.receive(&format!("{query}&x=1")), "the state is single-use");
    assert!(sign_in.take_result().is_none(), "a result is returned once");
}

/// Checks that the result is the code of one of the queries, if that has no error, or an error that can be shown.
fn check_result(sign_in: &mut SignIn, queries: &[String]) {
    let result = sign_in.take_result();
    assert!(result.is_some(), "an accepted callback has a result");
    match result {
        Some(Ok(code)) => {
            let has_code = |query: &String| match find_values(query, "code").as_slice() {
                [sent] => {
                    let is_graphic = sent.bytes().all(|byte| byte.is_ascii_graphic());
                    code.matches(sent) && is_graphic && find_values(query, "error").is_empty()
                }
                _ => false,
            };
            assert!(queries.iter().any(has_code), "the code is a different one, or an error takes precedence");
            assert!(!code.is_empty() && code.len() <= MAX_CODE_BYTES);
        }
        Some(Err(error)) => check_displayed_error(&error),
        None => {}
    }
}

/// Checks that a pasted callback URL passes the same checks as a callback, whatever text surrounds it.
pub fn pasted_callback(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    for [authority, path, query] in find_urls(&text) {
        assert!(!query.contains(|c: char| is_hostile(c) || c.is_whitespace()), "{query:?}");
        assert!(path.is_empty() || path.starts_with('/'), "{path:?}");
        assert!(!authority.contains('/'), "{authority:?}");
    }
    let Some(mut sign_in) = new_sign_in() else { return };
    if let Err(error) = sign_in.paste(&text) {
        check_displayed_error(&error);
        assert!(sign_in.take_result().is_none(), "a rejected paste has no result");
    } else {
        let queries = find_urls(&text).into_iter().map(|[_, _, query]| query);
        let accepted: Vec<String> = queries.filter(|query| find_values(query, "state") == [STATE]).collect();
        assert!(!accepted.is_empty(), "a different state was accepted");
        check_result(&mut sign_in, &accepted);
    }
    check_whole_url(&text);
}

/// Checks that a whole callback URL with this code is accepted with exactly this code.
fn check_whole_url(code: &str) {
    let Some(mut sign_in) = new_sign_in() else { return };
    let query = Serializer::new(String::new()).append_pair("code", code).append_pair("state", STATE).finish();
    let is_usable = parameters(&query).is_ok_and(|parsed| parsed.iter().any(|(name, _)| *name == "code"));
    let pasted = sign_in.paste(&format!("{}?{query}", RedirectUrl::DEFAULT));
    assert_eq!(pasted.is_ok(), is_usable, "{pasted:?}");
    if is_usable {
        let result = sign_in.take_result();
        assert!(result.is_some_and(|result| result.is_ok_and(|received| received.matches(code))));
    }
}

/// Checks that a redirect URL refers to this machine and the port of the callback server, and stays unchanged.
pub fn redirect_url(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    for flow in [Flow::Standard, Flow::NativePkce] {
        let url = match RedirectUrl::parse_for(flow, &text) {
            Ok(url) => url,
            Err(error) => {
                check_displayed_error(&error);
                continue;
            }
        };
        assert_eq!(url.as_str(), text, "LinkedIn compares every character");
        check_loopback(&url);
        assert!(url.port() != 0 || flow == Flow::NativePkce, "port 0 is not valid");
        for port in [1, 4242, 65535] {
            let with_port = url.with_port(port);
            check_loopback(&with_port);
            assert_eq!(with_port.port(), if url.port() == 0 { port } else { url.port() });
            assert_eq!((with_port.path(), with_port.host()), (url.path(), url.host()));
            assert_eq!(with_port == url, url.port() != 0);
        }
    }
}

/// Checks that a browser, which has only the text, opens this machine and this port.
fn check_loopback(url: &RedirectUrl) {
    let browser = Url::parse(url.as_str());
    assert!(browser.is_ok(), "no browser opens {}", url.as_str());
    let Ok(browser) = browser else { return };
    assert_eq!(browser.scheme(), "http");
    assert!(matches!(browser.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")), "{browser}");
    assert_eq!(browser.host_str(), Some(url.host()));
    assert_eq!(browser.port_or_known_default(), Some(url.port()));
    assert_eq!(browser.path(), url.path());
    assert!(browser.fragment().is_none() && browser.username().is_empty() && browser.password().is_none());
    assert!(url.path().starts_with('/'));
}
