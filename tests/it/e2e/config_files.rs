//! The config directory with leftovers, links, special files, and files of other users.
#![cfg(unix)]

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::e2e::encryption::{files_containing, two_profiles, with_passphrase, write_fast_key};
use crate::e2e::test_env::{TestEnv, json, run_within_deadline, stderr, stdout};
use crate::support::create_fifo;

fn env_with_two_profiles() -> TestEnv {
    let env = TestEnv::signed_in(None);
    assert!(env.login("spare", "bruce", &[]).status.success());
    env
}

#[test]
fn s16_a_dangling_or_shared_link_is_rejected() {
    let env = env_with_two_profiles();
    let state = env.config().join("state.toml");
    let open = env.dir.path().join("open");
    std::fs::create_dir(&open).unwrap();
    std::fs::write(open.join("state.toml"), "schema = 1\ncurrent = \"work\"\n").unwrap();
    std::fs::set_permissions(open.join("state.toml"), std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o777)).unwrap();
    for target in [env.dir.path().join("nothing"), state.clone(), open.join("state.toml")] {
        std::fs::remove_file(&state).unwrap();
        symlink(&target, &state).unwrap();
        let output = env.run(&["profiles", "use", "spare"]);
        assert_eq!(output.status.code(), Some(6), "{}: {}", target.display(), stderr(&output));
        assert!(stderr(&output).contains("state.toml"), "{}", stderr(&output));
        assert!(state.is_symlink(), "the link is left as it was");
    }
    assert!(!env.dir.path().join("nothing").exists());
    assert!(std::fs::read_to_string(open.join("state.toml")).unwrap().contains("work"), "unchanged");
}

#[test]
fn s17_a_lock_file_that_is_a_link_is_not_followed() {
    let env = env_with_two_profiles();
    let target = env.dir.path().join("target");
    std::fs::write(&target, "keep").unwrap();
    let lock = std::fs::read_dir(env.config().join("locks")).unwrap().find_map(|entry| {
        let path = entry.unwrap().path();
        path.file_name().unwrap().to_string_lossy().contains("state").then_some(path)
    });
    let lock = lock.unwrap();
    std::fs::remove_file(&lock).unwrap();
    symlink(&target, &lock).unwrap();
    let output = env.run(&["profiles", "use", "spare"]);
    assert_eq!(output.status.code(), Some(6), "{}", stderr(&output));
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "keep");
}

#[test]
fn s19_a_file_of_a_different_user_is_rejected() {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root can change the owner of a file");
        return;
    }
    let env = env_with_two_profiles();
    let path = env.config().join("profiles/work.toml");
    std::os::unix::fs::chown(&path, Some(12345), None).unwrap();
    let output = env.run(&["token", "work"]);
    assert_eq!(output.status.code(), Some(6));
    assert!(stderr(&output).contains("owned by user 12345") && stderr(&output).contains("sudo"), "{}", stderr(&output));
    std::os::unix::fs::chown(env.config(), Some(12345), None).unwrap();
    assert_eq!(env.run(&["token", "spare"]).status.code(), Some(6));
}

#[test]
fn s24_special_and_huge_profiles_never_block() {
    let env = env_with_two_profiles();
    let path = env.config().join("profiles/work.toml");
    std::fs::remove_file(&path).unwrap();
    create_fifo(&path);
    let assert_rejected = |what: &str| {
        let output = env.run(&["token", "work"]);
        assert_eq!(output.status.code(), Some(6), "{what}");
        assert!(stderr(&output).contains(what), "{}", stderr(&output));
        assert!(env.run(&["token", "spare"]).status.success(), "other profiles stay usable");
        let list = env.run(&["profiles", "list", "--json"]);
        assert_eq!(json(&list).as_array().unwrap().len(), 1);
    };
    assert_rejected("not a regular file");
    std::fs::remove_file(&path).unwrap();
    std::fs::File::create(&path).unwrap().set_len(100 * 1024 * 1024).unwrap();
    assert_rejected("larger than 32 MiB");
    std::fs::remove_file(&path).unwrap();
    symlink("/dev/zero", &path).unwrap();
    assert_rejected("not a regular file");
}

#[test]
fn s24_special_and_huge_settings_never_block() {
    let env = env_with_two_profiles();
    let path = env.config().join("config.toml");
    let assert_rejected = |what: &str| {
        for arguments in [&["check", "work"][..], &["status"], &["login", "work"], &["encryption", "off"]] {
            let output = env.run(arguments);
            assert_eq!(output.status.code(), Some(6), "{arguments:?}: {}", stderr(&output));
            assert!(stderr(&output).contains(&format!("config.toml is refused: it is {what}")), "{}", stderr(&output));
        }
        assert!(env.run(&["token", "work"]).status.success(), "a command without settings works");
    };
    std::fs::remove_file(&path).unwrap();
    create_fifo(&path);
    assert_rejected("not a regular file");
    std::fs::remove_file(&path).unwrap();
    symlink("/dev/zero", &path).unwrap();
    assert_rejected("not a regular file");
    std::fs::remove_file(&path).unwrap();
    std::fs::File::create(&path).unwrap().set_len(100 * 1024 * 1024).unwrap();
    assert_rejected("larger than 32 MiB");
    std::fs::write(&path, b"[ui]\n# \xff\n").unwrap();
    let damaged = env.run(&["status"]);
    assert_eq!(damaged.status.code(), Some(6));
    assert!(stderr(&damaged).contains("config.example.toml shows every key"), "{}", stderr(&damaged));
}

#[test]
fn s26_a_deleted_directory_is_created_again() {
    let env = TestEnv::new(None);
    let child = env.start_login("work", &[]);
    let url = env.browser_url();
    std::fs::remove_dir_all(env.config()).unwrap();
    env.approve_and_follow(&url, "ada");
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&env.run(&["token", "work"])).starts_with("AQ"));
    for directory in ["", "profiles", "apps"] {
        let mode = std::fs::metadata(env.config().join(directory)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{directory}");
    }
}

#[test]
fn s27_nothing_of_a_deleted_profile_remains() {
    let env = env_with_two_profiles();
    let token = env.token("work");
    assert!(!files_containing(&env.config(), &[&token]).is_empty());
    assert!(env.run(&["profiles", "delete", "work"]).status.success());
    assert!(files_containing(&env.config(), &[&token]).is_empty());
    assert!(files_containing(&env.config(), &["-Xq7Lm2PdZ"]).is_empty(), "nor the member's ID");
    assert_eq!(env.run(&["token", "work"]).status.code(), Some(3));
}

#[test]
fn s28_leftovers_of_a_crash_are_deleted_after_an_hour() {
    let env = env_with_two_profiles();
    let two_hours_ago = SystemTime::now() - Duration::from_secs(7200);
    let directories = ["", "profiles", "apps", "posts", "drafts", "keys"].map(|name| env.config().join(name));
    for directory in &directories {
        std::fs::create_dir_all(directory).unwrap();
        for file in [".tmp-linkedin-tui-old", ".tmp-linkedin-tui-new", ".tmp-editor"] {
            std::fs::write(directory.join(file), "partial").unwrap();
        }
        for file in [".tmp-linkedin-tui-old", ".tmp-editor"] {
            let file = std::fs::File::options().write(true).open(directory.join(file)).unwrap();
            file.set_modified(two_hours_ago).unwrap();
        }
    }
    assert!(env.run(&["status"]).status.success());
    for directory in directories {
        let exists = |file: &str| directory.join(file).exists();
        assert!(!exists(".tmp-linkedin-tui-old"), "{}", directory.display());
        assert!(exists(".tmp-linkedin-tui-new") && exists(".tmp-editor"), "{}", directory.display());
    }
}

#[test]
fn s29_sync_conflict_copies_are_reported_and_not_loaded() {
    let env = env_with_two_profiles();
    let directory = env.config().join("profiles");
    std::fs::copy(directory.join("work.toml"), directory.join("work (1).toml")).unwrap();
    std::fs::copy(directory.join("work.toml"), directory.join("work.sync-conflict-20261124.toml")).unwrap();
    let list = env.run(&["profiles", "list", "--json"]);
    let printed = stderr(&list);
    assert!(printed.contains("work (1).toml is not loaded"), "{printed}");
    let names: Vec<_> = json(&list).as_array().unwrap().iter().map(|profile| profile["name"].clone()).collect();
    assert!(names.iter().all(|name| !name.as_str().unwrap().contains('(')), "{names:?}");
}

#[test]
fn s30_exhausted_descriptors_are_reported_and_recover() {
    let env = env_with_two_profiles();
    let run = |limit: u32, arguments: &[&str]| {
        let mut command = std::process::Command::new("sh");
        command.args(["-c", "ulimit -n $1; shift; exec \"$@\"", "sh", &limit.to_string()]);
        command.arg(env!("CARGO_BIN_EXE_linkedin-tui")).args(arguments);
        let output = command.env("LINKEDIN_TUI_CONFIG_DIR", env.config()).output().unwrap();
        assert!(!stderr(&output).contains("panicked"), "{limit} {arguments:?}: {}", stderr(&output));
        output
    };
    // Below this limit the async runtime cannot start.
    for limit in 8..=16 {
        let output = run(limit, &["login", "work", "--no-browser", "--timeout", "1", "--json"]);
        let code = output.status.code();
        assert!(matches!(code, Some(1 | 4..=7)), "{limit}: {code:?} {}", stderr(&output));
        assert!(json(&output)["error"]["message"].as_str().unwrap().len() > 10);
        let checked = run(limit, &["check", "work", "--json"]);
        if !checked.status.success() {
            let message = json(&checked)["error"]["message"].as_str().unwrap().to_owned();
            assert!(!message.contains("internal") && message.len() > 10, "{limit}: {message}");
        }
    }
    let printed = run(8, &["check", "work"]);
    assert_eq!(printed.status.code(), Some(1));
    assert!(stderr(&printed).contains("open files") && stderr(&printed).contains("ulimit -n"), "{}", stderr(&printed));
    assert!(env.run(&["token", "work"]).status.success(), "the files are intact");
}

#[test]
fn u02_hostile_names_are_replaced_in_text_escaped_in_json() {
    let env = TestEnv::new(Some("hostile-names"));
    let output = env.login("work", "grace", &[]);
    let mut printed = stderr(&output);
    for arguments in [&["profiles", "list"][..], &["profiles", "show"], &["status"], &["whoami"], &["check"]] {
        let output = env.run(arguments);
        printed.extend([stdout(&output), stderr(&output)]);
    }
    assert!(printed.contains("Grace"), "{printed}");
    let hostile = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
    assert!(!printed.contains(hostile), "{printed:?}");
    let list = env.run(&["profiles", "list", "--json"]);
    assert!(!stdout(&list).contains(|c: char| c != '\n' && c.is_control()), "{}", stdout(&list));
    assert!(json(&list)[0]["member"]["name"].as_str().unwrap().contains('\u{1b}'), "data is not changed");
}

/// Kinds of special files and links; the last five are link targets or broken links.
const SPECIAL_FILES: &[&str] = &["fifo", "directory", "socket", "/dev/zero", "/dev/full", "loop", "nowhere"];

fn create_special_file(kind: &str, path: &Path) {
    drop(std::fs::remove_file(path));
    drop(std::fs::remove_dir(path));
    match kind {
        "fifo" => create_fifo(path),
        "directory" => std::fs::create_dir(path).unwrap(),
        "socket" => drop(std::os::unix::net::UnixListener::bind(path).unwrap()),
        "loop" => symlink(path, path).unwrap(),
        other => symlink(other, path).unwrap(),
    }
}

#[test]
fn s24_a_special_file_blocks_no_command() {
    let (env, _) = two_profiles();
    write_fast_key(&env);
    assert!(with_passphrase(&env, &["encryption", "passphrase"]).status().unwrap().success());
    let files = [
        "keys/passphrase.age",
        "keys/keyring",
        "state.toml",
        "notified.toml",
        "apps/one.toml",
        "profiles/one.toml",
        "posts/one.toml",
        "drafts/one.toml",
        "../passphrase",
    ];
    for file in files {
        let path = env.config().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let saved = std::fs::read(&path).ok();
        for kind in SPECIAL_FILES {
            create_special_file(kind, &path);
            for arguments in
                [&["token", "one"][..], &["encryption", "passphrase"], &["doctor"], &["status"], &["refresh", "one"]]
            {
                let what = format!("{arguments:?} with {kind} at {file}");
                let mut command = env.command(arguments);
                command.env("LINKEDIN_TUI_PASSPHRASE_FILE", env.dir.path().join("passphrase"));
                let output = run_within_deadline(command, &what);
                assert_ne!(output.status.code(), Some(101), "{what}: {}", stderr(&output));
            }
        }
        drop(std::fs::remove_file(&path));
        drop(std::fs::remove_dir(&path));
        if let Some(saved) = saved {
            crate::e2e::encryption::write_private(&path, &String::from_utf8(saved).unwrap());
        }
    }
    assert_eq!(with_passphrase(&env, &["token", "one"]).output().unwrap().status.code(), Some(0));
}

/// Returns the ID of a different user; `None` unless the current user is root.
#[expect(clippy::print_stdout, reason = "a skipped test reports it")]
fn other_user_id() -> Option<u32> {
    if rustix::process::geteuid().is_root() {
        return Some(65_534);
    }
    println!("skipped: only root can run a command as another user");
    None
}

#[test]
fn s16_s19_an_unlistable_foreign_directory_is_rejected() {
    use std::os::unix::process::CommandExt;
    let Some(user) = other_user_id() else { return };
    let env = TestEnv::new(None);
    std::fs::set_permissions(env.dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    for mode in [0o733, 0o711, 0o777] {
        std::fs::set_permissions(env.config(), std::fs::Permissions::from_mode(mode)).unwrap();
        let mut command = env.command(&["profiles", "list"]);
        command.uid(user).gid(user);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(6), "{mode:o}: {}", stderr(&output));
        assert!(stderr(&output).contains("it is owned by user 0"), "{mode:o}: {}", stderr(&output));
    }
}

#[test]
fn s19_settings_may_belong_to_root_only() {
    use std::os::unix::fs::chown;
    use std::os::unix::process::CommandExt;
    let Some(user) = other_user_id() else { return };
    let env = TestEnv::new(None);
    std::fs::set_permissions(env.dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let store = env.dir.path().join("store.toml");
    std::fs::rename(env.config().join("config.toml"), &store).unwrap();
    symlink(&store, env.config().join("config.toml")).unwrap();
    chown(env.config(), Some(user), Some(user)).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = env.command(arguments);
        command.uid(user).gid(user);
        command.output().unwrap()
    };
    // A root-owned file, as a package manager installs it, is accepted.
    let output = run(&["doctor", "--json"]);
    let checks = json(&output)["checks"].as_array().unwrap().clone();
    let state = |id: &str| checks.iter().find(|check| check["id"] == id).unwrap()["state"].clone();
    assert_eq!(["files.owner", "files.damaged", "settings.file"].map(state), ["ok", "ok", "ok"], "{checks:#?}");
    assert_eq!(run(&["profiles", "list"]).status.code(), Some(0));
    // A different owner could redirect the secrets to any host.
    chown(&store, Some(user + 1), Some(user)).unwrap();
    for arguments in [&["profiles", "list"][..], &["doctor"]] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(6), "{arguments:?}: {}", stderr(&output));
        let printed = stdout(&output) + &stderr(&output);
        assert!(
            printed.contains(&format!("it is owned by user {}", user + 1)) || printed.contains("Another user owns"),
            "{printed}"
        );
    }
}

#[test]
fn a_file_that_is_not_regular_is_never_replaced() {
    let env = env_with_two_profiles();
    let fifo = env.dir.path().join("fifo");
    create_fifo(&fifo);
    let socket = env.dir.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    for target in [path(&fifo), path(&socket)] {
        for arguments in [
            &["export", "work", "--format", "json", "--output", &target][..],
            &["export", "work", "--format", "env", "--output", &target],
            &["export", "work", "--format", "dotenv", "--output", &target],
            &["export", "--all", "--format", "ics", "--output", &target],
            &["doctor", "--bundle", &target],
        ] {
            let output = env.run(arguments);
            assert_ne!(output.status.code(), Some(0), "{arguments:?} {}", stderr(&output));
            assert!(stderr(&output).contains("not a regular file"), "{arguments:?}: {}", stderr(&output));
            assert!(!std::fs::symlink_metadata(&target).unwrap().is_file(), "{arguments:?}");
        }
    }
}

#[test]
fn an_app_of_an_unreadable_profile_is_not_deleted() {
    let env = env_with_two_profiles();
    std::fs::write(env.config().join("profiles/work.toml"), "schema = 2\napp = \"wo").unwrap();
    let output = env.run(&["apps", "delete", "work"]);
    assert_eq!(output.status.code(), Some(6), "{}", stderr(&output));
    assert!(stderr(&output).contains("newer linkedin-tui"), "deleting the profile would fail: {}", stderr(&output));
    assert!(env.config().join("apps/work.toml").exists());
}

#[test]
fn an_unreadable_profile_of_another_app_does_not_keep_an_app() {
    let env = env_with_two_profiles();
    std::fs::copy(env.config().join("apps/work.toml"), env.config().join("apps/unused.toml")).unwrap();
    let profile = env.config().join("profiles/work.toml");
    std::fs::write(&profile, "app = \"work\"\nscopes = [").unwrap();
    let delete = |app: &str| env.run(&["apps", "delete", app]);
    let refused = delete("work");
    assert_eq!(refused.status.code(), Some(6), "{}", stderr(&refused));
    for part in [profile.to_str().unwrap(), "profiles delete work"] {
        assert!(stderr(&refused).contains(part), "{}", stderr(&refused));
    }
    assert_eq!(delete("unused").status.code(), Some(0));
    std::fs::remove_file(&profile).unwrap();
    std::fs::create_dir(&profile).unwrap();
    let refused = delete("work");
    assert!(stderr(&refused).contains("Move that directory"), "deleting it would fail: {}", stderr(&refused));
}

#[test]
fn unreadable_files_are_reported() {
    let env = env_with_two_profiles();
    std::fs::write(env.config().join("profiles/work.toml"), "schema = 2\napp = \"wo").unwrap();
    std::fs::write(env.config().join("apps/work.toml"), "schema = 2\nclient_id = \"8").unwrap();
    let calendar = env.run(&["export", "--all", "--format", "ics"]);
    assert_eq!(calendar.status.code(), Some(6), "{}", stderr(&calendar));
    assert!(stdout(&calendar).contains("spare") && stderr(&calendar).contains("work.toml"), "{}", stderr(&calendar));
    let apps = env.run(&["apps", "list"]);
    assert_eq!(apps.status.code(), Some(6), "{}", stderr(&apps));
    assert!(stderr(&apps).contains("work.toml") && !stderr(&apps).contains("no app"), "{}", stderr(&apps));
}
