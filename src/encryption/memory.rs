//! Protects the memory of this process.

/// Prevents core files, which would contain the keys. Unlike a limit on core files this is not inherited by child processes.
#[cfg(target_os = "linux")]
pub(super) fn disable_core_dumps() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    // It fails only on old kernels, which have no alternative.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

#[cfg(not(target_os = "linux"))]
pub(super) const fn disable_core_dumps() {}
