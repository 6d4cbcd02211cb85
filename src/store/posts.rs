//! `posts/NAME.toml`: what was sent with a profile: posts, posts that may have been published, outcomes of writes, upload
//! receipts. They are not in the profile's file, so that publishing never rewrites the token.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use toml_edit::{ArrayOfTables, Item, Table, value};

use super::format::{self, Document};
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
/// The key of the posts that may have been published.
const MAYBE_PUBLISHED: &str = "maybe_published";

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct PostsFile {
    pub(super) post: Vec<PublishedPost>,
    /// LinkedIn's responses to writes: they show what the token may do.
    pub(super) outcome: Vec<WriteOutcomeRow>,
    pub(super) upload: Vec<UploadReceipt>,
    /// The posts that were sent, until LinkedIn's response.
    maybe_published: Vec<PublishedPost>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum WriteOutcomeRow {
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

    /// Returns the posts that may have been published, newest first.
    pub fn maybe_published_posts(&self, name: &Name) -> Result<Vec<PublishedPost>> {
        let posts = self.posts_file(name)?.maybe_published.into_iter().rev();
        Ok(posts.map(|post| PublishedPost { is_maybe_published: true, ..post }).collect())
    }

    /// Returns the posts that were published, and those that may have been, newest first.
    pub fn all_posts(&self, name: &Name) -> Result<Vec<PublishedPost>> {
        let mut posts = [self.maybe_published_posts(name)?, self.posts(name)?].concat();
        posts.sort_by_key(|post| std::cmp::Reverse(post.at));
        Ok(posts)
    }

    /// Records that a post is being sent: without a response, it may have been published. Returns whether that is new: the
    /// same post may already have been sent before.
    pub fn save_maybe_published(&self, name: &Name, post: &PublishedPost) -> Result<bool> {
        let mut is_new = true;
        self.change_posts(name, MAYBE_PUBLISHED, |name, rows| {
            is_new = self.find_maybe_published(name, post)?.is_none();
            if is_new {
                push_row(rows, post)?;
            }
            Ok(())
        })?;
        Ok(is_new)
    }

    /// Returns the record that an earlier attempt may have published this post.
    pub fn find_maybe_published(&self, name: &Name, post: &PublishedPost) -> Result<Option<PublishedPost>> {
        Ok(self.maybe_published_posts(name)?.into_iter().find(|earlier| earlier.is_same(post)))
    }

    /// Deletes the record that a post may have been published; does nothing without one.
    pub fn delete_maybe_published(&self, name: &Name, post: &PublishedPost) -> Result<()> {
        let name = &self.current_name(name);
        if self.find_maybe_published(name, post)?.is_none() {
            return Ok(());
        }
        self.change_posts(name, MAYBE_PUBLISHED, |_, rows| {
            rows.retain(|row| !is_row_of(row, post));
            Ok(())
        })
    }

    /// Saves a post, and removes the oldest beyond [`MAX_POSTS`].
    pub fn save_post(&self, name: &Name, post: &PublishedPost) -> Result<()> {
        self.change_posts(name, "post", |_, rows| push_row(rows, post))
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
            row.insert("first_line", value(first_line(text, true)));
            row.insert("edited_at", value(rfc3339(at)));
        })
    }

    /// Records the reaction of the author to a post, if this program published it; `None` where it was deleted.
    pub(crate) fn set_post_reaction(&self, name: &Name, urn: &str, actor: &str, reaction: Option<&str>) -> Result<()> {
        self.change_post(name, urn, |row| {
            if row.get("author").and_then(Item::as_str) != Some(actor) {
                return;
            }
            match reaction {
                Some(reaction) => drop(row.insert("reaction", value(reaction))),
                None => drop(row.remove("reaction")),
            }
        })
    }

    /// Changes the row of a post that is not deleted; does nothing without one.
    fn change_post(&self, name: &Name, urn: &str, change: impl Fn(&mut Table)) -> Result<()> {
        let name = &self.current_name(name);
        if !self.posts(name)?.iter().any(|post| post.urn.as_deref() == Some(urn) && post.deleted_at.is_none()) {
            return Ok(());
        }
        self.change_posts(name, "post", |_, rows| {
            rows.iter_mut().filter(|row| row.get("urn").and_then(Item::as_str) == Some(urn)).for_each(change);
            Ok(())
        })
    }

    /// Changes the rows of a key under the lock of the posts. `change` gets the name that the profile has now: another process
    /// may have renamed it while a request was sent.
    ///
    /// # Errors
    /// `no_such_profile` if it was deleted, because a later profile of its name must not have its posts. They are saved while the
    /// deletion can be undone.
    pub(super) fn change_posts(
        &self,
        name: &Name,
        key: &str,
        change: impl FnOnce(&Name, &mut ArrayOfTables) -> Result<()>,
    ) -> Result<()> {
        let mut name = name.clone();
        let _lock = loop {
            let lock = self.lock(&LockId::Posts(name.clone()), SAVE_LOCK_TIMEOUT)?;
            if self.has_profile(&name) {
                break lock;
            }
            match self.find_new_name(&name) {
                Some(new) => name = new,
                None if self.can_be_restored(&name) => break lock,
                None => return Err(self.no_such_profile_error(&name)),
            }
        };
        let path = self.posts_path(&name);
        let mut document = format::parse_document(&path, self.read(&path)?.as_deref())?;
        change(&name, rows_of(&mut document, &path, key)?)?;
        fs::save(&path, &document.to_string())
    }
}

/// Adds to the posts of a deleted profile those that a command saved since. A post that is confirmed there is no longer one that may
/// have been published.
pub(super) fn merge_posts(path: &Path, deleted: &str, newer: &str) -> Result<String> {
    let mut document = format::parse_document(path, Some(deleted))?;
    let (deleted, newer): (PostsFile, PostsFile) = (format::parse(path, deleted)?, format::parse(path, newer)?);
    for (key, known, found) in
        [("post", &deleted.post, &newer.post), (MAYBE_PUBLISHED, &deleted.maybe_published, &newer.maybe_published)]
    {
        for post in found.iter().filter(|post| !known.contains(post)) {
            push_row(rows_of(&mut document, path, key)?, post)?;
        }
    }
    let unconfirmed = rows_of(&mut document, path, MAYBE_PUBLISHED)?;
    unconfirmed.retain(|row| !newer.post.iter().any(|post| is_row_of(row, post)));
    Ok(document.to_string())
}

fn rows_of<'a>(document: &'a mut Document, path: &Path, key: &str) -> Result<&'a mut ArrayOfTables> {
    let rows = document.entry(key).or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    rows.as_array_of_tables_mut().ok_or_else(|| fs::damaged_error(path, &format!("the key {key}")))
}

/// Adds a post, and removes the oldest beyond [`MAX_POSTS`].
fn push_row(rows: &mut ArrayOfTables, post: &PublishedPost) -> Result<()> {
    rows.push(format::new_table(post)?);
    while rows.len() > MAX_POSTS {
        rows.remove(0);
    }
    Ok(())
}

/// Returns whether a row is about the post, as [`PublishedPost::is_same`] does.
fn is_row_of(row: &Table, post: &PublishedPost) -> bool {
    let value = |key: &str| row.get(key).and_then(Item::as_str).unwrap_or_default();
    (value("author"), value("text"), value("attachment")) == (&post.author, &post.text, &post.attachment)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::Code;
    use crate::secret::Secret;
    use crate::store::model::{Profile, Token};

    /// Posts are saved for profiles that exist.
    pub(in crate::store) fn create_profile(store: &ProfileStore) -> Name {
        let name = Name::parse("work").unwrap();
        store.create_or_update_profile(Profile::new(name.clone(), name.clone(), Vec::new()), |_| ()).unwrap();
        name
    }

    #[test]
    fn a_sent_post_is_recorded_once_until_its_response() {
        let directory = tempfile::tempdir().unwrap();
        let store = ProfileStore::open(directory.path()).unwrap();
        let name = create_profile(&store);
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let post = |second, text: &str| PublishedPost::new(None, "urn:li:person:a", at(second), text);
        store.delete_maybe_published(&name, &post(1, "One")).unwrap();
        assert!(!store.posts_path(&name).exists(), "nothing was sent");
        assert!(store.save_maybe_published(&name, &post(1, "One")).unwrap());
        assert!(!store.save_maybe_published(&name, &post(2, "One")).unwrap(), "sent before");
        assert!(store.save_maybe_published(&name, &post(4, "Two")).unwrap());
        store.save_post(&name, &post(3, "Three")).unwrap();
        let listed = |store: &ProfileStore| {
            let posts = store.all_posts(&name).unwrap().into_iter();
            posts.map(|post| (post.first_line, post.is_maybe_published)).collect::<Vec<_>>()
        };
        let row = |line: &str, is_maybe_published| (line.to_owned(), is_maybe_published);
        assert_eq!(listed(&store), [row("Two", true), row("Three", false), row("One", true)]);
        assert_eq!(store.posts(&name).unwrap().len(), 1, "only what is published");
        store.delete_maybe_published(&name, &post(9, "Two")).unwrap();
        let others = PublishedPost::new(None, "urn:li:person:b", at(1), "One");
        store.delete_maybe_published(&name, &others).unwrap();
        assert_eq!(listed(&store), [row("Three", false), row("One", true)]);
        let one = PublishedPost { is_maybe_published: true, ..post(1, "One") };
        assert_eq!(store.maybe_published_posts(&name).unwrap(), [one]);
    }

    #[test]
    fn a_post_of_a_renamed_profile_is_saved_under_its_new_name() {
        let directory = tempfile::tempdir().unwrap();
        let [store, other_process] = [(); 2].map(|()| ProfileStore::open(directory.path()).unwrap());
        let (name, new) = (create_profile(&store), Name::parse("renamed").unwrap());
        let token = Token {
            access: Secret::new("AQ"),
            scopes: Vec::new(),
            issued_at: Timestamp::UNIX_EPOCH,
            expires_at: None,
            refresh: None,
        };
        store
            .update_profile(&name, |profile| {
                profile.token = Some(token);
                Ok(())
            })
            .unwrap();
        let sent = PublishedPost::new(None, "urn:li:person:a", Timestamp::UNIX_EPOCH, "One");
        store.profile(&name).unwrap();
        assert!(store.save_maybe_published(&name, &sent).unwrap());
        other_process.rename_profile(&name, &new).unwrap();
        let published = PublishedPost { urn: Some("urn:li:share:1".to_owned()), ..sent.clone() };
        store.save_post(&name, &published).unwrap();
        store.delete_maybe_published(&name, &sent).unwrap();
        store.set_post_text(&name, "urn:li:share:1", "Two", Timestamp::UNIX_EPOCH).unwrap();
        let posts = store.all_posts(&new).unwrap();
        assert_eq!((posts.len(), posts[0].text.as_str(), posts[0].is_maybe_published), (1, "Two", false));
        assert!(!store.posts_path(&name).exists());
    }

    #[test]
    fn a_post_of_a_deleted_profile_is_saved_only_for_an_undo() {
        let directory = tempfile::tempdir().unwrap();
        let [store, interface] = [(); 2].map(|()| ProfileStore::open(directory.path()).unwrap());
        let name = create_profile(&store);
        let sent = PublishedPost::new(None, "urn:li:person:a", Timestamp::UNIX_EPOCH, "One");
        let published = PublishedPost { urn: Some("urn:li:share:1".to_owned()), ..sent.clone() };
        let earlier = PublishedPost { urn: Some("urn:li:share:0".to_owned()), text: "Zero".to_owned(), ..sent.clone() };
        let finish = || {
            let saved = store.save_post(&name, &published);
            store.delete_maybe_published(&name, &sent).unwrap();
            saved
        };
        store.save_post(&name, &earlier).unwrap();
        assert!(store.save_maybe_published(&name, &sent).unwrap());

        // An undo keeps what LinkedIn confirmed meanwhile, and what was saved before.
        let deleted = interface.delete_profile_with_undo(&name).unwrap();
        finish().unwrap();
        interface.restore_profile(&deleted).unwrap();
        drop(deleted);
        assert_eq!(store.posts(&name).unwrap(), [published.clone(), earlier]);
        assert_eq!(store.maybe_published_posts(&name).unwrap(), []);
        assert_eq!(interface.take_failures(), Vec::<String>::new());

        // Without an undo nothing remains, whether the post is finished before the program ends or afterwards.
        let deleted = interface.delete_profile_with_undo(&name).unwrap();
        finish().unwrap();
        drop(deleted);
        assert!(!store.posts_path(&name).exists());
        assert_eq!(finish().unwrap_err().code, Code::NoSuchProfile);
        assert!(!store.posts_path(&name).exists());
    }

    #[test]
    fn a_record_is_of_one_author_text_and_attachment() {
        let directory = tempfile::tempdir().unwrap();
        let store = ProfileStore::open(directory.path()).unwrap();
        let name = create_profile(&store);
        let post = |author: &str, text: &str, attachment: &str| PublishedPost {
            attachment: attachment.to_owned(),
            ..PublishedPost::new(None, author, Timestamp::UNIX_EPOCH, text)
        };
        let posts = [
            post("a", "", "images: one.png (1 bytes)"),
            post("a", "", "images: two.png (1 bytes)"),
            post("a", "Hello", ""),
            post("a", "Hello", "images: one.png (1 bytes)"),
            post("b", "Hello", ""),
        ];
        for post in &posts {
            assert!(store.save_maybe_published(&name, post).unwrap(), "{post:?}");
            assert!(!store.save_maybe_published(&name, post).unwrap(), "{post:?}");
        }
        for (deleted, post) in posts.iter().enumerate() {
            store.delete_maybe_published(&name, post).unwrap();
            assert_eq!(store.find_maybe_published(&name, post).unwrap(), None);
            assert_eq!(store.maybe_published_posts(&name).unwrap().len(), posts.len() - deleted - 1);
        }
    }

    #[test]
    fn the_oldest_posts_beyond_the_limit_are_removed() {
        let directory = tempfile::tempdir().unwrap();
        let store = ProfileStore::open(directory.path()).unwrap();
        let name = create_profile(&store);
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
        let name = create_profile(&store);
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

    #[test]
    fn reaction_of_the_author_is_recorded() {
        let directory = tempfile::tempdir().unwrap();
        let store = ProfileStore::open(directory.path()).unwrap();
        let name = create_profile(&store);
        let post =
            PublishedPost::new(Some("urn:li:share:1".to_owned()), "urn:li:person:a", Timestamp::UNIX_EPOCH, "One");
        store.save_post(&name, &post).unwrap();
        let reaction = || store.posts(&name).unwrap().remove(0).reaction;
        let set = |actor, reaction| store.set_post_reaction(&name, "urn:li:share:1", actor, reaction).unwrap();
        set("urn:li:person:a", Some("PRAISE"));
        assert_eq!(reaction().as_deref(), Some("PRAISE"));
        set("urn:li:organization:7", Some("LIKE"));
        set("urn:li:organization:7", None);
        assert_eq!(reaction().as_deref(), Some("PRAISE"), "that of another one is none of the author");
        set("urn:li:person:a", None);
        assert_eq!(reaction(), None);
    }
}
