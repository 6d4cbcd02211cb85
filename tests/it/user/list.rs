//! The profile list in a real pseudo-terminal, with concurrent changes and a slow LinkedIn.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::support::wait_for;
use crate::user::encryption::{quick_key, two_profiles, with_passphrase};
use crate::user::interface::start;
use crate::user::world::{World, json as parsed};

/// The names of the sandbox's members.
const ADA: &str = "ada";
const BRUCE: &str = "bruce";

fn file(world: &World, name: &str) -> PathBuf {
    world.config().join(format!("profiles/{name}.toml"))
}

fn read(world: &World, name: &str) -> String {
    std::fs::read_to_string(file(world, name)).unwrap()
}

/// Replaces lines of a profile's file, as in an editor.
fn edit(world: &World, name: &str, change: impl Fn(&str) -> Option<String>) {
    let text: String = read(world, name).lines().filter_map(|line| change(line).map(|line| line + "\n")).collect();
    std::fs::write(file(world, name), text).unwrap();
}

/// Sets the expiry of the profile's token to `hours` from now.
fn set_expiry(world: &World, name: &str, in_hours: i64) {
    let end = Timestamp::now() + SignedDuration::from_hours(in_hours);
    edit(world, name, |line| match line.split_once(" = ").map(|(key, _)| key) {
        Some("expires_at") => Some(format!("expires_at = \"{end:.0}\"")),
        _ => Some(line.to_owned()),
    });
}

#[test]
fn s25_a_change_elsewhere_is_confirmed_never_overwritten() {
    let world = World::new(None);
    assert!(world.login("work", ADA, &[]).status.success());
    let mut terminal = start(&world);
    terminal.wait("1 active");
    terminal.send("e");
    terminal.wait("Edit work");
    terminal.send("\t");
    terminal.send("firefox -P mine");
    terminal.wait("firefox -P mine");
    // An editor saves the same profile meanwhile, with a comment.
    let text = read(&world, "work").replacen("app = ", "# by hand\nbrowser = \"chromium\"\napp = ", 1);
    std::fs::write(file(&world, "work"), &text).unwrap();
    terminal.send("\r");
    terminal.wait("This profile was changed elsewhere");
    terminal.wait("chromium");
    assert_eq!(read(&world, "work"), text);
    terminal.send("k");
    terminal.wait("Saved work.");
    let saved = read(&world, "work");
    assert!(saved.contains("firefox -P mine") && saved.contains("# by hand"), "{saved}");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_refresh_elsewhere_shows_when_the_window_is_focused() {
    let world = World::new(None);
    assert!(world.login("work", ADA, &[]).status.success());
    set_expiry(&world, "work", -5);
    let mut terminal = start(&world);
    terminal.wait("1 expired");
    assert!(world.login("work", ADA, &[]).status.success());
    assert!(world.login("second", BRUCE, &[]).status.success());
    terminal.send("\u{1b}[I");
    terminal.wait("2 active");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn old_checks_are_repeated_unless_disabled_in_settings() {
    for asked in [true, false] {
        let world = World::new(None);
        assert!(world.login("work", ADA, &[]).status.success());
        let long_ago = Timestamp::now() - SignedDuration::from_hours(48);
        edit(&world, "work", |line| {
            let issued = line.starts_with("issued_at");
            Some(if issued { format!("issued_at = \"{long_ago:.0}\"") } else { line.to_owned() })
        });
        if !asked {
            let config = world.config().join("config.toml");
            let text = std::fs::read_to_string(&config).unwrap();
            std::fs::write(config, format!("{text}[status]\ncheck_on_start = false\n")).unwrap();
        }
        let mut terminal = start(&world);
        terminal.wait("1 active");
        if asked {
            wait_for("the check", || read(&world, "work").contains("[check]").then_some(()));
            terminal.wait("Checked    0 s ago: active");
        } else {
            // A key that was handled proves that everything before it was started.
            terminal.send("?");
            terminal.wait("Help: Profile list");
        }
        assert_eq!(read(&world, "work").contains("[check]"), asked);
        terminal.send("\u{3}");
        assert_eq!(terminal.exit_code(), 0);
    }
}

#[test]
fn revoke_and_delete_keeps_an_unconfirmed_profile() {
    for (scenario, gone) in [(None, true), (Some("revoke-missing"), false)] {
        let world = World::new(scenario);
        assert!(world.login("work", ADA, &[]).status.success());
        assert!(world.login("other", BRUCE, &[]).status.success());
        let mut terminal = start(&world);
        terminal.wait("2 active");
        terminal.send("/work\r");
        terminal.wait("re-authorize");
        terminal.send("d");
        terminal.wait("Delete work?");
        terminal.send("x");
        if gone {
            terminal.wait("Deleted work");
        } else {
            terminal.wait("LinkedIn did not confirm");
        }
        assert_eq!(file(&world, "work").exists(), !gone);
        terminal.send("q");
        assert_eq!(terminal.exit_code(), 0);
    }
}

#[test]
fn checking_all_is_cancellable_and_runs_four_at_once() {
    let world = World::new(None);
    for number in 0..6 {
        assert!(world.login(&format!("p{number}"), ADA, &[]).status.success());
    }
    // LinkedIn is slow, so that there is something to cancel.
    let slow = json!({"path_prefix": "/oauth/v2/introspectToken", "status": 500, "times": 100, "delay_ms": 60_000});
    world.control("fault", &slow);
    let mut terminal = start(&world);
    terminal.wait("6 active");
    terminal.send("V");
    terminal.wait("Checking 0 of 6");
    terminal.until("four at work", |screen| screen.matches("checking").count() == 4);
    terminal.send("\u{1b}");
    terminal.wait("Cancelled after 0 of 6.");
    // No lock is left: keys work, and so does the command line.
    terminal.send("s");
    terminal.wait("PROFILE ↓");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    assert_eq!(parsed(&world.run(&["profiles", "list", "--json"])).as_array().unwrap().len(), 6);
}

#[test]
fn without_its_keyring_the_list_still_shows_expiries() {
    let (world, _) = two_profiles();
    quick_key(&world);
    assert!(with_passphrase(&world, &["encryption", "passphrase"]).status().unwrap().success());
    // The same files, as if a keyring had the key; this machine has none.
    let config = world.config().join("config.toml");
    for path in ["profiles/one.toml", "profiles/two.toml", "apps/one.toml", "config.toml"] {
        let path = world.config().join(path);
        let text = std::fs::read_to_string(&path).unwrap().replace("\"passphrase\"", "\"keyring\"");
        std::fs::write(&path, text).unwrap();
    }
    assert!(std::fs::read_to_string(config).unwrap().contains("encryption = \"keyring\""));
    std::fs::rename(world.config().join("keys/passphrase.age"), world.config().join("old.age")).unwrap();
    std::fs::write(world.config().join("keys/keyring"), format!("age1{}\n", "q".repeat(58))).unwrap();
    let mut terminal = start(&world);
    terminal.wait("2 active");
    terminal.wait("Ada Lovelace");
    terminal.wait("李小龙");
    terminal.send("c");
    terminal.wait("The system's keyring");
    // A sign-in with the saved app needs its secret.
    terminal.send("r");
    terminal.wait("Re-authorize");
    terminal.send("\r");
    terminal.wait("back to the profile list");
    terminal.wait("The system's keyring");
    assert!(!world.url_file().exists(), "no browser is opened in vain");
    terminal.send("\u{3}");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_damaged_or_deleted_profile_never_becomes_current() {
    let world = World::new(None);
    assert!(world.login("work", ADA, &[]).status.success());
    assert!(world.login("second", BRUCE, &[]).status.success());
    let mut terminal = start(&world);
    terminal.wait("2 active");
    let text = read(&world, "second");
    std::fs::write(file(&world, "second"), "not a profile").unwrap();
    terminal.send("/second\r");
    terminal.wait("1 of 2");
    terminal.send("\r");
    terminal.wait("second.toml");
    // Ctrl-L reads a damaged file, and one that was fixed.
    terminal.send("\u{c}");
    terminal.wait("1 damaged");
    std::fs::write(file(&world, "second"), text).unwrap();
    terminal.send("\u{c}");
    terminal.wait("2 active");
    std::fs::remove_file(file(&world, "second")).unwrap();
    terminal.send("\r");
    terminal.wait("no profile");
    terminal.wait("0 of 1");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    let state = std::fs::read_to_string(world.config().join("state.toml")).unwrap_or_default();
    assert!(!state.contains("second"), "{state}");
}

#[test]
fn deleting_a_missing_profile_is_an_error() {
    let world = World::new(None);
    assert!(world.login("work", ADA, &[]).status.success());
    assert!(world.login("second", BRUCE, &[]).status.success());
    let mut terminal = start(&world);
    terminal.wait("2 active");
    terminal.send("d");
    terminal.wait("Delete work?");
    std::fs::remove_file(file(&world, "work")).unwrap();
    terminal.send("y");
    terminal.wait("There is no profile called work.");
    terminal.wait("1 active");
    terminal.send("u");
    terminal.wait("There is nothing to restore.");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}
