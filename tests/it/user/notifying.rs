//! Notifications: `status --notify`, the recipes of the documentation, the calendar.

use std::process::Output;

use crate::user::world::{World, json, stderr, stdout};

/// Creates a world with an expired and a valid token, and this script as the command of `[notify]`.
fn world(script: &str) -> World {
    let world = World::signed_in(None);
    assert!(world.login("spare", "bruce", &[]).status.success());
    world.expire("work");
    let path = world.config().join("config.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, format!("{text}\n[notify]\ncommand = [\"sh\", \"-c\", '''{script}''']\n")).unwrap();
    world
}

fn notified(world: &World) -> Vec<String> {
    let text = std::fs::read_to_string(world.dir.path().join("notified")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

const NOTIFY_SCRIPT: &str =
    "echo \"$LINKEDIN_TUI_PROFILE $LINKEDIN_TUI_STATUS $LINKEDIN_TUI_EXPIRES_AT\" >> notified; cat > last; env > env";

fn notify(world: &World, within: &str) -> Output {
    world.run(&["status", "--within", within, "--notify"])
}

#[test]
fn each_profile_is_notified_once_a_day_without_its_token() {
    let world = world(NOTIFY_SCRIPT);
    let token = world.token("spare");
    let done = notify(&world, "7d");
    assert_eq!((done.status.code(), stderr(&done).as_str()), (Some(4), ""));
    let lines = notified(&world);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("work expired 2"), "{lines:?}");
    notify(&world, "7d");
    assert_eq!(notified(&world).len(), 1, "once a day");
    // A profile that expires within the longer period is notified separately.
    assert_eq!(notify(&world, "90d").status.code(), Some(4));
    let lines = notified(&world);
    assert!(lines.len() == 2 && lines[1].starts_with("spare active 2"), "{lines:?}");
    let text = std::fs::read_to_string(world.dir.path().join("last")).unwrap();
    let whole: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(whole, json(&world.run(&["profiles", "show", "spare", "--json"])));
    let environment = std::fs::read_to_string(world.dir.path().join("env")).unwrap();
    let saved = std::fs::read_to_string(world.config().join("notified.toml")).unwrap();
    assert!(![text, environment, saved.clone()].concat().contains(&token[..12]));
    // On another day each is notified again.
    let today = saved.split('"').nth(1).unwrap();
    std::fs::write(world.config().join("notified.toml"), saved.replace(today, "2020-01-31")).unwrap();
    notify(&world, "90d");
    assert_eq!(notified(&world).len(), 4);
}

#[test]
fn concurrent_runs_notify_once() {
    let world = world(NOTIFY_SCRIPT);
    let start =
        |_| world.command(&["status", "--within", "90d", "--notify"]).stdout(std::process::Stdio::null()).spawn();
    let children: Vec<_> = (0..8).map(start).collect();
    for child in children {
        assert_eq!(child.unwrap().wait().unwrap().code(), Some(4));
    }
    let mut lines = notified(&world);
    lines.sort();
    assert_eq!(lines.iter().map(|line| line.split(' ').next().unwrap()).collect::<Vec<_>>(), ["spare", "work"]);
}

#[test]
fn a_failed_notification_is_reported_and_retried() {
    let world = world("echo once >> notified; echo 'no bus' >&2; test -e fixed");
    let done = notify(&world, "7d");
    assert_eq!(done.status.code(), Some(4), "the answer of status stays");
    let expected_text = stderr(&done);
    assert!(expected_text.contains("work") && expected_text.contains("exit code 1. no bus"), "{expected_text}");
    std::fs::write(world.dir.path().join("fixed"), "").unwrap();
    assert_eq!(stderr(&notify(&world, "7d")), "");
    notify(&world, "7d");
    assert_eq!(notified(&world).len(), 2);
    // Without a command there is nothing to run.
    let path = world.config().join("config.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, text.split("[notify]").next().unwrap()).unwrap();
    assert_eq!(notify(&world, "7d").status.code(), Some(2));
}

/// Returns the code block of the documentation that begins with this text.
fn recipe(begins: &str) -> String {
    let documents = [include_str!("../../../docs/notifications.md"), include_str!("../../../docs/scripting.md")];
    let blocks = documents.iter().flat_map(|text| text.split("\n```").skip(1).step_by(2));
    let mut texts = blocks.filter_map(|block| block.split_once('\n')).map(|(_, text)| text);
    texts.find(|text| text.starts_with(begins)).unwrap_or_else(|| panic!("no recipe {begins}")).to_owned()
}

#[test]
fn documented_timers_run_commands_of_this_program() {
    let world = world(NOTIFY_SCRIPT);
    let service = recipe("# linkedin-tui.service");
    let line = service.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let cron = recipe("0 * * * *");
    let plist = recipe("<?xml");
    let strings: Vec<&str> =
        plist.split("<string>").skip(2).filter_map(|text| text.split("</string>").next()).collect();
    let expected_text = |text: &str| -> Vec<String> {
        let text = text.split("linkedin-tui ").nth(1).unwrap().split(" >").next().unwrap();
        text.split_whitespace().map(str::to_owned).collect()
    };
    let from_plist: Vec<String> = strings[1..].iter().map(|word| (*word).to_owned()).collect();
    for arguments in [expected_text(line), expected_text(&cron), from_plist] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let done = world.run(&arguments);
        // 4 is what the service calls a success.
        assert_eq!((done.status.code(), stderr(&done).as_str()), (Some(4), ""), "{arguments:?}");
    }
    assert!(service.contains("SuccessExitStatus=4"));
    assert_eq!(notified(&world).len(), 1);
    // The table of config.toml is read as one.
    let config: toml::Table = recipe("# config.toml").parse().unwrap();
    assert_eq!(config["notify"]["command"].as_array().unwrap().len(), 3);
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs systemd-analyze"]
fn documented_units_satisfy_systemd() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new("systemd-analyze");
    command.args(["--user", "--man=no", "verify"]).env("HOME", folder.path()).env("XDG_RUNTIME_DIR", folder.path());
    for unit in ["linkedin-tui.service", "linkedin-tui.timer"] {
        let text = recipe(&format!("# {unit}"));
        let text = text.replace("%h/.cargo/bin/linkedin-tui", env!("CARGO_BIN_EXE_linkedin-tui"));
        let path = folder.path().join(unit);
        std::fs::write(&path, text).unwrap();
        command.arg(path);
    }
    let done = command.output().unwrap();
    assert!(done.status.success() && stderr(&done).is_empty(), "{}", stderr(&done));
}

#[cfg(unix)]
#[test]
fn the_shell_recipes_of_the_readme_do_what_they_say() {
    let world = World::signed_in(None);
    std::fs::write(world.dir.path().join("note.md"), "---\ntitle: Hello\ndate: 2026-01-01\n---\nFirst (line).\n")
        .unwrap();
    let shell = |script: &str| {
        let inner = world.command(&[]);
        let mut command = std::process::Command::new("sh");
        command.args(["-euc", script]).env_clear().current_dir(world.dir.path());
        for (name, value) in inner.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        let here = std::path::Path::new(env!("CARGO_BIN_EXE_linkedin-tui")).parent().unwrap().display();
        command.env("PATH", format!("{here}:{}", std::env::var("PATH").unwrap()));
        let done = command.output().unwrap();
        assert!(done.status.success(), "{script}: {}", stderr(&done));
        stdout(&done)
    };
    shell(&recipe("title=$(sed"));
    let recent = world.sandbox_state()["posts"].to_string();
    assert!(recent.contains("Hello\\nFirst (line).") || recent.contains("Hello\\nFirst \\\\(line\\\\)."), "{recent}");
    // The one for this shell gives the variable that the next line reads.
    let export = recipe("linkedin-tui exec work");
    let export = export.lines().find(|line| line.starts_with("eval")).unwrap().split(" #").next().unwrap().to_owned();
    let token = stdout(&world.run(&["token", "work"]));
    assert_eq!(shell(&format!("{export}\necho \"$LINKEDIN_ACCESS_TOKEN\"")), token);
}
