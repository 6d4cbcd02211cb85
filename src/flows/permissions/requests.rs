//! The read-only requests of a detection, limited in number.

use std::cell::Cell;

use crate::flows::accepted::{is_refused, propagation_left};
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
pub(super) enum Stop {
    /// LinkedIn restricted the member's account; its message.
    Restricted(String),
    /// The token was refused, or there was no response.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

pub(super) struct Requests<'a> {
    pub(super) ctx: &'a Context,
    token: &'a Token,
    left: &'a Cell<usize>,
    /// Why no more requests are sent, if so.
    stop_reason: Option<String>,
}

impl<'a> Requests<'a> {
    pub(super) fn new(ctx: &'a Context, token: &'a Token, left: &'a Cell<usize>) -> Self {
        Self { ctx, token, left, stop_reason: None }
    }

    /// Returns the token's scopes by introspection; `None` if they are unknown.
    pub(super) async fn fetch_granted_scopes(&mut self, app: &App) -> Option<Vec<String>> {
        let stored = Some(self.token.scopes.clone()).filter(|scopes| !scopes.is_empty());
        if app.client_secret.is_none() || !self.count_request() {
            return stored;
        }
        let found = self.ctx.introspect(app, &self.token.access).await.and_then(Result::ok);
        let granted = found.and_then(|(found, _)| found.scope).map(|scope| scopes::split(&scope));
        granted.filter(|scopes| !scopes.is_empty()).or(stored)
    }

    /// Sends the request that shows whether the token is valid. A new token may be refused for some seconds, until it
    /// has reached all of LinkedIn's servers: then the request is sent again.
    pub(super) async fn send_first(&mut self, path: &str) -> Result<(Finding, Response), Stop> {
        let left = propagation_left(self.token, self.ctx.now());
        match self.send(path).await {
            Err(Stop::Failed(refused)) if !left.is_zero() && is_refused(refused.code) => {
                tokio::time::sleep(left).await;
                self.send(path).await
            }
            other => other,
        }
    }

    /// Sends a probe. Without a response the detection ends: the next request would wait as long.
    pub(super) async fn get(&mut self, path: &str) -> Result<(Finding, Option<Response>), Stop> {
        if self.stop_reason.is_none() && self.left.get() == 0 {
            self.stop_reason = Some(format!("Not probed: one run sends at most {MAX_REQUESTS} requests."));
        }
        if let Some(reason) = &self.stop_reason {
            return Ok((Finding::without_response(reason), None));
        }
        match self.send(path).await {
            Ok((finding, response)) => Ok((finding, Some(response))),
            Err(Stop::Failed(error)) if error.code == Code::Network => {
                let reason = format!("Unknown: {error}");
                let finding = Finding::without_response(&reason);
                self.stop_reason = Some(reason);
                Ok((finding, None))
            }
            Err(stop) => Err(stop),
        }
    }

    /// Returns a Page's name, while requests are left.
    pub(super) async fn fetch_page_name(&mut self, urn: &str) -> Option<String> {
        if self.stop_reason.is_some() || !self.count_request() {
            return None;
        }
        organizations::fetch_name(self.ctx.api(self.token), urn).await
    }

    async fn send(&mut self, path: &str) -> Result<(Finding, Response), Stop> {
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
            self.stop_reason =
                Some(format!("Not probed, because no version of the API is active: {}", finding.evidence));
        }
        match finding.conclusion {
            Conclusion::MemberRestricted => Err(Stop::Restricted(finding.evidence)),
            Conclusion::TokenRefused => Err(Stop::Failed(meanings::api_error(&response))),
            _ => Ok((finding, response)),
        }
    }

    /// Counts a request; returns whether it was within the limit.
    fn count_request(&mut self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }
}
