//! `encryption` with external tools: strace, a real Secret Service, and `age`.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use linkedin_tui::internal::sandbox::CLIENT_SECRET;
use portable_pty::CommandBuilder;

use crate::e2e::crash_safety::run_traced;
use crate::e2e::encryption::{
    PASSPHRASE, files_containing, passphrase_file, two_profiles, with_passphrase, write_fast_key,
};
use crate::e2e::terminal::Terminal;
use crate::e2e::test_env::{TestEnv, json, stderr, stdout};

const TRACED_CALLS: &[&str] =
    &["openat", "write", "fsync", "/^rename", "fchmod", "/^mkdir", "flock", "/^unlink", "statx", "getdents64"];

/// Asserts that both tokens can be read from the current files.
fn assert_readable(env: &TestEnv, tokens: &[String], what: &str) {
    for (name, token) in ["one", "two"].iter().zip(tokens) {
        let output = with_passphrase(env, &["token", name]).output().unwrap();
        assert_eq!(stdout(&output).trim(), token, "{what}: {}", stderr(&output));
    }
}

#[test]
#[ignore = "needs strace"]
fn s32_a_kill_at_any_system_call_loses_nothing() {
    let (env, tokens) = two_profiles();
    let secrets = [tokens[0].as_str(), tokens[1].as_str(), CLIENT_SECRET];
    passphrase_file(&env);
    let file = env.dir.path().join("passphrase");
    let environment = [("LINKEDIN_TUI_PASSPHRASE_FILE", file.as_os_str())];
    for call in TRACED_CALLS {
        for number in 1..400 {
            let fault = format!("inject={call}:signal=KILL:when={number}");
            let mut is_finished = true;
            for encryption in ["passphrase", "off"] {
                if encryption == "passphrase" {
                    write_fast_key(&env);
                }
                let what = format!("encryption {encryption} killed at {call} {number}");
                let flags = ["-e", &format!("trace={call}"), "-e", &fault];
                is_finished &= run_traced(&env, &flags, &environment, &["encryption", encryption]).status.success();
                assert_readable(&env, &tokens, &what);
                if encryption == "off" && !env.config().join("keys/passphrase.age").exists() {
                    assert!(
                        files_containing(&env.config(), &["AGE ENCRYPTED"]).is_empty(),
                        "{what}: the key was deleted before the files were decrypted"
                    );
                }
                let again = with_passphrase(&env, &["encryption", encryption]).output().unwrap();
                assert!(again.status.success(), "{what}: {}", stderr(&again));
                assert_readable(&env, &tokens, &what);
                let plain = files_containing(&env.config(), &secrets);
                assert_eq!(plain.is_empty(), encryption == "passphrase", "{what}: {plain:?}");
            }
            if is_finished {
                break;
            }
        }
    }
}

/// Returns the documented command that contains `word`, for the profile `one`.
fn documented_command(word: &str) -> String {
    let text = include_str!("../../../docs/encryption.md");
    let line = |start: &str, word: &str| {
        text.lines()
            .find(|line| line.starts_with(start) && line.contains(word))
            .unwrap()
            .replace("work.toml", "one.toml")
    };
    let command = line("field access_token", word);
    format!("{}\n{}", line("field()", ""), command.split("    #").next().unwrap())
}

#[test]
#[ignore = "needs strace"]
fn a_plain_text_token_needs_no_key_keyring_or_runtime() {
    let (env, tokens) = two_profiles();
    let output = run_traced(&env, &["-e", "trace=openat,socket,clone,clone3,epoll_create1"], &[], &["token", "one"]);
    assert_eq!(stdout(&output).trim(), tokens[0]);
    let trace = std::fs::read_to_string(env.dir.path().join("trace")).unwrap();
    let config_accesses: Vec<&str> =
        trace.lines().filter(|line| line.contains(env.config().to_str().unwrap())).collect();
    // Besides the profile, only directories are opened, to check their modes.
    let is_expected =
        |line: &&str| ["profiles/one.toml", "/config\"", "O_DIRECTORY"].iter().any(|part| line.contains(part));
    assert!(config_accesses.iter().all(is_expected), "{config_accesses:?}");
    assert!(!["socket(", "clone", "epoll"].iter().any(|call| trace.contains(call)), "{trace}");
}

/// A session bus with an unlocked Secret Service; dropping it stops both.
struct SecretService {
    session: Child,
    address: String,
}

impl SecretService {
    fn start(env: &TestEnv) -> Self {
        let script = "printf %s pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null && \
                      echo \"$DBUS_SESSION_BUS_ADDRESS\" && read -r _";
        let mut command = Command::new("dbus-run-session");
        command.args(["--", "sh", "-c", script]).env_clear().env("HOME", env.dir.path());
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("XDG_RUNTIME_DIR", env.dir.path());
        let mut session = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(session.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { session, address: address.trim().to_owned() }
    }

    fn run(&self, env: &TestEnv, arguments: &[&str]) -> Output {
        with_passphrase(env, arguments).env("DBUS_SESSION_BUS_ADDRESS", &self.address).output().unwrap()
    }

    /// Calls a method of the Secret Service.
    fn call(&self, path: &str, method: &str, argument: &[&str]) {
        let mut command = Command::new("dbus-send");
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        command.args(["--session", "--print-reply", "--dest=org.freedesktop.secrets", path, method]).args(argument);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
    }
}

impl Drop for SecretService {
    fn drop(&mut self) {
        // Closing stdin makes the shell exit, and with it the bus and the daemon.
        drop(self.session.stdin.take());
        drop(self.session.wait());
    }
}

/// Returns the message of the check `storage.key` of `doctor`.
fn key_check_message(doctor: &Output) -> String {
    let report = json(doctor);
    let mut checks = report["checks"].as_array().unwrap().iter();
    checks.find(|check| check["id"] == "storage.key").unwrap()["message"].to_string()
}

#[test]
#[ignore = "needs gnome-keyring, dbus and secret-tool"]
fn s32_a_real_secret_service_keeps_the_key() {
    let (env, tokens) = two_profiles();
    let secrets = [tokens[0].as_str(), tokens[1].as_str(), CLIENT_SECRET, "AGE-SECRET-KEY"];
    let service = SecretService::start(&env);
    let ok = |arguments: &[&str]| {
        let output = service.run(&env, arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
        stdout(&output)
    };
    ok(&["encryption", "keyring"]);
    assert_eq!(files_containing(&env.config(), &secrets), Vec::<String>::new());
    assert_eq!(ok(&["token", "one"]).trim(), tokens[0]);
    ok(&["refresh", "two"]);
    let refreshed = ok(&["token", "two"]);
    assert_eq!(files_containing(&env.config(), &[refreshed.trim()]), Vec::<String>::new());
    let unavailable = |service: &SecretService, expected_text: &str| {
        let before = std::fs::read(env.config().join("profiles/one.toml")).unwrap();
        for arguments in
            [&["token", "one", "--json"][..], &["encryption", "off", "--json"], &["encryption", "keyring", "--json"]]
        {
            let output = service.run(&env, arguments);
            assert_eq!(output.status.code(), Some(6), "{arguments:?}: {}", stderr(&output));
            assert_eq!(json(&output)["error"]["code"], "key_unavailable", "{arguments:?}");
            assert!(json(&output)["error"]["message"].to_string().contains(expected_text), "{}", stdout(&output));
        }
        assert_eq!(std::fs::read(env.config().join("profiles/one.toml")).unwrap(), before);
        assert!(key_check_message(&service.run(&env, &["doctor", "--json"])).contains(expected_text));
    };
    assert!(key_check_message(&service.run(&env, &["doctor", "--json"])).contains("The system's keyring has the key"));
    // The documented commands that do not need this program.
    let run_script = |script: &str| {
        let mut command = Command::new("bash");
        command.args(["-c", script]).env("DBUS_SESSION_BUS_ADDRESS", &service.address).current_dir(env.config());
        stdout(&command.output().unwrap())
    };
    let decrypted = run_script(&documented_command("secret-tool"));
    assert_eq!(decrypted, format!("linkedin-tui profile one token.access_token\n{}", tokens[0]));

    // A locked keyring is reported, because no user can unlock it.
    service.call(
        "/org/freedesktop/secrets",
        "org.freedesktop.Secret.Service.Lock",
        &["array:objpath:/org/freedesktop/secrets/collection/login"],
    );
    unavailable(&service, "locked");
    drop(service);

    // Once unlocked it works again; then a different program deletes its entry.
    let service = SecretService::start(&env);
    assert_eq!(stdout(&service.run(&env, &["token", "one"])).trim(), tokens[0]);
    let output = service.run(&env, &["encryption", "passphrase", "--json"]);
    assert_eq!(json(&output)["old_key_left"], false, "{}", stderr(&output));
    assert!(!env.config().join("keys/keyring").exists());
    let output = service.run(&env, &["encryption", "keyring", "--json"]);
    assert_eq!(json(&output)["encryption"], "keyring", "{}", stderr(&output));
    assert!(!env.config().join("keys/passphrase.age").exists());
    let name = std::fs::read_to_string(env.config().join("keys/keyring")).unwrap();
    let mut clear = Command::new("secret-tool");
    clear.args(["clear", "service", "linkedin-tui", "username", name.trim()]);
    assert!(clear.env("DBUS_SESSION_BUS_ADDRESS", &service.address).status().unwrap().success());
    unavailable(&service, "has no entry for it");
}

#[test]
#[ignore = "needs age"]
fn the_age_program_decrypts_a_field() {
    let (env, tokens) = two_profiles();
    assert!(with_passphrase(&env, &["encryption", "passphrase"]).status().unwrap().success());
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", &format!("{} > decrypted; echo done", documented_command("passphrase.age"))]);
    command.cwd(env.config());
    let mut terminal = Terminal::start(command, 100, 30);
    terminal.wait_for_text("passphrase");
    terminal.send(&format!("{PASSPHRASE}\r"));
    terminal.wait_for_text("done");
    let decrypted = std::fs::read_to_string(env.config().join("decrypted")).unwrap();
    assert_eq!(decrypted, format!("linkedin-tui profile one token.access_token\n{}", tokens[0]));
}

/// Returns every memory mapping of a process that contains one of `texts`; `None` if the memory may not be read.
fn find_in_memory(pid: u32, texts: &[&str]) -> Option<Vec<String>> {
    use std::io::{Read, Seek, SeekFrom};
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).ok()?;
    let mut memory = std::fs::File::open(format!("/proc/{pid}/mem")).ok()?;
    let mut found = Vec::new();
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (from, to) = line.split(' ').next()?.split_once('-')?;
        let (from, to) = (u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?);
        let mut bytes = Vec::new();
        memory.seek(SeekFrom::Start(from)).ok()?;
        // A mapping may have been removed in between.
        drop((&memory).take(to - from).read_to_end(&mut bytes));
        for text in texts {
            let is_present = bytes.windows(text.len()).any(|window| window == text.as_bytes());
            found.extend(is_present.then(|| format!("{text} in {line}")));
        }
    }
    Some(found)
}

#[test]
#[cfg_attr(not(feature = "mcp"), ignore = "needs the command mcp")]
fn x13_neither_passphrase_nor_key_text_stays_in_memory() {
    use std::io::Write;
    let (env, _) = two_profiles();
    assert!(with_passphrase(&env, &["encryption", "passphrase"]).output().unwrap().status.success());
    let mut command = with_passphrase(&env, &["mcp"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut responses = BufReader::new(child.stdout.take().unwrap()).lines();
    for line in [
        r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"whoami","arguments":{"profile":"one"}}}"#,
    ] {
        writeln!(stdin, "{line}").unwrap();
        if line.contains("\"id\"") {
            let response = responses.next().unwrap().unwrap();
            assert!(!response.contains("\"isError\":true"), "{response}");
        }
    }
    // The process has the key in binary form only, and no passphrase. The program's name proves that the scan works.
    let found = find_in_memory(child.id(), &[PASSPHRASE.trim(), "AGE-SECRET-KEY-1", "linkedin-tui"]);
    drop(stdin);
    assert!(child.wait().unwrap().success());
    match found {
        Some(found) => {
            assert!(found.iter().any(|mapping| mapping.starts_with("linkedin-tui")), "{found:?}");
            let secrets: Vec<_> = found.iter().filter(|mapping| !mapping.starts_with("linkedin-tui")).collect();
            assert!(secrets.is_empty(), "{secrets:?}");
        }
        None => println!("skipped: this user may not read the memory of a different process"),
    }
}
