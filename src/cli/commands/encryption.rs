//! `encryption`: shows or changes how tokens and client secrets are stored.

use std::process::ExitCode;

use clap::ValueEnum;
use serde_json::json;

use crate::Result;
use crate::cli::output::printer::Printer;
use crate::flows::encryption::{EncryptionChanged, change_encryption};
use crate::session::Session;
use crate::store::{Encryption, KeyProvider, Survey};

/// `encryption`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// How to store them from now on; without it, print how they are stored
    #[arg(value_enum, value_name = "off|keyring|passphrase")]
    pub wanted: Option<Wanted>,
}

/// How to store tokens and client secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Wanted {
    /// Plain text, in files that only you can read
    Off,
    /// Encrypted; the system's keyring has the key
    Keyring,
    /// Encrypted; a passphrase opens the key
    Passphrase,
}

pub(crate) fn run(session: &Session, args: &Args, printer: Printer) -> Result<ExitCode> {
    match args.wanted {
        None => show(session, printer),
        Some(Wanted::Off) => change(session, Encryption::Off, printer),
        Some(Wanted::Keyring) => change(session, Encryption::Keyring, printer),
        Some(Wanted::Passphrase) => change(session, Encryption::Passphrase, printer),
    }
}

/// Prints how new secrets are stored, and which files still differ. Needs no key.
fn show(session: &Session, printer: Printer) -> Result<ExitCode> {
    let stored = session.keys.preferred_encryption()?;
    let survey = Survey::scan(&session.root);
    let differing: Vec<&str> = survey.not_encrypted_as(stored).collect();
    if printer.json {
        printer.value(&json!({"encryption": stored.as_str(), "differing_files": differing}))?;
    } else {
        printer.data(&format!("{}: {}", stored.as_str(), description(stored)))?;
    }
    if !differing.is_empty() {
        let command = format!("linkedin-tui encryption {}", stored.as_str());
        printer.status(&format!("warning: stored in another way: {}. To fix it: {command}", differing.join(", ")));
    }
    Ok(ExitCode::SUCCESS)
}

fn change(session: &Session, wanted: Encryption, printer: Printer) -> Result<ExitCode> {
    let done = change_encryption(&session.root, &session.store, &session.keys, wanted)?;
    printer.warnings(&session.store);
    for oddity in session.store.misnamed_files()? {
        printer.status(&format!("warning: {oddity} It was left as it is."));
    }
    let EncryptionChanged { files, old_key_left } = done;
    if let Some(error) = &old_key_left {
        printer.status(&format!("warning: the old key, which opens nothing any more, is still there: {error}"));
    }
    if printer.json {
        printer.value(&json!({
            "encryption": wanted.as_str(),
            "files": files.files,
            "changed": files.changed,
            "old_key_left": old_key_left.is_some(),
        }))?;
    }
    printer.status(&format!("{} {} of {} files were rewritten.", description(wanted), files.changed, files.files));
    Ok(ExitCode::SUCCESS)
}

const fn description(encryption: Encryption) -> &'static str {
    match encryption {
        Encryption::Off => "Tokens and secrets are plain text in files that only you can read.",
        Encryption::Keyring => "Tokens and secrets are encrypted; the system's keyring has the encryption key.",
        Encryption::Passphrase => {
            "Tokens and secrets are encrypted; your passphrase opens the encryption key. Nobody can restore it for you."
        }
    }
}
