//! Advisory locks, kept by the kernel: a process that dies gives its locks back.
//!
//! Three rules keep them from hanging anybody:
//! - What a lock guards is read after the lock is taken, never before.
//! - Nobody is asked anything while a lock is held. [`super::exclusive`] gives every lock back first.
//! - Who takes several takes them in the order of [`LockId`].

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use super::files::failed;
use super::types::Name;
use crate::{Code, Error, NextStep, Result};

/// The first pause before a taken lock is tried again; each is twice the one before, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// How long a file system may take to say whether a lock is free: some never do.
const FILE_SYSTEM_TIMEOUT: Duration = Duration::from_secs(5);

/// What a lock file guards. The order of the variants is the order in which one operation takes them; two of a kind are taken
/// in the order of their names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LockId {
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
    /// Held by whoever waits for `Storage`, and then given back by who wants it shared. Who wants it alone would never have a turn
    /// beside many that share it; so all come by here, one by one.
    StorageQueue,
    /// How all secrets are stored: shared by who writes one file, alone by who rewrites them all.
    Storage,
    /// `state.toml`.
    State,
    /// `notified.toml`.
    Notices,
}

/// The lock file's name without its extension.
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
    /// What it guards, for people.
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
    pub(super) name: Name,
    pub(super) path: PathBuf,
    pub(super) file: File,
}

impl ProfileLock {
    /// Gives the lock back while `work` runs, and takes it again.
    ///
    /// # Errors
    /// `locked`, `files`; those of `work`.
    pub(super) fn paused<T>(&self, wait: Duration, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.file.unlock().map_err(|error| failed("unlocked", &self.path, &error))?;
        let done = work();
        // A copy of the descriptor stands for the same lock.
        let file = self.file.try_clone().map_err(|error| failed("locked", &self.path, &error))?;
        Request::new(&self.path, &LockId::Profile(self.name.clone()), Hold::Alone, wait).answered(|_| Ok(file))?;
        done
    }
}

/// Alone, or beside others that hold it so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    Alone,
    Shared,
}

/// Waits at most `wait` for the lock file at `path`.
///
/// # Errors
/// `locked` when somebody else holds it all the while; `files` for a file system that has no locks to give, or does not answer.
pub(super) fn take(path: &Path, id: &LockId, hold: Hold, wait: Duration) -> Result<File> {
    Request::new(path, id, hold, wait).answered(|path| {
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

struct Request {
    path: PathBuf,
    guarded: String,
    hold: Hold,
    wait: Duration,
}

/// `None` says that somebody holds the lock and the wait goes on.
type Progress = Sender<Option<Result<File>>>;

impl Request {
    fn new(path: &Path, id: &LockId, hold: Hold, wait: Duration) -> Self {
        Self { path: path.to_owned(), guarded: id.guarded(), hold, wait }
    }

    /// Waits on a thread of its own, which is left behind where the file system does not answer.
    fn answered(self, open: impl FnOnce(&Path) -> Result<File> + Send + 'static) -> Result<File> {
        let path = self.path.clone();
        let (sender, answer) = channel();
        let work = move || drop(sender.send(Some(open(&self.path).and_then(|file| self.granted(file, &sender)))));
        let started = std::thread::Builder::new().name("lock".to_owned()).spawn(work);
        started.map_err(|error| failed("locked", &path, &error))?;
        loop {
            match answer.recv_timeout(FILE_SYSTEM_TIMEOUT) {
                Ok(Some(taken)) => return taken,
                // Somebody holds it, and the file system answers.
                Ok(None) => {}
                Err(_) => return Err(no_lock(&path, "its file system does not answer")),
            }
        }
    }

    /// Tries again until the lock is free or the time is over.
    fn granted(&self, file: File, progress: &Progress) -> Result<File> {
        let deadline = Instant::now() + self.wait;
        let mut pause = FIRST_PAUSE;
        loop {
            let tried = match self.hold {
                Hold::Alone => file.try_lock(),
                Hold::Shared => file.try_lock_shared(),
            };
            match tried {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    if progress.send(None).is_err() {
                        return Err(no_lock(&self.path, "nobody waits for it any more"));
                    }
                    std::thread::park_timeout(pause);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::new(
                        Code::Locked,
                        format!("Another linkedin-tui is working on {}.", self.guarded),
                        "Try again when it is done.",
                    ));
                }
                // Without locks two writers would undo each other's work; readers need none.
                Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
                    return Err(no_lock(&self.path, "its file system has no locks"));
                }
                // In the system's own words: the kinds of errors have none for it.
                Err(TryLockError::Error(error)) => return Err(no_lock(&self.path, &error.to_string())),
            }
        }
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
