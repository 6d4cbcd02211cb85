//! The one place that prints: stdout is data, stderr is talk.

use std::io::{self, IsTerminal, Write};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::cli::output::indent::escaped;
use crate::flows::check::CLOCK_LOOKS_WRONG;
use crate::secret::Secret;
use crate::session::{Note, Reporter};
use crate::store::Profile;
use crate::{Code, Error, Result};

/// Owns stdout and stderr.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printer {
    /// Errors and results are JSON.
    pub(crate) json: bool,
}

impl Printer {
    /// Refuses a flag that gives stdout another form than JSON. clap does not see a conflict with a global flag that stands
    /// before the command.
    pub(crate) fn refuse_json_with(self, flag: Option<&str>) -> Result<()> {
        match flag.filter(|_| self.json) {
            Some(flag) => Err(Error::bad_input(
                format!("{flag} cannot be used together with --json."),
                "Leave one of them out; see --help.",
            )),
            None => Ok(()),
        }
    }

    /// One line of data.
    pub(crate) fn data(self, line: &str) -> Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(line.as_bytes())
            .and_then(|()| out.write_all(b"\n"))
            .and_then(|()| out.flush())
            .or_else(|error| stdout_failed(&error))
    }

    /// A value as one line of JSON.
    pub(crate) fn value(self, value: &impl Serialize) -> Result<()> {
        let line = serde_json::to_string(value).map_err(|_| {
            Error::new(Code::Unexpected, "The result could not be written as JSON.", "Please report this.")
        })?;
        // A pipe gets what serde_json writes; a terminal must not be controlled by somebody's name.
        if io::stdout().is_terminal() { self.data(&escaped(&line)) } else { self.data(&line) }
    }

    /// A secret, because it was asked for, with `before` in front of it.
    ///
    /// # Errors
    /// `files` also where stdout goes nowhere.
    pub(crate) fn secret(self, before: &str, secret: &Secret) -> Result<()> {
        somewhere()?;
        self.warn_of_onlookers();
        self.data(&format!("{before}{}", asked_for(secret)))
    }

    fn warn_of_onlookers(self) {
        if io::stdout().is_terminal() {
            self.status("This is the token itself: whoever sees it can act as you.");
        }
    }

    /// A JSON object in which the secret stands under `key`, because it was asked for.
    pub(crate) fn value_with_secret(self, key: &str, secret: &Secret, mut object: serde_json::Value) -> Result<()> {
        somewhere()?;
        self.warn_of_onlookers();
        object[key] = asked_for(secret).into();
        self.value(&object)
    }

    /// A line for people. That stderr is closed is no reason to stop.
    pub(crate) fn status(self, line: &str) {
        drop(writeln!(io::stderr().lock(), "{line}"));
    }

    /// Steers the terminal that stderr is; one that does not understand lets it pass.
    pub(crate) fn steer(self, command: impl crossterm::Command) {
        drop(crossterm::execute!(io::stderr(), command));
    }

    /// Bytes as they are: what LinkedIn answered, for the next program in the pipe.
    pub(crate) fn bytes(self, bytes: &[u8]) -> Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(bytes).and_then(|()| out.flush()).or_else(|error| stdout_failed(&error))
    }

    /// A line that replaces the one before it, on a terminal only; `done` ends it.
    pub(crate) fn progress(self, line: &str, done: bool) {
        let mut err = io::stderr().lock();
        if err.is_terminal() {
            drop(write!(err, "\r\x1b[K{line}{}", if done { "\n" } else { "" }));
            drop(err.flush());
        }
    }

    /// Tells what reading the files brought up.
    pub(crate) fn warnings(self, store: &crate::store::ProfileStore) {
        for warning in store.warnings() {
            self.status(&format!("warning: {warning}"));
        }
    }

    /// The current profile; a damaged state.toml is told, and costs no more than this.
    pub(crate) fn current_profile(self, store: &crate::store::ProfileStore) -> Option<crate::store::Name> {
        store.current_profile().unwrap_or_else(|error| {
            self.status(&format!("warning: no profile counts as current: {error}"));
            None
        })
    }

    /// Tells a person who waits why.
    pub(crate) fn note(self, note: &Note) {
        match note {
            Note::WaitingForLock => self.status("waiting for another linkedin-tui that works on this profile"),
            Note::Retrying { because, after } => {
                self.status(&format!("{because} Asking again in {} s.", after.as_secs().max(1)));
            }
            Note::RefreshFailed(error) => {
                self.status(&format!("note: the token ends soon and could not be renewed yet: {error}"));
            }
            Note::NotSaved(error) => {
                self.status(&format!("warning: {error} {}", error.hint));
            }
            Note::ApiVersionChanged(change) => self.status(&format!("note: {change}")),
        }
    }

    /// Takes the notes of a whole run.
    pub(crate) fn reporter(self) -> Reporter {
        Reporter::new(move |note| self.note(&note))
    }

    /// Tells when a saved time is still to come: every expiry is then told wrong.
    pub(crate) fn clock(self, profiles: &[Profile], now: Timestamp) {
        if profiles.iter().any(|profile| profile.has_future_times(now)) {
            self.status(&format!("warning: {CLOCK_LOOKS_WRONG}"));
        }
    }

    /// An error, in the way that was asked for; in words where nobody would get the JSON of it.
    pub(crate) fn error(self, error: &Error) {
        if self.json && !goes_nowhere() && self.value(&error_object(error)).is_ok() {
            return;
        }
        self.status(&format!("error: {error}"));
        if !error.hint.is_empty() {
            self.status(&format!("  {}", error.hint));
        }
    }

    /// Help, version, or a usage error in clap's own words and colours; stdout or stderr as it should.
    pub(crate) fn clap(self, words: &clap::Error) -> Result<()> {
        let told = words.print().and_then(|()| io::stdout().flush());
        // That stderr is closed is no reason for another error.
        if words.use_stderr() { Ok(()) } else { told.or_else(|error| stdout_failed(&error)) }
    }
}

/// An error as JSON.
pub(crate) fn error_object(error: &Error) -> serde_json::Value {
    json!({"error": {
        "code": error.code.as_str(), "message": error.to_string(), "hint": error.hint, "retryable": error.code.is_retryable(),
    }})
}

/// The one place where a secret goes where the person sent it: stdout, a file, a child's environment.
pub(crate) fn asked_for(secret: &Secret) -> &str {
    secret.expose()
}

/// Refuses to print a token that nobody gets.
fn somewhere() -> Result<()> {
    if goes_nowhere() {
        return Err(Error::new(
            Code::Files,
            "The output could not be written: stdout is closed.",
            "Let it go to a file, a pipe or a terminal; to throw it away, start the program with stdout opened for writing only, \
             as a shell's > /dev/null does.",
        ));
    }
    Ok(())
}

/// Was stdout closed when the program started? Rust then opens the null device in its place, for
/// reading and writing; a shell's `> /dev/null` is for writing only.
///
/// Some programs that throw a child's output away open it like Rust does (Python's
/// `subprocess.DEVNULL`, Node's `ignore`), and nothing tells them apart. So only what nobody asks
/// for without wanting it, a token, is refused there; a `status` whose exit code is all that
/// counts is not.
#[cfg(unix)]
fn goes_nowhere() -> bool {
    use std::os::fd::AsFd;
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    let Ok(out) = io::stdout().as_fd().try_clone_to_owned().map(std::fs::File::from) else { return false };
    let (Ok(flags), Ok(about)) = (rustix::fs::fcntl_getfl(&out), out.metadata()) else { return false };
    flags & rustix::fs::OFlags::RWMODE == rustix::fs::OFlags::RDWR
        && about.file_type().is_char_device()
        && std::fs::metadata("/dev/null").is_ok_and(|null| null.rdev() == about.rdev())
}

#[cfg(not(unix))]
fn goes_nowhere() -> bool {
    false
}

fn stdout_failed(error: &io::Error) -> Result<()> {
    // A reader that has had enough (`| head -1`) is no failure.
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Ok(());
    }
    Err(Error::new(
        Code::Files,
        format!("The output could not be written: {}.", crate::error::io_reason(error)),
        "Check where stdout goes.",
    ))
}
