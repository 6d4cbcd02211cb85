//! The message in the status line, and those that wait until it was read.

use jiff::{SignedDuration, Timestamp};

use super::State;
use crate::Error;
use crate::text::{fit, sanitize, wrap};
use crate::tui::keymap::KeyContext;

const MAX_NOTIFICATION_LINES: usize = 3;
const NOTIFICATION_SECONDS: i64 = 6;
pub(in crate::tui) const ERROR_SECONDS: i64 = 12;

/// A transient message in the status line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    pub text: String,
    /// Whether it is an error or a warning.
    pub is_error: bool,
    /// Whether it is a warning: what was done succeeded, or may have.
    pub is_warning: bool,
    /// Whether it reports neither a success nor a problem, such as that something was cancelled.
    pub is_neutral: bool,
    /// Whether it was shown while a key was pressed. Nothing replaces an error before that, or before its time is over.
    pub is_read: bool,
    pub until: Timestamp,
    /// The only context that it is about: it is removed when that is left.
    context: Option<KeyContext>,
}

impl Notification {
    fn new(is_error: bool, text: String, now: Timestamp) -> Self {
        let seconds = if is_error { ERROR_SECONDS } else { NOTIFICATION_SECONDS };
        let until = now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
        Self { text, is_error, is_warning: false, is_neutral: false, is_read: !is_error, until, context: None }
    }

    /// Returns the lines of the text in a window. A long text is cut in the middle, because its end is the hint.
    pub(in crate::tui) fn lines(&self, window_width: u16) -> Vec<String> {
        // In ASCII an ellipsis has three columns.
        let width = usize::from(window_width.saturating_sub(if self.text.contains('…') { 6 } else { 4 }));
        let mut lines = wrap(&sanitize(&self.text, 600), width);
        if lines.len() > MAX_NOTIFICATION_LINES {
            lines.drain(1..=lines.len() - MAX_NOTIFICATION_LINES);
            if let Some(first) = lines.first_mut() {
                *first = format!("{}…", fit(first, width.saturating_sub(3)).trim_end_matches(['…', ' ']));
            }
        }
        lines
    }
}

impl State {
    /// Returns the height of the status line: it is never over the page.
    pub(in crate::tui) fn status_lines(&self, window_width: u16) -> u16 {
        let lines = self.notification.as_ref().map_or(1, |shown| shown.lines(window_width).len());
        u16::try_from(lines).unwrap_or(1).max(1)
    }

    /// Shows a text in the status line.
    pub fn notify(&mut self, text: impl Into<String>) {
        self.notify_as(false, text);
    }

    /// Shows an error or a warning in the status line.
    pub fn notify_error(&mut self, text: impl Into<String>) {
        self.notify_as(true, text);
    }

    /// Shows a warning in the status line.
    pub(in crate::tui) fn notify_warning(&mut self, text: impl Into<String>) {
        self.add_notification(Notification { is_warning: true, ..Notification::new(true, text.into(), self.now) });
    }

    /// Shows a text in the status line until its time is over. It replaces the one before, except an unread error: it waits
    /// until that was read.
    pub(in crate::tui) fn notify_as(&mut self, is_error: bool, text: impl Into<String>) {
        self.add_notification(Notification::new(is_error, text.into(), self.now));
    }

    /// Shows that something was cancelled: without the mark of a success.
    pub(in crate::tui) fn notify_cancelled(&mut self, text: impl Into<String>) {
        self.add_notification(Notification { is_neutral: true, ..Notification::new(false, text.into(), self.now) });
    }

    /// Shows why something cannot be cancelled, while it runs: as long as its context stays.
    pub(in crate::tui) fn notify_not_cancellable(&mut self, context: KeyContext) {
        let text = "This cannot be canceled now. Wait for LinkedIn's response.";
        let context = Some(context);
        self.add_notification(Notification { context, ..Notification::new(true, text.to_owned(), self.now) });
    }

    /// Removes the notifications about a context that was left.
    pub(in crate::tui) fn drop_outdated_notifications(&mut self) {
        let current = self.key_context();
        let is_outdated = |shown: &Notification| shown.context.is_some_and(|context| context != current);
        self.notification.take_if(|shown| is_outdated(shown));
        self.queued_notifications.retain(|queued| !is_outdated(queued));
    }

    fn add_notification(&mut self, new: Notification) {
        let unread = self.notification.as_ref().filter(|shown| !shown.is_read);
        if unread.is_none() && self.queued_notifications.is_empty() {
            self.notification = Some(new);
            return;
        }
        self.queued_notifications.retain(|queued| queued.is_error);
        if !self.queued_notifications.iter().chain(unread).any(|earlier| earlier.text == new.text) {
            self.queued_notifications.push_back(new);
        }
    }

    /// Marks the notification as read, because a key is pressed.
    pub(in crate::tui) fn mark_notification_read(&mut self) {
        if let Some(shown) = &mut self.notification {
            shown.is_read = true;
        }
    }

    /// Removes the notification, unless it is an unread error.
    pub(in crate::tui) fn drop_read_notification(&mut self) {
        self.notification.take_if(|shown| shown.is_read);
    }

    /// Shows the next waiting message, where the one before expired or was read.
    pub(in crate::tui) fn show_next_notification(&mut self) {
        if self.notification.as_ref().is_none_or(|shown| shown.is_read)
            && let Some(next) = self.queued_notifications.pop_front()
        {
            let Notification { is_warning, is_neutral, context, .. } = next;
            let shown = Notification::new(next.is_error, next.text, self.now);
            self.notification = Some(Notification { is_warning, is_neutral, context, ..shown });
        }
    }

    /// Shows an error and its hint in the status line.
    pub(in crate::tui) fn notify_failure(&mut self, error: &Error) {
        self.notify_error(format!("{error} {}", self.status_hint(error)));
    }

    /// Warns that only `inserted_chars` of a pasted text were inserted; `None` where all were.
    pub(in crate::tui) fn notify_truncated_paste(&mut self, inserted_chars: Option<usize>) {
        let Some(count) = inserted_chars else { return };
        let number = if count < 1000 { count.to_string() } else { format!("{},{:03}", count / 1000, count % 1000) };
        let unit = if count == 1 { "character" } else { "characters" };
        self.notify_error(format!("The pasted text was cut to {number} {unit}."));
    }
}
