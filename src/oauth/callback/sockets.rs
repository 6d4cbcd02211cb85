//! The listening sockets of both loopback families.

use std::future::poll_fn;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::port_owner::{self, PortOwner};
use crate::error::io_reason;
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
        let mut first_error = None;
        for address in LOOPBACK {
            match listen(SocketAddr::new(address, port)) {
                Ok(socket) => {
                    port = socket.local_addr().map_or(port, |at| at.port());
                    sockets.push(socket);
                }
                Err(error) if error.kind() == ErrorKind::AddrInUse => return Err(port_in_use_error(port)),
                Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                    return Err(refused_port_error(port).with_io_source(&error));
                }
                // The machine may lack this family.
                Err(error) => drop(first_error.get_or_insert(error)),
            }
        }
        if let Some(error) = first_error.filter(|_| sockets.is_empty()) {
            return Err(no_address_error(&error));
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

/// Builds the error for a port that the system refuses: Unix keeps the low ports for administrators, Windows reserves ranges of
/// ports for virtual machines, and a security policy may refuse any.
fn refused_port_error(port: u16) -> Error {
    let (message, other) = if cfg!(unix) && (1..1024).contains(&port) {
        (format!("Port {port} requires administrator rights."), "a port from 1024 up")
    } else {
        (format!("The system does not permit programs to use port {port}."), "another port")
    };
    Error::bad_input(message, format!("Choose a redirect URL with {other}, and register it on the app's Auth tab."))
}

/// Builds the error for a machine on which neither family can be listened on; `error` is that of the first.
fn no_address_error(error: &std::io::Error) -> Error {
    if error.kind() == ErrorKind::AddrNotAvailable {
        let message = "This machine has neither 127.0.0.1 nor ::1 to listen on.";
        return Error::new(Code::Network, message, "Bring up the loopback interface.");
    }
    let message = format!("No callback can be received on 127.0.0.1 or ::1: {}.", io_reason(error));
    Error::new(Code::Network, message, "Fix that, and try again.").with_io_source(error)
}

/// Builds the error for a port that another program holds.
pub(super) fn port_in_use_error(port: u16) -> Error {
    let owner = port_owner::find(port);
    let is_this_program = owner.as_ref().is_some_and(PortOwner::is_this_program);
    let owner = owner.map_or_else(|| "another program".to_owned(), |owner| owner.to_string());
    let message = format!("Port {port} is in use by {owner}.");
    if is_this_program {
        return Error::new(Code::PortInUse, message, "Another sign-in or a sandbox is running there.")
            .with_next_step(NextStep::FinishOtherSignIn);
    }
    let hint = "Stop that program, or choose a redirect URL with another port and register it on the app's Auth tab.";
    Error::new(Code::PortInUse, message, hint)
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn only_low_ports_of_unix_require_administrator_rights() {
        let is_low = |port| refused_port_error(port).message.contains("administrator rights");
        assert_eq!([80, 1023].map(is_low), [cfg!(unix); 2]);
        assert!(!is_low(1024) && !is_low(8765));
        let error = refused_port_error(8765);
        assert_eq!(error.message, "The system does not permit programs to use port 8765.");
        assert!(error.hint.as_str().contains("another port"), "{}", error.hint.as_str());
    }

    #[test]
    fn only_a_missing_address_is_reported_as_missing() {
        let missing = no_address_error(&io::Error::from(ErrorKind::AddrNotAvailable));
        assert_eq!(missing.message, "This machine has neither 127.0.0.1 nor ::1 to listen on.");
        let refused = no_address_error(&io::Error::from(ErrorKind::OutOfMemory));
        assert_eq!(refused.message, "No callback can be received on 127.0.0.1 or ::1: out of memory.");
    }
}
