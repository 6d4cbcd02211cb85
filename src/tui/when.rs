//! Times as texts.

use jiff::Timestamp;

use super::state::State;
use crate::clock::days_left;

/// Formats a day: `23 January 2027`.
pub(super) fn day(state: &State, at: Timestamp) -> String {
    at.to_zoned_datetime(state.start.zone.clone()).strftime("%-d %B %Y").to_string()
}

/// Formats a day and time: `2026-10-01 09:12`.
pub(super) fn minute(state: &State, at: Timestamp) -> String {
    at.to_zoned_datetime(state.start.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// Formats an expiry: `23 January 2027, in 59 days`.
pub(super) fn until(state: &State, end: Timestamp) -> String {
    format!("{}, {}", day(state, end), left(state, end))
}

/// Formats an expiry in fewer columns: `23 Jan 2027, in 59 days`.
pub(super) fn short_until(state: &State, end: Timestamp) -> String {
    format!("{}, {}", short_day(state, end), left(state, end))
}

/// Formats a day in few columns: `23 Jan 2027`.
pub(super) fn short_day(state: &State, at: Timestamp) -> String {
    at.to_zoned_datetime(state.start.zone.clone()).strftime("%-d %b %Y").to_string()
}

/// Formats the time until an expiry, or since: `in 59 days`, `in 40 s`, `12 days ago`.
pub(super) fn left(state: &State, end: Timestamp) -> String {
    let seconds = end.as_second() - state.now.as_second();
    let days = days_left(state.now, end);
    match (seconds, days) {
        (..=0, _) => format!("{} ago", ago(-seconds)),
        (_, ..1) => format!("in {}", ago(seconds)),
        (_, 1) => "in 1 day".to_owned(),
        _ => format!("in {days} days"),
    }
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
    // Both the time that is left and the time that has passed are rounded down.
    let wait = if left > 0 { left % unit + 1 } else { unit - -left % unit };
    Timestamp::from_second(now.as_second() + wait).ok()
}

/// Formats a duration: `2 h`, `12 days`.
pub(super) fn ago(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{} s", seconds.max(0)),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        86_400..172_800 => "1 day".to_owned(),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_change_is_when_the_text_changes() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let text = |now: i64, of: i64| {
            let left = of - now;
            if left > 0 { format!("{} {}", ago(left), days_left(at(now), at(of))) } else { ago(-left) }
        };
        let of = 2_000_000;
        for now in
            [0, 1_000_000, of - 86_401, of - 86_400, of - 3601, of - 61, of - 60, of - 5, of, of + 61, of + 90_000]
        {
            let change = next_change(at(now), at(of)).unwrap().as_second();
            // In the first minute after it the seconds are not counted.
            if !(of..of + 60).contains(&now) {
                assert_eq!(text(change - 1, of), text(now, of), "{now}");
            }
            assert_ne!(text(change, of), text(now, of), "{now}");
        }
    }
}
