//! Where the program runs: with a display, over SSH, in a container, in WSL.

use std::net::IpAddr;
use std::path::Path;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HostEnvironment {
    /// The SSH connection, if there is one.
    pub ssh: Option<Ssh>,
    pub is_container: bool,
    /// Whether it is the Windows Subsystem for Linux.
    pub is_wsl: bool,
    /// Whether a graphical display can be reached.
    pub has_display: bool,
    /// The terminal multiplexer that OSC sequences must be wrapped for.
    pub multiplexer: Option<Multiplexer>,
}

/// How the user's computer connects to this one over SSH.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ssh {
    /// `user@host`.
    pub destination: String,
    /// The port of the SSH server; `None` for the default.
    pub port: Option<u16>,
}

/// A placeholder for the host name, which only the user knows.
const UNKNOWN_HOST: &str = "HOST";

impl Ssh {
    /// Parses `SSH_CONNECTION`: the client's address and port, the server's address and port ("ssh(1)", ENVIRONMENT).
    ///
    /// Through a proxy command or a forwarded port the server's address is `UNKNOWN` or a loopback address, which is useless to the
    /// user.
    pub fn parse(connection: &str, user: Option<&str>) -> Self {
        let mut fields = connection.split_whitespace().skip(2);
        let host = fields.next().and_then(|field| field.parse::<IpAddr>().ok()).map(|address| address.to_canonical());
        let host = host.filter(|address| !address.is_loopback() && !address.is_unspecified());
        let port = fields.next().and_then(|field| field.parse().ok()).filter(|port| *port != 22 && host.is_some());
        let host = host.map_or_else(|| UNKNOWN_HOST.to_owned(), |address| address.to_string());
        let is_plain = |user: &&str| {
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
            !user.is_empty() && !user.starts_with('-') && user.chars().all(is_allowed)
        };
        let destination = user.filter(is_plain).map_or_else(|| host.clone(), |user| format!("{user}@{host}"));
        Self { destination, port }
    }

    /// Returns the command that makes this machine's `port` reachable from the browser on the user's computer.
    pub fn tunnel_command(&self, port: u16) -> String {
        let server = self.port.map_or_else(String::new, |port| format!("-p {port} "));
        format!("ssh {server}-L {port}:localhost:{port} {}", self.destination)
    }
}

/// A program between this one and the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Multiplexer {
    /// tmux, which forwards sequences only with `allow-passthrough on`.
    Tmux,
    /// GNU screen.
    Screen,
}

impl HostEnvironment {
    pub(crate) fn detect() -> Self {
        let has_container_file = Path::new("/.dockerenv").exists() || Path::new("/run/.containerenv").exists();
        let is_wsl = std::fs::read_to_string("/proc/sys/kernel/osrelease")
            .is_ok_and(|release| release.to_ascii_lowercase().contains("microsoft"));
        let mut environment = Self::from_variables(|name| std::env::var(name).ok());
        environment.is_container |= has_container_file;
        environment.is_wsl |= is_wsl;
        environment
    }

    /// Detects the environment from the variables that `get` returns.
    pub(crate) fn from_variables(get: impl Fn(&str) -> Option<String>) -> Self {
        let non_empty = |name: &str| get(name).filter(|value| !value.is_empty());
        // Windows sets USERNAME only.
        let user = non_empty("USER").or_else(|| non_empty("LOGNAME")).or_else(|| non_empty("USERNAME"));
        let ssh = non_empty("SSH_CONNECTION").map(|connection| Ssh::parse(&connection, user.as_deref()));
        let term = non_empty("TERM").unwrap_or_default();
        let multiplexer = if non_empty("TMUX").is_some() {
            Some(Multiplexer::Tmux)
        } else if non_empty("STY").is_some() || term.starts_with("screen") {
            Some(Multiplexer::Screen)
        } else {
            None
        };
        let is_desktop_system = cfg!(any(target_os = "macos", windows));
        Self {
            has_display: ssh.is_none()
                && (is_desktop_system || non_empty("DISPLAY").is_some() || non_empty("WAYLAND_DISPLAY").is_some()),
            ssh,
            is_container: non_empty("container").is_some(),
            is_wsl: non_empty("WSL_DISTRO_NAME").is_some(),
            multiplexer,
        }
    }

    /// Returns why no browser can be opened; `None` if one can.
    pub(crate) fn headless_reason(&self) -> Option<&'static str> {
        if self.ssh.is_some() {
            Some("You are connected over SSH, so a browser here would open where you cannot see it.")
        } else if self.has_display || self.is_wsl && !self.is_container {
            None
        } else if self.is_container {
            Some("This is a container without a display.")
        } else {
            Some("There is no graphical display here.")
        }
    }

    pub(crate) fn tunnel_command(&self, port: u16) -> Option<String> {
        self.ssh.as_ref().map(|ssh| ssh.tunnel_command(port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> HostEnvironment {
        HostEnvironment::from_variables(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn ssh_is_headless_and_has_a_tunnel_command() {
        let over_ssh = with(&[("SSH_CONNECTION", "10.0.0.9 50000 10.0.0.5 22"), ("USER", "zoe"), ("DISPLAY", ":0")]);
        assert_eq!(over_ssh.tunnel_command(3000).as_deref(), Some("ssh -L 3000:localhost:3000 zoe@10.0.0.5"));
        assert!(over_ssh.headless_reason().is_some_and(|reason| reason.contains("SSH")));
    }

    #[test]
    fn l33_tunnel_command_uses_the_ssh_connection() {
        for (connection, expected) in [
            ("10.0.0.9 50000 10.0.0.5 22", "ssh -L 3000:localhost:3000 zoe@10.0.0.5"),
            ("10.0.0.9 50000 10.0.0.5 2222", "ssh -p 2222 -L 3000:localhost:3000 zoe@10.0.0.5"),
            ("2001:db8::9 50000 2001:db8::5 2222", "ssh -p 2222 -L 3000:localhost:3000 zoe@2001:db8::5"),
            ("::ffff:10.0.0.9 50000 ::ffff:10.0.0.5 22", "ssh -L 3000:localhost:3000 zoe@10.0.0.5"),
            // Behind a proxy command, a forwarded port, or on one link.
            ("UNKNOWN 65535 UNKNOWN 65535", "ssh -L 3000:localhost:3000 zoe@HOST"),
            ("127.0.0.1 50000 127.0.0.1 22", "ssh -L 3000:localhost:3000 zoe@HOST"),
            ("::1 50000 ::1 2222", "ssh -L 3000:localhost:3000 zoe@HOST"),
            ("fe80::9%eth0 50000 fe80::5%eth0 22", "ssh -L 3000:localhost:3000 zoe@HOST"),
            ("10.0.0.9 50000 10.0.0.5", "ssh -L 3000:localhost:3000 zoe@10.0.0.5"),
            ("1 2 3 4", "ssh -L 3000:localhost:3000 zoe@HOST"),
            ("x;y $(z) `w` 22", "ssh -L 3000:localhost:3000 zoe@HOST"),
        ] {
            let over_ssh = with(&[("SSH_CONNECTION", connection), ("USER", "zoe")]);
            assert_eq!(over_ssh.tunnel_command(3000).as_deref(), Some(expected), "{connection}");
        }
        let unsafe_user = with(&[("SSH_CONNECTION", "10.0.0.9 50000 10.0.0.5 22"), ("USER", "-x;y")]);
        assert_eq!(unsafe_user.tunnel_command(1).as_deref(), Some("ssh -L 1:localhost:1 10.0.0.5"));
        let windows = with(&[("SSH_CONNECTION", "10.0.0.9 50000 10.0.0.5 22"), ("USERNAME", "zoe")]);
        assert_eq!(windows.tunnel_command(1).as_deref(), Some("ssh -L 1:localhost:1 zoe@10.0.0.5"));
        assert_eq!(with(&[("USER", "zoe")]).tunnel_command(1), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn headless_reason_is_none_with_a_display() {
        assert_eq!(with(&[("WAYLAND_DISPLAY", "wayland-0")]).headless_reason(), None);
        assert!(with(&[]).headless_reason().is_some_and(|reason| reason.contains("display")));
        assert_eq!(with(&[("WSL_DISTRO_NAME", "Debian")]).headless_reason(), None);
        let in_container = with(&[("WSL_DISTRO_NAME", "Debian"), ("container", "docker")]);
        assert!(in_container.headless_reason().is_some_and(|reason| reason.contains("container")));
    }
}
