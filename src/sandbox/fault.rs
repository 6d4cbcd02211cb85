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
    /// How many requests fail: at least one.
    #[serde(default = "default_times")]
    pub(super) times: u32,
    #[serde(default)]
    delay_ms: u64,
    /// Whether to close the connection instead of responding.
    #[serde(default, rename = "drop")]
    is_dropped: bool,
    /// Whether the request is carried out first; the client gets the injected error instead of its response.
    #[serde(default, rename = "after")]
    pub(super) is_carried_out_first: bool,
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
        response.is_dropped = self.is_dropped;
        response
    }
}

/// Returns the injected error for a request to `path`, if there is one, and counts it down. An error that skips the request
/// leaves it to the later ones.
pub(super) fn take_injected_error(errors: &mut Vec<InjectedError>, path: &str) -> Option<InjectedError> {
    if path.starts_with("/sandbox/") {
        return None;
    }
    let fails_now = |error: &mut InjectedError| {
        let is_skipped = error.skip > 0;
        error.skip = error.skip.saturating_sub(1);
        !is_skipped
    };
    let mut matching = errors.iter_mut().filter(|error| path.starts_with(&error.path_prefix));
    let error = matching.find_map(|error| fails_now(error).then_some(error))?;
    error.times -= 1;
    let taken = error.clone();
    errors.retain(|error| error.times > 0);
    Some(taken)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn skipped_error_does_not_hide_later_ones() {
        let errors = [
            json!({ "path_prefix": "/rest/posts", "status": 501, "skip": 1 }),
            json!({ "path_prefix": "/rest", "status": 502 }),
        ];
        let mut errors: Vec<InjectedError> = errors.map(|error| serde_json::from_value(error).unwrap()).into();
        let mut take = |path| take_injected_error(&mut errors, path).map(|error| error.status);
        assert_eq!(take("/v2/me"), None);
        assert_eq!(["/rest/posts"; 3].map(&mut take), [Some(502), Some(501), None]);
    }
}
