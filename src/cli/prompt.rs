//! Secrets from stdin, from a file, or typed without an echo.

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

use super::printer::Printer;
use crate::encryption::PassphrasePrompt;
use crate::error::io_reason;
use crate::files;
use crate::secret::Secret;
use crate::text::{Credential, clean_credential};
use crate::{Code, Error, Result};

/// Largest file or stream that a secret is taken from, in bytes.
const MAX_SECRET_BYTES: u64 = 64 * 1024;

/// Longest line that is typed or pasted, in characters.
const LONGEST_LINE: usize = 4096;

/// The flags that point at a client secret, which is never a flag itself.
#[derive(clap::Args, Debug)]
pub struct SecretSource {
    /// Read the client secret from the first line of stdin
    #[arg(long, conflicts_with = "client_secret_file")]
    pub client_secret_stdin: bool,
    /// Read the client secret from a file
    #[arg(long, value_name = "FILE")]
    pub client_secret_file: Option<PathBuf>,
}

impl SecretSource {
    /// The secret; `None` where no flag points at one.
    pub(super) fn read(&self) -> Result<Option<Secret>> {
        let (read, source) = if self.client_secret_stdin {
            (first_line_of(std::io::stdin().lock()), "stdin".to_owned())
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
                "Check that it is text and that you may read it.",
            )
        })?;
        let secret = cleaned(&text);
        text.zeroize();
        if secret.is_empty() {
            return Err(Error::bad_input(
                format!("The client secret that {source} has is empty."),
                "Give it as the first line.",
            ));
        }
        Ok(Some(secret))
    }
}

/// Reads to the end of the first line, which a program that goes on running may write.
fn first_line_of(stream: impl std::io::BufRead) -> std::io::Result<Vec<u8>> {
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

/// The first line without what copying brings along.
fn cleaned(text: &str) -> Secret {
    let (mut line, _) = clean_credential(Credential::ClientSecret, text);
    let secret = Secret::new(&line);
    line.zeroize();
    secret
}

/// Asks for a passphrase, of which nothing is cut.
pub(super) fn passphrase(question: PassphrasePrompt) -> Result<Option<Secret>> {
    let text = match question {
        PassphrasePrompt::Passphrase => "The passphrase for the encrypted tokens (it is not shown):",
        PassphrasePrompt::NewPassphrase => "A new passphrase (it is not shown):",
        PassphrasePrompt::ConfirmPassphrase => "The same once more:",
    };
    Ok(ask(text, Printer { json: false })?.map(|text| Secret::new(text.as_str())))
}

/// Asks on the terminal, echoing nothing.
pub(super) fn ask_secret(question: &str, printer: Printer) -> Result<Option<Secret>> {
    Ok(ask(question, printer)?.map(|text| cleaned(&text)))
}

fn ask(question: &str, printer: Printer) -> Result<Option<Zeroizing<String>>> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Ok(None);
    }
    let failed = |error: std::io::Error| {
        Error::new(Code::Unexpected, format!("The terminal could not be read: {}.", io_reason(&error)), "")
    };
    // A stop may come as soon as the question stands there.
    let continued = continued();
    // The echo ends before the question stands there: what is typed at once must not be seen.
    enable_raw_mode().map_err(failed)?;
    printer.steer(EnableBracketedPaste);
    printer.status(&format!("{question}\r"));
    let typed = type_line(&continued, printer);
    printer.steer(DisableBracketedPaste);
    disable_raw_mode().map_err(failed)?;
    typed.map_err(failed)?.map(Some).ok_or_else(|| Error::new(Code::Interrupted, "Interrupted.", ""))
}

/// Did the answer before this one end with a carriage return? The line feed of a pasted CR LF may
/// still be on its way, and is no answer to the next question.
static AFTER_RETURN: AtomicBool = AtomicBool::new(false);

/// How long the terminal may echo after the program was stopped and continued.
const ECHO_TIME: Duration = Duration::from_millis(50);

/// A flag that is set when the program goes on after a stop.
fn continued() -> Arc<AtomicBool> {
    let flag = Arc::default();
    #[cfg(unix)]
    drop(signal_hook::flag::register(signal_hook::consts::SIGCONT, Arc::clone(&flag)));
    flag
}

/// Waits for a key or a paste. A shell gives the terminal its own modes while the program is stopped: the echo would be on
/// for the rest of the secret.
fn next_event(continued: &AtomicBool, printer: Printer) -> std::io::Result<Event> {
    while !poll(ECHO_TIME)? {
        if continued.swap(false, Ordering::Relaxed) {
            disable_raw_mode()?;
            enable_raw_mode()?;
            printer.steer(EnableBracketedPaste);
        }
    }
    read()
}

fn type_line(continued: &AtomicBool, printer: Printer) -> std::io::Result<Option<Zeroizing<String>>> {
    // Room for all of it: a text that grows leaves pieces of itself in freed memory.
    let mut text = Zeroizing::new(String::with_capacity(LONGEST_LINE * char::MAX.len_utf8()));
    let mut rest_of_the_last = AFTER_RETURN.swap(false, Ordering::Relaxed);
    loop {
        let key = match next_event(continued, printer)? {
            Event::Key(key) if key.kind != KeyEventKind::Release => key,
            Event::Paste(clip) => {
                let clip = Zeroizing::new(clip);
                let (line, several) = first_line(&clip);
                if several {
                    printer.status("note: more than one line was pasted; only the first is taken\r");
                }
                let room = LONGEST_LINE.saturating_sub(text.chars().count());
                text.extend(line.chars().take(room));
                continue;
            }
            _ => continue,
        };
        match typed(key) {
            Typed::LineFeed if std::mem::take(&mut rest_of_the_last) => {}
            Typed::Return => {
                AFTER_RETURN.store(true, Ordering::Relaxed);
                return Ok(Some(text));
            }
            Typed::LineFeed => return Ok(Some(text)),
            Typed::Interrupt => return Ok(None),
            Typed::Empty => text.zeroize(),
            Typed::Delete => drop(text.pop()),
            Typed::Letter(c) if text.chars().count() < LONGEST_LINE => text.push(c),
            Typed::Letter(_) | Typed::Nothing => {}
        }
        rest_of_the_last = false;
    }
}

/// What a key means where a line is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Typed {
    Letter(char),
    Return,
    LineFeed,
    Delete,
    Empty,
    Interrupt,
    Nothing,
}

/// In raw mode a terminal's line feed arrives as Ctrl-J, and only CR as Enter.
fn typed(key: KeyEvent) -> Typed {
    // Windows reports AltGr, by which some keyboards write `@` or `\`, as both at once.
    let held = key.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT);
    let plain = held.is_empty() || cfg!(windows) && held == KeyModifiers::CONTROL | KeyModifiers::ALT;
    match key.code {
        KeyCode::Enter => Typed::Return,
        KeyCode::Esc => Typed::Interrupt,
        KeyCode::Backspace => Typed::Delete,
        KeyCode::Char(c) if plain => Typed::Letter(c),
        KeyCode::Char(c) if held == KeyModifiers::CONTROL => match c {
            'c' | 'd' => Typed::Interrupt,
            'h' => Typed::Delete,
            'j' => Typed::LineFeed,
            'm' => Typed::Return,
            'u' => Typed::Empty,
            _ => Typed::Nothing,
        },
        _ => Typed::Nothing,
    }
}

/// The first line of what was pasted, without the line ends around it; spaces stay, for a
/// passphrase may have some. The second value says that there was more than one line.
fn first_line(pasted: &str) -> (&str, bool) {
    let text = pasted.trim_matches(['\r', '\n']);
    text.split_once(['\r', '\n']).map_or((text, false), |(line, _)| (line, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_copying_brings_along_is_cut() {
        for text in [
            "WPL.a+/==",
            " \"WPL.a+/==\" \r\nnext",
            "Client_Secret=\u{200b}WPL.a+/==",
            "LINKEDIN_CLIENT_SECRET='WPL.a+/=='\n",
            "\u{feff}WPL.a+/==\n",
        ] {
            assert!(cleaned(text).matches("WPL.a+/=="), "{text:?}");
        }
    }

    #[test]
    fn u13_only_what_writes_a_letter_is_one() {
        let key = |c, modifiers| typed(KeyEvent::new(KeyCode::Char(c), modifiers));
        let (none, control, alt) = (KeyModifiers::NONE, KeyModifiers::CONTROL, KeyModifiers::ALT);
        assert_eq!(key('j', none), Typed::Letter('j'));
        assert_eq!(key('J', KeyModifiers::SHIFT), Typed::Letter('J'));
        assert_eq!((key('j', control), key('m', control)), (Typed::LineFeed, Typed::Return));
        assert_eq!((key('h', control), key('u', control)), (Typed::Delete, Typed::Empty));
        assert_eq!((key('c', control), key('d', control)), (Typed::Interrupt, Typed::Interrupt));
        for c in ('a'..='z').filter(|c| !"cdhjmu".contains(*c)) {
            assert_eq!(key(c, control), Typed::Nothing, "{c}");
        }
        for c in 'a'..='z' {
            assert_eq!(key(c, alt), Typed::Nothing, "{c}");
        }
        let both = if cfg!(windows) { Typed::Letter('@') } else { Typed::Nothing };
        assert_eq!(key('@', control | alt), both);
    }

    #[test]
    fn u13_of_a_paste_the_first_line_is_taken() {
        for (pasted, line, several) in [
            ("one", "one", false),
            (" one \r\n", " one ", false),
            ("\n\none\r", "one", false),
            ("one\rtwo", "one", true),
            ("one\r\ntwo\n", "one", true),
            ("", "", false),
        ] {
            assert_eq!(first_line(pasted), (line, several), "{pasted:?}");
        }
    }
}
