//! Tokens on the command line: apps of every kind, refreshes, checks of many profiles.

use std::process::{Output, Stdio};

use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET};
use serde_json::json;

use crate::user::world::{World, json, stderr, stdout};

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// Sets a key of a profile's file.
fn set(world: &World, profile: &str, key: &str, value: &str) {
    let path = world.config().join(format!("profiles/{profile}.toml"));
    let text = std::fs::read_to_string(&path).unwrap();
    let line = |line: &str| {
        if line.starts_with(&format!("{key} =")) { format!("{key} = \"{value}\"") } else { line.to_owned() }
    };
    std::fs::write(&path, format!("{}\n", text.lines().map(line).collect::<Vec<_>>().join("\n"))).unwrap();
}

#[test]
fn native_pkce_needs_no_secret_and_no_registered_port() {
    let world = World::new(Some("refresh-tokens"));
    let scopes = ["openid", "profile", "email", "w_member_social"];
    world.control("app", &json!({"client_id": "86native0pkce1", "native_pkce": true, "scopes": scopes}));
    let add = ["apps", "add", "phone", "--client-id", "86native0pkce1", "--flow", "native-pkce", "--json"];
    let added = world.run(&add);
    assert_eq!(code(&added), 0, "{}", stderr(&added));
    assert_eq!(json(&added)["flow"], "native-pkce");
    assert_eq!(
        (&json(&added)["has_secret"], &json(&added)["redirect_url"]),
        (&json!(false), &json!("http://127.0.0.1:0"))
    );
    let named = [
        "apps",
        "add",
        "other",
        "--client-id",
        "86x",
        "--flow",
        "native-pkce",
        "--redirect-url",
        "http://localhost:3000/callback",
    ];
    assert_eq!(code(&world.run(&named)), 2, "names are not taken there");
    let mut command = world.command(&["login", "work", "--app", "phone", "--json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let url = world.browser_url();
    assert!(url.path().ends_with("/native-pkce/authorization"), "{url}");
    world.allow(&url, "ada");
    let done = child.wait_with_output().unwrap();
    assert_eq!(code(&done), 0, "{}", stderr(&done));
    assert_eq!(json(&done)["refreshable"], true);
    let before = stdout(&world.run(&["token", "work"]));
    assert_eq!(code(&world.run(&["refresh", "work"])), 0);
    assert_ne!(stdout(&world.run(&["token", "work"])), before);
    assert_eq!(json(&world.run(&["check", "work", "--json"]))["status"], "active");
    let revoked = world.run(&["revoke", "work", "--json"]);
    assert_eq!(json(&revoked)["status"], "signed-out", "forgotten here, whatever LinkedIn says");
}

#[test]
fn client_credentials_have_no_member_and_refresh_alone() {
    let world = World::new(None);
    let redirect = world.redirect_url();
    let app = ["--client-id", CLIENT_ID, "--client-secret-stdin", "--redirect-url", &redirect];
    let login = [&["login", "robot", "--client-credentials", "--json"], &app[..]].concat();
    let refused = world.run_with_stdin(&login, format!("{CLIENT_SECRET}\n"));
    assert_eq!((code(&refused), &json(&refused)["error"]["code"]), (5, &json!("not_permitted")));
    world.control("app", &json!({"client_id": CLIENT_ID, "client_credentials": true}));
    let done = world.run_with_stdin(&login, format!("{CLIENT_SECRET}\n"));
    assert_eq!(code(&done), 0, "{}", stderr(&done));
    let profile = json(&done);
    assert_eq!((&profile["member"], &profile["scopes"]), (&json!(null), &json!([])));
    assert_eq!((&profile["status"], &profile["refreshable"]), (&json!("active"), &json!(true)));
    assert!((1700..=1800).contains(&profile["expires_in"].as_i64().unwrap()), "a string of seconds: {profile}");
    assert!(!world.url_file().exists(), "no browser");
    let before = stdout(&world.run(&["token", "robot"]));
    set(&world, "robot", "expires_at", "2026-01-01T00:00:00Z");
    assert_eq!(code(&world.run(&["status", "--within", "7d"])), 0, "a refreshable token does not count");
    let after = stdout(&world.run(&["token", "robot"]));
    assert!(after.starts_with("AQ") && after != before, "refreshed without a sign-in");
    assert_eq!(code(&world.run(&["token", "robot", "--min-ttl", "2h"])), 4, "no refresh yields that");
    assert_eq!(code(&world.run(&["login", "robot"])), 0, "the same command again");
    assert_eq!(code(&world.run(&["whoami", "robot"])), 5);
    assert_eq!(json(&world.run(&["check", "robot", "--json"]))["status"], "active");
    let exec =
        world.run(&["exec", "robot", "--", "sh", "-c", "echo ${LINKEDIN_ACCESS_TOKEN%%V*} ${LINKEDIN_MEMBER_ID-none}"]);
    assert_eq!(stdout(&exec), "AQ none\n");
    assert!(world.login("work", "ada", &[]).status.success());
    assert_eq!(code(&world.run(&["login", "work", "--client-credentials"])), 2, "a member's profile stays one");
    assert_eq!(code(&world.run(&["login", "robot", "--client-credentials", "--scope", "openid"])), 2);
}

#[test]
fn check_and_refresh_all_report_each_and_the_worst_exit_code() {
    let world = World::new(Some("refresh-tokens"));
    for (profile, member) in [("one", "ada"), ("two", "bruce")] {
        assert!(world.login(profile, member, &[]).status.success());
    }
    let checked = world.run(&["check", "--all", "--json"]);
    assert_eq!((code(&checked), json(&checked).as_array().unwrap().len()), (0, 2), "{}", stderr(&checked));
    let plain = world.run(&["check", "--all"]);
    assert!(stdout(&plain).starts_with("one: active, Ada Lovelace (urn:li:person:"), "{}", stdout(&plain));
    let refreshed = world.run(&["refresh", "--all", "--json"]);
    assert_eq!((code(&refreshed), json(&refreshed).as_array().unwrap().len()), (0, 2));
    assert_eq!(code(&world.run(&["refresh", "one", "--all"])), 2);
    // One fails with a server error, and is reported with the others.
    world.control("fault", &json!({"path_prefix": "/oauth/v2/introspectToken", "status": 503, "times": 1}));
    let checked = world.run(&["check", "--all", "--json"]);
    assert_eq!((code(&checked), json(&checked).as_array().unwrap().len()), (5, 2));
    std::fs::write(world.config().join("profiles/broken.toml"), "app = ").unwrap();
    let checked = world.run(&["check", "--all", "--json"]);
    assert_eq!((code(&checked), json(&checked).as_array().unwrap().len()), (6, 2));
    assert!(stderr(&checked).contains("broken.toml"), "{}", stderr(&checked));
}

#[test]
fn k05_token_refreshes_early_and_min_ttl_extends_it() {
    let world = World::signed_in(Some("refresh-tokens"));
    let first = stdout(&world.run(&["token", "work"]));
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(4);
    set(&world, "work", "expires_at", &soon.to_string());
    let second = stdout(&world.run(&["token", "work"]));
    assert_ne!(first, second);
    assert_eq!(stdout(&world.run(&["token", "work", "--min-ttl", "50d"])), second, "it is valid for longer");
    let late = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24);
    set(&world, "work", "expires_at", &late.to_string());
    assert_eq!(stdout(&world.run(&["token", "work"])), second);
    assert_ne!(stdout(&world.run(&["token", "work", "--min-ttl", "7d"])), second);
}

#[test]
fn c05_token_opens_no_browser_and_never_prompts() {
    let world = World::signed_in(None);
    set(&world, "work", "expires_at", "2026-01-01T00:00:00Z");
    let refused = world.run(&["token", "work"]);
    assert_eq!((code(&refused), stdout(&refused).as_str()), (4, ""));
    assert!(stderr(&refused).contains("linkedin-tui login work"), "{}", stderr(&refused));
    assert!(!world.url_file().exists());
}

#[test]
fn c06_unknown_names_and_names_like_flags() {
    let world = World::signed_in(None);
    for (arguments, wanted) in [
        (vec!["token", "nobody"], 3),
        (vec!["token", "wor"], 3),
        (vec!["token", "--", "work"], 0),
        (vec!["token", "--work"], 2),
        (vec!["token", "--", "--work"], 2),
        (vec!["token", "../work"], 2),
        (vec!["exec", "nobody", "--", "true"], 3),
    ] {
        assert_eq!(code(&world.run(&arguments)), wanted, "{arguments:?}");
    }
    let unknown = world.run(&["token", "nobody"]);
    assert!(stderr(&unknown).contains("There are: work"), "{}", stderr(&unknown));
}

#[test]
fn c04_c08_c10_output_is_clean_without_home_as_under_cron() {
    let world = World::signed_in(None);
    let token = stdout(&world.run(&["token", "work"]));
    let config = world.config();
    for env in [
        vec![],
        vec![("TZ", "Pacific/Kiritimati"), ("LC_ALL", "tr_TR.UTF-8")],
        vec![("TZ", ":/no/such/zone"), ("LANG", "C"), ("TERM", "dumb"), ("NO_COLOR", "1")],
    ] {
        let run = |arguments: &[&str]| {
            let mut command = world.command(arguments);
            command.env_clear().env("LINKEDIN_TUI_CONFIG_DIR", &config).envs(env.iter().copied()).output().unwrap()
        };
        let done = run(&["token", "work"]);
        assert_eq!((stdout(&done), stderr(&done)), (token.clone(), String::new()), "{env:?}");
        set(&world, "work", "expires_at", "2042-03-01T12:00:00Z");
        let status = json(&run(&["status", "--json"]));
        assert_eq!(status[0]["expires_at"], "2042-03-01T12:00:00Z", "{env:?}");
        assert!(status[0]["issued_at"].as_str().unwrap().ends_with('Z'));
    }
    let mut command = world.command(&["token", "work"]);
    let lost = command.env_clear().output().unwrap();
    assert!([3, 6].contains(&code(&lost)), "no folder, or an empty one: {}", stderr(&lost));
}

#[cfg(unix)]
#[test]
fn c08_x16_whatever_the_umask_every_file_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::signed_in(Some("refresh-tokens"));
    let line = "umask 000; \"$BIN\" refresh work && \"$BIN\" export work --format env --output out.env && \"$BIN\" profiles use work";
    let mut command = std::process::Command::new("sh");
    command.args(["-c", line]).env("BIN", env!("CARGO_BIN_EXE_linkedin-tui")).current_dir(world.dir.path());
    let done = command.env("LINKEDIN_TUI_CONFIG_DIR", world.config()).output().unwrap();
    assert!(done.status.success(), "{}", stderr(&done));
    let mut folders = vec![world.config()];
    let mut seen = vec![world.dir.path().join("out.env")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { seen.push(path) }
        }
    }
    for path in seen.iter().filter(|path| !path.ends_with("config.toml")) {
        let mode = std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", path.display());
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let kinds = [".toml", ".lock", ".env"];
        assert!(!name.starts_with('.') && kinds.iter().any(|kind| name.ends_with(kind)), "{name} is left over");
    }
}

#[test]
fn k01_a_clock_that_looks_wrong_is_reported() {
    let world = World::signed_in(None);
    let before = stdout(&world.run(&["token", "work"]));
    set(&world, "work", "issued_at", "2044-01-01T00:00:00Z");
    for arguments in [vec!["token", "work"], vec!["status"], vec!["check", "work"]] {
        let done = world.run(&arguments);
        assert!(stderr(&done).contains("clock looks wrong"), "{arguments:?}: {}", stderr(&done));
    }
    assert_eq!(stdout(&world.run(&["token", "work"])), before, "and the token is still there");
}

#[test]
fn a_flag_that_contradicts_a_saved_app_or_profile_is_an_error() {
    let world = World::signed_in(None);
    let before = std::fs::read_to_string(world.config().join("apps/work.toml")).unwrap();
    for more in [
        vec!["--client-id", "86another00000"],
        vec!["--redirect-url", "http://localhost:1/callback"],
        vec!["--app", "another"],
        vec!["--on-member-mismatch", "perhaps"],
        vec!["--scope", "r_liteprofile"],
        vec!["--browser", "x", "--no-browser"],
    ] {
        let arguments = [vec!["login", "work"], more].concat();
        assert_eq!(code(&world.run(&arguments)), 2, "{arguments:?}");
    }
    let fresh = ["login", "new", "--app", "work", "--client-id", "86another00000"];
    assert_eq!(code(&world.run(&fresh)), 2);
    assert_eq!(std::fs::read_to_string(world.config().join("apps/work.toml")).unwrap(), before);
    // The saved app with that client ID is used, with its secret and redirect URL.
    let mut command = world.command(&["login", "second", "--client-id", CLIENT_ID]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    world.allow(&world.browser_url(), "bruce");
    assert_eq!(code(&child.wait_with_output().unwrap()), 0);
    assert_eq!(json(&world.run(&["profiles", "show", "second", "--json"]))["app"], "work");
}

#[cfg(unix)]
#[test]
fn exec_refreshes_hides_secrets_and_passes_the_exit_code() {
    use std::os::unix::process::ExitStatusExt;
    let world = World::signed_in(Some("refresh-tokens"));
    let old = stdout(&world.run(&["token", "work"]));
    set(&world, "work", "expires_at", "2026-01-01T00:00:00Z");
    let mut command = world.command(&["exec", "work", "--", "env"]);
    let done = command.env("LINKEDIN_CLIENT_SECRET", "canary").env("LINKEDIN_ACCESS_TOKEN", "stale").output().unwrap();
    let printed = stdout(&done);
    let value =
        |name: &str| printed.lines().find_map(|line| line.strip_prefix(&format!("{name}="))).unwrap_or_default();
    assert_eq!(format!("{}\n", value("LINKEDIN_ACCESS_TOKEN")), stdout(&world.run(&["token", "work"])));
    assert_ne!(format!("{}\n", value("LINKEDIN_ACCESS_TOKEN")), old, "refreshed first");
    assert_eq!(value("LINKEDIN_MEMBER_URN"), format!("urn:li:person:{}", value("LINKEDIN_MEMBER_ID")));
    assert!(!printed.contains("canary") && !printed.contains("stale"), "{printed}");
    assert_eq!(code(&world.run(&["exec", "work", "--", "sh", "-c", "exit 37"])), 37);
    let killed = world.run(&["exec", "work", "--", "sh", "-c", "kill -TERM $$"]);
    assert_eq!(killed.status.signal(), Some(15), "a shell sees 128 + 15");
    // A signal to the program reaches the command: it is the same process.
    let mut command = world.command(&[
        "exec",
        "work",
        "--",
        "sh",
        "-c",
        "trap 'exit 9' TERM; echo ready; while :; do sleep 0.01; done",
    ]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut ready = [0; 6];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut ready).unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(9));
    let missing = world.run(&["exec", "work", "--", "no-such-command"]);
    assert_eq!(code(&missing), 2, "{}", stderr(&missing));
}

#[test]
fn a_changed_scope_set_warns_before_the_browser_opens() {
    let world = World::new(None);
    for profile in ["one", "two"] {
        assert!(world.login(profile, "ada", &["--app", "shared"]).status.success());
    }
    let child = world.start_login("two", &["--scope", "openid,profile"]);
    world.allow(&world.browser_url(), "ada");
    let done = child.wait_with_output().unwrap();
    let printed = stderr(&done);
    let (warned, opened) = (printed.find("warning: these scopes differ"), printed.find("browser opened"));
    assert!(done.status.success() && warned.unwrap() < opened.unwrap(), "{printed}");
    assert_eq!(json(&world.run(&["profiles", "show", "one", "--json"]))["status"], "unknown");
    assert_eq!(code(&world.run(&["check", "one"])), 4, "LinkedIn ended it");
}
