//! What several areas' tests need.

pub(crate) mod ports;
#[cfg(unix)]
pub(crate) mod process;
