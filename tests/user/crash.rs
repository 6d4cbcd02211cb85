//! Saves that are killed or fail at any system call (needs strace).

use std::ffi::OsStr;
use std::process::Output;

use crate::world::{World, stderr};

const SAVING: &[&str] = &["openat", "write", "fsync", "rename", "renameat", "renameat2", "fchmod", "mkdir", "flock"];

/// A world with two profiles, the first one active.
fn two_profiles() -> World {
    let world = World::new(None);
    assert!(world.login("one", "ada", &[]).status.success());
    assert!(world.login("two", "bruce", &[]).status.success());
    world
}

/// Runs a command under strace with more of its flags; the trace stands in `trace`.
pub(crate) fn traced(world: &World, flags: &[&str], more: &[(&str, &OsStr)], arguments: &[&str]) -> Output {
    let inner = world.command(arguments);
    let mut command = std::process::Command::new("strace");
    command.env_clear().current_dir(world.dir.path());
    for (name, value) in inner.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command.envs(more.iter().copied());
    command.args(["-f", "-o", "trace"]).args(flags).arg(inner.get_program()).args(inner.get_args());
    command.output().unwrap()
}

/// The files are whole: everything can be read, and the token is the old one.
fn whole(world: &World, what: &str) {
    let list = world.run(&["profiles", "list", "--json"]);
    assert_eq!(list.status.code(), Some(0), "{what}: {}", stderr(&list));
    let profiles = crate::world::json(&list);
    let active = profiles.as_array().unwrap().iter().filter(|one| one["active"] == true).count();
    assert_eq!((profiles.as_array().unwrap().len(), active), (2, 1), "{what}: {profiles}");
    for name in ["one", "two"] {
        assert!(world.run(&["token", name]).status.success(), "{what}");
    }
}

#[test]
#[ignore = "needs strace"]
fn s03_a_save_flushes_the_file_then_renames_then_flushes_the_folder() {
    let world = two_profiles();
    let done = traced(&world, &["-e", "trace=write,fsync,rename,renameat,renameat2"], &[], &["profiles", "use", "two"]);
    assert!(done.status.success(), "{}", stderr(&done));
    let trace = std::fs::read_to_string(world.dir.path().join("trace")).unwrap();
    let calls: Vec<&str> = trace.lines().filter_map(|line| line.split_whitespace().nth(1)?.split('(').next()).collect();
    let rename = calls.iter().position(|call| call.starts_with("rename")).unwrap();
    assert_eq!(&calls[rename - 2..rename], ["write", "fsync"], "{calls:?}");
    assert_eq!(calls[rename + 1], "fsync", "{calls:?}");
}

#[test]
#[ignore = "needs strace"]
fn s01_a_kill_at_any_system_call_leaves_old_or_new() {
    let world = two_profiles();
    for call in SAVING {
        for number in 1..200 {
            let fault = format!("inject={call}:signal=KILL:when={number}");
            let target = if number % 2 == 0 { "one" } else { "two" };
            let done =
                traced(&world, &["-e", &format!("trace={call}"), "-e", &fault], &[], &["profiles", "use", target]);
            whole(&world, &format!("killed at {call} {number}"));
            if done.status.success() {
                break;
            }
        }
    }
}

#[test]
#[ignore = "needs strace"]
fn s02_an_error_at_any_system_call_is_told_and_keeps_the_old() {
    let world = two_profiles();
    for call in ["fsync", "/^rename", "write"] {
        for error in ["ENOSPC", "EIO", "EDQUOT", "EROFS"] {
            let fault = format!("inject={call}:error={error}:when=1");
            let done =
                traced(&world, &["-e", &format!("trace={call}"), "-e", &fault], &[], &["profiles", "use", "two"]);
            assert_eq!(done.status.code(), Some(6), "{call} {error}: {}", stderr(&done));
            assert!(stderr(&done).contains("state.toml") || stderr(&done).contains(".tmp"), "{}", stderr(&done));
            whole(&world, &format!("{error} at {call}"));
            let active = crate::world::json(&world.run(&["profiles", "show", "one", "--json"]));
            assert_eq!(active["active"], true, "{call} {error}: the old one stays");
        }
    }
    let left = std::fs::read_dir(world.config()).unwrap();
    assert!(!left.flatten().any(|file| file.file_name().to_string_lossy().starts_with(".tmp")));
}

#[test]
#[ignore = "needs strace"]
fn s14_a_stale_handle_is_tried_once_more() {
    let world = two_profiles();
    let stale = |when: &str, target: &str| {
        let fault = format!("inject=/^rename:error=ESTALE:when={when}");
        traced(&world, &["-e", "trace=/^rename", "-e", &fault], &[], &["profiles", "use", target])
    };
    let done = stale("1", "two");
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    let done = stale("1..2", "one");
    assert_eq!(done.status.code(), Some(6), "{}", stderr(&done));
    assert!(stderr(&done).contains("state.toml"), "{}", stderr(&done));
    whole(&world, "twice stale");
    assert_eq!(crate::world::json(&world.run(&["profiles", "show", "two", "--json"]))["active"], true);
}

#[test]
#[ignore = "needs strace"]
fn s13_a_lock_that_cannot_be_taken_stops_writers_and_no_reader() {
    let world = two_profiles();
    for error in ["ENOLCK", "EBADF", "EIO"] {
        let fault = format!("inject=flock:error={error}");
        let locked = |arguments: &[&str]| traced(&world, &["-e", "trace=flock", "-e", &fault], &[], arguments);
        let done = locked(&["profiles", "use", "two"]);
        assert_eq!(done.status.code(), Some(6), "{error}: {}", stderr(&done));
        assert!(stderr(&done).contains("locks"), "{error} names the path: {}", stderr(&done));
        for arguments in [vec!["token", "one"], vec!["status"], vec!["profiles", "list"]] {
            assert!(locked(&arguments).status.success(), "{error}: reading needs no lock");
        }
        whole(&world, error);
    }
    // One that never answers is waited for some seconds.
    let hangs =
        traced(&world, &["-e", "trace=flock", "-e", "inject=flock:delay_enter=12s"], &[], &["profiles", "use", "two"]);
    assert_eq!(hangs.status.code(), Some(6), "{}", stderr(&hangs));
    assert!(stderr(&hangs).contains("does not answer"), "{}", stderr(&hangs));
    // A file system without locks serves a single user all the same.
    let done =
        traced(&world, &["-e", "trace=flock", "-e", "inject=flock:error=EOPNOTSUPP"], &[], &["profiles", "use", "two"]);
    assert!(done.status.success(), "{}", stderr(&done));
}
