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
