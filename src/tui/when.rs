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
