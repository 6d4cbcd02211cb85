//! Invalid certificates and failed TLS handshakes. No setting ignores them.

use std::net::TcpStream;
use std::sync::Arc;

use linkedin_tui::internal::flows::refresh::refresh;
use linkedin_tui::internal::linkedin::http::{Http, Network};
use linkedin_tui::{Code, Error};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use serde_json::json;

use crate::faults::mock::{MockServer, Stream, StreamWrapper, json_response};
use crate::faults::mock_env::{MockEnv, NEW_TOKEN, profile_name, timeouts};
use crate::support::access_token;

/// A certificate authority and its PEM file.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) directory: tempfile::TempDir,
}

impl Authority {
    pub(crate) fn new() -> Self {
        Self::with_name("Test authority")
    }

    pub(crate) fn with_name(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("ca.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        Self { issuer: Issuer::new(params, key), directory }
    }

    /// Starts a mock at `https://localhost:PORT` with a certificate for `host`.
    pub(crate) fn server(&self, host: &str, change: impl FnOnce(&mut CertificateParams)) -> MockServer {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let chain = vec![params.signed_by(&key, &self.issuer).unwrap().der().clone()];
        Self::start_server(chain, &key)
    }

    /// Starts a mock with a CA certificate as its own, and trusts it.
    pub(crate) fn server_with_ca_certificate(&self, host: &str) -> MockServer {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        std::fs::write(self.directory.path().join("ca.pem"), certificate.pem()).unwrap();
        Self::start_server(vec![certificate.der().clone()], &key)
    }

    fn start_server(chain: Vec<rustls::pki_types::CertificateDer<'static>>, key: &KeyPair) -> MockServer {
        let key = rustls::pki_types::PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let config = Arc::new(config);
        let wrapper: StreamWrapper = Box::new(move |mut stream: TcpStream| {
            let mut session = rustls::ServerConnection::new(Arc::clone(&config)).ok()?;
            session.complete_io(&mut stream).ok()?;
            Some(Box::new(rustls::StreamOwned::new(session, stream)) as Box<dyn Stream>)
        });
        MockServer::with_wrapper("https", "localhost", wrapper)
    }

    pub(crate) fn network(&self) -> Network {
        Network { proxy: None, ca_file: Some(self.directory.path().join("ca.pem")) }
    }
}

/// Returns the hint, and asserts that it does not suggest what was already `applied`.
fn applicable_hint(error: &Error, applied: &str) -> String {
    assert!(!error.hint.is_empty() && !error.hint.contains(applied), "{error} {}", error.hint);
    error.hint.clone()
}

async fn refresh_over_tls(mock: &MockServer, network: Network) -> Result<String, Error> {
    let env = MockEnv::with_http(&mock.base, Http::with_timeouts(network, timeouts()));
    let before = env.file_text();
    mock.enqueue(json_response(200, &json!({"access_token": NEW_TOKEN})));
    match Box::pin(refresh(&env.ctx, &profile_name())).await {
        Ok(profile) => Ok(access_token(&profile).to_owned()),
        Err(error) => {
            assert_eq!(env.file_text(), before);
            assert_eq!(error.code, Code::Network, "{error}");
            assert!(mock.requests().is_empty(), "nothing was sent");
            Err(error)
        }
    }
}

#[tokio::test]
async fn t09_a_certificate_of_a_configured_ca_is_trusted() {
    let authority = Authority::new();
    let mock = authority.server("localhost", |_| {});
    assert_eq!(refresh_over_tls(&mock, authority.network()).await.unwrap(), NEW_TOKEN);
    let error = refresh_over_tls(&authority.server("localhost", |_| {}), Network::default()).await.unwrap_err();
    assert!(error.message.contains("not trusted here") && error.hint.contains("ca_file"), "{error}");
}

#[tokio::test]
async fn t09_certificate_errors_name_the_cause() {
    let authority = Authority::new();
    let expired = authority.server("localhost", |params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    });
    let error = refresh_over_tls(&expired, authority.network()).await.unwrap_err();
    assert!(error.message.contains("has expired"), "{error}");
    let not_yet_valid = authority.server("localhost", |params| params.not_before = date_time_ymd(4000, 1, 1));
    let error = refresh_over_tls(&not_yet_valid, authority.network()).await.unwrap_err();
    assert!(error.message.contains("not valid yet"), "{error}");
    let misnamed = authority.server("other.example", |_| {});
    let error = refresh_over_tls(&misnamed, authority.network()).await.unwrap_err();
    assert!(error.message.contains("another name"), "{error}");
}

#[tokio::test]
async fn t09_an_outdated_protocol_is_rejected() {
    // The alert of a server that supports TLS 1.1 at most: fatal, 70, protocol version.
    let wrapper: StreamWrapper = Box::new(|mut stream: TcpStream| {
        use std::io::{Read, Write};
        let mut hello = [0; 5];
        stream.read_exact(&mut hello).ok()?;
        let mut rest = vec![0; usize::from(u16::from_be_bytes([hello[3], hello[4]]))];
        stream.read_exact(&mut rest).ok()?;
        stream.write_all(b"\x15\x03\x02\x00\x02\x02\x46").ok()?;
        None
    });
    let error = refresh_over_tls(&MockServer::with_wrapper("https", "localhost", wrapper), Network::default())
        .await
        .unwrap_err();
    assert!(error.message.contains("no longer safe"), "{error}");
}

#[tokio::test]
async fn a_ca_certificate_of_a_server_is_reported() {
    // The trusted certificate itself: a CA certificate is not valid for a server.
    let authority = Authority::new();
    let server = authority.server_with_ca_certificate("localhost");
    let error = refresh_over_tls(&server, authority.network()).await.unwrap_err();
    assert!(error.message.contains("one of an authority (CA)"), "{error}");
    assert!(applicable_hint(&error, "ca_file").contains("certificate of its own"), "{}", error.hint);
}

#[tokio::test]
async fn an_untrusted_authority_gets_its_own_hint() {
    let trusted = Authority::new();
    // A CA with a different name, and a CA with the same name but a different key.
    for untrusted in [Authority::with_name("Other authority"), Authority::new()] {
        let error = refresh_over_tls(&untrusted.server("localhost", |_| {}), trusted.network()).await.unwrap_err();
        assert!(error.message.contains("no authority that this system or your own PEM file knows"), "{error}");
        assert!(applicable_hint(&error, "name it by").contains("certificate of the authority"), "{}", error.hint);
    }
}

#[tokio::test]
async fn a_damaged_certificate_does_not_affect_the_others() {
    let authority = Authority::new();
    let path = authority.directory.path().join("ca.pem");
    let valid = std::fs::read_to_string(&path).unwrap();
    let damaged = valid.replacen("MII", "AAAA", 1);
    let truncated = valid.split_once("-----END").unwrap().0.to_owned();
    let indented = format!("    {}", valid.replace('\n', "\r\n    "));
    for bundle in [
        format!("{damaged}{valid}"),
        format!("{valid}{damaged}"),
        format!("{truncated}\n{valid}"),
        format!("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n{valid}"),
        format!("\u{feff}{valid}"),
        format!("# company CA\n{indented}"),
    ] {
        std::fs::write(&path, &bundle).unwrap();
        let mock = authority.server("localhost", |_| {});
        assert_eq!(refresh_over_tls(&mock, authority.network()).await.unwrap(), NEW_TOKEN, "{bundle}");
        let warnings = Http::with_timeouts(authority.network(), timeouts()).warnings().unwrap();
        let has_damaged_certificate = bundle.matches("BEGIN").count() > 1;
        assert_eq!(!warnings.is_empty(), has_damaged_certificate, "{warnings:?}");
        assert!(
            warnings.iter().all(|text| text.contains("1 certificate in") && text.contains("ca.pem")),
            "{warnings:?}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_ca_file_that_is_a_pipe_is_rejected() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ca.pem");
    crate::support::create_fifo(&path);
    let error = linkedin_tui::internal::linkedin::http::read_ca_file(&path).unwrap_err();
    assert!(error.message.contains("ca.pem is not a regular file"), "{error}");
}

#[tokio::test]
async fn a_connection_without_tls_is_not_a_certificate_error() {
    let plain: StreamWrapper = Box::new(|mut stream: TcpStream| {
        use std::io::Write;
        drop(stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
        None
    });
    let closed: StreamWrapper = Box::new(|_| None);
    for (wrapper, expected_text) in [(plain, "does not speak TLS"), (closed, "was closed during the TLS handshake")] {
        let error = refresh_over_tls(&MockServer::with_wrapper("https", "localhost", wrapper), Network::default())
            .await
            .unwrap_err();
        assert!(
            error.message.contains(expected_text) && !error.to_string().contains("certificate"),
            "{expected_text}: {error}"
        );
    }
}
