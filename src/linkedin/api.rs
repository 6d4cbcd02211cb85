//! What every call to LinkedIn's API carries: the token, the version under `/rest/`, the protocol.

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Body, Method};
use serde::Serialize;
use url::Url;

use super::Endpoints;
use super::http::{Answer, Ask, Failure, Http, bearer_header};
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// Rest.li's protocol version, which the API expects ("API Protocol Versions").
pub const PROTOCOL: &str = "2.0.0";

/// A member's way to the API.
#[derive(Clone, Copy, Debug)]
pub struct Api<'a> {
    /// The network.
    pub http: &'a Http,
    /// The hosts in use.
    pub endpoints: &'a Endpoints,
    /// The access token.
    pub token: &'a Secret,
    /// `LinkedIn-Version`, `YYYYMM`.
    pub version: &'a str,
}

/// The headers that a path needs, but for the token: what `--dry-run` may show.
#[must_use]
pub fn headers(path: &str, version: &str, with_body: bool) -> Vec<(&'static str, String)> {
    let mut headers = Vec::new();
    // `/v2/` has no versions.
    if path.starts_with("/rest/") {
        headers.push(("LinkedIn-Version", version.to_owned()));
    }
    headers.push(("X-Restli-Protocol-Version", PROTOCOL.to_owned()));
    if with_body {
        headers.push(("Content-Type", "application/json".to_owned()));
    }
    headers
}

impl Api<'_> {
    /// The headers of a call, the token among them.
    ///
    /// # Errors
    /// `bad_input` for an `api_version` that is no header value.
    pub fn headers(&self, path: &str, with_body: bool) -> Result<HeaderMap> {
        let mut map = HeaderMap::new();
        map.insert(AUTHORIZATION, bearer_header(self.token)?);
        map.insert(ACCEPT, HeaderValue::from_static("application/json"));
        for (name, value) in headers(path, self.version, with_body) {
            let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) else {
                return Err(Error::bad_input(
                    "The setting linkedin.api_version cannot be used.",
                    "It is a year and a month, such as \"202609\". Correct it in config.toml.",
                ));
            };
            map.insert(name, value);
        }
        Ok(map)
    }

    /// Gets.
    ///
    /// # Errors
    /// `network` and its kind; any answer of LinkedIn is one.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        let headers = self.headers(path, false)?;
        self.http.send(Method::GET, self.endpoints.api(path), headers, Vec::new()).await
    }

    /// Deletes.
    ///
    /// # Errors
    /// As [`Api::get`].
    pub async fn delete(&self, path: &str) -> Result<Answer> {
        let mut headers = self.headers(path, false)?;
        headers.insert(HeaderName::from_static("x-restli-method"), HeaderValue::from_static("DELETE"));
        self.http.send(Method::DELETE, self.endpoints.api(path), headers, Vec::new()).await
    }

    /// Posts JSON, and says where that failed whether it may have been done.
    ///
    /// # Errors
    /// As [`Api::get`].
    pub async fn post(&self, path: &str, body: &impl Serialize) -> Result<Answer, Failure> {
        let unsent = |error| Failure { error, maybe_done: false };
        let body = serde_json::to_vec(body).map_err(|_| {
            unsent(Error::new(Code::Unexpected, "The request could not be written as JSON.", "Please report this."))
        })?;
        let headers = self.headers(path, true).map_err(unsent)?;
        self.http.ask(Ask::new(Method::POST, self.endpoints.api(path), headers, body)).await
    }

    /// Puts bytes to an address that LinkedIn named, with the token.
    ///
    /// # Errors
    /// `unexpected_answer` when the address is not one of LinkedIn's or of the hosts in use: the
    /// token goes nowhere else. As [`Api::get`].
    pub async fn put(&self, url: Url, kind: &str, body: Body, in_all: std::time::Duration) -> Result<Answer> {
        if !self.endpoints.trusts(&url) {
            return Err(Error::new(
                Code::UnexpectedAnswer,
                format!(
                    "LinkedIn named an address of another host for the upload ({}); the token is not sent there.",
                    crate::text::clean(url.host_str().unwrap_or("none"), 80)
                ),
                "Check linkedin.api in config.toml; if it stays, please report it.",
            ));
        }
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, bearer_header(self.token)?);
        if let Ok(kind) = HeaderValue::from_str(kind) {
            headers.insert(CONTENT_TYPE, kind);
        }
        let mut ask = Ask::new(Method::PUT, url, headers, body);
        ask.in_all = Some(in_all);
        Ok(self.http.ask(ask).await?)
    }
}
