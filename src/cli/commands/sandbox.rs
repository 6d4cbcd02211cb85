//! `sandbox`: runs the simulator of LinkedIn as a server.

use std::process::ExitCode;
use std::sync::Arc;

use serde::Serialize;

use crate::cli::output::printer::Printer;
use crate::cli::output::theme::Cell;
use crate::sandbox::{CLIENT_ID, CLIENT_SECRET, Options, Sandbox, Scenario};
use crate::session::{Session, block_on};
use crate::{Code, Error, Result};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Port [default: a free one]
    #[arg(long, value_name = "N")]
    pub(crate) port: Option<u16>,
    /// List the scenarios for --scenario
    #[arg(long, conflicts_with = "port")]
    pub(crate) list_scenarios: bool,
}

#[derive(Serialize)]
struct ScenarioRow {
    name: &'static str,
    description: &'static str,
}

fn list_scenarios(session: &Session, printer: Printer) -> Result<ExitCode> {
    if printer.is_json {
        let row = |scenario: &Scenario| ScenarioRow { name: scenario.name(), description: scenario.description() };
        printer.print_json(&Scenario::ALL.iter().map(row).collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    let theme = printer.theme(session);
    if theme.is_terminal {
        let row = |scenario: &Scenario| vec![scenario.name().into(), Cell::from(scenario.description()).wrapped()];
        let rows = Scenario::ALL.iter().map(row).collect();
        return printer.print_table(theme, &["SCENARIO", "DESCRIPTION"], &[1], rows).map(|()| ExitCode::SUCCESS);
    }
    for scenario in Scenario::ALL {
        printer.print_line(&format!("{:24} {}", scenario.name(), scenario.description()))?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn run(session: &Session, args: &Args, printer: Printer) -> Result<ExitCode> {
    if args.list_scenarios {
        return list_scenarios(session, printer);
    }
    // The state is the same as with --sandbox.
    let directory = if session.options.is_sandbox {
        session.config_directory.clone()
    } else {
        session.config_directory.join("sandbox")
    };
    let scenario = session.scenario()?;
    block_on(async {
        let sandbox = Sandbox::start(Options {
            port: args.port,
            directory: Some(directory),
            scenario,
            clock: Arc::clone(&session.clock),
        })
        .await?;
        let base = sandbox.base().as_str().trim_end_matches('/').to_owned();
        // The client secret is public: only the sandbox accepts it.
        printer.print_line(&base)?;
        printer.print_status(&format!("The sandbox runs at {base} (control page). Press Ctrl-C to stop it."));
        printer.print_status(&format!("  client ID      {CLIENT_ID}"));
        printer.print_status(&format!("  client secret  {CLIENT_SECRET}"));
        printer.print_status("  in config.toml:");
        printer.print_status(&format!("    [linkedin]\n    www = \"{base}\"\n    api = \"{base}\""));
        std::future::pending::<()>().await;
        Ok(ExitCode::SUCCESS)
    })
    .or_else(|error: Error| {
        // Ctrl-C is how the user stops it, not an error.
        if error.code == Code::Interrupted { Ok(ExitCode::from(error.code.exit_code())) } else { Err(error) }
    })
}
