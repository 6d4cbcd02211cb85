//! What the API answers instead of doing it, in words ("Error Handling", "Posts API", and answers
//! that people published). The shape varies: everything but the status may be missing.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::errors::api_error;
use super::http::{Answer, Failure};
use super::posts::{LONGEST, is_urn};
use super::versions;
use crate::text::clean;
use crate::{Code, Error};

/// Why a post was not published, or may not have been.
#[derive(Debug)]
pub enum Refusal {
    /// The same text is live already, under this URN where the answer names it.
    Duplicate(Option<String>),
    /// The app may not use the versioned posts (403 naming `posts.CREATE`); the legacy ones may work.
    NotVersioned(Error),
    /// Two changes met (409): LinkedIn says to try once more.
    Conflict(Error),
    /// Anything else; `maybe_published` among them.
    Other(Error),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotVersioned(error) | Refusal::Conflict(error) | Refusal::Other(error) => error,
            Refusal::Duplicate(_) => {
                Self::new(Code::Refused, "LinkedIn says that this text is live already.", "Change the text.")
            }
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Body {
    code: Option<String>,
    message: Option<String>,
    error_details: Option<Details>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Details {
    input_errors: Vec<InputError>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct InputError {
    code: String,
}

/// The request brought no answer.
pub(super) fn unanswered(failure: Failure) -> Refusal {
    if !failure.maybe_done {
        return Refusal::Other(failure.error);
    }
    Refusal::Other(maybe_published(&failure.error.message))
}

fn maybe_published(why: &str) -> Error {
    Error::new(
        Code::MaybePublished,
        format!("The post was sent, but LinkedIn's answer did not come: {why} It may have been published."),
        "Look at the author's recent posts on LinkedIn before you post again; it is not sent twice by itself.",
    )
}

/// An answer to a post that is no success.
pub(super) fn of_post(answer: &Answer) -> Refusal {
    let body: Body = answer.json().unwrap_or_default();
    let message = body.message.as_deref().unwrap_or_default();
    let duplicate =
        body.error_details.is_some_and(|details| details.input_errors.iter().any(|one| one.code == "DUPLICATE_POST"));
    match answer.status {
        422 if duplicate || message.contains("is a duplicate of") => Refusal::Duplicate(named_urn(message)),
        403 if message.contains("posts.CREATE") => Refusal::NotVersioned(of_api(answer)),
        409 => Refusal::Conflict(of_api(answer)),
        500..=599 => Refusal::Other(maybe_published(&format!("it had a problem of its own ({}).", answer.status))),
        200..=299 => Refusal::Other(match answer.json::<serde_json::Value>() {
            Err(error) if answer.body().trim_ascii_start().starts_with(b"<") => error,
            _ => maybe_published(&format!("the status was {} instead of 201.", answer.status)),
        }),
        _ => Refusal::Other(of_api(answer)),
    }
}

/// The URN in `Content is a duplicate of urn:li:share:7141138937766391808`.
fn named_urn(message: &str) -> Option<String> {
    let word = message.split("duplicate of ").nth(1)?.split_whitespace().next()?;
    let urn = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
    is_urn(urn).then(|| urn.to_owned())
}

/// An answer to an image's upload that is no success: nothing is published yet.
pub(super) fn of_image(answer: &Answer) -> Error {
    let mut error = of_api(answer);
    error.message = format!("The image was not uploaded. {}", error.message);
    error
}

/// Any answer of the API that is no success.
#[must_use]
pub fn of_api(answer: &Answer) -> Error {
    let body: Body = answer.json().unwrap_or_default();
    let message = body.message.unwrap_or_default();
    let made = |code, what: &str, hint: &str| Error::new(code, what, hint).said(&message);
    match (answer.status, body.code.as_deref().unwrap_or_default()) {
        (429, _) => limited(answer.date),
        (426, _) | (_, "NONEXISTENT_VERSION") => sunset(&message, answer.date),
        (400, "VERSION_MISSING") => made(
            Code::Refused,
            "LinkedIn wants to know which version of its API is meant.",
            "The header LinkedIn-Version did not arrive: check any proxy in between, and linkedin.api_version in config.toml.",
        ),
        (400, "FIELD_LENGTH_TOO_LONG") => made(
            Code::Refused,
            &format!("LinkedIn says that the text, or another field, is too long; a post takes {LONGEST} characters."),
            "Shorten it.",
        ),
        (400, "ILLEGAL_ARGUMENT") => made(Code::Refused, "LinkedIn cannot read the request's body.", "Check its JSON."),
        (400, _) => made(Code::Refused, "LinkedIn cannot use the request.", "Check what it says of it."),
        (403, _) if message.contains("/author") => made(
            Code::NotPermitted,
            "LinkedIn does not let this token publish as that author.",
            "As a member: the profile's own URN (linkedin-tui whoami). As a page: you need a role on it that may post, and the scope w_organization_social.",
        ),
        (403, _) if message.contains("posts.CREATE") || message.contains("ugcPosts.CREATE") => made(
            Code::NotPermitted,
            "The token may not publish: it lacks the scope w_member_social (for a page: w_organization_social), or the app lacks the product \"Share on LinkedIn\".",
            "Request the product on the app's Products tab, then sign in again with that scope.",
        ),
        (409, _) => made(Code::Refused, "LinkedIn says that two changes met (409).", "Try again in a moment."),
        (422, _) => unprocessable(&message),
        (404, _) => {
            made(Code::Refused, "LinkedIn knows nothing under that address (404).", "Check the path or the URN.")
        }
        _ => api_error(answer),
    }
}

/// 422 lists all that is wrong with a body, a line each: `ERROR :: /author :: field is required`.
fn unprocessable(message: &str) -> Error {
    let problems: Vec<String> = message
        .lines()
        .filter_map(|line| line.trim().strip_prefix("ERROR :: "))
        .map(|line| clean(&line.replacen(" :: ", ": ", 1), 120))
        .take(10)
        .collect();
    if problems.is_empty() {
        return Error::new(Code::Refused, "LinkedIn cannot use what was sent (422).", "Check what it says of it.")
            .said(message);
    }
    Error::new(
        Code::Refused,
        format!("LinkedIn cannot use what was sent (422): {}.", problems.join("; ")),
        "Correct these fields; if linkedin-tui wrote them, please report it.",
    )
}

/// Daily limits end at 00:00 UTC; LinkedIn says so in its documentation, not in its answers.
fn limited(date: Option<Timestamp>) -> Error {
    let now = date.unwrap_or_else(Timestamp::now);
    let midnight = TimeZone::UTC
        .to_datetime(now)
        .date()
        .tomorrow()
        .ok()
        .and_then(|day| TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok());
    let until = midnight.map_or_else(String::new, |end| {
        let minutes = end.duration_since(now).as_mins();
        format!(": at {}, in {} h {} min", crate::clock::rfc3339(end), minutes / 60, minutes % 60)
    });
    Error::new(
        Code::RateLimited,
        "LinkedIn takes no more calls for now (429): a daily limit of the app or the member is reached.",
        format!("Its daily limits reset at 00:00 UTC{until}."),
    )
}

/// The version is not active.
fn sunset(message: &str, date: Option<Timestamp>) -> Error {
    let now = date.unwrap_or_else(Timestamp::now);
    Error::new(
        Code::Refused,
        "LinkedIn does not serve the version of its API that the request named (426).",
        format!(
            "Active are {}. Set linkedin.api_version in config.toml to \"auto\", or to one of them.",
            versions::active_list(now)
        ),
    )
    .said(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_live_posts_urn_is_found() {
        let message = "com.linkedin.content.common.exception.BadRequestResponseException: Content is a duplicate of urn:li:share:7141138937766391808";
        assert_eq!(named_urn(message).as_deref(), Some("urn:li:share:7141138937766391808"));
        assert_eq!(named_urn(&format!("{message}.")).as_deref(), Some("urn:li:share:7141138937766391808"));
        assert_eq!(named_urn("Content is a duplicate of ../../x"), None);
    }

    #[test]
    fn limits_and_versions_are_told_by_linkedins_clock() {
        let date = Some("2026-11-24T20:43:00Z".parse().unwrap());
        assert!(limited(date).hint.contains("at 2026-11-25T00:00:00Z, in 3 h 17 min"), "{}", limited(date).hint);
        let hint = sunset("Requested version 20250401 is not active", date).hint;
        assert!(hint.contains("202601 to 202609") && hint.contains("linkedin.api_version"), "{hint}");
    }

    #[test]
    fn every_line_of_a_422_is_told() {
        let error = unprocessable(
            "ERROR :: /author :: field is required but not found and has no default value\nERROR :: /foo :: unrecognized field found but not allowed\n",
        );
        assert!(error.message.contains("/author: field is required") && error.message.contains("/foo: unrecognized"));
    }
}
