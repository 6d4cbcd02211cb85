//! `export`: a live token in the form that something else reads, and a calendar of what ends when.

use std::path::Path;
use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use icalendar::{Alarm, Calendar, Component, Event, EventLike};
use jiff::SignedDuration;

use super::args::{Export as Args, Format};
use super::printer::{Printer, asked_for};
use super::{dotenv, token};
use crate::flows::hand_over::{object, variables};
use crate::flows::session::Session;
use crate::linkedin::endpoints::USERINFO;
use crate::profile::{Profile, write_private};
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// Days before the end at which a calendar rings.
const ALARMS: [i64; 2] = [7, 2];

pub(super) fn run(session: &Session, args: &Args, printer: Printer) -> Result<ExitCode> {
    let text = if args.format == Format::Ics {
        Secret::new(calendar(&profiles(session, args)?))
    } else {
        if args.all {
            return Err(Error::bad_input("--all is for --format ics.", "Export one profile at a time."));
        }
        let profile = token::live(session, args.profile.as_deref(), SignedDuration::ZERO, printer)?;
        written(session, &profile, args.format)?
    };
    printer.warnings(&session.store);
    match &args.output {
        Some(path) => save(path, &text)?,
        None if args.format == Format::Ics => printer.data(asked_for(&text))?,
        None => printer.secret("", &text)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn save(path: &Path, text: &Secret) -> Result<()> {
    write_private(path, &format!("{}\n", asked_for(text)))
}

/// The profiles of a calendar, none of them refreshed: dates need no network.
fn profiles(session: &Session, args: &Args) -> Result<Vec<Profile>> {
    if args.all {
        return Ok(session.store.outline().profiles()?.into_iter().filter_map(|entry| entry.profile.ok()).collect());
    }
    let name = session.profile(args.profile.as_deref())?;
    Ok(vec![session.store.outline().profile(&name)?])
}

fn written(session: &Session, profile: &Profile, format: Format) -> Result<Secret> {
    let Some(token) = &profile.token else {
        return Err(Error::new(Code::SignedOut, "The profile has no token.", "Sign in: linkedin-tui login"));
    };
    let lines = |line: &dyn Fn(&str, &str) -> Result<String>| -> Result<Secret> {
        let lines: Result<Vec<String>> =
            variables(profile).iter().map(|(name, value)| line(name, asked_for(value))).collect();
        Ok(Secret::new(lines?.join("\n")))
    };
    match format {
        Format::Env => lines(&|name, value| Ok(format!("export {name}={}", quoted(value)?))),
        Format::Dotenv => lines(&|name, value| Ok(dotenv::line(name, value))),
        Format::Json => Ok(object(profile, token)),
        Format::Curl => {
            let header = format!("Authorization: Bearer {}", asked_for(&token.access));
            let url = session.settings()?.endpoints()?.api(USERINFO);
            Ok(Secret::new(format!("curl -H {} {}", quoted(&header)?, quoted(url.as_str())?)))
        }
        Format::Ics => Err(Error::bad_input("A calendar holds no token.", "")),
    }
}

/// For a POSIX shell.
fn quoted(text: &str) -> Result<String> {
    shlex::try_quote(text)
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| Error::bad_input("A value has a character that no shell takes.", "Use --format json."))
}

/// One event a token (RFC 5545), with an alarm a week and two days before its end.
fn calendar(profiles: &[Profile]) -> String {
    let mut calendar = Calendar::empty();
    calendar.append_property(("VERSION", "2.0")).append_property(("PRODID", "-//linkedin-tui//LinkedIn tokens//EN"));
    calendar.name("LinkedIn tokens");
    for profile in profiles {
        let Some(end) = profile.token.as_ref().and_then(|token| token.expires_at) else { continue };
        let Some(at) = DateTime::<Utc>::from_timestamp(end.as_second(), 0) else { continue };
        let mut event = Event::new();
        // The same token is the same event: importing twice changes nothing.
        event
            .uid(&format!("{}-{}@linkedin-tui", profile.name, end.as_second()))
            .summary(&format!("LinkedIn token of {} ends", profile.name))
            .description(&format!("linkedin-tui login {}", profile.name))
            // Without an end it takes no time; an end at the same moment would be invalid.
            .starts(at);
        for days in ALARMS {
            let words = format!("LinkedIn token of {} ends in {days} days", profile.name);
            let mut alarm = Alarm::display(&words, -TimeDelta::days(days));
            alarm.uid(&format!("{}-{}-{days}@linkedin-tui", profile.name, end.as_second()));
            event.alarm(alarm);
        }
        calendar.push(event.done());
    }
    // Each line ends with CR and LF, the last one too; the LF is added where it is written.
    calendar.to_string().trim_end_matches('\n').to_owned()
}
