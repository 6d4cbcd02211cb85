//! The state that the steps of a sign-in share.

use tokio::sync::mpsc::UnboundedReceiver;

use super::types::{Command, Event, Request};
use crate::Result;
use crate::session::Context;

/// Receives each [`Event`] as it happens; must not block.
pub(crate) type EventSink<'a> = &'a (dyn Fn(Event) + Send + Sync);

/// A running sign-in: the request, the receiver of its events, and the commands of the user.
pub(super) struct SignInFlow<'a> {
    pub(super) ctx: &'a Context,
    pub(super) request: &'a Request,
    pub(super) on_event: EventSink<'a>,
    pub(super) commands: &'a mut UnboundedReceiver<Command>,
}

impl SignInFlow<'_> {
    pub(super) fn emit(&self, event: Event) {
        (self.on_event)(event);
    }

    /// Repeats `work` on the files until it succeeds: LinkedIn does not issue the token in memory again, so a failure
    /// is reported, and the token waits for [`Command::SaveAgain`]. Returns the last error once no command can follow,
    /// because the interface has exited.
    pub(super) async fn repeat_until_saved<T>(&mut self, mut work: impl AsyncFnMut() -> Result<T>) -> Result<T> {
        loop {
            let error = match work().await {
                Err(error) => error,
                success => return success,
            };
            self.emit(Event::SaveFailed(error.clone()));
            loop {
                match self.commands.recv().await {
                    Some(Command::SaveAgain) => break,
                    Some(_) => {}
                    None => return Err(error),
                }
            }
        }
    }
}
