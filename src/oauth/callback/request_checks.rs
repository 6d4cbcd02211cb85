//! The checks of a request to the callback server: method, HTTP version, target, body and Host before its path is compared, then
//! whether it is a navigation.

use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, HOST, HeaderMap, ORIGIN, TRANSFER_ENCODING};
use hyper::{Method, Request, StatusCode, Version};

use super::pages::{self, Response};

/// Longest request target (path and query) that is accepted.
const MAX_TARGET_BYTES: usize = 8 * 1024;

/// Returns the response to a request whose method, HTTP version, target, body or Host is not that of a browser's
/// navigation to `port` of this machine.
pub(super) fn reject_invalid_request(request: &Request<Incoming>, port: u16) -> Option<Response> {
    if request.method() != Method::GET {
        return Some(pages::method_not_allowed());
    }
    if request.version() != Version::HTTP_11 || request.uri().authority().is_some() || has_body(request.headers()) {
        return Some(pages::rejected(StatusCode::BAD_REQUEST));
    }
    if request.uri().path_and_query().is_some_and(|target| target.as_str().len() > MAX_TARGET_BYTES) {
        return Some(pages::rejected(StatusCode::URI_TOO_LONG));
    }
    match host(request.headers()) {
        Some(host) if is_own_host(host, port) => None,
        Some(_) => Some(pages::rejected(StatusCode::FORBIDDEN)),
        None => Some(pages::rejected(StatusCode::BAD_REQUEST)),
    }
}

/// Returns whether there is a body, which a navigation never has: it may hide a second request (request smuggling).
fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(TRANSFER_ENCODING) || headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0")
}

/// Returns the one Host header; `None` without one, or with several.
fn host(headers: &HeaderMap) -> Option<&str> {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok(),
        _ => None,
    }
}

/// Guards against DNS rebinding: only names of this machine, with this very port.
pub(super) fn is_own_host(host: &str, port: u16) -> bool {
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| {
        host.eq_ignore_ascii_case(&format!("{name}:{port}")) || port == 80 && host.eq_ignore_ascii_case(name)
    })
}

/// Returns the response to a request that is not a navigation by the user: a fetch, an image, a frame, a prefetch.
pub(super) fn reject_non_navigation(headers: &HeaderMap) -> Option<Response> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?").to_ascii_lowercase());
    let is_prefetch = ["sec-purpose", "purpose", "x-moz", "x-purpose"]
        .iter()
        .any(|name| text(name).is_some_and(|value| value.contains("pre")));
    if is_prefetch {
        return Some(pages::plain(StatusCode::NO_CONTENT, String::new()));
    }
    let differs = |name: &str, expected: &str| text(name).is_some_and(|value| value != expected);
    let is_subresource =
        headers.contains_key(ORIGIN) || differs("sec-fetch-mode", "navigate") || differs("sec-fetch-dest", "document");
    is_subresource.then(|| pages::rejected(StatusCode::FORBIDDEN))
}
