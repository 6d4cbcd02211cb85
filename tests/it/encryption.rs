//! Secrets stay encrypted until the command turns encryption off, and only the owner can read the key.

use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use age::secrecy::{ExposeSecret, SecretString};
use linkedin_tui::Code;
use linkedin_tui::internal::encryption::{Keys, PassphrasePrompt, no_prompt};
use linkedin_tui::internal::flows::encryption::change_encryption;
use linkedin_tui::internal::secret::Secret;
use linkedin_tui::internal::store::{App, Encryption, Profile, ProfileStore};
use rstest::rstest;

use crate::support::process::runs_in_own_process;
use crate::support::{app, files_below, name, profile, save_app_and_profiles, write_with_mode};

const PASSPHRASE: &str = "correct horse";

struct PassphraseStore {
    directory: tempfile::TempDir,
    root: PathBuf,
    store: ProfileStore,
    keys: Arc<Keys>,
}

impl PassphraseStore {
    /// Creates an app and the profiles `work` and `spare` in plain text.
    fn plain() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("config");
        let passphrase = directory.path().join("passphrase");
        write_with_mode(&passphrase, PASSPHRASE, 0o600);
        let keys = Arc::new(Keys::new(&root, Some(passphrase), no_prompt));
        let store = ProfileStore::open(&root).unwrap().with_keys(keys.clone());
        save_app_and_profiles(&store);
        Self { directory, root, store, keys }
    }

    /// Does the same as [`Self::plain`], encrypted with a passphrase that has a low scrypt work factor.
    fn encrypted() -> Self {
        let env = Self::plain();
        let mut recipient = age::scrypt::Recipient::new(SecretString::from(PASSPHRASE.to_owned()));
        recipient.set_work_factor(1);
        let key = age::x25519::Identity::generate().to_string();
        let encrypted = age::encrypt_and_armor(&recipient, key.expose_secret().as_bytes()).unwrap();
        std::fs::create_dir(env.root.join("keys")).unwrap();
        write_with_mode(&env.root.join("keys/passphrase.age"), &encrypted, 0o600);
        change_encryption(&env.root, &env.store, &env.keys, Encryption::Passphrase).unwrap();
        assert!(env.plain_text_files().is_empty());
        env
    }

    /// Returns the files that contain a secret in plain text.
    fn plain_text_files(&self) -> Vec<String> {
        let files = files_below(self.directory.path()).into_iter();
        let plain = files.filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains("canary"));
        plain.map(|(path, _)| path.display().to_string()).collect()
    }

    fn config(&self) -> PathBuf {
        self.root.join("config.toml")
    }

    fn change_browser(&self, profile: &str) -> linkedin_tui::Result<()> {
        let change = |profile: &mut Profile| {
            profile.browser = Some("firefox".to_owned());
            Ok(())
        };
        self.store.update_profile(&name(profile), change).map(drop)
    }
}

#[rstest]
#[case::example(Some(include_str!("../../config.example.toml")))]
#[case::off(Some("[storage]\nencryption = \"off\"\n"))]
#[case::empty(Some(""))]
#[case::missing(None)]
fn s32_settings_cannot_turn_encryption_off(#[case] settings: Option<&str>) {
    let env = PassphraseStore::encrypted();
    std::fs::remove_file(env.config()).unwrap();
    if let Some(settings) = settings {
        std::fs::write(env.config(), settings).unwrap();
    }
    let removed = env.store.delete_profile_with_undo(&name("spare")).unwrap();
    env.change_browser("work").unwrap();
    env.store.save_app(&App { client_id: "86zzzzzzzzzzzz".to_owned(), ..app("my-app") }).unwrap();
    env.store.create_or_update_profile(profile("new"), |_| {}).unwrap();
    env.store.save_app(&app("second-app")).unwrap();
    env.store.rename_profile(&name("work"), &name("job")).unwrap();
    env.store.restore_profile(&removed).unwrap();
    assert_eq!(env.plain_text_files(), Vec::<String>::new());
    assert_eq!(env.store.profile(&name("spare")).unwrap(), profile("spare"));
    // Only the encryption command turns encryption off.
    change_encryption(&env.root, &env.store, &env.keys, Encryption::Off).unwrap();
    env.store.create_or_update_profile(profile("plain"), |_| {}).unwrap();
    assert_eq!(env.plain_text_files().len(), 6);
}

#[test]
fn s32_a_dangling_settings_link_is_an_error() {
    let env = PassphraseStore::encrypted();
    std::fs::remove_file(env.config()).unwrap();
    symlink(env.directory.path().join("missing.toml"), env.config()).unwrap();
    for result in
        [env.store.create_or_update_profile(profile("new"), |_| {}).map(drop), env.store.save_app(&app("second-app"))]
    {
        let error = result.unwrap_err();
        assert_eq!(error.code, Code::Files);
        assert!(
            error.message.contains("config.toml is refused: it is a symbolic link whose target does not exist"),
            "{error}"
        );
    }
    // An encrypted field is marked as such in its file.
    env.change_browser("work").unwrap();
    assert_eq!(env.plain_text_files(), Vec::<String>::new());
}

#[rstest]
#[case("profiles/work.toml", "access_token", "token.access_token")]
#[case("profiles/work.toml", "refresh_token", "token.refresh_token")]
#[case("apps/my-app.toml", "client_secret", "client_secret")]
fn s32_a_plain_value_in_an_encrypted_file_is_rejected(#[case] file: &str, #[case] key: &str, #[case] field: &str) {
    let env = PassphraseStore::encrypted();
    let path = env.root.join(file);
    let mut document: toml_edit::DocumentMut = std::fs::read_to_string(&path).unwrap().parse().unwrap();
    let table = if field.contains('.') { document["token"].as_table_mut().unwrap() } else { document.as_table_mut() };
    table[key] = toml_edit::value("injected");
    let text = document.to_string();
    std::fs::write(&path, &text).unwrap();
    let is_app = file.starts_with("apps");
    let reads = [env.store.clone(), env.store.without_secrets()].map(|store| {
        if is_app { store.app(&name("my-app")).map(drop) } else { store.profile(&name("work")).map(drop) }
    });
    let writes = [
        change_encryption(&env.root, &env.store, &env.keys, Encryption::Passphrase).map(drop),
        if is_app {
            env.store.save_app(&App { client_id: "86zzzzzzzzzzzz".to_owned(), ..app("my-app") })
        } else {
            env.change_browser("work")
        },
    ];
    for result in reads.into_iter().chain(writes) {
        let error = result.unwrap_err();
        assert_eq!(error.code, Code::FileDamaged, "{field}: {error}");
        assert!(
            error.message.contains(&format!("{field} is plain text in a file whose secrets are encrypted")),
            "{error}"
        );
        assert!(!format!("{error:?}").contains("injected"));
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "never overwritten");
    assert_eq!(env.store.profile(&name("spare")).unwrap(), profile("spare"), "other profiles stay usable");
}

#[test]
fn a_renamed_encrypted_file_names_its_original() {
    let env = PassphraseStore::encrypted();
    let (work, job) = (env.store.profile_path(&name("work")), env.store.profile_path(&name("job")));
    std::fs::rename(&work, &job).unwrap();
    for result in [
        env.store.profile(&name("job")).map(drop),
        env.store.without_secrets().profile(&name("job")).map(drop),
        change_encryption(&env.root, &env.store, &env.keys, Encryption::Off).map(drop),
    ] {
        let error = result.unwrap_err();
        assert!(error.message.contains("job.toml was encrypted as profiles/work.toml"), "{error}");
        assert!(error.hint.contains("rename it back to profiles/work.toml"), "{}", error.hint);
    }
    std::fs::rename(&job, &work).unwrap();
    change_encryption(&env.root, &env.store, &env.keys, Encryption::Off).unwrap();
    assert_eq!(env.store.profile(&name("work")).unwrap(), profile("work"));
}

/// Moves the profile's file to another directory, which is returned, and links to it.
fn link_profile_to_dotfiles(env: &PassphraseStore) -> PathBuf {
    let dotfiles = env.directory.path().join("dotfiles");
    std::fs::create_dir(&dotfiles).unwrap();
    let file = env.store.profile_path(&name("work"));
    std::fs::rename(&file, dotfiles.join("work.toml")).unwrap();
    symlink(dotfiles.join("work.toml"), &file).unwrap();
    dotfiles
}

#[test]
fn s28_no_plain_temporary_file_survives_a_change_of_encryption() {
    let env = PassphraseStore::plain();
    let dotfiles = link_profile_to_dotfiles(&env);
    let write_leftover = |directory: &Path, what: &str| {
        let path = directory.join(format!(".tmp-linkedin-tui-{what}"));
        write_with_mode(&path, "access_token = \"AQcanary\"", 0o600);
        path
    };
    let leftovers = [
        write_leftover(&env.root.join("profiles"), "own"),
        write_leftover(&env.root, "root"),
        write_leftover(&dotfiles, "linked"),
    ];
    // A different process is saving into the same dotfiles.
    let busy = write_leftover(&dotfiles, "busy");
    let busy_file = std::fs::OpenOptions::new().read(true).write(true).mode(0o600).open(&busy).unwrap();
    busy_file.lock().unwrap();
    let passphrase = change_encryption(&env.root, &env.store, &env.keys, Encryption::Passphrase);
    passphrase.unwrap();
    for leftover in leftovers {
        assert!(!leftover.exists(), "{}", leftover.display());
    }
    assert!(busy.exists(), "a different process holds it open");
    assert_eq!(env.plain_text_files(), [busy.display().to_string()]);
}

#[test]
fn s28_old_temporary_files_beside_targets_are_deleted() {
    let env = PassphraseStore::plain();
    let dotfiles = link_profile_to_dotfiles(&env);
    let (old, new) = (dotfiles.join(".tmp-linkedin-tui-old"), dotfiles.join(".tmp-linkedin-tui-new"));
    for path in [&old, &new] {
        write_with_mode(path, "canary", 0o600);
    }
    let hours_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 3600);
    std::fs::File::options().write(true).open(&old).unwrap().set_modified(hours_ago).unwrap();
    env.store.profiles().unwrap();
    assert!(!old.exists() && new.exists());
    // The next export into that directory deletes the leftovers of an earlier one.
    linkedin_tui::internal::store::write_private(&dotfiles.join("export.env"), "x").unwrap();
    assert!(!new.exists());
}

#[rstest]
#[case("passphrase", 0o600, false)]
#[case("passphrase", 0o400, false)]
#[case("passphrase", 0o640, true)]
#[case("passphrase", 0o604, true)]
#[case("passphrase", 0o622, true)]
#[case("passphrase", 0o666, true)]
#[case("config/keys/passphrase.age", 0o600, false)]
#[case("config/keys/passphrase.age", 0o644, true)]
#[case("config/keys/passphrase.age", 0o620, true)]
fn s32_a_key_readable_by_others_is_rejected(#[case] file: &str, #[case] mode: u32, #[case] is_rejected: bool) {
    let env = PassphraseStore::encrypted();
    let path = env.directory.path().join(file);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    let keys = Arc::new(Keys::new(&env.root, Some(env.directory.path().join("passphrase")), no_prompt));
    let fresh = ProfileStore::open(&env.root).unwrap().with_keys(keys);
    match fresh.profile(&name("work")) {
        Ok(found) => assert!(!is_rejected && found == profile("work")),
        Err(error) => {
            assert!(is_rejected, "{error}");
            assert_eq!(error.code, Code::KeyUnavailable);
            assert!(error.message.contains(&format!("(mode {mode:03o})")), "{error}");
            assert!(error.hint.contains("chmod 600"), "{}", error.hint);
        }
    }
}

#[rstest]
#[case("", false)]
#[case("x", false)]
#[case("seven77", false)]
#[case("李小龙李小龙李", false)]
#[case("李小龙李小龙李小", true)]
fn a_short_passphrase_is_rejected(#[case] passphrase: &str, #[case] is_accepted: bool) {
    let env = PassphraseStore::plain();
    write_with_mode(&env.directory.path().join("passphrase"), &format!("{passphrase}\n"), 0o600);
    let result = change_encryption(&env.root, &env.store, &env.keys, Encryption::Passphrase);
    assert_eq!(result.is_ok(), is_accepted);
    if let Err(error) = result {
        assert_eq!(error.code, Code::BadInput);
        assert!(error.message.contains("too short: 8 characters are the minimum"), "{error}");
        assert!(!env.root.join("keys").exists() && !env.config().exists(), "nothing was changed");
    }
}

#[test]
fn a_mismatched_confirmation_creates_no_key() {
    #[expect(clippy::unnecessary_wraps, reason = "the type of a prompt")]
    fn mismatched_confirmation(prompt: PassphrasePrompt) -> linkedin_tui::Result<Option<Secret>> {
        Ok(Some(Secret::new(if prompt == PassphrasePrompt::ConfirmPassphrase {
            "different horse"
        } else {
            PASSPHRASE
        })))
    }
    let env = PassphraseStore::plain();
    let keys = Keys::new(&env.root, None, mismatched_confirmation);
    let error = change_encryption(&env.root, &env.store, &keys, Encryption::Passphrase).unwrap_err();
    assert!(error.message.contains("differ") && !env.root.join("keys").exists(), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn x12_a_process_that_holds_a_key_leaves_no_core_file() {
    use rustix::process::{DumpableBehavior, dumpable_behavior};
    // The setting applies to the whole process.
    if !runs_in_own_process("encryption::x12_a_process_that_holds_a_key_leaves_no_core_file") {
        return;
    }
    assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::Dumpable);
    let env = PassphraseStore::encrypted();
    env.store.profile(&name("work")).unwrap();
    assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
}
