//! The clipboard: the system's own tool where there is one, else OSC 52 to the terminal.

use std::io::Write;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::surroundings::Multiplexer;
use super::{PRIVATE_VARIABLES, Surroundings, in_path};

/// Where a copied text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clipboard {
    /// A program that takes the text on stdin, with its arguments.
    Tool(&'static str, &'static [&'static str]),
    /// The terminal, by OSC 52, which it may block.
    Terminal(Option<Multiplexer>),
}

const MACOS: &[Clipboard] = &[Clipboard::Tool("pbcopy", &[])];
const WINDOWS: &[Clipboard] = &[Clipboard::Tool("clip.exe", &[])];
const WAYLAND: &[Clipboard] = &[Clipboard::Tool("wl-copy", &[])];
const X11: &[Clipboard] =
    &[Clipboard::Tool("xclip", &["-selection", "clipboard"]), Clipboard::Tool("xsel", &["--clipboard", "--input"])];

impl Clipboard {
    /// The one that serves here. Over SSH the clipboard that counts is the terminal's.
    #[must_use]
    pub fn find(surroundings: &Surroundings) -> Self {
        let variable = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let candidates = if surroundings.ssh.is_some() {
            &[]
        } else if cfg!(target_os = "macos") {
            MACOS
        } else if cfg!(windows) || surroundings.wsl {
            WINDOWS
        } else if variable("WAYLAND_DISPLAY") {
            WAYLAND
        } else if variable("DISPLAY") {
            X11
        } else {
            &[]
        };
        let installed = candidates.iter().find(|one| matches!(one, Self::Tool(program, _) if in_path(program)));
        installed.copied().unwrap_or(Self::Terminal(surroundings.multiplexer))
    }

    /// Copies `text`; OSC 52 is written to `terminal`.
    ///
    /// # Errors
    /// A sentence that says what failed.
    pub fn copy(self, text: &str, terminal: &mut impl Write) -> Result<(), String> {
        match self {
            Self::Tool(program, arguments) => {
                hand_over(program, arguments, text).map_err(|error| format!("{program} failed: {}.", error.kind()))
            }
            Self::Terminal(multiplexer) => terminal
                .write_all(osc52(text, multiplexer).as_bytes())
                .and_then(|()| terminal.flush())
                .map_err(|error| format!("The terminal took no more text: {}.", error.kind())),
        }
    }

    /// What to tell the person after copying, honestly.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Tool(..) => "copied to the clipboard",
            Self::Terminal(_) => "sent to the terminal's clipboard (OSC 52); the terminal may block it",
        }
    }
}

fn hand_over(program: &str, arguments: &[&str], text: &str) -> std::io::Result<()> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    for name in PRIVATE_VARIABLES {
        command.env_remove(name);
    }
    let mut child = command.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(text.as_bytes())?;
    }
    // The tools stay alive to serve the selection only after they forked, so this ends at once.
    if child.wait()?.success() { Ok(()) } else { Err(std::io::Error::other("it ended with an error")) }
}

/// The OSC 52 sequence, wrapped for the multiplexer in between: tmux passes what follows
/// `ESC P tmux;` with each ESC doubled, screen what stands in its own device control string.
fn osc52(text: &str, multiplexer: Option<Multiplexer>) -> String {
    let plain = format!("\x1b]52;c;{}\x07", STANDARD.encode(text));
    match multiplexer {
        None => plain,
        Some(Multiplexer::Tmux) => format!("\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b")),
        // screen cuts a device control string at 768 bytes, so it is sent in pieces.
        Some(Multiplexer::Screen) => {
            let pieces: Vec<String> = plain
                .as_bytes()
                .chunks(500)
                .map(|piece| format!("\x1bP{}\x1b\\", String::from_utf8_lossy(piece)))
                .collect();
            pieces.concat()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn osc52_is_wrapped_for_multiplexers() {
        assert_eq!(osc52("hi", None), "\x1b]52;c;aGk=\x07");
        assert_eq!(osc52("hi", Some(Multiplexer::Tmux)), "\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\");
        assert!(osc52(&"x".repeat(2000), Some(Multiplexer::Screen)).matches("\x1bP").count() > 4);
    }

    #[test]
    fn over_ssh_the_terminal_is_asked() {
        let far = Surroundings { ssh: Some("a@b".into()), ..Surroundings::default() };
        assert_eq!(Clipboard::find(&far), Clipboard::Terminal(None));
        let mut out = Vec::new();
        Clipboard::Terminal(None).copy("hi", &mut out).unwrap();
        assert_eq!(out, b"\x1b]52;c;aGk=\x07");
    }
}
