//! How LinkedIn answered the last write of each kind: the only proof of what no read request shows.
//! Kept in `posts/NAME.toml`, beside the posts that were published from here.

use jiff::Timestamp;
use serde::Deserialize;
use toml_edit::{Item, Table, value};

use super::format::{self, set, strings};
use super::store::ProfileStore;
use super::types::Name;
use crate::Result;
use crate::clock::rfc3339;
use crate::linkedin::capabilities::Capability;

/// The answer to a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteOutcome {
    /// What the write needed.
    pub capability: Capability,
    /// In whose name it was: a member's or a Page's URN.
    pub author: String,
    /// The client ID of the app.
    pub client_id: String,
    /// The scopes of the token.
    pub scopes: Vec<String>,
    /// When, by this machine's clock.
    pub at: Timestamp,
    /// Whether LinkedIn accepted it, or refused it for a missing product or scope.
    pub accepted: bool,
    /// The path that answered, such as `/rest/posts`.
    pub api: String,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    outcome: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    capability: String,
    #[serde(default)]
    author: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    scopes: Vec<String>,
    at: String,
    #[serde(default)]
    accepted: bool,
    #[serde(default)]
    api: String,
}

impl ProfileStore {
    /// The answers to the last writes, one for each capability and author.
    ///
    /// # Errors
    /// `file_damaged`, `files`.
    pub fn outcomes(&self, name: &Name) -> Result<Vec<WriteOutcome>> {
        let path = self.posts_path(name);
        let Some(text) = self.read(&path)? else { return Ok(Vec::new()) };
        let file: File = format::parse(&path, &text)?;
        let source = format::Source { path: &path, text: &text };
        let outcome = |row: Row| {
            // One that a newer version of the program wrote.
            let Some(capability) = Capability::from_id(&row.capability) else { return Ok(None) };
            Ok(Some(WriteOutcome {
                capability,
                author: row.author,
                client_id: row.client_id,
                scopes: row.scopes,
                at: source.time(&["outcome", "at"], &row.at)?,
                accepted: row.accepted,
                api: row.api,
            }))
        };
        file.outcome.into_iter().filter_map(|row| outcome(row).transpose()).collect()
    }

    /// Saves the answer to a write in place of the one before it.
    ///
    /// # Errors
    /// `file_damaged`, `file_newer`, `files`, `locked`.
    pub fn save_outcome(&self, name: &Name, outcome: &WriteOutcome) -> Result<()> {
        self.change_posts(name, "outcome", |rows| {
            let text = |row: &Table, key: &str| row.get(key).and_then(Item::as_str).unwrap_or_default().to_owned();
            let is_same = |row: &Table| {
                text(row, "capability") == outcome.capability.id() && text(row, "author") == outcome.author
            };
            if !rows.iter().any(is_same) {
                let mut row = Table::new();
                set(&mut row, "capability", Some(value(outcome.capability.id())));
                set(&mut row, "author", Some(value(&outcome.author)));
                rows.push(row);
            }
            for row in rows.iter_mut().filter(|row| is_same(row)) {
                set(row, "client_id", Some(value(&outcome.client_id)));
                set(row, "scopes", Some(strings(&outcome.scopes)));
                set(row, "at", Some(value(rfc3339(outcome.at))));
                set(row, "accepted", Some(value(outcome.accepted)));
                set(row, "api", Some(value(&outcome.api)));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::posts::PublishedPost;
    use super::*;

    fn outcome(capability: Capability, author: &str, accepted: bool) -> WriteOutcome {
        WriteOutcome {
            capability,
            author: author.to_owned(),
            client_id: "86abc".to_owned(),
            scopes: vec!["w_member_social".to_owned()],
            at: "2026-11-24T14:05:00Z".parse().unwrap(),
            accepted,
            api: "/rest/posts".to_owned(),
        }
    }

    #[test]
    fn the_last_answer_replaces_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let store = ProfileStore::open(folder.path()).unwrap();
        let name = Name::parse("work").unwrap();
        assert_eq!(store.outcomes(&name).unwrap(), []);
        let refused = outcome(Capability::PostAsMember, "urn:li:person:a", false);
        let page = outcome(Capability::PostAsPage, "urn:li:organization:7", true);
        let accepted = WriteOutcome {
            api: "/v2/ugcPosts".to_owned(),
            ..outcome(Capability::PostAsMember, "urn:li:person:a", true)
        };
        store.save_outcome(&name, &refused).unwrap();
        store.save_outcome(&name, &page).unwrap();
        let at = refused.at;
        store
            .save_post(&name, &PublishedPost::new(Some("urn:li:share:7".to_owned()), "urn:li:person:a", at, "Hello"))
            .unwrap();
        store.save_outcome(&name, &accepted).unwrap();
        assert_eq!(store.outcomes(&name).unwrap(), [accepted, page]);
        assert_eq!(store.posts(&name).unwrap().len(), 1, "the posts beside them stay");
    }

    #[test]
    fn a_capability_of_a_newer_version_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = ProfileStore::open(folder.path()).unwrap();
        let name = Name::parse("work").unwrap();
        std::fs::create_dir(folder.path().join("posts")).unwrap();
        let text = "schema = 1\n# mine\n[[outcome]]\ncapability = \"fly\"\nat = \"2026-11-24T14:05:00Z\"\n";
        std::fs::write(folder.path().join("posts/work.toml"), text).unwrap();
        assert_eq!(store.outcomes(&name).unwrap(), []);
        let one = outcome(Capability::Comment, "urn:li:person:a", true);
        store.save_outcome(&name, &one).unwrap();
        assert_eq!(store.outcomes(&name).unwrap(), [one]);
        assert!(std::fs::read_to_string(folder.path().join("posts/work.toml")).unwrap().starts_with(text));
    }
}
