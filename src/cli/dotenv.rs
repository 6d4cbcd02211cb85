//! A `.env` file's lines: written for an export, and changed in a file whose other lines stay.

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use super::printer::Printer;
use crate::flows::export::dotenv_line as line;
use crate::profile::write_private;
use crate::{Code, Error, Result};

/// Largest input and file.
const MOST: u64 = 1024 * 1024;

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
    write_private(file, &merged(&read(file)?, &new))?;
    let names: Vec<&str> = new.iter().map(|(name, _)| *name).collect();
    printer.talk(&format!("{} has {}", file.display(), names.join(", ")));
    Ok(ExitCode::SUCCESS)
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn read(file: &Path) -> Result<String> {
    let mut text = String::new();
    match std::fs::File::open(file).and_then(|open| open.take(MOST).read_to_string(&mut text)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::new(
            Code::Files,
            format!("{} could not be read: {}.", file.display(), error.kind()),
            "Check the path and that the file is text.",
        )),
        // A file that was cut short here must not be written back.
        Ok(length) if length as u64 == MOST => {
            Err(Error::new(Code::Files, format!("{} is too large.", file.display()), "Choose another file."))
        }
        _ => Ok(text),
    }
}

/// The old text with each name's line replaced where there is one, else added.
fn merged(old: &str, new: &[(&str, &str)]) -> String {
    let mut left = new.to_vec();
    let mut out = String::new();
    for whole in old.lines() {
        let key = whole.split('=').next().unwrap_or_default().trim();
        let name = key.strip_prefix("export ").unwrap_or(key).trim();
        match new.iter().find(|(known, _)| *known == name && whole.contains('=')) {
            Some((name, value)) => {
                left.retain(|(known, _)| known != name);
                out.push_str(&whole[..whole.len() - whole.trim_start().len()]);
                out.push_str(if key.starts_with("export ") { "export " } else { "" });
                out.push_str(&line(name, value));
            }
            None => out.push_str(whole),
        }
        out.push('\n');
    }
    for (name, value) in left {
        out.push_str(&line(name, value));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_lines_stay_and_own_ones_are_replaced() {
        let old = "# LINKEDIN_ACCESS_TOKEN=no\nA=1\n  export LINKEDIN_ACCESS_TOKEN='old' # x\nB='2'";
        let new = [("LINKEDIN_ACCESS_TOKEN", "t$\"x"), ("LINKEDIN_MEMBER_ID", "id")];
        assert_eq!(
            merged(old, &new),
            "# LINKEDIN_ACCESS_TOKEN=no\nA=1\n  export LINKEDIN_ACCESS_TOKEN=\"t\\$\\\"x\"\nB='2'\nLINKEDIN_MEMBER_ID=\"id\"\n"
        );
        assert_eq!(merged("", &new[1..]), "LINKEDIN_MEMBER_ID=\"id\"\n");
    }
}
