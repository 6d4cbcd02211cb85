//! The parsers of callbacks without a socket, for the fuzz targets.

use futures_util::FutureExt as _;
use tokio::sync::mpsc;

use super::pasted;
use super::query::Query;
use super::service::CallbackService;
use crate::linkedin::{Endpoints, RedirectUrl};
use crate::oauth::authorize::AuthorizationAttempt;
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// Parses a callback's query into the names and values that are used.
pub(crate) fn parameters(text: &str) -> Result<Vec<(&'static str, String)>, &'static str> {
    let query = Query::parse(text)?;
    let usable = query.usable_code().map(str::to_owned);
    let parameters = [("state", query.state), ("code", usable), ("error", query.error), ("iss", query.issuer)];
    let description = Some(query.description).filter(|text| !text.is_empty()).map(|text| ("error_description", text));
    Ok(parameters.into_iter().filter_map(|(name, value)| Some((name, value?))).chain(description).collect())
}

/// Returns authority, path and query of every URL that a pasted text may contain.
pub(crate) fn find_urls(text: &str) -> Vec<[String; 3]> {
    pasted::find_urls(text).into_iter().map(|url| [url.authority, url.path, url.query]).collect()
}

/// A sign-in that waits for its callback.
pub(crate) struct SignIn {
    service: CallbackService,
    code: mpsc::Receiver<Result<Secret>>,
}

impl SignIn {
    /// Waits for a callback to `redirect` with this `state`.
    pub(crate) fn new(redirect: &RedirectUrl, state: &str) -> Result<Self> {
        let scopes = ["openid".to_owned(), "w_member_social".to_owned()];
        let attempt = AuthorizationAttempt::with_state(&Endpoints::linkedin()?, Secret::new(state));
        let (service, code, _) = CallbackService::new(redirect.port(), redirect, &attempt, &scopes);
        Ok(Self { service, code })
    }

    /// Receives a callback with this query; returns whether it was accepted.
    pub(crate) fn receive(&self, query: &str) -> bool {
        matches!(self.service.accept_query(query).now_or_never(), Some(Ok(())))
    }

    /// Receives a pasted text.
    pub(crate) fn paste(&self, text: &str) -> Result<()> {
        let pending = || Err(Error::new(Code::Unexpected, "The paste was not checked at once.", ""));
        self.service.paste(text).now_or_never().unwrap_or_else(pending)
    }

    /// Returns the result of the accepted callback, once.
    pub(crate) fn take_result(&mut self) -> Option<Result<Secret>> {
        self.code.try_recv().ok()
    }
}
