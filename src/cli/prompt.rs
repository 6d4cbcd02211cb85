//! Input from stdin, from files and typed at a prompt; secrets without echo.

use std::io::{BufRead as _, IsTerminal, Read as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossterm::event::{
    DisableBracketedPaste, EnableBracketedPaste, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, poll, read,
};
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};

use zeroize::{Zeroize, Zeroizing};

use super::output::theme::terminal_columns;
use super::printer::{Printer, Progress};
use crate::encryption::PassphrasePrompt;
use crate::error::io_reason;
use crate::files;
use crate::linkedin::looks_like_client_secret;
use crate::secret::Secret;
use crate::text::{CopiedValue, clean_copied_value, columns, escape_controls, skip_columns};
use crate::{Code, Error, Result};

/// Largest file or stream that a secret is read from, in bytes.
const MAX_SECRET_BYTES: u64 = 64 * 1024;

/// Longest line that is typed or pasted, in characters.
const MAX_LINE_CHARS: usize = 4096;

/// Where a client secret is read from. A secret is never an option itself.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct SecretSource {
    /// Read the client secret from the first line of stdin
    #[arg(long, conflicts_with = "client_secret_file")]
    pub(crate) client_secret_stdin: bool,
    /// Read the client secret from a file
    #[arg(long, value_name = "FILE")]
    pub(crate) client_secret_file: Option<PathBuf>,
}

impl SecretSource {
    /// Returns whether an option names a source.
    pub(super) const fn is_given(&self) -> bool {
        self.client_secret_stdin || self.client_secret_file.is_some()
    }

    /// Reads the secret; `None` if no option names a source.
    pub(super) fn read(&self) -> Result<Option<Secret>> {
        let (read, source) = if self.client_secret_stdin {
            (read_first_line(std::io::stdin().lock()), "stdin".to_owned())
        } else if let Some(path) = &self.client_secret_file {
            (files::read_bounded(path, MAX_SECRET_BYTES), path.display().to_string())
        } else {
            return Ok(None);
        };
        let mut text = read.and_then(files::decode).map_err(|error| {
            let code = if self.client_secret_stdin { Code::BadInput } else { Code::Files };
            Error::new(
                code,
                format!("The client secret could not be read from {source}: {}.", io_reason(&error)),
                "Check that it is text and that you can read it.",
            )
            .with_io_source(&error)
        })?;
        let secret = clean_client_secret(&text);
        text.zeroize();
        if secret.is_empty() {
            return Err(Error::bad_input(
                format!("The client secret in {source} is empty."),
                "Write it on the first line.",
            ));
        }
        Ok(Some(secret))
    }
}

/// Reads stdin to its end. `what` begins the message of an error.
pub(super) fn read_stdin(what: &str, max_bytes: u64, hint: impl Into<String>) -> Result<String> {
    files::read_stream(std::io::stdin().lock(), max_bytes).and_then(files::decode).map_err(|error| {
        Error::bad_input(format!("{what} could not be read: {}.", io_reason(&error)), hint).with_io_source(&error)
    })
}

/// Reads to the end of the first line only: the program that writes the stream may keep running.
fn read_first_line(stream: impl std::io::BufRead) -> std::io::Result<Vec<u8>> {
    let mut bytes: Vec<u8> = Vec::with_capacity(4096);
    let mut limited = stream.take(MAX_SECRET_BYTES);
    while bytes.iter().all(u8::is_ascii_whitespace) {
        if limited.read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        limited.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// Returns the first line without the quotes, names and invisible characters that copying adds.
fn clean_client_secret(text: &str) -> Secret {
    let (mut line, _) = clean_copied_value(CopiedValue::ClientSecret, text);
    let secret = Secret::new(&line);
    line.zeroize();
    secret
}

/// Prompts for a passphrase, which is used unchanged.
pub(super) fn prompt_passphrase(kind: PassphrasePrompt) -> Result<Option<Secret>> {
    let prompt = match kind {
        PassphrasePrompt::Passphrase => "Passphrase for the encrypted tokens (hidden):",
        PassphrasePrompt::PassphraseAgain => "That passphrase is wrong. Passphrase for the encrypted tokens (hidden):",
        PassphrasePrompt::NewPassphrase => "New passphrase (hidden):",
        PassphrasePrompt::ConfirmPassphrase => "Confirm passphrase:",
    };
    Ok(prompt_line(prompt, Echo::Off, Printer::default())?.map(|text| Secret::new(text.as_str())))
}

/// Prompts for a client secret on the terminal, without echo.
pub(super) fn prompt_secret(prompt: &str, printer: Printer) -> Result<Option<Secret>> {
    Ok(prompt_line(prompt, Echo::Off, printer)?.map(|text| clean_client_secret(&text)))
}

/// Prompts for a value that is not a secret. `None` without a terminal.
pub(super) fn prompt_text(prompt: &str, printer: Printer) -> Result<Option<String>> {
    Ok(prompt_line(prompt, Echo::On, printer)?.map(|text| text.trim().to_owned()))
}

/// Whether a line is visible while it is typed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Echo {
    On,
    Off,
}

fn prompt_line(prompt: &str, echo: Echo, printer: Printer) -> Result<Option<Zeroizing<String>>> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Ok(None);
    }
    let terminal_error = |error: std::io::Error| {
        Error::new(Code::Unexpected, format!("The terminal could not be read: {}.", io_reason(&error)), "")
            .with_io_source(&error)
    };
    // The program may be stopped as soon as the prompt is printed.
    let continued = register_continue_flag();
    // The echo is off before the prompt is printed: what is typed at once must not be visible.
    enable_raw_mode().map_err(terminal_error)?;
    printer.control_terminal(EnableBracketedPaste);
    let show = |text: &str| {
        if echo == Echo::On {
            printer.print_progress(&visible_line(prompt, text), Progress::Ongoing);
        }
    };
    if echo == Echo::Off {
        printer.print_status(&format!("{prompt}\r"));
    }
    let line = read_line(&continued, &show, printer);
    printer.control_terminal(DisableBracketedPaste);
    disable_raw_mode().map_err(terminal_error)?;
    if echo == Echo::On {
        let text = line.as_ref().ok().and_then(Option::as_ref).map_or("", |text| text.as_str());
        printer.print_progress(&visible_line(prompt, text), Progress::Done);
    }
    line.map_err(terminal_error)?.map(Some).ok_or_else(|| Error::new(Code::Interrupted, "Interrupted.", ""))
}

/// Returns the prompt and as much of the end of the typed text as fits on one line of the terminal.
fn visible_line(prompt: &str, text: &str) -> String {
    // A client secret that is pasted at the wrong prompt stays hidden.
    let text = if looks_like_client_secret(text) { "(hidden)".to_owned() } else { escape_controls(text) };
    // The cursor takes a column too.
    let available_columns = terminal_columns(None).saturating_sub(columns(prompt) + 2);
    format!("{prompt} {}", skip_columns(&text, columns(&text).saturating_sub(available_columns)))
}

/// Whether the previous line ended with a carriage return: the line feed of a pasted CR LF may still follow, and must
/// not submit the next prompt.
static LAST_KEY_WAS_RETURN: AtomicBool = AtomicBool::new(false);

/// How long the terminal may echo after the program was stopped and continued.
const CONTINUE_CHECK_INTERVAL: Duration = Duration::from_millis(50);

/// Returns a flag that is set when the program continues after a stop.
fn register_continue_flag() -> Arc<AtomicBool> {
    let flag = Arc::default();
    #[cfg(unix)]
    drop(signal_hook::flag::register(signal_hook::consts::SIGCONT, Arc::clone(&flag)));
    flag
}

/// Waits for a key or a paste. A shell sets its own terminal modes while the program is stopped, so the echo would stay
/// on for the rest of the secret.
fn next_event(continued: &AtomicBool, printer: Printer) -> std::io::Result<Event> {
    while !poll(CONTINUE_CHECK_INTERVAL)? {
        if continued.swap(false, Ordering::Relaxed) {
            disable_raw_mode()?;
            enable_raw_mode()?;
            printer.control_terminal(EnableBracketedPaste);
        }
    }
    read()
}

/// Reads a line and shows it as it changes; `None` if the user cancels.
fn read_line(
    continued: &AtomicBool,
    show: &dyn Fn(&str),
    printer: Printer,
) -> std::io::Result<Option<Zeroizing<String>>> {
    // Allocated once: a growing text leaves copies in freed memory.
    let mut text = Zeroizing::new(String::with_capacity(MAX_LINE_CHARS * char::MAX.len_utf8()));
    let mut skip_line_feed = LAST_KEY_WAS_RETURN.swap(false, Ordering::Relaxed);
    loop {
        show(&text);
        let key = match next_event(continued, printer)? {
            Event::Key(key) if key.kind != KeyEventKind::Release => key,
            Event::Paste(pasted) => {
                let pasted = Zeroizing::new(pasted);
                let (line, has_more) = first_line(&pasted);
                if has_more {
                    printer.print_status("note: more than one line was pasted; only the first is used\r");
                }
                let available_chars = MAX_LINE_CHARS.saturating_sub(text.chars().count());
                text.extend(line.chars().take(available_chars));
                continue;
            }
            _ => continue,
        };
        match Input::from(key) {
            Input::LineFeed if std::mem::take(&mut skip_line_feed) => {}
            Input::Return => {
                LAST_KEY_WAS_RETURN.store(true, Ordering::Relaxed);
                return Ok(Some(text));
            }
            Input::LineFeed => return Ok(Some(text)),
            Input::Interrupt => return Ok(None),
            Input::Clear => text.zeroize(),
            Input::Delete => drop(text.pop()),
            Input::Char(c) if text.chars().count() < MAX_LINE_CHARS => text.push(c),
            Input::Char(_) | Input::Nothing => {}
        }
        skip_line_feed = false;
    }
}

/// What a key does while a line is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Input {
    Char(char),
    Return,
    LineFeed,
    Delete,
    Clear,
    Interrupt,
    Nothing,
}

impl From<KeyEvent> for Input {
    /// Converts a key in raw mode, in which a line feed is Ctrl-J, and only a carriage return is Enter.
    fn from(key: KeyEvent) -> Self {
        // Windows reports AltGr, which some keyboards need for `@` or `\`, as both.
        let modifiers = key.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT);
        let is_plain = modifiers.is_empty() || cfg!(windows) && modifiers == KeyModifiers::CONTROL | KeyModifiers::ALT;
        match key.code {
            KeyCode::Enter => Input::Return,
            KeyCode::Esc => Input::Interrupt,
            KeyCode::Backspace => Input::Delete,
            KeyCode::Char(c) if is_plain => Input::Char(c),
            KeyCode::Char(c) if modifiers == KeyModifiers::CONTROL => match c {
                'c' | 'd' => Input::Interrupt,
                'h' => Input::Delete,
                'j' => Input::LineFeed,
                'm' => Input::Return,
                'u' => Input::Clear,
                _ => Input::Nothing,
            },
            _ => Input::Nothing,
        }
    }
}

/// Returns the first line of a paste without the line breaks around it, and whether there are more. Spaces stay: a
/// passphrase may have some.
fn first_line(pasted: &str) -> (&str, bool) {
    let text = pasted.trim_matches(['\r', '\n']);
    text.split_once(['\r', '\n']).map_or((text, false), |(line, _)| (line, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_secret_is_trimmed() {
        for text in [
            "WPL.a+/==",
            " \"WPL.a+/==\" \r\nnext",
            "Client_Secret=\u{200b}WPL.a+/==",
            "LINKEDIN_CLIENT_SECRET='WPL.a+/=='\n",
            "\u{feff}WPL.a+/==\n",
        ] {
            assert!(clean_client_secret(text).matches("WPL.a+/=="), "{text:?}");
        }
    }

    #[test]
    fn a_client_secret_at_a_visible_prompt_is_hidden() {
        assert_eq!(visible_line("Client ID:", "86abcdefghijkl"), "Client ID: 86abcdefghijkl");
        for typed in ["WPL_AP1.x.aa==", "client_secret=WPL_AP1.x.aa=="] {
            assert_eq!(visible_line("Client ID:", typed), "Client ID: (hidden)");
        }
    }

    #[test]
    fn u13_control_keys_are_not_characters() {
        let key = |c, modifiers| Input::from(KeyEvent::new(KeyCode::Char(c), modifiers));
        let (none, control, alt) = (KeyModifiers::NONE, KeyModifiers::CONTROL, KeyModifiers::ALT);
        assert_eq!(key('j', none), Input::Char('j'));
        assert_eq!(key('J', KeyModifiers::SHIFT), Input::Char('J'));
        assert_eq!((key('j', control), key('m', control)), (Input::LineFeed, Input::Return));
        assert_eq!((key('h', control), key('u', control)), (Input::Delete, Input::Clear));
        assert_eq!((key('c', control), key('d', control)), (Input::Interrupt, Input::Interrupt));
        for c in ('a'..='z').filter(|c| !"cdhjmu".contains(*c)) {
            assert_eq!(key(c, control), Input::Nothing, "{c}");
        }
        for c in 'a'..='z' {
            assert_eq!(key(c, alt), Input::Nothing, "{c}");
        }
        let both = if cfg!(windows) { Input::Char('@') } else { Input::Nothing };
        assert_eq!(key('@', control | alt), both);
    }

    #[test]
    fn u13_first_line_of_a_paste_is_used() {
        for (pasted, line, has_more) in [
            ("one", "one", false),
            (" one \r\n", " one ", false),
            ("\n\none\r", "one", false),
            ("one\rtwo", "one", true),
            ("one\r\ntwo\n", "one", true),
            ("", "", false),
        ] {
            assert_eq!(first_line(pasted), (line, has_more), "{pasted:?}");
        }
    }
}
