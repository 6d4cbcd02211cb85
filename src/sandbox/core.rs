//! What every handler works on: the state, the images, the clock, the scenario.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use url::Url;

use super::fault::Fault;
use super::image_store::ImageStore;
use super::scenario::{Behaviour, Scenario};
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

/// The scenario and its switches, the injected faults, and the number of requests to each endpoint.
#[derive(Default)]
pub(super) struct ScenarioState {
    pub(super) scenario: Scenario,
    pub(super) behaviour: Behaviour,
    pub(super) faults: Vec<Fault>,
    pub(super) requests: BTreeMap<String, u64>,
}

impl ScenarioState {
    pub(super) fn new(scenario: Scenario) -> Self {
        Self { scenario, behaviour: scenario.behaviour(), ..Self::default() }
    }
}

impl Core {
    pub(super) fn scenario_state(&self) -> MutexGuard<'_, ScenarioState> {
        lock(&self.scenario_state)
    }

    pub(super) fn behaviour(&self) -> Behaviour {
        self.scenario_state().behaviour.clone()
    }

    /// Returns the current state.
    pub(super) fn state(&self) -> Result<SandboxState> {
        self.store.read()
    }

    /// Updates the state; `update` gets it with the sandbox's time in epoch milliseconds.
    pub(super) fn update<T>(&self, update: impl FnOnce(&mut SandboxState, i64) -> Result<T>) -> Result<T> {
        self.store.update(|state| {
            let now_ms = self.now_ms(state);
            update(state, now_ms)
        })
    }

    /// The time by the sandbox's clock, in epoch milliseconds.
    pub(super) fn now_ms(&self, state: &SandboxState) -> i64 {
        self.clock.now().as_millisecond() + state.clock_offset * 1000
    }

    /// The time by the sandbox's clock, in epoch seconds.
    pub(super) fn now(&self, state: &SandboxState) -> i64 {
        self.now_ms(state) / 1000
    }

    /// The sandbox's own base URL without a trailing slash.
    pub(super) fn origin(&self) -> String {
        self.base.as_str().trim_end_matches('/').to_owned()
    }

    /// Signs a member in, or out for `None`.
    pub(super) fn sign_in(&self, member: Option<&str>) -> Result<()> {
        self.update(|state, _| {
            state.signed_in = member.map(str::to_owned);
            Ok(())
        })
    }
}
