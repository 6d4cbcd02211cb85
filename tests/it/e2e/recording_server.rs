//! A server that records every request and always sends the same response.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// Listens until the test process exits.
pub(crate) struct RecordingServer {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl RecordingServer {
    /// Starts a server that sends `response`, a complete HTTP response, to each request and closes the connection.
    pub(crate) fn start(response: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (recorded, response) = (Arc::clone(&requests), response.to_owned());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let mut head = Vec::new();
                let mut byte = [0; 1];
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                    head.push(byte[0]);
                }
                recorded.lock().unwrap().push(String::from_utf8_lossy(&head).into_owned());
                drop(stream.write_all(response.as_bytes()));
            }
        });
        Self { port, requests }
    }

    /// Returns the base URL.
    pub(crate) fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns the heads of the requests received so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}
