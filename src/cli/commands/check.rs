//! `check`, `whoami`, `refresh` and `revoke`: commands that need LinkedIn but no browser.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Args;

use crate::cli::commands::profiles;
use crate::cli::common_args::OneProfile;
use crate::cli::output::json;
use crate::cli::output::printer::{Printer, Progress};
use crate::cli::output::theme::{Level, Theme};
use crate::flows::refresh::{RefreshOutcome, unsaved_error};
use crate::flows::revoke::AfterRevocation;
use crate::flows::{self, check::CheckOutcome};
use crate::linkedin::endpoints::portal::PERMITTED_SERVICES;
use crate::session::Context;
use crate::session::pool::{Pool, PoolEvent};
use crate::session::{Session, block_on};
use crate::store::{Name, Profile, Status};
use crate::text::sanitize;
use crate::{Code, Result};

#[derive(Args, Debug)]
pub(crate) struct OneOrAll {
    /// Profile name [default: the current profile]
    #[arg(conflicts_with = "all")]
    #[arg(add = crate::cli::candidates::complete_profile_names())]
    pub(crate) profile: Option<String>,
    /// All profiles, four at a time; exits with the highest exit code
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Args, Debug)]
pub(crate) struct RevokeArgs {
    /// Profile name [default: the current profile]
    #[arg(add = crate::cli::candidates::complete_profile_names())]
    pub(crate) profile: Option<String>,
    /// Keep the token in the profile
    #[arg(long)]
    pub(crate) keep: bool,
}

pub(crate) fn run(session: &Session, args: &OneOrAll, printer: Printer) -> Result<ExitCode> {
    printer.print_warnings(&session.store);
    if !args.all {
        let name = session.select_profile_name(args.profile.as_deref())?;
        return block_on(async {
            let (ctx, _sandbox) = session.context().await?;
            let checked = flows::check::check(&ctx, &name).await?;
            let width = checked.profile.name.as_str().len();
            print_checked(&checked, width, &ctx, (printer, printer.theme(session)))?;
            if printer.is_json {
                printer.print_profile(&ctx, &checked.profile)?;
            }
            Ok(ExitCode::from(exit_code_for(&ctx, &checked.profile)))
        });
    }
    block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        let (names, mut exit_code) = read_profiles_with_token(session, printer)?;
        let name_width = names.iter().map(|name| name.as_str().len()).max().unwrap_or_default();
        let check = |name: Name| {
            let ctx = &ctx;
            async move { flows::check::check(ctx, &name).await }
        };
        for (name, result) in run_for_all(names.clone(), "checked", printer, check).await {
            match result {
                Ok(checked) => {
                    print_checked(&checked, name_width, &ctx, (printer, printer.theme(session)))?;
                    exit_code = exit_code.max(exit_code_for(&ctx, &checked.profile));
                }
                Err(error) => {
                    let theme = printer.status_theme(session);
                    let (mark, indent) = if theme.is_terminal {
                        (format!("{} ", theme.paint(Level::Bad, theme.mark(Level::Bad))), 2)
                    } else {
                        (String::new(), 0)
                    };
                    for line in theme.format_hanging(&mark, indent, &format!("{name}: {error}")) {
                        printer.print_status(&line);
                    }
                    exit_code = exit_code.max(error.code.exit_code());
                }
            }
        }
        print_profiles(session, &ctx, &names, printer)?;
        Ok(ExitCode::from(exit_code))
    })
}

/// Prints the profiles as they are now, including those that failed, with `--json` only.
fn print_profiles(session: &Session, ctx: &Context, names: &[Name], printer: Printer) -> Result<()> {
    if !printer.is_json {
        return Ok(());
    }
    let current = printer.current_profile_or_warn(&session.store);
    let stored = names.iter().filter_map(|name| session.store.profile(name).ok());
    printer.print_json(
        &stored.map(|profile| json::Profile::as_of_now(ctx, &profile, current.as_ref())).collect::<Vec<_>>(),
    )
}

/// Returns the profiles with a token, and the exit code: not 0 if a file is damaged.
fn read_profiles_with_token(session: &Session, printer: Printer) -> Result<(Vec<Name>, u8)> {
    let (profiles, has_damaged) = crate::cli::commands::status::read_profiles(&session.store, printer)?;
    let names = profiles.into_iter().filter(|profile| profile.token.is_some()).map(|profile| profile.name).collect();
    Ok((names, if has_damaged { Code::FileDamaged.exit_code() } else { 0 }))
}

/// Does `work` for the profiles, a few at a time, prints the progress as `label` and numbers, and returns the results by name.
async fn run_for_all<T, W: Future<Output = Result<T>>>(
    names: Vec<Name>,
    label: &str,
    printer: Printer,
    work: impl Fn(Name) -> W,
) -> BTreeMap<Name, Result<T>> {
    let (total, results) = (names.len(), RefCell::new(BTreeMap::new()));
    let collect = |event| {
        if let PoolEvent::Finished(name, result) = event {
            let mut results = results.borrow_mut();
            results.insert(name, result);
            printer.print_progress(&format!("{label} {}/{total}", results.len()), Progress::Ongoing);
        }
    };
    Pool::default().for_each(names, work, &collect).await;
    results.into_inner()
}

/// Prints the status of the profile on stdout, or on stderr if stdout is for JSON; warnings on stderr. On a terminal the names
/// have `name_width` columns.
fn print_checked(
    checked: &CheckOutcome,
    name_width: usize,
    ctx: &Context,
    (printer, theme): (Printer, Theme),
) -> Result<()> {
    let profile = &checked.profile;
    let member = profile.member.as_ref().map_or_else(String::new, |member| {
        format!(", {} ({})", sanitize(member.name.as_deref().unwrap_or("-"), 80), sanitize(&member.urn(), 100))
    });
    let status = ctx.status(profile);
    let line = format!("{}: {}{member}", profile.name, status.as_str());
    if printer.is_json {
        printer.print_status(&line);
    } else if theme.is_terminal {
        let level = Level::from(status);
        let label = theme.paint(level, &format!("{} {:10}", theme.mark(level), status.as_str()));
        let prefix = format!("{label}  {:name_width$}  ", profile.name.as_str());
        let indent = 2 + 10 + 2 + name_width + 2;
        for line in theme.format_hanging(&prefix, indent, member.trim_start_matches(", ")) {
            printer.print_line(line.trim_end())?;
        }
    } else {
        printer.print_line(&line)?;
    }
    for warning in &checked.warnings {
        printer.print_status(&format!("  {warning}"));
    }
    if matches!(ctx.status(profile), Status::Expired | Status::Revoked) {
        printer.print_status(&format!("  Sign in again: {}", printer.command(format_args!("login {}", profile.name))));
    }
    Ok(())
}

fn exit_code_for(ctx: &Context, profile: &Profile) -> u8 {
    match ctx.status(profile) {
        Status::Active | Status::Expiring => 0,
        Status::Expired | Status::Revoked | Status::SignedOut | Status::Unknown => Code::Expired.exit_code(),
    }
}

pub(crate) fn whoami(session: &Session, args: &OneProfile, printer: Printer) -> Result<()> {
    printer.print_warnings(&session.store);
    let name = session.select_profile_name(args.profile.as_deref())?;
    let profile = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        flows::check::whoami(&ctx, &name).await
    })?;
    if printer.is_json {
        profiles::print_profile(session, &profile, printer)?;
    } else if let Some(member) = &profile.member {
        printer.print_line(&sanitize(member.name.as_deref().unwrap_or("-"), 100))?;
        printer.print_line(&sanitize(&member.urn(), 120))?;
        if let Some(email) = &member.email {
            printer.print_line(&sanitize(email, 100))?;
        }
    }
    Ok(())
}

pub(crate) fn refresh(session: &Session, args: &OneOrAll, printer: Printer) -> Result<ExitCode> {
    printer.print_warnings(&session.store);
    if args.all {
        return block_on(refresh_all(session, printer));
    }
    let name = session.select_profile_name(args.profile.as_deref())?;
    block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        let RefreshOutcome { profile, not_saved } =
            flows::refresh::refresh_with_events(&ctx, &name, &|event| printer.print_event(&event)).await?;
        match not_saved {
            None if printer.is_json => printer.print_profile(&ctx, &profile)?,
            None => printer.print_status(&format!("{name}: refreshed")),
            Some(error) if printer.is_json => return Err(unsaved_error(&name, error)),
            Some(error) => {
                let error = unsaved_error(&name, error);
                printer.print_error(&error);
                // The new token is saved nowhere: what is printed is its only copy.
                if let Some(token) = &profile.token {
                    printer.print_secret("", &token.access)?;
                }
                return Ok(ExitCode::from(error.code.exit_code()));
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Refreshes all profiles that can be refreshed without a sign-in. A new token that could not be saved is not printed:
/// stdout would not show which profile it belongs to.
async fn refresh_all(session: &Session, printer: Printer) -> Result<ExitCode> {
    let (names, mut exit_code) = read_profiles_with_token(session, printer)?;
    let now = session.clock.now();
    let is_refreshable = |name: &Name| session.store.profile(name).is_ok_and(|profile| profile.is_refreshable(now));
    let names: Vec<Name> = names.into_iter().filter(is_refreshable).collect();
    if names.is_empty() {
        printer.print_status("No profile can be refreshed without a sign-in.");
    }
    let (ctx, _sandbox) = session.context().await?;
    let refresh = |name: Name| {
        let ctx = &ctx;
        async move { flows::refresh::refresh_with_events(ctx, &name, &|event| printer.print_event(&event)).await }
    };
    for (name, refreshed) in run_for_all(names.clone(), "refreshed", printer, refresh).await {
        let error = match refreshed {
            Ok(RefreshOutcome { not_saved: None, .. }) => {
                printer.print_status(&format!("{name}: refreshed"));
                continue;
            }
            Ok(RefreshOutcome { not_saved: Some(error), .. }) => unsaved_error(&name, error),
            Err(error) => error,
        };
        printer.print_status(&format!("{name}: {error}"));
        exit_code = exit_code.max(error.code.exit_code());
    }
    print_profiles(session, &ctx, &names, printer)?;
    Ok(ExitCode::from(exit_code))
}

pub(crate) fn revoke(session: &Session, args: &RevokeArgs, printer: Printer) -> Result<ExitCode> {
    printer.print_warnings(&session.store);
    let name = session.select_profile_name(args.profile.as_deref())?;
    block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        let after = if args.keep { AfterRevocation::KeepTokens } else { AfterRevocation::DeleteTokens };
        let revoked = flows::revoke::revoke(&ctx, &name, after).await?;
        if revoked.is_confirmed() {
            printer.print_status(&format!("LinkedIn confirmed that the token of {name} is revoked."));
        } else {
            printer.print_status(&format!("LinkedIn did not confirm that the token of {name} is revoked."));
            if let Some(error) = &revoked.error {
                printer.print_status(&format!("  {}", printer.summarize(error)));
            }
            printer.print_status(&format!("  The member can remove the app: {PERMITTED_SERVICES}"));
        }
        printer.print_status(if args.keep {
            "The token is still in the profile."
        } else {
            "Deleted the token from this machine."
        });
        if printer.is_json {
            printer.print_profile(&ctx, &revoked.profile)?;
        }
        Ok(ExitCode::from(if revoked.is_confirmed() { 0 } else { Code::Refused.exit_code() }))
    })
}
