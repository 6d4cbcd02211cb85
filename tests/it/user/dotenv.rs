//! Input from `.env` files, variables, secret files and stdin, as other programs write it.

use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET};
use serde_json::json;

use crate::support::wait_for;
use crate::user::terminal::Terminal;
use crate::user::world::{World, json, stderr, stdout};

/// Creates a world with this `.env` and runs `import p`.
fn import(dotenv: &[u8]) -> (World, Output) {
    let world = World::new(None);
    std::fs::write(world.dir.path().join(".env"), dotenv).unwrap();
    let done = world.run(&["import", "p", "--json"]);
    (world, done)
}

fn app_file(world: &World) -> String {
    std::fs::read_to_string(world.config().join("apps/p.toml")).unwrap_or_default()
}

fn make_pipe(path: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Runs to its end, with a deadline.
fn run_within_deadline(world: &World, arguments: &[&str]) -> Output {
    let mut child = world.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    std::thread::spawn(move || {
        drop(child.wait());
        drop(sender.send(child.wait_with_output()));
    });
    let done = receiver.recv_timeout(Duration::from_secs(20));
    if done.is_err() {
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }
    done.unwrap_or_else(|_| panic!("{arguments:?} hangs")).unwrap()
}

#[test]
fn dotenv_values_are_read_as_other_readers_do() {
    for (line, secret) in [
        ("LINKEDIN_CLIENT_SECRET= # from the Auth tab", None),
        ("LINKEDIN_CLIENT_SECRET=\t# from the Auth tab", None),
        ("LINKEDIN_CLIENT_SECRET=`S1`", Some("S1")),
        ("LINKEDIN_CLIENT_SECRET=\"WPL\\\"x\" # y", Some("WPL\\\"x")),
        ("export\tLINKEDIN_CLIENT_SECRET='S#1'", Some("S#1")),
        ("LINKEDIN_CLIENT_SECRET='\"S1\"'", Some("S1")),
        ("OTHER='\nLINKEDIN_CLIENT_SECRET=no\n'\nLINKEDIN_CLIENT_SECRET=S1", Some("S1")),
    ] {
        let (world, done) = import(format!("LINKEDIN_CLIENT_ID={CLIENT_ID}\n{line}\n").as_bytes());
        assert_eq!(done.status.code(), Some(0), "{line:?}: {}", stderr(&done));
        let file = app_file(&world);
        let found = file.lines().find_map(|line| line.strip_prefix("client_secret = "));
        let plain = found.map(|found| found.trim_matches(['"', '\'']).to_owned());
        let toml_escape = secret.map(|secret| secret.replace("\\\"", "\""));
        assert_eq!(plain.as_deref(), toml_escape.as_deref(), "{line:?} in {file}");
    }
    let (world, done) = import(format!("LINKEDIN_CLIENT_ID=old\rLINKEDIN_CLIENT_ID=`{CLIENT_ID}`\r").as_bytes());
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert!(app_file(&world).contains(CLIENT_ID));
}

#[test]
fn refused_value_is_named_with_its_variable_and_file() {
    let id = format!("LINKEDIN_CLIENT_ID={CLIENT_ID}\n");
    for (text, names) in [
        (
            format!("{id}LINKEDIN_REDIRECT_URI=http://localhost:${{PORT}}/callback"),
            &["LINKEDIN_REDIRECT_URI", "PORT"][..],
        ),
        (format!("{id}LINKEDIN_REDIRECT_URI=https://app.example.com/callback"), &["LINKEDIN_REDIRECT_URI"]),
        (format!("{id}LINKEDIN_REDIRECT_URI=http://localhost:{{__PORT__}}/c\nPORT=web"), &["PORT"]),
        ("LINKEDIN_CLIENT_ID=not one".to_owned(), &["LINKEDIN_CLIENT_ID"]),
    ] {
        let (world, done) = import(text.as_bytes());
        let message = json(&done)["error"]["message"].as_str().unwrap().to_owned();
        assert_eq!(done.status.code(), Some(2), "{message}");
        assert!(names.iter().all(|name| message.contains(name)) && message.contains(".env"), "{message}");
        if text.contains("example.com") {
            assert!(json(&done)["error"]["hint"].as_str().unwrap().contains("--redirect-url"));
            let arguments = ["import", "p", "--json", "--redirect-url", "http://localhost:3000/callback"];
            assert_eq!(json(&world.run(&arguments))["redirect_url"], "http://localhost:3000/callback");
        }
    }
    let text = format!("PORT=4321\n{id}LINKEDIN_REDIRECT_URI=http://localhost:${{PORT}}/callback");
    assert_eq!(json(&import(text.as_bytes()).1)["redirect_url"], "http://localhost:4321/callback");
}

#[test]
fn invalid_bytes_affect_only_their_own_value() {
    let good = format!("LINKEDIN_CLIENT_ID={CLIENT_ID}\r\n");
    let utf16 = [0xff, 0xfe].into_iter().chain(good.encode_utf16().flat_map(u16::to_le_bytes)).collect::<Vec<u8>>();
    for bytes in [utf16, [b"# Schl\xfcssel\n", good.as_bytes()].concat()] {
        let (world, done) = import(&bytes);
        assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
        assert!(app_file(&world).contains(CLIENT_ID));
    }
    let (_, done) = import(&[good.as_bytes(), b"LINKEDIN_CLIENT_SECRET=\xfc"].concat());
    let message = json(&done)["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("LINKEDIN_CLIENT_SECRET") && message.contains("line 2"), "{message}");
    let world = World::new(None);
    std::fs::write(world.dir.path().join("token.txt"), b"AQ\xff").unwrap();
    std::fs::write(world.dir.path().join(".env"), &good).unwrap();
    let done = world.run(&["import", "p", "--token-file", "token.txt"]);
    assert!(stderr(&done).contains("UTF-8") && !stderr(&done).contains("invalid data"), "{}", stderr(&done));
}

#[test]
fn pipe_or_endless_file_does_not_block() {
    let world = World::signed_in(None);
    let folder = world.dir.path();
    let pipe = folder.join("pipe");
    make_pipe(&pipe);
    let name = pipe.to_str().unwrap();
    let readers: &[&[&str]] = &[
        &["import", "p", "--env-file", name],
        &["import", "p", "--app", "work", "--token-file", name],
        &["login", "p", "--client-id", CLIENT_ID, "--client-secret-file", name],
        &["apps", "add", "p", "--client-id", CLIENT_ID, "--client-secret-file", name],
        &["export", "work", "--format", "dotenv", "--output", name],
        &["api", "POST", "/rest/posts", "--data", "@pipe"],
        &["post", "text", "--image", name],
    ];
    for arguments in readers {
        let done = run_within_deadline(&world, arguments);
        assert!(matches!(done.status.code(), Some(2 | 6)), "{arguments:?}");
        assert!(stderr(&done).contains("not a regular file"), "{arguments:?}: {}", stderr(&done));
    }
    let merge = world.run_with_stdin(&["deliver", "--into-dotenv", name], b"LINKEDIN_ACCESS_TOKEN=t\n");
    assert!(stderr(&merge).contains("not a regular file"), "{}", stderr(&merge));
    make_pipe(&folder.join(".env"));
    assert_eq!(run_within_deadline(&world, &["import", "p"]).status.code(), Some(6));
    make_pipe(&folder.join(".linkedin-tui"));
    assert_eq!(run_within_deadline(&world, &["token"]).status.code(), Some(6));
    for (arguments, text) in [(&[][..], "Ada Lovelace"), (&["--sandbox"], "Set up a LinkedIn app")] {
        let mut terminal = Terminal::start(world.pty(arguments), 100, 30);
        terminal.wait(text);
        terminal.child.kill().unwrap();
    }
}

#[test]
fn secret_in_any_wrapping_signs_in_from_every_entrance() {
    let world = World::new(None);
    let redirect = world.redirect_url();
    let wrapped = format!("'\"{CLIENT_SECRET}\"'");
    let file = world.dir.path().join("secret.txt");
    let named = format!("\u{feff}export LINKEDIN_CLIENT_SECRET=\"{CLIENT_SECRET}\"\r\n");
    std::fs::write(&file, &named).unwrap();
    let common = ["--client-id", CLIENT_ID, "--redirect-url", redirect.as_str()];
    let add = |name: &str, more: &[&str]| world.command(&[&["apps", "add", name], &common[..], more].concat());
    assert!(add("variable", &[]).env("LINKEDIN_CLIENT_SECRET", &wrapped).status().unwrap().success());
    assert!(add("file", &["--client-secret-file", "secret.txt"]).status().unwrap().success());
    let mut child = add("stdin", &["--client-secret-stdin"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(named.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    for name in ["variable", "file", "stdin"] {
        let saved = std::fs::read_to_string(world.config().join(format!("apps/{name}.toml"))).unwrap();
        assert!(saved.contains(&format!("client_secret = \"{CLIENT_SECRET}\"")), "{name}: {saved}");
    }
    // The shell's own pipe is read as stdin is.
    let script = format!("exec \"$0\" \"$@\" --client-secret-file <(printf %s '{CLIENT_SECRET}')");
    let command = world.command(&[]);
    let mut shell = std::process::Command::new("bash");
    shell.args(["-c", &script]).arg(command.get_program()).args(["apps", "add", "pipe"]).args(common);
    shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    assert!(shell.current_dir(world.dir.path()).status().unwrap().success());
}

#[test]
fn token_in_any_wrapping_is_imported() {
    let world = World::signed_in(None);
    let token = world.token("work");
    for (at, text) in [
        format!("Bearer {token}\n"),
        format!("'{token}'"),
        format!("LINKEDIN_ACCESS_TOKEN={token}"),
        format!("\u{feff}{token}"),
    ]
    .iter()
    .enumerate()
    {
        let name = format!("p{at}");
        let done = world.run_with_stdin(&["import", &name, "--app", "work", "--token-stdin"], text.as_bytes());
        assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
        assert_eq!(stdout(&world.run(&["token", &name])).trim(), token);
    }
}

#[test]
fn imported_token_keeps_its_true_expiry() {
    let world = World::new(None);
    std::fs::write(world.dir.path().join(".env"), format!("LINKEDIN_CLIENT_ID={CLIENT_ID}\n")).unwrap();
    let file = world.dir.path().join("access_token.json");
    let day = Duration::from_secs(86_400);
    let left = |name: &str, fields: &serde_json::Value| {
        std::fs::write(&file, fields.to_string()).unwrap();
        let saved = std::fs::File::options().write(true).open(&file).unwrap();
        saved.set_modified(std::time::SystemTime::now() - 55 * day).unwrap();
        let done = world.run(&["import", name, "--json"]);
        assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
        json(&done)["expires_in"].as_i64()
    };
    let days = |left: Option<i64>| left.map(|left| (left + 43_200) / 86_400);
    let in_days = |days: i64| jiff::Timestamp::now().as_second() + days * 86_400;
    assert_eq!(days(left("a", &json!({"access_token": "AQa", "expires_in": 5_184_000}))), Some(5));
    assert_eq!(
        days(left("b", &json!({"access_token": "AQb", "expires_in": 5_184_000, "expires_at": in_days(3)}))),
        Some(3)
    );
    let created = json!({"access_token": "AQc", "expires_in": 5_184_000, "created_at": in_days(-58)});
    assert_eq!(days(left("c", &created)), Some(2));
    let done = world.run_with_stdin(
        &["import", "d", "--token-stdin", "--json"],
        b"{\"access_token\":\"AQd\",\"expires_in\":5184000}",
    );
    assert_eq!(json(&done)["expires_in"], json!(null), "the time of issue is unknown: {}", stderr(&done));
}

#[test]
fn import_does_not_replace_a_profile_created_meanwhile() {
    let world = World::signed_in(None);
    let token = world.token("work");
    std::fs::write(
        world.dir.path().join(".env"),
        format!("LINKEDIN_CLIENT_ID=86another\nLINKEDIN_ACCESS_TOKEN={token}"),
    )
    .unwrap();
    let lock = std::fs::File::create(world.config().join("locks/profile-new.lock")).unwrap();
    lock.lock().unwrap();
    let child = world.command(&["import", "new"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for("the app, which is saved before the token", || {
        world.config().join("apps/new.toml").exists().then_some(())
    });
    let profiles = world.config().join("profiles");
    std::fs::copy(profiles.join("work.toml"), profiles.join("new.toml")).unwrap();
    drop(lock);
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(2), "{}", stderr(&done));
    assert!(stderr(&done).contains("The profile new already exists"), "{}", stderr(&done));
    let saved = std::fs::read_to_string(profiles.join("new.toml")).unwrap();
    assert!(saved.contains("app = \"work\""), "{saved}");
}

#[test]
fn profile_file_may_have_a_mark_notes_and_empty_lines() {
    let world = World::signed_in(None);
    assert!(world.login("spare", "bruce", &[]).status.success());
    let path = world.dir.path().join(".linkedin-tui");
    for text in ["\u{feff}work", "# note\nwork", "work # x", "\nwork", "\r\nwork\r\n"] {
        std::fs::write(&path, text).unwrap();
        assert_eq!(stdout(&world.run(&["token"])).trim(), world.token("work"), "{text:?}");
    }
}

#[test]
fn profile_file_of_another_user_is_ignored() {
    let world = World::signed_in(None);
    assert!(world.login("spare", "bruce", &[]).status.success());
    let path = world.dir.path().join(".linkedin-tui");
    std::fs::write(&path, "spare").unwrap();
    let post = || stderr(&world.run(&["post", "text", "--dry-run"]));
    assert!(post().contains(&format!("profile spare, selected by {}", path.display())), "{}", post());
    // Only root can change the owner of a file.
    if std::os::unix::fs::chown(&path, Some(65534), None).is_ok() {
        assert_eq!(stdout(&world.run(&["token"])).trim(), world.token("work"));
        assert!(!post().contains("selected by"), "{}", post());
        std::fs::write(&path, "No Name").unwrap();
        assert_eq!(world.run(&["token"]).status.code(), Some(0), "invalid lines of other programs are ignored");
    }
}

#[test]
fn variable_that_cannot_be_read_is_an_error_that_names_it() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::signed_in(None);
    let bad = std::ffi::OsStr::from_bytes(b"w\xff");
    for name in
        ["LINKEDIN_TUI_PROFILE", "LINKEDIN_TUI_CONFIG_DIR", "LINKEDIN_TUI_PASSPHRASE_FILE", "LINKEDIN_CLIENT_ID"]
    {
        let done = world.command(&["token"]).env(name, bad).output().unwrap();
        assert_eq!((done.status.code(), stdout(&done).as_str()), (Some(2), ""), "{name}");
        assert!(stderr(&done).contains(name), "{}", stderr(&done));
    }
    let done = world.command(&["token"]).env("LINKEDIN_TUI_PROFILE", "No Name").output().unwrap();
    assert_eq!(done.status.code(), Some(2));
    assert!(stderr(&done).contains("LINKEDIN_TUI_PROFILE"), "{}", stderr(&done));
}

#[test]
fn merge_keeps_bytes_owner_and_mode_of_the_file() {
    let world = World::new(None);
    let file = world.dir.path().join("x.env");
    let merge = |new: &[u8]| world.run_with_stdin(&["deliver", "--into-dotenv", "x.env"], new);
    std::fs::write(&file, b"\xef\xbb\xbfA=1\r\nLINKEDIN_ACCESS_TOKEN=old\r\nexport\tLINKEDIN_MEMBER_ID=old\r\nB=\xfc")
        .unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    // Only root can change the owner of a file.
    drop(std::os::unix::fs::chown(&file, Some(33), Some(33)));
    let about = || std::fs::metadata(&file).map(|about| (about.uid(), about.gid(), about.mode())).unwrap();
    let before = about();
    let done = merge(b"LINKEDIN_ACCESS_TOKEN=new\nLINKEDIN_MEMBER_ID=id\n");
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    let expected = b"\xef\xbb\xbfA=1\r\nLINKEDIN_ACCESS_TOKEN=new\r\nexport\tLINKEDIN_MEMBER_ID=id\r\nB=\xfc";
    assert_eq!(std::fs::read(&file).unwrap(), expected);
    assert_eq!(about(), before);
    assert!(stderr(&done).contains("can be read by other users (mode 640)"), "{}", stderr(&done));
    std::fs::remove_file(&file).unwrap();
    assert!(merge(b"LINKEDIN_ACCESS_TOKEN=new\n").status.success());
    assert_eq!((std::fs::read(&file).unwrap(), about().2 & 0o777), (b"LINKEDIN_ACCESS_TOKEN=new\n".to_vec(), 0o600));
    std::fs::write(&file, b"\xff\xfeA\0").unwrap();
    assert!(stderr(&merge(b"LINKEDIN_ACCESS_TOKEN=new\n")).contains("UTF-16"));
}

#[test]
fn overlong_text_is_reported_with_its_length() {
    let world = World::signed_in(None);
    let post = |text: &str| {
        let done = world.run_with_stdin(&["post", "-", "--dry-run", "--json"], text.as_bytes());
        assert_eq!(done.status.code(), Some(2));
        let error = json(&done)["error"].clone();
        format!("{} {}", error["message"].as_str().unwrap(), error["hint"].as_str().unwrap())
    };
    for (text, length) in [("é".repeat(24_011), "24011"), ("x".repeat(60_000), "60000"), ("😀".repeat(12_000), "24000")]
    {
        let expected_text = post(&text);
        assert!(expected_text.contains(length) && expected_text.contains("3000"), "{expected_text}");
    }
    let expected_text = post(&"x".repeat(2 << 20));
    assert!(
        expected_text.contains("1 MiB") && expected_text.contains("3000") && !expected_text.contains("UTF-8"),
        "{expected_text}"
    );
}

#[test]
fn text_that_begins_with_a_dash_gets_a_usable_hint() {
    let world = World::signed_in(None);
    for arguments in [["post", "- first", "--json"], ["post", "-- second", "--json"], ["post", "-third", "--json"]] {
        let done = world.run(&arguments);
        assert_eq!(done.status.code(), Some(2));
        let hint = json(&done)["error"]["hint"].as_str().unwrap().to_owned();
        assert!(hint.contains("post -- ") && hint.contains("post -."), "{hint}");
        assert!(stderr(&world.run(&arguments[..2])).contains("post -- "));
    }
    assert!(world.run(&["post", "--dry-run", "--", "- first"]).status.success());
    let typo = json(&world.run(&["scopes", "--jsno", "--json"]));
    assert!(
        typo["error"]["hint"].as_str().unwrap().contains("similar argument exists: '--json'"),
        "clap's tips are kept: {typo}"
    );
    let number = json(&world.run(&["api", "POST", "/v2/nothing", "--data", "-5", "--json"]));
    assert!(number["status"].is_number(), "{number}");
    let stdin = world.run_with_stdin(&["api", "POST", "/v2/nothing", "--data", "@-", "--json"], b"{}");
    assert!(json(&stdin)["status"].is_number(), "{}", stdout(&stdin));
}

#[test]
fn link_with_a_password_is_not_published() {
    let world = World::signed_in(None);
    let done = world.run(&["post", "x", "--link", "https://user:canary@example.com/", "--dry-run"]);
    assert_eq!(done.status.code(), Some(2), "{}", stdout(&done));
    assert!(!stderr(&done).contains("canary"), "{}", stderr(&done));
}

#[test]
fn damaged_profile_is_not_reported_as_missing() {
    let world = World::signed_in(None);
    std::fs::write(world.config().join("profiles/work.toml"), "not toml").unwrap();
    for arguments in [&["status"][..], &["profiles", "list"]] {
        assert!(!stderr(&world.run(arguments)).contains("no profile yet"), "{arguments:?}");
    }
}
