//! `status`: the status of every profile, for a terminal and for scripts.

mod timer;

use std::process::ExitCode;

use jiff::{SignedDuration, Timestamp};

use crate::cli::output::json;
use crate::cli::output::printer::Printer;
use crate::cli::output::theme::Theme;
use crate::clock::{days_left, format_relative};
use crate::config::Settings;
use crate::flows::notify::{Notice, notify};
use crate::linkedin::versions::{Setting, active_list};
use crate::session::{Session, block_on};
use crate::store::{Name, Profile, ProfileStore, Status};
use crate::text::{fit, sanitize};
use crate::{Code, Error, Result};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Also exit with 4 if a token expires within this time, such as 7d or 36h
    #[arg(long, value_name = "DURATION", value_parser = crate::cli::duration::parse)]
    pub(crate) within: Option<jiff::SignedDuration>,
    /// Run the notification command for each expired, revoked or due token, once a day
    ///
    /// A token is due if it expires within --within.
    #[arg(long)]
    pub(crate) notify: bool,
    /// Run status --notify every day, by systemd, cron, launchd or Task Scheduler
    #[arg(long, conflicts_with = "notify")]
    pub(crate) install_timer: bool,
    /// Remove what --install-timer installed
    #[arg(long, conflicts_with_all = ["install_timer", "notify", "within"])]
    pub(crate) uninstall_timer: bool,
    /// Only print what --install-timer or --uninstall-timer would do
    #[arg(long)]
    pub(crate) dry_run: bool,
}

pub(crate) fn run(session: &Session, args: &Args, printer: Printer) -> Result<ExitCode> {
    if args.install_timer || args.uninstall_timer {
        let change = if args.install_timer {
            require_notify_command(&session.settings()?)?;
            timer::Change::Install { within: args.within }
        } else {
            timer::Change::Uninstall
        };
        return timer::run(session, change, args.dry_run, printer).map(|()| ExitCode::SUCCESS);
    }
    if args.dry_run {
        return Err(Error::bad_input(
            "--dry-run works with --install-timer and --uninstall-timer only.",
            if args.notify {
                "Leave it out: --notify then runs the command of config.toml."
            } else {
                "Leave it out: status changes nothing."
            },
        ));
    }
    printer.print_warnings(&session.store);
    let settings = session.settings()?;
    let days = settings.status.expiring_days;
    if args.notify {
        require_notify_command(&settings)?;
    }
    let now = session.clock.now();
    warn_if_version_retires(&settings, now, printer)?;
    let (profiles, has_damaged) = read_profiles(&session.store, printer)?;
    printer.warn_if_clock_is_wrong(&profiles, now);
    let current = printer.current_profile_or_warn(&session.store);
    print_list(session, &profiles, current.as_ref(), has_damaged, printer)?;
    let needing_attention: Vec<&Profile> =
        profiles.iter().filter(|profile| is_attention_needed(profile, days, now, args.within)).collect();
    if args.notify {
        let notices: Vec<Notice> = needing_attention
            .iter()
            .map(|profile| {
                let json = json::Profile::new(profile, current.as_ref(), days, now);
                Notice {
                    name: profile.name.clone(),
                    status: profile.status(now, days),
                    expires_at: expires_at(profile),
                    json: serde_json::to_string(&json).unwrap_or_default(),
                }
            })
            .collect();
        let command = &settings.notify.command;
        for error in block_on(async { Ok(notify(&session.store, command, &notices, now).await) })? {
            printer.print_warning(&error);
        }
    }
    Ok(ExitCode::from(match (!needing_attention.is_empty(), has_damaged) {
        (true, _) => Code::Expired.exit_code(),
        (false, true) => Code::FileDamaged.exit_code(),
        (false, false) => 0,
    }))
}

const EXAMPLE_NOTIFICATION: &str = if cfg!(windows) {
    r#"["msg.exe", "*", "A LinkedIn token expires"]"#
} else if cfg!(target_os = "macos") {
    r#"["osascript", "-e", "display notification \"A LinkedIn token expires\""]"#
} else {
    r#"["notify-send", "A LinkedIn token expires"]"#
};

fn require_notify_command(settings: &Settings) -> Result<()> {
    if settings.notify.command.is_empty() {
        return Err(Error::bad_input(
            "config.toml has no notification command.",
            format!("Add one, for example: [notify] command = {EXAMPLE_NOTIFICATION}"),
        ));
    }
    Ok(())
}

/// Warns before LinkedIn retires the API version that config.toml sets.
fn warn_if_version_retires(settings: &Settings, now: Timestamp, printer: Printer) -> Result<()> {
    if let Setting::Fixed(version) = settings.api_version()?
        && let Some(warning) = version.warning(now)
    {
        printer.print_status(&format!(
            "warning: {warning} Set linkedin.api_version in config.toml to \"auto\", or to one of {}.",
            active_list(now, None)
        ));
    }
    Ok(())
}

/// Returns all readable profiles, and whether there are damaged ones, which are printed as warnings.
pub(crate) fn read_profiles(store: &ProfileStore, printer: Printer) -> Result<(Vec<Profile>, bool)> {
    let mut profiles = Vec::new();
    let mut has_damaged = false;
    for entry in store.without_secrets().profiles()? {
        match entry.profile {
            Ok(profile) => profiles.push(profile),
            Err(error) => {
                has_damaged = true;
                printer.print_warning(&error);
            }
        }
    }
    for warning in store.misnamed_files()? {
        printer.print_status(&format!("warning: {warning}"));
    }
    Ok((profiles, has_damaged))
}

fn is_attention_needed(profile: &Profile, days: u32, now: Timestamp, within: Option<SignedDuration>) -> bool {
    // Tokens of the client credentials grant expire every half hour, and need no member for the next one.
    if profile.client_credentials {
        return false;
    }
    let expires_within =
        || within.zip(expires_at(profile)).is_some_and(|(within, expires_at)| expires_at.duration_since(now) <= within);
    matches!(profile.status(now, days), Status::Expired | Status::Revoked) || expires_within()
}

/// Prints profiles, as JSON if requested.
pub(crate) fn print_list(
    session: &Session,
    profiles: &[Profile],
    current: Option<&Name>,
    has_damaged: bool,
    printer: Printer,
) -> Result<()> {
    let (days, now) = (session.settings()?.status.expiring_days, session.clock.now());
    if printer.is_json {
        let rows = profiles.iter().map(|profile| json::Profile::new(profile, current, days, now));
        return printer.print_json(&rows.collect::<Vec<_>>());
    }
    if profiles.is_empty() {
        if !has_damaged {
            let empty = Error::new(Code::NoSuchProfile, "No profiles yet.", "").with_next_step(session.first_step());
            printer.print_status(&printer.summarize(&empty));
        }
        return Ok(());
    }
    print_table(profiles, current, days, now, printer.theme(session), printer)
}

fn expires_at(profile: &Profile) -> Option<Timestamp> {
    profile.token.as_ref().and_then(|token| token.expires_at)
}

/// Prints one row for each profile: a table on a terminal, else lines without a header, with the columns current mark,
/// name, status, remaining time, app and member.
fn print_table(
    profiles: &[Profile],
    current: Option<&Name>,
    days: u32,
    now: Timestamp,
    theme: Theme,
    printer: Printer,
) -> Result<()> {
    let mark = |profile: &Profile| if current == Some(&profile.name) { "*" } else { " " };
    let member = |profile: &Profile| {
        fit(&sanitize(profile.member.as_ref().and_then(|member| member.name.as_deref()).unwrap_or("-"), 60), 40)
    };
    if theme.is_terminal {
        let status_cell = |profile: &Profile| {
            let status = profile.status(now, days);
            theme.marked_cell(status.into(), status.as_str())
        };
        let rows = profiles.iter().map(|profile| {
            vec![
                mark(profile).into(),
                profile.name.as_str().into(),
                status_cell(profile),
                meaningful_expiry(profile, now, days)
                    .map_or_else(|| "-".to_owned(), |expires_at| format_relative(expires_at, now))
                    .into(),
                profile.app.as_str().into(),
                member(profile).into(),
            ]
        });
        let header = ["", "PROFILE", "STATUS", "EXPIRES", "APP", "MEMBER"];
        return printer.print_table(theme, &header, &[1, 4, 5], rows.collect());
    }
    let width = profiles.iter().map(|profile| profile.name.as_str().len()).max().unwrap_or(0);
    for profile in profiles {
        let (mark, status) = (mark(profile), profile.status(now, days).as_str());
        let time_left = format_time_left(meaningful_expiry(profile, now, days), now);
        printer.print_line(&format!(
            "{mark} {:width$}  {status:10}  {time_left:>9}  {}  {}",
            profile.name.as_str(),
            profile.app,
            member(profile)
        ))?;
    }
    Ok(())
}

/// Returns when the token expires, unless it is revoked: then its expiry means nothing.
fn meaningful_expiry(profile: &Profile, now: Timestamp, days: u32) -> Option<Timestamp> {
    expires_at(profile).filter(|_| profile.status(now, days) != Status::Revoked)
}

/// Returns the whole hours, or days from one on, until the token expires, or since then.
fn format_time_left(expires_at: Option<Timestamp>, now: Timestamp) -> String {
    let Some(expires_at) = expires_at else { return "-".to_owned() };
    let seconds = expires_at.as_second() - now.as_second();
    match seconds {
        ..=-86_400 => format!("{} d ago", -seconds / 86_400),
        -86_399..=-3600 => format!("{} h ago", -seconds / 3600),
        -3599..=0 => "<1 h ago".to_owned(),
        1..3600 => "<1 h".to_owned(),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{} d", days_left(now, expires_at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_than_a_day_is_in_hours_on_both_sides() {
        let text = |seconds| format_time_left(Timestamp::from_second(seconds).ok(), Timestamp::UNIX_EPOCH);
        for (seconds, expected) in [
            (-2 * 86_400, "2 d ago"),
            (-86_400, "1 d ago"),
            (-86_399, "23 h ago"),
            (-3600, "1 h ago"),
            (-3599, "<1 h ago"),
            (0, "<1 h ago"),
            (3599, "<1 h"),
            (3600, "1 h"),
            (86_399, "23 h"),
            (86_400, "1 d"),
        ] {
            assert_eq!(text(seconds), expected, "{seconds}");
        }
    }
}
