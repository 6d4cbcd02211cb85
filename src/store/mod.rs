//! Apps, profiles, posts and drafts, and their files.

mod apps;
mod deleted;
mod delivery;
mod drafts;
mod encrypted;
mod format;
mod fs;
#[cfg(any(fuzzing, test))]
pub(crate) mod fuzzing;
mod model;
mod name;
mod notifications;
mod outcomes;
mod permissions;
mod posts;
mod profile_store;
mod profiles;
mod reencrypt;
mod rename;
mod scan;
mod state;
mod transaction;
mod uploads;

pub(crate) use deleted::DeletedProfile;
pub use delivery::{CommandExit, Delivery, DeliveryResult, Input};
pub use drafts::{DraftImage, DraftPoll, SavedDraft};
pub use encrypted::{Encryption, Key, KeyProvider};
pub(crate) use format::{rename_key, set_value};
pub(crate) use fs::locks::ProfileLock;
pub use fs::write_private;
pub(crate) use fs::{
    MAX_KEY_FILE_BYTES, OTHERS_ACCESS, OTHERS_WRITE, create_private_directory, delete_private, read_key_file,
    read_trusted, write_output,
};
pub use model::{App, Check, Doubt, Member, Profile, PublishedPost, RefreshToken, Status, Token, Undecided, Verdict};
pub(crate) use model::{AppSummary, FileStamp, ProfileIdentity, UploadReceipt, WriteOutcome, first_line};
pub use name::Name;
pub use permissions::{PagePermission, Permission, Permissions};
pub use profile_store::ProfileStore;
pub(crate) use profiles::FileVersion;
pub use reencrypt::KeyChange;
pub(crate) use reencrypt::Reencrypted;
#[cfg(test)]
pub(crate) use scan::ScannedLock;
pub(crate) use scan::{DirectoryAccess, FileKind, LockHolder, ScannedFile, StoreScan};
