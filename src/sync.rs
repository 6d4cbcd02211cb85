//! Threads and mutexes.

use std::sync::mpsc::channel;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Locks a mutex, also one whose holder panicked: a release ends at a panic, and a test has failed then.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs blocking work on a thread of its own. Returns `None` when it takes longer than `limit`, in which case the thread is left
/// behind, and when no thread can be started.
pub(crate) fn run_with_deadline<T: Send + 'static>(
    thread_name: &str,
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (sender, result) = channel();
    // The receiver is gone once the time is over.
    let work = move || drop(sender.send(work()));
    std::thread::Builder::new().name(thread_name.to_owned()).spawn(work).ok()?;
    result.recv_timeout(limit).ok()
}
