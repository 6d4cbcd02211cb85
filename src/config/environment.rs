//! The variables this program reads, `.env` files, and the `.linkedin-tui` file.

use std::collections::BTreeMap;
use std::path::Path;

use crate::profile::Name;
use crate::secret::Secret;
use crate::{Error, Result};

/// The Node helper's default port, put in place of `{__PORT__}`.
const DEFAULT_PORT: &str = "3000";

/// A snapshot of variables. Its `Debug` shows names only.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
    }
}

impl Environment {
    /// This process's variables; those that are no UTF-8 are left out.
    #[must_use]
    pub fn from_process() -> Self {
        let text = |(key, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((key.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(text).collect())
    }

    /// Reads the lines of a `.env` file: `KEY=value`, quotes, `export`, `#` comments.
    #[must_use]
    pub fn from_dotenv(text: &str) -> Self {
        let mut found = BTreeMap::new();
        for line in text.trim_start_matches('\u{feff}').lines() {
            let line = line.trim();
            let line = line.strip_prefix("export ").unwrap_or(line);
            let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) else { continue };
            let value = value.trim();
            let quoted = ['"', '\'']
                .into_iter()
                .find_map(|quote| value.strip_prefix(quote)?.split_once(quote).map(|(inside, _)| inside));
            let value = quoted.unwrap_or_else(|| value.split(" #").next().unwrap_or_default().trim_end());
            found.insert(key.trim().to_owned(), value.to_owned());
        }
        Self(found)
    }

    /// A variable that is set and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|value| !value.trim().is_empty()).cloned()
    }

    /// A variable that carries a secret.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<Secret> {
        self.get(name).map(|value| Secret::new(value.trim()))
    }

    /// `LINKEDIN_REDIRECT_URI` with `{__PORT__}` replaced by `PORT`.
    ///
    /// # Errors
    /// `bad_input` where `PORT` is no port.
    pub fn redirect_url(&self) -> Result<Option<String>> {
        let Some(text) = self.get("LINKEDIN_REDIRECT_URI") else { return Ok(None) };
        let port = self.get("PORT").unwrap_or_else(|| DEFAULT_PORT.to_owned());
        if text.contains("{__PORT__}") && port.trim().parse::<u16>().is_err() {
            return Err(Error::bad_input("The variable PORT is no port number.", "Set PORT to a number up to 65535."));
        }
        Ok(Some(text.trim().replace("{__PORT__}", port.trim())))
    }
}

/// The profile that the nearest `.linkedin-tui` file names, from `folder` upwards.
///
/// # Errors
/// `bad_input` when the file's first line is no profile's name.
pub fn profile_file(folder: &Path) -> Result<Option<Name>> {
    for folder in folder.ancestors() {
        let path = folder.join(".linkedin-tui");
        if !path.is_file() {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        return match Name::parse(text.lines().next().unwrap_or_default().trim()) {
            Ok(name) => Ok(Some(name)),
            Err(_) => Err(Error::bad_input(
                format!("{} does not name a profile.", path.display()),
                "Write one line in it: a profile's name.",
            )),
        };
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotenv_files_of_the_node_script_are_read() {
        let env = Environment::from_dotenv(
            "# c\nexport LINKEDIN_CLIENT_ID=86abc\nLINKEDIN_CLIENT_SECRET=\"a=b#c\" # x\nLINKEDIN_REDIRECT_URI=http://localhost:{__PORT__}/callback\nEMPTY=\n",
        );
        assert_eq!(env.get("LINKEDIN_CLIENT_ID").as_deref(), Some("86abc"));
        assert!(env.secret("LINKEDIN_CLIENT_SECRET").unwrap().matches("a=b#c"));
        assert_eq!(env.get("EMPTY"), None);
        assert_eq!(env.redirect_url().unwrap().as_deref(), Some("http://localhost:3000/callback"));
        assert!(!format!("{env:?}").contains("a=b"));
    }

    #[test]
    fn the_nearest_profile_file_counts() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::write(dir.path().join(".linkedin-tui"), "work\n").unwrap();
        assert_eq!(profile_file(&deep).unwrap().unwrap().as_str(), "work");
        std::fs::write(dir.path().join("a/.linkedin-tui"), "Not A Name").unwrap();
        assert!(profile_file(&deep).is_err());
    }
}
