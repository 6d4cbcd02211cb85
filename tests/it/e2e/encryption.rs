//! `encryption`: secrets are encrypted and decrypted on request, and never lost.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use age::secrecy::{ExposeSecret, SecretString};
use age::{scrypt, x25519};
use linkedin_tui::internal::sandbox::CLIENT_SECRET;

use crate::e2e::interface;
use crate::e2e::terminal::Terminal;
use crate::e2e::test_env::{TestEnv, json, stderr, stdout};

/// The passphrase of these tests; its spaces and quotes are significant.
pub(crate) const PASSPHRASE: &str = " correct \"horse\" ";

/// Writes a private file atomically.
pub(crate) fn write_private(path: &Path, text: &str) {
    let part = path.with_extension("part");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    std::io::Write::write_all(&mut options.open(&part).unwrap(), text.as_bytes()).unwrap();
    std::fs::rename(part, path).unwrap();
}

/// Writes the passphrase to a file outside the config directory and returns its path.
pub(crate) fn passphrase_file(env: &TestEnv) -> std::path::PathBuf {
    let path = env.dir.path().join("passphrase");
    // Written only once, since a running process may be reading it.
    if !path.exists() {
        write_private(&path, &format!("{PASSPHRASE}\r\nnot this line\n"));
    }
    path
}

pub(crate) fn with_passphrase(env: &TestEnv, arguments: &[&str]) -> Command {
    let mut command = env.command(arguments);
    command.env("LINKEDIN_TUI_PASSPHRASE_FILE", passphrase_file(env));
    command
}

fn run_with_passphrase(env: &TestEnv, arguments: &[&str]) -> Output {
    with_passphrase(env, arguments).output().unwrap()
}

/// Returns every file below `directory` that contains one of `secrets`.
pub(crate) fn files_containing(directory: &Path, secrets: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_containing(&path, secrets));
        } else {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            found.extend(secrets.iter().any(|secret| text.contains(secret)).then(|| path.display().to_string()));
        }
    }
    found
}

/// Creates an environment with the profiles `one` and `two`, and returns their tokens too.
pub(crate) fn two_profiles() -> (TestEnv, Vec<String>) {
    let env = TestEnv::new(Some("refresh-tokens"));
    let mut tokens = Vec::new();
    for (name, member) in [("one", "ada"), ("two", "bruce")] {
        assert!(env.login(name, member, &[]).status.success());
        tokens.push(env.token(name));
    }
    (env, tokens)
}

/// Writes an encryption key, encrypted with the passphrase and a low, fast scrypt work factor.
pub(crate) fn write_fast_key(env: &TestEnv) {
    let mut recipient = scrypt::Recipient::new(SecretString::from(PASSPHRASE.to_owned()));
    recipient.set_work_factor(1);
    let key = x25519::Identity::generate().to_string();
    let encrypted = age::encrypt_and_armor(&recipient, key.expose_secret().as_bytes()).unwrap();
    let directory = env.config().join("keys");
    std::fs::create_dir_all(&directory).unwrap();
    write_private(&directory.join("passphrase.age"), &encrypted);
}

fn run_encryption(env: &TestEnv, encryption: &str) -> Output {
    run_with_passphrase(env, &["encryption", encryption, "--json"])
}

#[test]
fn secrets_are_encrypted_and_decrypted_on_request() {
    let (env, tokens) = two_profiles();
    let secrets = [tokens[0].as_str(), tokens[1].as_str(), CLIENT_SECRET];
    assert!(!files_containing(&env.config(), &secrets).is_empty());
    let refresh = std::fs::read_to_string(env.config().join("profiles/one.toml")).unwrap();
    let refresh = refresh.lines().find_map(|line| line.strip_prefix("refresh_token = ")).unwrap().to_owned();
    let refresh = refresh.trim_matches('"');

    let output = run_encryption(&env, "passphrase");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let files = json(&output)["files"].clone();
    assert_eq!(
        json(&output),
        serde_json::json!({"encryption": "passphrase", "files": files, "changed": files, "old_key_left": false})
    );
    let secrets_and_keys = [secrets[0], secrets[1], CLIENT_SECRET, refresh, PASSPHRASE.trim(), "AGE-SECRET-KEY"];
    assert_eq!(files_containing(&env.config(), &secrets_and_keys), Vec::<String>::new());
    assert_eq!(json(&run_encryption(&env, "passphrase"))["changed"], 0, "the second time changes nothing");

    for (name, token) in [("one", &tokens[0]), ("two", &tokens[1])] {
        assert_eq!(stdout(&run_with_passphrase(&env, &["token", name])).trim(), token.as_str());
    }
    // New writes are encrypted: a refresh, a rename, a new sign-in.
    assert!(run_with_passphrase(&env, &["refresh", "one"]).status.success());
    assert!(run_with_passphrase(&env, &["profiles", "rename", "one", "first"]).status.success());
    let refreshed = stdout(&run_with_passphrase(&env, &["token", "first"])).trim().to_owned();
    assert_ne!(refreshed, tokens[0]);
    assert_eq!(
        files_containing(&env.config(), &[secrets_and_keys.as_slice(), &[&refreshed]].concat()),
        Vec::<String>::new()
    );

    // A command that shows no secret needs no passphrase.
    for arguments in
        [&["status"][..], &["profiles", "list"], &["profiles", "show", "first"], &["apps", "list", "--json"]]
    {
        let shown = env.run(arguments);
        assert_eq!(shown.status.code(), Some(0), "{arguments:?}: {}", stderr(&shown));
        let text = stdout(&shown) + &stderr(&shown);
        assert!(!text.contains("AGE ENC") && !text.contains(&refreshed[..12]), "{text}");
    }

    // Without an argument the command shows the current encryption and needs no key.
    assert!(stdout(&env.run(&["encryption"])).starts_with("passphrase: Tokens and secrets are encrypted"));
    let shown = serde_json::json!({"encryption": "passphrase", "differing_files": []});
    assert_eq!(json(&env.run(&["encryption", "--json"])), shown);

    let output = run_encryption(&env, "off");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&env.run(&["encryption"])).starts_with("off: Tokens and secrets are plain text"));
    assert_eq!(stdout(&env.run(&["token", "first"])).trim(), refreshed, "no passphrase is needed after decryption");
    assert_eq!(std::fs::read_dir(env.config().join("keys")).unwrap().count(), 0);
    for directory in ["profiles", "apps"] {
        assert!(
            files_containing(&env.config().join(directory), &["AGE ENCRYPTED", "encryption =", "encrypted_for ="])
                .is_empty()
        );
    }
}

#[test]
fn a_deletion_can_be_undone_after_a_key_change() {
    for (changes, is_plain) in [(&["off"] as &[&str], true), (&["off", "passphrase"], false)] {
        let (env, tokens) = two_profiles();
        write_fast_key(&env);
        assert!(run_encryption(&env, "passphrase").status.success());
        let passphrase = passphrase_file(&env).display().to_string();
        let command = interface::command(&env, &[("LINKEDIN_TUI_PASSPHRASE_FILE", &passphrase)]);
        let mut terminal = Terminal::start(command, 100, 30);
        terminal.wait_for_text("2 active");
        terminal.send("d");
        terminal.wait_for_text("Delete profile one?");
        terminal.send("y");
        terminal.wait_for_text("Deleted profile one");
        for encryption in changes {
            assert!(run_encryption(&env, encryption).status.success());
        }
        terminal.send("u");
        terminal.wait_for_text("Restored one.");
        terminal.send("q");
        assert_eq!(terminal.exit_code(), 0);
        let token = run_with_passphrase(&env, &["token", "one"]);
        assert_eq!(stdout(&token).trim(), tokens[0], "{}", stderr(&token));
        assert_eq!(!files_containing(&env.config(), &[&tokens[0]]).is_empty(), is_plain, "{changes:?}");
    }
}

#[test]
fn s32_a_wrong_or_missing_passphrase_fails_closed() {
    let (env, tokens) = two_profiles();
    write_fast_key(&env);
    assert!(run_encryption(&env, "passphrase").status.success());
    let wrong = env.dir.path().join("wrong");
    write_private(&wrong, "guess\n");
    let missing = env.dir.path().join("missing");
    let cases = [
        (Some(wrong.as_path()), "wrong_passphrase", "does not decrypt the encryption key"),
        (Some(missing.as_path()), "key_unavailable", "could not be read"),
        (None, "key_unavailable", "no terminal to prompt"),
    ];
    for (file, code, expected_text) in cases {
        for arguments in [
            &["token", "one", "--json"][..],
            &["encryption", "off", "--json"],
            &["encryption", "passphrase", "--json"],
            &["login", "one", "--no-browser", "--json"],
        ] {
            let mut command = env.command(arguments);
            if let Some(file) = file {
                command.env("LINKEDIN_TUI_PASSPHRASE_FILE", file);
            }
            let output = command.output().unwrap();
            assert_eq!(output.status.code(), Some(6), "{arguments:?}: {}", stderr(&output));
            assert_eq!(json(&output)["error"]["code"], code, "{arguments:?}");
            let error = json(&output)["error"].to_string();
            assert!(
                error.contains(expected_text)
                    && error.contains("LINKEDIN_TUI_PASSPHRASE_FILE")
                    && !error.contains("guess"),
                "{error}"
            );
        }
    }
    // A missing key is reported and not replaced; once restored, it works again.
    let key = env.config().join("keys/passphrase.age");
    let saved = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    for encryption in ["passphrase", "off"] {
        let output = run_encryption(&env, encryption);
        assert_eq!(output.status.code(), Some(6), "{}", stderr(&output));
    }
    write_private(&key, &String::from_utf8(saved).unwrap());
    assert_eq!(stdout(&run_with_passphrase(&env, &["token", "one"])).trim(), tokens[0]);
}

#[test]
fn damaged_and_foreign_fields_are_reported() {
    let (env, tokens) = two_profiles();
    write_fast_key(&env);
    assert!(run_encryption(&env, "passphrase").status.success());
    let profiles = env.config().join("profiles");
    std::fs::copy(profiles.join("one.toml"), profiles.join("two.toml")).unwrap();
    let output = run_with_passphrase(&env, &["token", "two", "--json"]);
    assert_eq!((output.status.code(), &json(&output)["error"]["code"]), (Some(6), &"file_damaged".into()));
    let message = json(&output)["error"]["message"].to_string();
    assert!(
        message.contains("two.toml was encrypted as profiles/one.toml, and can be decrypted only under that name"),
        "{message}"
    );
    let text = std::fs::read_to_string(profiles.join("one.toml")).unwrap();
    let at = text.find("-----END").unwrap() - 9;
    std::fs::write(profiles.join("one.toml"), format!("{}{}", &text[..at], &text[at + 1..])).unwrap();
    let output = run_with_passphrase(&env, &["token", "one"]);
    assert!(
        stderr(&output).contains("one.toml: the encrypted field token.access_token is damaged."),
        "{}",
        stderr(&output)
    );
    std::fs::write(profiles.join("one.toml"), &text).unwrap();
    // One undecryptable file prevents the change, and other profiles stay usable.
    let before = std::fs::read(profiles.join("one.toml")).unwrap();
    assert_eq!(run_encryption(&env, "off").status.code(), Some(6));
    assert_eq!(std::fs::read(profiles.join("one.toml")).unwrap(), before);
    assert_eq!(stdout(&run_with_passphrase(&env, &["token", "one"])).trim(), tokens[0]);
}

#[test]
fn two_processes_encrypt_and_write_at_once() {
    let (env, tokens) = two_profiles();
    write_fast_key(&env);
    let spawn = |arguments: &[&str]| {
        let mut command = with_passphrase(&env, arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    passphrase_file(&env);
    let mut children = Vec::new();
    for _ in 0..2 {
        children.push(spawn(&["encryption", "passphrase"]));
        children.push(spawn(&["refresh", "one"]));
        children.push(spawn(&["refresh", "two"]));
    }
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
    let now = stdout(&run_with_passphrase(&env, &["token", "one"]));
    assert!(now.trim() != tokens[0] && !now.trim().is_empty());
    assert_eq!(files_containing(&env.config(), &[now.trim(), CLIENT_SECRET]), Vec::<String>::new());
}

/// Runs a command with a keyring at this D-Bus address.
fn run_on_bus(env: &TestEnv, address: &str, arguments: &[&str]) -> Output {
    env.command(arguments).env("DBUS_SESSION_BUS_ADDRESS", address).output().unwrap()
}

#[cfg(not(feature = "keyring"))]
#[test]
fn a_build_without_keyring_support_says_so() {
    let env = TestEnv::signed_in(None);
    let output = env.run(&["encryption", "keyring"]);
    assert_eq!(output.status.code(), Some(6), "{}", stderr(&output));
    assert!(stderr(&output).contains("no support for the system's keyring"), "{}", stderr(&output));
    assert!(!env.config().join("keys").exists() && env.run(&["token", "work"]).status.success());
}

#[cfg(target_os = "linux")]
#[test]
fn s32_a_missing_or_hanging_keyring_fails_closed() {
    let (env, tokens) = two_profiles();
    let socket = env.dir.path().join("bus");
    // A bus that accepts connections and never responds.
    let _silent = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    for address in [format!("unix:path={}", socket.display()), "unix:path=/nonexistent/bus".to_owned()] {
        let started = Instant::now();
        let output = run_on_bus(&env, &address, &["encryption", "keyring", "--json"]);
        assert!(started.elapsed() < Duration::from_secs(10), "the program gives up after 5 s");
        assert_eq!(output.status.code(), Some(6), "{}", stderr(&output));
        assert_eq!(json(&output)["error"]["code"], "key_unavailable");
        assert!(!env.config().join("keys/keyring").exists());
        assert_eq!(stdout(&env.run(&["token", "one"])).trim(), tokens[0], "nothing was changed");
        // With encryption enabled in config.toml, new writes are rejected and never made in plain text.
        let config = env.config().join("config.toml");
        let plain = std::fs::read_to_string(&config).unwrap();
        std::fs::write(&config, format!("{plain}[storage]\nencryption = \"keyring\"\n")).unwrap();
        let before = std::fs::read(env.config().join("profiles/one.toml")).unwrap();
        let output = run_on_bus(&env, &address, &["refresh", "one", "--json"]);
        assert_eq!((output.status.code(), &json(&output)["error"]["code"]), (Some(6), &"key_unavailable".into()));
        assert_eq!(std::fs::read(env.config().join("profiles/one.toml")).unwrap(), before);
        std::fs::write(&config, plain).unwrap();
    }
}
