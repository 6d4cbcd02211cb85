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

/// A sign-in that waits for its callback.
pub(crate) struct Wait {
    pub(crate) waiting: CallbackHandle,
    pub(crate) port: u16,
    pub(crate) state: String,
}

/// A response with its whole body.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }
}

impl Wait {
    pub(crate) async fn new() -> Self {
        Self::on(free_port()).await
    }

    pub(crate) async fn on(port: u16) -> Self {
        let redirect = localhost_redirect_url(port);
        let listener = CallbackServer::bind(&redirect).await.unwrap();
        listener.self_test().await.unwrap();
        let scopes = ["openid".to_owned(), "profile".to_owned()];
        let endpoints = Endpoints::linkedin().unwrap();
        let attempt =
            AuthorizationAttempt::new(&endpoints, "86abcdefghijkl", &redirect, &scopes, Flow::Standard).unwrap();
        let state = attempt.url().query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        Self { waiting: listener.serve(&attempt, &scopes), port, state }
    }

    /// Returns the query of the callback that ends the wait.
    pub(crate) fn good(&self) -> String {
        format!("code=AQgood&state={}", self.state)
    }

    /// Sends a browser's request for a path, with additional header lines.
    pub(crate) async fn get(&self, path: &str, more: &str) -> Reply {
        let port = self.port;
        self.raw(format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n{more}\r\n").as_bytes()).await
    }

    pub(crate) async fn callback(&self, query: &str) -> Reply {
        self.get(&format!("/callback?{query}"), "").await
    }

    /// Sends bytes and reads the response; every one must have the headers (L31), except one without content: hyper's own
    /// to bytes that are not a request.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> Reply {
        let reply =
            self.answer_to(bytes).await.unwrap_or_else(|| panic!("no answer to {:?}", String::from_utf8_lossy(bytes)));
        if !matches!(reply.status, 400 | 414 | 431) || !reply.body.is_empty() {
            l31_headers(&reply);
        }
        reply
    }

    /// Sends bytes; `None` where the connection is closed without a response.
    pub(crate) async fn answer_to(&self, bytes: &[u8]) -> Option<Reply> {
        let mut stream = self.connect().await;
        // A rejection may arrive before everything was sent.
        drop(stream.write_all(bytes).await);
        let mut read = Vec::new();
        drop(tokio::time::timeout(DEADLINE, stream.read_to_end(&mut read)).await.unwrap());
        let text = String::from_utf8(read).unwrap();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let status = head.get(9..12)?.parse().unwrap();
        Some(Reply { status, head: head.to_owned(), body: body.to_owned() })
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), self.port)).await.unwrap()
    }

    /// Waits for the result of the sign-in.
    pub(crate) async fn answer(&mut self) -> Result<String, Error> {
        let answer = tokio::time::timeout(DEADLINE, self.waiting.code()).await.unwrap();
        answer.map(|code| code.expose().to_owned())
    }

    /// Asserts that the sign-in still works: no earlier request was taken for the callback.
    pub(crate) async fn still_waits(&mut self) {
        let reply = self.callback(&self.good()).await;
        assert_eq!(reply.status, 303);
        assert_eq!(self.answer().await.unwrap(), "AQgood");
    }

    pub(crate) fn refused(&self) -> u64 {
        self.waiting.rejected_callbacks().borrow().count
    }
}

/// The headers of every response, whatever its status.
fn l31_headers(reply: &Reply) {
    let has = |name: &str, value: &str| {
        let found = reply.header(name);
        assert!(found.is_some_and(|found| found.contains(value)), "{} lacks {name}: {found:?}", reply.status);
    };
    has("content-security-policy", "default-src 'none'");
    has("content-security-policy", "frame-ancestors 'none'");
    has("cache-control", "no-store");
    has("referrer-policy", "no-referrer");
    has("x-content-type-options", "nosniff");
    has("x-frame-options", "DENY");
    has("connection", "close");
    assert!(!reply.head.to_lowercase().contains("access-control"), "no CORS");
}

/// Returns the error of a bind or a self-test that another program prevents.
pub(crate) async fn refusal(port: u16) -> Option<Error> {
    let error = match CallbackServer::bind(&localhost_redirect_url(port)).await {
        Err(error) => error,
        Ok(listener) => listener.self_test().await.err()?,
    };
    assert_eq!(error.code, Code::PortInUse);
    Some(error)
}

pub(crate) const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
