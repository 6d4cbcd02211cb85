//! `network.proxy` and `network.ca`: the route to the hosts. A check is ok only if a response came through the proxy, and the
//! certificates were read: a valid setting is not enough.

use std::ffi::OsString;

use super::check::Check;
use super::network::{HostProbe, Hosts};
use super::redactable::{RedactableText, path, private, redactable};
use crate::config;
use crate::linkedin::endpoints::is_loopback;
use crate::linkedin::http::{Http, Network, ProxyInUse, ProxySource, check_trust_variables, read_ca_file};

/// Evaluates the proxy by the responses that came through it.
pub(super) fn evaluate_proxy(network: &Network, hosts: &Hosts, variable: impl Fn(&str) -> Option<OsString>) -> Check {
    const ID: &str = "network.proxy";
    let proxy_in_use = match ProxyInUse::find(network, variable) {
        Ok(Some(proxy_in_use)) => proxy_in_use,
        Ok(None) => return Check::ok(ID, "No proxy is set for https."),
        Err(error) => return Check::failed(ID, &error),
    };
    let proxy =
        redactable![private(&proxy_in_use.address, "(an address)"), format!(", which {} names", proxy_in_use.source)];
    let Ok((www, api)) = hosts else {
        return Check::warning(
            ID,
            redactable!["The proxy ", proxy, ", could not be probed."],
            "Correct what is wrong in config.toml, then run this again.",
        );
    };
    let (proxied, direct): (Vec<&HostProbe>, Vec<&HostProbe>) =
        [www, api].into_iter().partition(|probe| proxy_in_use.applies_to(&probe.url));
    if proxied.is_empty() {
        return evaluate_unused_proxy(ID, &proxy_in_use, proxy, &direct);
    }
    if proxied.iter().all(|probe| probe.result.is_err()) {
        return Check::warning(
            ID,
            redactable!["No host was reached through the proxy ", proxy, "."],
            "The checks of the hosts show why.",
        );
    }
    let excluded = direct.first().map_or_else(RedactableText::default, |probe| {
        redactable![", but not to ", private(probe.url.host_str().unwrap_or_default(), "(another host)")]
    });
    Check::ok(ID, redactable!["Requests go through the proxy ", proxy, excluded, "."])
}

/// Evaluates a proxy that no request goes through.
fn evaluate_unused_proxy(
    id: &'static str,
    proxy_in_use: &ProxyInUse,
    proxy: RedactableText,
    direct: &[&HostProbe],
) -> Check {
    if direct.iter().all(|probe| is_loopback(&probe.url)) {
        return Check::ok(id, redactable!["Requests stay on this machine and bypass the proxy ", proxy, "."]);
    }
    let (why, fix) = match proxy_in_use.source {
        ProxySource::Variable(name) => {
            ("NO_PROXY excludes the hosts", format!("If that is not intended, correct NO_PROXY; else unset {name}."))
        }
        ProxySource::Setting | ProxySource::System => (
            "its exceptions exclude the hosts",
            "If that is not intended, correct the exceptions in the system's proxy settings.".to_owned(),
        ),
    };
    Check::warning(id, redactable!["Requests bypass the proxy ", proxy, ": ", why, "."], fix)
}

/// Evaluates which certificates are trusted.
pub(super) fn evaluate_trust(
    network: &config::Network,
    http: &Http,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Check {
    const ID: &str = "network.ca";
    let variables = check_trust_variables(variable);
    let extra = match network.ca_file().map(|file| (read_ca_file(&file), file)) {
        Some((Err(error), file)) => return Check::failed_at(ID, &error, &file.to_string_lossy(), &path(&file)),
        Some((Ok(bundle), file)) => Some((bundle, file)),
        None => None,
    };
    if let Some((name, Err(reason))) = &variables {
        return Check::warning(
            ID,
            format!("{name} replaces the system's certificates, but what it names {reason}."),
            format!("Correct {name}, or unset it to use the system's certificates."),
        );
    }
    // A proxy that cannot be used is `bad_input`, and has a check of its own; `network` means that no certificate could be
    // loaded.
    if let Some(error) = http.prepare().err().filter(|error| error.code == crate::Code::Network) {
        return Check::failed(ID, &error);
    }
    let base = match variables {
        Some((name, _)) => format!("The certificates that {name} names"),
        None => "The system's certificates".to_owned(),
    };
    let Some((bundle, file)) = extra else { return Check::ok(ID, base + " are trusted.") };
    let count = bundle.certificates.len();
    let trusted = redactable![format!("{base} and {count} of "), path(&file), " are trusted"];
    if bundle.damaged == 0 {
        return Check::ok(ID, trusted.and("."));
    }
    Check::warning(
        ID,
        trusted.and(format!(
            "; {} in it {} damaged and not used.",
            bundle.damaged,
            if bundle.damaged == 1 { "is" } else { "are" }
        )),
        "Replace the damaged certificates: each begins and ends with a line of its own.",
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use url::Url;

    use super::super::check::CheckState;
    use super::super::network::HostResponse;
    use super::*;
    use crate::config::Settings;
    use crate::{Code, Error};

    const LINKEDIN: [&str; 2] = ["https://www.linkedin.com/x", "https://api.linkedin.com/y"];

    fn message(check: &Check) -> String {
        check.message.plain(Path::new("/"), "linkedin-tui")
    }

    fn hosts(urls: [&str; 2], reached: bool) -> (HostProbe, HostProbe) {
        let probe = |url: &str| HostProbe {
            url: Url::parse(url).unwrap(),
            result: if reached {
                Ok(HostResponse { status: 200, elapsed: Duration::ZERO, clock_ahead: None, body: Ok(()) })
            } else {
                Err(Error::new(Code::Network, "No connection to the proxy.", ""))
            },
        };
        (probe(urls[0]), probe(urls[1]))
    }

    fn evaluate_setting(setting: Option<&str>, variables: &[(&str, &str)], hosts: &Hosts) -> Check {
        let network = Network { proxy: setting.map(str::to_owned), ca_file: None };
        evaluate_proxy(&network, hosts, |name| {
            variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn t25_a_proxy_is_named_without_its_password() {
        let reached = Ok(hosts(LINKEDIN, true));
        for (setting, variables, source) in [
            (Some("http://anna:geheim@proxy.corp:3128"), &[][..], "network.proxy"),
            (None, &[("HTTPS_PROXY", "anna:geheim@proxy.corp:3128")], "HTTPS_PROXY"),
            (None, &[("https_proxy", "http://anna:ge#h@eim/@proxy.corp:3128/")], "https_proxy"),
            (None, &[("ALL_PROXY", "http://anna:geheim@proxy.corp:3128")], "ALL_PROXY"),
        ] {
            let check = evaluate_setting(setting, variables, &reached);
            let text = message(&check);
            assert_eq!(check.state, CheckState::Ok, "{text}");
            assert!(text.contains("http://proxy.corp:3128, which ") && text.contains(source), "{text}");
            assert!(!text.contains("ge") && !text.contains("anna"), "{text}");
        }
        assert_eq!(
            message(&evaluate_setting(None, &[("HTTP_PROXY", "http://p:1")], &reached)),
            "No proxy is set for https."
        );
    }

    #[test]
    fn a_proxy_is_ok_once_a_response_came_through_it() {
        let proxied = [("HTTPS_PROXY", "http://p.example:3128")];
        for (variables, hosts, state, expected) in [
            (&proxied[..], Ok(hosts(LINKEDIN, true)), CheckState::Ok, "go through"),
            (&proxied, Ok(hosts(LINKEDIN, false)), CheckState::Warning, "No host was reached"),
            (&proxied, Err(Error::bad_input("x", "y")), CheckState::Warning, "could not be probed"),
            (&[proxied[0], ("NO_PROXY", "*")], Ok(hosts(LINKEDIN, true)), CheckState::Warning, "NO_PROXY excludes"),
            (
                &[proxied[0], ("no_proxy", ".linkedin.com")],
                Ok(hosts(LINKEDIN, true)),
                CheckState::Warning,
                "NO_PROXY excludes",
            ),
            (
                &[proxied[0], ("NO_PROXY", "api.linkedin.com")],
                Ok(hosts(LINKEDIN, true)),
                CheckState::Ok,
                "not to api.linkedin",
            ),
            (
                &proxied,
                Ok(hosts(["http://127.0.0.1:1/", "https://localhost:2/"], true)),
                CheckState::Ok,
                "stay on this machine",
            ),
            (&[("HTTPS_PROXY", "http://")], Ok(hosts(LINKEDIN, true)), CheckState::Error, "HTTPS_PROXY cannot be used"),
            (&[("ALL_PROXY", "socks5://h:1")], Ok(hosts(LINKEDIN, true)), CheckState::Error, "SOCKS"),
        ] {
            let check = evaluate_setting(None, variables, &hosts);
            assert_eq!(check.state, state, "{variables:?}: {}", message(&check));
            assert!(message(&check).contains(expected), "{variables:?}: {}", message(&check));
        }
        assert_eq!(evaluate_setting(Some("http://"), &[], &Ok(hosts(LINKEDIN, true))).state, CheckState::Error);
        let check = evaluate_setting(Some("http://p:1"), &[("NO_PROXY", "*")], &Ok(hosts(LINKEDIN, true)));
        assert!(message(&check).contains("go through"), "NO_PROXY is for the variables: {}", message(&check));
    }

    #[cfg(unix)]
    #[test]
    fn a_proxy_variable_that_is_not_utf_8_is_an_error() {
        use std::os::unix::ffi::OsStringExt;
        let latin1 = OsString::from_vec(b"http://bob:h\xfcnter2@p.example:1".to_vec());
        let network = Network::default();
        let get = |name: &str| (name == "HTTPS_PROXY").then(|| latin1.clone());
        let check = evaluate_proxy(&network, &Ok(hosts(LINKEDIN, true)), get);
        assert_eq!(check.state, CheckState::Error);
        assert!(message(&check).contains("HTTPS_PROXY"), "{}", message(&check));
    }

    fn authority() -> String {
        let key = rcgen::KeyPair::generate().unwrap();
        rcgen::CertificateParams::new(vec!["ca.example".to_owned()]).unwrap().self_signed(&key).unwrap().pem()
    }

    #[test]
    fn certificates_are_trusted_once_they_were_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        let good = authority();
        let damaged = good.replacen("MII", "AAAA", 1);
        std::fs::write(path("good.pem"), &good).unwrap();
        std::fs::write(path("mixed.pem"), format!("{damaged}{good}")).unwrap();
        std::fs::write(path("damaged.pem"), damaged).unwrap();
        std::fs::write(path("empty.pem"), "").unwrap();
        std::fs::create_dir(path("none")).unwrap();
        let with = |setting: &str, variable: Option<(&str, &str)>| {
            let settings: Settings = toml::from_str(&format!("[network]\nca_file = {setting:?}")).unwrap();
            let get = |name: &str| variable.filter(|(set, _)| *set == name).map(|(_, value)| OsString::from(value));
            evaluate_trust(&settings.network, &Http::without_proxy(), get)
        };
        let directory = dir.path().to_str().unwrap().to_owned();
        for (setting, variable, state, expected) in [
            ("", None, CheckState::Ok, "The system's certificates are trusted."),
            (&path("good.pem"), None, CheckState::Ok, "and 1 of"),
            (&path("mixed.pem"), None, CheckState::Warning, "1 in it is damaged and not used"),
            (&path("damaged.pem"), None, CheckState::Error, "damaged.pem contains only"),
            (&path("empty.pem"), None, CheckState::Error, "empty.pem contains no PEM"),
            (&path("missing.pem"), None, CheckState::Error, "missing.pem does not exist"),
            (&directory, None, CheckState::Error, "is a directory"),
            ("", Some(("SSL_CERT_FILE", path("good.pem"))), CheckState::Ok, "that SSL_CERT_FILE names"),
            ("", Some(("SSL_CERT_FILE", path("missing.pem"))), CheckState::Warning, "does not exist"),
            ("", Some(("SSL_CERT_FILE", String::new())), CheckState::Warning, "does not exist"),
            ("", Some(("SSL_CERT_FILE", path("empty.pem"))), CheckState::Warning, "contains no usable"),
            ("", Some(("SSL_CERT_DIR", directory.clone())), CheckState::Ok, "that SSL_CERT_DIR names"),
            ("", Some(("SSL_CERT_DIR", path("none"))), CheckState::Warning, "contains no usable"),
            ("", Some(("SSL_CERT_DIR", path("missing"))), CheckState::Warning, "no directory"),
        ] {
            let check = with(setting, variable.as_ref().map(|(name, value)| (*name, value.as_str())));
            assert_eq!(check.state, state, "{setting} {variable:?}: {}", message(&check));
            assert!(message(&check).contains(expected), "{setting} {variable:?}: {}", message(&check));
        }
    }
}
