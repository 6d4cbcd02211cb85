//! The interface in a pseudo-terminal, operated by keys.

use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET};
use portable_pty::CommandBuilder;

use crate::e2e::terminal::Terminal;
use crate::e2e::test_env::{TestEnv, json};

/// Starts the interface on the files of `env`, with an app filled in from the environment.
pub(crate) fn command(env: &TestEnv, variables: &[(&str, &str)]) -> CommandBuilder {
    let mut command = env.pty(&[]);
    let redirect = env.redirect_url();
    let defaults = [
        ("LANG", "C.UTF-8"),
        ("LINKEDIN_CLIENT_ID", CLIENT_ID),
        ("LINKEDIN_CLIENT_SECRET", CLIENT_SECRET),
        ("LINKEDIN_REDIRECT_URI", redirect.as_str()),
    ];
    for (name, value) in defaults.iter().chain(variables) {
        command.env(name, value);
    }
    command
}

pub(crate) fn start(env: &TestEnv) -> Terminal {
    Terminal::start(command(env, &[]), 100, 30)
}

/// Approves as `member` the URL that the browser opened.
pub(crate) fn approve(env: &TestEnv, member: &str) {
    let url = env.browser_url();
    env.approve_and_follow(&url, member);
}

/// Signs in with the credentials on the screen, and quits.
fn sign_in_and_quit(env: &TestEnv, mut terminal: Terminal) {
    complete_setup(&mut terminal);
    approve(env, "ada");
    terminal.wait_for_text("✓ Signed in");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}

/// Completes the setup from the credentials to the sign-in with the defaults.
pub(crate) fn complete_setup(terminal: &mut Terminal) {
    terminal.wait_for_text("App credentials");
    terminal.send("\r");
    terminal.wait_for_text("What may this token do?");
    terminal.send("\r");
    terminal.wait_for_text("is available");
    terminal.send("\r");
    terminal.wait_for_text("Review and sign in");
    terminal.send("\r");
    terminal.wait_for_text("Waiting for you to click Allow");
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn two_members_sign_in_and_one_re_authorizes() {
    let env = TestEnv::new(None);
    let mut terminal = start(&env);
    terminal.wait_for_text("Set up a LinkedIn app");
    terminal.send("\r");
    terminal.wait_for_text("Filled in from LINKEDIN_CLIENT_ID");
    complete_setup(&mut terminal);
    approve(&env, "ada");
    terminal.wait_for_text("✓ Signed in");
    let screen = terminal.wait_for_text("Ada Lovelace");
    let first = env.token("default");
    assert!(!screen.contains(&first[..20]), "x09: the token is masked");

    // A second account with the saved app.
    terminal.send("\r");
    terminal.wait_for_text("PROFILE");
    terminal.send("a");
    complete_setup(&mut terminal);
    approve(&env, "bruce");
    terminal.wait_for_text("✓ Signed in");
    terminal.wait_for_text("李小龙");
    terminal.send("\r");
    terminal.wait_for_text("2 active");

    // Switch: the new one is selected, and becomes the current one.
    terminal.send("U");
    terminal.wait_for_text("account is now the current profile (was default).");
    let output = env.run(&["token"]);
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), env.token("account"));

    // Re-authorize the first in two keys; the same member gets a new token.
    terminal.send("/Lovelace\r");
    terminal.wait_until("one row", |screen| !screen.contains("李小龙"));
    terminal.send("r");
    terminal.wait_for_text("Re-authorize profile default?");
    terminal.send("\r");
    terminal.wait_for_text("Waiting for you to click Allow");
    approve(&env, "ada");
    terminal.wait_for_text("✓ Signed in");
    assert_ne!(env.token("default"), first);

    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    assert!(!terminal.is_alternate_screen());
    terminal.assert_modes_as_before();
    let raw = terminal.raw_output();
    for secret in [first.as_str(), &env.token("default"), CLIENT_SECRET] {
        assert!(!contains(&raw, secret), "x10: no secret was ever drawn");
    }
}

#[test]
fn a_different_member_is_confirmed_and_saved_separately() {
    let env = TestEnv::new(None);
    assert!(env.login("default", "ada", &[]).status.success());
    let before = env.token("default");
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("r");
    terminal.wait_for_text("Re-authorize profile default?");
    terminal.send("\r");
    terminal.wait_for_text("Waiting for you to click Allow");
    let page = env.approve_and_follow(&env.browser_url(), "bruce");
    assert!(page.contains("Go back to the terminal"), "{page}");
    terminal.wait_for_text("A different member signed in");
    assert_eq!(env.token("default"), before, "nothing is overwritten before the choice");
    terminal.send("\r");
    terminal.wait_for_text("✓ Signed in");
    assert_eq!(env.token("default"), before);
    assert_ne!(env.token("account"), before);
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_different_members_token_is_saved_or_discarded() {
    let env = TestEnv::new(None);
    assert!(env.login("default", "ada", &[]).status.success());
    assert!(env.login("li", "bruce", &[]).status.success());
    let (ada, li) = (env.token("default"), env.token("li"));
    let mut terminal = start(&env);
    let sign_in_as_different_member = |terminal: &mut Terminal| {
        terminal.wait_for_text("2 active");
        // `g` selects the profile that expires first; the one re-authorized last was selected.
        terminal.send("gr");
        terminal.wait_for_text("Re-authorize profile default?");
        terminal.send("\r");
        terminal.wait_for_text("Sign in as Ada Lovelace");
        terminal.wait_for_text("Waiting for you to click Allow");
        approve(&env, "bruce");
        terminal.wait_for_text("already has the profile li for this app");
    };
    sign_in_as_different_member(&mut terminal);
    // Neither Esc nor a single Ctrl-C discards the token.
    terminal.send("\u{1b}");
    terminal.wait_for_text("The new token is in memory.");
    terminal.send("\u{3}");
    terminal.wait_for_text("Quitting discards the new token.");
    terminal.send("m");
    terminal.wait_for_text("✓ Signed in");
    terminal.wait_for_text("default was not re-authorized");
    assert_eq!(env.token("default"), ada);
    assert_ne!(env.token("li"), li);
    let li = env.token("li");
    terminal.send("\r");
    sign_in_as_different_member(&mut terminal);
    terminal.send("x");
    terminal.wait_for_text("was discarded. Profile default is unchanged.");
    assert_eq!((env.token("default"), env.token("li")), (ada, li));
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn escape_cancels_a_sign_in_and_closes_the_port() {
    let env = TestEnv::new(None);
    let mut terminal = start(&env);
    terminal.wait_for_text("Set up a LinkedIn app");
    terminal.send("\r");
    complete_setup(&mut terminal);
    terminal.send("\u{1b}");
    terminal.wait_for_text("Sign-in canceled");
    terminal.wait_for_text("Review and sign in");
    assert!(std::net::TcpListener::bind(("127.0.0.1", env.port)).is_ok(), "the port is free again");
    terminal.send("\u{3}");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_denied_consent_is_reported_and_can_be_retried() {
    let env = TestEnv::new(Some("cancel-at-consent"));
    let mut terminal = start(&env);
    terminal.wait_for_text("Set up a LinkedIn app");
    terminal.send("\r");
    complete_setup(&mut terminal);
    approve(&env, "ada");
    terminal.wait_for_text("Sign-in canceled");
    terminal.send("\u{1b}");
    terminal.wait_for_text("Review and sign in");
    // Nothing typed is lost.
    terminal.wait_for_text(CLIENT_ID);
    terminal.send("\u{3}");
    assert_eq!(terminal.exit_code(), 0);
    assert!(!env.config().join("profiles/default.toml").exists());
}

#[test]
fn u13_a_pasted_secret_is_cleaned_and_never_submits() {
    let env = TestEnv::new(None);
    let mut terminal = Terminal::start(command(&env, &[("LINKEDIN_CLIENT_SECRET", "")]), 100, 30);
    terminal.wait_for_text("Set up a LinkedIn app");
    terminal.send("\r");
    terminal.wait_for_text("Required: copy the Primary Client Secret");
    terminal.send("\t");
    terminal.paste(&format!("  LINKEDIN_CLIENT_SECRET=\"{CLIENT_SECRET}\"\r\nsecond line\r\n"));
    terminal.wait_for_text("Only the first was used.");
    let screen = terminal.wait_until("no missing-secret message", |screen| !screen.contains("Required: copy"));
    assert!(screen.contains("App credentials") && !screen.contains(CLIENT_SECRET));
    sign_in_and_quit(&env, terminal);
}

#[test]
fn u07_signals_restore_the_terminal() {
    use rustix::process::{Pid, Signal, kill_process};
    let signed_in = TestEnv::new(None);
    assert!(signed_in.login("default", "ada", &[]).status.success());
    for signal in [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT] {
        for screen in ["guide", "help", "sign-in", "paste", "list", "confirmation"] {
            let is_on_list = ["list", "confirmation"].contains(&screen);
            let fresh = TestEnv::new(None);
            let env = if is_on_list { &signed_in } else { &fresh };
            let mut terminal = start(env);
            terminal.wait_for_text(if is_on_list { "1 active" } else { "Set up a LinkedIn app" });
            match screen {
                "help" => {
                    terminal.send("?");
                    terminal.wait_for_text("Help:");
                }
                "sign-in" | "paste" => {
                    terminal.send("\r");
                    complete_setup(&mut terminal);
                    if screen == "paste" {
                        terminal.send("p");
                        terminal.wait_for_text("Paste the URL that the browser ended on");
                    }
                }
                "confirmation" => {
                    terminal.send("d");
                    terminal.wait_for_text("Delete profile default?");
                }
                _ => {}
            }
            let pid = i32::try_from(terminal.child.process_id().unwrap()).unwrap();
            kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
            let status = terminal.wait_for_exit();
            let raw = terminal.raw_output();
            let last = String::from_utf8_lossy(&raw[raw.len().saturating_sub(300)..]).into_owned();
            assert!(status.signal().is_some(), "{screen}: exited with {status:?} instead of {signal:?}: {last:?}");
            assert!(!terminal.is_alternate_screen(), "{screen}");
            terminal.assert_modes_as_before();
            assert!(std::net::TcpListener::bind(("127.0.0.1", env.port)).is_ok(), "l27: the port is free");
        }
    }
}

/// Starts the sandbox without profiles, at 80x24.
fn start_sandbox(env: &TestEnv) -> Terminal {
    let variables = [("LINKEDIN_CLIENT_ID", ""), ("LINKEDIN_CLIENT_SECRET", ""), ("BROWSER", "true")];
    let mut command = command(env, &variables);
    command.arg("--sandbox");
    let terminal = Terminal::start(command, 80, 30);
    let screen = terminal.wait_for_text("Get LinkedIn API tokens, and keep them valid");
    assert!(screen.contains("SANDBOX") && !screen.contains("Create a LinkedIn Page"), "no portal steps: {screen}");
    terminal
}

#[test]
fn a_new_user_has_a_sandbox_token_after_three_keys() {
    let env = TestEnv::new(None);
    let mut terminal = start_sandbox(&env);
    let keys = [("\r", "Review and sign in"), ("\r", "Sandbox: sign in with a key"), ("2", "✓ Signed in as 李小龙")];
    for (key, expected) in keys {
        terminal.send(key);
        terminal.wait_for_text(expected);
    }
    terminal.wait_for_text("in 60 days");
    // The commands name the profile, so that they work after another one becomes the current one.
    let screen = terminal.wait_until("all commands", |screen| {
        screen.contains("linkedin-tui --sandbox --profile default api GET /v2/userinfo")
            && screen.contains("copy token")
    });
    // The commands on the screen work as they are shown.
    let mut shown: Vec<String> = Vec::new();
    for line in screen.lines().filter(|line| line.starts_with('│')) {
        let line = line.trim_matches(['│', ' ']);
        let command = line.strip_prefix(['1', '2', '3']).filter(|command| command.contains("linkedin-tui --sandbox"));
        match (command, shown.last_mut()) {
            (Some(command), _) => shown.push(command.trim().to_owned()),
            // A long command continues on the next line.
            (None, Some(last)) => *last = format!("{last} {line}"),
            (None, None) => {}
        }
    }
    assert_eq!(shown.len(), 3, "{screen}");
    let directory = std::path::Path::new(env!("CARGO_BIN_EXE_linkedin-tui")).parent().unwrap();
    for command in shown {
        let path = format!("{}:{}", directory.display(), std::env::var("PATH").unwrap());
        let mut shell = std::process::Command::new("sh");
        shell.arg("-c").arg(&command).env_clear().env("PATH", path).env("HOME", env.dir.path());
        let output = shell.env("LINKEDIN_TUI_CONFIG_DIR", env.config()).output().unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
    // The next steps are selected with the arrow keys.
    terminal.send("\u{1b}[B\r");
    terminal.wait_for_text("New post");
    terminal.send("\u{3}");
    terminal.wait_for_text("1 active");
    // The new profile is available to every other command.
    let token = env.run(&["--sandbox", "token"]);
    assert!(token.status.success() && token.stdout.starts_with(b"AQ"));
    let whoami = env.run(&["--sandbox", "whoami", "--json"]);
    assert!(whoami.status.success(), "a saved token is valid in the sandbox of a different process");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    assert!(!env.config().join("profiles").exists(), "the sandbox uses its own directory");
    assert!(env.config().join("sandbox/profiles/default.toml").exists());
}

#[test]
fn sample_profiles_can_be_checked_refreshed_and_re_authorized() {
    let env = TestEnv::new(None);
    let mut terminal = start_sandbox(&env);
    terminal.send("a");
    terminal.wait_until("the samples", |screen| {
        ["work", "newsletter", "old-blog", "partner"].iter().all(|name| screen.contains(name))
    });
    let status = |name: &str| {
        let output = env.run(&["--sandbox", "profiles", "show", name, "--json"]);
        json(&output)["status"].as_str().unwrap().to_owned()
    };
    let statuses = ["work", "newsletter", "old-blog", "partner"].map(status);
    assert_eq!(statuses, ["active", "expiring", "expired", "active"]);
    // LinkedIn's answers agree with the files.
    assert!(env.run(&["--sandbox", "check", "work"]).status.success());
    assert!(!env.run(&["--sandbox", "check", "old-blog"]).status.success());
    let before = env.run(&["--sandbox", "token", "partner"]).stdout;
    let refreshed = env.run(&["--sandbox", "refresh", "partner"]);
    assert!(refreshed.status.success(), "{}", String::from_utf8_lossy(&refreshed.stderr));
    assert_ne!(env.run(&["--sandbox", "token", "partner"]).stdout, before);
    // The first of the list is the one that needs it most.
    terminal.send("gr");
    terminal.wait_for_text("Re-authorize profile old-blog?");
    terminal.send("\r");
    terminal.wait_for_text("Sandbox: sign in with a key");
    terminal.send("3");
    terminal.wait_for_text("✓ Signed in as Grace Hopper");
    assert_eq!(status("old-blog"), "active");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn credentials_are_prefilled_from_a_dotenv_file() {
    let env = TestEnv::new(None);
    let dotenv = format!("LINKEDIN_CLIENT_ID={CLIENT_ID}\nLINKEDIN_CLIENT_SECRET=\"{CLIENT_SECRET}\"\n");
    std::fs::write(env.dir.path().join(".env"), dotenv).unwrap();
    let variables = [("LINKEDIN_CLIENT_ID", ""), ("LINKEDIN_CLIENT_SECRET", "")];
    let mut terminal = Terminal::start(command(&env, &variables), 100, 30);
    terminal.wait_for_text("Set up a LinkedIn app");
    terminal.send("\r");
    let screen = terminal.wait_for_text("Filled in from the .env file");
    assert!(screen.contains(CLIENT_ID) && !screen.contains(CLIENT_SECRET));
    sign_in_and_quit(&env, terminal);
}

#[test]
fn l33_over_ssh_the_callback_is_pasted() {
    let env = TestEnv::new(None);
    let variables = [("SSH_CONNECTION", "203.0.113.5 50000 203.0.113.7 22"), ("USER", "ada"), ("BROWSER", "")];
    let mut terminal = Terminal::start(command(&env, &variables), 100, 30);
    terminal.wait_for_text("Set up a LinkedIn app");
    terminal.send("\r");
    complete_setup(&mut terminal);
    let screen = terminal.wait_for_text(&format!("ssh -L {0}:localhost:{0}", env.port));
    assert!(screen.contains("Open the URL yourself"), "{screen}");
    // Outside the full screen the URL is on one line, to be selected.
    terminal.send("F");
    terminal.wait_for_text("response_type=code");
    assert!(!terminal.is_alternate_screen());
    let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
    let begin = raw.rfind(&format!("{}oauth/v2/authorization?", env.sandbox.base())).unwrap();
    let url = url::Url::parse(raw[begin..].split(|c: char| c.is_control()).next().unwrap()).unwrap();
    terminal.send("\r");
    terminal.wait_for_text("Waiting for you to click Allow");
    assert!(terminal.is_alternate_screen());
    let callback = env.runtime.block_on(env.sandbox.approve(&url, "ada")).unwrap();
    // A code alone is rejected with the reason, and the wait continues.
    let code = callback.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    terminal.send("p");
    terminal.wait_for_text("Paste the URL that the browser ended on");
    terminal.paste(&code);
    terminal.send("\r");
    terminal.wait_for_text("A code alone is not enough");
    terminal.send("\u{15}");
    terminal.paste(callback.as_str());
    terminal.send("\r");
    terminal.wait_for_text("✓ Signed in");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    let raw = terminal.raw_output();
    assert!(!contains(&raw, &code), "the code was never drawn");
}
