//! Saves that are killed or fail at any system call (needs strace).

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET};

use crate::e2e::test_env::{TestEnv, stderr, stdout};

const TRACED_CALLS: &[&str] =
    &["openat", "write", "fsync", "rename", "renameat", "renameat2", "fchmod", "mkdir", "flock"];

/// Creates an environment with two profiles, of which the first is current.
fn two_profiles() -> TestEnv {
    let env = TestEnv::new(None);
    assert!(env.login("one", "ada", &[]).status.success());
    assert!(env.login("two", "bruce", &[]).status.success());
    env
}

/// Runs a command under strace with additional flags; the trace is written to `trace`.
pub(crate) fn run_traced(env: &TestEnv, flags: &[&str], more: &[(&str, &OsStr)], arguments: &[&str]) -> Output {
    strace(env, flags, more, arguments).output().unwrap()
}

fn strace(env: &TestEnv, flags: &[&str], more: &[(&str, &OsStr)], arguments: &[&str]) -> Command {
    let inner = env.command(arguments);
    let mut command = Command::new("strace");
    command.env_clear().current_dir(env.dir.path());
    for (name, value) in inner.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command.envs(more.iter().copied());
    command.args(["-f", "-o", "trace"]).args(flags).arg(inner.get_program()).args(inner.get_args());
    command
}

/// Asserts that every file can be read and that the token is the old one.
fn assert_intact(env: &TestEnv, what: &str) {
    let list = env.run(&["profiles", "list", "--json"]);
    assert_eq!(list.status.code(), Some(0), "{what}: {}", stderr(&list));
    let profiles = crate::e2e::test_env::json(&list);
    let current = profiles.as_array().unwrap().iter().filter(|profile| profile["current"] == true).count();
    assert_eq!((profiles.as_array().unwrap().len(), current), (2, 1), "{what}: {profiles}");
    for name in ["one", "two"] {
        assert!(env.run(&["token", name]).status.success(), "{what}");
    }
}

#[test]
#[ignore = "needs strace"]
fn s03_a_save_syncs_the_file_renames_and_syncs_the_directory() {
    let env = two_profiles();
    let output =
        run_traced(&env, &["-e", "trace=write,fsync,rename,renameat,renameat2"], &[], &["profiles", "use", "two"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let trace = std::fs::read_to_string(env.dir.path().join("trace")).unwrap();
    // Thread exits and resumed calls have no parenthesis.
    let name = |line: &'_ str| line.split_whitespace().nth(1).and_then(|call| Some(call.split_once('(')?.0.to_owned()));
    let calls: Vec<String> = trace.lines().filter_map(name).collect();
    let rename = calls.iter().position(|call| call.starts_with("rename")).unwrap();
    assert_eq!(&calls[rename - 2..rename], ["write", "fsync"], "{calls:?}");
    assert_eq!(calls[rename + 1], "fsync", "{calls:?}");
}

#[test]
#[ignore = "needs strace"]
fn s03_renames_and_deletions_are_synced_first() {
    let env = two_profiles();
    for (arguments, call) in [
        (&["profiles", "rename", "one", "job"][..], "rename"),
        (&["profiles", "rename", "job", "one"], "rename"),
        (&["profiles", "delete", "two"], "unlink"),
    ] {
        let output = run_traced(&env, &["-e", "trace=fsync,/^rename,/^unlink"], &[], arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        let trace = std::fs::read_to_string(env.dir.path().join("trace")).unwrap();
        let calls: Vec<&str> = trace.lines().filter(|line| line.contains('(')).collect();
        let is_rename_or_delete =
            |line: &&str| line.contains(call) && line.contains("/profiles/") && !line.contains(".tmp-");
        let at = calls.iter().position(is_rename_or_delete).unwrap_or_else(|| panic!("{arguments:?}: {trace}"));
        assert!(calls[at + 1].contains("fsync("), "{arguments:?}: {trace}");
    }
}

/// Asserts that the profile has its token under each name that exists, and is the current one.
fn assert_intact_after_rename(env: &TestEnv, token: &str, what: &str) {
    let read = |name: &str| env.run(&["token", name]);
    let found: Vec<String> =
        ["one", "job"].map(read).iter().filter(|output| output.status.success()).map(stdout).collect();
    assert!(!found.is_empty() && found.iter().all(|printed| printed.trim() == token), "{what}: {found:?}");
    let current = env.run(&["token"]);
    assert_eq!(stdout(&current).trim(), token, "{what}: {}", stderr(&current));
}

#[test]
#[ignore = "needs strace"]
fn s01_a_kill_during_a_rename_keeps_the_profile() {
    let env = two_profiles();
    let token = env.token("one");
    for call in ["write", "fsync", "/^rename", "/^unlink", "flock"] {
        for number in 1..200 {
            let fault = format!("inject={call}:signal=KILL:when={number}");
            let from = if env.config().join("profiles/one.toml").exists() { ["one", "job"] } else { ["job", "one"] };
            let flags = ["-e", &format!("trace={call}"), "-e", &fault];
            let output = run_traced(&env, &flags, &[], &["profiles", "rename", from[0], from[1]]);
            assert_intact_after_rename(&env, &token, &format!("killed at {call} {number}"));
            if output.status.success() {
                break;
            }
        }
    }
}

#[test]
#[ignore = "needs strace"]
fn s02_the_exit_code_is_correct_whichever_step_fails() {
    let env = two_profiles();
    let token = env.token("one");
    let is_deleted = |name: &str| !env.config().join("profiles").join(format!("{name}.toml")).exists();
    for call in ["/^rename", "/^unlink"] {
        for error in ["ENOSPC", "EIO", "EACCES"] {
            for number in 1..20 {
                let fault = format!("inject={call}:error={error}:when={number}");
                let flags = ["-e", &format!("trace={call}"), "-e", &fault];
                let from = if is_deleted("job") { ["one", "job"] } else { ["job", "one"] };
                let what = format!("{error} at {call} {number}");
                let output = run_traced(&env, &flags, &[], &["profiles", "rename", from[0], from[1]]);
                assert_eq!(
                    output.status.success(),
                    !is_deleted(from[1]) && is_deleted(from[0]),
                    "{what}: {}",
                    stderr(&output)
                );
                assert_intact_after_rename(&env, &token, &what);
                let deletion = run_traced(&env, &flags, &[], &["profiles", "delete", "two"]);
                assert_eq!(deletion.status.success(), is_deleted("two"), "{what}: {}", stderr(&deletion));
                if is_deleted("two") {
                    assert!(env.login("two", "bruce", &[]).status.success());
                }
                let trace = std::fs::read_to_string(env.dir.path().join("trace")).unwrap();
                if !trace.contains("INJECTED") && output.status.success() {
                    break;
                }
            }
        }
    }
}

#[test]
#[ignore = "needs strace"]
fn s02_a_sign_in_that_saved_its_token_succeeds() {
    for number in 1..10 {
        let env = TestEnv::new(None);
        std::fs::write(env.dir.path().join("secret"), CLIENT_SECRET).unwrap();
        let fault = format!("inject=/^rename:error=ENOSPC:when={number}");
        let redirect = env.redirect_url();
        let mut login = strace(
            &env,
            &["-e", "trace=/^rename", "-e", &fault],
            &[],
            &[
                "login",
                "one",
                "--client-id",
                CLIENT_ID,
                "--client-secret-file",
                "secret",
                "--redirect-url",
                &redirect,
                "--no-browser",
            ],
        );
        let mut child = login.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut printed = BufReader::new(child.stderr.take().unwrap()).lines();
        let link = printed.find_map(|line| Some(line.unwrap().strip_prefix("full URL:")?.trim().to_owned()));
        let page = env.approve_and_follow(&link.unwrap().parse().unwrap(), "ada");
        let rest: Vec<String> = printed.map(Result::unwrap).collect();
        let output = Output { stderr: rest.join("\n").into_bytes(), ..child.wait_with_output().unwrap() };
        let saved = std::fs::read_to_string(env.config().join("profiles/one.toml"));
        let is_saved = saved.is_ok_and(|text| text.contains("access_token"));
        assert_eq!(output.status.success(), is_saved, "rename {number}: {}", stderr(&output));
        assert_eq!(page.contains("You are signed in"), is_saved, "rename {number}: {page}");
        if !std::fs::read_to_string(env.dir.path().join("trace")).unwrap().contains("INJECTED") {
            return;
        }
    }
}

#[test]
#[ignore = "needs strace"]
fn t22_an_unsaved_new_token_is_printed() {
    let env = TestEnv::new(Some("refresh-tokens"));
    assert!(env.login("one", "ada", &[]).status.success());
    let path = env.config().join("profiles/one.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let end = text.lines().find(|line| line.starts_with("expires_at = ")).unwrap();
    std::fs::write(&path, text.replacen(end, "expires_at = \"2026-01-01T00:00:00Z\"", 1)).unwrap();
    let before = std::fs::read(&path).unwrap();
    for (command, code) in [("token", 0), ("refresh", 6)] {
        let flags = ["-e", "trace=/^rename", "-e", "inject=/^rename:error=ENOSPC"];
        let output = run_traced(&env, &flags, &[], &[command, "one"]);
        assert_eq!(output.status.code(), Some(code), "{command}: {}", stderr(&output));
        let new_token = stdout(&output);
        assert!(new_token.starts_with("AQ") && !text.contains(new_token.trim()), "{command}: {new_token}");
        assert!(
            stderr(&output).contains("LinkedIn issued a new token, but it could not be saved"),
            "{}",
            stderr(&output)
        );
        assert_eq!(std::fs::read(&path).unwrap(), before, "{command}");
    }
}

#[test]
#[ignore = "needs strace"]
fn s02_a_directory_without_fsync_support_is_accepted() {
    let env = two_profiles();
    let directories = [env.config(), env.config().join("profiles")].map(|directory| directory.display().to_string());
    for (error, code) in [("EINVAL", 0), ("EOPNOTSUPP", 0), ("EIO", 6)] {
        for arguments in ["use two", "rename one first", "rename first one", "use one", "delete two"] {
            let arguments: Vec<&str> = ["profiles"].into_iter().chain(arguments.split(' ')).collect();
            let fault = format!("inject=fsync:error={error}");
            let flags = ["-P", &directories[0], "-P", &directories[1], "-e", "trace=fsync", "-e", &fault];
            let output = run_traced(&env, &flags, &[], &arguments);
            let trace = std::fs::read_to_string(env.dir.path().join("trace")).unwrap();
            assert!(trace.contains("INJECTED"), "{error} {arguments:?}: {trace}");
            assert_eq!(output.status.code(), Some(code), "{error} {arguments:?}: {}", stderr(&output));
        }
        assert!(env.login("two", "bruce", &[]).status.success());
    }
}

#[test]
#[ignore = "needs strace"]
fn s18_an_unchanged_mode_is_not_reported_as_private() {
    use std::os::unix::fs::PermissionsExt;
    let env = two_profiles();
    let file = env.config().join("profiles/one.toml");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    for fault in ["inject=fchmod:retval=0", "inject=fchmod:error=EPERM"] {
        let output = run_traced(&env, &["-e", "trace=fchmod", "-e", fault], &[], &["token", "one"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(stderr(&output).contains("one.toml can be read by other users (mode 644)"), "{}", stderr(&output));
        assert!(!stderr(&output).contains("private"), "{}", stderr(&output));
    }
    let output = env.run(&["token", "one"]);
    assert!(stderr(&output).contains("(mode 644) and was made private"), "{}", stderr(&output));
}

#[test]
#[ignore = "needs strace"]
fn s01_a_kill_at_any_system_call_keeps_old_or_new_file() {
    let env = two_profiles();
    for call in TRACED_CALLS {
        for number in 1..200 {
            let fault = format!("inject={call}:signal=KILL:when={number}");
            let target = if number % 2 == 0 { "one" } else { "two" };
            let output =
                run_traced(&env, &["-e", &format!("trace={call}"), "-e", &fault], &[], &["profiles", "use", target]);
            assert_intact(&env, &format!("killed at {call} {number}"));
            if output.status.success() {
                break;
            }
        }
    }
}

#[test]
#[ignore = "needs strace"]
fn s02_a_failed_system_call_keeps_the_old_file() {
    let env = two_profiles();
    for call in ["fsync", "/^rename", "write"] {
        for error in ["ENOSPC", "EIO", "EDQUOT", "EROFS"] {
            let fault = format!("inject={call}:error={error}:when=1");
            let output =
                run_traced(&env, &["-e", &format!("trace={call}"), "-e", &fault], &[], &["profiles", "use", "two"]);
            assert_eq!(output.status.code(), Some(6), "{call} {error}: {}", stderr(&output));
            assert!(stderr(&output).contains("state.toml") || stderr(&output).contains(".tmp"), "{}", stderr(&output));
            assert_intact(&env, &format!("{error} at {call}"));
            let current = crate::e2e::test_env::json(&env.run(&["profiles", "show", "one", "--json"]));
            assert_eq!(current["current"], true, "{call} {error}: the old current profile stays");
        }
    }
    let entries = std::fs::read_dir(env.config()).unwrap();
    assert!(!entries.flatten().any(|file| file.file_name().to_string_lossy().starts_with(".tmp")));
}

#[test]
#[ignore = "needs strace"]
fn s14_a_stale_handle_is_retried_once() {
    let env = two_profiles();
    let stale = |when: &str, target: &str| {
        let fault = format!("inject=/^rename:error=ESTALE:when={when}");
        run_traced(&env, &["-e", "trace=/^rename", "-e", &fault], &[], &["profiles", "use", target])
    };
    let output = stale("1", "two");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let output = stale("1..2", "one");
    assert_eq!(output.status.code(), Some(6), "{}", stderr(&output));
    assert!(stderr(&output).contains("state.toml"), "{}", stderr(&output));
    assert_intact(&env, "twice stale");
    assert_eq!(crate::e2e::test_env::json(&env.run(&["profiles", "show", "two", "--json"]))["current"], true);
}

#[test]
#[ignore = "needs strace"]
fn s13_a_failed_lock_blocks_writers_but_not_readers() {
    let env = two_profiles();
    for error in ["ENOLCK", "EBADF", "EIO", "EOPNOTSUPP"] {
        let fault = format!("inject=flock:error={error}");
        let locked = |arguments: &[&str]| run_traced(&env, &["-e", "trace=flock", "-e", &fault], &[], arguments);
        let output = locked(&["profiles", "use", "two"]);
        assert_eq!(output.status.code(), Some(6), "{error}: {}", stderr(&output));
        assert!(stderr(&output).contains("locks"), "{error} names the path: {}", stderr(&output));
        for arguments in [vec!["token", "one"], vec!["status"], vec!["profiles", "list"]] {
            assert!(locked(&arguments).status.success(), "{error}: reading needs no lock");
        }
        assert_intact(&env, error);
    }
    // The wait for a file server that never responds ends after some seconds.
    let hanging = run_traced(
        &env,
        &["-e", "trace=flock", "-e", "inject=flock:delay_enter=12s"],
        &[],
        &["profiles", "use", "two"],
    );
    assert_eq!(hanging.status.code(), Some(6), "{}", stderr(&hanging));
    assert!(stderr(&hanging).contains("does not respond"), "{}", stderr(&hanging));
}
