//! One authenticated request to LinkedIn's API. Only paths are accepted, so that the token is sent to no other host.

use jiff::SignedDuration;
use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};

use super::refresh::valid_token;
use super::token_retry::retry_if_token_refused;
use crate::linkedin::Endpoints;
use crate::linkedin::api::Request;
use crate::linkedin::http::Response;
use crate::linkedin::meanings::api_error;
use crate::linkedin::organizations::{Next, Paging};
use crate::session::Context;
use crate::store::{Name, Profile};
use crate::text::sanitize;
use crate::{Code, Error, Result};

/// Largest response body that is read.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

/// The headers that only this program sets, because they name the token and the host.
const TARGET_HEADERS: &[&str] = &["authorization", "proxy-authorization", "host"];
/// The headers that only this program sets, because they frame the message.
const FRAMING_HEADERS: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-connection",
    "content-length",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "expect",
];

/// A request to the API that the user composed.
#[derive(Debug)]
pub struct ApiRequest {
    method: Method,
    pub(crate) path: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Option<Vec<u8>>,
}

impl ApiRequest {
    /// Creates a request of a method, a path with its query, headers, and a body.
    pub fn new(method: &str, path: &str, headers: &[(String, String)], body: Option<Vec<u8>>) -> Result<Self> {
        let refused = || {
            let message = format!("{} is not a method that can be used.", quote(method));
            Error::bad_input(message, "Use GET, POST, PUT, PATCH or DELETE.")
        };
        let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes())
            .ok()
            .filter(|method| !matches!(*method, Method::CONNECT | Method::TRACE))
            .ok_or_else(refused)?;
        check_path(path)?;
        let headers = headers.iter().map(|(name, value)| parse_header(name, value)).collect::<Result<_>>()?;
        Ok(Self { method, path: path.to_owned(), headers, body })
    }

    pub fn is_get(&self) -> bool {
        self.method == Method::GET
    }

    /// Returns the same request for another path.
    fn with_path(&self, path: String) -> Self {
        Self { method: self.method.clone(), path, headers: self.headers.clone(), body: self.body.clone() }
    }
}

/// Accepts only a path: a URL or `//host` would send the token elsewhere, `..` would leave the API's path.
fn check_path(path: &str) -> Result<()> {
    let refused = |why: &str| {
        Error::bad_input(
            format!("{} is not a path of the API: {why}.", sanitize(path, 80)),
            "Use a path such as /v2/userinfo or /rest/posts; the host is linkedin.api in config.toml.",
        )
    };
    let (without_query, _) = path.split_once('?').unwrap_or((path, ""));
    let decoded = without_query.to_ascii_lowercase().replace("%2e", ".").replace("%2f", "/").replace("%5c", "\\");
    if !path.starts_with('/') {
        return Err(refused("it does not start with a slash"));
    }
    if without_query.starts_with("//") || decoded.contains('\\') {
        return Err(refused("it could name a different host"));
    }
    if decoded.split('/').any(|part| part == ".." || part == ".") {
        return Err(refused("it contains . or .."));
    }
    if path.contains('#') || path.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(refused("it has characters that must be percent-encoded"));
    }
    Ok(())
}

/// Returns a value that the user typed, to name it in a message.
fn quote(text: &str) -> String {
    if text.is_empty() { "\"\"".to_owned() } else { sanitize(text, 60) }
}

fn parse_header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue)> {
    let reserved = [
        (TARGET_HEADERS, "The token is the profile's, and the host is linkedin.api in config.toml."),
        (FRAMING_HEADERS, "The program sets it as the connection and the body require."),
    ];
    for (names, hint) in reserved {
        if names.contains(&name.to_ascii_lowercase().as_str()) {
            return Err(Error::bad_input(format!("The header {} can't be set.", quote(name)), hint));
        }
    }
    match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
        (Ok(name), Ok(value)) => Ok((name, value)),
        _ => Err(Error::bad_input(
            format!("{} is not a valid header.", quote(&format!("{name}:{value}"))),
            "Write it as NAME:VALUE, without line breaks.",
        )),
    }
}

/// Sends the request; a refused token is refreshed if that is possible, and the request sent again. Any response of
/// LinkedIn is a success here, even a redirect, which is not followed.
pub async fn send(ctx: &Context, name: &Name, request: &ApiRequest) -> Result<Response> {
    let profile = valid_token(ctx, name, SignedDuration::ZERO).await?;
    let refusal = |outcome: &Result<Response>| {
        outcome.as_ref().ok().filter(|response| response.status == 401).map(|response| api_error(response).code)
    };
    retry_if_token_refused(ctx, profile, refusal, async |profile: &Profile| {
        send_with_token(ctx, profile, request).await
    })
    .await
}

#[derive(serde::Deserialize)]
struct List {
    paging: Option<Paging>,
    #[serde(default)]
    elements: Vec<serde::de::IgnoredAny>,
}

/// Returns whether the response is an empty page of a list.
pub(crate) fn is_empty_list(response: &Response) -> bool {
    response.json::<List>().is_ok_and(|list| list.paging.is_some() && list.elements.is_empty())
}

/// What follows a page of a list.
pub(crate) enum NextPage {
    /// The response was the last page, or is not a list.
    End,
    /// The page links to itself: following the link would never end.
    Same,
    Other(ApiRequest),
}

/// Returns what follows this response to `request`.
pub(crate) fn next_page(endpoints: &Endpoints, request: &ApiRequest, response: &Response) -> Result<NextPage> {
    let Ok(List { paging: Some(paging), elements }) = response.json::<List>() else { return Ok(NextPage::End) };
    let path = match paging.next(elements.len()) {
        Next::End => return Ok(NextPage::End),
        Next::Start(start, count) => with_start(&request.path, start, count),
        Next::Link(href) => parse_link_path(endpoints, &href)?,
    };
    Ok(if path == request.path { NextPage::Same } else { NextPage::Other(request.with_path(path)) })
}

fn parse_link_path(endpoints: &Endpoints, href: &str) -> Result<String> {
    let path = match url::Url::parse(href) {
        Ok(url) if url.origin() == endpoints.api("/").origin() => {
            url[url::Position::BeforePath..url::Position::AfterQuery].to_owned()
        }
        Ok(_) => return Err(link_error("It names a different host.")),
        Err(_) => href.to_owned(),
    };
    check_path(&path).map_err(|error| link_error(&error.message))?;
    Ok(path)
}

fn link_error(reason: &str) -> Error {
    Error::new(
        Code::UnexpectedResponse,
        format!("LinkedIn's link to the next page is not followed. {reason}"),
        "Request the pages one by one, with start and count in the query.",
    )
}

/// Sets `start` (and `count`) in the path's query. Rest.li's own encoding of the other parameters is not changed.
fn with_start(path: &str, start: usize, count: Option<usize>) -> String {
    let (without_query, query) = path.split_once('?').unwrap_or((path, ""));
    let is_unchanged = |part: &&str| {
        let key = part.split('=').next().unwrap_or_default();
        !part.is_empty() && key != "start" && (key != "count" || count.is_none())
    };
    let mut parts: Vec<String> = query.split('&').filter(is_unchanged).map(str::to_owned).collect();
    parts.push(format!("start={start}"));
    parts.extend(count.map(|count| format!("count={count}")));
    format!("{without_query}?{}", parts.join("&"))
}

async fn send_with_token(ctx: &Context, profile: &Profile, api_request: &ApiRequest) -> Result<Response> {
    let mut request = Request::new(api_request.method.clone(), &api_request.path);
    request.headers.extend(api_request.headers.iter().cloned());
    request.body = api_request.body.clone().map(Into::into);
    request.max_bytes = Some(MAX_BODY_BYTES);
    request.is_redirect_returned = true;
    ctx.api(profile.require_token()?).send(&request).await.map_err(|failure| {
        let mut error = failure.error;
        if failure.is_outcome_unknown && !matches!(api_request.method, Method::GET | Method::HEAD | Method::OPTIONS) {
            error.hint = format!("LinkedIn may have carried it out: check before you send it again. {}", error.hint);
        }
        error
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_rejected(path: &str) -> bool {
        ApiRequest::new("GET", path, &[], None).is_err()
    }

    #[test]
    fn only_paths_are_accepted() {
        for good in ["/v2/userinfo", "/rest/posts?q=author&author=urn%3Ali%3Aperson%3Ax&x=//y", "/rest/posts/a..b"] {
            assert!(!is_rejected(good), "{good}");
        }
        for bad in [
            "",
            "v2/me",
            "https://evil.example/",
            "//evil.example/v2/me",
            "/\\evil.example",
            "/%5cevil.example",
            "/../x",
            "/rest/../../x",
            "/rest/%2e%2E/x",
            "/rest/..%2fx",
            "/rest/./x",
            "/rest/.",
            "/a b",
            "/a#b",
            "/a\r\nHost: evil.example",
            "@evil.example/",
        ] {
            assert!(is_rejected(bad), "{bad:?}");
        }
    }

    #[test]
    fn reserved_headers_are_rejected() {
        let is_accepted = |name: &str, value: &str| {
            ApiRequest::new("GET", "/v2/me", &[(name.to_owned(), value.to_owned())], None).is_ok()
        };
        assert!(is_accepted("LinkedIn-Version", "202601") && is_accepted("X-RestLi-Method", "BATCH_GET"));
        let connection =
            ["Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade"];
        let others = ["Authorization", "Proxy-Authorization", "HOST", "Content-Length", "expect", "a b", ""];
        for name in connection.iter().chain(&others) {
            assert!(!is_accepted(name, "x"), "{name}");
        }
        assert!(!is_accepted("X-A", "x\r\nHost: evil.example"));
        assert!(
            ApiRequest::new("CONNECT", "/x", &[], None).is_err() && ApiRequest::new("G T", "/x", &[], None).is_err()
        );
    }

    #[test]
    fn rejected_value_is_named_with_its_reason() {
        let error = |method: &str, name: &str| {
            ApiRequest::new(method, "/v2/me", &[(name.to_owned(), "x".to_owned())], None).unwrap_err()
        };
        assert_eq!(error("trace", "a").message, "trace is not a method that can be used.");
        assert_eq!(error("", "a").message, "\"\" is not a method that can be used.");
        assert_eq!(error("GET", "").message, ":x is not a valid header.");
        assert!(error("GET", "Host").hint.contains("linkedin.api"));
        assert!(!error("GET", "Content-Length").hint.contains("linkedin.api"));
    }

    #[test]
    fn link_is_followed_only_to_a_path_of_the_api() {
        let endpoints = Endpoints::linkedin().unwrap();
        let message = |href: &str| parse_link_path(&endpoints, href).map_err(|error| error.message);
        assert_eq!(message("https://api.linkedin.com/rest/x?start=2").as_deref(), Ok("/rest/x?start=2"));
        for (href, reason) in [
            ("https://evil.example/rest/x", "It names a different host."),
            ("rest/x", "rest/x is not a path of the API: it does not start with a slash."),
            ("/rest/../x", "/rest/../x is not a path of the API: it contains . or ..."),
        ] {
            let expected = format!("LinkedIn's link to the next page is not followed. {reason}");
            assert_eq!(message(href), Err(expected));
        }
    }

    #[test]
    fn the_next_page_has_the_other_parameters() {
        assert_eq!(with_start("/rest/x?q=a&start=0&count=2", 2, Some(2)), "/rest/x?q=a&start=2&count=2");
        assert_eq!(with_start("/rest/x?ids=List(a%3Ab)&count=2", 2, None), "/rest/x?ids=List(a%3Ab)&count=2&start=2");
        assert_eq!(with_start("/rest/x", 10, Some(10)), "/rest/x?start=10&count=10");
    }
}
