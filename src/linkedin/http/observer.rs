//! Observes the requests of a client. What is observed contains no secret.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use url::Url;

use super::failure::Failure;
use super::response::Response;

/// A request that got a response, or that failed: without its query, its body, and the headers that may contain secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentRequest {
    pub method: String,
    /// Scheme, host and port.
    pub origin: String,
    pub path: String,
    /// The label of the client: the name of a profile.
    pub label: Option<String>,
    /// Whether it had an `Authorization` header.
    pub has_token: bool,
    /// The `LinkedIn-Version` header.
    pub api_version: Option<String>,
    /// The status, or why there is none, as a sentence.
    pub outcome: Result<u16, String>,
    /// `x-li-uuid`, by which LinkedIn identifies a request.
    pub request_id: Option<String>,
    pub duration: Duration,
}

impl SentRequest {
    /// Creates the record of a request that has no outcome yet.
    pub(super) fn new(method: &Method, url: &Url, headers: &HeaderMap, label: Option<&str>) -> Self {
        let version = headers.get("linkedin-version").and_then(|value| value.to_str().ok());
        Self {
            method: method.to_string(),
            origin: url.origin().ascii_serialization(),
            path: url.path().to_owned(),
            label: label.map(str::to_owned),
            has_token: headers.contains_key(AUTHORIZATION),
            api_version: version.map(str::to_owned),
            outcome: Err(String::new()),
            request_id: None,
            duration: Duration::ZERO,
        }
    }

    pub(super) fn finish(mut self, result: &Result<Response, Failure>, duration: Duration) -> Self {
        match result {
            Ok(response) => {
                self.outcome = Ok(response.status);
                self.request_id.clone_from(&response.uuid);
            }
            Err(failure) => self.outcome = Err(failure.error.message.clone()),
        }
        Self { duration, ..self }
    }
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
