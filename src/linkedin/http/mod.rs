//! The network: one place that sends requests, with limits, and errors that carry no URL and no body.

mod answer;
mod failure;
mod json;
mod proxy;
mod trust;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Body, Client, Method, Response, redirect};
use url::{Origin, Url};

pub use answer::Answer;
pub use json::{Fields, integer};
pub use proxy::{Route, Source};
pub(crate) use trust::from_variables as trusted_by_variables;
pub use trust::{Bundle, ca_file};

use crate::secret::Secret;
use crate::{Code, Error, Result, clock};

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

/// Sends requests. The clients behind it are made at the first one: starting costs nothing.
#[derive(Clone, Debug)]
pub struct Http {
    network: Arc<Network>,
    limits: Limits,
    direct: bool,
    shared: Arc<Shared>,
}

/// What is made at the first request.
#[derive(Debug, Default)]
struct Shared {
    way: OnceLock<Way>,
    /// Keeps connections open for the next request.
    pooled: OnceLock<Client>,
    /// Opens a connection for each request.
    single: OnceLock<Client>,
    /// The origins to which the pool may have a connection.
    open: Mutex<HashSet<Origin>>,
}

/// How hosts are reached.
#[derive(Debug)]
struct Way {
    route: Option<Route>,
    bundle: Bundle,
    has_ca_file: bool,
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
    /// Whether an open connection may be used. The server may close one at any moment, and then nobody
    /// knows whether it took the request: it is sent once more. One that must not be sent twice goes over
    /// a fresh connection.
    pub reuses_connection: bool,
}

impl Ask {
    /// A request with the usual limits. One whose method is not idempotent (RFC 9110, section 9.2.2)
    /// goes over a fresh connection.
    #[must_use]
    pub fn new(method: Method, url: Url, headers: HeaderMap, body: impl Into<Body>) -> Self {
        let reuses_connection = method.is_idempotent();
        let body = body.into();
        Self { method, url, headers, body, most: MOST, in_all: None, redirect_is_answer: false, reuses_connection }
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
    /// Whether the same request would fail again in the same way: a refused certificate, a wrong setting.
    pub is_certain: bool,
}

impl Failure {
    /// A failure before anything was sent, which may pass.
    #[must_use]
    pub const fn unsent(error: Error) -> Self {
        Self { error, maybe_done: false, is_certain: false }
    }

    /// A failure before anything was sent, which the next try would have too.
    const fn certain(error: Error) -> Self {
        Self { error, maybe_done: false, is_certain: true }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.error
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
        Self { network: Arc::new(network), limits, direct: false, shared: Arc::default() }
    }

    /// Past every proxy, for the imitation in this very process: a company's proxy leads away from it.
    #[must_use]
    pub fn direct() -> Self {
        Self { direct: true, ..Self::new(Network::default()) }
    }

    /// Reads the settings of the network, as the first request does.
    ///
    /// # Errors
    /// `bad_input` for a proxy or `network.ca_file` that cannot be used, `network` where no
    /// certificate is trusted.
    pub fn prepare(&self) -> Result<()> {
        self.client(true).map(drop)
    }

    /// What the user should know about settings that are used all the same; one sentence each.
    ///
    /// # Errors
    /// As [`Http::prepare`].
    pub fn warnings(&self) -> Result<Vec<String>> {
        let broken = self.way()?.bundle.broken;
        let file = self.network.ca_file.as_deref().unwrap_or_else(|| std::path::Path::new("")).display();
        Ok((broken > 0).then(|| format!("{}.", trust::left_out(broken, &file))).into_iter().collect())
    }

    fn way(&self) -> Result<&Way> {
        if let Some(way) = self.shared.way.get() {
            return Ok(way);
        }
        let route = if self.direct { None } else { Route::find(&self.network, |name| std::env::var_os(name))? };
        let bundle = self.network.ca_file.as_deref().map(ca_file).transpose()?.unwrap_or_default();
        let way = Way { route, bundle, has_ca_file: self.network.ca_file.is_some() };
        Ok(self.shared.way.get_or_init(|| way))
    }

    fn client(&self, pooled: bool) -> Result<&Client> {
        let cell = if pooled { &self.shared.pooled } else { &self.shared.single };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let client = build(self.way()?, self.limits, pooled)?;
        Ok(cell.get_or_init(|| client))
    }

    fn may_be_open(&self, origin: &Origin) -> bool {
        self.shared.open.lock().unwrap_or_else(PoisonError::into_inner).contains(origin)
    }

    /// Posts a form that may be sent twice: it asks, or revokes.
    ///
    /// # Errors
    /// `network` when nobody answered, `unexpected_response` for a redirect or a too large body.
    pub async fn post_form(&self, url: Url, form: Form) -> Result<Answer, Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        let ask = Ask { reuses_connection: true, ..Ask::new(Method::POST, url, headers, form.0.into_bytes()) };
        self.ask(ask).await
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
        let (method, url, max_bytes, redirect_is_answer) =
            (ask.method.clone(), ask.url.clone(), ask.most, ask.redirect_is_answer);
        let host = url.host_str().unwrap_or_default();
        let since = Instant::now();
        let mut response = self.response(ask).await?;
        let mut answer = Answer::without_body(method, url.path(), &response);
        // Never the query: it may carry secrets.
        tracing::info!(
            "{} {host}{}: {}, {} ms, x-li-uuid {}",
            answer.method,
            answer.path,
            answer.status,
            since.elapsed().as_millis(),
            answer.uuid.as_deref().unwrap_or("none")
        );
        if answer.is_redirect(&response) && !redirect_is_answer {
            // Whoever redirects has not done it.
            return Err(Failure::unsent(Error::new(
                Code::UnexpectedResponse,
                format!(
                    "{host} answered with a redirect ({}), which is not followed: it could carry secrets elsewhere.",
                    answer.status
                ),
                "If you are behind a login page (hotel, office), open a web page first. Else check linkedin.www and linkedin.api.",
            )));
        }
        let lost = |error: reqwest::Error| Failure { maybe_done: true, ..self.failure(&url, &error) };
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            if !answer.extend(&chunk, max_bytes) {
                let error = Error::new(
                    Code::UnexpectedResponse,
                    format!("{host} sent more than {} KiB, which no such answer of LinkedIn has.", max_bytes / 1024),
                    "Check linkedin.www and linkedin.api, and any proxy in between.",
                );
                return Err(Failure { error, maybe_done: true, is_certain: false });
            }
        }
        Ok(answer)
    }

    /// Sends the request, and once more where the connection was an open one that the server closed just then.
    async fn response(&self, ask: Ask) -> Result<Response, Failure> {
        if !clock::is_system_clock_usable() {
            return Err(Failure::certain(Error::unusable_clock()));
        }
        let Ask { method, url, headers, body, in_all, reuses_connection, .. } = ask;
        let origin = url.origin();
        let client = self.client(reuses_connection).map_err(Failure::certain)?;
        let mut request = client.request(method, url.clone()).headers(headers).body(body);
        if let Some(in_all) = in_all {
            request = request.timeout(in_all);
        }
        let again = request.try_clone().filter(|_| reuses_connection && self.may_be_open(&origin));
        let mut result = request.send().await;
        if let (Err(error), Some(again)) = (&result, again)
            && error.is_request()
            && !error.is_connect()
            && !error.is_timeout()
        {
            let again = again.build().map_err(|error| self.failure(&url, &error))?;
            result = self.client(false).map_err(Failure::certain)?.execute(again).await;
        }
        if reuses_connection && result.is_ok() {
            self.shared.open.lock().unwrap_or_else(PoisonError::into_inner).insert(origin);
        }
        result.map_err(|error| self.failure(&url, &error))
    }

    /// Explains why there is no answer.
    fn failure(&self, url: &Url, error: &reqwest::Error) -> Failure {
        let way = match self.way() {
            Ok(way) => way,
            Err(error) => return Failure::certain(error),
        };
        let route = way.route.as_ref().filter(|route| route.takes(url));
        let cause = failure::explain(url.host_str().unwrap_or_default(), error, way, route);
        let maybe_done = !error.is_connect() && !error.is_builder();
        Failure { error: cause.error, maybe_done, is_certain: cause.is_certain }
    }
}

pub(super) fn bearer_header(bearer: &Secret) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", sent(bearer))).map_err(|_| {
        Error::new(Code::UnexpectedResponse, "The stored token has characters that no token has.", "Sign in again.")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn build(way: &Way, limits: Limits, pooled: bool) -> Result<Client> {
    // A second call finds the provider installed already.
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut builder = Client::builder()
        .redirect(redirect::Policy::none())
        .connect_timeout(limits.connect)
        .timeout(limits.in_all)
        .no_proxy()
        .user_agent(concat!("linkedin-tui/", env!("CARGO_PKG_VERSION")));
    if !pooled {
        builder = builder.pool_max_idle_per_host(0);
    }
    if let Some(route) = &way.route {
        builder = builder.proxy(route.to_proxy());
    }
    if !way.bundle.certificates.is_empty() {
        builder = builder.tls_certs_merge(way.bundle.certificates.iter().cloned());
    }
    builder.build().map_err(|_| trust::nothing_trusted())
}
