//! The read-only requests of a probe run, limited in number.

use std::cell::Cell;

use crate::flows::token_retry::{is_refused, propagation_left};
use crate::linkedin::api::required_version;
use crate::linkedin::http::Response;
use crate::linkedin::meanings;
use crate::linkedin::probes::{Conclusion, Finding};
use crate::linkedin::{organizations, scopes};
use crate::session::Context;
use crate::store::{App, Token};
use crate::{Code, Error, Result};

/// The most requests of one run, introspection included: LinkedIn allows an app 150 calls for a
/// member and day.
pub(super) const MAX_REQUESTS: usize = 10;

/// Why no further requests are sent.
pub(super) enum StopReason {
    /// LinkedIn restricted the member's account; its message.
    Restricted(String),
    /// The token was refused, or there was no response.
    Failed(Error),
}

impl From<Error> for StopReason {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

pub(super) struct Requests<'a> {
    pub(super) ctx: &'a Context,
    token: &'a Token,
    remaining: &'a Cell<usize>,
    /// Why the remaining probes are skipped, if so: the evidence of each of them.
    skip_reason: Option<String>,
}

impl<'a> Requests<'a> {
    pub(super) fn new(ctx: &'a Context, token: &'a Token, remaining: &'a Cell<usize>) -> Self {
        Self { ctx, token, remaining, skip_reason: None }
    }

    /// Returns the token's scopes by introspection, else those that are saved; `None` if they are unknown.
    pub(super) async fn fetch_granted_scopes(&mut self, app: &App) -> Option<Vec<String>> {
        let stored = Some(self.token.scopes.clone()).filter(|scopes| !scopes.is_empty());
        if app.client_secret.is_none() || !self.count_request() {
            return stored;
        }
        let introspected = self.ctx.introspect(app, &self.token.access).await.and_then(Result::ok);
        let granted =
            introspected.and_then(|(introspection, _)| introspection.scope).map(|scope| scopes::split(&scope));
        granted.filter(|scopes| !scopes.is_empty()).or(stored)
    }

    /// Sends the request that shows whether the token is valid. A new token may be refused for some seconds, until it
    /// has reached all of LinkedIn's servers: then the request is sent again.
    pub(super) async fn send_first(&mut self, path: &str) -> Result<(Finding, Response), StopReason> {
        let propagation = propagation_left(self.token, self.ctx.now());
        match self.send(path).await {
            Err(StopReason::Failed(refused)) if !propagation.is_zero() && is_refused(refused.code) => {
                tokio::time::sleep(propagation).await;
                self.send(path).await
            }
            other => other,
        }
    }

    /// Sends a probe. Without a response the run ends: the next request would wait as long.
    pub(super) async fn get(&mut self, path: &str) -> Result<(Finding, Option<Response>), StopReason> {
        if self.skip_reason.is_none() && self.remaining.get() == 0 {
            self.skip_reason = Some(format!("Not probed: one run sends at most {MAX_REQUESTS} requests."));
        }
        if let Some(reason) = &self.skip_reason {
            return Ok((Finding::without_response(reason), None));
        }
        match self.send(path).await {
            Ok((finding, response)) => Ok((finding, Some(response))),
            Err(StopReason::Failed(error)) if error.code == Code::Network => {
                let reason = format!("Unknown: {error}");
                let finding = Finding::without_response(&reason);
                self.skip_reason = Some(reason);
                Ok((finding, None))
            }
            Err(reason) => Err(reason),
        }
    }

    /// Returns a Page's name, while requests are left.
    pub(super) async fn fetch_page_name(&mut self, urn: &str) -> Option<String> {
        if self.skip_reason.is_some() || !self.count_request() {
            return None;
        }
        organizations::fetch_name(self.ctx.api(self.token), urn).await
    }

    async fn send(&mut self, path: &str) -> Result<(Finding, Response), StopReason> {
        self.count_request();
        let version = self.ctx.api_version.current();
        let response = self.ctx.api(self.token).get(path).await?;
        let finding = Finding::new(&response);
        let is_inactive = required_version(path).is_none() && finding.conclusion == Conclusion::VersionInactive;
        if is_inactive || self.ctx.api_version.current() != version {
            // Another version of the API was tried, too.
            self.count_request();
        }
        if is_inactive {
            // All other requests would be refused too.
            self.skip_reason =
                Some(format!("Not probed, because no version of the API is active: {}", finding.evidence));
        }
        match finding.conclusion {
            Conclusion::MemberRestricted => Err(StopReason::Restricted(finding.evidence)),
            Conclusion::TokenRefused => Err(StopReason::Failed(meanings::api_error(&response))),
            _ => Ok((finding, response)),
        }
    }

    /// Counts a request; returns whether it was within the limit.
    fn count_request(&mut self) -> bool {
        let remaining = self.remaining.get();
        self.remaining.set(remaining.saturating_sub(1));
        remaining > 0
    }
}
