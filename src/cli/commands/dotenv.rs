//! `deliver --into-dotenv`: writes `NAME=value` lines into a `.env` file and keeps its other bytes.

use std::path::Path;

use crate::cli::output::printer::Printer;
use crate::cli::prompt;
use crate::config::environment::MAX_DOTENV_BYTES;
use crate::flows::dotenv;
use crate::{Error, Result};

/// Writes the `NAME=value` lines on stdin into the file.
pub(crate) fn merge(file: &Path, printer: Printer) -> Result<()> {
    let text = prompt::read_stdin("stdin", MAX_DOTENV_BYTES, "Pass NAME=value lines.")?;
    let variables: Vec<(&str, &str)> =
        text.lines().filter_map(|line| line.split_once('=')).filter(|(name, _)| is_name(name)).collect();
    if variables.is_empty() {
        return Err(Error::bad_input("stdin has no NAME=value line.", "Use input = \"env\" for the delivery."));
    }
    warn_if_readable_by_others(file, dotenv::merge(file, &variables)?, printer);
    let names: Vec<&str> = variables.iter().map(|(name, _)| *name).collect();
    printer.print_status(&format!("{}: updated {}", file.display(), names.join(", ")));
    Ok(())
}

/// Warns if other users can read the file: its mode is not changed.
pub(crate) fn warn_if_readable_by_others(file: &Path, mode: Option<u32>, printer: Printer) {
    if let Some(mode) = mode {
        printer.print_status(&format!(
            "warning: {0} can be read by other users (mode {mode:03o}). To make it private: chmod 600 {0}",
            file.display()
        ));
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
