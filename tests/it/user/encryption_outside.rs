//! `encryption` with strace's kills, a real Secret Service, and the `age` program.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use linkedin_tui::internal::sandbox::CLIENT_SECRET;
use portable_pty::CommandBuilder;

use crate::user::crash::traced;
use crate::user::encryption::{PASSPHRASE, leaks, passphrase_file, quick_key, two_profiles, with_passphrase};
use crate::user::terminal::Terminal;
use crate::user::world::{World, json, stderr, stdout};

const CALLS: &[&str] =
    &["openat", "write", "fsync", "/^rename", "fchmod", "/^mkdir", "flock", "/^unlink", "statx", "getdents64"];

/// Asserts that both tokens can be read from the current files.
fn readable(world: &World, tokens: &[String], what: &str) {
    for (name, token) in ["one", "two"].iter().zip(tokens) {
        let done = with_passphrase(world, &["token", name]).output().unwrap();
        assert_eq!(stdout(&done).trim(), token, "{what}: {}", stderr(&done));
    }
}

#[test]
#[ignore = "needs strace"]
fn s32_a_kill_at_any_system_call_loses_nothing() {
    let (world, tokens) = two_profiles();
    let secrets = [tokens[0].as_str(), tokens[1].as_str(), CLIENT_SECRET];
    passphrase_file(&world);
    let file = world.dir.path().join("passphrase");
    let environment = [("LINKEDIN_TUI_PASSPHRASE_FILE", file.as_os_str())];
    for call in CALLS {
        for number in 1..400 {
            let fault = format!("inject={call}:signal=KILL:when={number}");
            let mut ended = true;
            for how in ["passphrase", "off"] {
                if how == "passphrase" {
                    quick_key(&world);
                }
                let what = format!("encryption {how} killed at {call} {number}");
                let flags = ["-e", &format!("trace={call}"), "-e", &fault];
                ended &= traced(&world, &flags, &environment, &["encryption", how]).status.success();
                readable(&world, &tokens, &what);
                if how == "file" && !world.config().join("keys/passphrase.age").exists() {
                    assert!(leaks(&world.config(), &["AGE ENCRYPTED"]).is_empty(), "{what}: the key went too early");
                }
                let again = with_passphrase(&world, &["encryption", how]).output().unwrap();
                assert!(again.status.success(), "{what}: {}", stderr(&again));
                readable(&world, &tokens, &what);
                let plain = leaks(&world.config(), &secrets);
                assert_eq!(plain.is_empty(), how == "passphrase", "{what}: {plain:?}");
            }
            if ended {
                break;
            }
        }
    }
}

/// Returns the documented command that contains `word`, for the profile `one`.
fn documented(word: &str) -> String {
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
    let (world, tokens) = two_profiles();
    let done = traced(&world, &["-e", "trace=openat,socket,clone,clone3,epoll_create1"], &[], &["token", "one"]);
    assert_eq!(stdout(&done).trim(), tokens[0]);
    let trace = std::fs::read_to_string(world.dir.path().join("trace")).unwrap();
    let own: Vec<&str> = trace.lines().filter(|line| line.contains(world.config().to_str().unwrap())).collect();
    // Besides the one file, folders: that other users cannot list them.
    let fine = |line: &&str| ["profiles/one.toml", "/config\"", "O_DIRECTORY"].iter().any(|part| line.contains(part));
    assert!(own.iter().all(fine), "{own:?}");
    assert!(!["socket(", "clone", "epoll"].iter().any(|call| trace.contains(call)), "{trace}");
}

/// A session bus with an unlocked Secret Service; dropping it stops both.
struct SecretService {
    session: Child,
    address: String,
}

impl SecretService {
    fn start(world: &World) -> Self {
        let script = "printf %s pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null && \
                      echo \"$DBUS_SESSION_BUS_ADDRESS\" && read -r _";
        let mut command = Command::new("dbus-run-session");
        command.args(["--", "sh", "-c", script]).env_clear().env("HOME", world.dir.path());
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("XDG_RUNTIME_DIR", world.dir.path());
        let mut session = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(session.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { session, address: address.trim().to_owned() }
    }

    fn run(&self, world: &World, arguments: &[&str]) -> Output {
        with_passphrase(world, arguments).env("DBUS_SESSION_BUS_ADDRESS", &self.address).output().unwrap()
    }

    /// Calls a method of the Secret Service.
    fn call(&self, path: &str, method: &str, argument: &[&str]) {
        let mut command = Command::new("dbus-send");
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        command.args(["--session", "--print-reply", "--dest=org.freedesktop.secrets", path, method]).args(argument);
        let done = command.output().unwrap();
        assert!(done.status.success(), "{}", stderr(&done));
    }
}

impl Drop for SecretService {
    fn drop(&mut self) {
        // Its stdin closes, so the shell exits, and with it the bus and the daemon.
        drop(self.session.stdin.take());
        drop(self.session.wait());
    }
}

/// Returns the finding of `doctor` about the key.
fn stored_in(doctor: &Output) -> String {
    let report = json(doctor);
    let mut checks = report["checks"].as_array().unwrap().iter();
    checks.find(|check| check["id"] == "storage.key").unwrap()["message"].to_string()
}

#[test]
#[ignore = "needs gnome-keyring, dbus and secret-tool"]
fn s32_a_real_secret_service_keeps_the_key() {
    let (world, tokens) = two_profiles();
    let secrets = [tokens[0].as_str(), tokens[1].as_str(), CLIENT_SECRET, "AGE-SECRET-KEY"];
    let service = SecretService::start(&world);
    let ok = |arguments: &[&str]| {
        let done = service.run(&world, arguments);
        assert_eq!(done.status.code(), Some(0), "{arguments:?}: {}", stderr(&done));
        stdout(&done)
    };
    ok(&["encryption", "keyring"]);
    assert_eq!(leaks(&world.config(), &secrets), Vec::<String>::new());
    assert_eq!(ok(&["token", "one"]).trim(), tokens[0]);
    ok(&["refresh", "two"]);
    let renewed = ok(&["token", "two"]);
    assert_eq!(leaks(&world.config(), &[renewed.trim()]), Vec::<String>::new());
    let unavailable = |service: &SecretService, expected_text: &str| {
        let before = std::fs::read(world.config().join("profiles/one.toml")).unwrap();
        for arguments in
            [&["token", "one", "--json"][..], &["encryption", "off", "--json"], &["encryption", "keyring", "--json"]]
        {
            let done = service.run(&world, arguments);
            assert_eq!(done.status.code(), Some(6), "{arguments:?}: {}", stderr(&done));
            assert_eq!(json(&done)["error"]["code"], "key_unavailable", "{arguments:?}");
            assert!(json(&done)["error"]["message"].to_string().contains(expected_text), "{}", stdout(&done));
        }
        assert_eq!(std::fs::read(world.config().join("profiles/one.toml")).unwrap(), before);
        assert!(stored_in(&service.run(&world, &["doctor", "--json"])).contains(expected_text));
    };
    assert!(stored_in(&service.run(&world, &["doctor", "--json"])).contains("The system's keyring has the key"));
    // The documented commands that do not need this program.
    let opened = |script: &str| {
        let mut command = Command::new("bash");
        command.args(["-c", script]).env("DBUS_SESSION_BUS_ADDRESS", &service.address).current_dir(world.config());
        stdout(&command.output().unwrap())
    };
    let by_hand = opened(&documented("secret-tool"));
    assert_eq!(by_hand, format!("linkedin-tui profile one token.access_token\n{}", tokens[0]));

    // Locked: reported, because there is no user for the prompt.
    service.call(
        "/org/freedesktop/secrets",
        "org.freedesktop.Secret.Service.Lock",
        &["array:objpath:/org/freedesktop/secrets/collection/login"],
    );
    unavailable(&service, "locked");
    drop(service);

    // Unlocked at the next start it works again; then another program deletes its entry.
    let service = SecretService::start(&world);
    assert_eq!(stdout(&service.run(&world, &["token", "one"])).trim(), tokens[0]);
    let done = service.run(&world, &["encryption", "passphrase", "--json"]);
    assert_eq!(json(&done)["old_key_left"], false, "{}", stderr(&done));
    assert!(!world.config().join("keys/keyring").exists());
    let done = service.run(&world, &["encryption", "keyring", "--json"]);
    assert_eq!(json(&done)["encryption"], "keyring", "{}", stderr(&done));
    assert!(!world.config().join("keys/passphrase.age").exists());
    let name = std::fs::read_to_string(world.config().join("keys/keyring")).unwrap();
    let mut clear = Command::new("secret-tool");
    clear.args(["clear", "service", "linkedin-tui", "username", name.trim()]);
    assert!(clear.env("DBUS_SESSION_BUS_ADDRESS", &service.address).status().unwrap().success());
    unavailable(&service, "no entry");
}

#[test]
#[ignore = "needs age"]
fn the_age_program_opens_a_field() {
    let (world, tokens) = two_profiles();
    assert!(with_passphrase(&world, &["encryption", "passphrase"]).status().unwrap().success());
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", &format!("{} > opened; echo done", documented("passphrase.age"))]);
    command.cwd(world.config());
    let mut terminal = Terminal::start(command, 100, 30);
    terminal.wait("passphrase");
    terminal.send(&format!("{PASSPHRASE}\r"));
    terminal.wait("done");
    let opened = std::fs::read_to_string(world.config().join("opened")).unwrap();
    assert_eq!(opened, format!("linkedin-tui profile one token.access_token\n{}", tokens[0]));
}

/// Returns every place in a process's memory that contains one of `texts`; `None` where this user may not read it.
fn in_memory(pid: u32, texts: &[&str]) -> Option<Vec<String>> {
    use std::io::{Read, Seek, SeekFrom};
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).ok()?;
    let mut memory = std::fs::File::open(format!("/proc/{pid}/mem")).ok()?;
    let mut found = Vec::new();
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (from, to) = line.split(' ').next()?.split_once('-')?;
        let (from, to) = (u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?);
        let mut bytes = Vec::new();
        memory.seek(SeekFrom::Start(from)).ok()?;
        // Some mappings may be gone by now.
        drop((&memory).take(to - from).read_to_end(&mut bytes));
        for text in texts {
            let is_present = bytes.windows(text.len()).any(|window| window == text.as_bytes());
            found.extend(is_present.then(|| format!("{text} in {line}")));
        }
    }
    Some(found)
}

#[test]
fn x13_neither_passphrase_nor_key_text_stays_in_memory() {
    use std::io::Write;
    let (world, _) = two_profiles();
    assert!(with_passphrase(&world, &["encryption", "passphrase"]).output().unwrap().status.success());
    let mut command = with_passphrase(&world, &["mcp"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut heard = BufReader::new(child.stdout.take().unwrap()).lines();
    for line in [
        r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"whoami","arguments":{"profile":"one"}}}"#,
    ] {
        writeln!(stdin, "{line}").unwrap();
        if line.contains("\"id\"") {
            let answer = heard.next().unwrap().unwrap();
            assert!(!answer.contains("\"isError\":true"), "{answer}");
        }
    }
    // It has the key in binary form only, and no passphrase. Finding the program's name proves that the scan works.
    let found = in_memory(child.id(), &[PASSPHRASE.trim(), "AGE-SECRET-KEY-1", "linkedin-tui"]);
    drop(stdin);
    assert!(child.wait().unwrap().success());
    match found {
        Some(found) => {
            assert!(found.iter().any(|place| place.starts_with("linkedin-tui")), "{found:?}");
            let secrets: Vec<_> = found.iter().filter(|place| !place.starts_with("linkedin-tui")).collect();
            assert!(secrets.is_empty(), "{secrets:?}");
        }
        None => println!("skipped: this user may not look into another process's memory"),
    }
}
