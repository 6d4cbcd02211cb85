//! The front matter of a Markdown file: what to publish about an article, and the URN of the post once it is published.
//!
//! TOML between `+++` lines, or simple YAML (`key: value`) between `---` lines. The file is changed before a post is sent
//! and afterwards, so that a crash in between never leads to a second post.

use std::fs::File;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item};

use super::publish::{Attachment, Draft, Link};
use crate::error::io_reason;
use crate::files::{read_bounded, replace};
use crate::store::{DraftImage, ProfileStore};
use crate::text::sanitize;
use crate::{Code, Error, Result};

/// Largest file, in bytes.
const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024;
/// The key of the URN.
const URN_KEY: &str = "linkedin_urn";
/// The value of that key while a post is sent, and if it may have been published.
const PENDING: &str = "pending";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Toml,
    Yaml,
}

impl Format {
    const fn fence(self) -> &'static str {
        match self {
            Self::Toml => "+++",
            Self::Yaml => "---",
        }
    }
}

/// A Markdown file with front matter.
pub(crate) struct Article {
    path: PathBuf,
    /// The whole file.
    text: String,
    format: Format,
    /// Where the front matter is in the text, without its fences.
    begin: usize,
    end: usize,
}

/// An article that no other process publishes at the same time.
pub(crate) struct LockedArticle {
    pub(crate) article: Article,
    /// `None` where files cannot be locked: the mark in the file prevents a second post there too.
    _lock: Option<File>,
}

/// Whether an article was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ArticleState {
    Unpublished,
    /// With the URN of its post.
    Published(String),
    /// A post was sent, and its result was lost.
    Pending,
}

impl LockedArticle {
    /// Opens an article, and locks it until it is dropped.
    pub(crate) fn open(store: &ProfileStore, path: &Path) -> Result<Self> {
        let lock = match store.lock_article(path) {
            Err(error) if error.code == Code::Locked => {
                let message = format!("Another process is publishing {}.", shown(path));
                return Err(Error::new(Code::Locked, message, "Try again when it is done."));
            }
            lock => lock.ok(),
        };
        Ok(Self { article: Article::read(path)?, _lock: lock })
    }
}

impl Article {
    fn read(path: &Path) -> Result<Self> {
        let shown = shown(path);
        let bytes = read_bounded(path, MAX_FILE_BYTES).map_err(|error| {
            Error::bad_input(format!("The file {shown} cannot be read: {}.", io_reason(&error)), "")
                .with_io_source(&error)
        })?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Error::bad_input(format!("The file {shown} is not UTF-8."), "Save it as UTF-8."))?;
        let Some((format, begin, end)) = find_front_matter(&text) else {
            return Err(Error::bad_input(
                format!("The file {shown} has no front matter."),
                "It begins with TOML between two lines +++ or YAML between two lines ---.",
            ));
        };
        let article = Self { path: path.to_owned(), text, format, begin, end };
        article.check_urn()?;
        Ok(article)
    }

    /// Checks that the URN is a plain text: a value of another kind would be published again, and the lines of a value that has
    /// several would remain without their key.
    fn check_urn(&self) -> Result<()> {
        let is_text = match self.format {
            Format::Toml => self.parse_toml()?.get(URN_KEY).is_none_or(Item::is_str),
            Format::Yaml => is_plain_yaml(self.front_matter(), URN_KEY),
        };
        if is_text {
            return Ok(());
        }
        Err(Error::bad_input(
            format!("The value of {URN_KEY} in {} is not a plain text.", shown(&self.path)),
            "Write the URN of the post in quotes on the line of the key, or remove the key to publish again.",
        ))
    }

    fn front_matter(&self) -> &str {
        &self.text[self.begin..self.end]
    }

    fn parse_toml(&self) -> Result<DocumentMut> {
        self.front_matter().parse::<DocumentMut>().map_err(|_| {
            Error::bad_input(format!("The front matter of {} is not valid TOML.", shown(&self.path)), "Correct it.")
        })
    }

    /// Returns the text of a key.
    fn get(&self, key: &str) -> Option<String> {
        let value = match self.format {
            Format::Toml => self.parse_toml().ok()?.get(key).and_then(Item::as_str).map(str::to_owned),
            Format::Yaml => find_yaml(self.front_matter(), key),
        };
        value.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    pub(crate) fn state(&self) -> ArticleState {
        match self.get(URN_KEY) {
            None => ArticleState::Unpublished,
            Some(value) if value == PENDING => ArticleState::Pending,
            Some(urn) => ArticleState::Published(urn),
        }
    }

    /// Adds to `draft` what the front matter says: `text` (else `description`, else `title`), `link` with `title`,
    /// `description` and `image`, or `image` alone with `image_alt`. Paths are relative to the file.
    pub(crate) fn fill(&self, draft: Draft) -> Result<Draft> {
        let (title, description) = (self.get("title"), self.get("description"));
        let text = self.get("text").or_else(|| description.clone()).or_else(|| title.clone());
        let Some(text) = text else {
            return Err(Error::bad_input(
                "The front matter has neither text, description nor title.",
                "Add the text of the post: text = \"…\" in TOML, text: … in YAML.",
            ));
        };
        let image = self.get("image").map(|path| self.path.parent().unwrap_or(Path::new("")).join(path));
        let attachment = match (self.get("link"), image) {
            (Some(link), thumbnail) => Attachment::Link(Link { description, thumbnail, ..Link::parse(&link, title)? }),
            (None, Some(path)) => Attachment::Images(vec![DraftImage { path, alt: self.get("image_alt") }]),
            (None, None) => Attachment::None,
        };
        Ok(Draft { text, attachment, ..draft })
    }

    /// Saves in the file whether it was published: before a post is sent, and afterwards. The file is read again, so that
    /// nothing is lost that was written meanwhile.
    pub(crate) fn mark(&self, state: &ArticleState) -> Result<()> {
        Self::read(&self.path)?.set(match state {
            ArticleState::Unpublished => None,
            ArticleState::Pending => Some(PENDING),
            ArticleState::Published(urn) => Some(urn),
        })
    }

    fn set(&self, value: Option<&str>) -> Result<()> {
        let changed = match self.format {
            Format::Toml => {
                let mut document = self.parse_toml()?;
                match value {
                    Some(value) => document[URN_KEY] = toml_edit::value(value),
                    None => drop(document.remove(URN_KEY)),
                }
                document.to_string()
            }
            Format::Yaml => set_yaml(self.front_matter(), URN_KEY, value),
        };
        let text = format!("{}{changed}{}", &self.text[..self.begin], &self.text[self.end..]);
        replace(&self.path, text.as_bytes()).map_err(|error| {
            let message = format!("The file {} could not be saved: {}.", shown(&self.path), io_reason(&error));
            Error::new(Code::Files, message, "Check its permissions and the disk.").with_io_source(&error)
        })
    }
}

fn shown(path: &Path) -> String {
    sanitize(&path.to_string_lossy(), 120)
}

/// Returns the format of the front matter, and where it is, without its fences.
fn find_front_matter(text: &str) -> Option<(Format, usize, usize)> {
    let start = text.strip_prefix('\u{feff}').map_or(0, |rest| text.len() - rest.len());
    let mut lines = text[start..].split_inclusive('\n');
    let first = lines.next()?;
    let format = [Format::Toml, Format::Yaml].into_iter().find(|format| first.trim_end() == format.fence())?;
    let begin = start + first.len();
    let mut end = begin;
    for line in lines {
        if line.trim_end() == format.fence() {
            return Some((format, begin, end));
        }
        end += line.len();
    }
    None
}

/// Returns the rest of a line of YAML that begins the value of a top-level key, which may be quoted.
fn yaml_value<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let quoted = |quote: char| line.strip_prefix(quote)?.strip_prefix(key)?.strip_prefix(quote);
    let rest = line.strip_prefix(key).or_else(|| quoted('"')).or_else(|| quoted('\''))?;
    Some(rest.trim_start().strip_prefix(':')?.trim())
}

/// Returns whether a top-level key is absent, or its value is one text on its line.
fn is_plain_yaml(yaml: &str, key: &str) -> bool {
    let mut lines = yaml.lines().skip_while(|line| yaml_value(line, key).is_none());
    let Some(value) = lines.next().and_then(|line| yaml_value(line, key)) else { return true };
    let is_continued = lines
        .find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
        .is_some_and(|line| line.starts_with([' ', '\t', ']', '}']) || line == "-" || line.starts_with("- "));
    let is_text = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value[1..].contains(quote),
        // A list, a table, a block or a tag.
        Some('[' | '{' | '|' | '>' | '&' | '*' | '!') => false,
        _ => value.parse::<f64>().is_err() && !matches!(value, "true" | "false"),
    };
    is_text && !is_continued
}

/// Returns the text of a top-level key of simple YAML: a plain or quoted text on its line, or a block below it.
fn find_yaml(yaml: &str, key: &str) -> Option<String> {
    let mut lines = yaml.lines();
    let value = lines.find_map(|line| yaml_value(line, key))?;
    if let Some(style) = value.chars().next().filter(|c| matches!(c, '|' | '>')) {
        let block: Vec<&str> = lines.take_while(|line| line.is_empty() || line.starts_with([' ', '\t'])).collect();
        let indent =
            block.iter().filter(|line| !line.trim().is_empty()).map(|line| line.len() - line.trim_start().len()).min();
        let block: Vec<&str> =
            block.iter().map(|line| line.get(indent.unwrap_or_default()..).unwrap_or_default()).collect();
        return Some(if style == '|' { block.join("\n") } else { fold(&block) });
    }
    if let Some(inner) = value.strip_prefix('\'') {
        // A doubled quote is one; a comment may follow the closing one.
        let inner = inner.replace("''", "\u{0}");
        return Some(inner.split('\'').next().unwrap_or_default().replace('\u{0}', "'"));
    }
    if value.starts_with('"') {
        // The escapes of JSON are those that a text needs.
        return serde_json::Deserializer::from_str(value).into_iter::<String>().next()?.ok();
    }
    Some(value.split(" #").next().unwrap_or_default().trim_end().to_owned())
}

/// Joins the lines of a folded block: an empty line is a line break.
fn fold(lines: &[&str]) -> String {
    lines.join("\n").split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect::<Vec<_>>().join("\n")
}

/// Sets or removes a top-level key; all other lines stay as they are.
fn set_yaml(yaml: &str, key: &str, value: Option<&str>) -> String {
    let line_end = if yaml.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out: String = yaml.split_inclusive('\n').filter(|line| yaml_value(line, key).is_none()).collect();
    if let Some(value) = value {
        out.push_str(key);
        out.push_str(": \"");
        out.push_str(value);
        out.push('"');
        out.push_str(line_end);
    }
    out
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const YAML: &str = "---\ntitle: 'It''s here' # a comment\ntext: |\n  First line\n\n    indented\ntags: [a, b]\nlink: \
                        https://example.com/#top\nimage: \"pictures/b\\u006fx.png\"\n---\n\n# Body\ntitle: other\n";
    const TOML: &str = "+++\ntitle = \"It's here\" # a comment\ntext = '''\nFirst line\n\n  indented'''\nlink = \
                        \"https://example.com/#top\"\nimage = \"pictures/box.png\"\n[extra]\ntext = \"other\"\n+++\n\n# Body\n";

    fn write(text: &str) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("article.md");
        std::fs::write(&path, text).unwrap();
        (directory, path)
    }

    fn urn(text: &str) -> ArticleState {
        ArticleState::Published(text.to_owned())
    }

    #[rstest]
    #[case::yaml(YAML)]
    #[case::toml(TOML)]
    #[case::yaml_of_windows(&YAML.replace('\n', "\r\n"))]
    fn front_matter_is_read_and_only_the_urn_changes(#[case] text: &str) {
        let (directory, path) = write(text);
        let article = Article::read(&path).unwrap();
        let draft = article.fill(Draft::default()).unwrap();
        assert_eq!(draft.text, "First line\n\n  indented");
        let Attachment::Link(link) = draft.attachment else { panic!("no link") };
        assert_eq!((link.url.as_str(), link.title.as_deref()), ("https://example.com/#top", Some("It's here")));
        assert_eq!(link.thumbnail, Some(directory.path().join("pictures/box.png")));
        for state in [ArticleState::Pending, urn("urn:li:share:7"), ArticleState::Unpublished] {
            article.mark(&state).unwrap();
            let marked = Article::read(&path).unwrap();
            assert_eq!(marked.state(), state);
            assert_eq!(marked.fill(Draft::default()).unwrap().text, draft.text);
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "without the URN the file is as it was");
    }

    #[rstest]
    #[case::none("# Title\n")]
    #[case::open_end("---\ntitle: x\n")]
    #[case::invalid_toml("+++\ntitle = \n+++\n")]
    #[case::empty("")]
    fn other_files_are_refused(#[case] text: &str) {
        let (_directory, path) = write(text);
        assert_eq!(Article::read(&path).err().unwrap().code, Code::BadInput);
    }

    #[rstest]
    #[case::toml_number("+++\nlinkedin_urn = 42\n+++\n")]
    #[case::toml_array("+++\nlinkedin_urn = [\"urn:li:share:5\"]\n+++\n")]
    #[case::toml_table("+++\n[linkedin_urn]\na = 1\n+++\n")]
    #[case::yaml_list_below("---\nlinkedin_urn:\n  - \"urn:li:share:5\"\n---\n")]
    #[case::yaml_list_at_the_margin("---\nlinkedin_urn:\n# c\n- urn:li:share:5\ntitle: T\n---\n")]
    #[case::yaml_list("---\nlinkedin_urn: [urn:li:share:5]\n---\n")]
    #[case::yaml_block("---\nlinkedin_urn: |\n  urn:li:share:5\n---\n")]
    #[case::yaml_second_line("---\nlinkedin_urn: urn:li:share:5\n  and more\n---\n")]
    #[case::yaml_open_quote("---\nlinkedin_urn: \"urn:li:share:5\n---\n")]
    #[case::yaml_number("---\nlinkedin_urn: 42\n---\n")]
    fn a_urn_that_is_not_a_plain_text_is_refused(#[case] text: &str) {
        let (_directory, path) = write(text);
        let error = Article::read(&path).err().unwrap();
        assert!(error.code == Code::BadInput && error.message.contains("is not a plain text"), "{error}");
    }

    #[rstest]
    #[case::plain("linkedin_urn: urn:li:share:5 # c\n", urn("urn:li:share:5"))]
    #[case::quoted_key("\"linkedin_urn\" : 'urn:li:share:5'\n", urn("urn:li:share:5"))]
    #[case::empty("linkedin_urn:\n# c\ntitle: T\n", ArticleState::Unpublished)]
    #[case::absent("title: T\n", ArticleState::Unpublished)]
    fn urn_on_the_line_of_its_key_is_read(#[case] yaml: &str, #[case] expected: ArticleState) {
        let (_directory, path) = write(&format!("---\n{yaml}---\n"));
        let article = Article::read(&path).unwrap();
        assert_eq!(article.state(), expected);
        article.mark(&urn("urn:li:share:6")).unwrap();
        assert_eq!(Article::read(&path).unwrap().state(), urn("urn:li:share:6"), "in place of the first");
    }

    #[rstest]
    #[case::yaml(YAML)]
    #[case::toml(TOML)]
    fn what_is_written_while_a_post_is_sent_stays(#[case] text: &str) {
        let (_directory, path) = write(text);
        let article = Article::read(&path).unwrap();
        article.mark(&ArticleState::Pending).unwrap();
        let pending = std::fs::read_to_string(&path).unwrap();
        let edited = pending.replace("here", "everywhere") + "A new paragraph.\n";
        std::fs::write(&path, &edited).unwrap();
        article.mark(&urn("urn:li:share:7")).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), edited.replace("pending", "urn:li:share:7"));

        // A file that became invalid is not touched.
        std::fs::write(&path, "No front matter").unwrap();
        assert_eq!(article.mark(&ArticleState::Unpublished).unwrap_err().code, Code::BadInput);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "No front matter");
    }

    #[rstest]
    #[case::plain("text: a: b #1\n", Some("a: b"))]
    #[case::hash_in_a_word("text: C#\n", Some("C#"))]
    #[case::escapes("text: \"a\\n\\\"b\\\"\"  # c\n", Some("a\n\"b\""))]
    #[case::folded("text: >-\n  a\n  b\n\n  c\nother: d\n", Some("a b\nc"))]
    #[case::nested("x:\n  text: a\n", None)]
    #[case::longer_key("text_of: a\n", None)]
    fn simple_yaml_is_read(#[case] yaml: &str, #[case] expected: Option<&str>) {
        assert_eq!(find_yaml(yaml, "text").map(|text| text.trim_end().to_owned()).as_deref(), expected);
    }

    #[test]
    fn an_image_alone_is_an_image_post() {
        let (directory, path) = write("---\ntitle: T\nimage: a.png\nimage_alt: A box\n---\n");
        let draft = Article::read(&path).unwrap().fill(Draft::default()).unwrap();
        let expected = DraftImage { path: directory.path().join("a.png"), alt: Some("A box".to_owned()) };
        assert_eq!((draft.text.as_str(), draft.attachment.images()), ("T", &[expected][..]));
    }

    #[test]
    fn two_processes_do_not_publish_an_article_at_once() {
        let (directory, path) = write("---\ntitle: T\n---\n");
        let store = ProfileStore::open(&directory.path().join("config")).unwrap();
        let first = LockedArticle::open(&store, &path).unwrap();
        let is_locked = || LockedArticle::open(&store, &path).err().is_some_and(|error| error.code == Code::Locked);
        assert!(is_locked());
        // The file is replaced by this, and its name in the directory stays.
        first.article.mark(&ArticleState::Pending).unwrap();
        assert!(is_locked(), "it is still being published");
        drop(first);
        assert_eq!(LockedArticle::open(&store, &path).unwrap().article.state(), ArticleState::Pending);
    }
}
