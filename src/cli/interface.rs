//! No command: the full-screen interface.

use std::process::ExitCode;

use super::printer::Printer;
use super::session::Session;
use crate::{Error, Result};

pub(super) fn run(_session: Session, _printer: Printer) -> Result<ExitCode> {
    Err(Error::bad_input(
        "The interface needs a terminal.",
        "For scripts: linkedin-tui login, token, status. See --help.",
    ))
}
