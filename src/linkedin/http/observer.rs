//! Observes the requests of a client. What is observed contains no secret.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap};
use reqwest::{Method, StatusCode};
use url::Url;

use super::failure::Failure;
use super::json::Fields;
use super::response::Response;
use crate::text::sanitize;

/// A request that got a response, or that failed: without its query, its body, and the headers that may contain secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentRequest {
    pub method: String,
    /// Scheme, host and port.
    pub origin: String,
    pub path: String,
    /// The name of the profile that it was for.
    pub profile: Option<String>,
    /// Whether it had an `Authorization` header.
    pub has_token: bool,
    /// The `LinkedIn-Version` header.
    pub api_version: Option<String>,
    /// The status, or why there is none, as a sentence.
    pub outcome: Result<u16, String>,
    /// LinkedIn's `message` and `serviceErrorCode` of a refusal, cleaned: `Invalid access token (65600)`.
    pub detail: Option<String>,
    /// `x-li-uuid`, by which LinkedIn identifies a request.
    pub request_id: Option<String>,
    pub duration: Duration,
}

impl SentRequest {
    /// Creates the record of a request that has no outcome yet.
    pub(super) fn new(method: &Method, url: &Url, headers: &HeaderMap, profile: Option<&str>) -> Self {
        let version = headers.get("linkedin-version").and_then(|value| value.to_str().ok());
        Self {
            method: method.to_string(),
            origin: url.origin().ascii_serialization(),
            path: url.path().to_owned(),
            profile: profile.map(str::to_owned),
            has_token: headers.contains_key(AUTHORIZATION),
            api_version: version.map(str::to_owned),
            outcome: Err(String::new()),
            detail: None,
            request_id: None,
            duration: Duration::ZERO,
        }
    }

    pub(super) fn finish(mut self, result: &Result<Response, Failure>, duration: Duration) -> Self {
        match result {
            Ok(response) => {
                self.outcome = Ok(response.status);
                self.detail = refusal_detail(response);
                self.request_id.clone_from(&response.uuid);
            }
            Err(failure) => self.outcome = Err(failure.error.message.clone()),
        }
        Self { duration, ..self }
    }

    /// Returns the reason phrase of the status: `Unauthorized`; empty where it has none.
    pub fn status_text(&self) -> &'static str {
        let status = self.outcome.as_ref().ok().and_then(|status| StatusCode::from_u16(*status).ok());
        status.and_then(|status| status.canonical_reason()).unwrap_or_default()
    }
}

/// Longest message that is recorded, in characters.
const MAX_MESSAGE_CHARS: usize = 200;
/// Length from which a word without punctuation may be a token. LinkedIn's names of resources are shorter.
const MIN_SECRET_CHARS: usize = 48;

/// Returns LinkedIn's message of a refusal and its code, and nothing else of the body.
fn refusal_detail(response: &Response) -> Option<String> {
    if response.status < 400 {
        return None;
    }
    let fields = Fields::parse(response.body())?;
    let message = sanitize(&mask_long_words(fields.string("message").unwrap_or_default()), MAX_MESSAGE_CHARS);
    match (message.is_empty(), fields.integer("serviceErrorCode")) {
        (true, None) => None,
        (true, Some(code)) => Some(code.to_string()),
        (false, None) => Some(message),
        (false, Some(code)) => Some(format!("{message} ({code})")),
    }
}

/// Replaces words that may be a token: no message of LinkedIn is known to quote one, and none may be shown.
fn mask_long_words(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "-_+/=".contains(c);
    let mut masked = String::new();
    for part in text.split_inclusive(|c: char| !is_word(c)) {
        let word = part.trim_end_matches(|c: char| !is_word(c));
        if word.len() >= MIN_SECRET_CHARS {
            masked.push('…');
            masked.push_str(&part[word.len()..]);
        } else {
            masked.push_str(part);
        }
    }
    masked
}

/// Receives each request when its response was read, or when it failed; must not block.
#[derive(Clone)]
pub struct RequestObserver(Arc<dyn Fn(SentRequest) + Send + Sync>);

impl RequestObserver {
    pub fn new(observe: impl Fn(SentRequest) + Send + Sync + 'static) -> Self {
        Self(Arc::new(observe))
    }

    pub(super) fn observe(&self, request: SentRequest) {
        (self.0)(request);
    }
}

impl fmt::Debug for RequestObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestObserver")
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::message_and_code(
        401,
        r#"{"message":"Invalid access token","serviceErrorCode":65600,"status":401}"#,
        Some("Invalid access token (65600)")
    )]
    #[case::message_alone(403, r#"{"message":"No\u001b[31m"}"#, Some("No␛[31m"))]
    #[case::code_alone(403, r#"{"serviceErrorCode":100}"#, Some("100"))]
    #[case::nothing_else_of_the_body(400, r#"{"error":"invalid_request","access_token":"AQsecret"}"#, None)]
    #[case::no_json(502, "<html>AQsecret</html>", None)]
    #[case::success(200, r#"{"message":"hello"}"#, None)]
    fn refusal_records_message_and_code_only(#[case] status: u16, #[case] body: &str, #[case] expected: Option<&str>) {
        let response = Response::from_parts("GET", "/v2/userinfo", status, body.as_bytes());
        assert_eq!(refusal_detail(&response).as_deref(), expected);
    }

    #[test]
    fn token_in_a_message_is_masked() {
        let token = format!("AQ{}", "x1_-".repeat(20));
        let body =
            format!("{{\"message\":\"The token {token} of partnerApiMemberCreatorPostAnalytics.FINDER-me is bad.\"}}");
        let response = Response::from_parts("GET", "/v2/userinfo", 401, body.as_bytes());
        let expected = "The token … of partnerApiMemberCreatorPostAnalytics.FINDER-me is bad.";
        assert_eq!(refusal_detail(&response).as_deref(), Some(expected));
    }
}
