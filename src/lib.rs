//! Get LinkedIn API access tokens and keep them alive.
//!
//! The folders mirror what the code knows: [`linkedin`] is what LinkedIn is, [`oauth`] the
//! browser flow, [`profile`] and [`config`] the files, [`keys`] what opens encrypted fields, [`flows`] the use cases, [`cli`] and
//! [`tui`] the two faces, [`sandbox`] the embedded imitation of LinkedIn.
//!
//! Another program takes a live token by [`TokenStore`]: `TokenStore::open()?.token("work")?`.

pub mod cli;
pub mod clock;
pub mod config;

pub mod encryption;
pub mod error;
pub mod files;
pub mod flows;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;

pub mod host;
pub mod linkedin;
pub mod oauth;

pub mod sandbox;
pub mod secret;
pub mod session;
pub mod store;
pub mod text;
pub mod tui;

pub use error::{Code, Error, NextStep, Result};
pub use flows::TokenStore;
