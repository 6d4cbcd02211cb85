//! `exec`: replaces this process by a command with the token in its environment, so that signals,
//! terminal and exit code are the command's own. On Windows it waits for the command.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use jiff::SignedDuration;

use crate::cli::commands::token;
use crate::cli::output::printer::{Printer, expose_on_request};
use crate::flows::token_formats::{TOKEN_VARIABLES, token_variables};
use crate::session::Session;
use crate::text::sanitize;
use crate::{Error, Result};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Profile name [default: the current profile]
    #[arg(add = crate::cli::candidates::complete_profile_names())]
    pub(crate) profile: Option<String>,
    /// Command to run with LINKEDIN_ACCESS_TOKEN, LINKEDIN_MEMBER_ID and LINKEDIN_MEMBER_URN
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<std::ffi::OsString>,
}

/// Variables that the command does not inherit.
const PRIVATE_VARIABLES: &[&str] = &["LINKEDIN_CLIENT_SECRET", "LINKEDIN_TUI_PASSPHRASE_FILE"];

pub(crate) fn run(session: &Session, args: &Args, printer: Printer) -> Result<ExitCode> {
    let profile = token::load_valid_profile(session, args.profile.as_deref(), SignedDuration::ZERO, printer)?;
    printer.print_warnings(&session.store);
    let (program, arguments) =
        args.command.split_first().ok_or_else(|| Error::bad_input("The command is missing.", ""))?;
    let mut command = Command::new(crate::host::resolve_program(program));
    command.args(arguments);
    for name in PRIVATE_VARIABLES {
        command.env_remove(name);
    }
    for name in TOKEN_VARIABLES {
        command.env_remove(name);
    }
    for (name, value) in token_variables(&profile) {
        command.env(name, expose_on_request(&value));
    }
    replace_process(command, program)
}

fn start_error(program: &OsString, error: &std::io::Error) -> Error {
    Error::bad_input(
        format!(
            "{} could not be started: {}.",
            sanitize(&program.to_string_lossy(), 100),
            crate::error::io_reason(error)
        ),
        "Check its name and PATH. Usage: linkedin-tui exec [PROFILE] -- COMMAND...",
    )
    .with_io_source(error)
}

#[cfg(unix)]
fn replace_process(mut command: Command, program: &OsString) -> Result<ExitCode> {
    // Returns only on failure.
    let error = std::os::unix::process::CommandExt::exec(&mut command);
    Err(start_error(program, &error))
}

/// Windows cannot replace a process, so this one waits for the command, and ends with its exit code.
#[cfg(windows)]
#[expect(clippy::exit, reason = "an ExitCode has one byte, and a code of Windows has four")]
fn replace_process(mut command: Command, program: &OsString) -> Result<ExitCode> {
    // Ctrl-C reaches both: the command decides what it does, and the shell must not return before it.
    let _listeners = (tokio::signal::windows::ctrl_c(), tokio::signal::windows::ctrl_break());
    let status = command.status().map_err(|error| start_error(program, &error))?;
    std::process::exit(status.code().unwrap_or(1))
}
