//! The callback server under hostile input: raw bytes on its port, and the sign-in that must continue.

mod lifetime;
mod requests;
mod server;
