//! One run of the program: the config directory, the environment, and, if the network is needed, the sandbox and an
//! asynchronous runtime.

pub mod api_version;
pub(crate) mod context;
mod deliveries;
mod page_ids;
pub(crate) mod pool;
pub(crate) mod process;
pub(crate) mod retry;
pub(crate) mod runtime;
mod select;

pub use context::Context;
pub use deliveries::{DeliveryEvent, DeliveryMonitor};
pub use page_ids::PageIds;
pub use retry::{FlowEvent, Reporter};
pub(crate) use runtime::block_on;

use std::path::PathBuf;
use std::sync::Arc;

use crate::Result;
use crate::clock::{Clock, SystemClock};
use crate::config::{Environment, Settings, config_dir};
use crate::encryption::{Keys, Prompter};
use crate::host::{HostEnvironment, SystemBrowser};
use crate::linkedin::Endpoints;
use crate::linkedin::http::{Http, RequestObserver};
use crate::sandbox::{self, Sandbox, Scenario};
use crate::store::ProfileStore;

/// The global options of the command line.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub is_sandbox: bool,
    pub scenario: Option<String>,
    /// The profile to use when a command names none.
    pub profile: Option<String>,
    /// The directory of settings, apps and profiles.
    pub config_dir: Option<PathBuf>,
    /// The command that starts the program on the same files, for texts that suggest one.
    pub program_command: &'static str,
}

/// One run of the program: its options, environment, files and clock.
#[derive(Clone, Debug)]
pub struct Session {
    pub options: Options,
    pub env: Environment,
    /// The working directory.
    pub working_dir: PathBuf,
    pub store: ProfileStore,
    /// Decrypts encrypted fields.
    pub keys: Arc<Keys>,
    /// The directory of this session's files: the config directory, or `sandbox/` in it.
    pub config_directory: PathBuf,
    pub clock: Arc<dyn Clock>,
    /// Receives the events of deliveries.
    pub deliveries: DeliveryMonitor,
    /// Receives the events that belong to no flow.
    pub reporter: Reporter,
    /// Is notified of each request to LinkedIn, without its secrets.
    pub requests: Option<RequestObserver>,
}

impl Session {
    /// Opens the config directory, without reading its files yet.
    pub fn open(options: Options, prompter: Prompter) -> Result<Self> {
        let mut session = Self::open_unchanged(options, prompter)?;
        session.store = ProfileStore::open(&session.config_directory)?.with_keys(session.keys.clone());
        Ok(session)
    }

    /// Opens the config directory and changes nothing in it, not even its mode.
    pub fn open_unchanged(options: Options, prompter: Prompter) -> Result<Self> {
        let env = Environment::from_process()?;
        let mut config_directory = config_dir(options.config_dir.as_deref(), &env)?;
        if options.is_sandbox {
            config_directory.push("sandbox");
        }
        let passphrase_file = env.get("LINKEDIN_TUI_PASSPHRASE_FILE").map(PathBuf::from);
        let keys = Arc::new(Keys::new(&config_directory, passphrase_file, prompter));
        let store = ProfileStore::open_unchecked(&config_directory).with_keys(keys.clone());
        // In a directory that was deleted meanwhile no `.linkedin-tui` file is found.
        let working_dir = std::env::current_dir().unwrap_or_default();
        Ok(Self {
            options,
            env,
            working_dir,
            store,
            keys,
            config_directory,
            clock: Arc::new(SystemClock),
            deliveries: DeliveryMonitor::default(),
            reporter: Reporter::default(),
            requests: None,
        })
    }

    pub fn settings(&self) -> Result<Settings> {
        Settings::load(&self.config_directory)
    }

    pub fn scenario(&self) -> Result<Option<Scenario>> {
        self.options.scenario.as_deref().map(Scenario::parse).transpose()
    }

    /// Creates the context of flows, and starts the sandbox if it is in use; dropping the second value stops it.
    pub async fn context(&self) -> Result<(Context, Option<Sandbox>)> {
        let settings = self.settings()?;
        let sandbox = self.sandbox().await?;
        let endpoints = endpoints(&settings, sandbox.as_ref())?;
        let http = self.http(&settings);
        let browser = SystemBrowser::new(HostEnvironment::detect(), self.env.get("BROWSER"));
        let clock = Arc::clone(&self.clock);
        let api_version = api_version::load(&settings, &self.store, Arc::clone(&clock))?;
        let api_version =
            api_version::with_reporting(api_version, &self.store, Arc::clone(&clock), self.reporter.clone());
        let context = Context {
            store: self.store.clone(),
            settings,
            endpoints,
            http,
            clock,
            api_version,
            browser: Arc::new(browser),
            deliveries: self.deliveries.clone(),
            page_ids: PageIds::default(),
            reporter: self.reporter.clone(),
        };
        Ok((context, sandbox))
    }

    /// Returns the HTTP client; the sandbox is on this machine, so no proxy applies to it.
    pub(crate) fn http(&self, settings: &Settings) -> Http {
        let http = if self.options.is_sandbox { Http::without_proxy() } else { Http::new(settings.network.to_http()) };
        http.with_observer(self.requests.clone())
    }

    /// Starts the sandbox if it is in use; dropping it stops it.
    pub async fn sandbox(&self) -> Result<Option<Sandbox>> {
        self.start_sandbox(Some(self.config_directory.clone())).await
    }

    /// Starts the sandbox if it is in use, with its state in a directory or only in memory.
    pub(crate) async fn start_sandbox(&self, directory: Option<PathBuf>) -> Result<Option<Sandbox>> {
        if !self.options.is_sandbox {
            return Ok(None);
        }
        let options =
            sandbox::Options { port: None, directory, scenario: self.scenario()?, clock: Arc::clone(&self.clock) };
        Sandbox::start(options).await.map(Some)
    }
}

/// Returns the sandbox's endpoints, else the configured ones.
pub(crate) fn endpoints(settings: &Settings, sandbox: Option<&Sandbox>) -> Result<Endpoints> {
    match sandbox {
        Some(sandbox) => Endpoints::new(sandbox.base().as_str(), sandbox.base().as_str()),
        None => settings.endpoints(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encryption::no_prompt;

    #[test]
    fn a_scenario_is_selected_by_its_name() {
        let directory = tempfile::tempdir().unwrap();
        let scenario = |name: Option<&str>| {
            let config_dir = Some(directory.path().to_owned());
            let options =
                Options { is_sandbox: true, scenario: name.map(str::to_owned), config_dir, ..Options::default() };
            let session = Session::open(options, no_prompt).unwrap();
            assert_eq!(session.config_directory, directory.path().join("sandbox"));
            session.scenario()
        };
        assert_eq!(scenario(None).unwrap(), None);
        for expected in Scenario::ALL {
            assert_eq!(scenario(Some(expected.name())).unwrap(), Some(*expected));
        }
        assert!(scenario(Some("unknown")).is_err());
    }
}
