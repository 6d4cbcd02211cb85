//! The program in its own Linux namespaces: without IPv6, on a read-only file system. Where an
//! unprivileged user may not create namespaces, the tests report that and are skipped.
#![cfg(target_os = "linux")]

use std::process::{Command, Output};

use crate::user::world::{World, json, stderr};

/// Runs `script` in a shell in new namespaces; `None` where that is not permitted.
#[expect(clippy::print_stdout, reason = "a test that is skipped must say so")]
fn run_in_namespaces(world: &World, kinds: &str, script: &str) -> Option<Output> {
    let permitted = Command::new("unshare").args([kinds, "true"]).output().is_ok_and(|done| done.status.success());
    if !permitted {
        println!("skipped: this machine permits no namespaces (unshare {kinds})");
        return None;
    }
    let inner = world.command(&[]);
    let mut command = Command::new("unshare");
    command.env_clear().current_dir(world.dir.path()).args([kinds, "sh", "-ec", script]);
    for (name, value) in inner.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command.env("BIN", inner.get_program()).env("CONFIG", world.config());
    Some(command.output().unwrap())
}

#[test]
#[ignore = "needs unshare and ip"]
fn l22_one_address_family_is_enough_and_is_reported() {
    let world = World::new(None);
    let login = format!(
        "\"$BIN\" login work --client-id 86abcdefghijkl --client-secret-file secret --redirect-url {} --no-browser \
         --timeout 1",
        world.redirect_url()
    );
    std::fs::write(world.dir.path().join("secret"), "WPL_AP1.x.y==\n").unwrap();
    // LinkedIn's own hosts: a name that cannot be resolved is temporary and does not stop the sign-in; a refused connection does.
    std::fs::remove_file(world.config().join("config.toml")).unwrap();
    for (take_away, left) in [("::1/128", "(127.0.0.1)"), ("127.0.0.1/8", "(::1)")] {
        let script = format!("ip link set lo up; ip addr del {take_away} dev lo; {login}");
        let Some(done) = run_in_namespaces(&world, "-Urn", &script) else { return };
        let printed = stderr(&done);
        // No callback arrives; the test is that it listened on the available families.
        assert_eq!(done.status.code(), Some(4), "{printed}");
        assert!(printed.contains(&format!("listening on {} {left}", world.redirect_url())), "{printed}");
    }
    let Some(done) = run_in_namespaces(&world, "-Urn", &login) else { return };
    assert_eq!(done.status.code(), Some(5), "{}", stderr(&done));
    assert!(stderr(&done).contains("reach its own address"), "{}", stderr(&done));
}

#[test]
fn l23_l25_an_unreachable_port_opens_no_browser() {
    let world = World::new(None);
    std::fs::write(world.dir.path().join("secret"), "WPL_AP1.x.y==\n").unwrap();
    // In a network namespace with its loopback interface down, a port can be bound but not reached.
    let login = format!(
        "\"$BIN\" login work --client-id 86abcdefghijkl --client-secret-file secret --redirect-url {} --timeout 1",
        world.redirect_url()
    );
    let Some(done) = run_in_namespaces(&world, "-Urn", &login) else { return };
    assert_eq!(done.status.code(), Some(5), "{}", stderr(&done));
    assert!(stderr(&done).contains("reach its own address"), "{}", stderr(&done));
    assert!(!stderr(&done).contains("listening on"), "{}", stderr(&done));
    assert!(!world.url_file().exists(), "the browser was started");
}

#[test]
#[ignore = "needs unshare"]
fn u08_ctrl_z_works_where_the_session_began_outside_a_container() {
    // Repeats the tests of Ctrl-Z as the first process of a PID namespace: the leader of its session has no ID there.
    let world = World::new(None);
    let tests = std::env::current_exe().unwrap();
    let script = format!("'{}' --test-threads=1 u08_ctrl_z_suspends_only u08_a_stop_leaves", tests.display());
    let Some(done) = run_in_namespaces(&world, "-Urpfm", &format!("mount -t proc proc /proc; {script}")) else {
        return;
    };
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
    assert!(String::from_utf8_lossy(&done.stdout).contains(" 2 passed"));
}

#[test]
#[ignore = "needs unshare"]
fn s04_a_read_only_file_system_is_read_and_named_on_save() {
    let world = World::signed_in(None);
    assert!(world.login("spare", "bruce", &[]).status.success());
    let mount = "mount --bind \"$CONFIG\" \"$CONFIG\"; mount -o remount,ro,bind \"$CONFIG\"; ";
    let Some(read) = run_in_namespaces(&world, "-Urm", &format!("{mount} \"$BIN\" token work; \"$BIN\" status --json"))
    else {
        return;
    };
    assert_eq!(read.status.code(), Some(0), "{}", stderr(&read));
    assert!(read.stdout.starts_with(b"AQ"));
    let save = run_in_namespaces(&world, "-Urm", &format!("{mount} \"$BIN\" profiles use spare --json")).unwrap();
    assert_eq!(save.status.code(), Some(6), "{}", stderr(&save));
    let error = json(&save);
    let message = error["error"]["message"].as_str().unwrap();
    assert!(message.contains("read-only") && message.contains("state"), "{message}");
}

#[test]
#[ignore = "needs unshare"]
fn a_mounted_file_is_refused_before_any_request() {
    let world = World::signed_in(Some("refresh-tokens"));
    let request_counts = || {
        ["POST /oauth/v2/accessToken", "POST /oauth/v2/revoke"]
            .map(|what| world.sandbox_state()["requests"][what].clone())
    };
    let before = request_counts();
    for file in ["profiles/work.toml", "apps/work.toml"] {
        let mount = format!("mount --bind \"$CONFIG/{file}\" \"$CONFIG/{file}\"; ");
        for command in ["refresh work", "revoke work", "login work --no-browser --timeout 1"] {
            let Some(done) = run_in_namespaces(&world, "-m", &format!("{mount} \"$BIN\" {command}")) else { return };
            assert_eq!(done.status.code(), Some(6), "{command}: {}", stderr(&done));
            let printed = stderr(&done);
            assert!(
                printed.contains(file) && printed.contains("mount point") && printed.contains("Mount the folder"),
                "{printed}"
            );
        }
        let read = run_in_namespaces(&world, "-m", &format!("{mount} \"$BIN\" token work")).unwrap();
        assert_eq!(read.status.code(), Some(0), "reading goes on: {}", stderr(&read));
    }
    assert_eq!(request_counts(), before, "no token is requested that cannot be saved");
}
