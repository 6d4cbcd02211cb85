//! Apps and profiles, and the files they live in. Knows no network.

mod delivery;
mod files;
mod locks;
mod notices;
mod store;
mod survey;
mod types;
mod wire;

pub use delivery::{Delivered, Delivery, Ended, Input};
pub use files::write_private;
pub use locks::ProfileLock;
pub use store::{Entry, Store};
pub use survey::{FoundApp, Held, Item, Kind, Lock, Survey};
pub use types::{App, Check, Member, Name, Profile, Refresh, Status, Token, Verdict};
