//! Eight processes at once, for as long as `STORM_SECONDS` says: sign-ins, refreshes, renames, deletions, checks and changes of
//! encryption. Nothing is lost, no file is read incomplete, and no command waits long.

use std::collections::BTreeMap;
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET};

use crate::support::wait_for;
use crate::user::encryption::{passphrase_file, quick_key, with_passphrase};
use crate::user::world::{World, json, stderr, stdout};

/// Number of profiles that one process renames back and forth while the others use them by either name.
const SHARED: usize = 3;

/// Run counts and exit codes by command.
#[derive(Default)]
struct Tally {
    runs: BTreeMap<String, (u64, Duration)>,
    codes: BTreeMap<(String, i32), u64>,
}

struct Storm<'a> {
    world: &'a World,
    over: AtomicBool,
    tally: Mutex<Tally>,
}

impl Storm<'_> {
    /// Runs a command and asserts that its exit code is one of `codes`.
    fn run(&self, arguments: &[&str], codes: &[i32]) -> Output {
        let started = Instant::now();
        let done = with_passphrase(self.world, arguments).output().unwrap();
        self.note(arguments, started.elapsed(), &done, codes);
        done
    }

    fn note(&self, arguments: &[&str], took: Duration, done: &Output, codes: &[i32]) {
        let what =
            if arguments[0] == "profiles" { format!("profiles {}", arguments[1]) } else { arguments[0].to_owned() };
        let code = done.status.code().unwrap_or(-1);
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        let of = tally.runs.entry(what.clone()).or_default();
        *of = (of.0 + 1, of.1.max(took));
        *tally.codes.entry((what, code)).or_default() += 1;
        drop(tally);
        assert!(codes.contains(&code), "{arguments:?} ended with {code}: {}", stderr(done));
    }

    fn goes_on(&self) -> bool {
        !self.over.load(Ordering::SeqCst)
    }

    /// Runs a whole sign-in with the browser.
    fn sign_in(&self, profile: &str, member: &str) {
        let (started, world) = (Instant::now(), self.world);
        let redirect = world.redirect_url();
        drop(std::fs::remove_file(world.url_file()));
        let arguments = ["--client-id", CLIENT_ID, "--client-secret-file", "secret", "--redirect-url", &redirect];
        let mut command = with_passphrase(world, &[&["login", profile][..], &arguments].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // One that exits before it opens a browser reports why.
        let url = wait_for("the browser or the end", || {
            let ended = child.try_wait().unwrap().is_some();
            (ended || world.url_file().exists()).then(|| (!ended).then(|| world.browser_url()))
        });
        if let Some(url) = url {
            world.allow(&url, member);
        }
        let done = child.wait_with_output().unwrap();
        self.note(&["login"], started.elapsed(), &done, &[0]);
    }
}

#[test]
#[ignore = "takes a minute"]
fn s09_s32_eight_processes_at_once_lose_nothing() {
    let seconds = std::env::var("STORM_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let world = World::new(Some("refresh-tokens"));
    for number in 0..SHARED {
        assert!(world.login(&format!("p{number}"), "ada", &[]).status.success());
    }
    quick_key(&world);
    passphrase_file(&world);
    std::fs::write(world.dir.path().join("secret"), CLIENT_SECRET).unwrap();
    let storm = Storm { world: &world, over: AtomicBool::new(false), tally: Mutex::default() };
    std::thread::scope(|scope| {
        // A failure stops the others too.
        let worker = |work: &(dyn Fn(u64) + Sync)| {
            let mut round = 0;
            while storm.goes_on() {
                round += 1;
                let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(round)));
                if let Err(panic) = done {
                    storm.over.store(true, Ordering::SeqCst);
                    std::panic::resume_unwind(panic);
                }
            }
        };
        let storm = &storm;
        scope.spawn(move || {
            worker(&|round| {
                // A passphrase with a low work factor: the test does not measure scrypt.
                if !storm.world.config().join("keys/passphrase.age").exists() {
                    quick_key(storm.world);
                }
                storm.run(&["encryption", if round % 2 == 1 { "passphrase" } else { "off" }], &[0]);
            });
        });
        scope.spawn(move || {
            worker(&|round| {
                let names = both(usize::try_from(round).unwrap() / 2 % SHARED);
                let done = storm.run(&["profiles", "rename", &names[0], &names[1]], &[0, 2, 3]);
                if done.status.code() != Some(0) {
                    storm.run(&["profiles", "rename", &names[1], &names[0]], &[0, 2, 3]);
                }
            });
        });
        for worker_number in 0..3_usize {
            scope.spawn(move || {
                worker(&|round| {
                    let number = (usize::try_from(round).unwrap() + worker_number) % SHARED;
                    // It exists under one of its names, and then it has a token.
                    for name in both(number) {
                        let action = ["refresh", "token", "check", "refresh"][usize::try_from(round).unwrap() % 4];
                        let done = storm.run(&[action, &name], &[0, 3]);
                        if action == "token" && done.status.success() {
                            assert!(stdout(&done).starts_with("AQ"), "{}", stdout(&done));
                        }
                    }
                });
            });
        }
        scope.spawn(move || {
            worker(&|round| {
                let name = format!("new{round}");
                storm.sign_in(&name, if round % 2 == 0 { "ada" } else { "bruce" });
                storm.run(&["token", &name], &[0]);
                storm.run(&["profiles", "use", &name], &[0]);
                storm.run(&["profiles", "delete", &name], &[0]);
                storm.run(&["token", &name], &[3]);
            });
        });
        for _ in 0..2 {
            scope.spawn(move || {
                worker(&|_| {
                    let listed = storm.run(&["profiles", "list", "--json"], &[0]);
                    let found = json(&listed).as_array().unwrap().len();
                    // A list that is read during a rename may lack the profile.
                    assert!(found + 1 >= SHARED, "{found}");
                    storm.run(&["status"], &[0, 4]);
                });
            });
        }
        let deadline = Instant::now() + Duration::from_secs(seconds);
        while Instant::now() < deadline && storm.goes_on() {
            std::thread::park_timeout(Duration::from_millis(50));
        }
        storm.over.store(true, Ordering::SeqCst);
    });
    let tally = storm.tally.into_inner().unwrap();
    report(&tally);
    assert_intact(&world);
    let longest = tally.runs.values().map(|(_, longest)| *longest).max().unwrap();
    assert!(longest < Duration::from_secs(20), "the longest took {longest:?}; a lock is given up after 35 s");
}

/// The two names that a profile may have.
fn both(number: usize) -> [String; 2] {
    [format!("p{number}"), format!("q{number}")]
}

#[expect(clippy::print_stdout, reason = "what was measured")]
fn report(tally: &Tally) {
    for (what, (runs, longest)) in &tally.runs {
        let codes = tally.codes.iter().filter(|((of, _), _)| of == what);
        let codes: Vec<String> = codes.map(|((_, code), count)| format!("{code}: {count}")).collect();
        println!("{what:16} {runs:5} runs, the longest {longest:.2?}, exit codes {}", codes.join(", "));
    }
}

/// Asserts that at the end every file is valid, encrypted or not, and that nothing is left over.
fn assert_intact(world: &World) {
    for wanted in ["passphrase", "off"] {
        if wanted == "passphrase" && !world.config().join("keys/passphrase.age").exists() {
            quick_key(world);
        }
        let done = with_passphrase(world, &["encryption", wanted]).output().unwrap();
        assert!(done.status.success(), "{}", stderr(&done));
    }
    for number in 0..SHARED {
        let found = both(number).map(|name| with_passphrase(world, &["token", &name]).output().unwrap());
        let there = found.iter().filter(|done| done.status.success()).count();
        assert_eq!(there, 1, "p{number} is there once: {}", stderr(&found[0]));
    }
    let left = std::fs::read_dir(world.config().join("profiles")).unwrap().flatten();
    let left: Vec<_> =
        left.map(|entry| entry.file_name()).filter(|name| name.to_string_lossy().starts_with(".tmp")).collect();
    assert!(left.is_empty(), "{left:?}");
}
