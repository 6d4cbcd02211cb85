//! `profiles list|show|use|rename|delete`.

use std::process::ExitCode;

use clap::Subcommand;

use crate::Result;
use crate::cli::args::{NamedProfile, OneProfile};
use crate::cli::commands::status;
use crate::cli::output::json;
use crate::cli::output::printer::Printer;
use crate::clock::rfc3339;
use crate::session::Session;
use crate::store::{Name, Profile};
use crate::text::clean;

/// `profiles ...`
#[derive(Debug, Subcommand)]
pub enum Profiles {
    /// All profiles
    #[command(after_help = "Example:\n  linkedin-tui profiles list --json")]
    List,
    /// One profile
    #[command(after_help = "Example:\n  linkedin-tui profiles show work")]
    Show(OneProfile),
    /// Make a profile the current one
    #[command(after_help = "Example:\n  linkedin-tui profiles use work")]
    Use(NamedProfile),
    /// Give a profile another name
    #[command(after_help = "Example:\n  linkedin-tui profiles rename work office")]
    Rename {
        /// Its name
        profile: String,
        /// Its new name
        new_name: String,
    },
    /// Delete a profile and its token from this machine
    #[command(after_help = "Example:\n  linkedin-tui profiles delete work")]
    Delete(NamedProfile),
}

pub(crate) fn run(session: &Session, command: Profiles, printer: Printer) -> Result<ExitCode> {
    printer.warnings(&session.store);
    match command {
        Profiles::List => list(session, printer)?,
        Profiles::Show(OneProfile { profile }) => {
            let name = session.profile(profile.as_deref())?;
            show(session, &session.store.without_secrets().profile(&name)?, printer)?;
        }
        Profiles::Use(NamedProfile { profile }) => {
            let profile = session.store.without_secrets().profile(&Name::parse(&profile)?)?;
            session.store.set_current_profile(Some(&profile.name))?;
            detail(session, &profile, &format!("{} is the current profile now.", profile.name), printer)?;
        }
        Profiles::Rename { profile, new_name } => {
            let (old, new) = (Name::parse(&profile)?, Name::parse(&new_name)?);
            session.store.rename_profile(&old, &new)?;
            detail(
                session,
                &session.store.without_secrets().profile(&new)?,
                &format!("{old} is called {new} now."),
                printer,
            )?;
        }
        Profiles::Delete(NamedProfile { profile }) => {
            let name = Name::parse(&profile)?;
            let value = value(session, &session.store.without_secrets().profile(&name)?, printer)?;
            session.store.delete_profile(&name)?;
            if printer.json {
                printer.value(&value)?;
            }
            printer.status(&format!(
                "{name} and its token are deleted from this machine. LinkedIn's grant stays until the member withdraws it: {}",
                crate::linkedin::endpoints::portal::PERMITTED_SERVICES
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(session: &Session, printer: Printer) -> Result<()> {
    let (profiles, damaged) = status::read(&session.store, printer)?;
    let (days, now) = (session.settings()?.status.expiring_days, session.clock.now());
    let current = printer.current_profile(&session.store);
    if !printer.json {
        if profiles.is_empty() && !damaged {
            printer.status(status::NO_PROFILE);
        }
        return status::table(&profiles, current.as_ref(), days, now, printer);
    }
    let rows: Vec<_> = profiles
        .iter()
        .map(|one| json::profile(one, current.as_ref() == Some(&one.name), one.status(now, days), now))
        .collect();
    printer.value(&rows)
}

fn value(session: &Session, profile: &Profile, printer: Printer) -> Result<serde_json::Value> {
    let (days, now) = (session.settings()?.status.expiring_days, session.clock.now());
    Ok(json::profile(
        profile,
        printer.current_profile(&session.store).as_ref() == Some(&profile.name),
        profile.status(now, days),
        now,
    ))
}

/// The result of a change: JSON on stdout where asked for, else a line of talk.
fn detail(session: &Session, profile: &Profile, words: &str, printer: Printer) -> Result<()> {
    if printer.json {
        return printer.value(&value(session, profile, printer)?);
    }
    printer.status(words);
    Ok(())
}

pub(crate) fn show(session: &Session, profile: &Profile, printer: Printer) -> Result<()> {
    if printer.json {
        return printer.value(&value(session, profile, printer)?);
    }
    let (days, now) = (session.settings()?.status.expiring_days, session.clock.now());
    let line = |label: &str, value: &str| printer.data(&format!("{label:10} {value}"));
    line("profile", profile.name.as_str())?;
    line("status", profile.status(now, days).as_str())?;
    line("app", profile.app.as_str())?;
    if let Some(member) = &profile.member {
        line("member", &clean(member.name.as_deref().unwrap_or("-"), 100))?;
        line("user ID", &clean(&member.id, 100))?;
        line("URN", &clean(&member.urn(), 120))?;
        if let Some(email) = &member.email {
            line("e-mail", &clean(email, 100))?;
        }
    }
    line("asked", &profile.scopes.join(" "))?;
    if let Some(token) = &profile.token {
        line("granted", &clean(&token.scopes.join(" "), 400))?;
        line("issued", &rfc3339(token.issued_at))?;
        line("expires", &token.expires_at.map_or_else(|| "unknown".to_owned(), rfc3339))?;
        let refresh = match &token.refresh {
            None => "none: sign in again when it ends",
            Some(refresh) if refresh.refused_at.is_some() => "refused by LinkedIn: sign in again",
            Some(_) => "has a refresh token",
        };
        line("refresh", refresh)?;
    }
    if let Some(check) = profile.check {
        line("checked", &format!("{}, {}", rfc3339(check.at), check.verdict.as_str()))?;
    }
    if let Some(browser) = &profile.browser {
        line("browser", &clean(browser, 200))?;
    }
    line("file", &session.store.profile_path(&profile.name).display().to_string())
}
