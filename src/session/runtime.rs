//! The asynchronous runtime that a command runs on, and its end by a signal.

use std::pin::Pin;

use tokio::runtime::{Builder, Runtime};

use crate::error::io_reason;
use crate::{Code, Error, Result};

/// Runs `work` to its end, or to Ctrl-C or SIGTERM.
pub fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let mut ended = None;
    run(Box::pin(async { ended = Some(work.await) }))?;
    ended.unwrap_or_else(|| Err(Error::new(Code::Interrupted, "Interrupted; nothing was left half done.", "")))
}

/// One copy for all commands: a runtime's loop is large.
fn run(work: Pin<Box<dyn Future<Output = ()> + '_>>) -> Result<()> {
    let runtime = runtime()?;
    runtime.block_on(async {
        tokio::select! {
            () = work => {}
            () = interrupted() => {}
        }
    });
    // A thread that still reads stdin must not hold the end up.
    runtime.shutdown_background();
    Ok(())
}

/// What asynchronous work runs on.
///
/// # Errors
/// `unexpected` where the system has nothing left for it.
pub fn runtime() -> Result<Runtime> {
    let made = room_for_descriptors().and_then(|()| Builder::new_current_thread().enable_all().build());
    made.map_err(|error| {
        Error::new(
            Code::Unexpected,
            format!("The program could not start its work: {}.", io_reason(&error)),
            "Close other programs, or raise the limit of open files (ulimit -n), then try again.",
        )
    })
}

/// Tokio panics where its half-made runtime gets no pair of sockets to wake it on a signal. So it
/// is tried first whether as many descriptors as it takes can be had.
#[cfg(unix)]
fn room_for_descriptors() -> std::io::Result<()> {
    use std::os::fd::AsFd;
    /// The poll and its copy, what wakes it, two sockets and the copy of one.
    const TAKEN: usize = 6;
    let stderr = std::io::stderr();
    (0..TAKEN).map(|_| stderr.as_fd().try_clone_to_owned()).collect::<std::io::Result<Vec<_>>>().map(drop)
}

#[cfg(not(unix))]
fn room_for_descriptors() -> std::io::Result<()> {
    Ok(())
}

async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut term), Ok(mut hangup)) = (signal(SignalKind::terminate()), signal(SignalKind::hangup())) else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = term.recv() => {}
            _ = hangup.recv() => {}
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
