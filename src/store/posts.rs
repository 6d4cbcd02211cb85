//! The posts that this program made, kept beside the profile: `posts/NAME.toml`. A file of its own,
//! so that a post never touches the file with the token.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Deserialize;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use super::exclusive::SAVE_WAIT;
use super::format;
use super::locks::LockId;
use super::store::ProfileStore;
use super::types::Name;
use super::{files, saving};
use crate::Result;
use crate::clock::rfc3339;
use crate::text::clean;

/// How many are kept, the newest.
const KEPT: usize = 50;
/// Characters of the first line.
const FIRST_LINE: usize = 100;

/// A post that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedPost {
    /// Absent where LinkedIn's answer did not name it.
    pub urn: Option<String>,
    /// The author's URN.
    pub author: String,
    /// When it was published, by this machine's clock.
    pub at: Timestamp,
    /// The beginning of its text, cleaned.
    pub first_line: String,
    /// When it was deleted from here.
    pub deleted_at: Option<Timestamp>,
}

impl PublishedPost {
    /// A post just made.
    #[must_use]
    pub fn new(urn: Option<String>, author: &str, at: Timestamp, text: &str) -> Self {
        let line = text.trim().lines().next().unwrap_or_default();
        Self { urn, author: author.to_owned(), at, first_line: clean(line, FIRST_LINE), deleted_at: None }
    }
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    post: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    urn: Option<String>,
    #[serde(default)]
    author: String,
    at: String,
    #[serde(default)]
    first_line: String,
    deleted_at: Option<String>,
}

impl ProfileStore {
    pub(super) fn posts_path(&self, name: &Name) -> PathBuf {
        self.root.join("posts").join(format!("{name}.toml"))
    }

    /// The posts made with a profile, newest first.
    ///
    /// # Errors
    /// `file_damaged`, `files`.
    pub fn posts(&self, name: &Name) -> Result<Vec<PublishedPost>> {
        let path = self.posts_path(name);
        let Some(text) = self.read(&path)? else { return Ok(Vec::new()) };
        let file: File = format::parse(&path, &text)?;
        let source = format::Source { path: &path, text: &text };
        let time = |key: &str, text: &str| source.time(&["post", key], text);
        let posted = |row: Row| {
            Ok(PublishedPost {
                urn: row.urn,
                author: row.author,
                at: time("at", &row.at)?,
                first_line: row.first_line,
                deleted_at: row.deleted_at.map(|at| time("deleted_at", &at)).transpose()?,
            })
        };
        file.post.into_iter().rev().map(posted).collect()
    }

    /// Keeps a post; the oldest beyond fifty go.
    ///
    /// # Errors
    /// `file_damaged`, `file_newer`, `files`, `locked`.
    pub fn save_post(&self, name: &Name, post: &PublishedPost) -> Result<()> {
        self.change_posts(name, "post", |rows| {
            let mut row = Table::new();
            if let Some(urn) = &post.urn {
                row.insert("urn", value(urn));
            }
            row.insert("author", value(&post.author));
            row.insert("at", value(rfc3339(post.at)));
            row.insert("first_line", value(&post.first_line));
            rows.push(row);
            while rows.len() > KEPT {
                rows.remove(0);
            }
        })
    }

    /// Notes that a post was deleted; one that was not made here is nothing to note.
    ///
    /// # Errors
    /// As [`ProfileStore::save_post`].
    pub fn mark_post_deleted(&self, name: &Name, urn: &str, at: Timestamp) -> Result<()> {
        if !self.posts(name)?.iter().any(|post| post.urn.as_deref() == Some(urn) && post.deleted_at.is_none()) {
            return Ok(());
        }
        self.change_posts(name, "post", |rows| {
            for row in rows.iter_mut() {
                if row.get("urn").and_then(Item::as_str) == Some(urn) {
                    row.insert("deleted_at", value(rfc3339(at)));
                }
            }
        })
    }

    /// Changes the tables under `key` of the file.
    pub(super) fn change_posts(&self, name: &Name, key: &str, change: impl FnOnce(&mut ArrayOfTables)) -> Result<()> {
        let _lock = self.lock(&LockId::Posts(name.clone()), SAVE_WAIT)?;
        let path = self.posts_path(name);
        let mut document: DocumentMut = format::document(&path, self.read(&path)?.as_deref())?;
        let rows = document.entry(key).or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
        let rows = rows.as_array_of_tables_mut().ok_or_else(|| files::damaged(&path, &format!("the key {key}")))?;
        change(rows);
        saving::save(&path, &document.to_string())
    }

    /// What is kept beside a profile under its name.
    pub(super) fn sidecar_files(&self, name: &Name) -> [PathBuf; 2] {
        [self.posts_path(name), self.draft_path(name)]
    }
}
