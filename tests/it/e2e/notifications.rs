//! Notifications: `status --notify`, the recipes of the documentation, the calendar.

use std::process::Output;

use crate::e2e::env::{TestEnv, json, stderr, stdout};

/// Creates an environment with an expired and a valid token, and `script` as the command of `[notify]`.
fn env_with_notify(script: &str) -> TestEnv {
    let env = TestEnv::signed_in(None);
    assert!(env.login("spare", "bruce", &[]).status.success());
    env.expire("work");
    let path = env.config().join("config.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, format!("{text}\n[notify]\ncommand = [\"sh\", \"-c\", '''{script}''']\n")).unwrap();
    env
}

fn notification_lines(env: &TestEnv) -> Vec<String> {
    let text = std::fs::read_to_string(env.dir.path().join("notified")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

const NOTIFY_SCRIPT: &str =
    "echo \"$LINKEDIN_TUI_PROFILE $LINKEDIN_TUI_STATUS $LINKEDIN_TUI_EXPIRES_AT\" >> notified; cat > last; env > env";

fn run_notify(env: &TestEnv, within: &str) -> Output {
    env.run(&["status", "--within", within, "--notify"])
}

#[test]
fn each_profile_is_notified_once_a_day_without_its_token() {
    let env = env_with_notify(NOTIFY_SCRIPT);
    let token = env.token("spare");
    let output = run_notify(&env, "7d");
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(4), ""));
    let lines = notification_lines(&env);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("work expired 2"), "{lines:?}");
    run_notify(&env, "7d");
    assert_eq!(notification_lines(&env).len(), 1, "once a day");
    // A profile that expires within the longer period is notified separately.
    assert_eq!(run_notify(&env, "90d").status.code(), Some(4));
    let lines = notification_lines(&env);
    assert!(lines.len() == 2 && lines[1].starts_with("spare active 2"), "{lines:?}");
    let text = std::fs::read_to_string(env.dir.path().join("last")).unwrap();
    let profile: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(profile, json(&env.run(&["profiles", "show", "spare", "--json"])));
    let environment = std::fs::read_to_string(env.dir.path().join("env")).unwrap();
    let saved = std::fs::read_to_string(env.config().join("notified.toml")).unwrap();
    assert!(![text, environment, saved.clone()].concat().contains(&token[..12]));
    // On the next day each profile is notified again.
    let today = saved.split('"').nth(1).unwrap();
    std::fs::write(env.config().join("notified.toml"), saved.replace(today, "2020-01-31")).unwrap();
    run_notify(&env, "90d");
    assert_eq!(notification_lines(&env).len(), 4);
}

#[test]
fn concurrent_runs_notify_once() {
    let env = env_with_notify(NOTIFY_SCRIPT);
    let start = |_| env.command(&["status", "--within", "90d", "--notify"]).stdout(std::process::Stdio::null()).spawn();
    let children: Vec<_> = (0..8).map(start).collect();
    for child in children {
        assert_eq!(child.unwrap().wait().unwrap().code(), Some(4));
    }
    let mut lines = notification_lines(&env);
    lines.sort();
    assert_eq!(lines.iter().map(|line| line.split(' ').next().unwrap()).collect::<Vec<_>>(), ["spare", "work"]);
}

#[test]
fn a_failed_notification_is_reported_and_retried() {
    let env = env_with_notify("echo once >> notified; echo 'no bus' >&2; test -e fixed");
    let output = run_notify(&env, "7d");
    assert_eq!(output.status.code(), Some(4), "the exit code of status stays");
    let shown = stderr(&output);
    assert!(shown.contains("work") && shown.contains("exit code 1. no bus"), "{shown}");
    std::fs::write(env.dir.path().join("fixed"), "").unwrap();
    assert_eq!(stderr(&run_notify(&env, "7d")), "");
    run_notify(&env, "7d");
    assert_eq!(notification_lines(&env).len(), 2);
    // Without a command there is nothing to run.
    let path = env.config().join("config.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, text.split("[notify]").next().unwrap()).unwrap();
    assert_eq!(run_notify(&env, "7d").status.code(), Some(2));
}

/// Returns the documented code block that starts with `start`.
fn documented_block(start: &str) -> String {
    let documents = [include_str!("../../../docs/notifications.md"), include_str!("../../../docs/scripting.md")];
    let blocks = documents.iter().flat_map(|text| text.split("\n```").skip(1).step_by(2));
    let mut texts = blocks.filter_map(|block| block.split_once('\n')).map(|(_, text)| text);
    texts.find(|text| text.starts_with(start)).unwrap_or_else(|| panic!("no recipe {start}")).to_owned()
}

#[test]
fn documented_timers_run_commands_of_this_program() {
    let env = env_with_notify(NOTIFY_SCRIPT);
    let service = documented_block("# linkedin-tui.service");
    let line = service.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let cron = documented_block("0 * * * *");
    let plist = documented_block("<?xml");
    let strings: Vec<&str> =
        plist.split("<string>").skip(2).filter_map(|text| text.split("</string>").next()).collect();
    let arguments_in = |text: &str| -> Vec<String> {
        let text = text.split("linkedin-tui ").nth(1).unwrap().split(" >").next().unwrap();
        text.split_whitespace().map(str::to_owned).collect()
    };
    let plist_arguments: Vec<String> = strings[1..].iter().map(|word| (*word).to_owned()).collect();
    for arguments in [arguments_in(line), arguments_in(&cron), plist_arguments] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = env.run(&arguments);
        // The service counts exit code 4 as success.
        assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(4), ""), "{arguments:?}");
    }
    assert!(service.contains("SuccessExitStatus=4"));
    assert_eq!(notification_lines(&env).len(), 1);
    // The documented table is valid TOML.
    let config: toml::Table = documented_block("# config.toml").parse().unwrap();
    assert_eq!(config["notify"]["command"].as_array().unwrap().len(), 3);
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs systemd-analyze"]
fn documented_units_satisfy_systemd() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new("systemd-analyze");
    command
        .args(["--user", "--man=no", "verify"])
        .env("HOME", directory.path())
        .env("XDG_RUNTIME_DIR", directory.path());
    for unit in ["linkedin-tui.service", "linkedin-tui.timer"] {
        let text = documented_block(&format!("# {unit}"));
        let text = text.replace("%h/.cargo/bin/linkedin-tui", env!("CARGO_BIN_EXE_linkedin-tui"));
        let path = directory.path().join(unit);
        std::fs::write(&path, text).unwrap();
        command.arg(path);
    }
    let output = command.output().unwrap();
    assert!(output.status.success() && stderr(&output).is_empty(), "{}", stderr(&output));
}

#[cfg(unix)]
#[test]
fn documented_shell_recipes_work() {
    let env = TestEnv::signed_in(None);
    std::fs::write(env.dir.path().join("note.md"), "---\ntitle: Hello\ndate: 2026-01-01\n---\nFirst (line).\n")
        .unwrap();
    let shell = |script: &str| {
        let inner = env.command(&[]);
        let mut command = std::process::Command::new("sh");
        command.args(["-euc", script]).env_clear().current_dir(env.dir.path());
        for (name, value) in inner.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        let binary_directory = std::path::Path::new(env!("CARGO_BIN_EXE_linkedin-tui")).parent().unwrap().display();
        command.env("PATH", format!("{binary_directory}:{}", std::env::var("PATH").unwrap()));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{script}: {}", stderr(&output));
        stdout(&output)
    };
    shell(&documented_block("title=$(sed"));
    let recent = env.sandbox_state()["posts"].to_string();
    assert!(recent.contains("Hello\\nFirst (line).") || recent.contains("Hello\\nFirst \\\\(line\\\\)."), "{recent}");
    // The line for this shell sets the variable that the next line reads.
    let export = documented_block("linkedin-tui exec work");
    let export = export.lines().find(|line| line.starts_with("eval")).unwrap().split(" #").next().unwrap().to_owned();
    let token = stdout(&env.run(&["token", "work"]));
    assert_eq!(shell(&format!("{export}\necho \"$LINKEDIN_ACCESS_TOKEN\"")), token);
}
