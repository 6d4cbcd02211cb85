//! Tokens for other Rust programs.

#![warn(missing_docs)]

use std::path::Path;

use jiff::SignedDuration;

use super::with_token::with_valid_token;
use crate::Result;
use crate::encryption::no_prompt;
use crate::secret::Secret;
use crate::session::{Options, Session};
use crate::store::Profile;

/// The profiles of this machine's user, for a program that uses their tokens.
///
/// Signing in is left to `linkedin-tui login` and the interface; a `TokenStore` reads what they saved, and refreshes a
/// token if LinkedIn issued a refresh token. It never prompts, and calls block: an asynchronous program makes them in
/// `tokio::task::spawn_blocking`.
///
/// ```no_run
/// use linkedin_tui::{Code, TokenStore};
///
/// let store = TokenStore::open()?;
/// match store.token("work") {
///     Ok(token) => drop(token.expose()),
///     Err(error) if error.code == Code::Expired => { /* ask the user to run `linkedin-tui login work` */ }
///     Err(error) => return Err(error),
/// }
/// # Ok::<(), linkedin_tui::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TokenStore(Session);

impl TokenStore {
    /// Opens the directory that the command line uses: `LINKEDIN_TUI_CONFIG_DIR`, else the system's directory for settings.
    ///
    /// # Errors
    /// [`Code::Files`](crate::Code::Files) if the directory cannot be determined, or belongs to another user.
    pub fn open() -> Result<Self> {
        Session::open(Options::default(), no_prompt).map(Self)
    }

    /// Opens a directory, as `--config-dir` does.
    ///
    /// # Errors
    /// As [`TokenStore::open`].
    pub fn open_in(directory: &Path) -> Result<Self> {
        let options = Options { config_dir: Some(directory.to_owned()), ..Options::default() };
        Session::open(options, no_prompt).map(Self)
    }

    /// Returns the access token of a profile, refreshed first if needed and possible.
    ///
    /// # Errors
    /// [`Code::NoSuchProfile`](crate::Code::NoSuchProfile), or `BadInput` for a text that cannot be a name; `SignedOut`,
    /// `Expired` or `Revoked` if the member must sign in; `Network`, `ServerError`, `RateLimited` or `ClientRefused` if a
    /// refresh failed; `Locked` if another process refreshes for more than 35 s; `KeyUnavailable` or `WrongPassphrase` if the
    /// encryption key cannot be read without a prompt; `Files`, `FileDamaged` or `FileNewer` if a file cannot be read.
    pub fn token(&self, profile: &str) -> Result<Secret> {
        self.token_for(profile, SignedDuration::ZERO)
    }

    /// Returns an access token that stays valid for at least `min_ttl`.
    ///
    /// # Errors
    /// As [`TokenStore::token`]; also [`Code::Expired`](crate::Code::Expired) if the token expires sooner and cannot be
    /// refreshed.
    pub fn token_for(&self, profile: &str, min_ttl: SignedDuration) -> Result<Secret> {
        let access = |profile: &Profile| profile.require_token().map(|token| token.access.clone());
        with_valid_token(&self.0, Some(profile), min_ttl, &|_| {}, access)
    }
}
