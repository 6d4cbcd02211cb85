//! The callback server: holds the redirect URL's port on both loopback families, accepts the one
//! valid callback, and shows the outcome in the browser.

mod connections;
#[cfg(any(fuzzing, test))]
pub(crate) mod fuzzing;
mod handle;
mod pages;
mod pasted;
mod peer;
mod port_owner;
mod probe;
mod query;
mod request_checks;
mod server;
mod service;
mod sockets;

pub use handle::CallbackHandle;
pub use pages::{BrowserOutcome, SuccessPage};
pub(crate) use port_owner::is_held_by_this_program;
pub use server::CallbackServer;
pub(crate) use service::RejectedCallbacks;
