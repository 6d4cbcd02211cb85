//! Where the terminal is: at a desk, over SSH, in a container, in WSL.

use std::path::Path;

/// What was noticed, from the environment alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Connected over SSH: the `user@host` that the person's own machine reaches this one by.
    pub ssh: Option<String>,
    /// In a container.
    pub container: bool,
    /// In the Windows Subsystem for Linux.
    pub wsl: bool,
    /// A graphical display can be reached.
    pub display: bool,
    /// The terminal multiplexer that OSC sequences must be wrapped for.
    pub multiplexer: Option<Multiplexer>,
}

/// A program between this one and the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Multiplexer {
    /// tmux, with `allow-passthrough` or `set-clipboard`.
    Tmux,
    /// GNU screen.
    Screen,
}

impl Surroundings {
    /// Looks at this process's environment.
    #[must_use]
    pub fn look() -> Self {
        let marked = Path::new("/.dockerenv").exists() || Path::new("/run/.containerenv").exists();
        let wsl = std::fs::read_to_string("/proc/sys/kernel/osrelease")
            .is_ok_and(|release| release.to_ascii_lowercase().contains("microsoft"));
        let mut found = Self::from_variables(|name| std::env::var(name).ok());
        found.container |= marked;
        found.wsl |= wsl;
        found
    }

    /// Looks at the variables that `get` gives.
    pub fn from_variables(get: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| get(name).filter(|value| !value.is_empty());
        let host = set("SSH_CONNECTION").and_then(|line| line.split_whitespace().nth(2).map(str::to_owned));
        let ssh = host.map(|host| {
            let user = set("USER").or_else(|| set("LOGNAME"));
            user.map_or_else(|| host.clone(), |user| format!("{user}@{host}"))
        });
        let term = set("TERM").unwrap_or_default();
        let multiplexer = if set("TMUX").is_some() {
            Some(Multiplexer::Tmux)
        } else if set("STY").is_some() || term.starts_with("screen") {
            Some(Multiplexer::Screen)
        } else {
            None
        };
        let graphical = cfg!(any(target_os = "macos", windows));
        Self {
            display: ssh.is_none() && (graphical || set("DISPLAY").is_some() || set("WAYLAND_DISPLAY").is_some()),
            ssh,
            container: set("container").is_some(),
            wsl: set("WSL_DISTRO_NAME").is_some(),
            multiplexer,
        }
    }

    /// Why no browser should be started by itself; `None` where one can be.
    #[must_use]
    pub fn no_browser_because(&self) -> Option<&'static str> {
        if self.ssh.is_some() {
            Some("You are connected over SSH, so a browser here would open where you cannot see it.")
        } else if self.display || self.wsl {
            None
        } else if self.container {
            Some("This is a container without a display.")
        } else {
            Some("There is no graphical display here.")
        }
    }

    /// The command that makes this machine's `port` reachable from the person's own browser.
    #[must_use]
    pub fn tunnel(&self, port: u16) -> Option<String> {
        self.ssh.as_ref().map(|host| format!("ssh -L {port}:localhost:{port} {host}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Surroundings {
        Surroundings::from_variables(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn ssh_gives_the_tunnel_command() {
        let far = with(&[("SSH_CONNECTION", "10.0.0.9 50000 10.0.0.5 22"), ("USER", "zoe"), ("DISPLAY", ":0")]);
        assert_eq!(far.tunnel(3000).as_deref(), Some("ssh -L 3000:localhost:3000 zoe@10.0.0.5"));
        assert!(far.no_browser_because().is_some_and(|why| why.contains("SSH")));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_display_allows_a_browser_and_its_absence_says_why() {
        assert_eq!(with(&[("WAYLAND_DISPLAY", "wayland-0")]).no_browser_because(), None);
        assert!(with(&[]).no_browser_because().is_some_and(|why| why.contains("display")));
        assert_eq!(with(&[("WSL_DISTRO_NAME", "Debian")]).no_browser_because(), None);
    }
}
