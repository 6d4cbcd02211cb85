//! Calls LinkedIn's API with the token of a profile.
//!
//! Sign in once with `linkedin-tui login work`, then run:
//!
//! ```sh
//! cargo run --example token -- work
//! ```

use std::io::{self, Write};
use std::process::ExitCode;

use linkedin_tui::{Code, TokenStore};

fn main() -> ExitCode {
    let profile = std::env::args().nth(1).unwrap_or_else(|| "work".to_owned());
    match print_header(&profile) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            drop(writeln!(io::stderr(), "error: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Prints an `Authorization` header, for example for `curl -H @-`.
fn print_header(profile: &str) -> Result<(), Box<dyn std::error::Error>> {
    let store = TokenStore::open()?;
    match store.token(profile) {
        // Refreshed first if it had to be, and if LinkedIn issued a refresh token.
        Ok(token) => writeln!(io::stdout(), "Authorization: Bearer {}", token.expose())?,
        Err(error) if matches!(error.code, Code::SignedOut | Code::Expired | Code::Revoked) => {
            return Err(format!("{error} Run: linkedin-tui login {profile}").into());
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
