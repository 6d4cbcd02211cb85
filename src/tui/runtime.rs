//! The event loop: it applies all pending messages, performs their effects, draws once, and waits. Terminal, input, clock and
//! services are injected.

use std::task::Poll;
use std::time::Duration;

use crossterm::event::Event;
use futures_util::future::{BoxFuture, LocalBoxFuture};
use futures_util::stream::FuturesUnordered;
use futures_util::{Stream, StreamExt};
use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::Backend;
use tokio::sync::mpsc::Receiver;

use super::effects::Services;
use super::message::{ClipboardContent, Effect, Message, TerminalEffect};
use super::state::{Dialog, State};
use super::theme::Theme;
use super::update::update;
use super::view::{DrawnScreen, view};
use super::widgets::page::Link;
use crate::clock::Clock;
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// The operations of a terminal that the event loop needs besides drawing.
pub trait Console {
    /// Copies to the clipboard; returns the clipboard's name for a notification, or why it failed.
    fn copy(&mut self, text: &str) -> LocalBoxFuture<'static, Result<&'static str>>;
    /// Returns whether the clipboard can be cleared.
    fn can_clear(&self) -> bool;
    /// Clears the clipboard, unless it no longer contains `secret`.
    fn clear_clipboard(&self, secret: &Secret) -> LocalBoxFuture<'static, ()>;
    /// Turns drawn URLs into links.
    fn write_links(&mut self, links: &[Link]) -> std::io::Result<()>;
    /// Sends clicks to the program instead of selecting text with them, or the other way round.
    fn capture_mouse(&mut self, is_captured: bool) -> std::io::Result<()>;
    /// Leaves the full screen and prints one line.
    fn print_line(&mut self, text: &str) -> std::io::Result<()>;
    /// Returns to the full screen, after a printed line or from the shell.
    fn show(&mut self) -> std::io::Result<()>;
    /// Restores the terminal as it was before the start.
    fn restore(&mut self);
    /// Leaves the full screen and opens the user's editor on a text; returns the edited text, or why that failed, as a
    /// sentence. Until [`Console::show`] nothing else reads from the terminal.
    fn edit(&mut self, text: &str) -> LocalBoxFuture<'static, Result<String, String>>;
    /// Sends the signal of Ctrl-Z, which arrives as [`Signal::Suspend`]; returns `false` where no shell could continue the
    /// program.
    fn raise_suspend_signal(&mut self) -> bool;
    /// Restores the terminal and stops the program (SIGSTOP), until it is continued.
    fn suspend(&mut self);
}

/// A signal to the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// A signal that ends the program, by number.
    Terminate(i32),
    /// A stop is requested (SIGTSTP): by Ctrl-Z in a terminal that sends signals, by [`Console::raise_suspend_signal`], or by another program.
    Suspend,
    /// The program runs again after a stop (SIGCONT); the shell used the terminal meanwhile.
    Continue,
}

/// Why the event loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitReason {
    Quit,
    /// By the signal of this number.
    Signal(i32),
    /// The terminal was closed.
    TerminalClosed,
}

/// The event loop and what is injected into it.
pub struct EventLoop<'a, B: Backend, I> {
    pub terminal: &'a mut Terminal<B>,
    pub console: &'a mut dyn Console,
    pub input: I,
    /// Performs the effects.
    pub services: Services,
    /// The messages from the services.
    pub messages: Receiver<Message>,
    pub signals: Receiver<Signal>,
    pub clock: &'a dyn Clock,
    pub theme: Theme,
}

/// The number of the signal of Ctrl-C.
const SIGINT: i32 = 2;
/// How long the program waits for the clipboard before it ends.
const CLIPBOARD_EXIT_TIMEOUT: Duration = Duration::from_secs(2);

/// Copies to the clipboard, clearings of it, and the editor, while they run; each resolves to the message that reports it.
type TerminalTasks = FuturesUnordered<LocalBoxFuture<'static, Option<Message>>>;

/// A timer for the next time at which a text on the screen changes.
struct Alarm<'a> {
    at: Timestamp,
    wait: BoxFuture<'a, ()>,
}

fn write_failed(error: &dyn std::fmt::Display) -> Error {
    Error::new(
        Code::Unexpected,
        format!("Could not write to the terminal: {error}."),
        "Start again in another terminal.",
    )
}

fn to_message(event: Event) -> Message {
    match event {
        Event::Key(key) => Message::KeyPressed(key),
        Event::Paste(text) => Message::TextPasted(text),
        Event::Mouse(event) => Message::MouseUsed(event),
        Event::Resize(columns, rows) => Message::Resized(columns, rows),
        Event::FocusLost => Message::FocusLost,
        Event::FocusGained => Message::FocusGained,
    }
}

impl<'a, B, I> EventLoop<'a, B, I>
where
    B: Backend,
    B::Error: std::fmt::Display,
    I: Stream<Item = std::io::Result<Event>> + Unpin,
{
    /// Runs until the user quits, a signal ends the program, or the terminal is closed.
    ///
    /// # Errors
    /// `unexpected` when the terminal cannot be written to.
    pub async fn run(mut self, mut state: State, effects: Vec<Effect>) -> Result<ExitReason> {
        let mut tasks = TerminalTasks::new();
        let exit_reason = self.run_until_exit(&mut state, effects, &mut tasks).await;
        let clearing = state.copied.map(|(secret, _)| self.console.clear_clipboard(&secret));
        if clearing.is_some() || !tasks.is_empty() {
            // The screen no longer reacts, so it must not stay during the wait.
            self.console.restore();
            let pending = async {
                while tasks.next().await.is_some() {}
                if let Some(clearing) = clearing {
                    clearing.await;
                }
            };
            // Dropping the tasks stops a clipboard program that hangs.
            drop(tokio::time::timeout(CLIPBOARD_EXIT_TIMEOUT, pending).await);
        }
        exit_reason
    }

    async fn run_until_exit(
        &mut self,
        state: &mut State,
        effects: Vec<Effect>,
        tasks: &mut TerminalTasks,
    ) -> Result<ExitReason> {
        let mut links = Vec::new();
        let mut batch = Vec::new();
        let mut alarm = None;
        self.perform(state, effects, tasks)?;
        loop {
            // The size of a resize event may be outdated by the time that the keys after it are handled.
            let size = self.terminal.size().map_err(|error| write_failed(&error))?;
            update(state, Message::Resized(size.width, size.height));
            let tick_effects = update(state, Message::Tick(self.clock.now()));
            self.perform(state, tick_effects, tasks)?;
            for msg in batch.drain(..).filter(|msg| !matches!(msg, Message::Resized(..))) {
                let effects = update(state, msg);
                if effects.contains(&Effect::Terminal(TerminalEffect::Quit)) {
                    return Ok(ExitReason::Quit);
                }
                if effects.contains(&Effect::Terminal(TerminalEffect::ShowScreen)) {
                    links.clear();
                }
                self.perform(state, effects, tasks)?;
            }
            if !matches!(state.dialog, Some(Dialog::PrintedUrl(_))) && !state.is_editor_open {
                self.draw(state, &mut links)?;
            }
            self.set_alarm(&mut alarm, state.next_time_change());
            match self.next_message(state, &mut alarm, tasks).await {
                Ok(first) => batch.push(first),
                Err(exit_reason) => return Ok(exit_reason),
            }
            while let Ok(more) = self.messages.try_recv() {
                batch.push(more);
            }
            while let Some(event) = self.pending_event().await {
                batch.push(to_message(event));
            }
        }
    }

    fn draw(&mut self, state: &mut State, links: &mut Vec<Link>) -> Result<()> {
        let mut drawn = DrawnScreen::default();
        let theme = self.theme;
        self.terminal.draw(|frame| drawn = view(state, theme, frame)).map_err(|error| write_failed(&error))?;
        self.console
            .capture_mouse(state.config.mouse && drawn.reacts_to_mouse)
            .map_err(|error| write_failed(&error))?;
        update(state, Message::Drawn { scroll_range: drawn.scroll_range, click_targets: drawn.click_targets });
        // Links that did not change are not written again: an idle screen writes nothing.
        if drawn.links != *links {
            self.console.write_links(&drawn.links).map_err(|error| write_failed(&error))?;
            *links = drawn.links;
        }
        Ok(())
    }

    /// Returns the next event without waiting. It is polled with this task's own waker, because the terminal's stream wakes
    /// only the waker that polled it first.
    async fn pending_event(&mut self) -> Option<Event> {
        std::future::poll_fn(|context| match self.input.poll_next_unpin(context) {
            Poll::Ready(Some(Ok(event))) => Poll::Ready(Some(event)),
            _ => Poll::Ready(None),
        })
        .await
    }

    /// Sets the alarm for `at`, unless it is set for that already.
    fn set_alarm(&self, alarm: &mut Option<Alarm<'a>>, at: Option<Timestamp>) {
        if alarm.as_ref().map(|alarm| alarm.at) != at {
            *alarm = at.map(|at| Alarm { at, wait: self.clock.sleep_until(at) });
        }
    }

    /// Waits for the next message, or for the end.
    async fn next_message(
        &mut self,
        state: &State,
        alarm: &mut Option<Alarm<'a>>,
        tasks: &mut TerminalTasks,
    ) -> Result<Message, ExitReason> {
        // For what changes by itself: a spinner, a countdown, a notification that disappears. The alarm is for the texts of points in
        // time, which pass while the machine sleeps too.
        let next_tick = async {
            match state.time_until_next_tick() {
                Some(time) => tokio::time::sleep(time).await,
                None => std::future::pending().await,
            }
        };
        let alarm_wait = async {
            match alarm.as_mut() {
                Some(alarm) => alarm.wait.as_mut().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            signal = self.signals.recv() => match signal {
                Some(Signal::Suspend) => Ok(Message::SuspendRequested),
                Some(Signal::Continue) => Ok(Message::Continued),
                // Ctrl-C is the editor's, whose terminal sends it to this program too.
                Some(Signal::Terminate(SIGINT)) if state.is_editor_open => Ok(Message::Tick(self.clock.now())),
                Some(Signal::Terminate(number)) => Err(ExitReason::Signal(number)),
                None => Err(ExitReason::TerminalClosed),
            },
            msg = self.messages.recv() => msg.ok_or(ExitReason::TerminalClosed),
            Some(done) = tasks.next(), if !tasks.is_empty() => Ok(done.unwrap_or(Message::Tick(self.clock.now()))),
            event = self.input.next() => match event {
                Some(Ok(event)) => Ok(to_message(event)),
                Some(Err(_)) | None => Err(ExitReason::TerminalClosed),
            },
            () = next_tick => Ok(Message::Tick(self.clock.now())),
            () = alarm_wait => {
                *alarm = None;
                Ok(Message::Tick(self.clock.now()))
            }
        }
    }

    fn perform(&mut self, state: &mut State, effects: Vec<Effect>, tasks: &mut TerminalTasks) -> Result<()> {
        for effect in effects {
            let Some(effect) = self.services.perform(effect) else { continue };
            match effect {
                // The event loop ends before it performs this.
                TerminalEffect::Quit => {}
                TerminalEffect::Copy { label, content } => tasks.push(self.copy(label, content)),
                TerminalEffect::ClearClipboard(secret) => {
                    let clearing = self.console.clear_clipboard(&secret);
                    tasks.push(Box::pin(async {
                        clearing.await;
                        None
                    }));
                }
                TerminalEffect::PrintLine(text) => {
                    self.console.print_line(&text).map_err(|error| write_failed(&error))?;
                }
                TerminalEffect::RaiseSuspendSignal => {
                    if !self.console.raise_suspend_signal() {
                        update(
                            state,
                            Message::Notified("Could not suspend: no shell can continue the program.".to_owned()),
                        );
                    }
                }
                TerminalEffect::SetTheme { is_light, is_ascii } => {
                    self.theme = Theme { is_ascii, is_light, ..self.theme };
                }
                TerminalEffect::Suspend => self.console.suspend(),
                TerminalEffect::EditText { id, text } => {
                    let editing = self.console.edit(&text);
                    tasks.push(Box::pin(async move { Some(Message::TextEdited { id, result: editing.await }) }));
                }
                TerminalEffect::ShowScreen => {
                    self.console.show().map_err(|error| write_failed(&error))?;
                    // Everything is redrawn against an empty buffer. `Terminal::clear` would query the terminal for its
                    // cursor, and the input stream would read the answer.
                    self.terminal.swap_buffers();
                }
            }
        }
        Ok(())
    }

    /// Starts to copy; the message reports to which clipboard, or why it failed.
    fn copy(&mut self, label: &'static str, content: ClipboardContent) -> LocalBoxFuture<'static, Option<Message>> {
        let copying = match &content {
            ClipboardContent::Text(text) => self.console.copy(text),
            ClipboardContent::Secret(secret) | ClipboardContent::InvalidToken { token: secret, .. } => {
                self.console.copy(super::expose(secret))
            }
        };
        let can_clear = self.console.can_clear();
        Box::pin(async move {
            Some(match (copying.await, content) {
                (Ok(clipboard), ClipboardContent::Secret(secret)) if can_clear => {
                    Message::SecretCopied { label, clipboard, secret }
                }
                (Ok(_), ClipboardContent::InvalidToken { token, reason }) => {
                    Message::InvalidTokenCopied { reason, secret: Some(token).filter(|_| can_clear) }
                }
                (Ok(clipboard), _) => Message::Notified(format!("Copied {label}: {clipboard}.")),
                (Err(error), _) => Message::Failed(error),
            })
        })
    }
}
