//! The profile list in a pseudo-terminal, with concurrent changes and a slow LinkedIn.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::e2e::encryption::{two_profiles, with_passphrase, write_fast_key};
use crate::e2e::interface::start;
use crate::e2e::test_env::{TestEnv, json as parsed};
use crate::support::wait_for;

/// The names of the sandbox's members.
const ADA: &str = "ada";
const BRUCE: &str = "bruce";

fn profile_path(env: &TestEnv, name: &str) -> PathBuf {
    env.config().join(format!("profiles/{name}.toml"))
}

fn profile_text(env: &TestEnv, name: &str) -> String {
    std::fs::read_to_string(profile_path(env, name)).unwrap()
}

/// Changes or removes lines of a profile file, as an editor would.
fn edit_profile(env: &TestEnv, name: &str, change: impl Fn(&str) -> Option<String>) {
    let text: String =
        profile_text(env, name).lines().filter_map(|line| change(line).map(|line| line + "\n")).collect();
    std::fs::write(profile_path(env, name), text).unwrap();
}

/// Sets the expiry of the profile's token to `hours` from now.
fn set_expiry(env: &TestEnv, name: &str, hours: i64) {
    let expires_at = Timestamp::now() + SignedDuration::from_hours(hours);
    edit_profile(env, name, |line| match line.split_once(" = ").map(|(key, _)| key) {
        Some("expires_at") => Some(format!("expires_at = \"{expires_at:.0}\"")),
        _ => Some(line.to_owned()),
    });
}

#[test]
fn s25_a_change_elsewhere_is_never_overwritten() {
    let env = TestEnv::new(None);
    assert!(env.login("work", ADA, &[]).status.success());
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("e");
    terminal.wait_for_text("Edit profile work");
    terminal.send("\t");
    terminal.send("firefox -P private");
    terminal.wait_for_text("firefox -P private");
    // An editor saves the same profile at the same time, with a comment.
    let text = profile_text(&env, "work").replacen("app = ", "# note\nbrowser = \"chromium\"\napp = ", 1);
    std::fs::write(profile_path(&env, "work"), &text).unwrap();
    terminal.send("\r");
    terminal.wait_for_text("This profile was changed elsewhere");
    terminal.wait_for_text("chromium");
    assert_eq!(profile_text(&env, "work"), text);
    terminal.send("y");
    terminal.wait_for_text("Saved work.");
    let saved = profile_text(&env, "work");
    assert!(saved.contains("firefox -P private") && saved.contains("# note"), "{saved}");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_change_of_another_program_shows_without_a_key() {
    let env = TestEnv::new(None);
    assert!(env.login("work", ADA, &[]).status.success());
    set_expiry(&env, "work", -5);
    let mut terminal = start(&env);
    terminal.wait_for_text("1 expired");
    assert!(env.login("second", BRUCE, &[]).status.success());
    terminal.wait_for_text("1 active");
    assert!(env.run(&["profiles", "rename", "second", "third"]).status.success());
    terminal.wait_for_text("third");
    // An editor that writes into the file.
    set_expiry(&env, "work", 24 * 40);
    terminal.wait_for_text("2 active");
    std::fs::remove_file(profile_path(&env, "work")).unwrap();
    terminal.wait_for_text("1 active");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_refresh_elsewhere_shows_when_the_window_is_focused() {
    let env = TestEnv::new(None);
    assert!(env.login("work", ADA, &[]).status.success());
    set_expiry(&env, "work", -5);
    let mut terminal = start(&env);
    terminal.wait_for_text("1 expired");
    assert!(env.login("work", ADA, &[]).status.success());
    assert!(env.login("second", BRUCE, &[]).status.success());
    terminal.send("\u{1b}[I");
    terminal.wait_for_text("2 active");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn old_checks_are_repeated_unless_disabled_in_settings() {
    for is_enabled in [true, false] {
        let env = TestEnv::new(None);
        assert!(env.login("work", ADA, &[]).status.success());
        let long_ago = Timestamp::now() - SignedDuration::from_hours(48);
        edit_profile(&env, "work", |line| {
            // The sign-in was a check.
            if line == "[check]" || line.starts_with("at =") || line.starts_with("verdict =") {
                return None;
            }
            let is_issued_at = line.starts_with("issued_at");
            Some(if is_issued_at { format!("issued_at = \"{long_ago:.0}\"") } else { line.to_owned() })
        });
        if !is_enabled {
            let config = env.config().join("config.toml");
            let text = std::fs::read_to_string(&config).unwrap();
            std::fs::write(config, format!("{text}[status]\ncheck_on_start = false\n")).unwrap();
        }
        let mut terminal = start(&env);
        terminal.wait_for_text("1 active");
        if is_enabled {
            wait_for("the check", || profile_text(&env, "work").contains("[check]").then_some(()));
            terminal.wait_for_text("✓ active, checked");
        } else {
            // A handled key shows that the start is complete.
            terminal.send("?");
            terminal.wait_for_text("Help: Profile list");
        }
        assert_eq!(profile_text(&env, "work").contains("[check]"), is_enabled);
        terminal.send("\u{3}");
        assert_eq!(terminal.exit_code(), 0);
    }
}

#[test]
fn delete_after_revoking_needs_the_confirmation() {
    for (scenario, is_confirmed) in [(None, true), (Some("revoke-missing"), false)] {
        let env = TestEnv::new(scenario);
        assert!(env.login("work", ADA, &[]).status.success());
        assert!(env.login("second", BRUCE, &[]).status.success());
        let mut terminal = start(&env);
        terminal.wait_for_text("2 active");
        terminal.send("/work\r");
        terminal.wait_for_text("r re-authorize");
        terminal.send("d");
        terminal.wait_for_text("Delete profile work?");
        terminal.send("x");
        if is_confirmed {
            terminal.wait_for_text("Deleted profile work");
        } else {
            terminal.wait_for_text("LinkedIn did not confirm");
        }
        assert_eq!(profile_path(&env, "work").exists(), !is_confirmed);
        terminal.send("q");
        assert_eq!(terminal.exit_code(), 0);
    }
}

#[test]
fn checking_all_is_cancellable_and_runs_four_at_once() {
    let env = TestEnv::new(None);
    for number in 0..6 {
        assert!(env.login(&format!("p{number}"), ADA, &[]).status.success());
    }
    // LinkedIn is slow, so that there is something to cancel.
    let slow = json!({"path_prefix": "/oauth/v2/introspectToken", "status": 500, "times": 100, "delay_ms": 60_000});
    env.control("fault", &slow);
    let mut terminal = start(&env);
    terminal.wait_for_text("6 active");
    terminal.send("V");
    terminal.wait_for_text("Checking 0/6");
    terminal.wait_until("four running checks", |screen| screen.matches("checking").count() == 4);
    terminal.send("\u{1b}");
    terminal.wait_for_text("Canceled after 0/6.");
    // No lock is left behind: keys and the command line work.
    terminal.send("s");
    terminal.wait_for_text("PROFILE ↑");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    assert_eq!(parsed(&env.run(&["profiles", "list", "--json"])).as_array().unwrap().len(), 6);
}

#[test]
fn the_list_shows_expiries_without_the_keyring() {
    let (env, _) = two_profiles();
    write_fast_key(&env);
    assert!(with_passphrase(&env, &["encryption", "passphrase"]).status().unwrap().success());
    // The same files, as if a keyring had the key; this machine has none.
    let config = env.config().join("config.toml");
    for path in ["profiles/one.toml", "profiles/two.toml", "apps/one.toml", "config.toml"] {
        let path = env.config().join(path);
        let text = std::fs::read_to_string(&path).unwrap().replace("\"passphrase\"", "\"keyring\"");
        std::fs::write(&path, text).unwrap();
    }
    assert!(std::fs::read_to_string(config).unwrap().contains("encryption = \"keyring\""));
    std::fs::rename(env.config().join("keys/passphrase.age"), env.config().join("old.age")).unwrap();
    std::fs::write(env.config().join("keys/keyring"), format!("age1{}\n", "q".repeat(58))).unwrap();
    let mut terminal = start(&env);
    terminal.wait_for_text("2 active");
    terminal.wait_for_text("Ada Lovelace");
    terminal.wait_for_text("李小龙");
    terminal.send("c");
    terminal.wait_for_text("system's keyring");
    // A sign-in with the saved app needs its secret.
    terminal.send("r");
    terminal.wait_for_text("Re-authorize");
    terminal.send("\r");
    terminal.wait_for_text("back to the profile list");
    terminal.wait_for_text("system's keyring");
    assert!(!env.url_file().exists(), "no browser is opened");
    terminal.send("\u{3}");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_damaged_or_deleted_profile_never_becomes_current() {
    let env = TestEnv::new(None);
    assert!(env.login("work", ADA, &[]).status.success());
    assert!(env.login("second", BRUCE, &[]).status.success());
    let mut terminal = start(&env);
    terminal.wait_for_text("2 active");
    let text = profile_text(&env, "second");
    std::fs::write(profile_path(&env, "second"), "not a profile").unwrap();
    terminal.send("/second\r");
    terminal.wait_for_text("› second");
    // Ctrl-L reads a damaged file, and one that was fixed.
    terminal.send("\u{c}");
    terminal.wait_for_text("1 damaged");
    terminal.send("U");
    terminal.wait_for_text("The file of profile second cannot be read.");
    std::fs::write(profile_path(&env, "second"), text).unwrap();
    terminal.send("\u{c}");
    terminal.wait_for_text("2 active");
    std::fs::remove_file(profile_path(&env, "second")).unwrap();
    // The list may have noticed the deletion before the key arrives.
    terminal.send("U");
    terminal.wait_for_text("0/1");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    let state = std::fs::read_to_string(env.config().join("state.toml")).unwrap_or_default();
    assert!(!state.contains("second"), "{state}");
}

#[test]
fn deleting_a_missing_profile_is_an_error() {
    let env = TestEnv::new(None);
    assert!(env.login("work", ADA, &[]).status.success());
    assert!(env.login("second", BRUCE, &[]).status.success());
    let mut terminal = start(&env);
    terminal.wait_for_text("2 active");
    terminal.send("d");
    terminal.wait_for_text("Delete profile work?");
    std::fs::remove_file(profile_path(&env, "work")).unwrap();
    terminal.send("y");
    terminal.wait_for_text("The profile work was not found.");
    terminal.wait_for_text("1 active");
    terminal.send("u");
    terminal.wait_for_text("Nothing to undo.");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}
