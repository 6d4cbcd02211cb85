//! The caller's side of a sign-in that waits for its callback.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use zeroize::Zeroizing;

use super::connections;
use super::pages::BrowserOutcome;
use super::service::{CallbackService, RejectedCallbacks};
use super::sockets::Sockets;
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// Longest text of rejected pastes that is joined with the next one, in bytes.
const MAX_REJECTED_PASTE_BYTES: usize = 8 * 1024;
/// How long the browser may take to fetch the outcome.
const OUTCOME_TIMEOUT: Duration = Duration::from_secs(5);
/// How long it may take after the page that waits for a choice, which a browser reloads every second: a longer wait
/// would be for a page that is closed.
const RELOAD_TIMEOUT: Duration = Duration::from_secs(2);

/// A sign-in that waits for its callback. Dropping it closes the port at once.
pub struct CallbackHandle {
    service: Arc<CallbackService>,
    sockets: Sockets,
    code: mpsc::Receiver<Result<Secret>>,
    outcome: watch::Sender<Option<BrowserOutcome>>,
    /// Pastes that were rejected so far. They may contain a code.
    rejected_paste: Zeroizing<String>,
    _serving: JoinSet<()>,
}

impl Drop for CallbackHandle {
    fn drop(&mut self) {
        self.sockets.close();
    }
}

impl std::fmt::Debug for CallbackHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallbackHandle").finish_non_exhaustive()
    }
}

impl CallbackHandle {
    /// Serves on `sockets` until the handle is dropped.
    pub(super) fn spawn(
        service: CallbackService,
        sockets: Sockets,
        code: mpsc::Receiver<Result<Secret>>,
        outcome: watch::Sender<Option<BrowserOutcome>>,
    ) -> Self {
        let service = Arc::new(service);
        let (shared_service, shared_sockets) = (Arc::clone(&service), sockets.clone());
        let mut serving = JoinSet::new();
        serving.spawn(async move { connections::serve(&shared_sockets, &shared_service).await });
        Self { service, sockets, code, outcome, rejected_paste: Zeroizing::default(), _serving: serving }
    }

    /// Returns the short local link that redirects to the authorization URL: it fits on one line.
    pub fn short_link(&self) -> String {
        self.service.short_link()
    }

    /// Receives the authorization code, or LinkedIn's refusal, once the callback arrives.
    ///
    /// # Errors
    /// What LinkedIn's `error` means.
    pub async fn receive_code(&mut self) -> Result<Secret> {
        match self.code.recv().await {
            Some(code) => code,
            None => Err(Error::new(Code::Unexpected, "The callback server stopped unexpectedly.", "Sign in again.")),
        }
    }

    /// Returns the count of rejected callbacks and the reason of the last one, as they change.
    pub fn rejected_callbacks(&self) -> watch::Receiver<RejectedCallbacks> {
        self.service.rejected_callbacks()
    }

    /// Checks a pasted callback URL like one that the browser sent. A terminal passes on a URL that was broken over
    /// lines line by line, so earlier rejected pastes are joined with this one.
    ///
    /// # Errors
    /// `state_mismatch` with the reason; the wait continues.
    pub async fn paste(&mut self, pasted: &str) -> Result<()> {
        let Err(error) = self.service.paste(pasted).await else { return Ok(()) };
        let earlier = std::mem::take(&mut self.rejected_paste);
        let joined = Zeroizing::new(format!("{}\n{pasted}", *earlier));
        if !earlier.is_empty() && self.service.paste(&joined).await.is_ok() {
            return Ok(());
        }
        // This one may be the first line of a URL, after a long text that was pasted by mistake.
        let candidates = [joined, Zeroizing::new(pasted.to_owned())];
        let kept = candidates.into_iter().find(|text| text.len() <= MAX_REJECTED_PASTE_BYTES);
        self.rejected_paste = kept.unwrap_or_default();
        Err(error)
    }

    /// Shows in the browser that a choice waits in the terminal.
    pub fn show_decision_needed(&self) {
        self.outcome.send_replace(Some(BrowserOutcome::DecisionNeeded));
    }

    /// Shows the outcome in the browser, and closes the port once it was fetched.
    pub async fn finish(self, outcome: BrowserOutcome) {
        let is_reloaded = matches!(self.outcome.send_replace(Some(outcome)), Some(BrowserOutcome::DecisionNeeded));
        if self.service.is_browser_redirected() {
            let timeout = if is_reloaded { RELOAD_TIMEOUT } else { OUTCOME_TIMEOUT };
            drop(tokio::time::timeout(timeout, self.service.wait_until_outcome_fetched()).await);
        }
    }
}
