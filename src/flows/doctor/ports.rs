//! `ports`: the loopback addresses, and each app's port.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::net::TcpListener;

use super::check::{Check, or_ok};
use super::redactable::{RedactableText, app, list, redactable};
use crate::linkedin::RedirectUrl;
use crate::oauth::callback::{CallbackServer, is_held_by_this_program};
use crate::store::{AppSummary, Name};
use crate::{Code, Error, Result};

const PORT: &str = "ports.port";

/// How long the test of a port may take.
const PORT_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) struct PortProbe {
    port: u16,
    /// The apps that use it; none for the default port of a new app.
    apps: Vec<Name>,
    /// Whether it can be bound and reaches this process.
    result: Result<()>,
    /// Whether another run of this program holds it.
    is_held_by_this_program: bool,
}

/// The loopback addresses and ports of this machine.
pub(super) struct PortFindings {
    families: (bool, bool),
    ports: Vec<PortProbe>,
}

/// Binds each port of the readable apps for a moment, as a sign-in would; where there are no apps, the port that a new one gets.
pub(super) async fn probe(apps: &[AppSummary], has_apps: bool) -> PortFindings {
    let mut ports: BTreeMap<u16, (RedirectUrl, Vec<Name>)> = BTreeMap::new();
    for app in apps {
        if let Ok(url) = RedirectUrl::parse(&app.redirect_url) {
            ports.entry(url.port()).or_insert_with(|| (url, Vec::new())).1.push(app.name.clone());
        }
    }
    if !has_apps && let Ok(url) = RedirectUrl::parse(RedirectUrl::DEFAULT) {
        ports.insert(url.port(), (url, Vec::new()));
    }
    let probes = ports.into_iter().map(|(port, (url, apps))| async move {
        let timed_out = || Err(Error::new(Code::PortInUse, format!("Port {port} does not respond."), "Try again."));
        let result = tokio::time::timeout(PORT_TIMEOUT, try_port(&url)).await.unwrap_or_else(|_| timed_out());
        let is_in_use = result.as_ref().is_err_and(|error| error.code == Code::PortInUse);
        PortProbe { port, apps, result, is_held_by_this_program: is_in_use && is_held_by_this_program(port) }
    });
    let families = (
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.is_ok(),
        TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await.is_ok(),
    );
    PortFindings { families, ports: join_all(probes).await }
}

async fn try_port(url: &RedirectUrl) -> Result<()> {
    CallbackServer::bind(url).await?.self_test().await
}

pub(super) fn evaluate(found: &PortFindings) -> Vec<Check> {
    let problems: Vec<Check> = found.ports.iter().filter_map(evaluate_port).collect();
    let numbers: Vec<String> = found.ports.iter().map(|probe| probe.port.to_string()).collect();
    let free = match numbers.as_slice() {
        [] => "No port was tested: no app has a valid redirect URL.".to_owned(),
        [port] => format!("Port {port} is free."),
        several => format!("Ports {} are free.", several.join(", ")),
    };
    [vec![evaluate_loopback(found.families)], or_ok(problems, Check::ok(PORT, free))].concat()
}

fn evaluate_loopback(families: (bool, bool)) -> Check {
    const ID: &str = "ports.loopback";
    match families {
        (true, true) => Check::ok(ID, "This machine has 127.0.0.1 and ::1."),
        (true, false) => Check::ok(ID, "This machine has 127.0.0.1 and no ::1, which is enough."),
        (false, true) => Check::ok(ID, "This machine has ::1 and no 127.0.0.1, which is enough."),
        (false, false) => Check::error(
            ID,
            Code::Network,
            "This machine has neither 127.0.0.1 nor ::1, so no callback can arrive.",
            "Bring up the loopback interface.",
        ),
    }
}

fn evaluate_port(probe: &PortProbe) -> Option<Check> {
    let error = probe.result.as_ref().err()?;
    let message = if probe.apps.is_empty() {
        RedactableText::from(format!("{error} A new app gets that port."))
    } else {
        redactable![format!("{error} It is the port of: "), list(probe.apps.iter().map(app)), "."]
    };
    // A running sign-in ends by itself, and the user runs the sandbox; no app may need the port.
    Some(if probe.is_held_by_this_program || probe.apps.is_empty() {
        Check::warning(PORT, message, error.hint.as_str())
    } else {
        Check::error(PORT, error.code, message, error.hint.as_str())
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::check::CheckState;
    use super::*;

    fn probe_in_use(apps: &[&str], is_held_by_this_program: bool) -> PortProbe {
        PortProbe {
            port: 3000,
            apps: apps.iter().map(|name| Name::parse(name).unwrap()).collect(),
            result: Err(Error::new(Code::PortInUse, "Port 3000 is in use by node (pid 7).", "Stop it.")),
            is_held_by_this_program,
        }
    }

    #[test]
    fn a_port_in_use_is_reported_with_its_owner_and_its_apps() {
        let check = evaluate_port(&probe_in_use(&["a", "b"], false)).unwrap();
        assert_eq!((check.state, check.code), (CheckState::Error, Some(Code::PortInUse)));
        assert_eq!(
            check.message.plain(Path::new("/"), "linkedin-tui"),
            "Port 3000 is in use by node (pid 7). It is the port of: a, b."
        );
        assert_eq!(evaluate_port(&probe_in_use(&[], false)).unwrap().state, CheckState::Warning);
        assert_eq!(evaluate_port(&probe_in_use(&["a"], true)).unwrap().state, CheckState::Warning);
        assert!(evaluate_port(&PortProbe { result: Ok(()), ..probe_in_use(&[], false) }).is_none());
    }

    #[test]
    fn l22_one_family_is_enough_and_none_is_not() {
        let states = [(true, true), (true, false), (false, true), (false, false)]
            .map(|families| evaluate_loopback(families).state);
        assert_eq!(states, [CheckState::Ok, CheckState::Ok, CheckState::Ok, CheckState::Error]);
    }

    #[tokio::test]
    async fn no_port_is_tested_for_unreadable_apps() {
        let checks = evaluate(&probe(&[], true).await);
        let message = checks[1].message.plain(Path::new("/"), "linkedin-tui");
        assert_eq!(message, "No port was tested: no app has a valid redirect URL.");
    }

    #[tokio::test]
    async fn a_free_port_and_one_in_use_are_distinguished() {
        let states = |found: &PortFindings| evaluate(found).iter().map(|check| check.state).collect::<Vec<_>>();
        // Tests that run beside this one may get the port as soon as it is free.
        for _ in 0..20 {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            let port = listener.local_addr().unwrap().port();
            let app = AppSummary {
                name: Name::parse("a").unwrap(),
                client_id: String::new(),
                has_secret: true,
                redirect_url: format!("http://localhost:{port}/callback"),
                flow: crate::linkedin::Flow::Standard,
            };
            assert_eq!(states(&probe(std::slice::from_ref(&app), true).await), [CheckState::Ok, CheckState::Error]);
            drop(listener);
            if states(&probe(&[app], true).await) == [CheckState::Ok, CheckState::Ok] {
                return;
            }
        }
        panic!("no port was reported as free");
    }
}
