//! The two properties of a LinkedIn app that the sign-in depends on. Rules from "LinkedIn 3-Legged
//! OAuth Flow" and "Authorization Code Flow with PKCE for native clients".

use url::Url;

use crate::{Error, Result};

/// How an app signs in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flow {
    /// Client ID and secret; every ordinary app.
    #[default]
    Standard,
    /// PKCE and no secret; LinkedIn switches it on per app.
    NativePkce,
}

impl Flow {
    /// The word in the app's file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::NativePkce => "native-pkce",
        }
    }
}

/// Does a client ID look like all that LinkedIn gives out: 14 lower-case letters and digits?
/// Seen in the wild (`77...`, `78...`, `86...`), documented nowhere: another may still be right.
#[must_use]
pub fn usual_client_id(text: &str) -> bool {
    text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// Where the browser comes back to, in the exact spelling that is registered in the portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUrl {
    text: String,
    url: Url,
}

impl RedirectUrl {
    /// What a new app gets.
    pub const DEFAULT: &str = "http://localhost:3000/callback";

    /// Takes an absolute http URL on a loopback host, without fragment.
    ///
    /// # Errors
    /// `bad_input` with the rule that it breaks.
    pub fn parse(text: &str) -> Result<Self> {
        let refused = |why: &str| {
            Error::bad_input(
                format!("The redirect URL cannot be used: {why}."),
                format!("Use one like {}, and register it on the app's Auth tab.", Self::DEFAULT),
            )
        };
        let url = Url::parse(text).map_err(|_| refused("it is not an absolute URL"))?;
        if url.scheme() != "http" {
            return Err(refused("the program listens on this machine, which needs http"));
        }
        if url.fragment().is_some() || text.contains('#') {
            return Err(refused("LinkedIn allows no # in it"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("it carries a user name or password"));
        }
        let host = url.host_str().unwrap_or_default();
        if !matches!(host, "localhost" | "127.0.0.1" | "[::1]") {
            return Err(refused("its host must be localhost, 127.0.0.1 or [::1]"));
        }
        if url.port() == Some(0) {
            return Err(refused("0 is no port"));
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(refused("it has spaces or control characters in it"));
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// As typed and registered: LinkedIn compares scheme, host, port, path and trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The port to listen on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or(80)
    }

    /// The path that LinkedIn comes back to.
    #[must_use]
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// The host as written: `localhost`, `127.0.0.1` or `[::1]`.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or("localhost")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_urls_follow_the_rules() {
        for good in
            ["http://localhost:3000/callback", "http://127.0.0.1:8080", "http://[::1]:9/x?id=1", "http://localhost/cb/"]
        {
            assert!(RedirectUrl::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "/callback",
            "https://localhost:3000/",
            "http://example.com/",
            "http://localhost:3000/#",
            "http://u@localhost/",
            "http://localhost:0/",
            "http://localhost:3000/a b",
        ] {
            assert!(RedirectUrl::parse(bad).is_err(), "{bad}");
        }
    }
}
