//! Whose process connected: Linux lists the sockets of this machine with their owners in `/proc/net`. Another user of the
//! machine can read the `state` in a browser's arguments, and must not finish the sign-in with an account of their own.

use tokio::net::TcpStream;

/// Whose process is at the other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Peer {
    /// This user's, or root's: a tunnel of `sshd`, a port forwarded into a container.
    Trusted,
    /// Another user's.
    OtherUser,
    /// Nobody's any more: it hung up before its owner could be looked up.
    Gone,
    /// Not known: the system does not tell, or the other end is not on this machine (Windows' side of WSL).
    Unknown,
}

impl Peer {
    /// Looks up who is at the other end.
    #[cfg(target_os = "linux")]
    pub(super) fn of(stream: &TcpStream) -> Self {
        let (Ok(there), Ok(here)) = (stream.peer_addr(), stream.local_addr()) else { return Self::Gone };
        let mut is_listed = false;
        for (table, wanted) in rows(there, here) {
            let Ok(table) = std::fs::read_to_string(table) else { continue };
            is_listed = true;
            if let Some(peer) = table.lines().find_map(|line| owner(line, &wanted)) {
                return peer;
            }
        }
        // An open socket is always listed, so one that is not was never here, or was closed in the meantime.
        let is_open = stream.peer_addr().is_ok() && stream.take_error().is_ok_and(|error| error.is_none());
        if is_listed && !is_open { Self::Gone } else { Self::Unknown }
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn of(_: &TcpStream) -> Self {
        Self::Unknown
    }

    /// Why its answer is refused, where it is.
    pub(super) const fn refusal(self) -> Option<&'static str> {
        match self {
            Self::Trusted | Self::Unknown => None,
            Self::OtherUser => Some("It came from another user of this machine."),
            Self::Gone => Some("Whoever sent it hung up before it could be looked up who it was."),
        }
    }
}

/// The tables to look in, and how the line of the other end's socket begins there: its address, then ours.
#[cfg(target_os = "linux")]
fn rows(there: std::net::SocketAddr, here: std::net::SocketAddr) -> Vec<(&'static str, String)> {
    use std::net::IpAddr;
    let pair = |encode: &dyn Fn(IpAddr) -> String| {
        format!("{}:{:04X} {}:{:04X}", encode(there.ip()), there.port(), encode(here.ip()), here.port())
    };
    // The kernel writes 32 bits at a time, as this machine orders their bytes.
    let words = |bytes: &[u8]| -> String {
        let words = bytes.chunks_exact(4).filter_map(|word| word.try_into().ok());
        words.map(|word| format!("{:08X}", u32::from_ne_bytes(word))).collect()
    };
    let plain = |address: IpAddr| match address {
        IpAddr::V4(address) => words(&address.octets()),
        IpAddr::V6(address) => words(&address.octets()),
    };
    let mapped = |address: IpAddr| match address {
        IpAddr::V4(address) => words(&address.to_ipv6_mapped().octets()),
        IpAddr::V6(address) => words(&address.octets()),
    };
    let mut rows = Vec::new();
    if there.is_ipv4() {
        rows.push(("/proc/net/tcp", pair(&plain)));
    }
    // A socket of IPv6 can reach an address of IPv4.
    rows.push(("/proc/net/tcp6", pair(&mapped)));
    rows
}

/// Whose the socket of a line is, when its addresses are the wanted ones.
#[cfg(target_os = "linux")]
fn owner(line: &str, wanted: &str) -> Option<Peer> {
    let mut fields = line.split_whitespace();
    let addresses = [fields.nth(1)?, fields.next()?].join(" ");
    if addresses != wanted {
        return None;
    }
    // State, queues, timer, retransmissions; then user, timeout, inode.
    let (user, inode) = (fields.nth(4)?.parse::<u32>().ok()?, fields.nth(1)?);
    // A socket that its process closed has no inode, and is listed as root's.
    Some(match inode {
        "0" => Peer::Gone,
        _ if is_trusted(user) => Peer::Trusted,
        _ => Peer::OtherUser,
    })
}

#[cfg(target_os = "linux")]
fn is_trusted(user: u32) -> bool {
    let own = rustix::process::getuid();
    // Under sudo the browser is that of the person who called it.
    let caller = || std::env::var("SUDO_UID").ok()?.parse::<u32>().ok();
    user == 0 || user == own.as_raw() || own.is_root() && caller() == Some(user)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

    #[test]
    fn l32_the_owner_is_read_from_the_kernels_table() {
        let v4 = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let v6 = |port| SocketAddr::from((Ipv6Addr::LOCALHOST, port));
        let four = rows(v4(0xabcd), v4(0xbb8));
        assert_eq!(four.len(), 2);
        if cfg!(target_endian = "little") {
            assert_eq!(four[0].1, "0100007F:ABCD 0100007F:0BB8");
            assert_eq!(four[1].1, "0000000000000000FFFF00000100007F:ABCD 0000000000000000FFFF00000100007F:0BB8");
            let six = rows(v6(1), v6(2));
            assert_eq!(six.len(), 1);
            assert_eq!(six[0].1, "00000000000000000000000001000000:0001 00000000000000000000000001000000:0002");
        }
        let line = |user: u32, inode: u32| {
            format!(
                "   7: {} 01 00000000:00000000 00:00000000 00000000  {user}  0 {inode} 1 0000000000000000 20 4",
                four[0].1
            )
        };
        let own = rustix::process::getuid().as_raw();
        assert_eq!(owner(&line(own, 9), &four[0].1), Some(Peer::Trusted));
        assert_eq!(owner(&line(0, 9), &four[0].1), Some(Peer::Trusted));
        assert_eq!(owner(&line(own + 1, 9), &four[0].1), Some(Peer::OtherUser));
        assert_eq!(owner(&line(0, 0), &four[0].1), Some(Peer::Gone));
        assert_eq!(owner(&line(own, 9), &four[1].1), None, "another connection's");
        assert_eq!(owner("  sl  local_address rem_address   st", &four[0].1), None);
    }

    #[tokio::test]
    async fn l32_a_connection_of_our_own_is_trusted_while_it_lasts() {
        for address in [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))] {
            let Ok(listener) = tokio::net::TcpListener::bind(address).await else { continue };
            let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let (server, _) = listener.accept().await.unwrap();
            assert_eq!(Peer::of(&server), Peer::Trusted, "{address}");
            client.set_zero_linger().unwrap();
            drop(client);
            assert_eq!(Peer::of(&server), Peer::Gone, "reset: {address}");
            let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let (server, _) = listener.accept().await.unwrap();
            drop(client);
            assert_eq!(Peer::of(&server), Peer::Gone, "closed: {address}");
        }
    }
}
