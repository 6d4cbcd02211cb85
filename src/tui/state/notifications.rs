//! The message in the status line, and those that wait until it was read.

use jiff::{SignedDuration, Timestamp};

use super::State;
use crate::Error;
use crate::text::{sanitize, wrap};
use crate::tui::keymap::KeyContext;

const MAX_NOTIFICATION_LINES: usize = 3;
const NOTIFICATION_SECONDS: i64 = 6;
pub(in crate::tui) const ERROR_SECONDS: i64 = 12;

/// A transient message in the status line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    pub text: String,
    /// The end of the text that says what to do; empty where that is its last sentence.
    fix: String,
    /// Whether it is an error or a warning.
    pub is_error: bool,
    /// Whether it is a warning: what was done succeeded, or may have.
    pub is_warning: bool,
    /// Whether it reports neither a success nor a problem, such as that something was canceled.
    pub is_neutral: bool,
    /// Whether anything may replace it: an error was shown while a key was pressed, or its time is over.
    pub is_read: bool,
    pub until: Timestamp,
    /// The only context that it is about: it is removed when that is left.
    context: Option<KeyContext>,
}

impl Notification {
    fn new(is_error: bool, text: String, now: Timestamp) -> Self {
        let seconds = if is_error { ERROR_SECONDS } else { NOTIFICATION_SECONDS };
        let until = now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
        Self {
            text,
            fix: String::new(),
            is_error,
            is_warning: false,
            is_neutral: false,
            is_read: !is_error,
            until,
            context: None,
        }
    }

    /// Returns the lines of the text in a window. What a long text begins with and what to do are kept.
    pub(in crate::tui) fn lines(&self, window_width: u16) -> Vec<String> {
        let text = sanitize(&self.text, 600);
        // In ASCII an ellipsis has three columns.
        let wrapped =
            |text: &str| wrap(text, usize::from(window_width.saturating_sub(if text.contains('…') { 6 } else { 4 })));
        let fits = |text: &String| wrapped(text).len() <= MAX_NOTIFICATION_LINES;
        if fits(&text) {
            return wrapped(&text);
        }
        let mut lines = wrapped(&shorten(&text, &sanitize(&self.fix, 600), fits));
        lines.truncate(MAX_NOTIFICATION_LINES);
        lines
    }
}

/// Returns the longest text that fits: without the sentences before `fix`, the last of them first; else without the end of the
/// first sentence; else without the end of the text.
fn shorten(text: &str, fix: &str, fits: impl Fn(&String) -> bool) -> String {
    let gaps: Vec<usize> = text.match_indices(' ').map(|(at, _)| at).collect();
    let ends_sentence = |at: &&usize| text[..**at].ends_with(['.', '?', '!']);
    let fix_start = match text.strip_suffix(fix).filter(|_| !fix.is_empty()) {
        Some(before) => before.trim_end().len(),
        None => gaps.iter().rfind(ends_sentence).copied().unwrap_or_default(),
    };
    let fix = text[fix_start..].trim_start();
    let before_fix = || gaps.iter().rev().filter(|at| **at < fix_start);
    let sentences = before_fix().filter(ends_sentence).map(|at| format!("{} … {fix}", &text[..*at]));
    let words = before_fix().map(|at| format!("{}… {fix}", &text[..*at]));
    let without_end = gaps.iter().rev().map(|at| format!("{}…", &text[..*at]));
    sentences.chain(words).chain(without_end).find(fits).unwrap_or_else(|| text.to_owned())
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

    /// Shows that something was canceled: without the mark of a success.
    pub(in crate::tui) fn notify_canceled(&mut self, text: impl Into<String>) {
        self.add_notification(Notification { is_neutral: true, ..Notification::new(false, text.into(), self.now) });
    }

    /// Shows why something cannot be canceled, while it runs: as long as its context stays.
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
            let Notification { fix, is_warning, is_neutral, context, .. } = next;
            let shown = Notification::new(next.is_error, next.text, self.now);
            self.notification = Some(Notification { fix, is_warning, is_neutral, context, ..shown });
        }
    }

    /// Shows an error and its hint in the status line.
    pub(in crate::tui) fn notify_failure(&mut self, error: &Error) {
        self.notify_with_fix((true, false), &error.to_string(), self.status_hint(error));
    }

    /// Shows what happened, and what to do, in the status line.
    pub(in crate::tui) fn notify_with_fix(&mut self, (is_error, is_warning): (bool, bool), text: &str, fix: String) {
        let text = format!("{text} {fix}").trim().to_owned();
        self.add_notification(Notification { fix, is_warning, ..Notification::new(is_error, text, self.now) });
    }

    /// Warns that only `inserted_chars` of a pasted text were inserted; `None` where all were.
    pub(in crate::tui) fn notify_truncated_paste(&mut self, inserted_chars: Option<usize>) {
        let Some(count) = inserted_chars else { return };
        let number = if count < 1000 { count.to_string() } else { format!("{},{:03}", count / 1000, count % 1000) };
        let unit = if count == 1 { "character" } else { "characters" };
        self.notify_error(format!("The pasted text was cut to {number} {unit}."));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_message_keeps_its_first_words_and_the_fix() {
        let lines = |width, fix: &str| {
            let text = "work: LinkedIn has restricted this member's account. Every API call fails until LinkedIn lifts the \
                        restriction; a new token does not help. LinkedIn's message: Member is restricted. The \
                        member should open https://www.linkedin.com and follow LinkedIn's instructions there.";
            let new = Notification::new(true, text.to_owned(), Timestamp::UNIX_EPOCH);
            Notification { fix: fix.to_owned(), ..new }.lines(width)
        };
        let expected = "work: LinkedIn has restricted this member's account. … The member should open \
                        https://www.linkedin.com and follow LinkedIn's instructions there.";
        for width in [60, 80] {
            let shown = lines(width, "");
            assert!(shown.len() <= MAX_NOTIFICATION_LINES, "{shown:?}");
            assert_eq!(shown.join(" "), expected, "{width}");
        }
        assert!(!lines(120, "").join(" ").contains('…'), "it is whole where there is room");
        let fix = "LinkedIn's message: Member is restricted. The member should open https://www.linkedin.com and follow \
                   LinkedIn's instructions there.";
        assert!(lines(70, fix).join(" ").ends_with(fix), "a fix of two sentences is whole");
    }

    #[test]
    fn long_sentence_is_cut_at_its_end() {
        let shown = Notification::new(true, "It failed again ".repeat(30), Timestamp::UNIX_EPOCH).lines(60);
        assert_eq!(shown.len(), MAX_NOTIFICATION_LINES);
        assert!(shown.join(" ").starts_with("It failed again It") && shown.join(" ").ends_with('…'), "{shown:?}");
    }
}
