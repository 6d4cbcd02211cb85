//! Faults that a test or the user injects: the next requests to a path fail.

use std::time::Duration;

use serde::Deserialize;

use super::response::Response;

#[derive(Clone, Deserialize)]
pub(super) struct Fault {
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
    #[serde(default)]
    pub(super) after: bool,
}

fn default_status() -> u16 {
    500
}

fn default_times() -> u32 {
    1
}

impl Fault {
    pub(super) fn to_response(&self) -> Response {
        let kind = if self.body.starts_with(['{', '[']) { "application/json" } else { "text/html; charset=utf-8" };
        let mut response = Response::text(self.status, kind, self.body.clone());
        response.delay = Duration::from_millis(self.delay_ms);
        response.is_dropped = self.drop;
        response
    }
}

/// Returns the fault for a request to `path`, if there is one, and counts it down.
pub(super) fn take_fault(faults: &mut Vec<Fault>, path: &str) -> Option<Fault> {
    if path.starts_with("/sandbox/") {
        return None;
    }
    let fault = faults.iter_mut().find(|fault| fault.times > 0 && path.starts_with(&fault.path_prefix))?;
    if fault.skip > 0 {
        fault.skip -= 1;
        return None;
    }
    fault.times -= 1;
    let taken = fault.clone();
    faults.retain(|fault| fault.times > 0);
    Some(taken)
}
