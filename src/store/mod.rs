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
pub use delivery::{CommandExit, Delivery, DeliveryResult, Input};
pub use drafts::{DraftImage, SavedDraft};
pub use encrypted::{Encryption, Key, KeyProvider};
pub use files::{OTHERS_READ_OR_WRITE, WRITE, read_key_file, read_text, read_trusted};
pub(crate) use format::rename_key;
pub use locks::ProfileLock;
pub use outcomes::WriteOutcome;
pub use permissions::{PagePermission, Permission, Permissions};
pub use posts::PublishedPost;
pub use reencrypt::{KeyChange, Reencrypted};
pub use saving::{delete_private, make_private_folder, write_private};
pub use store::{Entry, ProfileStore};
pub use survey::{AppSummary, FileKind, LockHolder, Survey, SurveyedFile, SurveyedLock};
pub use types::{App, Check, Member, Name, Profile, RefreshToken, Status, Token, Verdict};
