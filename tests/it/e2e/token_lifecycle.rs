//! Tokens on the command line: apps of every kind, refreshes, checks of many profiles.

use std::process::{Output, Stdio};

use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET};
use serde_json::json;

use crate::e2e::test_env::{TestEnv, json, stderr, stdout};
use crate::support::wait_for;

fn exit_code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// Sets a key of a profile's file.
fn set_key(env: &TestEnv, profile: &str, key: &str, value: &str) {
    let path = env.config().join(format!("profiles/{profile}.toml"));
    let text = std::fs::read_to_string(&path).unwrap();
    let line = |line: &str| {
        if line.starts_with(&format!("{key} =")) { format!("{key} = \"{value}\"") } else { line.to_owned() }
    };
    std::fs::write(&path, format!("{}\n", text.lines().map(line).collect::<Vec<_>>().join("\n"))).unwrap();
}

#[test]
fn native_pkce_needs_no_secret_and_no_registered_port() {
    let env = TestEnv::new(Some("refresh-tokens"));
    let scopes = ["openid", "profile", "email", "w_member_social"];
    env.control("app", &json!({"client_id": "86native0pkce1", "native_pkce": true, "scopes": scopes}));
    let add = ["apps", "add", "phone", "--client-id", "86native0pkce1", "--flow", "native-pkce", "--json"];
    let added = env.run(&add);
    assert_eq!(exit_code(&added), 0, "{}", stderr(&added));
    assert_eq!(json(&added)["flow"], "native-pkce");
    assert_eq!(
        (&json(&added)["has_secret"], &json(&added)["redirect_url"]),
        (&json!(false), &json!("http://127.0.0.1:0"))
    );
    let with_localhost = [
        "apps",
        "add",
        "second",
        "--client-id",
        "86x",
        "--flow",
        "native-pkce",
        "--redirect-url",
        "http://localhost:3000/callback",
    ];
    assert_eq!(exit_code(&env.run(&with_localhost)), 2, "a native app accepts no host name");
    let mut command = env.command(&["login", "work", "--app", "phone", "--json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let url = env.browser_url();
    assert!(url.path().ends_with("/native-pkce/authorization"), "{url}");
    env.approve_and_follow(&url, "ada");
    let output = child.wait_with_output().unwrap();
    assert_eq!(exit_code(&output), 0, "{}", stderr(&output));
    assert_eq!(json(&output)["refreshable"], true);
    let before = stdout(&env.run(&["token", "work"]));
    assert_eq!(exit_code(&env.run(&["refresh", "work"])), 0);
    assert_ne!(stdout(&env.run(&["token", "work"])), before);
    assert_eq!(json(&env.run(&["check", "work", "--json"]))["status"], "active");
    let revoked = env.run(&["revoke", "work", "--json"]);
    assert_eq!(json(&revoked)["status"], "signed-out", "the token is deleted even if LinkedIn does not confirm");
}

#[test]
fn client_credentials_have_no_member_and_refresh() {
    let env = TestEnv::new(None);
    let redirect = env.redirect_url();
    let app = ["--client-id", CLIENT_ID, "--client-secret-stdin", "--redirect-url", &redirect];
    let login = [&["login", "robot", "--client-credentials", "--json"], &app[..]].concat();
    let refused = env.run_with_stdin(&login, format!("{CLIENT_SECRET}\n"));
    assert_eq!((exit_code(&refused), &json(&refused)["error"]["code"]), (5, &json!("not_permitted")));
    env.control("app", &json!({"client_id": CLIENT_ID, "client_credentials": true}));
    let output = env.run_with_stdin(&login, format!("{CLIENT_SECRET}\n"));
    assert_eq!(exit_code(&output), 0, "{}", stderr(&output));
    let profile = json(&output);
    assert_eq!((&profile["member"], &profile["scopes"]), (&json!(null), &json!([])));
    assert_eq!((&profile["status"], &profile["refreshable"]), (&json!("active"), &json!(true)));
    assert!((1700..=1800).contains(&profile["expires_in"].as_i64().unwrap()), "a string of seconds: {profile}");
    assert!(!env.url_file().exists(), "no browser");
    let before = stdout(&env.run(&["token", "robot"]));
    set_key(&env, "robot", "expires_at", "2026-01-01T00:00:00Z");
    assert_eq!(exit_code(&env.run(&["status", "--within", "7d"])), 0, "a refreshable token does not count");
    let after = stdout(&env.run(&["token", "robot"]));
    assert!(after.starts_with("AQ") && after != before, "refreshed without a sign-in");
    let output = env.run(&["token", "robot", "--min-ttl", "2h"]);
    assert_eq!(exit_code(&output), 4, "no token lasts that long");
    assert!(stderr(&output).contains("none is valid for 2 h."), "{}", stderr(&output));
    assert_eq!(exit_code(&env.run(&["login", "robot"])), 0, "the same command again");
    assert_eq!(exit_code(&env.run(&["whoami", "robot"])), 5);
    assert_eq!(json(&env.run(&["check", "robot", "--json"]))["status"], "active");
    let exec =
        env.run(&["exec", "robot", "--", "sh", "-c", "echo ${LINKEDIN_ACCESS_TOKEN%%V*} ${LINKEDIN_MEMBER_ID-none}"]);
    assert_eq!(stdout(&exec), "AQ none\n");
    assert!(env.login("work", "ada", &[]).status.success());
    assert_eq!(
        exit_code(&env.run(&["login", "work", "--client-credentials"])),
        2,
        "a profile of a member cannot change to client credentials"
    );
    assert_eq!(exit_code(&env.run(&["login", "robot", "--client-credentials", "--scope", "openid"])), 2);
    let options = [
        &["--scope", "openid"][..],
        &["--browser", "firefox"],
        &["--no-browser"],
        &["--manual"],
        &["--timeout", "5"],
        &["--on-member-mismatch", "discard"],
        &["--show-token-in-browser"],
    ];
    for option in options {
        let output = env.run(&[&["login", "robot"], option].concat());
        assert_eq!(exit_code(&output), 2, "{option:?}");
        assert!(stderr(&output).contains("uses client credentials"), "{option:?}: {}", stderr(&output));
    }
}

#[test]
fn check_and_refresh_all_report_each_and_the_worst_exit_code() {
    let env = TestEnv::new(Some("refresh-tokens"));
    for (profile, member) in [("one", "ada"), ("two", "bruce")] {
        assert!(env.login(profile, member, &[]).status.success());
    }
    let checked = env.run(&["check", "--all", "--json"]);
    assert_eq!((exit_code(&checked), json(&checked).as_array().unwrap().len()), (0, 2), "{}", stderr(&checked));
    let plain = env.run(&["check", "--all"]);
    assert!(stdout(&plain).starts_with("one: active, Ada Lovelace (urn:li:person:"), "{}", stdout(&plain));
    let refreshed = env.run(&["refresh", "--all", "--json"]);
    assert_eq!((exit_code(&refreshed), json(&refreshed).as_array().unwrap().len()), (0, 2));
    assert_eq!(exit_code(&env.run(&["refresh", "one", "--all"])), 2);
    // One fails with a server error, and is reported with the others.
    env.control("fault", &json!({"path_prefix": "/oauth/v2/introspectToken", "status": 503, "times": 1}));
    let checked = env.run(&["check", "--all", "--json"]);
    assert_eq!((exit_code(&checked), json(&checked).as_array().unwrap().len()), (5, 2));
    std::fs::write(env.config().join("profiles/broken.toml"), "app = ").unwrap();
    let checked = env.run(&["check", "--all", "--json"]);
    assert_eq!((exit_code(&checked), json(&checked).as_array().unwrap().len()), (6, 2));
    assert!(stderr(&checked).contains("broken.toml"), "{}", stderr(&checked));
}

#[test]
fn refresh_all_refreshes_four_at_once() {
    let env = TestEnv::new(Some("refresh-tokens"));
    for number in 0..5 {
        assert!(env.login(&format!("p{number}"), "ada", &[]).status.success());
    }
    let count = || env.sandbox_state()["requests"]["POST /oauth/v2/accessToken"].as_u64().unwrap();
    let before = count();
    env.control(
        "fault",
        &json!({"path_prefix": "/oauth/v2/accessToken", "status": 500, "times": 100, "delay_ms": 60_000}),
    );
    let mut child = env.command(&["refresh", "--all"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_for("four requests before the first response", || (count() - before == 4).then_some(()));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn damaged_profiles_and_apps_can_be_deleted() {
    let env = TestEnv::signed_in(None);
    for directory in ["profiles", "apps"] {
        std::fs::write(env.config().join(directory).join("broken.toml"), "app = ").unwrap();
    }
    let app = env.run(&["apps", "delete", "broken"]);
    assert_eq!(exit_code(&app), 6, "the damaged profile may use it");
    assert!(stderr(&app).contains("profiles delete broken"), "{}", stderr(&app));
    for command in ["profiles", "apps"] {
        let deleted = env.run(&[command, "delete", "broken", "--json"]);
        assert_eq!((exit_code(&deleted), json(&deleted)), (0, json!({"name": "broken"})), "{}", stderr(&deleted));
        assert!(!env.config().join(command).join("broken.toml").exists());
        assert_eq!(exit_code(&env.run(&[command, "delete", "broken"])), 3);
    }
}

#[cfg(unix)]
#[test]
fn deleting_a_link_says_where_the_token_still_is() {
    let env = TestEnv::signed_in(None);
    let target = env.dir.path().join("elsewhere.toml");
    for (directory, kept) in [("profiles", "access_token"), ("apps", "client_secret")] {
        std::fs::copy(env.config().join(directory).join("work.toml"), &target).unwrap();
        let link = env.config().join(directory).join("linked.toml");
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let deleted = env.run(&[directory, "delete", "linked"]);
        assert_eq!(exit_code(&deleted), 0, "{}", stderr(&deleted));
        assert!(stderr(&deleted).contains(target.to_str().unwrap()), "{}", stderr(&deleted));
        assert!(!link.is_symlink() && std::fs::read_to_string(&target).unwrap().contains(kept), "{directory}");
    }
}

#[test]
fn k05_token_refreshes_early_and_min_ttl_extends_it() {
    let env = TestEnv::signed_in(Some("refresh-tokens"));
    let first = stdout(&env.run(&["token", "work"]));
    let in_four_minutes = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(4);
    set_key(&env, "work", "expires_at", &in_four_minutes.to_string());
    let second = stdout(&env.run(&["token", "work"]));
    assert_ne!(first, second);
    assert_eq!(stdout(&env.run(&["token", "work", "--min-ttl", "50d"])), second, "it is valid for longer");
    let tomorrow = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24);
    set_key(&env, "work", "expires_at", &tomorrow.to_string());
    assert_eq!(stdout(&env.run(&["token", "work"])), second);
    assert_ne!(stdout(&env.run(&["token", "work", "--min-ttl", "7d"])), second);
}

#[test]
fn c05_token_opens_no_browser_and_never_prompts() {
    let env = TestEnv::signed_in(None);
    set_key(&env, "work", "expires_at", "2026-01-01T00:00:00Z");
    let refused = env.run(&["token", "work"]);
    assert_eq!((exit_code(&refused), stdout(&refused).as_str()), (4, ""));
    assert!(stderr(&refused).contains("linkedin-tui login work"), "{}", stderr(&refused));
    assert!(!env.url_file().exists());
}

#[test]
fn c06_unknown_names_and_names_like_flags() {
    let env = TestEnv::signed_in(None);
    for (arguments, expected) in [
        (vec!["token", "missing"], 3),
        (vec!["token", "wor"], 3),
        (vec!["token", "--", "work"], 0),
        (vec!["token", "--work"], 2),
        (vec!["token", "--", "--work"], 2),
        (vec!["token", "../work"], 2),
        (vec!["exec", "missing", "--", "true"], 3),
    ] {
        assert_eq!(exit_code(&env.run(&arguments)), expected, "{arguments:?}");
    }
    let unknown = env.run(&["token", "missing"]);
    assert!(stderr(&unknown).contains("Saved profiles: work"), "{}", stderr(&unknown));
}

#[test]
fn c04_c08_c10_output_is_clean_under_cron() {
    let env = TestEnv::signed_in(None);
    let token = stdout(&env.run(&["token", "work"]));
    let config = env.config();
    for variables in [
        vec![],
        vec![("TZ", "Pacific/Kiritimati"), ("LC_ALL", "tr_TR.UTF-8")],
        vec![("TZ", ":/no/such/zone"), ("LANG", "C"), ("TERM", "dumb"), ("NO_COLOR", "1")],
    ] {
        let run = |arguments: &[&str]| {
            let mut command = env.command(arguments);
            command
                .env_clear()
                .env("LINKEDIN_TUI_CONFIG_DIR", &config)
                .envs(variables.iter().copied())
                .output()
                .unwrap()
        };
        let output = run(&["token", "work"]);
        assert_eq!((stdout(&output), stderr(&output)), (token.clone(), String::new()), "{variables:?}");
        set_key(&env, "work", "expires_at", "2042-03-01T12:00:00Z");
        let status = json(&run(&["status", "--json"]));
        assert_eq!(status[0]["expires_at"], "2042-03-01T12:00:00Z", "{variables:?}");
        assert!(status[0]["issued_at"].as_str().unwrap().ends_with('Z'));
    }
    let mut command = env.command(&["token", "work"]);
    let without_directory = command.env_clear().output().unwrap();
    assert!(
        [3, 6].contains(&exit_code(&without_directory)),
        "no directory, or an empty one: {}",
        stderr(&without_directory)
    );
}

#[cfg(unix)]
#[test]
fn c08_x16_every_file_is_private_with_any_umask() {
    use std::os::unix::fs::PermissionsExt;
    let env = TestEnv::signed_in(Some("refresh-tokens"));
    let line = "umask 000; \"$BIN\" refresh work && \"$BIN\" export work --format env --output out.env && \"$BIN\" profiles use work";
    let mut command = std::process::Command::new("sh");
    command.args(["-c", line]).env("BIN", env!("CARGO_BIN_EXE_linkedin-tui")).current_dir(env.dir.path());
    let output = command.env("LINKEDIN_TUI_CONFIG_DIR", env.config()).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let mut directories = vec![env.config()];
    let mut files = vec![env.dir.path().join("out.env")];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() { directories.push(path) } else { files.push(path) }
        }
    }
    for path in files.iter().filter(|path| !path.ends_with("config.toml")) {
        let mode = std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", path.display());
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let kinds = [".toml", ".lock", ".env"];
        assert!(!name.starts_with('.') && kinds.iter().any(|kind| name.ends_with(kind)), "{name} is left over");
    }
}

#[test]
fn k01_a_clock_that_looks_wrong_is_reported() {
    let env = TestEnv::signed_in(None);
    let before = stdout(&env.run(&["token", "work"]));
    set_key(&env, "work", "issued_at", "2044-01-01T00:00:00Z");
    for arguments in [vec!["token", "work"], vec!["status"], vec!["check", "work"]] {
        let output = env.run(&arguments);
        assert!(stderr(&output).contains("clock looks wrong"), "{arguments:?}: {}", stderr(&output));
    }
    assert_eq!(stdout(&env.run(&["token", "work"])), before, "the token is unchanged");
}

#[test]
fn a_flag_that_contradicts_a_saved_app_is_an_error() {
    let env = TestEnv::signed_in(None);
    let before = std::fs::read_to_string(env.config().join("apps/work.toml")).unwrap();
    for more in [
        vec!["--client-id", "86different000"],
        vec!["--redirect-url", "http://localhost:1/callback"],
        vec!["--app", "second-app"],
        vec!["--on-member-mismatch", "perhaps"],
        vec!["--scope", "r_liteprofile"],
        vec!["--browser", "x", "--no-browser"],
    ] {
        let arguments = [vec!["login", "work"], more].concat();
        assert_eq!(exit_code(&env.run(&arguments)), 2, "{arguments:?}");
    }
    let new_profile = ["login", "new", "--app", "work", "--client-id", "86different000"];
    assert_eq!(exit_code(&env.run(&new_profile)), 2);
    assert_eq!(std::fs::read_to_string(env.config().join("apps/work.toml")).unwrap(), before);
    // The saved app with that client ID is used, with its secret and redirect URL.
    let mut command = env.command(&["login", "second", "--client-id", CLIENT_ID]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    env.approve_and_follow(&env.browser_url(), "bruce");
    assert_eq!(exit_code(&child.wait_with_output().unwrap()), 0);
    assert_eq!(json(&env.run(&["profiles", "show", "second", "--json"]))["app"], "work");
}

#[cfg(unix)]
#[test]
fn exec_refreshes_and_passes_the_exit_code() {
    use std::os::unix::process::ExitStatusExt;
    let env = TestEnv::signed_in(Some("refresh-tokens"));
    let old = stdout(&env.run(&["token", "work"]));
    set_key(&env, "work", "expires_at", "2026-01-01T00:00:00Z");
    let mut command = env.command(&["exec", "work", "--", "env"]);
    let output =
        command.env("LINKEDIN_CLIENT_SECRET", "canary").env("LINKEDIN_ACCESS_TOKEN", "stale").output().unwrap();
    let printed = stdout(&output);
    let value =
        |name: &str| printed.lines().find_map(|line| line.strip_prefix(&format!("{name}="))).unwrap_or_default();
    assert_eq!(format!("{}\n", value("LINKEDIN_ACCESS_TOKEN")), stdout(&env.run(&["token", "work"])));
    assert_ne!(format!("{}\n", value("LINKEDIN_ACCESS_TOKEN")), old, "refreshed first");
    assert_eq!(value("LINKEDIN_MEMBER_URN"), format!("urn:li:person:{}", value("LINKEDIN_MEMBER_ID")));
    assert!(!printed.contains("canary") && !printed.contains("stale"), "{printed}");
    assert_eq!(exit_code(&env.run(&["exec", "work", "--", "sh", "-c", "exit 37"])), 37);
    let killed = env.run(&["exec", "work", "--", "sh", "-c", "kill -TERM $$"]);
    assert_eq!(killed.status.signal(), Some(15), "a shell sees 128 + 15");
    // The command replaces the program in its process, so a signal reaches it.
    let mut command = env.command(&[
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
    let missing = env.run(&["exec", "work", "--", "no-such-command"]);
    assert_eq!(exit_code(&missing), 2, "{}", stderr(&missing));
}

#[test]
fn a_changed_scope_set_warns_before_the_browser_opens() {
    let env = TestEnv::new(None);
    for profile in ["one", "two"] {
        assert!(env.login(profile, "ada", &["--app", "shared"]).status.success());
    }
    let child = env.start_login("two", &["--scope", "openid,profile"]);
    env.approve_and_follow(&env.browser_url(), "ada");
    let output = child.wait_with_output().unwrap();
    let printed = stderr(&output);
    let (warned, opened) = (printed.find("warning: these scopes differ"), printed.find("browser opened"));
    assert!(output.status.success() && warned.unwrap() < opened.unwrap(), "{printed}");
    assert_eq!(json(&env.run(&["profiles", "show", "one", "--json"]))["status"], "unknown");
    assert_eq!(exit_code(&env.run(&["check", "one"])), 4, "LinkedIn revoked the token");
}
