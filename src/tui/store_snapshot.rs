//! The contents of the files: the names are read first, then the profiles.

use crate::Error;
use crate::store::{App, Name, Profile};
use crate::text::fold_for_search;

/// A profile of the list.
#[derive(Clone, Debug)]
pub struct Row {
    pub name: Name,
    /// The contents of its file; `None` until it was read.
    pub profile: Option<Result<Profile, Error>>,
    /// Name, member and app, folded for the filter.
    search: String,
}

impl Row {
    /// Creates the row of a profile whose file was not read yet.
    pub fn unread(name: Name) -> Self {
        Self { search: name.to_string(), name, profile: None }
    }

    pub fn new(name: Name, profile: Result<Profile, Error>) -> Self {
        let search = match &profile {
            Ok(profile) => {
                // As the row shows it.
                let member = profile.member.as_ref().map(|member| member.name.as_ref().unwrap_or(&member.id));
                fold_for_search(&format!("{name} {} {}", member.map_or("", String::as_str), profile.app))
            }
            // The filter finds the texts that the row and the title show.
            Err(_) => format!("{name} cannot be read damaged"),
        };
        Self { name, profile: Some(profile), search }
    }

    /// Returns the profile; `None` where it was not read yet or cannot be read.
    pub fn readable(&self) -> Option<&Profile> {
        self.profile.as_ref().and_then(|read| read.as_ref().ok())
    }

    /// Returns whether the row or its `status` contains each of `terms`, which are folded.
    pub fn matches(&self, terms: &[String], status: &str) -> bool {
        terms.iter().all(|term| self.search.contains(term.as_str()) || status.contains(term.as_str()))
    }
}

/// What the interface knows of the files.
#[derive(Clone, Debug, Default)]
pub struct StoreSnapshot {
    /// The profiles, sorted by name.
    pub rows: Vec<Row>,
    /// The profiles whose files are symbolic links.
    pub links: Vec<Name>,
    /// The profiles whose files were not read since they changed.
    pub stale: Vec<Name>,
    /// The apps, sorted by name.
    pub apps: Vec<App>,
    /// The current profile.
    pub current: Option<Name>,
    /// The completed steps of the app guide, by their keys.
    pub completed_guide_steps: Vec<String>,
}

impl StoreSnapshot {
    fn position(&self, name: &str) -> Result<usize, usize> {
        self.rows.binary_search_by(|row| row.name.compare_with(name))
    }

    pub fn row(&self, name: &Name) -> Option<&Row> {
        self.rows.get(self.position(name.as_str()).ok()?)
    }

    /// Returns a profile; `None` where it does not exist, was not read yet or cannot be read.
    pub fn profile(&self, name: &Name) -> Option<&Profile> {
        self.row(name)?.readable()
    }

    /// Returns the profiles whose files could be read.
    pub fn readable(&self) -> impl Iterator<Item = &Profile> + Clone {
        self.rows.iter().filter_map(Row::readable)
    }

    /// Returns whether the file of a profile cannot be read.
    pub fn is_damaged(&self, name: &Name) -> bool {
        self.row(name).is_some_and(|row| matches!(row.profile, Some(Err(_))))
    }

    pub fn has_profile(&self, name: &str) -> bool {
        self.position(name).is_ok()
    }

    /// Sets the contents of a file that was read; a profile that is no longer listed is ignored.
    pub fn set(&mut self, name: Name, profile: Result<Profile, Error>) {
        if let Ok(at) = self.position(name.as_str()) {
            self.rows[at] = Row::new(name, profile);
        }
    }

    /// Adds or replaces a profile that was saved just now.
    pub fn insert(&mut self, profile: Profile) {
        let row = Row::new(profile.name.clone(), Ok(profile));
        match self.position(row.name.as_str()) {
            Ok(at) => self.rows[at] = row,
            Err(at) => self.rows.insert(at, row),
        }
    }

    /// Copies the profiles that were not read again from the `previous` files.
    pub fn copy_unread_from(&mut self, previous: &Self) {
        for row in self.rows.iter_mut().filter(|row| row.profile.is_none()) {
            if let Some(previous_row) = previous.row(&row.name) {
                *row = previous_row.clone();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Member;

    #[test]
    fn a_member_without_a_name_is_found_by_the_id() {
        let (name, app) = (Name::parse("anon").unwrap(), Name::parse("app").unwrap());
        let mut profile = Profile::new(name.clone(), app, Vec::new());
        profile.member = Some(Member { id: "XyZanon123".to_owned(), name: None, email: None });
        assert!(Row::new(name, Ok(profile)).matches(&[fold_for_search("XyZanon")], ""));
    }
}
