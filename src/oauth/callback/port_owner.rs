//! The program that listens on a port.

use std::fmt;

use listeners::{Protocol, SocketState};

use crate::text::sanitize;

/// Longest name that is shown, in characters.
const MAX_NAME_CHARS: usize = 40;

/// A process that listens on a port. `Display` writes `name (pid N)`.
#[derive(Debug)]
pub(super) struct PortOwner {
    name: String,
    pid: u32,
}

impl PortOwner {
    /// Returns whether it is another run of this program.
    pub(super) fn is_this_program(&self) -> bool {
        self.name == env!("CARGO_PKG_NAME")
    }
}

impl fmt::Display for PortOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (pid {})", self.name, self.pid)
    }
}

/// Finds the process that listens on `port`, if the system shows it.
pub(super) fn find(port: u16) -> Option<PortOwner> {
    // Not `get_process_by_port`: on Linux it may return a connection of that port that was closed.
    let listens = |socket: &listeners::Listener| {
        socket.socket.port() == port && socket.protocol == Protocol::TCP && socket.state == SocketState::Listen
    };
    // This process may hold the port for the other address family while it tries both.
    let is_other_process = |socket: &listeners::Listener| socket.process.pid != std::process::id();
    let process = listeners::get_all().ok()?.into_iter().filter(listens).max_by_key(is_other_process)?.process;
    let name = sanitize(process.name.strip_suffix(".exe").unwrap_or(&process.name), MAX_NAME_CHARS);
    Some(PortOwner { name, pid: process.pid })
}

/// Returns whether another run of this program holds `port`: a sign-in or a sandbox.
pub(crate) fn is_held_by_this_program(port: u16) -> bool {
    find(port).is_some_and(|owner| owner.pid != std::process::id() && owner.is_this_program())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_attributed_to_its_process() {
        let bound = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let owner = find(bound.local_addr().unwrap().port()).unwrap();
        assert_eq!(owner.pid, std::process::id());
        assert!(!owner.is_this_program() && owner.to_string().ends_with(&format!("(pid {})", owner.pid)), "{owner}");
    }

    #[test]
    fn this_program_is_recognized_by_its_name() {
        assert!(PortOwner { name: "linkedin-tui".to_owned(), pid: 1 }.is_this_program());
    }
}
