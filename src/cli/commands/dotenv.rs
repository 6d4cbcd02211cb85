//! `deliver --into-dotenv`: `NAME=value` lines put into a `.env` file whose other bytes stay.

use std::path::Path;
use std::process::ExitCode;

use crate::cli::output::printer::Printer;
use crate::config::environment::MAX_DOTENV_BYTES;
use crate::error::io_reason;
use crate::files;
use crate::flows::dotenv;
use crate::{Error, Result};

/// Puts the `NAME=value` lines on stdin into the file.
pub(crate) fn merge(file: &Path, printer: Printer) -> Result<ExitCode> {
    let text =
        files::read_stream(std::io::stdin().lock(), MAX_DOTENV_BYTES).and_then(files::decode).map_err(|error| {
            Error::bad_input(format!("stdin could not be read: {}.", io_reason(&error)), "Pass NAME=value lines.")
        })?;
    let new: Vec<(&str, &str)> =
        text.lines().filter_map(|line| line.split_once('=')).filter(|(name, _)| is_name(name)).collect();
    if new.is_empty() {
        return Err(Error::bad_input("There is no NAME=value line on stdin.", "Use input = \"env\" for the delivery."));
    }
    warn_if_open(file, dotenv::merge(file, &new)?, printer);
    let names: Vec<&str> = new.iter().map(|(name, _)| *name).collect();
    printer.status(&format!("{} has {}", file.display(), names.join(", ")));
    Ok(ExitCode::SUCCESS)
}

/// Says that other users can read the file, for its mode is left as it is.
pub(crate) fn warn_if_open(file: &Path, mode: Option<u32>, printer: Printer) {
    if let Some(mode) = mode {
        printer.status(&format!(
            "warning: {0} can be read by other users (mode {mode:03o}). To keep it to yourself: chmod 600 {0}",
            file.display()
        ));
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
