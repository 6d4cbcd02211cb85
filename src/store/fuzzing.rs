//! Reading and writing a profile's file without a disk, for the fuzz targets.

use std::path::Path;

use super::encrypted::NoKeys;
use super::format::{self, Writing};
use super::types::{Name, Profile};
use crate::Result;

/// The path that errors name.
const PATH: &str = "p.toml";

/// Reads a profile from its file's text, which no key opens.
pub(crate) fn read(name: &Name, text: &str) -> Result<Profile> {
    format::profile(Path::new(PATH), name, text, Some(&NoKeys))
}

/// Returns the file's text once the profile is saved in it, as plain text.
pub(crate) fn write(text: &str, profile: &Profile) -> Result<String> {
    let mut document = format::document(Path::new(PATH), Some(text))?;
    format::write_profile(&mut document, profile, &Writing::Plain)?;
    Ok(document.to_string())
}
