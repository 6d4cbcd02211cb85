//! `check`, `whoami`, `refresh`, `revoke`: what needs LinkedIn but no browser.

use std::process::ExitCode;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::args::{Check, OneProfile, Refresh, Revoke};
use super::printer::Printer;
use super::{json, profiles};
use crate::flows::session::{Session, block_on};
use crate::flows::{self, Context, check::Checked};
use crate::linkedin::endpoints::portal::PERMITTED_SERVICES;
use crate::profile::{Name, Profile, Status};
use crate::text::clean;
use crate::{Code, Error, Result};

/// How many checks run at once.
const AT_ONCE: usize = 4;

pub(super) fn run(session: &Session, args: &Check, printer: Printer) -> Result<ExitCode> {
    printer.warnings(&session.store);
    if !args.all {
        let name = session.profile(args.profile.as_deref())?;
        return block_on(async {
            let (ctx, _sandbox) = session.context().await?;
            let checked = flows::check::check(&ctx, &name).await?;
            tell(&checked, &ctx, printer);
            if printer.json {
                printer.value(&json::of(&ctx, &checked.profile, session.store.active()?.as_ref()))?;
            }
            Ok(ExitCode::from(exit_code(&ctx, &checked.profile)))
        });
    }
    block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        let mut ended = all(&ctx, &with_token(session)?).await;
        ended.sort_by(|(left, _), (right, _)| left.cmp(right));
        let active = session.store.active()?;
        let (mut rows, mut worst) = (Vec::new(), 0);
        for (name, result) in ended {
            match result {
                Ok(checked) => {
                    tell(&checked, &ctx, printer);
                    worst = worst.max(exit_code(&ctx, &checked.profile));
                    rows.push(json::of(&ctx, &checked.profile, active.as_ref()));
                }
                Err(error) => {
                    printer.talk(&format!("{name}: {error}"));
                    worst = worst.max(error.code.exit_code());
                }
            }
        }
        if printer.json {
            printer.value(&rows)?;
        }
        Ok(ExitCode::from(worst))
    })
}

/// The profiles there is something to ask about.
fn with_token(session: &Session) -> Result<Vec<Name>> {
    let readable = session.store.profiles()?.into_iter().filter_map(|entry| entry.profile.ok());
    Ok(readable.filter(|profile| profile.token.is_some()).map(|profile| profile.name).collect())
}

async fn all(ctx: &Context, names: &[Name]) -> Vec<(Name, Result<Checked>)> {
    let mut waiting = names.iter();
    let mut running = FuturesUnordered::new();
    let mut ended = Vec::new();
    loop {
        while running.len() < AT_ONCE {
            let Some(name) = waiting.next() else { break };
            running.push(async move { (name.clone(), flows::check::check(ctx, name).await) });
        }
        match running.next().await {
            Some(one) => ended.push(one),
            None => return ended,
        }
    }
}

fn tell(checked: &Checked, ctx: &Context, printer: Printer) {
    let profile = &checked.profile;
    let member = profile.member.as_ref().map_or_else(String::new, |member| {
        format!(", {} ({})", clean(member.name.as_deref().unwrap_or("-"), 80), clean(&member.urn(), 100))
    });
    printer.talk(&format!("{}: {}{member}", profile.name, ctx.status(profile).as_str()));
    for remark in &checked.remarks {
        printer.talk(&format!("  {remark}"));
    }
}

fn exit_code(ctx: &Context, profile: &Profile) -> u8 {
    match ctx.status(profile) {
        Status::Active | Status::Expiring => 0,
        Status::Expired | Status::Revoked | Status::SignedOut | Status::Unknown => Code::Expired.exit_code(),
    }
}

pub(super) fn whoami(session: &Session, args: &OneProfile, printer: Printer) -> Result<ExitCode> {
    printer.warnings(&session.store);
    let name = session.profile(args.profile.as_deref())?;
    let profile = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        flows::check::whoami(&ctx, &name).await
    })?;
    if printer.json {
        profiles::show(session, &profile, printer)?;
    } else if let Some(member) = &profile.member {
        printer.data(&clean(member.name.as_deref().unwrap_or("-"), 100))?;
        printer.data(&clean(&member.urn(), 120))?;
        if let Some(email) = &member.email {
            printer.data(&clean(email, 100))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn refresh(session: &Session, args: &Refresh, printer: Printer) -> Result<ExitCode> {
    printer.warnings(&session.store);
    let names = if args.all {
        let readable = session.store.profiles()?.into_iter().filter_map(|entry| entry.profile.ok());
        let has_one = |profile: &Profile| profile.token.as_ref().is_some_and(|token| token.refresh.is_some());
        readable.filter(has_one).map(|profile| profile.name).collect()
    } else {
        vec![session.profile(args.profile.as_deref())?]
    };
    block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        let active = session.store.active()?;
        let (mut rows, mut failed) = (Vec::new(), None);
        for name in &names {
            match flows::refresh::refresh(&ctx, name).await {
                Ok(profile) => {
                    printer.talk(&format!("{name}: refreshed"));
                    rows.push(json::of(&ctx, &profile, active.as_ref()));
                }
                Err(error) if args.all => {
                    printer.talk(&format!("{name}: {error}"));
                    failed = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        if printer.json && args.all {
            printer.value(&rows)?;
        } else if printer.json {
            printer.value(&rows.first())?;
        }
        Ok(ExitCode::from(failed.map_or(0, |error: Error| error.code.exit_code())))
    })
}

pub(super) fn revoke(session: &Session, args: &Revoke, printer: Printer) -> Result<ExitCode> {
    printer.warnings(&session.store);
    let name = session.profile(args.profile.as_deref())?;
    block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        let revoked = flows::revoke::revoke(&ctx, &name, args.keep).await?;
        if revoked.confirmed {
            printer.talk(&format!("LinkedIn confirms that the token of {name} is revoked."));
        } else {
            printer.talk(&format!("LinkedIn was asked to revoke the token of {name} but did not confirm it."));
            if let Some(error) = &revoked.trouble {
                printer.talk(&format!("  {error}"));
            }
            printer.talk(&format!("  The member can withdraw the app's permission: {PERMITTED_SERVICES}"));
        }
        printer.talk(if args.keep {
            "The token is kept in the profile's file."
        } else {
            "The token is deleted from this machine."
        });
        if printer.json {
            printer.value(&json::of(&ctx, &revoked.profile, session.store.active()?.as_ref()))?;
        }
        Ok(ExitCode::from(if revoked.confirmed { 0 } else { Code::Refused.exit_code() }))
    })
}
