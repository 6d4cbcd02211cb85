//! Who waits for whom: what a lock guards is read under it, nobody is asked anything while one is held, and several are taken in
//! one order.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a failed test should stop where it failed")]

use std::fs::TryLockError;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use linkedin_tui::linkedin::{Flow, RedirectUrl};
use linkedin_tui::secret::Secret;
use linkedin_tui::store::{App, Encryption, Key, KeyChange, KeyProvider, Name, Profile, ProfileStore, Token};
use linkedin_tui::{Code, Result};

const DEADLINE: Duration = Duration::from_secs(20);

/// A person with a passphrase, who is asked once after each time the key was forgotten.
#[derive(Debug)]
struct Person {
    wanted: Mutex<Encryption>,
    key: Key,
    known: AtomicBool,
    asked: AtomicUsize,
    root: std::path::PathBuf,
}

impl Person {
    fn forget(&self) {
        self.known.store(false, Ordering::SeqCst);
    }

    fn want(&self, wanted: Encryption) {
        *self.wanted.lock().unwrap() = wanted;
    }
}

impl KeyProvider for Person {
    fn preferred_encryption(&self) -> Result<Encryption> {
        Ok(*self.wanted.lock().unwrap())
    }

    fn key(&self, _: Encryption) -> Result<Key> {
        if !self.known.swap(true, Ordering::SeqCst) {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let held = held(&self.root);
            assert!(held.is_empty(), "asked while these locks are held: {held:?}");
        }
        Ok(self.key.clone())
    }

    fn cached_key(&self, _: Encryption) -> Result<Option<Key>> {
        Ok(self.known.load(Ordering::SeqCst).then(|| self.key.clone()))
    }
}

/// The lock files that somebody holds.
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
    person: Arc<Person>,
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn profile(of: &str) -> Profile {
    let mut profile = Profile::new(name(of), name("my-app"), vec!["openid".to_owned()]);
    profile.token = Some(Token {
        access: Secret::new(format!("AQcanary-{of}")),
        scopes: vec!["openid".to_owned()],
        issued_at: Timestamp::from_second(1_795_000_000).unwrap(),
        expires_at: None,
        refresh: None,
    });
    profile
}

fn app(secret: &str) -> App {
    App {
        name: name("my-app"),
        client_id: "86abcdefghijkl".to_owned(),
        client_secret: Some(Secret::new(secret)),
        redirect_url: RedirectUrl::parse(RedirectUrl::DEFAULT).unwrap(),
        flow: Flow::Standard,
    }
}

impl World {
    fn new(wanted: Encryption) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let person = Arc::new(Person {
            wanted: Mutex::new(wanted),
            key: Key::generate(),
            known: AtomicBool::new(false),
            asked: AtomicUsize::new(0),
            root: folder.path().to_owned(),
        });
        let store = ProfileStore::open(folder.path()).unwrap().with_keys(person.clone());
        store.put_app(&app("first")).unwrap();
        store.put_profile(profile("work"), |_| {}).unwrap();
        store.put_profile(profile("spare"), |_| {}).unwrap();
        Self { folder, store, person }
    }

    fn change(&self, wanted: Encryption, commit: &(dyn Fn() -> Result<()> + Sync)) -> Result<()> {
        let change = Change { person: &self.person, wanted, commit };
        self.store.reencrypt(wanted, &change, || ()).map(drop)
    }
}

struct Change<'a> {
    person: &'a Person,
    wanted: Encryption,
    commit: &'a (dyn Fn() -> Result<()> + Sync),
}

impl KeyChange for Change<'_> {
    type Prepared = Option<Key>;

    fn prepare(&self, _: bool) -> Result<Option<Key>> {
        if self.wanted == Encryption::Off { Ok(None) } else { self.person.key(self.wanted).map(Some) }
    }

    fn key(prepared: &Option<Key>) -> Option<Key> {
        prepared.clone()
    }

    fn is_current(&self, _: &Option<Key>) -> bool {
        true
    }

    fn commit(&self, _: &Option<Key>) -> Result<()> {
        (self.commit)()?;
        self.person.want(self.wanted);
        Ok(())
    }

    fn discard(&self, _: Option<Key>) {}
}

/// How many descriptors of this process are open on the file.
fn descriptors(path: &Path) -> usize {
    let open = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    open.filter(|entry| std::fs::read_link(entry.path()).is_ok_and(|target| target == path)).count()
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

#[test]
fn a_rename_beside_a_change_of_encryption_stays_readable() {
    for (before, after) in [(Encryption::Off, Encryption::Passphrase), (Encryption::Passphrase, Encryption::Off)] {
        let world = World::new(before);
        let root = world.folder.path();
        std::thread::scope(|scope| {
            // The rename begins while all files lie ready, and goes on when they are replaced.
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
            // Each is refused, for the other name is taken; what counts is that none of them hangs.
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
fn nobody_is_asked_while_a_lock_is_held() {
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
        ("put app", &|| store.put_app(&app("second"))),
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
        world.person.forget();
        let asked = world.person.asked.load(Ordering::SeqCst);
        operation().unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(world.person.asked.load(Ordering::SeqCst), asked + 1, "{what}: asked once");
    }
    // Under a lock that is held for long, as a refresh holds it, it is given back for the question.
    let lock = store.lock_profile(&spare, DEADLINE).unwrap();
    for what in ["update", "read", "can save"] {
        world.person.forget();
        match what {
            "update" => drop(store.update_locked(&lock, browser("b")).unwrap()),
            "read" => drop(store.read_locked(&lock, |store| store.profile(&spare)).unwrap()),
            _ => store.ensure_writable_locked(&lock, &name("my-app")).unwrap(),
        }
        assert_eq!(held(world.folder.path()).len(), 1, "{what}: held again after it");
    }
    drop(lock);
    assert_eq!(store.profile(&spare).unwrap().browser.as_deref(), Some("b"));
}

#[test]
fn a_hand_edit_during_a_change_of_encryption_stays() {
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
    // The same again does the rest, the edit included.
    world.change(Encryption::Passphrase, &|| Ok(())).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("# mine") && !text.contains("AQcanary"), "{text}");
    assert_eq!(world.store.profile(&name("work")).unwrap(), profile("work"));
}

#[test]
fn many_writers_do_not_keep_a_change_of_encryption_waiting() {
    let world = World::new(Encryption::Off);
    // The others hold locks all the while; who asks for what is not looked at here.
    world.person.known.store(true, Ordering::SeqCst);
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
