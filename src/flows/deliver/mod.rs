//! Delivering a token to where it is used.

mod redeliver;
pub(super) mod run;

pub use redeliver::redeliver;
pub use run::planned;
