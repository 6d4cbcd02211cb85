//! A long session with twelve profiles, by keys alone: check, refresh, sign in, revoke, delete, undo, switch, export.

use std::os::unix::fs::PermissionsExt;

use jiff::{SignedDuration, Timestamp};

use crate::e2e::interface::{approve, start};
use crate::e2e::terminal::Terminal;
use crate::e2e::test_env::{TestEnv, stdout};

/// Writes `to` as a copy of `from`; `change` replaces or removes lines.
fn copy_profile(env: &TestEnv, from: &str, to: &str, change: impl Fn(&str) -> Option<String>) {
    let directory = env.config().join("profiles");
    let text = std::fs::read_to_string(directory.join(format!("{from}.toml"))).unwrap();
    let lines: Vec<String> = text.lines().filter_map(change).collect();
    let path = directory.join(format!("{to}.toml"));
    std::fs::write(&path, format!("{}\n", lines.join("\n"))).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// Creates twelve profiles in four states: six active, two expiring, two expired, two signed out.
fn create_twelve_profiles(env: &TestEnv) {
    for (profile, member) in [("work", "ada"), ("old-blog", "ada"), ("site-one", "bruce"), ("site-two", "ada")] {
        assert!(env.login(profile, member, &[]).status.success());
    }
    let without_refresh_token = |line: &str| (!line.starts_with("refresh_")).then(|| line.to_owned());
    let expiring_at = |at: Timestamp| {
        move |line: &str| {
            let line = without_refresh_token(line)?;
            Some(if line.starts_with("expires_at") { format!("expires_at = \"{at}\"") } else { line })
        }
    };
    let now = Timestamp::now();
    for profile in ["site-one", "site-two"] {
        copy_profile(env, profile, profile, without_refresh_token);
    }
    copy_profile(env, "work", "shop", |line| Some(line.to_owned()));
    copy_profile(env, "work", "blog", |line| Some(line.to_owned()));
    for profile in ["soon-a", "soon-b"] {
        copy_profile(env, "site-two", profile, expiring_at(now + SignedDuration::from_hours(72)));
    }
    for profile in ["late-a", "late-b"] {
        copy_profile(env, "site-two", profile, expiring_at(now - SignedDuration::from_hours(72)));
    }
    for profile in ["new-a", "new-b"] {
        let path = env.config().join(format!("profiles/{profile}.toml"));
        std::fs::write(&path, "app = \"work\"\nscopes = [\"openid\"]\n").unwrap();
        // A warning about an open mode would replace the notification of a result at once.
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

/// Filters the list for a profile; marks stay.
fn filter_for(terminal: &mut Terminal, profile: &str) {
    terminal.send("/");
    terminal.wait_for_text("apply filter");
    terminal.send("\u{1b}");
    terminal.wait_for_text("r re-authorize");
    terminal.send(&format!("/{profile}"));
    terminal.wait_for_text(&format!("› {profile}"));
    terminal.send("\r");
    terminal.wait_for_text("r re-authorize");
}

#[test]
fn twelve_profiles_are_managed_in_one_session() {
    let env = TestEnv::new(Some("refresh-tokens"));
    create_twelve_profiles(&env);
    let mut terminal = start(&env);
    terminal.wait_for_text("✗ 2 expired   ! 2 expiring   ✓ 6 active   ○ 2 signed-out");

    // All that have a token are checked.
    terminal.send("V");
    terminal.wait_for_text("Checked 10: ");

    // One is refreshed.
    let before = env.token("work");
    filter_for(&mut terminal, "work");
    terminal.send("f");
    terminal.wait_for_text("work: Refreshed.");
    assert_ne!(env.token("work"), before);

    // Two are re-authorized in sequence; a different member signs in to the second and is saved as a new profile.
    let second = env.token("site-two");
    filter_for(&mut terminal, "site-");
    terminal.send("*r");
    terminal.wait_for_text("1 after this one");
    terminal.send("\r");
    terminal.wait_for_text("Waiting for you to click Allow");
    approve(&env, "bruce");
    terminal.wait_for_text("✓ Signed in");
    terminal.send("\r");
    terminal.wait_for_text("Waiting for you to click Allow");
    approve(&env, "bruce");
    terminal.wait_for_text("A different member signed in");
    terminal.send("a");
    terminal.wait_for_text("✓ Signed in");
    terminal.send("\r");
    terminal.wait_for_text("PROFILE");
    assert_eq!(env.token("site-two"), second, "the token is not overwritten");
    assert_ne!(env.token("account"), second);
    // The re-authorized profile is no longer marked, the other one still is.
    terminal.send("**");

    // One is revoked.
    filter_for(&mut terminal, "old-blog");
    terminal.send("x");
    terminal.wait_for_text("Revoke the token of profile old-blog?");
    terminal.send("y");
    terminal.wait_for_text("The token is deleted from this machine.");
    // The key hints are drawn last.
    terminal.wait_for_text("o open permitted services");
    terminal.send("\u{1b}");
    // Esc followed at once by a key would be read as Alt plus the key, so wait until the dialog is closed.
    terminal.wait_for_text("r re-authorize");
    terminal.wait_for_text("signed-out");
    assert!(!env.run(&["token", "old-blog"]).status.success());

    // One is deleted and restored, byte for byte.
    let file = env.config().join("profiles/soon-a.toml");
    let bytes = std::fs::read(&file).unwrap();
    filter_for(&mut terminal, "soon-a");
    terminal.send("d");
    terminal.wait_for_text("Delete profile soon-a?");
    terminal.send("y");
    terminal.wait_for_text("Press u to undo.");
    assert!(!file.exists());
    terminal.send("u");
    terminal.wait_for_text("Restored soon-a.");
    assert_eq!(std::fs::read(&file).unwrap(), bytes);

    // One becomes the current profile and is exported.
    filter_for(&mut terminal, "shop");
    terminal.send("U");
    terminal.wait_for_text("shop is now the current profile");
    assert_eq!(stdout(&env.run(&["token"])).trim(), env.token("shop"));
    let exported = env.dir.path().join("shop.env");
    std::fs::write(&exported, "DATABASE=\"unrelated\"\nLINKEDIN_ACCESS_TOKEN=old\n").unwrap();
    std::fs::set_permissions(&exported, std::fs::Permissions::from_mode(0o640)).unwrap();
    terminal.send("E");
    terminal.wait_for_text("Export profile shop");
    terminal.send("\r");
    terminal.wait_for_text("Written, but other users can read:");
    let lines = std::fs::read_to_string(&exported).unwrap();
    assert!(lines.contains(&env.token("shop")) && !lines.contains("=old"), "{lines}");
    assert!(lines.starts_with("DATABASE=\"unrelated\"\n"), "other lines stay: {lines}");
    // An existing JSON file is replaced only after confirmation.
    let json_file = env.dir.path().join("shop.json");
    std::fs::write(&json_file, "unrelated").unwrap();
    terminal.send("E");
    terminal.wait_for_text("Export profile shop");
    terminal.send("\t\r");
    terminal.wait_for_text("This file already exists:");
    assert_eq!(std::fs::read_to_string(&json_file).unwrap(), "unrelated");
    terminal.send("y");
    terminal.wait_until("the file is replaced", |screen| !screen.contains("Export profile shop"));
    assert!(std::fs::read_to_string(&json_file).unwrap().contains(&env.token("shop")));
    let modes = [&json_file, &exported].map(|file| std::fs::metadata(file).unwrap().permissions().mode() & 0o777);
    assert_eq!(modes, [0o600, 0o640], "an existing file keeps its mode");

    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    terminal.assert_modes_as_before();
    let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
    for profile in ["work", "shop", "site-one", "site-two", "account"] {
        assert!(!raw.contains(&env.token(profile)), "no token was drawn: {profile}");
    }
}
