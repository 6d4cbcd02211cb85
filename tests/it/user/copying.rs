//! The clipboard: what is copied, by which program, and when it is cleared.

use std::path::{Path, PathBuf};

use crate::support::wait_for;
use crate::user::interface::command;
use crate::user::terminal::Terminal;
use crate::user::world::{World, make_executable};

/// Creates a world with a profile and a clipboard tool that writes its text to a file.
struct Copying {
    world: World,
}

impl Copying {
    fn new(settings: &str) -> Self {
        let world = World::signed_in(None);
        let config = world.config().join("config.toml");
        let text = std::fs::read_to_string(&config).unwrap();
        std::fs::write(config, format!("{text}{settings}")).unwrap();
        let tool = world.dir.path().join("bin/xclip");
        std::fs::create_dir(tool.parent().unwrap()).unwrap();
        let script = "#!/bin/sh\nold=clipboard\nfor word; do [ \"$word\" = -o ] && exec cat $old; done\n\
                      echo \"$@\" >> calls\nenv >> calls\ncat > new && mv new $old\n";
        std::fs::write(&tool, script).unwrap();
        make_executable(&tool);
        Self { world }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.world.dir.path().join(name)
    }

    fn clipboard(&self) -> Option<String> {
        std::fs::read_to_string(self.file("clipboard")).ok()
    }

    fn start(&self, more: &[(&str, &str)]) -> Terminal {
        let tools = self.world.dir.path().join("bin");
        let path = std::env::join_paths([tools.as_path(), Path::new("/usr/bin"), Path::new("/bin")]).unwrap();
        let own = [("PATH", path.to_str().unwrap()), ("DISPLAY", ":99"), ("WAYLAND_DISPLAY", "")];
        let terminal = Terminal::start(command(&self.world, &[&own, more].concat()), 100, 30);
        terminal.wait("1 active");
        terminal
    }

    fn token(&self) -> String {
        self.world.token("work")
    }

    fn holds(&self, text: &str) {
        wait_for("the clipboard", || self.clipboard().filter(|held| held == text));
    }
}

#[test]
fn a_clipboard_program_that_hangs_holds_nothing_up() {
    let copying = Copying::new("");
    std::fs::write(copying.file("bin/xclip"), "#!/bin/sh\nexec sleep 600\n").unwrap();
    let mut terminal = copying.start(&[]);
    terminal.send("c?");
    terminal.wait("Profile list");
    terminal.send("\u{1b}");
    let screen = terminal.wait("xclip did not finish");
    assert!(!screen.contains("Copied"), "nothing is claimed: {screen}");
    // Quitting does not wait for it either.
    terminal.send("cq");
    assert_eq!(terminal.exit_code(), 0);
    assert!(!terminal.full_screen());
    terminal.assert_modes_as_before();
}

/// Returns whether the output contains an OSC 52 sequence.
fn asks_the_terminal(raw: &[u8]) -> bool {
    raw.windows(5).any(|window| window == b"\x1b]52;")
}

#[test]
fn x11_a_token_is_copied_by_the_system_tool_on_request() {
    let copying = Copying::new("");
    let mut terminal = copying.start(&[]);
    assert_eq!(copying.clipboard(), None, "nothing is copied unasked");
    terminal.send("c");
    terminal.wait("Copied the token: copied to the clipboard.");
    copying.holds(&copying.token());
    let calls = std::fs::read_to_string(copying.file("calls")).unwrap();
    assert!(calls.starts_with("-selection clipboard\n"), "{calls}");
    assert!(!calls.contains(&copying.token()) && !calls.contains("LINKEDIN_CLIENT_SECRET"), "by stdin alone");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    assert!(!asks_the_terminal(&terminal.raw()));
    copying.holds(&copying.token());
}

#[test]
fn x11_osc52_is_used_only_without_a_tool() {
    let copying = Copying::new("[ui]\nclear_clipboard_seconds = 1\n");
    let mut terminal = copying.start(&[("SSH_CONNECTION", "1 2 3 4")]);
    assert!(!asks_the_terminal(&terminal.raw()));
    terminal.send("c");
    terminal.wait("OSC 52");
    assert!(asks_the_terminal(&terminal.raw()));
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    assert_eq!(copying.clipboard(), None);
}

#[test]
fn x11_a_copied_token_is_cleared_in_time_and_on_exit() {
    let copying = Copying::new("[ui]\nclear_clipboard_seconds = 1\n");
    let mut terminal = copying.start(&[]);
    terminal.send("c");
    terminal.wait("copied to the clipboard, for 1 s.");
    copying.holds("");
    // What another program copied since is not cleared.
    terminal.send("c");
    copying.holds(&copying.token());
    std::fs::write(copying.file("clipboard"), "mine").unwrap();
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    assert_eq!(copying.clipboard().as_deref(), Some("mine"));
    // Quitting before the time is over clears it at once.
    let patient = Copying::new("[ui]\nclear_clipboard_seconds = 600\n");
    let mut terminal = patient.start(&[]);
    terminal.send("c");
    terminal.wait("for 600 s.");
    patient.holds(&patient.token());
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    assert_eq!(patient.clipboard().as_deref(), Some(""));
}
