//! Errors that a test or the user injects: the next requests to a path fail.

use std::time::Duration;

use serde::Deserialize;

use super::response::Response;

#[derive(Clone, Deserialize)]
pub(super) struct InjectedError {
    path_prefix: String,
    #[serde(default = "default_status")]
    status: u16,
    #[serde(default)]
    body: String,
    /// How many requests are carried out before the first one that fails.
    #[serde(default)]
    skip: u32,
    /// How many requests fail.
    #[serde(default = "default_times")]
    times: u32,
    #[serde(default)]
    delay_ms: u64,
    /// Whether to close the connection instead of responding.
    #[serde(default)]
    drop: bool,
    /// Whether the request is carried out first; the client gets no response to it.
    #[serde(default, rename = "after")]
    pub(super) takes_effect_first: bool,
}

fn default_status() -> u16 {
    500
}

fn default_times() -> u32 {
    1
}

impl InjectedError {
    pub(super) fn to_response(&self) -> Response {
        let kind = if self.body.starts_with(['{', '[']) { "application/json" } else { "text/html; charset=utf-8" };
        let mut response = Response::text(self.status, kind, self.body.clone());
        response.delay = Duration::from_millis(self.delay_ms);
        response.is_dropped = self.drop;
        response
    }
}

/// Returns the injected error for a request to `path`, if there is one, and counts it down.
pub(super) fn take_injected_error(errors: &mut Vec<InjectedError>, path: &str) -> Option<InjectedError> {
    if path.starts_with("/sandbox/") {
        return None;
    }
    let error = errors.iter_mut().find(|error| error.times > 0 && path.starts_with(&error.path_prefix))?;
    if error.skip > 0 {
        error.skip -= 1;
        return None;
    }
    error.times -= 1;
    let taken = error.clone();
    errors.retain(|error| error.times > 0);
    Some(taken)
}
