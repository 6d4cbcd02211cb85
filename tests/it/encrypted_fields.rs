//! Encrypted files: keys that are missing, fields that are damaged or moved, many writers.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use linkedin_tui::internal::encryption::{Keys, no_prompt};
use linkedin_tui::internal::flows::encryption::change_encryption;
use linkedin_tui::internal::secret::Secret;
use linkedin_tui::internal::store::{App, Encryption, Profile, ProfileStore};
use linkedin_tui::{Code, Error, Result};

use crate::support::encrypted_store::EncryptedStore;
use crate::support::{ACCESS_TOKEN, app, files_below, name, profile};

/// Creates a store whose key is cached.
fn encrypted_store(encryption: Encryption) -> EncryptedStore {
    let env = EncryptedStore::new(encryption, |_| {});
    env.keys.set_cached(true);
    env
}

impl EncryptedStore {
    /// Returns every file with its content.
    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        ["profiles", "apps"].iter().flat_map(|sub| files_below(&self.directory.path().join(sub))).collect()
    }

    /// Returns whether any secret is readable in the files.
    fn has_readable_secret(&self) -> bool {
        self.files().iter().any(|(_, bytes)| String::from_utf8_lossy(bytes).to_lowercase().contains("canary"))
    }

    fn assert_intact(&self) {
        for text in ["work", "spare"] {
            assert_eq!(self.store.profile(&name(text)).unwrap(), profile(text));
        }
        assert_eq!(self.store.app(&name("my-app")).unwrap(), app("my-app"));
    }
}

/// Writes a file that only this user can read.
fn write_private(path: &Path, text: &str) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    std::io::Write::write_all(&mut options.open(path).unwrap(), text.as_bytes()).unwrap();
}

#[test]
fn encrypted_fields_are_read_back() {
    let env = encrypted_store(Encryption::Keyring);
    assert!(!env.has_readable_secret());
    env.assert_intact();
    let path = env.store.profile_path(&name("work"));
    let commented = std::fs::read_to_string(&path).unwrap().replace("app = ", "# note\nunknown = 7\napp = ");
    std::fs::write(&path, commented).unwrap();
    let change = |profile: &mut Profile| {
        profile.browser = Some("firefox".to_owned());
        Ok(())
    };
    env.store.update_profile(&name("work"), change).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("# note\nunknown = 7\n") && text.contains("encryption = \"keyring\"\n"), "{text}");
    assert!(!env.has_readable_secret());
}

#[test]
fn earlier_names_of_the_encryption_are_rewritten() {
    let env = encrypted_store(Encryption::Keyring);
    let path = env.store.profile_path(&name("work"));
    let before = std::fs::read_to_string(&path).unwrap();
    let earlier = before.replace("encryption = ", "sealed = ").replace("encrypted_for = ", "sealed_for = ");
    assert!(earlier != before && !earlier.contains("encrypted_for"), "{earlier}");
    std::fs::write(&path, &earlier).unwrap();
    assert_eq!(env.store.profile(&name("work")).unwrap(), profile("work"));
    std::fs::write(&path, earlier.replace("sealed_for = \"work\"", "sealed_for = \"spare\"")).unwrap();
    assert_eq!(
        env.store.profile(&name("work")).unwrap_err().code,
        Code::FileDamaged,
        "encrypted for a different profile"
    );
    std::fs::write(&path, &earlier).unwrap();
    let change = |profile: &mut Profile| {
        profile.browser = Some("firefox".to_owned());
        Ok(())
    };
    env.store.update_profile(&name("work"), change).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("encryption = \"keyring\"\n") && text.contains("encrypted_for = \"work\"\n"), "{text}");
    assert!(!text.contains("sealed") && !env.has_readable_secret(), "{text}");
}

#[test]
fn s32_a_locked_key_prevents_reads_and_loses_nothing() {
    for encryption in [Encryption::Keyring, Encryption::Off] {
        let env = encrypted_store(Encryption::Keyring);
        env.keys.set_encryption(encryption);
        env.keys.set_locked(true);
        let before = env.files();
        let unavailable = |result: Result<()>| assert_eq!(result.unwrap_err().code, Code::KeyUnavailable);
        unavailable(env.store.profile(&name("work")).map(drop));
        unavailable(env.store.app(&name("my-app")).map(drop));
        unavailable(env.store.update_profile(&name("work"), |_| Ok(())).map(drop));
        unavailable(env.store.create_or_update_profile(profile("work"), |_| {}).map(drop));
        unavailable(env.store.rename_profile(&name("work"), &name("job")));
        let changed = App { client_secret: Some(Secret::new("changed")), ..app("my-app") };
        unavailable(env.store.save_app(&changed));
        if encryption == Encryption::Keyring {
            unavailable(env.store.ensure_writable(&name("work"), &name("my-app")));
            unavailable(env.store.create_or_update_profile(profile("fresh"), |_| {}).map(drop));
        }
        unavailable(env.change_encryption(Encryption::Off, &|| Ok(())));
        assert_eq!(env.files(), before);
        env.keys.set_locked(false);
        env.assert_intact();
    }
}

#[test]
fn s32_a_wrong_key_is_reported_and_overwrites_nothing() {
    let env = encrypted_store(Encryption::Keyring);
    let before = env.files();
    env.keys.replace_key();
    let error = env.store.profile(&name("work")).unwrap_err();
    assert_eq!(error.code, Code::FileDamaged);
    assert!(
        error
            .message
            .ends_with("work.toml: the encrypted field token.access_token was encrypted with a different key."),
        "{error}"
    );
    assert!(env.store.save_app(&App { client_secret: Some(Secret::new("changed")), ..app("my-app") }).is_err());
    assert!(env.store.create_or_update_profile(profile("work"), |_| {}).is_err());
    assert_eq!(env.files(), before);
}

#[test]
fn a_field_from_a_different_file_or_key_is_rejected() {
    let env = encrypted_store(Encryption::Keyring);
    let (work, spare) = (env.store.profile_path(&name("work")), env.store.profile_path(&name("spare")));
    let original = std::fs::read_to_string(&spare).unwrap();
    std::fs::copy(&work, &spare).unwrap();
    let error = env.store.profile(&name("spare")).unwrap_err();
    assert!(
        error
            .message
            .contains("spare.toml was encrypted as profiles/work.toml, and can be decrypted only under that name"),
        "{error}"
    );
    // Access and refresh token are swapped.
    let text = original.replace("access_token", "x_token").replace("refresh_token", "access_token");
    std::fs::write(&spare, text.replace("x_token", "refresh_token")).unwrap();
    let error = env.store.profile(&name("spare")).unwrap_err();
    assert!(error.message.contains("field token.access_token was encrypted as token.refresh_token of"), "{error}");
    assert_eq!(env.store.profile(&name("work")).unwrap(), profile("work"));
}

#[test]
fn encrypted_field_damage_is_reported_by_file_and_field() {
    let env = encrypted_store(Encryption::Keyring);
    let path = env.store.profile_path(&name("work"));
    let text = std::fs::read_to_string(&path).unwrap();
    let first = text.find("-----BEGIN").unwrap();
    let last = text.find("-----END").unwrap();
    for at in (first + 40..last - 1).step_by(17) {
        let mut bytes = text.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        std::fs::write(&path, &bytes).unwrap();
        let Err(error) = env.store.profile(&name("work")) else { panic!("a changed byte at {at} was not detected") };
        assert_eq!(error.code, Code::FileDamaged);
        assert!(error.message.contains("work.toml: the encrypted field token.access_token "), "{error}");
        assert!(!format!("{error:?}{}", error.hint).contains("AGE ENC"));
        assert!(env.store.update_profile(&name("work"), |_| Ok(())).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "never overwritten");
    }
    // A file that does not name its kind of encryption.
    std::fs::write(&path, text.replace("encryption = \"keyring\"\n", "")).unwrap();
    let error = env.store.profile(&name("work")).unwrap_err();
    assert!(error.message.ends_with("work.toml cannot be parsed at the key encryption."), "{error}");
    assert!(env.store.profile(&name("spare")).is_ok());
}

#[test]
fn a_rename_reencrypts_and_completes_a_killed_rename() {
    let env = encrypted_store(Encryption::Keyring);
    let store = &env.store;
    store.set_current_profile(Some(&name("work"))).unwrap();
    let old_bytes = std::fs::read(store.profile_path(&name("work"))).unwrap();
    store.rename_profile(&name("work"), &name("job")).unwrap();
    let renamed = Profile { name: name("job"), ..profile("work") };
    assert_eq!(store.profile(&name("job")).unwrap(), renamed);
    assert!(!store.profile_path(&name("work")).exists() && !env.has_readable_secret());
    assert_eq!(store.current_profile().unwrap(), Some(name("job")));
    // A process killed between the two steps left both.
    std::fs::write(store.profile_path(&name("work")), old_bytes).unwrap();
    assert!(store.rename_profile(&name("spare"), &name("job")).is_err(), "the name of a different profile is taken");
    store.rename_profile(&name("work"), &name("job")).unwrap();
    assert_eq!(store.profile(&name("job")).unwrap(), renamed);
    assert!(!store.profile_path(&name("work")).exists());
    // A profile that is created again is encrypted.
    let saved = store.profile(&name("spare")).unwrap();
    store.delete_profile(&name("spare")).unwrap();
    store.create_or_update_profile(saved.clone(), |_| {}).unwrap();
    assert_eq!(store.profile(&name("spare")).unwrap(), saved);
    assert!(!env.has_readable_secret());
}

#[test]
fn a_restored_profile_uses_the_current_encryption() {
    use Encryption::{Keyring, Off};
    for (before, after) in [(Keyring, Keyring), (Keyring, Off), (Off, Keyring), (Off, Off)] {
        let env = encrypted_store(before);
        let path = env.store.profile_path(&name("work"));
        let bytes = std::fs::read(&path).unwrap();
        let removed = env.store.delete_profile_with_undo(&name("work")).unwrap();
        if before != Off || after != Off {
            // A different process changed the encryption and deleted the old key.
            env.keys.set_encryption(after);
            env.keys.replace_key();
        }
        env.store.restore_profile(&removed).unwrap();
        assert_eq!(env.store.profile(&name("work")).unwrap(), profile("work"), "{before:?} {after:?}");
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.contains(ACCESS_TOKEN), after == Off, "{text}");
        assert_eq!(text.as_bytes() == bytes, before == Off && after == Off);
    }
    // A locked keyring loses nothing: the bytes are restored unchanged.
    let env = encrypted_store(Keyring);
    let path = env.store.profile_path(&name("work"));
    let bytes = std::fs::read(&path).unwrap();
    let removed = env.store.delete_profile_with_undo(&name("work")).unwrap();
    env.keys.set_locked(true);
    env.store.restore_profile(&removed).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[test]
fn a_restored_profile_does_not_need_a_deleted_key() {
    let env = encrypted_store(Encryption::Keyring);
    let removed = env.store.delete_profile_with_undo(&name("work")).unwrap();
    // A different process turned encryption off, which deletes the key.
    env.keys.set_encryption(Encryption::Off);
    env.keys.set_cached(false);
    env.keys.set_locked(true);
    env.store.restore_profile(&removed).unwrap();
    assert_eq!(env.store.profile(&name("work")).unwrap(), profile("work"));
}

#[test]
fn reading_without_secrets_needs_no_key() {
    let env = encrypted_store(Encryption::Keyring);
    env.keys.set_locked(true);
    let before = env.files();
    let without_secrets = env.store.without_secrets();
    let profile_without_secrets = without_secrets.profile(&name("work")).unwrap();
    assert_eq!(profile_without_secrets.token.as_ref().unwrap().expires_at, profile("work").token.unwrap().expires_at);
    assert!(
        profile_without_secrets.token.as_ref().unwrap().access.is_empty()
            && without_secrets.app(&name("my-app")).unwrap().client_secret.is_some()
    );
    assert_eq!(without_secrets.profiles_with_app(&name("my-app")).unwrap().len(), 2);
    assert!(
        without_secrets
            .create_or_update_profile(profile_without_secrets, |profile| profile.browser = Some("x".to_owned()))
            .is_err()
    );
    assert!(without_secrets.save_app(&App { client_secret: None, ..app("my-app") }).is_err());
    assert_eq!(env.files(), before);
}

#[test]
fn a_failure_before_the_last_step_changes_nothing() {
    let env = encrypted_store(Encryption::Off);
    let before = env.files();
    let error = Error::new(Code::Files, "The disk is full.", "");
    assert_eq!(env.change_encryption(Encryption::Keyring, &|| Err(error.clone())).unwrap_err(), error);
    assert_eq!(env.files(), before, "and no temporary file is left");
    assert_eq!(env.keys.discarded(), 1, "the key was not committed");
    std::fs::write(env.directory.path().join("apps/bad.toml"), "client_id = ").unwrap();
    let before = env.files();
    let result = env.change_encryption(Encryption::Keyring, &|| panic!("must not commit"));
    assert!(result.unwrap_err().message.contains("bad.toml"));
    assert_eq!(env.files(), before);
}

#[test]
fn writers_and_a_change_of_encryption_lose_nothing() {
    let env = encrypted_store(Encryption::Off);
    std::thread::scope(|scope| {
        for writer in 0..3 {
            let store = env.store.clone();
            scope.spawn(move || {
                for round in 0..30 {
                    let profile_name = format!("w{writer}-{round}");
                    store.create_or_update_profile(profile(&profile_name), |_| {}).unwrap();
                }
            });
        }
        for round in 0..6 {
            let encryption = if round % 2 == 0 { Encryption::Keyring } else { Encryption::Off };
            let commit = || {
                env.keys.set_encryption(encryption);
                Ok(())
            };
            env.change_encryption(encryption, &commit).unwrap();
        }
        let commit = || {
            env.keys.set_encryption(Encryption::Keyring);
            Ok(())
        };
        env.change_encryption(Encryption::Keyring, &commit).unwrap();
    });
    assert_eq!(env.files().len(), 3 + 90);
    assert!(!env.has_readable_secret(), "what was written after the change is encrypted too");
    for profile_name in (0..3).flat_map(|writer| (0..30).map(move |round| format!("w{writer}-{round}"))) {
        assert_eq!(env.store.profile(&name(&profile_name)).unwrap(), profile(&profile_name));
    }
    env.assert_intact();
}

#[test]
fn a_key_replaced_by_another_process_is_reloaded() {
    let directory = tempfile::tempdir().unwrap();
    let passphrase = directory.path().join("passphrase");
    write_private(&passphrase, "shared passphrase");
    let root = directory.path().join("config");
    let process = || {
        let keys = Arc::new(Keys::new(&root, Some(passphrase.clone()), no_prompt));
        (ProfileStore::open(&root).unwrap().with_keys(keys.clone()), keys)
    };
    let (first, keys) = process();
    first.create_or_update_profile(profile("work"), |_| {}).unwrap();
    change_encryption(&root, &first, &keys, Encryption::Passphrase).unwrap();
    let (second, second_keys) = process();
    for encryption in [Encryption::Off, Encryption::Passphrase] {
        change_encryption(&root, &second, &second_keys, encryption).unwrap();
    }
    // The first process has the old key cached: it reads and writes with the new one.
    assert_eq!(first.profile(&name("work")).unwrap(), profile("work"));
    first.create_or_update_profile(profile("spare"), |_| {}).unwrap();
    assert_eq!(second.profile(&name("spare")).unwrap(), profile("spare"));
}
