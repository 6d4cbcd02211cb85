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
    let name = session.profile(args.profile.as_deref())?;
    let min_ttl = args.min_ttl.unwrap_or(SignedDuration::ZERO);
    let profile = session.store.profile(&name)?;
    let profile = if stored_token(&profile, SystemClock.now(), min_ttl)?.is_some() {
        profile
    } else {
        block_on(async {
            let (context, _sandbox) = session.context().await?;
            live_token(&context, &name, min_ttl).await
        })?
    };
    printer.warnings(&session.store);
    if let Some(token) = &profile.token {
        print(&profile, token, args, printer)?;
    }
    Ok(ExitCode::SUCCESS)
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
