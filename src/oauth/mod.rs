//! The OAuth engine: authorization request, callback listener, code exchange, refresh. Knows no
//! file and no screen.

pub(crate) mod authorize;
pub(crate) mod callback;
pub(crate) mod exchange;
