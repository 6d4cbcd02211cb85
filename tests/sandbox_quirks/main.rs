//! The sandbox against the facts known of LinkedIn: one test for each quirk, in LinkedIn's order.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod api;
mod authorization;
mod control;
mod introspection;
mod oidc;
mod publishing;
mod token;
mod world;
