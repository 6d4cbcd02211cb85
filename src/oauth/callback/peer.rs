//! The user whose process connected, from the kernel (Linux only). Another user of the machine can read the `state` in
//! a browser's arguments, and must not finish the sign-in with an account of their own.

use tokio::net::TcpStream;

/// The user at the other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux shows a socket's owner"))]
pub(super) enum Peer {
    /// This user's, or root's: a tunnel of `sshd`, a port forwarded into a container.
    Trusted,
    /// Another user's.
    OtherUser,
    /// Unknown, because it disconnected before its owner could be looked up.
    Disconnected,
    /// Unknown, because the system does not show it, or the other end is not on this machine (the Windows side of WSL).
    Unknown,
}

impl Peer {
    /// Looks up the user at the other end.
    #[cfg(target_os = "linux")]
    pub(super) fn from_stream(stream: &TcpStream) -> Self {
        let (Ok(remote), Ok(local)) = (stream.peer_addr(), stream.local_addr()) else { return Self::Disconnected };
        if let Some(owner) = linux::find_by_sock_diag(remote, local) {
            return Self::from_owner(owner);
        }
        // An open socket is always found, so one that is not was closed in the meantime, or was never on this machine.
        let is_open = stream.peer_addr().is_ok() && stream.take_error().is_ok_and(|error| error.is_none());
        if !is_open {
            return Self::Disconnected;
        }
        // A kernel without socket diagnostics finds none at all.
        linux::find_in_proc(remote, local).map_or(Self::Unknown, Self::from_owner)
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn from_stream(_: &TcpStream) -> Self {
        Self::Unknown
    }

    #[cfg(target_os = "linux")]
    fn from_owner(owner: linux::Owner) -> Self {
        // A socket that its process closed has no inode, and counts as root's.
        match owner.inode {
            0 => Self::Disconnected,
            _ if is_trusted(owner.user, rustix::process::getuid().as_raw(), sudo_user()) => Self::Trusted,
            _ => Self::OtherUser,
        }
    }

    /// Returns why its callback is rejected, if it is.
    pub(super) const fn rejection_reason(self) -> Option<&'static str> {
        match self {
            Self::Trusted | Self::Unknown => None,
            Self::OtherUser => Some("It came from another user of this machine."),
            Self::Disconnected => Some("Its sender disconnected before its user could be looked up."),
        }
    }
}

/// Returns whether a socket of `user` is this user's or root's, where this process runs as `process_user`.
#[cfg(target_os = "linux")]
fn is_trusted(user: u32, process_user: u32, sudo_user: Option<u32>) -> bool {
    user == 0 || user == process_user || process_user == 0 && sudo_user == Some(user)
}

/// Returns the user who ran sudo: under it the browser is theirs.
#[cfg(target_os = "linux")]
fn sudo_user() -> Option<u32> {
    std::env::var("SUDO_UID").ok()?.parse().ok()
}

#[cfg(target_os = "linux")]
mod linux {
    use std::net::{IpAddr, SocketAddr};

    use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketType, netlink, recv, send, socket};

    /// The owner of a socket in the kernel's tables.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) struct Owner {
        pub(super) user: u32,
        pub(super) inode: u32,
    }

    /// `SOCK_DIAG_BY_FAMILY`, the type of a request and of its response (`sock_diag(7)`).
    const SOCK_DIAG_BY_FAMILY: u16 = 20;
    /// `NLM_F_REQUEST` (`netlink(7)`).
    const NLM_F_REQUEST: u16 = 1;
    /// `struct nlmsghdr`, in bytes.
    const HEADER_BYTES: usize = 16;
    const IPPROTO_TCP: u8 = 6;

    /// Looks up the owner of the socket at `remote` that is connected to `local` by socket diagnostics (`sock_diag(7)`),
    /// which take the same time however many connections there are.
    pub(super) fn find_by_sock_diag(remote: SocketAddr, local: SocketAddr) -> Option<Owner> {
        let request = encode_request(remote, local);
        let kernel = socket(AddressFamily::NETLINK, SocketType::DGRAM, Some(netlink::SOCK_DIAG)).ok()?;
        send(&kernel, &request, SendFlags::empty()).ok()?;
        let mut response = [0; 1024];
        // The kernel writes its response while it processes the request.
        let (_, length) = recv(&kernel, &mut response, RecvFlags::DONTWAIT).ok()?;
        parse_response(response.get(..length)?, &request)
    }

    /// Writes a `struct nlmsghdr` and a `struct inet_diag_req_v2`; ports and addresses are in network byte order.
    fn encode_request(remote: SocketAddr, local: SocketAddr) -> Vec<u8> {
        let family = if remote.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let padded = |address: IpAddr| match address {
            IpAddr::V4(address) => [address.octets().as_slice(), &[0; 12]].concat(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        let mut body = vec![u8::try_from(family.as_raw()).unwrap_or_default(), IPPROTO_TCP, 0, 0];
        // A socket in any state.
        body.extend(u32::MAX.to_ne_bytes());
        body.extend(remote.port().to_be_bytes());
        body.extend(local.port().to_be_bytes());
        body.extend(padded(remote.ip()));
        body.extend(padded(local.ip()));
        // Any interface, and no cookie.
        body.extend([0; 4]);
        body.extend([0xff; 8]);
        let length = u32::try_from(HEADER_BYTES + body.len()).unwrap_or_default();
        let mut request = length.to_ne_bytes().to_vec();
        request.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
        request.extend(NLM_F_REQUEST.to_ne_bytes());
        request.extend([0; 8]);
        request.extend(body);
        request
    }

    /// Parses a `struct inet_diag_msg`; `None` for an error, or for a socket with other ports.
    fn parse_response(response: &[u8], request: &[u8]) -> Option<Owner> {
        let kind = u16::from_ne_bytes(*response.get(4..)?.first_chunk()?);
        let ports = |message: &[u8], at: usize| message.get(at..at + 4).map(<[u8]>::to_vec);
        if kind != SOCK_DIAG_BY_FAMILY || ports(response, HEADER_BYTES + 4)? != ports(request, HEADER_BYTES + 8)? {
            return None;
        }
        let word = |at: usize| Some(u32::from_ne_bytes(*response.get(at..)?.first_chunk()?));
        Some(Owner { user: word(HEADER_BYTES + 64)?, inode: word(HEADER_BYTES + 68)? })
    }

    /// Looks up the same socket in the kernel's tables, which have a row for each connection (`proc_net(5)`).
    pub(super) fn find_in_proc(remote: SocketAddr, local: SocketAddr) -> Option<Owner> {
        table_rows(remote, local).iter().find_map(|(table, row)| {
            std::fs::read_to_string(table).ok()?.lines().find_map(|line| owner_of_row(line, row))
        })
    }

    /// Returns the tables to search, and the start of the row of the other end's socket: its address, then ours.
    fn table_rows(remote: SocketAddr, local: SocketAddr) -> Vec<(&'static str, String)> {
        let pair = |encode: &dyn Fn(IpAddr) -> String| {
            format!("{}:{:04X} {}:{:04X}", encode(remote.ip()), remote.port(), encode(local.ip()), local.port())
        };
        // The kernel writes 32 bits at a time, as this machine orders their bytes.
        let words = |bytes: &[u8]| {
            let words = bytes.chunks_exact(4).filter_map(|word| word.try_into().ok());
            words.map(|word| format!("{:08X}", u32::from_ne_bytes(word))).collect::<Vec<_>>().concat()
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
        if remote.is_ipv4() {
            rows.push(("/proc/net/tcp", pair(&plain)));
        }
        // A socket of IPv6 can reach an address of IPv4.
        rows.push(("/proc/net/tcp6", pair(&mapped)));
        rows
    }

    fn owner_of_row(line: &str, expected: &str) -> Option<Owner> {
        let mut fields = line.split_whitespace();
        if [fields.nth(1)?, fields.next()?].join(" ") != expected {
            return None;
        }
        // State, queues, timer, retransmissions; then user, timeout, inode.
        Some(Owner { user: fields.nth(4)?.parse().ok()?, inode: fields.nth(1)?.parse().ok()? })
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use std::net::{Ipv4Addr, Ipv6Addr};

        #[test]
        fn l32_a_kernel_row_is_found_by_both_addresses() {
            let v4 = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            let v6 = |port| SocketAddr::from((Ipv6Addr::LOCALHOST, port));
            let v4_rows = table_rows(v4(0xabcd), v4(0xbb8));
            assert_eq!(v4_rows.len(), 2);
            if cfg!(target_endian = "little") {
                assert_eq!(v4_rows[0].1, "0100007F:ABCD 0100007F:0BB8");
                assert_eq!(v4_rows[1].1, "0000000000000000FFFF00000100007F:ABCD 0000000000000000FFFF00000100007F:0BB8");
                let v6_rows = table_rows(v6(1), v6(2));
                assert_eq!(v6_rows.len(), 1);
                assert_eq!(v6_rows[0].1, "00000000000000000000000001000000:0001 00000000000000000000000001000000:0002");
            }
            let line = format!("   7: {} 01 00000000:00000000 00:00000000 00000000  33  0 9 1 0 20 4", v4_rows[0].1);
            assert_eq!(owner_of_row(&line, &v4_rows[0].1), Some(Owner { user: 33, inode: 9 }));
            assert_eq!(owner_of_row(&line, &v4_rows[1].1), None, "another connection's");
            assert_eq!(owner_of_row("  sl  local_address rem_address   st", &v4_rows[0].1), None);
        }

        /// Writes a `struct nlmsghdr` and a `struct inet_diag_msg` for a socket of user 33 with inode 9.
        fn response(kind: u16, from: u16, to: u16) -> Vec<u8> {
            let mut message = vec![0; HEADER_BYTES + 72];
            message[4..6].copy_from_slice(&kind.to_ne_bytes());
            message[HEADER_BYTES + 4..HEADER_BYTES + 6].copy_from_slice(&from.to_be_bytes());
            message[HEADER_BYTES + 6..HEADER_BYTES + 8].copy_from_slice(&to.to_be_bytes());
            message[HEADER_BYTES + 64..HEADER_BYTES + 68].copy_from_slice(&33_u32.to_ne_bytes());
            message[HEADER_BYTES + 68..].copy_from_slice(&9_u32.to_ne_bytes());
            message
        }

        #[test]
        fn l32_socket_diagnostics_are_requested_for_one_socket() {
            let (remote, local) = ((Ipv4Addr::LOCALHOST, 0xabcd), (Ipv4Addr::LOCALHOST, 0xbb8));
            let request = encode_request(remote.into(), local.into());
            assert_eq!(request[..4], 72_u32.to_ne_bytes(), "the length");
            assert_eq!(request.len(), 72);
            assert_eq!(request[4..6], SOCK_DIAG_BY_FAMILY.to_ne_bytes());
            assert_eq!(request[HEADER_BYTES..HEADER_BYTES + 4], [2, IPPROTO_TCP, 0, 0], "AF_INET");
            assert_eq!(request[HEADER_BYTES + 8..HEADER_BYTES + 12], [0xab, 0xcd, 0x0b, 0xb8], "the ports");
            assert_eq!(request[HEADER_BYTES + 12..HEADER_BYTES + 16], [127, 0, 0, 1], "the remote address");
            assert_eq!(request[HEADER_BYTES + 28..HEADER_BYTES + 32], [127, 0, 0, 1], "the local address");
            let (remote, local) = ((Ipv6Addr::LOCALHOST, 1), (Ipv6Addr::LOCALHOST, 2));
            let request = encode_request(remote.into(), local.into());
            assert_eq!((request.len(), request[HEADER_BYTES]), (72, 10), "AF_INET6");
        }

        #[test]
        fn l32_only_the_response_for_the_same_ports_is_used() {
            let (remote, local) = ((Ipv4Addr::LOCALHOST, 0xabcd), (Ipv4Addr::LOCALHOST, 0xbb8));
            let request = encode_request(remote.into(), local.into());
            let parse = |response: &[u8]| parse_response(response, &request);
            let valid = response(SOCK_DIAG_BY_FAMILY, 0xabcd, 0xbb8);
            assert_eq!(parse(&valid), Some(Owner { user: 33, inode: 9 }));
            assert_eq!(parse(&valid[..valid.len() - 1]), None, "truncated");
            assert_eq!(parse(&response(SOCK_DIAG_BY_FAMILY, 0xabcd, 0xbb9)), None, "another local port");
            assert_eq!(parse(&response(SOCK_DIAG_BY_FAMILY, 0xabce, 0xbb8)), None, "another remote port");
            assert_eq!(parse(&response(2, 0xabcd, 0xbb8)), None, "NLMSG_ERROR");
            assert_eq!(parse(&[]), None);
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::linux::{Owner, find_by_sock_diag, find_in_proc};
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

    #[test]
    fn l32_this_user_and_root_are_trusted() {
        let process_user = rustix::process::getuid().as_raw();
        let peer = |user, inode| Peer::from_owner(Owner { user, inode });
        assert_eq!((peer(process_user, 9), peer(0, 9)), (Peer::Trusted, Peer::Trusted));
        assert_eq!((peer(process_user + 1, 9), peer(0, 0)), (Peer::OtherUser, Peer::Disconnected));
    }

    #[test]
    fn l32_only_a_known_different_sender_is_rejected() {
        assert!(Peer::Trusted.rejection_reason().is_none() && Peer::Unknown.rejection_reason().is_none());
        assert!(Peer::OtherUser.rejection_reason().unwrap().contains("another user"));
        assert!(Peer::Disconnected.rejection_reason().unwrap().contains("disconnected"));
    }

    #[test]
    fn l32_root_trusts_only_the_user_who_ran_sudo() {
        assert!(is_trusted(1000, 1000, None) && is_trusted(0, 1000, None) && is_trusted(0, 0, None));
        assert!(is_trusted(1000, 0, Some(1000)));
        assert!(!is_trusted(1001, 0, Some(1000)) && !is_trusted(1000, 0, None));
        assert!(!is_trusted(1001, 1000, None) && !is_trusted(1001, 1000, Some(1001)), "SUDO_UID without root");
    }

    #[tokio::test]
    async fn l32_this_users_connection_is_trusted_while_it_is_open() {
        for address in [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))] {
            let Ok(listener) = tokio::net::TcpListener::bind(address).await else { continue };
            let local = listener.local_addr().unwrap();
            let client = TcpStream::connect(local).await.unwrap();
            let (server, remote) = listener.accept().await.unwrap();
            assert_eq!(Peer::from_stream(&server), Peer::Trusted, "{address}");
            // Both ways find the same socket.
            let found = find_in_proc(remote, local).unwrap();
            assert!(find_by_sock_diag(remote, local).is_none_or(|owner| owner == found), "{address}");
            client.set_zero_linger().unwrap();
            drop(client);
            assert_eq!(Peer::from_stream(&server), Peer::Disconnected, "reset: {address}");
            let client = TcpStream::connect(local).await.unwrap();
            let (server, _) = listener.accept().await.unwrap();
            drop(client);
            assert_eq!(Peer::from_stream(&server), Peer::Disconnected, "closed: {address}");
        }
    }
}
