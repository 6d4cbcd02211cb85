//! The callback server of the real binary under many connections, and its port after each kind of exit.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Child;

use crate::e2e::test_env::{TestEnv, stderr};
use crate::support::wait_for;

/// Returns the number of open descriptors of a process.
fn open_descriptors(child: &Child) -> usize {
    std::fs::read_dir(PathBuf::from(format!("/proc/{}/fd", child.id()))).unwrap().count()
}

#[test]
fn l15_ten_thousand_connections_leak_no_descriptor() {
    let env = TestEnv::new(None);
    let child = env.start_login("work", &[]);
    let url = env.browser_url();
    let before = open_descriptors(&child);
    let mut peak = 0;
    // At most as many connections as fit the backlog; the kernel would retry the next one after a second.
    for _ in 0..100 {
        let connections: Vec<TcpStream> =
            (0..100).map(|_| TcpStream::connect(("127.0.0.1", env.port)).unwrap()).collect();
        peak = peak.max(open_descriptors(&child));
        drop(connections);
    }
    assert!(peak <= before + 64 + 8, "{peak} descriptors, {before} before");
    wait_for("the descriptors to be closed", || (open_descriptors(&child) <= before).then_some(()));
    assert!(env.approve_and_follow(&url, "ada").contains("You are signed in"), "the valid callback is accepted");
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn l27_the_port_is_free_after_every_kind_of_exit() {
    let env = TestEnv::new(None);
    let assert_port_is_free = |what: &str| {
        for address in ["127.0.0.1", "::1"] {
            let listener = TcpListener::bind((address, env.port));
            assert!(listener.is_ok(), "{what}: {address}: {listener:?}");
        }
    };
    let output = env.login("work", "ada", &[]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_port_is_free("success");
    let output = env.start_login("work", &["--timeout", "1"]).wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert_port_is_free("timeout");
    for signal in ["TERM", "INT", "HUP", "KILL"] {
        let mut child = env.start_login("work", &[]);
        env.browser_url();
        let sent = std::process::Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
        assert!(sent.unwrap().success());
        assert!(!child.wait().unwrap().success());
        assert_port_is_free(signal);
    }
}
