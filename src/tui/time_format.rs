//! Formats times in the time zone of the interface.

use jiff::Timestamp;

use super::state::State;
use crate::clock::{self, DAY_TOLERANCE_SECONDS};

/// Formats a day: `Jan 23, 2027`.
pub(super) fn format_day(state: &State, at: Timestamp) -> String {
    clock::format_day(at, &state.config.zone)
}

/// Formats a day in few columns: `Jan 23`, with its year if it is not the current one.
pub(super) fn format_recent_day(state: &State, at: Timestamp) -> String {
    let [at_day, today] = [at, state.now].map(|time| time.to_zoned_datetime(state.config.zone.clone()));
    if at_day.year() == today.year() { at_day.strftime("%b %-d").to_string() } else { format_day(state, at) }
}

/// Formats a day and time: `Oct 1, 2026 09:12`.
pub(super) fn format_minute(state: &State, at: Timestamp) -> String {
    clock::format_minute(at, &state.config.zone)
}

/// Formats a past day and time: `Oct 1, 2026 09:12, 57 days ago`.
pub(super) fn format_past(state: &State, at: Timestamp) -> String {
    clock::format_past(at, state.now, &state.config.zone)
}

/// Formats a day: `Jan 23, 2027, in 59 days`, `Oct 1, 2026, 57 days ago`.
pub(super) fn format_day_and_relative(state: &State, at: Timestamp) -> String {
    clock::format_day_and_relative(at, state.now, &state.config.zone)
}

/// Formats the time relative to now: `in 59 days`, `in 40 s`, `12 days ago`.
pub(super) fn format_relative(state: &State, at: Timestamp) -> String {
    clock::format_relative(at, state.now)
}

/// Returns when the text of the time until `at`, or since, changes next: by the day, or by the hour, minute or second where `at`
/// is near.
pub(super) fn next_change(now: Timestamp, at: Timestamp) -> Option<Timestamp> {
    let left = at.as_second() - now.as_second();
    let unit = match left.abs() {
        0..60 if left > 0 => 1,
        0..3600 => 60,
        3600..86_400 => 3600,
        _ => 86_400,
    };
    // The time until `at` and the time since are both rounded down.
    let wait = match left {
        86_400.. => ((left + DAY_TOLERANCE_SECONDS) % 86_400 + 1).min(left - 86_400 + 1),
        1.. => left % unit + 1,
        _ => unit - -left % unit,
    };
    Timestamp::from_second(now.as_second() + wait).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_change_is_when_the_text_changes() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let text = |now: i64, expiry: i64| clock::format_relative(at(expiry), at(now));
        let expiry = 2_000_000;
        for now in [
            0,
            1_000_000,
            expiry - 86_401,
            expiry - 2 * 86_400 + 3600,
            expiry - 2 * 86_400 + 3601,
            expiry - 100_000,
            expiry - 86_400,
            expiry - 3601,
            expiry - 61,
            expiry - 60,
            expiry - 5,
            expiry,
            expiry + 61,
            expiry + 90_000,
        ] {
            let change = next_change(at(now), at(expiry)).unwrap().as_second();
            assert_eq!(text(change - 1, expiry), text(now, expiry), "{now}");
            assert_ne!(text(change, expiry), text(now, expiry), "{now}");
        }
    }
}
