//! Why there is no answer, in words without a URL, and whether the next try can end differently.

use std::error::Error as StdError;

use rustls::{AlertDescription, CertificateError};

use super::Way;
use super::proxy::{Route, Source};
use super::trust;
use crate::{Code, Error};

/// An error of the network.
pub(super) struct Cause {
    pub(super) error: Error,
    /// Whether the same request would fail again in the same way.
    pub(super) is_certain: bool,
}

impl Cause {
    fn new(is_certain: bool, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { error: Error::new(Code::Network, message, hint), is_certain }
    }
}

/// Explains why `host` gave no answer. `route` is the proxy that the request went through.
///
/// Certain are: a certificate or TLS version that is refused, a proxy that cannot be reached or
/// refuses, a name that does not exist, and a refused connection. Time-outs, lost connections and a
/// name server that does not answer may pass.
pub(super) fn explain(host: &str, error: &reqwest::Error, way: &Way, route: Option<&Route>) -> Cause {
    let chain = chain(error);
    let has = |words: &[&str]| words.iter().any(|word| chain.contains(word));
    // The connection to the proxy itself, TLS included, and not the one through it.
    let at_proxy = has(&["failed to create underlying connection"]);
    if let Some(tls) = tls(error) {
        return handshake(if at_proxy { "the proxy" } else { host }, tls, way);
    }
    if let Some(route) = route
        && error.is_connect()
        && has(&["tunnel error"])
    {
        return at_tunnel(route, at_proxy, &has);
    }
    if error.is_timeout() {
        let hint = route.map_or_else(
            || "Check the network, then try again.".to_owned(),
            |route| format!("Check the network and {}, then try again.", route.source),
        );
        return Cause::new(false, format!("{host} did not answer in time."), hint);
    }
    if has(&["dns error", "failed to lookup"]) {
        return Cause::new(is_no_name(&has), format!("The name {host} could not be found."), no_way(route));
    }
    if error.is_connect() && has(&["tls handshake eof", "reset", "forcibly closed"]) {
        return Cause::new(
            false,
            format!("The connection to {host} was closed before it was secure (TLS)."),
            "A firewall or a proxy in between may block it. Check the network, then try again.",
        );
    }
    if error.is_connect() {
        let is_refused = has(&["refused"]);
        return Cause::new(is_refused, format!("No connection to {host}."), no_way(route));
    }
    Cause::new(false, format!("The connection to {host} broke off."), "Try again.")
}

/// The causes' own words, in lower case.
fn chain(error: &reqwest::Error) -> String {
    let mut chain = String::new();
    let mut source = error.source();
    while let Some(inner) = source {
        chain.push_str(&inner.to_string().to_ascii_lowercase());
        chain.push('\n');
        source = inner.source();
    }
    chain
}

/// The failure of the handshake among the causes; an I/O error hides it from `source`.
fn tls(error: &reqwest::Error) -> Option<&rustls::Error> {
    let mut source = error.source();
    while let Some(inner) = source {
        let hidden = inner.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let found = inner.downcast_ref().or_else(|| hidden.and_then(|hidden| hidden.downcast_ref()));
        if found.is_some() {
            return found;
        }
        source = hidden.map_or_else(|| inner.source(), |hidden| Some(hidden as &(dyn StdError + 'static)));
    }
    None
}

fn is_no_name(has: &dyn Fn(&[&str]) -> bool) -> bool {
    // glibc and musl, macOS, Windows (WSAHOST_NOT_FOUND). A name server that cannot be reached has other words.
    has(&["name or service not known", "name does not resolve", "nodename nor servname", "no such host is known"])
}

fn no_way(route: Option<&Route>) -> String {
    match route {
        Some(route) => format!("Check {}, then try again.", route.source),
        None => "Check the network, then try again. A proxy is named by HTTPS_PROXY, or network.proxy in config.toml."
            .to_owned(),
    }
}

/// What failed before the proxy had made the connection.
fn at_tunnel(route: &Route, at_proxy: bool, has: &dyn Fn(&[&str]) -> bool) -> Cause {
    let source = route.source;
    if has(&["proxy authorization required"]) {
        let hint = match (route.has_credentials(), source) {
            (true, _) => {
                format!("Correct the user name and password in {source}; in them, write @ as %40 and % as %25.")
            }
            (false, Source::System) => {
                "Write http://USER:PASSWORD@HOST:PORT into network.proxy in config.toml, or into HTTPS_PROXY."
                    .to_owned()
            }
            (false, _) => format!("Write http://USER:PASSWORD@HOST:PORT into {source}."),
        };
        let what = if route.has_credentials() {
            "The proxy does not accept the user name or password that it was given (407)."
        } else {
            "The proxy wants a user name and a password (407)."
        };
        return Cause::new(true, what, hint);
    }
    let check = format!("Check {source}{}.", if matches!(source, Source::Variable(_)) { " and NO_PROXY" } else { "" });
    if at_proxy {
        // A time-out or a name server that does not answer may pass.
        let may_pass = has(&["timed out", "deadline"]) || has(&["dns error"]) && !is_no_name(has);
        return Cause::new(!may_pass, "No connection to the proxy.", check);
    }
    let refused = has(&["unsuccessful", "headers too long"]);
    Cause::new(refused, "The proxy did not make the connection.", check)
}

/// Why the handshake failed, and what to do. There is no switch to go on all the same.
fn handshake(host: &str, error: &rustls::Error, way: &Way) -> Cause {
    const CLOCK: &str = "Check this machine's clock. If it is right, the server or a proxy in between is at fault.";
    const HOSTS: &str = "Check linkedin.www and linkedin.api, and any proxy in between.";
    let failed =
        |why: &str, hint: &str| Cause::new(true, format!("The secure connection (TLS) to {host} failed: {why}."), hint);
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                failed("its certificate is not valid yet", CLOCK)
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                failed("its certificate has expired", CLOCK)
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                failed("its certificate is for another name", HOSTS)
            }
            CertificateError::Revoked => failed("its certificate was revoked", HOSTS),
            other if format!("{other:?}").contains("CaUsedAsEndEntity") => failed(
                "its certificate is one of an authority (CA), which no server may use as its own",
                "Trusting it here cannot help. Whoever runs the server gives it a certificate of its own (not a CA), \
                 signed by that authority.",
            ),
            // A bad signature is one of an authority of the same name with another key.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => unknown_issuer(way, &failed),
            other => failed(&format!("its certificate cannot be used ({})", kind(other)), HOSTS),
        },
        rustls::Error::PeerIncompatible(_) | rustls::Error::AlertReceived(AlertDescription::ProtocolVersion) => failed(
            "it offers only a version of TLS that is no longer safe",
            "A proxy in between may be outdated: ask who runs it.",
        ),
        rustls::Error::InvalidMessage(_) => failed("it does not speak TLS on that port", HOSTS),
        _ => failed("the two sides could not agree on a connection", HOSTS),
    }
}

fn unknown_issuer(way: &Way, failed: &dyn Fn(&str, &str) -> Cause) -> Cause {
    const ASK: &str = "Ask who runs this network for the certificate of the authority (root) that signs for it";
    if way.has_ca_file {
        let hint = format!("{ASK}, and put it into the PEM file too. A server's own certificate does not help there.");
        return failed("no authority that this system or your own PEM file knows has signed its certificate", &hint);
    }
    match trust::from_variables(|name| std::env::var_os(name)) {
        Some((name, _)) => failed(
            "its certificate is not trusted here",
            &format!(
                "{name} takes the place of the system's certificates: correct it, or unset it. {ASK}, and name it by network.ca_file in config.toml."
            ),
        ),
        None => failed(
            "its certificate is not trusted here",
            "Networks that inspect TLS have a certificate of their own: put it in a PEM file and name it by network.ca_file in config.toml.",
        ),
    }
}

/// The name of a certificate's fault, without anything that the certificate says.
fn kind(error: &CertificateError) -> String {
    let text = format!("{error:?}");
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.find(|word| !matches!(*word, "" | "Other" | "OtherError")).unwrap_or("unknown").to_owned()
}
