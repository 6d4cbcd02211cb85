//! The dependencies of every flow.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::OwnedMutexGuard;

use super::deliveries::DeliveryMonitor;
use super::page_ids::PageIds;
use super::retry::Reporter;
use crate::clock::Clock;
use crate::config::Settings;
use crate::host::Browser;
use crate::linkedin::http::Http;
use crate::linkedin::{Endpoints, VersionInUse};
use crate::store::{Name, Profile, ProfileLock, ProfileStore, Status};
use crate::{Code, Error, Result};

/// How long to wait for another process, or another task of this one, that uses the same profile: it may wait for one
/// response of LinkedIn, which takes up to 30 s. One that retries takes longer (see [`with_retry`](super::retry::with_retry)):
/// then LinkedIn has a fault that a longer wait does not end, and the caller reports `locked`.
pub(crate) const LOCK_TIMEOUT: Duration = Duration::from_secs(35);

/// Files, settings, LinkedIn's addresses, the network, the clock and the browser.
#[derive(Clone)]
pub struct Context {
    pub store: ProfileStore,
    pub settings: Settings,
    /// LinkedIn's, the sandbox's, or another simulator's.
    pub endpoints: Endpoints,
    pub http: Http,
    pub clock: Arc<dyn Clock>,
    /// The version that requests to LinkedIn's API carry.
    pub api_version: VersionInUse,
    pub browser: Arc<dyn Browser>,
    /// Receives the events of deliveries, and decides when they run.
    pub deliveries: DeliveryMonitor,
    pub page_ids: PageIds,
    /// Receives the events that no caller of a flow handles.
    pub reporter: Reporter,
}

impl Context {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns a context whose API version does not change: the steps of one upload and its post must carry the same
    /// one.
    pub fn with_pinned_version(&self) -> Self {
        Self { api_version: self.api_version.pinned(), ..self.clone() }
    }

    /// Returns a context whose requests are reported as those of a profile.
    pub fn for_profile(&self, name: &Name) -> Self {
        Self { http: self.http.with_profile(name.as_str()), ..self.clone() }
    }

    /// Returns a profile's current status, with the configured warning time.
    pub fn status(&self, profile: &Profile) -> Status {
        profile.status(self.now(), self.settings.status.expiring_days)
    }

    pub(crate) async fn profile(&self, name: &Name) -> Result<Profile> {
        let name = name.clone();
        self.with_store(move |store| store.profile(&name)).await
    }

    pub(crate) async fn update_profile(
        &self,
        name: &Name,
        change: impl FnOnce(&mut Profile) -> Result<()> + Send + 'static,
    ) -> Result<Profile> {
        let name = name.clone();
        self.with_store(move |store| store.update_profile(&name, change)).await
    }

    /// Runs `work` with the store on a thread for blocking work: it may wait for a lock, a disk or a keyring.
    pub(crate) async fn with_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ProfileStore) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        with_store(&self.store, work).await
    }
}

pub(crate) async fn with_store<T: Send + 'static>(
    store: &ProfileStore,
    work: impl FnOnce(&ProfileStore) -> Result<T> + Send + 'static,
) -> Result<T> {
    let store = store.clone();
    let result = tokio::task::spawn_blocking(move || work(&store)).await;
    result.map_err(|_| Error::new(Code::Unexpected, "The work on the files was aborted.", "Try again."))?
}

/// A profile's lock, held until it is dropped: against other processes, and against other tasks of this one.
pub(crate) struct LockedProfile {
    lock: Arc<ProfileLock>,
    _lock_in_process: OwnedMutexGuard<()>,
}

impl LockedProfile {
    /// Reads under the lock, without a prompt for a passphrase.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        ctx: &Context,
        read: impl FnMut(&ProfileStore) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let lock = Arc::clone(&self.lock);
        ctx.with_store(move |store| store.read_locked(&lock, read)).await
    }

    /// Fails if a new token could not be saved now; see [`ProfileStore::ensure_writable`].
    pub(crate) async fn ensure_writable(&self, ctx: &Context, app: &Name) -> Result<()> {
        let (lock, app) = (Arc::clone(&self.lock), app.clone());
        ctx.with_store(move |store| store.ensure_writable_locked(&lock, &app)).await
    }

    pub(crate) async fn update(
        &self,
        ctx: &Context,
        change: impl FnOnce(&mut Profile) -> Result<()> + Send + 'static,
    ) -> Result<Profile> {
        let lock = Arc::clone(&self.lock);
        ctx.with_store(move |store| store.update_locked(&lock, change)).await
    }
}

/// Locks a profile without blocking the runtime: waits first for the other tasks of this process, then for other
/// processes. A passphrase should have been requested before.
///
/// # Errors
/// `locked` after `timeout`, or after [`LOCK_TIMEOUT`] if another task of this process has the lock; file errors.
pub(crate) async fn lock_profile(ctx: &Context, name: &Name, timeout: Duration) -> Result<LockedProfile> {
    // Another task of this process may wait for a response of LinkedIn.
    let lock_in_process = tokio::time::timeout(LOCK_TIMEOUT, ctx.store.lock_in_process(name)).await.map_err(|_| {
        Error::new(
            Code::Locked,
            format!("Another task of this program is using profile {name}."),
            "Try again when it is done.",
        )
    })?;
    let owned_name = name.clone();
    let lock = ctx.with_store(move |store| store.lock_profile(&owned_name, timeout)).await?;
    Ok(LockedProfile { lock: Arc::new(lock), _lock_in_process: lock_in_process })
}

#[cfg(test)]
mod tests {
    use crate::encryption::no_prompt;
    use crate::linkedin::version_in_use::Change;
    use crate::linkedin::versions::Version;
    use crate::session::{Options, Session};

    #[tokio::test]
    async fn a_pinned_version_ignores_changes_by_other_requests() {
        let directory = tempfile::tempdir().unwrap();
        let options = Options { config_dir: Some(directory.path().to_owned()), ..Options::default() };
        let (context, _) = Session::open(options, no_prompt).unwrap().context().await.unwrap();
        let pinned = context.with_pinned_version();
        let change = Change { from: context.api_version.current(), to: Version::parse("202501").unwrap() };
        context.api_version.accept(change);
        assert_eq!(context.api_version.current(), change.to);
        assert_eq!(context.clone().api_version.current(), change.to);
        assert_eq!(pinned.api_version.current(), change.from);
    }
}
