//! Tests that need a process of their own, because they change process-wide state, or because children of parallel tests
//! would inherit their file descriptors between fork and exec.

use std::process::Command;

const ALONE_VARIABLE: &str = "LINKEDIN_TUI_TEST_ALONE";

/// Returns whether the test `name` (`storage::s20_…`) runs alone in its process. If not, runs it in a new process and fails
/// if it fails there.
pub(crate) fn is_alone(name: &str) -> bool {
    is_alone_in(name, Command::new(std::env::current_exe().unwrap()))
}

/// Does the same as [`is_alone`], in a process with `umask`.
#[cfg(unix)]
pub(crate) fn is_alone_with_umask(name: &str, umask: &str) -> bool {
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask \"$0\"; exec \"$@\"", umask]).arg(std::env::current_exe().unwrap());
    is_alone_in(name, shell)
}

fn is_alone_in(name: &str, mut command: Command) -> bool {
    if std::env::var_os(ALONE_VARIABLE).is_some() {
        return true;
    }
    let output = command.args(["--exact", name]).env(ALONE_VARIABLE, "1").output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && stdout.contains(" 1 passed"), "{stdout}");
    false
}
