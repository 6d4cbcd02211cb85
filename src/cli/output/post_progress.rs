//! The progress of `post` on stderr: uploads, on a terminal only.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cli::output::printer::Printer;
use crate::flows::publish::Event;
use crate::session::Context;
use crate::sync::lock;

/// Width of the progress bar, in cells.
const BAR_CELLS: u64 = 24;

/// Prints the events of publishing.
pub(crate) struct PostReporter {
    printer: Printer,
    sent: AtomicBool,
    /// The line on the terminal that the next one replaces.
    line: Mutex<String>,
}

impl PostReporter {
    pub(crate) fn new(printer: Printer) -> Self {
        Self { printer, sent: AtomicBool::new(false), line: Mutex::default() }
    }

    /// Prints where the post goes if that is not LinkedIn.
    pub(crate) fn warn_of_host(&self, ctx: &Context) {
        if let Some(host) = ctx.endpoints.foreign_host() {
            self.printer.status(&format!("note: publishing at {host}, not at LinkedIn"));
        }
    }

    /// Returns whether the post itself was sent.
    pub(crate) fn was_sent(&self) -> bool {
        self.sent.load(Ordering::Relaxed)
    }

    pub(crate) fn handle(&self, event: Event) {
        match event {
            Event::Uploading { number, of, sent, size } => self.show(&bar(number, of, sent, size), sent >= size),
            Event::Publishing => self.sent.store(true, Ordering::Relaxed),
            Event::FallingBack => self
                .printer
                .status("note: LinkedIn does not permit this app the Posts API; trying the older API (/v2/ugcPosts)."),
        }
    }

    fn show(&self, new: &str, done: bool) {
        let mut line = lock(&self.line);
        if *line != new {
            self.printer.progress(new, done);
            line.clear();
            if !done {
                line.push_str(new);
            }
        }
    }

    /// Ends the line that an error or an interruption left open.
    pub(crate) fn finish(&self) {
        let mut line = lock(&self.line);
        if !line.is_empty() {
            self.printer.progress(&line, true);
            line.clear();
        }
    }
}

fn bar(number: usize, of: usize, sent: u64, size: u64) -> String {
    let (size, sent) = (size.max(1), sent.min(size));
    let full = sent * BAR_CELLS / size;
    let cells: String = (0..BAR_CELLS).map(|cell| if cell < full { '#' } else { '.' }).collect();
    format!("uploading image {number} of {of} [{cells}] {:>3} %  {} KiB", sent * 100 / size, size.div_ceil(1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bar_shows_progress() {
        assert_eq!(bar(1, 2, 0, 4096), "uploading image 1 of 2 [........................]   0 %  4 KiB");
        assert_eq!(bar(2, 2, 2048, 4096), "uploading image 2 of 2 [############............]  50 %  4 KiB");
        assert_eq!(bar(1, 1, 9, 5), "uploading image 1 of 1 [########################] 100 %  1 KiB");
    }
}
