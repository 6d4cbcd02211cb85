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
//! [`TokenStore`], [`Error`] and the types they return are the public interface. The other modules
//! are public for the program, its tests and its benchmarks only: they change without notice.

#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod clock;
#[doc(hidden)]
pub mod config;
#[doc(hidden)]
pub mod encryption;
#[doc(hidden)]
pub mod error;
#[doc(hidden)]
pub mod files;
#[doc(hidden)]
pub mod flows;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
#[doc(hidden)]
pub mod host;
#[doc(hidden)]
pub mod linkedin;
#[doc(hidden)]
pub mod oauth;
#[doc(hidden)]
pub mod sandbox;
#[doc(hidden)]
pub mod secret;
#[doc(hidden)]
pub mod session;
#[doc(hidden)]
pub mod store;
mod sync;
#[doc(hidden)]
pub mod text;
#[doc(hidden)]
pub mod tui;

#[doc(inline)]
pub use error::{Code, Error, NextStep, Result};
#[doc(inline)]
pub use flows::TokenStore;
#[doc(inline)]
pub use secret::Secret;
