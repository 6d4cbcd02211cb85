//! What the files hold, as far as they were read: names come first, details as they are read.

use crate::Error;
use crate::store::{App, Name, Profile};
use crate::text::fold_for_search;

/// One profile of the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name.
    pub name: Name,
    /// What its file gave; `None` until it was read.
    pub profile: Option<Result<Profile, Error>>,
    /// Name, member and app, folded once for the filter.
    search: String,
}

impl Row {
    /// A profile whose file was not read yet.
    pub fn named(name: Name) -> Self {
        Self { search: name.to_string(), name, profile: None }
    }

    /// A profile and what its file gave.
    pub fn new(name: Name, profile: Result<Profile, Error>) -> Self {
        let search = match &profile {
            Ok(profile) => {
                let member = profile.member.as_ref().and_then(|member| member.name.as_deref()).unwrap_or_default();
                fold_for_search(&format!("{name} {member} {}", profile.app))
            }
            // The words of the row and of the title's count.
            Err(_) => format!("{name} cannot be read damaged unreadable"),
        };
        Self { name, profile: Some(profile), search }
    }

    /// The profile, where it was read and can be.
    pub fn readable(&self) -> Option<&Profile> {
        self.profile.as_ref().and_then(|read| read.as_ref().ok())
    }

    /// Does it hold all of `words`, which are folded, in its texts or in its status's word?
    pub fn fits(&self, words: &[String], status: &str) -> bool {
        words.iter().all(|word| self.search.contains(word.as_str()) || status.contains(word.as_str()))
    }
}

/// What the files hold.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// Profiles, sorted by name.
    pub rows: Vec<Row>,
    /// Those whose files changed since they were read, or never were.
    pub stale: Vec<Name>,
    /// Apps, sorted by name.
    pub apps: Vec<App>,
    /// The current profile.
    pub current: Option<Name>,
    /// The ticks of the app guide.
    pub guide: Vec<String>,
}

impl Files {
    fn place(&self, name: &Name) -> Option<usize> {
        self.rows.binary_search_by(|row| row.name.cmp(name)).ok()
    }

    /// The row of a profile.
    pub fn row(&self, name: &Name) -> Option<&Row> {
        self.rows.get(self.place(name)?)
    }

    /// A profile, where it was read and can be.
    pub fn profile(&self, name: &Name) -> Option<&Profile> {
        self.row(name)?.readable()
    }

    /// All profiles that were read and can be.
    pub fn readable(&self) -> impl Iterator<Item = &Profile> + Clone {
        self.rows.iter().filter_map(Row::readable)
    }

    /// Is there a profile of that name?
    pub fn has(&self, name: &str) -> bool {
        self.rows.binary_search_by(|row| row.name.as_str().cmp(name)).is_ok()
    }

    /// Takes what a file gave; a profile that is in no listing is not added.
    pub fn take(&mut self, name: Name, profile: Result<Profile, Error>) {
        if let Some(at) = self.place(&name) {
            self.rows[at] = Row::new(name, profile);
        }
    }

    /// Takes a profile that was saved just now, listed before or not.
    pub fn add(&mut self, profile: Profile) {
        let name = profile.name.clone();
        let row = Row::new(name.clone(), Ok(profile));
        match self.rows.binary_search_by(|one| one.name.cmp(&name)) {
            Ok(at) => self.rows[at] = row,
            Err(at) => self.rows.insert(at, row),
        }
    }

    /// Takes over what is known of the rows that were not read anew.
    pub fn keep_details(&mut self, before: &Self) {
        for row in &mut self.rows {
            if row.profile.is_none()
                && let Some(known) = before.row(&row.name)
            {
                *row = known.clone();
            }
        }
    }
}
