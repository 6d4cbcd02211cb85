//! LinkedIn's responses to the last writes, in `posts/NAME.toml`: for some capabilities they are the only evidence.

use toml_edit::Item;

use super::format;
use super::model::WriteOutcome;
use super::name::Name;
use super::posts::WriteOutcomeRow;
use super::profile_store::ProfileStore;
use crate::Result;

impl ProfileStore {
    /// Returns the last outcome for each capability and author.
    pub fn outcomes(&self, name: &Name) -> Result<Vec<WriteOutcome>> {
        let to_outcome = |row| if let WriteOutcomeRow::Known(outcome) = row { Some(outcome) } else { None };
        Ok(self.posts_file(name)?.outcome.into_iter().filter_map(to_outcome).collect())
    }

    /// Saves an outcome in place of the previous one for its capability and author.
    pub fn save_outcome(&self, name: &Name, outcome: &WriteOutcome) -> Result<()> {
        self.change_posts(name, "outcome", |_, rows| {
            let previous = rows.iter_mut().find(|row| {
                let has_value = |key: &str, text: &str| row.get(key).and_then(Item::as_str).unwrap_or_default() == text;
                has_value("capability", outcome.capability.id()) && has_value("author", &outcome.author)
            });
            if let Some(table) = previous {
                return format::write_fields(table, outcome);
            }
            rows.push(format::new_table(outcome)?);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linkedin::capabilities::Capability;
    use crate::store::model::PublishedPost;
    use crate::store::posts::tests::create_profile;

    fn outcome(capability: Capability, author: &str, is_accepted: bool) -> WriteOutcome {
        WriteOutcome {
            capability,
            author: author.to_owned(),
            client_id: "86abc".to_owned(),
            scopes: vec!["w_member_social".to_owned()],
            at: "2026-11-24T14:05:00Z".parse().unwrap(),
            is_accepted,
            api: "/rest/posts".to_owned(),
        }
    }

    #[test]
    fn saved_outcome_replaces_the_previous_one() {
        let directory = tempfile::tempdir().unwrap();
        let store = ProfileStore::open(directory.path()).unwrap();
        let name = create_profile(&store);
        assert_eq!(store.outcomes(&name).unwrap(), []);
        let refused = outcome(Capability::PostAsMember, "urn:li:person:a", false);
        let page = outcome(Capability::PostAsPage, "urn:li:organization:7", true);
        let accepted = WriteOutcome {
            api: "/v2/ugcPosts".to_owned(),
            ..outcome(Capability::PostAsMember, "urn:li:person:a", true)
        };
        store.save_outcome(&name, &refused).unwrap();
        store.save_outcome(&name, &page).unwrap();
        let comment = outcome(Capability::Comment, "urn:li:person:a", true);
        store.save_outcome(&name, &comment).unwrap();
        let at = refused.at;
        store
            .save_post(&name, &PublishedPost::new(Some("urn:li:share:7".to_owned()), "urn:li:person:a", at, "Hello"))
            .unwrap();
        store.save_outcome(&name, &accepted).unwrap();
        assert_eq!(store.outcomes(&name).unwrap(), [accepted, page, comment]);
        assert_eq!(store.posts(&name).unwrap().len(), 1, "the posts in the same file stay");
    }

    #[test]
    fn outcome_of_a_newer_version_stays() {
        let directory = tempfile::tempdir().unwrap();
        let store = ProfileStore::open(directory.path()).unwrap();
        let name = create_profile(&store);
        std::fs::create_dir(directory.path().join("posts")).unwrap();
        let text = "schema = 1\n# mine\n[[outcome]]\ncapability = \"fly\"\nat = \"2026-11-24T14:05:00Z\"\n";
        std::fs::write(directory.path().join("posts/work.toml"), text).unwrap();
        assert_eq!(store.outcomes(&name).unwrap(), []);
        let comment = outcome(Capability::Comment, "urn:li:person:a", true);
        store.save_outcome(&name, &comment).unwrap();
        assert_eq!(store.outcomes(&name).unwrap(), [comment]);
        assert!(std::fs::read_to_string(directory.path().join("posts/work.toml")).unwrap().starts_with(text));
    }
}
