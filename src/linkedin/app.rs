//! The properties of a LinkedIn app that the sign-in depends on. Sources: "LinkedIn 3-Legged
//! OAuth Flow" and "Authorization Code Flow with PKCE for native clients".

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{Error, Result};

/// The OAuth flow of an app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flow {
    /// Client ID and client secret, as for most apps.
    #[default]
    Standard,
    /// PKCE without a client secret; LinkedIn enables it per app.
    NativePkce,
}

impl Flow {
    /// Returns the value in the app's file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::NativePkce => "native-pkce",
        }
    }
}

/// Returns whether a client ID looks like all known ones: 14 lowercase letters and digits (`77…`, `78…`,
/// `86…`). LinkedIn documents no format, so that another one may be right.
pub(crate) fn is_usual_client_id(text: &str) -> bool {
    text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// Returns whether a text has a client secret of the newer form, `WPL_AP1.….…==`. An older one has 16 letters and digits, and
/// nothing that distinguishes it from another text.
pub(crate) fn looks_like_client_secret(text: &str) -> bool {
    text.contains("WPL_")
}

/// Returns why a client ID is not valid, or `None`. The rule is wider than [`is_usual_client_id`],
/// because the format is not documented.
pub(crate) fn client_id_problem(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        Some("copy it from the app's Auth tab")
    } else if looks_like_client_secret(text) {
        Some("this looks like the client secret")
    } else if !text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
        Some("it may contain only letters and digits")
    } else {
        None
    }
}

pub(crate) fn parse_client_id(text: &str) -> Result<String> {
    let (text, _) = crate::text::clean_copied_value(crate::text::CopiedValue::ClientId, text);
    client_id_problem(&text).map_or_else(
        || Ok(text.clone()),
        |why| {
            let hint = "Find it on the app's Auth tab in the LinkedIn Developer Portal.";
            Err(Error::bad_input(format!("The client ID is not valid: {why}."), hint))
        },
    )
}

/// A redirect URL, in the exact spelling that is registered in the developer portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUrl {
    text: String,
    url: Url,
}

impl RedirectUrl {
    /// The redirect URL of a new app.
    pub const DEFAULT: &str = "http://localhost:3000/callback";

    /// The redirect URL of a new native PKCE app: each sign-in uses a free port, because LinkedIn
    /// accepts any port on a loopback IP there and nothing is registered.
    pub const NATIVE_DEFAULT: &str = "http://127.0.0.1:0";

    /// Returns the redirect URL of a new app with this flow.
    pub const fn default_for(flow: Flow) -> &'static str {
        match flow {
            Flow::Standard => Self::DEFAULT,
            Flow::NativePkce => Self::NATIVE_DEFAULT,
        }
    }

    /// Parses the redirect URL of a standard app: absolute, http, on a loopback host, without fragment.
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_for(Flow::Standard, text)
    }

    /// Parses the redirect URL of an app with this flow. A native PKCE app accepts loopback IPs only, and
    /// port 0 stands for a free one.
    pub fn parse_for(flow: Flow, text: &str) -> Result<Self> {
        let invalid = |why: &str| {
            let hint = match flow {
                Flow::Standard => format!("Use one like {}, and register it on the app's Auth tab.", Self::DEFAULT),
                Flow::NativePkce => {
                    format!("Use {} (a free port each time), or a port of your own.", Self::NATIVE_DEFAULT)
                }
            };
            Error::bad_input(format!("The redirect URL is not valid: {why}."), hint)
        };
        if !text.contains("://") && !text.is_empty() {
            return Err(invalid("it must start with http://"));
        }
        let url = Url::parse(text).map_err(|error| match error {
            url::ParseError::InvalidPort => invalid("its port must be a number from 1 to 65535"),
            _ => invalid("it is not an absolute URL"),
        })?;
        if url.scheme() != "http" {
            return Err(invalid("its scheme must be http, because the callback server is on this machine"));
        }
        if url.fragment().is_some() || text.contains('#') {
            return Err(invalid("LinkedIn does not allow # in it"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("it contains a user name or password"));
        }
        let host = url.host_str().unwrap_or_default();
        // Another spelling of the address, such as 127.1, would be registered as another URL.
        let is_spelled_out = authority(text).is_some_and(|(written, _)| written.eq_ignore_ascii_case(host));
        match flow {
            Flow::Standard if !is_spelled_out || !matches!(host, "localhost" | "127.0.0.1" | "[::1]") => {
                return Err(invalid("its host must be localhost, 127.0.0.1 or [::1]"));
            }
            Flow::NativePkce if !is_spelled_out || !matches!(host, "127.0.0.1" | "[::1]") => {
                return Err(invalid("the host of a native PKCE app must be 127.0.0.1 or [::1]"));
            }
            Flow::Standard if url.port() == Some(0) => return Err(invalid("port 0 is not valid")),
            _ => {}
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(invalid("it contains spaces, backslashes or control characters"));
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// Returns it as typed and registered: LinkedIn compares scheme, host, port, path and trailing slash.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the port to listen on.
    pub fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or(80)
    }

    /// Replaces port 0 by the free port that was found.
    pub fn with_port(&self, port: u16) -> Self {
        let Some((host, port_text)) = authority(&self.text).filter(|_| self.port() == 0) else { return self.clone() };
        let (before, after) =
            (&self.text[..HTTP.len() + host.len()], &self.text[HTTP.len() + host.len() + port_text.len()..]);
        let text = format!("{before}:{port}{after}");
        Url::parse(&text).map_or_else(|_| self.clone(), |url| Self { text, url })
    }

    /// Returns the path of the callback.
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// Returns the host as written: `localhost`, `127.0.0.1` or `[::1]`.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or("localhost")
    }
}

/// The start of a redirect URL, in any case.
const HTTP: &str = "http://";

/// Splits the authority of an http URL into the host as it is written and the port with its colon, if any.
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
    fn client_id_is_trimmed_and_has_no_other_characters() {
        assert_eq!(parse_client_id(" 86abcdefghijkl\n").unwrap(), "86abcdefghijkl");
        for bad in ["", " ", "a b", "86abc\u{1b}[31m", "86abc&scope=x", "ä"] {
            assert!(parse_client_id(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn only_http_on_a_loopback_host_is_a_redirect_url() {
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
    fn an_invalid_redirect_url_has_the_right_reason() {
        for (text, reason) in [
            ("localhost:3000/callback", "it must start with http://"),
            ("localhost", "it must start with http://"),
            ("http://localhost:99999/callback", "its port must be a number from 1 to 65535"),
            ("http://localhost:3000x/callback", "its port must be a number from 1 to 65535"),
            ("https://localhost:3000/", "its scheme must be http"),
        ] {
            let message = RedirectUrl::parse(text).unwrap_err().message;
            assert!(message.contains(reason), "{text}: {message}");
        }
    }

    #[test]
    fn native_app_has_a_loopback_ip_and_any_port() {
        let native = |text| RedirectUrl::parse_for(Flow::NativePkce, text);
        assert!(native("http://localhost:3000/callback").is_err());
        assert!(native("http://127.0.0.1:8080/x").is_ok());
        for (registered, used) in [
            ("http://127.0.0.1:0", "http://127.0.0.1:4242"),
            ("http://127.0.0.1:000/a", "http://127.0.0.1:4242/a"),
            ("http://[::1]:0/cb:0", "http://[::1]:4242/cb:0"),
            ("http://[::1]:0?x=:0", "http://[::1]:4242?x=:0"),
        ] {
            let free = native(registered).unwrap();
            assert_eq!(free.port(), 0);
            let bound = free.with_port(4242);
            assert_eq!((bound.as_str(), bound.port()), (used, 4242));
        }
        assert_eq!(native("http://127.0.0.1:80").unwrap().with_port(4242).port(), 80);
    }
}
