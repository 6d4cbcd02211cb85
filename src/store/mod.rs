//! Apps and profiles, and the files they live in. Knows no network.

mod apps;
mod deleted;
mod delivery;
mod drafts;
mod encrypted;
mod exclusive;
mod files;
mod format;
#[cfg(any(fuzzing, test))]
pub(crate) mod fuzzing;
mod locks;
mod notices;
mod outcomes;
mod permissions;
mod posts;
mod reencrypt;

mod renaming;
mod saving;
mod schema;
mod state;
mod store;
mod survey;
mod types;

mod working_version;

pub use deleted::{DeletedProfile, FileVersion};
pub use delivery::{Delivery, DeliveryResult, Ended, Input};
pub use drafts::{DraftImage, SavedDraft};
pub use encrypted::{Encryption, Key, KeyHolder};
pub use files::{READ_OR_WRITE, WRITE, read_key_file, read_text, read_trusted};
pub(crate) use format::rename_key;
pub use locks::ProfileLock;
pub use outcomes::Outcome;
pub use permissions::{PagePermission, Permission, Permissions};
pub use posts::Posted;
pub use reencrypt::{KeyChange, Reencrypted};
pub use saving::{delete_private, make_private_folder, write_private};
pub use store::{Entry, Store};
pub use survey::{FoundApp, Held, Item, Kind, Lock, Survey};
pub use types::{App, Check, Member, Name, Profile, Refresh, Status, Token, Verdict};
