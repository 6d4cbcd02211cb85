//! Arguments that several commands share.

use clap::Args;

/// One profile, or the current one.
#[derive(Args, Debug)]
pub(crate) struct OneProfile {
    /// Profile name [default: the current profile]
    pub(crate) profile: Option<String>,
}

/// One profile, named.
#[derive(Args, Debug)]
pub(crate) struct NamedProfile {
    /// Profile name
    pub(crate) profile: String,
}

/// One app, named.
#[derive(Args, Debug)]
pub(crate) struct NamedApp {
    /// App name
    pub(crate) app: String,
}
