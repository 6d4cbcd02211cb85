//! Nothing blocks: the interface does not wait for its tasks, a tool call for a different one, or a process for a prompt
//! elsewhere.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::e2e::encryption::{two_profiles, write_private};
use crate::e2e::interface;
use crate::e2e::terminal::Terminal;
use crate::e2e::test_env::{TestEnv, stderr, stdout};

/// Keys must be handled long before the lock timeout of 35 s, also on a busy machine.
const MAX_REDRAW_TIME: Duration = Duration::from_secs(8);

/// Opens the help and returns the time until it is drawn.
fn time_to_redraw(terminal: &mut Terminal) -> Duration {
    let started = Instant::now();
    terminal.send("?");
    terminal.wait_for_text("Help");
    let elapsed = started.elapsed();
    terminal.send("\u{1b}");
    terminal.wait_until("no help", |screen| !screen.contains("Help:"));
    elapsed
}

/// Holds a lock, as a different process would.
fn hold_lock(env: &TestEnv, lock: &str) -> File {
    let path = env.config().join("locks").join(lock);
    let file = File::options().read(true).write(true).create(true).truncate(false).open(path).unwrap();
    file.lock().unwrap();
    file
}

fn token_requests(env: &TestEnv) -> u64 {
    env.sandbox_state()["requests"]["POST /oauth/v2/accessToken"].as_u64().unwrap()
}

#[test]
fn a_check_during_a_revocation_blocks_no_key() {
    let (env, _) = two_profiles();
    let mut terminal = interface::start(&env);
    terminal.wait_for_text("2 active");
    env.control("scenario", &json!({"name": "slow-answer"}));
    terminal.send("x");
    terminal.wait_for_text("Revoke");
    terminal.send("y");
    terminal.send("V");
    // The check gets its response, and then needs the lock that the revocation holds.
    for _ in 0..3 {
        let elapsed = time_to_redraw(&mut terminal);
        assert!(elapsed < MAX_REDRAW_TIME, "{elapsed:?}");
    }
    terminal.send("\u{3}");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_lock_held_elsewhere_blocks_no_key() {
    let (env, _) = two_profiles();
    let mut terminal = interface::start(&env);
    terminal.wait_for_text("2 active");
    let lock = hold_lock(&env, "profile-one.lock");
    terminal.send("v");
    for _ in 0..3 {
        let elapsed = time_to_redraw(&mut terminal);
        assert!(elapsed < MAX_REDRAW_TIME, "{elapsed:?}");
    }
    drop(lock);
    terminal.wait_for_text("LinkedIn confirms that the token is valid.");
    terminal.send("\u{3}");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
#[cfg_attr(not(feature = "mcp"), ignore = "needs the command mcp")]
fn two_tools_at_once_share_one_refresh() {
    let (env, _) = two_profiles();
    env.expire("one");
    env.control("scenario", &json!({"name": "slow-answer"}));
    let before = token_requests(&env);
    let mut child =
        env.command(&["mcp"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut responses = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next_response = || serde_json::from_str::<Value>(&responses.next().unwrap().unwrap()).unwrap();
    let call = |id: u64, tool: &str, arguments: &Value| json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": tool, "arguments": arguments}});
    let initialize = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}});
    writeln!(stdin, "{initialize}").unwrap();
    next_response();
    writeln!(stdin, "{}", json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).unwrap();
    let started = Instant::now();
    let one = json!({"profile": "one"});
    for line in [
        call(1, "whoami", &one),
        call(2, "whoami", &one),
        call(3, "token_status", &json!({"profile": "one", "check_now": true})),
        call(4, "token_status", &one),
    ] {
        writeln!(stdin, "{line}").unwrap();
    }
    let mut ids = Vec::new();
    for _ in 0..4 {
        let response = next_response();
        let content = &response["result"];
        // The result for a token that was replaced in between may differ, but it must not be a lock timeout.
        assert_ne!(content["structuredContent"]["error"]["code"], "locked", "{response}");
        if response["id"] != 3 && response["id"] != 4 {
            assert_eq!(content["structuredContent"]["member"]["name"], "Ada Lovelace", "{response}");
        }
        ids.push(response["id"].as_u64().unwrap());
        if ids.len() == 1 {
            assert_eq!(response["id"], 4, "a call that needs no request does not wait");
            assert!(started.elapsed() < MAX_REDRAW_TIME, "{:?}", started.elapsed());
        }
    }
    // A refresh and a userinfo request take five seconds each; a lock timeout would take 35.
    assert!(started.elapsed() < Duration::from_secs(25), "{:?}", started.elapsed());
    assert_eq!(token_requests(&env), before + 1, "one refresh for all");
    drop(stdin);
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
}

#[test]
fn commands_report_that_they_wait_for_a_lock() {
    let (env, _) = two_profiles();
    let locks = ["profile-one.lock", "profile-two.lock", "state.lock"];
    let held: Vec<File> = locks.iter().map(|name| hold_lock(&env, name)).collect();
    let cases = [
        (&["profiles", "rename", "one", "job"][..], "profile one"),
        (&["refresh", "two"], "profile two"),
        (&["profiles", "use", "two"], "state.toml"),
    ];
    let start = |(arguments, resource)| {
        let mut child = env.command(arguments).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        (child, lines, resource)
    };
    let mut started: Vec<_> = cases.into_iter().map(start).collect();
    for (_, lines, resource) in &mut started {
        let line = lines.next().unwrap().unwrap();
        assert_eq!(line, format!("waiting for another linkedin-tui that is working on {resource}"));
    }
    drop(held);
    for (mut child, lines, resource) in started {
        let later: Vec<String> = lines.map(Result::unwrap).collect();
        assert!(!later.iter().any(|line| line.starts_with("waiting")), "{resource}: {later:?}");
        child.wait().unwrap();
    }
}

#[test]
fn s32_no_process_waits_for_a_prompt_elsewhere() {
    let (env, tokens) = two_profiles();
    let mut terminal = Terminal::start(env.pty(&["encryption", "passphrase"]), 100, 30);
    terminal.wait_for_text("New passphrase");
    // A rename, and a token that has to be refreshed first: neither waits for the prompt.
    env.expire("two");
    for arguments in [&["profiles", "rename", "one", "job"][..], &["token", "two"], &["profiles", "use", "job"]] {
        let started = Instant::now();
        let output = env.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
        assert!(started.elapsed() < MAX_REDRAW_TIME, "{arguments:?}: {:?}", started.elapsed());
    }
    terminal.send("a long passphrase\r");
    terminal.wait_for_text("Confirm passphrase");
    terminal.send("a long passphrase\r");
    terminal.wait_for_text("Tokens and secrets are");
    assert_eq!(terminal.exit_code(), 0);
    let file = env.dir.path().join("typed");
    write_private(&file, "a long passphrase\n");
    let run = |arguments: &[&str]| env.command(arguments).env("LINKEDIN_TUI_PASSPHRASE_FILE", &file).output().unwrap();
    assert_eq!(stdout(&run(&["token", "job"])).trim(), tokens[0], "both succeeded as reported");
    assert_eq!(run(&["encryption", "off"]).status.code(), Some(0));
}
