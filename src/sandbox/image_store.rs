//! The bytes of the uploaded images: in files of the sandbox's folder, or in memory.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard};

use super::state_store::{create_private_folder, failed};
use crate::Result;
use crate::sync::lock;

/// Images in memory beyond which the oldest are deleted.
const MAX_IN_MEMORY: usize = 100;

pub(super) struct ImageStore {
    folder: Option<PathBuf>,
    memory: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl ImageStore {
    pub(super) fn new(folder: Option<PathBuf>) -> Self {
        Self { folder: folder.map(|folder| folder.join("images")), memory: Mutex::default() }
    }

    pub(super) fn save(&self, id: &str, bytes: &[u8]) -> Result<()> {
        let Some(folder) = &self.folder else {
            let mut memory = self.memory();
            memory.insert(id.to_owned(), bytes.to_vec());
            while memory.len() > MAX_IN_MEMORY {
                memory.pop_first();
            }
            return Ok(());
        };
        let failed = |error| failed("save an image in", folder, &error);
        create_private_folder(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        std::io::Write::write_all(&mut file, bytes).map_err(failed)?;
        file.persist(folder.join(id)).map(drop).map_err(|error| failed(error.error))
    }

    pub(super) fn load(&self, id: &str) -> Option<Vec<u8>> {
        // The ID comes from the URL and names a file: accept only what the sandbox itself creates.
        if !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
            return None;
        }
        match &self.folder {
            Some(folder) => fs::read(folder.join(id)).ok(),
            None => self.memory().get(id).cloned(),
        }
    }

    pub(super) fn clear(&self) {
        self.memory().clear();
        if let Some(folder) = &self.folder {
            // A file that cannot be deleted is harmless: no post refers to it any more.
            drop(fs::remove_dir_all(folder));
        }
    }

    fn memory(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        lock(&self.memory)
    }
}
