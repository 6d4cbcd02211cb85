//! Arguments that several commands share.

use clap::Args;

/// One profile, or the current one.
#[derive(Args, Debug)]
pub struct OneProfile {
    /// Profile name [default: the current profile]
    pub profile: Option<String>,
}

/// One profile, named.
#[derive(Args, Debug)]
pub struct NamedProfile {
    /// Profile name
    pub profile: String,
}

/// One app, named.
#[derive(Args, Debug)]
pub struct NamedApp {
    /// App name
    pub app: String,
}
