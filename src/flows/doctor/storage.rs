//! `storage`: is what opens the secrets at hand, and are all files kept as the settings say?

use std::path::Path;
use std::sync::Arc;

use super::check::{Check, or_ok};
use super::words::Words;
use crate::config::Settings;
use crate::session::Session;
use crate::store::{Encryption, KeyProvider, ProfileStore, Survey};
use crate::{Code, Error, Result};

/// What was found of the keys.
pub(super) struct Found {
    /// What `config.toml` says.
    stated: Encryption,
    /// How new secrets are stored.
    wanted: Encryption,
    /// Each way of encryption in use, and whether its key is there.
    keys: Vec<Key>,
    /// Files whose secrets do not open with the key that is there.
    closed: Vec<Error>,
}

struct Key {
    kind: Encryption,
    /// Is there a passphrase that nobody was asked for?
    unasked: bool,
    found: Result<()>,
}

/// Asks the keyring, or tries the passphrase where a file has it; a person is asked nothing.
pub(super) async fn look(session: &Session, settings: &Settings, survey: &Survey) -> Found {
    let stated = settings.storage.encryption;
    let wanted = session.keys.wanted().unwrap_or(stated);
    let mut kinds = survey.encryptions();
    if wanted != Encryption::Off && !kinds.contains(&wanted) {
        kinds.push(wanted);
    }
    let passphrase_file = session.env.get("LINKEDIN_TUI_PASSPHRASE_FILE").is_some();
    let (keys, store) = (Arc::clone(&session.keys), session.store.clone());
    let work = move || {
        let look = |kind| {
            let unasked = kind == Encryption::Passphrase && !passphrase_file;
            let found = if unasked { keys.check_passphrase_key() } else { keys.key(kind).map(drop) };
            Key { kind, unasked, found }
        };
        let keys: Vec<Key> = kinds.into_iter().map(look).collect();
        let all_at_hand = keys.iter().all(|key| key.found.is_ok() && !key.unasked);
        let closed = if all_at_hand && !keys.is_empty() { closed(&store) } else { Vec::new() };
        (keys, closed)
    };
    let (keys, closed) = tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| {
        let found = Err(Error::new(Code::Unexpected, "The key could not be looked for.", ""));
        (vec![Key { kind: wanted, unasked: false, found }], Vec::new())
    });
    Found { stated, wanted, keys, closed }
}

/// Opens every secret; gives why one stays closed. What can be seen without a key is judged with the files.
fn closed(store: &ProfileStore) -> Vec<Error> {
    let (profiles, apps) = (store.profile_names().unwrap_or_default(), store.app_names().unwrap_or_default());
    let without_secrets = store.without_secrets();
    let profiles = profiles
        .iter()
        .filter(|name| without_secrets.profile(name).is_ok())
        .filter_map(|name| store.profile(name).err());
    let apps = apps.iter().filter(|name| without_secrets.app(name).is_ok()).filter_map(|name| store.app(name).err());
    profiles.chain(apps).collect()
}

/// Judges it.
pub(super) fn judge(found: &Found, survey: &Survey) -> Vec<Check> {
    let mut checks = keys(found, &survey.root);
    checks.extend(files(found, survey));
    checks
}

fn keys(found: &Found, root: &Path) -> Vec<Check> {
    const ID: &str = "storage.key";
    if found.keys.is_empty() {
        return vec![Check::ok(ID, "Tokens and client secrets are plain text in files that only you can read.")];
    }
    let check = |key: &Key| match &key.found {
        Err(error) => Check::failed(ID, error, &root.to_string_lossy(), &Words::default().path(root)),
        Ok(()) if key.kind == Encryption::Keyring => {
            Check::ok(ID, "The system's keyring gives the key to the encrypted tokens and client secrets.")
        }
        Ok(()) if key.unasked => Check::ok(ID, "A passphrase, asked for at each start, opens the encrypted tokens."),
        Ok(()) => Check::ok(ID, "The passphrase file opens the key to the encrypted tokens and client secrets."),
    };
    found.keys.iter().map(check).collect()
}

fn files(found: &Found, survey: &Survey) -> Vec<Check> {
    const ID: &str = "storage.files";
    let word = found.wanted.as_str();
    let mut checks: Vec<Check> = found
        .closed
        .iter()
        .map(|error| Check::failed(ID, error, &survey.root.to_string_lossy(), &Words::default().path(&survey.root)))
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
        let named = Words::default().list(files.iter().map(|file| Words::default().file(file)));
        let begin = format!("storage.encryption is {word}, and otherwise kept are the secrets in ");
        checks.push(Check::warning(
            ID,
            Words::from(begin).and(named).text("."),
            format!("linkedin-tui encryption {word}"),
        ));
    }
    or_ok(checks, || Check::ok(ID, "All secrets are kept as storage.encryption says."))
}
