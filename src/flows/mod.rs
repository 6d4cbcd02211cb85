//! The use cases: each file reads as its story. Knows no screen and no command line.

pub mod sign_in;
