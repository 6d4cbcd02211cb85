//! The self-test: a request to the redirect URL's port must reach this process.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::{Request, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::connections::{self, ConnectionState, HEAD_TIMEOUT, Service};
use super::pages::{self, Response};
use super::peer::Peer;
use super::request_checks;
use super::sockets::{LOOPBACK, Sockets, port_in_use_error};
use crate::oauth::authorize::random_base64url;
use crate::{Code, Error, Result};

/// Longest response that is read.
const MAX_RESPONSE_BYTES: u64 = 64 * 1024;

/// Responds to a random path with a random text.
struct ProbeService {
    port: u16,
    path: String,
    text: String,
}

impl Service for ProbeService {
    async fn respond(&self, request: &Request<Incoming>, _: Peer, _: &ConnectionState) -> Response {
        match request_checks::reject_invalid_request(request, self.port) {
            Some(response) => response,
            None if request.uri().path() == self.path => pages::plain(StatusCode::OK, self.text.clone()),
            None => pages::rejected(StatusCode::NOT_FOUND),
        }
    }
}

/// Runs the self-test: requests a random path on each family that `localhost` resolves to.
///
/// # Errors
/// `port_in_use` if another program responds; `network` if this machine can't reach itself.
pub(super) async fn run(sockets: &Sockets, port: u16) -> Result<()> {
    let service =
        Arc::new(ProbeService { port, path: format!("/probe/{}", random_base64url(16)?), text: random_base64url(16)? });
    let probe_all = async {
        for address in LOOPBACK {
            probe(address, sockets.has_family_of(address), &service).await?;
        }
        Ok(())
    };
    tokio::select! {
        result = probe_all => result,
        () = connections::serve(sockets, &service) => Err(port_in_use_error(port)),
    }
}

async fn probe(address: IpAddr, is_bound: bool, service: &ProbeService) -> Result<()> {
    let at = SocketAddr::new(address, service.port);
    let stream = match tokio::time::timeout(HEAD_TIMEOUT, TcpStream::connect(at)).await {
        Ok(Ok(stream)) => stream,
        // The machine lacks this family, and nothing else listens there.
        Ok(Err(_)) if !is_bound => return Ok(()),
        _ => return Err(unreachable_error(at)),
    };
    match tokio::time::timeout(HEAD_TIMEOUT, get(stream, service.port, &service.path)).await {
        Ok(Ok(response)) if response.ends_with(&service.text) => Ok(()),
        _ => Err(port_in_use_error(service.port)),
    }
}

fn unreachable_error(at: SocketAddr) -> Error {
    Error::new(
        Code::Network,
        format!("This machine can't reach its own address {at}, so the browser couldn't either."),
        "Bring up the loopback interface, and check that no firewall blocks it.",
    )
}

/// Sends a minimal request and reads the response to its end.
async fn get(mut stream: TcpStream, port: u16, path: &str) -> std::io::Result<String> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut response = Vec::new();
    stream.take(MAX_RESPONSE_BYTES).read_to_end(&mut response).await?;
    Ok(String::from_utf8_lossy(&response).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(port: u16) -> ProbeService {
        ProbeService { port, path: "/probe/x".to_owned(), text: "expected".to_owned() }
    }

    #[tokio::test]
    async fn only_a_bound_family_must_be_reachable() {
        // Nothing listens on port 1.
        assert!(probe(LOOPBACK[0], false, &service(1)).await.is_ok());
        assert_eq!(probe(LOOPBACK[0], true, &service(1)).await.unwrap_err().code, Code::Network);
    }

    #[tokio::test]
    async fn a_different_response_comes_from_a_different_program() {
        for (body, is_from_this_process) in [("expected", true), ("expected?", false), ("", false)] {
            let listener = tokio::net::TcpListener::bind((LOOPBACK[0], 0)).await.unwrap();
            let service = service(listener.local_addr().unwrap().port());
            let respond = async {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0; 256];
                let read = stream.read(&mut request).await.unwrap();
                assert!(request[..read].starts_with(b"GET /probe/x HTTP/1.1\r\n"));
                stream.write_all(format!("HTTP/1.1 200 OK\r\n\r\n{body}").as_bytes()).await.unwrap();
            };
            let (probed, ()) = tokio::join!(probe(LOOPBACK[0], true, &service), respond);
            assert_eq!(
                probed.err().map(|error| error.code),
                (!is_from_this_process).then_some(Code::PortInUse),
                "{body}"
            );
        }
    }
}
