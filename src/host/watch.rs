//! Reports that files changed, by inotify.

#[cfg(target_os = "linux")]
use std::collections::HashSet;
use std::path::PathBuf;
#[cfg(target_os = "linux")]
use std::time::Duration;

/// The shortest time between two reports: while a program writes all the time, the files are read ten times a second.
#[cfg(target_os = "linux")]
const MIN_REPORT_INTERVAL: Duration = Duration::from_millis(100);

/// Calls `on_change` after files in one of the directories were written, created, renamed or deleted, by this program too.
/// Returns at once without inotify: on systems other than Linux, or if it cannot be set up. A network file system reports only
/// the changes of this machine.
#[cfg(target_os = "linux")]
pub(crate) async fn watch(directories: Vec<PathBuf>, on_change: impl AsyncFn()) {
    use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init, remove_watch};
    use rustix::io::Errno;

    let flags = WatchFlags::CLOSE_WRITE
        | WatchFlags::CREATE
        | WatchFlags::DELETE
        | WatchFlags::MOVED_FROM
        | WatchFlags::MOVED_TO
        // The directory itself: another one may get its path.
        | WatchFlags::DELETE_SELF
        | WatchFlags::MOVE_SELF
        | WatchFlags::ONLYDIR;
    let Some(events) = init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok().and_then(into_async_fd) else { return };
    let mut known = HashSet::new();
    let mut ancestors = HashSet::new();
    let mut is_first = true;
    loop {
        let mut needed = HashSet::new();
        let mut has_new = false;
        for directory in &directories {
            // A second call changes nothing, and returns the same number.
            if let Ok(watched) = add_watch(events.get_ref(), directory, flags) {
                has_new |= known.insert(watched);
                continue;
            }
            // It does not exist yet: its nearest ancestor reports when the next directory is created.
            let existing = directory.ancestors().skip(1).find(|ancestor| ancestor.is_dir());
            if let Some(ancestor) = existing.filter(|ancestor| !directories.iter().any(|other| other == ancestor)) {
                let created = WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::ONLYDIR;
                needed.extend(add_watch(events.get_ref(), ancestor, created));
            }
            // It may have been created meanwhile.
            has_new |= add_watch(events.get_ref(), directory, flags).is_ok_and(|watched| known.insert(watched));
        }
        // Only the ones not needed any more: removing a watch queues IN_IGNORED, so removing all of them each time would wake this
        // loop forever.
        for watched in ancestors.difference(&needed) {
            let _ = remove_watch(events.get_ref(), *watched);
        }
        ancestors = needed;
        // What was created in a directory before it was watched is not reported.
        if has_new && !is_first {
            on_change().await;
        }
        is_first = false;
        let Ok(mut ready) = events.readable().await else { return };
        let mut buffer = [0; 4096];
        while matches!(rustix::io::read(events.get_ref(), &mut buffer), Ok(1..) | Err(Errno::INTR)) {}
        ready.clear_ready();
        on_change().await;
        tokio::time::sleep(MIN_REPORT_INTERVAL).await;
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) async fn watch(_directories: Vec<PathBuf>, _on_change: impl AsyncFn()) {}

/// Registers a descriptor with the runtime.
#[cfg(target_os = "linux")]
#[expect(
    deprecated,
    reason = "its successor is an unsafe function, for types that exchange their descriptor; this one owns it"
)]
fn into_async_fd(descriptor: rustix::fd::OwnedFd) -> Option<tokio::io::unix::AsyncFd<rustix::fd::OwnedFd>> {
    tokio::io::unix::AsyncFd::with_interest(descriptor, tokio::io::Interest::READABLE).ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_missing_directory_does_not_keep_waking_the_loop() {
        let parent = tempfile::tempdir().unwrap();
        let directory = parent.path().join("config");
        let (sender, mut reports) = tokio::sync::mpsc::unbounded_channel();
        let report = async move || sender.send(()).unwrap();
        let run = async {
            // The paused clock advances while nothing else happens, so the test does not wait for these minutes.
            tokio::time::sleep(Duration::from_secs(60)).await;
            std::fs::write(parent.path().join("other"), "").unwrap();
            reports.recv().await.unwrap();
            tokio::time::sleep(Duration::from_secs(60)).await;
            assert!(reports.len() < 3, "{} reports of one event", reports.len());
            std::fs::create_dir(&directory).unwrap();
            reports.recv().await.unwrap();
            tokio::time::sleep(Duration::from_secs(60)).await;
            while reports.try_recv().is_ok() {}
            std::fs::write(directory.join("work.toml"), "").unwrap();
            reports.recv().await.unwrap();
            tokio::time::sleep(Duration::from_secs(60)).await;
            assert!(reports.len() < 3, "{} reports of one event", reports.len());
        };
        tokio::select! {
            () = watch(vec![directory.clone()], report) => panic!("nothing watches"),
            () = run => {}
        }
    }
}
