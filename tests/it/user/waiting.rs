//! Blocking: the interface does not wait for its tasks, one tool call not for another, and no process for another's prompt.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::user::encryption::{two_profiles, write_private};
use crate::user::interface;
use crate::user::terminal::Terminal;
use crate::user::world::{World, stderr, stdout};

/// A key must be handled long before waiting for a lock times out (35 s), also on a busy machine.
const MAX_REDRAW_TIME: Duration = Duration::from_secs(8);

/// Opens the help and returns how long that takes.
fn time_to_redraw(terminal: &mut Terminal) -> Duration {
    let started = Instant::now();
    terminal.send("?");
    terminal.wait("Help");
    let took = started.elapsed();
    terminal.send("\u{1b}");
    terminal.until("no help", |screen| !screen.contains("Help:"));
    took
}

/// Holds a lock, as another process does.
fn hold(world: &World, lock: &str) -> File {
    let path = world.config().join("locks").join(lock);
    let file = File::options().read(true).write(true).create(true).truncate(false).open(path).unwrap();
    file.lock().unwrap();
    file
}

fn exchanges(world: &World) -> u64 {
    world.sandbox_state()["requests"]["POST /oauth/v2/accessToken"].as_u64().unwrap()
}

#[test]
fn s04_a_check_during_a_revocation_blocks_no_key() {
    let (world, _) = two_profiles();
    let mut terminal = interface::start(&world);
    terminal.wait("2 active");
    world.control("scenario", &json!({"name": "slow-answer"}));
    terminal.send("x");
    terminal.wait("Revoke");
    terminal.send("y");
    terminal.send("V");
    // The check gets its answer, and then needs the lock that the revocation holds.
    for _ in 0..3 {
        let took = time_to_redraw(&mut terminal);
        assert!(took < MAX_REDRAW_TIME, "{took:?}");
    }
    terminal.send("\u{3}");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn s04_a_busy_other_process_blocks_no_key() {
    let (world, _) = two_profiles();
    let mut terminal = interface::start(&world);
    terminal.wait("2 active");
    let held = hold(&world, "profile-one.lock");
    terminal.send("v");
    for _ in 0..3 {
        let took = time_to_redraw(&mut terminal);
        assert!(took < MAX_REDRAW_TIME, "{took:?}");
    }
    drop(held);
    terminal.wait("LinkedIn confirms that the token is valid.");
    terminal.send("\u{3}");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn two_tools_at_once_share_one_refresh() {
    let (world, _) = two_profiles();
    world.expire("one");
    world.control("scenario", &json!({"name": "slow-answer"}));
    let before = exchanges(&world);
    let mut child =
        world.command(&["mcp"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut heard = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut answer = || serde_json::from_str::<Value>(&heard.next().unwrap().unwrap()).unwrap();
    let call = |id: u64, tool: &str, arguments: &Value| json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": tool, "arguments": arguments}});
    let hello = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}});
    writeln!(stdin, "{hello}").unwrap();
    answer();
    writeln!(stdin, "{}", json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).unwrap();
    let started = Instant::now();
    let one = json!({"profile": "one"});
    for line in [
        call(1, "whoami", &one),
        call(2, "whoami", &one),
        call(3, "token_status", &json!({"profile": "one", "ask_linkedin": true})),
        call(4, "token_status", &one),
    ] {
        writeln!(stdin, "{line}").unwrap();
    }
    let mut ids = Vec::new();
    for _ in 0..4 {
        let answer = answer();
        let content = &answer["result"];
        // The result for a token that was replaced meanwhile may differ, but it must not be a lock timeout.
        assert_ne!(content["structuredContent"]["error"]["code"], "locked", "{answer}");
        if answer["id"] != 3 && answer["id"] != 4 {
            assert_eq!(content["structuredContent"]["member"]["name"], "Ada Lovelace", "{answer}");
        }
        ids.push(answer["id"].as_u64().unwrap());
        if ids.len() == 1 {
            assert_eq!(answer["id"], 4, "a call without a request does not wait");
            assert!(started.elapsed() < MAX_REDRAW_TIME, "{:?}", started.elapsed());
        }
    }
    // A refresh and a userinfo request, five seconds each; waiting for the lock would take 35.
    assert!(started.elapsed() < Duration::from_secs(25), "{:?}", started.elapsed());
    assert_eq!(exchanges(&world), before + 1, "one refresh for all");
    drop(stdin);
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
}

#[test]
fn commands_that_wait_for_a_lock_say_so() {
    let (world, _) = two_profiles();
    let locks = ["profile-one.lock", "profile-two.lock", "state.lock"];
    let held: Vec<File> = locks.iter().map(|lock| hold(&world, lock)).collect();
    let cases = [
        (&["profiles", "rename", "one", "job"][..], "profile one"),
        (&["refresh", "two"], "profile two"),
        (&["profiles", "use", "two"], "state.toml"),
    ];
    let start = |(arguments, guarded)| {
        let mut child = world.command(arguments).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        (child, lines, guarded)
    };
    let mut started: Vec<_> = cases.into_iter().map(start).collect();
    for (_, lines, guarded) in &mut started {
        let line = lines.next().unwrap().unwrap();
        assert_eq!(line, format!("waiting for another linkedin-tui that is working on {guarded}"));
    }
    drop(held);
    for (mut child, lines, guarded) in started {
        let later: Vec<String> = lines.map(Result::unwrap).collect();
        assert!(!later.iter().any(|line| line.starts_with("waiting")), "{guarded}: {later:?}");
        child.wait().unwrap();
    }
}

#[test]
fn s32_no_process_waits_for_another_ones_prompt() {
    let (world, tokens) = two_profiles();
    let mut terminal = Terminal::start(world.pty(&["encryption", "passphrase"]), 100, 30);
    terminal.wait("New passphrase");
    // A rename, and a token that has to be refreshed first: neither waits for the prompt.
    world.expire("two");
    for arguments in [&["profiles", "rename", "one", "job"][..], &["token", "two"], &["profiles", "use", "job"]] {
        let started = Instant::now();
        let done = world.run(arguments);
        assert_eq!(done.status.code(), Some(0), "{arguments:?}: {}", stderr(&done));
        assert!(started.elapsed() < MAX_REDRAW_TIME, "{arguments:?}: {:?}", started.elapsed());
    }
    terminal.send("a long passphrase\r");
    terminal.wait("Confirm passphrase");
    terminal.send("a long passphrase\r");
    terminal.wait("Tokens and secrets are");
    assert_eq!(terminal.exit_code(), 0);
    let file = world.dir.path().join("typed");
    write_private(&file, "a long passphrase\n");
    let run =
        |arguments: &[&str]| world.command(arguments).env("LINKEDIN_TUI_PASSPHRASE_FILE", &file).output().unwrap();
    assert_eq!(stdout(&run(&["token", "job"])).trim(), tokens[0], "both succeeded as reported");
    assert_eq!(run(&["encryption", "off"]).status.code(), Some(0));
}
