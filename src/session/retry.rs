//! Retries of requests, with backoff.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::clock::format_minute;
use crate::linkedin::version_in_use::Change;
use crate::{Code, Error, Result};

/// Pauses before the second and third try after a transient error.
const BACKOFF: [Duration; 2] = [Duration::from_millis(400), Duration::from_millis(1500)];

/// The longest `Retry-After` that is waited for; beyond it the user decides.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(60);

/// What happens while a flow refreshes or requests something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlowEvent {
    /// Another process holds a lock. The text names what it protects, such as "profile work".
    WaitingForLock(String),
    /// A transient error; the request is sent again.
    Retrying { because: Error, after: Duration },
    /// The token could not be refreshed early; it is still valid and is used.
    RefreshFailed(Error),
    /// LinkedIn issued a new token, which is used but could not be saved.
    NotSaved(Error),
    /// LinkedIn refused an API version that was chosen automatically, and accepted a different one.
    ApiVersionChanged(Change),
}

/// Receives each [`FlowEvent`] as it happens; must not block.
pub(crate) type FlowEventSink<'a> = &'a (dyn Fn(FlowEvent) + Send + Sync);

/// Receives the events that no caller of a flow handles, for as long as the program runs.
#[derive(Clone)]
pub struct Reporter(Arc<dyn Fn(FlowEvent) + Send + Sync>);

impl Reporter {
    /// Passes each event to `report`, which must not block.
    pub fn new(report: impl Fn(FlowEvent) + Send + Sync + 'static) -> Self {
        Self(Arc::new(report))
    }

    pub fn report(&self, event: FlowEvent) {
        (self.0)(event);
    }
}

impl Default for Reporter {
    fn default() -> Self {
        Self::new(|_| {})
    }
}

impl fmt::Debug for Reporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reporter")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryPolicy {
    /// No retry: there is a fallback.
    Once,
    /// Up to two retries after a transient error.
    UpToThreeTimes,
}

/// Sends a request, and again after a transient error and a pause: the longer one of the backoff and LinkedIn's
/// `Retry-After`, and a random part.
pub(crate) async fn with_retry<T>(
    policy: RetryPolicy,
    now: impl Fn() -> Timestamp,
    on_event: FlowEventSink<'_>,
    mut request: impl AsyncFnMut() -> Result<T>,
) -> Result<T> {
    let mut pauses = BACKOFF.iter().take(if policy == RetryPolicy::Once { 0 } else { BACKOFF.len() });
    loop {
        let error = match request().await {
            Err(error) if is_transient(error.code) => error,
            other => return other,
        };
        if let Some(wait) = error.retry_after.filter(|wait| *wait > MAX_RETRY_AFTER) {
            return Err(with_wait_hint(error, wait, now()));
        }
        let Some(pause) = pauses.next() else { return Err(error) };
        let after = error.retry_after.unwrap_or_default().max(*pause) + jitter(*pause);
        on_event(FlowEvent::Retrying { because: error, after });
        tokio::time::sleep(after).await;
    }
}

/// Returns whether the same request may succeed a moment later.
const fn is_transient(code: Code) -> bool {
    matches!(code, Code::Network | Code::ServerError | Code::RateLimited)
}

/// Replaces the hint of the error by the time at which a `Retry-After` that is too long ends.
fn with_wait_hint(mut error: Error, wait: Duration, now: Timestamp) -> Error {
    error.hint = match now.checked_add(wait) {
        Ok(end) => {
            let end = format_minute(end, &TimeZone::system());
            format!("LinkedIn asks to wait until {end}. Try again after that.")
        }
        Err(_) => "LinkedIn asks to wait for an implausibly long time.".to_owned(),
    };
    error
}

/// Returns up to half of `pause`, so that many machines do not retry at the same time.
pub(crate) fn jitter(pause: Duration) -> Duration {
    let mut byte = [0u8; 1];
    // Without random numbers there is no jitter.
    let _ = getrandom::fill(&mut byte);
    pause * u32::from(byte[0]) / 512
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::time::Instant;

    use super::*;

    fn fault(code: Code, wait: Option<u64>) -> Error {
        let mut error = Error::new(code, "x", "y");
        error.retry_after = wait.map(Duration::from_secs);
        error
    }

    /// Returns the count of requests, the result, the elapsed time, and the reported pauses.
    async fn run(policy: RetryPolicy, faults: Vec<Error>) -> (usize, Result<()>, Duration, Vec<Duration>) {
        let (started_at, pauses, mut count) = (Instant::now(), Mutex::new(Vec::new()), 0);
        let on_event = |event: FlowEvent| {
            if let FlowEvent::Retrying { after, .. } = event {
                pauses.lock().unwrap().push(after);
            }
        };
        let result = with_retry(
            policy,
            || Timestamp::UNIX_EPOCH,
            &on_event,
            async || {
                count += 1;
                faults.get(count - 1).cloned().map_or(Ok(()), Err)
            },
        )
        .await;
        (count, result, started_at.elapsed(), pauses.into_inner().unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn t04_a_transient_error_is_retried_at_most_twice() {
        for code in [Code::Network, Code::ServerError, Code::RateLimited] {
            let (count, result, _, pauses) = run(RetryPolicy::UpToThreeTimes, vec![fault(code, None); 5]).await;
            assert_eq!((count, result.unwrap_err().code, pauses.len()), (3, code, 2));
            assert!(run(RetryPolicy::UpToThreeTimes, vec![fault(code, None); 2]).await.1.is_ok());
            assert_eq!(run(RetryPolicy::Once, vec![fault(code, None); 2]).await.0, 1);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn t15_t16_a_permanent_error_is_not_retried() {
        for code in [Code::Expired, Code::ClientRefused, Code::UnexpectedResponse, Code::NotPermitted] {
            let (count, result, elapsed, _) = run(RetryPolicy::UpToThreeTimes, vec![fault(code, None); 5]).await;
            assert_eq!((count, result.unwrap_err().code, elapsed), (1, code, Duration::ZERO));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn t18_retry_after_is_honored_up_to_a_minute() {
        for seconds in [0, 1, 30, 60] {
            let (count, result, elapsed, pauses) =
                run(RetryPolicy::UpToThreeTimes, vec![fault(Code::RateLimited, Some(seconds)); 1]).await;
            assert!(count == 2 && result.is_ok());
            assert!(elapsed >= Duration::from_secs(seconds) && elapsed >= pauses[0], "{elapsed:?}");
        }
        for seconds in [61, 31_536_000, u64::MAX] {
            let (count, result, elapsed, _) =
                run(RetryPolicy::UpToThreeTimes, vec![fault(Code::RateLimited, Some(seconds))]).await;
            assert_eq!((count, elapsed), (1, Duration::ZERO));
            assert!(result.unwrap_err().hint.contains("asks to wait"));
        }
        let year =
            run(RetryPolicy::UpToThreeTimes, vec![fault(Code::RateLimited, Some(31_536_000))]).await.1.unwrap_err();
        let end = Timestamp::from_second(31_536_000).unwrap();
        assert!(year.hint.contains(&format_minute(end, &TimeZone::system())), "{}", year.hint);
    }

    #[test]
    fn jitter_varies_up_to_half_of_the_pause() {
        let jitters: Vec<_> = (0..100).map(|_| jitter(Duration::from_secs(1)).as_millis()).collect();
        assert!(jitters.iter().all(|jitter| *jitter < 500), "{jitters:?}");
        assert!(jitters.iter().any(|jitter| *jitter > 100), "{jitters:?}");
    }
}
