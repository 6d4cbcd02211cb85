//! What every use case works with.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::deliver::Deliveries;
use super::patience::{Note, Notes};
use crate::clock::Clock;
use crate::config::Settings;
use crate::desktop::Browser;
use crate::linkedin::http::Http;
use crate::linkedin::{Endpoints, Flow, VersionInUse};
use crate::profile::{App, Name, Profile, ProfileLock, Status, Store};
use crate::secret::Secret;
use crate::{Code, Error, Result};

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
    pub deliveries: Deliveries,
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
pub(super) fn secret_of(app: &App) -> Result<&Secret> {
    app.client_secret.as_ref().ok_or_else(|| {
        Error::new(
            Code::BadInput,
            format!("The app {} has no client secret saved.", app.name),
            format!("Add it: linkedin-tui apps add {} --client-id {} --client-secret-stdin", app.name, app.client_id),
        )
    })
}

/// The secret to send with a code or a refresh token: none for a native PKCE app.
pub(super) fn sendable_secret(app: &App) -> Result<Option<&Secret>> {
    if app.flow == Flow::NativePkce { Ok(None) } else { secret_of(app).map(Some) }
}

/// After this time a person is told what is waited for.
const A_WHILE: Duration = Duration::from_secs(5);

/// Waits for a profile's lock without holding the runtime up.
///
/// # Errors
/// `locked` after `wait`; file errors.
pub(super) async fn locked(ctx: &Context, name: &Name, wait: Duration, note: Notes<'_>) -> Result<ProfileLock> {
    let (store, wanted) = (ctx.store.clone(), name.clone());
    let mut waiting = tokio::task::spawn_blocking(move || store.lock_profile(&wanted, wait));
    let ended = tokio::select! {
        ended = &mut waiting => ended,
        () = tokio::time::sleep(A_WHILE) => {
            note(Note::WaitingForLock);
            waiting.await
        }
    };
    ended.map_err(|_| Error::new(Code::Unexpected, "Waiting for the lock failed.", "Try again."))?
}
