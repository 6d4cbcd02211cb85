//! Ports for redirect URLs, each for one test only.

use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// Below every system's ephemeral range (Linux: from 32768), so that no outgoing connection of
/// another test can take a port between here and the listener.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// Returns a port that is free on both families, each once per process; two processes begin
/// at different ports.
pub(crate) fn free_port() -> u16 {
    let start = u16::try_from(std::process::id().wrapping_mul(97) % u32::from(COUNT)).unwrap();
    loop {
        let step = NEXT.fetch_add(1, Ordering::Relaxed) % COUNT;
        let port = FIRST + (start + step) % COUNT;
        let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
        let v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, port));
        let taken = v6.is_err_and(|error| error.kind() == std::io::ErrorKind::AddrInUse);
        if v4.is_ok() && !taken {
            return port;
        }
    }
}
