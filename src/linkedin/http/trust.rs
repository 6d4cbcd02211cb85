//! Certificates that are trusted in addition to the system's.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::Path;

use reqwest::Certificate;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::error::io_reason;
use crate::{Code, Error, Result};

/// Largest file of certificates that is read: the system's own bundle has a quarter of a megabyte.
const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// The variables that replace the system's certificates.
pub(super) const TRUST_VARIABLES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// The certificates of a PEM file.
#[derive(Debug, Default)]
pub struct Bundle {
    /// Those that can be trusted.
    pub certificates: Vec<Certificate>,
    /// The number of damaged ones, which are skipped.
    pub damaged: usize,
}

/// Reads `network.ca_file`.
///
/// # Errors
/// `bad_input`, which names the file, if it cannot be read or contains no usable certificate.
pub fn read_ca_file(path: &Path) -> Result<Bundle> {
    let unusable = |why: &str| {
        Error::bad_input(
            format!("The setting network.ca_file cannot be used: {} {why}.", path.display()),
            "Correct it in config.toml. A relative path starts at the config directory.",
        )
    };
    let bundle = read(path).map_err(|why| unusable(&why))?;
    match bundle {
        Bundle { certificates, damaged: 0 } if certificates.is_empty() => Err(unusable("contains no PEM certificate")),
        Bundle { certificates, .. } if certificates.is_empty() => Err(unusable("contains only damaged certificates")),
        bundle => Ok(bundle),
    }
}

/// Reads a file of PEM certificates. The error is a predicate that follows the file's name.
pub(crate) fn read(path: &Path) -> Result<Bundle, String> {
    use std::io::ErrorKind;
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => "does not exist".to_owned(),
        ErrorKind::PermissionDenied => "cannot be read: permission denied".to_owned(),
        _ => format!("could not be read ({})", io_reason(&error)),
    };
    // Checked before it is opened: opening a pipe would wait for a writer.
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        return Err("is a directory, not a file".to_owned());
    }
    if !metadata.is_file() {
        return Err("is not a regular file".to_owned());
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(format!("is larger than {} MiB", MAX_FILE_BYTES / 1024 / 1024));
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err("is UTF-16 text; save it as UTF-8 or ASCII".to_owned());
    }
    Ok(parse(&bytes))
}

/// Parses each certificate separately, so that a damaged one does not lose the others. A file that is one DER
/// certificate, as Windows exports it, is read too.
fn parse(bytes: &[u8]) -> Bundle {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    let mut bundle = Bundle::default();
    if bytes.first() == Some(&0x30) && is_usable(&CertificateDer::from(bytes)) {
        bundle.certificates.extend(Certificate::from_der(bytes).ok());
        return bundle;
    }
    let text = String::from_utf8_lossy(bytes);
    for part in text.split(BEGIN).skip(1) {
        // The text may be indented.
        let lines: Vec<&str> = part.lines().map(str::trim).collect();
        let pem = format!("{BEGIN}\n{}\n", lines.join("\n"));
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok().filter(is_usable);
        match der.and_then(|der| Certificate::from_der(&der).ok()) {
            Some(certificate) => bundle.certificates.push(certificate),
            None => bundle.damaged += 1,
        }
    }
    bundle
}

/// Returns whether the certificate can be a root of trust, by the same check as of the connection.
fn is_usable(der: &CertificateDer<'_>) -> bool {
    RootCertStore::empty().add(der.clone().into_owned()).is_ok()
}

/// Checks the [`TRUST_VARIABLES`] that replace the system's certificates: returns the variable, and what is
/// wrong with it. `None` if none is set, or if the system reads none.
pub(crate) fn check_trust_variables(
    get: impl Fn(&str) -> Option<OsString>,
) -> Option<(&'static str, Result<(), String>)> {
    if cfg!(any(windows, target_vendor = "apple")) {
        return None;
    }
    // An empty SSL_CERT_FILE counts as a file without a name; an empty SSL_CERT_DIR as unset.
    let file = get(TRUST_VARIABLES[0]).map(|path| read(Path::new(&path)).map(|bundle| !bundle.certificates.is_empty()));
    let directories = get(TRUST_VARIABLES[1]).filter(|list| !list.is_empty()).map(|list| has_certificate_in(&list));
    let found: Vec<_> =
        TRUST_VARIABLES.into_iter().zip([file, directories]).filter_map(|(name, found)| Some((name, found?))).collect();
    let usable = found.iter().find(|(_, is_usable)| *is_usable == Ok(true));
    match usable.or_else(|| found.first())? {
        (name, Ok(false)) => Some((name, Err("contains no usable PEM certificate".to_owned()))),
        (name, Ok(true)) => Some((name, Ok(()))),
        (name, Err(why)) => Some((name, Err(why.clone()))),
    }
}

/// Returns whether a file in these directories contains a usable certificate.
fn has_certificate_in(list: &OsStr) -> Result<bool, String> {
    let directories = std::env::split_paths(list).filter(|path| !path.as_os_str().is_empty());
    let opened: Vec<_> = directories.filter_map(|directory| std::fs::read_dir(directory).ok()).collect();
    if opened.is_empty() {
        return Err("names no directory that can be read".to_owned());
    }
    let mut files = opened.into_iter().flatten().flatten();
    Ok(files.any(|file| read(&file.path()).is_ok_and(|bundle| !bundle.certificates.is_empty())))
}

/// Returns the error if no certificate could be loaded.
pub(super) fn no_certificates_error() -> Error {
    let (what, hint) = match check_trust_variables(|name| std::env::var_os(name)) {
        Some((name, Err(why))) => (
            format!("what {name} names {why}"),
            format!("Correct {name}, or unset it to use the system's certificates."),
        ),
        _ => (
            "the system has none".to_owned(),
            "Install the system's certificates (Debian, Fedora, Alpine: the package ca-certificates), or name a PEM \
             file by network.ca_file in config.toml."
                .to_owned(),
        ),
    };
    Error::new(Code::Network, format!("No TLS connection is possible without trusted certificates: {what}."), hint)
}

/// Returns how many certificates of `file` are not used.
pub(crate) fn describe_damaged(damaged: usize, file: &dyn std::fmt::Display) -> String {
    let (count, verb) =
        if damaged == 1 { ("1 certificate".to_owned(), "is") } else { (format!("{damaged} certificates"), "are") };
    format!("{count} in {file} {verb} damaged and not used")
}
