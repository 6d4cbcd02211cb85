//! Texts with private parts, so that the same finding can be shown on the screen and pasted in public.

use std::path::{Path, PathBuf};

use crate::store::Name;
use crate::text::clean;

/// How many items a list names before it counts the rest.
const MAX_LISTED: usize = 5;

/// Directories in the default path of the config directory.
const COMMON_FOLDERS: &[&str] =
    &[".config", "Library", "Application Support", "AppData", "Roaming", "linkedin-tui", "config", "sandbox"];

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// Public text.
    Text(String),
    /// An app's name.
    App(Name),
    /// A profile's name.
    Profile(Name),
    /// A file in the config directory, by its relative path.
    File(String),
    /// Any other path.
    Path(PathBuf),
    /// Private text, and its replacement in public.
    Private(String, &'static str),
}

/// A text with private parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RedactableText(Vec<Piece>);

impl From<&str> for RedactableText {
    fn from(text: &str) -> Self {
        Self::default().text(text)
    }
}

impl From<String> for RedactableText {
    fn from(text: String) -> Self {
        Self::default().text(&text)
    }
}

impl RedactableText {
    /// Adds public text.
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.0.push(Piece::Text(text.to_owned()));
        self
    }

    /// Adds an app's name.
    pub(crate) fn app(mut self, name: &Name) -> Self {
        self.0.push(Piece::App(name.clone()));
        self
    }

    /// Adds a profile's name.
    pub(crate) fn profile(mut self, name: &Name) -> Self {
        self.0.push(Piece::Profile(name.clone()));
        self
    }

    /// Adds a file in the config directory; empty for the directory itself.
    pub(crate) fn file(mut self, path: &str) -> Self {
        self.0.push(Piece::File(path.to_owned()));
        self
    }

    /// Adds any other path.
    pub(crate) fn path(mut self, path: &Path) -> Self {
        self.0.push(Piece::Path(path.to_owned()));
        self
    }

    /// Adds private text, and its replacement in public.
    pub(crate) fn private(mut self, text: &str, instead: &'static str) -> Self {
        self.0.push(Piece::Private(text.to_owned(), instead));
        self
    }

    /// Adds a text.
    pub(crate) fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }

    /// Adds items separated by commas; a long list names only the first ones.
    pub(crate) fn list(mut self, items: impl ExactSizeIterator<Item = Self>) -> Self {
        let more = items.len().saturating_sub(MAX_LISTED);
        for (at, item) in items.take(MAX_LISTED).enumerate() {
            if at > 0 {
                self = self.text(", ");
            }
            self = self.and(item);
        }
        if more > 0 { self.text(&format!(" and {more} more")) } else { self }
    }

    /// Adds a text in which `needle` is private and is replaced by `piece`.
    pub(crate) fn replacing(mut self, text: &str, needle: &str, piece: &Self) -> Self {
        if needle.is_empty() {
            return self.text(text);
        }
        for (at, part) in text.split(needle).enumerate() {
            if at > 0 {
                self = self.and(piece.clone());
            }
            self = self.text(part);
        }
        self
    }

    /// Returns the whole text, without control characters.
    pub(crate) fn plain(&self, root: &Path) -> String {
        let shown = |piece: &Piece| match piece {
            Piece::Text(text) | Piece::Private(text, _) => clean_piece(text),
            Piece::App(name) | Piece::Profile(name) => name.to_string(),
            Piece::File(path) => clean_piece(root.join(path).to_string_lossy().trim_end_matches('/')),
            Piece::Path(path) => clean_piece(&path.to_string_lossy()),
        };
        self.0.iter().map(shown).collect()
    }

    /// Returns the public text: names are numbers, the home directory is `~`, private text is replaced.
    pub(crate) fn redacted(&self, aliases: &Aliases) -> String {
        let shown = |piece: &Piece| match piece {
            Piece::Text(text) => clean_piece(text),
            Piece::App(name) => aliases.app(name),
            Piece::Profile(name) => aliases.profile(name),
            Piece::File(path) => aliases.file(path),
            Piece::Path(path) => aliases.path(path),
            Piece::Private(_, instead) => (*instead).to_owned(),
        };
        self.0.iter().map(shown).collect()
    }
}

/// [`clean`] without its trimming: pieces begin and end with spaces.
fn clean_piece(text: &str) -> String {
    let (start, end) = (text.starts_with(' '), text.ends_with(' ') && !text.trim().is_empty());
    format!("{}{}{}", if start { " " } else { "" }, clean(text, 400), if end { " " } else { "" })
}

/// The replacements of names in public.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aliases {
    /// The apps, in the order of their numbers.
    pub apps: Vec<Name>,
    /// The profiles, in the order of their numbers.
    pub profiles: Vec<Name>,
    /// The home directory.
    pub home: Option<PathBuf>,
}

impl Aliases {
    fn app(&self, name: &Name) -> String {
        numbered("app", &self.apps, name)
    }

    fn profile(&self, name: &Name) -> String {
        numbered("profile", &self.profiles, name)
    }

    fn file(&self, path: &str) -> String {
        let known = |of: &str| Name::parse(path.strip_prefix(of)?.strip_suffix(".toml")?).ok();
        if let Some(name) = known("apps/") {
            format!("apps/({}).toml", self.app(&name))
        } else if let Some(name) = known("profiles/") {
            format!("profiles/({}).toml", self.profile(&name))
        } else if let Some((folder @ ("apps" | "profiles" | "locks"), _)) = path.split_once('/') {
            format!("{folder}/(a file)")
        } else if matches!(path, "config.toml" | "state.toml" | "apps" | "profiles" | "locks") {
            path.to_owned()
        } else {
            "the config folder".to_owned()
        }
    }

    /// Names only common directories: other paths may contain names of customers or colleagues.
    fn path(&self, path: &Path) -> String {
        let Some(rest) = self.home.as_ref().and_then(|home| path.strip_prefix(home).ok()) else {
            return "(a path outside ~)".to_owned();
        };
        let parts: Vec<String> = rest.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if parts.iter().any(|part| !COMMON_FOLDERS.contains(&part.as_str())) {
            return "(a path under ~)".to_owned();
        }
        std::iter::once("~").chain(parts.iter().map(String::as_str)).collect::<Vec<_>>().join("/")
    }
}

fn numbered(what: &str, known: &[Name], name: &Name) -> String {
    known
        .iter()
        .position(|one| one == name)
        .map_or_else(|| format!("another {what}"), |at| format!("{what} {}", at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let words = RedactableText::from("The profile ")
            .profile(&name("zoe"))
            .text(" of ")
            .app(&name("acme"))
            .text(" in ")
            .file("profiles/zoe.toml")
            .text(", ")
            .file("profiles/zoe (1).toml")
            .text(", ")
            .path(Path::new("/home/zoe/acme"))
            .text(" with ")
            .private("firefox -P zoe", "(a command)");
        assert_eq!(
            words.plain(Path::new("/c")),
            "The profile zoe of acme in /c/profiles/zoe.toml, /c/profiles/zoe (1).toml, /home/zoe/acme with firefox -P zoe"
        );
        assert_eq!(
            words.redacted(&aliases),
            "The profile profile 2 of app 1 in profiles/(profile 2).toml, profiles/(a file), (a path under ~) with (a command)"
        );
        assert_eq!(RedactableText::default().app(&name("gone")).redacted(&aliases), "another app");
        let path = |path: &str| RedactableText::default().path(Path::new(path)).redacted(&aliases);
        assert_eq!((path("/home/zoe").as_str(), path("/srv/zoe").as_str()), ("~", "(a path outside ~)"));
        assert_eq!(path("/home/zoe/.config/linkedin-tui"), "~/.config/linkedin-tui");
        assert_eq!(RedactableText::default().file("").redacted(&aliases), "the config folder");
    }

    #[test]
    fn a_private_part_of_an_error_is_replaced() {
        let words = RedactableText::default().replacing(
            "/c/x.toml cannot be read: /c/x.toml.",
            "/c/x.toml",
            &RedactableText::default().file("apps/x.toml"),
        );
        let public = words.redacted(&Aliases { apps: vec![name("x")], ..Aliases::default() });
        assert_eq!(public, "apps/(app 1).toml cannot be read: apps/(app 1).toml.");
    }

    #[test]
    fn a_long_list_counts_the_rest() {
        let many: Vec<RedactableText> = (0..8).map(|n| RedactableText::from(n.to_string())).collect();
        assert_eq!(RedactableText::default().list(many.into_iter()).plain(Path::new("/")), "0, 1, 2, 3, 4 and 3 more");
        assert_eq!(RedactableText::default().file("apps/\u{1b}[2J.toml").plain(Path::new("/c")), "/c/apps/␛[2J.toml");
    }
}
