//! `export`: a live token in the form that something else reads, and a calendar of what ends when.

use std::path::Path;
use std::process::ExitCode;

use jiff::SignedDuration;

use super::args::{Export as Args, Format as Word};
use super::printer::{Printer, asked_for};
use super::token;
use crate::flows::export::{Format, calendar, text};
use crate::flows::session::Session;
use crate::profile::{Profile, write_private};
use crate::secret::Secret;
use crate::{Error, Result};

impl From<Word> for Format {
    fn from(word: Word) -> Self {
        match word {
            Word::Env => Self::Env,
            Word::Dotenv => Self::Dotenv,
            Word::Json => Self::Json,
            Word::Curl => Self::Curl,
            Word::Ics => Self::Ics,
        }
    }
}

pub(super) fn run(session: &Session, args: &Args, printer: Printer) -> Result<ExitCode> {
    let format = Format::from(args.format);
    let written = if format == Format::Ics {
        Secret::new(calendar(profiles(session, args)?.iter()))
    } else {
        if args.all {
            return Err(Error::bad_input("--all is for --format ics.", "Export one profile at a time."));
        }
        let profile = token::live(session, args.profile.as_deref(), SignedDuration::ZERO, printer)?;
        text(&profile, format, &session.settings()?.endpoints()?)?
    };
    printer.warnings(&session.store);
    match &args.output {
        Some(path) => save(path, &written)?,
        None if format == Format::Ics => printer.data(asked_for(&written))?,
        None => printer.secret("", &written)?,
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
