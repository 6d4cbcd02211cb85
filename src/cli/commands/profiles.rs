//! `profiles list|show|use|rename|delete`.

use clap::Subcommand;
use jiff::Timestamp;

use crate::cli::commands::status;
use crate::cli::common_args::{NamedProfile, OneProfile};
use crate::cli::output::json;
use crate::cli::output::printer::Printer;
use crate::cli::output::theme::{format_day_and_relative, format_past};
use crate::clock::rfc3339;
use crate::session::Session;
use crate::store::{Name, Profile, Undecided};
use crate::text::sanitize;
use crate::{Code, Result};

/// Columns of a label and of the gap after it.
const LABEL_WIDTH: usize = 11;

#[derive(Debug, Subcommand)]
pub(crate) enum Profiles {
    /// List all profiles
    #[command(after_help = "Example:\n  linkedin-tui profiles list --json")]
    List,
    /// Show a profile
    #[command(after_help = "Example:\n  linkedin-tui profiles show work")]
    Show(OneProfile),
    /// Select the current profile
    #[command(after_help = "Example:\n  linkedin-tui profiles use work")]
    Use(NamedProfile),
    /// Rename a profile
    #[command(after_help = "Example:\n  linkedin-tui profiles rename work office")]
    Rename {
        /// Profile name
        #[arg(add = crate::cli::candidates::complete_profile_names())]
        profile: String,
        /// New name
        new_name: String,
    },
    /// Delete a profile and its token from this machine
    #[command(after_help = "Example:\n  linkedin-tui profiles delete work")]
    Delete(NamedProfile),
}

pub(crate) fn run(session: &Session, command: Profiles, printer: Printer) -> Result<()> {
    printer.print_warnings(&session.store);
    match command {
        Profiles::List => {
            let (profiles, has_damaged) = status::read_profiles(&session.store, printer)?;
            let current = printer.current_profile_or_warn(&session.store);
            status::print_list(session, &profiles, current.as_ref(), has_damaged, printer)?;
        }
        Profiles::Show(OneProfile { profile }) => {
            let name = session.select_profile_name(profile.as_deref())?;
            print_profile(session, &session.store.without_secrets().profile(&name)?, printer)?;
        }
        Profiles::Use(NamedProfile { profile }) => {
            let profile = session.store.without_secrets().profile(&Name::parse(&profile)?)?;
            session.store.set_current_profile(Some(&profile.name))?;
            print_change(session, &profile, &format!("{} is now the current profile.", profile.name), printer)?;
        }
        Profiles::Rename { profile, new_name } => {
            let (old, new) = (Name::parse(&profile)?, Name::parse(&new_name)?);
            session.store.rename_profile(&old, &new)?;
            print_change(
                session,
                &session.store.without_secrets().profile(&new)?,
                &format!("Renamed {old} to {new}."),
                printer,
            )?;
        }
        Profiles::Delete(NamedProfile { profile }) => {
            let name = Name::parse(&profile)?;
            // A damaged file is deleted too; only its name is known.
            let value = match session.store.without_secrets().profile(&name) {
                Ok(profile) => serde_json::to_value(to_json(session, &profile, printer)?).ok(),
                Err(error) if error.code == Code::NoSuchProfile => return Err(error),
                Err(_) => None,
            };
            let value = value.unwrap_or_else(|| serde_json::json!({"name": name.as_str()}));
            let target = session.store.profile_link_target(&name);
            session.store.delete_profile(&name)?;
            if printer.is_json {
                printer.print_json(&value)?;
            }
            if let Some(target) = target {
                printer.print_status(&format!(
                    "Deleted {name}, which was a symbolic link. Its file still has the token: {}",
                    target.display()
                ));
                return Ok(());
            }
            printer.print_status(&format!(
                "Deleted {name} and its token from this machine. The member's authorization stays valid until they remove the app: {}",
                crate::linkedin::endpoints::portal::PERMITTED_SERVICES
            ));
        }
    }
    Ok(())
}

pub(crate) fn to_json(session: &Session, profile: &Profile, printer: Printer) -> Result<json::Profile> {
    let (days, now) = (session.settings()?.status.expiring_days, session.clock.now());
    Ok(json::Profile::new(profile, printer.current_profile_or_warn(&session.store).as_ref(), days, now))
}

/// Prints the result of a change: JSON on stdout, or a line of status.
fn print_change(session: &Session, profile: &Profile, message: &str, printer: Printer) -> Result<()> {
    if printer.is_json {
        return printer.print_json(&to_json(session, profile, printer)?);
    }
    printer.print_status(message);
    Ok(())
}

pub(crate) fn print_profile(session: &Session, profile: &Profile, printer: Printer) -> Result<()> {
    if printer.is_json {
        return printer.print_json(&to_json(session, profile, printer)?);
    }
    let (days, now) = (session.settings()?.status.expiring_days, session.clock.now());
    let theme = printer.theme(session);
    let line = |label: &str, value: &str| {
        let lines = theme.format_hanging(&format!("{label:10} "), LABEL_WIDTH, value);
        lines.iter().try_for_each(|line| printer.print_line(line))
    };
    // Scripts get exact times.
    let format_past = |at: Timestamp| if theme.is_terminal { format_past(at, now) } else { rfc3339(at) };
    let format_future = |at: Timestamp| if theme.is_terminal { format_day_and_relative(at, now) } else { rfc3339(at) };
    line("profile", profile.name.as_str())?;
    let status = profile.status(now, days);
    // Colors count as columns where a text is wrapped.
    printer.print_line(&format!("{:10} {}", "status", theme.paint(status.into(), status.as_str())))?;
    line("app", profile.app.as_str())?;
    if let Some(member) = &profile.member {
        line("member", &sanitize(member.name.as_deref().unwrap_or("-"), 100))?;
        line("member ID", &sanitize(&member.id, 100))?;
        line("URN", &sanitize(&member.urn(), 120))?;
        if let Some(email) = &member.email {
            line("email", &sanitize(email, 100))?;
        }
    }
    line("requested", &profile.scopes.join(" "))?;
    if let Some(token) = &profile.token {
        line("granted", &sanitize(&token.scopes.join(" "), 400))?;
        line("issued", &format_past(token.issued_at))?;
        line("expires", &token.expires_at.map_or_else(|| "unknown".to_owned(), format_future))?;
        let refresh = match &token.refresh {
            None => "no refresh token: sign in again when it expires",
            Some(refresh) if refresh.refused_at.is_some() => "refresh token rejected by LinkedIn: sign in again",
            Some(_) => "has a refresh token",
        };
        line("refresh", refresh)?;
    }
    if let Some(check) = profile.last_check() {
        let reason = check.undecided.and_then(Undecided::as_clause);
        let reason = reason.map_or_else(String::new, |reason| format!(": {reason}"));
        let doubt = if profile.is_in_doubt() { "; since then in doubt" } else { "" };
        line("checked", &format!("{}, {}{reason}{doubt}", format_past(check.at), check.verdict.as_str()))?;
    }
    if let Some(browser) = &profile.browser {
        line("browser", &sanitize(browser, 200))?;
    }
    line("file", &session.store.profile_path(&profile.name).display().to_string())
}
