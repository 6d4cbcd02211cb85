//! The step of publishing that is in progress, with the upload of a file.

use jiff::Timestamp;
use ratatui::text::{Line, Span};

use super::attachment::format_bytes;
use crate::flows::publish::{Event, FileRole};
use crate::tui::theme::Theme;
use crate::tui::widgets::page::Page;

/// Width of the bar, in columns.
const BAR_WIDTH: u64 = 32;
/// A rate over a shorter period is inaccurate.
const MIN_RATE_PERIOD_MILLIS: i64 = 1000;

/// The step that is in progress.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Without the ellipsis that follows it.
    text: String,
    /// The file that is being uploaded.
    upload: Option<Upload>,
    is_cancellable: bool,
    is_canceling: bool,
}

#[derive(Clone, Copy, Debug)]
struct Upload {
    role: FileRole,
    /// Its number, from one.
    number: usize,
    /// In bytes.
    sent: u64,
    /// In bytes.
    size: u64,
    /// When its first progress was reported.
    since: Timestamp,
    /// The bytes that were sent by then.
    sent_before: u64,
}

impl Progress {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Returns whether files are uploaded and the post itself was not sent yet.
    pub(super) const fn is_cancellable(&self) -> bool {
        self.is_cancellable && !self.is_canceling
    }

    pub(super) const fn is_canceling(&self) -> bool {
        self.is_canceling
    }

    pub(super) fn cancel(&mut self) {
        *self = Self { is_canceling: true, ..Self::new("Canceling the upload") };
    }

    /// Applies what happened. Once the upload is being canceled, only `Publishing` counts: the cancel was too late.
    /// `MaybePublished` is ignored: the preview warned of it before.
    pub(super) fn apply(&mut self, event: Event, now: Timestamp) {
        if self.is_canceling && event != Event::Publishing || matches!(event, Event::MaybePublished(_)) {
            return;
        }
        self.is_canceling = false;
        self.is_cancellable = matches!(event, Event::Uploading { .. } | Event::Reusing(_) | Event::Processing(_));
        let before = self.upload.take();
        self.text = match event {
            Event::Uploading { role, number, of, sent, size } => {
                let known = before.filter(|upload| (upload.role, upload.number) == (role, number));
                let (since, sent_before) = known.map_or((now, sent), |upload| (upload.since, upload.sent_before));
                self.upload = Some(Upload { role, number, sent, size, since, sent_before });
                match role {
                    FileRole::Image => format!("Uploading image {number}/{of}"),
                    role => format!("Uploading the {}", role.name()),
                }
            }
            Event::Reusing(role) => format!("The {} was uploaded before and is used again", role.name()),
            Event::Processing(role) => format!("LinkedIn is processing the {}", role.name()),
            Event::Publishing | Event::MaybePublished(_) => "Sending the post".to_owned(),
            Event::Commenting => "The post is published. Sending the first comment".to_owned(),
            Event::FallingBack => "LinkedIn does not permit this app the Posts API. Trying the legacy API".to_owned(),
        };
    }

    /// Adds a bar, and the bytes, the rate and the time left, while a file is uploaded.
    pub(super) fn add_upload(&self, page: &mut Page, now: Timestamp) {
        let Some(upload) = self.upload else { return };
        let theme = page.theme;
        let full = upload.sent.min(upload.size) * BAR_WIDTH / upload.size.max(1);
        let cells = |symbol: &str, count: u64| symbol.repeat(usize::try_from(count).unwrap_or_default());
        page.blank();
        page.lines.push(Line::from(vec![
            Span::styled(cells(theme.symbol("█", "#"), full), theme.accent()),
            Span::styled(cells(theme.symbol("░", "."), BAR_WIDTH - full), theme.dim()),
            Span::raw(format!("  {} %", upload.percent())),
        ]));
        page.dim(&upload.describe(theme, now));
    }
}

impl Upload {
    fn percent(self) -> u64 {
        self.sent.min(self.size) * 100 / self.size.max(1)
    }

    /// Returns the bytes, and after a second the rate and the time left.
    fn describe(self, theme: Theme, now: Timestamp) -> String {
        let bytes = format!("{} of {}", format_bytes(self.sent), format_bytes(self.size));
        let millis = now.duration_since(self.since).as_millis().try_into().unwrap_or(i64::MAX);
        let sent = self.sent.saturating_sub(self.sent_before);
        if millis < MIN_RATE_PERIOD_MILLIS || sent == 0 || self.sent >= self.size {
            return bytes;
        }
        let rate = (sent.saturating_mul(1000) / millis.unsigned_abs()).max(1);
        let left = (self.size - self.sent) / rate;
        let left = if left < 60 { format!("{left} s") } else { format!("{} min {} s", left / 60, left % 60) };
        let dot = theme.symbol("·", "-");
        format!("{bytes} {dot} {}/s {dot} {left} left", format_bytes(rate))
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::host::terminal::ColorDepth;

    const THEME: Theme = Theme { color_depth: ColorDepth::None, is_ascii: true, is_light: false };

    fn uploading(sent: u64) -> Event {
        Event::Uploading { role: FileRole::Video, number: 1, of: 1, sent, size: 40_000_000 }
    }

    #[test]
    fn rate_and_time_left_are_shown_after_a_second() {
        let start = Timestamp::UNIX_EPOCH;
        let after = |millis| start + SignedDuration::from_millis(millis);
        let mut progress = Progress::new("");
        let mut describe = |sent, millis| {
            progress.apply(uploading(sent), after(millis));
            progress.upload.unwrap().describe(THEME, after(millis))
        };
        assert_eq!(describe(1_000_000, 0), "1.0 MB of 40.0 MB");
        assert_eq!(describe(2_000_000, 900), "2.0 MB of 40.0 MB");
        assert_eq!(describe(5_000_000, 2000), "5.0 MB of 40.0 MB - 2.0 MB/s - 17 s left");
        assert_eq!(describe(6_000_000, 20_000), "6.0 MB of 40.0 MB - 250 kB/s - 2 min 16 s left");
        assert_eq!(describe(40_000_000, 30_000), "40.0 MB of 40.0 MB");
    }

    #[test]
    fn only_an_upload_can_be_canceled() {
        let now = Timestamp::UNIX_EPOCH;
        let mut progress = Progress::new("");
        let mut is_cancellable_after = |event| {
            progress.apply(event, now);
            progress.is_cancellable()
        };
        assert!(is_cancellable_after(uploading(1)));
        assert!(is_cancellable_after(Event::Processing(FileRole::Video)));
        assert!(!is_cancellable_after(Event::Publishing));
        assert!(!is_cancellable_after(Event::FallingBack));
    }

    #[test]
    fn a_cancel_that_comes_too_late_is_dropped() {
        let now = Timestamp::UNIX_EPOCH;
        let mut progress = Progress::new("");
        progress.apply(uploading(1), now);
        progress.cancel();
        progress.apply(uploading(2), now);
        assert!(progress.is_canceling());
        assert_eq!(progress.text(), "Canceling the upload");
        progress.apply(Event::Publishing, now);
        progress.apply(Event::Commenting, now);
        assert!(!progress.is_canceling());
        assert_eq!(progress.text(), "The post is published. Sending the first comment");
    }
}
