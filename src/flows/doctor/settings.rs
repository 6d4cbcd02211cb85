//! `settings`: `config.toml`, its keys, the hosts, and the API version's age.

use std::path::Path;

use jiff::Timestamp;

use super::check::Check;
use super::redactable::{self, private, redactable};
use crate::clock::format_date;
use crate::config::Settings;
use crate::linkedin::VersionInUse;
use crate::linkedin::versions::{Setting, Stage, Version, active_list, is_outdated};
use crate::text::sanitize;
use crate::{Code, Error, Result};

/// Evaluates `config.toml`: `text` is its content, `parsed` the settings in it, or why it can't be parsed.
pub(super) fn evaluate(
    root: &Path,
    text: Option<&str>,
    parsed: &Result<Settings>,
    last_working_version: Option<Version>,
    is_sandbox: bool,
    now: Timestamp,
) -> Vec<Check> {
    let default = Settings::default();
    let settings = parsed.as_ref().unwrap_or(&default);
    // Hosts and version have checks of their own.
    let timeout = settings.sign_in.check().err();
    vec![
        evaluate_file(root, text, parsed.as_ref().err().or(timeout.as_ref())),
        evaluate_keys(text),
        evaluate_hosts(settings, is_sandbox),
        evaluate_api_version(settings, last_working_version, now),
    ]
}

fn evaluate_file(root: &Path, text: Option<&str>, problem: Option<&Error>) -> Check {
    const ID: &str = "settings.file";
    let file = redactable::file("config.toml");
    match (problem, text) {
        (Some(error), _) => Check::failed_at(ID, error, &root.join("config.toml").to_string_lossy(), &file),
        (None, Some(_)) => Check::ok(ID, file.and(" is valid.")),
        (None, None) => Check::ok(ID, redactable!["There is no ", file, "; every setting has its default."]),
    }
}

fn evaluate_keys(text: Option<&str>) -> Check {
    const ID: &str = "settings.keys";
    let unknown = text.map(Settings::unknown_keys).unwrap_or_default();
    if unknown.is_empty() {
        return Check::ok(ID, "config.toml has no unknown keys.");
    }
    let keys = redactable::list(unknown.iter().map(|key| private(key, "(a key)")));
    Check::warning(
        ID,
        redactable!["Unknown keys: ", keys, "."],
        "Correct their spelling; config.example.toml shows every key.",
    )
}

fn evaluate_hosts(settings: &Settings, is_sandbox: bool) -> Check {
    const ID: &str = "settings.hosts";
    if is_sandbox {
        return Check::ok(ID, "Requests go to the sandbox.");
    }
    match settings.endpoints().map(|endpoints| endpoints.custom_host()) {
        Ok(None) => Check::ok(ID, "Requests go to LinkedIn."),
        Ok(Some(host)) => Check::warning(
            ID,
            redactable![
                "Requests, and the secrets in them, go to ",
                private(&host, "(another host)"),
                ", not to LinkedIn."
            ],
            "If that is not intended, remove linkedin.www and linkedin.api from config.toml.",
        ),
        Err(error) => Check::failed(ID, &error),
    }
}

const API_VERSION: &str = "settings.api_version";

fn evaluate_api_version(settings: &Settings, last_working_version: Option<Version>, now: Timestamp) -> Check {
    let version = match settings.api_version() {
        Ok(Setting::Fixed(version)) => version,
        Ok(Setting::Auto) => return evaluate_automatic_version(last_working_version, now),
        Err(error) => {
            let text = sanitize(&settings.linkedin.api_version, 40);
            return Check::failed_at(API_VERSION, &error, &text, &private(&text, "(another text)"));
        }
    };
    let fix = format!("Set linkedin.api_version in config.toml to \"auto\", or to one of {}.", active_list(now, None));
    match (version.warning(now), version.stage(now)) {
        (None, _) => {
            let sunset = format_date(version.sunset());
            Check::ok(API_VERSION, format!("API version {version} is active until {sunset}."))
        }
        (Some(warning), Stage::Sunset | Stage::NeverReleased) => Check::error(API_VERSION, Code::Refused, warning, fix),
        (Some(warning), _) => Check::warning(API_VERSION, warning, fix),
    }
}

fn evaluate_automatic_version(last_working_version: Option<Version>, now: Timestamp) -> Check {
    let version = VersionInUse::choose(last_working_version, now);
    let sunset = format_date(version.sunset());
    let message = format!("The API version is chosen automatically: {version}, active until {sunset}.");
    if is_outdated(now) {
        return Check::warning(API_VERSION, message, "This program knows no newer version: update linkedin-tui.");
    }
    Check::ok(API_VERSION, message)
}

#[cfg(test)]
mod tests {
    use super::super::check::CheckState;
    use super::*;

    const NOW: &str = "2026-11-26T12:00:00Z";

    fn now() -> Timestamp {
        NOW.parse().unwrap()
    }

    fn with_version(text: &str) -> Settings {
        let mut settings = Settings::default();
        text.clone_into(&mut settings.linkedin.api_version);
        settings
    }

    #[test]
    fn an_api_version_is_checked_by_its_sunset() {
        for (text, day, state, detail) in [
            ("auto", "2026-11-26", CheckState::Ok, "202609, active until Sep 15, 2027"),
            ("auto", "2027-07-16", CheckState::Ok, "202609"),
            ("auto", "2027-07-17", CheckState::Warning, "202609"),
            ("202609", "2026-11-26", CheckState::Ok, "Sep 15, 2027"),
            ("202601", "2026-11-16", CheckState::Warning, "in 60 days"),
            ("202601", "2026-11-15", CheckState::Ok, "Jan 15, 2027"),
            ("202601", "2027-01-14", CheckState::Warning, "in 1 day."),
            ("202511", "2026-11-26", CheckState::Error, "was retired on Nov 16, 2026"),
            ("202401", "2026-11-26", CheckState::Error, "426"),
            ("202512", "2026-11-26", CheckState::Error, "no API version 202512"),
            ("202701", "2026-11-26", CheckState::Warning, "is released about"),
            ("latest", "2026-11-26", CheckState::Error, "latest"),
        ] {
            let now = format!("{day}T12:00:00Z").parse().unwrap();
            let check = evaluate_api_version(&with_version(text), None, now);
            let message = check.message.plain(Path::new("/"), "linkedin-tui");
            assert_eq!(check.state, state, "{text} on {day}: {message}");
            assert!(message.contains(detail), "{message}");
        }
    }

    #[test]
    fn advice_names_active_versions_only() {
        let fix = evaluate_api_version(&with_version("202401"), None, now())
            .fix
            .unwrap()
            .plain(Path::new("/"), "linkedin-tui");
        assert!(fix.contains("\"auto\"") && fix.contains("202601 to 202609") && !fix.contains("202512"), "{fix}");
    }

    #[test]
    fn what_worked_last_is_the_automatic_choice() {
        let found = evaluate_api_version(&Settings::default(), Version::parse("202608"), now());
        assert!(found.message.plain(Path::new("/"), "linkedin-tui").contains("202608, active until Aug 17, 2027"));
    }

    #[test]
    fn damaged_file_wrong_host_and_unknown_key_are_separate() {
        let states = |text: Option<&str>, parsed: Result<Settings>| {
            let found = evaluate(Path::new("/c"), text, &parsed, None, false, now());
            found.iter().map(|check| check.state).collect::<Vec<_>>()
        };
        let (ok, warning, error) = (CheckState::Ok, CheckState::Warning, CheckState::Error);
        assert_eq!(states(None, Ok(Settings::default())), [ok, ok, ok, ok]);
        assert_eq!(states(None, Err(Error::new(Code::FileDamaged, "/c/config.toml x", ""))), [error, ok, ok, ok]);
        let mut settings = with_version("newest");
        assert_eq!(states(Some(""), Ok(settings.clone())), [ok, ok, ok, error]);
        settings.linkedin.www = "ftp://linkedin.example".to_owned();
        assert_eq!(states(Some(""), Ok(settings)), [ok, ok, error, error]);
        let mut settings = Settings::default();
        settings.sign_in.timeout_seconds = 0;
        assert_eq!(states(Some(""), Ok(settings)), [error, ok, ok, ok]);
        assert_eq!(states(Some("[ui]\nthem = \"dark\""), Ok(Settings::default())), [ok, warning, ok, ok]);
    }

    #[test]
    fn a_different_host_is_reported_unless_it_is_the_sandbox() {
        let mut settings = Settings::default();
        assert_eq!(evaluate_hosts(&settings, false).state, CheckState::Ok);
        settings.linkedin.www = "https://linkedin.corp.example".to_owned();
        assert_eq!(evaluate_hosts(&settings, false).state, CheckState::Warning);
        assert_eq!(evaluate_hosts(&settings, true).state, CheckState::Ok);
    }
}
