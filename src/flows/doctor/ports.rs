//! `ports`: the loopback addresses, and each app's port with its holder.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::net::TcpListener;

use super::check::{Check, or_ok};
use super::words::Words;
use crate::linkedin::RedirectUrl;
use crate::oauth::callback::CallbackServer;
use crate::store::{AppSummary, Name};
use crate::{Code, Error, Result};

/// How long a port is tried.
const TRIED: Duration = Duration::from_secs(5);

/// What was found of a port.
pub(super) struct Tried {
    port: u16,
    /// The apps that use it; none for the port that a new app gets.
    apps: Vec<Name>,
    /// Can it be held, and does it lead here?
    result: Result<()>,
}

/// Which loopback addresses this machine has, and each port.
pub(super) struct Found {
    families: (bool, bool),
    ports: Vec<Tried>,
}

/// Holds each port for an instant, as a sign-in would.
pub(super) async fn look(apps: &[AppSummary]) -> Found {
    let mut ports: BTreeMap<u16, (RedirectUrl, Vec<Name>)> = BTreeMap::new();
    for app in apps {
        if let Ok(url) = RedirectUrl::parse(&app.redirect_url) {
            ports.entry(url.port()).or_insert_with(|| (url, Vec::new())).1.push(app.name.clone());
        }
    }
    if apps.is_empty()
        && let Ok(url) = RedirectUrl::parse(RedirectUrl::DEFAULT)
    {
        ports.insert(url.port(), (url, Vec::new()));
    }
    let tried = ports.into_iter().map(|(port, (url, apps))| async move {
        let slow = || Err(Error::new(Code::PortInUse, format!("Port {port} does not answer."), "Try again."));
        let result = tokio::time::timeout(TRIED, hold(&url)).await.unwrap_or_else(|_| slow());
        Tried { port, apps, result }
    });
    let families = (
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.is_ok(),
        TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await.is_ok(),
    );
    Found { families, ports: join_all(tried).await }
}

async fn hold(url: &RedirectUrl) -> Result<()> {
    CallbackServer::bind(url).await?.self_test().await
}

/// Judges what was found.
pub(super) fn judge(found: &Found) -> Vec<Check> {
    let mut checks = vec![loopback(found.families)];
    let troubles: Vec<Check> = found.ports.iter().filter_map(port).collect();
    checks.extend(or_ok(troubles, || {
        let numbers: Vec<String> = found.ports.iter().map(|tried| tried.port.to_string()).collect();
        let ports = match numbers.as_slice() {
            [] => "There is no port to look at.".to_owned(),
            [one] => format!("Port {one} is free."),
            many => format!("Ports {} are free.", many.join(", ")),
        };
        Check::ok("ports.port", ports)
    }));
    checks
}

fn loopback(families: (bool, bool)) -> Check {
    const ID: &str = "ports.loopback";
    match families {
        (true, true) => Check::ok(ID, "This machine has 127.0.0.1 and ::1."),
        (true, false) => Check::ok(ID, "This machine has 127.0.0.1 and no ::1, which is enough."),
        (false, true) => Check::ok(ID, "This machine has ::1 and no 127.0.0.1, which is enough."),
        (false, false) => Check::error(
            ID,
            Code::Network,
            "This machine has neither 127.0.0.1 nor ::1, so no browser can come back.",
            "Bring up the loopback interface.",
        ),
    }
}

fn port(tried: &Tried) -> Option<Check> {
    const ID: &str = "ports.port";
    let error = tried.result.as_ref().err()?;
    let message = if tried.apps.is_empty() {
        Words::from(format!("{error} A new app gets that port."))
    } else {
        let apps = tried.apps.iter().map(|name| Words::default().app(name));
        Words::from(format!("{error} It is the port of: ")).list(apps).text(".")
    };
    // A sign-in that is under way ends by itself; and no app may need the port.
    let is_transient = error.hint.starts_with("Another sign-in");
    Some(if is_transient || tried.apps.is_empty() {
        Check::warning(ID, message, error.hint.as_str())
    } else {
        Check::error(ID, error.code, message, error.hint.as_str())
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::check::State;
    use super::*;

    fn taken(apps: &[&str], hint: &str) -> Tried {
        Tried {
            port: 3000,
            apps: apps.iter().map(|name| Name::parse(name).unwrap()).collect(),
            result: Err(Error::new(Code::PortInUse, "Port 3000 is taken by node (pid 7).", hint)),
        }
    }

    #[test]
    fn a_taken_port_is_told_with_its_holder_and_its_apps() {
        let check = port(&taken(&["a", "b"], "Stop that program.")).unwrap();
        assert_eq!((check.state, check.code), (State::Error, Some(Code::PortInUse)));
        assert_eq!(check.message.plain(Path::new("/")), "Port 3000 is taken by node (pid 7). It is the port of: a, b.");
        assert_eq!(port(&taken(&[], "Stop that program.")).unwrap().state, State::Warning);
        assert_eq!(port(&taken(&["a"], "Another sign-in is running")).unwrap().state, State::Warning);
        assert!(port(&Tried { port: 1, apps: vec![], result: Ok(()) }).is_none());
    }

    #[test]
    fn l22_one_family_is_enough_and_none_is_not() {
        let states = [(true, true), (true, false), (false, true), (false, false)].map(|one| loopback(one).state);
        assert_eq!(states, [State::Ok, State::Ok, State::Ok, State::Error]);
    }

    #[tokio::test]
    async fn a_free_and_a_taken_port_are_told_apart() {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = held.local_addr().unwrap().port();
        let app = AppSummary {
            name: Name::parse("a").unwrap(),
            client_id: String::new(),
            has_secret: true,
            redirect_url: format!("http://localhost:{port}/callback"),
            flow: crate::linkedin::Flow::Standard,
        };
        let states = |found: &Found| judge(found).iter().map(|check| check.state).collect::<Vec<_>>();
        assert_eq!(states(&look(std::slice::from_ref(&app)).await), [State::Ok, State::Error]);
        drop(held);
        assert_eq!(states(&look(&[app]).await), [State::Ok, State::Ok]);
    }
}
