//! `token`: the access token on stdout and nothing else.

use std::process::ExitCode;

use jiff::SignedDuration;
use serde_json::json;

use super::args::Token as Args;
use super::printer::Printer;
use crate::Result;
use crate::clock::{Clock, SystemClock, rfc3339};
use crate::flows::session::Session;
use crate::profile::{Profile, Token};

pub(super) fn run(session: &Session, args: &Args, printer: Printer) -> Result<ExitCode> {
    let min_ttl = args.min_ttl.unwrap_or(SignedDuration::ZERO);
    let profile = live(session, args.profile.as_deref(), min_ttl, printer)?;
    printer.warnings(&session.store);
    if let Some(token) = &profile.token {
        print(&profile, token, args, printer)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// As [`Session::live`], telling on stderr what takes its time and a clock that is off.
pub(super) fn live(
    session: &Session,
    named: Option<&str>,
    min_ttl: SignedDuration,
    printer: Printer,
) -> Result<Profile> {
    let profile = session.live(named, min_ttl, &|note| printer.note(&note))?;
    printer.clock(std::slice::from_ref(&profile), SystemClock.now());
    Ok(profile)
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
