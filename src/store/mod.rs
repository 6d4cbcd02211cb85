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
mod notices;
mod outcomes;
mod permissions;
mod posts;
mod profile_store;
mod profiles;
mod reencrypt;
mod rename;
mod state;
mod survey;
mod transaction;

pub use deleted::DeletedProfile;
pub use delivery::{CommandExit, Delivery, DeliveryResult, Input};
pub use drafts::{DraftImage, SavedDraft};
pub use encrypted::{Encryption, Key, KeyProvider};
pub(crate) use format::rename_key;
pub use fs::locks::ProfileLock;
pub use fs::{
    MAX_KEY_FILE_BYTES, OTHERS_READ_OR_WRITE, OTHERS_WRITE, create_private_folder, delete_private, read_key_file,
    read_text, read_trusted, write_private,
};
pub use model::{
    App, AppSummary, Check, Member, Profile, PublishedPost, RefreshToken, Status, Token, Verdict, WriteOutcome,
};
pub use name::Name;
pub use permissions::{PagePermission, Permission, Permissions};
pub use profile_store::ProfileStore;
pub use profiles::{Entry, FileVersion};
pub use reencrypt::{KeyChange, Reencrypted};
pub use survey::{FileKind, LockHolder, Survey, SurveyedFile, SurveyedLock};
