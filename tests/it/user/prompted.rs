//! Secrets typed and pasted at a prompt, on a real terminal.

use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET};
use rstest::rstest;

use crate::user::encryption::two_profiles;
use crate::user::terminal::Terminal;
use crate::user::world::World;

/// Starts `login` and waits for the prompt for the client secret.
fn at_the_secret_prompt(world: &World) -> Terminal {
    let redirect = world.redirect_url();
    let arguments = ["login", "work", "--client-id", CLIENT_ID, "--redirect-url", &redirect, "--no-browser"];
    let terminal = Terminal::start(world.pty(&arguments), 100, 30);
    terminal.wait("Client secret");
    terminal
}

/// Asserts that the whole secret arrived: any other is refused before the program waits for the browser.
fn assert_secret_arrived(mut terminal: Terminal, what: &str) {
    terminal.until(what, |screen| screen.contains("waiting for authorization"));
    assert!(!terminal.raw().windows(8).any(|window| window == &CLIENT_SECRET.as_bytes()[..8]), "{what}: never drawn");
    terminal.send("\u{3}");
    assert_eq!(terminal.exit_code(), 130, "{what}");
    terminal.assert_modes_as_before();
}

#[rstest]
#[case::line_feed("\n")]
#[case::carriage_return("\r")]
#[case::line_editor_keys("\u{1}\u{5}\u{b}\t\n")]
#[case::ctrl_h_and_alt_b("x\u{8}\u{1b}b\n")]
fn u13_a_line_feed_ends_a_secret_control_keys_are_ignored(#[case] keys: &str) {
    let world = World::new(None);
    let mut terminal = at_the_secret_prompt(&world);
    terminal.send(&format!("slip\u{15}{CLIENT_SECRET}{keys}"));
    assert_secret_arrived(terminal, keys);
}

#[test]
fn u13_a_pasted_secret_is_trimmed_and_never_submits() {
    let world = World::new(None);
    let mut terminal = at_the_secret_prompt(&world);
    terminal.paste(&format!(" \"{CLIENT_SECRET}\"\t\r\n"));
    terminal.send("\r");
    assert_secret_arrived(terminal, "space, quotes and line ends around it");
    let mut terminal = at_the_secret_prompt(&world);
    terminal.paste(&format!("{CLIENT_SECRET}\nand what stood below it\n"));
    terminal.wait("more than one line was pasted");
    terminal.send("\n");
    assert_secret_arrived(terminal, "several lines");
}

#[test]
fn u13_a_new_passphrase_accepts_any_line_ending() {
    let (world, _) = two_profiles();
    let mut terminal = Terminal::start(world.pty(&["encryption", "passphrase"]), 100, 30);
    terminal.wait("New passphrase");
    terminal.send("with a space \r\n");
    terminal.wait("Confirm passphrase");
    terminal.send("with a space \n");
    terminal.wait("Tokens and secrets are encrypted");
    assert_eq!(terminal.exit_code(), 0);
    terminal.assert_modes_as_before();
}

#[test]
fn t21_an_invalid_choice_is_reported_and_asked_again() {
    let world = World::signed_in(None);
    let mut terminal = Terminal::start(world.pty(&["login", "work"]), 100, 30);
    world.allow(&world.browser_url(), "bruce");
    terminal.wait("type replace, new NAME");
    for (typed, printed) in
        [("", "Select one."), ("yes", "\"yes\" is not one of the choices."), ("new No", "\"No\" cannot be a name.")]
    {
        let questions = terminal.until("the question", |_| true).matches("type replace").count();
        terminal.send(&format!("{typed}\r"));
        terminal
            .until(printed, |screen| screen.contains(printed) && screen.matches("type replace").count() > questions);
    }
    terminal.send("new second\r");
    terminal.wait("done: second is signed in");
    assert_eq!(terminal.exit_code(), 0);
}
