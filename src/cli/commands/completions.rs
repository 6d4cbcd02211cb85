//! `completions`: generated from the arguments.

use clap::CommandFactory;

use crate::Result;
use crate::cli::args::Cli;
use crate::cli::output::printer::Printer;

pub(crate) fn run(shell: clap_complete::Shell, printer: Printer) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "linkedin-tui", &mut script);
    printer.print_line(String::from_utf8_lossy(&script).trim_end())
}
