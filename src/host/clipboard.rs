//! The clipboard: the system's own tool if there is one, else OSC 52 to the terminal.

use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::LocalBoxFuture;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use zeroize::Zeroizing;

use super::environment::Multiplexer;
use super::{HostEnvironment, PRIVATE_VARIABLES, is_in_path};
use crate::error::io_reason;
use crate::{Code, Error, Result};

/// A program that copies its stdin to the clipboard, and a command that prints the clipboard.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tool {
    pub program: &'static str,
    copy_arguments: &'static [&'static str],
    paste_command: (&'static str, &'static [&'static str]),
}

/// Some clipboard programs wait indefinitely for a display or a compositor.
const TOOL_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clipboard {
    /// Through a program.
    Tool(&'static Tool),
    /// Through the terminal, which may block it: an OSC 52 sequence.
    Terminal(Option<Multiplexer>),
}

const MACOS: &[Tool] = &[Tool { program: "pbcopy", copy_arguments: &[], paste_command: ("pbpaste", &[]) }];
const WINDOWS: &[Tool] = &[Tool {
    program: "clip.exe",
    copy_arguments: &[],
    paste_command: ("powershell.exe", &["-NoProfile", "-Command", "Get-Clipboard"]),
}];
/// `wl-copy`, which `doctor` names as well.
pub(crate) const WAYLAND: &[Tool] =
    &[Tool { program: "wl-copy", copy_arguments: &[], paste_command: ("wl-paste", &["--no-newline"]) }];
const X11: &[Tool] = &[
    Tool {
        program: "xclip",
        copy_arguments: &["-selection", "clipboard"],
        paste_command: ("xclip", &["-selection", "clipboard", "-o"]),
    },
    Tool {
        program: "xsel",
        copy_arguments: &["--clipboard", "--input"],
        paste_command: ("xsel", &["--clipboard", "--output"]),
    },
];

impl Clipboard {
    /// Detects the clipboard. Over SSH it is the terminal's.
    pub(crate) fn detect(host_environment: &HostEnvironment) -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let candidates = if host_environment.ssh.is_some() {
            &[]
        } else if cfg!(target_os = "macos") {
            MACOS
        } else if cfg!(windows) || host_environment.is_wsl {
            WINDOWS
        } else if is_set("WAYLAND_DISPLAY") {
            WAYLAND
        } else if is_set("DISPLAY") {
            X11
        } else {
            &[]
        };
        let installed = candidates.iter().find(|tool| is_in_path(tool.program));
        installed.map_or(Self::Terminal(host_environment.multiplexer), Self::Tool)
    }

    /// Copies `text`: OSC 52 is written to `terminal` at once, a program runs in the returned future.
    pub(crate) fn copy(self, text: &str, terminal: &mut impl Write) -> LocalBoxFuture<'static, Result<()>> {
        match self {
            Self::Tool(tool) => {
                let text = Zeroizing::new(text.to_owned());
                Box::pin(async move { write_to_tool(tool, &text, TOOL_TIMEOUT).await })
            }
            Self::Terminal(multiplexer) => {
                let written = terminal
                    .write_all(osc52(text, multiplexer).as_bytes())
                    .and_then(|()| terminal.flush())
                    .map_err(|error| {
                        copy_error(format!("Could not write to the terminal: {}.", io_reason(&error)))
                            .with_io_source(&error)
                    });
                Box::pin(std::future::ready(written))
            }
        }
    }

    /// Returns whether the clipboard can be read, and so cleared. A terminal would send its clipboard as typed text.
    pub(crate) const fn can_clear(self) -> bool {
        matches!(self, Self::Tool(_))
    }

    /// Clears the clipboard if it still contains `text`.
    pub(crate) async fn clear_if_unchanged(self, text: &str) {
        let Self::Tool(tool) = self else { return };
        let (program, arguments) = tool.paste_command;
        let content = tool_command(program, arguments).stdin(Stdio::null()).output();
        if let Ok(Ok(content)) = tokio::time::timeout(TOOL_TIMEOUT, content).await
            && String::from_utf8_lossy(&content.stdout).trim_end() == text.trim_end()
        {
            // A clipboard that cannot be reached needs no clearing.
            drop(write_to_tool(tool, "", TOOL_TIMEOUT).await);
        }
    }

    pub(crate) const fn copied_message(self) -> &'static str {
        match self {
            Self::Tool(..) => "copied to the clipboard",
            // tmux 3.3 and later drop what is passed through, unless this is set.
            Self::Terminal(Some(Multiplexer::Tmux)) => {
                "sent to the terminal's clipboard through tmux, which must allow it: set -g allow-passthrough on"
            }
            Self::Terminal(_) => "sent to the terminal's clipboard (OSC 52); the terminal may block it",
        }
    }
}

/// Returns a command without this program's private variables, which is killed when dropped.
fn tool_command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stderr(Stdio::null()).kill_on_drop(true);
    // pbcopy and pbpaste use the locale's encoding, and without a locale none that has every character.
    if cfg!(target_os = "macos") {
        command.env("LC_CTYPE", "UTF-8");
    }
    for name in PRIVATE_VARIABLES {
        command.env_remove(name);
    }
    command
}

/// Writes `text` to a clipboard program, which is killed after `timeout`.
async fn write_to_tool(tool: &Tool, text: &str, timeout: Duration) -> Result<()> {
    let program = tool.program;
    let mut command = tool_command(program, tool.copy_arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command
        .spawn()
        .map_err(|error| copy_error(format!("{program} could not be started.")).with_io_source(&error))?;
    let exit = async {
        if let Some(mut stdin) = child.stdin.take() {
            // A program that exits without reading reports why by its exit code.
            drop(stdin.write_all(&encode(tool, text)).await);
            drop(stdin.shutdown().await);
        }
        // The programs that serve the selection do it in a forked child, so they exit immediately.
        child.wait().await
    };
    match tokio::time::timeout(timeout, exit).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(_)) => Err(copy_error(format!("{program} failed, and nothing was copied."))),
        Ok(Err(error)) => Err(copy_error(format!("{program} failed, and nothing was copied.")).with_io_source(&error)),
        Err(_) => Err(copy_error(format!(
            "{program} did not finish within {} s and was stopped; nothing may have been copied.",
            timeout.as_secs()
        ))),
    }
}

/// Returns the bytes that the program reads as `text`. clip.exe decodes them by the console's code page, or as UTF-16.
fn encode(tool: &Tool, text: &str) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(if tool.program == "clip.exe" && !text.is_ascii() {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    } else {
        text.as_bytes().to_vec()
    })
}

fn copy_error(message: String) -> Error {
    Error::new(Code::Unexpected, message, "Select the text instead.")
}

/// Returns the OSC 52 sequence, wrapped for the multiplexer: tmux passes on what follows `ESC P tmux;` with each ESC doubled,
/// screen passes on the content of a device control string.
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
    use crate::host::Ssh;

    #[test]
    fn osc52_is_wrapped_for_multiplexers() {
        assert_eq!(osc52("hi", None), "\x1b]52;c;aGk=\x07");
        assert_eq!(osc52("hi", Some(Multiplexer::Tmux)), "\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\");
        // tmux 3.3a forwards that with allow-passthrough, and not with set-clipboard.
        assert!(Clipboard::Terminal(Some(Multiplexer::Tmux)).copied_message().contains("set -g allow-passthrough on"));
        assert!(osc52(&"x".repeat(2000), Some(Multiplexer::Screen)).matches("\x1bP").count() > 4);
    }

    #[test]
    fn clip_exe_gets_utf16_beyond_ascii() {
        assert_eq!(encode(&WINDOWS[0], "AQ1").as_slice(), b"AQ1");
        assert_eq!(encode(&WINDOWS[0], "Zoë").as_slice(), b"Z\0o\0\xeb\0");
        assert_eq!(encode(&X11[0], "Zoë").as_slice(), "Zoë".as_bytes());
    }

    #[test]
    fn over_ssh_osc52_is_used() {
        let over_ssh = HostEnvironment { ssh: Some(Ssh::parse("1 2 3 4", None)), ..HostEnvironment::default() };
        assert_eq!(Clipboard::detect(&over_ssh), Clipboard::Terminal(None));
        let mut out = Vec::new();
        drop(Clipboard::Terminal(None).copy("hi", &mut out));
        assert_eq!(out, b"\x1b]52;c;aGk=\x07", "written immediately");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn clipboard_program_is_killed_after_its_timeout() {
        const fn tool(program: &'static str, copy_arguments: &'static [&'static str]) -> Tool {
            Tool { program, copy_arguments, paste_command: ("true", &[]) }
        }
        let long = "x".repeat(1 << 20);
        let write = async |tool: Tool, timeout_ms| write_to_tool(&tool, &long, Duration::from_millis(timeout_ms)).await;
        assert_eq!(write(tool("sh", &["-c", "cat > /dev/null"]), 60_000).await, Ok(()));
        let hanging = write(tool("sleep", &["600"]), 50).await.unwrap_err();
        assert!(hanging.message.contains("sleep did not finish"), "{hanging}");
        let failed = write(tool("false", &[]), 60_000).await.unwrap_err();
        assert!(failed.message.contains("nothing was copied"), "{failed}");
        let missing = write(tool("/no/such", &[]), 60_000).await.unwrap_err();
        assert!(missing.message.contains("could not be started"), "{missing}");
        assert_eq!(missing.sources(), ["No such file or directory (os error 2)"]);
    }
}
