//! The files: damage, newer formats, changes by other programs, modes, concurrent writers.

#[cfg(unix)]
use std::path::Path;
use std::path::PathBuf;

use linkedin_tui::internal::secret::Secret;
use linkedin_tui::internal::store::{App, Member, Name, Profile, ProfileStore, PublishedPost};
use linkedin_tui::{Code, Error};
use proptest::prelude::*;

use crate::support::{
    self, ACCESS_TOKEN, CLIENT_SECRET, REFRESH_TOKEN, app, files_below, name, paths_below, save, start_time,
};

/// Returns a profile with a member whose name needs quoting.
fn profile(text: &str) -> Profile {
    Profile {
        scopes: vec!["openid".to_owned(), "profile".to_owned()],
        member: Some(Member { id: "-x1".to_owned(), name: Some("李 \"Ada\"".to_owned()), email: None }),
        ..support::profile(text)
    }
}

/// Creates a store with an app and the profiles `work` and `spare`.
fn store() -> (tempfile::TempDir, ProfileStore) {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("config");
    let store = ProfileStore::open(&root).unwrap();
    store.save_app(&app("my-app")).unwrap();
    for text in ["work", "spare"] {
        save(&store, profile(text));
    }
    store.set_current_profile(Some(&name("work"))).unwrap();
    (directory, store)
}

fn rename_member(store: &ProfileStore, profile: &str, to: &str) -> Result<(), Error> {
    let change = |profile: &mut Profile| {
        profile.member.as_mut().unwrap().name = Some(to.to_owned());
        Ok(())
    };
    store.update_profile(&name(profile), change).map(drop)
}

/// Asserts that an error contains none of the file's secrets.
fn assert_no_secret(error: &Error, what: &str) {
    let printed = format!("{error} {error:?} {error:#?} {}", error.hint);
    for secret in [ACCESS_TOKEN, REFRESH_TOKEN, CLIENT_SECRET] {
        assert!(!printed.contains(&secret[..10]), "{what}: {printed}");
    }
}

#[test]
fn s05_damage_is_reported_by_position_never_overwritten() {
    let (_directory, store) = store();
    let path = store.profile_path(&name("work"));
    let valid = std::fs::read(&path).unwrap();
    let zeros = vec![0; valid.len()];
    let merge = [b"<<<<<<< HEAD\n".as_slice(), &valid, b">>>>>>> theirs\n"].concat();
    let unclosed = [&valid[..], b"\nbroken = \"".as_slice(), ACCESS_TOKEN.as_bytes(), b"\n"].concat();
    for damage in [&valid[..valid.len() / 2], &zeros, b"", b"\xff\xfe\x00garbage", &merge, &unclosed, b"app = 3\n"] {
        std::fs::write(&path, damage).unwrap();
        let what = String::from_utf8_lossy(damage).into_owned();
        let error = store.profile(&name("work")).unwrap_err();
        assert_eq!(error.code, Code::FileDamaged, "{what}");
        assert!(error.message.contains("work.toml"), "{error}");
        assert_no_secret(&error, &what);
        let error = rename_member(&store, "work", "x").unwrap_err();
        assert_no_secret(&error, &what);
        let fresh = profile("work");
        assert!(store.create_or_update_profile(fresh.clone(), |stored| *stored = fresh).is_err(), "{what}");
        assert_eq!(std::fs::read(&path).unwrap(), damage, "never overwritten");
        assert!(store.profile(&name("spare")).is_ok(), "other profiles stay usable");
        assert_eq!(store.profiles().unwrap().len(), 2);
        assert!(rename_member(&store, "spare", "y").is_ok());
    }
}

#[test]
fn s05_no_changed_byte_leaks_a_secret_or_panics() {
    let (_directory, store) = store();
    let path = store.profile_path(&name("work"));
    let valid = std::fs::read(&path).unwrap();
    for at in 0..valid.len() {
        for byte in [b'"', b'\n', 0, 0xff, b'[', b'x'] {
            let mut changed = valid.clone();
            changed[at] = byte;
            std::fs::write(&path, &changed).unwrap();
            if let Err(error) = store.profile(&name("work")) {
                assert_no_secret(&error, &format!("byte {at} is {byte}"));
            }
        }
    }
}

#[test]
fn s06_a_newer_format_is_read_but_not_written() {
    let (_directory, store) = store();
    let path = store.profile_path(&name("work"));
    let newer = std::fs::read_to_string(&path).unwrap().replace("schema = 1", "schema = 2");
    std::fs::write(&path, &newer).unwrap();
    assert!(store.profile(&name("work")).is_ok());
    let error = rename_member(&store, "work", "x").unwrap_err();
    assert_eq!(error.code, Code::FileNewer);
    assert!(error.message.contains("schema 2"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), newer);
    let apps = path.parent().unwrap().parent().unwrap().join("apps/my-app.toml");
    let newer = std::fs::read_to_string(&apps).unwrap().replace("schema = 1", "schema = 9");
    std::fs::write(&apps, &newer).unwrap();
    let changed = App { client_id: "86zzzzzzzzzzzz".to_owned(), ..app("my-app") };
    assert_eq!(store.save_app(&changed).unwrap_err().code, Code::FileNewer);
    assert_eq!(std::fs::read_to_string(&apps).unwrap(), newer);
}

#[test]
fn s07_comments_and_unknown_keys_survive() {
    let (_directory, store) = store();
    let path = store.profile_path(&name("work"));
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace("[member]", "color = \"teal\" # note\n\n# who\n[member]\nnick = \"A\"");
    std::fs::write(&path, format!("# at the top\n{text}\n[future]\nkey = [1, 2]\n")).unwrap();
    rename_member(&store, "work", "Grace").unwrap();
    let after = std::fs::read_to_string(&path).unwrap();
    for line in ["# at the top", "color = \"teal\" # note", "# who", "nick = \"A\"", "[future]", "key = [1, 2]"] {
        assert!(after.contains(line), "{line} is missing:\n{after}");
    }
    assert!(after.contains("Grace"));
}

#[test]
fn s08_invalid_names_and_case_duplicates_are_reported() {
    let (_directory, store) = store();
    let directory = store.profile_path(&name("work")).parent().unwrap().to_owned();
    for file in ["Work.toml", "work (1).toml", "büro.toml"] {
        std::fs::write(directory.join(file), "schema = 1\n").unwrap();
    }
    assert_eq!(store.profile_names().unwrap(), [name("spare"), name("work")]);
    let warnings = store.misnamed_files().unwrap().join("\n");
    for file in ["Work.toml", "work (1).toml", "büro.toml"] {
        assert!(warnings.contains(file), "{warnings}");
    }
}

#[test]
fn s09_many_writers_lose_nothing() {
    let (_directory, store) = store();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let store = store.clone();
            scope.spawn(move || {
                for number in 0..25 {
                    save(&store, profile(&format!("w{writer}-{number}")));
                    // All writers also change the same file.
                    let change = |profile: &mut Profile| {
                        profile.scopes.push(format!("s{writer}x{number}"));
                        Ok(())
                    };
                    store.update_profile(&name("spare"), change).unwrap();
                }
            });
        }
    });
    assert_eq!(store.profile_names().unwrap().len(), 2 + 8 * 25);
    assert_eq!(store.profile(&name("spare")).unwrap().scopes.len(), 2 + 8 * 25);
    let leftovers: Vec<PathBuf> = paths_below(store.profile_path(&name("work")).parent().unwrap())
        .into_iter()
        .filter(|path| path.is_file() && path.extension().is_none_or(|kind| kind != "toml"))
        .collect();
    assert!(leftovers.is_empty(), "{leftovers:?}");
}

#[cfg(unix)]
#[test]
fn s15_a_save_goes_through_a_link_to_its_target() {
    let (directory, store) = store();
    let path = store.profile_path(&name("work"));
    let dotfiles = directory.path().join("dotfiles");
    std::fs::create_dir(&dotfiles).unwrap();
    let target = dotfiles.join("work.toml");
    std::fs::rename(&path, &target).unwrap();
    std::os::unix::fs::symlink(&target, &path).unwrap();
    rename_member(&store, "work", "Grace").unwrap();
    assert!(path.is_symlink(), "the link stays");
    assert!(std::fs::read_to_string(&target).unwrap().contains("Grace"));
    // A dangling link is rejected.
    std::fs::remove_file(&target).unwrap();
    let fresh = profile("work");
    assert!(store.create_or_update_profile(fresh.clone(), |stored| *stored = fresh).is_err());
    assert!(!target.exists());
}

#[cfg(unix)]
#[test]
fn s18_open_modes_are_restricted_and_reported_once() {
    use std::os::unix::fs::PermissionsExt;
    let (_directory, store) = store();
    let path = store.profile_path(&name("work"));
    let root = path.parent().unwrap().parent().unwrap().to_owned();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let set_mode = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    for (directory, file) in [(0o755, 0o644), (0o777, 0o660)] {
        set_mode(&root, directory);
        set_mode(&path, file);
        let store = ProfileStore::open(&root).unwrap();
        store.profile(&name("work")).unwrap();
        assert_eq!((mode(&root), mode(&path)), (0o700, 0o600));
        let warnings = store.take_warnings().join("\n");
        assert!(warnings.contains("work.toml") && warnings.contains("new client secret"), "{warnings}");
        assert!(store.take_warnings().is_empty(), "reported once");
        store.profile(&name("work")).unwrap();
        assert!(store.take_warnings().is_empty());
    }
}

#[cfg(unix)]
#[test]
fn s18_open_subdirectories_are_made_private() {
    use std::os::unix::fs::PermissionsExt;
    let (_directory, store) = store();
    let root = store.profile_path(&name("work")).parent().unwrap().parent().unwrap().to_owned();
    let mode = |path: &str| std::fs::metadata(root.join(path)).unwrap().permissions().mode() & 0o777;
    let set_mode = |path: &str, mode| {
        std::fs::set_permissions(root.join(path), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let other_directories = ["photos", "elsewhere"];
    for directory in other_directories {
        std::fs::create_dir(root.join(directory)).unwrap();
    }
    std::os::unix::fs::symlink(root.join("elsewhere"), root.join("posts")).unwrap();
    std::fs::write(root.join("drafts"), "a file").unwrap();
    for open_mode in [0o777, 0o755, 0o710] {
        for directory in ["profiles", "apps", "locks", "photos", "elsewhere"] {
            set_mode(directory, open_mode);
        }
        // Reading changes nothing.
        drop(ProfileStore::open_unchecked(&root));
        assert_eq!(mode("profiles"), open_mode);
        let store = ProfileStore::open(&root).unwrap();
        assert_eq!([mode("profiles"), mode("apps"), mode("locks")], [0o700; 3], "{open_mode:o}");
        assert_eq!(other_directories.map(mode), [open_mode; 2], "not created by this program");
        let warnings = store.take_warnings();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        let expected = format!(
            "could be read by other users (modes {open_mode:o}, {open_mode:o}, {open_mode:o}) and were made private"
        );
        assert!(
            ["apps, ", "profiles and ", "locks ", &expected].iter().all(|part| warnings[0].contains(part)),
            "{warnings:?}"
        );
        assert!(ProfileStore::open(&root).unwrap().take_warnings().is_empty(), "reported once");
    }
}

#[cfg(unix)]
#[test]
fn s20_no_file_is_ever_readable_by_others() {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::atomic::{AtomicBool, Ordering};

    use crate::support::process::runs_in_own_process_with_umask;

    // The widest umask: a private file must be private from its creation.
    if !runs_in_own_process_with_umask("storage::s20_no_file_is_ever_readable_by_others", "000") {
        return;
    }
    let (directory, store) = store();
    let is_finished = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut checked_files = 0;
            while !is_finished.load(Ordering::SeqCst) {
                for path in paths_below(directory.path()) {
                    // The file may have been deleted in between.
                    let Ok(metadata) = std::fs::symlink_metadata(&path) else { continue };
                    assert_eq!(metadata.permissions().mode() & 0o077, 0, "{}", path.display());
                    checked_files += 1;
                }
            }
            checked_files
        });
        for number in 0..300 {
            save(&store, profile(&format!("n{number}")));
            rename_member(&store, "work", &number.to_string()).unwrap();
        }
        is_finished.store(true, Ordering::SeqCst);
        assert!(watcher.join().unwrap() > 0);
    });
}

#[test]
fn a_restored_profile_has_its_posts_and_is_current_again() {
    let (dir, store) = store();
    let (work, now) = (name("work"), start_time());
    store
        .save_post(&work, &PublishedPost::new(Some("urn:li:share:1".to_owned()), "urn:li:person:x", now, "Hello"))
        .unwrap();
    let contents = || {
        let files = files_below(dir.path()).into_iter();
        files.filter(|(path, _)| path.extension().is_some_and(|end| end == "toml")).collect::<Vec<_>>()
    };
    let before = contents();
    let deleted = store.delete_profile_with_undo(&work).unwrap();
    assert!(store.posts(&work).unwrap().is_empty() && store.current_profile().unwrap().is_none());
    store.restore_profile(&deleted).unwrap();
    assert_eq!(contents(), before);
    let error = store.restore_profile(&deleted).unwrap_err();
    assert_eq!(error.code, Code::BadInput, "a restore never overwrites");
}

#[test]
fn saved_values_are_read_back() {
    let (_directory, store) = store();
    assert_eq!(store.profile(&name("work")).unwrap(), profile("work"));
    assert_eq!(store.app(&name("my-app")).unwrap(), app("my-app"));
    assert_eq!(store.current_profile().unwrap(), Some(name("work")));
}

proptest! {
    #[test]
    fn any_text_is_saved_and_read_back(who in "\\PC{0,40}", mail in ".{0,20}", scope in "[!-~]{1,20}", token in "[!-~]{1,1000}") {
        let (_directory, store) = store();
        let mut unusual = profile("unusual");
        unusual.member = Some(Member { id: "_a".to_owned(), name: Some(who), email: Some(mail) });
        unusual.scopes = vec![scope];
        unusual.token.as_mut().unwrap().access = Secret::new(token);
        save(&store, unusual.clone());
        prop_assert_eq!(store.profile(&name("unusual")).unwrap(), unusual);
    }

    #[test]
    fn s22_no_name_escapes_the_directory(text in prop_oneof!["[a-z0-9._-]{1,64}", "[a-z./\\\\]{1,6}", "(\\PC|[./\\\\\0\n]){0,300}"]) {
        if let Ok(name) = Name::parse(&text) {
            let (directory, store) = store();
            let path = store.profile_path(&name);
            prop_assert_eq!(path.parent().unwrap(), directory.path().join("config/profiles"));
        }
        prop_assert!(!text.contains(['/', '\\', '\0']) || Name::parse(&text).is_err());
    }
}
