//! The config folder with leftovers, links, and things that are not files.
#![cfg(unix)]

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::user::encryption::{quick_key, two_profiles, with_passphrase};
use crate::user::world::{World, json, stderr, stdout};

fn signed_in() -> World {
    let world = World::signed_in(None);
    assert!(world.login("spare", "bruce", &[]).status.success());
    world
}

/// Returns whether any file below `folder` contains `text`.
fn holds(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            holds(&path, text)
        } else {
            String::from_utf8_lossy(&std::fs::read(&path).unwrap()).contains(text)
        }
    })
}

#[test]
fn s16_a_dangling_or_shared_link_is_refused() {
    let world = signed_in();
    let state = world.config().join("state.toml");
    let open = world.dir.path().join("open");
    std::fs::create_dir(&open).unwrap();
    std::fs::write(open.join("state.toml"), "schema = 1\ncurrent = \"work\"\n").unwrap();
    std::fs::set_permissions(open.join("state.toml"), std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o777)).unwrap();
    for target in [world.dir.path().join("nothing"), state.clone(), open.join("state.toml")] {
        std::fs::remove_file(&state).unwrap();
        symlink(&target, &state).unwrap();
        let done = world.run(&["profiles", "use", "spare"]);
        assert_eq!(done.status.code(), Some(6), "{}: {}", target.display(), stderr(&done));
        assert!(stderr(&done).contains("state.toml"), "{}", stderr(&done));
        assert!(state.is_symlink(), "the link is left as it was");
    }
    assert!(!world.dir.path().join("nothing").exists());
    assert!(std::fs::read_to_string(open.join("state.toml")).unwrap().contains("work"), "untouched");
}

#[test]
fn s17_a_lock_file_that_is_a_link_is_not_followed() {
    let world = signed_in();
    let mine = world.dir.path().join("mine");
    std::fs::write(&mine, "keep").unwrap();
    let lock = std::fs::read_dir(world.config().join("locks")).unwrap().find_map(|entry| {
        let path = entry.unwrap().path();
        path.file_name().unwrap().to_string_lossy().contains("state").then_some(path)
    });
    let lock = lock.unwrap();
    std::fs::remove_file(&lock).unwrap();
    symlink(&mine, &lock).unwrap();
    let done = world.run(&["profiles", "use", "spare"]);
    assert_eq!(done.status.code(), Some(6), "{}", stderr(&done));
    assert_eq!(std::fs::read_to_string(&mine).unwrap(), "keep");
}

#[test]
fn s19_a_file_of_another_user_is_refused() {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only the system's administrator can give a file away");
        return;
    }
    let world = signed_in();
    let path = world.config().join("profiles/work.toml");
    std::os::unix::fs::chown(&path, Some(12345), None).unwrap();
    let done = world.run(&["token", "work"]);
    assert_eq!(done.status.code(), Some(6));
    assert!(stderr(&done).contains("owned by user 12345") && stderr(&done).contains("sudo"), "{}", stderr(&done));
    std::os::unix::fs::chown(world.config(), Some(12345), None).unwrap();
    assert_eq!(world.run(&["token", "spare"]).status.code(), Some(6));
}

#[test]
fn s24_non_files_and_endless_files_never_block() {
    let world = signed_in();
    let path = world.config().join("profiles/work.toml");
    std::fs::remove_file(&path).unwrap();
    assert!(std::process::Command::new("mkfifo").args(["-m", "600"]).arg(&path).status().unwrap().success());
    let printed = |what: &str| {
        let done = world.run(&["token", "work"]);
        assert_eq!(done.status.code(), Some(6), "{what}");
        assert!(stderr(&done).contains(what), "{}", stderr(&done));
        assert!(world.run(&["token", "spare"]).status.success(), "the others stay usable");
        let list = world.run(&["profiles", "list", "--json"]);
        assert_eq!(json(&list).as_array().unwrap().len(), 1);
    };
    printed("not a regular file");
    std::fs::remove_file(&path).unwrap();
    std::fs::File::create(&path).unwrap().set_len(100 * 1024 * 1024).unwrap();
    printed("larger than 32 MiB");
    std::fs::remove_file(&path).unwrap();
    symlink("/dev/zero", &path).unwrap();
    printed("not a regular file");
}

#[test]
fn s24_non_file_and_endless_settings_never_block() {
    let world = signed_in();
    let path = world.config().join("config.toml");
    let printed = |what: &str| {
        for arguments in [&["check", "work"][..], &["status"], &["login", "work"], &["encryption", "off"]] {
            let done = world.run(arguments);
            assert_eq!(done.status.code(), Some(6), "{arguments:?}: {}", stderr(&done));
            assert!(stderr(&done).contains(&format!("config.toml is refused: it is {what}")), "{}", stderr(&done));
        }
        assert!(world.run(&["token", "work"]).status.success(), "a command without settings works");
    };
    std::fs::remove_file(&path).unwrap();
    assert!(std::process::Command::new("mkfifo").args(["-m", "600"]).arg(&path).status().unwrap().success());
    printed("not a regular file");
    std::fs::remove_file(&path).unwrap();
    symlink("/dev/zero", &path).unwrap();
    printed("not a regular file");
    std::fs::remove_file(&path).unwrap();
    std::fs::File::create(&path).unwrap().set_len(100 * 1024 * 1024).unwrap();
    printed("larger than 32 MiB");
    std::fs::write(&path, b"[ui]\n# \xff\n").unwrap();
    let damaged = world.run(&["status"]);
    assert_eq!(damaged.status.code(), Some(6));
    assert!(stderr(&damaged).contains("config.example.toml shows every key"), "{}", stderr(&damaged));
}

#[test]
fn s26_a_deleted_directory_is_created_again() {
    let world = World::new(None);
    let child = world.start_login("work", &[]);
    let url = world.browser_url();
    std::fs::remove_dir_all(world.config()).unwrap();
    world.allow(&url, "ada");
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{}", stderr(&done));
    assert!(stdout(&world.run(&["token", "work"])).starts_with("AQ"));
    for folder in ["", "profiles", "apps"] {
        let mode = std::fs::metadata(world.config().join(folder)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{folder}");
    }
}

#[test]
fn s27_nothing_of_a_deleted_profile_is_left() {
    let world = signed_in();
    let token = world.token("work");
    assert!(holds(&world.config(), &token));
    assert!(world.run(&["profiles", "delete", "work"]).status.success());
    assert!(!holds(&world.config(), &token));
    assert!(!holds(&world.config(), "-Xq7Lm2PdZ"), "nor who it was");
    assert_eq!(world.run(&["token", "work"]).status.code(), Some(3));
}

#[test]
fn s28_leftovers_of_a_crash_are_deleted_after_an_hour() {
    let world = signed_in();
    let folder = world.config().join("profiles");
    let (old, fresh, foreign) =
        (folder.join(".tmp-linkedin-tui-old"), folder.join(".tmp-linkedin-tui-new"), folder.join(".tmp-editor"));
    for path in [&old, &fresh, &foreign] {
        std::fs::write(path, "half").unwrap();
    }
    let two_hours_ago = SystemTime::now() - Duration::from_secs(7200);
    for path in [&old, &foreign] {
        std::fs::File::options().write(true).open(path).unwrap().set_modified(two_hours_ago).unwrap();
    }
    assert!(world.run(&["profiles", "list"]).status.success());
    assert!(!old.exists() && fresh.exists() && foreign.exists());
}

#[test]
fn s29_sync_conflict_copies_are_reported_and_not_loaded() {
    let world = signed_in();
    let folder = world.config().join("profiles");
    std::fs::copy(folder.join("work.toml"), folder.join("work (1).toml")).unwrap();
    std::fs::copy(folder.join("work.toml"), folder.join("work.sync-conflict-20261124.toml")).unwrap();
    let list = world.run(&["profiles", "list", "--json"]);
    let printed = stderr(&list);
    assert!(printed.contains("work (1).toml is not loaded"), "{printed}");
    let names: Vec<_> = json(&list).as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert!(names.iter().all(|name| !name.as_str().unwrap().contains('(')), "{names:?}");
}

#[test]
fn s30_exhausted_descriptors_are_reported_and_recover() {
    let world = signed_in();
    let run = |few: u32, arguments: &[&str]| {
        let mut command = std::process::Command::new("sh");
        command.args(["-c", "ulimit -n $1; shift; exec \"$@\"", "sh", &few.to_string()]);
        command.arg(env!("CARGO_BIN_EXE_linkedin-tui")).args(arguments);
        let done = command.env("LINKEDIN_TUI_CONFIG_DIR", world.config()).output().unwrap();
        assert!(!stderr(&done).contains("panicked"), "{few} {arguments:?}: {}", stderr(&done));
        done
    };
    // With fewer the runtime itself gets no descriptors.
    for few in 8..=16 {
        let done = run(few, &["login", "work", "--no-browser", "--timeout", "1", "--json"]);
        let code = done.status.code();
        assert!(matches!(code, Some(1 | 4..=7)), "{few}: {code:?} {}", stderr(&done));
        assert!(json(&done)["error"]["message"].as_str().unwrap().len() > 10);
        let checked = run(few, &["check", "work", "--json"]);
        if !checked.status.success() {
            let message = json(&checked)["error"]["message"].as_str().unwrap().to_owned();
            assert!(!message.contains("internal") && message.len() > 10, "{few}: {message}");
        }
    }
    let printed = run(8, &["check", "work"]);
    assert_eq!(printed.status.code(), Some(1));
    assert!(stderr(&printed).contains("open files") && stderr(&printed).contains("ulimit -n"), "{}", stderr(&printed));
    assert!(world.run(&["token", "work"]).status.success(), "nothing was harmed");
}

#[test]
fn u02_hostile_names_are_replaced_in_text_escaped_in_json() {
    let world = World::new(None);
    let done = world.login("work", "mallory", &[]);
    let mut printed = stderr(&done);
    for arguments in [&["profiles", "list"][..], &["profiles", "show"], &["status"], &["whoami"], &["check"]] {
        let done = world.run(arguments);
        printed.extend([stdout(&done), stderr(&done)]);
    }
    assert!(printed.contains("Mallory"), "{printed}");
    let hostile = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
    assert!(!printed.contains(hostile), "{printed:?}");
    let list = world.run(&["profiles", "list", "--json"]);
    assert!(!stdout(&list).contains(|c: char| c != '\n' && c.is_control()), "{}", stdout(&list));
    assert!(json(&list)[0]["member"]["name"].as_str().unwrap().contains('\u{1b}'), "data is not changed");
}

/// Runs to its end, with a deadline.
fn run_within_deadline(mut command: std::process::Command, what: &str) -> std::process::Output {
    use std::process::Stdio;
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    crate::support::wait_for(what, || child.try_wait().unwrap());
    child.wait_with_output().unwrap()
}

/// Paths that are not regular files, or are endless.
const NON_FILES: &[&str] = &["fifo", "folder", "socket", "/dev/zero", "/dev/full", "loop", "nowhere"];

fn put_non_file(kind: &str, path: &Path) {
    drop(std::fs::remove_file(path));
    drop(std::fs::remove_dir(path));
    match kind {
        "fifo" => assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success()),
        "folder" => std::fs::create_dir(path).unwrap(),
        "socket" => drop(std::os::unix::net::UnixListener::bind(path).unwrap()),
        "loop" => symlink(path, path).unwrap(),
        other => symlink(other, path).unwrap(),
    }
}

#[test]
fn s24_a_special_file_blocks_no_command() {
    let (world, _) = two_profiles();
    quick_key(&world);
    assert!(with_passphrase(&world, &["encryption", "passphrase"]).status().unwrap().success());
    let places = [
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
    for place in places {
        let path = world.config().join(place);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let saved = std::fs::read(&path).ok();
        for kind in NON_FILES {
            put_non_file(kind, &path);
            for arguments in
                [&["token", "one"][..], &["encryption", "passphrase"], &["doctor"], &["status"], &["refresh", "one"]]
            {
                let what = format!("{arguments:?} with {kind} at {place}");
                let mut command = world.command(arguments);
                command.env("LINKEDIN_TUI_PASSPHRASE_FILE", world.dir.path().join("passphrase"));
                let done = run_within_deadline(command, &what);
                assert_ne!(done.status.code(), Some(101), "{what}: {}", stderr(&done));
            }
        }
        drop(std::fs::remove_file(&path));
        drop(std::fs::remove_dir(&path));
        if let Some(saved) = saved {
            crate::user::encryption::write_private(&path, &String::from_utf8(saved).unwrap());
        }
    }
    assert_eq!(with_passphrase(&world, &["token", "one"]).output().unwrap().status.code(), Some(0));
}

/// Returns the ID of another user; `None` unless this one is root.
#[expect(clippy::print_stdout, reason = "a test that is skipped must say so")]
fn another_user() -> Option<u32> {
    if rustix::process::geteuid().is_root() {
        return Some(65_534);
    }
    println!("skipped: only root can run a command as another user");
    None
}

#[test]
fn s16_s19_an_unlistable_folder_of_another_user_is_refused() {
    use std::os::unix::process::CommandExt;
    let Some(user) = another_user() else { return };
    let world = World::new(None);
    std::fs::set_permissions(world.dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    for mode in [0o733, 0o711, 0o777] {
        std::fs::set_permissions(world.config(), std::fs::Permissions::from_mode(mode)).unwrap();
        let mut command = world.command(&["profiles", "list"]);
        command.uid(user).gid(user);
        let done = command.output().unwrap();
        assert_eq!(done.status.code(), Some(6), "{mode:o}: {}", stderr(&done));
        assert!(stderr(&done).contains("it is owned by user 0"), "{mode:o}: {}", stderr(&done));
    }
}

#[test]
fn s19_settings_may_belong_to_root_but_no_other_user() {
    use std::os::unix::fs::chown;
    use std::os::unix::process::CommandExt;
    let Some(user) = another_user() else { return };
    let world = World::new(None);
    std::fs::set_permissions(world.dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let store = world.dir.path().join("store.toml");
    std::fs::rename(world.config().join("config.toml"), &store).unwrap();
    symlink(&store, world.config().join("config.toml")).unwrap();
    chown(world.config(), Some(user), Some(user)).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = world.command(arguments);
        command.uid(user).gid(user);
        command.output().unwrap()
    };
    // As a package manager installs it: it is read without an error.
    let done = run(&["doctor", "--json"]);
    let checks = json(&done)["checks"].as_array().unwrap().clone();
    let state = |id: &str| checks.iter().find(|check| check["id"] == id).unwrap()["state"].clone();
    assert_eq!(["files.owner", "files.damaged", "settings.file"].map(state), ["ok", "ok", "ok"], "{checks:#?}");
    assert_eq!(run(&["profiles", "list"]).status.code(), Some(0));
    // Another owner could send the secrets anywhere.
    chown(&store, Some(user + 1), Some(user)).unwrap();
    for arguments in [&["profiles", "list"][..], &["doctor"]] {
        let done = run(arguments);
        assert_eq!(done.status.code(), Some(6), "{arguments:?}: {}", stderr(&done));
        let printed = stdout(&done) + &stderr(&done);
        assert!(
            printed.contains(&format!("it is owned by user {}", user + 1)) || printed.contains("Somebody else owns"),
            "{printed}"
        );
    }
}

#[test]
fn a_file_that_is_not_regular_is_never_replaced() {
    let world = signed_in();
    let fifo = world.dir.path().join("fifo");
    rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::RWXU).unwrap();
    let socket = world.dir.path().join("socket");
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
            let done = world.run(arguments);
            assert_ne!(done.status.code(), Some(0), "{arguments:?} {}", stderr(&done));
            assert!(stderr(&done).contains("not a regular file"), "{arguments:?}: {}", stderr(&done));
            assert!(!std::fs::symlink_metadata(&target).unwrap().is_file(), "{arguments:?}");
        }
    }
}

#[test]
fn an_app_of_an_unreadable_profile_is_not_deleted() {
    let world = signed_in();
    std::fs::write(world.config().join("profiles/work.toml"), "schema = 2\napp = \"wo").unwrap();
    let done = world.run(&["apps", "delete", "work"]);
    assert_eq!(done.status.code(), Some(6), "{}", stderr(&done));
    assert!(stderr(&done).contains("profile work"), "{}", stderr(&done));
    assert!(world.config().join("apps/work.toml").exists());
}

#[test]
fn what_cannot_be_read_is_never_left_out_silently() {
    let world = signed_in();
    std::fs::write(world.config().join("profiles/work.toml"), "schema = 2\napp = \"wo").unwrap();
    std::fs::write(world.config().join("apps/work.toml"), "schema = 2\nclient_id = \"8").unwrap();
    let calendar = world.run(&["export", "--all", "--format", "ics"]);
    assert_eq!(calendar.status.code(), Some(6), "{}", stderr(&calendar));
    assert!(stdout(&calendar).contains("spare") && stderr(&calendar).contains("work.toml"), "{}", stderr(&calendar));
    let apps = world.run(&["apps", "list"]);
    assert_eq!(apps.status.code(), Some(6), "{}", stderr(&apps));
    assert!(stderr(&apps).contains("work.toml") && !stderr(&apps).contains("no app"), "{}", stderr(&apps));
}
