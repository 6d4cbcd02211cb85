//! What every run starts from: the folder, the environment, and, where the network is
//! needed, a running sandbox and an asynchronous runtime.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use jiff::SignedDuration;
use tokio::runtime::{Builder, Runtime};

use super::deliver::Deliveries;
use super::patience::{Notes, Reporter};
use super::refresh::{live_token_telling, stored_token};
use super::{Context, api_version, which};
use crate::clock::{Clock, SystemClock};
use crate::config::{Environment, Settings, config_dir};
use crate::desktop::{Surroundings, SystemBrowser};
use crate::error::io_reason;
use crate::keys::{Ask, Keys};
use crate::linkedin::Endpoints;
use crate::linkedin::http::Http;
use crate::profile::{Name, Profile, Store};
use crate::sandbox::{self, Sandbox, Scenario};
use crate::{Code, Error, Result};

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
    pub deliveries: Deliveries,
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
            deliveries: Deliveries::default(),
            reporter: Reporter::default(),
        })
    }

    /// The profile named, or the one that is meant.
    pub fn profile(&self, named: Option<&str>) -> Result<Name> {
        self.chosen(named).map(|(name, _)| name)
    }

    /// The same, and the `.linkedin-tui` file that chose it.
    pub fn chosen(&self, named: Option<&str>) -> Result<which::Chosen> {
        which::required(self.named(named), &self.env, &self.folder, &self.store)
    }

    /// The positional name before the flag.
    #[must_use]
    pub fn named<'a>(&'a self, named: Option<&'a str>) -> Option<&'a str> {
        named.or(self.options.profile.as_deref())
    }

    /// Does `work` with the profile whose token lives for `min_ttl`, refreshed first only where that is due, then waits
    /// for deliveries that run beside. The usual case reads one file and starts neither a runtime nor the network.
    ///
    /// # Errors
    /// As [`super::refresh::live_token`]; `no_such_profile`; those of `work`.
    pub fn with_live<T>(
        &self,
        named: Option<&str>,
        min_ttl: SignedDuration,
        note: Notes<'_>,
        work: impl FnOnce(&Profile) -> Result<T>,
    ) -> Result<T> {
        let name = self.profile(named)?;
        let profile = self.store.profile(&name)?;
        if stored_token(&profile, SystemClock.now(), min_ttl)?.is_some() {
            return work(&profile);
        }
        block_on(async {
            let (context, _sandbox) = self.context().await?;
            let done = work(&live_token_telling(&context, &name, min_ttl, note).await?);
            context.deliveries.finished().await;
            done
        })
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
        let http = if sandbox.is_some() { Http::direct() } else { Http::new(settings.network.for_requests()) };
        let browser = SystemBrowser::new(Surroundings::look(), self.env.get("BROWSER"));
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

/// Runs `work` to its end, or to Ctrl-C or SIGTERM.
pub fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let mut ended = None;
    run(Box::pin(async { ended = Some(work.await) }))?;
    ended.unwrap_or_else(|| Err(Error::new(Code::Interrupted, "Interrupted; nothing was left half done.", "")))
}

/// One copy for all commands: a runtime's loop is large.
fn run(work: Pin<Box<dyn Future<Output = ()> + '_>>) -> Result<()> {
    let runtime = runtime()?;
    runtime.block_on(async {
        tokio::select! {
            () = work => {}
            () = interrupted() => {}
        }
    });
    // A thread that still reads stdin must not hold the end up.
    runtime.shutdown_background();
    Ok(())
}

/// What asynchronous work runs on.
///
/// # Errors
/// `unexpected` where the system has nothing left for it.
pub fn runtime() -> Result<Runtime> {
    let made = room_for_descriptors().and_then(|()| Builder::new_current_thread().enable_all().build());
    made.map_err(|error| {
        Error::new(
            Code::Unexpected,
            format!("The program could not start its work: {}.", io_reason(&error)),
            "Close other programs, or raise the limit of open files (ulimit -n), then try again.",
        )
    })
}

/// Tokio panics where its half-made runtime gets no pair of sockets to wake it on a signal. So it
/// is tried first whether as many descriptors as it takes can be had.
#[cfg(unix)]
fn room_for_descriptors() -> std::io::Result<()> {
    use std::os::fd::AsFd;
    /// The poll and its copy, what wakes it, two sockets and the copy of one.
    const TAKEN: usize = 6;
    let stderr = std::io::stderr();
    (0..TAKEN).map(|_| stderr.as_fd().try_clone_to_owned()).collect::<std::io::Result<Vec<_>>>().map(drop)
}

#[cfg(not(unix))]
fn room_for_descriptors() -> std::io::Result<()> {
    Ok(())
}

async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut term), Ok(mut hangup)) = (signal(SignalKind::terminate()), signal(SignalKind::hangup())) else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = term.recv() => {}
            _ = hangup.recv() => {}
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
