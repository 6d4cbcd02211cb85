//! An HTTP response: status, headers, body.

use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use reqwest::header::{CONTENT_ENCODING, DATE, LOCATION, RETRY_AFTER};

use crate::clock;

/// An HTTP response. Its `Debug` never contains the body.
#[derive(Default)]
pub struct Response {
    pub method: Method,
    /// The path of the request, without its query.
    pub path: String,
    pub status: u16,
    pub date: Option<Timestamp>,
    /// How long the server asks to wait before a retry.
    pub retry_after: Option<SignedDuration>,
    /// `x-li-uuid`, for LinkedIn's support.
    pub uuid: Option<String>,
    /// What a POST created, perhaps percent-encoded: `x-restli-id`, else `x-linkedin-id` (Rest.li 1.0).
    pub created_id: Option<String>,
    /// The opaque part of the `ETag`, without its quotes.
    pub etag: Option<String>,
    /// `x-restli-gateway-error`: whether the gateway refused the request (`true`), or the resource behind it (`false`).
    pub is_gateway_error: Option<bool>,
    /// `x-restli-error-response` or, in Rest.li 1.0, `x-linkedin-error-response`: whether LinkedIn marks its response as an error.
    pub is_error: Option<bool>,
    /// Whether the body has an encoding (gzip, …) that was not requested.
    pub(super) is_compressed: bool,
    pub(super) body: Vec<u8>,
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Response {
    /// Creates a response for a test.
    #[cfg(any(fuzzing, test))]
    pub(crate) fn from_parts(method: &str, path: &str, status: u16, body: &[u8]) -> Self {
        let method = Method::from_bytes(method.as_bytes()).unwrap_or_default();
        Self { method, path: path.to_owned(), status, body: body.to_vec(), ..Self::default() }
    }

    /// Reads status and headers of a response.
    pub(super) fn without_body(method: Method, path: &str, received: &reqwest::Response) -> Self {
        let text = |name: &str| received.headers().get(name).and_then(|value| value.to_str().ok());
        let non_blank = |name: &str| text(name).filter(|value| !value.trim().is_empty()).map(str::to_owned);
        let flag = |name: &str| text(name)?.trim().to_ascii_lowercase().parse().ok();
        let date = text(DATE.as_str()).and_then(parse_http_date);
        Self {
            method,
            path: path.to_owned(),
            status: received.status().as_u16(),
            date,
            retry_after: text(RETRY_AFTER.as_str()).and_then(|text| parse_retry_after(text, date)),
            uuid: text("x-li-uuid").map(|uuid| crate::text::sanitize(uuid, 60)),
            created_id: non_blank("x-restli-id").or_else(|| non_blank("x-linkedin-id")),
            etag: non_blank("etag").map(|tag| tag.trim().trim_start_matches("W/").trim_matches('"').to_owned()),
            is_gateway_error: flag("x-restli-gateway-error"),
            is_error: flag("x-restli-error-response").or_else(|| flag("x-linkedin-error-response")),
            is_compressed: text(CONTENT_ENCODING.as_str())
                .is_some_and(|coding| !coding.eq_ignore_ascii_case("identity")),
            body: Vec::new(),
        }
    }

    /// Returns whether the response redirects the client: the `Location` of a 201 is what it created.
    pub(super) fn is_redirect(&self, received: &reqwest::Response) -> bool {
        received.status().is_redirection()
            || received.headers().contains_key(LOCATION) && self.status < 400 && self.status != 201
    }

    /// Appends a part of the body; `false` if it would be larger than `max_bytes`.
    pub(super) fn extend(&mut self, chunk: &[u8], max_bytes: usize) -> bool {
        let fits = self.body.len() + chunk.len() <= max_bytes;
        if fits {
            self.body.extend_from_slice(chunk);
        }
        fits
    }

    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    pub fn body(&self) -> &[u8] {
        &self.body
    }

    pub fn into_body(self) -> Vec<u8> {
        self.body
    }
}

fn parse_http_date(text: &str) -> Option<Timestamp> {
    rfc2822::parse(text).ok().map(|date| date.timestamp())
}

/// Reads `Retry-After`: seconds, or a date, which is compared with the server's clock if it sends it.
fn parse_retry_after(text: &str, date: Option<Timestamp>) -> Option<SignedDuration> {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        return Some(SignedDuration::from_secs(text.parse().unwrap_or(i64::MAX)));
    }
    let wait = parse_http_date(text)?.duration_since(date.unwrap_or_else(clock::system_now));
    Some(wait.max(SignedDuration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t18_retry_after_is_seconds_or_a_date() {
        let date = parse_http_date("Tue, 24 Nov 2026 10:00:00 GMT");
        assert!(date.is_some());
        let seconds = |text: &str| parse_retry_after(text, date).map(|wait| wait.as_secs());
        assert_eq!(seconds("30"), Some(30));
        assert_eq!(seconds(" 0 "), Some(0));
        assert_eq!(seconds("31536000"), Some(31_536_000));
        assert_eq!(seconds("99999999999999999999999"), Some(i64::MAX));
        assert_eq!(seconds("Tue, 24 Nov 2026 10:00:45 GMT"), Some(45));
        assert_eq!(seconds("Tue, 24 Nov 2026 09:00:00 GMT"), Some(0), "a date that has passed");
        for invalid in ["", "-5", "1.5", "soon", "NaN"] {
            assert_eq!(seconds(invalid), None, "{invalid}");
        }
    }
}
