//! A long session with twelve profiles, by keys alone: check, refresh, sign in, revoke, delete, undo, switch, export.

use std::os::unix::fs::PermissionsExt;

use jiff::{SignedDuration, Timestamp};

use crate::user::interface::{approve, start};
use crate::user::terminal::Terminal;
use crate::user::world::{World, stdout};

/// Writes `to` as a copy of `from`; `change` replaces or removes lines.
fn copy(world: &World, from: &str, to: &str, change: impl Fn(&str) -> Option<String>) {
    let folder = world.config().join("profiles");
    let text = std::fs::read_to_string(folder.join(format!("{from}.toml"))).unwrap();
    let lines: Vec<String> = text.lines().filter_map(change).collect();
    let path = folder.join(format!("{to}.toml"));
    std::fs::write(&path, format!("{}\n", lines.join("\n"))).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// Twelve profiles in four states: six active, two expiring, two expired, two signed out.
fn profiles(world: &World) {
    for (profile, member) in [("work", "ada"), ("gone", "ada"), ("site-one", "bruce"), ("site-two", "ada")] {
        assert!(world.login(profile, member, &[]).status.success());
    }
    let without_refresh = |line: &str| (!line.starts_with("refresh_")).then(|| line.to_owned());
    let ending = |at: Timestamp| {
        move |line: &str| {
            let line = without_refresh(line)?;
            Some(if line.starts_with("expires_at") { format!("expires_at = \"{at}\"") } else { line })
        }
    };
    let now = Timestamp::now();
    for profile in ["site-one", "site-two"] {
        copy(world, profile, profile, without_refresh);
    }
    copy(world, "work", "shop", |line| Some(line.to_owned()));
    copy(world, "work", "blog", |line| Some(line.to_owned()));
    for profile in ["soon-a", "soon-b"] {
        copy(world, "site-two", profile, ending(now + SignedDuration::from_hours(72)));
    }
    for profile in ["late-a", "late-b"] {
        copy(world, "site-two", profile, ending(now - SignedDuration::from_hours(72)));
    }
    for profile in ["new-a", "new-b"] {
        let path = world.config().join(format!("profiles/{profile}.toml"));
        std::fs::write(&path, "app = \"work\"\nscopes = [\"openid\"]\n").unwrap();
        // A warning about an open mode would replace the notification of a result at once.
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

/// Shows one profile alone; marks stay.
fn find(terminal: &mut Terminal, profile: &str) {
    terminal.send("/");
    terminal.wait("apply filter");
    terminal.send("\u{1b}");
    terminal.wait("re-authorize");
    terminal.send(&format!("/{profile}"));
    terminal.wait(&format!("/ {profile}"));
    terminal.send("\r");
    terminal.wait("re-authorize");
}

#[test]
fn a_whole_morning_with_twelve_profiles() {
    let world = World::new(Some("refresh-tokens"));
    profiles(&world);
    let mut terminal = start(&world);
    terminal.wait("6 active · 2 expiring · 2 expired · 2 signed-out");

    // All that have a token are checked.
    terminal.send("V");
    terminal.wait("Checked 10: ");

    // One is refreshed.
    let before = world.token("work");
    find(&mut terminal, "work");
    terminal.send("f");
    terminal.wait("work: Refreshed.");
    assert_ne!(world.token("work"), before);

    // Two are re-authorized one after the other; a different member signs in to the second, and is saved as another profile.
    let second = world.token("site-two");
    find(&mut terminal, "site-");
    terminal.send("*r");
    terminal.wait("1 after this one");
    terminal.send("\r");
    terminal.wait("Waiting for you to click Allow");
    approve(&world, "bruce");
    terminal.wait("✓ Signed in");
    terminal.send("\r");
    terminal.wait("Waiting for you to click Allow");
    approve(&world, "bruce");
    terminal.wait("A different member signed in");
    terminal.send("k");
    terminal.wait("✓ Signed in");
    terminal.send("\r");
    terminal.wait("PROFILE");
    assert_eq!(world.token("site-two"), second, "nothing was put over it");
    assert_ne!(world.token("account"), second);
    // The re-authorized profile is no longer marked, the other one still is.
    terminal.send("**");

    // One is revoked.
    find(&mut terminal, "gone");
    terminal.send("x");
    terminal.wait("Revoke the token of gone?");
    terminal.send("y");
    terminal.wait("It is deleted from this machine.");
    // The hints are drawn last.
    terminal.wait("open permitted services   esc close");
    terminal.send("\u{1b}");
    // Not before the overlay is gone: Esc and a key that follows at once are one key with Alt.
    terminal.wait("re-authorize");
    terminal.wait("signed-out");
    assert!(!world.run(&["token", "gone"]).status.success());

    // One is deleted and restored, byte for byte.
    let file = world.config().join("profiles/soon-a.toml");
    let bytes = std::fs::read(&file).unwrap();
    find(&mut terminal, "soon-a");
    terminal.send("d");
    terminal.wait("Delete soon-a?");
    terminal.send("y");
    terminal.wait("Press u to undo.");
    assert!(!file.exists());
    terminal.send("u");
    terminal.wait("Restored soon-a.");
    assert_eq!(std::fs::read(&file).unwrap(), bytes);

    // Another becomes the current one, and is exported.
    find(&mut terminal, "shop");
    terminal.send("\r");
    terminal.wait("shop is now the current profile.");
    assert_eq!(stdout(&world.run(&["token"])).trim(), world.token("shop"));
    let exported = world.dir.path().join("shop.env");
    std::fs::write(&exported, "DATABASE=\"mine\"\nLINKEDIN_ACCESS_TOKEN=old\n").unwrap();
    std::fs::set_permissions(&exported, std::fs::Permissions::from_mode(0o640)).unwrap();
    terminal.send("E");
    terminal.wait("Export shop");
    terminal.send("\r");
    terminal.wait("Written, but other users can read:");
    let lines = std::fs::read_to_string(&exported).unwrap();
    assert!(lines.contains(&world.token("shop")) && !lines.contains("=old"), "{lines}");
    assert!(lines.starts_with("DATABASE=\"mine\"\n"), "other lines stay: {lines}");
    // Any other file is replaced only after confirmation.
    let other = world.dir.path().join("shop.json");
    std::fs::write(&other, "mine").unwrap();
    terminal.send("E");
    terminal.wait("Export shop");
    terminal.send("\t\r");
    terminal.wait("This file already exists:");
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "mine");
    terminal.send("y");
    terminal.until("the file is replaced", |screen| !screen.contains("Export shop"));
    assert!(std::fs::read_to_string(&other).unwrap().contains(&world.token("shop")));
    let modes = [&other, &exported].map(|file| std::fs::metadata(file).unwrap().permissions().mode() & 0o777);
    assert_eq!(modes, [0o600, 0o640], "a file of one's own keeps its mode");

    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    terminal.assert_modes_as_before();
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    for profile in ["work", "shop", "site-one", "site-two", "account"] {
        assert!(!raw.contains(&world.token(profile)), "no token was drawn: {profile}");
    }
}
