//! What the sandbox remembers, and the file it keeps it in.
//!
//! Its codes, tokens and secrets open nothing outside this sandbox, so they are plain text here;
//! the file is private all the same.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::apps::{self, App};
use crate::files::read_text;
use crate::{Code as ErrorCode, Error, NextStep, Result};

/// A member's consent.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Grant {
    pub(super) app: String,
    pub(super) member: String,
    /// What was asked for, sorted.
    pub(super) scopes: Vec<String>,
    /// Epoch seconds.
    pub(super) at: i64,
}

/// An authorization code.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct AuthorizationCode {
    pub(super) value: String,
    pub(super) app: String,
    pub(super) member: String,
    pub(super) redirect_uri: String,
    pub(super) scopes: Vec<String>,
    /// Epoch seconds.
    pub(super) at: i64,
    pub(super) used: bool,
    /// The S256 challenge of the native flow.
    pub(super) challenge: Option<String>,
}

/// An access token.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct AccessToken {
    pub(super) value: String,
    pub(super) app: String,
    /// `None` for a token of the client credentials grant.
    pub(super) member: Option<String>,
    pub(super) scopes: Vec<String>,
    /// What the member's token before this one could do, if it was something else.
    pub(super) scopes_before: Option<Vec<String>>,
    /// Epoch milliseconds, because a fresh token is refused for some seconds.
    pub(super) created_ms: i64,
    /// Epoch seconds.
    pub(super) authorized_at: i64,
    /// Epoch seconds.
    pub(super) expires_at: i64,
    pub(super) revoked: bool,
}

impl AccessToken {
    pub(super) fn status(&self, now: i64) -> &'static str {
        if self.revoked {
            "revoked"
        } else if self.expires_at <= now {
            "expired"
        } else {
            "active"
        }
    }
}

/// A refresh token.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct RefreshToken {
    pub(super) value: String,
    pub(super) app: String,
    pub(super) member: String,
    pub(super) scopes: Vec<String>,
    /// Epoch seconds.
    pub(super) authorized_at: i64,
    /// Epoch seconds.
    pub(super) expires_at: i64,
    pub(super) revoked: bool,
}

/// A published post.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Post {
    pub(super) urn: String,
    pub(super) author: String,
    pub(super) member: String,
    /// The text as readers see it.
    pub(super) text: String,
    pub(super) visibility: String,
    /// Epoch seconds.
    pub(super) at: i64,
    pub(super) deleted: bool,
    /// What stands below the text, as it was sent.
    #[serde(default)]
    pub(super) content: Option<serde_json::Value>,
    /// Epoch seconds of the last change of its text.
    #[serde(default)]
    pub(super) edited: Option<i64>,
}

/// An image that was uploaded, or is about to be.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Image {
    /// The last part of its URN.
    pub(super) id: String,
    /// The author it is for.
    pub(super) owner: String,
    pub(super) member: String,
    /// When the address for its bytes ends, in epoch milliseconds.
    pub(super) expires_ms: i64,
    /// Its media type, once it is there and can be read.
    pub(super) kind: Option<String>,
    /// It is for the legacy API.
    #[serde(default)]
    pub(super) is_asset: bool,
    /// What was uploaded is no image.
    #[serde(default)]
    pub(super) unreadable: bool,
}

impl Image {
    pub(super) fn urn(&self) -> String {
        format!("{}{}", if self.is_asset { super::images::ASSET } else { super::images::IMAGE }, self.id)
    }
}

/// How often a member posted on a day, by an app.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct DayCount {
    pub(super) app: String,
    pub(super) member: String,
    /// Days since the epoch, UTC.
    pub(super) day: i64,
    pub(super) calls: u32,
}

/// All of it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    pub(super) schema: u32,
    /// How far the sandbox's clock is ahead, in seconds.
    pub(super) clock_offset: i64,
    /// The key of the member who is signed in.
    pub(super) signed_in: Option<String>,
    pub(super) apps: Vec<App>,
    pub(super) grants: Vec<Grant>,
    pub(super) codes: Vec<AuthorizationCode>,
    pub(super) tokens: Vec<AccessToken>,
    pub(super) refresh_tokens: Vec<RefreshToken>,
    pub(super) posts: Vec<Post>,
    pub(super) images: Vec<Image>,
    pub(super) calls: Vec<DayCount>,
    /// Numbers the posts.
    pub(super) last_post: u64,
}

/// The layout of the file.
const SCHEMA: u32 = 1;
/// Older entries than so many are forgotten, so that the file stays small.
const KEPT: usize = 500;

impl Default for State {
    fn default() -> Self {
        Self {
            schema: SCHEMA,
            clock_offset: 0,
            signed_in: None,
            apps: apps::fixtures(),
            grants: Vec::new(),
            codes: Vec::new(),
            tokens: Vec::new(),
            refresh_tokens: Vec::new(),
            posts: Vec::new(),
            images: Vec::new(),
            calls: Vec::new(),
            last_post: 7_300_000_000_000_000_000,
        }
    }
}

impl State {
    pub(super) fn app(&self, client_id: &str) -> Option<&App> {
        self.apps.iter().find(|app| app.client_id == client_id)
    }

    /// Counts a call of the member by the app on the day of `now` (epoch seconds); false when the
    /// day's `most` are used up.
    pub(super) fn count_call(&mut self, app: &str, member: &str, now: i64, most: u32) -> bool {
        let day = now.div_euclid(86_400);
        self.calls.retain(|count| count.day == day);
        match self.calls.iter_mut().find(|count| count.app == app && count.member == member) {
            Some(count) if count.calls >= most => return false,
            Some(count) => count.calls += 1,
            None if most == 0 => return false,
            None => self.calls.push(DayCount { app: app.to_owned(), member: member.to_owned(), day, calls: 1 }),
        }
        true
    }

    /// Ends everything that `member` granted to `app` (to all apps for `None`).
    pub(super) fn revoke_grants(&mut self, member: &str, app: Option<&str>) {
        let of = |candidate: &str| app.is_none_or(|app| app == candidate);
        self.grants.retain(|grant| !(grant.member == member && of(&grant.app)));
        for token in &mut self.tokens {
            token.revoked |= token.member.as_deref() == Some(member) && of(&token.app);
        }
        for token in &mut self.refresh_tokens {
            token.revoked |= token.member == member && of(&token.app);
        }
    }

    fn prune(&mut self) {
        fn keep<T>(list: &mut Vec<T>) {
            let surplus = list.len().saturating_sub(KEPT);
            list.drain(..surplus);
        }
        keep(&mut self.codes);
        keep(&mut self.tokens);
        keep(&mut self.refresh_tokens);
        keep(&mut self.posts);
        keep(&mut self.images);
    }
}

/// The state, in memory or in `server.json`.
pub(super) struct Store {
    folder: Option<PathBuf>,
    memory: Mutex<State>,
}

impl Store {
    /// Opens the folder, making it (0700) where it is missing.
    pub(super) fn open(folder: Option<PathBuf>) -> Result<Self> {
        let mut memory = State::default();
        if let Some(folder) = &folder {
            make_private_folder(folder)?;
            memory = load(folder)?;
        }
        Ok(Self { folder, memory: Mutex::new(memory) })
    }

    /// What is known now.
    pub(super) fn read(&self) -> Result<State> {
        let mut memory = self.memory();
        if let Some(folder) = &self.folder {
            *memory = load(folder)?;
        }
        Ok(memory.clone())
    }

    /// Changes the state. Another process may use the same folder, so the file is read again
    /// under its lock. A change that fails is not kept.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State) -> Result<T>) -> Result<T> {
        let mut memory = self.memory();
        let Some(folder) = &self.folder else {
            let mut next = memory.clone();
            let given = change(&mut next)?;
            next.prune();
            *memory = next;
            return Ok(given);
        };
        let _lock = lock(folder)?;
        let mut next = load(folder)?;
        let given = change(&mut next)?;
        next.prune();
        save(folder, &next)?;
        *memory = next;
        Ok(given)
    }

    fn memory(&self) -> MutexGuard<'_, State> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn failed(what: &str, path: &Path, error: &std::io::Error) -> Error {
    Error::new(
        ErrorCode::Files,
        format!("The sandbox cannot {what} {}: {error}.", path.display()),
        "Make the folder writable.",
    )
    .with_next_step(NextStep::UseOtherFolder)
    .with_io_source(error)
}

pub(super) fn make_private_folder(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| failed("make the folder", folder, &error))
}

fn lock(folder: &Path) -> Result<File> {
    let path = folder.join("server.lock");
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).map_err(|error| failed("open", &path, &error))?;
    match file.lock() {
        Ok(()) => Ok(file),
        // Some file systems have no locks; one sandbox at a time works there.
        Err(error) if error.kind() == std::io::ErrorKind::Unsupported => Ok(file),
        Err(error) => Err(failed("lock", &path, &error)),
    }
}

/// Longest `server.json`: far more members, tokens, posts and images than a sandbox is used for.
const MAX_STATE_BYTES: u64 = 256 * 1024 * 1024;

fn load(folder: &Path) -> Result<State> {
    let path = folder.join("server.json");
    let text = match read_text(&path, MAX_STATE_BYTES) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(State::default()),
        Err(error) => return Err(failed("read", &path, &error)),
    };
    // The parser's own message may quote a token, so only the place is told.
    let state: State = serde_json::from_str(&text).map_err(|error| {
        Error::new(
            ErrorCode::FileDamaged,
            format!("{} is damaged at line {}, column {}.", path.display(), error.line(), error.column()),
            "Remove that file: the sandbox then starts afresh.",
        )
    })?;
    if state.schema > SCHEMA {
        return Err(Error::new(
            ErrorCode::FileNewer,
            format!("{} was written by a newer version of this program.", path.display()),
            "Use that version, or remove the file: the sandbox then starts afresh.",
        ));
    }
    Ok(state)
}

fn save(folder: &Path, state: &State) -> Result<()> {
    let path = folder.join("server.json");
    let written = || -> std::io::Result<()> {
        // NamedTempFile is 0600 from its first instant.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&mut file, state)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|error| error.error)?;
        #[cfg(unix)]
        File::open(folder)?.sync_all()?;
        Ok(())
    };
    written().map_err(|error| failed("write", &path, &error))
}
