//! A mock server that sends the exact bytes that a test queues.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

/// A two-way stream: plain, or TLS.
pub(crate) trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

/// Writes the response to a request.
pub(crate) type Response = Box<dyn FnOnce(&mut dyn Stream) + Send>;

/// A server that records requests and sends the queued responses in order; without one it closes the connection.
pub(crate) struct MockServer {
    pub(crate) base: String,
    requests: Arc<Mutex<Vec<String>>>,
    responses: Arc<Mutex<VecDeque<Response>>>,
}

/// Wraps an accepted TCP stream, for example in TLS; `None` if the handshake fails.
pub(crate) type StreamWrapper = Box<dyn Fn(TcpStream) -> Option<Box<dyn Stream>> + Send + Sync>;

impl MockServer {
    pub(crate) fn new() -> Self {
        Self::with_wrapper("http", "127.0.0.1", Box::new(|stream| Some(Box::new(stream))))
    }

    pub(crate) fn with_wrapper(scheme: &str, host: &str, wrap: StreamWrapper) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let base = format!("{scheme}://{host}:{}", listener.local_addr().unwrap().port());
        let (requests, responses) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<Mutex<VecDeque<Response>>>::default());
        let (recorded, queue, wrap) = (Arc::clone(&requests), Arc::clone(&responses), Arc::new(wrap));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let (recorded, queue, wrap) = (Arc::clone(&recorded), Arc::clone(&queue), Arc::clone(&wrap));
                std::thread::spawn(move || {
                    drop(stream.set_read_timeout(Some(Duration::from_secs(20))));
                    let Some(mut stream) = wrap(stream) else { return };
                    if let Some(request) = read_request(&mut *stream) {
                        recorded.lock().unwrap().push(request);
                        let response = queue.lock().unwrap().pop_front();
                        if let Some(response) = response {
                            response(&mut *stream);
                        }
                    }
                });
            }
        });
        Self { base, requests, responses }
    }

    /// Queues the response to the next request.
    pub(crate) fn enqueue(&self, response: Response) -> &Self {
        self.responses.lock().unwrap().push_back(response);
        self
    }

    /// Returns the requests received so far, each with head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// Returns how many requests start with `prefix`.
    pub(crate) fn count_requests(&self, prefix: &str) -> usize {
        self.requests().iter().filter(|request| request.starts_with(prefix)).count()
    }
}

/// Reads one request, head and body; `None` when the client closed the connection before.
pub(crate) fn read_request(stream: &mut dyn Stream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    bytes.extend(body);
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Writes these bytes and closes the connection; ignores a client that has disconnected.
pub(crate) fn raw_response(bytes: impl Into<Vec<u8>>) -> Response {
    let bytes = bytes.into();
    Box::new(move |stream| {
        drop(stream.write_all(&bytes));
        drop(stream.flush());
    })
}

/// Writes a complete response with additional header lines.
pub(crate) fn response(status: u16, headers: &str, body: &[u8]) -> Response {
    let head = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    raw_response([head.as_bytes(), body].concat())
}

/// Writes a JSON response.
pub(crate) fn json_response(status: u16, body: &Value) -> Response {
    response(status, "content-type: application/json\r\n", body.to_string().as_bytes())
}

/// Runs `first`, then writes the response.
pub(crate) fn run_then(first: impl FnOnce() + Send + 'static, response: Response) -> Response {
    Box::new(move |stream| {
        first();
        response(stream);
    })
}

/// Sends these bytes, then nothing until the client closes the connection.
pub(crate) fn stalled_response(bytes: &'static [u8]) -> Response {
    Box::new(move |stream| {
        drop(stream.write_all(bytes).and_then(|()| stream.flush()));
        drop(stream.read(&mut [0]));
    })
}

/// Sends the head, then `chunk` repeatedly until the client closes the connection.
pub(crate) fn endless_response(head: &'static [u8], chunk: Vec<u8>, pause: Duration) -> Response {
    Box::new(move |stream| {
        let mut sent = stream.write_all(head);
        while sent.is_ok() {
            std::thread::park_timeout(pause);
            sent = stream.write_all(&chunk).and_then(|()| stream.flush());
        }
    })
}
