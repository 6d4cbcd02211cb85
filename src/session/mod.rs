//! What every run starts from: the folder, the environment, and, where the network is
//! needed, a running sandbox and an asynchronous runtime.

pub mod api_version;
pub(crate) mod context;
mod deliveries;
pub mod pool;
pub(crate) mod process;
pub(crate) mod retry;
pub mod runtime;
pub mod select;

pub use context::Context;
pub use deliveries::{DeliveryEvent, DeliveryMonitor};
pub use retry::{Note, Reporter};
pub use runtime::block_on;

use std::path::PathBuf;
use std::sync::Arc;

use crate::Result;
use crate::clock::{Clock, SystemClock};
use crate::config::{Environment, Settings, config_dir};
use crate::encryption::{Ask, Keys};
use crate::host::{HostEnvironment, SystemBrowser};
use crate::linkedin::Endpoints;
use crate::linkedin::http::Http;
use crate::sandbox::{self, Sandbox, Scenario};
use crate::store::{Name, Store};

/// What the command line says about the whole run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Use the embedded imitation of LinkedIn.
    pub sandbox: bool,
    /// How it behaves.
    pub scenario: Option<String>,
    /// The profile to use where none is named.
    pub profile: Option<String>,
    /// The folder of settings, apps and profiles.
    pub config_dir: Option<PathBuf>,
}

/// A run's surroundings.
#[derive(Clone, Debug)]
pub struct Session {
    /// What the command line says.
    pub options: Options,
    /// The variables.
    pub env: Environment,
    /// The working folder.
    pub folder: PathBuf,
    /// Apps and profiles.
    pub store: Store,
    /// What opens encrypted fields.
    pub keys: Arc<Keys>,
    /// Where this session's files are: the config folder, or `sandbox/` in it.
    pub root: PathBuf,
    /// Who hears of deliveries.
    pub deliveries: DeliveryMonitor,
    /// Who hears of what happens beside the use cases.
    pub reporter: Reporter,
}

impl Session {
    /// Finds the folder; reads nothing yet. `ask` is how a person is asked for a passphrase.
    pub fn open(options: Options, ask: Ask) -> Result<Self> {
        let mut session = Self::look(options, ask)?;
        session.store = Store::open(&session.root)?.with_keys(session.keys.clone());
        Ok(session)
    }

    /// The same, and leaves the folder as it is found: its mode is not tightened.
    pub fn look(options: Options, ask: Ask) -> Result<Self> {
        let env = Environment::from_process()?;
        let mut root = config_dir(options.config_dir.as_deref(), &env)?;
        if options.sandbox {
            root.push("sandbox");
        }
        let passphrase_file = env.get("LINKEDIN_TUI_PASSPHRASE_FILE").map(PathBuf::from);
        let keys = Arc::new(Keys::new(&root, passphrase_file, ask));
        let store = Store::found(&root).with_keys(keys.clone());
        // A folder that was deleted under the shell leaves the search for `.linkedin-tui` empty.
        let folder = std::env::current_dir().unwrap_or_default();
        Ok(Self {
            options,
            env,
            folder,
            store,
            keys,
            root,
            deliveries: DeliveryMonitor::default(),
            reporter: Reporter::default(),
        })
    }

    /// The profile named, or the one that is meant.
    pub fn profile(&self, named: Option<&str>) -> Result<Name> {
        self.chosen(named).map(|(name, _)| name)
    }

    /// The same, and the `.linkedin-tui` file that chose it.
    pub fn chosen(&self, named: Option<&str>) -> Result<select::SelectedProfile> {
        select::required(self.named(named), &self.env, &self.folder, &self.store)
    }

    /// The positional name before the flag.
    #[must_use]
    pub fn named<'a>(&'a self, named: Option<&'a str>) -> Option<&'a str> {
        named.or(self.options.profile.as_deref())
    }

    /// `config.toml`.
    ///
    /// # Errors
    /// `file_damaged`, `files`, `bad_input`.
    pub fn settings(&self) -> Result<Settings> {
        Settings::load(&self.root)
    }

    /// The sandbox's scenario.
    ///
    /// # Errors
    /// `bad_input` for an unknown name.
    pub fn scenario(&self) -> Result<Option<Scenario>> {
        self.options.scenario.as_deref().map(Scenario::parse).transpose()
    }

    /// Everything the use cases need; starts the sandbox where it is in use. The sandbox lives as
    /// long as the second value.
    pub async fn context(&self) -> Result<(Context, Option<Sandbox>)> {
        let settings = self.settings()?;
        let sandbox = self.sandbox().await?;
        let endpoints = match &sandbox {
            Some(sandbox) => Endpoints::new(sandbox.base().as_str(), sandbox.base().as_str())?,
            None => settings.endpoints()?,
        };
        let http = if sandbox.is_some() { Http::without_proxy() } else { Http::new(settings.network.for_requests()) };
        let browser = SystemBrowser::new(HostEnvironment::look(), self.env.get("BROWSER"));
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let api_version = api_version::open(&settings, &self.store, Arc::clone(&clock))?;
        let api_version = api_version::reported(api_version, &self.store, Arc::clone(&clock), self.reporter.clone());
        let context = Context {
            store: self.store.clone(),
            settings,
            endpoints,
            http,
            clock,
            api_version,
            browser: Arc::new(browser),
            deliveries: self.deliveries.clone(),
        };
        Ok((context, sandbox))
    }

    /// The sandbox, started where it is in use; it lives as long as the value.
    pub async fn sandbox(&self) -> Result<Option<Sandbox>> {
        if !self.options.sandbox {
            return Ok(None);
        }
        let options = sandbox::Options {
            port: None,
            folder: Some(self.root.clone()),
            scenario: self.scenario()?,
            clock: Arc::new(SystemClock),
        };
        Sandbox::start(options).await.map(Some)
    }
}
