//! The callback listener under fire: raw bytes on its port, and the sign-in that must go on.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed test should stop where it failed")]

mod life;
#[path = "../ports/mod.rs"]
mod ports;
mod requests;
mod waiting;
