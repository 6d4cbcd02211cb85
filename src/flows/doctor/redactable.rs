//! Texts with private parts, so that the result of a check can be shown on the screen and pasted in public.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::store::Name;
use crate::text::sanitize;

/// How many items a list names before it counts the rest.
const MAX_LISTED: usize = 5;

/// Directories in the default path of the config directory.
const COMMON_DIRECTORIES: &[&str] =
    &[".config", "Library", "Application Support", "AppData", "Roaming", "linkedin-tui", "config", "sandbox"];

const PROGRAM: &str = "linkedin-tui";

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    App(Name),
    Profile(Name),
    /// A file in the config directory, by its relative path.
    File(String),
    /// Any other path.
    Path(PathBuf),
    /// Private text, and its replacement in public.
    Private(String, &'static str),
    /// A path that is an argument of a shell command.
    Argument(Box<Piece>),
    /// The name of this program, in a command.
    Program,
}

/// A text with private parts, as [`redactable!`] writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RedactableText(Vec<Piece>);

/// Joins texts and private parts, which a report for the public replaces: `redactable!["The app ", app(&name), " has no client secret."]`.
macro_rules! redactable {
    ($($part:expr),+ $(,)?) => {
        $crate::flows::doctor::redactable::RedactableText::default()$(.and($part))+
    };
}
pub(super) use redactable;

impl From<Piece> for RedactableText {
    fn from(piece: Piece) -> Self {
        Self(vec![piece])
    }
}

impl From<&str> for RedactableText {
    fn from(text: &str) -> Self {
        Piece::Text(text.to_owned()).into()
    }
}

impl From<String> for RedactableText {
    fn from(text: String) -> Self {
        Piece::Text(text).into()
    }
}

pub(super) fn app(name: &Name) -> RedactableText {
    Piece::App(name.clone()).into()
}

pub(super) fn profile(name: &Name) -> RedactableText {
    Piece::Profile(name.clone()).into()
}

/// Marks the name of this program, which a command may need with the options that select its files.
pub(super) fn program() -> RedactableText {
    Piece::Program.into()
}

/// Marks the path of a file in the config directory; empty for the directory itself.
pub(super) fn file(path: &str) -> RedactableText {
    Piece::File(path.to_owned()).into()
}

/// Marks a path that need not be in the config directory.
pub(super) fn path(path: &Path) -> RedactableText {
    Piece::Path(path.to_owned()).into()
}

/// Marks the path of a file in the config directory as an argument of a shell command, which is quoted where necessary.
pub(super) fn file_argument(path: &str) -> RedactableText {
    Piece::Argument(Box::new(Piece::File(path.to_owned()))).into()
}

/// Marks any other path as an argument of a shell command, which is quoted where necessary.
pub(super) fn path_argument(path: &Path) -> RedactableText {
    Piece::Argument(Box::new(Piece::Path(path.to_owned()))).into()
}

/// Marks private text, and its replacement in public.
pub(super) fn private(text: &str, replacement: &'static str) -> RedactableText {
    Piece::Private(text.to_owned(), replacement).into()
}

/// Joins items by commas; a long list names only the first ones.
pub(super) fn list(items: impl ExactSizeIterator<Item = RedactableText>) -> RedactableText {
    let more = items.len().saturating_sub(MAX_LISTED);
    let mut text = RedactableText::default();
    for (index, item) in items.take(MAX_LISTED).enumerate() {
        text = text.and(if index > 0 { ", " } else { "" }).and(item);
    }
    if more > 0 { text.and(format!(" and {more} more")) } else { text }
}

/// Replaces each `needle`, which is private, in a text by `part`.
pub(super) fn replace_private(text: &str, needle: &str, part: &RedactableText) -> RedactableText {
    if needle.is_empty() {
        return text.into();
    }
    let mut parts = text.split(needle);
    let first = RedactableText::from(parts.next().unwrap_or_default());
    parts.fold(first, |text, next| text.and(part.clone()).and(next))
}

impl RedactableText {
    pub(super) fn and(mut self, more: impl Into<Self>) -> Self {
        self.0.extend(more.into().0);
        self
    }

    /// Returns the whole text, without control characters. `program_command` starts this program on the same
    /// files, which are in the directory `root`.
    pub(crate) fn plain(&self, root: &Path, program_command: &str) -> String {
        self.0.iter().map(|piece| piece.plain(root, program_command)).collect()
    }

    /// Returns the public text: names are numbers, the home directory is `~`, private text is replaced.
    pub(super) fn redacted(&self, aliases: &Aliases) -> String {
        self.0.iter().map(|piece| piece.redacted(aliases)).collect()
    }
}

impl Piece {
    fn plain(&self, root: &Path, program_command: &str) -> String {
        match self {
            Self::Text(text) | Self::Private(text, _) => clean_piece(text),
            Self::App(name) | Self::Profile(name) => name.to_string(),
            Self::File(path) => clean_piece(root.join(path).to_string_lossy().trim_end_matches('/')),
            Self::Path(path) => clean_piece(&path.to_string_lossy()),
            Self::Argument(piece) => {
                let text = piece.plain(root, program_command);
                shlex::try_quote(&text).map_or_else(|_| text.clone(), Cow::into_owned)
            }
            Self::Program => program_command.to_owned(),
        }
    }

    fn redacted(&self, aliases: &Aliases) -> String {
        match self {
            Self::Text(text) => clean_piece(text),
            Self::App(name) => numbered("app", &aliases.apps, name),
            Self::Profile(name) => numbered("profile", &aliases.profiles, name),
            Self::File(path) => aliases.file(path),
            Self::Path(path) => aliases.path(path),
            Self::Argument(piece) => piece.redacted(aliases),
            Self::Private(_, replacement) => (*replacement).to_owned(),
            Self::Program => PROGRAM.to_owned(),
        }
    }
}

/// Cleans as [`sanitize`] does, without trimming: pieces begin and end with spaces.
fn clean_piece(text: &str) -> String {
    let (start, end) = (text.starts_with(' '), text.ends_with(' ') && !text.trim().is_empty());
    format!("{}{}{}", if start { " " } else { "" }, sanitize(text, 400), if end { " " } else { "" })
}

/// The replacements of names in public.
#[derive(Clone, Debug, Default)]
pub(super) struct Aliases {
    /// The apps, in the order of their numbers.
    pub(super) apps: Vec<Name>,
    /// The profiles, in the order of their numbers.
    pub(super) profiles: Vec<Name>,
    /// The user's home directory.
    pub(super) home: Option<PathBuf>,
}

impl Aliases {
    fn file(&self, path: &str) -> String {
        let name_in = |directory: &str| Name::parse(path.strip_prefix(directory)?.strip_suffix(".toml")?).ok();
        if let Some(name) = name_in("apps/") {
            format!("apps/({}).toml", numbered("app", &self.apps, &name))
        } else if let Some(name) = name_in("profiles/") {
            format!("profiles/({}).toml", numbered("profile", &self.profiles, &name))
        } else if let Some((directory @ ("apps" | "profiles" | "locks"), _)) = path.split_once('/') {
            format!("{directory}/(a file)")
        } else if matches!(path, "config.toml" | "state.toml" | "apps" | "profiles" | "locks") {
            path.to_owned()
        } else {
            "the config directory".to_owned()
        }
    }

    /// Names only common directories: other paths may contain names of customers or colleagues.
    fn path(&self, path: &Path) -> String {
        let Some(relative_path) = self.home.as_ref().and_then(|home| path.strip_prefix(home).ok()) else {
            return "(a path outside ~)".to_owned();
        };
        let parts: Vec<String> = relative_path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if parts.iter().any(|part| !COMMON_DIRECTORIES.contains(&part.as_str())) {
            return "(a path under ~)".to_owned();
        }
        std::iter::once("~").chain(parts.iter().map(String::as_str)).collect::<Vec<_>>().join("/")
    }
}

fn numbered(kind: &str, names: &[Name], name: &Name) -> String {
    match names.iter().position(|other| other == name) {
        Some(index) => format!("{kind} {}", index + 1),
        None => format!("another {kind}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_of_commands_are_quoted() {
        let command =
            redactable!["chmod 600 ", file_argument("apps/a.toml"), " ", path_argument(Path::new("/o'brien/x"))];
        let words = |root: &str| shlex::split(&command.plain(Path::new(root), "")).unwrap();
        for root in ["/c", "/a b", "/o'brien $HOME;", "/ü"] {
            assert_eq!(words(root), ["chmod", "600", &format!("{root}/apps/a.toml"), "/o'brien/x"]);
        }
        assert!(command.plain(Path::new("/c"), "").contains("chmod 600 /c/apps/a.toml"));
    }

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    #[test]
    fn x15_names_are_private_and_numbers_replace_them_in_public() {
        let aliases = Aliases {
            apps: vec![name("acme")],
            profiles: vec![name("anna"), name("zoe")],
            home: Some(PathBuf::from("/home/zoe")),
        };
        let text = redactable![
            "The profile ",
            profile(&name("zoe")),
            " of ",
            app(&name("acme")),
            " in ",
            file("profiles/zoe.toml"),
            ", ",
            file("profiles/zoe (1).toml"),
            ", ",
            path(Path::new("/home/zoe/acme")),
            " with ",
            private("firefox -P zoe", "(a command)"),
            ": ",
            program(),
            " login",
        ];
        assert_eq!(
            text.plain(Path::new("/c"), "linkedin-tui --config-dir /c"),
            "The profile zoe of acme in /c/profiles/zoe.toml, /c/profiles/zoe (1).toml, /home/zoe/acme with firefox -P zoe: \
             linkedin-tui --config-dir /c login"
        );
        assert_eq!(
            text.redacted(&aliases),
            "The profile profile 2 of app 1 in profiles/(profile 2).toml, profiles/(a file), (a path under ~) with (a command): linkedin-tui login"
        );
        assert_eq!(app(&name("gone")).redacted(&aliases), "another app");
        let path = |text: &str| path(Path::new(text)).redacted(&aliases);
        assert_eq!((path("/home/zoe").as_str(), path("/srv/zoe").as_str()), ("~", "(a path outside ~)"));
        assert_eq!(path("/home/zoe/.config/linkedin-tui"), "~/.config/linkedin-tui");
        assert_eq!(file("").redacted(&aliases), "the config directory");
    }

    #[test]
    fn a_private_part_of_an_error_is_replaced() {
        let text = replace_private("/c/x.toml cannot be read: /c/x.toml.", "/c/x.toml", &file("apps/x.toml"));
        let public = text.redacted(&Aliases { apps: vec![name("x")], ..Aliases::default() });
        assert_eq!(public, "apps/(app 1).toml cannot be read: apps/(app 1).toml.");
    }

    #[test]
    fn a_long_list_counts_the_rest() {
        let many: Vec<RedactableText> = (0..8).map(|n| RedactableText::from(n.to_string())).collect();
        assert_eq!(list(many.into_iter()).plain(Path::new("/"), "linkedin-tui"), "0, 1, 2, 3, 4 and 3 more");
        assert_eq!(file("apps/\u{1b}[2J.toml").plain(Path::new("/c"), "linkedin-tui"), "/c/apps/␛[2J.toml");
    }
}
