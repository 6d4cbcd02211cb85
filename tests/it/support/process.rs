//! Tests that need a process of their own, because they change process-wide state, or because children of parallel tests
//! would inherit their file descriptors between fork and exec.

use std::process::Command;

const ALONE_VARIABLE: &str = "LINKEDIN_TUI_TEST_ALONE";

/// Returns whether the test `name` (`storage::s20_…`) runs alone in its process. If not, runs it in a new process and fails
/// if it fails there.
pub(crate) fn runs_in_own_process(name: &str) -> bool {
    runs_in_own_process_of(name, Command::new(std::env::current_exe().unwrap()))
}

/// Does the same as [`runs_in_own_process`], in a process with `umask`.
#[cfg(unix)]
pub(crate) fn runs_in_own_process_with_umask(name: &str, umask: &str) -> bool {
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask \"$0\"; exec \"$@\"", umask]).arg(std::env::current_exe().unwrap());
    runs_in_own_process_of(name, shell)
}

fn runs_in_own_process_of(name: &str, mut command: Command) -> bool {
    if std::env::var_os(ALONE_VARIABLE).is_some() {
        return true;
    }
    let output = command.args(["--exact", name]).env(ALONE_VARIABLE, "1").output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && stdout.contains(" 1 passed"), "{stdout}");
    false
}
