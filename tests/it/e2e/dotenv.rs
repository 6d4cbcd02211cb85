//! Input from `.env` files, variables, secret files and stdin, as other programs write it.

use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::{Output, Stdio};
use std::time::Duration;

use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET};
use serde_json::json;

use crate::e2e::terminal::Terminal;
use crate::e2e::test_env::{TestEnv, json, run_within_deadline, stderr, stdout};
use crate::support::{create_fifo, wait_for};

/// Creates an environment with this `.env` and runs `import p`.
fn import(dotenv: &[u8]) -> (TestEnv, Output) {
    let env = TestEnv::new(None);
    std::fs::write(env.dir.path().join(".env"), dotenv).unwrap();
    let output = env.run(&["import", "p", "--json"]);
    (env, output)
}

fn app_file(env: &TestEnv) -> String {
    std::fs::read_to_string(env.config().join("apps/p.toml")).unwrap_or_default()
}

#[test]
fn dotenv_values_are_read_as_by_other_programs() {
    for (line, secret) in [
        ("LINKEDIN_CLIENT_SECRET= # from the Auth tab", None),
        ("LINKEDIN_CLIENT_SECRET=\t# from the Auth tab", None),
        ("LINKEDIN_CLIENT_SECRET=`S1`", Some("S1")),
        ("LINKEDIN_CLIENT_SECRET=\"WPL\\\"x\" # y", Some("WPL\\\"x")),
        ("export\tLINKEDIN_CLIENT_SECRET='S#1'", Some("S#1")),
        ("LINKEDIN_CLIENT_SECRET='\"S1\"'", Some("S1")),
        ("OTHER='\nLINKEDIN_CLIENT_SECRET=no\n'\nLINKEDIN_CLIENT_SECRET=S1", Some("S1")),
    ] {
        let (env, output) = import(format!("LINKEDIN_CLIENT_ID={CLIENT_ID}\n{line}\n").as_bytes());
        assert_eq!(output.status.code(), Some(0), "{line:?}: {}", stderr(&output));
        let file = app_file(&env);
        let found = file.lines().find_map(|line| line.strip_prefix("client_secret = "));
        let plain = found.map(|found| found.trim_matches(['"', '\'']).to_owned());
        let unescaped = secret.map(|secret| secret.replace("\\\"", "\""));
        assert_eq!(plain.as_deref(), unescaped.as_deref(), "{line:?} in {file}");
    }
    let (env, output) = import(format!("LINKEDIN_CLIENT_ID=old\rLINKEDIN_CLIENT_ID=`{CLIENT_ID}`\r").as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(app_file(&env).contains(CLIENT_ID));
}

#[test]
fn invalid_value_is_reported_with_variable_and_file() {
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
        let (env, output) = import(text.as_bytes());
        let message = json(&output)["error"]["message"].as_str().unwrap().to_owned();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(names.iter().all(|name| message.contains(name)) && message.contains(".env"), "{message}");
        if text.contains("example.com") {
            assert!(json(&output)["error"]["hint"].as_str().unwrap().contains("--redirect-url"));
            let arguments = ["import", "p", "--json", "--redirect-url", "http://localhost:3000/callback"];
            assert_eq!(json(&env.run(&arguments))["redirect_url"], "http://localhost:3000/callback");
        }
    }
    let text = format!("PORT=4321\n{id}LINKEDIN_REDIRECT_URI=http://localhost:${{PORT}}/callback");
    assert_eq!(json(&import(text.as_bytes()).1)["redirect_url"], "http://localhost:4321/callback");
}

#[test]
fn invalid_bytes_affect_only_their_own_value() {
    let client_id_line = format!("LINKEDIN_CLIENT_ID={CLIENT_ID}\r\n");
    let utf16 =
        [0xff, 0xfe].into_iter().chain(client_id_line.encode_utf16().flat_map(u16::to_le_bytes)).collect::<Vec<u8>>();
    for bytes in [utf16, [b"# Schl\xfcssel\n", client_id_line.as_bytes()].concat()] {
        let (env, output) = import(&bytes);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(app_file(&env).contains(CLIENT_ID));
    }
    let (_, output) = import(&[client_id_line.as_bytes(), b"LINKEDIN_CLIENT_SECRET=\xfc"].concat());
    let message = json(&output)["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("LINKEDIN_CLIENT_SECRET") && message.contains("line 2"), "{message}");
    let env = TestEnv::new(None);
    std::fs::write(env.dir.path().join("token.txt"), b"AQ\xff").unwrap();
    std::fs::write(env.dir.path().join(".env"), &client_id_line).unwrap();
    let output = env.run(&["import", "p", "--token-file", "token.txt"]);
    assert!(stderr(&output).contains("UTF-8") && !stderr(&output).contains("invalid data"), "{}", stderr(&output));
}

#[test]
fn pipe_or_endless_file_does_not_block() {
    let env = TestEnv::signed_in(None);
    let directory = env.dir.path();
    let pipe = directory.join("pipe");
    create_fifo(&pipe);
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
        let output = run_within_deadline(env.command(arguments), &format!("{arguments:?}"));
        assert!(matches!(output.status.code(), Some(2 | 6)), "{arguments:?}");
        assert!(stderr(&output).contains("not a regular file"), "{arguments:?}: {}", stderr(&output));
    }
    let merge = env.run_with_stdin(&["deliver", "--into-dotenv", name], b"LINKEDIN_ACCESS_TOKEN=t\n");
    assert!(stderr(&merge).contains("not a regular file"), "{}", stderr(&merge));
    create_fifo(&directory.join(".env"));
    assert_eq!(run_within_deadline(env.command(&["import", "p"]), "import").status.code(), Some(6));
    create_fifo(&directory.join(".linkedin-tui"));
    assert_eq!(run_within_deadline(env.command(&["token"]), "token").status.code(), Some(6));
    for (arguments, text) in [(&[][..], "Ada Lovelace"), (&["--sandbox"], "Get LinkedIn API tokens")] {
        let mut terminal = Terminal::start(env.pty(arguments), 100, 30);
        terminal.wait_for_text(text);
        terminal.child.kill().unwrap();
    }
}

#[test]
fn secret_is_read_from_every_source_in_every_format() {
    let env = TestEnv::new(None);
    let redirect = env.redirect_url();
    let wrapped = format!("'\"{CLIENT_SECRET}\"'");
    let file = env.dir.path().join("secret.txt");
    let assignment = format!("\u{feff}export LINKEDIN_CLIENT_SECRET=\"{CLIENT_SECRET}\"\r\n");
    std::fs::write(&file, &assignment).unwrap();
    let common = ["--client-id", CLIENT_ID, "--redirect-url", redirect.as_str()];
    let add = |name: &str, more: &[&str]| env.command(&[&["apps", "add", name], &common[..], more].concat());
    assert!(add("variable", &[]).env("LINKEDIN_CLIENT_SECRET", &wrapped).status().unwrap().success());
    assert!(add("file", &["--client-secret-file", "secret.txt"]).status().unwrap().success());
    let mut child = add("stdin", &["--client-secret-stdin"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(assignment.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    for name in ["variable", "file", "stdin"] {
        let saved = std::fs::read_to_string(env.config().join(format!("apps/{name}.toml"))).unwrap();
        assert!(saved.contains(&format!("client_secret = \"{CLIENT_SECRET}\"")), "{name}: {saved}");
    }
    // A process substitution of the shell is a pipe, and is accepted.
    let script = format!("exec \"$0\" \"$@\" --client-secret-file <(printf %s '{CLIENT_SECRET}')");
    let command = env.command(&[]);
    let mut shell = std::process::Command::new("bash");
    shell.args(["-c", &script]).arg(command.get_program()).args(["apps", "add", "pipe"]).args(common);
    shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    assert!(shell.current_dir(env.dir.path()).status().unwrap().success());
}

#[test]
fn token_is_imported_in_every_format() {
    let env = TestEnv::signed_in(None);
    let token = env.token("work");
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
        let output = env.run_with_stdin(&["import", &name, "--app", "work", "--token-stdin"], text.as_bytes());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(stdout(&env.run(&["token", &name])).trim(), token);
    }
}

#[test]
fn imported_token_keeps_its_real_expiry() {
    let env = TestEnv::new(None);
    std::fs::write(env.dir.path().join(".env"), format!("LINKEDIN_CLIENT_ID={CLIENT_ID}\n")).unwrap();
    let file = env.dir.path().join("access_token.json");
    let day = Duration::from_secs(86_400);
    let seconds_left = |name: &str, fields: &serde_json::Value| {
        std::fs::write(&file, fields.to_string()).unwrap();
        let saved = std::fs::File::options().write(true).open(&file).unwrap();
        saved.set_modified(std::time::SystemTime::now() - 55 * day).unwrap();
        let output = env.run(&["import", name, "--json"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        json(&output)["expires_in"].as_i64()
    };
    let days = |seconds: Option<i64>| seconds.map(|seconds| (seconds + 43_200) / 86_400);
    let in_days = |days: i64| jiff::Timestamp::now().as_second() + days * 86_400;
    assert_eq!(days(seconds_left("a", &json!({"access_token": "AQa", "expires_in": 5_184_000}))), Some(5));
    assert_eq!(
        days(seconds_left("b", &json!({"access_token": "AQb", "expires_in": 5_184_000, "expires_at": in_days(3)}))),
        Some(3)
    );
    let created = json!({"access_token": "AQc", "expires_in": 5_184_000, "created_at": in_days(-58)});
    assert_eq!(days(seconds_left("c", &created)), Some(2));
    let output = env.run_with_stdin(
        &["import", "d", "--token-stdin", "--json"],
        b"{\"access_token\":\"AQd\",\"expires_in\":5184000}",
    );
    assert_eq!(json(&output)["expires_in"], json!(null), "the time of issue is unknown: {}", stderr(&output));
}

#[test]
fn import_does_not_replace_a_profile_created_meanwhile() {
    let env = TestEnv::signed_in(None);
    let token = env.token("work");
    std::fs::write(
        env.dir.path().join(".env"),
        format!("LINKEDIN_CLIENT_ID=86different\nLINKEDIN_ACCESS_TOKEN={token}"),
    )
    .unwrap();
    let lock = std::fs::File::create(env.config().join("locks/profile-new.lock")).unwrap();
    lock.lock().unwrap();
    let child = env.command(&["import", "new"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for("the app, which is saved before the token", || env.config().join("apps/new.toml").exists().then_some(()));
    let profiles = env.config().join("profiles");
    std::fs::copy(profiles.join("work.toml"), profiles.join("new.toml")).unwrap();
    drop(lock);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("The profile new already exists"), "{}", stderr(&output));
    let saved = std::fs::read_to_string(profiles.join("new.toml")).unwrap();
    assert!(saved.contains("app = \"work\""), "{saved}");
}

#[test]
fn profile_file_may_have_a_bom_comments_and_empty_lines() {
    let env = TestEnv::signed_in(None);
    assert!(env.login("spare", "bruce", &[]).status.success());
    let path = env.dir.path().join(".linkedin-tui");
    for text in ["\u{feff}work", "# note\nwork", "work # x", "\nwork", "\r\nwork\r\n"] {
        std::fs::write(&path, text).unwrap();
        assert_eq!(stdout(&env.run(&["token"])).trim(), env.token("work"), "{text:?}");
    }
}

#[test]
fn profile_file_of_a_different_user_is_ignored() {
    let env = TestEnv::signed_in(None);
    assert!(env.login("spare", "bruce", &[]).status.success());
    let path = env.dir.path().join(".linkedin-tui");
    std::fs::write(&path, "spare").unwrap();
    let post = || stderr(&env.run(&["post", "text", "--dry-run"]));
    assert!(post().contains(&format!("profile spare, selected by {}", path.display())), "{}", post());
    // Only root can change the owner of a file.
    if std::os::unix::fs::chown(&path, Some(65534), None).is_ok() {
        assert_eq!(stdout(&env.run(&["token"])).trim(), env.token("work"));
        assert!(!post().contains("selected by"), "{}", post());
        std::fs::write(&path, "No Name").unwrap();
        assert_eq!(env.run(&["token"]).status.code(), Some(0), "invalid lines of other programs are ignored");
    }
}

#[test]
fn invalid_variable_is_reported_by_name() {
    use std::os::unix::ffi::OsStrExt;
    let env = TestEnv::signed_in(None);
    let invalid = std::ffi::OsStr::from_bytes(b"w\xff");
    for name in
        ["LINKEDIN_TUI_PROFILE", "LINKEDIN_TUI_CONFIG_DIR", "LINKEDIN_TUI_PASSPHRASE_FILE", "LINKEDIN_CLIENT_ID"]
    {
        let output = env.command(&["token"]).env(name, invalid).output().unwrap();
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(2), ""), "{name}");
        assert!(stderr(&output).contains(name), "{}", stderr(&output));
    }
    let output = env.command(&["token"]).env("LINKEDIN_TUI_PROFILE", "No Name").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("LINKEDIN_TUI_PROFILE"), "{}", stderr(&output));
}

#[test]
fn merge_keeps_bytes_owner_and_mode_of_the_file() {
    let env = TestEnv::new(None);
    let file = env.dir.path().join("x.env");
    let merge = |new: &[u8]| env.run_with_stdin(&["deliver", "--into-dotenv", "x.env"], new);
    std::fs::write(&file, b"\xef\xbb\xbfA=1\r\nLINKEDIN_ACCESS_TOKEN=old\r\nexport\tLINKEDIN_MEMBER_ID=old\r\nB=\xfc")
        .unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    // Only root can change the owner of a file.
    drop(std::os::unix::fs::chown(&file, Some(33), Some(33)));
    let metadata = || std::fs::metadata(&file).map(|file| (file.uid(), file.gid(), file.mode())).unwrap();
    let before = metadata();
    let output = merge(b"LINKEDIN_ACCESS_TOKEN=new\nLINKEDIN_MEMBER_ID=id\n");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let expected = b"\xef\xbb\xbfA=1\r\nLINKEDIN_ACCESS_TOKEN=new\r\nexport\tLINKEDIN_MEMBER_ID=id\r\nB=\xfc";
    assert_eq!(std::fs::read(&file).unwrap(), expected);
    assert_eq!(metadata(), before);
    assert!(stderr(&output).contains("can be read by other users (mode 640)"), "{}", stderr(&output));
    std::fs::remove_file(&file).unwrap();
    assert!(merge(b"LINKEDIN_ACCESS_TOKEN=new\n").status.success());
    assert_eq!((std::fs::read(&file).unwrap(), metadata().2 & 0o777), (b"LINKEDIN_ACCESS_TOKEN=new\n".to_vec(), 0o600));
    std::fs::write(&file, b"\xff\xfeA\0").unwrap();
    assert!(stderr(&merge(b"LINKEDIN_ACCESS_TOKEN=new\n")).contains("UTF-16"));
}

#[test]
fn overlong_text_is_reported_with_its_length() {
    let env = TestEnv::signed_in(None);
    let post = |text: &str| {
        let output = env.run_with_stdin(&["post", "-", "--dry-run", "--json"], text.as_bytes());
        assert_eq!(output.status.code(), Some(2));
        let error = json(&output)["error"].clone();
        format!("{} {}", error["message"].as_str().unwrap(), error["hint"].as_str().unwrap())
    };
    for (text, length) in [("é".repeat(24_011), "24011"), ("x".repeat(60_000), "60000"), ("😀".repeat(12_000), "24000")]
    {
        let error = post(&text);
        assert!(error.contains(length) && error.contains("3000"), "{error}");
    }
    let error = post(&"x".repeat(2 << 20));
    assert!(error.contains("1 MiB") && error.contains("3000") && !error.contains("UTF-8"), "{error}");
}

#[test]
fn text_that_begins_with_a_dash_gets_a_usable_hint() {
    let env = TestEnv::signed_in(None);
    for arguments in [["post", "- first", "--json"], ["post", "-- second", "--json"], ["post", "-third", "--json"]] {
        let output = env.run(&arguments);
        assert_eq!(output.status.code(), Some(2));
        let hint = json(&output)["error"]["hint"].as_str().unwrap().to_owned();
        assert!(hint.contains("post -- ") && hint.contains("post -."), "{hint}");
        assert!(stderr(&env.run(&arguments[..2])).contains("post -- "));
    }
    assert!(env.run(&["post", "--dry-run", "--", "- first"]).status.success());
    let typo = json(&env.run(&["scopes", "--jsno", "--json"]));
    assert!(
        typo["error"]["hint"].as_str().unwrap().contains("similar argument exists: '--json'"),
        "clap's suggestion is shown: {typo}"
    );
    let negative_data = json(&env.run(&["api", "POST", "/v2/nothing", "--data", "-5", "--json"]));
    assert!(negative_data["status"].is_number(), "{negative_data}");
    let stdin = env.run_with_stdin(&["api", "POST", "/v2/nothing", "--data", "@-", "--json"], b"{}");
    assert!(json(&stdin)["status"].is_number(), "{}", stdout(&stdin));
}

#[test]
fn link_with_a_password_is_not_published() {
    let env = TestEnv::signed_in(None);
    let output = env.run(&["post", "x", "--link", "https://user:canary@example.com/", "--dry-run"]);
    assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
    assert!(!stderr(&output).contains("canary"), "{}", stderr(&output));
}

#[test]
fn damaged_profile_is_not_reported_as_missing() {
    let env = TestEnv::signed_in(None);
    std::fs::write(env.config().join("profiles/work.toml"), "not toml").unwrap();
    for arguments in [&["status"][..], &["profiles", "list"]] {
        assert!(!stderr(&env.run(arguments)).contains("no profile yet"), "{arguments:?}");
    }
}
