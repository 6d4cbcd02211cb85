//! The response to a call, independent of the server that sends it.

use std::time::Duration;

use serde_json::{Value, json};

/// Why a call is refused: LinkedIn's response, or a failure of the sandbox itself.
pub(super) enum Refusal {
    Response(Box<Response>),
    Failed(crate::Error),
}

impl From<Response> for Refusal {
    fn from(response: Response) -> Self {
        Self::Response(Box::new(response))
    }
}

impl From<crate::Error> for Refusal {
    fn from(error: crate::Error) -> Self {
        Self::Failed(error)
    }
}

/// The result of a handler; `?` passes a refusal on.
pub(super) type HandlerResult<T = Response> = Result<T, Refusal>;

/// Returns the response of a handler, refused or not.
pub(super) fn into_response(result: HandlerResult) -> crate::Result<Response> {
    match result {
        Ok(response) => Ok(response),
        Err(Refusal::Response(response)) => Ok(*response),
        Err(Refusal::Failed(error)) => Err(error),
    }
}

#[derive(Clone)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    /// How long the server waits before it sends the response.
    pub(super) delay: Duration,
    /// Whether the server closes the connection instead of responding.
    pub(super) is_dropped: bool,
}

impl Response {
    pub(super) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), delay: Duration::ZERO, is_dropped: false }
    }

    /// Creates a 200 with JSON. LinkedIn's errors come from [`super::answers`] alone.
    pub(super) fn json(body: &Value) -> Self {
        Self::text(200, "application/json", body.to_string())
    }

    /// Creates an error of the sandbox's own control API.
    pub(super) fn error(status: u16, error: &str, reason: &str) -> Self {
        Self::text(status, "application/json", json!({ "error": error, "message": reason }).to_string())
    }

    pub(super) fn html(status: u16, body: String) -> Self {
        Self::text(status, "text/html; charset=utf-8", body)
            .with(
                "content-security-policy",
                "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'",
            )
            // Not no-referrer: the pages' own forms would then come with `Origin: null`.
            .with("referrer-policy", "same-origin")
    }

    pub(super) fn text(status: u16, media_type: &str, body: String) -> Self {
        let mut response = Self::empty(status).with("content-type", media_type).with("cache-control", "no-store");
        response.body = body.into_bytes();
        response
    }

    pub(super) fn redirect(status: u16, location: &str) -> Self {
        Self::empty(status).with("location", location).with("cache-control", "no-store")
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
