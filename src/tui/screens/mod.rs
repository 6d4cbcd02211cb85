//! One file a screen: what its keys do, and how it looks.

pub(crate) mod compose;
pub(crate) mod deliveries;
pub(crate) mod done;
pub(crate) mod guide;
pub(crate) mod help;
pub(crate) mod permissions;
pub(crate) mod profiles;
pub(crate) mod progress;
pub(crate) mod setup;

pub(in crate::tui) use setup::page as setup_page;
