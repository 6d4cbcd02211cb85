//! Explains why there is no response, without a URL, and whether a retry may succeed.

use std::error::Error as StdError;
use std::fmt;

use rustls::{AlertDescription, CertificateError};

use super::proxy::{ProxyInUse, ProxySource};
use super::trust;
use crate::{Code, Error};

/// Why there is no response, and whether the server may have received the request: such a request must not
/// simply be repeated.
#[derive(Debug)]
pub struct Failure {
    pub error: Error,
    /// Whether the server may have carried out the request, although there is no response.
    pub is_outcome_unknown: bool,
    /// Whether the same request fails again in the same way until the user changes something: a refused certificate, a wrong
    /// setting. A failure that is not permanent may pass by itself.
    pub is_permanent: bool,
}

impl Failure {
    /// Creates a temporary failure of a request that the server has certainly not carried out.
    pub const fn not_carried_out(error: Error) -> Self {
        Self { error, is_outcome_unknown: false, is_permanent: false }
    }

    /// Creates a temporary failure of a request that the server may have carried out.
    pub const fn outcome_unknown(error: Error) -> Self {
        Self { error, is_outcome_unknown: true, is_permanent: false }
    }

    /// Creates a permanent failure before anything was sent.
    pub(super) const fn permanent(error: Error) -> Self {
        Self { error, is_outcome_unknown: false, is_permanent: true }
    }

    fn new(is_permanent: bool, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { error: Error::new(Code::Network, message, hint), is_outcome_unknown: false, is_permanent }
    }
}

/// The same request may succeed later.
const TEMPORARY: bool = false;
/// The same request fails again until the user changes something.
const PERMANENT: bool = true;

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl StdError for Failure {}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

impl From<Box<Failure>> for Error {
    fn from(failure: Box<Failure>) -> Self {
        failure.error
    }
}

/// Explains why `host` sent no response. The request went through `proxy`, if there is one.
///
/// Permanent failures are: a certificate or TLS version that is refused, a proxy that cannot be reached or
/// refuses, a name that does not exist, and a refused connection. Timeouts, lost connections and a
/// name server that does not answer may pass.
pub(super) fn explain(host: &str, error: reqwest::Error, has_ca_file: bool, proxy: Option<&ProxyInUse>) -> Failure {
    let failure = explain_cause(host, &error, has_ca_file, proxy);
    let is_outcome_unknown = !error.is_connect() && !error.is_builder();
    // The URL may carry a code, a state or a token in its query.
    Failure { error: failure.error.with_source(error.without_url()), is_outcome_unknown, ..failure }
}

fn explain_cause(host: &str, error: &reqwest::Error, has_ca_file: bool, proxy: Option<&ProxyInUse>) -> Failure {
    let chain = source_texts(error);
    let contains_any = |texts: &[&str]| texts.iter().any(|text| chain.contains(text));
    // The connection to the proxy itself, TLS included, and not the one through it.
    let is_at_proxy = contains_any(&["failed to create underlying connection"]);
    if let Some(tls) = find_tls_error(error) {
        return explain_handshake(if is_at_proxy { "the proxy" } else { host }, tls, has_ca_file);
    }
    if let Some(proxy) = proxy
        && error.is_connect()
        && contains_any(&["tunnel error"])
    {
        return explain_tunnel(proxy, is_at_proxy, &contains_any);
    }
    if error.is_timeout() {
        let hint = proxy.map_or_else(
            || "Check the network, then try again.".to_owned(),
            |proxy| format!("Check the network and {}, then try again.", proxy.source),
        );
        return Failure::new(TEMPORARY, format!("Timed out waiting for {host}."), hint);
    }
    if contains_any(&["dns error", "failed to lookup"]) {
        let message = format!("The host name {host} could not be found.");
        return Failure::new(is_unknown_name(&contains_any), message, connection_hint(proxy));
    }
    if error.is_connect() && contains_any(&["tls handshake eof", "reset", "forcibly closed"]) {
        return Failure::new(
            TEMPORARY,
            format!("The connection to {host} was closed during the TLS handshake."),
            "A firewall or a proxy in between may block it. Check the network, then try again.",
        );
    }
    if error.is_connect() {
        return Failure::new(contains_any(&["refused"]), format!("No connection to {host}."), connection_hint(proxy));
    }
    Failure::new(TEMPORARY, format!("The connection to {host} was lost."), "Try again.")
}

/// Returns the texts of the causes, in lower case.
fn source_texts(error: &reqwest::Error) -> String {
    let mut chain = String::new();
    let mut source = error.source();
    while let Some(inner) = source {
        chain.push_str(&inner.to_string().to_ascii_lowercase());
        chain.push('\n');
        source = inner.source();
    }
    chain
}

/// Finds the TLS error among the causes; an I/O error hides it from `source`.
fn find_tls_error(error: &reqwest::Error) -> Option<&rustls::Error> {
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

fn is_unknown_name(contains_any: &dyn Fn(&[&str]) -> bool) -> bool {
    // glibc and musl, macOS, Windows (WSAHOST_NOT_FOUND). A name server that cannot be reached has another text.
    contains_any(&[
        "name or service not known",
        "name does not resolve",
        "nodename nor servname",
        "no such host is known",
    ])
}

fn connection_hint(proxy: Option<&ProxyInUse>) -> String {
    match proxy {
        Some(proxy) => format!("Check {}, then try again.", proxy.source),
        None => "Check the network, then try again. A proxy is named by HTTPS_PROXY, or network.proxy in config.toml."
            .to_owned(),
    }
}

/// Explains why the proxy did not establish the connection.
fn explain_tunnel(proxy: &ProxyInUse, is_at_proxy: bool, contains_any: &dyn Fn(&[&str]) -> bool) -> Failure {
    let source = proxy.source;
    if contains_any(&["proxy authorization required"]) {
        let hint = match (proxy.has_credentials(), source) {
            (true, _) => {
                format!("Correct the user name and password in {source}; in them, write @ as %40 and % as %25.")
            }
            (false, ProxySource::System) => {
                "Write http://USER:PASSWORD@HOST:PORT into network.proxy in config.toml, or into HTTPS_PROXY."
                    .to_owned()
            }
            (false, _) => format!("Write http://USER:PASSWORD@HOST:PORT into {source}."),
        };
        let message = if proxy.has_credentials() {
            "The proxy does not accept the user name or password (407)."
        } else {
            "The proxy requires a user name and password (407)."
        };
        return Failure::new(PERMANENT, message, hint);
    }
    let check =
        format!("Check {source}{}.", if matches!(source, ProxySource::Variable(_)) { " and NO_PROXY" } else { "" });
    if is_at_proxy {
        // A time-out or a name server that does not answer are temporary.
        let is_temporary =
            contains_any(&["timed out", "deadline"]) || contains_any(&["dns error"]) && !is_unknown_name(contains_any);
        return Failure::new(!is_temporary, "No connection to the proxy.", check);
    }
    let is_refused = contains_any(&["unsuccessful", "headers too long"]);
    Failure::new(is_refused, "The proxy did not establish the connection.", check)
}

/// Explains why the TLS handshake failed. No setting ignores that.
fn explain_handshake(host: &str, error: &rustls::Error, has_ca_file: bool) -> Failure {
    const CLOCK_HINT: &str =
        "Check this machine's clock. If it is right, the server or a proxy in between is at fault.";
    const HOSTS_HINT: &str = "Check linkedin.www and linkedin.api, and any proxy in between.";
    let failed = |why: &str, hint: &str| {
        Failure::new(PERMANENT, format!("The secure connection (TLS) to {host} failed: {why}."), hint)
    };
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                failed("its certificate is not valid yet", CLOCK_HINT)
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                failed("its certificate has expired", CLOCK_HINT)
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                failed("its certificate is for another name", HOSTS_HINT)
            }
            CertificateError::Revoked => failed("its certificate was revoked", HOSTS_HINT),
            other if format!("{other:?}").contains("CaUsedAsEndEntity") => failed(
                "its certificate is one of an authority (CA), which no server may use as its own",
                "Trusting it here cannot help. The server needs a certificate of its own (not a CA), signed by \
                 that authority.",
            ),
            // A bad signature is one of an authority of the same name with another key.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                explain_unknown_issuer(has_ca_file, &failed)
            }
            other => failed(&format!("its certificate cannot be used ({})", certificate_error_name(other)), HOSTS_HINT),
        },
        rustls::Error::PeerIncompatible(_) | rustls::Error::AlertReceived(AlertDescription::ProtocolVersion) => failed(
            "it offers only a version of TLS that is no longer safe",
            "A proxy in between may be outdated: ask its administrator.",
        ),
        rustls::Error::InvalidMessage(_) => failed("it does not speak TLS on that port", HOSTS_HINT),
        _ => failed("the two sides could not agree on a connection", HOSTS_HINT),
    }
}

fn explain_unknown_issuer(has_ca_file: bool, failed: &dyn Fn(&str, &str) -> Failure) -> Failure {
    const ASK_FOR_ROOT: &str =
        "Ask the administrator of this network for the certificate of the authority (root) that signs for it";
    if has_ca_file {
        let hint = format!(
            "{ASK_FOR_ROOT}, and put it into the PEM file too. A server's own certificate does not help there."
        );
        return failed("no authority that this system or your own PEM file knows has signed its certificate", &hint);
    }
    match trust::check_trust_variables(|name| std::env::var_os(name)) {
        Some((name, _)) => failed(
            "its certificate is not trusted here",
            &format!(
                "{name} replaces the system's certificates: correct it, or unset it. {ASK_FOR_ROOT}, and name it by network.ca_file in config.toml."
            ),
        ),
        None => failed(
            "its certificate is not trusted here",
            "Networks that inspect TLS have a certificate of their own: put it in a PEM file and name it by network.ca_file in config.toml.",
        ),
    }
}

/// Returns the name of a certificate error, without content of the certificate.
fn certificate_error_name(error: &CertificateError) -> String {
    let text = format!("{error:?}");
    let mut names = text.split(|c: char| !c.is_ascii_alphanumeric());
    names.find(|name| !matches!(*name, "" | "Other" | "OtherError")).unwrap_or("unknown").to_owned()
}
