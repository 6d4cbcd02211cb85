//! Completions: the script of `completions SHELL` makes the shell run the program for the candidates of each word.

use std::ffi::OsStr;

use clap::{CommandFactory, ValueEnum};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::{CompleteEnv, Shells};

use super::args::Cli;
use super::output::printer::Printer;
use super::prompt;
use crate::linkedin::scopes::CATALOGUE;
use crate::sandbox::Scenario;
use crate::session::{Options, Session};
use crate::{Code, Error, Result};

/// The script sets it to the name of the shell.
const VARIABLE: &str = "LINKEDIN_TUI_COMPLETE";
const PROGRAM: &str = "linkedin-tui";

/// Prints the candidates that a shell asks for; returns `false` where no shell does.
pub(super) fn answer_shell(arguments: &[std::ffi::OsString]) -> Result<bool> {
    let working_dir = std::env::current_dir().ok();
    CompleteEnv::with_factory(Cli::command)
        .var(VARIABLE)
        .bin(PROGRAM)
        .completer(PROGRAM)
        .try_complete(arguments, working_dir.as_deref())
        .map_err(|error| Error::bad_input(crate::text::clean(&error.to_string(), 300), ""))
}

/// Prints the script that registers the program with a shell.
pub(super) fn print_script(shell: clap_complete::Shell, printer: Printer) -> Result<()> {
    let failed = || Error::new(Code::Unexpected, "The completions could not be generated.", "Please report this.");
    let name = shell.to_possible_value().ok_or_else(failed)?.get_name().to_owned();
    let shells = Shells::builtins();
    let mut script = Vec::new();
    let completer = shells.completer(&name).ok_or_else(failed)?;
    completer.write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script).map_err(|_| failed())?;
    printer.print_line(String::from_utf8_lossy(&script).trim_end())
}

pub(super) fn profile_names() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let names = session_of_typed_command().and_then(|session| session.store.profile_names().ok());
        candidates(typed, names.iter().flatten().map(|name| (name.as_str(), None)))
    })
}

pub(super) fn app_names() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let names = session_of_typed_command().and_then(|session| session.store.app_names().ok());
        candidates(typed, names.iter().flatten().map(|name| (name.as_str(), None)))
    })
}

pub(super) fn scopes() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        candidates(typed, CATALOGUE.iter().map(|scope| (scope.id, Some(scope.grants))))
    })
}

pub(super) fn scenarios() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        candidates(typed, Scenario::ALL.iter().map(|scenario| (scenario.name(), Some(scenario.description()))))
    })
}

fn candidates<'a>(
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
fn session_of_typed_command() -> Option<Session> {
    let mut words = std::env::args().skip_while(|word| word != "--").skip(1);
    let mut options = Options { program: PROGRAM, ..Options::default() };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--sandbox" => options.sandbox = true,
            "--config-dir" => options.config_dir = words.next().map(Into::into),
            other => {
                let directory = other.strip_prefix("--config-dir=").map(Into::into);
                options.config_dir = directory.or(options.config_dir);
            }
        }
    }
    Session::open_unchanged(options, prompt::prompt_passphrase).ok()
}
