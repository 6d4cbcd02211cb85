//! A `.env` file whose other lines stay while the token's are changed.

use std::io::Read;
use std::path::Path;

use super::export::dotenv_line as line;
use super::hand_over::{handed, variables};
use crate::profile::{Profile, write_private};
use crate::{Code, Error, Result};

/// Largest file that is changed, in bytes.
pub const MOST: u64 = 1024 * 1024;

/// Puts names and values into the file, which is 0600 afterwards and need not be there before.
///
/// # Errors
/// `files` for a file that cannot be read, is too large, or cannot be written.
pub fn merge(file: &Path, new: &[(&str, &str)]) -> Result<()> {
    write_private(file, &merged(&read(file)?, new))
}

/// Puts a profile's variables into the file.
///
/// # Errors
/// `signed_out` without a token; as [`merge`].
pub fn export(file: &Path, profile: &Profile) -> Result<()> {
    super::export::token(profile)?;
    let variables = variables(profile);
    let new: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, handed(value))).collect();
    merge(file, &new)
}

fn read(file: &Path) -> Result<String> {
    let mut text = String::new();
    match std::fs::File::open(file).and_then(|open| open.take(MOST).read_to_string(&mut text)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::new(
            Code::Files,
            format!("{} could not be read: {}.", file.display(), error.kind()),
            "Check the path and that the file is text.",
        )),
        // A file that was cut short here must not be written back.
        Ok(length) if length as u64 == MOST => {
            Err(Error::new(Code::Files, format!("{} is too large.", file.display()), "Choose another file."))
        }
        _ => Ok(text),
    }
}

/// The old text with each name's line replaced where there is one, else added.
fn merged(old: &str, new: &[(&str, &str)]) -> String {
    let mut left = new.to_vec();
    let mut out = String::new();
    for whole in old.lines() {
        let key = whole.split('=').next().unwrap_or_default().trim();
        let name = key.strip_prefix("export ").unwrap_or(key).trim();
        match new.iter().find(|(known, _)| *known == name && whole.contains('=')) {
            Some((name, value)) => {
                left.retain(|(known, _)| known != name);
                out.push_str(&whole[..whole.len() - whole.trim_start().len()]);
                out.push_str(if key.starts_with("export ") { "export " } else { "" });
                out.push_str(&line(name, value));
            }
            None => out.push_str(whole),
        }
        out.push('\n');
    }
    for (name, value) in left {
        out.push_str(&line(name, value));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_lines_stay_and_own_ones_are_replaced() {
        let old = "# LINKEDIN_ACCESS_TOKEN=no\nA=1\n  export LINKEDIN_ACCESS_TOKEN='old' # x\nB='2'";
        let new = [("LINKEDIN_ACCESS_TOKEN", "t$\"x"), ("LINKEDIN_MEMBER_ID", "id")];
        assert_eq!(
            merged(old, &new),
            "# LINKEDIN_ACCESS_TOKEN=no\nA=1\n  export LINKEDIN_ACCESS_TOKEN=\"t\\$\\\"x\"\nB='2'\nLINKEDIN_MEMBER_ID=\"id\"\n"
        );
        assert_eq!(merged("", &new[1..]), "LINKEDIN_MEMBER_ID=\"id\"\n");
    }
}
