//! The network: one client for all requests, with limits, and errors that carry no URL and no body.

use std::error::Error as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use hyper_util::client::proxy::matcher::Matcher;
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Body, Certificate, Client, Method, Proxy, redirect};
use serde::de::DeserializeOwned;
use url::Url;

use crate::secret::Secret;
use crate::{Code, Error, Result};

/// Largest answer that is read.
const MOST: usize = 256 * 1024;

/// How long a request may take; handed in, so that tests need not wait.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Until the connection stands.
    pub connect: Duration,
    /// Until the answer is read to its end.
    pub in_all: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), in_all: Duration::from_secs(30) }
    }
}

/// What company networks need on top of the system's own settings.
#[derive(Clone, Default)]
pub struct Network {
    /// A proxy's URL, which may carry a password.
    pub proxy: Option<String>,
    /// A PEM file with certificates to trust too.
    pub ca_file: Option<PathBuf>,
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Network").field("proxy", &self.proxy.is_some()).field("ca_file", &self.ca_file).finish()
    }
}

/// A form's fields. Its `Debug` is not derived: secrets are in it.
#[derive(Default)]
pub struct Form(String);

impl Form {
    /// With a field that is no secret.
    #[must_use]
    pub fn text(self, name: &str, value: &str) -> Self {
        let mut fields = url::form_urlencoded::Serializer::new(self.0);
        Self(fields.append_pair(name, value).finish())
    }

    /// With a secret field: it goes in the body, as LinkedIn wants it.
    #[must_use]
    pub fn secret(self, name: &str, value: &Secret) -> Self {
        self.text(name, sent(value))
    }
}

/// The one place where a secret goes to the network, by our own form or by the `oauth2` crate's.
pub(crate) fn sent(secret: &Secret) -> &str {
    secret.expose()
}

/// Sends requests. The client behind it is made at the first one: starting costs nothing.
#[derive(Clone, Debug)]
pub struct Http {
    network: Arc<Network>,
    limits: Limits,
    direct: bool,
    client: Arc<OnceLock<Client>>,
}

/// LinkedIn's answer. Its body is in no `Debug`.
pub struct Answer {
    /// The method of the request.
    pub method: Method,
    /// The path of the request, without its query.
    pub path: String,
    /// HTTP status.
    pub status: u16,
    /// The server's clock.
    pub date: Option<Timestamp>,
    /// How long the server asks to wait before the next try.
    pub retry_after: Option<SignedDuration>,
    /// `x-li-uuid`, for LinkedIn's support.
    pub uuid: Option<String>,
    /// What a POST created, perhaps percent-encoded: `x-restli-id`, else `x-linkedin-id` (Rest.li 1.0).
    pub made: Option<String>,
    /// `x-restli-gateway-error`: whether the gateway refused the request (`true`), or the resource behind it (`false`).
    pub gateway_error: Option<bool>,
    /// `x-restli-error-response` or, in Rest.li 1.0, `x-linkedin-error-response`: whether LinkedIn marks its answer as an error.
    pub error_response: Option<bool>,
    body: Vec<u8>,
}

/// A request with limits of its own.
pub struct Ask {
    /// The method.
    pub method: Method,
    /// The address; its host gets what the headers carry.
    pub url: Url,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
    /// Largest answer that is read, in bytes.
    pub most: usize,
    /// How long it may take in all; `None` for the usual time.
    pub in_all: Option<Duration>,
    /// Give a redirect as the answer that it is, instead of an error. It is followed in no case.
    pub redirect_is_answer: bool,
}

impl Ask {
    /// A request with the usual limits.
    #[must_use]
    pub fn new(method: Method, url: Url, headers: HeaderMap, body: impl Into<Body>) -> Self {
        Self { method, url, headers, body: body.into(), most: MOST, in_all: None, redirect_is_answer: false }
    }
}

/// Why there is no answer, and whether the request can have reached the server: one that can must
/// not simply be sent again.
#[derive(Debug)]
pub struct Failure {
    /// The error.
    pub error: Error,
    /// May the server have taken the request?
    pub maybe_done: bool,
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

impl Http {
    /// Remembers the settings; nothing is opened yet.
    #[must_use]
    pub fn new(network: Network) -> Self {
        Self::with_limits(network, Limits::default())
    }

    /// The same with other limits than the usual ones.
    #[must_use]
    pub fn with_limits(network: Network, limits: Limits) -> Self {
        Self { network: Arc::new(network), limits, direct: false, client: Arc::default() }
    }

    /// Past every proxy, for the imitation in this very process: a company's proxy leads away from it.
    #[must_use]
    pub fn direct() -> Self {
        Self { direct: true, ..Self::new(Network::default()) }
    }

    fn client(&self) -> Result<&Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = build(&self.network, self.limits, self.direct)?;
        Ok(self.client.get_or_init(|| client))
    }

    /// Does a request to this address of plain http go to a proxy? A tunnel for https names itself in its errors; here
    /// the connection that fails is the one to the proxy, and nothing in the error tells.
    fn goes_by_proxy(&self, url: &str) -> bool {
        let system = || url.parse().is_ok_and(|uri| Matcher::from_system().intercept(&uri).is_some());
        !self.direct && (self.network.proxy.is_some() || system())
    }

    /// Posts a form.
    ///
    /// # Errors
    /// `network` when nobody answered, `unexpected_answer` for a redirect or a too large body.
    pub async fn post_form(&self, url: Url, form: Form) -> Result<Answer> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        self.send(Method::POST, url, headers, form.0.into_bytes()).await
    }

    /// Gets with a bearer token.
    ///
    /// # Errors
    /// As [`Http::post_form`].
    pub async fn get(&self, url: Url, bearer: &Secret) -> Result<Answer> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, bearer_header(bearer)?);
        self.send(Method::GET, url, headers, Vec::new()).await
    }

    /// Sends any request; redirects are never followed.
    ///
    /// # Errors
    /// As [`Http::post_form`].
    pub async fn send(&self, method: Method, url: Url, headers: HeaderMap, body: Vec<u8>) -> Result<Answer> {
        Ok(self.ask(Ask::new(method, url, headers, body)).await?)
    }

    /// Sends a request with limits of its own; redirects are never followed.
    ///
    /// # Errors
    /// As [`Http::post_form`], with a word on whether the request was sent.
    pub async fn ask(&self, ask: Ask) -> Result<Answer, Failure> {
        let Ask { method, url, headers, body, most, in_all, redirect_is_answer } = ask;
        let host = url.host_str().unwrap_or_default().to_owned();
        let unsent = |error| Failure { error, maybe_done: false };
        let sent = |error| Failure { error, maybe_done: true };
        // Never the query: it may carry secrets.
        let asked = format!("{method} {host}{}", url.path());
        let since = Instant::now();
        let (asked_method, path) = (method.clone(), url.path().to_owned());
        let plain = (url.scheme() == "http").then(|| url.as_str().to_owned());
        let mut request = self.client().map_err(unsent)?.request(method, url).headers(headers).body(body);
        if let Some(in_all) = in_all {
            request = request.timeout(in_all);
        }
        let mut response = request.send().await.map_err(|error| Failure {
            maybe_done: !error.is_connect() && !error.is_builder(),
            error: network(&host, &error, plain.is_some_and(|url| self.goes_by_proxy(&url))),
        })?;
        let status = response.status();
        let redirected = status.is_redirection()
            || response.headers().contains_key(LOCATION) && status.as_u16() < 400 && status.as_u16() != 201;
        if redirected && !redirect_is_answer {
            // Whoever sends us elsewhere has not done it.
            return Err(unsent(Error::new(
                Code::UnexpectedAnswer,
                format!(
                    "{host} answered with a redirect ({}), which is not followed: it could carry secrets elsewhere.",
                    status.as_u16()
                ),
                "If you are behind a login page (hotel, office), open a web page first. Else check linkedin.www and linkedin.api.",
            )));
        }
        let text = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let uuid = text("x-li-uuid").map(|uuid| crate::text::clean(&uuid, 60));
        let filled = |name: &str| text(name).filter(|value| !value.trim().is_empty());
        let made = filled("x-restli-id").or_else(|| filled("x-linkedin-id"));
        let flag = |name: &str| match text(name)?.trim().to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        let gateway_error = flag("x-restli-gateway-error");
        let error_response = flag("x-restli-error-response").or_else(|| flag("x-linkedin-error-response"));
        let took = since.elapsed().as_millis();
        tracing::info!("{asked}: {}, {took} ms, x-li-uuid {}", status.as_u16(), uuid.as_deref().unwrap_or("none"));
        let date = text(DATE.as_str()).as_deref().and_then(http_date);
        let retry_after = text(RETRY_AFTER.as_str()).and_then(|text| retry_after(&text, date));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| sent(network(&host, &error, false)))? {
            if body.len() + chunk.len() > most {
                return Err(sent(Error::new(
                    Code::UnexpectedAnswer,
                    format!("{host} sent more than {} KiB, which no such answer of LinkedIn has.", most / 1024),
                    "Check linkedin.www and linkedin.api, and any proxy in between.",
                )));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            method: asked_method,
            path,
            status: status.as_u16(),
            date,
            retry_after,
            uuid,
            made,
            gateway_error,
            error_response,
            body,
        })
    }
}

fn http_date(text: &str) -> Option<Timestamp> {
    rfc2822::parse(text).ok().map(|date| date.timestamp())
}

/// `Retry-After`: seconds or a date, which is set against the server's own clock where it tells it.
fn retry_after(text: &str, date: Option<Timestamp>) -> Option<SignedDuration> {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        return Some(SignedDuration::from_secs(text.parse().unwrap_or(i64::MAX)));
    }
    let wait = http_date(text)?.duration_since(date.unwrap_or_else(Timestamp::now));
    Some(wait.max(SignedDuration::ZERO))
}

pub(super) fn bearer_header(bearer: &Secret) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", sent(bearer))).map_err(|_| {
        Error::new(Code::UnexpectedAnswer, "The stored token has characters that no token has.", "Sign in again.")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

impl Answer {
    /// An answer as a test scripts it.
    #[cfg(any(fuzzing, test))]
    pub(crate) fn scripted(method: &str, path: &str, status: u16, body: &[u8]) -> Self {
        let method = Method::from_bytes(method.as_bytes()).unwrap_or_default();
        let body = body.to_vec();
        Self {
            method,
            path: path.to_owned(),
            status,
            date: None,
            retry_after: None,
            uuid: None,
            made: None,
            gateway_error: None,
            error_response: None,
            body,
        }
    }

    /// Was it a success (2xx)?
    #[must_use]
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// The raw body, for a caller that passes it on.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The same, given away.
    #[must_use]
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }

    /// Reads the body as JSON, whatever its content type says.
    ///
    /// # Errors
    /// `unexpected_answer`, which never quotes the body.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let body = self.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.body);
        serde_json::from_slice(body).map_err(|_| {
            let html = body.trim_ascii_start().first() == Some(&b'<');
            let (what, hint) = if html {
                (
                    "a web page instead of data",
                    "A proxy or a login page may stand in between: open a web page, then try again.",
                )
            } else {
                (
                    "something that cannot be understood",
                    "Try again; if it stays, LinkedIn changed its answer: please report it.",
                )
            };
            Error::new(Code::UnexpectedAnswer, format!("LinkedIn answered with {what} (status {}).", self.status), hint)
        })
    }
}

fn setting(key: &str, why: &str) -> Error {
    Error::bad_input(format!("The setting network.{key} cannot be used: {why}."), "Correct it in config.toml.")
}

/// The certificates in a PEM file.
///
/// # Errors
/// `bad_input` where it cannot be read or holds none; the file is not named.
pub fn certificates(file: &Path) -> Result<Vec<Certificate>> {
    let pem = std::fs::read(file)
        .map_err(|error| setting("ca_file", &format!("the file: {}", crate::error::io_reason(&error))))?;
    let found = Certificate::from_pem_bundle(&pem).unwrap_or_default();
    if found.is_empty() { Err(setting("ca_file", "it holds no PEM certificates")) } else { Ok(found) }
}

fn build(network: &Network, limits: Limits, direct: bool) -> Result<Client> {
    // A second call finds the provider installed already.
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut builder = Client::builder()
        .redirect(redirect::Policy::none())
        .connect_timeout(limits.connect)
        .timeout(limits.in_all)
        .user_agent(concat!("linkedin-tui/", env!("CARGO_PKG_VERSION")));
    if direct {
        builder = builder.no_proxy();
    }
    if let Some(proxy) = &network.proxy {
        builder = builder.proxy(Proxy::all(proxy).map_err(|_| setting("proxy", "it is no URL of a proxy"))?);
    }
    if let Some(file) = &network.ca_file {
        builder = builder.tls_certs_merge(certificates(file)?);
    }
    builder.build().map_err(|_| {
        Error::new(
            Code::Network,
            "The network client could not be made.",
            "Check the system's certificates, and network in config.toml.",
        )
    })
}

/// Says what failed, without the URL. `by_proxy` tells whether it is a proxy that is connected to.
fn network(host: &str, error: &reqwest::Error, by_proxy: bool) -> Error {
    let mut chain = String::new();
    let mut source = error.source();
    while let Some(inner) = source {
        chain.push_str(&inner.to_string().to_ascii_lowercase());
        chain.push('\n');
        source = inner.source();
    }
    let has = |words: &[&str]| words.iter().any(|word| chain.contains(word));
    let (what, hint) = if has(&["certificate", "tls", "handshake", "fatal alert", "peer is incompatible"]) {
        let (why, hint) = secure(&has);
        (format!("The secure connection (TLS) to {host} failed: {why}."), hint)
    } else if by_proxy && error.is_connect() {
        ("No connection to the proxy.".to_owned(), "Check HTTP_PROXY, NO_PROXY, and network.proxy in config.toml.")
    } else if has(&["proxy", "tunnel"]) {
        (
            "The proxy did not make the connection.".to_owned(),
            "Check HTTPS_PROXY, NO_PROXY, and network.proxy in config.toml.",
        )
    } else if error.is_timeout() {
        (format!("{host} did not answer in time."), "Check the network, then try again.")
    } else if has(&["dns", "lookup", "resolve"]) {
        (format!("The name {host} could not be found."), "Check the network, then try again.")
    } else if error.is_connect() {
        (format!("No connection to {host}."), "Check the network, then try again.")
    } else {
        (format!("The connection to {host} broke off."), "Try again.")
    };
    Error::new(Code::Network, what, hint)
}

/// Why TLS failed, and what to do. There is no switch to go on all the same.
fn secure(has: &dyn Fn(&[&str]) -> bool) -> (&'static str, &'static str) {
    const CLOCK: &str = "Check this machine's clock. If it is right, the server or a proxy in between is at fault.";
    if has(&["not valid yet", "notvalidyet"]) {
        ("its certificate is not valid yet", CLOCK)
    } else if has(&["expired"]) {
        ("its certificate has expired", CLOCK)
    } else if has(&["not valid for name", "notvalidforname"]) {
        ("its certificate is for another name", "Check linkedin.www and linkedin.api, and any proxy in between.")
    } else if has(&["incompatible", "protocolversion", "protocol version"]) {
        (
            "it offers only a version of TLS that is no longer safe",
            "A proxy in between may be outdated: ask who runs it.",
        )
    } else {
        (
            "its certificate is not trusted here",
            "Networks that inspect TLS have a certificate of their own: put it in a PEM file and name it by network.ca_file in config.toml.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t18_retry_after_is_seconds_or_a_date() {
        let date = http_date("Tue, 24 Nov 2026 10:00:00 GMT");
        assert!(date.is_some());
        let seconds = |text: &str| retry_after(text, date).map(|wait| wait.as_secs());
        assert_eq!(seconds("30"), Some(30));
        assert_eq!(seconds(" 0 "), Some(0));
        assert_eq!(seconds("31536000"), Some(31_536_000));
        assert_eq!(seconds("99999999999999999999999"), Some(i64::MAX));
        assert_eq!(seconds("Tue, 24 Nov 2026 10:00:45 GMT"), Some(45));
        assert_eq!(seconds("Tue, 24 Nov 2026 09:00:00 GMT"), Some(0), "a date that has passed");
        for odd in ["", "-5", "1.5", "soon", "NaN"] {
            assert_eq!(seconds(odd), None, "{odd}");
        }
    }
}
