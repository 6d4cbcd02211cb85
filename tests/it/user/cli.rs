//! The command line as a script uses it: exit codes, JSON shapes, nothing else on stdout.

use std::process::Stdio;

use crate::user::world::{World, json, stderr, stdout};
use serde_json::json;

const MEMBER: &str = "bruce";

#[test]
fn login_then_token_is_the_main_job() {
    let world = World::new(None);
    let done = world.login("work", MEMBER, &["--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    let profile = json(&done);
    let keys: Vec<&str> = profile.as_object().unwrap().keys().map(String::as_str).collect();
    let wanted = [
        "name",
        "current",
        "app",
        "status",
        "member",
        "scopes",
        "issued_at",
        "expires_at",
        "expires_in",
        "refreshable",
        "refresh_expires_at",
        "checked_at",
    ];
    assert_eq!(keys, wanted, "in the order of the contract");
    assert_eq!(profile["name"], "work");
    assert_eq!(profile["current"], true);
    assert_eq!(profile["app"], "work");
    assert_eq!(profile["status"], "active");
    assert_eq!(profile["refreshable"], false);
    assert_eq!(profile["refresh_expires_at"], json!(null));
    let id = profile["member"]["id"].as_str().unwrap();
    assert_eq!(profile["member"]["urn"], format!("urn:li:person:{id}"));

    let token = world.run(&["token", "work"]);
    assert_eq!(token.status.code(), Some(0));
    let text = stdout(&token);
    assert!(text.starts_with("AQ") && text.ends_with('\n') && text.lines().count() == 1, "{}", text.len());
    assert_eq!(stderr(&token), "");
    let header = world.run(&["token", "--header"]);
    assert_eq!(stdout(&header), format!("Authorization: Bearer {text}"));
    let whole = json(&world.run(&["token", "work", "--json"]));
    assert_eq!(whole["access_token"], text.trim());
    assert_eq!(whole["token_type"], "Bearer");
    assert_eq!(whole["profile"], "work");
    let keys: Vec<&str> = whole.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["profile", "access_token", "token_type", "expires_at", "scopes"]);
    assert_eq!(world.sandbox_state()["requests"]["POST /oauth/v2/accessToken"], 1);
}

#[test]
fn c03_exit_codes_are_those_of_the_contract() {
    let world = World::new(None);
    let code = |arguments: &[&str]| world.run(arguments).status.code().unwrap();
    assert_eq!(code(&["--help"]), 0);
    assert_eq!(code(&["no-such-command"]), 2);
    assert_eq!(code(&["token", "--nonsense"]), 2);
    assert_eq!(code(&["token", "nobody"]), 3);
    assert_eq!(code(&["token"]), 3);
    assert_eq!(code(&["profiles", "show", "Not A Slug"]), 2);
    assert_eq!(code(&["apps", "show", "nothing"]), 3);
    assert_eq!(code(&["profiles", "list"]), 0);
    assert_eq!(code(&["status"]), 0);
    assert_eq!(code(&["login", "x"]), 2);
    assert_eq!(code(&["login", "x", "--client-id", "a", "--scope", "r_liteprofile"]), 2);
}

#[test]
fn c07_errors_are_json_with_the_json_flag() {
    let world = World::new(None);
    let refused = world.run(&["token", "nobody", "--json"]);
    let error = &json(&refused)["error"];
    assert_eq!(error["code"], "no_such_profile");
    assert!(error["message"].is_string() && error["hint"].is_string());
    // The flag is global: it counts before the command, too, and clap sees no conflict from there.
    assert_eq!(json(&world.run(&["--json", "token", "nobody"]))["error"]["code"], "no_such_profile");
    for arguments in [["--json", "token", "--header"], ["--json", "login", "--print-token"]] {
        let refused = world.run(&arguments);
        assert_eq!((refused.status.code(), &json(&refused)["error"]["code"]), (Some(2), &json!("bad_input")));
    }
    let usage = world.run(&["token", "--json", "--nonsense"]);
    assert_eq!(usage.status.code(), Some(2));
    assert_eq!(json(&usage)["error"]["code"], "bad_input");
    for (arguments, message) in [
        (&["profiles", "delete", "--json"][..], "the following required arguments were not provided: <PROFILE>"),
        (
            &["profiles", "rename", "--json"],
            "the following required arguments were not provided: <PROFILE>, <NEW_NAME>",
        ),
        (&["token", "--nonsense", "--json"], "unexpected argument '--nonsense' found"),
        (
            &["apps", "add", "x", "--flow", "y", "--json"],
            "invalid value 'y' for '--flow <FLOW>' [possible values: standard, native-pkce]",
        ),
    ] {
        assert_eq!(json(&world.run(arguments))["error"]["message"], message);
    }
}

#[test]
fn a_denied_consent_exits_4_and_saves_nothing() {
    let world = World::new(Some("cancel-at-consent"));
    let done = world.login("work", MEMBER, &["--json"]);
    assert_eq!(done.status.code(), Some(4), "{}", stderr(&done));
    assert_eq!(json(&done)["error"]["code"], "denied");
    assert_eq!(world.run(&["token", "work"]).status.code(), Some(3));
}

#[test]
fn a_wrong_secret_opens_no_browser() {
    let world = World::new(None);
    let mut command = world.command(&[
        "login",
        "work",
        "--client-id",
        linkedin_tui::internal::sandbox::CLIENT_ID,
        "--json",
        "--redirect-url",
        &world.redirect_url(),
    ]);
    let done = command.env("LINKEDIN_CLIENT_SECRET", "WPL_AP1.wrong.secret==").output().unwrap();
    assert_eq!(done.status.code(), Some(5), "{}", stderr(&done));
    assert_eq!(json(&done)["error"]["code"], "client_refused");
    assert!(!world.url_file().exists());
}

#[test]
fn c03_an_impossible_client_id_is_bad_input() {
    let world = World::new(None);
    for command in [&["apps", "add", "x"][..], &["login", "x", "--no-browser", "--timeout", "1"]] {
        for bad in ["", " ", "a b", "86abc\u{1b}[31m", "86abc&x=y"] {
            let arguments = [command, &["--json", "--client-id", bad]].concat();
            let done = world.command(&arguments).env("LINKEDIN_CLIENT_SECRET", "s3cret").output().unwrap();
            assert_eq!(done.status.code(), Some(2), "{arguments:?}: {}", stdout(&done));
            assert_eq!(json(&done)["error"]["code"], "bad_input");
        }
    }
    assert_eq!(json(&world.run(&["apps", "list", "--json"])), json!([]));
}

#[test]
fn profiles_are_listed_switched_renamed_and_deleted() {
    let world = World::new(None);
    assert_eq!(world.login("one", MEMBER, &[]).status.code(), Some(0));
    assert_eq!(world.login("two", MEMBER, &[]).status.code(), Some(0));
    let names = |output| -> Vec<(String, bool)> {
        let rows = json(&output);
        let pair =
            |row: &serde_json::Value| (row["name"].as_str().unwrap().to_owned(), row["current"].as_bool().unwrap());
        rows.as_array().unwrap().iter().map(pair).collect()
    };
    assert_eq!(names(world.run(&["profiles", "list", "--json"])), [("one".into(), true), ("two".into(), false)]);
    assert_eq!(world.run(&["profiles", "use", "two"]).status.code(), Some(0));
    assert_eq!(world.run(&["profiles", "rename", "two", "three"]).status.code(), Some(0));
    assert_eq!(names(world.run(&["status", "--json"])), [("one".into(), false), ("three".into(), true)]);
    assert_eq!(world.run(&["profiles", "delete", "three"]).status.code(), Some(0));
    assert_eq!(names(world.run(&["profiles", "list", "--json"])), [("one".into(), false)]);
    assert_eq!(world.run(&["status", "--within", "7d"]).status.code(), Some(0));
    assert_eq!(world.run(&["status", "--within", "90d"]).status.code(), Some(4));
    assert_eq!(world.run(&["apps", "delete", "one"]).status.code(), Some(2));
}

#[test]
fn profile_comes_from_flag_variable_file_or_current_one() {
    let world = World::new(None);
    world.login("one", MEMBER, &[]);
    world.login("two", MEMBER, &[]);
    let shown = |output| json(&output)["name"].as_str().unwrap().to_owned();
    assert_eq!(shown(world.run(&["profiles", "show", "--json"])), "one");
    std::fs::write(world.dir.path().join(".linkedin-tui"), "two\n").unwrap();
    assert_eq!(shown(world.run(&["profiles", "show", "--json"])), "two");
    let mut command = world.command(&["profiles", "show", "--json"]);
    assert_eq!(shown(command.env("LINKEDIN_TUI_PROFILE", "one").output().unwrap()), "one");
    assert_eq!(shown(world.run(&["profiles", "show", "--json", "--profile", "two"])), "two");
}

#[test]
fn check_and_whoami_ask_linkedin() {
    let world = World::new(None);
    world.login("work", MEMBER, &[]);
    let checked = world.run(&["check", "work", "--json"]);
    assert_eq!(checked.status.code(), Some(0), "{}", stderr(&checked));
    assert!(json(&checked)["checked_at"].is_string());
    let me = world.run(&["whoami", "--json"]);
    assert_eq!(me.status.code(), Some(0), "{}", stderr(&me));
    assert!(json(&me)["member"]["urn"].as_str().unwrap().starts_with("urn:li:person:"));
    world.control("revoke-member-grants", &json!({}));
    let revoked = world.run(&["check", "work", "--json"]);
    assert_eq!(revoked.status.code(), Some(4), "{}", stderr(&revoked));
    assert_eq!(json(&revoked)["status"], "revoked");
    assert_eq!(world.run(&["token", "work"]).status.code(), Some(4));
}

#[test]
fn t21_different_member_changes_nothing_without_a_choice() {
    let world = World::new(None);
    world.login("work", "bruce", &[]);
    let before = std::fs::read(world.config().join("profiles/work.toml")).unwrap();
    let other = world.login("work", "ada", &["--json"]);
    assert_eq!(other.status.code(), Some(4), "{}", stderr(&other));
    assert_eq!(json(&other)["error"]["code"], "different_member");
    assert_eq!(std::fs::read(world.config().join("profiles/work.toml")).unwrap(), before);
    let saved = world.login("work", "ada", &["--json", "--on-member-mismatch", "new:second"]);
    assert_eq!(saved.status.code(), Some(0), "{}", stderr(&saved));
    assert_eq!(json(&saved)["name"], "second");
    assert_eq!(std::fs::read(world.config().join("profiles/work.toml")).unwrap(), before);
}

/// Runs a shell command, in which `$BIN` is the program.
#[cfg(target_os = "linux")]
fn shell(world: &World, line: &str) -> std::process::Output {
    let mut command = std::process::Command::new("sh");
    command.args(["-c", line]).env("BIN", env!("CARGO_BIN_EXE_linkedin-tui"));
    command.env("LINKEDIN_TUI_CONFIG_DIR", world.config()).output().unwrap()
}

#[test]
fn c01_a_reader_that_is_gone_is_no_failure() {
    let world = World::new(None);
    for (command, code) in [
        (&["scopes"][..], 0),
        (&["scopes", "--json"], 0),
        (&["--help"], 0),
        (&["--version"], 0),
        (&["token", "nobody", "--json"], 3),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let done = world.command(command).stdout(writer).stderr(Stdio::piped()).spawn().unwrap().wait_with_output();
        let done = done.unwrap();
        assert_eq!((done.status.code(), stderr(&done)), (Some(code), String::new()), "{command:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn c02_a_full_stdout_is_reported_on_stderr() {
    let world = World::new(None);
    for command in ["scopes", "status --json", "--help", "--version", "login --help", "completions bash", "man"] {
        let full = shell(&world, &format!("\"$BIN\" {command} > /dev/full"));
        assert_eq!(full.status.code(), Some(6), "{command}");
        assert!(stderr(&full).contains("could not be written"), "{command}: {}", stderr(&full));
    }
    let refused = shell(&world, "\"$BIN\" token nobody --json > /dev/full");
    assert_eq!(refused.status.code(), Some(3), "the first error counts");
    assert!(stderr(&refused).contains("no profile called nobody"), "{}", stderr(&refused));
}

#[cfg(target_os = "linux")]
#[test]
fn c02_closed_or_discarded_stdout_is_harmless() {
    let world = World::new(None);
    assert!(world.login("work", MEMBER, &[]).status.success());
    for command in ["token work", "token work --header", "token work --json", "export work --format env", "status"] {
        for stdout in [">&-", "> /dev/null", "1<> /dev/null"] {
            let done = shell(&world, &format!("\"$BIN\" {command} {stdout}"));
            assert_eq!((done.status.code(), stderr(&done)), (Some(0), String::new()), "{command} {stdout}");
        }
    }
    let missing = shell(&world, "\"$BIN\" token nobody --json >&-");
    assert_eq!(missing.status.code(), Some(3));
}

#[test]
fn help_completions_and_man_are_there() {
    let world = World::new(None);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(stdout(&world.run(&["completions", shell])).contains("linkedin-tui"), "{shell}");
    }
    assert!(stdout(&world.run(&["man"])).contains(".TH linkedin-tui"));
    assert!(stdout(&world.run(&["login", "--help"])).contains("Example"));
    assert!(json(&world.run(&["scopes", "--json"]))["scopes"].as_array().unwrap().len() > 30);
}

#[test]
fn u11_without_a_terminal_the_interface_points_at_the_commands() {
    let world = World::new(None);
    let refused = world.run(&[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("login") && !stderr(&refused).contains('\u{1b}') && stdout(&refused).is_empty());
}

#[test]
fn s10_32_processes_make_one_refresh_request() {
    let world = World::new(Some("refresh-tokens"));
    assert!(world.login("work", MEMBER, &[]).status.success());
    world.expire("work");
    let children: Vec<_> =
        (0..32).map(|_| world.command(&["token", "work"]).stdout(Stdio::piped()).spawn().unwrap()).collect();
    let tokens: std::collections::HashSet<String> = children
        .into_iter()
        .map(|child| {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success());
            stdout(&output)
        })
        .collect();
    assert_eq!(tokens.len(), 1, "all print the same token");
    assert_eq!(world.sandbox_state()["requests"]["POST /oauth/v2/accessToken"], 2, "one exchange, one refresh");
}

#[test]
fn s10_t15_32_processes_try_a_refused_refresh_token_once() {
    let world = World::new(Some("refresh-tokens"));
    assert!(world.login("work", MEMBER, &[]).status.success());
    world.expire("work");
    let refused =
        json!({"error": "invalid_request", "error_description": "refresh token is invalid, expired or revoked"});
    world.control(
        "fault",
        &json!({"path_prefix": "/oauth/v2/accessToken", "times": 99, "status": 400, "body": refused.to_string()}),
    );
    let children: Vec<_> =
        (0..32).map(|_| world.command(&["token", "work"]).stderr(Stdio::piped()).spawn().unwrap()).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(4));
        assert!(stderr(&output).contains("linkedin-tui login work"));
    }
    assert_eq!(world.run(&["exec", "work", "--", "true"]).status.code(), Some(4));
    assert_eq!(world.sandbox_state()["requests"]["POST /oauth/v2/accessToken"], 2, "one exchange, one refresh");
    let status = crate::user::world::json(&world.run(&["status", "--json"]));
    assert_eq!((&status[0]["refreshable"], &status[0]["status"]), (&json!(false), &json!("expired")));
    // Signing in fixes it.
    world.control("fault", &json!({"path_prefix": "/nothing", "times": 1, "status": 400, "body": ""}));
}

#[test]
fn s11_a_killed_refresh_blocks_nothing() {
    let world = World::new(Some("refresh-tokens"));
    assert!(world.login("work", MEMBER, &[]).status.success());
    world.expire("work");
    world.control(
        "fault",
        &json!({"path_prefix": "/oauth/v2/accessToken", "delay_ms": 60_000, "times": 1, "status": 500, "body": ""}),
    );
    let mut winner = world.command(&["token", "work"]).spawn().unwrap();
    crate::support::wait_for("the refresh to be asked for", || {
        (world.sandbox_state()["requests"]["POST /oauth/v2/accessToken"] == 2).then_some(())
    });
    winner.kill().unwrap();
    winner.wait().unwrap();
    let next = world.run(&["token", "work"]);
    assert_eq!(next.status.code(), Some(0), "{}", stderr(&next));
}

#[test]
fn s21_the_directory_is_detected_or_required() {
    let world = World::new(None);
    let home = world.dir.path().join("a home");
    let run = |env: &[(&str, &str)]| {
        let mut command =
            world.command(&["apps", "add", "one", "--client-id", "86abcdefghijkl", "--client-secret-stdin"]);
        command.env_remove("LINKEDIN_TUI_CONFIG_DIR").env_remove("HOME").envs(env.iter().copied());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"s3cret\n"));
        child.wait_with_output().unwrap()
    };
    let home_text = home.to_str().unwrap();
    let xdg = home.join("x d g");
    for (env, folder) in [
        (vec![("HOME", home_text)], home.join(".config")),
        (vec![("HOME", home_text), ("XDG_CONFIG_HOME", "relative")], home.join(".config")),
        (vec![("HOME", home_text), ("XDG_CONFIG_HOME", "")], home.join(".config")),
        (vec![("HOME", home_text), ("XDG_CONFIG_HOME", xdg.to_str().unwrap())], xdg.clone()),
    ] {
        let done = run(&env);
        assert_eq!(done.status.code(), Some(0), "{env:?}: {}", stderr(&done));
        assert!(folder.join("linkedin-tui/apps/one.toml").exists(), "{env:?}");
        std::fs::remove_dir_all(&home).unwrap();
    }
    let relative = run(&[("HOME", home_text), ("LINKEDIN_TUI_CONFIG_DIR", "here")]);
    assert_eq!(relative.status.code(), Some(6));
    assert!(stderr(&relative).contains("--config-dir"), "{}", stderr(&relative));
    assert!(!world.dir.path().join("here").exists(), "never into the working folder");
}

#[test]
fn l26_a_second_sign_in_names_the_first() {
    let world = World::new(None);
    let first = world.start_login("work", &[]);
    let url = world.browser_url();
    let second = world.start_login("spare", &[]).wait_with_output().unwrap();
    assert_eq!(second.status.code(), Some(7));
    let printed = stderr(&second);
    assert!(printed.contains("linkedin-tui") && printed.contains(&first.id().to_string()), "{printed}");
    assert!(printed.contains("Another sign-in is running"), "{printed}");
    world.allow(&url, MEMBER);
    assert!(first.wait_with_output().unwrap().status.success());
}

#[test]
fn l01_a_flood_of_wrong_callbacks_is_a_few_lines() {
    let world = World::new(None);
    let child = world.start_login("work", &[]);
    let url = world.browser_url();
    let wrong = url::Url::parse(&format!("{}?code=AQ1&state=wrong", world.redirect_url())).unwrap();
    world.runtime.block_on(async {
        for _ in 0..60 {
            assert!(crate::user::world::follow(wrong.clone()).await.contains("is still waiting"));
        }
    });
    world.allow(&url, MEMBER);
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success());
    let printed = stderr(&done).matches("rejected a callback").count();
    assert!((1..20).contains(&printed), "{printed} lines");
}

#[test]
fn an_imitation_may_name_itself_or_linkedin_as_the_issuer() {
    let world = World::new(None);
    let own = format!("{}oauth", world.sandbox.base());
    for issuer in ["https://www.linkedin.com", "https://www.linkedin.com/oauth", &own] {
        let child = world.start_login("work", &["--timeout", "20"]);
        let url = world.browser_url();
        world.runtime.block_on(async {
            let mut callback = world.sandbox.approve(&url, MEMBER).await.unwrap();
            callback.query_pairs_mut().append_pair("iss", issuer);
            crate::user::world::follow(callback).await;
        });
        let done = child.wait_with_output().unwrap();
        assert!(done.status.success(), "{issuer}: {}", stderr(&done));
    }
}

#[test]
fn l28_a_missing_callback_times_out() {
    let world = World::new(None);
    let done = world.start_login("work", &["--timeout", "1"]).wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(4));
    let printed = stderr(&done);
    assert!(
        printed.contains(&world.redirect_url()) && printed.contains(linkedin_tui::internal::sandbox::CLIENT_ID),
        "{printed}"
    );
    assert!(std::net::TcpListener::bind(("127.0.0.1", world.port)).is_ok(), "the port is free");
}

#[test]
fn x01_x03_x05_no_secret_is_in_any_output_or_command_line() {
    let world = World::new(Some("refresh-tokens"));
    let child = world.start_login("work", &["-vv"]);
    let url = world.browser_url();
    let arguments = std::fs::read(format!("/proc/{}/cmdline", child.id())).unwrap_or_default();
    assert!(!String::from_utf8_lossy(&arguments).contains(linkedin_tui::internal::sandbox::CLIENT_SECRET));
    assert!(!url.as_str().contains(linkedin_tui::internal::sandbox::CLIENT_SECRET), "x07");
    world.allow(&url, MEMBER);
    let done = child.wait_with_output().unwrap();
    let printed = stderr(&done);
    assert!(printed.contains("POST 127.0.0.1/oauth/v2/accessToken: 200"), "{printed}");
    assert!(printed.contains("callback server: GET answered with 303"), "{printed}");
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    // The address that is printed for people carries the state; the log must not repeat it.
    let logged: String = printed.lines().filter(|line| line.contains("INFO") || line.contains("DEBUG")).collect();
    assert!(!logged.is_empty() && !logged.contains(&state), "{logged}");
    let token = stdout(&world.run(&["token", "work", "-vv"]));
    let mut printed = format!("{}{printed}", stdout(&done));
    for arguments in [
        vec!["status", "-vv"],
        vec!["profiles", "show", "work", "--json"],
        vec!["profiles", "list"],
        vec!["apps", "show", "work", "--json"],
        vec!["check", "work", "-vv"],
        vec!["whoami", "work", "--json"],
        vec!["refresh", "work", "-vv"],
    ] {
        let output = world.run(&arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
        printed.extend([stdout(&output), stderr(&output)]);
    }
    for secret in [token.trim(), linkedin_tui::internal::sandbox::CLIENT_SECRET] {
        let hex = secret.bytes().take(12).fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        let coded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &secret[..12]);
        let encoded: String = url::form_urlencoded::byte_serialize(&secret.as_bytes()[..12]).collect();
        for form in [&secret[..12], hex.as_str(), coded.as_str(), encoded.as_str()] {
            assert!(!printed.contains(form), "{printed}");
        }
    }
}

#[test]
fn s05_a_damaged_state_file_loses_only_its_content() {
    let world = World::new(None);
    assert!(world.login("work", MEMBER, &[]).status.success());
    let path = world.config().join("state.toml");
    std::fs::write(&path, "current = \"work").unwrap();
    for arguments in [&["status", "--json"][..], &["profiles", "list", "--json"], &["check", "work", "--json"]] {
        let done = world.run(arguments);
        assert_eq!(done.status.code(), Some(0), "{arguments:?}: {}", stderr(&done));
        let value = crate::user::world::json(&done);
        let row = if value.is_array() { &value[0] } else { &value };
        assert_eq!((&row["name"], &row["current"]), (&json!("work"), &json!(false)), "{arguments:?}");
        assert!(stderr(&done).contains("state.toml"), "{arguments:?} reports it");
    }
    let again = world.login("work", MEMBER, &[]);
    assert!(again.status.success(), "{}", stderr(&again));
    assert_eq!(std::fs::read_to_string(path).unwrap(), "current = \"work", "it is not overwritten");
}
