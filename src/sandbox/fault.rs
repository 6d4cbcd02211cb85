//! Faults that a test or a person injects: the next requests to a path fail.

use std::time::Duration;

use serde::Deserialize;

use super::reply::Reply;

#[derive(Clone, Deserialize)]
pub(super) struct Fault {
    path_prefix: String,
    #[serde(default = "default_status")]
    status: u16,
    #[serde(default)]
    body: String,
    /// How many requests fail.
    #[serde(default = "default_times")]
    times: u32,
    #[serde(default)]
    delay_ms: u64,
    /// Whether to close the connection instead of answering.
    #[serde(default)]
    drop: bool,
    /// Whether the request is carried out first: the client gets no answer to it.
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
    pub(super) fn reply(&self) -> Reply {
        let kind = if self.body.starts_with(['{', '[']) { "application/json" } else { "text/html; charset=utf-8" };
        let mut reply = Reply::text(self.status, kind, self.body.clone());
        reply.delay = Duration::from_millis(self.delay_ms);
        reply.dropped = self.drop;
        reply
    }
}

/// Takes the fault that a request to `path` runs into, if any, and counts it down.
pub(super) fn take_due(faults: &mut Vec<Fault>, path: &str) -> Option<Fault> {
    if path.starts_with("/sandbox/") {
        return None;
    }
    let fault = faults.iter_mut().find(|fault| fault.times > 0 && path.starts_with(&fault.path_prefix))?;
    fault.times -= 1;
    let due = fault.clone();
    faults.retain(|fault| fault.times > 0);
    Some(due)
}
