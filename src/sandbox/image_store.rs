//! The bytes of the uploaded images: in files of the sandbox's directory, or in memory.

use std::collections::VecDeque;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard};

use super::state_store::{create_private_directory, storage_error};
use crate::Result;
use crate::sync::lock;

/// Largest number of images in memory; the oldest are deleted first.
const MAX_IMAGES_IN_MEMORY: usize = 100;

pub(super) struct ImageStore {
    directory: Option<PathBuf>,
    /// The ID and the bytes of each image, the oldest first.
    memory: Mutex<VecDeque<(String, Vec<u8>)>>,
}

impl ImageStore {
    pub(super) fn new(directory: Option<PathBuf>) -> Self {
        Self { directory: directory.map(|directory| directory.join("images")), memory: Mutex::default() }
    }

    pub(super) fn save(&self, id: &str, bytes: &[u8]) -> Result<()> {
        let Some(directory) = &self.directory else {
            let mut memory = self.memory();
            memory.retain(|(saved_id, _)| saved_id != id);
            memory.push_back((id.to_owned(), bytes.to_vec()));
            while memory.len() > MAX_IMAGES_IN_MEMORY {
                memory.pop_front();
            }
            return Ok(());
        };
        let save_error = |error| storage_error("save an image in", directory, &error);
        create_private_directory(directory)?;
        let mut file = tempfile::NamedTempFile::new_in(directory).map_err(save_error)?;
        std::io::Write::write_all(&mut file, bytes).map_err(save_error)?;
        file.persist(directory.join(id)).map(drop).map_err(|error| save_error(error.error))
    }

    pub(super) fn load(&self, id: &str) -> Option<Vec<u8>> {
        // The ID comes from the URL and names a file: accept only what the sandbox itself creates.
        if !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
            return None;
        }
        match &self.directory {
            Some(directory) => fs::read(directory.join(id)).ok(),
            None => self.memory().iter().find(|(saved_id, _)| saved_id == id).map(|(_, bytes)| bytes.clone()),
        }
    }

    pub(super) fn clear(&self) {
        self.memory().clear();
        if let Some(directory) = &self.directory {
            // A file that cannot be deleted is harmless: no post refers to it.
            drop(fs::remove_dir_all(directory));
        }
    }

    fn memory(&self) -> MutexGuard<'_, VecDeque<(String, Vec<u8>)>> {
        lock(&self.memory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_image_in_memory_is_deleted_first() {
        let store = ImageStore::new(None);
        // The newest IDs come first in the order of the alphabet.
        for number in (0..=MAX_IMAGES_IN_MEMORY).rev() {
            store.save(&format!("{number:03}"), b"x").unwrap();
        }
        assert!(store.load(&format!("{MAX_IMAGES_IN_MEMORY:03}")).is_none());
        assert!(store.load("000").is_some() && store.load("099").is_some());
    }
}
