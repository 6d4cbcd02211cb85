//! `token`: the access token on stdout and nothing else.

use std::process::ExitCode;

use jiff::SignedDuration;
use serde_json::json;

use crate::Result;
use crate::cli::output::printer::Printer;
use crate::clock::rfc3339;
use crate::flows::with_token::with_valid_token;
use crate::session::Session;
use crate::store::{Profile, Token};

/// `token`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The profile; else the current one
    pub profile: Option<String>,
    /// The token must live at least this long (`30m`, `12h`, `7d`)
    #[arg(long, value_name = "DURATION", value_parser = crate::cli::duration::parse)]
    pub min_ttl: Option<jiff::SignedDuration>,
    /// Print a whole header, `Authorization: Bearer ...`
    #[arg(long)]
    pub header: bool,
}

pub(crate) fn run(session: &Session, args: &Args, printer: Printer) -> Result<ExitCode> {
    printer.refuse_json_with(args.header.then_some("--header"))?;
    let min_ttl = args.min_ttl.unwrap_or(SignedDuration::ZERO);
    // Whoever asked has the token before it is delivered elsewhere.
    let session = &Session { deliveries: session.deliveries.clone().in_background(), ..session.clone() };
    with_valid_token(session, args.profile.as_deref(), min_ttl, &|note| printer.note(&note), |profile| {
        printer.clock(std::slice::from_ref(profile), session.clock.now());
        printer.warnings(&session.store);
        profile.token.as_ref().map_or(Ok(()), |token| print(profile, token, args, printer))
    })?;
    Ok(ExitCode::SUCCESS)
}

/// As [`Session::with_live`], telling on stderr what takes its time and a clock that is off.
pub(crate) fn live(
    session: &Session,
    named: Option<&str>,
    min_ttl: SignedDuration,
    printer: Printer,
) -> Result<Profile> {
    let profile =
        with_valid_token(session, named, min_ttl, &|note| printer.note(&note), |profile| Ok(profile.clone()))?;
    printer.clock(std::slice::from_ref(&profile), session.clock.now());
    Ok(profile)
}

fn print(profile: &Profile, token: &Token, args: &Args, printer: Printer) -> Result<()> {
    if printer.json {
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
