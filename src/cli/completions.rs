//! Completions: the script of `completions SHELL` makes the shell run the program for the candidates of each word.

use std::ffi::OsString;

use clap::{CommandFactory, ValueEnum};
use clap_complete::env::{CompleteEnv, Shells};

use super::args::Cli;
use super::output::printer::Printer;
use crate::{Code, Error, Result};

/// Environment variable that the script sets to the name of the shell.
const SHELL_VARIABLE: &str = "LINKEDIN_TUI_COMPLETE";
const PROGRAM: &str = "linkedin-tui";

/// Prints the candidates if a shell requests them through the environment; returns whether one did.
pub(super) fn print_candidates(arguments: &[OsString]) -> Result<bool> {
    let working_dir = std::env::current_dir().ok();
    CompleteEnv::with_factory(Cli::command)
        .var(SHELL_VARIABLE)
        .bin(PROGRAM)
        .completer(PROGRAM)
        .try_complete(arguments, working_dir.as_deref())
        .map_err(|error| Error::bad_input(crate::text::sanitize(&error.to_string(), 300), ""))
}

/// Prints the script that registers the program with a shell.
pub(super) fn print_script(shell: clap_complete::Shell, printer: Printer) -> Result<()> {
    let error = || Error::new(Code::Unexpected, "The completions could not be generated.", "Please report this.");
    let name = shell.to_possible_value().ok_or_else(error)?.get_name().to_owned();
    let shells = Shells::builtins();
    let mut script = Vec::new();
    let completer = shells.completer(&name).ok_or_else(error)?;
    completer.write_registration(SHELL_VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script).map_err(|_| error())?;
    printer.print_line(String::from_utf8_lossy(&script).trim_end())
}
