//! The real terminal: the full screen, which is left on every way out; the clipboard, links, and printed lines.

use std::cell::RefCell;
use std::io::{Write, stdout};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use crossterm::cursor::{MoveTo, RestorePosition, SavePosition, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
    EnableMouseCapture, Event, EventStream,
};
use crossterm::style::Print;
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use futures_util::Stream;
use futures_util::future::LocalBoxFuture;
use ratatui::backend::IntoCrossterm;

use super::runtime::Console;
use super::widgets::page::Link;
use crate::host::clipboard::Clipboard;
use crate::host::editor::Editor;
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// The terminal while the interface runs. Dropping it restores the terminal.
pub(super) struct FullScreen {
    /// Whether clicks are sent to this program instead of selecting text.
    captures_mouse: bool,
    has_hyperlinks: bool,
    clipboard: Clipboard,
    editor: Editor,
    input: TerminalInput,
}

/// The events of the terminal. While it is paused nothing is read from the terminal, which an editor needs.
#[derive(Clone, Default)]
pub(super) struct TerminalInput(Rc<RefCell<Option<EventStream>>>);

impl TerminalInput {
    fn pause(&self) {
        drop(self.0.borrow_mut().take());
    }

    fn resume(&self) {
        self.0.borrow_mut().get_or_insert_with(EventStream::new);
    }
}

impl Stream for TerminalInput {
    type Item = std::io::Result<Event>;

    // After a pause, the message of the editor makes the event loop poll again.
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.0.borrow_mut().as_mut() {
            Some(events) => Pin::new(events).poll_next(context),
            None => Poll::Pending,
        }
    }
}

/// Whether the full screen is on. It is global because a panic on any thread leaves the full screen.
static IS_FULL_SCREEN: AtomicBool = AtomicBool::new(false);

fn unusable(error: &std::io::Error) -> Error {
    Error::new(
        Code::Unexpected,
        format!("The terminal cannot be used: {}.", crate::error::io_reason(error)),
        "Use the commands instead: linkedin-tui --help",
    )
}

impl FullScreen {
    /// Switches to the full screen.
    pub(super) fn enter(has_hyperlinks: bool, clipboard: Clipboard, editor: Editor) -> Result<Self> {
        let mut screen =
            Self { captures_mouse: false, has_hyperlinks, clipboard, editor, input: TerminalInput::default() };
        screen.show().map_err(|error| unusable(&error))?;
        Ok(screen)
    }

    pub(super) fn input(&self) -> TerminalInput {
        self.input.clone()
    }
}

impl Drop for FullScreen {
    fn drop(&mut self) {
        restore();
    }
}

/// Restores the terminal; does nothing when it is restored already.
pub(super) fn restore() {
    leave_full_screen();
    // Fails only for a terminal that is closed.
    drop(disable_raw_mode());
}

/// Leaves the full screen, and clears it first: a terminal without an alternate screen (GNU screen, by default) would mix the
/// old cells with what is printed next.
fn leave_full_screen() {
    // Leaving the alternate screen a second time would move the cursor.
    if !IS_FULL_SCREEN.swap(false, Ordering::SeqCst) {
        return;
    }
    drop(release_mouse());
    drop(execute!(
        stdout(),
        Clear(ClearType::All),
        MoveTo(0, 0),
        DisableFocusChange,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        Show
    ));
}

/// How long the event loop has to notice that its terminal was closed.
#[cfg(unix)]
const HANGUP_TIMEOUT: std::time::Duration = std::time::Duration::from_millis(500);

/// Ends the program after its terminal is closed. crossterm reads the end of a closed terminal in an endless loop on the event
/// loop's own thread, so the event loop may never be notified: a separate thread waits for the hangup.
#[cfg(unix)]
pub(super) fn exit_when_terminal_closes() {
    use rustix::event::{PollFd, PollFlags, poll};
    std::thread::spawn(|| {
        let stdin = std::io::stdin();
        let mut watched = [PollFd::new(&stdin, PollFlags::empty())];
        loop {
            match poll(&mut watched, None) {
                Err(rustix::io::Errno::INTR) => {}
                Ok(_) if watched[0].revents().contains(PollFlags::HUP) => break,
                // The system cannot poll a terminal.
                _ => return,
            }
        }
        std::thread::sleep(HANGUP_TIMEOUT);
        drop(signal_hook::low_level::emulate_default_handler(rustix::process::Signal::HUP.as_raw()));
    });
}

/// Makes a panic on any thread end the program with exit code 101, after `restore`. It prints the location of the panic but
/// never its message, which may contain what the user typed.
#[expect(clippy::print_stderr, clippy::exit, reason = "the program ends here")]
pub fn set_panic_hook(restore: fn()) {
    std::panic::set_hook(Box::new(move |info| {
        restore();
        let location = info.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        eprintln!(
            "linkedin-tui stopped: an internal error{location}. Saved files are intact; please report this location."
        );
        std::process::exit(101);
    }));
}

impl FullScreen {
    fn write_mouse_mode(&self) -> std::io::Result<()> {
        match self.captures_mouse {
            // Clicks and the wheel only, not every movement: crossterm's command enables all of them.
            true if cfg!(unix) => execute!(stdout(), Print("\x1b[?1000h\x1b[?1006h")),
            true => execute!(stdout(), EnableMouseCapture),
            false => release_mouse(),
        }
    }
}

/// Lets clicks select text again. On Windows that fails where the mouse was never captured, and would fail the commands that follow.
fn release_mouse() -> std::io::Result<()> {
    let released = execute!(stdout(), DisableMouseCapture);
    if cfg!(windows) { Ok(()) } else { released }
}

/// Returns whether a shell could continue this program after a stop. The kernel ignores SIGTSTP for a program that no shell
/// could continue (its process group is orphaned), but not the SIGSTOP that follows the restored terminal.
#[cfg(target_os = "linux")]
fn has_shell() -> bool {
    // getsid and getpgid return 0 where the leader is outside this process's PID namespace (a container entered from the
    // host), which rustix's `Pid` cannot represent.
    let stat_of = |process: &str| std::fs::read_to_string(format!("/proc/{process}/stat")).ok();
    let Some(this) = stat_of("self").as_deref().and_then(parse_stat) else { return false };
    let Some(parent) = stat_of(&this.parent.to_string()).as_deref().and_then(parse_stat) else { return false };
    this.session == parent.session && this.group != this.session
}

#[cfg(all(unix, not(target_os = "linux")))]
fn has_shell() -> bool {
    use rustix::process::{getpgid, getppid, getsid};
    let Some(parent) = getppid() else { return false };
    let is_same = |left: rustix::io::Result<_>, right: rustix::io::Result<_>| left.is_ok() && left.ok() == right.ok();
    is_same(getsid(Some(parent)), getsid(None)) && getpgid(None).is_ok_and(|group| Some(group) != getsid(None).ok())
}

/// The IDs of a process in the terminal's job control: 0 for a process outside this PID namespace.
#[cfg(target_os = "linux")]
#[derive(Debug, PartialEq, Eq)]
struct ProcessIds {
    parent: u32,
    group: u32,
    session: u32,
}

/// Parses `/proc/PID/stat`. The second field, the command's name, may contain spaces and parentheses.
#[cfg(target_os = "linux")]
fn parse_stat(stat: &str) -> Option<ProcessIds> {
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(1).map(|field| field.parse().ok());
    Some(ProcessIds { parent: fields.next()??, group: fields.next()??, session: fields.next()?? })
}

impl Console for FullScreen {
    fn copy(&mut self, text: &str) -> LocalBoxFuture<'static, Result<&'static str>> {
        let (clipboard, copying) = (self.clipboard.copied_message(), self.clipboard.copy(text, &mut stdout()));
        Box::pin(async move { copying.await.map(|()| clipboard) })
    }

    fn can_clear(&self) -> bool {
        self.clipboard.can_clear()
    }

    fn clear_clipboard(&self, secret: &Secret) -> LocalBoxFuture<'static, ()> {
        let (clipboard, secret) = (self.clipboard, secret.clone());
        Box::pin(async move { clipboard.clear_if_unchanged(super::expose(&secret)).await })
    }

    fn restore(&mut self) {
        restore();
    }

    #[cfg(unix)]
    fn raise_suspend_signal(&mut self) -> bool {
        // Programs between the shell and this one stop with it.
        has_shell() && rustix::process::kill_current_process_group(rustix::process::Signal::TSTP).is_ok()
    }

    #[cfg(not(unix))]
    fn raise_suspend_signal(&mut self) -> bool {
        false
    }

    fn suspend(&mut self) {
        restore();
        #[cfg(unix)]
        drop(signal_hook::low_level::raise(signal_hook::consts::SIGSTOP));
    }

    fn write_links(&mut self, links: &[Link]) -> std::io::Result<()> {
        if !self.has_hyperlinks || links.is_empty() {
            return Ok(());
        }
        let mut out = stdout();
        queue!(out, SavePosition)?;
        for link in links {
            // The drawn text is written again as a link. The URL is from this program and ASCII.
            let style = link.style.into_crossterm();
            queue!(
                out,
                MoveTo(link.at.x, link.at.y),
                Print(format!("\x1b]8;;{}\x1b\\{}\x1b]8;;\x1b\\", link.url, style.apply(&link.url)))
            )?;
        }
        queue!(out, RestorePosition)?;
        out.flush()
    }

    fn print_line(&mut self, text: &str) -> std::io::Result<()> {
        leave_full_screen();
        write!(stdout(), "\r\n{text}\r\n\r\nPress any key to return.\r\n")?;
        stdout().flush()
    }

    fn edit(&mut self, text: &str) -> LocalBoxFuture<'static, Result<String, String>> {
        self.input.pause();
        restore();
        let (editor, text) = (self.editor.clone(), text.to_owned());
        Box::pin(async move { editor.edit(&text).await })
    }

    fn show(&mut self) -> std::io::Result<()> {
        self.input.resume();
        // A shell sets its own modes while the program is stopped, and crossterm does not notice.
        drop(disable_raw_mode());
        enable_raw_mode()?;
        IS_FULL_SCREEN.store(true, Ordering::SeqCst);
        execute!(stdout(), EnterAlternateScreen, Clear(ClearType::All), EnableBracketedPaste, EnableFocusChange)?;
        self.write_mouse_mode()
    }

    fn capture_mouse(&mut self, is_captured: bool) -> std::io::Result<()> {
        if self.captures_mouse == is_captured {
            return Ok(());
        }
        self.captures_mouse = is_captured;
        self.write_mouse_mode()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn stat_line_is_parsed_with_any_command_name() {
        for name in ["bash", "a b", ") S 1 2 3 (", ""] {
            let stat = format!("42 ({name}) S 7 42 0 34816 42 4194304 1 0");
            assert_eq!(parse_stat(&stat), Some(ProcessIds { parent: 7, group: 42, session: 0 }), "{name}");
        }
        for invalid in ["", "42 (bash", "42 (bash) S 7 42", "42 (bash) S 7 x 0"] {
            assert_eq!(parse_stat(invalid), None, "{invalid}");
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod panic_tests;
