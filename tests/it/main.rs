//! The integration tests in one binary, since each binary links the program again.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed test should stop where it failed"
)]

mod callback_server;
mod docs;
mod e2e;
mod encrypted_fields;
#[cfg(unix)]
mod encryption;
mod fault_coverage;
mod faults;
mod file_formats;
mod layers;
#[cfg(target_os = "linux")]
mod locks;
mod packaging;
mod profile_changes;
mod publishing;
mod sandbox;
mod screens;
mod sign_in;
mod storage;
mod support;
#[cfg(unix)]
mod token_store;
