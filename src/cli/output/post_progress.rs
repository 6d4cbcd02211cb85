//! The progress of `post` on stderr: on a terminal its uploads, and anywhere what the user has to know.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;

use crate::cli::output::printer::{Printer, Progress};
use crate::clock::format_minute;
use crate::flows::publish::{Event, FileRole};
use crate::sync::lock;

/// Width of the progress bar, in cells.
const BAR_CELLS: u64 = 24;

pub(crate) struct PostReporter {
    printer: Printer,
    is_sending: AtomicBool,
    /// The file that is being uploaded, its number, and since when.
    upload: Mutex<Option<(FileRole, usize, Instant)>>,
}

impl PostReporter {
    pub(crate) const fn new(printer: Printer) -> Self {
        Self { printer, is_sending: AtomicBool::new(false), upload: Mutex::new(None) }
    }

    /// Returns whether the post itself was sent and its result is not known.
    pub(crate) fn is_sending(&self) -> bool {
        self.is_sending.load(Ordering::Relaxed)
    }

    pub(crate) fn handle(&self, event: Event) {
        self.is_sending.store(event == Event::Publishing, Ordering::Relaxed);
        match event {
            Event::Uploading { role, number, of, sent, size } => {
                let elapsed = self.elapsed(role, number);
                let bar = format_bar(role, (number, of), sent, size);
                let progress = if sent >= size { Progress::Done } else { Progress::Ongoing };
                self.printer.print_progress(&format!("{bar}{}", format_rate(sent, size, elapsed)), progress);
            }
            Event::Reusing(role) => {
                self.printer.print_status(&format!("The {} was uploaded before and is used again.", role.name()));
            }
            Event::Processing(role) => {
                let line = format!("LinkedIn is processing the {} ...", role.name());
                self.printer.print_progress(&line, Progress::Ongoing);
            }
            // The post and its first comment are printed with the result.
            Event::Publishing | Event::Commenting => {}
            Event::MaybePublished(at) => self.printer.print_status(&format!(
                "warning: this post was sent on {} and may have been published. It is sent again.",
                format_minute(at, &TimeZone::system())
            )),
            Event::FallingBack => {
                // Its images are uploaded again.
                *lock(&self.upload) = None;
                self.printer.print_status(
                    "note: LinkedIn does not permit this app the Posts API; trying the legacy API (/v2/ugcPosts).",
                );
            }
        }
    }
}

impl PostReporter {
    /// Returns for how long this file has been uploaded.
    fn elapsed(&self, role: FileRole, number: usize) -> Duration {
        let mut upload = lock(&self.upload);
        match *upload {
            Some((known, known_number, since)) if (known, known_number) == (role, number) => since.elapsed(),
            _ => {
                *upload = Some((role, number, Instant::now()));
                Duration::ZERO
            }
        }
    }
}

fn format_bar(role: FileRole, (number, of): (usize, usize), sent: u64, size: u64) -> String {
    let (size, sent) = (size.max(1), sent.min(size));
    let full = sent * BAR_CELLS / size;
    let cells: String = (0..BAR_CELLS).map(|cell| if cell < full { '#' } else { '.' }).collect();
    let what = match role {
        FileRole::Image => format!("image {number} of {of}"),
        role => role.name().to_owned(),
    };
    format!("uploading {what} [{cells}] {:>3} %  {}", sent * 100 / size, format_size(size))
}

fn format_size(bytes: u64) -> String {
    match bytes {
        0..10_485_760 => format!("{} KiB", bytes.div_ceil(1024)),
        _ => format!("{} MiB", bytes.div_ceil(1024 * 1024)),
    }
}

/// Formats the rate and the time left; empty in the first second, when the rate is inaccurate.
fn format_rate(sent: u64, size: u64, elapsed: Duration) -> String {
    let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    if millis < 1000 || sent == 0 || sent >= size {
        return String::new();
    }
    let rate = (sent.saturating_mul(1000) / millis).max(1);
    let left = (size - sent) / rate;
    let left = if left < 60 { format!("{left} s") } else { format!("{} min {} s", left / 60, left % 60) };
    format!("  {}/s  {left} left", format_size(rate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bar_shows_progress() {
        let bar = |number, sent, size| format_bar(FileRole::Image, number, sent, size);
        assert_eq!(bar((1, 2), 0, 4096), "uploading image 1 of 2 [........................]   0 %  4 KiB");
        assert_eq!(bar((2, 2), 2048, 4096), "uploading image 2 of 2 [############............]  50 %  4 KiB");
        assert_eq!(bar((1, 1), 9, 5), "uploading image 1 of 1 [########################] 100 %  1 KiB");
        let video = format_bar(FileRole::Video, (1, 1), 300 << 20, 600 << 20);
        assert_eq!(video, "uploading video [############............]  50 %  600 MiB");
    }

    #[test]
    fn a_file_that_is_uploaded_again_has_a_new_rate() {
        let reporter = PostReporter::new(Printer::default());
        assert_eq!(reporter.elapsed(FileRole::Image, 1), Duration::ZERO);
        std::thread::sleep(Duration::from_millis(2));
        assert!(reporter.elapsed(FileRole::Image, 1) > Duration::ZERO);
        reporter.handle(Event::FallingBack);
        assert_eq!(reporter.elapsed(FileRole::Image, 1), Duration::ZERO);
    }

    #[test]
    fn rate_and_time_left_are_shown_after_a_second() {
        let rate = |sent: u64, seconds| format_rate(sent << 20, 300 << 20, Duration::from_secs(seconds));
        assert_eq!(rate(10, 0), "");
        assert_eq!(rate(0, 9), "");
        assert_eq!(rate(60, 3), "  20 MiB/s  12 s left");
        assert_eq!(rate(60, 60), "  1024 KiB/s  4 min 0 s left");
        assert_eq!(rate(300, 60), "", "complete");
    }
}
