//! The callback server of the real binary under many connections, and its port after each kind of exit.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Child;

use crate::support::wait_for;
use crate::user::world::{World, stderr};

/// Returns the number of open descriptors of a process.
fn descriptors(child: &Child) -> usize {
    std::fs::read_dir(PathBuf::from(format!("/proc/{}/fd", child.id()))).unwrap().count()
}

#[test]
fn l15_ten_thousand_connections_leave_no_descriptor_behind() {
    let world = World::new(None);
    let child = world.start_login("work", &[]);
    let url = world.browser_url();
    let before = descriptors(&child);
    let mut most = 0;
    // No more at once than fit the backlog: the next would be retried after a second.
    for _ in 0..100 {
        let wave: Vec<TcpStream> = (0..100).map(|_| TcpStream::connect(("127.0.0.1", world.port)).unwrap()).collect();
        most = most.max(descriptors(&child));
        drop(wave);
    }
    assert!(most <= before + 64 + 8, "{most} descriptors, {before} before");
    wait_for("the descriptors to be closed", || (descriptors(&child) <= before).then_some(()));
    assert!(world.allow(&url, "ada").contains("You are signed in"), "the valid callback is accepted");
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{}", stderr(&done));
}

#[test]
fn l27_the_port_is_free_however_login_ends() {
    let world = World::new(None);
    let is_free = |what: &str| {
        for address in ["127.0.0.1", "::1"] {
            let bound = TcpListener::bind((address, world.port));
            assert!(bound.is_ok(), "{what}: {address}: {bound:?}");
        }
    };
    let done = world.login("work", "ada", &[]);
    assert!(done.status.success(), "{}", stderr(&done));
    is_free("success");
    let done = world.start_login("work", &["--timeout", "1"]).wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(4), "{}", stderr(&done));
    is_free("timeout");
    for signal in ["TERM", "INT", "HUP", "KILL"] {
        let mut child = world.start_login("work", &[]);
        world.browser_url();
        let sent = std::process::Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
        assert!(sent.unwrap().success());
        assert!(!child.wait().unwrap().success());
        is_free(signal);
    }
}
