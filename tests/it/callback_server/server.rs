//! A callback server on a free port, and a client that sends arbitrary bytes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use linkedin_tui::internal::linkedin::Endpoints;
use linkedin_tui::internal::linkedin::Flow;
use linkedin_tui::internal::oauth::authorize::AuthorizationAttempt;
use linkedin_tui::internal::oauth::callback::{CallbackHandle, CallbackServer};
use linkedin_tui::{Code, Error};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::DEADLINE;
use crate::support::ports::free_port;
use crate::support::sign_in::localhost_redirect_url;

/// A callback server that waits for its callback.
pub(crate) struct TestServer {
    pub(crate) callback: CallbackHandle,
    pub(crate) port: u16,
    pub(crate) state: String,
}

/// A response with its complete body.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }
}

impl TestServer {
    pub(crate) async fn new() -> Self {
        Self::on_port(free_port()).await
    }

    pub(crate) async fn on_port(port: u16) -> Self {
        let redirect = localhost_redirect_url(port);
        let listener = CallbackServer::bind(&redirect).await.unwrap();
        listener.self_test().await.unwrap();
        let scopes = ["openid".to_owned(), "profile".to_owned()];
        let endpoints = Endpoints::linkedin().unwrap();
        let attempt =
            AuthorizationAttempt::new(&endpoints, "86abcdefghijkl", &redirect, &scopes, Flow::Standard).unwrap();
        let state = attempt.url().query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        Self { callback: listener.serve(&attempt, &scopes), port, state }
    }

    /// Returns the query of the callback that ends the wait.
    pub(crate) fn valid_query(&self) -> String {
        format!("code=AQvalid&state={}", self.state)
    }

    /// Sends a browser's GET of a path, with additional header lines.
    pub(crate) async fn get(&self, path: &str, headers: &str) -> Response {
        let port = self.port;
        self.send(format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n{headers}\r\n").as_bytes()).await
    }

    pub(crate) async fn send_callback(&self, query: &str) -> Response {
        self.get(&format!("/callback?{query}"), "").await
    }

    /// Sends bytes, reads the response and asserts its security headers. Only hyper's own empty response to bytes that
    /// are not a request lacks them.
    pub(crate) async fn send(&self, bytes: &[u8]) -> Response {
        let response =
            self.try_send(bytes).await.unwrap_or_else(|| panic!("no response to {:?}", String::from_utf8_lossy(bytes)));
        if !matches!(response.status, 400 | 414 | 431) || !response.body.is_empty() {
            assert_security_headers(&response);
        }
        response
    }

    /// Sends bytes and reads the response; `None` if the connection is closed without one.
    pub(crate) async fn try_send(&self, bytes: &[u8]) -> Option<Response> {
        let mut stream = self.connect().await;
        // A rejection may arrive before everything was sent.
        drop(stream.write_all(bytes).await);
        let mut read = Vec::new();
        drop(tokio::time::timeout(DEADLINE, stream.read_to_end(&mut read)).await.unwrap());
        let text = String::from_utf8(read).unwrap();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let status = head.get(9..12)?.parse().unwrap();
        Some(Response { status, head: head.to_owned(), body: body.to_owned() })
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), self.port)).await.unwrap()
    }

    /// Waits for the authorization code or the error.
    pub(crate) async fn code(&mut self) -> Result<String, Error> {
        let result = tokio::time::timeout(DEADLINE, self.callback.receive_code()).await.unwrap();
        result.map(|code| code.expose().to_owned())
    }

    /// Asserts that the server still accepts the valid callback, so no earlier request ended the wait.
    pub(crate) async fn assert_accepts_callback(&mut self) {
        let response = self.send_callback(&self.valid_query()).await;
        assert_eq!(response.status, 303);
        assert_eq!(self.code().await.unwrap(), "AQvalid");
    }

    pub(crate) fn rejected_count(&self) -> u64 {
        self.callback.rejected_callbacks().borrow().count
    }
}

/// Asserts the headers that every response has.
fn assert_security_headers(response: &Response) {
    let assert_header = |name: &str, value: &str| {
        let found = response.header(name);
        assert!(found.is_some_and(|found| found.contains(value)), "{} lacks {name}: {found:?}", response.status);
    };
    assert_header("content-security-policy", "default-src 'none'");
    assert_header("content-security-policy", "frame-ancestors 'none'");
    assert_header("cache-control", "no-store");
    assert_header("referrer-policy", "no-referrer");
    assert_header("x-content-type-options", "nosniff");
    assert_header("x-frame-options", "DENY");
    assert_header("connection", "close");
    assert!(!response.head.to_lowercase().contains("access-control"), "no CORS");
}

/// Returns the error of the bind or the self-test when a different program uses the port.
pub(crate) async fn bind_error(port: u16) -> Option<Error> {
    let error = match CallbackServer::bind(&localhost_redirect_url(port)).await {
        Err(error) => error,
        Ok(listener) => listener.self_test().await.err()?,
    };
    assert_eq!(error.code, Code::PortInUse);
    Some(error)
}

pub(crate) const LOCALHOST_V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
