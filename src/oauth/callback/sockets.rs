//! The listening sockets of both loopback families.

use std::future::poll_fn;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::port_owner::{self, PortOwner};
use crate::sync::lock;
use crate::{Code, Error, NextStep, Result};

/// Connections that may wait until they are accepted.
const ACCEPT_BACKLOG: u32 = 1024;

/// The loopback addresses that `localhost` resolves to.
pub(super) const LOOPBACK: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

/// The sockets, shared with the task that accepts on them, so that the waiting sign-in can
/// close them at once: an aborted task would hold the port until it is polled again.
#[derive(Clone, Debug)]
pub(super) struct Sockets(Arc<Mutex<Vec<TcpListener>>>);

impl Sockets {
    /// Binds `port` on both families; 0 selects a port that is free on the first. A family that the machine lacks is
    /// left out.
    pub(super) fn bind(mut port: u16) -> Result<(Self, u16)> {
        let mut sockets = Vec::new();
        for address in LOOPBACK {
            match listen(SocketAddr::new(address, port)) {
                Ok(socket) => {
                    port = socket.local_addr().map_or(port, |at| at.port());
                    sockets.push(socket);
                }
                Err(error) if error.kind() == ErrorKind::AddrInUse => return Err(port_in_use_error(port)),
                Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                    return Err(Error::bad_input(
                        format!("Port {port} requires administrator rights."),
                        "Choose a redirect URL with a port from 1024 up, and register it on the app's Auth tab.",
                    ));
                }
                // The machine lacks this family.
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
        Ok((Self(Arc::new(Mutex::new(sockets))), port))
    }

    pub(super) async fn accept(&self) -> std::io::Result<TcpStream> {
        poll_fn(|cx| {
            for socket in lock(&self.0).iter() {
                if let Poll::Ready(accepted) = socket.poll_accept(cx) {
                    return Poll::Ready(accepted.map(|(stream, _)| stream));
                }
            }
            Poll::Pending
        })
        .await
    }

    /// Returns whether a socket is bound in the family of `address`.
    pub(super) fn has_family_of(&self, address: IpAddr) -> bool {
        lock(&self.0).iter().any(|socket| socket.local_addr().is_ok_and(|at| at.is_ipv4() == address.is_ipv4()))
    }

    pub(super) fn close(&self) {
        lock(&self.0).clear();
    }
}

/// Listens as `TcpListener::bind` does, but with a longer queue: a browser that comes after a flood of other
/// connections is served at once instead of after a second, when its system retransmits.
fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A port that was closed just before can be bound again. On Windows the option would take over another program's
    // port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(ACCEPT_BACKLOG)
}

/// Builds the error for a port that another program holds.
pub(super) fn port_in_use_error(port: u16) -> Error {
    let owner = port_owner::find(port);
    let is_sign_in = owner.as_ref().is_some_and(PortOwner::is_this_program);
    let owner = owner.map_or_else(|| "another program".to_owned(), |owner| owner.to_string());
    let message = format!("Port {port} is in use by {owner}.");
    if is_sign_in {
        return Error::new(Code::PortInUse, message, "Another sign-in is running.")
            .with_next_step(NextStep::FinishOtherSignIn);
    }
    let hint = "Stop that program, or choose a redirect URL with another port and register it on the app's Auth tab.";
    Error::new(Code::PortInUse, message, hint)
}
