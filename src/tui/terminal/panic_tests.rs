//! The terminal after a panic. The test runs itself on a pseudo-terminal, because a panic ends the process.

use std::io::Read;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use super::{FullScreen, restore, set_panic_hook};
use crate::host::HostEnvironment;
use crate::host::clipboard::Clipboard;
use crate::host::editor::Editor;

const TEST: &str = "tui::terminal::panic_tests::u09_a_panic_restores_the_terminal_and_shows_no_message";
/// The variable that names where the child panics.
const PANIC_IN: &str = "PANIC_IN";
const MESSAGE: &str = "canary-in-a-panic";

#[test]
fn u09_a_panic_restores_the_terminal_and_shows_no_message() {
    if let Some(panic_site) = std::env::var_os(PANIC_IN) {
        panic_on_full_screen(panic_site == "task");
    }
    for panic_site in ["main", "task"] {
        let size = PtySize { rows: 30, cols: 100, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let modes = || format!("{:?}", pair.master.get_termios().unwrap());
        let modes_before = modes();
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        command.args(["--exact", TEST, "--nocapture"]);
        command.env(PANIC_IN, panic_site);
        let mut child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let reading = std::thread::spawn(move || {
            let mut raw = Vec::new();
            // Reading from a terminal without a program is an error.
            drop(reader.read_to_end(&mut raw));
            raw
        });
        assert_eq!(child.wait().unwrap().exit_code(), 101, "{panic_site}");
        assert_eq!(modes(), modes_before, "{panic_site}");
        drop(pair.slave);
        let raw = reading.join().unwrap();
        let mut screen = vt100::Parser::default();
        screen.process(&raw);
        let raw = String::from_utf8_lossy(&raw);
        assert!(raw.contains("\u{1b}[?1049h") && !screen.screen().alternate_screen(), "{panic_site}: {raw:?}");
        assert!(raw.contains("stopped: an internal error at src/tui/terminal/panic_tests.rs"), "{panic_site}: {raw:?}");
        assert!(!raw.contains(MESSAGE), "x03: a panic's message may carry anything: {raw:?}");
    }
}

fn panic_on_full_screen(in_task: bool) -> ! {
    set_panic_hook(restore);
    let clipboard = Clipboard::detect(&HostEnvironment::detect());
    let editor = Editor::from_variables(|_| None);
    let _screen = FullScreen::enter(false, clipboard, editor).unwrap();
    if in_task {
        let runtime = crate::session::runtime::new_runtime().unwrap();
        drop(runtime.block_on(async { tokio::spawn(async { panic!("{MESSAGE}") }).await }));
        // A panic in a task must have ended the process.
        std::process::abort();
    }
    panic!("{MESSAGE}");
}
