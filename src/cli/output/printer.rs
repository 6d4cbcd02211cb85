//! Prints results on stdout and messages on stderr; no other module prints.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use serde::Serialize;

use crate::cli::output::pretty::escape;
use crate::cli::output::theme::{Cell, Theme, enable_escape_sequences};
use crate::cli::output::{hint, json};
use crate::flows::check::FUTURE_TIME_WARNING;
use crate::secret::Secret;
use crate::session::{Context, FlowEvent, Session};
use crate::store::Profile;
use crate::{Code, Error, Result};

/// Whether stderr shows a line of progress, which the next output replaces.
static SHOWS_PROGRESS: AtomicBool = AtomicBool::new(false);

/// Whether a line of progress is replaced by the next one, or is the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    Ongoing,
    Done,
}

/// The only way to stdout and stderr.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printer {
    /// Whether results and errors are JSON.
    pub(crate) is_json: bool,
    /// Whether the sources of errors are printed.
    pub(crate) is_verbose: bool,
    /// Whether `--no-color` is set.
    pub(crate) has_no_color: bool,
    /// The command that starts the program on the same files, see
    /// [`Global::program_command`](crate::cli::args::Global::program_command).
    pub(crate) program_command: &'static str,
}

/// For prompts before the arguments are known.
impl Default for Printer {
    fn default() -> Self {
        Self { is_json: false, is_verbose: false, has_no_color: false, program_command: "linkedin-tui" }
    }
}

impl Printer {
    /// Rejects `--json` with a flag that selects a different format. clap does not detect a conflict with a global flag
    /// before the command.
    pub(crate) fn reject_json_with(self, flag: Option<&str>) -> Result<()> {
        match flag.filter(|_| self.is_json) {
            Some(flag) => {
                Err(Error::bad_input(format!("{flag} cannot be used with --json."), "Remove one of the two options."))
            }
            None => Ok(()),
        }
    }

    /// Returns a command line of this program that the user can copy.
    pub(crate) fn command(self, arguments: impl std::fmt::Display) -> String {
        format!("{} {arguments}", self.program_command)
    }

    /// Returns how stdout is drawn.
    pub(crate) fn theme(self, session: &Session) -> Theme {
        Theme::new(session, self.has_no_color, io::stdout().is_terminal())
    }

    /// Returns how stderr is drawn.
    pub(crate) fn status_theme(self, session: &Session) -> Theme {
        Theme::new(session, self.has_no_color, io::stderr().is_terminal())
    }

    /// Returns an error and its hint on one line.
    pub(crate) fn summarize(self, error: &Error) -> String {
        format!("{error} {}", hint::render_hint(error, self.program_command)).trim_end().to_owned()
    }

    /// Prints a line of data.
    pub(crate) fn print_line(self, line: &str) -> Result<()> {
        self.print_bytes(format!("{line}\n").as_bytes())
    }

    /// Prints a table for a terminal, as [`Theme::format_table`] lays it out.
    pub(crate) fn print_table(
        self,
        theme: Theme,
        header: &[&str],
        shrinkable: &[usize],
        rows: Vec<Vec<Cell>>,
    ) -> Result<()> {
        theme.format_table(header, shrinkable, rows).iter().try_for_each(|line| self.print_line(line))
    }

    /// Prints a value as one line of JSON.
    pub(crate) fn print_json(self, value: &impl Serialize) -> Result<()> {
        let line = serde_json::to_string(value).map_err(|_| {
            Error::new(Code::Unexpected, "The result could not be written as JSON.", "Please report this.")
        })?;
        // A pipe gets what serde_json writes; a terminal must not be controlled by a member's name.
        if io::stdout().is_terminal() { self.print_line(&escape(&line)) } else { self.print_line(&line) }
    }

    /// Prints the JSON of a profile with its status at this moment.
    pub(crate) fn print_profile(self, ctx: &Context, profile: &Profile) -> Result<()> {
        self.print_json(&json::Profile::as_of_now(ctx, profile, self.current_profile_or_warn(&ctx.store).as_ref()))
    }

    /// Prints a secret that the user requested, after `prefix`.
    pub(crate) fn print_secret(self, prefix: &str, secret: &Secret) -> Result<()> {
        self.warn_if_token_is_visible();
        self.print_line(&format!("{prefix}{}", expose_on_request(secret)))
    }

    /// Warns if a token is about to appear on the terminal.
    pub(crate) fn warn_if_token_is_visible(self) {
        if io::stdout().is_terminal() {
            self.print_status("This is the token itself: anyone who sees it can act as you.");
        }
    }

    /// Prints a line for people on stderr: progress, a warning or an outcome, and not the status of a token. A closed stderr is
    /// not an error.
    pub(crate) fn print_status(self, line: &str) {
        clear_progress();
        drop(writeln!(io::stderr().lock(), "{line}"));
    }

    /// Sends a command to the terminal on stderr.
    pub(crate) fn control_terminal(self, command: impl crossterm::Command) {
        drop(crossterm::execute!(io::stderr(), command));
    }

    /// Prints bytes unchanged: LinkedIn's response, for the next program in the pipe.
    pub(crate) fn print_bytes(self, bytes: &[u8]) -> Result<()> {
        clear_progress();
        let mut out = io::stdout().lock();
        out.write_all(bytes).and_then(|()| out.flush()).or_else(|error| ignore_broken_pipe(&error))
    }

    /// Shows a line of progress, on a terminal only: it replaces the previous one, and the next output replaces it.
    /// At the end the line stays.
    pub(crate) fn print_progress(self, line: &str, progress: Progress) {
        let is_done = progress == Progress::Done;
        let mut err = io::stderr().lock();
        if err.is_terminal() && enable_escape_sequences() {
            drop(write!(err, "\r\x1b[K{line}{}", if is_done { "\n" } else { "" }));
            drop(err.flush());
            SHOWS_PROGRESS.store(!is_done, Ordering::Relaxed);
        }
    }

    /// Prints the warnings that reading the files raised.
    pub(crate) fn print_warnings(self, store: &crate::store::ProfileStore) {
        for warning in store.take_warnings() {
            self.print_status(&format!("warning: {warning}"));
        }
    }

    /// Returns the current profile; `None` with a warning if `state.toml` is damaged.
    pub(crate) fn current_profile_or_warn(self, store: &crate::store::ProfileStore) -> Option<crate::store::Name> {
        store.current_profile().unwrap_or_else(|error| {
            self.print_status(&format!("warning: no profile is current: {error}"));
            None
        })
    }

    /// Prints an event of a flow, such as a retry.
    pub(crate) fn print_event(self, event: &FlowEvent) {
        match event {
            FlowEvent::WaitingForLock(locked) => {
                self.print_status(&format!("waiting for another linkedin-tui that is working on {locked}"));
            }
            FlowEvent::Retrying { because, after } => {
                self.print_status(&format!("{because} Retrying in {} s.", after.as_secs().max(1)));
            }
            FlowEvent::RefreshFailed(error) => {
                self.print_status(&format!("note: the token expires soon and could not be refreshed yet: {error}"));
            }
            FlowEvent::NotSaved(error) => self.print_warning(error),
            FlowEvent::ApiVersionChanged(change) => self.print_status(&format!("note: {change}")),
        }
    }

    /// Prints the host of the endpoints if it is not LinkedIn's; `action` begins the note.
    pub(crate) fn print_custom_host_note(self, ctx: &Context, action: &str) {
        if let Some(host) = ctx.endpoints.custom_host() {
            self.print_status(&format!("note: {action} at {host}, not at LinkedIn"));
        }
    }

    /// Warns if a saved time is in the future: the clock is then wrong, and so is every expiry.
    pub(crate) fn warn_if_clock_is_wrong(self, profiles: &[Profile], now: Timestamp) {
        if profiles.iter().any(|profile| profile.has_future_times(now)) {
            self.print_status(&format!("warning: {FUTURE_TIME_WARNING}"));
        }
    }

    pub(crate) fn print_warning(self, error: &Error) {
        self.print_status(&format!("warning: {}", self.summarize(error)));
    }

    /// Prints the sources of an error if verbose.
    pub(crate) fn print_sources(self, error: &Error) {
        if self.is_verbose {
            for source in error.sources() {
                self.print_status(&format!("caused by: {source}"));
            }
        }
    }

    /// Prints an error, as JSON if requested, and its sources if verbose.
    pub(crate) fn print_error(self, error: &Error) {
        self.print_sources(error);
        if self.is_json && self.print_json(&json::ErrorReport::new(error, self.program_command)).is_ok() {
            return;
        }
        self.print_status(&format!("error: {}", error.message));
        self.print_advice(error);
    }

    /// Prints what to do about an error, and LinkedIn's message, on lines below what happened.
    pub(crate) fn print_advice(self, error: &Error) {
        let hint = hint::render_hint(error, self.program_command);
        if !hint.is_empty() {
            self.print_status(&format!("  {hint}"));
        }
        if let Some(detail) = &error.detail {
            self.print_status(&format!("  LinkedIn's message: {detail}"));
        }
    }

    /// Prints help, the version or a usage error in clap's format.
    pub(crate) fn print_clap_message(self, message: &clap::Error) -> Result<()> {
        let printed = message.print().and_then(|()| io::stdout().flush());
        // A closed stderr is not an error.
        if message.use_stderr() { Ok(()) } else { printed.or_else(|error| ignore_broken_pipe(&error)) }
    }
}

/// Exposes a secret where the user requested it: stdout, a file or the environment of a child process.
pub(crate) fn expose_on_request(secret: &Secret) -> &str {
    secret.expose()
}

fn clear_progress() {
    if SHOWS_PROGRESS.swap(false, Ordering::Relaxed) {
        drop(io::stderr().lock().write_all(b"\r\x1b[K"));
    }
}

/// Returns whether a code of Windows means that the reader closed the pipe: broken pipe, no data, not connected.
const fn is_closed_pipe(code: Option<i32>) -> bool {
    matches!(code, Some(109 | 232 | 233))
}

fn ignore_broken_pipe(error: &io::Error) -> Result<()> {
    // A reader that stops early (`| head -1`) is not an error.
    if error.kind() == io::ErrorKind::BrokenPipe || cfg!(windows) && is_closed_pipe(error.raw_os_error()) {
        return Ok(());
    }
    Err(Error::new(
        Code::Files,
        format!("The output could not be written: {}.", crate::error::io_reason(error)),
        "Check where stdout goes.",
    )
    .with_io_source(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_pipes_are_recognized_by_windows_error_codes() {
        for code in [109, 232, 233] {
            assert!(is_closed_pipe(Some(code)), "{code}");
        }
        assert!(!is_closed_pipe(Some(112)), "a full disk");
        assert!(!is_closed_pipe(None));
    }
}
