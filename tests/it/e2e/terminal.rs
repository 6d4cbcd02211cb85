//! The real binary in a pseudo-terminal, whose output a terminal emulator interprets.

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

impl crate::e2e::test_env::TestEnv {
    /// Returns the binary as a command with the environment of this test, for a pseudo-terminal.
    pub(crate) fn pty(&self, arguments: &[&str]) -> CommandBuilder {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_linkedin-tui"));
        command.args(arguments);
        command.env_clear();
        for (name, value) in self.command(&[]).get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        command.env("TERM", "xterm-256color");
        command.cwd(self.dir.path());
        command
    }
}

/// Maximum wait for a change of the screen.
const SCREEN_TIMEOUT: Duration = Duration::from_secs(60);

struct TerminalOutput {
    screen: vt100::Parser,
    raw: Vec<u8>,
    is_closed: bool,
}

/// A program in a pseudo-terminal, and its output.
pub(crate) struct Terminal {
    output: Arc<(Mutex<TerminalOutput>, Condvar)>,
    writer: Box<dyn Write + Send>,
    /// Controls modes and size of the terminal.
    pub(crate) master: Box<dyn MasterPty + Send>,
    /// The program.
    pub(crate) child: Box<dyn Child + Send + Sync>,
    /// The terminal's modes before the program ran.
    modes_before: String,
}

/// Returns the terminal's modes: raw or not, echo or not.
fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().expect("a terminal has modes"))
}

impl Terminal {
    /// Starts `command` in `columns` by `rows` cells.
    pub(crate) fn start(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let modes_before = modes(&*pair.master);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let screen = vt100::Parser::new(NonZero::new(rows).unwrap(), NonZero::new(columns).unwrap(), 0);
        let output =
            Arc::new((Mutex::new(TerminalOutput { screen, raw: Vec::new(), is_closed: false }), Condvar::new()));
        let reader_output = Arc::clone(&output);
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            loop {
                let read = reader.read(&mut buffer).unwrap_or(0);
                let mut output = reader_output.0.lock().unwrap_or_else(PoisonError::into_inner);
                output.screen.process(&buffer[..read]);
                output.raw.extend_from_slice(&buffer[..read]);
                output.is_closed = read == 0;
                reader_output.1.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Self { output, writer, master: pair.master, child, modes_before }
    }

    /// Types bytes: text or key sequences.
    pub(crate) fn send(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    /// Pastes text as a terminal with bracketed paste does.
    pub(crate) fn paste(&mut self, text: &str) {
        self.send(&format!("\u{1b}[200~{text}\u{1b}[201~"));
    }

    /// Returns every byte that the program wrote.
    pub(crate) fn raw_output(&self) -> Vec<u8> {
        self.output.0.lock().unwrap().raw.clone()
    }

    /// Returns whether the alternate screen is on.
    pub(crate) fn is_alternate_screen(&self) -> bool {
        self.output.0.lock().unwrap().screen.screen().alternate_screen()
    }

    /// Returns the terminal's modes, raw or not.
    pub(crate) fn modes(&self) -> String {
        modes(&*self.master)
    }

    /// Returns whether bracketed paste is on.
    pub(crate) fn has_bracketed_paste(&self) -> bool {
        self.output.0.lock().unwrap().screen.screen().bracketed_paste()
    }

    /// Waits until `text` is on the screen, and returns the screen.
    pub(crate) fn wait_for_text(&self, text: &str) -> String {
        self.wait_until(&format!("`{text}`"), |screen| screen.contains(text))
    }

    /// Waits until `is_expected` accepts the text of the screen, and returns the text.
    pub(crate) fn wait_until(&self, what: &str, is_expected: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + SCREEN_TIMEOUT;
        let mut output = self.output.0.lock().unwrap();
        loop {
            let contents = output.screen.screen().contents();
            if is_expected(&contents) {
                return contents;
            }
            let remaining = deadline.saturating_duration_since(Instant::now());
            assert!(!remaining.is_zero() && !output.is_closed, "never on the screen: {what}\n{contents}");
            output = self.output.1.wait_timeout(output, remaining).unwrap().0;
        }
    }

    /// Asserts that the terminal's modes are those it had before the program ran.
    pub(crate) fn assert_modes_as_before(&self) {
        assert_eq!(modes(&*self.master), self.modes_before);
    }

    /// Waits until the program exits.
    pub(crate) fn wait_for_exit(&mut self) -> ExitStatus {
        let deadline = Instant::now() + SCREEN_TIMEOUT;
        {
            let mut output = self.output.0.lock().unwrap();
            while !output.is_closed {
                let remaining = deadline.saturating_duration_since(Instant::now());
                assert!(!remaining.is_zero(), "the program still runs:\n{}", output.screen.screen().contents());
                output = self.output.1.wait_timeout(output, remaining).unwrap().0;
            }
        }
        self.child.wait().unwrap()
    }

    /// Waits until the program exits, and returns its exit code.
    pub(crate) fn exit_code(&mut self) -> u32 {
        self.wait_for_exit().exit_code()
    }
}
