//! Threads and mutexes.

use std::sync::mpsc::channel;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Locks a mutex, even a poisoned one: a panic ends the program, or fails the test.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs blocking work on a new thread. Returns `None` if no thread can be started, or if the work takes longer than `timeout`, after which
/// it continues.
pub(crate) fn run_with_timeout<T: Send + 'static>(
    thread_name: &str,
    timeout: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (sender, result) = channel();
    // After the timeout there is no receiver.
    let work = move || drop(sender.send(work()));
    std::thread::Builder::new().name(thread_name.to_owned()).spawn(work).ok()?;
    result.recv_timeout(timeout).ok()
}
