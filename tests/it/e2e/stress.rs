//! Eight concurrent processes for `STRESS_SECONDS` (default 60): sign-ins, refreshes, renames, deletions, checks and changes
//! of encryption. Nothing is lost, no partial file is read, and no command waits long.

use std::collections::BTreeMap;
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET};

use crate::e2e::encryption::{passphrase_file, with_passphrase, write_fast_key};
use crate::e2e::test_env::{TestEnv, json, stderr, stdout};
use crate::support::wait_for;

/// Number of profiles that one process renames back and forth while the others use them by either name.
const SHARED_PROFILES: usize = 3;

/// Run counts and exit codes by command.
#[derive(Default)]
struct Measurements {
    runs: BTreeMap<String, (u64, Duration)>,
    codes: BTreeMap<(String, i32), u64>,
}

struct StressRun<'a> {
    env: &'a TestEnv,
    is_stopped: AtomicBool,
    measurements: Mutex<Measurements>,
}

impl StressRun<'_> {
    /// Runs a command and asserts that its exit code is one of `codes`.
    fn run(&self, arguments: &[&str], codes: &[i32]) -> Output {
        let started = Instant::now();
        let output = with_passphrase(self.env, arguments).output().unwrap();
        self.record(arguments, started.elapsed(), &output, codes);
        output
    }

    fn record(&self, arguments: &[&str], elapsed: Duration, output: &Output, codes: &[i32]) {
        let what =
            if arguments[0] == "profiles" { format!("profiles {}", arguments[1]) } else { arguments[0].to_owned() };
        let code = output.status.code().unwrap_or(-1);
        let mut measurements = self.measurements.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = measurements.runs.entry(what.clone()).or_default();
        *entry = (entry.0 + 1, entry.1.max(elapsed));
        *measurements.codes.entry((what, code)).or_default() += 1;
        drop(measurements);
        assert!(codes.contains(&code), "{arguments:?} exited with {code}: {}", stderr(output));
    }

    fn is_running(&self) -> bool {
        !self.is_stopped.load(Ordering::SeqCst)
    }

    /// Signs in with the browser.
    fn sign_in(&self, profile: &str, member: &str) {
        let (started, env) = (Instant::now(), self.env);
        let redirect = env.redirect_url();
        drop(std::fs::remove_file(env.url_file()));
        let arguments = ["--client-id", CLIENT_ID, "--client-secret-file", "secret", "--redirect-url", &redirect];
        let mut command = with_passphrase(env, &[&["login", profile][..], &arguments].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A login that exits early reports the reason.
        let url = wait_for("the browser or the end", || {
            let has_exited = child.try_wait().unwrap().is_some();
            (has_exited || env.url_file().exists()).then(|| (!has_exited).then(|| env.browser_url()))
        });
        if let Some(url) = url {
            env.approve_and_follow(&url, member);
        }
        let output = child.wait_with_output().unwrap();
        self.record(&["login"], started.elapsed(), &output, &[0]);
    }
}

#[test]
#[ignore = "takes a minute"]
fn s09_s32_eight_processes_at_once_lose_nothing() {
    let seconds = std::env::var("STRESS_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let env = TestEnv::new(Some("refresh-tokens"));
    for number in 0..SHARED_PROFILES {
        assert!(env.login(&format!("p{number}"), "ada", &[]).status.success());
    }
    write_fast_key(&env);
    passphrase_file(&env);
    std::fs::write(env.dir.path().join("secret"), CLIENT_SECRET).unwrap();
    let stress = StressRun { env: &env, is_stopped: AtomicBool::new(false), measurements: Mutex::default() };
    std::thread::scope(|scope| {
        // A failure stops the other workers.
        let worker = |work: &(dyn Fn(u64) + Sync)| {
            let mut round = 0;
            while stress.is_running() {
                round += 1;
                let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(round)));
                if let Err(panic) = result {
                    stress.is_stopped.store(true, Ordering::SeqCst);
                    std::panic::resume_unwind(panic);
                }
            }
        };
        let stress = &stress;
        scope.spawn(move || {
            worker(&|round| {
                // A passphrase with a low work factor: the test does not measure scrypt.
                if !stress.env.config().join("keys/passphrase.age").exists() {
                    write_fast_key(stress.env);
                }
                stress.run(&["encryption", if round % 2 == 1 { "passphrase" } else { "off" }], &[0]);
            });
        });
        scope.spawn(move || {
            worker(&|round| {
                let names = both_names(usize::try_from(round).unwrap() / 2 % SHARED_PROFILES);
                let output = stress.run(&["profiles", "rename", &names[0], &names[1]], &[0, 2, 3]);
                if output.status.code() != Some(0) {
                    stress.run(&["profiles", "rename", &names[1], &names[0]], &[0, 2, 3]);
                }
            });
        });
        for worker_number in 0..3_usize {
            scope.spawn(move || {
                worker(&|round| {
                    let number = (usize::try_from(round).unwrap() + worker_number) % SHARED_PROFILES;
                    // The profile exists under one of its names, with a token.
                    for name in both_names(number) {
                        let action = ["refresh", "token", "check", "refresh"][usize::try_from(round).unwrap() % 4];
                        let output = stress.run(&[action, &name], &[0, 3]);
                        if action == "token" && output.status.success() {
                            assert!(stdout(&output).starts_with("AQ"), "{}", stdout(&output));
                        }
                    }
                });
            });
        }
        scope.spawn(move || {
            worker(&|round| {
                let name = format!("new{round}");
                stress.sign_in(&name, if round % 2 == 0 { "ada" } else { "bruce" });
                stress.run(&["token", &name], &[0]);
                stress.run(&["profiles", "use", &name], &[0]);
                stress.run(&["profiles", "delete", &name], &[0]);
                stress.run(&["token", &name], &[3]);
            });
        });
        for _ in 0..2 {
            scope.spawn(move || {
                worker(&|_| {
                    let listed = stress.run(&["profiles", "list", "--json"], &[0]);
                    let found = json(&listed).as_array().unwrap().len();
                    // A list that is read during a rename may lack the profile.
                    assert!(found + 1 >= SHARED_PROFILES, "{found}");
                    stress.run(&["status"], &[0, 4]);
                });
            });
        }
        let deadline = Instant::now() + Duration::from_secs(seconds);
        while Instant::now() < deadline && stress.is_running() {
            std::thread::park_timeout(Duration::from_millis(50));
        }
        stress.is_stopped.store(true, Ordering::SeqCst);
    });
    let measurements = stress.measurements.into_inner().unwrap();
    print_measurements(&measurements);
    assert_intact(&env);
    let longest = measurements.runs.values().map(|(_, longest)| *longest).max().unwrap();
    assert!(longest < Duration::from_secs(20), "the longest took {longest:?}; the lock timeout is 35 s");
}

/// Returns the two names that a profile may have.
fn both_names(number: usize) -> [String; 2] {
    [format!("p{number}"), format!("q{number}")]
}

#[expect(clippy::print_stdout, reason = "prints the measurements")]
fn print_measurements(measurements: &Measurements) {
    for (what, (runs, longest)) in &measurements.runs {
        let codes = measurements.codes.iter().filter(|((entry, _), _)| entry == what);
        let codes: Vec<String> = codes.map(|((_, code), count)| format!("{code}: {count}")).collect();
        println!("{what:16} {runs:5} runs, the longest {longest:.2?}, exit codes {}", codes.join(", "));
    }
}

/// Asserts that every file is valid, encrypted or not, and that no temporary file remains.
fn assert_intact(env: &TestEnv) {
    for encryption in ["passphrase", "off"] {
        if encryption == "passphrase" && !env.config().join("keys/passphrase.age").exists() {
            write_fast_key(env);
        }
        let output = with_passphrase(env, &["encryption", encryption]).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
    }
    for number in 0..SHARED_PROFILES {
        let found = both_names(number).map(|name| with_passphrase(env, &["token", &name]).output().unwrap());
        let valid = found.iter().filter(|output| output.status.success()).count();
        assert_eq!(valid, 1, "p{number} exists under one name: {}", stderr(&found[0]));
    }
    let leftovers = std::fs::read_dir(env.config().join("profiles")).unwrap().flatten();
    let leftovers: Vec<_> =
        leftovers.map(|entry| entry.file_name()).filter(|name| name.to_string_lossy().starts_with(".tmp")).collect();
    assert!(leftovers.is_empty(), "{leftovers:?}");
}
