//! What every call to LinkedIn's API carries: the token, the version under `/rest/`, the protocol.

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Body, Method};
use serde::Serialize;
use url::Url;

use super::answers::{self, Meaning};
use super::http::{Answer, Ask, Failure, Http, bearer_header};
use super::version_in_use::Change;
use super::versions::Version;
use super::{Endpoints, VersionInUse};
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// Rest.li's protocol version, which the API expects ("API Protocol Versions").
pub const PROTOCOL: &str = "2.0.0";
/// The header that names the version of the API.
const VERSION: &str = "LinkedIn-Version";

/// A member's way to the API.
#[derive(Clone, Copy, Debug)]
pub struct Api<'a> {
    /// The network.
    pub http: &'a Http,
    /// The hosts in use.
    pub endpoints: &'a Endpoints,
    /// The access token.
    pub token: &'a Secret,
    /// The `LinkedIn-Version` to send.
    pub version: &'a VersionInUse,
}

/// A request to a path of the API.
#[derive(Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path with its query.
    pub path: String,
    /// Headers that replace those filled in.
    pub headers: HeaderMap,
    /// The body; JSON, unless a header says otherwise.
    pub body: Option<Bytes>,
    /// Largest answer that is read, in bytes; `None` for the usual limit.
    pub max_bytes: Option<usize>,
    /// Return a redirect as the answer that it is, instead of an error. It is never followed.
    pub redirect_is_answer: bool,
}

impl Request {
    /// A request without a body and with the usual limits.
    #[must_use]
    pub fn new(method: Method, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: None,
            max_bytes: None,
            redirect_is_answer: false,
        }
    }
}

/// The headers that a path needs, but for the token: what `--dry-run` may show.
#[must_use]
pub fn headers(path: &str, version: Version, with_body: bool) -> Vec<(&'static str, String)> {
    let mut headers = Vec::new();
    if is_versioned(path) {
        headers.push((VERSION, own_version(path).map_or_else(|| version.to_string(), str::to_owned)));
    }
    headers.push(("X-Restli-Protocol-Version", PROTOCOL.to_owned()));
    if with_body {
        headers.push(("Content-Type", "application/json".to_owned()));
    }
    headers
}

/// `/v2/` has no versions.
fn is_versioned(path: &str) -> bool {
    path.starts_with("/rest/")
}

/// The version of an API that does not follow the others: data portability knows 202312 alone ("Member Data Portability"), Verified
/// on LinkedIn has releases of its own ("Verified on LinkedIn").
#[must_use]
pub fn own_version(path: &str) -> Option<&'static str> {
    let name = path.strip_prefix("/rest/")?.split(['/', '?']).next()?;
    match name {
        "memberSnapshotData" | "memberChangeLogs" | "memberAuthorizations" => Some("202312"),
        "identityMe" | "verificationReport" => Some("202510.03"),
        _ => None,
    }
}

/// Does LinkedIn say that the version is not active? At any status but a success: the text was seen
/// without a 426 too.
fn refuses_version(answer: &Answer) -> bool {
    !answer.is_success() && answers::read(answer).meaning == Meaning::VersionInactive
}

impl Api<'_> {
    fn ask(&self, request: &Request, version: Version) -> Result<Ask> {
        let mut map = HeaderMap::new();
        map.insert(AUTHORIZATION, bearer_header(self.token)?);
        map.insert(ACCEPT, HeaderValue::from_static("application/json"));
        for (name, value) in headers(&request.path, version, request.body.is_some()) {
            // Both are ASCII words of this program's own.
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) {
                map.insert(name, value);
            }
        }
        map.extend(request.headers.clone());
        let body = request.body.clone().unwrap_or_default();
        let mut ask = Ask::new(request.method.clone(), self.endpoints.api(&request.path), map, body);
        ask.most = request.max_bytes.unwrap_or(ask.most);
        ask.redirect_is_answer = request.redirect_is_answer;
        Ok(ask)
    }

    /// Sends a request; where LinkedIn refuses the version that was chosen automatically, once more
    /// with another one. The gateway refuses a version before anything is done, so a POST is safe to
    /// repeat.
    ///
    /// # Errors
    /// `network` and its kind, with whether the server may have taken the request; any answer of
    /// LinkedIn is a success here.
    pub async fn send(&self, request: &Request) -> Result<Answer, Failure> {
        let unsent = Failure::unsent;
        let version = self.version.current();
        let answer = self.http.ask(self.ask(request, version).map_err(unsent)?).await?;
        let path = &request.path;
        let is_ours = is_versioned(path) && own_version(path).is_none() && !request.headers.contains_key(VERSION);
        if !is_ours || !refuses_version(&answer) {
            return Ok(answer);
        }
        let Some(other) = self.version.alternative(version) else { return Ok(answer) };
        let answer = self.http.ask(self.ask(request, other).map_err(unsent)?).await?;
        // A server in trouble says nothing about the version.
        if !refuses_version(&answer) && answer.status < 500 {
            self.version.accept(Change { from: version, to: other });
        }
        Ok(answer)
    }

    /// Gets.
    ///
    /// # Errors
    /// `network` and its kind; any answer of LinkedIn is one.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        Ok(self.send(&Request::new(Method::GET, path)).await?)
    }

    /// Deletes.
    ///
    /// # Errors
    /// As [`Api::get`].
    pub async fn delete(&self, path: &str) -> Result<Answer> {
        let mut request = Request::new(Method::DELETE, path);
        request.headers.insert(HeaderName::from_static("x-restli-method"), HeaderValue::from_static("DELETE"));
        Ok(self.send(&request).await?)
    }

    /// Posts JSON, and says where that failed whether it may have been done.
    ///
    /// # Errors
    /// As [`Api::get`].
    pub async fn post(&self, path: &str, body: &impl Serialize) -> Result<Answer, Failure> {
        let body = serde_json::to_vec(body).map_err(|_| {
            let words = "The request could not be written as JSON.";
            Failure::unsent(Error::new(Code::Unexpected, words, "Please report this."))
        })?;
        let mut request = Request::new(Method::POST, path);
        request.body = Some(body.into());
        self.send(&request).await
    }

    /// Puts bytes to an address that LinkedIn named, with the token.
    ///
    /// # Errors
    /// `unexpected_response` when the address is not one of LinkedIn's or of the hosts in use: the
    /// token goes nowhere else. As [`Api::get`].
    pub async fn put(&self, url: Url, kind: &str, body: Body, in_all: std::time::Duration) -> Result<Answer> {
        if !self.endpoints.trusts(&url) {
            return Err(Error::new(
                Code::UnexpectedResponse,
                format!(
                    "LinkedIn named an address of another host for the upload ({}); the token is not sent there.",
                    crate::text::clean(url.host_str().unwrap_or("none"), 80)
                ),
                "Check linkedin.api in config.toml; if it happens again, please report it.",
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
