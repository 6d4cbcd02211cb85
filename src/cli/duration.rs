//! Durations on the command line: `7d`, `36h`, `1h 30m`, `45s`, or plain seconds.

use jiff::{SignedDuration, Span, SpanRelativeTo};

/// Parses a duration that is not negative; a day has 24 hours. The error is text for clap.
pub(super) fn parse(text: &str) -> Result<SignedDuration, String> {
    let seconds = text.trim().parse::<i64>().ok().map(SignedDuration::from_secs);
    let span = || text.trim().parse::<Span>().ok()?.to_duration(SpanRelativeTo::days_are_24_hours()).ok();
    seconds
        .or_else(span)
        .filter(|duration| !duration.is_negative())
        .ok_or_else(|| "expected a duration such as 45s, 30m, 12h or 7d".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_many_notations() {
        for (text, seconds) in
            [("7d", 604_800), ("36h", 129_600), ("1h30m", 5400), ("45s", 45), ("90", 90), ("2w", 1_209_600)]
        {
            assert_eq!(parse(text).map(|duration| duration.as_secs()), Ok(seconds), "{text}");
        }
        for text in ["", "soon", "-1d", "1y", "-5"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
