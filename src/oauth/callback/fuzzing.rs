//! The readers of callbacks without a socket, for the fuzz targets.

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use futures_util::FutureExt as _;
use tokio::sync::{mpsc, watch};

use super::pasted;
use super::query::Query;
use super::serve::{PendingCallback, Verdict};
use crate::linkedin::endpoints::AUTHORIZATION;
use crate::linkedin::{Endpoints, RedirectUrl};
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// Reads a callback's query as the names and values that count.
pub(crate) fn parameters(text: &str) -> Result<Vec<(&'static str, String)>, &'static str> {
    let query = Query::parse(text)?;
    let usable = query.usable_code().map(str::to_owned);
    let all = [("state", query.state), ("code", usable), ("error", query.error), ("iss", query.issuer)];
    let description =
        Some(query.description).filter(|words| !words.is_empty()).map(|words| ("error_description", words));
    Ok(all.into_iter().filter_map(|(name, value)| Some((name, value?))).chain(description).collect())
}

/// Reads authority, path and query of every address that a pasted text may mean.
pub(crate) fn addresses(text: &str) -> Vec<[String; 3]> {
    pasted::addresses(text).into_iter().map(|one| [one.authority, one.path, one.query]).collect()
}

/// A sign-in that waits for its callback.
pub(crate) struct SignIn {
    attempted: PendingCallback,
    port: u16,
    answer: mpsc::Receiver<Result<Secret>>,
}

impl SignIn {
    /// Waits for a callback to `redirect` with this `state`.
    pub(crate) fn new(redirect: &RedirectUrl, state: &str) -> Result<Self> {
        let (answers, answer) = mpsc::channel(1);
        let attempted = PendingCallback {
            state: Secret::new(state),
            authorization: Endpoints::linkedin()?.www(AUTHORIZATION),
            asked: vec!["openid".to_owned(), "w_member_social".to_owned()],
            callback: redirect.path().to_owned(),
            go: String::new(),
            done: String::new(),
            answers,
            rejected_callbacks: watch::channel((0, String::new())).0,
            outcome: watch::channel(None).1,
            accepted: Mutex::new(None),
            sent_on: AtomicBool::new(false),
        };
        Ok(Self { attempted, port: redirect.port(), answer })
    }

    /// Takes a callback's query; `false` says that it was rejected.
    pub(crate) fn call_back(&self, query: &str) -> bool {
        matches!(self.attempted.judge(query).now_or_never(), Some(Verdict::Accepted))
    }

    /// Takes a pasted text.
    ///
    /// # Errors
    /// `state_mismatch`; the wait goes on.
    pub(crate) fn paste(&self, text: &str) -> Result<()> {
        let waits = || Err(Error::new(Code::Unexpected, "It waits.", ""));
        self.attempted.submit(text, self.port).now_or_never().unwrap_or_else(waits)
    }

    /// Returns what the accepted callback brought, once.
    pub(crate) fn take_answer(&mut self) -> Option<Result<Secret>> {
        self.answer.try_recv().ok()
    }
}
