//! The clipboard: the system's own tool where there is one, else OSC 52 to the terminal.

use std::io::Write;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::surroundings::Multiplexer;
use super::{PRIVATE_VARIABLES, Surroundings, in_path};

/// A program that takes a text on stdin, and how to ask for what the clipboard holds.
#[derive(Debug, PartialEq, Eq)]
pub struct Tool {
    /// Its name.
    pub program: &'static str,
    put: &'static [&'static str],
    get: (&'static str, &'static [&'static str]),
}

/// Where a copied text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clipboard {
    /// To a program.
    Tool(&'static Tool),
    /// To the terminal, by OSC 52, which it may block.
    Terminal(Option<Multiplexer>),
}

const MACOS: &[Tool] = &[Tool { program: "pbcopy", put: &[], get: ("pbpaste", &[]) }];
const WINDOWS: &[Tool] =
    &[Tool { program: "clip.exe", put: &[], get: ("powershell.exe", &["-NoProfile", "-Command", "Get-Clipboard"]) }];
/// `wl-copy`, which `doctor` names as well.
pub const WAYLAND: &[Tool] = &[Tool { program: "wl-copy", put: &[], get: ("wl-paste", &["--no-newline"]) }];
const X11: &[Tool] = &[
    Tool { program: "xclip", put: &["-selection", "clipboard"], get: ("xclip", &["-selection", "clipboard", "-o"]) },
    Tool { program: "xsel", put: &["--clipboard", "--input"], get: ("xsel", &["--clipboard", "--output"]) },
];

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
        let installed = candidates.iter().find(|tool| in_path(tool.program));
        installed.map_or(Self::Terminal(surroundings.multiplexer), Self::Tool)
    }

    /// Copies `text`; OSC 52 is written to `terminal`.
    ///
    /// # Errors
    /// A sentence that says what failed.
    pub fn copy(self, text: &str, terminal: &mut impl Write) -> Result<(), String> {
        match self {
            Self::Tool(tool) => hand_over(tool, text)
                .map_err(|error| format!("{} failed: {}.", tool.program, crate::error::io_reason(&error))),
            Self::Terminal(multiplexer) => terminal
                .write_all(osc52(text, multiplexer).as_bytes())
                .and_then(|()| terminal.flush())
                .map_err(|error| format!("The terminal took no more text: {}.", crate::error::io_reason(&error))),
        }
    }

    /// Can it be told what the clipboard holds? A terminal is not asked: the answer would come as typed text.
    #[must_use]
    pub const fn can_forget(self) -> bool {
        matches!(self, Self::Tool(_))
    }

    /// Empties the clipboard where it still holds `text`: what was copied since stays. It may hang as long as the program does
    /// that owns the clipboard.
    pub fn forget(self, text: &str) {
        let Self::Tool(tool) = self else { return };
        let (program, arguments) = tool.get;
        let held = private(program, arguments).stdin(Stdio::null()).output();
        if held.is_ok_and(|held| String::from_utf8_lossy(&held.stdout).trim_end() == text.trim_end()) {
            // Whoever took the clipboard away meanwhile emptied it as well.
            drop(hand_over(tool, ""));
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

/// A program that hears nothing of our variables and says nothing.
fn private(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stderr(Stdio::null());
    for name in PRIVATE_VARIABLES {
        command.env_remove(name);
    }
    command
}

fn hand_over(tool: &Tool, text: &str) -> std::io::Result<()> {
    let mut command = private(tool.program, tool.put);
    command.stdin(Stdio::piped()).stdout(Stdio::null());
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
