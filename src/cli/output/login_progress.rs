//! The progress of `login` on stderr, and the lines that the user may type meanwhile.

use std::io::{BufRead, IsTerminal};
use std::sync::{Arc, Mutex};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use url::Url;

use crate::cli::output::printer::{Printer, Progress};
use crate::cli::output::theme::{Level, Theme};
use crate::flows::sign_in::describe_revoked;
use crate::flows::sign_in::{Command, CredentialsCheck, DifferentMemberChoice, Event};
use crate::host::HostEnvironment;
use crate::host::browser::DEFAULT_BROWSER;
use crate::store::{Member, Name};
use crate::sync::lock;
use crate::text::sanitize;
use crate::{Code, Error};

/// How the next line on stdin is interpreted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ExpectedInput {
    Nothing,
    CallbackUrl,
    MemberChoice,
    SaveRetry,
}

/// The choices if a different member signed in.
const MEMBER_CHOICES: &str = "type replace, new NAME (save as a new profile) or discard:";

/// Prints events on stderr, and turns lines on stdin into commands.
pub(crate) struct LoginReporter {
    printer: Printer,
    theme: Theme,
    /// Whether stdin is a terminal, so that the user can respond.
    is_interactive: bool,
    is_sandbox: bool,
    host_environment: HostEnvironment,
    /// The `ssh -L` command over SSH, once the port is known.
    /// The profile that has the new token.
    saved_profile: Mutex<Option<Name>>,
    tunnel_command: Mutex<Option<String>>,
    expected: Arc<Mutex<ExpectedInput>>,
    /// Dropped if the user cannot respond: the sign-in then fails instead of waiting.
    commands: Mutex<Option<UnboundedSender<Command>>>,
}

impl LoginReporter {
    /// Creates a reporter. Reads stdin for a pasted callback URL (`manual`) or from a terminal.
    pub(crate) fn new(
        printer: Printer,
        theme: Theme,
        is_manual: bool,
        is_sandbox: bool,
        host_environment: HostEnvironment,
    ) -> (Self, UnboundedReceiver<Command>) {
        let is_interactive = std::io::stdin().is_terminal();
        let (sender, receiver) = unbounded_channel();
        let expected =
            Arc::new(Mutex::new(if is_manual { ExpectedInput::CallbackUrl } else { ExpectedInput::Nothing }));
        if is_manual || is_interactive {
            let (weak_sender, expected) = (sender.downgrade(), Arc::clone(&expected));
            std::thread::spawn(move || {
                for line in std::io::stdin().lock().lines() {
                    let (Ok(line), Some(commands)) = (line, weak_sender.upgrade()) else { return };
                    let expected = *lock(&expected);
                    match parse_line(expected, line.trim()) {
                        Ok(Some(command)) => drop(commands.send(command)),
                        Ok(None) => {}
                        Err(why) => {
                            printer.print_status(&why);
                            printer.print_status(MEMBER_CHOICES);
                        }
                    }
                }
            });
        }
        (
            Self {
                printer,
                theme,
                is_interactive,
                is_sandbox,
                host_environment,
                tunnel_command: Mutex::default(),
                saved_profile: Mutex::default(),
                expected,
                commands: Mutex::new(Some(sender)),
            },
            receiver,
        )
    }

    /// Returns the command that identifies the member of the token.
    fn identify_command(&self) -> String {
        let profile = lock(&self.saved_profile);
        let profile = profile.as_ref().map_or_else(|| "NAME".to_owned(), ToString::to_string);
        self.printer.command(format!("--profile {profile} whoami"))
    }

    fn set_expected(&self, input: ExpectedInput) {
        *lock(&self.expected) = input;
    }

    pub(crate) fn handle(&self, event: Event) {
        let print = |line: &str| self.printer.print_status(line);
        let print_step = |line: &str| self.printer.print_status(&self.theme.format_step(Level::Good, line));
        let print_member = |member: &Member| {
            let name = sanitize(member.name.as_deref().unwrap_or("-"), 80);
            print_step(&format!("member identified: {name}, {}", sanitize(&member.urn(), 100)));
        };
        match event {
            Event::CredentialsChecked(CredentialsCheck::Accepted) => print_step("client ID and secret accepted"),
            Event::CredentialsChecked(CredentialsCheck::Inconclusive | CredentialsCheck::NotNeeded) => {}
            Event::Listening { redirect_url, has_ipv4, has_ipv6, authorization_url, short_link } => {
                let families = match (has_ipv4, has_ipv6) {
                    (true, true) => "127.0.0.1 and ::1",
                    (true, false) => "127.0.0.1",
                    _ => "::1",
                };
                let port = Url::parse(&redirect_url).ok().and_then(|url| url.port_or_known_default());
                *lock(&self.tunnel_command) = port.and_then(|port| self.host_environment.tunnel_command(port));
                print(&format!("listening on {redirect_url} ({families})"));
                print(&format!("short link: {short_link}"));
                print(&format!("full URL:   {authorization_url}"));
            }
            Event::BrowserOpened { command } if command == DEFAULT_BROWSER => print("opened your browser"),
            Event::BrowserOpened { command } => print(&format!("browser opened: {}", sanitize(&command, 120))),
            Event::BrowserSkipped => {
                print("not opening a browser, as requested");
                self.print_how_to_open_a_link();
            }
            Event::BrowserNotOpened(error) => {
                self.printer.print_sources(&error);
                print(&sanitize(&error.message, 200));
                self.print_how_to_open_a_link();
            }
            Event::Waiting { since, until } => {
                print(&format!(
                    "waiting for authorization (at most {} s; Ctrl-C cancels)",
                    until.as_second() - since.as_second()
                ));
                if self.is_sandbox {
                    print("in the browser, choose a member of the sandbox and click Allow");
                }
                if *lock(&self.expected) == ExpectedInput::CallbackUrl {
                    print("or paste the callback URL from the browser's address bar here, and press Enter");
                }
            }
            // A program that keeps sending requests must not flood the terminal.
            Event::CallbackRejected(rejected) if rejected.count > 4 && !rejected.count.is_power_of_two() => {}
            Event::CallbackRejected(rejected) => {
                let count = rejected.count;
                print(&format!("rejected a callback ({count} so far): {} Still waiting.", rejected.last_reason));
            }
            Event::PasteRejected(error) => print(&self.printer.summarize(&error)),
            Event::CallbackAccepted => print_step("callback received"),
            Event::Exchanging if self.theme.is_terminal => {
                self.printer.print_progress("exchanging the authorization code", Progress::Ongoing);
            }
            Event::Exchanging => print("exchanging the authorization code"),
            Event::SaveFailed(error) => self.report_failed_save(&error.to_string()),
            Event::TokenSaved { profile, missing_scopes } => {
                print_step(&format!("token saved in profile {profile}"));
                *lock(&self.saved_profile) = Some(profile);
                if !missing_scopes.is_empty() {
                    print(&format!("warning: LinkedIn did not grant: {}", sanitize(&missing_scopes.join(" "), 300)));
                }
            }
            Event::MemberIdentified(member) => print_member(&member),
            // Trying again does not help.
            Event::MemberUnknown(error) if error.code == Code::MemberRestricted => {
                print(&format!("warning: {}", self.printer.summarize(&error)));
            }
            Event::MemberUnknown(error) => {
                print(&format!("LinkedIn did not return the member: {}", self.printer.summarize(&error)));
                print(&format!("to try again once the token is saved: {}", self.identify_command()));
            }
            Event::MemberNotSaved { member, error } => {
                print_member(&member);
                let summary = self.printer.summarize(&error);
                print(&format!("warning: the token is saved, but the member could not be saved: {summary}"));
                print(&format!("to save the member: {}", self.identify_command()));
            }
            Event::DifferentMember { stored, found, revoked_profiles } => {
                let name = |member: &Member| sanitize(member.name.as_deref().unwrap_or(&member.id), 80);
                print(&format!("a different member signed in: {} instead of {}", name(&found), name(&stored)));
                if let Some(revoked) = describe_revoked(&revoked_profiles) {
                    print(&format!("warning: {revoked}"));
                }
                if self.is_interactive {
                    self.set_expected(ExpectedInput::MemberChoice);
                    print(MEMBER_CHOICES);
                }
            }
        }
    }

    fn print_how_to_open_a_link(&self) {
        self.printer.print_status("open one of the links above in a browser");
        if let Some(command) = &*lock(&self.tunnel_command) {
            self.printer.print_status(&format!("over SSH, first run this on your local machine: {command}"));
        }
    }

    fn report_failed_save(&self, why: &str) {
        self.printer.print_status(&format!("the token could not be saved: {why}"));
        if self.is_interactive {
            self.set_expected(ExpectedInput::SaveRetry);
            self.printer.print_status(
                "it is still in memory: fix the problem and press Enter to try again, or press Ctrl-C to discard it",
            );
        } else {
            *lock(&self.commands) = None;
        }
    }
}

/// Returns the command on a line, if any, or why a choice is invalid.
fn parse_line(expected: ExpectedInput, line: &str) -> Result<Option<Command>, String> {
    match expected {
        ExpectedInput::Nothing => Ok(None),
        ExpectedInput::CallbackUrl => Ok((!line.is_empty()).then(|| Command::Paste(line.to_owned()))),
        ExpectedInput::SaveRetry => Ok(Some(Command::SaveAgain)),
        ExpectedInput::MemberChoice => parse_member_choice(line).map(|choice| Some(Command::Choose(choice))),
    }
}

fn parse_member_choice(line: &str) -> Result<DifferentMemberChoice, String> {
    line.replacen(' ', ":", 1).parse().map_err(|error: Option<Error>| match error {
        Some(error) => format!("{error} {}", error.hint),
        None if line == "new" => "A new profile needs a name.".to_owned(),
        None if line.is_empty() => "Select one.".to_owned(),
        None => format!("\"{}\" is not one of the choices.", sanitize(line, 80)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Name;

    #[test]
    fn a_line_is_parsed_for_the_last_prompt() {
        let choose = |choice| Ok(Some(Command::Choose(choice)));
        assert_eq!(parse_line(ExpectedInput::CallbackUrl, "http://x"), Ok(Some(Command::Paste("http://x".into()))));
        assert_eq!(parse_line(ExpectedInput::CallbackUrl, ""), Ok(None));
        assert_eq!(parse_line(ExpectedInput::MemberChoice, "replace"), choose(DifferentMemberChoice::Replace));
        let save_as = DifferentMemberChoice::SaveAs(Name::parse("li").unwrap());
        assert_eq!(parse_line(ExpectedInput::MemberChoice, "new li"), choose(save_as.clone()));
        assert_eq!(parse_line(ExpectedInput::MemberChoice, "new:li"), choose(save_as));
        for wrong in ["", "what", "new", "new Not A Name", "replace it", "y"] {
            assert!(parse_line(ExpectedInput::MemberChoice, wrong).is_err_and(|why| why.len() > 10), "{wrong:?}");
        }
        assert_eq!(parse_line(ExpectedInput::Nothing, "what"), Ok(None));
        assert_eq!(parse_line(ExpectedInput::SaveRetry, ""), Ok(Some(Command::SaveAgain)));
    }
}
