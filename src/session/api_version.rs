//! The version of LinkedIn's API that a run uses: from the settings, or from what worked last.

use std::sync::Arc;

use super::retry::{FlowEvent, Reporter};
use crate::Result;
use crate::clock::Clock;
use crate::config::Settings;
use crate::linkedin::VersionInUse;
use crate::store::ProfileStore;

/// Returns the configured version, or the automatic choice, which starts from the version that worked last.
pub fn load(settings: &Settings, store: &ProfileStore, clock: Arc<dyn Clock>) -> Result<VersionInUse> {
    // A damaged state.toml is reported where the current profile is read.
    let last_working = store.working_version().unwrap_or_default();
    Ok(VersionInUse::new(settings.api_version()?, last_working, clock))
}

/// Returns the version so that each change of the automatic choice is saved in `store` and reported.
pub fn with_reporting(
    version: VersionInUse,
    store: &ProfileStore,
    clock: Arc<dyn Clock>,
    reporter: Reporter,
) -> VersionInUse {
    let store = store.clone();
    version.on_change(move |change| {
        if let Err(error) = store.set_working_version(change.to, clock.now()) {
            // The next run chooses again.
            tracing::info!("API version {} could not be saved: {}", change.to, error.code.as_str());
        }
        reporter.report(FlowEvent::ApiVersionChanged(change));
    })
}
