//! The sandbox against the facts known of LinkedIn: one test for each quirk, in LinkedIn's order.

mod access;
mod answers;
mod api;
mod authorization;
mod control;
mod gateway;
mod introspection;
mod oidc;
mod publishing;
mod token;
mod world;
