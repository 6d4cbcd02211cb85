//! `storage`: whether the encryption key is available, and whether all files are stored according to the settings.

use std::sync::Arc;

use super::check::{Check, or_ok};
use super::redactable::{file, list, path, program, redactable};
use crate::config::Settings;
use crate::files::WHO_CAN_READ;
use crate::session::Session;
use crate::store::{Encryption, KeyProvider, ProfileStore, StoreScan};
use crate::{Code, Error, Result};

/// The state of keys and encrypted files.
pub(super) struct StorageState {
    /// The encryption in `config.toml`.
    configured: Encryption,
    /// How new secrets are stored.
    preferred: Encryption,
    /// Each kind of encryption in use, and whether its key is available.
    keys: Vec<Key>,
    /// Files whose secrets can't be decrypted with the available key.
    unreadable: Vec<Error>,
}

struct Key {
    kind: Encryption,
    /// Whether the passphrase must be requested at a prompt.
    is_prompt_needed: bool,
    result: Result<()>,
}

/// Reads the key from the keyring, or tries the passphrase of a file; never prompts.
pub(super) async fn inspect(session: &Session, settings: &Settings, scan: &StoreScan) -> StorageState {
    let configured = settings.storage.encryption;
    let preferred = session.keys.preferred_encryption().unwrap_or(configured);
    let mut kinds = scan.encryptions();
    if preferred != Encryption::Off {
        kinds.insert(preferred);
    }
    let has_passphrase_file = session.env.get("LINKEDIN_TUI_PASSPHRASE_FILE").is_some();
    let (keys, store) = (Arc::clone(&session.keys), session.store.clone());
    let work = move || {
        let inspect_key = |kind| {
            let is_prompt_needed = kind == Encryption::Passphrase && !has_passphrase_file;
            let result = if is_prompt_needed { keys.check_passphrase_key() } else { keys.fetch_key(kind).map(drop) };
            Key { kind, is_prompt_needed, result }
        };
        let keys: Vec<Key> = kinds.into_iter().map(inspect_key).collect();
        let has_all_keys = keys.iter().all(|key| key.result.is_ok() && !key.is_prompt_needed);
        let unreadable = if has_all_keys && !keys.is_empty() { find_unreadable(&store) } else { Vec::new() };
        (keys, unreadable)
    };
    let (keys, unreadable) = tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| {
        let result = Err(Error::new(Code::Unexpected, "The key could not be read.", ""));
        (vec![Key { kind: preferred, is_prompt_needed: false, result }], Vec::new())
    });
    StorageState { configured, preferred, keys, unreadable }
}

/// Decrypts every secret and returns the errors. Errors that need no key are evaluated with the files.
fn find_unreadable(store: &ProfileStore) -> Vec<Error> {
    let (profiles, apps) = (store.profile_names().unwrap_or_default(), store.app_names().unwrap_or_default());
    let without_secrets = store.without_secrets();
    let profiles = profiles
        .iter()
        .filter(|name| without_secrets.profile(name).is_ok())
        .filter_map(|name| store.profile(name).err());
    let apps = apps.iter().filter(|name| without_secrets.app(name).is_ok()).filter_map(|name| store.app(name).err());
    profiles.chain(apps).collect()
}

pub(super) fn evaluate(state: &StorageState, scan: &StoreScan) -> Vec<Check> {
    [evaluate_keys(state, scan), evaluate_files(state, scan)].concat()
}

/// Creates a failed check whose error may name the config directory.
fn failed(id: &'static str, error: &Error, scan: &StoreScan) -> Check {
    Check::failed_at(id, error, &scan.root.to_string_lossy(), &path(&scan.root))
}

fn evaluate_keys(state: &StorageState, scan: &StoreScan) -> Vec<Check> {
    const ID: &str = "storage.key";
    let check = |key: &Key| {
        let ok = match &key.result {
            Err(error) => return failed(ID, error, scan),
            Ok(()) if key.kind == Encryption::Keyring => {
                "The system's keyring has the key of the encrypted tokens and client secrets."
            }
            Ok(()) if key.is_prompt_needed => "A passphrase, requested at each start, decrypts the encrypted tokens.",
            Ok(()) => "The passphrase file decrypts the encrypted tokens and client secrets.",
        };
        Check::ok(ID, ok)
    };
    let plain = Check::ok(ID, format!("Tokens and client secrets are plain text in files {WHO_CAN_READ}."));
    or_ok(state.keys.iter().map(check).collect(), plain)
}

fn evaluate_files(state: &StorageState, scan: &StoreScan) -> Vec<Check> {
    const ID: &str = "storage.files";
    let preferred = state.preferred.as_str();
    let mut problems: Vec<Check> = state.unreadable.iter().map(|error| failed(ID, error, scan)).collect();
    if state.preferred != state.configured {
        problems.push(Check::warning(
            ID,
            format!(
                "storage.encryption is {} in config.toml, but the key of encryption {preferred} is in use: new secrets are still encrypted.",
                state.configured.as_str()
            ),
            redactable![
                program(),
                format!(" encryption {preferred}  (or encryption off, which stores them as plain text)")
            ],
        ));
    }
    let different: Vec<&str> = scan.files_not_stored_as(state.preferred).collect();
    if !different.is_empty() {
        problems.push(Check::warning(
            ID,
            redactable![
                format!("New secrets are stored with encryption {preferred}, but those in "),
                list(different.into_iter().map(file)),
                " are stored differently.",
            ],
            redactable![program(), format!(" encryption {preferred}")],
        ));
    }
    or_ok(problems, Check::ok(ID, "All secrets are stored according to storage.encryption."))
}
