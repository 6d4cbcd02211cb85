//! The progress of `post` on stderr: uploads, on a terminal only.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::cli::output::printer::{Printer, Progress};
use crate::flows::publish::Event;

/// Width of the progress bar, in cells.
const BAR_CELLS: u64 = 24;

pub(crate) struct PostReporter {
    printer: Printer,
    was_sent: AtomicBool,
}

impl PostReporter {
    pub(crate) const fn new(printer: Printer) -> Self {
        Self { printer, was_sent: AtomicBool::new(false) }
    }

    /// Returns whether the post itself was sent.
    pub(crate) fn was_sent(&self) -> bool {
        self.was_sent.load(Ordering::Relaxed)
    }

    pub(crate) fn handle(&self, event: Event) {
        match event {
            Event::Uploading { number, of: count, sent, size } => {
                let progress = if sent >= size { Progress::Done } else { Progress::Ongoing };
                self.printer.print_progress(&format_bar(number, count, sent, size), progress);
            }
            Event::Publishing => self.was_sent.store(true, Ordering::Relaxed),
            Event::FallingBack => self.printer.print_status(
                "note: LinkedIn does not permit this app the Posts API; trying the legacy API (/v2/ugcPosts).",
            ),
        }
    }
}

fn format_bar(number: usize, count: usize, sent: u64, size: u64) -> String {
    let (size, sent) = (size.max(1), sent.min(size));
    let filled_cells = sent * BAR_CELLS / size;
    let cells: String = (0..BAR_CELLS).map(|cell| if cell < filled_cells { '#' } else { '.' }).collect();
    format!("uploading image {number} of {count} [{cells}] {:>3} %  {} KiB", sent * 100 / size, size.div_ceil(1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bar_shows_progress() {
        assert_eq!(format_bar(1, 2, 0, 4096), "uploading image 1 of 2 [........................]   0 %  4 KiB");
        assert_eq!(format_bar(2, 2, 2048, 4096), "uploading image 2 of 2 [############............]  50 %  4 KiB");
        assert_eq!(format_bar(1, 1, 9, 5), "uploading image 1 of 1 [########################] 100 %  1 KiB");
    }
}
