//! Advisory locks of the kernel, which are released when their process ends.
//!
//! Three rules prevent lost updates and deadlocks:
//! - What a lock guards is read after the lock is taken, never before.
//! - No prompt and no keyring is waited for while a lock is held: a transaction releases every lock first.
//! - An operation takes several locks in the order of [`LockId`].

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::failed;

use crate::store::name::Name;
use crate::sync::run_with_deadline;
use crate::{Code, Error, NextStep, Result};

/// The pause before a held lock is tried again; it doubles up to the maximum.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const MAX_PAUSE: Duration = Duration::from_millis(20);

/// How long a file system may take to answer whether a lock is free: some never do.
const FILE_SYSTEM_TIMEOUT: Duration = Duration::from_secs(5);

/// After this time a wait for a lock is reported.
const NOTICE_DELAY: Duration = Duration::from_secs(5);

/// Is called with what a lock guards when the wait for it takes long.
#[derive(Clone, Default)]
pub(in crate::store) struct WaitObserver(pub(in crate::store) Option<Arc<Observe>>);

type Observe = dyn Fn(&str) + Send + Sync;

impl fmt::Debug for WaitObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WaitObserver")
    }
}

/// What a lock file guards. The order of the variants is the order in which one operation takes them; two of a kind are taken
/// in the order of their names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) enum LockId {
    /// The deliveries of a profile, held while their commands run.
    Deliveries(Name),
    /// A profile's file, held over the network by a refresh.
    Profile(Name),
    /// An app's file.
    App(Name),
    /// The list of a profile's posts.
    Posts(Name),
    /// A profile's draft.
    Draft(Name),
    /// Held while waiting for `Storage`: otherwise many shared holders would starve an exclusive one.
    StorageQueue,
    /// How all secrets are stored: shared while one file is written, exclusive while all are rewritten.
    Storage,
    /// `state.toml`.
    State,
    /// `notified.toml`.
    Notices,
}

/// The name of the lock file, without its extension.
impl fmt::Display for LockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deliveries(name) => write!(f, "deliver-{name}"),
            Self::Profile(name) => write!(f, "profile-{name}"),
            Self::App(name) => write!(f, "app-{name}"),
            Self::Posts(name) => write!(f, "posts-{name}"),
            Self::Draft(name) => write!(f, "draft-{name}"),
            Self::StorageQueue => f.write_str("storage-queue"),
            Self::Storage => f.write_str("storage"),
            Self::State => f.write_str("state"),
            Self::Notices => f.write_str("notified"),
        }
    }
}

impl LockId {
    /// Returns the locks of a profile and of the files beside it.
    pub(in crate::store) fn of_profile(name: &Name) -> [Self; 3] {
        [Self::Profile(name.clone()), Self::Posts(name.clone()), Self::Draft(name.clone())]
    }

    /// Returns what the lock guards, for an error.
    fn guarded(&self) -> String {
        match self {
            Self::Deliveries(name) => format!("the deliveries of profile {name}"),
            Self::Profile(name) => format!("profile {name}"),
            Self::App(name) => format!("app {name}"),
            Self::Posts(name) => format!("the posts of profile {name}"),
            Self::Draft(name) => format!("the draft of profile {name}"),
            Self::StorageQueue | Self::Storage => "how secrets are stored".to_owned(),
            Self::State => "state.toml".to_owned(),
            Self::Notices => "notified.toml".to_owned(),
        }
    }
}

/// Holds a profile's lock until dropped.
#[derive(Debug)]
pub struct ProfileLock {
    pub(in crate::store) name: Name,
    pub(in crate::store) path: PathBuf,
    pub(in crate::store) file: File,
}

impl ProfileLock {
    /// Releases the lock while `work` runs, and takes it again.
    pub(in crate::store) fn paused<T>(
        &self,
        wait: Duration,
        observer: &WaitObserver,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        self.file.unlock().map_err(|error| failed("unlocked", &self.path, &error))?;
        let done = work();
        // A copy of the descriptor stands for the same lock.
        let file = self.file.try_clone().map_err(|error| failed("locked", &self.path, &error))?;
        wait_for(&self.path, &LockId::Profile(self.name.clone()), Mode::Exclusive, wait, observer, |_| Ok(file))?;
        done
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

/// Takes the lock file at `path`.
pub(in crate::store) fn take(
    path: &Path,
    id: &LockId,
    mode: Mode,
    wait: Duration,
    observer: &WaitObserver,
) -> Result<File> {
    wait_for(path, id, mode, wait, observer, |path| {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
        }
        options.open(path).map_err(|error| failed("locked", path, &error))
    })
}

fn wait_for(
    path: &Path,
    id: &LockId,
    mode: Mode,
    wait: Duration,
    observer: &WaitObserver,
    open: impl FnOnce(&Path) -> Result<File> + Send + 'static,
) -> Result<File> {
    let started = Instant::now();
    let deadline = started + wait;
    let mut observer = observer.0.as_ref();
    let lock_path = path.to_owned();
    let first = run_with_deadline("lock", FILE_SYSTEM_TIMEOUT, move || {
        open(&lock_path).map(|file| (mode.try_lock(&file), file))
    });
    let (mut tried, file) = first.ok_or_else(|| no_lock(path, "its file system does not answer"))??;
    let mut pause = FIRST_PAUSE;
    loop {
        match tried {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::new(
                    Code::Locked,
                    format!("Another linkedin-tui is working on {}.", id.guarded()),
                    "Try again when it is done.",
                ));
            }
            // Without locks two writers would undo each other's work; readers need none.
            Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
                return Err(no_lock(path, "its file system has no locks"));
            }
            // The system's own text: the kinds of errors have none for it.
            Err(TryLockError::Error(error)) => return Err(no_lock(path, &error.to_string())),
        }
        if let Some(observe) = observer.take_if(|_| started.elapsed() >= NOTICE_DELAY) {
            observe(&id.guarded());
        }
        std::thread::park_timeout(pause);
        pause = (pause * 2).min(MAX_PAUSE);
        tried = mode.try_lock(&file);
    }
}

fn no_lock(path: &Path, why: &str) -> Error {
    Error::new(
        Code::Files,
        format!("{} could not be locked: {why}.", path.display()),
        "Nothing was changed. Keep the files where locks work, on a local disk.",
    )
    .with_next_step(NextStep::UseOtherFolder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_are_ordered_as_operations_take_them() {
        let name = |text: &str| Name::parse(text).unwrap();
        let order = [
            LockId::Deliveries(name("b")),
            LockId::Profile(name("a")),
            LockId::Profile(name("b")),
            LockId::App(name("a")),
            LockId::Posts(name("a")),
            LockId::Draft(name("a")),
            LockId::StorageQueue,
            LockId::Storage,
            LockId::State,
            LockId::Notices,
        ];
        assert!(order.is_sorted());
        let mut files: Vec<String> = order.iter().map(ToString::to_string).collect();
        files.sort();
        files.dedup();
        assert_eq!(files.len(), order.len(), "each guards something else");
    }
}
