//! The callback listener: holds the redirect URL's port on both loopback families, takes the one
//! good answer, and tells the browser how it ended.

#[cfg(any(fuzzing, test))]
pub(crate) mod fuzzing;
mod guarded;
mod listen;
mod page;
mod pasted;
mod peer;
mod port_owner;
mod query;
mod serve;

pub use listen::{Listener, Waiting};
pub use page::PageOutcome;
