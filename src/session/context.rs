//! What every use case works with.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::OwnedMutexGuard;

use super::deliveries::DeliveryMonitor;
use super::retry::{Note, Notes};
use crate::clock::Clock;
use crate::config::Settings;
use crate::host::Browser;
use crate::linkedin::http::Http;
use crate::linkedin::{Endpoints, Flow, VersionInUse};
use crate::secret::Secret;
use crate::store::{App, Name, Profile, ProfileLock, Status, Store};
use crate::{Code, Error, NextStep, Result};

/// Files, settings, LinkedIn's addresses, the network, the clock and the browser.
#[derive(Clone)]
pub struct Context {
    /// Apps and profiles.
    pub store: Store,
    /// `config.toml`.
    pub settings: Settings,
    /// LinkedIn's, the sandbox's, or another imitation's.
    pub endpoints: Endpoints,
    /// The network.
    pub http: Http,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// The version that calls to LinkedIn's API carry.
    pub api_version: VersionInUse,
    /// Starts browsers.
    pub browser: Arc<dyn Browser>,
    /// Who hears of deliveries, and whether a new token waits for them.
    pub deliveries: DeliveryMonitor,
}

impl Context {
    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The same with the API version held for the steps of one upload and its post, which must all
    /// carry one.
    #[must_use]
    pub fn with_pinned_version(&self) -> Self {
        Self { api_version: self.api_version.pinned(), ..self.clone() }
    }

    /// A profile's status now, with the setting's warning time.
    #[must_use]
    pub fn status(&self, profile: &Profile) -> Status {
        profile.status(self.now(), self.settings.status.expiring_days)
    }
}

/// The app's secret.
///
/// # Errors
/// `bad_input` when the app has none, and is of the kind that needs one.
pub(crate) fn client_secret_of(app: &App) -> Result<&Secret> {
    app.client_secret.as_ref().ok_or_else(|| {
        Error::new(Code::BadInput, format!("The app {} has no client secret saved.", app.name), "")
            .with_next_step(NextStep::AddClientSecret { app: app.name.to_string(), client_id: app.client_id.clone() })
    })
}

/// The secret to send with a code or a refresh token: none for a native PKCE app.
pub(crate) fn sendable_secret(app: &App) -> Result<Option<&Secret>> {
    if app.flow == Flow::NativePkce { Ok(None) } else { client_secret_of(app).map(Some) }
}

impl Context {
    /// Does `work` on the files without holding the runtime up: it may wait for a lock, a disk or a keyring.
    ///
    /// # Errors
    /// Those of `work`.
    pub(crate) async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        on_disk(&self.store, work).await
    }
}

/// The same where there is only a store.
///
/// # Errors
/// Those of `work`.
pub(crate) async fn on_disk<T: Send + 'static>(
    store: &Store,
    work: impl FnOnce(&Store) -> Result<T> + Send + 'static,
) -> Result<T> {
    let store = store.clone();
    let done = tokio::task::spawn_blocking(move || work(&store)).await;
    done.map_err(|_| Error::new(Code::Unexpected, "The work on the files was not done to its end.", "Try again."))?
}

/// A profile's lock, held for as long as the value lives: against other processes, and against other tasks of this one.
pub(crate) struct Locked {
    lock: Arc<ProfileLock>,
    _turn: OwnedMutexGuard<()>,
}

impl Locked {
    /// Reads under the lock; nobody is asked for a key meanwhile.
    ///
    /// # Errors
    /// Those of `read`; file errors.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        ctx: &Context,
        read: impl FnMut(&Store) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let lock = Arc::clone(&self.lock);
        ctx.on_disk(move |store| store.read_locked(&lock, read)).await
    }

    /// Could a new token be saved now? See [`Store::ensure_writable`].
    ///
    /// # Errors
    /// As [`Store::ensure_writable`].
    pub(crate) async fn ensure_writable(&self, ctx: &Context, app: &Name) -> Result<()> {
        let (lock, app) = (Arc::clone(&self.lock), app.clone());
        ctx.on_disk(move |store| store.ensure_writable_locked(&lock, &app)).await
    }

    /// Changes the profile under the lock.
    ///
    /// # Errors
    /// As [`Store::update_locked`].
    pub(crate) async fn update(
        &self,
        ctx: &Context,
        change: impl FnOnce(&mut Profile) -> Result<()> + Send + 'static,
    ) -> Result<Profile> {
        let lock = Arc::clone(&self.lock);
        ctx.on_disk(move |store| store.update_locked(&lock, change)).await
    }
}

/// After this time a person is told what is waited for.
const LOCK_NOTICE_DELAY: Duration = Duration::from_secs(5);

/// Waits for a profile's lock without holding the runtime up: first for the other tasks of this process, then for other
/// processes. Whatever is asked of a person should have been asked before.
///
/// # Errors
/// `locked` after `wait`; file errors.
pub(crate) async fn locked(ctx: &Context, name: &Name, wait: Duration, note: Notes<'_>) -> Result<Locked> {
    let waiting = async {
        let turn = tokio::time::timeout(wait.max(IN_PROCESS_WAIT), ctx.store.turn(name)).await;
        let turn = turn.map_err(|_| busy(name))?;
        let wanted = name.clone();
        let lock = ctx.on_disk(move |store| store.lock_profile(&wanted, wait)).await?;
        Ok(Locked { lock: Arc::new(lock), _turn: turn })
    };
    tokio::pin!(waiting);
    tokio::select! {
        ended = &mut waiting => ended,
        () = tokio::time::sleep(LOCK_NOTICE_DELAY) => {
            note(Note::WaitingForLock);
            waiting.await
        }
    }
}

/// The least time that another task of this process gets: it waits for an answer of LinkedIn.
const IN_PROCESS_WAIT: Duration = Duration::from_secs(35);

fn busy(name: &Name) -> Error {
    Error::new(
        Code::Locked,
        format!("This program is working on profile {name} already."),
        "Try again when it is done.",
    )
}
