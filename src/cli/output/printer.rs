//! The one place that prints: data on stdout, status on stderr.

use std::io::{self, IsTerminal, Write};

use jiff::Timestamp;
use serde::Serialize;

use crate::cli::output::pretty::escaped;
use crate::cli::output::{hint, json};
use crate::flows::check::CLOCK_LOOKS_WRONG;
use crate::secret::Secret;
use crate::session::{Note, Reporter};
use crate::store::Profile;
use crate::{Code, Error, Result};

/// Owns stdout and stderr.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printer {
    /// Whether results and errors are JSON.
    pub(crate) json: bool,
    /// Whether the sources of errors are printed.
    pub(crate) verbose: bool,
    /// The program as it was started, see [`Global::program`](crate::cli::args::Global::program).
    pub(crate) program: &'static str,
}

/// For prompts before the arguments are known.
impl Default for Printer {
    fn default() -> Self {
        Self { json: false, verbose: false, program: "linkedin-tui" }
    }
}

impl Printer {
    /// Rejects a flag that gives stdout another format than JSON. clap does not detect a conflict with a global flag
    /// before the command.
    pub(crate) fn reject_json_with(self, flag: Option<&str>) -> Result<()> {
        match flag.filter(|_| self.json) {
            Some(flag) => {
                Err(Error::bad_input(format!("{flag} cannot be used with --json."), "Remove one of the two options."))
            }
            None => Ok(()),
        }
    }

    /// Returns a command of this program that works as typed.
    pub(crate) fn command(self, arguments: impl std::fmt::Display) -> String {
        format!("{} {arguments}", self.program)
    }

    /// Returns an error with what to do about it, on one line.
    pub(crate) fn summary(self, error: &Error) -> String {
        format!("{error} {}", hint::hint(error, self.program)).trim_end().to_owned()
    }

    /// Prints one line of data.
    pub(crate) fn data(self, line: &str) -> Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(line.as_bytes())
            .and_then(|()| out.write_all(b"\n"))
            .and_then(|()| out.flush())
            .or_else(|error| stdout_failed(&error))
    }

    /// Prints a value as one line of JSON.
    pub(crate) fn value(self, value: &impl Serialize) -> Result<()> {
        let line = serde_json::to_string(value).map_err(|_| {
            Error::new(Code::Unexpected, "The result could not be written as JSON.", "Please report this.")
        })?;
        // A pipe gets what serde_json writes; a terminal must not be controlled by a member's name.
        if io::stdout().is_terminal() { self.data(&escaped(&line)) } else { self.data(&line) }
    }

    /// Prints a secret that the user requested, after `prefix`.
    pub(crate) fn secret(self, prefix: &str, secret: &Secret) -> Result<()> {
        self.warn_of_visible_token();
        self.data(&format!("{prefix}{}", expose_on_request(secret)))
    }

    /// Warns where a token is about to appear on the terminal.
    pub(crate) fn warn_of_visible_token(self) {
        if io::stdout().is_terminal() {
            self.status("This is the token itself: anyone who sees it can act as you.");
        }
    }

    /// Prints a line of status. A closed stderr is not an error.
    pub(crate) fn status(self, line: &str) {
        drop(writeln!(io::stderr().lock(), "{line}"));
    }

    /// Sends a command to the terminal on stderr.
    pub(crate) fn terminal(self, command: impl crossterm::Command) {
        drop(crossterm::execute!(io::stderr(), command));
    }

    /// Prints bytes unchanged: LinkedIn's response, for the next program in the pipe.
    pub(crate) fn bytes(self, bytes: &[u8]) -> Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(bytes).and_then(|()| out.flush()).or_else(|error| stdout_failed(&error))
    }

    /// Replaces the previous line, on a terminal only; `done` ends the line.
    pub(crate) fn progress(self, line: &str, done: bool) {
        let mut err = io::stderr().lock();
        if err.is_terminal() {
            drop(write!(err, "\r\x1b[K{line}{}", if done { "\n" } else { "" }));
            drop(err.flush());
        }
    }

    /// Prints the warnings that reading the files raised.
    pub(crate) fn warnings(self, store: &crate::store::ProfileStore) {
        for warning in store.take_warnings() {
            self.status(&format!("warning: {warning}"));
        }
    }

    /// Returns the current profile; a damaged `state.toml` is only a warning.
    pub(crate) fn current_profile(self, store: &crate::store::ProfileStore) -> Option<crate::store::Name> {
        store.current_profile().unwrap_or_else(|error| {
            self.status(&format!("warning: no profile is current: {error}"));
            None
        })
    }

    /// Prints why a command takes its time.
    pub(crate) fn note(self, note: &Note) {
        match note {
            Note::WaitingForLock(guarded) => {
                self.status(&format!("waiting for another linkedin-tui that is working on {guarded}"));
            }
            Note::Retrying { because, after } => {
                self.status(&format!("{because} Retrying in {} s.", after.as_secs().max(1)));
            }
            Note::RefreshFailed(error) => {
                self.status(&format!("note: the token expires soon and could not be refreshed yet: {error}"));
            }
            Note::NotSaved(error) => self.warning(error),
            Note::ApiVersionChanged(change) => self.status(&format!("note: {change}")),
        }
    }

    /// Returns a reporter that prints the notes of a whole run.
    pub(crate) fn reporter(self) -> Reporter {
        Reporter::new(move |note| self.note(&note))
    }

    /// Warns if a saved time is in the future: the clock is then wrong, and so is every expiry.
    pub(crate) fn warn_of_clock(self, profiles: &[Profile], now: Timestamp) {
        if profiles.iter().any(|profile| profile.has_future_times(now)) {
            self.status(&format!("warning: {CLOCK_LOOKS_WRONG}"));
        }
    }

    /// Prints a warning with what to do about it.
    pub(crate) fn warning(self, error: &Error) {
        self.status(&format!("warning: {}", self.summary(error)));
    }

    /// Prints an error, as JSON if requested, and its sources if verbose.
    pub(crate) fn error(self, error: &Error) {
        if self.verbose {
            for source in error.sources() {
                self.status(&format!("caused by: {source}"));
            }
        }
        if self.json && self.value(&json::ErrorReport::new(error, self.program)).is_ok() {
            return;
        }
        self.status(&format!("error: {error}"));
        let hint = hint::hint(error, self.program);
        if !hint.is_empty() {
            self.status(&format!("  {hint}"));
        }
    }

    /// Prints help, the version or a usage error as clap words and colors it.
    pub(crate) fn clap(self, message: &clap::Error) -> Result<()> {
        let printed = message.print().and_then(|()| io::stdout().flush());
        // A closed stderr is not an error.
        if message.use_stderr() { Ok(()) } else { printed.or_else(|error| stdout_failed(&error)) }
    }
}

/// Exposes a secret to the place that the user requested: stdout, a file or the environment of a child process.
pub(crate) fn expose_on_request(secret: &Secret) -> &str {
    secret.expose()
}

fn stdout_failed(error: &io::Error) -> Result<()> {
    // A reader that stops early (`| head -1`) is not an error.
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Ok(());
    }
    Err(Error::new(
        Code::Files,
        format!("The output could not be written: {}.", crate::error::io_reason(error)),
        "Check where stdout goes.",
    )
    .with_io_source(error))
}
