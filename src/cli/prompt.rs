//! Secrets from stdin, from a file, or typed without an echo.

use std::io::{IsTerminal, Read};
use std::path::PathBuf;

use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers, read};
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};

use zeroize::Zeroizing;

use super::printer::Printer;
use crate::keys::Question;
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// Longest secret taken from a file.
const MOST: u64 = 4096;

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
        let Some(text) = self.text()? else { return Ok(None) };
        let secret = cleaned(&text);
        if secret.is_empty() {
            return Err(Error::bad_input("The client secret that was given is empty.", "Give it as the first line."));
        }
        Ok(Some(secret))
    }

    fn text(&self) -> Result<Option<Zeroizing<String>>> {
        let mut text = Zeroizing::new(String::new());
        if self.client_secret_stdin {
            std::io::stdin().read_line(&mut text).map_err(|error| {
                Error::bad_input(
                    format!("The client secret could not be read from stdin: {}.", error.kind()),
                    "Pipe it in as text.",
                )
            })?;
        } else if let Some(path) = &self.client_secret_file {
            std::fs::File::open(path).and_then(|file| file.take(MOST).read_to_string(&mut text)).map_err(|error| {
                Error::new(
                    Code::Files,
                    format!("{} could not be read: {}.", path.display(), error.kind()),
                    "Check the path and that the file is text.",
                )
            })?;
        } else {
            return Ok(None);
        }
        Ok(Some(text))
    }
}

/// The first line without what copying brings along.
fn cleaned(text: &str) -> Secret {
    let line = text.trim_start_matches('\u{feff}').lines().next().unwrap_or_default().trim();
    let line = line.strip_prefix("LINKEDIN_CLIENT_SECRET=").unwrap_or(line);
    Secret::new(line.trim().trim_matches(['"', '\'']).trim())
}

/// Asks for a passphrase, of which nothing is cut.
pub(super) fn passphrase(question: Question) -> Result<Option<Secret>> {
    let text = match question {
        Question::Passphrase => "The passphrase for the sealed tokens (it is not shown):",
        Question::NewPassphrase => "A new passphrase (it is not shown):",
        Question::Again => "The same once more:",
    };
    Ok(ask(text, Printer { json: false })?.map(Secret::new))
}

/// Asks on the terminal, echoing nothing.
pub(super) fn ask_secret(question: &str, printer: Printer) -> Result<Option<Secret>> {
    Ok(ask(question, printer)?.map(|text| cleaned(&text)))
}

fn ask(question: &str, printer: Printer) -> Result<Option<String>> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Ok(None);
    }
    let failed = |error: std::io::Error| {
        Error::new(Code::Unexpected, format!("The terminal could not be read: {}.", error.kind()), "")
    };
    // The echo ends before the question stands there: what is typed at once must not be seen.
    enable_raw_mode().map_err(failed)?;
    printer.talk(&format!("{question}\r"));
    let typed = type_line();
    disable_raw_mode().map_err(failed)?;
    typed.map_err(failed)?.map(Some).ok_or_else(|| Error::new(Code::Interrupted, "Interrupted.", ""))
}

fn type_line() -> std::io::Result<Option<String>> {
    let mut text = String::new();
    loop {
        let Event::Key(key) = read()? else { continue };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        match key.code {
            KeyCode::Enter => return Ok(Some(text)),
            KeyCode::Esc => return Ok(None),
            KeyCode::Char('c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => return Ok(None),
            KeyCode::Char('u') if key.modifiers.contains(KeyModifiers::CONTROL) => text.clear(),
            KeyCode::Backspace => drop(text.pop()),
            KeyCode::Char(c) => text.push(c),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_copying_brings_along_is_cut() {
        for text in
            ["WPL.a+/==", " \"WPL.a+/==\" \r\nnext", "LINKEDIN_CLIENT_SECRET='WPL.a+/=='\n", "\u{feff}WPL.a+/==\n"]
        {
            assert!(cleaned(text).matches("WPL.a+/=="), "{text:?}");
        }
    }
}
