//! The command line: one file a command. Only `printer::Printer` prints.

pub mod args;
pub mod commands;
mod duration;
mod grammar;
mod output;
mod prompt;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use commands::{
    api, apps, check, deliver, doctor, encryption, exec, export, import, login, mcp, permissions, post, profiles,
    sandbox, scopes, status, token,
};
use output::log;
use output::printer::{self, Printer};

use crate::session::{Options, Session};
use crate::store::ProfileStore;
use crate::{Code, Error, Result};

/// What the command line asks for.
#[derive(Debug)]
pub enum Asked {
    /// Nothing more: the command ran, or was refused.
    Done(ExitCode),
    /// The full-screen interface.
    Interface {
        /// The run's surroundings.
        session: Box<Session>,
        /// No colour.
        no_color: bool,
    },
}

/// Runs the command that the arguments name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Asked {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let parsed = Cli::try_parse_from(&arguments);
    let printer = Printer { json: parsed.as_ref().map_or_else(|_| was_json_typed(&arguments), |cli| cli.global.json) };
    let ended = match parsed {
        Ok(cli) => dispatch(cli, printer),
        Err(refused) if printer.json && refused.use_stderr() => {
            Err(usage(&refused.render().to_string(), dash_hint(&refused, &arguments)))
        }
        Err(other) => printer.clap(&other).map(|()| {
            if let Some(hint) = dash_hint(&other, &arguments) {
                printer.status(&format!("\n{hint}"));
            }
            Asked::Done(ExitCode::from(u8::from(other.use_stderr()) * Code::BadInput.exit_code()))
        }),
    };
    match ended {
        Ok(asked) => asked,
        Err(error) => Asked::Done(failed(&error, printer)),
    }
}

/// Whether `--json` stands among arguments that clap refused: it stops at the first one that is wrong, so the flag may be behind.
fn was_json_typed(arguments: &[OsString]) -> bool {
    arguments.iter().skip(1).take_while(|word| *word != "--").any(|word| word == "--json")
}

/// A usage error from clap's words: what is wrong stands before the first empty line, and the
/// arguments that it is about each on a line of its own; tips follow.
fn usage(words: &str, hint: Option<&str>) -> Error {
    let mut lines = words.trim_start_matches("error: ").lines().map(str::trim).take_while(|line| !line.is_empty());
    let (what, about) = (lines.next().unwrap_or_default(), lines.collect::<Vec<_>>().join(", "));
    let message = crate::text::clean(&format!("{what} {about}"), 300);
    let tips = words.lines().filter_map(|line| line.trim().strip_prefix("tip: "));
    let hints: Vec<String> = match hint {
        Some(hint) => vec![hint.to_owned()],
        None => tips.map(|tip| format!("{}.", crate::text::clean(tip, 200))).collect(),
    };
    let rest = ["See --help for what the command takes.".to_owned()];
    Error::bad_input(message, hints.into_iter().chain(rest).collect::<Vec<_>>().join(" "))
}

/// How to give a text that begins with a dash, where a refused argument may be one: clap's own tip
/// quotes a piece of it, or takes it for a mistyped flag.
fn dash_hint(refused: &clap::Error, arguments: &[OsString]) -> Option<&'static str> {
    use clap::error::ErrorKind;
    let mut words = arguments.iter().skip(1).map(|word| word.to_string_lossy());
    let is_post = words.clone().any(|word| word == "post");
    let has_text = words.any(|word| word.starts_with('-') && word.contains(char::is_whitespace));
    match refused.kind() {
        ErrorKind::UnknownArgument if is_post => Some(
            "For a text that begins with a dash: linkedin-tui post -- \"- TEXT\", or pipe it to linkedin-tui post -. A flag's value \
             is joined to it: --title=\"- VALUE\"",
        ),
        ErrorKind::UnknownArgument | ErrorKind::InvalidValue if has_text => {
            Some("A value that begins with a dash is joined to its flag: --FLAG=\"- VALUE\"")
        }
        _ => None,
    }
}

/// Tells an error of the interface, after its screen is gone.
#[must_use]
pub fn tell(error: &Error) -> ExitCode {
    failed(error, Printer { json: false })
}

fn failed(error: &Error, printer: Printer) -> ExitCode {
    printer.error(error);
    ExitCode::from(error.code.exit_code())
}

fn dispatch(cli: Cli, printer: Printer) -> Result<Asked> {
    let global = cli.global;
    log::start(global.verbose > 0, cli.command.is_none());
    if global.scenario.is_some() && !global.sandbox && !matches!(cli.command, Some(Command::Sandbox(_))) {
        return Err(Error::bad_input("--scenario is for the sandbox.", "Add --sandbox."));
    }
    let options = Options {
        sandbox: global.sandbox,
        scenario: global.scenario,
        profile: global.profile_flag,
        config_dir: global.config_dir,
    };
    let session = match cli.command {
        // It tells what it finds before anything is mended.
        Some(Command::Doctor(_)) => Session::open_unchanged(options, prompt::passphrase),
        // The interface hears of deliveries in its own way.
        None => Session::open(options, prompt::passphrase),
        Some(_) => Session::open(options, prompt::passphrase).map(|session| Session {
            deliveries: deliver::event_reporter(printer),
            reporter: printer.reporter(),
            ..session
        }),
    };
    let store = session.as_ref().ok().map(|session| session.store.clone());
    let code = match cli.command {
        None => return interface(session?, global.no_color, printer),
        Some(Command::Login(args)) => login::run(&session?, &args, printer),
        Some(Command::Token(args)) => token::run(&session?, &args, printer),
        Some(Command::Status(args)) => status::run(&session?, &args, printer),
        Some(Command::Profiles(args)) => profiles::run(&session?, args, printer),
        Some(Command::Apps(args)) => apps::run(&session?, args, printer),
        Some(Command::Check(args)) => check::run(&session?, &args, printer),
        Some(Command::Refresh(args)) => check::refresh(&session?, &args, printer),
        Some(Command::Revoke(args)) => check::revoke(&session?, &args, printer),
        Some(Command::Whoami(args)) => check::whoami(&session?, &args, printer),
        Some(Command::Permissions(args)) => permissions::run(&session?, &args, printer),
        Some(Command::Exec(args)) => exec::run(&session?, &args, printer),
        Some(Command::Deliver(args)) => deliver::run(&session?, &args, printer),
        Some(Command::Export(args)) => export::run(&session?, &args, printer),
        Some(Command::Import(args)) => import::run(&session?, &args, printer),
        Some(Command::Mcp(args)) => mcp::run(session?, &args, printer),
        Some(Command::Doctor(args)) => doctor::run(&session?, &args, global.no_color, printer),
        Some(Command::Encryption(args)) => encryption::run(&session?, &args, printer),
        Some(Command::Post(args)) => post::run(&session?, args, printer),
        Some(Command::Api(args)) => api::run(&session?, &args, printer),
        Some(Command::Scopes) => scopes::run(printer),
        Some(Command::Sandbox(args)) => sandbox::run(&session?, &args, printer),
        Some(Command::Completions { shell }) => grammar::completions(shell, printer),
        Some(Command::Man) => grammar::man(printer),
    };
    for failure in store.iter().flat_map(ProfileStore::failures) {
        printer.status(&format!("warning: {failure}"));
    }
    code.map(Asked::Done)
}

fn interface(session: Session, no_color: bool, printer: Printer) -> Result<Asked> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(Error::bad_input(
            "The interface needs a terminal.",
            "In scripts use commands: linkedin-tui login, token, status ... See linkedin-tui --help.",
        ));
    }
    // The interface has the terminal to itself, so it is asked now or never.
    session.keys.unlock()?;
    session.keys.disable_prompts();
    printer.warnings(&session.store);
    let no_color = no_color || session.env.get("NO_COLOR").is_some();
    Ok(Asked::Interface { session: Box::new(session), no_color })
}
