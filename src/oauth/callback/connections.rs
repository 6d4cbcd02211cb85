//! Accepting connections and serving one request on each, within limits of number and time.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::task::{AbortHandle, JoinSet};

use super::pages::Response;
use super::peer::Peer;
use super::sockets::Sockets;

/// How long a client may take to send the head of its request: the request line and the headers.
pub(super) const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest duration of a connection, the one that waits for the outcome included.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(60);
/// How many connections may be open; beyond that number the oldest that does not wait for the outcome is closed.
const MAX_CONNECTIONS: usize = 64;
/// Pause after an accept that failed.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(50);
/// The first byte of a TLS handshake record (RFC 8446, section 5.1).
const TLS_HANDSHAKE: u8 = 0x16;

/// Responds to the requests that reach a port.
pub(super) trait Service: Send + Sync + 'static {
    fn respond(
        &self,
        request: &Request<Incoming>,
        peer: Peer,
        connection: &ConnectionState,
    ) -> impl Future<Output = Response> + Send;

    /// Called for a client that starts a TLS handshake instead of a request.
    fn on_tls_attempt(&self) {}

    /// Called once a connection whose response was the outcome was written and closed.
    fn on_outcome_delivered(&self) {}
}

/// What a service reports about a connection while it responds.
#[derive(Debug, Default)]
pub(super) struct ConnectionState {
    waits_for_outcome: AtomicBool,
    has_outcome: AtomicBool,
}

impl ConnectionState {
    /// Marks that the response waits for the outcome: the connection is not closed in favor of newer ones.
    pub(super) fn set_waits_for_outcome(&self) {
        self.waits_for_outcome.store(true, Ordering::SeqCst);
    }

    /// Marks that the response is the outcome.
    pub(super) fn set_has_outcome(&self) {
        self.has_outcome.store(true, Ordering::SeqCst);
    }
}

/// An accepted connection and the task that serves it.
struct OpenConnection {
    task: AbortHandle,
    state: Arc<ConnectionState>,
}

/// Accepts on all sockets, forever. Dropping the future closes every connection.
pub(super) async fn serve<S: Service>(sockets: &Sockets, service: &Arc<S>) {
    let mut tasks = JoinSet::new();
    let mut open: VecDeque<OpenConnection> = VecDeque::new();
    loop {
        // A failed accept (too many descriptors) passes when connections end; until then the socket stays ready, and
        // retrying at once would only burn the processor.
        let Ok(stream) = sockets.accept().await else {
            tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
            continue;
        };
        while tasks.try_join_next().is_some() {}
        open.retain(|connection| !connection.task.is_finished());
        if open.len() >= MAX_CONNECTIONS {
            close_oldest_idle(&mut open).await;
        }
        let state = Arc::new(ConnectionState::default());
        let serving = serve_connection(stream, Arc::clone(service), Arc::clone(&state));
        let task = tasks.spawn(async move { drop(tokio::time::timeout(CONNECTION_TIMEOUT, serving).await) });
        open.push_back(OpenConnection { task, state });
    }
}

async fn close_oldest_idle(open: &mut VecDeque<OpenConnection>) {
    let idle = open.iter().position(|connection| !connection.state.waits_for_outcome.load(Ordering::SeqCst));
    if let Some(connection) = idle.and_then(|at| open.remove(at)) {
        connection.task.abort();
        // The task is dropped, and its socket closed, when the runtime polls it next.
        tokio::task::yield_now().await;
    }
}

async fn serve_connection<S: Service>(stream: TcpStream, service: Arc<S>, state: Arc<ConnectionState>) {
    // At once: the owner of a closed socket can't be looked up.
    let peer = Peer::from_stream(&stream);
    let mut first_byte = [0; 1];
    match tokio::time::timeout(HEAD_TIMEOUT, stream.peek(&mut first_byte)).await {
        Ok(Ok(1..)) => {}
        _ => return,
    }
    if first_byte[0] == TLS_HANDSHAKE {
        service.on_tls_attempt();
        return;
    }
    let response = service_fn(|request| {
        let (service, state) = (&service, &state);
        async move { Ok::<_, Infallible>(service.respond(&request, peer, state).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(16 * 1024)
        .max_headers(64)
        .keep_alive(false)
        // A browser that hangs up after its request has still delivered the callback.
        .half_close(true)
        .serve_connection(TokioIo::new(stream), response);
    // A client that disconnects early needs no handling.
    drop(connection.await);
    if state.has_outcome.load(Ordering::SeqCst) {
        service.on_outcome_delivered();
    }
}

#[cfg(test)]
mod tests {
    use hyper::StatusCode;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::{Semaphore, mpsc};

    use super::*;
    use crate::oauth::callback::pages;

    /// How long the test waits for a request or a response.
    const DEADLINE: Duration = Duration::from_secs(10);

    /// Reports each request, and responds to none before `responses` has a permit; `/result` waits for the outcome.
    struct WaitingService {
        requests: mpsc::UnboundedSender<()>,
        responses: Semaphore,
    }

    impl Service for WaitingService {
        async fn respond(&self, request: &Request<Incoming>, _: Peer, connection: &ConnectionState) -> Response {
            if request.uri().path() == "/result" {
                connection.set_waits_for_outcome();
            }
            self.requests.send(()).unwrap();
            let _permit = self.responses.acquire().await.unwrap();
            pages::plain(StatusCode::OK, "outcome".to_owned())
        }
    }

    async fn send_request(port: u16, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("localhost", port)).await.unwrap();
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).await.unwrap();
        stream
    }

    /// Returns what the server sends until it closes the connection.
    async fn read_response(mut stream: TcpStream) -> String {
        let mut response = Vec::new();
        // A closed connection may be reset.
        let _ = tokio::time::timeout(DEADLINE, stream.read_to_end(&mut response)).await.unwrap();
        String::from_utf8(response).unwrap()
    }

    #[tokio::test]
    async fn beyond_the_limit_the_oldest_idle_connection_is_closed() {
        let (sockets, port) = Sockets::bind(0).unwrap();
        let (requests, mut received) = mpsc::unbounded_channel();
        let service = Arc::new(WaitingService { requests, responses: Semaphore::new(0) });
        let mut serving = JoinSet::new();
        let shared_service = Arc::clone(&service);
        serving.spawn(async move { serve(&sockets, &shared_service).await });
        let mut connections = VecDeque::new();
        for index in 0..=MAX_CONNECTIONS {
            connections.push_back(send_request(port, if index == 0 { "/result" } else { "/" }).await);
            tokio::time::timeout(DEADLINE, received.recv()).await.unwrap().unwrap();
        }
        let waiting = connections.pop_front().unwrap();
        service.responses.add_permits(1);
        assert!(read_response(waiting).await.ends_with("outcome"));
        assert_eq!(read_response(connections.pop_front().unwrap()).await, "", "the oldest that does not wait");
        assert!(read_response(connections.pop_back().unwrap()).await.ends_with("outcome"));
    }
}
