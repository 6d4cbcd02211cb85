//! Reads and writes the text of a profile's file, for fuzz targets and tests.

use std::path::Path;

use super::encrypted::NoKeys;
use super::format::{SecretWriter, parse_document, profile as profile_format};
use super::model::Profile;
use super::name::Name;
use crate::Result;

/// The path that errors name.
const PATH: &str = "p.toml";

/// Reads a profile without encrypted fields.
pub(crate) fn read(name: &Name, text: &str) -> Result<Profile> {
    profile_format::read(Path::new(PATH), name, text, Some(&NoKeys))
}

/// Returns the text with the profile saved in it.
pub(crate) fn write(text: &str, profile: &Profile) -> Result<String> {
    let mut document = parse_document(Path::new(PATH), Some(text))?;
    profile_format::write(&mut document, profile, &SecretWriter::Plain)?;
    Ok(document.to_string())
}
