//! Calls to LinkedIn's API, with the token, the version under `/rest/`, and the protocol.

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Body, Method};
use serde_json::Value;
use url::Url;

use super::endpoints::Endpoints;
use super::http::{Failure, Http, HttpRequest, Response, bearer_header};
use super::meanings::{self, Meaning};
use super::version_in_use::{Change, VersionInUse};
use super::versions::Version;

use crate::secret::Secret;
use crate::{Code, Error, Result};

/// Rest.li's protocol version, which the API expects ("API Protocol Versions").
pub(crate) const PROTOCOL_VERSION: &str = "2.0.0";
/// The header that names the version of the API.
const VERSION_HEADER: &str = "LinkedIn-Version";

/// The client of the API with one token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Api<'a> {
    pub http: &'a Http,
    pub endpoints: &'a Endpoints,
    /// The access token.
    pub token: &'a Secret,
    pub version: &'a VersionInUse,
}

/// A request to a path of the API.
#[derive(Debug)]
pub(crate) struct Request {
    pub method: Method,
    /// The path with its query.
    pub path: String,
    /// Headers that replace the usual ones.
    pub headers: HeaderMap,
    /// The body; JSON, unless a header names another type.
    pub body: Option<Bytes>,
    /// Largest response that is read, in bytes; `None` for the usual limit.
    pub max_bytes: Option<usize>,
    /// Whether a redirect is returned as the response instead of an error. It is never followed.
    pub is_redirect_returned: bool,
}

impl Request {
    pub(crate) fn new(method: Method, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: None,
            max_bytes: None,
            is_redirect_returned: false,
        }
    }
}

/// Returns the headers that a path needs, except the one with the token: `--dry-run` may show them.
pub(crate) fn build_headers(path: &str, version: Version, has_body: bool) -> Vec<(&'static str, String)> {
    let mut headers = Vec::new();
    if is_versioned(path) {
        headers.push((VERSION_HEADER, required_version(path).map_or_else(|| version.to_string(), str::to_owned)));
    }
    headers.push(("X-Restli-Protocol-Version", PROTOCOL_VERSION.to_owned()));
    if has_body {
        headers.push(("Content-Type", "application/json".to_owned()));
    }
    headers
}

/// Returns whether the path has a version; `/v2/` has none.
fn is_versioned(path: &str) -> bool {
    path.starts_with("/rest/")
}

/// Returns the only version that an API accepts, if it does not follow the monthly ones: data portability has only 202312 ("Member Data
/// Portability"), Verified on LinkedIn its own releases ("Verified on LinkedIn").
pub(crate) fn required_version(path: &str) -> Option<&'static str> {
    let name = path.strip_prefix("/rest/")?.split(['/', '?']).next()?;
    match name {
        "memberSnapshotData" | "memberChangeLogs" | "memberAuthorizations" => Some("202312"),
        "identityMe" | "verificationReport" => Some("202510.03"),
        _ => None,
    }
}

/// Returns whether LinkedIn refused the version, because it is not active. The text also occurred without a 426.
fn is_version_refused(response: &Response) -> bool {
    !response.is_success() && meanings::explain(response).meaning == Meaning::VersionInactive
}

impl Api<'_> {
    fn build_http_request(&self, request: &Request, version: Version) -> Result<HttpRequest> {
        let mut map = HeaderMap::new();
        map.insert(AUTHORIZATION, bearer_header(self.token)?);
        map.insert(ACCEPT, HeaderValue::from_static("application/json"));
        for (name, value) in build_headers(&request.path, version, request.body.is_some()) {
            // Both are constants in ASCII.
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) {
                map.insert(name, value);
            }
        }
        map.extend(request.headers.clone());
        let body = request.body.clone().unwrap_or_default();
        let mut http_request = HttpRequest::new(request.method.clone(), self.endpoints.api(&request.path), map, body);
        http_request.max_bytes = request.max_bytes.unwrap_or(http_request.max_bytes);
        http_request.is_redirect_returned = request.is_redirect_returned;
        Ok(http_request)
    }

    /// Sends a request; a response of any status is `Ok`, see [`Http::execute`](super::http::Http::execute). Repeats it with another version if LinkedIn refuses one
    /// that was chosen automatically. The gateway refuses a version before it carries out anything, so that a POST can
    /// be repeated.
    pub(crate) async fn send(&self, request: &Request) -> Result<Response, Failure> {
        let not_carried_out = Failure::not_carried_out;
        let version = self.version.current();
        let response = self.http.execute(self.build_http_request(request, version).map_err(not_carried_out)?).await?;
        let path = &request.path;
        let is_automatic =
            is_versioned(path) && required_version(path).is_none() && !request.headers.contains_key(VERSION_HEADER);
        if !is_automatic || !is_version_refused(&response) {
            return Ok(response);
        }
        let Some(alternative) = self.version.alternative(version) else { return Ok(response) };
        let response =
            self.http.execute(self.build_http_request(request, alternative).map_err(not_carried_out)?).await?;
        // A server error proves nothing about the version.
        if !is_version_refused(&response) && response.status < 500 {
            self.version.accept(Change { from: version, to: alternative });
        }
        Ok(response)
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Response> {
        Ok(self.send(&Request::new(Method::GET, path)).await?)
    }

    /// Posts JSON; a failure contains whether the server may have carried it out.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Response, Failure> {
        let mut request = Request::new(Method::POST, path);
        request.body = Some(body.to_string().into());
        self.send(&request).await
    }

    /// Sends a PUT to a URL that LinkedIn named, with the token or without it.
    ///
    /// # Errors
    /// `unexpected_response` if the URL is neither LinkedIn's nor of the hosts in use: neither the token nor the file is
    /// sent anywhere else. Else the errors of [`Http::execute`].
    pub(crate) async fn put(
        &self,
        url: Url,
        content_type: &str,
        body: Body,
        timeout: std::time::Duration,
        has_token: bool,
    ) -> Result<Response> {
        if !self.endpoints.trusts(&url) {
            return Err(Error::new(
                Code::UnexpectedResponse,
                format!(
                    "LinkedIn named an upload URL on another host ({}); the file and the token are not sent there.",
                    crate::text::sanitize(url.host_str().unwrap_or("none"), 80)
                ),
                "Check linkedin.api in config.toml; if it happens again, please report it.",
            ));
        }
        let mut headers = HeaderMap::new();
        if has_token {
            headers.insert(AUTHORIZATION, bearer_header(self.token)?);
        }
        if let Ok(content_type) = HeaderValue::from_str(content_type) {
            headers.insert(CONTENT_TYPE, content_type);
        }
        let mut request = HttpRequest::new(Method::PUT, url, headers, body);
        request.timeout = Some(timeout);
        Ok(self.http.execute(request).await?)
    }
}
