//! A post that is being written, kept until it is published or thrown away: `drafts/NAME.toml`,
//! so that neither a crash nor a closed terminal costs a word.

use std::path::PathBuf;

use serde::Deserialize;
use toml_edit::{ArrayOfTables, Item, Table, value};

use super::exclusive::SAVE_WAIT;
use super::format::{self, set};
use super::locks::LockId;
use super::saving;
use super::store::ProfileStore;
use super::types::Name;
use crate::{Code, Result};

/// What was typed so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct SavedDraft {
    /// The text, as typed.
    pub text: String,
    /// `public` or `connections`; empty for the usual one.
    pub visibility: String,
    /// The author's URN, where it is not the member's own.
    pub author: Option<String>,
    /// A link below the text.
    pub link: Option<String>,
    /// The link's title.
    pub title: Option<String>,
    /// Images below the text.
    #[serde(rename = "image")]
    pub images: Vec<DraftImage>,
}

/// An image of a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct DraftImage {
    /// Its file.
    pub path: PathBuf,
    /// What it shows.
    pub alt: Option<String>,
}

impl ProfileStore {
    pub(super) fn draft_path(&self, name: &Name) -> PathBuf {
        self.root.join("drafts").join(format!("{name}.toml"))
    }

    /// The draft of a profile, where there is one.
    ///
    /// # Errors
    /// `file_damaged`, `files`.
    pub fn draft(&self, name: &Name) -> Result<Option<SavedDraft>> {
        let path = self.draft_path(name);
        self.read(&path)?.map(|text| format::parse(&path, &text)).transpose()
    }

    /// Keeps a draft, private and whole at every instant.
    ///
    /// # Errors
    /// `files`, `file_newer`, `locked`.
    pub fn save_draft(&self, name: &Name, draft: &SavedDraft) -> Result<()> {
        let _lock = self.lock(&LockId::Draft(name.clone()), SAVE_WAIT)?;
        let path = self.draft_path(name);
        let mut document = match format::document(&path, self.read(&path)?.as_deref()) {
            // A damaged draft is replaced by what is on the screen.
            Err(error) if error.code == Code::FileDamaged => format::document(&path, None)?,
            other => other?,
        };
        write(document.as_table_mut(), draft);
        saving::save(&path, &document.to_string())
    }

    /// Throws a draft away: it was published, or is not wanted.
    ///
    /// # Errors
    /// `files`, `locked`.
    pub fn delete_draft(&self, name: &Name) -> Result<()> {
        let _lock = self.lock(&LockId::Draft(name.clone()), SAVE_WAIT)?;
        let path = self.draft_path(name);
        if path.exists() { saving::delete(&path) } else { Ok(()) }
    }
}

fn write(table: &mut Table, draft: &SavedDraft) {
    set(table, "text", Some(value(&draft.text)));
    set(table, "visibility", Some(value(&draft.visibility)));
    set(table, "author", draft.author.as_deref().map(value));
    set(table, "link", draft.link.as_deref().map(value));
    set(table, "title", draft.title.as_deref().map(value));
    let mut images = ArrayOfTables::new();
    for image in &draft.images {
        let mut row = Table::new();
        row.insert("path", value(image.path.to_string_lossy().into_owned()));
        set(&mut row, "alt", image.alt.as_deref().map(value));
        images.push(row);
    }
    table.insert("image", Item::ArrayOfTables(images));
}
