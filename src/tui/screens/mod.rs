//! One file a screen: what its keys do, and how it looks.

pub mod done;
pub mod guide;
pub mod profiles;
pub mod progress;
pub mod setup;
pub mod setup_view;
