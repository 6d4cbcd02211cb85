//! A file that holds a token: from a different program, or the token alone.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::linkedin::scopes;
use crate::secret::Secret;
use crate::store::RefreshToken;
use crate::text::{CopiedValue, clean_copied_value};
use crate::{Error, Result};

/// A token of a different program, and its expiry according to the file.
pub(crate) struct TokenFile {
    pub(super) token: Secret,
    expiry: Expiry,
    refresh: Option<(Secret, Expiry)>,
    /// Its scopes, according to the file.
    pub(super) scopes: Vec<String>,
    /// When the token was issued, according to the file.
    pub(super) issued_at: Option<Timestamp>,
    modified_at: Option<Timestamp>,
}

/// When a token expires: at a time, or after a lifetime.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Expiry {
    at: Option<Timestamp>,
    lifetime: Option<SignedDuration>,
}

impl Expiry {
    fn resolve(self, issued_at: Option<Timestamp>) -> Option<Timestamp> {
        self.at.or_else(|| issued_at?.checked_add(self.lifetime?).ok())
    }
}

/// The fields of a JSON file by their names without case and punctuation: libraries spell them differently.
struct Fields {
    values: BTreeMap<String, Value>,
    /// The zone of times without an offset.
    zone: TimeZone,
}

impl Fields {
    const TOKEN: &[&str] = &["accesstoken", "linkedinaccesstoken"];
    const ISSUED: &[&str] = &["createdat", "issuedat", "obtainedat", "savedat", "created", "issued", "iat"];
    const EXPIRY: &[&str] = &[
        "expiresat",
        "accesstokenexpiresat",
        "accessexpiresat",
        "tokenexpiresat",
        "expirydate",
        "expires",
        "expiry",
        "expiration",
        "exp",
        "expiresin",
    ];
    const REFRESH_EXPIRY: &[&str] =
        &["refreshtokenexpiresat", "refreshexpiresat", "refreshtokenexpiresin", "refreshexpiresin"];

    fn new(object: Map<String, Value>, zone: TimeZone) -> Self {
        let normalize =
            |name: String| name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        Self { values: object.into_iter().map(|(name, value)| (normalize(name), value)).collect(), zone }
    }

    fn parse_scopes(&self) -> Vec<String> {
        match ["scope", "scopes"].iter().find_map(|name| self.values.get(*name)) {
            Some(Value::String(text)) => scopes::split(text),
            Some(Value::Array(list)) => {
                scopes::split(&list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "))
            }
            _ => Vec::new(),
        }
    }

    fn find_text(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.values.get(*name)?.as_str()).filter(|text| !text.trim().is_empty())
    }

    fn find_times(&self, names: &'static [&str]) -> impl Iterator<Item = Time> {
        names.iter().filter_map(|name| parse_time(self.values.get(*name)?, &self.zone))
    }

    fn find_timestamp(&self, names: &'static [&str]) -> Option<Timestamp> {
        self.find_times(names).find_map(|time| if let Time::At(at) = time { Some(at) } else { None })
    }

    fn find_expiry(&self, names: &'static [&str]) -> Expiry {
        let lifetime = self
            .find_times(names)
            .find_map(|time| if let Time::After(lifetime) = time { Some(lifetime) } else { None });
        Expiry { at: self.find_timestamp(names), lifetime }
    }
}

enum Time {
    At(Timestamp),
    After(SignedDuration),
}

fn parse_date(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let without_offset = || zone.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    text.parse().ok().or_else(without_offset)
}

/// Parses a time: RFC 3339, a date with or without a time (in `zone`), or a number of seconds or milliseconds since 1970. A
/// number that would be before September 2001 is a duration in seconds.
fn parse_time(value: &Value, zone: &TimeZone) -> Option<Time> {
    const MIN_TIMESTAMP_SECONDS: f64 = 1e9;
    const MIN_TIMESTAMP_MILLISECONDS: f64 = 1e11;
    if let Some(at) = value.as_str().and_then(|text| parse_date(text.trim(), zone)) {
        return Some(Time::At(at));
    }
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|number| number.is_finite())?;
    let seconds = if number >= MIN_TIMESTAMP_MILLISECONDS { number / 1000.0 } else { number };
    let duration = SignedDuration::try_from_secs_f64(seconds.trunc()).ok()?;
    if number < MIN_TIMESTAMP_SECONDS {
        return Some(Time::After(duration));
    }
    Timestamp::UNIX_EPOCH.checked_add(duration).ok().map(Time::At)
}

impl TokenFile {
    /// Parses a token file: JSON with `access_token` or `linkedInAccessToken`, a JSON string, or the token alone.
    /// `modified_at` is when the file was last modified: a lifetime counts from there if the file does not have the
    /// time of issue.
    pub(crate) fn parse(text: &str, modified_at: Option<Timestamp>) -> Result<Self> {
        let token_only = |token: &str| {
            Ok(Self {
                token: parse_token(token)?,
                expiry: Expiry::default(),
                refresh: None,
                scopes: Vec::new(),
                issued_at: None,
                modified_at,
            })
        };
        match serde_json::from_str(text.trim_start_matches('\u{feff}').trim()) {
            Ok(Value::Object(object)) => {
                Self::from_object(object, modified_at, TimeZone::UTC)?.ok_or_else(no_token_error)
            }
            Ok(Value::String(token)) => token_only(&token),
            _ => token_only(text),
        }
    }

    /// Reads the fields of a JSON file, with times without an offset in `zone`; `None` where it has no token.
    pub(super) fn from_object(
        object: Map<String, Value>,
        modified_at: Option<Timestamp>,
        zone: TimeZone,
    ) -> Result<Option<Self>> {
        let fields = Fields::new(object, zone);
        let Some(token) = fields.find_text(Fields::TOKEN) else { return Ok(None) };
        // A refresh token that cannot be one must not lose the access token.
        let refresh = fields.find_text(&["refreshtoken"]).and_then(|text| parse_token(text).ok());
        Ok(Some(Self {
            token: parse_token(token)?,
            expiry: fields.find_expiry(Fields::EXPIRY),
            refresh: refresh.map(|token| (token, fields.find_expiry(Fields::REFRESH_EXPIRY))),
            scopes: fields.parse_scopes(),
            issued_at: fields.find_timestamp(Fields::ISSUED),
            modified_at,
        }))
    }

    /// Returns the latest time at which the token can have been issued, according to its file.
    pub(super) fn find_latest_possible_issue(&self, now: Timestamp) -> Option<Timestamp> {
        // A time in the future comes from a wrong clock.
        self.issued_at.or(self.modified_at).filter(|at| *at <= now)
    }

    /// Returns when the token expires, according to its file.
    pub(super) fn expires_at(&self, issued_at: Option<Timestamp>) -> Option<Timestamp> {
        self.expiry.resolve(issued_at)
    }

    pub(super) fn refresh_token(&self, issued_at: Option<Timestamp>) -> Option<RefreshToken> {
        let (token, expiry) = self.refresh.clone()?;
        Some(RefreshToken::new(token, expiry.resolve(issued_at)))
    }
}

/// Extracts the token from a text, without what is usually copied with it.
fn parse_token(text: &str) -> Result<Secret> {
    let (token, has_several_lines) = clean_copied_value(CopiedValue::Token, text);
    let is_graphic = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    if has_several_lines
        || !is_graphic
        || token.starts_with(['{', '<', '['])
        || matches!(token.as_str(), "null" | "undefined")
    {
        return Err(no_token_error());
    }
    Ok(Secret::new(token))
}

fn no_token_error() -> Error {
    Error::bad_input(
        "No access token was found.",
        "A token file is JSON with access_token or linkedInAccessToken, or the token alone on one line.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_files_have_several_forms() {
        let token = "AQV0123456789abcdefghij";
        for text in [
            format!("{{\"linkedInAccessToken\":\"{token}\"}}"),
            format!("{{\"access_token\":\"{token}\",\"expires_in\":\"5184000\"}}"),
            format!("{{\"access_token\":\"{token}\",\"expires_in\":5183999,\"scope\":\"openid\"}}"),
            format!("\"{token}\""),
            format!("\u{feff}{token}\r\n"),
            format!("Bearer {token}"),
            format!("Authorization: Bearer {token}\n"),
            format!("'{token}'"),
            format!("LINKEDIN_ACCESS_TOKEN=\"{token}\""),
            format!("{{\"accessToken\":\"Bearer {token}\"}}"),
            format!("{{\"access_token\":\"{token}\",\"refresh_token\":\"null\"}}"),
        ] {
            assert!(TokenFile::parse(&text, None).is_ok_and(|file| file.token.matches(token)), "{text}");
        }
        for text in [
            "",
            "null",
            "two words",
            "Bearer",
            "AQV0123\nsecond",
            "{\"token\":\"AQV0123456789abcdefghij\"}",
            "<html>AQV0123456789abcdefghij</html>",
        ] {
            assert!(TokenFile::parse(text, None).is_err(), "{text}");
        }
    }

    #[test]
    fn a_lifetime_counts_from_the_tokens_issue() {
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        let (now, modified) = (time("2026-08-01T00:00:00Z"), time("2026-06-07T00:00:00Z"));
        let expires_at = |fields: &str, modified_at: Option<Timestamp>| {
            let file = TokenFile::parse(&format!("{{\"access_token\":\"AQ\",{fields}}}"), modified_at).unwrap();
            file.expires_at(file.find_latest_possible_issue(now)).map(|at| at.to_string())
        };
        let at = |text: &str| Some(text.to_owned());
        for (fields, expected) in [
            ("\"expires_in\":5184000", at("2026-08-06T00:00:00Z")),
            ("\"expires_in\":\"5184000\"", at("2026-08-06T00:00:00Z")),
            ("\"expiresIn\":5184000.0", at("2026-08-06T00:00:00Z")),
            ("\"expires_in\":5184000,\"created_at\":1780272000", at("2026-07-31T00:00:00Z")),
            ("\"expires_in\":5184000,\"created_at\":\"2026-06-01\"", at("2026-07-31T00:00:00Z")),
            ("\"expires_in\":5184000,\"created_at\":\"2026-06-01 00:00:00\"", at("2026-07-31T00:00:00Z")),
            ("\"expires_in\":5184000,\"issuedAt\":1780272000000", at("2026-07-31T00:00:00Z")),
            ("\"expires_in\":5184000,\"obtained_at\":\"2026-06-01T00:00:00Z\"", at("2026-07-31T00:00:00Z")),
            ("\"expires_at\":1786000000,\"expires_in\":5184000", at("2026-08-06T07:06:40Z")),
            ("\"expires_at\":1786000000.25", at("2026-08-06T07:06:40Z")),
            ("\"expiresAt\":1786000000000", at("2026-08-06T07:06:40Z")),
            ("\"expires_at\":\"2026-08-06T07:06:40Z\"", at("2026-08-06T07:06:40Z")),
            ("\"expires\":\"1786000000\"", at("2026-08-06T07:06:40Z")),
            ("\"expiry_date\":1786000000000", at("2026-08-06T07:06:40Z")),
            ("\"expires\":\"soon\"", None),
            ("\"expires_in\":null", None),
            ("\"expires_in\":1e300", None),
            ("\"scope\":\"openid\"", None),
        ] {
            assert_eq!(expires_at(fields, Some(modified)), expected, "{fields}");
        }
        assert_eq!(expires_at("\"expires_in\":5184000", None), None, "no time of issue");
        assert_eq!(expires_at("\"expires_in\":5184000", Some(time("2027-01-01T00:00:00Z"))), None, "a wrong clock");
    }
}
