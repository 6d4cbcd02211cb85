//! Apps and profiles, and the files they live in. Knows no network.

mod apps;
mod delivery;
mod drafts;
mod files;
#[cfg(any(fuzzing, test))]
pub(crate) mod fuzzing;
mod locks;
mod notices;
mod outcomes;
mod permissions;
mod posts;
mod removed;
mod reseal;
mod sealed;
mod store;
mod survey;
mod types;
mod wire;
mod working_version;

pub use delivery::{Delivered, Delivery, Ended, Input};
pub use drafts::{DraftImage, SavedDraft};
pub use files::{delete_private, make_private_folder, read_text, write_private};
pub use locks::ProfileLock;
pub use outcomes::Outcome;
pub use permissions::{PagePermission, Permission, Permissions};
pub use posts::Posted;
pub use removed::{Removed, Stamp};
pub use reseal::Resealed;
pub use sealed::{Key, KeyHolder, Protection};
pub use store::{Entry, Store};
pub use survey::{FoundApp, Held, Item, Kind, Lock, Survey};
pub use types::{App, Check, Member, Name, Profile, Refresh, Status, Token, Verdict};
