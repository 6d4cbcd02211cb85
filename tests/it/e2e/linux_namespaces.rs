//! The program in Linux namespaces: without IPv6, or on a read-only file system. The tests are skipped if the user may
//! not create namespaces.

use std::process::{Command, Output};

use crate::e2e::test_env::{TestEnv, json, stderr};

/// Runs `script` in a shell in new namespaces; `None` if that is not permitted.
#[expect(clippy::print_stdout, reason = "a skipped test reports it")]
fn run_in_namespaces(env: &TestEnv, kinds: &str, script: &str) -> Option<Output> {
    let is_permitted =
        Command::new("unshare").args([kinds, "true"]).output().is_ok_and(|output| output.status.success());
    if !is_permitted {
        println!("skipped: this machine permits no namespaces (unshare {kinds})");
        return None;
    }
    let binary = env.command(&[]);
    let mut command = Command::new("unshare");
    command.env_clear().current_dir(env.dir.path()).args([kinds, "sh", "-ec", script]);
    for (name, value) in binary.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command.env("BIN", binary.get_program()).env("CONFIG", env.config());
    Some(command.output().unwrap())
}

#[test]
#[ignore = "needs unshare and ip"]
fn l22_one_address_family_suffices_and_is_reported() {
    let env = TestEnv::new(None);
    let login = format!(
        "\"$BIN\" login work --client-id 86abcdefghijkl --client-secret-file secret --redirect-url {} --no-browser \
         --timeout 1",
        env.redirect_url()
    );
    std::fs::write(env.dir.path().join("secret"), "WPL_AP1.x.y==\n").unwrap();
    // Without `config.toml` the program uses LinkedIn's hosts, whose unresolvable names do not stop a sign-in.
    std::fs::remove_file(env.config().join("config.toml")).unwrap();
    for (removed, left) in [("::1/128", "(127.0.0.1)"), ("127.0.0.1/8", "(::1)")] {
        let script = format!("ip link set lo up; ip addr del {removed} dev lo; {login}");
        let Some(output) = run_in_namespaces(&env, "-Urn", &script) else { return };
        let printed = stderr(&output);
        // No callback arrives; the server must have listened on the available address family.
        assert_eq!(output.status.code(), Some(4), "{printed}");
        assert!(printed.contains(&format!("listening on {} {left}", env.redirect_url())), "{printed}");
    }
    let Some(output) = run_in_namespaces(&env, "-Urn", &login) else { return };
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
    assert!(stderr(&output).contains("reach its own address"), "{}", stderr(&output));
}

#[test]
fn l23_l25_an_unreachable_port_opens_no_browser() {
    let env = TestEnv::new(None);
    std::fs::write(env.dir.path().join("secret"), "WPL_AP1.x.y==\n").unwrap();
    // In a network namespace with its loopback interface down, a port can be bound but not reached.
    let login = format!(
        "\"$BIN\" login work --client-id 86abcdefghijkl --client-secret-file secret --redirect-url {} --timeout 1",
        env.redirect_url()
    );
    let Some(output) = run_in_namespaces(&env, "-Urn", &login) else { return };
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
    assert!(stderr(&output).contains("reach its own address"), "{}", stderr(&output));
    assert!(!stderr(&output).contains("listening on"), "{}", stderr(&output));
    assert!(!env.url_file().exists(), "no browser was started");
}

#[test]
#[ignore = "needs unshare"]
fn u08_ctrl_z_works_in_a_new_pid_namespace() {
    // Runs the Ctrl-Z tests in a new PID namespace, where the session leader has no process ID.
    let env = TestEnv::new(None);
    let tests = std::env::current_exe().unwrap();
    let script = format!("'{}' --test-threads=1 u08_ctrl_z_suspends_only u08_stop_and_continue", tests.display());
    let Some(output) = run_in_namespaces(&env, "-Urpfm", &format!("mount -t proc proc /proc; {script}")) else {
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains(" 2 passed"));
}

#[test]
#[ignore = "needs unshare"]
fn s04_a_read_only_file_system_is_reported_on_save() {
    let env = TestEnv::signed_in(None);
    assert!(env.login("spare", "bruce", &[]).status.success());
    let mount = "mount --bind \"$CONFIG\" \"$CONFIG\"; mount -o remount,ro,bind \"$CONFIG\"; ";
    let Some(read) = run_in_namespaces(&env, "-Urm", &format!("{mount} \"$BIN\" token work; \"$BIN\" status --json"))
    else {
        return;
    };
    assert_eq!(read.status.code(), Some(0), "{}", stderr(&read));
    assert!(read.stdout.starts_with(b"AQ"));
    let save = run_in_namespaces(&env, "-Urm", &format!("{mount} \"$BIN\" profiles use spare --json")).unwrap();
    assert_eq!(save.status.code(), Some(6), "{}", stderr(&save));
    let error = json(&save);
    let message = error["error"]["message"].as_str().unwrap();
    assert!(message.contains("read-only") && message.contains("state"), "{message}");
}

#[test]
#[ignore = "needs unshare"]
fn a_mounted_file_is_rejected_before_any_request() {
    let env = TestEnv::signed_in(Some("refresh-tokens"));
    let request_counts = || {
        ["POST /oauth/v2/accessToken", "POST /oauth/v2/revoke"]
            .map(|what| env.sandbox_state()["requests"][what].clone())
    };
    let before = request_counts();
    for file in ["profiles/work.toml", "apps/work.toml"] {
        let mount = format!("mount --bind \"$CONFIG/{file}\" \"$CONFIG/{file}\"; ");
        for command in ["refresh work", "revoke work", "login work --no-browser --timeout 1"] {
            let Some(output) = run_in_namespaces(&env, "-m", &format!("{mount} \"$BIN\" {command}")) else { return };
            assert_eq!(output.status.code(), Some(6), "{command}: {}", stderr(&output));
            let printed = stderr(&output);
            assert!(
                printed.contains(file) && printed.contains("mount point") && printed.contains("Mount the directory"),
                "{printed}"
            );
        }
        let read = run_in_namespaces(&env, "-m", &format!("{mount} \"$BIN\" token work")).unwrap();
        assert_eq!(read.status.code(), Some(0), "reading still works: {}", stderr(&read));
    }
    assert_eq!(request_counts(), before, "no token is requested that cannot be saved");
}
