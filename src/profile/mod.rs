//! Apps and profiles, and the files they live in. Knows no network.

mod types;

pub use types::{App, Check, Member, Name, Profile, Refresh, Status, Token, Verdict};
