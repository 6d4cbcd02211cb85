//! The OAuth engine: authorization request, callback listener, code exchange, refresh. Knows no
//! file and no screen.

pub mod authorize;
pub mod callback;
pub mod exchange;
