//! When a request may be sent again, and after which pause.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::clock::rfc3339;
use crate::linkedin::version_in_use::Change;
use crate::{Code, Error, Result};

/// Pauses before the second and third try after a passing fault.
const PAUSES: [Duration; 2] = [Duration::from_millis(400), Duration::from_millis(1500)];

/// The longest wait that LinkedIn may ask for and gets; after that the person decides.
const LONGEST: Duration = Duration::from_secs(60);

/// What a person who waits should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Another process works on the profile, and has done so for a while.
    WaitingForLock,
    /// A passing fault; the request is sent again after the pause.
    Retrying {
        /// The fault.
        because: Error,
        /// The pause.
        after: Duration,
    },
    /// The token could not be renewed ahead of its end; it still lives and is used.
    RefreshFailed(Error),
    /// LinkedIn issued a new token, which is used, but it could not be saved.
    NotSaved(Error),
    /// LinkedIn refused a version of its API that was chosen automatically, and took another one.
    ApiVersionChanged(Change),
}

/// Takes each [`Note`] as it comes up; must not block.
pub type Notes<'a> = &'a (dyn Fn(Note) + Send + Sync);

/// Takes notes of what happens beside any one use case, for as long as the program runs.
#[derive(Clone)]
pub struct Reporter(Arc<dyn Fn(Note) + Send + Sync>);

impl Reporter {
    /// Hands each note to `report`, which must not block.
    pub fn new(report: impl Fn(Note) + Send + Sync + 'static) -> Self {
        Self(Arc::new(report))
    }

    /// Reports.
    pub fn note(&self, note: Note) {
        (self.0)(note);
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

/// How often a request is sent at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryPolicy {
    /// Once: there is something to fall back on.
    Once,
    /// Twice more after a passing fault.
    UpToThreeTimes,
}

/// Asks, and again after a passing fault, with a pause of our own or of LinkedIn's choosing.
pub(crate) async fn with_retry<T>(
    tries: RetryPolicy,
    now: impl Fn() -> Timestamp,
    note: Notes<'_>,
    mut ask: impl AsyncFnMut() -> Result<T>,
) -> Result<T> {
    let mut pauses = PAUSES.iter().take(if tries == RetryPolicy::Once { 0 } else { PAUSES.len() });
    loop {
        let error = match ask().await {
            Err(error) if is_transient(error.code) => error,
            other => return other,
        };
        if let Some(wait) = error.retry_after.filter(|wait| *wait > LONGEST) {
            return Err(until(error, wait, now()));
        }
        let Some(pause) = pauses.next() else { return Err(error) };
        let asked = error.retry_after.unwrap_or_default();
        let after = asked.max(*pause) + jitter(*pause);
        note(Note::Retrying { because: error, after });
        tokio::time::sleep(after).await;
    }
}

/// May the same request succeed in a moment?
const fn is_transient(code: Code) -> bool {
    matches!(code, Code::Network | Code::ServerError | Code::RateLimited)
}

/// LinkedIn asks for more patience than a program should have: say until when.
fn until(mut error: Error, wait: Duration, now: Timestamp) -> Error {
    error.hint = match now.checked_add(wait) {
        Ok(end) => format!("LinkedIn asks to wait until {}. Try again after that.", rfc3339(end)),
        Err(_) => "LinkedIn asks to wait for longer than a calendar has days.".to_owned(),
    };
    error
}

/// Up to half of `pause`, so that many machines do not come back at once.
pub(crate) fn jitter(pause: Duration) -> Duration {
    let mut byte = [0u8; 1];
    // Without random numbers there is simply no jitter.
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

    /// How often was asked, how it ended, how long it took, and the pauses told.
    async fn played(tries: RetryPolicy, faults: Vec<Error>) -> (usize, Result<()>, Duration, Vec<Duration>) {
        let (since, told, mut asked) = (Instant::now(), Mutex::new(Vec::new()), 0);
        let note = |note: Note| {
            if let Note::Retrying { after, .. } = note {
                told.lock().unwrap().push(after);
            }
        };
        let ended = with_retry(
            tries,
            || Timestamp::UNIX_EPOCH,
            &note,
            async || {
                asked += 1;
                faults.get(asked - 1).cloned().map_or(Ok(()), Err)
            },
        )
        .await;
        (asked, ended, since.elapsed(), told.into_inner().unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn t04_a_passing_fault_is_asked_again_at_most_twice() {
        for code in [Code::Network, Code::ServerError, Code::RateLimited] {
            let (asked, ended, _, told) = played(RetryPolicy::UpToThreeTimes, vec![fault(code, None); 5]).await;
            assert_eq!((asked, ended.unwrap_err().code, told.len()), (3, code, 2));
            assert!(played(RetryPolicy::UpToThreeTimes, vec![fault(code, None); 2]).await.1.is_ok());
            assert_eq!(played(RetryPolicy::Once, vec![fault(code, None); 2]).await.0, 1);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn t15_t16_a_final_fault_is_not_asked_again() {
        for code in [Code::Expired, Code::ClientRefused, Code::UnexpectedResponse, Code::NotPermitted] {
            let (asked, ended, took, _) = played(RetryPolicy::UpToThreeTimes, vec![fault(code, None); 5]).await;
            assert_eq!((asked, ended.unwrap_err().code, took), (1, code, Duration::ZERO));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn t18_retry_after_is_honoured_up_to_a_minute() {
        for seconds in [0, 1, 30, 60] {
            let (asked, ended, took, told) =
                played(RetryPolicy::UpToThreeTimes, vec![fault(Code::RateLimited, Some(seconds)); 1]).await;
            assert!(asked == 2 && ended.is_ok());
            assert!(took >= Duration::from_secs(seconds) && took >= told[0], "{took:?}");
        }
        for seconds in [61, 31_536_000, u64::MAX] {
            let (asked, ended, took, _) =
                played(RetryPolicy::UpToThreeTimes, vec![fault(Code::RateLimited, Some(seconds))]).await;
            assert_eq!((asked, took), (1, Duration::ZERO));
            assert!(ended.unwrap_err().hint.contains("asks to wait"));
        }
        let year =
            played(RetryPolicy::UpToThreeTimes, vec![fault(Code::RateLimited, Some(31_536_000))]).await.1.unwrap_err();
        assert!(year.hint.contains("1971-01-01T00:00:00Z"), "says when: {}", year.hint);
    }
}
