//! The versions of LinkedIn's API (`LinkedIn-Version`). Rules from "LinkedIn Marketing API
//! Versioning" and its migrations page (learn.microsoft.com/linkedin/marketing): one a month,
//! each supported for at least twelve months, dead in the middle of that month one year later.
//! A dead one is answered with 426 and `NONEXISTENT_VERSION`.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The day of the month about which versions end. Those listed ended on the 15th to the 17th.
const END_DAY: i8 = 15;

/// From how many days before its end a version should be left.
pub const WARN_DAYS: i64 = 60;

/// A version, `YYYYMM` with or without a revision (`.RR`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    first: Date,
}

/// Where a version stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// Its month is still to come.
    Future,
    /// It serves, with more than [`WARN_DAYS`] left.
    Serving,
    /// It serves, and ends within [`WARN_DAYS`].
    Ending,
    /// LinkedIn no longer serves it.
    Ended,
}

impl Version {
    /// Reads `YYYYMM` or `YYYYMM.RR`; `None` where it is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (month, revision) = text.split_once('.').map_or((text, None), |(month, revision)| (month, Some(revision)));
        let digits = |part: &str, many: usize| part.len() == many && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(month, 6) || !revision.is_none_or(|revision| digits(revision, 2)) {
            return None;
        }
        let (year, month) = month.split_at_checked(4)?;
        let first = Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
        Some(Self { first })
    }

    /// About when LinkedIn stops to serve it: the 15th, twelve months after.
    #[must_use]
    pub fn ends(self) -> Date {
        Date::new(self.first.year().saturating_add(1), self.first.month(), END_DAY).unwrap_or(Date::MAX)
    }

    /// Days until its end; negative when it has passed.
    #[must_use]
    pub fn days_left(self, now: Timestamp) -> i64 {
        let today = TimeZone::UTC.to_datetime(now).date();
        self.ends().duration_since(today).as_hours() / 24
    }

    /// Where it stands at `now`.
    #[must_use]
    pub fn life(self, now: Timestamp) -> Life {
        if self.first > TimeZone::UTC.to_datetime(now).date() {
            return Life::Future;
        }
        match self.days_left(now) {
            ..=0 => Life::Ended,
            days if days <= WARN_DAYS => Life::Ending,
            _ => Life::Serving,
        }
    }
}

/// The active versions in words, for a hint.
#[must_use]
pub fn active_list(_now: Timestamp) -> String {
    "202601 to 202609".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn life(version: &str, day: &str) -> Life {
        Version::parse(version).unwrap().life(format!("{day}T12:00:00Z").parse().unwrap())
    }

    #[test]
    fn a_version_ends_in_the_middle_of_its_month_a_year_later() {
        assert_eq!(Version::parse("202609").unwrap().ends().to_string(), "2027-09-15");
        assert_eq!(Version::parse("202512.02").unwrap().ends().to_string(), "2026-12-15");
        assert_eq!(life("202609", "2026-11-24"), Life::Serving);
        assert_eq!(life("202609", "2027-07-16"), Life::Serving);
        assert_eq!(life("202609", "2027-07-17"), Life::Ending);
        assert_eq!(life("202609", "2027-09-14"), Life::Ending);
        assert_eq!(life("202609", "2027-09-15"), Life::Ended);
        assert_eq!(life("202609", "2026-08-31"), Life::Future);
        assert_eq!(life("202609", "2026-09-01"), Life::Serving);
    }

    #[test]
    fn only_year_and_month_are_a_version() {
        for bad in
            ["", "2026", "202613", "202600", "2026-09", "20260901", "202609.", "202609.1", "v202609", "２０２６０９"]
        {
            assert_eq!(Version::parse(bad), None, "{bad}");
        }
    }
}
