//! The versions of LinkedIn's API (`LinkedIn-Version`). Rules and dates from "LinkedIn Marketing API
//! Versioning" and its migrations page (learn.microsoft.com/linkedin/marketing): one a month, each
//! supported for at least twelve months; the response to a version that is not active is 426 and
//! `NONEXISTENT_VERSION`.

use std::fmt;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::clock::format_date;

/// The day of the month about which versions are released, and retired a year later.
const RELEASE_DAY: i8 = 15;

/// How many days before its sunset a version is warned about.
pub(crate) const SUNSET_WARNING_DAYS: i64 = 60;

/// The released versions, oldest first, each with its sunset. Earlier ones are retired.
const RELEASED: &[(Version, Date)] = &[
    (Version::new(2025, 8), date(2026, 8, 17)),
    (Version::new(2025, 9), date(2026, 9, 15)),
    (Version::new(2025, 10), date(2026, 10, 15)),
    (Version::new(2025, 11), date(2026, 11, 16)),
    (Version::new(2026, 1), date(2027, 1, 15)),
    (Version::new(2026, 2), date(2027, 2, 15)),
    (Version::new(2026, 3), date(2027, 3, 16)),
    (Version::new(2026, 4), date(2027, 4, 15)),
    (Version::new(2026, 5), date(2027, 5, 15)),
    (Version::new(2026, 6), date(2027, 6, 15)),
    (Version::new(2026, 7), date(2027, 7, 15)),
    (Version::new(2026, 8), date(2027, 8, 17)),
    (Version::new(2026, 9), date(2027, 9, 15)),
];

/// The month for which LinkedIn released no version of the Marketing APIs (the Talent APIs have one).
const SKIPPED: Version = Version::new(2025, 12);

/// A version, `YYYYMM` with or without a revision (`.RR`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    month: Date,
    revision: Option<u8>,
}

/// The life cycle of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// LinkedIn released no version for its month.
    NeverReleased,
    /// It is not released yet.
    Upcoming,
    /// It is active, with more than [`SUNSET_WARNING_DAYS`] left.
    Active,
    /// It is active, and its sunset is within [`SUNSET_WARNING_DAYS`].
    Sunsetting,
    /// Its sunset has passed.
    Sunset,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}{:02}", self.month.year(), self.month.month())?;
        self.revision.map_or(Ok(()), |revision| write!(f, ".{revision:02}"))
    }
}

impl Version {
    /// The newest that this program knows.
    pub const NEWEST: Self = RELEASED[RELEASED.len() - 1].0;

    const fn new(year: i16, month: i8) -> Self {
        Self { month: date(year, month, 1), revision: None }
    }

    /// Reads `YYYYMM` or `YYYYMM.RR`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (month, revision) = text.split_once('.').map_or((text, None), |(month, revision)| (month, Some(revision)));
        let is_digits =
            |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits(month, 6) || !revision.is_none_or(|revision| is_digits(revision, 2)) {
            return None;
        }
        let (year, month) = month.split_at_checked(4)?;
        let month = Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
        Some(Self { month, revision: revision.and_then(|revision| revision.parse().ok()) })
    }

    /// Returns the day on which LinkedIn retires it: as announced, else about the 15th, a year later.
    pub fn sunset(self) -> Date {
        let announced = RELEASED.iter().find(|(version, _)| version.month == self.month).map(|(_, sunset)| *sunset);
        announced.unwrap_or_else(|| {
            Date::new(self.month.year().saturating_add(1), self.month.month(), RELEASE_DAY).unwrap_or(Date::MAX)
        })
    }

    /// Returns the days until its sunset; negative once that has passed.
    pub fn days_left(self, now: Timestamp) -> i64 {
        self.sunset().duration_since(today(now)).as_hours() / 24
    }

    pub fn stage(self, now: Timestamp) -> Stage {
        if self.month == SKIPPED.month {
            return Stage::NeverReleased;
        }
        let start = self.month.with().day(RELEASE_DAY).build().unwrap_or(self.month);
        match self.days_left(now) {
            _ if start > today(now) => Stage::Upcoming,
            ..=0 => Stage::Sunset,
            days if days <= SUNSET_WARNING_DAYS => Stage::Sunsetting,
            _ => Stage::Active,
        }
    }

    /// Returns the warning about a version in the configuration; `None` while it is active for long.
    pub fn warning(self, now: Timestamp) -> Option<String> {
        let refuses = "LinkedIn responds with 426 to posts and other versioned requests";
        match self.stage(now) {
            Stage::Active => None,
            Stage::NeverReleased => {
                Some(format!("There is no API version {self} for posts and Pages: LinkedIn never released one."))
            }
            Stage::Upcoming => Some(format!(
                "API version {self} is released about the {RELEASE_DAY}th of its month: until then {refuses}."
            )),
            Stage::Sunsetting => {
                let days = self.days_left(now);
                let days = if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
                Some(format!("API version {self} is retired on {}, in {days}.", format_date(self.sunset())))
            }
            Stage::Sunset => {
                Some(format!("API version {self} was retired on {}: {refuses}.", format_date(self.sunset())))
            }
        }
    }

    /// Returns whether LinkedIn may serve it at `now`, by its dates.
    pub fn may_be_active(self, now: Timestamp) -> bool {
        matches!(self.stage(now), Stage::Active | Stage::Sunsetting)
    }
}

fn today(now: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(now).date()
}

/// Returns the released versions whose sunset has not passed, oldest first. Where all known ones are
/// retired, last month's: this month's is released about the 15th, and may not exist yet.
pub(crate) fn active(now: Timestamp) -> Vec<Version> {
    let listed: Vec<Version> =
        RELEASED.iter().map(|(version, _)| *version).filter(|version| version.days_left(now) > 0).collect();
    if !listed.is_empty() {
        return listed;
    }
    let last_month = today(now).checked_sub(Span::new().months(1)).ok();
    last_month.map(|day| Version::new(day.year(), day.month())).into_iter().collect()
}

/// Returns the newest active version that is not among `refused`.
pub(crate) fn newest_active(now: Timestamp, refused: &[Version]) -> Option<Version> {
    active(now).into_iter().rev().find(|version| !refused.contains(version))
}

/// Returns whether every known version is retired, or about to be.
pub(crate) fn is_outdated(now: Timestamp) -> bool {
    Version::NEWEST.days_left(now) <= SUNSET_WARNING_DAYS
}

/// Formats the active versions except `refused`: `202601 to 202609`.
pub(crate) fn active_list(now: Timestamp, refused: Option<Version>) -> String {
    let active: Vec<Version> = active(now).into_iter().filter(|version| Some(*version) != refused).collect();
    match (active.first(), active.last()) {
        (Some(oldest), Some(newest)) if oldest != newest => format!("{oldest} to {newest}"),
        (_, Some(only)) => only.to_string(),
        _ => String::new(),
    }
}

/// The setting `linkedin.api_version`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Setting {
    /// The newest version that is active, and another one if LinkedIn refuses it.
    #[default]
    Auto,
    /// This version and no other.
    Fixed(Version),
}

impl Setting {
    /// The value for [`Setting::Auto`].
    pub const AUTO: &'static str = "auto";

    /// Reads `auto`, `YYYYMM` or `YYYYMM.RR`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        if text == Self::AUTO { Some(Self::Auto) } else { Version::parse(text).map(Self::Fixed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    fn noon(day: &str) -> Timestamp {
        format!("{day}T12:00:00Z").parse().unwrap()
    }

    #[test]
    fn versions_start_and_end_in_mid_month() {
        for (text, sunset) in [("202609", "2027-09-15"), ("202603", "2027-03-16"), ("202610.02", "2027-10-15")] {
            assert_eq!(version(text).sunset().to_string(), sunset);
        }
        for (text, day, stage) in [
            ("202609", "2026-09-13", Stage::Upcoming),
            ("202609", "2026-09-15", Stage::Active),
            ("202609", "2027-07-16", Stage::Active),
            ("202609", "2027-07-17", Stage::Sunsetting),
            ("202609", "2027-09-14", Stage::Sunsetting),
            ("202609", "2027-09-15", Stage::Sunset),
            ("202511", "2026-11-15", Stage::Sunsetting),
            ("202511", "2026-11-16", Stage::Sunset),
            ("202401", "2026-11-26", Stage::Sunset),
            ("202512", "2026-11-26", Stage::NeverReleased),
            ("202611", "2026-11-14", Stage::Upcoming),
            ("202610.01", "2026-11-26", Stage::Active),
        ] {
            assert_eq!(version(text).stage(noon(day)), stage, "{text} on {day}");
        }
    }

    #[test]
    fn only_released_versions_are_active() {
        let list = |day: &str| active_list(noon(day), None);
        assert_eq!(list("2026-11-26"), "202601 to 202609");
        assert_eq!(list("2026-11-15"), "202511 to 202609");
        assert_eq!(list("2027-01-15"), "202602 to 202609");
        assert_eq!(list("2027-08-17"), "202609");
        for day in ["2026-10-01", "2026-11-26", "2026-12-20"] {
            assert!(!active(noon(day)).contains(&SKIPPED), "202512 was never released, {day}");
        }
    }

    #[test]
    fn newest_active_follows_list_and_clock() {
        let newest = |day: &str, refused: &[&str]| {
            let refused: Vec<Version> = refused.iter().map(|text| version(text)).collect();
            newest_active(noon(day), &refused).map(|version| version.to_string())
        };
        assert_eq!(newest("2026-11-26", &[]).as_deref(), Some("202609"));
        assert_eq!(newest("2026-11-26", &["202609"]).as_deref(), Some("202608"));
        assert_eq!(newest("2026-11-26", &["202608"]).as_deref(), Some("202609"));
        assert_eq!(newest("2027-01-15", &["202609", "202608", "202607"]).as_deref(), Some("202606"));
        assert_eq!(newest("2027-08-17", &["202609"]), None);
        assert_eq!(newest("2027-09-15", &[]).as_deref(), Some("202708"), "all are retired: last month's");
        assert_eq!(newest("2028-01-02", &[]).as_deref(), Some("202712"));
        assert_eq!(newest("2027-09-15", &["202708"]), None);
        assert_eq!(newest("1970-01-01", &[]).as_deref(), Some("202609"), "a clock that is off");
    }

    #[test]
    fn old_program_is_outdated() {
        assert!(!is_outdated(noon("2027-07-16")));
        assert!(is_outdated(noon("2027-07-17")));
    }

    #[test]
    fn only_year_and_month_are_a_version() {
        for bad in
            ["", "2026", "202613", "202600", "2026-09", "20260901", "202609.", "202609.1", "v202609", "２０２６０９"]
        {
            assert_eq!(Version::parse(bad), None, "{bad}");
            assert_eq!(Setting::parse(bad), None, "{bad}");
        }
        for good in ["202609", "202510.03"] {
            assert_eq!(version(good).to_string(), good);
            assert_eq!(Setting::parse(good), Some(Setting::Fixed(version(good))));
        }
        assert_eq!(Setting::parse("auto"), Some(Setting::Auto));
    }
}
