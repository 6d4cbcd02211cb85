//! A calendar (RFC 5545) of the days on which tokens expire.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::store::Profile;

/// How many days before the expiry the alarms are.
const ALARM_DAYS: [i64; 2] = [7, 2];
/// The longest line in bytes, without its line break (section 3.1).
const MAX_LINE_BYTES: usize = 75;

/// Returns one event per token, with alarms a week and two days before it expires. The last line feed is left
/// out, because the caller adds it.
pub(crate) fn calendar<'a>(profiles: impl Iterator<Item = &'a Profile>) -> String {
    let mut lines = Lines::default();
    lines.add_property("BEGIN", "VCALENDAR");
    lines.add_property("VERSION", "2.0");
    lines.add_property("PRODID", "-//linkedin-tui//LinkedIn tokens//EN");
    lines.add_property("NAME", "LinkedIn tokens");
    for profile in profiles {
        let Some(token) = &profile.token else { continue };
        let Some(expires_at) = token.expires_at else { continue };
        let name = profile.name.as_str();
        // The same token is the same event: a second import changes nothing.
        let id = format!("{name}-{}", expires_at.as_second());
        lines.add_property("BEGIN", "VEVENT");
        lines.add_property("UID", &format!("{id}@linkedin-tui"));
        lines.add_property("DTSTAMP", &format_date_time(token.issued_at));
        // Without an end the event has no duration; an end at the same moment would not be valid.
        lines.add_property("DTSTART", &format_date_time(expires_at));
        lines.add_property("SUMMARY", &escape_text(&format!("LinkedIn token of {name} expires")));
        lines.add_property("DESCRIPTION", &escape_text(&format!("linkedin-tui login {name}")));
        for days in ALARM_DAYS {
            lines.add_property("BEGIN", "VALARM");
            lines.add_property("UID", &format!("{id}-{days}@linkedin-tui"));
            lines.add_property("ACTION", "DISPLAY");
            lines.add_property("TRIGGER", &format!("-PT{}S", days * 24 * 60 * 60));
            lines
                .add_property("DESCRIPTION", &escape_text(&format!("LinkedIn token of {name} expires in {days} days")));
            lines.add_property("END", "VALARM");
        }
        lines.add_property("END", "VEVENT");
    }
    lines.add_property("END", "VCALENDAR");
    lines.text.trim_end_matches('\n').to_owned()
}

#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    /// Adds a property, folded if it is too long: a line break and a space continue it.
    fn add_property(&mut self, name: &str, value: &str) {
        let mut width = 0;
        for c in format!("{name}:{value}").chars() {
            if width + c.len_utf8() > MAX_LINE_BYTES {
                self.text.push_str("\r\n ");
                width = 1;
            }
            self.text.push(c);
            width += c.len_utf8();
        }
        self.text.push_str("\r\n");
    }
}

fn format_date_time(at: Timestamp) -> String {
    TimeZone::UTC.to_datetime(at).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Escapes a value of type TEXT (section 3.3.11).
fn escape_text(value: &str) -> String {
    value.chars().fold(String::new(), |mut out, c| {
        // Writing to a string cannot fail.
        let _ = match c {
            '\\' | ';' | ',' => write!(out, "\\{c}"),
            '\n' => write!(out, "\\n"),
            c => write!(out, "{c}"),
        };
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_and_text_is_escaped() {
        let mut lines = Lines::default();
        lines.add_property("SUMMARY", &escape_text(&"é;".repeat(60)));
        assert!(lines.text.split("\r\n").all(|line| line.len() <= MAX_LINE_BYTES), "{}", lines.text);
        assert_eq!(lines.text.replace("\r\n ", "").trim_end(), format!("SUMMARY:{}", "é\\;".repeat(60)));
    }

    #[test]
    fn times_are_utc() {
        assert_eq!(format_date_time("2027-01-25T09:05:07Z".parse().unwrap()), "20270125T090507Z");
    }
}
