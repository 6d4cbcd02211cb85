//! The HTTP client: limits, retries, and whether a request may have been carried out.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Body, Client, ClientBuilder, Method, redirect};
use url::{Origin, Url};

use super::failure::{self, Failure};
use super::form::{Form, expose_to_network};
use super::observer::{RequestObserver, SentRequest};
use super::proxy::ProxyInUse;
use super::response::Response;
use super::settings::{Network, Timeouts};
use super::trust::{self, Bundle, read_ca_file};
use crate::secret::Secret;
use crate::sync::lock;
use crate::{Code, Error, Result, clock};

pub(super) const USER_AGENT: &str = concat!("linkedin-tui/", env!("CARGO_PKG_VERSION"));
/// Largest response that is read, unless the request has its own limit.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// Sends requests. The clients inside are built at the first one, so that startup stays fast.
#[derive(Clone, Debug)]
pub struct Http {
    network: Arc<Network>,
    timeouts: Timeouts,
    ignores_proxy: bool,
    shared: Arc<Shared>,
    observer: Option<RequestObserver>,
    /// The profile that the requests are for, for the observer.
    profile: Option<Arc<str>>,
}

/// The parts that clones share, built at the first request.
#[derive(Debug, Default)]
struct Shared {
    connectivity: OnceLock<Connectivity>,
    /// Keeps connections open for the next request.
    pooled: OnceLock<Client>,
    /// Opens a connection for each request.
    unpooled: OnceLock<Client>,
    /// The origins to which the pool may have an open connection.
    connected_origins: Mutex<HashSet<Origin>>,
}

/// The proxy and the certificates of every connection, read at the first request.
#[derive(Debug)]
struct Connectivity {
    proxy: Option<ProxyInUse>,
    bundle: Bundle,
    has_ca_file: bool,
}

/// A request with its own limits.
pub struct HttpRequest {
    pub method: Method,
    /// The URL; its host receives the headers.
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Body,
    /// Largest response that is read, in bytes.
    pub max_bytes: usize,
    /// How long it may take; `None` for the timeout of the client.
    pub timeout: Option<Duration>,
    /// Whether a redirect is returned as the response instead of an error. It is never followed.
    pub is_redirect_returned: bool,
    /// Whether an open connection may be used. The server may close one at any moment, which leaves
    /// unknown whether it received the request: the request is then repeated. A request that must not be
    /// repeated needs a new connection.
    pub reuses_connection: bool,
}

impl HttpRequest {
    /// Creates a request with the usual limits. A method that is not idempotent (RFC 9110, section 9.2.2)
    /// gets a new connection.
    pub fn new(method: Method, url: Url, headers: HeaderMap, body: impl Into<Body>) -> Self {
        let reuses_connection = method.is_idempotent();
        let body = body.into();
        Self {
            method,
            url,
            headers,
            body,
            max_bytes: MAX_BODY_BYTES,
            timeout: None,
            is_redirect_returned: false,
            reuses_connection,
        }
    }
}

impl Http {
    pub fn new(network: Network) -> Self {
        Self::with_timeouts(network, Timeouts::default())
    }

    pub fn with_timeouts(network: Network, timeouts: Timeouts) -> Self {
        Self {
            network: Arc::new(network),
            timeouts,
            ignores_proxy: false,
            shared: Arc::default(),
            observer: None,
            profile: None,
        }
    }

    /// Creates a client that ignores every proxy, for the sandbox in this process.
    pub fn without_proxy() -> Self {
        Self { ignores_proxy: true, ..Self::new(Network::default()) }
    }

    /// Returns the client with an observer, to which it reports each request.
    pub fn with_observer(self, observer: Option<RequestObserver>) -> Self {
        Self { observer, ..self }
    }

    /// Returns the same client for requests of a profile, whose name its observer gets.
    pub fn with_profile(&self, name: &str) -> Self {
        Self { profile: Some(name.into()), ..self.clone() }
    }

    /// Builds the client, which the first request does otherwise: reports unusable network settings early.
    pub fn prepare(&self) -> Result<()> {
        self.client(Connections::Reused).map(drop)
    }

    /// Returns warnings about settings that are used nevertheless; one sentence each.
    pub fn warnings(&self) -> Result<Vec<String>> {
        let damaged = self.connectivity()?.bundle.damaged;
        let file = self.network.ca_file.as_deref().unwrap_or_else(|| std::path::Path::new("")).display();
        Ok((damaged > 0).then(|| format!("{}.", trust::describe_damaged(damaged, &file))).into_iter().collect())
    }

    fn connectivity(&self) -> Result<&Connectivity> {
        if let Some(connectivity) = self.shared.connectivity.get() {
            return Ok(connectivity);
        }
        let proxy =
            if self.ignores_proxy { None } else { ProxyInUse::find(&self.network, |name| std::env::var_os(name))? };
        let bundle = self.network.ca_file.as_deref().map(read_ca_file).transpose()?.unwrap_or_default();
        let connectivity = Connectivity { proxy, bundle, has_ca_file: self.network.ca_file.is_some() };
        Ok(self.shared.connectivity.get_or_init(|| connectivity))
    }

    /// Returns a builder of a client for sites that are not LinkedIn: the pages of link previews.
    pub(super) fn client_builder(&self) -> Result<ClientBuilder> {
        Ok(trusting_builder(self.connectivity()?))
    }

    pub(super) fn uses_proxy_for(&self, url: &Url) -> Result<bool> {
        Ok(self.connectivity()?.proxy.as_ref().is_some_and(|proxy| proxy.applies_to(url)))
    }

    fn client(&self, connections: Connections) -> Result<&Client> {
        let cell = match connections {
            Connections::Reused => &self.shared.pooled,
            Connections::New => &self.shared.unpooled,
        };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let client = build_client(self.connectivity()?, self.timeouts, connections)?;
        Ok(cell.get_or_init(|| client))
    }

    /// Posts a form that may be sent twice.
    pub async fn post_form(&self, url: Url, form: Form) -> Result<Response, Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        let request = HttpRequest {
            reuses_connection: true,
            ..HttpRequest::new(Method::POST, url, headers, form.0.into_bytes())
        };
        self.execute(request).await
    }

    /// Sends a GET with a bearer token.
    pub async fn get(&self, url: Url, bearer: &Secret) -> Result<Response> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, bearer_header(bearer)?);
        self.send(Method::GET, url, headers, Vec::new()).await
    }

    /// Sends a request with the usual limits; redirects are never followed.
    pub async fn send(&self, method: Method, url: Url, headers: HeaderMap, body: Vec<u8>) -> Result<Response> {
        Ok(self.execute(HttpRequest::new(method, url, headers, body)).await?)
    }

    /// Sends a request with its own limits; redirects are never followed. A response of any status is `Ok`,
    /// except a redirect that the request does not return, and a body that is too large.
    pub async fn execute(&self, request: HttpRequest) -> Result<Response, Failure> {
        let Some(observer) = &self.observer else { return self.send_and_read(request).await };
        let HttpRequest { method, url, headers, .. } = &request;
        let (record, started) = (SentRequest::new(method, url, headers, self.profile.as_deref()), Instant::now());
        let result = self.send_and_read(request).await;
        observer.observe(record.finish(&result, started.elapsed()));
        result
    }

    async fn send_and_read(&self, request: HttpRequest) -> Result<Response, Failure> {
        let (method, url, max_bytes, is_redirect_returned) =
            (request.method.clone(), request.url.clone(), request.max_bytes, request.is_redirect_returned);
        let host = url.host_str().unwrap_or_default();
        let started = Instant::now();
        let mut received = self.send_with_retry(request).await?;
        let mut response = Response::without_body(method, url.path(), &received);
        // Without the query: it may contain secrets.
        tracing::info!(
            "{} {host}{}: {}, {} ms, x-li-uuid {}",
            response.method,
            response.path,
            response.status,
            started.elapsed().as_millis(),
            response.uuid.as_deref().unwrap_or("none")
        );
        if response.is_redirect(&received) && !is_redirect_returned {
            // A server that redirects has not carried out the request.
            return Err(Failure::not_carried_out(Error::new(
                Code::UnexpectedResponse,
                format!(
                    "{host} responded with a redirect ({}), which is not followed: it could lead secrets to another host.",
                    response.status
                ),
                "If you are behind a login page (hotel, office), open a web page first. Else check linkedin.www and linkedin.api in config.toml.",
            )));
        }
        let to_failure = |error| Failure { is_outcome_unknown: true, ..self.explain_failure(&url, error) };
        while let Some(chunk) = received.chunk().await.map_err(to_failure)? {
            if !response.extend(&chunk, max_bytes) {
                let error = Error::new(
                    Code::UnexpectedResponse,
                    format!(
                        "{host} sent more than {} KiB, more than any response of LinkedIn to such a request.",
                        max_bytes / 1024
                    ),
                    "Check linkedin.www and linkedin.api in config.toml, and any proxy in between.",
                );
                return Err(Failure::outcome_unknown(error));
            }
        }
        Ok(response)
    }

    /// Sends the request, and repeats it if the server closed an open connection at that moment.
    async fn send_with_retry(&self, request: HttpRequest) -> Result<reqwest::Response, Failure> {
        if !clock::is_system_clock_usable() {
            return Err(Failure::permanent(Error::unusable_clock()));
        }
        let HttpRequest { method, url, headers, body, timeout, reuses_connection, .. } = request;
        let origin = url.origin();
        let client = self
            .client(if reuses_connection { Connections::Reused } else { Connections::New })
            .map_err(Failure::permanent)?;
        let mut request = client.request(method, url.clone()).headers(headers).body(body);
        if let Some(timeout) = timeout {
            request = request.timeout(timeout);
        }
        let retry =
            request.try_clone().filter(|_| reuses_connection && lock(&self.shared.connected_origins).contains(&origin));
        let mut result = request.send().await;
        if let (Err(error), Some(retry)) = (&result, retry)
            && error.is_request()
            && !error.is_connect()
            && !error.is_timeout()
        {
            let retry = retry.build().map_err(|error| self.explain_failure(&url, error))?;
            result = self.client(Connections::New).map_err(Failure::permanent)?.execute(retry).await;
        }
        if reuses_connection && result.is_ok() {
            lock(&self.shared.connected_origins).insert(origin);
        }
        result.map_err(|error| self.explain_failure(&url, error))
    }

    fn explain_failure(&self, url: &Url, error: reqwest::Error) -> Failure {
        let connectivity = match self.connectivity() {
            Ok(connectivity) => connectivity,
            Err(error) => return Failure::permanent(error),
        };
        let proxy = connectivity.proxy.as_ref().filter(|proxy| proxy.applies_to(url));
        failure::explain(url.host_str().unwrap_or_default(), error, connectivity.has_ca_file, proxy)
    }
}

pub(in crate::linkedin) fn bearer_header(bearer: &Secret) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", expose_to_network(bearer))).map_err(|_| {
        Error::new(
            Code::UnexpectedResponse,
            "The stored token contains characters that no token has.",
            "Re-authorize the profile.",
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Whether requests go over connections that earlier ones left open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Connections {
    Reused,
    New,
}

fn build_client(connectivity: &Connectivity, timeouts: Timeouts, connections: Connections) -> Result<Client> {
    let mut builder = trusting_builder(connectivity)
        .redirect(redirect::Policy::none())
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.total)
        .no_proxy()
        .user_agent(USER_AGENT);
    if connections == Connections::New {
        builder = builder.pool_max_idle_per_host(0);
    }
    if let Some(proxy) = &connectivity.proxy {
        builder = builder.proxy(proxy.to_proxy());
    }
    builder.build().map_err(|error| trust::no_certificates_error().with_source(error.without_url()))
}

/// Returns a builder whose client also trusts the certificates of `network.ca_file`.
fn trusting_builder(connectivity: &Connectivity) -> ClientBuilder {
    // The provider may be installed already.
    drop(rustls::crypto::ring::default_provider().install_default());
    let builder = Client::builder();
    if connectivity.bundle.certificates.is_empty() {
        return builder;
    }
    builder.tls_certs_merge(connectivity.bundle.certificates.iter().cloned())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread::JoinHandle;

    use rstest::rstest;

    use super::*;

    const CANARY: &str = "c4n4ry";

    /// Starts a server that sends `response` to one request; without one, nothing listens on the port. Returns the port.
    fn serve_once(response: Option<&'static str>) -> (u16, Option<JoinHandle<()>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = response.map(|response| {
            std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
                stream.write_all(response.as_bytes()).unwrap();
            })
        });
        (port, server)
    }

    /// A response that fails after the request was sent; without one, nothing listens on the port.
    #[rstest]
    #[case::refused_connection(None)]
    #[case::not_http(Some("c4n4ry\r\n\r\n"))]
    #[case::no_response(Some(""))]
    #[case::truncated_body(Some("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nc4n4ry"))]
    #[tokio::test]
    async fn sources_quote_neither_request_nor_response(#[case] response: Option<&'static str>) {
        let (port, server) = serve_once(response);
        let url = format!("http://127.0.0.1:{port}/path?code={CANARY}&state={CANARY}").parse().unwrap();
        let headers = HeaderMap::from_iter([(AUTHORIZATION, bearer_header(&Secret::new(CANARY)).unwrap())]);
        let failure =
            Http::without_proxy().execute(HttpRequest::new(Method::POST, url, headers, CANARY)).await.unwrap_err();
        if let Some(server) = server {
            server.join().unwrap();
        }
        assert_eq!(failure.is_outcome_unknown, response.is_some());
        assert!(!failure.error.sources().is_empty(), "{:?}", failure.error);
        let first = std::error::Error::source(&failure.error);
        for source in std::iter::successors(first, |error| error.source()) {
            let text = format!("{source} {source:?}");
            assert!(!text.contains(CANARY) && !text.contains("/path"), "{text}");
        }
    }

    /// A request that gets a response, and one that fails to connect: both are observed, and neither record has a secret.
    #[rstest]
    #[case::responded(Some("HTTP/1.1 401 Unauthorized\r\nx-li-uuid: AAY\r\nContent-Length: 6\r\n\r\nc4n4ry"))]
    #[case::refused_connection(None)]
    #[tokio::test]
    async fn observer_gets_every_request_without_its_secrets(#[case] response: Option<&'static str>) {
        let (port, server) = serve_once(response);
        let requests = Arc::new(Mutex::new(Vec::new()));
        let observer = RequestObserver::new({
            let requests = Arc::clone(&requests);
            move |request| lock(&requests).push(request)
        });
        let url = format!("http://u:{CANARY}@127.0.0.1:{port}/rest/posts?q={CANARY}#{CANARY}").parse().unwrap();
        let headers = HeaderMap::from_iter([
            (AUTHORIZATION, bearer_header(&Secret::new(CANARY)).unwrap()),
            (reqwest::header::HeaderName::from_static("linkedin-version"), HeaderValue::from_static("202609")),
        ]);
        let http = Http::without_proxy().with_observer(Some(observer)).with_profile("work");
        let result = http.execute(HttpRequest::new(Method::POST, url, headers, CANARY)).await;
        if let Some(server) = server {
            server.join().unwrap();
        }
        assert_eq!(result.is_ok(), response.is_some());
        let requests = lock(&requests);
        let [request] = requests.as_slice() else { panic!("{requests:?}") };
        assert!(!format!("{request:?}").contains(CANARY), "{request:?}");
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/rest/posts"));
        assert_eq!(request.origin, format!("http://127.0.0.1:{port}"));
        assert_eq!((request.profile.as_deref(), request.has_token), (Some("work"), true));
        assert_eq!(request.api_version.as_deref(), Some("202609"));
        match response {
            Some(_) => assert_eq!((&request.outcome, request.request_id.as_deref()), (&Ok(401), Some("AAY"))),
            None => assert!(request.outcome.as_ref().is_err_and(|reason| reason.ends_with('.')), "{request:?}"),
        }
    }
}
