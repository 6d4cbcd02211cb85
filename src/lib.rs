//! Get LinkedIn API access tokens and keep them alive.
//!
//! The folders mirror what the code knows: [`linkedin`] is what LinkedIn is, [`oauth`] the
//! browser flow, [`profile`] and [`config`] the files, [`keys`] what opens encrypted fields, [`flows`] the use cases, [`cli`] and
//! [`tui`] the two faces, [`sandbox`] the embedded imitation of LinkedIn.
//!
//! Another program takes a live token by [`TokenStore`]: `TokenStore::open()?.token("work")?`.

pub mod cli;
#[doc(hidden)]
pub mod clock;
#[doc(hidden)]
pub mod config;

#[doc(hidden)]
pub mod encryption;
pub mod error;
#[doc(hidden)]
pub mod files;
pub mod flows;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;

#[doc(hidden)]
pub mod host;
pub mod linkedin;
pub mod oauth;

pub mod sandbox;
#[doc(hidden)]
pub mod secret;
pub mod session;
#[doc(hidden)]
pub mod store;
mod sync;
#[doc(hidden)]
pub mod text;
pub mod tui;

pub use error::{Code, Error, NextStep, Result};
pub use flows::TokenStore;
