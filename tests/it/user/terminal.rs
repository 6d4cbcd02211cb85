//! The real binary in a real pseudo-terminal, read by a terminal emulator.

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

impl crate::user::world::World {
    /// Returns the binary as a command with this world's environment, for a pseudo-terminal.
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

/// Longest wait for a text.
const PATIENCE: Duration = Duration::from_secs(60);

struct Seen {
    screen: vt100::Parser,
    raw: Vec<u8>,
    ended: bool,
}

/// A running program and what it has drawn.
pub(crate) struct Terminal {
    seen: Arc<(Mutex<Seen>, Condvar)>,
    writer: Box<dyn Write + Send>,
    /// For the terminal's modes and size.
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
        let seen = Arc::new((Mutex::new(Seen { screen, raw: Vec::new(), ended: false }), Condvar::new()));
        let fed = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            loop {
                let read = reader.read(&mut buffer).unwrap_or(0);
                let mut seen = fed.0.lock().unwrap_or_else(PoisonError::into_inner);
                seen.screen.process(&buffer[..read]);
                seen.raw.extend_from_slice(&buffer[..read]);
                seen.ended = read == 0;
                fed.1.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Self { seen, writer, master: pair.master, child, modes_before }
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
    pub(crate) fn raw(&self) -> Vec<u8> {
        self.seen.0.lock().unwrap().raw.clone()
    }

    /// Returns whether the alternate screen is on.
    pub(crate) fn full_screen(&self) -> bool {
        self.seen.0.lock().unwrap().screen.screen().alternate_screen()
    }

    /// Returns the terminal's modes, raw or not.
    pub(crate) fn modes(&self) -> String {
        modes(&*self.master)
    }

    /// Returns whether bracketed paste is on.
    pub(crate) fn pastes_in_brackets(&self) -> bool {
        self.seen.0.lock().unwrap().screen.screen().bracketed_paste()
    }

    /// Waits until `text` is on the screen.
    pub(crate) fn wait(&self, text: &str) -> String {
        self.until(&format!("`{text}`"), |screen| screen.contains(text))
    }

    /// Waits until the screen is as `wanted`.
    pub(crate) fn until(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = self.seen.0.lock().unwrap();
        loop {
            let contents = seen.screen.screen().contents();
            if wanted(&contents) {
                return contents;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && !seen.ended, "never on the screen: {what}\n{contents}");
            seen = self.seen.1.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// Asserts that the terminal's modes are those it had before the program ran.
    pub(crate) fn assert_modes_as_before(&self) {
        assert_eq!(modes(&*self.master), self.modes_before);
    }

    /// Waits for the program's end.
    pub(crate) fn end(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        {
            let mut seen = self.seen.0.lock().unwrap();
            while !seen.ended {
                let left = deadline.saturating_duration_since(Instant::now());
                assert!(!left.is_zero(), "the program goes on:\n{}", seen.screen.screen().contents());
                seen = self.seen.1.wait_timeout(seen, left).unwrap().0;
            }
        }
        self.child.wait().unwrap()
    }

    /// Waits for the program's end and returns its exit code.
    pub(crate) fn exit_code(&mut self) -> u32 {
        self.end().exit_code()
    }
}
