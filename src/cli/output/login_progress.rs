//! What `login` says on stderr while the browser flow goes on, and what a person may answer.

use std::io::BufRead;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use url::Url;

use crate::cli::output::printer::Printer;
use crate::flows::sign_in::{Command, Event, MemberMismatch, SecretTrial};
use crate::host::HostEnvironment;
use crate::Error;
use crate::text::clean;

/// What the next line on stdin means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expecting {
    Nothing,
    Paste,
    Choice,
    Retry,
}

/// What can be answered when a different member signed in.
const CHOICES: &str = "type replace, new NAME (keep as a new profile), or discard:";

/// Tells events on stderr, and turns lines on stdin into commands.
pub(crate) struct Talk {
    printer: Printer,
    interactive: bool,
    host_environment: HostEnvironment,
    /// The `ssh -L` command, for a person who is connected over SSH; known once the port is.
    tunnel: Mutex<Option<String>>,
    expecting: Arc<Mutex<Expecting>>,
    /// Held while somebody can answer; gone, a question without an answer ends the flow.
    commands: Mutex<Option<UnboundedSender<Command>>>,
}

impl Talk {
    /// Reads stdin where the person pastes (`manual`) or sits at a terminal.
    pub(crate) fn new(
        printer: Printer,
        manual: bool,
        interactive: bool,
        host_environment: HostEnvironment,
    ) -> (Self, UnboundedReceiver<Command>) {
        let (sender, receiver) = unbounded_channel();
        let expecting = Arc::new(Mutex::new(if manual { Expecting::Paste } else { Expecting::Nothing }));
        if manual || interactive {
            let (lines, expecting) = (sender.downgrade(), Arc::clone(&expecting));
            std::thread::spawn(move || {
                for line in std::io::stdin().lock().lines() {
                    let (Ok(line), Some(commands)) = (line, lines.upgrade()) else { return };
                    let meant = *expecting.lock().unwrap_or_else(PoisonError::into_inner);
                    match understood(meant, line.trim()) {
                        Ok(Some(command)) => drop(commands.send(command)),
                        Ok(None) => {}
                        Err(why) => {
                            printer.status(&why);
                            printer.status(CHOICES);
                        }
                    }
                }
            });
        }
        (
            Self {
                printer,
                interactive,
                host_environment,
                tunnel: Mutex::default(),
                expecting,
                commands: Mutex::new(Some(sender)),
            },
            receiver,
        )
    }

    fn expect(&self, what: Expecting) {
        *self.expecting.lock().unwrap_or_else(PoisonError::into_inner) = what;
    }

    /// Says it, one line a step.
    pub(crate) fn tell(&self, event: Event) {
        let say = |line: &str| self.printer.status(line);
        match event {
            Event::SecretTried(SecretTrial::Accepted) => say("client ID and secret tried: not refused"),
            Event::SecretTried(SecretTrial::NoAnswer | SecretTrial::NotNeeded) => {}
            Event::Listening { redirect_url, v4, v6, authorization_url, short_link } => {
                let families = match (v4, v6) {
                    (true, true) => "127.0.0.1 and ::1",
                    (true, false) => "127.0.0.1",
                    _ => "::1",
                };
                let port = Url::parse(&redirect_url).ok().and_then(|url| url.port_or_known_default());
                *self.tunnel.lock().unwrap_or_else(PoisonError::into_inner) =
                    port.and_then(|port| self.host_environment.tunnel(port));
                say(&format!("listening on {redirect_url} ({families})"));
                say(&format!("short link: {short_link}"));
                say(&format!("long link:  {authorization_url}"));
            }
            Event::BrowserOpened { command } => say(&format!("browser opened: {}", clean(&command, 120))),
            Event::BrowserNotOpened { reason } => {
                say(&clean(&reason, 200));
                say("open this URL yourself: either link above");
                if let Some(line) = &*self.tunnel.lock().unwrap_or_else(PoisonError::into_inner) {
                    say(&format!("over SSH, first run this on your own machine: {line}"));
                }
            }
            Event::Waiting { since, until } => {
                say(&format!(
                    "waiting for consent (at most {} s; Ctrl-C cancels)",
                    until.as_second() - since.as_second()
                ));
                if *self.expecting.lock().unwrap_or_else(PoisonError::into_inner) == Expecting::Paste {
                    say("or paste the address that the browser ends on here, and press Enter");
                }
            }
            // A page or a program that keeps knocking must not drown what matters.
            Event::CallbackRejected(rejected) if rejected.count > 4 && !rejected.count.is_power_of_two() => {}
            Event::CallbackRejected(rejected) => {
                let count = rejected.count;
                say(&format!("rejected a callback ({count} so far): {} Still waiting.", rejected.last_reason));
            }
            Event::PasteRejected(error) => say(&format!("{error} {}", error.hint)),
            Event::CallbackAccepted => say("callback accepted"),
            Event::Exchanging => say("exchanging the code"),
            Event::SaveFailed(error) => self.save_failed(&error.to_string()),
            Event::TokenSaved { profile, missing } => {
                say(&format!("token saved in profile {profile}"));
                if !missing.is_empty() {
                    say(&format!("warning: LinkedIn did not grant: {}", clean(&missing.join(" "), 300)));
                }
            }
            Event::MemberIdentified(member) => {
                let name = clean(member.name.as_deref().unwrap_or("-"), 80);
                say(&format!("member identified: {name}, {}", clean(&member.urn(), 100)));
            }
            Event::MemberUnknown(error) => {
                say(&format!("LinkedIn did not say who this is: {error}"));
                if !error.hint.is_empty() {
                    say(&format!("  {}", error.hint));
                }
                say("the token is kept; to ask again: linkedin-tui whoami");
            }
            Event::MemberNotSaved { member, error } => {
                let name = clean(member.name.as_deref().unwrap_or("-"), 80);
                say(&format!("member identified: {name}, {}", clean(&member.urn(), 100)));
                say(&format!("warning: the token is saved, but not whose it is: {error} {}", error.hint));
                say("to save that as well: linkedin-tui whoami");
            }
            Event::DifferentMember { stored, found } => {
                let name = |member: &crate::store::Member| clean(member.name.as_deref().unwrap_or(&member.id), 80);
                say(&format!("a different member signed in: {} instead of {}", name(&found), name(&stored)));
                if self.interactive {
                    self.expect(Expecting::Choice);
                    say(CHOICES);
                }
            }
        }
    }

    fn save_failed(&self, why: &str) {
        self.printer.status(&format!("the token could not be saved: {why}"));
        if self.interactive {
            self.expect(Expecting::Retry);
            self.printer
                .status("it is kept in memory: mend this and press Enter to try again, or Ctrl-C to give it up");
        } else {
            *self.commands.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

/// The command that a line is, if it is one; else why a choice cannot be understood.
fn understood(meant: Expecting, line: &str) -> Result<Option<Command>, String> {
    match meant {
        Expecting::Nothing => Ok(None),
        Expecting::Paste => Ok((!line.is_empty()).then(|| Command::Paste(line.to_owned()))),
        Expecting::Retry => Ok(Some(Command::SaveAgain)),
        Expecting::Choice => choice(line).map(|choice| Some(Command::Choose(choice))),
    }
}

fn choice(line: &str) -> Result<MemberMismatch, String> {
    line.replacen(' ', ":", 1).parse().map_err(|error: Option<Error>| match error {
        Some(error) => format!("{error} {}", error.hint),
        None if line == "new" => "A new profile needs a name.".to_owned(),
        None if line.is_empty() => "Nothing was chosen.".to_owned(),
        None => format!("\"{}\" is none of the choices.", clean(line, 80)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Name;

    #[test]
    fn a_line_means_what_was_asked_last() {
        let choose = |choice| Ok(Some(Command::Choose(choice)));
        assert_eq!(understood(Expecting::Paste, "http://x"), Ok(Some(Command::Paste("http://x".into()))));
        assert_eq!(understood(Expecting::Paste, ""), Ok(None));
        assert_eq!(understood(Expecting::Choice, "replace"), choose(MemberMismatch::Replace));
        let kept = MemberMismatch::KeepAs(Name::parse("li").unwrap());
        assert_eq!(understood(Expecting::Choice, "new li"), choose(kept.clone()));
        assert_eq!(understood(Expecting::Choice, "new:li"), choose(kept));
        for wrong in ["", "what", "new", "new Not A Name", "replace it", "y"] {
            assert!(understood(Expecting::Choice, wrong).is_err_and(|why| why.len() > 10), "{wrong:?}");
        }
        assert_eq!(understood(Expecting::Nothing, "what"), Ok(None));
        assert_eq!(understood(Expecting::Retry, ""), Ok(Some(Command::SaveAgain)));
    }
}
