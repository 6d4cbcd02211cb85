//! `sandbox`: serves the imitation of LinkedIn alone.

use std::process::ExitCode;
use std::sync::Arc;

use crate::cli::output::printer::Printer;
use crate::sandbox::{CLIENT_ID, CLIENT_SECRET, Options, Sandbox};
use crate::session::{Session, block_on};
use crate::{Code, Error, Result};

/// `sandbox`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The port; else a free one
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
}

pub(crate) fn run(session: &Session, args: &Args, printer: Printer) -> Result<ExitCode> {
    // Alone or inside the program, it keeps its state in the same folder.
    let folder = if session.options.sandbox { session.root.clone() } else { session.root.join("sandbox") };
    let scenario = session.scenario()?;
    block_on(async {
        let sandbox = Sandbox::start(Options {
            port: args.port,
            folder: Some(folder),
            scenario,
            clock: Arc::clone(&session.clock),
        })
        .await?;
        let base = sandbox.base().as_str().trim_end_matches('/').to_owned();
        // The address is the data; the app's secret is no secret, for the sandbox alone takes it.
        printer.data(&base)?;
        printer.status(&format!("The sandbox is served at {base} (its control page). Ctrl-C ends it."));
        printer.status(&format!("  client ID      {CLIENT_ID}"));
        printer.status(&format!("  client secret  {CLIENT_SECRET}"));
        printer.status("  in config.toml:");
        printer.status(&format!("    [linkedin]\n    www = \"{base}\"\n    api = \"{base}\""));
        std::future::pending::<()>().await;
        Ok(ExitCode::SUCCESS)
    })
    .or_else(|error: Error| {
        // Ctrl-C is how it is meant to end, and needs no words.
        if error.code == Code::Interrupted { Ok(ExitCode::from(error.code.exit_code())) } else { Err(error) }
    })
}
