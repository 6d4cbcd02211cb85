//! The proxy of a request. A value of `network.proxy` is parsed as one of a variable.

use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Proxy;
use reqwest::header::HeaderValue;
use url::Url;

use super::settings::Network;
use crate::linkedin::endpoints::is_loopback;
use crate::text::percent_decode;
use crate::{Error, Result};

/// The variables that name a proxy for https, in order of precedence. Plain http
/// is used for this machine only, which needs no proxy.
const PROXY_VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// The variables that name hosts to be reached without the proxy of a variable.
const EXCLUSIONS: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// Longest URL of a proxy, in characters.
const MAX_URL_CHARS: usize = 4096;

/// Where the proxy is configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxySource {
    /// `network.proxy` in `config.toml`.
    Setting,
    /// A variable.
    Variable(&'static str),
    /// The settings of Windows or macOS.
    System,
}

impl fmt::Display for ProxySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setting => f.write_str("network.proxy in config.toml"),
            Self::Variable(name) => write!(f, "the variable {name}"),
            Self::System => f.write_str("the system's proxy settings"),
        }
    }
}

/// The proxy that requests go through: its source, URL, credentials and exceptions.
pub struct ProxyInUse {
    /// Where it is configured.
    pub source: ProxySource,
    /// Scheme, host and port; never its user and password.
    pub address: String,
    authorization: Option<HeaderValue>,
    matcher: Arc<Matcher>,
}

impl fmt::Debug for ProxyInUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyInUse").field("source", &self.source).finish_non_exhaustive()
    }
}

impl ProxyInUse {
    /// Finds the proxy: `network.proxy`, else a variable, else the system's.
    ///
    /// # Errors
    /// `bad_input` with the setting or the variable if it cannot be used: a configured proxy must not be
    /// bypassed.
    pub fn find(network: &Network, variable: impl Fn(&str) -> Option<OsString>) -> Result<Option<Self>> {
        if let Some(text) = &network.proxy {
            return Self::parse(text, ProxySource::Setting, "").map(Some);
        }
        let non_empty = |name: &str| variable(name).filter(|value| !value.to_string_lossy().trim().is_empty());
        let Some((name, value)) = PROXY_VARIABLES.into_iter().find_map(|name| Some((name, non_empty(name)?))) else {
            return Ok(Self::from_system());
        };
        let source = ProxySource::Variable(name);
        let text =
            value.to_str().ok_or_else(|| unusable_proxy_error(source, "it contains bytes that are not UTF-8"))?;
        let excluded = EXCLUSIONS.into_iter().find_map(non_empty).unwrap_or_default();
        Self::parse(text, source, &excluded.to_string_lossy()).map(Some)
    }

    /// Returns whether a request to `url` goes through the proxy.
    pub fn applies_to(&self, url: &Url) -> bool {
        is_intercepted(&self.matcher, url)
    }

    /// Returns whether a user name, with or without a password, is sent to the proxy.
    pub const fn has_credentials(&self) -> bool {
        self.authorization.is_some()
    }

    /// Converts the proxy for the client.
    pub(super) fn to_proxy(&self) -> Proxy {
        let (address, matcher) = (self.address.clone(), Arc::clone(&self.matcher));
        let proxy = Proxy::custom(move |url| is_intercepted(&matcher, url).then(|| address.clone()));
        match &self.authorization {
            Some(value) => proxy.custom_http_auth(value.clone()),
            None => proxy,
        }
    }

    fn parse(text: &str, source: ProxySource, excluded: &str) -> Result<Self> {
        let (text, _) = crate::text::clean_pasted(text, MAX_URL_CHARS);
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => (scheme, rest),
            _ => ("http", text.as_str()),
        };
        let scheme = scheme.to_ascii_lowercase();
        if scheme.starts_with("socks") {
            return Err(unusable_proxy_error(source, "it is a SOCKS proxy, and only HTTP proxies are supported"));
        }
        if scheme != "http" && scheme != "https" {
            return Err(unusable_proxy_error(source, "it is neither an http nor an https URL"));
        }
        // The last @ ends the password: a host has none, a password may.
        let (credentials, host) = match rest.rsplit_once('@') {
            Some((credentials, host)) => (Some(credentials), host),
            None => (None, rest),
        };
        let host = host.split(['/', '?', '#', '\\']).next().unwrap_or_default();
        let not_a_url = || {
            unusable_proxy_error(
                source,
                "it is not the URL of a proxy; in its password, write @ as %40, # as %23, / as %2F and % as %25",
            )
        };
        let url = Url::parse(&format!("{scheme}://{host}/")).map_err(|_| not_a_url())?;
        if url.host_str().is_none_or(str::is_empty) {
            return Err(not_a_url());
        }
        let address = url.as_str().trim_end_matches('/').to_owned();
        // An asterisk in a list with other entries means every host too, IP addresses included.
        let excluded = if excluded.split(',').any(|entry| entry.trim() == "*") { "*,0.0.0.0/0,::/0" } else { excluded };
        let matcher = Matcher::builder().all(address.clone()).no(excluded.to_owned()).build();
        Ok(Self {
            source,
            address,
            authorization: credentials.and_then(basic_authorization),
            matcher: Arc::new(matcher),
        })
    }

    /// Finds the proxy in the settings of Windows or macOS; other systems have variables only.
    fn from_system() -> Option<Self> {
        if !cfg!(any(windows, target_os = "macos")) {
            return None;
        }
        let matcher = Matcher::from_system();
        let request = "https://www.linkedin.com/".parse().ok()?;
        let address = matcher.intercept(&request)?.uri().to_string().trim_end_matches('/').to_owned();
        Some(Self { source: ProxySource::System, address, authorization: None, matcher: Arc::new(matcher) })
    }
}

/// Returns whether the proxy is used; never for a loopback address, which is on this machine.
fn is_intercepted(matcher: &Matcher, url: &Url) -> bool {
    !is_loopback(url) && url.as_str().parse().is_ok_and(|uri| matcher.intercept(&uri).is_some())
}

/// Returns the `Proxy-Authorization` header for `user:password`, in which `%XX` stands for a byte.
fn basic_authorization(credentials: &str) -> Option<HeaderValue> {
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    let user_and_password = [percent_decode(user), b":".to_vec(), percent_decode(password)].concat();
    let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(user_and_password))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn unusable_proxy_error(source: ProxySource, why: &str) -> Error {
    let hint = match source {
        ProxySource::Setting => {
            "Write http://HOST:PORT or http://USER:PASSWORD@HOST:PORT into network.proxy.".to_owned()
        }
        ProxySource::Variable(name) => format!(
            "Set {name} to http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, or name the proxy in network.proxy of \
             config.toml, which comes first."
        ),
        ProxySource::System => String::new(),
    };
    Error::bad_input(format!("The proxy in {source} cannot be used: {why}."), hint)
}
