//! Get LinkedIn API access tokens and keep them valid.
//!
//! Another Rust program gets a valid token of a profile with [`TokenStore`]:
//!
//! ```no_run
//! # fn main() -> linkedin_tui::Result<()> {
//! let token = linkedin_tui::TokenStore::open()?.token("work")?;
//! let header = format!("Authorization: Bearer {}", token.expose());
//! # Ok(())
//! # }
//! ```
//!
//! It needs no Cargo feature, except `keyring` if a keyring encrypts the tokens: `default-features = false` leaves out the server
//! for assistants (`mcp`) and, on Linux, libdbus.
//!
//! [`TokenStore`], [`Error`] and the types they return are the public interface.

mod assets;
mod cli;
mod clock;
mod config;
mod encryption;
mod error;
mod files;
mod flows;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
mod host;
#[doc(hidden)]
pub mod internal;
mod linkedin;
mod oauth;
mod sandbox;
mod secret;
mod session;
mod store;
mod sync;
mod text;
mod tui;

#[doc(inline)]
pub use error::{Code, Error, NextStep, Result};
#[doc(inline)]
pub use flows::TokenStore;
#[doc(inline)]
pub use secret::Secret;
