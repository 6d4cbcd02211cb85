//! The interface stopped by the shell and continued, as Ctrl-Z and `fg` do.

use portable_pty::CommandBuilder;

use crate::support::wait_for;
use crate::user::interface::command;
use crate::user::terminal::Terminal;
use crate::user::world::World;

/// A shell with job control in which the interface runs.
fn in_a_shell(world: &World) -> Terminal {
    let mut terminal = shell(world);
    terminal.send(&format!("{}\n", env!("CARGO_BIN_EXE_linkedin-tui")));
    terminal.wait("Set up a LinkedIn app");
    terminal
}

fn shell(world: &World) -> Terminal {
    let interface = command(world, &[]);
    let mut shell = CommandBuilder::new("bash");
    shell.args(["--norc", "--noprofile", "--noediting", "-i"]);
    shell.env_clear();
    for (name, value) in interface.iter_full_env_as_str() {
        shell.env(name, value);
    }
    shell.env("PS1", "ready> ");
    shell.cwd(world.dir.path());
    let terminal = Terminal::start(shell, 100, 30);
    terminal.wait("ready>");
    terminal
}

fn signal_job(terminal: &Terminal, signal: &str) {
    let job = terminal.master.process_group_leader().unwrap();
    let sent = std::process::Command::new("kill").args([&format!("-{signal}"), &job.to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Returns whether the terminal is in raw mode with bracketed paste on the alternate screen.
fn belongs_to_the_interface(terminal: &Terminal) -> bool {
    !terminal.modes().contains("ICANON") && terminal.full_screen() && terminal.pastes_in_brackets()
}

fn continue_and_look(terminal: &mut Terminal) {
    // "Stopped" may still be on the screen from an earlier stop.
    terminal.until("the shell's prompt", |screen| screen.contains("Stopped") && screen.trim_end().ends_with("ready>"));
    assert!(terminal.modes().contains("ICANON"), "the shell can be typed in");
    assert!(!terminal.full_screen());
    terminal.send("fg\n");
    terminal.wait("Set up a LinkedIn app");
    wait_for("the interface's own modes", || belongs_to_the_interface(terminal).then_some(()));
    terminal.send("?");
    terminal.wait("Setup: app guide");
    terminal.send("\u{1b}");
    terminal.until("no help", |screen| !screen.contains("Setup: app guide"));
}

/// Leaves the interface, then the shell.
fn leave(terminal: &mut Terminal) {
    terminal.send("q");
    terminal.until("the shell's prompt", |screen| screen.trim_end().ends_with("ready>"));
    assert!(!terminal.full_screen());
    terminal.send("exit\n");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn u08_a_stop_leaves_the_terminal_and_continuing_takes_it_back() {
    let world = World::new(None);
    let mut terminal = in_a_shell(&world);
    for signal in ["TSTP", "TSTP", "STOP"] {
        signal_job(&terminal, signal);
        if signal == "STOP" {
            // SIGSTOP cannot be handled; the shell resets the terminal.
            let prompted =
                |screen: &str| screen.contains("Stopped") && screen.lines().any(|line| line.trim_end() == "ready>");
            terminal.until("the shell's prompt", prompted);
            terminal.send("fg\n");
            wait_for("the interface's own modes", || belongs_to_the_interface(&terminal).then_some(()));
            terminal.wait("Set up a LinkedIn app");
        } else {
            continue_and_look(&mut terminal);
        }
    }
    leave(&mut terminal);
}

#[test]
fn u08_x09_a_typed_secret_is_not_echoed_after_a_stop() {
    let world = World::new(None);
    let mut terminal = shell(&world);
    terminal.send(&format!("{} encryption passphrase\n", env!("CARGO_BIN_EXE_linkedin-tui")));
    terminal.wait("New passphrase");
    signal_job(&terminal, "TSTP");
    terminal.until("the shell's prompt", |screen| screen.contains("Stopped") && screen.trim_end().ends_with("ready>"));
    terminal.send("fg\n");
    wait_for("no echo", || (!terminal.modes().contains("ECHO ") && !terminal.modes().contains("ICANON")).then_some(()));
    terminal.send("canary horse battery\r");
    terminal.wait("Confirm passphrase");
    terminal.send("canary horse battery\r");
    terminal.until("the shell's prompt", |screen| screen.trim_end().ends_with("ready>"));
    assert!(!String::from_utf8_lossy(&terminal.raw()).contains("canary"));
    terminal.send("exit\n");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn u08_ctrl_z_suspends_only_under_a_job_control_shell() {
    let world = World::new(None);
    let mut terminal = in_a_shell(&world);
    terminal.send("\u{1a}");
    continue_and_look(&mut terminal);
    leave(&mut terminal);
    let mut alone = crate::user::interface::start(&world);
    alone.wait("Set up a LinkedIn app");
    alone.send("\u{1a}");
    alone.wait("There is no shell to go back to");
    alone.send("q");
    assert_eq!(alone.exit_code(), 0);
}

#[test]
fn u08_the_plain_url_shows_outside_the_alternate_screen() {
    let world = World::new(None);
    let mut terminal = crate::user::interface::start(&world);
    terminal.wait("Set up a LinkedIn app");
    terminal.send("\r");
    crate::user::interface::through_setup(&mut terminal);
    terminal.wait("/go/");
    terminal.send("u");
    terminal.wait("Any key goes back.");
    // GNU screen has no alternate screen by default.
    let raw = String::from_utf8(terminal.raw()).unwrap().replace("\u{1b}[?1049h", "").replace("\u{1b}[?1049l", "");
    let mut screen = vt100::Parser::new(30.try_into().unwrap(), 100.try_into().unwrap(), 0);
    screen.process(raw.as_bytes());
    let seen = screen.screen().contents();
    let lines: Vec<&str> = seen.lines().filter(|line| !line.trim().is_empty()).collect();
    let (last, address) = lines.split_last().unwrap();
    assert_eq!(*last, "Any key goes back.", "{seen}");
    let url = url::Url::parse(&address.concat()).unwrap_or_else(|error| panic!("{error}: {seen}"));
    assert!(url.query_pairs().any(|(name, value)| name == "scope" && value.split(' ').all(|scope| !scope.is_empty())));
    terminal.send("\r");
    terminal.wait("Waiting for you to click Allow");
    terminal.send("\u{3}");
    terminal.wait("Sign-in cancelled");
    terminal.send("\u{3}");
    assert_eq!(terminal.exit_code(), 0);
}
