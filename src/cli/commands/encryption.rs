//! `encryption`: shows or changes how tokens and client secrets are stored.

use clap::ValueEnum;
use serde::Serialize;

use crate::Result;
use crate::cli::output::printer::Printer;
use crate::flows::encryption::{EncryptionOutcome, change_encryption};
use crate::session::Session;
use crate::store::{Encryption, KeyProvider, StoreScan};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// How to store secrets [default: show the current setting]
    #[arg(value_enum, value_name = "off|keyring|passphrase")]
    pub(crate) storage: Option<Storage>,
}

/// How to store tokens and client secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Storage {
    /// Plain text
    Off,
    /// Encrypted; the key is in the system's keyring
    Keyring,
    /// Encrypted; the key is encrypted with a passphrase
    Passphrase,
}

pub(crate) fn run(session: &Session, args: &Args, printer: Printer) -> Result<()> {
    match args.storage {
        None => show(session, printer),
        Some(Storage::Off) => change(session, Encryption::Off, printer),
        Some(Storage::Keyring) => change(session, Encryption::Keyring, printer),
        Some(Storage::Passphrase) => change(session, Encryption::Passphrase, printer),
    }
}

#[derive(Serialize)]
struct Setting<'a> {
    encryption: &'static str,
    differing_files: &'a [&'a str],
}

#[derive(Serialize)]
struct Change {
    encryption: &'static str,
    files: usize,
    changed: usize,
    #[serde(rename = "old_key_left")]
    is_old_key_left: bool,
}

/// Prints how new secrets are stored, and which files differ. Needs no key.
fn show(session: &Session, printer: Printer) -> Result<()> {
    let preferred = session.keys.preferred_encryption()?;
    let scan = StoreScan::scan(&session.config_directory);
    let differing: Vec<&str> = scan.files_not_stored_as(preferred).collect();
    if printer.is_json {
        printer.print_json(&Setting { encryption: preferred.as_str(), differing_files: &differing })?;
    } else {
        printer.print_line(&format!("{}: {}", preferred.as_str(), describe(preferred)))?;
    }
    if !differing.is_empty() {
        let command = printer.command(format_args!("encryption {}", preferred.as_str()));
        printer.print_status(&format!("warning: stored differently: {}. To fix it: {command}", differing.join(", ")));
    }
    Ok(())
}

fn change(session: &Session, encryption: Encryption, printer: Printer) -> Result<()> {
    let changed = change_encryption(&session.config_directory, &session.store, &session.keys, encryption)?;
    printer.print_warnings(&session.store);
    for warning in session.store.misnamed_files()? {
        printer.print_status(&format!("warning: {warning} It was not changed."));
    }
    let EncryptionOutcome { files, old_key_left } = changed;
    if let Some(error) = &old_key_left {
        printer.print_status(&format!("warning: the old key, which is no longer used, could not be deleted: {error}"));
    }
    if printer.is_json {
        printer.print_json(&Change {
            encryption: encryption.as_str(),
            files: files.files,
            changed: files.changed,
            is_old_key_left: old_key_left.is_some(),
        })?;
    }
    let rewritten = describe_rewritten(files.changed, files.files);
    printer.print_status(&format!("{} {rewritten}", describe(encryption)));
    Ok(())
}

fn describe_rewritten(changed: usize, files: usize) -> String {
    format!("Rewrote {changed} of {files} {}.", if files == 1 { "file" } else { "files" })
}

const fn describe(encryption: Encryption) -> &'static str {
    match encryption {
        Encryption::Off if cfg!(windows) => "Tokens and secrets are plain text in files in your config directory.",
        Encryption::Off => "Tokens and secrets are plain text in files that only you can read.",
        Encryption::Keyring => "Tokens and secrets are encrypted; the encryption key is in the system's keyring.",
        Encryption::Passphrase => {
            "Tokens and secrets are encrypted. The encryption key is encrypted with your passphrase, which cannot be recovered."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_of_files_agrees() {
        assert_eq!(describe_rewritten(1, 1), "Rewrote 1 of 1 file.");
        assert_eq!(describe_rewritten(1, 2), "Rewrote 1 of 2 files.");
        assert_eq!(describe_rewritten(0, 0), "Rewrote 0 of 0 files.");
    }
}
