//! `settings`: `config.toml`, its keys, the hosts, and the API version's age.

use std::path::Path;

use jiff::Timestamp;

use super::check::Check;
use super::words::Words;
use crate::config::Settings;
use crate::linkedin::versions::{Life, Version};
use crate::{Code, Error};

/// Judges `config.toml`: `text` is what stands there, `settings` what is used, `trouble` why the
/// file is not.
pub(super) fn judge(
    root: &Path,
    text: Option<&str>,
    settings: &Settings,
    trouble: Option<&Error>,
    sandbox: bool,
    now: Timestamp,
) -> Vec<Check> {
    let mut found = vec![file(root, text, trouble), keys(text)];
    if trouble.is_none_or(|error| error.code != Code::BadInput) {
        found.push(hosts(settings, sandbox));
    } else if let Some(error) = trouble {
        found.push(Check::failed("settings.hosts", error, "", &Words::default()));
    }
    found.push(api_version(&settings.linkedin.api_version, now));
    found
}

fn file(root: &Path, text: Option<&str>, trouble: Option<&Error>) -> Check {
    const ID: &str = "settings.file";
    match (trouble, text) {
        // A host that cannot be used is told with the hosts.
        (Some(error), _) if error.code != Code::BadInput => {
            let whole = root.join("config.toml");
            Check::failed(ID, error, &whole.to_string_lossy(), &Words::default().file("config.toml"))
        }
        (_, Some(_)) => Check::ok(ID, Words::default().file("config.toml").text(" is read.")),
        (_, None) => {
            Check::ok(ID, Words::from("There is no ").file("config.toml").text("; every setting has its default."))
        }
    }
}

fn keys(text: Option<&str>) -> Check {
    const ID: &str = "settings.keys";
    let unknown = text.map(Settings::unknown_keys).unwrap_or_default();
    if unknown.is_empty() {
        return Check::ok(ID, "Every key in it is known.");
    }
    Check::warning(
        ID,
        Words::from("Keys that mean nothing here: ")
            .list(unknown.iter().map(|key| Words::default().private(key, "(a key)")))
            .text("."),
        "Correct their spelling; config.example.toml shows every key.",
    )
}

fn hosts(settings: &Settings, sandbox: bool) -> Check {
    const ID: &str = "settings.hosts";
    if sandbox {
        return Check::ok(ID, "The sandbox stands for LinkedIn.");
    }
    match settings.endpoints().map(|endpoints| endpoints.foreign_host()) {
        Ok(None) => Check::ok(ID, "Requests go to LinkedIn."),
        Ok(Some(host)) => Check::warning(
            ID,
            Words::from("Requests, secrets in them, go to ")
                .private(&host, "(another host)")
                .text(" and not to LinkedIn."),
            "If that is not meant, take linkedin.www and linkedin.api out of config.toml.",
        ),
        Err(error) => Check::failed(ID, &error, "", &Words::default()),
    }
}

fn api_version(text: &str, now: Timestamp) -> Check {
    const ID: &str = "settings.api_version";
    const MEND: &str = "Set linkedin.api_version in config.toml to a newer one, YYYYMM of one of the last months.";
    let Some(version) = Version::parse(text) else {
        return Check::error(
            ID,
            Code::BadInput,
            Words::from("linkedin.api_version is no version of LinkedIn's API: ").private(text, "(another text)"),
            "Write year and month, YYYYMM, in config.toml.",
        );
    };
    let ends = version.ends();
    match version.life(now) {
        Life::Serving => Check::ok(ID, format!("API version {text} is served until about {ends}.")),
        Life::Ending => Check::warning(
            ID,
            format!("API version {text} ends about {ends}, in {} days.", version.days_left(now)),
            MEND,
        ),
        Life::Ended => Check::error(
            ID,
            Code::Refused,
            format!(
                "API version {text} ended about {ends}: LinkedIn answers 426 to posts and other versioned requests."
            ),
            MEND,
        ),
        Life::Future => Check::warning(
            ID,
            format!("API version {text} is of a month to come: LinkedIn may answer 426."),
            "Set linkedin.api_version in config.toml to one of the last months, YYYYMM.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::State;
    use super::*;

    const NOW: &str = "2026-11-24T12:00:00Z";

    fn now() -> Timestamp {
        NOW.parse().unwrap()
    }

    #[test]
    fn an_api_version_is_judged_by_its_age() {
        for (text, state) in [
            ("202609", State::Ok),
            ("202601", State::Warning),
            ("202511", State::Error),
            ("202701", State::Warning),
            ("latest", State::Error),
        ] {
            assert_eq!(api_version(text, now()).state, state, "{text}");
        }
        let told = api_version("202401", now()).message.plain(Path::new("/"));
        assert!(told.contains("426") && told.contains("2025-01-15"), "{told}");
    }

    #[test]
    fn a_damaged_file_a_wrong_host_and_a_misspelt_key_are_told_apart() {
        let states = |text: Option<&str>, trouble: Option<Error>| {
            let found = judge(Path::new("/c"), text, &Settings::default(), trouble.as_ref(), false, now());
            found.iter().map(|check| check.state).collect::<Vec<_>>()
        };
        let (ok, warning, error) = (State::Ok, State::Warning, State::Error);
        assert_eq!(states(None, None), [ok, ok, ok, ok]);
        assert_eq!(states(None, Some(Error::new(Code::FileDamaged, "/c/config.toml x", ""))), [error, ok, ok, ok]);
        assert_eq!(states(Some(""), Some(Error::bad_input("x", "y"))), [ok, ok, error, ok]);
        assert_eq!(states(Some("[ui]\nthem = \"dark\""), None), [ok, warning, ok, ok]);
    }

    #[test]
    fn another_host_is_told_unless_it_is_the_sandbox() {
        let mut settings = Settings::default();
        assert_eq!(hosts(&settings, false).state, State::Ok);
        settings.linkedin.www = "https://linkedin.corp.example".to_owned();
        assert_eq!(hosts(&settings, false).state, State::Warning);
        assert_eq!(hosts(&settings, true).state, State::Ok);
    }
}
