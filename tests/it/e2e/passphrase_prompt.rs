//! Prompts for the passphrase in a pseudo-terminal.

use crate::e2e::encryption::{files_containing, two_profiles};
use crate::e2e::terminal::Terminal;
use crate::e2e::test_env::{TestEnv, json};

const PASSPHRASE: &str = "typed-canary-passphrase";

fn start(env: &TestEnv, arguments: &[&str]) -> Terminal {
    let mut command = env.pty(arguments);
    command.env("LANG", "C.UTF-8");
    Terminal::start(command, 100, 30)
}

/// Asserts that the passphrase was never drawn and the terminal modes are restored.
fn assert_never_shown(terminal: &Terminal) {
    assert!(!terminal.raw_output().windows(12).any(|window| window == &PASSPHRASE.as_bytes()[..12]));
    terminal.assert_modes_as_before();
}

#[test]
fn a_passphrase_is_prompted_once_and_never_shown() {
    let (env, tokens) = two_profiles();
    // Two different passphrases change nothing.
    let mut terminal = start(&env, &["encryption", "passphrase"]);
    terminal.wait_for_text("New passphrase");
    terminal.send(&format!("{PASSPHRASE}\r"));
    terminal.wait_for_text("Confirm passphrase");
    terminal.send("different passphrase\r");
    terminal.wait_for_text("differ");
    assert_eq!(terminal.exit_code(), 2);
    assert!(env.run(&["token", "one"]).status.success());

    let mut terminal = start(&env, &["encryption", "passphrase"]);
    terminal.wait_for_text("New passphrase");
    terminal.send(&format!("{PASSPHRASE}\r"));
    terminal.wait_for_text("Confirm passphrase");
    terminal.send(&format!("{PASSPHRASE}\r"));
    terminal.wait_for_text("Tokens and secrets are encrypted");
    assert_eq!(terminal.exit_code(), 0);
    assert_never_shown(&terminal);
    assert!(files_containing(&env.config(), &[&tokens[0], &tokens[1], PASSPHRASE]).is_empty());

    // A wrong passphrase is prompted for again.
    let mut terminal = start(&env, &["token", "one"]);
    terminal.wait_for_text("Passphrase for");
    terminal.send("wrong passphrase\r");
    terminal.wait_for_text("That passphrase is wrong. Passphrase for");
    terminal.send(&format!("{PASSPHRASE}\r"));
    terminal.wait_until("the token", |screen| screen.replace('\n', "").contains(&tokens[0][..40]));
    assert_eq!(terminal.exit_code(), 0);
    assert_never_shown(&terminal);

    // The interface prompts before its first screen, and not again.
    let mut terminal = start(&env, &[]);
    terminal.wait_for_text("Passphrase for");
    assert!(!terminal.is_alternate_screen());
    terminal.send(&format!("{PASSPHRASE}\r"));
    terminal.wait_for_text("2 active");
    terminal.send("v");
    terminal.wait_for_text("LinkedIn confirms that the token is valid.");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    assert_never_shown(&terminal);
    assert!(files_containing(&env.config(), &[&tokens[0], &tokens[1]]).is_empty());

    // Three wrong passphrases, or Esc, exit before the first screen.
    let mut terminal = start(&env, &[]);
    for prompt in 1..=3 {
        terminal.wait_until("the prompt", |screen| screen.matches("Passphrase for").count() == prompt);
        terminal.send("wrong passphrase\r");
    }
    terminal.wait_for_text("does not decrypt the encryption key");
    assert_eq!(terminal.exit_code(), 6);
    let mut terminal = start(&env, &[]);
    terminal.wait_for_text("Passphrase for");
    terminal.send("\u{1b}");
    assert_eq!(terminal.exit_code(), 130);
    assert_eq!(json(&env.run(&["profiles", "list", "--json"])).as_array().unwrap().len(), 2);
}
