//! `storage`: is what opens the secrets at hand, and are all files kept as the settings say?

use std::path::Path;
use std::sync::Arc;

use super::check::Check;
use super::words::Words;
use crate::config::Settings;
use crate::flows::session::Session;
use crate::profile::{KeyHolder, Protection, Survey};
use crate::{Code, Error, Result};

/// Is there the key that `storage.protection` asks for?
pub(super) struct Found {
    protection: Protection,
    /// Is there a passphrase that nobody was asked for?
    unasked: bool,
    key: Result<()>,
}

/// Asks the keyring, or tries the passphrase where a file has it; a person is asked nothing.
pub(super) async fn look(session: &Session, settings: &Settings) -> Found {
    let protection = settings.storage.protection;
    let unasked = protection == Protection::Passphrase && session.env.get("LINKEDIN_TUI_PASSPHRASE_FILE").is_none();
    let keys = Arc::clone(&session.keys);
    let key = tokio::task::spawn_blocking(move || match protection {
        Protection::File => Ok(()),
        Protection::Passphrase if unasked => keys.passphrase_is_there(),
        kind => keys.key(kind).map(drop),
    });
    let key = key.await.unwrap_or_else(|_| Err(Error::new(Code::Unexpected, "The key could not be looked for.", "")));
    Found { protection, unasked, key }
}

/// Judges it.
pub(super) fn judge(found: &Found, survey: &Survey) -> Vec<Check> {
    vec![key(found, &survey.root), files(found.protection, survey)]
}

fn key(found: &Found, root: &Path) -> Check {
    const ID: &str = "storage.key";
    if let Err(error) = &found.key {
        return Check::failed(ID, error, &root.to_string_lossy(), &Words::default().path(root));
    }
    let words = match found.protection {
        Protection::File => "Tokens and client secrets are plain text in files that only you can read.",
        Protection::Keyring => "The system's keyring gives the key to the sealed tokens and client secrets.",
        Protection::Passphrase if found.unasked => "A passphrase, asked for at each start, opens the sealed tokens.",
        Protection::Passphrase => "The passphrase file opens the key to the sealed tokens and client secrets.",
    };
    Check::ok(ID, words)
}

fn files(protection: Protection, survey: &Survey) -> Check {
    const ID: &str = "storage.files";
    let files: Vec<&str> = survey.kept_otherwise(protection).collect();
    if files.is_empty() {
        return Check::ok(ID, "All secrets are kept as storage.protection says.");
    }
    let word = protection.as_str();
    let named = Words::default().list(files.iter().map(|file| Words::default().file(file)));
    let begin = format!("storage.protection is {word}, and otherwise kept are the secrets in ");
    Check::warning(ID, Words::from(begin).and(named).text("."), format!("linkedin-tui protect {word}"))
}
