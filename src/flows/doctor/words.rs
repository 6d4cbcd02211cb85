//! Sentences that know which of their words are private, so that the same finding can be read on
//! the screen and pasted in public.

use std::path::{Path, PathBuf};

use crate::store::Name;
use crate::text::clean;

/// How many items a list names before it only counts.
const NAMED: usize = 5;

/// Folders on the way to the config folder that nobody chose.
const USUAL: &[&str] =
    &[".config", "Library", "Application Support", "AppData", "Roaming", "linkedin-tui", "config", "sandbox"];

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// The same everywhere.
    Text(String),
    /// An app's name.
    App(Name),
    /// A profile's name.
    Profile(Name),
    /// A file in the folder, by its path from there.
    File(String),
    /// Any other path.
    Path(PathBuf),
    /// Words of the person's own, with what stands for them in public.
    Private(String, &'static str),
}

/// A sentence, or a part of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(Vec<Piece>);

impl From<&str> for Words {
    fn from(text: &str) -> Self {
        Self::default().text(text)
    }
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        Self::default().text(&text)
    }
}

impl Words {
    /// With text that says nothing private.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.0.push(Piece::Text(text.to_owned()));
        self
    }

    /// With an app's name.
    #[must_use]
    pub fn app(mut self, name: &Name) -> Self {
        self.0.push(Piece::App(name.clone()));
        self
    }

    /// With a profile's name.
    #[must_use]
    pub fn profile(mut self, name: &Name) -> Self {
        self.0.push(Piece::Profile(name.clone()));
        self
    }

    /// With a file in the folder; empty for the folder itself.
    #[must_use]
    pub fn file(mut self, path: &str) -> Self {
        self.0.push(Piece::File(path.to_owned()));
        self
    }

    /// With a path elsewhere.
    #[must_use]
    pub fn path(mut self, path: &Path) -> Self {
        self.0.push(Piece::Path(path.to_owned()));
        self
    }

    /// With words of the person's own, and what stands for them in public.
    #[must_use]
    pub fn private(mut self, text: &str, instead: &'static str) -> Self {
        self.0.push(Piece::Private(text.to_owned(), instead));
        self
    }

    /// With more words.
    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }

    /// With items and commas between; a long list names the first ones only.
    #[must_use]
    pub fn list(mut self, items: impl ExactSizeIterator<Item = Self>) -> Self {
        let more = items.len().saturating_sub(NAMED);
        for (at, item) in items.take(NAMED).enumerate() {
            if at > 0 {
                self = self.text(", ");
            }
            self = self.and(item);
        }
        if more > 0 { self.text(&format!(" and {more} more")) } else { self }
    }

    /// With a text made elsewhere, in which `needle` is private and is said by `piece`.
    #[must_use]
    pub fn naming(mut self, text: &str, needle: &str, piece: &Self) -> Self {
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

    /// For the person whose machine it is. Text from outside cannot steer the terminal.
    #[must_use]
    pub fn plain(&self, root: &Path) -> String {
        let shown = |piece: &Piece| match piece {
            Piece::Text(text) | Piece::Private(text, _) => clean_piece(text),
            Piece::App(name) | Piece::Profile(name) => name.to_string(),
            Piece::File(path) => clean_piece(root.join(path).to_string_lossy().trim_end_matches('/')),
            Piece::Path(path) => clean_piece(&path.to_string_lossy()),
        };
        self.0.iter().map(shown).collect()
    }

    /// For everybody: names are numbers, the home is `~`, the person's own words are left out.
    #[must_use]
    pub fn public(&self, aliases: &Aliases) -> String {
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

/// What names are called in public.
#[derive(Clone, Debug, Default)]
pub struct Aliases {
    /// The apps, in the order of their numbers.
    pub apps: Vec<Name>,
    /// The profiles, in the order of their numbers.
    pub profiles: Vec<Name>,
    /// The home folder.
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

    /// Only the usual places are named: customers' and colleagues' names are in other paths.
    fn path(&self, path: &Path) -> String {
        let Some(rest) = self.home.as_ref().and_then(|home| path.strip_prefix(home).ok()) else {
            return "(a path outside ~)".to_owned();
        };
        let parts: Vec<String> = rest.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if parts.iter().any(|part| !USUAL.contains(&part.as_str())) {
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
        let words = Words::from("The profile ")
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
            words.public(&aliases),
            "The profile profile 2 of app 1 in profiles/(profile 2).toml, profiles/(a file), (a path under ~) with (a command)"
        );
        assert_eq!(Words::default().app(&name("gone")).public(&aliases), "another app");
        let path = |path: &str| Words::default().path(Path::new(path)).public(&aliases);
        assert_eq!((path("/home/zoe").as_str(), path("/srv/zoe").as_str()), ("~", "(a path outside ~)"));
        assert_eq!(path("/home/zoe/.config/linkedin-tui"), "~/.config/linkedin-tui");
        assert_eq!(Words::default().file("").public(&aliases), "the config folder");
    }

    #[test]
    fn a_private_part_of_a_sentence_made_elsewhere_is_found() {
        let words = Words::default().naming(
            "/c/x.toml cannot be read: /c/x.toml.",
            "/c/x.toml",
            &Words::default().file("apps/x.toml"),
        );
        let public = words.public(&Aliases { apps: vec![name("x")], ..Aliases::default() });
        assert_eq!(public, "apps/(app 1).toml cannot be read: apps/(app 1).toml.");
    }

    #[test]
    fn a_long_list_counts_the_rest_and_hostile_names_are_harmless() {
        let many: Vec<Words> = (0..8).map(|n| Words::from(n.to_string())).collect();
        assert_eq!(Words::default().list(many.into_iter()).plain(Path::new("/")), "0, 1, 2, 3, 4 and 3 more");
        assert_eq!(Words::default().file("apps/\u{1b}[2J.toml").plain(Path::new("/c")), "/c/apps/␛[2J.toml");
    }
}
