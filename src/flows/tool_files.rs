//! The files in which other LinkedIn tools save an app and a token, recognized by their content.
//!
//! docs/import.md lists them. The keys are from the tools' sources.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::token_file::TokenFile;
use crate::config::{Environment, resolve_path};
use crate::error::io_reason;
use crate::files;
use crate::linkedin::RedirectUrl;
use crate::store::Name;
use crate::{Code, Error, Result};

/// Largest file that is read, in bytes.
pub(crate) const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// The format of a file in which a tool saves an app or a token.
struct Format {
    tool: &'static str,
    /// The keys that distinguish the file: the first format that has all of its keys is the file's.
    keys: &'static [&'static str],
    /// The file in the same directory with the app, or with the token.
    companion: Option<&'static str>,
    /// The redirect URL that the tool uses, where the file has none.
    redirect_url: &'static str,
    /// Where the tool saves it: in the home directory (`~/`), in a variable's path (`$`), or in the working directory. `*`
    /// is any name with that extension.
    paths: &'static [&'static str],
}

const FORMATS: &[Format] = &[
    Format {
        tool: "linkedctl",
        keys: &["oauth"],
        companion: None,
        redirect_url: "http://127.0.0.1:18920/callback",
        paths: &[".linkedctl.yaml", "~/.linkedctl.yaml", "~/.linkedctl/*.yaml"],
    },
    Format {
        tool: "linkedin-oauth-helper",
        keys: &["linkedInAccessToken"],
        companion: Some(".env"),
        redirect_url: RedirectUrl::DEFAULT,
        paths: &["access_token.json"],
    },
    Format {
        tool: "@osanoai/linkedin",
        keys: &["access_token", "person_urn"],
        companion: None,
        redirect_url: "http://localhost:8914/callback",
        paths: &["$LINKEDIN_CLI_CONFIG_DIR/credentials.json", "~/.config/linkedin-cli/credentials.json"],
    },
    Format {
        tool: "linkedin-publisher",
        keys: &["access_token", "access_expires_at"],
        companion: Some(".env"),
        redirect_url: "http://localhost:8765/callback",
        paths: &[".linkedin-tokens.json"],
    },
    Format {
        tool: "agent-linkedin",
        keys: &["access_token", "author_urn", "linkedin_version"],
        companion: None,
        redirect_url: "http://localhost:8787/callback",
        paths: &["$LINKEDIN_OAUTH_FILE", "~/.config/linkedin/oauth.json"],
    },
    Format {
        tool: "konradbachowski/linkedin-cli",
        keys: &["access_token", "author_urn", "expires_at"],
        companion: None,
        redirect_url: "http://localhost:8765/callback",
        paths: &["~/.config/linkedin-cli/config.json"],
    },
    Format {
        tool: "lcli",
        keys: &["access_token", "expires_at", "scopes"],
        companion: Some("config.json"),
        redirect_url: LCLI_REDIRECT_URL,
        paths: &["~/.config/lcli/tokens.json"],
    },
    Format {
        tool: "lcli",
        keys: &["client_id", "client_secret", "redirect_uri", "api_version"],
        companion: Some("tokens.json"),
        redirect_url: LCLI_REDIRECT_URL,
        paths: &["~/.config/lcli/config.json"],
    },
];

const LCLI_REDIRECT_URL: &str = "http://localhost:8484/callback";

/// The content of a file of another tool, and of the companion file in the same directory.
pub(crate) struct ToolFile {
    /// The tool whose file it is; `None` for JSON of a different program, and for a token alone.
    pub tool: Option<&'static str>,
    pub path: PathBuf,
    pub companion: Option<PathBuf>,
    /// The app, as the variables of a `.env` file.
    pub app: Environment,
    pub token: Option<TokenFile>,
    /// The name that the tool gives to the profile.
    pub profile: Option<Name>,
    /// The tool's redirect URL, where the files have none.
    pub assumed_redirect_url: Option<RedirectUrl>,
}

/// Reads a file; `None` where its content is neither JSON nor linkedctl's YAML.
pub(crate) fn read(path: &Path, env: &Environment) -> Result<Option<ToolFile>> {
    let (text, modified_at) = read_text(path)?.ok_or_else(|| not_found_error(path))?;
    let Some(mut object) = parse_object(path, &text)? else { return Ok(None) };
    let format = FORMATS.iter().find(|format| format.has_keys(&object));
    if let Some(Value::Object(fields)) = object.remove("oauth") {
        object = fields;
    }
    let zone = match format {
        // Its times are local, without an offset.
        Some(format) if format.tool == "linkedin-publisher" => TimeZone::system(),
        _ => TimeZone::UTC,
    };
    let mut tool_file = ToolFile {
        tool: format.map(|format| format.tool),
        path: path.to_owned(),
        companion: None,
        app: parse_app(path, &object),
        token: parse_token(path, object, modified_at, zone)?,
        profile: format.filter(|format| format.tool == "linkedctl").and_then(|_| parse_profile_name(path)),
        assumed_redirect_url: None,
    };
    let Some(format) = format else { return Ok(Some(tool_file)) };
    if let Some(companion) = format.companion.map(|name| path.with_file_name(name)) {
        tool_file.add_companion(companion, env)?;
    }
    if tool_file.app.redirect_url()?.is_none() && tool_file.app.client_id()?.is_some() {
        tool_file.assumed_redirect_url = Some(RedirectUrl::parse(format.redirect_url)?);
    }
    Ok(Some(tool_file))
}

/// Finds the files of other tools at their usual paths. Returns each with the name of its tool.
pub(crate) fn find(working_dir: &Path, env: &Environment) -> Vec<(PathBuf, &'static str)> {
    let mut files: Vec<(PathBuf, &'static str)> = Vec::new();
    let paths = FORMATS.iter().flat_map(|format| format.paths).flat_map(|path| expand(path, working_dir, env));
    for path in paths {
        let is_listed = files.iter().any(|(listed, tool)| {
            let is_companion = |format: &Format| {
                format.tool == *tool && format.companion.is_some_and(|name| listed.with_file_name(name) == path)
            };
            *listed == path || FORMATS.iter().any(is_companion)
        });
        if !is_listed && let Ok(Some(ToolFile { tool: Some(tool), .. })) = read(&path, env) {
            files.push((path, tool));
        }
    }
    files
}

/// Expands one of [`Format::paths`] to the paths of existing files.
fn expand(path: &str, working_dir: &Path, env: &Environment) -> Vec<PathBuf> {
    let path = match path.strip_prefix('$') {
        None => resolve_path(working_dir, path),
        Some(path) => {
            let (variable, relative_path) = path.split_once('/').unwrap_or((path, ""));
            let Some(value) = env.get(variable) else { return Vec::new() };
            let value = resolve_path(working_dir, value.trim());
            if relative_path.is_empty() { value } else { value.join(relative_path) }
        }
    };
    if path.file_stem().is_none_or(|stem| stem != "*") {
        return if path.is_file() { vec![path] } else { Vec::new() };
    }
    let entries = std::fs::read_dir(files::directory_of(&path)).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|entry| entry.extension() == path.extension()).collect();
    paths.sort_unstable();
    paths
}

impl Format {
    fn has_keys(&self, object: &Map<String, Value>) -> bool {
        self.keys.iter().all(|key| object.contains_key(*key))
    }
}

impl ToolFile {
    /// Adds the app or the token that the file lacks from its companion file, if there is one.
    fn add_companion(&mut self, path: PathBuf, env: &Environment) -> Result<()> {
        if path.extension().is_some_and(|extension| extension == "json") {
            let Some((text, modified_at)) = read_text(&path)? else { return Ok(()) };
            let Some(object) = parse_object(&path, &text)? else { return Ok(()) };
            if self.token.is_some() {
                self.app = parse_app(&path, &object);
            } else {
                self.token = parse_token(&path, object, modified_at, TimeZone::UTC)?;
            }
        } else {
            match Environment::from_dotenv(&path, env)? {
                Some((_, Some(error))) => return Err(error),
                Some((variables, None)) => self.app = variables,
                None => return Ok(()),
            }
        }
        self.companion = Some(path);
        Ok(())
    }
}

/// Returns linkedctl's name of the profile; its default profile has none.
fn parse_profile_name(path: &Path) -> Option<Name> {
    let stem = path.file_stem()?.to_str()?;
    (!stem.starts_with('.')).then(|| Name::suggest(stem, "default"))
}

fn parse_app(path: &Path, object: &Map<String, Value>) -> Environment {
    let value = |names: [&str; 2]| names.iter().find_map(|name| object.get(*name)?.as_str());
    Environment::from_app_values(
        path,
        value(["client_id", "client-id"]),
        value(["client_secret", "client-secret"]),
        value(["redirect_uri", "redirect_url"]),
    )
}

fn parse_token(
    path: &Path,
    object: Map<String, Value>,
    modified_at: Option<Timestamp>,
    zone: TimeZone,
) -> Result<Option<TokenFile>> {
    TokenFile::from_object(object, modified_at, zone).map_err(|error| name_file(path, error))
}

/// Adds the path to the message of an error.
fn name_file(path: &Path, error: Error) -> Error {
    Error { message: format!("{} cannot be imported. {}", path.display(), error.message), ..error }
}

pub(crate) fn not_found_error(path: &Path) -> Error {
    Error::new(Code::Files, format!("{} does not exist.", path.display()), "Check the path.")
}

/// Reads a text file and when it was last modified; `None` if it does not exist.
pub(crate) fn read_text(path: &Path) -> Result<Option<(String, Option<Timestamp>)>> {
    let read = || {
        let (file, metadata) = files::open_regular(path)?;
        let modified_at = metadata.modified().ok().and_then(|at| Timestamp::try_from(at).ok());
        let text = files::read_stream(file, MAX_FILE_BYTES).and_then(files::decode)?;
        // The time of a pipe is now, not when the token was issued.
        Ok((text, modified_at.filter(|_| metadata.is_file())))
    };
    match read() {
        Ok(content) => Ok(Some(content)),
        Err(error) if std::io::Error::kind(&error) == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::new(
            Code::Files,
            format!("{} could not be read: {}.", path.display(), io_reason(&error)),
            "Check the path, its mode, and that the file is text.",
        )
        .with_io_source(&error)),
    }
}

/// Parses JSON, or linkedctl's YAML; `None` for anything else.
fn parse_object(path: &Path, text: &str) -> Result<Option<Map<String, Value>>> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(Some(object)),
        _ => parse_linkedctl(text).map_err(|error| name_file(path, error)),
    }
}

/// Parses the `oauth` section of linkedctl's YAML: lines of `key: value`, plain or in quotes, as linkedctl writes them.
/// Other YAML in that section is an error; other sections are skipped. `None` if there is no such section.
fn parse_linkedctl(text: &str) -> Result<Option<Map<String, Value>>> {
    let mut section: Option<Map<String, Value>> = None;
    let mut is_in_section = false;
    // The indentation of the keys, and the key whose plain value may continue.
    let (mut depth, mut open_key) = (0, None::<String>);
    for (number, line) in text.lines().enumerate() {
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') || content == "---" {
            continue;
        }
        let unsupported = || {
            Error::bad_input(
                format!("Line {} is YAML that import does not read.", number + 1),
                "Write each value on one line: key: \"value\"",
            )
        };
        let indent = line.len() - line.trim_start_matches(' ').len();
        if indent == 0 {
            is_in_section = false;
            if let Some(value) = content.strip_prefix("oauth:") {
                if !without_comment(value).is_empty() {
                    return Err(unsupported());
                }
                (is_in_section, depth, open_key) = (true, 0, None);
                section.get_or_insert_default();
            }
            continue;
        }
        let Some(fields) = section.as_mut().filter(|_| is_in_section) else { continue };
        if depth == 0 {
            depth = indent;
        }
        if indent > depth {
            // A long plain value is folded at its spaces.
            let Some(Value::String(value)) = open_key.as_ref().and_then(|key| fields.get_mut(key)) else {
                return Err(unsupported());
            };
            value.push(' ');
            value.push_str(without_comment(content));
            continue;
        }
        let (key, value) = content.split_once(':').filter(|_| indent == depth).ok_or_else(unsupported)?;
        if !value.is_empty() && !value.starts_with(' ') {
            return Err(unsupported());
        }
        let (value, is_plain) = parse_scalar(value.trim()).ok_or_else(unsupported)?;
        open_key = is_plain.then(|| key.trim().to_owned());
        fields.insert(key.trim().to_owned(), Value::String(value));
    }
    Ok(section.map(|fields| Map::from_iter([("oauth".to_owned(), Value::Object(fields))])))
}

/// Returns a scalar's text, and whether it is plain: without quotes.
fn parse_scalar(text: &str) -> Option<(String, bool)> {
    let ends_line = |rest: &str| rest.is_empty() || rest.starts_with([' ', '#']) && without_comment(rest).is_empty();
    match text.chars().next() {
        Some('"') => {
            // The escapes that linkedctl needs are JSON's.
            let mut values = serde_json::Deserializer::from_str(text).into_iter::<String>();
            let value = values.next()?.ok()?;
            ends_line(&text[values.byte_offset()..]).then_some((value, false))
        }
        Some('\'') => {
            let inner = &text[1..];
            let mut end = inner.find('\'')?;
            // Two quotes are one in the value.
            while inner[end + 1..].starts_with('\'') {
                end += 2 + inner[end + 2..].find('\'')?;
            }
            ends_line(&inner[end + 1..]).then(|| (inner[..end].replace("''", "'"), false))
        }
        Some('&' | '*' | '!' | '|' | '>' | '{' | '[' | '%' | '@' | '`' | '?') => None,
        _ => Some(match without_comment(text) {
            "~" | "null" => (String::new(), false),
            value => (value.to_owned(), true),
        }),
    }
}

fn without_comment(text: &str) -> &str {
    let text = text.split_once(" #").map_or(text, |(value, _)| value);
    if text.starts_with('#') { "" } else { text.trim() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Map<String, Value> {
        match parse_linkedctl(text).unwrap().unwrap().remove("oauth") {
            Some(Value::Object(fields)) => fields,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn linkedctl_yaml_is_read_as_linkedctl_writes_it() {
        let text = "# a comment\napi-version: \"202601\"\nother:\n  - list\noauth:\n    client-id: 86abc\n    client-secret: \
                    'it''s'\n    access-token: \"AQ\\u0056 #1\" # a comment\n    scope: openid profile\n      email\n    \
                    pkce: false\n    refresh-token: null\nlast: {flow: 1}\n";
        let fields = parse(text);
        let value = |key: &str| fields[key].as_str().unwrap();
        assert_eq!(value("client-id"), "86abc");
        assert_eq!(value("client-secret"), "it's");
        assert_eq!(value("access-token"), "AQV #1");
        assert_eq!(value("scope"), "openid profile email");
        assert_eq!(value("refresh-token"), "");
        assert_eq!(parse("oauth:\n"), Map::new());
        assert_eq!(parse("oauth:\r\n  client-id: a\r\n")["client-id"], "a");
        assert!(parse_linkedctl("AQV0123").unwrap().is_none());
        assert!(parse_linkedctl("other:\n  oauth: 1\n").unwrap().is_none());
    }

    #[test]
    fn other_yaml_is_refused_without_its_text() {
        for (value, line) in [
            ("{client-id: SECRET}", 1),
            ("\n  client-secret: |\n    SECRET", 2),
            ("\n  client-secret: &SECRET x", 2),
            ("\n  client-secret: \"SECRET", 2),
            ("\n  client-secret: 'SECRET", 2),
            ("\n  client-secret: 'SECRET' x", 2),
            ("\n  client-id: \"a\"\n    SECRET", 3),
            ("\n  client-id: a\n SECRET: 1", 3),
            ("\n  SECRET", 2),
        ] {
            let error = parse_linkedctl(&format!("oauth: {value}\n")).unwrap_err();
            assert!(error.message.starts_with(&format!("Line {line} ")), "{value}: {}", error.message);
            assert!(!format!("{error:?}").contains("SECRET"), "{value}: {error:?}");
        }
    }
}
