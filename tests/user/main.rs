//! Tests that play a user: the real binary, a sandbox, and where needed a real browser.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed test should stop where it failed"
)]

mod browser;
mod cli;
#[cfg(target_os = "linux")]
mod crash;
mod handing_on;
#[cfg(unix)]
mod interface;
#[path = "../ports/mod.rs"]
mod ports;
mod protect;
#[cfg(unix)]
mod protect_asked;
#[cfg(target_os = "linux")]
mod protect_outside;
#[cfg(unix)]
mod terminal;
mod world;
