//! `export`: a live token in the form that something else reads, and a calendar of what ends when.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use jiff::SignedDuration;

use crate::cli::commands::token;
use crate::cli::output::printer::{Printer, asked_for};
use crate::flows::calendar::calendar;
use crate::flows::export::{Format, text};
use crate::secret::Secret;
use crate::session::Session;
use crate::store::{Profile, write_private};
use crate::{Code, Error, Result};

/// `export`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The profile; else the current one
    pub profile: Option<String>,
    /// The form
    #[arg(long, value_enum)]
    pub format: Format,
    /// Every profile (for a calendar)
    #[arg(long, conflicts_with = "profile")]
    pub all: bool,
    /// A file that only you can read, instead of stdout; a `.env` file keeps its other lines
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let about = match self {
            Self::Env => "`export NAME=value` for a POSIX shell",
            Self::Dotenv => "A `.env` file",
            Self::Json => "JSON",
            Self::Curl => "A request, ready to run",
            Self::Ics => "A calendar with alarms, without any token",
        };
        Some(PossibleValue::new(self.word()).help(about))
    }
}

pub(crate) fn run(session: &Session, args: &Args, printer: Printer) -> Result<ExitCode> {
    let format = args.format;
    let mut damaged = false;
    let written = if format == Format::Ics {
        let (profiles, any_damaged) = profiles(session, args, printer)?;
        damaged = any_damaged;
        Secret::new(calendar(profiles.iter()))
    } else {
        if args.all {
            return Err(Error::bad_input("--all is for --format ics.", "Export one profile at a time."));
        }
        let profile = token::live(session, args.profile.as_deref(), SignedDuration::ZERO, printer)?;
        if let (Format::Dotenv, Some(path)) = (format, &args.output) {
            printer.warnings(&session.store);
            crate::cli::commands::dotenv::warn_if_open(path, crate::flows::dotenv::export(path, &profile)?, printer);
            return Ok(ExitCode::SUCCESS);
        }
        text(&profile, format, &session.settings()?.endpoints()?)?
    };
    printer.warnings(&session.store);
    match &args.output {
        Some(path) => save(path, &written)?,
        None if format == Format::Ics => printer.data(asked_for(&written))?,
        None => printer.secret("", &written)?,
    }
    Ok(ExitCode::from(if damaged { Code::FileDamaged.exit_code() } else { 0 }))
}

fn save(path: &Path, text: &Secret) -> Result<()> {
    write_private(path, &format!("{}\n", asked_for(text)))
}

/// Returns the profiles of a calendar, none of them refreshed (dates need no network), and whether another one, which is warned
/// of, cannot be read.
fn profiles(session: &Session, args: &Args, printer: Printer) -> Result<(Vec<Profile>, bool)> {
    if args.all {
        return crate::cli::commands::status::read(&session.store, printer);
    }
    let name = session.profile(args.profile.as_deref())?;
    Ok((vec![session.store.without_secrets().profile(&name)?], false))
}
