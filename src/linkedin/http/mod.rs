//! The HTTP client: sends requests with limits, and reports errors that contain no URL and no body.

mod client;
mod failure;
mod form;
mod json;
mod observer;
mod proxy;
mod public;
mod response;
mod settings;
mod trust;

pub(super) use client::bearer_header;
pub use client::{Http, HttpRequest};
pub(crate) use failure::Failure;
pub use form::Form;
pub(crate) use form::expose_to_network;
pub(crate) use json::Fields;
pub use observer::{RequestObserver, SentRequest};
pub use proxy::ProxyInUse;
pub(crate) use proxy::ProxySource;
pub(crate) use response::Response;
pub use settings::{Network, Timeouts};
pub(crate) use trust::check_trust_variables;
pub use trust::read_ca_file;
