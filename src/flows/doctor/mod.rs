//! Looks at everything that a sign-in and a token depend on, and says how to mend what is wrong.
//! Each group is one file: facts are gathered first, and judged by functions that only read them.

mod apps;
mod bundle;
mod check;
mod desktop;
mod files;
mod git;
mod network;
mod ports;
mod settings;
mod storage;
mod tokens;
mod way;
mod words;

use std::path::Path;

use jiff::Timestamp;

pub use bundle::bundle;
pub use check::{Check, State};
pub use desktop::Screen;
pub use words::Words;

use crate::clock::Clock;
use crate::config::Settings;
use crate::host::clipboard::Clipboard;
use crate::host::{HostEnvironment, SystemBrowser, TerminalCapabilities};
use crate::linkedin::Endpoints;
use crate::linkedin::http::Http;
use crate::session::Session;
use crate::store::Survey;

/// All findings, and what they were found on.
#[derive(Debug)]
pub struct Report {
    /// The findings, a group after the other.
    pub checks: Vec<Check>,
    /// When it was made.
    at: Timestamp,
    sandbox: bool,
    survey: Survey,
}

impl Report {
    /// Is nothing an error?
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.checks.iter().all(|check| check.state != State::Error)
    }

    /// 0 where nothing is an error, else the code of the first one.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        self.checks.iter().find_map(|check| check.code).map_or(0, crate::Code::exit_code)
    }

    /// The folder, from which its files are named.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.survey.root
    }
}

/// Looks at everything, within some seconds, and changes nothing. The session must be one that
/// leaves the folder as it is found ([`Session::open_unchanged`]).
pub async fn examine(session: &Session, screen: Screen) -> Report {
    let clock = &*session.clock;
    let survey = Survey::scan(&session.root);
    let written = Settings::read(&session.root);
    let usable = session.settings();
    let readable = usable.is_ok();
    let settings = usable.unwrap_or_default();
    let around = HostEnvironment::detect();
    let sandbox = session.options.sandbox;
    let http = if sandbox { Http::without_proxy() } else { Http::new(settings.network.for_requests()) };
    let (hosts, ports, repository, key) = tokio::join!(
        hosts(session, &settings, &http, clock),
        ports::look(&survey.apps),
        git::look(&session.root),
        storage::look(session, &settings, &survey),
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
    checks.push(way::proxy(&settings.network.for_requests(), &hosts, process_variable));
    checks.push(way::trust(&settings.network, &http, process_variable));
    checks.extend(network::judge(&hosts, &survey.profiles, now));
    let browser = SystemBrowser::new(around.clone(), variable("BROWSER"));
    checks.extend(desktop::browsers(&browser, &settings.browser.command, &around, &survey.profiles));
    checks.push(desktop::clipboard(Clipboard::detect(&around), &around));
    checks.extend(desktop::terminal(&TerminalCapabilities::from_variables(variable), &around, screen));
    Report { checks, at: now, sandbox, survey }
}

/// A variable as requests read it: one that is not UTF-8 is there too.
fn process_variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}

/// Asks the two hosts: LinkedIn's, those of the settings, or a sandbox that lives for the question.
async fn hosts(session: &Session, settings: &Settings, http: &Http, clock: &dyn Clock) -> network::Hosts {
    let sandbox = session.sandbox().await?;
    let endpoints = match &sandbox {
        Some(sandbox) => Endpoints::new(sandbox.base().as_str(), sandbox.base().as_str())?,
        None => settings.endpoints()?,
    };
    Ok(network::ask(http, &endpoints, clock).await)
}
