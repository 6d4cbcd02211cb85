//! The sandbox behaves as LinkedIn is known to behave.

mod access;
mod api;
mod authorization;
mod client;
mod control;
mod error_responses;
mod gateway;
mod introspection;
mod oidc;
mod publishing;
mod social;
mod token;
