//! Reading and writing a profile's file without a disk, for the fuzz targets.

use std::path::Path;

use super::encrypted::NoKeys;
use super::format::{SecretWriter, document, profile};
use super::model::Profile;
use super::name::Name;
use crate::Result;

/// The path that errors name.
const PATH: &str = "p.toml";

/// Reads a profile from its file's text, which no key opens.
pub(crate) fn read(name: &Name, text: &str) -> Result<Profile> {
    profile::read(Path::new(PATH), name, text, Some(&NoKeys))
}

/// Returns the file's text once the profile is saved in it, as plain text.
pub(crate) fn write(text: &str, saved: &Profile) -> Result<String> {
    let mut document = document(Path::new(PATH), Some(text))?;
    profile::write(&mut document, saved, &SecretWriter::Plain)?;
    Ok(document.to_string())
}
