//! Apps and profiles, and the files they live in. Knows no network.

mod drafts;
mod files;
mod locks;
mod posts;
mod store;
mod types;
mod wire;

pub use drafts::{DraftImage, SavedDraft};
pub use files::write_private;
pub use locks::ProfileLock;
pub use posts::Posted;
pub use store::{Entry, Store};
pub use types::{App, Check, Member, Name, Profile, Refresh, Status, Token, Verdict};
