//! The command line: one file per command. Only `printer::Printer` prints.

pub(crate) mod args;
mod candidates;
#[expect(clippy::doc_markdown, reason = "help texts are not Markdown")]
mod commands;
mod common_args;
mod completions;
mod duration;
mod man;
mod output;
mod prompt;
mod version;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser};

use args::{Cli, Command};
#[cfg(feature = "mcp")]
use commands::mcp;
use commands::{
    api, apps, check, comment, deliver, doctor, encryption, exec, export, import, login, pages, permissions, post,
    profiles, react, sandbox, scopes, stats, status, token,
};
use output::log;
use output::printer::{self, Printer};

use crate::sandbox::Scenario;
use crate::session::{FlowEvent, Options, Reporter, Session};
use crate::store::ProfileStore;
use crate::{Code, Error, Result};

/// Runs the interface, with or without color, until the user quits.
pub(crate) type Interface = fn(Session, bool) -> Result<()>;

/// Runs the command that the arguments name; without a command, the interface.
pub fn run(arguments: impl IntoIterator<Item = OsString>, interface: Interface) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    match completions::print_candidates(&arguments) {
        Ok(true) => return ExitCode::SUCCESS,
        Ok(false) => {}
        Err(error) => {
            Printer::default().print_error(&error);
            return ExitCode::from(error.code.exit_code());
        }
    }
    let parsed = Cli::try_parse_from(&arguments);
    let printer = match &parsed {
        Ok(Cli { global, .. }) => Printer {
            is_json: global.json,
            is_verbose: global.verbose > 0,
            has_no_color: global.no_color,
            program_command: global.program_command(),
        },
        Err(_) => Printer { is_json: has_json_flag(&arguments), ..Printer::default() },
    };
    let hint = parsed
        .as_ref()
        .err()
        .and_then(|error| command_hint(error, &arguments).or_else(|| dash_hint(error, &arguments)));
    // The commands of clap's tip are spelled similarly, and may do the opposite.
    let parsed = parsed.map_err(|mut error| {
        if hint.is_some() {
            drop(error.remove(ContextKind::SuggestedSubcommand));
        }
        error
    });
    let result = match parsed {
        Ok(cli) => dispatch(cli, printer, interface),
        Err(error) if printer.is_json && error.use_stderr() => Err(usage_error(&error.render().to_string(), hint)),
        Err(error) if error.kind() == clap::error::ErrorKind::DisplayVersion && version::is_verbose(&arguments) => {
            printer.print_line(&version::describe()).map(|()| ExitCode::SUCCESS)
        }
        Err(error) => printer.print_clap_message(&error).map(|()| {
            if let Some(hint) = hint {
                printer.print_status(&format!("\n{hint}"));
            }
            ExitCode::from(u8::from(error.use_stderr()) * Code::BadInput.exit_code())
        }),
    };
    result.unwrap_or_else(|error| {
        printer.print_error(&error);
        ExitCode::from(error.code.exit_code())
    })
}

/// Returns whether arguments that clap rejected contain `--json`: clap stops at the first invalid one.
fn has_json_flag(arguments: &[OsString]) -> bool {
    arguments.iter().skip(1).take_while(|argument| *argument != "--").any(|argument| argument == "--json")
}

/// Returns clap's message as an error: the problem is before the first empty line, with each argument that it concerns
/// on a line of its own; tips follow.
fn usage_error(message: &str, hint: Option<&str>) -> Error {
    let mut lines = message.trim_start_matches("error: ").lines().map(str::trim).take_while(|line| !line.is_empty());
    let (what, arguments) = (lines.next().unwrap_or_default(), lines.collect::<Vec<_>>().join(", "));
    let problem = crate::text::sanitize(&format!("{what} {arguments}"), 300);
    let tips = message.lines().filter_map(|line| line.trim().strip_prefix("tip: "));
    let hints: Vec<String> = match hint {
        Some(hint) => vec![hint.to_owned()],
        None => tips.map(|tip| format!("{}.", crate::text::sanitize(tip, 200))).collect(),
    };
    let usage = ["See --help for the usage of the command.".to_owned()];
    Error::bad_input(problem, hints.into_iter().chain(usage).collect::<Vec<_>>().join(" "))
}

/// Returns what to use instead of a command of other programs that this one does not have.
fn command_hint(error: &clap::Error, arguments: &[OsString]) -> Option<&'static str> {
    let Some(ContextValue::String(command)) = error.get(ContextKind::InvalidSubcommand) else { return None };
    let program = Cli::command();
    let mut before = arguments.iter().skip(1).take_while(|argument| *argument != command.as_str());
    if before.any(|argument| program.find_subcommand(argument).is_some()) {
        // A command has other subcommands.
        return None;
    }
    Some(match command.as_str() {
        "logout" | "signout" => {
            "To revoke a token: linkedin-tui revoke PROFILE. To delete a profile: linkedin-tui profiles delete PROFILE"
        }
        "setup" | "init" => "To set up an app and a profile: linkedin-tui",
        "list" | "ls" => "To list the profiles: linkedin-tui status",
        #[cfg(not(feature = "mcp"))]
        "mcp" => {
            "This build of linkedin-tui has no Model Context Protocol server: install one with the Cargo feature mcp"
        }
        "auth" | "signin" => "To sign in: linkedin-tui login PROFILE",
        _ => return None,
    })
}

/// Returns how to pass a text that begins with a dash, if a rejected argument may be one: clap's tip quotes a part of it,
/// or suggests a flag that is spelled similarly.
fn dash_hint(error: &clap::Error, arguments: &[OsString]) -> Option<&'static str> {
    use clap::error::ErrorKind;
    let mut arguments = arguments.iter().skip(1).map(|argument| argument.to_string_lossy());
    let is_post = arguments.clone().any(|argument| argument == "post");
    let is_comment = arguments.clone().any(|argument| argument == "comment");
    let has_text = arguments.any(|argument| argument.starts_with('-') && argument.contains(char::is_whitespace));
    match error.kind() {
        ErrorKind::UnknownArgument if is_comment => {
            Some("To comment with a text that begins with a dash: linkedin-tui comment URN -- \"- TEXT\"")
        }
        ErrorKind::UnknownArgument if is_post => Some(
            "To post a text that begins with a dash: linkedin-tui post -- \"- TEXT\", or pipe it to linkedin-tui post -. Join the \
             value of a flag to it: --title=\"- VALUE\"",
        ),
        ErrorKind::UnknownArgument | ErrorKind::InvalidValue if has_text => {
            Some("Join a value that begins with a dash to its flag: --FLAG=\"- VALUE\"")
        }
        _ => None,
    }
}

/// Opens the session and runs the command; without a command, the interface.
fn dispatch(cli: Cli, printer: Printer, interface: Interface) -> Result<ExitCode> {
    let global = cli.global;
    log::start(global.verbose > 0, cli.command.is_none());
    if global.scenario.is_some() && !global.sandbox && !matches!(cli.command, Some(Command::Sandbox(_))) {
        return Err(Error::bad_input("--scenario works in the sandbox only.", "Add --sandbox."));
    }
    // Commands that never ask the sandbox would accept any name.
    global.scenario.as_deref().map(Scenario::parse).transpose()?;
    let options = Options {
        is_sandbox: global.sandbox,
        scenario: global.scenario,
        profile: global.profile_flag,
        config_dir: global.config_dir,
        program_command: printer.program_command,
    };
    let session = match cli.command {
        // It reports what it finds before anything is fixed.
        Some(Command::Doctor(_)) => Session::open_unchanged(options, prompt::prompt_passphrase),
        // The interface reports deliveries itself.
        None => Session::open(options, prompt::prompt_passphrase),
        Some(_) => Session::open(options, prompt::prompt_passphrase).map(|session| Session {
            deliveries: deliver::reporting_monitor(printer),
            reporter: Reporter::new(move |event| printer.print_event(&event)),
            store: session
                .store
                .with_wait_observer(move |locked| printer.print_event(&FlowEvent::WaitingForLock(locked.to_owned()))),
            ..session
        }),
    };
    let store = session.as_ref().ok().map(|session| session.store.clone());
    let success = |()| ExitCode::SUCCESS;
    let code = match cli.command {
        None => start_interface(session?, printer, interface).map(success),
        Some(Command::Login(args)) => login::run(&session?, args, printer).map(success),
        Some(Command::Token(args)) => token::run(&session?, &args, printer).map(success),
        Some(Command::Status(args)) => status::run(&session?, &args, printer),
        Some(Command::Profiles(args)) => profiles::run(&session?, args, printer).map(success),
        Some(Command::Apps(args)) => apps::run(&session?, args, printer),
        Some(Command::Check(args)) => check::run(&session?, &args, printer),
        Some(Command::Refresh(args)) => check::refresh(&session?, &args, printer),
        Some(Command::Revoke(args)) => check::revoke(&session?, &args, printer),
        Some(Command::Whoami(args)) => check::whoami(&session?, &args, printer).map(success),
        Some(Command::Permissions(args)) => permissions::run(&session?, &args, printer).map(success),
        Some(Command::Exec(args)) => exec::run(&session?, &args, printer),
        Some(Command::Deliver(args)) => deliver::run(&session?, &args, printer),
        Some(Command::Export(args)) => export::run(&session?, &args, printer),
        Some(Command::Import(args)) => import::run(&session?, &args, printer),
        #[cfg(feature = "mcp")]
        Some(Command::Mcp(args)) => mcp::run(session?, &args, printer).map(success),
        Some(Command::Doctor(args)) => doctor::run(&session?, &args, printer),
        Some(Command::Encryption(args)) => encryption::run(&session?, &args, printer).map(success),
        Some(Command::Post(args)) => post::run(&session?, *args, printer).map(success),
        Some(Command::Comment(args)) => comment::run(&session?, args, printer).map(success),
        Some(Command::React(args)) => react::run(&session?, &args, printer).map(success),
        Some(Command::Pages(args)) => pages::run(&session?, &args, printer).map(success),
        Some(Command::Stats(args)) => stats::run(&session?, &args, printer).map(success),
        Some(Command::Api(args)) => api::run(&session?, &args, printer),
        Some(Command::Scopes) => scopes::run(printer.theme(&session?), printer).map(success),
        Some(Command::Sandbox(args)) => sandbox::run(&session?, &args, printer),
        Some(Command::Completions { shell }) => completions::print_script(shell, printer).map(success),
        Some(Command::Man) => man::run(printer).map(success),
    };
    for failure in store.iter().flat_map(ProfileStore::take_failures) {
        printer.print_status(&format!("warning: {failure}"));
    }
    code
}

fn start_interface(session: Session, printer: Printer, interface: Interface) -> Result<()> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(Error::bad_input(
            "The interface needs a terminal.",
            format!("In scripts, use commands such as login, token and status: {}", printer.command("--help")),
        ));
    }
    if session.env.get("TERM").as_deref() == Some("dumb") {
        let login = printer.command("login");
        return Err(Error::bad_input(
            "The interface needs a terminal that can move its cursor, and TERM is dumb.",
            format!("Sign in with {login}, or set TERM to the type of your terminal."),
        ));
    }
    // The interface occupies the terminal, so the passphrase is prompted for before it starts.
    session.keys.unlock()?;
    session.keys.disable_prompts();
    printer.print_warnings(&session.store);
    let no_color = printer.has_no_color || session.env.get("NO_COLOR").is_some();
    interface(session, no_color)
}
