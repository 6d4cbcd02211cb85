//! Which requests may reuse an open connection, since a server may close one at any time.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use linkedin_tui::internal::flows::check::check;
use linkedin_tui::internal::flows::refresh::refresh;
use linkedin_tui::internal::flows::sign_in::{Command, Event, Request, sign_in};
use linkedin_tui::internal::linkedin::http::{Http, HttpRequest, Network};
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use url::Url;

use crate::faults::mock::read_request;
use crate::faults::mock_env::{MockEnv, NEW_TOKEN, profile_name, timeouts};
use crate::support::access_token;
use crate::support::sign_in::{default_app, request as sign_in_request};

/// A server that responds to a fixed number of requests on each connection and closes it at the next one.
struct KeepAliveServer {
    base: String,
    /// The first line of each request, with the number of its connection.
    requests: Arc<Mutex<Vec<(usize, String)>>>,
}

impl KeepAliveServer {
    fn with_limit(count: usize) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::<Mutex<Vec<(usize, String)>>>::default();
        let recorded = Arc::clone(&requests);
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let (stream, recorded) = (stream.unwrap(), Arc::clone(&recorded));
                std::thread::spawn(move || serve(stream, count, |line| recorded.lock().unwrap().push((number, line))));
            }
        });
        Self { base, requests }
    }

    fn requests(&self) -> Vec<(usize, String)> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, count: usize, record: impl Fn(String)) {
    for number in 0.. {
        let Some(request) = read_request(&mut stream) else { return };
        record(request.lines().next().unwrap().to_owned());
        if number == count {
            return;
        }
        let body = response_body(&request).to_string();
        let length = body.len();
        let body = if request.starts_with("HEAD") { String::new() } else { body };
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
    }
}

fn response_body(request: &str) -> Value {
    let path = request.split(' ').nth(1).unwrap();
    match path {
        "/oauth/v2/introspectToken" => json!({"active": true, "status": "active", "client_id": "86abcdefghijkl"}),
        "/oauth/v2/accessToken" => json!({"access_token": NEW_TOKEN, "expires_in": 5_183_999}),
        "/v2/userinfo" => json!({"sub": "kfW51gr4Ja", "name": "Ada Lovelace"}),
        _ => json!({}),
    }
}

#[tokio::test]
async fn a_code_is_exchanged_over_a_new_connection() {
    let server = KeepAliveServer::with_limit(1);
    let env = MockEnv::new(&server.base);
    let (commands, receiver) = tokio::sync::mpsc::unbounded_channel();
    let on_event = |event: Event| {
        if let Event::Listening { authorization_url, redirect_url, .. } = event {
            let state = authorization_url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
            commands.send(Command::Paste(format!("{redirect_url}?code=AQcode&state={state}"))).unwrap();
        }
    };
    let request = Request { is_browser_disabled: true, ..sign_in_request(default_app()) };
    let outcome = sign_in(&env.ctx, request, &on_event, receiver).await.unwrap();
    assert_eq!(access_token(&outcome.profile), NEW_TOKEN, "{:?}", server.requests());
    assert_eq!(outcome.profile.member.unwrap().name.as_deref(), Some("Ada Lovelace"), "{:?}", server.requests());
}

#[tokio::test]
async fn a_token_is_refreshed_over_a_new_connection() {
    let server = KeepAliveServer::with_limit(1);
    let env = MockEnv::new(&server.base);
    check(&env.ctx, &profile_name()).await.unwrap();
    assert_eq!(access_token(&refresh(&env.ctx, &profile_name()).await.unwrap()), NEW_TOKEN, "{:?}", server.requests());
    let exchanges = server.requests().iter().filter(|(_, line)| line.contains("accessToken")).count();
    assert_eq!(exchanges, 1, "{:?}", server.requests());
}

/// Sends a GET, then a request with `method` by the same client; returns the requests after the GET.
async fn send_after_get(server: &KeepAliveServer, method: &Method) -> Vec<(usize, String)> {
    let http = Http::with_timeouts(Network::default(), timeouts());
    for method in [&Method::GET, method] {
        let request = HttpRequest::new(method.clone(), Url::parse(&server.base).unwrap(), HeaderMap::new(), Vec::new());
        assert!(http.execute(request).await.unwrap().is_success(), "{method}");
    }
    server.requests().split_off(1)
}

#[tokio::test]
async fn only_idempotent_requests_reuse_a_connection() {
    for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::POST, Method::PATCH] {
        let line = format!("{method} / HTTP/1.1");
        let is_idempotent = !matches!(method, Method::POST | Method::PATCH);
        let requests = send_after_get(&KeepAliveServer::with_limit(9), &method).await;
        assert_eq!(requests, [(usize::from(!is_idempotent), line.clone())]);
        // The same if the server closes the open connection at that moment.
        let requests = send_after_get(&KeepAliveServer::with_limit(1), &method).await;
        let expected = if is_idempotent { vec![(0, line.clone()), (1, line)] } else { vec![(1, line)] };
        assert_eq!(requests, expected);
    }
}
