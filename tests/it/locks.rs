//! Locks: guarded files are read under the lock, no prompt appears while a lock is held, and several locks are acquired in
//! one order.

use std::fs::TryLockError;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use linkedin_tui::internal::store::{Encryption, Profile};
use linkedin_tui::{Code, Result};

use crate::support::encrypted_store::EncryptedStore;
use crate::support::{DEADLINE, app, name, profile, wait_until};

/// Returns the lock files that are held, without those of deleted profiles, for which no process waits.
fn held_locks(root: &Path) -> Vec<String> {
    let files = std::fs::read_dir(root.join("locks")).into_iter().flatten().flatten();
    let is_held = |path: &Path| {
        let file = std::fs::File::open(path).unwrap();
        !path.file_name().unwrap().to_string_lossy().starts_with("deleted-")
            && matches!(file.try_lock(), Err(TryLockError::WouldBlock))
    };
    files.map(|entry| entry.path()).filter(|path| is_held(path)).map(|path| path.display().to_string()).collect()
}

/// Creates a store that asserts at each prompt that no lock is held.
fn encrypted_store(encryption: Encryption) -> EncryptedStore {
    // A child of a parallel test briefly inherits the descriptor of every lock.
    EncryptedStore::new(encryption, |root| {
        wait_until("locks to be released during the prompt", || held_locks(root).is_empty());
    })
}

/// Returns how many descriptors of this process are open on the file.
fn open_descriptors(path: &Path) -> usize {
    let open = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    open.filter(|entry| std::fs::read_link(entry.path()).is_ok_and(|target| target == path)).count()
}

#[test]
fn a_rename_during_an_encryption_change_is_readable() {
    for (before, after) in [(Encryption::Off, Encryption::Passphrase), (Encryption::Passphrase, Encryption::Off)] {
        let env = encrypted_store(before);
        let root = env.directory.path();
        std::thread::scope(|scope| {
            // The rename begins while all temporary files exist, and continues when they replace the files.
            let commit = || {
                let store = env.store.clone();
                scope.spawn(move || store.rename_profile(&name("work"), &name("job")).unwrap());
                wait_until("the rename to wait for a lock", || {
                    let locks = ["locks/storage.lock", "locks/storage-queue.lock"];
                    locks.iter().any(|lock| open_descriptors(&root.join(lock)) > 1)
                });
                Ok(())
            };
            env.change_encryption(after, &commit).unwrap();
        });
        let expected = Profile { name: name("job"), ..profile("work") };
        assert_eq!(env.store.profile(&name("job")).unwrap(), expected, "{before:?} to {after:?}");
        assert_eq!(env.store.profile(&name("work")).unwrap_err().code, Code::NoSuchProfile);
        let text = std::fs::read_to_string(env.store.profile_path(&name("job"))).unwrap();
        assert_eq!(text.contains("AQcanary"), after == Encryption::Off, "{text}");
        env.change_encryption(before, &|| Ok(())).unwrap();
        assert_eq!(env.store.profile(&name("job")).unwrap(), expected, "and back");
    }
}

#[test]
fn opposite_renames_do_not_deadlock() {
    let env = encrypted_store(Encryption::Off);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for (one, other) in [("work", "spare"), ("spare", "work")] {
            let store = env.store.clone();
            // Each rename fails because the name is taken; the test is that none of them hangs.
            scope.spawn(move || {
                for _ in 0..30 {
                    assert_eq!(store.rename_profile(&name(one), &name(other)).unwrap_err().code, Code::BadInput);
                }
            });
        }
    });
    assert!(started.elapsed() < DEADLINE, "{:?}", started.elapsed());
}

#[test]
fn no_prompt_appears_while_a_lock_is_held() {
    let env = encrypted_store(Encryption::Passphrase);
    let (store, work, spare) = (&env.store, name("work"), name("spare"));
    let set_browser = |to: &str| {
        let to = to.to_owned();
        move |profile: &mut Profile| {
            profile.browser = Some(to);
            Ok(())
        }
    };
    let removed = Mutex::new(None);
    let operations: [(&str, &dyn Fn() -> Result<()>); 10] = [
        ("update", &|| store.update_profile(&work, set_browser("a")).map(drop)),
        ("create or update", &|| store.create_or_update_profile(profile("new"), |_| {}).map(drop)),
        ("save app", &|| store.save_app(&app("my-app"))),
        ("ensure writable", &|| store.ensure_writable(&work, &name("my-app"))),
        ("rename", &|| store.rename_profile(&work, &name("job"))),
        ("delete with undo", &|| {
            *removed.lock().unwrap() = Some(store.delete_profile_with_undo(&name("job"))?);
            Ok(())
        }),
        ("restore", &|| store.restore_profile(removed.lock().unwrap().as_ref().unwrap())),
        ("change of encryption", &|| env.change_encryption(Encryption::Off, &|| Ok(()))),
        ("and back", &|| env.change_encryption(Encryption::Passphrase, &|| Ok(()))),
        ("read", &|| store.profile(&name("job")).map(drop)),
    ];
    for (what, operation) in operations {
        env.keys.set_cached(false);
        let prompts_before = env.keys.prompts();
        operation().unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(env.keys.prompts(), prompts_before + 1, "{what}: prompted once");
    }
    // A lock that is held for long, as by a refresh, is released during the prompt.
    let lock = store.lock_profile(&spare, DEADLINE).unwrap();
    for what in ["update", "read", "ensure writable"] {
        env.keys.set_cached(false);
        match what {
            "update" => drop(store.update_locked(&lock, set_browser("b")).unwrap()),
            "read" => drop(store.read_locked(&lock, |store| store.profile(&spare)).unwrap()),
            _ => store.ensure_writable_locked(&lock, &name("my-app")).unwrap(),
        }
        wait_until(&format!("only the profile lock to be held after {what}"), || {
            held_locks(env.directory.path()).len() == 1
        });
    }
    drop(lock);
    assert_eq!(store.profile(&spare).unwrap().browser.as_deref(), Some("b"));
}

#[test]
fn a_manual_edit_during_an_encryption_change_is_kept() {
    let env = encrypted_store(Encryption::Off);
    let path = env.store.profile_path(&name("work"));
    let edited = std::fs::read_to_string(&path).unwrap() + "# note\n";
    let commit = || {
        std::fs::write(&path, &edited).unwrap();
        Ok(())
    };
    let error = env.change_encryption(Encryption::Passphrase, &commit).unwrap_err();
    assert_eq!(error.code, Code::Files);
    assert!(error.message.contains("work.toml was changed by another program;"), "{error}");
    assert_eq!(env.keys.discarded(), 0, "the key is committed, and other files are encrypted with it");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), edited);
    // Running the change again encrypts the rest, including the edit.
    env.change_encryption(Encryption::Passphrase, &|| Ok(())).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("# note") && !text.contains("AQcanary"), "{text}");
    assert_eq!(env.store.profile(&name("work")).unwrap(), profile("work"));
}

#[test]
fn many_writers_do_not_starve_an_encryption_change() {
    let env = encrypted_store(Encryption::Off);
    // The writers hold locks, so the prompt of this key must not check them.
    env.keys.set_cached(true);
    let is_finished = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for writer in 0..6 {
            let (store, is_finished) = (env.store.clone(), &is_finished);
            scope.spawn(move || {
                while !is_finished.load(Ordering::SeqCst) {
                    store.create_or_update_profile(profile(&format!("w{writer}")), |_| {}).unwrap();
                }
            });
        }
        let changes: Vec<Result<Duration>> = (0..6)
            .map(|round| {
                let encryption = if round % 2 == 0 { Encryption::Passphrase } else { Encryption::Off };
                let started = Instant::now();
                env.change_encryption(encryption, &|| Ok(())).map(|()| started.elapsed())
            })
            .collect();
        is_finished.store(true, Ordering::SeqCst);
        for change in changes {
            let elapsed = change.unwrap();
            assert!(elapsed < DEADLINE, "the change took {elapsed:?}");
        }
    });
}
