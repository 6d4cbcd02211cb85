//! Locks: what a lock guards is read under it, no prompt is shown while one is held, and several are taken in
//! one order.

use std::fs::TryLockError;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use linkedin_tui::internal::store::{Encryption, Profile, ProfileStore};
use linkedin_tui::{Code, Result};

use crate::support::storage_key::{EncryptionChange, MemoryKeys};
use crate::support::{DEADLINE, app, fill, name, profile, wait_until};

/// Returns the lock files that are held.
fn held(root: &Path) -> Vec<String> {
    let files = std::fs::read_dir(root.join("locks")).into_iter().flatten().flatten();
    let is_held = |path: &Path| {
        let file = std::fs::File::open(path).unwrap();
        matches!(file.try_lock(), Err(TryLockError::WouldBlock))
    };
    files.map(|entry| entry.path()).filter(|path| is_held(path)).map(|path| path.display().to_string()).collect()
}

struct World {
    folder: tempfile::TempDir,
    store: ProfileStore,
    keys: Arc<MemoryKeys>,
}

impl World {
    fn new(wanted: Encryption) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // A program that another test starts briefly inherits every lock's descriptor.
        let assert_unlocked = |root: &Path| wait_until("no lock is held during the prompt", || held(root).is_empty());
        let keys = MemoryKeys::new(folder.path(), wanted, assert_unlocked);
        let store = ProfileStore::open(folder.path()).unwrap().with_keys(keys.clone());
        fill(&store);
        Self { folder, store, keys }
    }

    fn change(&self, wanted: Encryption, commit: &(dyn Fn() -> Result<()> + Sync)) -> Result<()> {
        let commit = || {
            commit()?;
            self.keys.want(wanted);
            Ok(())
        };
        let change = EncryptionChange { keys: &self.keys, wanted, commit: &commit };
        self.store.reencrypt(wanted, &change, || ()).map(drop)
    }
}

/// Returns how many descriptors of this process are open on the file.
fn descriptors(path: &Path) -> usize {
    let open = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    open.filter(|entry| std::fs::read_link(entry.path()).is_ok_and(|target| target == path)).count()
}

#[test]
fn a_rename_beside_a_change_of_encryption_stays_readable() {
    for (before, after) in [(Encryption::Off, Encryption::Passphrase), (Encryption::Passphrase, Encryption::Off)] {
        let world = World::new(before);
        let root = world.folder.path();
        std::thread::scope(|scope| {
            // The rename begins while all temporary files exist, and continues when they replace the files.
            let commit = || {
                let store = world.store.clone();
                scope.spawn(move || store.rename_profile(&name("work"), &name("job")).unwrap());
                wait_until("the rename waits", || {
                    let locks = ["locks/storage.lock", "locks/storage-queue.lock"];
                    locks.iter().any(|lock| descriptors(&root.join(lock)) > 1)
                });
                Ok(())
            };
            world.change(after, &commit).unwrap();
        });
        let expected = Profile { name: name("job"), ..profile("work") };
        assert_eq!(world.store.profile(&name("job")).unwrap(), expected, "{before:?} to {after:?}");
        assert_eq!(world.store.profile(&name("work")).unwrap_err().code, Code::NoSuchProfile);
        let text = std::fs::read_to_string(world.store.profile_path(&name("job"))).unwrap();
        assert_eq!(text.contains("AQcanary"), after == Encryption::Off, "{text}");
        world.change(before, &|| Ok(())).unwrap();
        assert_eq!(world.store.profile(&name("job")).unwrap(), expected, "and back");
    }
}

#[test]
fn opposite_renames_do_not_wait_for_each_other() {
    let world = World::new(Encryption::Off);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for (one, other) in [("work", "spare"), ("spare", "work")] {
            let store = world.store.clone();
            // Each is refused, because the other name is taken; the test is that none of them hangs.
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
    let world = World::new(Encryption::Passphrase);
    let (store, work, spare) = (&world.store, name("work"), name("spare"));
    let browser = |to: &str| {
        let to = to.to_owned();
        move |profile: &mut Profile| {
            profile.browser = Some(to);
            Ok(())
        }
    };
    let lock = store.lock_profile(&spare, DEADLINE).unwrap();
    let removed = Mutex::new(None);
    let operations: [(&str, &dyn Fn() -> Result<()>); 10] = [
        ("update", &|| store.update_profile(&work, browser("a")).map(drop)),
        ("put", &|| store.put_profile(profile("new"), |_| {}).map(drop)),
        ("put app", &|| store.put_app(&app("my-app"))),
        ("can save", &|| store.ensure_writable(&work, &name("my-app"))),
        ("rename", &|| store.rename_profile(&work, &name("job"))),
        ("remove", &|| {
            *removed.lock().unwrap() = Some(store.remove_profile(&name("job"))?);
            Ok(())
        }),
        ("restore", &|| store.restore_profile(removed.lock().unwrap().as_ref().unwrap())),
        ("change of encryption", &|| world.change(Encryption::Off, &|| Ok(()))),
        ("and back", &|| world.change(Encryption::Passphrase, &|| Ok(()))),
        ("read", &|| store.profile(&name("job")).map(drop)),
    ];
    drop(lock);
    for (what, operation) in operations {
        world.keys.set_known(false);
        let prompts_before = world.keys.prompts();
        operation().unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(world.keys.prompts(), prompts_before + 1, "{what}: prompted once");
    }
    // A lock that is held for long, as by a refresh, is released during the prompt.
    let lock = store.lock_profile(&spare, DEADLINE).unwrap();
    for what in ["update", "read", "can save"] {
        world.keys.set_known(false);
        match what {
            "update" => drop(store.update_locked(&lock, browser("b")).unwrap()),
            "read" => drop(store.read_locked(&lock, |store| store.profile(&spare)).unwrap()),
            _ => store.ensure_writable_locked(&lock, &name("my-app")).unwrap(),
        }
        wait_until(&format!("the lock alone is held again after it: {what}"), || held(world.folder.path()).len() == 1);
    }
    drop(lock);
    assert_eq!(store.profile(&spare).unwrap().browser.as_deref(), Some("b"));
}

#[test]
fn a_manual_edit_during_an_encryption_change_stays() {
    let world = World::new(Encryption::Off);
    let path = world.store.profile_path(&name("work"));
    let edited = std::fs::read_to_string(&path).unwrap() + "# mine\n";
    let commit = || {
        std::fs::write(&path, &edited).unwrap();
        Ok(())
    };
    let error = world.change(Encryption::Passphrase, &commit).unwrap_err();
    assert_eq!(error.code, Code::Files);
    assert!(error.message.contains("work.toml was changed by another program meanwhile"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), edited);
    // Running it again does the rest, including the edit.
    world.change(Encryption::Passphrase, &|| Ok(())).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("# mine") && !text.contains("AQcanary"), "{text}");
    assert_eq!(world.store.profile(&name("work")).unwrap(), profile("work"));
}

#[test]
fn many_writers_do_not_starve_an_encryption_change() {
    let world = World::new(Encryption::Off);
    // The others hold locks meanwhile; which of them prompts does not matter here.
    world.keys.set_known(true);
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for writer in 0..6 {
            let (store, ended) = (world.store.clone(), &ended);
            scope.spawn(move || {
                while !ended.load(Ordering::SeqCst) {
                    store.put_profile(profile(&format!("w{writer}")), |_| {}).unwrap();
                }
            });
        }
        let changes: Vec<Result<Duration>> = (0..6)
            .map(|turn| {
                let wanted = if turn % 2 == 0 { Encryption::Passphrase } else { Encryption::Off };
                let started = Instant::now();
                world.change(wanted, &|| Ok(())).map(|()| started.elapsed())
            })
            .collect();
        ended.store(true, Ordering::SeqCst);
        for change in changes {
            let took = change.unwrap();
            assert!(took < DEADLINE, "it has its turn: {took:?}");
        }
    });
}
