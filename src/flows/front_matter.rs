//! The front matter of a Markdown file: what to publish about an article, and the URN of the post once it is published.
//!
//! TOML between `+++` lines, or simple YAML (`key: value`) between `---` lines. The file is changed before a post is sent
//! and afterwards, so that a crash in between never leads to a second post.

use std::fs::File;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item};

use super::publish::{Attachment, Draft, Link};
use crate::error::io_reason;
use crate::files::{open_regular, read_open, replace};
use crate::store::DraftImage;
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
    /// Keeps other processes from publishing the article at the same time.
    _lock: File,
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

impl Article {
    /// Opens an article, and locks it until it is dropped.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let shown = || sanitize(&path.to_string_lossy(), 120);
        let failed = |error: std::io::Error| {
            Error::bad_input(format!("The file {} cannot be read: {}.", shown(), io_reason(&error)), "")
                .with_io_source(&error)
        };
        let (file, metadata) = open_regular(path).map_err(failed)?;
        let lock = file.try_clone().map_err(failed)?;
        // Windows locks the content too, and file systems without locks have no error of their own.
        if cfg!(unix) && matches!(lock.try_lock(), Err(std::fs::TryLockError::WouldBlock)) {
            let message = format!("Another process is publishing {}.", shown());
            return Err(Error::new(Code::Locked, message, "Try again when it is done."));
        }
        let bytes = read_open(file, &metadata, MAX_FILE_BYTES).map_err(failed)?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Error::bad_input(format!("The file {} is not UTF-8.", shown()), "Save it as UTF-8."))?;
        let Some((format, begin, end)) = find_front_matter(&text) else {
            return Err(Error::bad_input(
                format!("The file {} has no front matter.", shown()),
                "It begins with TOML between two lines +++ or YAML between two lines ---.",
            ));
        };
        let article = Self { path: path.to_owned(), text, format, begin, end, _lock: lock };
        if format == Format::Toml {
            article.parse_toml()?;
        }
        Ok(article)
    }

    fn front_matter(&self) -> &str {
        &self.text[self.begin..self.end]
    }

    fn parse_toml(&self) -> Result<DocumentMut> {
        self.front_matter().parse::<DocumentMut>().map_err(|_| {
            let shown = sanitize(&self.path.to_string_lossy(), 120);
            Error::bad_input(format!("The front matter of {shown} is not valid TOML."), "Correct it.")
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

    /// Saves in the file whether it was published: before a post is sent, and afterwards.
    pub(crate) fn mark(&mut self, state: &ArticleState) -> Result<()> {
        self.set(match state {
            ArticleState::Unpublished => None,
            ArticleState::Pending => Some(PENDING),
            ArticleState::Published(urn) => Some(urn),
        })
    }

    fn set(&mut self, value: Option<&str>) -> Result<()> {
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
            let shown = sanitize(&self.path.to_string_lossy(), 120);
            let message = format!("The file {shown} could not be saved: {}.", io_reason(&error));
            Error::new(Code::Files, message, "Check its permissions and the disk.").with_io_source(&error)
        })?;
        self.end = self.begin + changed.len();
        self.text = text;
        Ok(())
    }
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

/// Returns whether a line of YAML begins the value of a top-level key.
fn is_yaml_key(line: &str, key: &str) -> bool {
    line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':'))
}

/// Returns the text of a top-level key of simple YAML: a plain or quoted text on its line, or a block below it.
fn find_yaml(yaml: &str, key: &str) -> Option<String> {
    let mut lines = yaml.lines();
    let line = lines.find(|line| is_yaml_key(line, key))?;
    let value = line[key.len() + 1..].trim();
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
    let mut out: String = yaml.split_inclusive('\n').filter(|line| !is_yaml_key(line, key)).collect();
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

    #[rstest]
    #[case::yaml(YAML)]
    #[case::toml(TOML)]
    #[case::yaml_of_windows(&YAML.replace('\n', "\r\n"))]
    fn front_matter_is_read_and_only_the_urn_changes(#[case] text: &str) {
        let (directory, path) = write(text);
        let mut article = Article::open(&path).unwrap();
        let draft = article.fill(Draft::default()).unwrap();
        assert_eq!(draft.text, "First line\n\n  indented");
        let Attachment::Link(link) = draft.attachment else { panic!("no link") };
        assert_eq!((link.url.as_str(), link.title.as_deref()), ("https://example.com/#top", Some("It's here")));
        assert_eq!(link.thumbnail, Some(directory.path().join("pictures/box.png")));
        let states =
            [ArticleState::Pending, ArticleState::Published("urn:li:share:7".to_owned()), ArticleState::Unpublished];
        for state in states {
            article.mark(&state).unwrap();
            drop(article);
            article = Article::open(&path).unwrap();
            assert_eq!(article.state(), state);
            assert_eq!(article.fill(Draft::default()).unwrap().text, draft.text);
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
        assert_eq!(Article::open(&path).err().unwrap().code, Code::BadInput);
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
        let draft = Article::open(&path).unwrap().fill(Draft::default()).unwrap();
        let expected = DraftImage { path: directory.path().join("a.png"), alt: Some("A box".to_owned()) };
        assert_eq!((draft.text.as_str(), draft.attachment.images()), ("T", &[expected][..]));
    }

    #[cfg(unix)]
    #[test]
    fn two_processes_do_not_publish_an_article_at_once() {
        let (_directory, path) = write("---\ntitle: T\n---\n");
        let first = Article::open(&path).unwrap();
        assert_eq!(Article::open(&path).err().unwrap().code, Code::Locked);
        drop(first);
        assert!(Article::open(&path).is_ok());
    }
}
