//! `posts/NAME.toml`: the posts that this program published. They are not in the profile's file, so that publishing never rewrites
//! the token.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use toml_edit::{ArrayOfTables, Item, Table, value};

use super::format;
use super::fs;
use super::fs::locks::LockId;
use super::model::{PublishedPost, UploadReceipt, WriteOutcome, first_line};
use super::name::Name;
use super::profile_store::ProfileStore;
use super::transaction::SAVE_LOCK_TIMEOUT;
use crate::Result;
use crate::clock::rfc3339;

/// The number of posts that are saved; older ones are removed.
const MAX_POSTS: usize = 50;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct PostsFile {
    pub(super) post: Vec<PublishedPost>,
    pub(super) outcome: Vec<OutcomeRow>,
    pub(super) upload: Vec<UploadReceipt>,
    /// The posts that were sent, until LinkedIn's response: they may be published.
    sent: Vec<PublishedPost>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OutcomeRow {
    Known(WriteOutcome),
    /// For example of a capability that only a newer version knows.
    Unknown(IgnoredAny),
}

impl ProfileStore {
    pub(super) fn posts_path(&self, name: &Name) -> PathBuf {
        self.file_path("posts", name)
    }

    pub(super) fn posts_file(&self, name: &Name) -> Result<PostsFile> {
        let path = self.posts_path(name);
        self.read(&path)?.map_or_else(|| Ok(PostsFile::default()), |text| format::parse(&path, &text))
    }

    /// Returns the posts published with a profile, newest first.
    pub fn posts(&self, name: &Name) -> Result<Vec<PublishedPost>> {
        Ok(self.posts_file(name)?.post.into_iter().rev().collect())
    }

    /// Returns the posts that were sent and whose response never arrived, newest first.
    pub fn sent_posts(&self, name: &Name) -> Result<Vec<PublishedPost>> {
        Ok(self.posts_file(name)?.sent.into_iter().rev().collect())
    }

    /// Returns the posts, and those that may be published, newest first; of each whether it is one of the latter.
    pub fn posts_with_sent(&self, name: &Name) -> Result<Vec<(PublishedPost, bool)>> {
        let PostsFile { post, sent, .. } = self.posts_file(name)?;
        let flagged = |posts: Vec<PublishedPost>, is_sent| posts.into_iter().rev().map(move |post| (post, is_sent));
        let mut posts: Vec<_> = flagged(sent, true).chain(flagged(post, false)).collect();
        posts.sort_by_key(|(post, _)| std::cmp::Reverse(post.at));
        Ok(posts)
    }

    /// Records that a post is being sent. Returns whether that is new: a post of the author with this text may already have
    /// been sent before.
    pub fn save_sent_post(&self, name: &Name, post: &PublishedPost) -> Result<bool> {
        let mut is_new = true;
        self.change_posts(name, "sent", |rows| {
            is_new = !rows.iter().any(|row| is_of(row, &post.author, &post.text));
            if is_new {
                rows.push(format::new_table(post)?);
            }
            while rows.len() > MAX_POSTS {
                rows.remove(0);
            }
            Ok(())
        })?;
        Ok(is_new)
    }

    /// Records that LinkedIn's response to a sent post arrived; does nothing for one that is not recorded.
    pub fn delete_sent_post(&self, name: &Name, author: &str, text: &str) -> Result<()> {
        let is_sent = |post: &PublishedPost| post.author == author && post.text == text;
        if !self.posts_file(name)?.sent.iter().any(is_sent) {
            return Ok(());
        }
        self.change_posts(name, "sent", |rows| {
            rows.retain(|row| !is_of(row, author, text));
            Ok(())
        })
    }

    /// Saves a post, and removes the oldest beyond [`MAX_POSTS`].
    pub fn save_post(&self, name: &Name, post: &PublishedPost) -> Result<()> {
        self.change_posts(name, "post", |rows| {
            rows.push(format::new_table(post)?);
            while rows.len() > MAX_POSTS {
                rows.remove(0);
            }
            Ok(())
        })
    }

    /// Records that a post was deleted, if this program published it.
    pub fn mark_post_deleted(&self, name: &Name, urn: &str, at: Timestamp) -> Result<()> {
        self.change_post(name, urn, |row| {
            row.insert("deleted_at", value(rfc3339(at)));
        })
    }

    /// Records the new text of a post, if this program published it.
    pub fn set_post_text(&self, name: &Name, urn: &str, text: &str, at: Timestamp) -> Result<()> {
        self.change_post(name, urn, |row| {
            row.insert("text", value(text));
            row.insert("first_line", value(first_line(text)));
            row.insert("edited_at", value(rfc3339(at)));
        })
    }

    /// Changes the row of a post that is not deleted; does nothing without one.
    fn change_post(&self, name: &Name, urn: &str, change: impl Fn(&mut Table)) -> Result<()> {
        if !self.posts(name)?.iter().any(|post| post.urn.as_deref() == Some(urn) && post.deleted_at.is_none()) {
            return Ok(());
        }
        self.change_posts(name, "post", |rows| {
            rows.iter_mut().filter(|row| row.get("urn").and_then(Item::as_str) == Some(urn)).for_each(change);
            Ok(())
        })
    }

    pub(super) fn change_posts(
        &self,
        name: &Name,
        key: &str,
        change: impl FnOnce(&mut ArrayOfTables) -> Result<()>,
    ) -> Result<()> {
        let _lock = self.lock(&LockId::Posts(name.clone()), SAVE_LOCK_TIMEOUT)?;
        let path = self.posts_path(name);
        let mut document = format::parse_document(&path, self.read(&path)?.as_deref())?;
        let rows = document.entry(key).or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
        change(rows.as_array_of_tables_mut().ok_or_else(|| fs::damaged_error(&path, &format!("the key {key}")))?)?;
        fs::save(&path, &document.to_string())
    }
}

/// Returns whether a row is about a post of the author with this text.
fn is_of(row: &Table, author: &str, text: &str) -> bool {
    let value = |key: &str| row.get(key).and_then(Item::as_str).unwrap_or_default();
    value("author") == author && value("text") == text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sent_post_is_recorded_once_until_its_response() {
        let directory = tempfile::tempdir().unwrap();
        let store = ProfileStore::open(directory.path()).unwrap();
        let name = Name::parse("work").unwrap();
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let post = |second, text: &str| PublishedPost::new(None, "urn:li:person:a", at(second), text);
        store.delete_sent_post(&name, "urn:li:person:a", "One").unwrap();
        assert!(!store.posts_path(&name).exists(), "nothing was sent");
        assert!(store.save_sent_post(&name, &post(1, "One")).unwrap());
        assert!(!store.save_sent_post(&name, &post(2, "One")).unwrap(), "sent before");
        assert!(store.save_sent_post(&name, &post(4, "Two")).unwrap());
        store.save_post(&name, &post(3, "Three")).unwrap();
        let listed = |store: &ProfileStore| {
            let posts = store.posts_with_sent(&name).unwrap().into_iter();
            posts.map(|(post, is_sent)| (post.first_line, is_sent)).collect::<Vec<_>>()
        };
        let row = |line: &str, is_sent| (line.to_owned(), is_sent);
        assert_eq!(listed(&store), [row("Two", true), row("Three", false), row("One", true)]);
        assert_eq!(store.posts(&name).unwrap().len(), 1, "only what is published");
        store.delete_sent_post(&name, "urn:li:person:a", "Two").unwrap();
        store.delete_sent_post(&name, "urn:li:person:b", "One").unwrap();
        assert_eq!(listed(&store), [row("Three", false), row("One", true)]);
        assert_eq!(store.sent_posts(&name).unwrap(), [post(1, "One")]);
    }

    #[test]
    fn the_oldest_posts_beyond_the_limit_are_removed() {
        let directory = tempfile::tempdir().unwrap();
        let store = ProfileStore::open(directory.path()).unwrap();
        let name = Name::parse("work").unwrap();
        let at = "2026-11-24T14:05:00Z".parse().unwrap();
        let save = |number: usize| {
            let urn = Some(format!("urn:li:share:{number}"));
            store.save_post(&name, &PublishedPost::new(urn, "urn:li:person:a", at, "Hello")).unwrap();
        };
        (0..MAX_POSTS).for_each(save);
        assert_eq!(store.posts(&name).unwrap().len(), MAX_POSTS);
        save(MAX_POSTS);
        let posts = store.posts(&name).unwrap();
        assert_eq!(posts.len(), MAX_POSTS);
        assert_eq!(posts[0].urn, Some(format!("urn:li:share:{MAX_POSTS}")), "newest first");
        assert_eq!(posts[MAX_POSTS - 1].urn.as_deref(), Some("urn:li:share:1"));
    }

    #[test]
    fn a_deletion_is_recorded_once_for_its_post() {
        let directory = tempfile::tempdir().unwrap();
        let store = ProfileStore::open(directory.path()).unwrap();
        let name = Name::parse("work").unwrap();
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        store.mark_post_deleted(&name, "urn:li:share:1", at(3)).unwrap();
        assert!(!store.posts_path(&name).exists(), "published by another program");
        for urn in ["urn:li:share:1", "urn:li:share:2"] {
            let post = PublishedPost::new(Some(urn.to_owned()), "urn:li:person:a", at(1), "Hello");
            store.save_post(&name, &post).unwrap();
        }
        store.mark_post_deleted(&name, "urn:li:share:1", at(2)).unwrap();
        store.mark_post_deleted(&name, "urn:li:share:1", at(3)).unwrap();
        let deleted: Vec<_> = store.posts(&name).unwrap().iter().map(|post| post.deleted_at).collect();
        assert_eq!(deleted, [None, Some(at(2))]);
    }
}
