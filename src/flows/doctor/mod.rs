//! Checks everything that a sign-in and a token depend on, and how to fix problems. Each group is one file: facts are collected
//! first, and judged by functions that only read them.

mod apps;
mod bundle;
mod check;
mod desktop;
mod files;
mod git;
mod network;
mod ports;
mod redactable;
mod report;
mod route;
mod settings;
mod storage;
mod tokens;

pub(crate) use bundle::bundle;
pub(crate) use check::{Check, CheckState};
pub(crate) use desktop::Screen;
pub(crate) use report::Report;

use crate::clock::Clock;
use crate::config::Settings;
use crate::host::clipboard::Clipboard;
use crate::host::{HostEnvironment, SystemBrowser, TerminalCapabilities};
use crate::linkedin::Endpoints;
use crate::linkedin::http::Http;
use crate::session::Session;
use crate::store::Survey;

/// Runs all checks, within some seconds, and changes nothing. The session must be opened with [`Session::open_unchanged`].
pub(crate) async fn examine(session: &Session, screen: Screen) -> Report {
    let clock = &*session.clock;
    let survey = Survey::scan(&session.root);
    let written = Settings::read(&session.root);
    let usable = session.settings();
    let readable = usable.is_ok();
    let settings = usable.unwrap_or_default();
    let environment = HostEnvironment::detect();
    let sandbox = session.options.sandbox;
    let http = if sandbox { Http::without_proxy() } else { Http::new(settings.network.for_requests()) };
    let (hosts, ports, repository, key) = tokio::join!(
        hosts(session, &settings, &http, clock),
        ports::probe(&survey.apps),
        git::scan(&session.root),
        storage::inspect(session, &settings, &survey),
    );
    let now = clock.now();
    let variable = |name: &str| session.env.get(name);

    let proxy_password = settings.network.proxy().is_some_and(|proxy| proxy.contains('@'));
    let mut checks = files::judge(&survey, proxy_password);
    checks.push(git::judge(&repository));
    checks.extend(settings::judge(
        &session.root,
        survey.settings.as_deref(),
        &written,
        survey.working_version,
        sandbox,
        now,
    ));
    if readable {
        checks.extend(storage::judge(&key, &survey));
    }
    checks.extend(apps::judge(&survey, variable("LINKEDIN_CLIENT_SECRET").is_some()));
    checks.extend(tokens::judge(&survey.profiles, settings.status.expiring_days, now));
    checks.extend(ports::judge(&ports));
    checks.push(route::proxy(&settings.network.for_requests(), &hosts, process_variable));
    checks.push(route::trust(&settings.network, &http, process_variable));
    checks.extend(network::judge(&hosts, &survey.profiles, now));
    let browser = SystemBrowser::new(environment.clone(), variable("BROWSER"));
    checks.extend(desktop::browsers(&browser, &settings.browser.command, &environment, &survey.profiles));
    checks.push(desktop::clipboard(Clipboard::detect(&environment), &environment));
    checks.extend(desktop::terminal(&TerminalCapabilities::from_variables(variable), &environment, screen));
    Report { checks, at: now, sandbox, survey }
}

/// Returns a variable as requests read it, even if it is not UTF-8.
fn process_variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}

/// Probes the two hosts: LinkedIn's, those of the settings, or a sandbox that runs for the probe.
async fn hosts(session: &Session, settings: &Settings, http: &Http, clock: &dyn Clock) -> network::Hosts {
    let sandbox = session.sandbox().await?;
    let endpoints = match &sandbox {
        Some(sandbox) => Endpoints::new(sandbox.base().as_str(), sandbox.base().as_str())?,
        None => settings.endpoints()?,
    };
    Ok(network::probe(http, &endpoints, clock).await)
}
