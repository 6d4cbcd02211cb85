//! Arguments that several commands share.

use clap::Args;

/// One profile, or the current one.
#[derive(Args, Debug)]
pub(crate) struct OneProfile {
    /// Profile name [default: the current profile]
    #[arg(add = super::candidates::complete_profile_names())]
    pub(crate) profile: Option<String>,
}

/// One profile, named.
#[derive(Args, Debug)]
pub(crate) struct NamedProfile {
    /// Profile name
    #[arg(add = super::candidates::complete_profile_names())]
    pub(crate) profile: String,
}

/// One app, named.
#[derive(Args, Debug)]
pub(crate) struct NamedApp {
    /// App name
    #[arg(add = super::candidates::complete_app_names())]
    pub(crate) app: String,
}
