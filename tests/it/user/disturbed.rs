//! The interface when the terminal or its environment misbehaves.

use std::io::{Read, Write};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::support::wait_for;
use crate::user::interface::{approve, command, start, through_setup};
use crate::user::terminal::Terminal;
use crate::user::world::{World, stdout};

#[test]
fn u06_after_a_thousand_resizes_the_last_size_is_drawn() {
    let world = World::new(None);
    let mut terminal = start(&world);
    terminal.wait("Set up a LinkedIn app");
    let resize = |columns: u16, rows: u16| {
        terminal.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
    };
    for number in 0..1000 {
        resize(20 + number % 75, 5 + number % 24);
    }
    resize(100, 30);
    // A key that comes at the very moment of a resize may wait in the terminal for the next one: so
    // another, harmless one follows.
    let before = terminal.raw().len();
    terminal.send("?");
    wait_for("the help", || {
        terminal.send("\u{c}");
        String::from_utf8_lossy(&terminal.raw()[before..]).contains("Help: ").then_some(())
    });
    let screen = terminal.until("help over the whole guide", |screen| {
        screen.contains("Help") && screen.lines().any(|line| line.contains("esc close"))
    });
    assert!(screen.lines().count() <= 30);
    terminal.send("\u{1b}");
    terminal.until("no help", |screen| !screen.contains("Help:") && screen.contains("Set up a LinkedIn app"));
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn u10_after_a_kill_the_next_start_does_not_care() {
    let world = World::new(None);
    let mut terminal = start(&world);
    terminal.wait("Set up a LinkedIn app");
    terminal.send("\r");
    through_setup(&mut terminal);
    terminal.child.kill().unwrap();
    drop(terminal.end());
    let mut again = start(&world);
    // The guide was completed before: it is not shown again.
    through_setup(&mut again);
    approve(&world, "ada");
    again.wait("✓ Signed in");
    again.send("q");
    assert_eq!(again.exit_code(), 0);
}

#[test]
fn u15_a_closed_terminal_exits_the_program() {
    let world = World::new(None);
    let pair = native_pty_system().openpty(PtySize { rows: 30, cols: 100, pixel_width: 0, pixel_height: 0 }).unwrap();
    let mut child = pair.slave.spawn_command(command(&world, &[])).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let mut writer = pair.master.take_writer().unwrap();
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    while !String::from_utf8_lossy(&seen).contains("LinkedIn app") {
        let read = reader.read(&mut buffer).unwrap();
        assert!(read > 0, "it ended before it drew");
        seen.extend_from_slice(&buffer[..read]);
    }
    writer.flush().unwrap();
    drop((reader, writer, pair.master));
    let status = wait_for("the program's end", || child.try_wait().unwrap());
    assert!(!status.success());
}

#[test]
fn u17_output_of_other_programs_is_redrawn() {
    let world = World::new(None);
    let noisy = world.dir.path().join("noisy");
    std::fs::write(&noisy, "#!/bin/sh\necho noise-on-stdout\necho noise-on-stderr >&2\nexec \"$QUIET\" \"$1\"\n")
        .unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&noisy, mode).unwrap();
    let quiet = world.dir.path().join("browser");
    let mut run = command(&world, &[]);
    run.env("BROWSER", &noisy);
    run.env("QUIET", quiet);
    let mut terminal = Terminal::start(run, 100, 30);
    terminal.wait("Set up a LinkedIn app");
    terminal.send("\r");
    through_setup(&mut terminal);
    approve(&world, "ada");
    terminal.wait("✓ Signed in");
    assert!(!String::from_utf8_lossy(&terminal.raw()).contains("noise"), "a browser's words go nowhere");
    // Another process writes to the same terminal; Ctrl-L redraws everything.
    terminal.send("\r");
    terminal.wait("PROFILE");
    let before = terminal.raw().len();
    terminal.send("\u{c}");
    wait_for("everything to be drawn again", || {
        String::from_utf8_lossy(&terminal.raw()[before..]).contains("PROFILE").then_some(())
    });
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn x10_x14_nothing_secret_is_left_on_the_screen_or_in_a_title() {
    let world = World::new(None);
    let mut terminal = start(&world);
    terminal.wait("Set up a LinkedIn app");
    terminal.send("\r");
    through_setup(&mut terminal);
    approve(&world, "ada");
    terminal.wait("✓ Signed in");
    let token = stdout(&world.run(&["token"])).trim().to_owned();
    // Revealed on request, and the interface exits while it is shown.
    terminal.send("t");
    terminal.wait(&token[..20]);
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    let after = raw.rsplit("\u{1b}[?1049l").next().unwrap();
    assert!(!after.contains(&token[..12]) && !after.contains("Lovelace"), "x10: {after:?}");
    assert!(!terminal.full_screen());
    for title in ["\u{1b}]0;", "\u{1b}]1;", "\u{1b}]2;", "\u{1b}]9;", "\u{1b}]777;", "\u{1b}k"] {
        assert!(!raw.contains(title), "x14: {title:?}");
    }
}

#[test]
fn u12_a_terminal_without_abilities_is_still_usable() {
    let world = World::new(None);
    for (name, value) in [("TERM", "dumb"), ("TERM", ""), ("TERM", "nobody-knows"), ("CLICOLOR", "0"), ("LANG", "C")] {
        let run: CommandBuilder = command(&world, &[(name, value), ("NO_COLOR", "1")]);
        let mut terminal = Terminal::start(run, 80, 24);
        terminal.wait("Set up a LinkedIn app");
        let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
        assert!(!raw.contains("\u{1b}[38;"), "{name}={value}: no colour");
        terminal.send("q");
        assert_eq!(terminal.exit_code(), 0, "{name}={value}");
    }
}
