//! Times, in words.

use jiff::Timestamp;

use super::state::State;
use crate::clock::days_left;

/// A day: `23 January 2027`.
pub(super) fn day(state: &State, at: Timestamp) -> String {
    at.to_zoned_datetime(state.start.zone.clone()).strftime("%-d %B %Y").to_string()
}

/// A day and time: `2026-10-01 09:12`.
pub(super) fn minute(state: &State, at: Timestamp) -> String {
    at.to_zoned_datetime(state.start.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// An end, with what is left of it: `23 January 2027, in 59 days`.
pub(super) fn until(state: &State, end: Timestamp) -> String {
    format!("{}, {}", day(state, end), left(state, end))
}

/// The same in fewer columns: `23 Jan 2027, in 59 days`.
pub(super) fn short_until(state: &State, end: Timestamp) -> String {
    format!("{}, {}", short_day(state, end), left(state, end))
}

/// A day in few columns: `23 Jan 2027`.
pub(super) fn short_day(state: &State, at: Timestamp) -> String {
    at.to_zoned_datetime(state.start.zone.clone()).strftime("%-d %b %Y").to_string()
}

/// What is left: `in 59 days`, `in 40 s`, `12 days ago`.
pub(super) fn left(state: &State, end: Timestamp) -> String {
    let seconds = end.as_second() - state.now.as_second();
    let days = days_left(state.now, end);
    let word = |n: i64, one: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") };
    if seconds <= 0 {
        format!("{} ago", ago(-seconds))
    } else if days >= 1 {
        format!("in {}", word(days, "day"))
    } else {
        format!("in {}", ago(seconds))
    }
}

/// When what is told of a time reads differently: with the day, and where it is near with the hour,
/// the minute, the second.
pub(super) fn next_change(now: Timestamp, of: Timestamp) -> Option<Timestamp> {
    let left = of.as_second() - now.as_second();
    let unit = match left.abs() {
        0..60 if left > 0 => 1,
        0..3600 => 60,
        3600..86_400 => 3600,
        _ => 86_400,
    };
    // What is left is rounded down, and so is what has passed.
    let wait = if left > 0 { left % unit + 1 } else { unit - -left % unit };
    Timestamp::from_second(now.as_second() + wait).ok()
}

/// A span: `2 h`, `12 days`.
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
    fn a_time_turns_when_its_words_do() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let words = |now: i64, of: i64| {
            let left = of - now;
            if left > 0 { format!("{} {}", ago(left), days_left(at(now), at(of))) } else { ago(-left) }
        };
        let of = 2_000_000;
        for now in
            [0, 1_000_000, of - 86_401, of - 86_400, of - 3601, of - 61, of - 60, of - 5, of, of + 61, of + 90_000]
        {
            let turn = next_change(at(now), at(of)).unwrap().as_second();
            // In the minute after an end nobody counts seconds.
            if !(of..of + 60).contains(&now) {
                assert_eq!(words(turn - 1, of), words(now, of), "{now}");
            }
            assert_ne!(words(turn, of), words(now, of), "{now}");
        }
    }
}
