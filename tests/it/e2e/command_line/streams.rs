//! Closed, full and broken standard streams.

use std::process::Stdio;

use super::MEMBER;
use crate::e2e::test_env::{TestEnv, stderr};

/// Runs a shell command in which `$BIN` is the program.
#[cfg(target_os = "linux")]
fn run_shell(env: &TestEnv, line: &str) -> std::process::Output {
    let mut command = std::process::Command::new("sh");
    command.args(["-c", line]).env("BIN", env!("CARGO_BIN_EXE_linkedin-tui"));
    command.env("LINKEDIN_TUI_CONFIG_DIR", env.config()).output().unwrap()
}

#[test]
fn c01_a_closed_pipe_is_not_an_error() {
    let env = TestEnv::new(None);
    for (command, code) in [
        (&["scopes"][..], 0),
        (&["scopes", "--json"], 0),
        (&["--help"], 0),
        (&["--version"], 0),
        (&["token", "missing", "--json"], 3),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = env.command(command).stdout(writer).stderr(Stdio::piped()).spawn().unwrap().wait_with_output();
        let output = output.unwrap();
        assert_eq!((output.status.code(), stderr(&output)), (Some(code), String::new()), "{command:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn c02_a_full_stdout_is_reported_on_stderr() {
    let env = TestEnv::new(None);
    for command in ["scopes", "status --json", "--help", "--version", "login --help", "completions bash", "man"] {
        let full = run_shell(&env, &format!("\"$BIN\" {command} > /dev/full"));
        assert_eq!(full.status.code(), Some(6), "{command}");
        assert!(stderr(&full).contains("could not be written"), "{command}: {}", stderr(&full));
    }
    let refused = run_shell(&env, "\"$BIN\" token missing --json > /dev/full");
    assert_eq!(refused.status.code(), Some(3), "the first error counts");
    assert!(stderr(&refused).contains("profile missing was not found"), "{}", stderr(&refused));
}

#[cfg(target_os = "linux")]
#[test]
fn c02_closed_or_discarded_stdout_is_harmless() {
    let env = TestEnv::new(None);
    assert!(env.login("work", MEMBER, &[]).status.success());
    for command in ["token work", "token work --header", "token work --json", "export work --format env", "status"] {
        // Rust opens the null device for reading and writing in the place of a closed stdout, as Python's subprocess.DEVNULL does.
        for stdout in [">&-", "> /dev/null", "1<> /dev/null"] {
            let output = run_shell(&env, &format!("\"$BIN\" {command} {stdout}"));
            assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()), "{command} {stdout}");
        }
    }
    let missing = run_shell(&env, "\"$BIN\" token missing --json >&-");
    assert_eq!(missing.status.code(), Some(3));
}
