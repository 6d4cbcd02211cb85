//! Notifications: `status --notify` and its timer, and the recipes of the documentation.

use std::process::Output;

use crate::e2e::test_env::{TestEnv, json, stderr, stdout};

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
fn each_notice_is_sent_once_a_day_without_the_token() {
    let env = env_with_notify(NOTIFY_SCRIPT);
    let token = env.token("spare");
    let output = run_notify(&env, "7d");
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(4), ""));
    let lines = notification_lines(&env);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("work expired 2"), "{lines:?}");
    run_notify(&env, "7d");
    assert_eq!(notification_lines(&env).len(), 1, "once a day");
    // A profile that expires within the longer period gets a notice of its own.
    assert_eq!(run_notify(&env, "90d").status.code(), Some(4));
    let lines = notification_lines(&env);
    assert!(lines.len() == 2 && lines[1].starts_with("spare active 2"), "{lines:?}");
    let text = std::fs::read_to_string(env.dir.path().join("last")).unwrap();
    let profile: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(profile, json(&env.run(&["profiles", "show", "spare", "--json"])));
    let environment = std::fs::read_to_string(env.dir.path().join("env")).unwrap();
    let saved = std::fs::read_to_string(env.config().join("notified.toml")).unwrap();
    assert!(![text, environment, saved.clone()].concat().contains(&token[..12]));
    // On the next day each notice is sent again.
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
    // Only --notify has an effect, so the advice depends on it.
    let hint = |arguments: &[&str]| stderr(&env.run(&[&["status", "--dry-run"], arguments].concat()));
    assert!(hint(&[]).contains("status changes nothing"), "{}", hint(&[]));
    let hint = hint(&["--notify"]);
    assert!(hint.contains("--notify then runs the command") && !hint.contains("changes nothing"), "{hint}");
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
    let run_shell = |script: &str| {
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
    run_shell(&documented_block("title=$(sed"));
    let recent = env.sandbox_state()["posts"].to_string();
    assert!(recent.contains("Hello\\nFirst (line).") || recent.contains("Hello\\nFirst \\\\(line\\\\)."), "{recent}");
    // The line for this shell sets the variable that the next line reads.
    let export = documented_block("linkedin-tui exec work");
    let export = export.lines().find(|line| line.starts_with("eval")).unwrap().split(" #").next().unwrap().to_owned();
    let token = stdout(&env.run(&["token", "work"]));
    assert_eq!(run_shell(&format!("{export}\necho \"$LINKEDIN_ACCESS_TOKEN\"")), token);
}

/// Runs `status` with only these programs in `PATH`; each appends its arguments to the file `calls`.
#[cfg(target_os = "linux")]
fn run_with_programs(env: &TestEnv, programs: &[(&str, &str)], arguments: &[&str]) -> Output {
    let directory = env.dir.path().join("programs");
    drop(std::fs::remove_dir_all(&directory));
    std::fs::create_dir(&directory).unwrap();
    for (name, script) in programs {
        let path = directory.join(name);
        std::fs::write(&path, format!("#!/bin/sh\necho {name} \"$@\" >> \"$HOME/calls\"\n{script}\n")).unwrap();
        crate::e2e::test_env::make_executable(&path);
    }
    drop(std::fs::remove_file(env.dir.path().join("calls")));
    let mut command = env.command(&["status"]);
    command.args(arguments).env("PATH", directory).env_remove("XDG_CONFIG_HOME").output().unwrap()
}

#[cfg(target_os = "linux")]
fn calls(env: &TestEnv) -> String {
    std::fs::read_to_string(env.dir.path().join("calls")).unwrap_or_default()
}

#[cfg(target_os = "linux")]
#[test]
fn timer_is_installed_with_systemd_and_removed() {
    let env = env_with_notify(NOTIFY_SCRIPT);
    let units = env.dir.path().join(".config/systemd/user");
    let systemctl = [("systemctl", "")];
    let shown = run_with_programs(&env, &systemctl, &["--install-timer", "--dry-run"]);
    assert_eq!(shown.status.code(), Some(0), "{}", stderr(&shown));
    assert!(stdout(&shown).contains("Write ") && stdout(&shown).contains("  ExecStart="), "{}", stdout(&shown));
    assert!(!units.exists() && !calls(&env).contains("enable"), "nothing was changed");
    let output = run_with_programs(&env, &systemctl, &["--install-timer", "--within", "14d"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let lines: Vec<String> = stdout(&output).lines().map(str::to_owned).collect();
    let [service, timer] = ["service", "timer"].map(|kind| units.join(format!("linkedin-tui.{kind}")));
    assert_eq!(
        lines,
        [
            format!("Wrote {}", service.display()),
            format!("Wrote {}", timer.display()),
            "Ran systemctl --user daemon-reload".to_owned(),
            "Ran systemctl --user enable --now linkedin-tui.timer".to_owned(),
        ]
    );
    assert!(
        calls(&env).ends_with("systemctl --user daemon-reload\nsystemctl --user enable --now linkedin-tui.timer\n")
    );
    assert!(stderr(&output).contains("--uninstall-timer"), "{}", stderr(&output));
    // What systemd would run notifies.
    let text = std::fs::read_to_string(&service).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    assert!(line.contains(" --within 14d ") && line.contains("--config-dir"), "{line}");
    let words: Vec<&str> = line.split(' ').collect();
    let status = std::process::Command::new(words[0]).args(&words[1..]).current_dir(env.dir.path()).output().unwrap();
    assert_eq!(status.status.code(), Some(4), "{}", stderr(&status));
    assert_eq!(notification_lines(&env).len(), 1);
    let removed = run_with_programs(&env, &systemctl, &["--uninstall-timer"]);
    assert_eq!(removed.status.code(), Some(0), "{}", stderr(&removed));
    assert!(!service.exists() && !timer.exists());
    assert!(calls(&env).contains("systemctl --user disable --now linkedin-tui.timer"), "{}", calls(&env));
    let again = run_with_programs(&env, &systemctl, &["--uninstall-timer"]);
    assert!(again.status.success() && stderr(&again).contains("No timer is installed"), "{}", stderr(&again));
}

#[cfg(target_os = "linux")]
#[test]
fn timer_falls_back_to_cron_and_keeps_other_lines() {
    let env = env_with_notify(NOTIFY_SCRIPT);
    let table = env.dir.path().join("crontab");
    let crontab = "if [ \"$1\" = -l ]; then\n  [ -e \"$HOME/crontab\" ] || { echo 'no crontab for ada' >&2; exit 1; }\n  \
                   /bin/cat \"$HOME/crontab\"\nelse\n  /bin/cat > \"$HOME/crontab\"\nfi";
    let programs = [("systemctl", "exit 1"), ("crontab", crontab)];
    std::fs::write(&table, "# mine\n5 4 * * * true").unwrap();
    for within in ["7d", "36h"] {
        let output = run_with_programs(&env, &programs, &["--install-timer", "--within", within]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(stdout(&output).starts_with("Ran crontab - with the line: 0 9 * * *  "), "{}", stdout(&output));
    }
    let text = std::fs::read_to_string(&table).unwrap();
    let (others, own): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| !line.contains("--notify"));
    assert_eq!(others, ["# mine", "5 4 * * * true"]);
    assert!(own.len() == 1 && own[0].contains("--within 129600s --notify"), "installed once: {own:?}");
    let command = own[0].strip_prefix("0 9 * * *  ").unwrap();
    let status = std::process::Command::new("sh").args(["-c", command]).current_dir(env.dir.path()).output().unwrap();
    assert_eq!(status.status.code(), Some(4), "{}", stderr(&status));
    assert!(run_with_programs(&env, &programs, &["--uninstall-timer"]).status.success());
    assert_eq!(std::fs::read_to_string(&table).unwrap(), "# mine\n5 4 * * * true\n");
    std::fs::remove_file(&table).unwrap();
    assert!(run_with_programs(&env, &programs, &["--install-timer"]).status.success());
    assert_eq!(std::fs::read_to_string(&table).unwrap().lines().count(), 1);
    // A crontab that cannot be read is not replaced.
    let broken = [("systemctl", "exit 1"), ("crontab", "echo 'cannot open' >&2; exit 1")];
    let refused = run_with_programs(&env, &broken, &["--install-timer"]);
    assert_eq!(refused.status.code(), Some(6));
    assert!(stderr(&refused).contains("crontab -l failed: cannot open") && !calls(&env).contains("crontab -\n"));
    let none = run_with_programs(&env, &[], &["--install-timer"]);
    assert_eq!(none.status.code(), Some(2), "{}", stderr(&none));
    // Without a notification command the timer would have no effect.
    let path = env.config().join("config.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, text.split("[notify]").next().unwrap()).unwrap();
    assert_eq!(run_with_programs(&env, &programs, &["--install-timer"]).status.code(), Some(2));
}
