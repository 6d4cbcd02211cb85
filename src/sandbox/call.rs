//! A request, free of the server that received it.

use hyper::body::Bytes;
use hyper::{HeaderMap, Method};
use serde_json::Value;

use super::answers;
use super::reply::Reply;
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

    /// The fields of a form; none where the body is not a form. The query never counts.
    pub(super) fn form(&self) -> Fields {
        let is_form = self
            .header("content-type")
            .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"));
        Fields::parse(if is_form { &self.body } else { &[] })
    }

    /// Refuses requests from another web site's page, or to another name of this machine (DNS rebinding).
    pub(super) fn require_own_origin(&self) -> Result<(), Reply> {
        let host = self.header("host").unwrap_or_default();
        let url = url::Url::parse(&format!("http://{host}/"));
        let reason = if !url.is_ok_and(|url| is_loopback(&url)) {
            "The sandbox answers only to this machine's own names."
        } else if self.header("origin").is_some_and(|origin| origin != format!("http://{host}")) {
            "The sandbox takes no requests from other sites."
        } else {
            return Ok(());
        };
        Err(Reply::error(403, "forbidden", reason))
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

    /// The value of a field; `None` for an empty one.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The value of a field, or the token endpoint's answer to a missing one.
    pub(super) fn required(&self, name: &str) -> Result<&str, Reply> {
        self.get(name).ok_or_else(|| answers::PARAMETER_MISSING.filled(&[("name", name)]))
    }

    /// Returns the value of a number; `default` where it is missing or not a number.
    pub(super) fn number(&self, name: &str, default: usize) -> usize {
        self.get(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    pub(super) fn into_object(self) -> serde_json::Map<String, Value> {
        self.0.into_iter().map(|(name, value)| (name, Value::String(value))).collect()
    }
}
