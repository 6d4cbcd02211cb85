//! A request, independent of the server that received it.

use hyper::body::Bytes;
use hyper::{HeaderMap, Method};
use serde_json::{Map, Value};

use super::answers;
use super::response::{HandlerResult, Response};
use crate::linkedin::endpoints::is_loopback;

/// A request with its whole body.
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

    pub(super) fn is_form(&self) -> bool {
        self.header("content-type")
            .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"))
    }

    /// Returns the fields of a form; none if the body is not a form. The query is ignored.
    pub(super) fn form(&self) -> Fields {
        Fields::parse(if self.is_form() { &self.body } else { &[] })
    }

    /// Returns the decoded parameters of the query.
    pub(super) fn parameters(&self) -> Fields {
        Fields::parse(self.query.as_bytes())
    }

    /// Returns the JSON object of the body, or refuses the call.
    pub(super) fn json_object(&self) -> HandlerResult<Map<String, Value>> {
        serde_json::from_slice(&self.body).map_err(|_| answers::BODY_UNREADABLE.into())
    }

    /// Refuses requests from another web site's page, or to another name of this machine (DNS rebinding).
    pub(super) fn require_same_origin(&self) -> HandlerResult<()> {
        let host = self.header("host").unwrap_or_default();
        let url = url::Url::parse(&format!("http://{host}/"));
        let reason = if !url.is_ok_and(|url| is_loopback(&url)) {
            "The sandbox accepts requests for a loopback host name only."
        } else if self.header("origin").is_some_and(|origin| origin != format!("http://{host}")) {
            "The sandbox accepts no requests from other sites."
        } else {
            return Ok(());
        };
        Err(Response::error(403, "forbidden", reason).into())
    }
}

/// Decoded names and values of a form or a query.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(super) fn parse(encoded: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// Returns the value of a field; `None` for an empty one.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(field, _)| field == name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// Returns the value of a field, or the token endpoint's error for a missing one.
    pub(super) fn require(&self, name: &str) -> HandlerResult<&str> {
        self.get(name).ok_or_else(|| answers::PARAMETER_MISSING.refusal(&[("name", name)]))
    }

    /// Returns a field as a number; `default` if it is missing or not a number.
    pub(super) fn number(&self, name: &str, default: usize) -> usize {
        self.get(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    pub(super) fn into_object(self) -> Map<String, Value> {
        self.0.into_iter().map(|(name, value)| (name, Value::String(value))).collect()
    }
}
