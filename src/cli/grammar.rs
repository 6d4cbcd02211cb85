//! `man`: generated from the arguments.

use clap::CommandFactory;

use super::args::Cli;
use super::printer::Printer;
use crate::{Code, Error, Result};

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
    printer.data(String::from_utf8_lossy(&page).trim_end())
}
