//! The wall clock, injected so that tests can set it.

use std::time::{Duration, SystemTime};

use futures_util::future::BoxFuture;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::sync::lock;

/// How long to wait before the clock is read again: timers stop while the machine sleeps, and do not notice that the clock was set.
const POLL_INTERVAL: Duration = Duration::from_secs(20);

pub trait Clock: std::fmt::Debug + Send + Sync {
    fn now(&self) -> Timestamp;

    /// Waits until `at`, even if the machine sleeps in between. Returns early when the clock is set.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let started_at = self.now();
            loop {
                let now = self.now();
                let Ok(left) = Duration::try_from(at.duration_since(now)) else { return };
                if left.is_zero() || now < started_at {
                    return;
                }
                tokio::time::sleep(left.min(POLL_INTERVAL)).await;
            }
        })
    }
}

#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        system_now()
    }

    /// Waits with a wall-clock timer of the kernel, so that an idle interface makes no system calls.
    #[cfg(target_os = "linux")]
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        match wall_timer(at) {
            Ok(timer) => Box::pin(async move { drop(timer.readable().await) }),
            Err(_) => Box::pin(tokio::time::sleep(POLL_INTERVAL)),
        }
    }
}

/// Returns a timer that fires at `at`, or when the clock is set, which includes the end of a sleep: `timerfd_create(2)`.
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

/// A clock for tests, which changes only when it is set.
#[derive(Debug)]
pub struct FixedClock(std::sync::Mutex<Timestamp>);

impl FixedClock {
    pub fn new(at: Timestamp) -> Self {
        Self(std::sync::Mutex::new(at))
    }

    /// Moves the clock forward, or back for a negative duration.
    pub fn advance(&self, by: SignedDuration) {
        let mut at = lock(&self.0);
        *at = at.saturating_add(by).unwrap_or(*at);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        *lock(&self.0)
    }
}

/// Returns the system's time, clamped to the years -9999 to 9999.
pub(crate) fn system_now() -> Timestamp {
    to_timestamp(SystemTime::now())
}

fn to_timestamp(time: SystemTime) -> Timestamp {
    let bound = if time < SystemTime::UNIX_EPOCH { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::try_from(time).unwrap_or(bound)
}

/// Returns whether certificates and HTTP dates can express the time: from 1970 to 9999. Libraries panic for other times.
pub(crate) fn is_usable(now: Timestamp) -> bool {
    (Timestamp::UNIX_EPOCH..Timestamp::MAX).contains(&now)
}

/// Returns whether certificates and HTTP dates can express the system's time; see [`is_usable`].
pub(crate) fn is_system_clock_usable() -> bool {
    is_usable(system_now())
}

/// Returns the whole days until `expiry`, rounded as by [`format_relative`]; negative after it.
pub(crate) fn days_left(now: Timestamp, expiry: Timestamp) -> i64 {
    let seconds = expiry.as_second() - now.as_second();
    let tolerance = if seconds >= 86_400 { DAY_TOLERANCE_SECONDS } else { 0 };
    (seconds + tolerance).div_euclid(86_400)
}

/// Formats a time for JSON and files, in UTC, to the second: `2026-11-24T14:05:00Z`.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

/// Formats a day and time: `Jan 25, 2027 09:12`.
pub(crate) fn format_minute(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%b %-d, %Y %H:%M").to_string()
}

/// Formats a day: `Jan 25, 2027`.
pub(crate) fn format_day(at: Timestamp, zone: &TimeZone) -> String {
    format_date(at.to_zoned_datetime(zone.clone()).date())
}

/// Formats a day of the calendar as [`format_day`] does.
pub(crate) fn format_date(day: Date) -> String {
    day.strftime("%b %-d, %Y").to_string()
}

/// How much a number of days may round up: LinkedIn's tokens expire a second before 60 days are over, and some time passes before
/// a new one is shown.
pub(crate) const DAY_TOLERANCE_SECONDS: i64 = 3600;

/// Formats a time relative to `now`, rounded down: `in 59 days`, `in 40 s`, `12 days ago`. Days ahead that lack less than an
/// hour are counted.
pub(crate) fn format_relative(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.as_second() - now.as_second();
    let elapsed = match seconds.abs() {
        seconds @ ..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min", seconds / 60),
        seconds @ 3600..86_400 => format!("{} h", seconds / 3600),
        length => {
            let tolerance = if seconds > 0 { DAY_TOLERANCE_SECONDS } else { 0 };
            match (length + tolerance) / 86_400 {
                1 => "1 day".to_owned(),
                days => format!("{days} days"),
            }
        }
    };
    if seconds > 0 { format!("in {elapsed}") } else { format!("{elapsed} ago") }
}

/// Formats a past day and time: `Oct 1, 2026 09:12, 57 days ago`.
pub(crate) fn format_past(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    format!("{}, {}", format_minute(at, zone), format_relative(at, now))
}

/// Formats a day: `Jan 23, 2027, in 59 days`, `Oct 1, 2026, 57 days ago`.
pub(crate) fn format_day_and_relative(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    format!("{}, {}", format_day(at, zone), format_relative(at, now))
}

/// Formats a duration: days and hours, hours and minutes, or one smaller unit, such as `59 days 23 h`, `12 min`, `40 s`.
pub(crate) fn format_duration(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    let (count, unit, rest, rest_unit) = match seconds {
        ..60 => return format!("{seconds} s"),
        60..3600 => return format!("{} min", seconds / 60),
        3600..86_400 => (seconds / 3600, "h", seconds % 3600 / 60, "min"),
        _ => (seconds / 86_400, if seconds < 2 * 86_400 { "day" } else { "days" }, seconds % 86_400 / 3600, "h"),
    };
    if rest == 0 { format!("{count} {unit}") } else { format!("{count} {unit} {rest} {rest_unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_left_agrees_with_the_relative_time() {
        let days = |seconds| days_left(Timestamp::UNIX_EPOCH, Timestamp::from_second(seconds).unwrap());
        for (seconds, expected) in
            [(-1, -1), (0, 0), (86_399, 0), (86_400, 1), (60 * 86_400 - 3601, 59), (60 * 86_400 - 1, 60)]
        {
            assert_eq!(days(seconds), expected, "{seconds}");
        }
    }

    #[test]
    fn relative_times_round_down() {
        let text = |seconds| format_relative(Timestamp::from_second(seconds).unwrap(), Timestamp::UNIX_EPOCH);
        for (seconds, expected) in [
            (0, "0 s ago"),
            (40, "in 40 s"),
            (-3599, "59 min ago"),
            (86_399, "in 23 h"),
            (86_400, "in 1 day"),
            (60 * 86_400 - 1, "in 60 days"),
            (59 * 86_400 + 82_799, "in 59 days"),
            (2 * 86_400 - 3600, "in 2 days"),
            (-86_400 * 12 - 5, "12 days ago"),
        ] {
            assert_eq!(text(seconds), expected);
        }
    }

    #[test]
    fn durations_have_two_units() {
        for (seconds, expected) in [
            (-5, "0 s"),
            (59, "59 s"),
            (3599, "59 min"),
            (3600, "1 h"),
            (5400, "1 h 30 min"),
            (86_400, "1 day"),
            (60 * 86_400 - 1, "59 days 23 h"),
        ] {
            assert_eq!(format_duration(SignedDuration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn time_out_of_range_does_not_panic() {
        let out_of_range = Duration::from_secs(999_999_999_999);
        assert_eq!(to_timestamp(SystemTime::UNIX_EPOCH + out_of_range), Timestamp::MAX);
        // On Windows no such time exists.
        let past = SystemTime::UNIX_EPOCH.checked_sub(out_of_range);
        assert!(cfg!(windows) || past.is_some());
        assert_eq!(past.map_or(Timestamp::MIN, to_timestamp), Timestamp::MIN);
        assert_eq!(to_timestamp(SystemTime::UNIX_EPOCH - Duration::from_secs(1)).as_second(), -1);
        for (milliseconds, usable) in [(-86_400_000, false), (-1, false), (0, true), (1_795_000_000_000, true)] {
            assert_eq!(is_usable(Timestamp::from_millisecond(milliseconds).unwrap()), usable, "{milliseconds}");
        }
        assert!(!is_usable(Timestamp::MAX) && !is_usable(Timestamp::MIN));
    }
}
