//! The kernel's advisory locks, which are released when the process ends.
//!
//! Three rules prevent lost updates and deadlocks:
//! - What is changed and saved again was read after the lock was acquired, never before.
//! - A transaction (read, change and save under locks; see [`super::super::transaction`]) releases its locks before it waits for a prompt or a keyring.
//! - An operation acquires several locks in the order of [`LockId`].

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::io_error;
use crate::error::io_reason;
use crate::store::name::Name;
use crate::sync::run_with_timeout;
use crate::{Code, Error, NextStep, Result};

/// The pause before the next try; it doubles up to [`MAX_RETRY_PAUSE`].
const FIRST_RETRY_PAUSE: Duration = Duration::from_millis(1);
const MAX_RETRY_PAUSE: Duration = Duration::from_millis(20);

/// The timeout of the first try: some network file systems never respond.
const FIRST_TRY_TIMEOUT: Duration = Duration::from_secs(5);

/// A wait for a lock is reported after this time.
const REPORT_DELAY: Duration = Duration::from_secs(5);

/// A function that is called with what a lock guards, after [`REPORT_DELAY`].
#[derive(Clone, Default)]
pub(in crate::store) struct WaitObserver(pub(in crate::store) Option<Arc<Observe>>);

type Observe = dyn Fn(&str) + Send + Sync;

impl fmt::Debug for WaitObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WaitObserver")
    }
}

/// What a lock file guards. An operation acquires several locks in the order of the variants, and two of a kind in the order of
/// their names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) enum LockId {
    /// An article with a front matter, by its path, held while it is published: the file itself is replaced meanwhile.
    Article(PathBuf),
    /// Held as long as the deletion of a profile can be undone, and never waited for.
    Deleted(Name),
    /// The deliveries of a profile, held while their commands run.
    Deliveries(Name),
    /// A profile's file; a refresh holds it during its request.
    Profile(Name),
    App(Name),
    Posts(Name),
    Draft(Name),
    /// Acquired before `Storage`, so that many shared holders cannot starve an exclusive one.
    StorageQueue,
    /// How all secrets are stored: shared while one file is written, exclusive while all are rewritten.
    Storage,
    /// `state.toml`.
    State,
    /// `notified.toml`.
    Notifications,
}

/// The name of the lock file, without its extension.
impl fmt::Display for LockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Article(path) => {
                let digest = ring::digest::digest(&ring::digest::SHA256, path.as_os_str().as_encoded_bytes());
                f.write_str("article-")?;
                digest.as_ref()[..8].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Self::Deleted(name) => write!(f, "deleted-{name}"),
            Self::Deliveries(name) => write!(f, "deliver-{name}"),
            Self::Profile(name) => write!(f, "profile-{name}"),
            Self::App(name) => write!(f, "app-{name}"),
            Self::Posts(name) => write!(f, "posts-{name}"),
            Self::Draft(name) => write!(f, "draft-{name}"),
            Self::StorageQueue => f.write_str("storage-queue"),
            Self::Storage => f.write_str("storage"),
            Self::State => f.write_str("state"),
            Self::Notifications => f.write_str("notified"),
        }
    }
}

impl LockId {
    /// Returns the locks of a profile, its posts and its draft.
    pub(in crate::store) fn of_profile(name: &Name) -> [Self; 3] {
        [Self::Profile(name.clone()), Self::Posts(name.clone()), Self::Draft(name.clone())]
    }

    /// Returns what the lock guards, for an error.
    fn description(&self) -> String {
        match self {
            Self::Article(path) => format!("the article {}", path.display()),
            Self::Deleted(name) => format!("the deleted profile {name}"),
            Self::Deliveries(name) => format!("the deliveries of profile {name}"),
            Self::Profile(name) => format!("profile {name}"),
            Self::App(name) => format!("app {name}"),
            Self::Posts(name) => format!("the posts of profile {name}"),
            Self::Draft(name) => format!("the draft of profile {name}"),
            Self::StorageQueue | Self::Storage => "how secrets are stored".to_owned(),
            Self::State => "state.toml".to_owned(),
            Self::Notifications => "notified.toml".to_owned(),
        }
    }
}

/// The lock of a profile, or of its deliveries, which is held until it is dropped.
#[derive(Debug)]
pub struct ProfileLock {
    pub(in crate::store) name: Name,
    pub(in crate::store) path: PathBuf,
    pub(in crate::store) file: File,
}

impl ProfileLock {
    /// Releases the lock while `work` runs.
    pub(in crate::store) fn release_while<T>(
        &self,
        timeout: Duration,
        observer: &WaitObserver,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        self.file.unlock().map_err(|error| io_error("unlocked", &self.path, &error))?;
        let result = work();
        // The lock belongs to the open file, which a copy of the descriptor shares.
        let file = self.file.try_clone().map_err(|error| io_error("locked", &self.path, &error))?;
        wait_for(&self.path, &LockId::Profile(self.name.clone()), Mode::Exclusive, timeout, observer, |_| Ok(file))?;
        result
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Mode {
    Exclusive,
    Shared,
}

impl Mode {
    fn try_lock(self, file: &File) -> Result<(), TryLockError> {
        match self {
            Self::Exclusive => file.try_lock(),
            Self::Shared => file.try_lock_shared(),
        }
    }
}

/// Acquires the lock file at `path`.
pub(in crate::store) fn acquire(
    path: &Path,
    id: &LockId,
    mode: Mode,
    timeout: Duration,
    observer: &WaitObserver,
) -> Result<File> {
    wait_for(path, id, mode, timeout, observer, |path| {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
        }
        options.open(path).map_err(|error| io_error("locked", path, &error))
    })
}

fn wait_for(
    path: &Path,
    id: &LockId,
    mode: Mode,
    timeout: Duration,
    observer: &WaitObserver,
    open: impl FnOnce(&Path) -> Result<File> + Send + 'static,
) -> Result<File> {
    let started = Instant::now();
    let deadline = started + timeout;
    let mut observer = observer.0.as_ref();
    let lock_path = path.to_owned();
    let first =
        run_with_timeout("lock", FIRST_TRY_TIMEOUT, move || open(&lock_path).map(|file| (mode.try_lock(&file), file)));
    let (mut attempt, file) =
        first.ok_or_else(|| lock_unavailable_error(path, "its file system does not respond"))??;
    let mut pause = FIRST_RETRY_PAUSE;
    loop {
        match attempt {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::new(
                    Code::Locked,
                    format!("Another linkedin-tui is working on {}.", id.description()),
                    "Try again when it is done.",
                ));
            }
            // Without locks two writers would overwrite each other's changes; readers need none.
            Err(TryLockError::Error(error)) => {
                let reason = match error.kind() {
                    ErrorKind::Unsupported => "its file system has no locks".into(),
                    _ => io_reason(&error),
                };
                return Err(lock_unavailable_error(path, &reason).with_io_source(&error));
            }
        }
        if let Some(observe) = observer.take_if(|_| started.elapsed() >= REPORT_DELAY) {
            observe(&id.description());
        }
        std::thread::park_timeout(pause);
        pause = (pause * 2).min(MAX_RETRY_PAUSE);
        attempt = mode.try_lock(&file);
    }
}

fn lock_unavailable_error(path: &Path, why: &str) -> Error {
    Error::new(
        Code::Files,
        format!("{} could not be locked: {why}.", path.display()),
        "Nothing was changed. Keep the files on a local disk, where locks work.",
    )
    .with_next_step(NextStep::UseOtherDirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_are_in_the_order_of_acquisition() {
        let name = |text: &str| Name::parse(text).unwrap();
        let order = [
            LockId::Article("/a.md".into()),
            LockId::Article("/b.md".into()),
            LockId::Deleted(name("a")),
            LockId::Deliveries(name("b")),
            LockId::Profile(name("a")),
            LockId::Profile(name("b")),
            LockId::App(name("a")),
            LockId::Posts(name("a")),
            LockId::Draft(name("a")),
            LockId::StorageQueue,
            LockId::Storage,
            LockId::State,
            LockId::Notifications,
        ];
        assert!(order.is_sorted());
        let mut files: Vec<String> = order.iter().map(ToString::to_string).collect();
        files.sort_unstable();
        files.dedup();
        assert_eq!(files.len(), order.len(), "no two locks share a file");
        let described = |id: LockId| id.description();
        assert_eq!(described(LockId::Profile(name("a"))), "profile a");
        assert_eq!(described(LockId::Posts(name("a"))), "the posts of profile a");
        assert_eq!(described(LockId::Storage), "how secrets are stored");
    }
}
