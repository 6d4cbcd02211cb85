//! The interface when the terminal or a different program misbehaves.

use std::io::{Read, Write};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::e2e::interface::{approve, command, complete_setup, start};
use crate::e2e::terminal::Terminal;
use crate::e2e::test_env::{TestEnv, stdout};
use crate::support::wait_for;

#[test]
fn u06_the_last_of_a_thousand_sizes_is_drawn() {
    let env = TestEnv::new(None);
    let mut terminal = start(&env);
    terminal.wait_for_text("Set up a LinkedIn app");
    let resize = |columns: u16, rows: u16| {
        terminal.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
    };
    for number in 0..1000 {
        resize(20 + number % 75, 5 + number % 24);
    }
    resize(100, 30);
    // A key sent during a resize may stay in the terminal's buffer until the next key, so Ctrl-L follows.
    let before = terminal.raw_output().len();
    terminal.send("?");
    wait_for("the help", || {
        terminal.send("\u{c}");
        // Cells that already show the right character are not written again.
        let raw = String::from_utf8_lossy(&terminal.raw_output()[before..]).into_owned();
        ["Help: ", "App guide", "esc close"].iter().any(|part| raw.contains(part)).then_some(())
    });
    let screen = terminal.wait_until("the help over the guide", |screen| {
        screen.contains("Help") && screen.lines().any(|line| line.contains("esc close"))
    });
    assert!(screen.lines().count() <= 30);
    terminal.send("\u{1b}");
    terminal.wait_until("no help", |screen| !screen.contains("Help:") && screen.contains("Set up a LinkedIn app"));
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn u10_the_interface_starts_after_a_kill() {
    let env = TestEnv::new(None);
    let mut terminal = start(&env);
    terminal.wait_for_text("Set up a LinkedIn app");
    terminal.send("\r");
    complete_setup(&mut terminal);
    terminal.child.kill().unwrap();
    drop(terminal.wait_for_exit());
    let mut restarted = start(&env);
    // The guide was completed before: it is not shown again.
    complete_setup(&mut restarted);
    approve(&env, "ada");
    restarted.wait_for_text("✓ Signed in");
    restarted.send("q");
    assert_eq!(restarted.exit_code(), 0);
}

#[test]
fn u15_closing_the_terminal_exits_the_program() {
    let env = TestEnv::new(None);
    let pair = native_pty_system().openpty(PtySize { rows: 30, cols: 100, pixel_width: 0, pixel_height: 0 }).unwrap();
    let mut child = pair.slave.spawn_command(command(&env, &[])).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let mut writer = pair.master.take_writer().unwrap();
    let mut output = Vec::new();
    let mut buffer = [0; 4096];
    while !String::from_utf8_lossy(&output).contains("LinkedIn app") {
        let read = reader.read(&mut buffer).unwrap();
        assert!(read > 0, "the program exited before drawing");
        output.extend_from_slice(&buffer[..read]);
    }
    writer.flush().unwrap();
    drop((reader, writer, pair.master));
    let status = wait_for("the program's end", || child.try_wait().unwrap());
    assert!(!status.success());
}

#[test]
fn u17_output_of_other_programs_is_redrawn() {
    let env = TestEnv::new(None);
    let noisy_browser = env.dir.path().join("noisy");
    std::fs::write(
        &noisy_browser,
        "#!/bin/sh\necho noise-on-stdout\necho noise-on-stderr >&2\nexec \"$QUIET\" \"$1\"\n",
    )
    .unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&noisy_browser, mode).unwrap();
    let recording_browser = env.dir.path().join("browser");
    let mut run = command(&env, &[]);
    run.env("BROWSER", &noisy_browser);
    run.env("QUIET", recording_browser);
    let mut terminal = Terminal::start(run, 100, 30);
    terminal.wait_for_text("Set up a LinkedIn app");
    terminal.send("\r");
    complete_setup(&mut terminal);
    approve(&env, "ada");
    terminal.wait_for_text("✓ Signed in");
    assert!(!String::from_utf8_lossy(&terminal.raw_output()).contains("noise"), "the browser's output is not shown");
    // If a different process wrote to the terminal, Ctrl-L redraws everything.
    terminal.send("\r");
    terminal.wait_for_text("PROFILE");
    let before = terminal.raw_output().len();
    terminal.send("\u{c}");
    wait_for("everything to be drawn again", || {
        String::from_utf8_lossy(&terminal.raw_output()[before..]).contains("PROFILE").then_some(())
    });
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn x10_x14_no_secret_is_left_on_the_screen_or_in_a_title() {
    let env = TestEnv::new(None);
    let mut terminal = start(&env);
    terminal.wait_for_text("Set up a LinkedIn app");
    terminal.send("\r");
    complete_setup(&mut terminal);
    approve(&env, "ada");
    terminal.wait_for_text("✓ Signed in");
    let token = stdout(&env.run(&["token"])).trim().to_owned();
    // Reveals the token and quits while it is shown.
    terminal.send("\u{12}");
    terminal.wait_for_text(&token[..20]);
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
    let after = raw.rsplit("\u{1b}[?1049l").next().unwrap();
    assert!(!after.contains(&token[..12]) && !after.contains("Lovelace"), "x10: {after:?}");
    assert!(!terminal.is_alternate_screen());
    for title in ["\u{1b}]0;", "\u{1b}]1;", "\u{1b}]2;", "\u{1b}]9;", "\u{1b}]777;", "\u{1b}k"] {
        assert!(!raw.contains(title), "x14: {title:?}");
    }
}

#[test]
fn u12_a_terminal_without_capabilities_is_usable() {
    let env = TestEnv::new(None);
    for (name, value) in [("TERM", ""), ("TERM", "unknown-terminal"), ("CLICOLOR", "0"), ("LANG", "C")] {
        let run: CommandBuilder = command(&env, &[(name, value), ("NO_COLOR", "1")]);
        let mut terminal = Terminal::start(run, 80, 24);
        terminal.wait_for_text("Set up a LinkedIn app");
        let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
        assert!(!raw.contains("\u{1b}[38;"), "{name}={value}: no color");
        terminal.send("q");
        assert_eq!(terminal.exit_code(), 0, "{name}={value}");
    }
}

#[test]
fn dumb_terminal_is_refused_with_the_command_that_works_there() {
    let env = TestEnv::new(None);
    let mut terminal = Terminal::start(command(&env, &[("TERM", "dumb")]), 80, 24);
    terminal.wait_for_text("linkedin-tui login");
    assert_eq!(terminal.exit_code(), 2);
    let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
    assert!(raw.contains("TERM is dumb") && !raw.contains("\u{1b}[?1049h"), "{raw}");
}
