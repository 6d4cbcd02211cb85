//! Delivering a token to where it is used.

mod redeliver;
pub(super) mod run;

pub(crate) use redeliver::redeliver;
pub(crate) use run::planned;
