//! A request and its answer, free of the server that carries them.

use std::time::Duration;

use hyper::body::Bytes;
use hyper::{HeaderMap, Method};
use serde_json::Value;

use super::answers;

/// A request, read whole.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    /// As it was sent, still encoded.
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Call {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The form's fields; none when the body is no form. The query never counts.
    pub(super) fn form(&self) -> Fields {
        let is_form = self
            .header("content-type")
            .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"));
        Fields::parse(if is_form { &self.body } else { &[] })
    }

    /// The decoded parameters of the query.
    pub(super) fn parameters(&self) -> Fields {
        Fields::parse(self.query.as_bytes())
    }
}

/// Decoded names and values of a form or a query.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(super) fn parse(encoded: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The field's value; nothing for an empty one.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The value, or the token endpoint's answer where it is missing.
    pub(super) fn required(&self, name: &str) -> Result<&str, Reply> {
        self.get(name).ok_or_else(|| answers::PARAMETER_MISSING.filled(&[("name", name)]))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    pub(super) fn into_object(self) -> serde_json::Map<String, Value> {
        self.0.into_iter().map(|(name, value)| (name, Value::String(value))).collect()
    }
}

/// Why a request is not carried out: LinkedIn's answer, or a failure of the sandbox itself.
pub(super) enum Refusal {
    Reply(Box<Reply>),
    Failed(crate::Error),
}

impl From<Reply> for Refusal {
    fn from(reply: Reply) -> Self {
        Self::Reply(Box::new(reply))
    }
}

impl From<crate::Error> for Refusal {
    fn from(error: crate::Error) -> Self {
        Self::Failed(error)
    }
}

/// What a handler returns: refusals leave it by `?`.
pub(super) type Answered<T = Reply> = Result<T, Refusal>;

/// The reply of a handler, refused or not.
pub(super) fn settle(answered: Answered) -> crate::Result<Reply> {
    match answered {
        Ok(reply) => Ok(reply),
        Err(Refusal::Reply(reply)) => Ok(*reply),
        Err(Refusal::Failed(error)) => Err(error),
    }
}

/// An answer.
#[derive(Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    /// How long to hold it back.
    pub(super) delay: Duration,
    /// Close the connection instead of answering.
    pub(super) dropped: bool,
}

impl Reply {
    pub(super) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), delay: Duration::ZERO, dropped: false }
    }

    /// 200 with JSON. Errors of LinkedIn are built by [`answers`] alone.
    pub(super) fn json(body: &Value) -> Self {
        Self::text(200, "application/json", body.to_string())
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

    pub(super) fn text(status: u16, kind: &str, body: String) -> Self {
        let mut reply = Self::empty(status).with("content-type", kind).with("cache-control", "no-store");
        reply.body = body.into_bytes();
        reply
    }

    pub(super) fn redirect(status: u16, location: &str) -> Self {
        Self::empty(status).with("location", location).with("cache-control", "no-store")
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
