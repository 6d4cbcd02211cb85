//! The command line as a script uses it: exit codes, JSON shapes, nothing else on stdout.

mod concurrency;
mod sign_in;
mod streams;

use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::CommandFactory;
use linkedin_tui::internal::cli::Cli;
use linkedin_tui::internal::sandbox::Scenario;

use crate::e2e::test_env::{TestEnv, json, stderr, stdout};
use serde_json::json;

const MEMBER: &str = "bruce";

#[test]
fn login_then_token_prints_the_token() {
    let env = TestEnv::new(None);
    let output = env.login("work", MEMBER, &["--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let profile = json(&output);
    let keys: Vec<&str> = profile.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
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
    assert_eq!(keys, expected, "the documented keys in their order");
    assert_eq!(profile["name"], "work");
    assert_eq!(profile["current"], true);
    assert_eq!(profile["app"], "work");
    assert_eq!(profile["status"], "active");
    assert_eq!(profile["refreshable"], false);
    assert_eq!(profile["refresh_expires_at"], json!(null));
    let id = profile["member"]["id"].as_str().unwrap();
    assert_eq!(profile["member"]["urn"], format!("urn:li:person:{id}"));

    let token = env.run(&["token", "work"]);
    assert_eq!(token.status.code(), Some(0));
    let text = stdout(&token);
    assert!(text.starts_with("AQ") && text.ends_with('\n') && text.lines().count() == 1, "{}", text.len());
    assert_eq!(stderr(&token), "");
    let header = env.run(&["token", "--header"]);
    assert_eq!(stdout(&header), format!("Authorization: Bearer {text}"));
    let token_json = json(&env.run(&["token", "work", "--json"]));
    assert_eq!(token_json["access_token"], text.trim());
    assert_eq!(token_json["token_type"], "Bearer");
    assert_eq!(token_json["profile"], "work");
    let keys: Vec<&str> = token_json.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["profile", "access_token", "token_type", "expires_at", "scopes"]);
    assert_eq!(env.sandbox_state()["requests"]["POST /oauth/v2/accessToken"], 1);
}

#[test]
fn c03_exit_codes_are_as_documented() {
    let env = TestEnv::new(None);
    let code = |arguments: &[&str]| env.run(arguments).status.code().unwrap();
    assert_eq!(code(&["--help"]), 0);
    assert_eq!(code(&["no-such-command"]), 2);
    assert_eq!(code(&["token", "--nonsense"]), 2);
    assert_eq!(code(&["token", "missing"]), 3);
    assert_eq!(code(&["token"]), 3);
    assert_eq!(code(&["profiles", "show", "Not A Slug"]), 2);
    assert_eq!(code(&["apps", "show", "nothing"]), 3);
    assert_eq!(code(&["profiles", "list"]), 0);
    assert_eq!(code(&["status"]), 0);
    assert_eq!(code(&["login", "x"]), 2);
    assert_eq!(code(&["login", "x", "--client-id", "a", "--scope", "r_liteprofile"]), 2);
}

#[test]
fn an_error_names_what_to_run_instead() {
    let env = TestEnv::new(None);
    for (arguments, code, expected) in [
        (&["logout"][..], 2, "linkedin-tui revoke PROFILE"),
        (&["setup"], 2, "To set up an app and a profile: linkedin-tui"),
        (&["list"], 2, "linkedin-tui status"),
        (&["auth"], 2, "linkedin-tui login PROFILE"),
        (&["apps", "ls"], 2, "tip: a similar subcommand exists: 'list'"),
        (&["stauts"], 2, "tip: some similar subcommands exist: 'status'"),
        (&["--sandbox", "--scenario", "nope", "status"], 2, "The sandbox has no scenario nope."),
        (&["token"], 3, "Set up an app and a profile: linkedin-tui"),
        (&["status"], 0, "Set up an app and a profile: linkedin-tui"),
        (&["refresh", "--all"], 0, "No profile can be refreshed without a sign-in."),
    ] {
        let output = env.run(arguments);
        let printed = stderr(&output);
        assert!(printed.contains(expected), "{arguments:?}: {printed}");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {printed}");
        assert_eq!(printed.contains("tip:"), expected.contains("tip:"), "{arguments:?}: {printed}");
    }
    let hint = json(&env.run(&["logout", "--json"]))["error"]["hint"].as_str().unwrap().to_owned();
    assert!(hint.contains("linkedin-tui revoke") && !hint.contains("login"), "{hint}");
}

#[test]
fn c07_errors_are_json_with_the_json_flag() {
    let env = TestEnv::new(None);
    let refused = env.run(&["token", "missing", "--json"]);
    let error = &json(&refused)["error"];
    assert_eq!(error["code"], "no_such_profile");
    assert!(error["message"].is_string() && error["hint"].is_string());
    // The flag is global: it counts before the command, too, and clap sees no conflict from there.
    assert_eq!(json(&env.run(&["--json", "token", "missing"]))["error"]["code"], "no_such_profile");
    for arguments in [["--json", "token", "--header"], ["--json", "login", "--print-token"]] {
        let refused = env.run(&arguments);
        assert_eq!((refused.status.code(), &json(&refused)["error"]["code"]), (Some(2), &json!("bad_input")));
    }
    let usage = env.run(&["token", "--json", "--nonsense"]);
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
        assert_eq!(json(&env.run(arguments))["error"]["message"], message);
    }
}

#[test]
fn c03_an_invalid_client_id_is_bad_input() {
    let env = TestEnv::new(None);
    for command in [&["apps", "add", "x"][..], &["login", "x", "--no-browser", "--timeout", "1"]] {
        for client_id in ["", " ", "a b", "86abc\u{1b}[31m", "86abc&x=y"] {
            let arguments = [command, &["--json", "--client-id", client_id]].concat();
            let output = env.command(&arguments).env("LINKEDIN_CLIENT_SECRET", "s3cret").output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stdout(&output));
            assert_eq!(json(&output)["error"]["code"], "bad_input");
        }
    }
    assert_eq!(json(&env.run(&["apps", "list", "--json"])), json!([]));
}

#[test]
fn profiles_are_listed_switched_renamed_and_deleted() {
    let env = TestEnv::new(None);
    assert_eq!(env.login("one", MEMBER, &[]).status.code(), Some(0));
    assert_eq!(env.login("two", MEMBER, &[]).status.code(), Some(0));
    let names = |output| -> Vec<(String, bool)> {
        let rows = json(&output);
        let pair =
            |row: &serde_json::Value| (row["name"].as_str().unwrap().to_owned(), row["current"].as_bool().unwrap());
        rows.as_array().unwrap().iter().map(pair).collect()
    };
    assert_eq!(names(env.run(&["profiles", "list", "--json"])), [("one".into(), true), ("two".into(), false)]);
    assert_eq!(env.run(&["profiles", "use", "two"]).status.code(), Some(0));
    assert_eq!(env.run(&["profiles", "rename", "two", "three"]).status.code(), Some(0));
    assert_eq!(names(env.run(&["status", "--json"])), [("one".into(), false), ("three".into(), true)]);
    assert_eq!(env.run(&["profiles", "delete", "three"]).status.code(), Some(0));
    assert_eq!(names(env.run(&["profiles", "list", "--json"])), [("one".into(), false)]);
    assert_eq!(env.run(&["status", "--within", "7d"]).status.code(), Some(0));
    assert_eq!(env.run(&["status", "--within", "90d"]).status.code(), Some(4));
    assert_eq!(env.run(&["apps", "delete", "one"]).status.code(), Some(2));
}

#[test]
fn profile_comes_from_flag_variable_file_or_current_one() {
    let env = TestEnv::new(None);
    env.login("one", MEMBER, &[]);
    env.login("two", MEMBER, &[]);
    let profile_name = |output| json(&output)["name"].as_str().unwrap().to_owned();
    assert_eq!(profile_name(env.run(&["profiles", "show", "--json"])), "one");
    std::fs::write(env.dir.path().join(".linkedin-tui"), "two\n").unwrap();
    assert_eq!(profile_name(env.run(&["profiles", "show", "--json"])), "two");
    let mut command = env.command(&["profiles", "show", "--json"]);
    assert_eq!(profile_name(command.env("LINKEDIN_TUI_PROFILE", "one").output().unwrap()), "one");
    assert_eq!(profile_name(env.run(&["profiles", "show", "--json", "--profile", "two"])), "two");
}

#[test]
fn check_and_whoami_send_requests_to_linkedin() {
    let env = TestEnv::new(None);
    env.login("work", MEMBER, &[]);
    let signed_in = env.run(&["profiles", "show", "work", "--json"]);
    assert!(json(&signed_in)["checked_at"].is_string(), "a sign-in that names its member is a check");
    let checked = env.run(&["check", "work", "--json"]);
    assert_eq!(checked.status.code(), Some(0), "{}", stderr(&checked));
    assert!(json(&checked)["checked_at"].is_string());
    let me = env.run(&["whoami", "--json"]);
    assert_eq!(me.status.code(), Some(0), "{}", stderr(&me));
    assert!(json(&me)["member"]["urn"].as_str().unwrap().starts_with("urn:li:person:"));
    env.control("revoke-member-grants", &json!({}));
    let revoked = env.run(&["check", "work", "--json"]);
    assert_eq!(revoked.status.code(), Some(4), "{}", stderr(&revoked));
    assert_eq!(json(&revoked)["status"], "revoked");
    let status = stdout(&env.run(&["status"]));
    assert!(status.starts_with("* work  revoked             -  "), "{status}");
    assert_eq!(env.run(&["token", "work"]).status.code(), Some(4));
}

#[test]
#[cfg(unix)]
fn bash_completes_names_of_the_selected_directory() {
    let env = TestEnv::signed_in(None);
    let script = env.dir.path().join("completions.bash");
    std::fs::write(&script, stdout(&env.run(&["completions", "bash"]))).unwrap();
    let directory = PathBuf::from(env!("CARGO_BIN_EXE_linkedin-tui")).parent().unwrap().to_owned();
    let complete = |words: &[&str]| {
        let program = r#"
            . "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
            _clap_complete_linkedin_tui linkedin-tui "${COMP_WORDS[COMP_CWORD]}"
            printf '%s\n' "${COMPREPLY[@]}""#;
        let path = std::env::join_paths([directory.clone(), "/usr/bin".into(), "/bin".into()]).unwrap();
        let mut shell = Command::new("bash");
        let output = shell.args(["-c", program, "bash"]).arg(&script).args(words).env("PATH", path).output().unwrap();
        let printed = stdout(&output);
        let candidates: Vec<String> = printed.lines().map(|line| line.trim_end().to_owned()).collect();
        (candidates, stderr(&output))
    };
    let config = env.config().to_string_lossy().into_owned();
    let program = ["linkedin-tui", "--config-dir", config.as_str()];
    for (words, expected) in [
        (["token", "w"].as_slice(), ["work"].as_slice()),
        (&["--profile", ""], &["work"]),
        (&["token", "x"], &[]),
        (&["login", "--scope", "w_member_s"], &["w_member_social", "w_member_social_feed"]),
        (&["--scenario", "hostile"], &["hostile-names"]),
        (&["refr"], &["refresh"]),
    ] {
        let (candidates, errors) = complete(&[program.as_slice(), words].concat());
        let candidates: Vec<&str> = candidates.iter().map(String::as_str).filter(|line| !line.is_empty()).collect();
        assert_eq!(candidates, expected, "{words:?}: {errors}");
    }
    // Without the options, the names are those of another directory.
    assert!(!complete(&["linkedin-tui", "token", ""]).0.contains(&"work".to_owned()));
}

#[test]
fn help_and_completions_are_printed() {
    let env = TestEnv::new(None);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(stdout(&env.run(&["completions", shell])).contains("linkedin-tui"), "{shell}");
    }
    assert!(stdout(&env.run(&["login", "--help"])).contains("Example"));
    assert!(json(&env.run(&["scopes", "--json"]))["scopes"].as_array().unwrap().len() > 30);
}

#[test]
fn man_prints_one_page_with_every_command() {
    let page = stdout(&TestEnv::new(None).run(&["man"]));
    let with_macro = |name: &str| page.lines().filter(|line| line.starts_with(name)).collect::<Vec<_>>();
    assert_eq!(with_macro(".TH").len(), 1, "{page}");
    let parts = with_macro(".SS");
    assert!(parts.contains(&r#".SS "linkedin\-tui profiles rename""#), "{parts:?}");
    for command in Cli::command().get_subcommands() {
        let part = format!(r#".SS "linkedin\-tui {}""#, command.get_name());
        assert!(parts.contains(&part.as_str()), "{part} is missing from {parts:?}");
    }
    assert!(page.contains(r"\fB\-\-min\-ttl\fR \fI<DURATION>\fR"), "the options of a command are described");
    assert!(!page.contains("(1)"), "the page refers to another page");
    let headings = with_macro(".SH");
    assert_eq!(headings.first(), Some(&".SH NAME"));
    assert!(headings.contains(&".SH COMMANDS"), "{headings:?}");
}

#[test]
fn u11_without_a_terminal_the_interface_names_commands() {
    let env = TestEnv::new(None);
    let refused = env.run(&[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("login") && !stderr(&refused).contains('\u{1b}') && stdout(&refused).is_empty());
}

#[test]
fn s21_the_config_directory_is_found_or_required() {
    let env = TestEnv::new(None);
    let home = env.dir.path().join("a home");
    let run = |variables: &[(&str, &str)]| {
        let mut command =
            env.command(&["apps", "add", "one", "--client-id", "86abcdefghijkl", "--client-secret-stdin"]);
        command.env_remove("LINKEDIN_TUI_CONFIG_DIR").env_remove("HOME").envs(variables.iter().copied());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"s3cret\n"));
        child.wait_with_output().unwrap()
    };
    let home_text = home.to_str().unwrap();
    let xdg = home.join("x d g");
    for (variables, directory) in [
        (vec![("HOME", home_text)], home.join(".config")),
        (vec![("HOME", home_text), ("XDG_CONFIG_HOME", "relative")], home.join(".config")),
        (vec![("HOME", home_text), ("XDG_CONFIG_HOME", "")], home.join(".config")),
        (vec![("HOME", home_text), ("XDG_CONFIG_HOME", xdg.to_str().unwrap())], xdg.clone()),
    ] {
        let output = run(&variables);
        assert_eq!(output.status.code(), Some(0), "{variables:?}: {}", stderr(&output));
        assert!(directory.join("linkedin-tui/apps/one.toml").exists(), "{variables:?}");
        std::fs::remove_dir_all(&home).unwrap();
    }
    let relative = run(&[("HOME", home_text), ("LINKEDIN_TUI_CONFIG_DIR", "here")]);
    assert_eq!(relative.status.code(), Some(6));
    assert!(stderr(&relative).contains("--config-dir"), "{}", stderr(&relative));
    assert!(!env.dir.path().join("here").exists(), "the working directory is never used");
    #[cfg(unix)]
    {
        let deleted = env.dir.path().join("deleted");
        std::fs::create_dir(&deleted).unwrap();
        let script = "rmdir ../deleted; exec \"$0\" --config-dir rel profiles list";
        let mut command = std::process::Command::new("sh");
        command.args(["-c", script, env!("CARGO_BIN_EXE_linkedin-tui")]).current_dir(&deleted);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(6));
        let message = stderr(&output);
        assert!(message.contains("rel cannot be resolved") && !message.contains("HOME"), "{message}");
    }
}

#[test]
fn x01_x03_x05_no_secret_is_in_any_output_or_command_line() {
    let env = TestEnv::new(Some("refresh-tokens"));
    let child = env.start_login("work", &["-vv"]);
    let url = env.browser_url();
    let arguments = std::fs::read(format!("/proc/{}/cmdline", child.id())).unwrap_or_default();
    assert!(!String::from_utf8_lossy(&arguments).contains(linkedin_tui::internal::sandbox::CLIENT_SECRET));
    assert!(!url.as_str().contains(linkedin_tui::internal::sandbox::CLIENT_SECRET), "x07: the URL has no secret");
    env.approve_and_follow(&url, MEMBER);
    let output = child.wait_with_output().unwrap();
    let printed = stderr(&output);
    assert!(printed.contains("POST 127.0.0.1/oauth/v2/accessToken: 200"), "{printed}");
    assert!(printed.contains("callback server: responded to GET with 303"), "{printed}");
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    // The printed URL contains the state parameter; the log must not repeat it.
    let logged: String = printed.lines().filter(|line| line.contains("INFO") || line.contains("DEBUG")).collect();
    assert!(!logged.is_empty() && !logged.contains(&state), "{logged}");
    let token = stdout(&env.run(&["token", "work", "-vv"]));
    let mut printed = format!("{}{printed}", stdout(&output));
    for arguments in [
        vec!["status", "-vv"],
        vec!["profiles", "show", "work", "--json"],
        vec!["profiles", "list"],
        vec!["apps", "show", "work", "--json"],
        vec!["check", "work", "-vv"],
        vec!["whoami", "work", "--json"],
        vec!["refresh", "work", "-vv"],
    ] {
        let output = env.run(&arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
        printed.extend([stdout(&output), stderr(&output)]);
    }
    for secret in [token.trim(), linkedin_tui::internal::sandbox::CLIENT_SECRET] {
        let hex = secret.bytes().take(12).fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        let base64_form = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &secret[..12]);
        let encoded: String = url::form_urlencoded::byte_serialize(&secret.as_bytes()[..12]).collect();
        for form in [&secret[..12], hex.as_str(), base64_form.as_str(), encoded.as_str()] {
            assert!(!printed.contains(form), "{printed}");
        }
    }
}

#[test]
fn s05_a_damaged_state_file_loses_only_its_content() {
    let env = TestEnv::new(None);
    assert!(env.login("work", MEMBER, &[]).status.success());
    let path = env.config().join("state.toml");
    std::fs::write(&path, "current = \"work").unwrap();
    for arguments in [&["status", "--json"][..], &["profiles", "list", "--json"], &["check", "work", "--json"]] {
        let output = env.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
        let value = crate::e2e::test_env::json(&output);
        let row = if value.is_array() { &value[0] } else { &value };
        assert_eq!((&row["name"], &row["current"]), (&json!("work"), &json!(false)), "{arguments:?}");
        assert!(stderr(&output).contains("state.toml"), "{arguments:?} reports it");
    }
    let again = env.login("work", MEMBER, &[]);
    assert!(again.status.success(), "{}", stderr(&again));
    assert_eq!(std::fs::read_to_string(path).unwrap(), "current = \"work", "a damaged file is not overwritten");
}

#[test]
fn sandbox_lists_its_scenarios() {
    let env = TestEnv::new(None);
    let printed = stdout(&env.run(&["sandbox", "--list-scenarios"]));
    let listed = json(&env.run(&["sandbox", "--list-scenarios", "--json"]));
    assert_eq!(printed.lines().count(), Scenario::ALL.len());
    for ((line, row), scenario) in printed.lines().zip(listed.as_array().unwrap()).zip(Scenario::ALL) {
        let (name, description) = line.split_once(' ').unwrap();
        assert_eq!((name, description.trim()), (scenario.name(), scenario.description()));
        assert_eq!((row["name"].as_str(), row["description"].as_str()), (Some(name), Some(scenario.description())));
    }
}

#[cfg(not(feature = "mcp"))]
#[test]
fn a_build_without_the_server_for_assistants_says_so() {
    let output = TestEnv::new(None).run(&["mcp"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("install one with the Cargo feature mcp"), "{}", stderr(&output));
}

#[test]
fn version_is_one_line_unless_verbose() {
    let env = TestEnv::new(None);
    let plain = concat!("linkedin-tui ", env!("CARGO_PKG_VERSION"), "\n");
    for arguments in [&["--version"][..], &["-V"]] {
        assert_eq!(stdout(&env.run(arguments)), plain, "{arguments:?}");
    }
    for arguments in [&["--version", "--verbose"][..], &["-v", "-V"], &["-Vv"], &["--verbose", "-V"]] {
        let output = env.run(arguments);
        let text = stdout(&output);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        let details = text.strip_prefix(plain).unwrap_or_else(|| panic!("{arguments:?}: {text}"));
        let names: Vec<&str> = details.lines().filter_map(|line| Some(line.split_once(": ")?.0)).collect();
        assert_eq!(names, ["commit", "target", "features", "compiler"], "{text}");
        let features = text.lines().find_map(|line| line.strip_prefix("features: ")).unwrap();
        let has = |name| features.split(", ").any(|feature| feature == name);
        assert_eq!((has("keyring"), has("mcp")), (cfg!(feature = "keyring"), cfg!(feature = "mcp")), "{features}");
        assert!(text.contains(std::env::consts::ARCH) && text.contains("compiler: rustc 1."), "{text}");
    }
}
