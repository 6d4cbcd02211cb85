//! A server that sends the bytes that a test scripts.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

/// A two-way stream: plain, or TLS.
pub(crate) trait Wire: Read + Write + Send {}
impl<T: Read + Write + Send> Wire for T {}

/// Writes the response to a request that was read.
pub(crate) type Answer = Box<dyn FnOnce(&mut dyn Wire) + Send>;

/// Records requests and answers them one by one; after the last response it closes connections.
pub(crate) struct Mock {
    pub(crate) base: String,
    requests: Arc<Mutex<Vec<String>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

/// Wraps the TCP stream, in TLS for example; `None` where the handshake fails.
pub(crate) type Wrap = Box<dyn Fn(TcpStream) -> Option<Box<dyn Wire>> + Send + Sync>;

impl Mock {
    pub(crate) fn new() -> Self {
        Self::wrapped("http", "127.0.0.1", Box::new(|stream| Some(Box::new(stream))))
    }

    pub(crate) fn wrapped(scheme: &str, host: &str, wrap: Wrap) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let base = format!("{scheme}://{host}:{}", listener.local_addr().unwrap().port());
        let (requests, answers) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<Mutex<VecDeque<Answer>>>::default());
        let (recorded, script, wrap) = (Arc::clone(&requests), Arc::clone(&answers), Arc::new(wrap));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let (recorded, script, wrap) = (Arc::clone(&recorded), Arc::clone(&script), Arc::clone(&wrap));
                std::thread::spawn(move || {
                    drop(stream.set_read_timeout(Some(Duration::from_secs(20))));
                    let Some(mut wire) = wrap(stream) else { return };
                    if let Some(request) = request(&mut *wire) {
                        recorded.lock().unwrap().push(request);
                        let answer = script.lock().unwrap().pop_front();
                        if let Some(answer) = answer {
                            answer(&mut *wire);
                        }
                    }
                });
            }
        });
        Self { base, requests, answers }
    }

    /// Queues the response to the next request.
    pub(crate) fn then(&self, answer: Answer) -> &Self {
        self.answers.lock().unwrap().push_back(answer);
        self
    }

    /// Returns the requests so far, head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// Returns how many requests begin with this.
    pub(crate) fn count(&self, beginning: &str) -> usize {
        self.requests().iter().filter(|request| request.starts_with(beginning)).count()
    }
}

/// Reads one request, head and body; `None` when the client closed the connection before.
pub(crate) fn request(wire: &mut dyn Wire) -> Option<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if wire.read(&mut byte).ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    wire.read_exact(&mut body).ok()?;
    bytes.extend(body);
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Writes these bytes and closes the connection; ignores a client that is gone.
pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Answer {
    let bytes = bytes.into();
    Box::new(move |wire| {
        drop(wire.write_all(&bytes));
        drop(wire.flush());
    })
}

/// Writes a whole response with additional header lines.
pub(crate) fn with(status: u16, headers: &str, body: &[u8]) -> Answer {
    let head = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    raw([head.as_bytes(), body].concat())
}

/// Writes a JSON response.
pub(crate) fn json(status: u16, body: &Value) -> Answer {
    with(status, "content-type: application/json\r\n", body.to_string().as_bytes())
}

/// Runs `first`, then answers.
pub(crate) fn after(first: impl FnOnce() + Send + 'static, answer: Answer) -> Answer {
    Box::new(move |wire| {
        first();
        answer(wire);
    })
}

/// Sends this, then nothing, until the client closes the connection.
pub(crate) fn stalling(bytes: &'static [u8]) -> Answer {
    Box::new(move |wire| {
        drop(wire.write_all(bytes).and_then(|()| wire.flush()));
        drop(wire.read(&mut [0]));
    })
}

/// Sends the head, then this chunk repeatedly, until the client closes the connection.
pub(crate) fn endless(head: &'static [u8], piece: Vec<u8>, pause: Duration) -> Answer {
    Box::new(move |wire| {
        let mut sent = wire.write_all(head);
        while sent.is_ok() {
            std::thread::park_timeout(pause);
            sent = wire.write_all(&piece).and_then(|()| wire.flush());
        }
    })
}
