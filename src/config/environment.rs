//! Environment variables, `.env` files, and the `.linkedin-tui` file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use zeroize::Zeroize as _;

use super::dotenv::{self, Problem};
use crate::error::io_reason;
use crate::files;
use crate::linkedin::{self, RedirectUrl};
use crate::secret::Secret;
use crate::store::Name;
use crate::text::{CopiedValue, clean_copied_value};
use crate::{Code, Error, NextStep, Result};

/// The default port of linkedin-oauth-helper, a Node script whose `.env` files are imported. It replaces `{__PORT__}`.
const DEFAULT_PORT: &str = "3000";

/// The size limit of `.env` files, for reading and changing.
pub(crate) const MAX_DOTENV_BYTES: u64 = 1024 * 1024;

const MAX_PROFILE_FILE_BYTES: u64 = 4096;

pub(crate) const CLIENT_ID: &str = "LINKEDIN_CLIENT_ID";
const CLIENT_SECRET: &str = "LINKEDIN_CLIENT_SECRET";
const REDIRECT_URI: &str = "LINKEDIN_REDIRECT_URI";
pub(crate) const ACCESS_TOKEN: &str = "LINKEDIN_ACCESS_TOKEN";
/// The variable with the path of linkedin-oauth-helper's token file.
pub(crate) const TOKEN_FILE: &str = "ACCESS_TOKEN_FILEPATH";

/// The variables that are used from a `.env` file.
const DOTENV_VARIABLES: &[&str] = &[CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, ACCESS_TOKEN, TOKEN_FILE, "PORT"];

/// A snapshot of environment variables. Its `Debug` shows names only.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    /// The file that they are from, `.env` or another tool's; `None` for those of this process.
    file: Option<PathBuf>,
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(pairs: [(&str, &str); N]) -> Self {
        let variables = pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        Self { variables, file: None }
    }
}

impl Environment {
    /// Returns the variables of this process. A `LINKEDIN_…` variable that is not UTF-8 is an error.
    pub fn from_process() -> Result<Self> {
        Self::from_pairs(std::env::vars_os())
    }

    fn from_pairs(pairs: impl Iterator<Item = (OsString, OsString)>) -> Result<Self> {
        let mut variables = BTreeMap::new();
        for (name, value) in pairs {
            let name = name.to_string_lossy().into_owned();
            let value = match value.into_string() {
                Err(_) if name.starts_with("LINKEDIN_") => {
                    return Err(Error::bad_input(
                        format!("The variable {name} cannot be read: its value is not UTF-8."),
                        format!("Set it again, or unset {name}."),
                    ));
                }
                // Other variables may be anything; an unusable `BROWSER` is reported when it is started.
                value => value.unwrap_or_else(|value| value.to_string_lossy().into_owned()),
            };
            variables.insert(name, value);
        }
        Ok(Self { variables, file: None })
    }

    /// Reads a `.env` file; `None` if there is none. `process` has the values of `${NAME}`s that the file does not set. Also returns
    /// the error of the first variable that this program uses and that cannot be read; such variables are omitted.
    pub fn from_dotenv(file: &Path, process: &Self) -> Result<Option<(Self, Option<Error>)>> {
        let text = files::read_bounded(file, MAX_DOTENV_BYTES).and_then(|bytes| {
            // Bytes that are not UTF-8 only make their own value unusable.
            if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
                files::decode(bytes).map(String::into_bytes)
            } else {
                Ok(bytes)
            }
        });
        let bytes = match text {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(Error::new(
                    Code::Files,
                    format!("{} could not be read: {}.", file.display(), io_reason(&error)),
                    "Check the path, its mode, and that the file is text.",
                )
                .with_io_source(&error));
            }
        };
        let mut env = Self { variables: BTreeMap::new(), file: Some(file.to_owned()) };
        let mut first_error: Option<(usize, Error)> = None;
        for (name, value) in dotenv::parse_values(&bytes, |name| process.variables.get(name).cloned()) {
            match value {
                Ok(value) => drop(env.variables.insert(name, value)),
                Err((line, problem))
                    if DOTENV_VARIABLES.contains(&name.as_str())
                        && first_error.as_ref().is_none_or(|(first_line, _)| line < *first_line) =>
                {
                    first_error = Some((line, unusable_variable_error(file, &name, line, &problem)));
                }
                Err(_) => {}
            }
        }
        Ok(Some((env, first_error.map(|(_, error)| error))))
    }

    /// Returns the values of an app that `file` has under other names.
    pub fn from_app_values(
        file: &Path,
        client_id: Option<&str>,
        secret: Option<&str>,
        redirect_url: Option<&str>,
    ) -> Self {
        let pairs = [(CLIENT_ID, client_id), (CLIENT_SECRET, secret), (REDIRECT_URI, redirect_url)];
        let variables =
            pairs.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect();
        Self { variables, file: Some(file.to_owned()) }
    }

    /// Returns a variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<String> {
        self.variables.get(name).filter(|value| !value.trim().is_empty()).cloned()
    }

    pub fn client_id(&self) -> Result<Option<String>> {
        let Some(text) = self.get(CLIENT_ID) else { return Ok(None) };
        linkedin::parse_client_id(&text).map(Some).map_err(|error| self.attribute_to(CLIENT_ID, error))
    }

    pub fn client_secret(&self) -> Option<Secret> {
        let (mut text, _) = clean_copied_value(CopiedValue::ClientSecret, &self.get(CLIENT_SECRET)?);
        let secret = (!text.is_empty()).then(|| Secret::new(&text));
        text.zeroize();
        secret
    }

    /// Returns `LINKEDIN_REDIRECT_URI` with `{__PORT__}` replaced by `PORT`.
    pub fn redirect_url(&self) -> Result<Option<RedirectUrl>> {
        let Some(text) = self.get(REDIRECT_URI) else { return Ok(None) };
        let (mut text, _) = clean_copied_value(CopiedValue::RedirectUrl, &text);
        if text.contains("{__PORT__}") {
            let port = self.get("PORT").unwrap_or_else(|| DEFAULT_PORT.to_owned());
            let port = port.trim().parse::<u16>().map_err(|_| {
                let error = Error::bad_input(
                    "The port is not a number up to 65535.",
                    "Set PORT, or write the port number in the URL.",
                );
                self.attribute_to("PORT", error)
            })?;
            text = text.replace("{__PORT__}", &port.to_string());
        }
        RedirectUrl::parse(&text).map(Some).map_err(|error| self.attribute_to(REDIRECT_URI, error))
    }

    /// Adds to an error the variable, and its file, that the invalid value is from.
    pub fn attribute_to(&self, variable: &str, mut error: Error) -> Error {
        let location = self.file.as_ref().map(|file| format!(" in {}", file.display())).unwrap_or_default();
        error.message = format!("{} The value is from {variable}{location}.", error.message);
        error
    }
}

fn unusable_variable_error(file: &Path, name: &str, line: usize, problem: &Problem) -> Error {
    let (why, hint) = match problem {
        Problem::NotUtf8 => ("is not UTF-8".to_owned(), "Save the file as UTF-8.".to_owned()),
        Problem::TooLong => ("is too long".to_owned(), "Write the value without references.".to_owned()),
        Problem::Undefined(other) => (
            format!("refers to {other}, which is not set"),
            format!("Set {other} further up in the file, or write the value out."),
        ),
    };
    Error::bad_input(format!("{name} in {}, line {line}, cannot be used: it {why}.", file.display()), hint)
}

/// Returns the profile that the nearest `.linkedin-tui` file names, from `directory` upwards, and that file.
///
/// Files of other users are ignored: in a shared directory anyone could select the member that you publish as.
pub(crate) fn find_profile_file(directory: &Path) -> Result<Option<(Name, PathBuf)>> {
    for directory in directory.ancestors() {
        let path = directory.join(".linkedin-tui");
        let metadata = match std::fs::symlink_metadata(&path) {
            Ok(metadata) if !metadata.is_dir() => metadata,
            _ => continue,
        };
        if !is_trusted(&metadata) {
            tracing::info!("{} is ignored: it belongs to another user", path.display());
            continue;
        }
        let read = || {
            let (file, metadata) = files::open_regular(&path)?;
            // The user's own link may refer to another user's file.
            if is_trusted(&metadata) { files::read_stream(file, MAX_PROFILE_FILE_BYTES).map(Some) } else { Ok(None) }
        };
        let text = match read().and_then(|bytes| bytes.map(files::decode).transpose()) {
            Ok(Some(text)) => text,
            Ok(None) => continue,
            Err(error) => {
                return Err(Error::new(
                    Code::Files,
                    format!("{} could not be read: {}.", path.display(), io_reason(&error)),
                    "Write the name of a profile in it, on one line.",
                )
                .with_next_step(NextStep::NameProfile)
                .with_io_source(&error));
            }
        };
        let line = text.split(['\n', '\r']).map(strip_comment).find(|line| !line.is_empty());
        return match Name::parse(line.unwrap_or_default()) {
            Ok(name) => Ok(Some((name, path))),
            Err(_) => Err(Error::bad_input(
                format!("{} does not name a profile.", path.display()),
                "Write one line in it: a profile's name.",
            )),
        };
    }
    Ok(None)
}

/// Returns whether the file is this user's or root's.
#[cfg(unix)]
fn is_trusted(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.uid() == 0 || metadata.uid() == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_trusted(_: &std::fs::Metadata) -> bool {
    true
}

/// Returns the line without a `#` comment, trimmed.
fn strip_comment(line: &str) -> &str {
    line.split('#').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dotenv(text: &[u8]) -> (Environment, Option<Error>) {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(".env");
        std::fs::write(&file, text).unwrap();
        Environment::from_dotenv(&file, &Environment::from([("OUTSIDE", "out")])).unwrap().unwrap()
    }

    #[test]
    fn dotenv_file_of_linkedin_oauth_helper_is_read() {
        let (env, problem) = dotenv(
            b"# c\nexport LINKEDIN_CLIENT_ID=86abc\nLINKEDIN_CLIENT_SECRET=\"a=b#c\" # x\nLINKEDIN_REDIRECT_URI=http://localhost:{__PORT__}/callback\nEMPTY=\n",
        );
        assert_eq!(problem, None);
        assert_eq!(env.client_id().unwrap().as_deref(), Some("86abc"));
        assert!(env.client_secret().unwrap().matches("a=b#c"));
        assert_eq!(env.get("EMPTY"), None);
        assert_eq!(
            env.redirect_url().unwrap().as_ref().map(RedirectUrl::as_str),
            Some("http://localhost:3000/callback")
        );
        assert!(!format!("{env:?}").contains("a=b"));
    }

    #[test]
    fn an_invalid_byte_affects_only_its_own_variable() {
        let (env, problem) = dotenv(b"# Schl\xfcssel\nLINKEDIN_CLIENT_ID=86abc\nOTHER=\xfc\n");
        assert_eq!((env.client_id().unwrap().as_deref(), problem), (Some("86abc"), None));
        let (env, problem) = dotenv(b"LINKEDIN_CLIENT_ID=86abc\nLINKEDIN_CLIENT_SECRET=\xfc\n");
        assert_eq!((env.client_id().unwrap().as_deref(), env.client_secret()), (Some("86abc"), None));
        let message = problem.unwrap().message;
        assert!(message.starts_with("LINKEDIN_CLIENT_SECRET in ") && message.contains("line 2"), "{message}");
        assert!(message.contains("not UTF-8"), "{message}");
    }

    #[test]
    fn utf16_files_are_read() {
        let text = "LINKEDIN_CLIENT_ID=86abc\r\n".encode_utf16();
        let bytes: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.flat_map(u16::to_le_bytes)).collect();
        assert_eq!(dotenv(&bytes).0.client_id().unwrap().as_deref(), Some("86abc"));
    }

    #[test]
    fn references_are_replaced_or_reported() {
        let (env, _) = dotenv(b"PORT=4321\nLINKEDIN_REDIRECT_URI=http://localhost:${PORT}/callback");
        assert_eq!(
            env.redirect_url().unwrap().as_ref().map(RedirectUrl::as_str),
            Some("http://localhost:4321/callback")
        );
        let message = dotenv(b"LINKEDIN_REDIRECT_URI=http://localhost:${PORT}/callback").1.unwrap().message;
        assert!(
            message.contains("LINKEDIN_REDIRECT_URI") && message.contains("PORT") && message.contains(".env"),
            "{message}"
        );
        assert_eq!(dotenv(b"UNUSED=${NOWHERE}").1, None);
        assert_eq!(dotenv(b"LINKEDIN_CLIENT_ID=86${OUTSIDE}").0.client_id().unwrap().as_deref(), Some("86out"));
    }

    #[test]
    fn invalid_port_error_names_its_file() {
        let (env, _) = dotenv(b"PORT=http\nLINKEDIN_REDIRECT_URI=http://localhost:{__PORT__}/callback");
        let message = env.redirect_url().unwrap_err().message;
        assert!(message.contains("from PORT in ") && message.contains(".env"), "{message}");
    }

    #[test]
    fn invalid_value_errors_name_their_file() {
        for (text, variable) in [
            ("LINKEDIN_CLIENT_ID=no id", "LINKEDIN_CLIENT_ID"),
            ("LINKEDIN_REDIRECT_URI=https://app.example.com/callback", "LINKEDIN_REDIRECT_URI"),
            ("LINKEDIN_REDIRECT_URI=http://localhost:$PORT/callback", "LINKEDIN_REDIRECT_URI"),
        ] {
            let (env, _) = dotenv(text.as_bytes());
            let error = env.client_id().err().or_else(|| env.redirect_url().err()).unwrap();
            assert!(error.message.contains(variable) && error.message.contains(".env"), "{error}");
        }
    }

    #[test]
    fn copied_values_are_cleaned() {
        let env = Environment::from([
            ("LINKEDIN_CLIENT_ID", "`78abcdefghijkl`"),
            ("LINKEDIN_CLIENT_SECRET", "'\"WPL.x==\"'"),
            ("LINKEDIN_REDIRECT_URI", "\"http://localhost:3000/callback\""),
        ]);
        assert_eq!(env.client_id().unwrap().as_deref(), Some("78abcdefghijkl"));
        assert!(env.client_secret().unwrap().matches("WPL.x=="));
        assert_eq!(env.redirect_url().unwrap().unwrap().as_str(), "http://localhost:3000/callback");
    }

    #[cfg(unix)]
    #[test]
    fn variable_that_is_not_utf8_is_named() {
        use std::os::unix::ffi::OsStringExt;
        let bad = OsString::from_vec(b"w\xff".to_vec());
        for name in
            ["LINKEDIN_TUI_PROFILE", "LINKEDIN_TUI_CONFIG_DIR", "LINKEDIN_CLIENT_SECRET", "LINKEDIN_REDIRECT_URI"]
        {
            let error = Environment::from_pairs([(name.into(), bad.clone())].into_iter()).unwrap_err();
            assert_eq!(error.code, Code::BadInput);
            assert!(error.message.contains(name), "{error}");
        }
        let env = Environment::from_pairs([("BROWSER".into(), bad)].into_iter()).unwrap();
        assert!(env.get("BROWSER").is_some(), "the browser that cannot be started is named later");
    }

    #[test]
    fn nearest_profile_file_is_used() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        let name = || find_profile_file(&deep).unwrap().unwrap().0.to_string();
        std::fs::write(dir.path().join(".linkedin-tui"), "work\n").unwrap();
        assert_eq!(name(), "work");
        let near = dir.path().join("a/.linkedin-tui");
        for text in ["\u{feff}near", "# note\nnear", "near # x", "\nnear", "\r\n \r\n near\r\n", "near\rother"] {
            std::fs::write(&near, text).unwrap();
            assert_eq!(name(), "near", "{text:?}");
        }
        let utf16 = "near\r\n".encode_utf16().flat_map(u16::to_le_bytes);
        std::fs::write(&near, [0xff, 0xfe].into_iter().chain(utf16).collect::<Vec<u8>>()).unwrap();
        assert_eq!(name(), "near");
        for (bytes, expected) in [
            (b"Not A Name".to_vec(), "does not name a profile"),
            (b"# only a note\n".to_vec(), "does not name a profile"),
            (b"n\xe4her".to_vec(), "UTF-8"),
            (b"near\n".repeat(1000), "larger than 4 KiB"),
        ] {
            std::fs::write(&near, bytes).unwrap();
            assert!(find_profile_file(&deep).unwrap_err().message.contains(expected), "{expected}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn profile_files_of_other_users_are_ignored() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("a");
        std::fs::create_dir(&deep).unwrap();
        std::fs::write(dir.path().join(".linkedin-tui"), "work").unwrap();
        let theirs = deep.join(".linkedin-tui");
        std::fs::write(&theirs, "theirs").unwrap();
        // Only root can change the owner.
        if std::os::unix::fs::chown(&theirs, Some(65534), None).is_ok() {
            assert_eq!(find_profile_file(&deep).unwrap().unwrap().0.as_str(), "work");
            std::fs::rename(&theirs, dir.path().join("real")).unwrap();
            std::os::unix::fs::symlink(dir.path().join("real"), &theirs).unwrap();
            assert_eq!(find_profile_file(&deep).unwrap().unwrap().0.as_str(), "work", "a link to it");
        }
    }
}
