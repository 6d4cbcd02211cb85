//! The integration tests, in one binary: each additional binary would link the whole program again.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed test should stop where it failed"
)]

mod catalogue;
mod docs;
#[cfg(unix)]
mod encrypted;
mod encrypted_fields;
mod faults;
mod flows;
mod formats;
mod layers;
mod listener;
#[cfg(target_os = "linux")]
mod locks;
mod manage;
mod publishing;
mod sandbox;
mod screens;
mod storage;
mod support;
#[cfg(unix)]
mod token_store;
mod user;
