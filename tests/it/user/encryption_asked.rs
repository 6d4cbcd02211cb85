//! Prompts for the passphrase on a real terminal.

use crate::user::encryption::{leaks, two_profiles};
use crate::user::terminal::Terminal;
use crate::user::world::{World, json};

const PASSPHRASE: &str = "typed-canary-passphrase";

fn start(world: &World, arguments: &[&str]) -> Terminal {
    let mut command = world.pty(arguments);
    command.env("LANG", "C.UTF-8");
    Terminal::start(command, 100, 30)
}

/// Asserts that nothing that was typed was ever drawn.
fn assert_never_shown(terminal: &Terminal) {
    assert!(!terminal.raw().windows(12).any(|window| window == &PASSPHRASE.as_bytes()[..12]));
    terminal.assert_modes_as_before();
}

#[test]
fn a_passphrase_is_prompted_once_and_never_shown() {
    let (world, tokens) = two_profiles();
    // Two different passphrases change nothing.
    let mut terminal = start(&world, &["encryption", "passphrase"]);
    terminal.wait("New passphrase");
    terminal.send(&format!("{PASSPHRASE}\r"));
    terminal.wait("Confirm passphrase");
    terminal.send("something else\r");
    terminal.wait("differ");
    assert_eq!(terminal.exit_code(), 2);
    assert!(world.run(&["token", "one"]).status.success());

    let mut terminal = start(&world, &["encryption", "passphrase"]);
    terminal.wait("New passphrase");
    terminal.send(&format!("{PASSPHRASE}\r"));
    terminal.wait("Confirm passphrase");
    terminal.send(&format!("{PASSPHRASE}\r"));
    terminal.wait("Tokens and secrets are encrypted");
    assert_eq!(terminal.exit_code(), 0);
    assert_never_shown(&terminal);
    assert!(leaks(&world.config(), &[&tokens[0], &tokens[1], PASSPHRASE]).is_empty());

    // A wrong passphrase is prompted for again.
    let mut terminal = start(&world, &["token", "one"]);
    terminal.wait("Passphrase for");
    terminal.send("a slip\r");
    terminal.wait("That passphrase is wrong. Passphrase for");
    terminal.send(&format!("{PASSPHRASE}\r"));
    terminal.until("the token", |screen| screen.replace('\n', "").contains(&tokens[0][..40]));
    assert_eq!(terminal.exit_code(), 0);
    assert_never_shown(&terminal);

    // The interface prompts before its first screen, and not again.
    let mut terminal = start(&world, &[]);
    terminal.wait("Passphrase for");
    assert!(!terminal.full_screen());
    terminal.send(&format!("{PASSPHRASE}\r"));
    terminal.wait("2 active");
    terminal.send("v");
    terminal.wait("LinkedIn confirms that the token is valid.");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    assert_never_shown(&terminal);
    assert!(leaks(&world.config(), &[&tokens[0], &tokens[1]]).is_empty());

    // Three wrong passphrases, or Esc, exit before the first screen.
    let mut terminal = start(&world, &[]);
    for question in 1..=3 {
        terminal.until("the question", |screen| screen.matches("Passphrase for").count() == question);
        terminal.send("a slip\r");
    }
    terminal.wait("does not open the encryption key");
    assert_eq!(terminal.exit_code(), 6);
    let mut terminal = start(&world, &[]);
    terminal.wait("Passphrase for");
    terminal.send("\u{1b}");
    assert_eq!(terminal.exit_code(), 130);
    assert_eq!(json(&world.run(&["profiles", "list", "--json"])).as_array().unwrap().len(), 2);
}
