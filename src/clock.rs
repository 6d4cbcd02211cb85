//! The wall clock, handed in so that tests can turn it.

use std::pin::Pin;
use std::time::{Duration, SystemTime};

use jiff::{SignedDuration, Timestamp};

/// How often to look at a clock that tells nobody when it is set or the machine slept: timers stand
/// still while it sleeps.
const LOOK: Duration = Duration::from_secs(20);

/// A wait for the clock.
pub type Wait<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Tells the time.
pub trait Clock: std::fmt::Debug + Send + Sync {
    /// Now, to the second's fraction, UTC.
    fn now(&self) -> Timestamp;

    /// Ends once the clock stands at `at`, whether or not the machine slept meanwhile; it may end
    /// before that when the clock was set. Needs a runtime of tokio.
    fn sleep_until(&self, at: Timestamp) -> Wait<'_> {
        Box::pin(async move {
            let began = self.now();
            loop {
                let now = self.now();
                let Ok(left) = Duration::try_from(at.duration_since(now)) else { return };
                if left.is_zero() || now < began {
                    return;
                }
                tokio::time::sleep(left.min(LOOK)).await;
            }
        })
    }
}

/// The system's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        system_now()
    }

    /// By a timer of the kernel's on the wall clock, which wakes nobody until then.
    #[cfg(target_os = "linux")]
    fn sleep_until(&self, at: Timestamp) -> Wait<'_> {
        match wall_timer(at) {
            Ok(timer) => Box::pin(async move { drop(timer.readable().await) }),
            Err(_) => Box::pin(tokio::time::sleep(LOOK)),
        }
    }
}

/// Ready at `at`, or when the clock is set, which includes the end of a sleep: `timerfd_create(2)`.
#[cfg(target_os = "linux")]
#[expect(
    deprecated,
    reason = "its successor is an unsafe function, for types that exchange their descriptor; this one owns it"
)]
fn wall_timer(at: Timestamp) -> std::io::Result<tokio::io::unix::AsyncFd<rustix::fd::OwnedFd>> {
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
    };
    let timer = timerfd_create(TimerfdClockId::Realtime, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
    let it_interval = Timespec { tv_sec: 0, tv_nsec: 0 };
    // Zero would disarm it.
    let it_value = Timespec { tv_sec: at.as_second().max(1), tv_nsec: at.subsec_nanosecond().max(0).into() };
    let flags = TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET;
    timerfd_settime(&timer, flags, &Itimerspec { it_interval, it_value })?;
    tokio::io::unix::AsyncFd::with_interest(timer, tokio::io::Interest::READABLE)
}

/// A clock that stands still until it is turned; for tests and the sandbox's fixtures.
#[derive(Debug)]
pub struct FixedClock(std::sync::Mutex<Timestamp>);

impl FixedClock {
    /// Stands at `at`.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self(std::sync::Mutex::new(at))
    }

    /// Turns it forward (or back, for a negative duration).
    pub fn advance(&self, by: SignedDuration) {
        let mut at = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *at = at.saturating_add(by).unwrap_or(*at);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The system's time. A clock that stands outside of the years -9999 to 9999 counts as their first or last moment.
#[must_use]
pub fn system_now() -> Timestamp {
    timestamp(SystemTime::now())
}

fn timestamp(time: SystemTime) -> Timestamp {
    let bound = if time < SystemTime::UNIX_EPOCH { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::try_from(time).unwrap_or(bound)
}

/// Whether certificates and HTTP dates can name the time: from 1970 to 9999. Libraries panic at any other.
#[must_use]
pub fn is_usable(now: Timestamp) -> bool {
    (Timestamp::UNIX_EPOCH..Timestamp::MAX).contains(&now)
}

/// Returns whether certificates and HTTP dates can name the system's time; see [`is_usable`].
#[must_use]
pub fn is_system_clock_usable() -> bool {
    is_usable(system_now())
}

/// Whole days until `end`, rounded down; negative when it has passed.
#[must_use]
pub fn days_left(now: Timestamp, end: Timestamp) -> i64 {
    (end.as_second() - now.as_second()).div_euclid(86_400)
}

/// RFC 3339 UTC to the second, as JSON and the files have it: `2026-11-24T14:05:00Z`.
#[must_use]
pub fn rfc3339(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_beyond_all_years_is_no_panic() {
        let far = Duration::from_secs(999_999_999_999);
        assert_eq!(timestamp(SystemTime::UNIX_EPOCH + far), Timestamp::MAX);
        assert_eq!(timestamp(SystemTime::UNIX_EPOCH - far), Timestamp::MIN);
        assert_eq!(timestamp(SystemTime::UNIX_EPOCH - Duration::from_secs(1)).as_second(), -1);
        for (milliseconds, usable) in [(-86_400_000, false), (-1, false), (0, true), (1_795_000_000_000, true)] {
            assert_eq!(is_usable(Timestamp::from_millisecond(milliseconds).unwrap()), usable, "{milliseconds}");
        }
        assert!(!is_usable(Timestamp::MAX) && !is_usable(Timestamp::MIN));
    }
}
