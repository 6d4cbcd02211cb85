//! Tests that play a user: the real binary, a sandbox, and where needed a real browser.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed test should stop where it failed"
)]

mod browser;
mod calls;
mod cli;
#[cfg(target_os = "linux")]
mod crash;
mod handing_on;
#[cfg(unix)]
mod interface;
#[path = "../ports/mod.rs"]
mod ports;
mod publish;
mod recorder;
#[cfg(unix)]
mod terminal;
mod world;
