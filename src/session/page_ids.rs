//! The IDs of the Pages that this run found by their vanity names.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::sync::lock;

/// The IDs by vanity name; a clone shares them.
#[derive(Clone, Debug, Default)]
pub struct PageIds(Arc<Mutex<HashMap<String, u64>>>);

impl PageIds {
    pub(crate) fn get(&self, vanity_name: &str) -> Option<u64> {
        lock(&self.0).get(vanity_name).copied()
    }

    pub(crate) fn insert(&self, vanity_name: &str, page_id: u64) {
        lock(&self.0).insert(vanity_name.to_owned(), page_id);
    }
}
