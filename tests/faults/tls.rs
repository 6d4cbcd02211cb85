//! Certificates that do not hold, and what is in the way of TLS. There is no switch to go on.

use std::net::TcpStream;
use std::sync::Arc;

use linkedin_tui::flows::refresh::refresh;
use linkedin_tui::linkedin::http::{Http, Network};
use linkedin_tui::{Code, Error};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use serde_json::json;

use crate::mock::{Mock, Wire, Wrap, json};
use crate::world::{NEW, World, access, limits, name};

/// An authority, its PEM file, and a server whose certificate it signed.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) folder: tempfile::TempDir,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        Self { issuer: Issuer::new(params, key), folder }
    }

    /// A mock at `https://localhost:PORT` with a certificate for `host`.
    pub(crate) fn server(&self, host: &str, change: impl FnOnce(&mut CertificateParams)) -> Mock {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let chain = vec![params.signed_by(&key, &self.issuer).unwrap().der().clone()];
        let key = rustls::pki_types::PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let config = Arc::new(config);
        let wrap: Wrap = Box::new(move |mut stream: TcpStream| {
            let mut session = rustls::ServerConnection::new(Arc::clone(&config)).ok()?;
            session.complete_io(&mut stream).ok()?;
            Some(Box::new(rustls::StreamOwned::new(session, stream)) as Box<dyn Wire>)
        });
        Mock::wrapped("https", "localhost", wrap)
    }

    pub(crate) fn network(&self) -> Network {
        Network { proxy: None, ca_file: Some(self.folder.path().join("ca.pem")) }
    }
}

async fn refreshed(mock: &Mock, network: Network) -> Result<String, Error> {
    let world = World::over(&mock.base, Http::with_limits(network, limits()));
    let before = world.file();
    mock.then(json(200, &json!({"access_token": NEW})));
    match refresh(&world.ctx, &name()).await {
        Ok(profile) => Ok(access(&profile).to_owned()),
        Err(error) => {
            assert_eq!(world.file(), before);
            assert_eq!(error.code, Code::Network, "{error}");
            assert!(mock.seen().is_empty(), "nothing was sent");
            Err(error)
        }
    }
}

#[tokio::test]
async fn t09_a_certificate_of_a_named_authority_is_trusted() {
    let authority = Authority::new();
    let mock = authority.server("localhost", |_| {});
    assert_eq!(refreshed(&mock, authority.network()).await.unwrap(), NEW);
    let error = refreshed(&authority.server("localhost", |_| {}), Network::default()).await.unwrap_err();
    assert!(error.message.contains("not trusted here") && error.hint.contains("ca_file"), "{error}");
}

#[tokio::test]
async fn t09_a_certificate_that_has_ended_or_is_for_another_name_is_refused_by_its_cause() {
    let authority = Authority::new();
    let ended = authority.server("localhost", |params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    });
    let error = refreshed(&ended, authority.network()).await.unwrap_err();
    assert!(error.message.contains("has expired"), "{error}");
    let early = authority.server("localhost", |params| params.not_before = date_time_ymd(4000, 1, 1));
    let error = refreshed(&early, authority.network()).await.unwrap_err();
    assert!(error.message.contains("not valid yet"), "{error}");
    let other = authority.server("other.example", |_| {});
    let error = refreshed(&other, authority.network()).await.unwrap_err();
    assert!(error.message.contains("another name"), "{error}");
}

#[tokio::test]
async fn t09_an_outdated_protocol_is_refused_and_named() {
    // What a server says that speaks TLS 1.1 at most: fatal alert 70, protocol version.
    let wrap: Wrap = Box::new(|mut stream: TcpStream| {
        use std::io::{Read, Write};
        let mut hello = [0; 5];
        stream.read_exact(&mut hello).ok()?;
        let mut rest = vec![0; usize::from(u16::from_be_bytes([hello[3], hello[4]]))];
        stream.read_exact(&mut rest).ok()?;
        stream.write_all(b"\x15\x03\x02\x00\x02\x02\x46").ok()?;
        None
    });
    let error = refreshed(&Mock::wrapped("https", "localhost", wrap), Network::default()).await.unwrap_err();
    assert!(error.message.contains("no longer safe"), "{error}");
}
