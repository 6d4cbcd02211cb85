//! The full-screen interface.

use crate::flows::session::Session;
use crate::{Error, Result};

/// Runs the interface.
///
/// # Errors
/// `bad_input`: this version has no screens yet.
pub fn run(_session: Session, _no_color: bool) -> Result<()> {
    Err(Error::bad_input(
        "This version has no full-screen interface yet.",
        "Use the commands: linkedin-tui login, token, status ... See linkedin-tui --help.",
    ))
}
