//! Deliveries added from presets.

use super::{delivered_text, delivery_results, profile_text};
use crate::e2e::interface::start;
use crate::e2e::test_env::{TestEnv, json, stderr, stdout};
use crate::support::wait_for;

#[cfg(unix)]
#[test]
fn presets_are_added_listed_and_removed() {
    use std::os::unix::fs::PermissionsExt;
    let env = TestEnv::signed_in(Some("refresh-tokens"));
    let run = |arguments: &[&str], code: i32| {
        let output = env.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
        output
    };
    assert!(stdout(&run(&["deliver", "--presets"], 0)).contains("github-secret"));
    assert_eq!(json(&run(&["deliver", "--presets", "--json"], 0)).as_array().unwrap().len(), 8);
    run(&["deliver", "work"], 2);
    run(&["deliver", "work", "--add", "github-secret"], 2);
    run(&["deliver", "work", "--add", "ftp"], 2);
    run(&["deliver", "nope", "--add", "pass"], 3);
    let output = run(&["deliver", "work", "--add", "github-secret", "--name", "site", "--set", "repo=me/site"], 0);
    let only = "linkedin-tui deliver work --only=site";
    let hint = format!("Try it with a test token: {only} --test; deliver now: {only}\n");
    assert!(stderr(&output).ends_with(&hint), "{}", stderr(&output));
    run(&["deliver", "work", "--add", "github-secret", "--name", "site", "--set", "repo=me/site"], 2);
    std::fs::write(env.dir.path().join(".env"), "# note\nA=1\nLINKEDIN_ACCESS_TOKEN=old\n").unwrap();
    let mode = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(env.dir.path().join(".env"), mode).unwrap();
    run(&["deliver", "--add", "dotenv", "--set", "file=.env", "--json"], 0);
    let listed = json(&run(&["deliver", "work", "--list", "--json"], 0));
    assert_eq!(listed[0]["command"].as_array().unwrap().last().unwrap(), "me/site");
    assert!(profile_text(&env).contains("[[deliver]]\nname = \"site\"\ncommand = [\"gh\", \"secret\", \"set\","));
    // `linkedin-tui` in a delivery is this binary; the file is the same from any directory.
    let mut command = env.command(&["deliver", "work", "--only", "dotenv"]);
    let output = command.current_dir(env.config()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let dotenv = delivered_text(&env, ".env").unwrap();
    assert!(dotenv.starts_with(&format!("# note\nA=1\nLINKEDIN_ACCESS_TOKEN={}\n", env.token("work"))), "{dotenv}");
    assert!(dotenv.contains("LINKEDIN_MEMBER_URN=urn:li:person:"));
    let mode = std::fs::metadata(env.dir.path().join(".env")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640, "an existing file keeps its mode");
    run(&["deliver", "work", "--remove", "site"], 0);
    run(&["deliver", "--remove", "site"], 2);
    let listed = json(&run(&["deliver", "work", "--list", "--json"], 0));
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["last"]["delivered"]), (1, &true.into()));
    assert!(stdout(&run(&["deliver", "work", "--list"], 0)).contains("delivered 2"));
    run(&["deliver", "work", "--remove", "dotenv"], 0);
    assert!(!profile_text(&env).contains("deliver"), "{}", profile_text(&env));
}

#[test]
#[ignore = "needs pass and gpg"]
fn a_password_store_receives_each_new_token() {
    let env = TestEnv::signed_in(Some("refresh-tokens"));
    // The path of gpg's socket must be short.
    let home = tempfile::Builder::new().prefix("p").tempdir_in("/tmp").unwrap();
    let run_tool = |program: &str, arguments: &[&str]| {
        let mut command = std::process::Command::new(program);
        command.args(arguments).env("GNUPGHOME", home.path()).env("PASSWORD_STORE_DIR", home.path().join("store"));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{program} {arguments:?}: {}", stderr(&output));
        stdout(&output)
    };
    #[cfg(unix)]
    std::fs::set_permissions(home.path(), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let key = ["--batch", "--passphrase", "", "--quick-generate-key", "me@example.org", "default", "default", "never"];
    run_tool("gpg", &key);
    run_tool("pass", &["init", "me@example.org"]);
    let run = |arguments: &[&str]| {
        let mut command = env.command(arguments);
        command.env("GNUPGHOME", home.path()).env("PASSWORD_STORE_DIR", home.path().join("store"));
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
    };
    run(&["deliver", "work", "--add", "pass"]);
    run(&["deliver", "work", "--test"]);
    assert!(run_tool("pass", &["show", "linkedin/token"]).starts_with("test-token-"));
    run(&["deliver", "work"]);
    let old = env.token("work");
    assert_eq!(run_tool("pass", &["show", "linkedin/token"]), old);
    run(&["refresh", "work"]);
    let new = env.token("work");
    assert_ne!(new, old);
    assert_eq!(run_tool("pass", &["show", "linkedin/token"]), new);
    assert_eq!(delivery_results(&env)[0]["delivered"], true);
    run_tool("gpgconf", &["--kill", "all"]);
}

#[test]
fn a_delivery_is_added_tested_and_run_by_keys() {
    let env = TestEnv::signed_in(Some("refresh-tokens"));
    let token = env.token("work");
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("t");
    terminal.wait_for_text("No deliveries yet");
    terminal.send("a");
    terminal.wait_for_text("Add a delivery");
    terminal.send(&"j".repeat(7));
    terminal.send("\r");
    terminal.wait_for_text("Add dotenv");
    terminal.send("\r");
    terminal.wait_for_text("Required: its path.");
    terminal.send("site.env\r");
    terminal.wait_for_text("Press n to send a test token. Press enter to deliver now.");
    // A test runs the real command with a test token.
    terminal.send("n");
    terminal.wait_for_text("has a test token and needs the real one.");
    let tested = delivered_text(&env, "site.env").unwrap();
    assert!(tested.contains("LINKEDIN_ACCESS_TOKEN=test-token-") && !tested.contains(&token), "{tested}");
    assert!(wait_for("the test to be recorded", || delivery_results(&env)[0]["test_token"].as_bool()));
    terminal.send("T");
    wait_for("the token to arrive", || delivered_text(&env, "site.env").filter(|text| text.contains(&token)));
    terminal.wait_until("the real token", |screen| screen.contains("✓ dotenv") && !screen.contains("has a test token"));
    wait_for("the result", || delivery_results(&env)[0]["delivered"].as_bool().filter(|delivered| *delivered));
    terminal.send("d");
    terminal.wait_for_text("Remove delivery dotenv?");
    terminal.send("y");
    terminal.wait_for_text("no longer delivered to dotenv");
    terminal.wait_for_text("No deliveries yet");
    assert!(delivered_text(&env, "site.env").is_some_and(|text| text.contains(&token)), "the delivered token stays");
    terminal.send("\u{1b}");
    terminal.wait_for_text(": actions");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    assert!(!String::from_utf8_lossy(&terminal.raw_output()).contains(&token[..12]));
}
