//! `protect`: how tokens and client secrets are kept on the disk.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::printer::Printer;
use crate::Result;
use crate::flows::protect::{Protected, protect};
use crate::flows::session::Session;
use crate::profile::Protection;

/// `protect`
#[derive(Args, Debug)]
pub struct Protect {
    /// How
    #[arg(value_enum)]
    pub how: How,
}

/// Ways to keep secrets
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum How {
    /// Plain, in files that only you can read
    File,
    /// Sealed; the system's keyring has the key
    Keyring,
    /// Sealed; a passphrase opens the key
    Passphrase,
}

pub(super) fn run(session: &Session, args: &Protect, printer: Printer) -> Result<ExitCode> {
    let wanted = match args.how {
        How::File => Protection::File,
        How::Keyring => Protection::Keyring,
        How::Passphrase => Protection::Passphrase,
    };
    let done = protect(&session.root, &session.store, &session.keys, wanted)?;
    printer.warnings(&session.store);
    for oddity in session.store.oddities()? {
        printer.talk(&format!("warning: {oddity} It was left as it is."));
    }
    let Protected { files, old_key_left } = done;
    if let Some(error) = &old_key_left {
        printer.talk(&format!("warning: the old key, which opens nothing any more, is still there: {error}"));
    }
    if printer.json {
        printer.value(&json!({
            "protection": wanted.as_str(),
            "files": files.files,
            "changed": files.changed,
            "old_key_left": old_key_left.is_some(),
        }))?;
    }
    printer.talk(&format!("{} {} of {} files were rewritten.", said(wanted), files.changed, files.files));
    Ok(ExitCode::SUCCESS)
}

const fn said(wanted: Protection) -> &'static str {
    match wanted {
        Protection::File => "Tokens and secrets are plain text in files that only you can read.",
        Protection::Keyring => "Tokens and secrets are sealed; the system's keyring has the key.",
        Protection::Passphrase => {
            "Tokens and secrets are sealed; your passphrase opens the key. Nobody can restore it for you."
        }
    }
}
