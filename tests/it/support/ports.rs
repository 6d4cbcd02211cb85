//! Ports for redirect URLs, each for one test only.

use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// Below every system's ephemeral range (Linux: from 32768), so that no outgoing connection of
/// a parallel test can take a port before its server binds it.
const FIRST_PORT: u16 = 20_000;
const PORT_COUNT: u16 = 12_000;

static NEXT_OFFSET: AtomicU16 = AtomicU16::new(0);

/// Returns a port that is free on both address families. Each process returns a port once and starts at a
/// different one.
pub(crate) fn free_port() -> u16 {
    let start = u16::try_from(std::process::id().wrapping_mul(97) % u32::from(PORT_COUNT)).unwrap();
    loop {
        let step = NEXT_OFFSET.fetch_add(1, Ordering::Relaxed) % PORT_COUNT;
        let port = FIRST_PORT + (start + step) % PORT_COUNT;
        let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
        let v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, port));
        let is_taken = v6.is_err_and(|error| error.kind() == std::io::ErrorKind::AddrInUse);
        if v4.is_ok() && !is_taken {
            return port;
        }
    }
}
