//! The sockets: bound before the browser opens, closed when the wait ends.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};
use zeroize::Zeroizing;

use super::guarded::Guarded;
use super::page::PageOutcome;
use super::peer::Peer;
use super::port_owner;
use super::serve::{CallbackService, PendingCallback};
use crate::linkedin::RedirectUrl;
use crate::oauth::authorize::{AuthorizationAttempt, random};
use crate::secret::Secret;
use crate::{Code, Error, Result, clock};

/// A request's head must be whole after this time.
const SLOW: Duration = Duration::from_secs(5);
/// No connection lives longer than this, the held page included.
const LONGEST: Duration = Duration::from_secs(60);
/// Connections at once; the oldest idle one gives way.
const AT_ONCE: usize = 64;
/// Connections that may wait until they are accepted.
const QUEUE: u32 = 1024;
/// How many free ports are tried until one is free on both families.
const FREE_TRIES: u32 = 20;
/// Pause after an accept that failed.
const OUT_OF_SOCKETS: Duration = Duration::from_millis(50);
/// Longest text that is remembered of refused pastes, in bytes.
const MAX_REFUSED_PASTE_BYTES: usize = 8 * 1024;
/// How long the end waits for the browser to fetch the outcome.
const FETCHED: Duration = Duration::from_secs(5);

/// The listening sockets, shared with the task that accepts on them, so that whoever waits can
/// close them at once: an aborted task would hold the port until it is polled again.
#[derive(Clone, Debug)]
struct Sockets(Arc<Mutex<Vec<TcpListener>>>);

impl Sockets {
    fn held(&self) -> MutexGuard<'_, Vec<TcpListener>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next connection on any of them.
    async fn accept(&self) -> std::io::Result<TcpStream> {
        poll_fn(|cx| {
            for socket in self.held().iter() {
                if let Poll::Ready(accepted) = socket.poll_accept(cx) {
                    return Poll::Ready(accepted.map(|(stream, _)| stream));
                }
            }
            Poll::Pending
        })
        .await
    }

    fn close(&self) {
        self.held().clear();
    }
}

/// Holds the port on both loopback families.
#[derive(Debug)]
pub struct Listener {
    sockets: Sockets,
    port: u16,
    redirect: RedirectUrl,
}

impl Listener {
    /// Binds 127.0.0.1 and `[::1]` on the redirect URL's port, or on one that is free on both where
    /// that is 0. A family that the machine lacks is
    /// fine.
    ///
    /// # Errors
    /// `port_in_use`, with the holder where it can be read; `network` where the clock cannot be used.
    #[expect(clippy::unused_async, reason = "the sockets belong to the runtime that it is called in")]
    pub async fn bind(redirect: &RedirectUrl) -> Result<Self> {
        if !clock::is_usable(clock::system_now()) {
            return Err(Error::unusable_clock());
        }
        let mut tries = FREE_TRIES;
        loop {
            match Self::bind_once(redirect) {
                // The port that was free on one family is taken on the other: another one will do.
                Err(error) if redirect.port() == 0 && error.code == Code::PortInUse && tries > 0 => tries -= 1,
                ended => return ended,
            }
        }
    }

    fn bind_once(redirect: &RedirectUrl) -> Result<Self> {
        let mut port = redirect.port();
        let mut sockets = Vec::new();
        for address in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
            match listening(SocketAddr::new(address, port)) {
                Ok(socket) => {
                    port = socket.local_addr().map_or(port, |at| at.port());
                    sockets.push(socket);
                }
                Err(error) if error.kind() == ErrorKind::AddrInUse => return Err(taken(port)),
                Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                    return Err(Error::bad_input(
                        format!("Port {port} may only be used by the system's administrator."),
                        "Choose a redirect URL with a port from 1024 up, and register it on the app's Auth tab.",
                    ));
                }
                // The machine has no such family.
                Err(_) => {}
            }
        }
        if sockets.is_empty() {
            return Err(Error::new(
                Code::Network,
                "This machine has neither 127.0.0.1 nor ::1 to listen on.",
                "Bring up the loopback interface.",
            ));
        }
        Ok(Self { sockets: Sockets(Arc::new(Mutex::new(sockets))), port, redirect: redirect.with_port(port) })
    }

    /// The redirect URL in use: with a free port where any would do.
    #[must_use]
    pub const fn redirect(&self) -> &RedirectUrl {
        &self.redirect
    }

    /// Which families are held: IPv4, IPv6.
    #[must_use]
    pub fn families(&self) -> (bool, bool) {
        let holds = |wanted: fn(&SocketAddr) -> bool| {
            self.sockets.held().iter().any(|one| one.local_addr().is_ok_and(|at| wanted(&at)))
        };
        (holds(SocketAddr::is_ipv4), holds(SocketAddr::is_ipv6))
    }

    /// Asks ourselves: a request to the port must reach this very listener on each family that the
    /// name `localhost` leads to, else another program has it.
    ///
    /// # Errors
    /// `port_in_use`; `network` where this machine does not reach itself.
    pub async fn self_test(&self) -> Result<()> {
        let probe = (format!("/probe/{}", random(16)?), random(16)?);
        let site = Arc::new(CallbackService { port: self.port, probe: probe.clone(), attempted: None });
        let (v4, v6) = self.families();
        let unfetched = Notify::new();
        let asked = async {
            for address in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
                let at = SocketAddr::new(address, self.port);
                let held = if address.is_ipv4() { v4 } else { v6 };
                let stream = match tokio::time::timeout(SLOW, TcpStream::connect(at)).await {
                    Ok(Ok(stream)) => stream,
                    // Nobody there, on a family that the machine lacks.
                    Ok(Err(_)) if !held => continue,
                    _ => return Err(unreachable(at)),
                };
                match tokio::time::timeout(SLOW, ask(stream, self.port, &probe.0)).await {
                    Ok(Ok(body)) if body.ends_with(&probe.1) => {}
                    _ => return Err(taken(self.port)),
                }
            }
            Ok(())
        };
        tokio::select! {
            asked = asked => asked,
            () = accept_all(&self.sockets, &site, &unfetched) => Err(taken(self.port)),
        }
    }

    /// Starts to serve the attempt.
    #[must_use]
    pub fn serve(self, attempt: &AuthorizationAttempt, asked: &[String]) -> Waiting {
        let (answers, answer) = mpsc::channel(1);
        let (rejected_callbacks, _) = watch::channel((0, String::new()));
        let (outcome, told) = watch::channel(None);
        // Without random numbers there would be no attempt to serve.
        let secret_path = |folder: &str| format!("/{folder}/{}", random(9).unwrap_or_default());
        let attempted = PendingCallback {
            state: attempt.state().clone(),
            authorization: attempt.url().clone(),
            asked: asked.to_vec(),
            callback: self.redirect.path().to_owned(),
            go: secret_path("go"),
            done: secret_path("done"),
            answers,
            rejected_callbacks,
            outcome: told,
            accepted: std::sync::Mutex::new(None),
            sent_on: AtomicBool::new(false),
        };
        let fetched = Arc::new(Notify::new());
        let site = Arc::new(CallbackService {
            port: self.port,
            probe: (String::new(), String::new()),
            attempted: Some(attempted),
        });
        let (served, seen, accepting) = (Arc::clone(&site), Arc::clone(&fetched), self.sockets.clone());
        let mut serving = JoinSet::new();
        serving.spawn(async move { accept_all(&accepting, &served, &seen).await });
        Waiting {
            site,
            port: self.port,
            answer,
            outcome,
            fetched,
            sockets: self.sockets,
            refused_paste: Zeroizing::default(),
            _serving: serving,
        }
    }
}

/// Listens as `TcpListener::bind` does, but with a longer queue: a browser that comes after a flood of others has its turn at
/// once instead of after a second, when its system asks again.
fn listening(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // The port of a sign-in just before; on Windows it would allow another program's port to be taken.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(QUEUE)
}

fn taken(port: u16) -> Error {
    let holder = port_owner::of(port);
    let own = holder.as_deref().is_some_and(|holder| holder.starts_with("linkedin-tui "));
    let who = holder.unwrap_or_else(|| "another program".to_owned());
    let hint = if own {
        "Another sign-in is running: finish or cancel it first.".to_owned()
    } else {
        "Stop that program, or choose a redirect URL with another port and register it on the app's Auth tab."
            .to_owned()
    };
    Error::new(Code::PortInUse, format!("Port {port} is taken by {who}."), hint)
}

/// The port is ours, but nothing comes through to it.
fn unreachable(at: SocketAddr) -> Error {
    Error::new(
        Code::Network,
        format!("This machine does not reach its own address {at}, so the browser would not either."),
        "Bring up the loopback interface, and let no firewall stand before it.",
    )
}

/// A bare request, whose answer is read to its end.
async fn ask(mut stream: TcpStream, port: u16, path: &str) -> std::io::Result<String> {
    stream
        .write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n").as_bytes())
        .await?;
    let mut answer = Vec::new();
    stream.take(64 * 1024).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Accepts on all sockets, for ever. Dropping it closes every connection.
async fn accept_all(sockets: &Sockets, site: &Arc<CallbackService>, fetched: &Notify) {
    let (ended, mut ends) = mpsc::unbounded_channel();
    let mut connections = JoinSet::new();
    let mut open: VecDeque<(AbortHandle, Arc<AtomicBool>)> = VecDeque::new();
    loop {
        tokio::select! {
            accepted = sockets.accept() => {
                // A failed accept (too many descriptors) passes when connections end; until then
                // the socket stays ready, and asking at once would only burn the processor.
                let Ok(stream) = accepted else { tokio::time::sleep(OUT_OF_SOCKETS).await; continue };
                while connections.try_join_next().is_some() {}
                open.retain(|(task, _)| !task.is_finished());
                if open.len() >= AT_ONCE
                    && let Some(idle) = open.iter().position(|(_, held)| !held.load(Ordering::SeqCst))
                    && let Some((task, _)) = open.remove(idle)
                {
                    task.abort();
                    // It is dropped, and its socket closed, when it has its turn.
                    tokio::task::yield_now().await;
                }
                let held = Arc::new(AtomicBool::new(false));
                let serving = serve_one(stream, Arc::clone(site), Arc::clone(&held), ended.clone());
                open.push_back((connections.spawn(async move { drop(tokio::time::timeout(LONGEST, serving).await) }), held));
            }
            Some(()) = ends.recv() => fetched.notify_one(),
        }
    }
}

/// Serves one request of one connection.
async fn serve_one(
    stream: TcpStream,
    site: Arc<CallbackService>,
    held: Arc<AtomicBool>,
    ended: mpsc::UnboundedSender<()>,
) {
    // At once: whoever hangs up cannot be looked up any more.
    let peer = Peer::of(&stream);
    let mut first = [0; 2];
    match tokio::time::timeout(SLOW, stream.peek(&mut first)).await {
        Ok(Ok(1..)) => {}
        _ => return,
    }
    // A TLS hello begins with a handshake record.
    if first[0] == 0x16 {
        if let Some(attempted) = &site.attempted {
            attempted.stray("The browser came with https, but the redirect URL is http: open it in a private window, or clear \"localhost\" from the browser's HTTPS-only list.");
        }
        return;
    }
    let told = Arc::new(AtomicBool::new(false));
    let asked = Arc::new(AtomicBool::new(false));
    let stream = Guarded::new(stream, Arc::clone(&asked));
    let service = service_fn(|request| {
        asked.store(true, Ordering::SeqCst);
        let (site, held, told) = (Arc::clone(&site), Arc::clone(&held), Arc::clone(&told));
        async move {
            let done = site.attempted.as_ref().is_some_and(|attempted| request.uri().path() == attempted.done);
            held.store(done, Ordering::SeqCst);
            let reply = site.answer(&request, peer).await;
            let ended = site.attempted.as_ref().is_some_and(|attempted| {
                attempted.outcome.borrow().as_ref().is_some_and(|outcome| !matches!(outcome, PageOutcome::Asked))
            });
            told.store(done && ended, Ordering::SeqCst);
            Ok::<_, std::convert::Infallible>(reply)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(SLOW)
        .max_buf_size(16 * 1024)
        .max_headers(64)
        .keep_alive(false)
        // A browser that hangs up after its request has brought the answer all the same.
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service);
    // A client that vanished is its own loss.
    drop(connection.await);
    if told.load(Ordering::SeqCst) {
        let _ = ended.send(());
    }
}

/// A sign-in that waits for its answer. Dropping it closes the port at once.
pub struct Waiting {
    site: Arc<CallbackService>,
    port: u16,
    answer: mpsc::Receiver<Result<Secret>>,
    outcome: watch::Sender<Option<PageOutcome>>,
    fetched: Arc<Notify>,
    sockets: Sockets,
    /// What was pasted so far, without its being the answer. It may hold a code.
    refused_paste: Zeroizing<String>,
    _serving: JoinSet<()>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.sockets.close();
    }
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiting").field("port", &self.port).finish_non_exhaustive()
    }
}

impl Waiting {
    fn attempted(&self) -> Option<&PendingCallback> {
        self.site.attempted.as_ref()
    }

    /// The short local link that redirects to the authorization URL: it fits on one line.
    #[must_use]
    pub fn short_link(&self) -> String {
        format!("http://localhost:{}{}", self.port, self.attempted().map_or("/", |attempted| &attempted.go))
    }

    /// Waits for the code, or for LinkedIn's refusal.
    ///
    /// # Errors
    /// What LinkedIn's `error` means.
    pub async fn answer(&mut self) -> Result<Secret> {
        match self.answer.recv().await {
            Some(answer) => answer,
            None => Err(Error::new(Code::Unexpected, "The callback listener ended by itself.", "Sign in again.")),
        }
    }

    /// Refused answers: how many, and why the newest was refused.
    #[must_use]
    pub fn rejected_callbacks(&self) -> watch::Receiver<(u64, String)> {
        self.attempted()
            .map_or_else(|| watch::channel((0, String::new())).1, |attempted| attempted.rejected_callbacks.subscribe())
    }

    /// Takes a pasted address through the same checks as a callback. A terminal hands over an address that was broken over
    /// lines line by line, so what was refused before is tried together with what comes next.
    ///
    /// # Errors
    /// `state_mismatch` with the reason; the wait goes on.
    pub async fn submit(&mut self, pasted: &str) -> Result<()> {
        let Some(attempted) = self.site.attempted.as_ref() else { return Ok(()) };
        let Err(error) = attempted.submit(pasted, self.port).await else { return Ok(()) };
        let earlier = std::mem::take(&mut self.refused_paste);
        let joined = Zeroizing::new(format!("{}\n{pasted}", *earlier));
        if !earlier.is_empty() && attempted.submit(&joined, self.port).await.is_ok() {
            return Ok(());
        }
        if joined.len() <= MAX_REFUSED_PASTE_BYTES {
            self.refused_paste = joined;
        }
        Err(error)
    }

    /// Sends the person from the browser to the terminal, where a choice waits.
    pub fn ask(&self) {
        self.outcome.send_replace(Some(PageOutcome::Asked));
    }

    /// Tells the browser how it ended, and closes the port once it knows.
    pub async fn finish(self, outcome: PageOutcome) {
        self.outcome.send_replace(Some(outcome));
        if self.attempted().is_some_and(|attempted| attempted.sent_on.load(Ordering::SeqCst)) {
            drop(tokio::time::timeout(FETCHED, self.fetched.notified()).await);
        }
    }
}
