//! hyper answers what it cannot read (400, 414, 431) by itself and without our headers; this
//! stands between it and the socket and answers in its place.

use std::io::Result;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use hyper::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::page;

/// A connection whose every answer has our headers.
pub(super) struct Guarded {
    stream: TcpStream,
    /// Was the service asked? Then what is written is ours already.
    asked: Arc<AtomicBool>,
    /// Our answer in the place of hyper's own, as far as it is not sent yet.
    pending: Vec<u8>,
    replaced: bool,
}

impl Guarded {
    /// Guards a connection; `asked` is set once the service saw the request.
    pub(super) fn new(stream: TcpStream, asked: Arc<AtomicBool>) -> Self {
        Self { stream, asked, pending: Vec::new(), replaced: false }
    }

    fn send_pending(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        while !self.pending.is_empty() {
            let sent = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.pending))?;
            if sent == 0 {
                return Poll::Ready(Err(std::io::ErrorKind::WriteZero.into()));
            }
            self.pending.drain(..sent);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Guarded {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        if self.asked.load(Ordering::SeqCst) {
            return Pin::new(&mut self.stream).poll_write(cx, bytes);
        }
        if !self.replaced {
            self.replaced = true;
            // "HTTP/1.1 431 ..."
            let status = bytes.get(9..12).and_then(|code| StatusCode::from_bytes(code).ok());
            self.pending = page::refused_bytes(status.unwrap_or(StatusCode::BAD_REQUEST));
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.send_pending(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.send_pending(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
