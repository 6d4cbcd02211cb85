//! `storage`: whether the encryption key is available, and whether all files are stored as the settings say.

use std::path::Path;
use std::sync::Arc;

use super::check::{Check, or_ok};
use super::redactable::RedactableText;
use crate::config::Settings;
use crate::session::Session;
use crate::store::{Encryption, KeyProvider, ProfileStore, Survey};
use crate::{Code, Error, Result};

/// The state of keys and encrypted files.
pub(super) struct StorageFindings {
    /// The encryption in `config.toml`.
    stated: Encryption,
    /// How new secrets are stored.
    wanted: Encryption,
    /// Each kind of encryption in use, and whether its key is available.
    keys: Vec<Key>,
    /// Files whose secrets can't be decrypted with the available key.
    unreadable: Vec<Error>,
}

struct Key {
    kind: Encryption,
    /// Whether the passphrase must be requested at a prompt.
    needs_prompt: bool,
    found: Result<()>,
}

/// Reads the key from the keyring, or tries the passphrase of a file; never prompts.
pub(super) async fn inspect(session: &Session, settings: &Settings, survey: &Survey) -> StorageFindings {
    let stated = settings.storage.encryption;
    let wanted = session.keys.preferred_encryption().unwrap_or(stated);
    let mut kinds = survey.encryptions();
    if wanted != Encryption::Off {
        kinds.insert(wanted);
    }
    let passphrase_file = session.env.get("LINKEDIN_TUI_PASSPHRASE_FILE").is_some();
    let (keys, store) = (Arc::clone(&session.keys), session.store.clone());
    let work = move || {
        let inspect = |kind| {
            let needs_prompt = kind == Encryption::Passphrase && !passphrase_file;
            let found = if needs_prompt { keys.check_passphrase_key() } else { keys.key(kind).map(drop) };
            Key { kind, needs_prompt, found }
        };
        let keys: Vec<Key> = kinds.into_iter().map(inspect).collect();
        let has_all_keys = keys.iter().all(|key| key.found.is_ok() && !key.needs_prompt);
        let unreadable = if has_all_keys && !keys.is_empty() { unreadable(&store) } else { Vec::new() };
        (keys, unreadable)
    };
    let (keys, unreadable) = tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| {
        let found = Err(Error::new(Code::Unexpected, "The key could not be read.", ""));
        (vec![Key { kind: wanted, needs_prompt: false, found }], Vec::new())
    });
    StorageFindings { stated, wanted, keys, unreadable }
}

/// Decrypts every secret and returns the errors. Errors that need no key are judged with the files.
fn unreadable(store: &ProfileStore) -> Vec<Error> {
    let (profiles, apps) = (store.profile_names().unwrap_or_default(), store.app_names().unwrap_or_default());
    let without_secrets = store.without_secrets();
    let profiles = profiles
        .iter()
        .filter(|name| without_secrets.profile(name).is_ok())
        .filter_map(|name| store.profile(name).err());
    let apps = apps.iter().filter(|name| without_secrets.app(name).is_ok()).filter_map(|name| store.app(name).err());
    profiles.chain(apps).collect()
}

/// Judges the findings.
pub(super) fn judge(found: &StorageFindings, survey: &Survey) -> Vec<Check> {
    let mut checks = keys(found, &survey.root);
    checks.extend(files(found, survey));
    checks
}

fn keys(found: &StorageFindings, root: &Path) -> Vec<Check> {
    const ID: &str = "storage.key";
    if found.keys.is_empty() {
        return vec![Check::ok(ID, "Tokens and client secrets are plain text in files that only you can read.")];
    }
    let check = |key: &Key| match &key.found {
        Err(error) => Check::failed(ID, error, &root.to_string_lossy(), &RedactableText::default().path(root)),
        Ok(()) if key.kind == Encryption::Keyring => {
            Check::ok(ID, "The system's keyring has the key of the encrypted tokens and client secrets.")
        }
        Ok(()) if key.needs_prompt => {
            Check::ok(ID, "A passphrase, requested at each start, decrypts the encrypted tokens.")
        }
        Ok(()) => Check::ok(ID, "The passphrase file decrypts the encrypted tokens and client secrets."),
    };
    found.keys.iter().map(check).collect()
}

fn files(found: &StorageFindings, survey: &Survey) -> Vec<Check> {
    const ID: &str = "storage.files";
    let word = found.wanted.as_str();
    let mut checks: Vec<Check> = found
        .unreadable
        .iter()
        .map(|error| {
            Check::failed(ID, error, &survey.root.to_string_lossy(), &RedactableText::default().path(&survey.root))
        })
        .collect();
    if found.wanted != found.stated {
        checks.push(Check::warning(
            ID,
            format!(
                "storage.encryption is {} in config.toml, but the key of encryption {word} is in use: secrets are still encrypted.",
                found.stated.as_str()
            ),
            format!("linkedin-tui encryption {word}  (or encryption off, which stores them as plain text)"),
        ));
    }
    let files: Vec<&str> = survey.not_encrypted_as(found.wanted).collect();
    if !files.is_empty() {
        let named = RedactableText::default().list(files.iter().map(|file| RedactableText::default().file(file)));
        let start = format!("storage.encryption is {word}, but secrets are stored differently in ");
        checks.push(Check::warning(
            ID,
            RedactableText::from(start).and(named).text("."),
            format!("linkedin-tui encryption {word}"),
        ));
    }
    or_ok(checks, || Check::ok(ID, "All secrets are stored as storage.encryption says."))
}
