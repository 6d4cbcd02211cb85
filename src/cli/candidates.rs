//! The candidates that a shell offers to complete the value of an argument.

use std::ffi::OsStr;

use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use super::prompt;
use crate::linkedin::scopes::CATALOG;
use crate::sandbox::Scenario;
use crate::session::{Options, Session};

const PROGRAM: &str = "linkedin-tui";

pub(super) fn complete_profile_names() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let names = open_session_of_typed_command().and_then(|session| session.store.profile_names().ok());
        filter_candidates(typed, names.iter().flatten().map(|name| (name.as_str(), None)))
    })
}

pub(super) fn complete_app_names() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let names = open_session_of_typed_command().and_then(|session| session.store.app_names().ok());
        filter_candidates(typed, names.iter().flatten().map(|name| (name.as_str(), None)))
    })
}

pub(super) fn complete_scopes() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        filter_candidates(typed, CATALOG.iter().map(|scope| (scope.id, Some(scope.grants))))
    })
}

pub(super) fn complete_scenarios() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        filter_candidates(typed, Scenario::ALL.iter().map(|scenario| (scenario.name(), Some(scenario.description()))))
    })
}

fn filter_candidates<'a>(
    typed: &OsStr,
    values: impl Iterator<Item = (&'a str, Option<&'static str>)>,
) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy();
    values
        .filter(|(value, _)| value.starts_with(typed.as_ref()))
        .map(|(value, help)| CompletionCandidate::new(value).help(help.map(Into::into)))
        .collect()
}

/// Opens the config directory of the command line that is being completed, without changing anything in it.
fn open_session_of_typed_command() -> Option<Session> {
    let mut words = std::env::args().skip_while(|word| word != "--").skip(1);
    let mut options = Options { program_command: PROGRAM, ..Options::default() };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--sandbox" => options.is_sandbox = true,
            "--config-dir" => options.config_dir = words.next().map(Into::into),
            word => {
                let directory = word.strip_prefix("--config-dir=").map(Into::into);
                options.config_dir = directory.or(options.config_dir);
            }
        }
    }
    Session::open_unchanged(options, prompt::prompt_passphrase).ok()
}
