//! What every use case works with.

use std::sync::Arc;

use jiff::Timestamp;

use super::deliver::Deliveries;
use crate::clock::Clock;
use crate::config::Settings;
use crate::desktop::Browser;
use crate::linkedin::Endpoints;
use crate::linkedin::http::Http;
use crate::profile::{App, Profile, Status, Store};
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
