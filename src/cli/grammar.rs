//! `completions` and `man`: generated from the arguments.

use clap::CommandFactory;

use super::args::Cli;
use super::printer::Printer;
use crate::{Code, Error, Result};

pub(super) fn completions(shell: clap_complete::Shell, printer: Printer) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "linkedin-tui", &mut script);
    printer.print_line(String::from_utf8_lossy(&script).trim_end())
}

/// Prints the page of the program, then one per command.
pub(super) fn man(printer: Printer) -> Result<()> {
    let failed = |_| Error::new(Code::Unexpected, "The manual page could not be generated.", "Please report this.");
    let mut page = Vec::new();
    let command = Cli::command();
    clap_mangen::Man::new(command.clone()).render(&mut page).map_err(failed)?;
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        let name = format!("linkedin-tui-{}", sub.get_name());
        clap_mangen::Man::new(sub.clone().display_name(&name)).title(name).render(&mut page).map_err(failed)?;
    }
    printer.print_line(String::from_utf8_lossy(&page).trim_end())
}
