//! `encryption`: secrets are encrypted and decrypted on request, and never lost.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use age::secrecy::{ExposeSecret, SecretString};
use age::{scrypt, x25519};
use linkedin_tui::internal::sandbox::CLIENT_SECRET;

use crate::user::interface;
use crate::user::terminal::Terminal;
use crate::user::world::{World, json, stderr, stdout};

/// The passphrase of these tests; blanks and quotes in it count.
pub(crate) const PASSPHRASE: &str = " correct \"horse\" ";

/// Writes a file that only this user can read, whole at every instant.
pub(crate) fn write_private(path: &Path, text: &str) {
    let part = path.with_extension("part");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    std::io::Write::write_all(&mut options.open(&part).unwrap(), text.as_bytes()).unwrap();
    std::fs::rename(part, path).unwrap();
}

/// Writes the passphrase to a file outside the config folder and returns its path.
pub(crate) fn passphrase_file(world: &World) -> std::path::PathBuf {
    let path = world.dir.path().join("passphrase");
    // Written once: another process may be reading it.
    if !path.exists() {
        write_private(&path, &format!("{PASSPHRASE}\r\nnot this line\n"));
    }
    path
}

pub(crate) fn with_passphrase(world: &World, arguments: &[&str]) -> Command {
    let mut command = world.command(arguments);
    command.env("LINKEDIN_TUI_PASSPHRASE_FILE", passphrase_file(world));
    command
}

fn encrypted_run(world: &World, arguments: &[&str]) -> Output {
    with_passphrase(world, arguments).output().unwrap()
}

/// Returns every file in the folder that contains one of `secrets`.
pub(crate) fn leaks(folder: &Path, secrets: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(leaks(&path, secrets));
        } else {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            found.extend(secrets.iter().any(|secret| text.contains(secret)).then(|| path.display().to_string()));
        }
    }
    found
}

/// Creates two profiles with tokens; the second value has both tokens.
pub(crate) fn two_profiles() -> (World, Vec<String>) {
    let world = World::new(Some("refresh-tokens"));
    let mut tokens = Vec::new();
    for (name, member) in [("one", "ada"), ("two", "bruce")] {
        assert!(world.login(name, member, &[]).status.success());
        tokens.push(world.token(name));
    }
    (world, tokens)
}

/// Writes a key protected by the passphrase with a low scrypt work factor.
pub(crate) fn quick_key(world: &World) {
    let mut recipient = scrypt::Recipient::new(SecretString::from(PASSPHRASE.to_owned()));
    recipient.set_work_factor(1);
    let key = x25519::Identity::generate().to_string();
    let encrypted = age::encrypt_and_armor(&recipient, key.expose_secret().as_bytes()).unwrap();
    let folder = world.config().join("keys");
    std::fs::create_dir_all(&folder).unwrap();
    write_private(&folder.join("passphrase.age"), &encrypted);
}

fn encryption(world: &World, how: &str) -> Output {
    encrypted_run(world, &["encryption", how, "--json"])
}

#[test]
fn encrypted_by_a_passphrase_and_plain_text_again() {
    let (world, tokens) = two_profiles();
    let secrets = [tokens[0].as_str(), tokens[1].as_str(), CLIENT_SECRET];
    assert!(!leaks(&world.config(), &secrets).is_empty());
    let refresh = std::fs::read_to_string(world.config().join("profiles/one.toml")).unwrap();
    let refresh = refresh.lines().find_map(|line| line.strip_prefix("refresh_token = ")).unwrap().to_owned();
    let refresh = refresh.trim_matches('"');

    let done = encryption(&world, "passphrase");
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    let files = json(&done)["files"].clone();
    assert_eq!(
        json(&done),
        serde_json::json!({"encryption": "passphrase", "files": files, "changed": files, "old_key_left": false})
    );
    let all = [secrets[0], secrets[1], CLIENT_SECRET, refresh, PASSPHRASE.trim(), "AGE-SECRET-KEY"];
    assert_eq!(leaks(&world.config(), &all), Vec::<String>::new());
    assert_eq!(json(&encryption(&world, "passphrase"))["changed"], 0, "the second time changes nothing");

    for (name, token) in [("one", &tokens[0]), ("two", &tokens[1])] {
        assert_eq!(stdout(&encrypted_run(&world, &["token", name])).trim(), token.as_str());
    }
    // New writes are encrypted: a refresh, a rename, a new sign-in.
    assert!(encrypted_run(&world, &["refresh", "one"]).status.success());
    assert!(encrypted_run(&world, &["profiles", "rename", "one", "first"]).status.success());
    let renewed = stdout(&encrypted_run(&world, &["token", "first"])).trim().to_owned();
    assert_ne!(renewed, tokens[0]);
    assert_eq!(leaks(&world.config(), &[all.as_slice(), &[&renewed]].concat()), Vec::<String>::new());

    // A command that shows no secret needs no passphrase.
    for arguments in
        [&["status"][..], &["profiles", "list"], &["profiles", "show", "first"], &["apps", "list", "--json"]]
    {
        let shown = world.run(arguments);
        assert_eq!(shown.status.code(), Some(0), "{arguments:?}: {}", stderr(&shown));
        let text = stdout(&shown) + &stderr(&shown);
        assert!(!text.contains("AGE ENC") && !text.contains(&renewed[..12]), "{text}");
    }

    // Without an argument it shows how they are stored, without a key.
    assert!(stdout(&world.run(&["encryption"])).starts_with("passphrase: Tokens and secrets are encrypted"));
    let shown = serde_json::json!({"encryption": "passphrase", "differing_files": []});
    assert_eq!(json(&world.run(&["encryption", "--json"])), shown);

    let done = encryption(&world, "off");
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert!(stdout(&world.run(&["encryption"])).starts_with("off: Tokens and secrets are plain text"));
    assert_eq!(stdout(&world.run(&["token", "first"])).trim(), renewed, "no passphrase is needed any more");
    assert_eq!(std::fs::read_dir(world.config().join("keys")).unwrap().count(), 0);
    for folder in ["profiles", "apps"] {
        assert!(leaks(&world.config().join(folder), &["AGE ENCRYPTED", "encryption =", "encrypted_for ="]).is_empty());
    }
}

#[test]
fn an_undo_outlives_the_key_it_was_encrypted_with() {
    for (turned, is_plain) in [(&["off"] as &[&str], true), (&["off", "passphrase"], false)] {
        let (world, tokens) = two_profiles();
        quick_key(&world);
        assert!(encryption(&world, "passphrase").status.success());
        let passphrase = passphrase_file(&world).display().to_string();
        let command = interface::command(&world, &[("LINKEDIN_TUI_PASSPHRASE_FILE", &passphrase)]);
        let mut terminal = Terminal::start(command, 100, 30);
        terminal.wait("2 active");
        terminal.send("d");
        terminal.wait("Deletes");
        terminal.send("y");
        terminal.wait("Deleted one");
        for how in turned {
            assert!(encryption(&world, how).status.success());
        }
        terminal.send("u");
        terminal.wait("Restored one.");
        terminal.send("q");
        assert_eq!(terminal.exit_code(), 0);
        let token = encrypted_run(&world, &["token", "one"]);
        assert_eq!(stdout(&token).trim(), tokens[0], "{}", stderr(&token));
        assert_eq!(!leaks(&world.config(), &[&tokens[0]]).is_empty(), is_plain, "{turned:?}");
    }
}

#[test]
fn s32_a_wrong_or_missing_passphrase_fails_closed() {
    let (world, tokens) = two_profiles();
    quick_key(&world);
    assert!(encryption(&world, "passphrase").status.success());
    let wrong = world.dir.path().join("wrong");
    write_private(&wrong, "guess\n");
    let nowhere = world.dir.path().join("nowhere");
    let cases = [
        (Some(wrong.as_path()), "wrong_passphrase", "does not open the encryption key"),
        (Some(nowhere.as_path()), "key_unavailable", "could not be read"),
        (None, "key_unavailable", "no terminal to ask"),
    ];
    for (file, code, expected_text) in cases {
        for arguments in [
            &["token", "one", "--json"][..],
            &["encryption", "off", "--json"],
            &["encryption", "passphrase", "--json"],
            &["login", "one", "--no-browser", "--json"],
        ] {
            let mut command = world.command(arguments);
            if let Some(file) = file {
                command.env("LINKEDIN_TUI_PASSPHRASE_FILE", file);
            }
            let done = command.output().unwrap();
            assert_eq!(done.status.code(), Some(6), "{arguments:?}: {}", stderr(&done));
            assert_eq!(json(&done)["error"]["code"], code, "{arguments:?}");
            let error = json(&done)["error"].to_string();
            assert!(
                error.contains(expected_text)
                    && error.contains("LINKEDIN_TUI_PASSPHRASE_FILE")
                    && !error.contains("guess"),
                "{error}"
            );
        }
    }
    // The key is missing: it is reported, no other is created, and once it is restored it works again.
    let key = world.config().join("keys/passphrase.age");
    let saved = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    for how in ["passphrase", "off"] {
        let done = encryption(&world, how);
        assert_eq!(done.status.code(), Some(6), "{}", stderr(&done));
    }
    write_private(&key, &String::from_utf8(saved).unwrap());
    assert_eq!(stdout(&encrypted_run(&world, &["token", "one"])).trim(), tokens[0]);
}

#[test]
fn damaged_and_foreign_fields_are_reported_by_file_and_key() {
    let (world, tokens) = two_profiles();
    quick_key(&world);
    assert!(encryption(&world, "passphrase").status.success());
    let profiles = world.config().join("profiles");
    std::fs::copy(profiles.join("one.toml"), profiles.join("two.toml")).unwrap();
    let done = encrypted_run(&world, &["token", "two", "--json"]);
    assert_eq!((done.status.code(), &json(&done)["error"]["code"]), (Some(6), &"file_damaged".into()));
    let message = json(&done)["error"]["message"].to_string();
    assert!(
        message.contains("two.toml was encrypted as profiles/one.toml, and can be decrypted only under that name"),
        "{message}"
    );
    let text = std::fs::read_to_string(profiles.join("one.toml")).unwrap();
    let at = text.find("-----END").unwrap() - 9;
    std::fs::write(profiles.join("one.toml"), format!("{}{}", &text[..at], &text[at + 1..])).unwrap();
    let done = encrypted_run(&world, &["token", "one"]);
    assert!(
        stderr(&done).contains("one.toml: the encrypted field token.access_token is damaged."),
        "{}",
        stderr(&done)
    );
    std::fs::write(profiles.join("one.toml"), &text).unwrap();
    // One file that cannot be opened: nothing is changed, and the others stay usable.
    let before = std::fs::read(profiles.join("one.toml")).unwrap();
    assert_eq!(encryption(&world, "off").status.code(), Some(6));
    assert_eq!(std::fs::read(profiles.join("one.toml")).unwrap(), before);
    assert_eq!(stdout(&encrypted_run(&world, &["token", "one"])).trim(), tokens[0]);
}

#[test]
fn two_processes_encrypt_and_write_at_once() {
    let (world, tokens) = two_profiles();
    quick_key(&world);
    let spawn = |arguments: &[&str]| {
        let mut command = with_passphrase(&world, arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    passphrase_file(&world);
    let mut children = Vec::new();
    for _ in 0..2 {
        children.push(spawn(&["encryption", "passphrase"]));
        children.push(spawn(&["refresh", "one"]));
        children.push(spawn(&["refresh", "two"]));
    }
    for child in children {
        let done = child.wait_with_output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    }
    let now = stdout(&encrypted_run(&world, &["token", "one"]));
    assert!(now.trim() != tokens[0] && !now.trim().is_empty());
    assert_eq!(leaks(&world.config(), &[now.trim(), CLIENT_SECRET]), Vec::<String>::new());
}

/// Runs a command with a keyring at this D-Bus address.
fn on_bus(world: &World, address: &str, arguments: &[&str]) -> Output {
    world.command(arguments).env("DBUS_SESSION_BUS_ADDRESS", address).output().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn s32_a_missing_or_hanging_keyring_fails_closed() {
    let (world, tokens) = two_profiles();
    let socket = world.dir.path().join("bus");
    // It accepts connections and never answers.
    let _silent = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    for address in [format!("unix:path={}", socket.display()), "unix:path=/nonexistent/bus".to_owned()] {
        let started = Instant::now();
        let done = on_bus(&world, &address, &["encryption", "keyring", "--json"]);
        assert!(started.elapsed() < Duration::from_secs(10), "it must give up by itself, within 5 s of its own");
        assert_eq!(done.status.code(), Some(6), "{}", stderr(&done));
        assert_eq!(json(&done)["error"]["code"], "key_unavailable");
        assert!(!world.config().join("keys/keyring").exists());
        assert_eq!(stdout(&world.run(&["token", "one"])).trim(), tokens[0], "nothing was changed");
        // Enabled in config.toml: new writes are refused, never plain text instead.
        let config = world.config().join("config.toml");
        let plain = std::fs::read_to_string(&config).unwrap();
        std::fs::write(&config, format!("{plain}[storage]\nencryption = \"keyring\"\n")).unwrap();
        let before = std::fs::read(world.config().join("profiles/one.toml")).unwrap();
        let done = on_bus(&world, &address, &["refresh", "one", "--json"]);
        assert_eq!((done.status.code(), &json(&done)["error"]["code"]), (Some(6), &"key_unavailable".into()));
        assert_eq!(std::fs::read(world.config().join("profiles/one.toml")).unwrap(), before);
        std::fs::write(&config, plain).unwrap();
    }
}
