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

/// Why a client ID cannot be used, if it cannot. More is not known of them than
/// [`usual_client_id`] says, so the rule is wider.
#[must_use]
pub fn client_id_trouble(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        Some("copy it from the app's Auth tab")
    } else if !text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
        Some("it has letters and digits only")
    } else {
        None
    }
}

/// A client ID without what copying brings along.
///
/// # Errors
/// `bad_input` where it cannot be one.
pub fn client_id(text: &str) -> Result<String> {
    let (text, _) = crate::text::clean_credential(crate::text::Credential::ClientId, text);
    client_id_trouble(&text).map_or_else(
        || Ok(text.clone()),
        |why| {
            let hint = "It stands on the app's Auth tab in the LinkedIn Developer Portal.";
            Err(Error::bad_input(format!("The client ID cannot be used: {why}."), hint))
        },
    )
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

    /// What a new native PKCE app gets: a free port is chosen at each sign-in, for LinkedIn takes
    /// any port on a loopback IP there, and nothing is registered.
    pub const NATIVE_DEFAULT: &str = "http://127.0.0.1:0";

    /// What a new app of this kind gets.
    #[must_use]
    pub const fn default_for(flow: Flow) -> &'static str {
        match flow {
            Flow::Standard => Self::DEFAULT,
            Flow::NativePkce => Self::NATIVE_DEFAULT,
        }
    }

    /// Takes an absolute http URL on a loopback host, without fragment.
    ///
    /// # Errors
    /// `bad_input` with the rule that it breaks.
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_for(Flow::Standard, text)
    }

    /// The same for an app of this kind: a native PKCE app takes loopback IPs only, and port 0
    /// stands for a free one.
    ///
    /// # Errors
    /// As [`RedirectUrl::parse`].
    pub fn parse_for(flow: Flow, text: &str) -> Result<Self> {
        let refused = |why: &str| {
            let hint = match flow {
                Flow::Standard => format!("Use one like {}, and register it on the app's Auth tab.", Self::DEFAULT),
                Flow::NativePkce => {
                    format!("Use {} (a free port each time), or a port of your own.", Self::NATIVE_DEFAULT)
                }
            };
            Error::bad_input(format!("The redirect URL cannot be used: {why}."), hint)
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
        // Another spelling of the address, such as 127.1, would be registered as another URL.
        let is_spelled_out = authority(text).is_some_and(|(written, _)| written.eq_ignore_ascii_case(host));
        match flow {
            Flow::Standard if !is_spelled_out || !matches!(host, "localhost" | "127.0.0.1" | "[::1]") => {
                return Err(refused("its host must be localhost, 127.0.0.1 or [::1]"));
            }
            Flow::NativePkce if !is_spelled_out || !matches!(host, "127.0.0.1" | "[::1]") => {
                return Err(refused("a native PKCE app comes back to 127.0.0.1 or [::1], not to a name"));
            }
            Flow::Standard if url.port() == Some(0) => return Err(refused("0 is no port")),
            _ => {}
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(refused("it has spaces, backslashes or control characters in it"));
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

    /// The same URL with the port that was found free, where it asked for one (port 0).
    #[must_use]
    pub fn at(&self, port: u16) -> Self {
        let Some((host, zero)) = authority(&self.text).filter(|_| self.port() == 0) else { return self.clone() };
        let (before, after) =
            (&self.text[..HTTP.len() + host.len()], &self.text[HTTP.len() + host.len() + zero.len()..]);
        let text = format!("{before}:{port}{after}");
        Url::parse(&text).map_or_else(|_| self.clone(), |url| Self { text, url })
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

/// What a redirect URL begins with, in any case.
const HTTP: &str = "http://";

/// Returns the host of an http URL as it is written, and the port with its colon; that may be empty.
fn authority(text: &str) -> Option<(&str, &str)> {
    let rest = text.get(HTTP.len()..).filter(|_| text[..HTTP.len()].eq_ignore_ascii_case(HTTP))?;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let colon = authority.rfind(':').filter(|_| !authority.ends_with(']')).unwrap_or(authority.len());
    Some(authority.split_at(colon))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_id_is_one_word() {
        assert_eq!(client_id(" 86abcdefghijkl\n").unwrap(), "86abcdefghijkl");
        for bad in ["", " ", "a b", "86abc\u{1b}[31m", "86abc&scope=x", "ä"] {
            assert!(client_id(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn redirect_urls_follow_the_rules() {
        for good in [
            "http://localhost:3000/callback",
            "http://127.0.0.1:8080",
            "http://[::1]:9/x?id=1",
            "http://localhost/cb/",
            "http://[::1]",
            "HTTP://Localhost:3000",
        ] {
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
            "http://localhost:3000\\a",
            "http:localhost:3000",
            "http:///localhost:3000",
            "http://@localhost:3000",
            "http://%6cocalhost:3000",
            "http://127.1:3000",
            "http://0x7f000001:3000",
            "http://[0:0:0:0:0:0:0:1]:3000",
        ] {
            assert!(RedirectUrl::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_native_app_comes_back_to_an_address_and_any_port() {
        let native = |text| RedirectUrl::parse_for(Flow::NativePkce, text);
        assert!(native("http://localhost:3000/callback").is_err());
        assert!(native("http://127.0.0.1:8080/x").is_ok());
        for (saved, used) in [
            ("http://127.0.0.1:0", "http://127.0.0.1:4242"),
            ("http://127.0.0.1:000/a", "http://127.0.0.1:4242/a"),
            ("http://[::1]:0/cb:0", "http://[::1]:4242/cb:0"),
            ("http://[::1]:0?x=:0", "http://[::1]:4242?x=:0"),
        ] {
            let free = native(saved).unwrap();
            assert_eq!(free.port(), 0);
            let at = free.at(4242);
            assert_eq!((at.as_str(), at.port()), (used, 4242));
        }
        assert_eq!(native("http://127.0.0.1:80").unwrap().at(4242).port(), 80);
    }
}
