//! The asynchronous runtime of a command, and its interruption by a signal.

use std::pin::Pin;

use tokio::runtime::{Builder, Runtime};

use crate::error::io_reason;
use crate::{Code, Error, Result};

/// Runs `work` until it completes, or until SIGINT, SIGTERM or SIGHUP.
///
/// # Errors
/// Those of `work`; `interrupted` after a signal; `unexpected` without a runtime.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let mut result = None;
    run(Box::pin(async { result = Some(work.await) }))?;
    result.unwrap_or_else(|| Err(Error::new(Code::Interrupted, "Interrupted; nothing was left half done.", "")))
}

/// Runs `work` on a new runtime. Not generic: the runtime's loop is large, and this keeps one copy of it.
fn run(work: Pin<Box<dyn Future<Output = ()> + '_>>) -> Result<()> {
    let runtime = new_runtime()?;
    runtime.block_on(async {
        tokio::select! {
            () = work => {}
            () = wait_for_signal() => {}
        }
    });
    // A thread that still reads stdin must not delay the exit.
    runtime.shutdown_background();
    Ok(())
}

pub(crate) fn new_runtime() -> Result<Runtime> {
    Builder::new_current_thread().enable_all().build().map_err(|error| {
        Error::new(
            Code::Unexpected,
            format!("Could not start the asynchronous runtime: {}.", io_reason(&error)),
            if cfg!(windows) {
                "Close other programs, then try again."
            } else {
                "Close other programs, or raise the limit of open files (ulimit -n), then try again."
            },
        )
        .with_io_source(&error)
    })
}

async fn wait_for_signal() {
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
