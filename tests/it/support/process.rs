//! Tests that change what a whole process shares: they run once more, alone.

use std::process::Command;

const ALONE: &str = "LINKEDIN_TUI_TEST_ALONE";

/// Whether the test called `name` (`storage::s20_…`) is alone in a process whose umask is `umask`. If it is not, runs it in one,
/// and fails when it fails there.
pub(crate) fn is_alone_with_umask(name: &str, umask: &str) -> bool {
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let mut command = Command::new("sh");
    command.args(["-c", "umask \"$0\"; exec \"$@\"", umask]).arg(std::env::current_exe().unwrap());
    let done = command.args(["--exact", name]).env(ALONE, "1").output().unwrap();
    let printed = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && printed.contains(" 1 passed"), "{printed}");
    false
}
