//! Protection of this process's memory.

/// Prevents core files, which would contain the keys. Unlike a limit on core files this is not inherited by child processes.
#[cfg(target_os = "linux")]
pub(super) fn leave_no_core_file() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    // Only an old kernel refuses, and there is nothing else to do then.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

#[cfg(not(target_os = "linux"))]
pub(super) const fn leave_no_core_file() {}
