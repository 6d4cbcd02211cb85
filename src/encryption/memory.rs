//! What the system may keep of this process's memory.

/// A core file would hold the keys, and with them everything that they open. Unlike a limit on core files this is not passed on
/// to the programs that this one starts.
#[cfg(target_os = "linux")]
pub(super) fn leave_no_core_file() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    // Only an old kernel refuses, and there is nothing else to do then.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

#[cfg(not(target_os = "linux"))]
pub(super) const fn leave_no_core_file() {}
