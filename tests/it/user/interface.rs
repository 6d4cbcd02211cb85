//! The interface in a real pseudo-terminal, by keys.

use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET};
use portable_pty::CommandBuilder;

use crate::user::terminal::Terminal;
use crate::user::world::World;

/// Starts the interface on the world's files, with an app filled in from the environment.
pub(crate) fn command(world: &World, more: &[(&str, &str)]) -> CommandBuilder {
    let mut command = world.pty(&[]);
    let redirect = world.redirect_url();
    let own = [
        ("LANG", "C.UTF-8"),
        ("LINKEDIN_CLIENT_ID", CLIENT_ID),
        ("LINKEDIN_CLIENT_SECRET", CLIENT_SECRET),
        ("LINKEDIN_REDIRECT_URI", redirect.as_str()),
    ];
    for (name, value) in own.iter().chain(more) {
        command.env(name, value);
    }
    command
}

pub(crate) fn start(world: &World) -> Terminal {
    Terminal::start(command(world, &[]), 100, 30)
}

/// Approves as `member` the URL that the browser opened.
pub(crate) fn approve(world: &World, member: &str) {
    let url = world.browser_url();
    world.allow(&url, member);
}

/// Goes from the credentials to the sign-in, accepting the defaults.
pub(crate) fn through_setup(terminal: &mut Terminal) {
    terminal.wait("App credentials");
    terminal.send("\r");
    terminal.wait("Choose scopes");
    terminal.send("\r");
    terminal.wait("is available");
    terminal.send("\r");
    terminal.wait("Review and sign in");
    terminal.send("\r");
    terminal.wait("Waiting for you to click Allow");
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn first_start_to_two_accounts_and_a_re_authorization() {
    let world = World::new(None);
    let mut terminal = start(&world);
    terminal.wait("Set up a LinkedIn app");
    terminal.send("\r");
    terminal.wait("Filled in from LINKEDIN_CLIENT_ID");
    through_setup(&mut terminal);
    approve(&world, "ada");
    terminal.wait("✓ Signed in");
    let screen = terminal.wait("Ada Lovelace");
    let first = world.token("default");
    assert!(!screen.contains(&first[..20]), "x09: the token is masked");

    // A second account with the saved app.
    terminal.send("\r");
    terminal.wait("PROFILE");
    terminal.send("a");
    through_setup(&mut terminal);
    approve(&world, "bruce");
    terminal.wait("✓ Signed in");
    terminal.wait("李小龙");
    terminal.send("\r");
    terminal.wait("2 active");

    // Switch: the new one is selected, and becomes the current one.
    terminal.send("\r");
    terminal.wait("account is now the current profile.");
    let output = world.run(&["token"]);
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), world.token("account"));

    // Re-authorize the first in two keys; the same member comes back with a new token.
    terminal.send("/Lovelace\r");
    terminal.until("one row", |screen| !screen.contains("李小龙"));
    terminal.send("r");
    terminal.wait("Re-authorize default?");
    terminal.send("\r");
    terminal.wait("Waiting for you to click Allow");
    approve(&world, "ada");
    terminal.wait("✓ Signed in");
    assert_ne!(world.token("default"), first);

    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    assert!(!terminal.full_screen());
    terminal.assert_modes_as_before();
    let raw = terminal.raw();
    for secret in [first.as_str(), &world.token("default"), CLIENT_SECRET] {
        assert!(!contains(&raw, secret), "x10: no secret was ever drawn");
    }
}

#[test]
fn a_different_member_is_confirmed_and_saved_separately() {
    let world = World::new(None);
    assert!(world.login("default", "ada", &[]).status.success());
    let before = world.token("default");
    let mut terminal = start(&world);
    terminal.wait("1 active");
    terminal.send("r");
    terminal.wait("Re-authorize default?");
    terminal.send("\r");
    terminal.wait("Waiting for you to click Allow");
    let page = world.allow(&world.browser_url(), "bruce");
    assert!(page.contains("Go back to the terminal"), "{page}");
    terminal.wait("A different member signed in");
    assert_eq!(world.token("default"), before, "nothing is overwritten before the choice");
    terminal.send("k");
    terminal.wait("✓ Signed in");
    assert_eq!(world.token("default"), before);
    assert_ne!(world.token("account"), before);
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_different_members_token_is_saved_or_discarded() {
    let world = World::new(None);
    assert!(world.login("default", "ada", &[]).status.success());
    assert!(world.login("li", "bruce", &[]).status.success());
    let (ada, li) = (world.token("default"), world.token("li"));
    let mut terminal = start(&world);
    let come_back = |terminal: &mut Terminal| {
        terminal.wait("2 active");
        // The profile that expires first is first, and the one that was re-authorized last is selected.
        terminal.send("gr");
        terminal.wait("Re-authorize default?");
        terminal.send("\r");
        terminal.wait("Sign in as Ada Lovelace");
        terminal.wait("Waiting for you to click Allow");
        approve(&world, "bruce");
        terminal.wait("already has the profile li for this app");
    };
    come_back(&mut terminal);
    // Esc loses nothing, nor does one Ctrl-C.
    terminal.send("\u{1b}");
    terminal.wait("The new token is in memory.");
    terminal.send("\u{3}");
    terminal.wait("Quitting discards the new token.");
    terminal.send("u");
    terminal.wait("✓ Signed in");
    terminal.wait("default was not re-authorized");
    assert_eq!(world.token("default"), ada);
    assert_ne!(world.token("li"), li);
    let li = world.token("li");
    terminal.send("\r");
    come_back(&mut terminal);
    terminal.send("d");
    terminal.wait("was discarded. default is unchanged.");
    assert_eq!((world.token("default"), world.token("li")), (ada, li));
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn escape_cancels_a_sign_in_and_closes_the_port() {
    let world = World::new(None);
    let mut terminal = start(&world);
    terminal.wait("Set up a LinkedIn app");
    terminal.send("\r");
    through_setup(&mut terminal);
    terminal.send("\u{1b}");
    terminal.wait("Sign-in cancelled");
    terminal.wait("Review and sign in");
    assert!(std::net::TcpListener::bind(("127.0.0.1", world.port)).is_ok(), "the port is free again");
    terminal.send("\u{3}");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_denied_consent_is_reported_and_can_be_retried() {
    let world = World::new(Some("cancel-at-consent"));
    let mut terminal = start(&world);
    terminal.wait("Set up a LinkedIn app");
    terminal.send("\r");
    through_setup(&mut terminal);
    approve(&world, "ada");
    terminal.wait("Sign-in cancelled");
    terminal.send("\r");
    let screen = terminal.wait("Review and sign in");
    assert!(screen.contains(CLIENT_ID), "nothing typed is lost");
    terminal.send("\u{3}");
    assert_eq!(terminal.exit_code(), 0);
    assert!(!world.config().join("profiles/default.toml").exists());
}

#[test]
fn u13_a_pasted_secret_is_cleaned_and_never_submits() {
    let world = World::new(None);
    let mut terminal = Terminal::start(command(&world, &[("LINKEDIN_CLIENT_SECRET", "")]), 100, 30);
    terminal.wait("Set up a LinkedIn app");
    terminal.send("\r");
    terminal.wait("copy the Primary Client Secret");
    terminal.send("\t");
    terminal.paste(&format!("  LINKEDIN_CLIENT_SECRET=\"{CLIENT_SECRET}\"\r\nsecond line\r\n"));
    terminal.wait("Only the first was used.");
    let screen = terminal.until("no complaint", |screen| !screen.contains("copy the Primary Client Secret"));
    assert!(screen.contains("App credentials") && !screen.contains(CLIENT_SECRET));
    through_setup(&mut terminal);
    approve(&world, "ada");
    terminal.wait("✓ Signed in");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn u07_signals_leave_the_terminal_as_it_was() {
    use rustix::process::{Pid, Signal, kill_process};
    let signed_in = World::new(None);
    assert!(signed_in.login("default", "ada", &[]).status.success());
    for signal in [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT] {
        for screen in ["guide", "help", "sign-in", "paste", "list", "question"] {
            let on_list = ["list", "question"].contains(&screen);
            let fresh = World::new(None);
            let world = if on_list { &signed_in } else { &fresh };
            let mut terminal = start(world);
            terminal.wait(if on_list { "1 active" } else { "Set up a LinkedIn app" });
            match screen {
                "help" => {
                    terminal.send("?");
                    terminal.wait("Help:");
                }
                "sign-in" | "paste" => {
                    terminal.send("\r");
                    through_setup(&mut terminal);
                    if screen == "paste" {
                        terminal.send("p");
                        terminal.wait("Paste the callback URL");
                    }
                }
                "question" => {
                    terminal.send("d");
                    terminal.wait("Delete default?");
                }
                _ => {}
            }
            let pid = i32::try_from(terminal.child.process_id().unwrap()).unwrap();
            kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
            let status = terminal.end();
            let raw = terminal.raw();
            let last = String::from_utf8_lossy(&raw[raw.len().saturating_sub(300)..]).into_owned();
            assert!(status.signal().is_some(), "{screen}: it dies by {signal:?}, not {status:?}: {last:?}");
            assert!(!terminal.full_screen(), "{screen}");
            terminal.assert_modes_as_before();
            assert!(std::net::TcpListener::bind(("127.0.0.1", world.port)).is_ok(), "l27: the port is free");
        }
    }
}

#[test]
fn a_newcomer_needs_nothing_but_the_sandbox() {
    let world = World::new(None);
    let mut command =
        command(&world, &[("LINKEDIN_CLIENT_ID", ""), ("LINKEDIN_CLIENT_SECRET", ""), ("BROWSER", "true")]);
    command.arg("--sandbox");
    let mut terminal = Terminal::start(command, 80, 24);
    let screen = terminal.wait("Set up a LinkedIn app");
    assert!(screen.contains("SANDBOX") && screen.contains("Press enter to continue"), "{screen}");
    terminal.send("\r");
    terminal.wait("Filled in from the sandbox");
    terminal.send("\r");
    terminal.wait("Choose scopes");
    terminal.send("\r");
    // Another test may have the usual port.
    terminal.wait("Add exactly this URL to your app");
    terminal.send(&format!("\u{15}{}", world.redirect_url()));
    terminal.wait(&format!("Port {} is available", world.port));
    terminal.send("\r");
    terminal.wait("Review and sign in");
    terminal.send("\r");
    terminal.wait("press a key to sign in without a browser");
    terminal.send("2");
    terminal.wait("✓ Signed in");
    terminal.wait("李小龙");
    // The command on the screen reads the same files.
    terminal.wait("linkedin-tui --sandbox token default");
    terminal.send("\r");
    terminal.wait("1 active");
    // The new profile is available to every other command.
    let token = world.run(&["--sandbox", "token"]);
    assert!(token.status.success() && token.stdout.starts_with(b"AQ"));
    let whoami = world.run(&["--sandbox", "whoami", "--json"]);
    assert!(whoami.status.success(), "an earlier token is valid in another process's sandbox");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    assert!(!world.config().join("profiles").exists(), "the sandbox keeps to its own folder");
    assert!(world.config().join("sandbox/profiles/default.toml").exists());
}

#[test]
fn credentials_are_prefilled_from_a_dotenv_file() {
    let world = World::new(None);
    let dotenv = format!("LINKEDIN_CLIENT_ID={CLIENT_ID}\nLINKEDIN_CLIENT_SECRET=\"{CLIENT_SECRET}\"\n");
    std::fs::write(world.dir.path().join(".env"), dotenv).unwrap();
    let more = [("LINKEDIN_CLIENT_ID", ""), ("LINKEDIN_CLIENT_SECRET", "")];
    let mut terminal = Terminal::start(command(&world, &more), 100, 30);
    terminal.wait("Set up a LinkedIn app");
    terminal.send("\r");
    let screen = terminal.wait("Filled in from the .env file");
    assert!(screen.contains(CLIENT_ID) && !screen.contains(CLIENT_SECRET));
    through_setup(&mut terminal);
    approve(&world, "ada");
    terminal.wait("✓ Signed in");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn l33_over_ssh_the_answer_is_pasted_back() {
    let world = World::new(None);
    let more = [("SSH_CONNECTION", "203.0.113.5 50000 203.0.113.7 22"), ("USER", "ada"), ("BROWSER", "")];
    let mut terminal = Terminal::start(command(&world, &more), 100, 30);
    terminal.wait("Set up a LinkedIn app");
    terminal.send("\r");
    through_setup(&mut terminal);
    let screen = terminal.wait(&format!("ssh -L {0}:localhost:{0}", world.port));
    assert!(screen.contains("Open the link below yourself"), "{screen}");
    // The plain screen has the URL on one line, to be selected.
    terminal.send("u");
    terminal.wait("response_type=code");
    assert!(!terminal.full_screen());
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    let begin = raw.rfind(&format!("{}oauth/v2/authorization?", world.sandbox.base())).unwrap();
    let url = url::Url::parse(raw[begin..].split(|c: char| c.is_control()).next().unwrap()).unwrap();
    terminal.send("\r");
    terminal.wait("Waiting for you to click Allow");
    assert!(terminal.full_screen());
    let callback = world.runtime.block_on(world.sandbox.approve(&url, "ada")).unwrap();
    // A code alone is rejected with the reason, and the wait continues.
    let code = callback.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    terminal.send("p");
    terminal.wait("Paste the callback URL");
    terminal.paste(&code);
    terminal.send("\r");
    terminal.wait("A code alone is not enough");
    terminal.send("\u{15}");
    terminal.paste(callback.as_str());
    terminal.send("\r");
    terminal.wait("✓ Signed in");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    let raw = terminal.raw();
    assert!(!contains(&raw, &code), "the code was never drawn");
}
