//! The events of deliveries, and whether a flow waits for its deliveries.

use std::fmt;
use std::sync::{Arc, Mutex};

use tokio::task::JoinSet;

use crate::Error;
use crate::store::{DeliveryResult, Name};
use crate::sync::lock;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryEvent {
    Started {
        profile: Name,
        delivery: String,
        /// Whether it gets a test token.
        is_test: bool,
    },
    Finished {
        profile: Name,
        delivery: String,
        result: DeliveryResult,
    },
    /// None of the profile's deliveries was started, or the result of one could not be saved. A command that fails is
    /// [`Finished`](Self::Finished).
    Failed {
        profile: Name,
        error: Error,
    },
}

/// Receives the events of deliveries, and decides when they run in relation to the flow that obtained the token.
#[derive(Clone)]
pub struct DeliveryMonitor {
    on_event: Arc<dyn Fn(DeliveryEvent) + Send + Sync>,
    timing: Timing,
}

#[derive(Clone)]
enum Timing {
    BeforeFlowContinues,
    Background(Arc<Mutex<JoinSet<()>>>),
    Suppressed,
}

impl Default for DeliveryMonitor {
    fn default() -> Self {
        Self { on_event: Arc::new(|_| {}), timing: Timing::BeforeFlowContinues }
    }
}

impl fmt::Debug for DeliveryMonitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeliveryMonitor")
    }
}

impl DeliveryMonitor {
    /// Emits each event to `on_event`, which must not block.
    pub fn new(on_event: impl Fn(DeliveryEvent) + Send + Sync + 'static) -> Self {
        Self { on_event: Arc::new(on_event), ..Self::default() }
    }

    /// Runs deliveries in the background of the flow that obtained the token; [`DeliveryMonitor::wait_until_finished`]
    /// waits for them.
    pub fn in_background(self) -> Self {
        Self { timing: Timing::Background(Arc::default()), ..self }
    }

    /// Starts no delivery when a token is saved: the caller runs them itself.
    pub(crate) fn suppressed(self) -> Self {
        Self { timing: Timing::Suppressed, ..self }
    }

    pub(crate) fn emit(&self, event: DeliveryEvent) {
        (self.on_event)(event);
    }

    /// Runs `work`, which delivers a token that was just saved, according to the timing.
    pub(crate) async fn schedule(&self, work: impl Future<Output = ()> + Send + 'static) {
        match &self.timing {
            Timing::BeforeFlowContinues => work.await,
            Timing::Background(running) => drop(lock(running).spawn(work)),
            Timing::Suppressed => {}
        }
    }

    pub async fn wait_until_finished(&self) {
        if let Timing::Background(running) = &self.timing {
            let mut running = std::mem::take(&mut *lock(running));
            while running.join_next().await.is_some() {}
        }
    }
}
