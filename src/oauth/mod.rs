//! OAuth: authorization request, callback server, code exchange, refresh. Without files and screens.

pub(crate) mod authorize;
pub(crate) mod callback;
pub(crate) mod exchange;
