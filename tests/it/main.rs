//! The integration tests in one binary, since each binary links the program again.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed test should stop where it failed")]
#![cfg_attr(unix, expect(clippy::expect_used, reason = "a failed test should stop where it failed"))]

mod callback_server;
mod docs;
// Their browsers and commands are shell scripts; `.ci/windows` drives the program on Windows.
#[cfg(unix)]
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
