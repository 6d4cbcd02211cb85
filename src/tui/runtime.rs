//! The loop: takes what happened, changes the state, has the effects done, draws once. Terminal,
//! input, clock and everything that reaches outside are handed in.

use std::task::Poll;
use std::time::Duration;

use crossterm::event::Event;
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
use super::view::view;
use super::widgets::page::Link;
use crate::clock::{Clock, Wait};
use crate::host::clipboard::Work;
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// What the loop needs of a terminal besides cells.
pub trait Console {
    /// Copies to the clipboard; the work says where it went.
    ///
    /// # Errors
    /// Those of the work: a sentence that says what failed.
    fn copy(&mut self, text: &str) -> Work<Result<&'static str, String>>;
    /// Can a copied text be taken out of the clipboard again?
    fn can_clear(&self) -> bool;
    /// Takes it out, where it still is there.
    fn forget(&self, secret: &Secret) -> Work<()>;
    /// Makes drawn addresses links.
    ///
    /// # Errors
    /// The terminal is gone.
    fn links(&mut self, links: &[Link]) -> std::io::Result<()>;
    /// Leaves the full screen and prints one line.
    ///
    /// # Errors
    /// The terminal is gone.
    fn print_line(&mut self, text: &str) -> std::io::Result<()>;
    /// Comes back to the full screen, from the plain one or from the shell.
    ///
    /// # Errors
    /// The terminal is gone.
    fn show(&mut self) -> std::io::Result<()>;
    /// Leaves the terminal as it was before.
    fn leave(&mut self);
    /// Asks the shell to stop the program, as Ctrl-Z does. It answers by the signal to stop; `false` where no shell could
    /// continue it.
    fn suspend(&mut self) -> bool;
    /// Leaves the terminal as it was and stops the program, until it is continued.
    fn stop(&mut self);
}

/// A signal that the loop hears of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// One that ends the program, by number.
    End(i32),
    /// The shell wants the program to stop (SIGTSTP).
    Stop,
    /// It goes on after a stop (SIGCONT), in a terminal that somebody else used meanwhile.
    Continue,
}

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The person left.
    Quit,
    /// A signal of this number asked for it.
    Signal(i32),
    /// The terminal is gone.
    Closed,
}

/// Everything handed in.
pub struct Loop<'a, B: Backend, I> {
    /// Cells.
    pub terminal: &'a mut Terminal<B>,
    /// The rest of the terminal.
    pub console: &'a mut dyn Console,
    /// Keys, pastes, sizes.
    pub input: I,
    /// Does the effects.
    pub services: Services,
    /// What the services answer.
    pub messages: Receiver<Message>,
    /// Signals.
    pub signals: Receiver<Heard>,
    /// The time.
    pub clock: &'a dyn Clock,
    /// The looks.
    pub theme: Theme,
}

/// How long the end of the program waits for the clipboard.
const CLIPBOARD_END_TIME: Duration = Duration::from_secs(2);

/// Work of the clipboard's, and what it answers.
type Copying = FuturesUnordered<Work<Option<Message>>>;

/// The wait for the moment at which the screen reads differently.
struct Alarm<'a> {
    at: Timestamp,
    rings: Wait<'a>,
}

fn gone(error: &dyn std::fmt::Display) -> Error {
    Error::new(
        Code::Unexpected,
        format!("The terminal took no more text: {error}."),
        "Start again in another terminal.",
    )
}

fn message(event: Event) -> Message {
    match event {
        Event::Key(key) => Message::KeyPressed(key),
        Event::Paste(text) => Message::TextPasted(text),
        Event::Mouse(event) => Message::MouseMoved(event),
        Event::Resize(columns, rows) => Message::Resized(columns, rows),
        Event::FocusLost => Message::FocusLost,
        Event::FocusGained => Message::FocusGained,
    }
}

impl<'a, B, I> Loop<'a, B, I>
where
    B: Backend,
    B::Error: std::fmt::Display,
    I: Stream<Item = std::io::Result<Event>> + Unpin,
{
    /// Runs until the person leaves, a signal asks for it, or the terminal is gone.
    ///
    /// # Errors
    /// `unexpected` when the terminal refuses what is drawn.
    pub async fn run(mut self, mut state: State, effects: Vec<Effect>) -> Result<Ended> {
        let mut copying = Copying::new();
        let ended = self.until_it_ends(&mut state, effects, &mut copying).await;
        let forget = state.copied.map(|(secret, _)| self.console.forget(&secret));
        if forget.is_some() || !copying.is_empty() {
            // Nobody should look at a dead screen meanwhile.
            self.console.leave();
            let last = async {
                while copying.next().await.is_some() {}
                if let Some(forget) = forget {
                    forget.await;
                }
            };
            // A clipboard program that hangs is stopped.
            drop(tokio::time::timeout(CLIPBOARD_END_TIME, last).await);
        }
        ended
    }

    async fn until_it_ends(&mut self, state: &mut State, effects: Vec<Effect>, copying: &mut Copying) -> Result<Ended> {
        let mut links = Vec::new();
        let mut batch = Vec::new();
        let mut alarm = None;
        self.perform(state, effects, copying)?;
        loop {
            // Asked anew each time: a told size may be older than the key that came after it.
            let size = self.terminal.size().map_err(|error| gone(&error))?;
            update(state, Message::Resized(size.width, size.height));
            let due = update(state, Message::Tick(self.clock.now()));
            self.perform(state, due, copying)?;
            for msg in batch.drain(..).filter(|msg| !matches!(msg, Message::Resized(..))) {
                let effects = update(state, msg);
                if effects.contains(&Effect::Terminal(TerminalEffect::Quit)) {
                    return Ok(Ended::Quit);
                }
                if effects.contains(&Effect::Terminal(TerminalEffect::ShowScreen)) {
                    links.clear();
                }
                self.perform(state, effects, copying)?;
            }
            if !matches!(state.dialog, Some(Dialog::PrintedUrl(_))) {
                self.draw(state, &mut links)?;
            }
            self.set(&mut alarm, state.next_time_change());
            match self.next(state, &mut alarm, copying).await {
                Ok(first) => batch.push(first),
                Err(ended) => return Ok(ended),
            }
            while let Ok(more) = self.messages.try_recv() {
                batch.push(more);
            }
            while let Some(event) = self.waiting_event().await {
                batch.push(message(event));
            }
        }
    }

    fn draw(&mut self, state: &State, links: &mut Vec<Link>) -> Result<()> {
        let mut found = Vec::new();
        let theme = self.theme;
        self.terminal.draw(|frame| found = view(state, theme, frame)).map_err(|error| gone(&error))?;
        // A link that stands already must not be written again: an idle screen writes nothing.
        if found != *links {
            self.console.links(&found).map_err(|error| gone(&error))?;
            *links = found;
        }
        Ok(())
    }

    /// An event that is there already. It is asked for with this task's own waker: the terminal's
    /// stream wakes only the first that ever asked.
    async fn waiting_event(&mut self) -> Option<Event> {
        std::future::poll_fn(|context| match self.input.poll_next_unpin(context) {
            Poll::Ready(Some(Ok(event))) => Poll::Ready(Some(event)),
            _ => Poll::Ready(None),
        })
        .await
    }

    /// Sets the alarm for `at`, where it is not set for that already.
    fn set(&self, alarm: &mut Option<Alarm<'a>>, at: Option<Timestamp>) {
        if alarm.as_ref().map(|alarm| alarm.at) != at {
            *alarm = at.map(|at| Alarm { at, rings: self.clock.sleep_until(at) });
        }
    }

    /// Waits for something to happen.
    async fn next(
        &mut self,
        state: &State,
        alarm: &mut Option<Alarm<'a>>,
        copying: &mut Copying,
    ) -> Result<Message, Ended> {
        let wake = async {
            match state.next_tick() {
                Some(time) => tokio::time::sleep(time).await,
                None => std::future::pending().await,
            }
        };
        let rings = async {
            match alarm.as_mut() {
                Some(alarm) => alarm.rings.as_mut().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            signal = self.signals.recv() => match signal {
                Some(Heard::Stop) => Ok(Message::StopAsked),
                Some(Heard::Continue) => Ok(Message::Continued),
                Some(Heard::End(number)) => Err(Ended::Signal(number)),
                None => Err(Ended::Closed),
            },
            msg = self.messages.recv() => msg.ok_or(Ended::Closed),
            Some(done) = copying.next(), if !copying.is_empty() => Ok(done.unwrap_or(Message::Tick(self.clock.now()))),
            event = self.input.next() => match event {
                Some(Ok(event)) => Ok(message(event)),
                Some(Err(_)) | None => Err(Ended::Closed),
            },
            () = wake => Ok(Message::Tick(self.clock.now())),
            () = rings => {
                *alarm = None;
                Ok(Message::Tick(self.clock.now()))
            }
        }
    }

    fn perform(&mut self, state: &mut State, effects: Vec<Effect>, copying: &mut Copying) -> Result<()> {
        for effect in effects {
            let Some(effect) = self.services.perform(effect) else { continue };
            match effect {
                // The loop has left by then.
                TerminalEffect::Quit => {}
                TerminalEffect::Copy { what, copied } => copying.push(self.copy(what, copied)),
                TerminalEffect::Forget(secret) => {
                    let forget = self.console.forget(&secret);
                    copying.push(Box::pin(async {
                        forget.await;
                        None
                    }));
                }
                TerminalEffect::PrintLine(text) => self.console.print_line(&text).map_err(|error| gone(&error))?,
                TerminalEffect::Suspend => {
                    if !self.console.suspend() {
                        update(state, Message::Notify("There is no shell to go back to.".to_owned()));
                    }
                }
                TerminalEffect::Stop => self.console.stop(),
                TerminalEffect::ShowScreen => {
                    self.console.show().map_err(|error| gone(&error))?;
                    // All is drawn anew against an empty buffer. `Terminal::clear` would ask the
                    // terminal for its cursor, whose answer the input stream takes.
                    self.terminal.swap_buffers();
                }
            }
        }
        Ok(())
    }

    /// Begins to copy; what it answers says where the text went, or why it did not.
    fn copy(&mut self, what: &'static str, copied: ClipboardContent) -> Work<Option<Message>> {
        let copying = match &copied {
            ClipboardContent::Text(text) => self.console.copy(text),
            ClipboardContent::Secret(secret) | ClipboardContent::Dead(secret, _) => {
                self.console.copy(super::exposed(secret))
            }
        };
        let can_clear = self.console.can_clear();
        Box::pin(async move {
            Some(match (copying.await, copied) {
                (Ok(where_to), ClipboardContent::Secret(secret)) if can_clear => {
                    Message::SecretCopied { what, where_to, secret }
                }
                (Ok(_), ClipboardContent::Dead(secret, why)) => {
                    Message::InvalidTokenCopied { why, secret: Some(secret).filter(|_| can_clear) }
                }
                (Ok(where_to), _) => Message::Notify(format!("Copied {what}: {where_to}.")),
                (Err(why), _) => Message::Failed(Error::new(Code::Unexpected, why, "Select the text instead.")),
            })
        })
    }
}
