//! The interface stopped by the shell and continued, as Ctrl-Z and `fg` do.

use portable_pty::CommandBuilder;

use crate::e2e::interface::command;
use crate::e2e::terminal::Terminal;
use crate::e2e::test_env::TestEnv;
use crate::support::wait_for;

/// Starts the interface in a shell with job control.
fn start_in_shell(env: &TestEnv) -> Terminal {
    let mut terminal = start_shell(env);
    terminal.send(&format!("{}\n", env!("CARGO_BIN_EXE_linkedin-tui")));
    terminal.wait_for_text("Set up a LinkedIn app");
    terminal
}

fn start_shell(env: &TestEnv) -> Terminal {
    let interface = command(env, &[]);
    let mut command = CommandBuilder::new("bash");
    command.args(["--norc", "--noprofile", "--noediting", "-i"]);
    command.env_clear();
    for (name, value) in interface.iter_full_env_as_str() {
        command.env(name, value);
    }
    command.env("PS1", "ready> ");
    command.cwd(env.dir.path());
    let terminal = Terminal::start(command, 100, 30);
    terminal.wait_for_text("ready>");
    terminal
}

fn signal_job(terminal: &Terminal, signal: &str) {
    let job = terminal.master.process_group_leader().unwrap();
    let sent = std::process::Command::new("kill").args([&format!("-{signal}"), &job.to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Returns whether the terminal is in raw mode with bracketed paste on the alternate screen.
fn has_interface_modes(terminal: &Terminal) -> bool {
    !terminal.modes().contains("ICANON") && terminal.is_alternate_screen() && terminal.has_bracketed_paste()
}

fn continue_and_check(terminal: &mut Terminal) {
    // "Stopped" may still be on the screen from an earlier stop.
    terminal
        .wait_until("the shell's prompt", |screen| screen.contains("Stopped") && screen.trim_end().ends_with("ready>"));
    assert!(terminal.modes().contains("ICANON"), "the shell can be typed in");
    assert!(!terminal.is_alternate_screen());
    terminal.send("fg\n");
    terminal.wait_for_text("Set up a LinkedIn app");
    wait_for("the interface's own modes", || has_interface_modes(terminal).then_some(()));
    terminal.send("?");
    terminal.wait_for_text("Help: App guide");
    terminal.send("\u{1b}");
    terminal.wait_until("no help", |screen| !screen.contains("Help: App guide"));
}

/// Leaves the interface, then the shell.
fn quit_and_exit_shell(terminal: &mut Terminal) {
    terminal.send("q");
    terminal.wait_until("the shell's prompt", |screen| screen.trim_end().ends_with("ready>"));
    assert!(!terminal.is_alternate_screen());
    terminal.send("exit\n");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn u08_stop_and_continue_restore_the_terminal() {
    let env = TestEnv::new(None);
    let mut terminal = start_in_shell(&env);
    for signal in ["TSTP", "TSTP", "STOP"] {
        signal_job(&terminal, signal);
        if signal == "STOP" {
            // SIGSTOP cannot be handled; the shell resets the terminal. Its prompt may stand before cells of a frame that the
            // signal cut short.
            let is_prompted =
                |screen: &str| screen.contains("Stopped") && screen.lines().any(|line| line.starts_with("ready>"));
            terminal.wait_until("the shell's prompt", is_prompted);
            terminal.send("fg\n");
            wait_for("the interface's own modes", || has_interface_modes(&terminal).then_some(()));
            terminal.wait_for_text("Set up a LinkedIn app");
        } else {
            continue_and_check(&mut terminal);
        }
    }
    quit_and_exit_shell(&mut terminal);
}

#[test]
fn u08_x09_a_typed_secret_is_not_echoed_after_a_stop() {
    let env = TestEnv::new(None);
    let mut terminal = start_shell(&env);
    terminal.send(&format!("{} encryption passphrase\n", env!("CARGO_BIN_EXE_linkedin-tui")));
    terminal.wait_for_text("New passphrase");
    signal_job(&terminal, "TSTP");
    terminal
        .wait_until("the shell's prompt", |screen| screen.contains("Stopped") && screen.trim_end().ends_with("ready>"));
    terminal.send("fg\n");
    wait_for("no echo", || (!terminal.modes().contains("ECHO ") && !terminal.modes().contains("ICANON")).then_some(()));
    terminal.send("canary horse battery\r");
    terminal.wait_for_text("Confirm passphrase");
    terminal.send("canary horse battery\r");
    terminal.wait_until("the shell's prompt", |screen| screen.trim_end().ends_with("ready>"));
    assert!(!String::from_utf8_lossy(&terminal.raw_output()).contains("canary"));
    terminal.send("exit\n");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn u08_ctrl_z_suspends_only_under_a_job_control_shell() {
    let env = TestEnv::new(None);
    let mut terminal = start_in_shell(&env);
    terminal.send("\u{1a}");
    continue_and_check(&mut terminal);
    quit_and_exit_shell(&mut terminal);
    let mut without_shell = crate::e2e::interface::start(&env);
    without_shell.wait_for_text("Set up a LinkedIn app");
    without_shell.send("\u{1a}");
    without_shell.wait_for_text("Could not suspend: no shell can continue the program");
    without_shell.send("q");
    assert_eq!(without_shell.exit_code(), 0);
}

#[test]
fn u08_the_plain_url_shows_outside_the_alternate_screen() {
    let env = TestEnv::new(None);
    let mut terminal = crate::e2e::interface::start(&env);
    terminal.wait_for_text("Set up a LinkedIn app");
    terminal.send("\r");
    crate::e2e::interface::complete_setup(&mut terminal);
    terminal.wait_for_text("/go/");
    terminal.send("F");
    terminal.wait_for_text("Press any key to return.");
    // GNU screen has no alternate screen by default.
    let raw =
        String::from_utf8(terminal.raw_output()).unwrap().replace("\u{1b}[?1049h", "").replace("\u{1b}[?1049l", "");
    let mut screen = vt100::Parser::new(30.try_into().unwrap(), 100.try_into().unwrap(), 0);
    screen.process(raw.as_bytes());
    let contents = screen.screen().contents();
    let lines: Vec<&str> = contents.lines().filter(|line| !line.trim().is_empty()).collect();
    let (last, url_lines) = lines.split_last().unwrap();
    assert_eq!(*last, "Press any key to return.", "{contents}");
    let url = url::Url::parse(&url_lines.concat()).unwrap_or_else(|error| panic!("{error}: {contents}"));
    assert!(url.query_pairs().any(|(name, value)| name == "scope" && value.split(' ').all(|scope| !scope.is_empty())));
    terminal.send("\r");
    terminal.wait_for_text("Waiting for you to click Allow");
    terminal.send("\u{3}");
    terminal.wait_for_text("Sign-in canceled");
    terminal.send("\u{3}");
    assert_eq!(terminal.exit_code(), 0);
}
