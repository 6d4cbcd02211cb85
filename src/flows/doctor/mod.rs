//! Checks everything that a sign-in and a token depend on, and how to fix problems. Each group is one file: facts are
//! collected first, and evaluated by functions that only read them.

mod apps;
mod bug_report;
mod check;
mod desktop;
mod files;
mod git;
mod network;
mod ports;
mod redactable;
mod route;
mod settings;
mod storage;
mod tokens;

pub(crate) use bug_report::format_bug_report;
pub(crate) use check::{Check, CheckState};
pub(crate) use desktop::OutputTerminal;

use std::path::Path;

use jiff::Timestamp;

use crate::Code;
use crate::clock::Clock;
use crate::config::Settings;
use crate::host::clipboard::Clipboard;
use crate::host::{HostEnvironment, SystemBrowser, TerminalCapabilities};
use crate::linkedin::http::Http;
use crate::session::{self, Session};
use crate::store::StoreScan;

/// The results of all checks, and their environment.
#[derive(Debug)]
pub(crate) struct Report {
    /// Ordered by group.
    pub checks: Vec<Check>,
    at: Timestamp,
    is_sandbox: bool,
    scan: StoreScan,
}

impl Report {
    /// Returns whether no check failed.
    pub(crate) fn is_ok(&self) -> bool {
        self.checks.iter().all(|check| check.state != CheckState::Error)
    }

    /// Returns 0 if no check failed, else the exit code of the first error.
    pub(crate) fn exit_code(&self) -> u8 {
        self.checks.iter().find_map(|check| check.code).map_or(0, Code::exit_code)
    }

    /// Returns the config directory.
    pub(crate) fn root(&self) -> &Path {
        &self.scan.root
    }
}

/// Runs all checks, within some seconds, and changes nothing. The session must be opened with
/// [`Session::open_unchanged`].
pub(crate) async fn run_checks(session: &Session, terminal: OutputTerminal) -> Report {
    let clock = &*session.clock;
    let scan = StoreScan::scan(&session.config_directory);
    let parsed_settings = Settings::read(&session.config_directory);
    let loaded_settings = session.settings();
    let has_valid_settings = loaded_settings.is_ok();
    let settings = loaded_settings.unwrap_or_default();
    let environment = HostEnvironment::detect();
    let is_sandbox = session.options.is_sandbox;
    let http = session.http(&settings);
    let (hosts, ports, git_status, keys) = tokio::join!(
        probe_hosts(session, &settings, &http, clock),
        ports::probe(&scan.apps, !scan.app_names.is_empty()),
        git::scan(&session.config_directory),
        storage::inspect(session, &settings, &scan),
    );
    let now = clock.now();
    let variable = |name: &str| session.env.get(name);
    // As requests read them, even those that are not UTF-8.
    let process_variable = |name: &str| std::env::var_os(name);

    let has_proxy_password = settings.network.proxy().is_some_and(|proxy| proxy.contains('@'));
    let mut checks = files::evaluate(&scan, has_proxy_password);
    checks.push(git::evaluate(&git_status));
    checks.extend(settings::evaluate(
        &session.config_directory,
        scan.settings.as_deref(),
        &parsed_settings,
        scan.working_version,
        is_sandbox,
        now,
    ));
    if has_valid_settings {
        checks.extend(storage::evaluate(&keys, &scan));
    }
    checks.extend(apps::evaluate(&scan, variable("LINKEDIN_CLIENT_SECRET").is_some()));
    checks.extend(tokens::evaluate(&scan.profiles, settings.status.expiring_days, now));
    checks.extend(ports::evaluate(&ports));
    checks.push(route::evaluate_proxy(&settings.network.to_http(), &hosts, process_variable));
    checks.push(route::evaluate_trust(&settings.network, &http, process_variable));
    checks.extend(network::evaluate(&hosts, &scan.profiles, now));
    let browser = SystemBrowser::new(environment.clone(), variable("BROWSER"));
    checks.extend(desktop::evaluate_browsers(&browser, &settings.browser.command, &environment, &scan.profiles));
    checks.push(desktop::evaluate_clipboard(Clipboard::detect(&environment), &environment));
    checks.extend(desktop::evaluate_terminal(&TerminalCapabilities::from_variables(variable), &environment, terminal));
    Report { checks, at: now, is_sandbox, scan }
}

/// Probes the two hosts: LinkedIn's, those of the settings, or a sandbox that runs for the probe.
async fn probe_hosts(session: &Session, settings: &Settings, http: &Http, clock: &dyn Clock) -> network::Hosts {
    // Its state on disk stays as it is.
    let sandbox = session.start_sandbox(None).await?;
    let endpoints = session::endpoints(settings, sandbox.as_ref())?;
    Ok(network::probe(http, &endpoints, clock).await)
}
