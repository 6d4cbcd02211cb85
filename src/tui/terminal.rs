//! The real terminal: full screen and back, whatever happens; clipboard, links, plain lines.

use std::io::{Write, stdout};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::Duration;

use crossterm::cursor::{MoveTo, RestorePosition, SavePosition, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
    EnableMouseCapture,
};
use crossterm::style::Print;
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::backend::IntoCrossterm;

use super::page::Link;
use super::run::Console;
use crate::desktop::clipboard::Clipboard;
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// The terminal while the interface runs. Dropping it leaves the terminal as it was.
pub(super) struct Screen {
    mouse: bool,
    hyperlinks: bool,
    clipboard: Clipboard,
    /// Answers of those who empty the clipboard just now.
    forgetting: Vec<Receiver<()>>,
}

/// How long the end of the program waits for the clipboard to be emptied.
const PATIENCE: Duration = Duration::from_secs(2);

fn failed(error: &std::io::Error) -> Error {
    Error::new(
        Code::Unexpected,
        format!("The terminal does not take part: {}.", crate::error::io_reason(error)),
        "Use the commands instead: linkedin-tui --help",
    )
}

impl Screen {
    /// Goes to the full screen.
    pub(super) fn enter(mouse: bool, hyperlinks: bool, clipboard: Clipboard) -> Result<Self> {
        enable_raw_mode().map_err(|error| failed(&error))?;
        let mut screen = Self { mouse, hyperlinks, clipboard, forgetting: Vec::new() };
        screen.show().map_err(|error| failed(&error))?;
        Ok(screen)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
        for answer in &self.forgetting {
            // It ends without a word, and one that hangs is left behind.
            let _over = answer.recv_timeout(PATIENCE);
        }
    }
}

/// Leaves the terminal as it was; harmless when done twice.
pub(super) fn restore() {
    leave();
    // Nothing can be done about a terminal that is gone.
    drop(disable_raw_mode());
}

fn leave() {
    drop(execute!(
        stdout(),
        DisableMouseCapture,
        DisableFocusChange,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        Show
    ));
}

/// How long the loop may take to notice by itself that its terminal is gone.
#[cfg(unix)]
const GONE: std::time::Duration = std::time::Duration::from_millis(500);

/// Ends the program once its terminal is closed. crossterm reads the end of a closed terminal over
/// and over, on the loop's own thread, so the loop may never come to hear of it: a thread that only
/// waits for the hangup sees to the end.
#[cfg(unix)]
pub(super) fn end_when_closed() {
    use rustix::event::{PollFd, PollFlags, poll};
    std::thread::spawn(|| {
        let stdin = std::io::stdin();
        let mut watched = [PollFd::new(&stdin, PollFlags::empty())];
        loop {
            match poll(&mut watched, None) {
                Err(rustix::io::Errno::INTR) => {}
                Ok(_) if watched[0].revents().contains(PollFlags::HUP) => break,
                // A system that cannot watch a terminal.
                _ => return,
            }
        }
        std::thread::sleep(GONE);
        drop(signal_hook::low_level::emulate_default_handler(rustix::process::Signal::HUP.as_raw()));
    });
}

/// Makes a panic, on whichever thread, end the program with exit code 101: after `restore`, which may give a terminal back,
/// it names its place and never its text, which may carry what somebody typed.
#[expect(clippy::print_stderr, clippy::exit, reason = "the last words of a program that ends here")]
pub fn end_on_panic(restore: fn()) {
    std::panic::set_hook(Box::new(move |info| {
        restore();
        let place = info.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        eprintln!("linkedin-tui stopped: an internal error{place}. Saved files are whole; please report this place.");
        std::process::exit(101);
    }));
}

impl Console for Screen {
    fn copy(&mut self, text: &str) -> Result<&'static str, String> {
        self.clipboard.copy(text, &mut stdout())?;
        Ok(self.clipboard.words())
    }

    fn can_forget(&self) -> bool {
        self.clipboard.can_forget()
    }

    fn forget(&mut self, secret: &Secret) {
        let (clipboard, secret) = (self.clipboard, secret.clone());
        let (done, answer) = channel();
        self.forgetting.retain(|one| one.try_recv() == Err(TryRecvError::Empty));
        self.forgetting.push(answer);
        std::thread::spawn(move || {
            clipboard.forget(super::exposed(&secret));
            drop(done);
        });
    }

    fn links(&mut self, links: &[Link]) -> std::io::Result<()> {
        if !self.hyperlinks || links.is_empty() {
            return Ok(());
        }
        let mut out = stdout();
        queue!(out, SavePosition)?;
        for link in links {
            // The drawn text once more, as a link; the address is made by this program, and is ASCII.
            let style = link.style.into_crossterm();
            queue!(
                out,
                MoveTo(link.at.x, link.at.y),
                Print(format!("\x1b]8;;{}\x1b\\{}\x1b]8;;\x1b\\", link.address, style.apply(&link.address)))
            )?;
        }
        queue!(out, RestorePosition)?;
        out.flush()
    }

    fn print_line(&mut self, text: &str) -> std::io::Result<()> {
        leave();
        write!(stdout(), "\r\n{text}\r\n\r\nAny key goes back.\r\n")?;
        stdout().flush()
    }

    fn show(&mut self) -> std::io::Result<()> {
        execute!(stdout(), EnterAlternateScreen, Clear(ClearType::All), EnableBracketedPaste, EnableFocusChange)?;
        if self.mouse { execute!(stdout(), EnableMouseCapture) } else { Ok(()) }
    }
}
