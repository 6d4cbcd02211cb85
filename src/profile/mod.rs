//! Apps and profiles, and the files they live in. Knows no network.

mod files;
mod locks;
mod reseal;
mod sealed;
mod store;
mod types;
mod wire;

pub use files::{delete_private, make_private_folder, write_private};
pub use locks::ProfileLock;
pub use reseal::Resealed;
pub use sealed::{Key, KeyHolder, Protection};
pub use store::{Entry, Store};
pub use types::{App, Check, Member, Name, Profile, Refresh, Status, Token, Verdict};
