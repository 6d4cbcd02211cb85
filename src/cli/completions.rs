//! Completions: the script of `completions SHELL` makes the shell run the program for the candidates of each word.

use std::ffi::OsString;

use clap::{CommandFactory, ValueEnum};
use clap_complete::env::{CompleteEnv, Shells};

use super::args::Cli;
use super::output::printer::Printer;
use crate::{Code, Error, Result};

/// The script sets it to the name of the shell.
const VARIABLE: &str = "LINKEDIN_TUI_COMPLETE";
const PROGRAM: &str = "linkedin-tui";

/// Prints the candidates that a shell asks for; returns `false` if no shell does.
pub(super) fn answer_shell(arguments: &[OsString]) -> Result<bool> {
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
