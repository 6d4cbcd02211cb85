//! `deliver --into-dotenv`: `NAME=value` lines put into a `.env` file whose other lines stay.

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use super::printer::Printer;
use crate::flows::dotenv::{self, MOST};
use crate::{Error, Result};

/// Puts the `NAME=value` lines on stdin into the file, which is 0600 afterwards.
pub(super) fn merge(file: &Path, printer: Printer) -> Result<ExitCode> {
    let mut text = String::new();
    std::io::stdin()
        .take(MOST)
        .read_to_string(&mut text)
        .map_err(|error| Error::bad_input(format!("stdin could not be read: {}.", error.kind()), "Pass text."))?;
    let new: Vec<(&str, &str)> =
        text.lines().filter_map(|line| line.split_once('=')).filter(|(name, _)| is_name(name)).collect();
    if new.is_empty() {
        return Err(Error::bad_input("There is no NAME=value line on stdin.", "Use input = \"env\" for the delivery."));
    }
    dotenv::merge(file, &new)?;
    let names: Vec<&str> = new.iter().map(|(name, _)| *name).collect();
    printer.talk(&format!("{} has {}", file.display(), names.join(", ")));
    Ok(ExitCode::SUCCESS)
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
