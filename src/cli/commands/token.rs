//! `token`: the access token on stdout, and nothing else.

use jiff::SignedDuration;
use serde::Serialize;

use crate::Result;
use crate::cli::output::printer::{Printer, expose_on_request};
use crate::clock::rfc3339;
use crate::flows::with_token::with_valid_token;
use crate::session::Session;
use crate::store::{Name, Profile, Token};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Profile name [default: the current profile]
    #[arg(add = crate::cli::candidates::complete_profile_names())]
    pub(crate) profile: Option<String>,
    /// Minimum remaining lifetime of the token, such as 30m, 12h or 7d
    #[arg(long, value_name = "DURATION", value_parser = crate::cli::duration::parse)]
    pub(crate) min_ttl: Option<jiff::SignedDuration>,
    /// Print an Authorization header
    #[arg(long)]
    pub(crate) header: bool,
}

pub(crate) fn run(session: &Session, args: &Args, printer: Printer) -> Result<()> {
    printer.reject_json_with(args.header.then_some("--header"))?;
    let min_ttl = args.min_ttl.unwrap_or(SignedDuration::ZERO);
    // The token is printed before it is delivered elsewhere.
    let session = &Session { deliveries: session.deliveries.clone().in_background(), ..session.clone() };
    with_valid_token(session, args.profile.as_deref(), min_ttl, &|event| printer.print_event(&event), |profile| {
        printer.warn_if_clock_is_wrong(std::slice::from_ref(profile), session.clock.now());
        printer.print_warnings(&session.store);
        profile.token.as_ref().map_or(Ok(()), |token| print_token(profile, token, args, printer))
    })
}

/// The JSON of `token`, with the access token in plain text: the user requested it.
#[derive(Serialize)]
struct TokenReport<'a> {
    profile: &'a str,
    access_token: &'a str,
    token_type: &'static str,
    expires_at: Option<String>,
    scopes: &'a [String],
}

impl<'a> TokenReport<'a> {
    fn new(profile: &'a Name, token: &'a Token) -> Self {
        Self {
            profile: profile.as_str(),
            access_token: expose_on_request(&token.access),
            token_type: "Bearer",
            expires_at: token.expires_at.map(rfc3339),
            scopes: &token.scopes,
        }
    }
}

/// Returns the profile with a valid token, refreshed if needed. Reports waits and retries on stderr.
pub(crate) fn load_valid_profile(
    session: &Session,
    named: Option<&str>,
    min_ttl: SignedDuration,
    printer: Printer,
) -> Result<Profile> {
    let profile =
        with_valid_token(session, named, min_ttl, &|event| printer.print_event(&event), |profile| Ok(profile.clone()))?;
    printer.warn_if_clock_is_wrong(std::slice::from_ref(&profile), session.clock.now());
    Ok(profile)
}

fn print_token(profile: &Profile, token: &Token, args: &Args, printer: Printer) -> Result<()> {
    if printer.is_json {
        printer.warn_if_token_is_visible();
        return printer.print_json(&TokenReport::new(&profile.name, token));
    }
    printer.print_secret(if args.header { "Authorization: Bearer " } else { "" }, &token.access)
}
