//! One file a screen: what its keys do, and how it looks.

pub mod compose;
pub mod deliveries;
pub mod done;
pub mod guide;
pub mod help;
pub mod permissions;
pub mod profiles;
pub mod progress;
pub mod setup;

pub(in crate::tui) use setup::page as setup_page;
