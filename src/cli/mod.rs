//! The command line: one file a command. Only [`printer::Printer`] prints.

mod apps;
pub mod args;
mod check;
mod duration;
mod grammar;
mod interface;
mod json;
mod login;
mod login_talk;
mod printer;
mod profiles;
mod prompt;
mod sandbox;
mod scopes;
mod session;
mod status;
mod token;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use printer::Printer;
use session::Session;

use crate::{Code, Error, Result};

/// Runs the command line and gives the process's exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let printer =
        Printer { json: arguments.iter().skip(1).take_while(|word| *word != "--").any(|word| word == "--json") };
    let ended = match Cli::try_parse_from(&arguments) {
        Ok(cli) => dispatch(cli, printer),
        Err(refused) if printer.json && refused.use_stderr() => {
            let text = refused.render().to_string();
            let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
            Err(Error::bad_input(crate::text::clean(first, 300), "See --help for what the command takes."))
        }
        Err(other) => {
            // Help, version, or a usage error in clap's own words; stdout or stderr as it should.
            drop(other.print());
            return ExitCode::from(u8::from(other.use_stderr()) * Code::BadInput.exit_code());
        }
    };
    match ended {
        Ok(code) => code,
        Err(error) => {
            printer.error(&error);
            ExitCode::from(error.code.exit_code())
        }
    }
}

fn dispatch(cli: Cli, printer: Printer) -> Result<ExitCode> {
    let open = || Session::open(cli.global.clone());
    match cli.command {
        None => interface::run(open()?, printer),
        Some(Command::Login(args)) => login::run(&open()?, args, printer),
        Some(Command::Token(args)) => token::run(&open()?, &args, printer),
        Some(Command::Status(args)) => status::run(&open()?, &args, printer),
        Some(Command::Profiles(args)) => profiles::run(&open()?, args, printer),
        Some(Command::Apps(args)) => apps::run(&open()?, args, printer),
        Some(Command::Check(args)) => check::run(&open()?, &args, printer),
        Some(Command::Refresh(args)) => check::refresh(&open()?, &args, printer),
        Some(Command::Revoke(args)) => check::revoke(&open()?, &args, printer),
        Some(Command::Whoami(args)) => check::whoami(&open()?, &args, printer),
        Some(Command::Scopes(args)) => scopes::run(args, printer),
        Some(Command::Sandbox(args)) => sandbox::run(&open()?, &args, printer),
        Some(Command::Completions { shell }) => grammar::completions(shell, printer),
        Some(Command::Man) => grammar::man(printer),
    }
}
