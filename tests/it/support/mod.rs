//! What several areas' tests need.

pub(crate) mod ports;
pub(crate) mod process;
