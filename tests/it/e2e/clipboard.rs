//! The clipboard: what is copied, by which program, and when it is cleared.

use std::path::{Path, PathBuf};

use crate::e2e::interface::command;
use crate::e2e::terminal::Terminal;
use crate::e2e::test_env::{TestEnv, make_executable};
use crate::support::wait_for;

/// An environment with a profile and a clipboard tool that writes its text to a file.
struct ClipboardEnv {
    env: TestEnv,
}

impl ClipboardEnv {
    fn new(settings: &str) -> Self {
        let env = TestEnv::signed_in(None);
        let config = env.config().join("config.toml");
        let text = std::fs::read_to_string(&config).unwrap();
        std::fs::write(config, format!("{text}{settings}")).unwrap();
        let tool = env.dir.path().join("bin/xclip");
        std::fs::create_dir(tool.parent().unwrap()).unwrap();
        let script = "#!/bin/sh\nold=clipboard\nfor word; do [ \"$word\" = -o ] && exec cat $old; done\n\
                      echo \"$@\" >> calls\nenv >> calls\ncat > new && mv new $old\n";
        std::fs::write(&tool, script).unwrap();
        make_executable(&tool);
        Self { env }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.env.dir.path().join(name)
    }

    fn clipboard(&self) -> Option<String> {
        std::fs::read_to_string(self.file("clipboard")).ok()
    }

    fn start(&self, more: &[(&str, &str)]) -> Terminal {
        let tools = self.env.dir.path().join("bin");
        let path = std::env::join_paths([tools.as_path(), Path::new("/usr/bin"), Path::new("/bin")]).unwrap();
        let variables = [("PATH", path.to_str().unwrap()), ("DISPLAY", ":99"), ("WAYLAND_DISPLAY", "")];
        let terminal = Terminal::start(command(&self.env, &[&variables, more].concat()), 100, 30);
        terminal.wait_for_text("1 active");
        terminal
    }

    fn token(&self) -> String {
        self.env.token("work")
    }

    fn wait_for_clipboard(&self, text: &str) {
        wait_for("the clipboard", || self.clipboard().filter(|text_now| text_now == text));
    }
}

#[test]
fn a_hanging_clipboard_tool_blocks_nothing() {
    let clipboard_env = ClipboardEnv::new("");
    std::fs::write(clipboard_env.file("bin/xclip"), "#!/bin/sh\nexec sleep 600\n").unwrap();
    let mut terminal = clipboard_env.start(&[]);
    terminal.send("c?");
    terminal.wait_for_text("Profile list");
    terminal.send("\u{1b}");
    let screen = terminal.wait_for_text("xclip did not finish");
    assert!(!screen.contains("Copied"), "nothing is claimed: {screen}");
    // Quitting does not wait for it either.
    terminal.send("cq");
    assert_eq!(terminal.exit_code(), 0);
    assert!(!terminal.is_alternate_screen());
    terminal.assert_modes_as_before();
}

/// Returns whether the output contains an OSC 52 sequence.
fn has_osc52(raw: &[u8]) -> bool {
    raw.windows(5).any(|window| window == b"\x1b]52;")
}

#[test]
fn x11_a_token_is_copied_by_the_system_tool_on_request() {
    let clipboard_env = ClipboardEnv::new("");
    let mut terminal = clipboard_env.start(&[]);
    assert_eq!(clipboard_env.clipboard(), None, "nothing is copied without a key");
    terminal.send("c");
    terminal.wait_for_text("Copied the token: copied to the clipboard.");
    clipboard_env.wait_for_clipboard(&clipboard_env.token());
    let calls = std::fs::read_to_string(clipboard_env.file("calls")).unwrap();
    assert!(calls.starts_with("-selection clipboard\n"), "{calls}");
    assert!(
        !calls.contains(&clipboard_env.token()) && !calls.contains("LINKEDIN_CLIENT_SECRET"),
        "the token is passed on stdin only"
    );
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    assert!(!has_osc52(&terminal.raw_output()));
    clipboard_env.wait_for_clipboard(&clipboard_env.token());
}

#[test]
fn x11_osc52_is_used_only_without_a_tool() {
    let clipboard_env = ClipboardEnv::new("[ui]\nclear_clipboard_seconds = 1\n");
    let mut terminal = clipboard_env.start(&[("SSH_CONNECTION", "1 2 3 4")]);
    assert!(!has_osc52(&terminal.raw_output()));
    terminal.send("c");
    terminal.wait_for_text("OSC 52");
    assert!(has_osc52(&terminal.raw_output()));
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    assert_eq!(clipboard_env.clipboard(), None);
}

#[test]
fn x11_a_copied_token_is_cleared_in_time_and_on_exit() {
    let clipboard_env = ClipboardEnv::new("[ui]\nclear_clipboard_seconds = 1\n");
    let mut terminal = clipboard_env.start(&[]);
    terminal.send("c");
    terminal.wait_for_text("copied to the clipboard, for 1 s.");
    clipboard_env.wait_for_clipboard("");
    // Text that a different program copied since is not cleared.
    terminal.send("c");
    clipboard_env.wait_for_clipboard(&clipboard_env.token());
    std::fs::write(clipboard_env.file("clipboard"), "copied elsewhere").unwrap();
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    assert_eq!(clipboard_env.clipboard().as_deref(), Some("copied elsewhere"));
    // Quitting before the time is over clears it at once.
    let slow_env = ClipboardEnv::new("[ui]\nclear_clipboard_seconds = 600\n");
    let mut terminal = slow_env.start(&[]);
    terminal.send("c");
    terminal.wait_for_text("for 600 s.");
    slow_env.wait_for_clipboard(&slow_env.token());
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    assert_eq!(slow_env.clipboard().as_deref(), Some(""));
}
