//! `status`: every profile's status, for people and for cron.

use std::process::ExitCode;

use jiff::{SignedDuration, Timestamp};

use crate::cli::output::json;
use crate::cli::output::printer::Printer;
use crate::clock::days_left;
use crate::config::Settings;
use crate::flows::notify::{Notice, notify};
use crate::linkedin::versions::{Setting, active_list};
use crate::session::{Session, block_on};
use crate::store::{Name, Profile, ProfileStore, Status};
use crate::text::{clean, fit};
use crate::{Code, Error, Result};

/// `status`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Exit with 4 when a token ends within this time too (`7d`, `36h`)
    #[arg(long, value_name = "DURATION", value_parser = crate::cli::duration::parse)]
    pub within: Option<jiff::SignedDuration>,
    /// Run the notify command of config.toml for each of those, once a day
    #[arg(long)]
    pub notify: bool,
}

pub(crate) fn run(session: &Session, args: &Args, printer: Printer) -> Result<ExitCode> {
    printer.warnings(&session.store);
    let settings = session.settings()?;
    let days = settings.status.expiring_days;
    if args.notify && settings.notify.command.is_empty() {
        return Err(Error::bad_input(
            "config.toml names no command that --notify could run.",
            "Name one, for example: [notify] command = [\"notify-send\", \"A LinkedIn token ends\"]",
        ));
    }
    let now = session.clock.now();
    warn_of_version(&settings, now, printer)?;
    let (profiles, damaged) = read(&session.store, printer)?;
    printer.clock(&profiles, now);
    let current = printer.current_profile(&session.store);
    if printer.json {
        let rows: Vec<_> = profiles
            .iter()
            .map(|one| json::profile(one, current.as_ref() == Some(&one.name), one.status(now, days), now))
            .collect();
        printer.value(&rows)?;
    } else {
        if profiles.is_empty() && !damaged {
            printer.status(NO_PROFILE);
        }
        table(&profiles, current.as_ref(), days, now, printer)?;
    }
    let due: Vec<&Profile> = profiles.iter().filter(|one| needs_a_person(one, days, now, args.within)).collect();
    if args.notify {
        let notices: Vec<Notice> = due
            .iter()
            .map(|one| {
                let status = one.status(now, days);
                let json = json::profile(one, current.as_ref() == Some(&one.name), status, now).to_string();
                let expires_at = one.token.as_ref().and_then(|token| token.expires_at);
                Notice { name: one.name.clone(), status, expires_at, json }
            })
            .collect();
        let command = &settings.notify.command;
        for error in block_on(async { Ok(notify(&session.store, command, &notices, now).await) })? {
            printer.status(&format!("warning: {error} {}", error.hint));
        }
    }
    Ok(ExitCode::from(match (!due.is_empty(), damaged) {
        (true, _) => Code::Expired.exit_code(),
        (false, true) => Code::FileDamaged.exit_code(),
        (false, false) => 0,
    }))
}

/// Warns before LinkedIn ends the API version that is set by hand.
fn warn_of_version(settings: &Settings, now: Timestamp, printer: Printer) -> Result<()> {
    if let Setting::Fixed(version) = settings.api_version()?
        && let Some(warning) = version.warning(now)
    {
        printer.status(&format!(
            "warning: {warning} Set linkedin.api_version in config.toml to \"auto\", or to one of {}.",
            active_list(now, None)
        ));
    }
    Ok(())
}

/// All readable profiles; tells of the others and whether there were any.
pub(crate) fn read(store: &ProfileStore, printer: Printer) -> Result<(Vec<Profile>, bool)> {
    let mut profiles = Vec::new();
    let mut damaged = false;
    for entry in store.without_secrets().profiles()? {
        match entry.profile {
            Ok(profile) => profiles.push(profile),
            Err(error) => {
                damaged = true;
                printer.status(&format!("warning: {error} {}", error.hint));
            }
        }
    }
    for oddity in store.misnamed_files()? {
        printer.status(&format!("warning: {oddity}"));
    }
    Ok((profiles, damaged))
}

fn needs_a_person(profile: &Profile, days: u32, now: Timestamp, within: Option<SignedDuration>) -> bool {
    // Tokens of the client credentials grant expire every half hour, and nobody is needed for the next one.
    if profile.client_credentials {
        return false;
    }
    let ends_within = || {
        let end = profile.token.as_ref().and_then(|token| token.expires_at);
        within.zip(end).is_some_and(|(within, end)| end.duration_since(now) <= within)
    };
    matches!(profile.status(now, days), Status::Expired | Status::Revoked) || ends_within()
}

/// Said where nobody has signed in yet.
pub(crate) const NO_PROFILE: &str = "There is no profile yet. Make the first: linkedin-tui login";

/// One line a profile: mark, name, status, time left, app, member.
pub(crate) fn table(
    profiles: &[Profile],
    current: Option<&Name>,
    days: u32,
    now: Timestamp,
    printer: Printer,
) -> Result<()> {
    let width = profiles.iter().map(|one| one.name.as_str().len()).max().unwrap_or(0);
    for one in profiles {
        let mark = if current == Some(&one.name) { "*" } else { " " };
        let member = one.member.as_ref().and_then(|member| member.name.as_deref()).unwrap_or("-");
        let (status, left) = (one.status(now, days).as_str(), left(one, now));
        printer.data(&format!(
            "{mark} {:width$}  {status:10}  {left:>9}  {}  {}",
            one.name.as_str(),
            one.app,
            fit(&clean(member, 60), 40)
        ))?;
    }
    Ok(())
}

fn left(profile: &Profile, now: Timestamp) -> String {
    match profile.token.as_ref().and_then(|token| token.expires_at) {
        None => "-".to_owned(),
        Some(end) => match days_left(now, end) {
            0 => format!("{} h", (end.as_second() - now.as_second()) / 3600),
            days if days < 0 => format!("{} d ago", -days - 1),
            days => format!("{days} d"),
        },
    }
}
