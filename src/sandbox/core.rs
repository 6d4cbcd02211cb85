//! The data that the handlers share: the state, the images, the clock, the scenario.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use url::Url;

use super::fault::InjectedError;
use super::image_store::ImageStore;
use super::response::HandlerResult;
use super::scenario::{Behavior, Scenario};
use super::signing_key::SigningKey;
use super::state::SandboxState;
use super::state_store::StateStore;
use crate::Result;
use crate::clock::Clock;
use crate::sync::lock;

pub(super) struct Core {
    pub(super) store: StateStore,
    pub(super) images: ImageStore,
    pub(super) base: Url,
    pub(super) signing_key: SigningKey,
    pub(super) clock: Arc<dyn Clock>,
    /// Lasts as long as the process, unlike the stored state.
    pub(super) scenario_state: Mutex<ScenarioState>,
}

/// The scenario and its switches, the injected errors, and the number of requests to each endpoint.
pub(super) struct ScenarioState {
    pub(super) scenario: Scenario,
    pub(super) behavior: Behavior,
    pub(super) injected_errors: Vec<InjectedError>,
    pub(super) requests: BTreeMap<String, u64>,
}

impl ScenarioState {
    pub(super) fn new(scenario: Scenario) -> Self {
        Self { scenario, behavior: scenario.behavior(), injected_errors: Vec::new(), requests: BTreeMap::new() }
    }
}

impl Core {
    pub(super) fn scenario_state(&self) -> MutexGuard<'_, ScenarioState> {
        lock(&self.scenario_state)
    }

    pub(super) fn behavior(&self) -> Behavior {
        self.scenario_state().behavior.clone()
    }

    pub(super) fn state(&self) -> Result<SandboxState> {
        self.store.read()
    }

    /// Updates the state; `update` gets it with the sandbox's time in epoch milliseconds. A refusal
    /// discards the changes.
    pub(super) fn update<T>(
        &self,
        update: impl FnOnce(&mut SandboxState, i64) -> HandlerResult<T>,
    ) -> HandlerResult<T> {
        self.store.update(|state| {
            let now_ms = self.now_ms(state);
            update(state, now_ms)
        })
    }

    /// Returns the time by the sandbox's clock, in epoch milliseconds.
    pub(super) fn now_ms(&self, state: &SandboxState) -> i64 {
        self.clock.now().as_millisecond() + state.clock_offset * 1000
    }

    /// Returns the time by the sandbox's clock, in epoch seconds.
    pub(super) fn now(&self, state: &SandboxState) -> i64 {
        self.now_ms(state) / 1000
    }

    /// Returns the base URL of the sandbox without a trailing slash.
    pub(super) fn origin(&self) -> String {
        self.base.as_str().trim_end_matches('/').to_owned()
    }

    /// Signs a member in, or out for `None`.
    pub(super) fn sign_in(&self, member: Option<&str>) -> HandlerResult<()> {
        self.update(|state, _| {
            state.signed_in = member.map(str::to_owned);
            Ok(())
        })
    }
}
