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

use crate::support::process::is_alone;
use crate::support::{app, files_below, fill, name, profile};

const PASSPHRASE: &str = "correct horse";

fn write(path: &Path, text: &str, mode: u32) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

struct World {
    folder: tempfile::TempDir,
    root: PathBuf,
    store: ProfileStore,
    keys: Arc<Keys>,
}

impl World {
    /// Creates an app and the profiles `work` and `spare` in plain text.
    fn plain() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("config");
        let passphrase = folder.path().join("passphrase");
        write(&passphrase, PASSPHRASE, 0o600);
        let keys = Arc::new(Keys::new(&root, Some(passphrase), no_prompt));
        let store = ProfileStore::open(&root).unwrap().with_keys(keys.clone());
        fill(&store);
        Self { folder, root, store, keys }
    }

    /// Creates the same, encrypted with a passphrase with a low scrypt work factor.
    fn encrypted() -> Self {
        let world = Self::plain();
        let mut recipient = age::scrypt::Recipient::new(SecretString::from(PASSPHRASE.to_owned()));
        recipient.set_work_factor(1);
        let key = age::x25519::Identity::generate().to_string();
        let encrypted = age::encrypt_and_armor(&recipient, key.expose_secret().as_bytes()).unwrap();
        std::fs::create_dir(world.root.join("keys")).unwrap();
        write(&world.root.join("keys/passphrase.age"), &encrypted, 0o600);
        change_encryption(&world.root, &world.store, &world.keys, Encryption::Passphrase).unwrap();
        assert!(world.plain_files().is_empty());
        world
    }

    /// Returns the files that contain a secret in plain text.
    fn plain_files(&self) -> Vec<String> {
        let files = files_below(self.folder.path()).into_iter();
        let plain = files.filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains("canary"));
        plain.map(|(path, _)| path.display().to_string()).collect()
    }

    fn config(&self) -> PathBuf {
        self.root.join("config.toml")
    }

    fn touch(&self, of: &str) -> linkedin_tui::Result<()> {
        let change = |one: &mut Profile| {
            one.browser = Some("firefox".to_owned());
            Ok(())
        };
        self.store.update_profile(&name(of), change).map(drop)
    }
}

#[rstest]
#[case::example(Some(include_str!("../../config.example.toml")))]
#[case::off(Some("[storage]\nencryption = \"off\"\n"))]
#[case::empty(Some(""))]
#[case::missing(None)]
fn s32_encrypted_stays_encrypted_whatever_the_settings_say(#[case] settings: Option<&str>) {
    let world = World::encrypted();
    std::fs::remove_file(world.config()).unwrap();
    if let Some(settings) = settings {
        std::fs::write(world.config(), settings).unwrap();
    }
    let removed = world.store.remove_profile(&name("spare")).unwrap();
    world.touch("work").unwrap();
    world.store.put_app(&App { client_id: "86zzzzzzzzzzzz".to_owned(), ..app("my-app") }).unwrap();
    world.store.put_profile(profile("new"), |_| {}).unwrap();
    world.store.put_app(&app("another")).unwrap();
    world.store.rename_profile(&name("work"), &name("job")).unwrap();
    world.store.restore_profile(&removed).unwrap();
    assert_eq!(world.plain_files(), Vec::<String>::new());
    assert_eq!(world.store.profile(&name("spare")).unwrap(), profile("spare"));
    // Only the command turns it off.
    change_encryption(&world.root, &world.store, &world.keys, Encryption::Off).unwrap();
    world.store.put_profile(profile("plain"), |_| {}).unwrap();
    assert_eq!(world.plain_files().len(), 6);
}

#[test]
fn s32_a_settings_link_that_leads_nowhere_is_an_error() {
    let world = World::encrypted();
    std::fs::remove_file(world.config()).unwrap();
    symlink(world.folder.path().join("gone.toml"), world.config()).unwrap();
    for done in [world.store.put_profile(profile("new"), |_| {}).map(drop), world.store.put_app(&app("another"))] {
        let error = done.unwrap_err();
        assert_eq!(error.code, Code::Files);
        assert!(error.message.contains("config.toml is refused: it is a symbolic link that leads nowhere"), "{error}");
    }
    // An encrypted field is marked as such in its file.
    world.touch("work").unwrap();
    assert_eq!(world.plain_files(), Vec::<String>::new());
}

#[rstest]
#[case("profiles/work.toml", "access_token", "token.access_token")]
#[case("profiles/work.toml", "refresh_token", "token.refresh_token")]
#[case("apps/my-app.toml", "client_secret", "client_secret")]
fn s32_a_plain_value_in_an_encrypted_file_is_refused(#[case] file: &str, #[case] key: &str, #[case] field: &str) {
    let world = World::encrypted();
    let path = world.root.join(file);
    let mut document: toml_edit::DocumentMut = std::fs::read_to_string(&path).unwrap().parse().unwrap();
    let table = if field.contains('.') { document["token"].as_table_mut().unwrap() } else { document.as_table_mut() };
    table[key] = toml_edit::value("planted");
    let text = document.to_string();
    std::fs::write(&path, &text).unwrap();
    let is_app = file.starts_with("apps");
    let reads = [world.store.clone(), world.store.without_secrets()].map(|store| {
        if is_app { store.app(&name("my-app")).map(drop) } else { store.profile(&name("work")).map(drop) }
    });
    let writes = [
        change_encryption(&world.root, &world.store, &world.keys, Encryption::Passphrase).map(drop),
        if is_app {
            world.store.put_app(&App { client_id: "86zzzzzzzzzzzz".to_owned(), ..app("my-app") })
        } else {
            world.touch("work")
        },
    ];
    for done in reads.into_iter().chain(writes) {
        let error = done.unwrap_err();
        assert_eq!(error.code, Code::FileDamaged, "{field}: {error}");
        assert!(
            error.message.contains(&format!("{field} is plain text in a file whose secrets are encrypted")),
            "{error}"
        );
        assert!(!format!("{error:?}").contains("planted"));
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "never overwritten");
    assert_eq!(world.store.profile(&name("spare")).unwrap(), profile("spare"), "the others stay usable");
}

#[test]
fn a_manually_renamed_file_names_its_original_name() {
    let world = World::encrypted();
    let (work, job) = (world.store.profile_path(&name("work")), world.store.profile_path(&name("job")));
    std::fs::rename(&work, &job).unwrap();
    for done in [
        world.store.profile(&name("job")).map(drop),
        world.store.without_secrets().profile(&name("job")).map(drop),
        change_encryption(&world.root, &world.store, &world.keys, Encryption::Off).map(drop),
    ] {
        let error = done.unwrap_err();
        assert!(error.message.contains("job.toml was encrypted as profiles/work.toml"), "{error}");
        assert!(error.hint.contains("rename it back to profiles/work.toml"), "{}", error.hint);
    }
    std::fs::rename(&job, &work).unwrap();
    change_encryption(&world.root, &world.store, &world.keys, Encryption::Off).unwrap();
    assert_eq!(world.store.profile(&name("work")).unwrap(), profile("work"));
}

#[test]
fn s28_no_plain_temporary_file_survives_a_change_of_encryption() {
    let world = World::plain();
    let dotfiles = world.folder.path().join("dotfiles");
    std::fs::create_dir(&dotfiles).unwrap();
    let file = world.store.profile_path(&name("work"));
    std::fs::rename(&file, dotfiles.join("work.toml")).unwrap();
    symlink(dotfiles.join("work.toml"), &file).unwrap();
    let left = |folder: &Path, what: &str| {
        let path = folder.join(format!(".tmp-linkedin-tui-{what}"));
        write(&path, "access_token = \"AQcanary\"", 0o600);
        path
    };
    let orphans = [left(&world.root.join("profiles"), "own"), left(&world.root, "root"), left(&dotfiles, "linked")];
    // Another process saves into the same dotfiles at the moment.
    let busy = left(&dotfiles, "busy");
    let held = std::fs::OpenOptions::new().read(true).write(true).mode(0o600).open(&busy).unwrap();
    held.lock().unwrap();
    let passphrase = change_encryption(&world.root, &world.store, &world.keys, Encryption::Passphrase);
    passphrase.unwrap();
    for orphan in orphans {
        assert!(!orphan.exists(), "{}", orphan.display());
    }
    assert!(busy.exists(), "another process has it open");
    assert_eq!(world.plain_files(), [busy.display().to_string()]);
}

#[test]
fn s28_old_temporary_files_go_beside_link_targets_too() {
    let world = World::plain();
    let dotfiles = world.folder.path().join("dotfiles");
    std::fs::create_dir(&dotfiles).unwrap();
    let file = world.store.profile_path(&name("work"));
    std::fs::rename(&file, dotfiles.join("work.toml")).unwrap();
    symlink(dotfiles.join("work.toml"), &file).unwrap();
    let (old, new) = (dotfiles.join(".tmp-linkedin-tui-old"), dotfiles.join(".tmp-linkedin-tui-new"));
    for path in [&old, &new] {
        write(path, "canary", 0o600);
    }
    let hours_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 3600);
    std::fs::File::options().write(true).open(&old).unwrap().set_modified(hours_ago).unwrap();
    world.store.profiles().unwrap();
    assert!(!old.exists() && new.exists());
    // The next export into that folder deletes the leftovers of an earlier one.
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
fn s32_a_key_readable_by_others_is_refused(#[case] file: &str, #[case] mode: u32, #[case] is_refused: bool) {
    let world = World::encrypted();
    let path = world.folder.path().join(file);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    let keys = Arc::new(Keys::new(&world.root, Some(world.folder.path().join("passphrase")), no_prompt));
    let fresh = ProfileStore::open(&world.root).unwrap().with_keys(keys);
    match fresh.profile(&name("work")) {
        Ok(found) => assert!(!is_refused && found == profile("work")),
        Err(error) => {
            assert!(is_refused, "{error}");
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
fn a_short_passphrase_is_refused(#[case] passphrase: &str, #[case] is_accepted: bool) {
    let world = World::plain();
    write(&world.folder.path().join("passphrase"), &format!("{passphrase}\n"), 0o600);
    let done = change_encryption(&world.root, &world.store, &world.keys, Encryption::Passphrase);
    assert_eq!(done.is_ok(), is_accepted);
    if let Err(error) = done {
        assert_eq!(error.code, Code::BadInput);
        assert!(error.message.contains("too short: 8 characters are the minimum"), "{error}");
        assert!(!world.root.join("keys").exists() && !world.config().exists(), "nothing was changed");
    }
}

#[test]
fn an_unrepeated_passphrase_creates_no_key() {
    #[expect(clippy::unnecessary_wraps, reason = "the type of a prompt")]
    fn slips(question: PassphrasePrompt) -> linkedin_tui::Result<Option<Secret>> {
        Ok(Some(Secret::new(if question == PassphrasePrompt::ConfirmPassphrase {
            "something else"
        } else {
            PASSPHRASE
        })))
    }
    let world = World::plain();
    let keys = Keys::new(&world.root, None, slips);
    let error = change_encryption(&world.root, &world.store, &keys, Encryption::Passphrase).unwrap_err();
    assert!(error.message.contains("differ") && !world.root.join("keys").exists(), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn x12_a_process_that_holds_a_key_leaves_no_core_file() {
    use rustix::process::{DumpableBehavior, dumpable_behavior};
    // The setting applies to the whole process.
    if !is_alone("encrypted::x12_a_process_that_holds_a_key_leaves_no_core_file") {
        return;
    }
    assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::Dumpable);
    let world = World::encrypted();
    world.store.profile(&name("work")).unwrap();
    assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
}
