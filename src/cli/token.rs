//! `token`: the access token on stdout and nothing else. The usual case reads one file and starts
//! neither a runtime nor the network.

use std::process::ExitCode;

use jiff::SignedDuration;
use serde_json::json;

use super::args::Token as Args;
use super::printer::Printer;
use crate::Result;
use crate::clock::{Clock, SystemClock, rfc3339};
use crate::flows::refresh::{live_token, stored_token};
use crate::flows::session::{Session, block_on};
use crate::profile::{Profile, Token};

pub(super) fn run(session: &Session, args: &Args, printer: Printer) -> Result<ExitCode> {
    let min_ttl = args.min_ttl.unwrap_or(SignedDuration::ZERO);
    // Whoever asked has the token before it is delivered elsewhere.
    let session = &Session { deliveries: session.deliveries.clone().beside(), ..session.clone() };
    using(session, args.profile.as_deref(), min_ttl, |profile| {
        printer.warnings(&session.store);
        profile.token.as_ref().map_or(Ok(()), |token| print(profile, token, args, printer))
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The profile with a token that lives for `min_ttl`, refreshed first only where that is due.
pub(super) fn live(session: &Session, named: Option<&str>, min_ttl: SignedDuration) -> Result<Profile> {
    using(session, named, min_ttl, |profile| Ok(profile.clone()))
}

/// Does something with that profile at once, then waits for deliveries that run beside.
fn using<T>(
    session: &Session,
    named: Option<&str>,
    min_ttl: SignedDuration,
    work: impl FnOnce(&Profile) -> Result<T>,
) -> Result<T> {
    let name = session.profile(named)?;
    let profile = session.store.profile(&name)?;
    if stored_token(&profile, SystemClock.now(), min_ttl)?.is_some() {
        return work(&profile);
    }
    block_on(async {
        let (context, _sandbox) = session.context().await?;
        let done = work(&live_token(&context, &name, min_ttl).await?);
        context.deliveries.finished().await;
        done
    })
}

fn print(profile: &Profile, token: &Token, args: &Args, printer: Printer) -> Result<()> {
    if args.json {
        return printer.value_with_secret(
            "access_token",
            &token.access,
            json!({
                "profile": profile.name.as_str(),
                "access_token": "",
                "token_type": "Bearer",
                "expires_at": token.expires_at.map(rfc3339),
                "scopes": token.scopes,
            }),
        );
    }
    printer.secret(if args.header { "Authorization: Bearer " } else { "" }, &token.access)
}
