//! Tests that need a process of their own: they change what a process shares, or another test's children would have what they
//! close for the instant between fork and exec.

use std::process::Command;

const ALONE: &str = "LINKEDIN_TUI_TEST_ALONE";

/// Returns whether the test `name` (`storage::s20_…`) is alone in its process. If not, runs it in a process of its own, and
/// fails when it fails there.
pub(crate) fn is_alone(name: &str) -> bool {
    is_alone_in(name, Command::new(std::env::current_exe().unwrap()))
}

/// Like [`is_alone`], in a process with this umask.
#[cfg(unix)]
pub(crate) fn is_alone_with_umask(name: &str, umask: &str) -> bool {
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask \"$0\"; exec \"$@\"", umask]).arg(std::env::current_exe().unwrap());
    is_alone_in(name, shell)
}

fn is_alone_in(name: &str, mut command: Command) -> bool {
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let done = command.args(["--exact", name]).env(ALONE, "1").output().unwrap();
    let printed = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && printed.contains(" 1 passed"), "{printed}");
    false
}
