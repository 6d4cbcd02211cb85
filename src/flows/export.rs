//! A profile's token in the formats that other programs read, and a calendar of expiry dates.

use super::calendar::calendar;
use super::token_formats::{token_json, token_variables};
use crate::config::dotenv::format_value;
use crate::linkedin::Endpoints;
use crate::linkedin::endpoints::USERINFO;
use crate::secret::Secret;
use crate::session::process::expose_as_requested;
use crate::store::Profile;
use crate::{Error, NextStep, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `export NAME=value` for a POSIX shell.
    Env,
    /// `$env:NAME = 'value'` for PowerShell.
    PowerShell,
    Dotenv,
    Json,
    Curl,
    /// A calendar with alarms, without any token.
    Ics,
}

impl Format {
    pub const ALL: [Self; 6] = [Self::Env, Self::PowerShell, Self::Dotenv, Self::Json, Self::Curl, Self::Ics];

    /// Returns the value on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Env => "env",
            Self::PowerShell => "powershell",
            Self::Dotenv => "dotenv",
            Self::Json => "json",
            Self::Curl => "curl",
            Self::Ics => "ics",
        }
    }
}

/// Exports one profile; every format but the calendar contains the token.
pub(crate) fn export_token(profile: &Profile, format: Format, endpoints: &Endpoints) -> Result<Secret> {
    let lines = |line: &dyn Fn(&str, &str) -> Result<String>| -> Result<Secret> {
        let variables = token_variables(profile);
        let lines: Result<Vec<String>> =
            variables.iter().map(|(name, value)| line(name, expose_as_requested(value))).collect();
        lines.map(|lines| Secret::new(lines.join("\n")))
    };
    match format {
        Format::Env => {
            profile.require_token()?;
            lines(&|name, value| Ok(format!("export {name}={}", shell_quote(value)?)))
        }
        Format::PowerShell => {
            profile.require_token()?;
            lines(&|name, value| Ok(format!("$env:{name} = {}", powershell_quote(value)?)))
        }
        Format::Dotenv => {
            profile.require_token()?;
            lines(&|name, value| Ok(format!("{name}={}", format_value(value))))
        }
        Format::Json => Ok(token_json(profile, profile.require_token()?)),
        Format::Curl => {
            let header = format!("Authorization: Bearer {}", expose_as_requested(&profile.require_token()?.access));
            let url = endpoints.api(USERINFO);
            // `echo` is built into every shell, so the token is in no process's arguments. Some shells expand backslashes
            // in it.
            if header.contains('\\') {
                return Err(unquotable_error());
            }
            Ok(Secret::new(format!("echo {} | curl -H @- {}", shell_quote(&header)?, shell_quote(url.as_str())?)))
        }
        Format::Ics => Ok(Secret::new(calendar(std::iter::once(profile)))),
    }
}

fn shell_quote(text: &str) -> Result<String> {
    shlex::try_quote(text).map(std::borrow::Cow::into_owned).map_err(|_| unquotable_error())
}

/// Quotes a value for PowerShell: in single quotes only a quote is special, and it is doubled. PowerShell takes the typographic ones
/// for quotes too (`about_Quoting_Rules`).
fn powershell_quote(text: &str) -> Result<String> {
    // A line break would divide the value where the output is read line by line.
    if text.contains(char::is_control) {
        return Err(unquotable_error());
    }
    let mut quoted = String::from("'");
    for c in text.chars() {
        quoted.push(c);
        if matches!(c, '\'' | '\u{2018}'..='\u{201b}') {
            quoted.push(c);
        }
    }
    quoted.push('\'');
    Ok(quoted)
}

fn unquotable_error() -> Error {
    Error::bad_input("A value has a character that can't be quoted for every shell.", "")
        .with_next_step(NextStep::ExportJson)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powershell_values_are_quoted() {
        assert_eq!(powershell_quote("AQ-_$x`\"y").unwrap(), "'AQ-_$x`\"y'");
        assert_eq!(powershell_quote("a'b\u{2019}c").unwrap(), "'a''b\u{2019}\u{2019}c'");
        assert!(powershell_quote("a\nb").is_err());
    }
}
