//! Secrets typed and pasted at a prompt in a pseudo-terminal.

use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET};
use rstest::rstest;

use crate::e2e::encryption::two_profiles;
use crate::e2e::terminal::Terminal;
use crate::e2e::test_env::TestEnv;

/// Starts `login` and waits for the prompt for the client secret.
fn wait_for_secret_prompt(env: &TestEnv) -> Terminal {
    let redirect = env.redirect_url();
    let arguments = ["login", "work", "--client-id", CLIENT_ID, "--redirect-url", &redirect, "--no-browser"];
    let terminal = Terminal::start(env.pty(&arguments), 100, 30);
    terminal.wait_for_text("Client secret");
    terminal
}

/// Asserts that the secret arrived complete: any other would be rejected before the program waits for the browser.
fn assert_secret_accepted(mut terminal: Terminal, what: &str) {
    terminal.wait_until(what, |screen| screen.contains("waiting for authorization"));
    assert!(
        !terminal.raw_output().windows(8).any(|window| window == &CLIENT_SECRET.as_bytes()[..8]),
        "{what}: never drawn"
    );
    terminal.send("\u{3}");
    assert_eq!(terminal.exit_code(), 130, "{what}");
    terminal.assert_modes_as_before();
}

#[rstest]
#[case::line_feed("\n")]
#[case::carriage_return("\r")]
#[case::line_editor_keys("\u{1}\u{5}\u{b}\t\n")]
#[case::ctrl_h_and_alt_b("x\u{8}\u{1b}b\n")]
fn u13_a_line_end_submits_and_editing_keys_work(#[case] keys: &str) {
    let env = TestEnv::new(None);
    let mut terminal = wait_for_secret_prompt(&env);
    terminal.send(&format!("typo\u{15}{CLIENT_SECRET}{keys}"));
    assert_secret_accepted(terminal, keys);
}

#[test]
fn u13_a_pasted_secret_is_trimmed_and_never_submits() {
    let env = TestEnv::new(None);
    let mut terminal = wait_for_secret_prompt(&env);
    terminal.paste(&format!(" \"{CLIENT_SECRET}\"\t\r\n"));
    terminal.send("\r");
    assert_secret_accepted(terminal, "space, quotes and line ends around it");
    let mut terminal = wait_for_secret_prompt(&env);
    terminal.paste(&format!("{CLIENT_SECRET}\nand the next line\n"));
    terminal.wait_for_text("more than one line was pasted");
    terminal.send("\n");
    assert_secret_accepted(terminal, "several lines");
}

#[test]
fn u13_a_new_passphrase_accepts_any_line_ending() {
    let (env, _) = two_profiles();
    let mut terminal = Terminal::start(env.pty(&["encryption", "passphrase"]), 100, 30);
    terminal.wait_for_text("New passphrase");
    terminal.send("with a space \r\n");
    terminal.wait_for_text("Confirm passphrase");
    terminal.send("with a space \n");
    terminal.wait_for_text("Tokens and secrets are encrypted");
    assert_eq!(terminal.exit_code(), 0);
    terminal.assert_modes_as_before();
}

#[test]
fn t21_an_invalid_choice_is_reported_and_prompted_again() {
    let env = TestEnv::signed_in(None);
    let mut terminal = Terminal::start(env.pty(&["login", "work"]), 100, 30);
    env.approve_and_follow(&env.browser_url(), "bruce");
    terminal.wait_for_text("type replace, new NAME");
    for (typed, printed) in
        [("", "Select one."), ("yes", "\"yes\" is not one of the choices."), ("new No", "\"No\" cannot be a name.")]
    {
        let prompts = terminal.wait_until("the prompt", |_| true).matches("type replace").count();
        terminal.send(&format!("{typed}\r"));
        terminal
            .wait_until(printed, |screen| screen.contains(printed) && screen.matches("type replace").count() > prompts);
    }
    terminal.send("new second\r");
    terminal.wait_for_text("done: second is signed in");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn login_prompts_for_what_is_missing() {
    let env = TestEnv::new(None);
    let redirect = env.redirect_url();
    let mut terminal = Terminal::start(env.pty(&["login", "work", "--redirect-url", &redirect]), 120, 40);
    terminal.wait_for_text("Client ID:");
    terminal.send("not an ID\r");
    terminal.wait_for_text("The client ID is not valid");
    terminal.paste(CLIENT_SECRET);
    terminal.send("\r");
    terminal.wait_for_text("this looks like the client secret");
    terminal.send(&format!("x\u{15}{CLIENT_ID}\r"));
    // As in the portal, the secret follows the client ID.
    terminal.wait_for_text("Client secret from");
    terminal.send("\r");
    // What is typed before the prompt is there would be echoed by the terminal.
    terminal.wait_until("the second prompt", |screen| {
        screen.contains("Enter the Primary Client Secret.") && screen.matches("Client secret from").count() == 2
    });
    terminal.send(&format!("{CLIENT_SECRET}\r"));
    terminal.wait_for_text("(requires approval)");
    for (number, typed, printed) in [
        (2, "7", "Enter a number from 1 to 3, or scopes."),
        (3, "no scope?", "it contains invalid characters"),
        (4, CLIENT_SECRET, "A scope looks like the client secret."),
    ] {
        terminal.send(&format!("{typed}\r"));
        terminal.wait_until(printed, |screen| {
            screen.contains(printed) && screen.matches("Number, or the scopes").count() == number
        });
    }
    terminal.send("1\r");
    env.approve_and_follow(&env.browser_url(), "ada");
    terminal.wait_for_text("✓ done: work is signed in as");
    assert_eq!(terminal.exit_code(), 0);
    terminal.assert_modes_as_before();
    let raw = String::from_utf8(terminal.raw_output()).unwrap();
    assert!(raw.contains(&format!("Client ID: {CLIENT_ID}")) && !raw.contains(CLIENT_SECRET), "{raw}");
    let shown = env.run(&["profiles", "show", "work", "--json"]);
    let profile: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    let scopes: std::collections::BTreeSet<&str> =
        profile["scopes"].as_array().unwrap().iter().filter_map(|scope| scope.as_str()).collect();
    assert_eq!(scopes, ["email", "openid", "profile"].into(), "{profile}");
}

#[test]
fn login_offers_the_saved_apps() {
    let env = TestEnv::signed_in(None);
    let app = std::fs::read_to_string(env.config().join("apps/work.toml")).unwrap();
    std::fs::write(env.config().join("apps/other.toml"), app).unwrap();
    let mut terminal = Terminal::start(env.pty(&["login", "second"]), 120, 40);
    terminal.wait_for_text("Saved app (other, work), or the client ID of another one:");
    terminal.send("work\r");
    terminal.wait_for_text("Number, or the scopes");
    terminal.send("\r");
    env.approve_and_follow(&env.browser_url(), "ada");
    terminal.wait_for_text("done: second is signed in");
    assert_eq!(terminal.exit_code(), 0);
}
