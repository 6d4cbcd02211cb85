//! `export`: a valid token in a format that other programs read, or a calendar of expiries.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use jiff::SignedDuration;

use crate::cli::commands::token;
use crate::cli::output::printer::{Printer, expose_on_request};
use crate::flows::calendar::calendar;
use crate::flows::export::{Format, export_token};
use crate::secret::Secret;
use crate::session::Session;
use crate::store::{Profile, write_output};
use crate::{Code, Error, Result};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Profile name [default: the current profile]
    #[arg(add = crate::cli::candidates::complete_profile_names())]
    pub(crate) profile: Option<String>,
    /// Output format
    #[arg(long, value_enum)]
    pub(crate) format: Format,
    /// All profiles (with --format ics)
    #[arg(long, conflicts_with = "profile")]
    pub(crate) all: bool,
    /// File to write instead of stdout, readable only by you; other lines of a .env file are kept
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Env => "Exported variables for a POSIX shell",
            Self::PowerShell => "Variables for PowerShell",
            Self::Dotenv => "Lines of a .env file",
            Self::Json => "JSON",
            Self::Curl => "A curl command",
            Self::Ics => "A calendar with alarms, without tokens",
        };
        Some(PossibleValue::new(self.as_str()).help(help))
    }
}

pub(crate) fn run(session: &Session, args: &Args, printer: Printer) -> Result<ExitCode> {
    let format = args.format;
    let mut has_damaged = false;
    let text = if format == Format::Ics {
        let (profiles, is_any_damaged) = read_calendar_profiles(session, args, printer)?;
        has_damaged = is_any_damaged;
        Secret::new(calendar(profiles.iter()))
    } else {
        if args.all {
            return Err(Error::bad_input("--all works with --format ics only.", "Export one profile at a time."));
        }
        let profile = token::load_valid_profile(session, args.profile.as_deref(), SignedDuration::ZERO, printer)?;
        if let (Format::Dotenv, Some(path)) = (format, &args.output) {
            printer.print_warnings(&session.store);
            crate::cli::commands::dotenv::warn_if_readable_by_others(
                path,
                crate::flows::dotenv::export(path, &profile)?,
                printer,
            );
            return Ok(ExitCode::SUCCESS);
        }
        export_token(&profile, format, &session.settings()?.endpoints()?)?
    };
    printer.print_warnings(&session.store);
    match &args.output {
        Some(path) => write_file(path, &text)?,
        None if format == Format::Ics => printer.print_line(expose_on_request(&text))?,
        None => printer.print_secret("", &text)?,
    }
    Ok(ExitCode::from(if has_damaged { Code::FileDamaged.exit_code() } else { 0 }))
}

fn write_file(path: &Path, text: &Secret) -> Result<()> {
    write_output(path, &format!("{}\n", expose_on_request(text)))
}

/// Returns the profiles of a calendar, and whether there are damaged ones, which are printed as warnings. None is
/// refreshed: dates need no network.
fn read_calendar_profiles(session: &Session, args: &Args, printer: Printer) -> Result<(Vec<Profile>, bool)> {
    if args.all {
        return crate::cli::commands::status::read_profiles(&session.store, printer);
    }
    let name = session.select_profile_name(args.profile.as_deref())?;
    Ok((vec![session.store.without_secrets().profile(&name)?], false))
}
