//! A profile's token in the form that something else reads, and a calendar of what ends when.

use super::calendar::calendar;
use super::token_formats::{object, variables};
use crate::config::dotenv::format_value;
use crate::linkedin::Endpoints;
use crate::linkedin::endpoints::USERINFO;
use crate::secret::Secret;
use crate::session::process::expose_to_child;
use crate::store::Profile;
use crate::{Error, NextStep, Result};

/// Forms of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `export NAME=value` for a POSIX shell.
    Env,
    /// A `.env` file.
    Dotenv,
    /// JSON.
    Json,
    /// A request, ready to run.
    Curl,
    /// A calendar with alarms, without any token.
    Ics,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Env, Self::Dotenv, Self::Json, Self::Curl, Self::Ics];

    /// The word on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Env => "env",
            Self::Dotenv => "dotenv",
            Self::Json => "json",
            Self::Curl => "curl",
            Self::Ics => "ics",
        }
    }
}

/// The text of one profile; it carries the token, but for a calendar.
///
/// # Errors
/// `signed_out` without a token; `bad_input` for a value that no shell takes.
pub fn text(profile: &Profile, format: Format, endpoints: &Endpoints) -> Result<Secret> {
    let lines = |line: &dyn Fn(&str, &str) -> Result<String>| -> Result<Secret> {
        let variables = variables(profile);
        let lines: Result<Vec<String>> =
            variables.iter().map(|(name, value)| line(name, expose_to_child(value))).collect();
        lines.map(|lines| Secret::new(lines.join("\n")))
    };
    match format {
        Format::Env => {
            profile.require_token()?;
            lines(&|name, value| Ok(format!("export {name}={}", quoted(value)?)))
        }
        Format::Dotenv => {
            profile.require_token()?;
            lines(&|name, value| Ok(format!("{name}={}", format_value(value))))
        }
        Format::Json => Ok(object(profile, profile.require_token()?)),
        Format::Curl => {
            let header = format!("Authorization: Bearer {}", expose_to_child(&profile.require_token()?.access));
            let url = endpoints.api(USERINFO);
            // `echo` belongs to every shell, so the token is in no process's arguments; some of them
            // read a backslash in it as the start of an escape.
            if header.contains('\\') {
                return Err(no_shell());
            }
            Ok(Secret::new(format!("echo {} | curl -H @- {}", quoted(&header)?, quoted(url.as_str())?)))
        }
        Format::Ics => Ok(Secret::new(calendar(std::iter::once(profile)))),
    }
}

/// For a POSIX shell.
fn quoted(text: &str) -> Result<String> {
    shlex::try_quote(text).map(std::borrow::Cow::into_owned).map_err(|_| no_shell())
}

fn no_shell() -> Error {
    Error::bad_input("A value has a character that not every shell accepts.", "").with_next_step(NextStep::ExportJson)
}
