//! The HTTP client: sends requests with limits, and reports errors that contain no URL and no body.

mod answer;
mod client;
mod failure;
mod form;
mod json;
mod proxy;
mod settings;
mod trust;

pub use answer::Answer;
pub(super) use client::bearer_header;
pub use client::{Failure, Http, HttpRequest};
pub use form::Form;
pub(crate) use form::expose_to_network;
pub use json::{Fields, integer};
pub use proxy::{Route, Source};
pub use settings::{Network, Timeouts};
pub(crate) use trust::from_variables as check_trust_variables;
pub use trust::{Bundle, ca_file};
