//! Stands in for the entry in a build without the feature `keyring`.

use age::secrecy::SecretString;

use crate::{Code, Error, Result};

pub(super) fn read_entry(_: &str) -> Result<Option<SecretString>> {
    Err(unsupported())
}

pub(super) fn write_entry(_: &str, _: &SecretString) -> Result<()> {
    Err(unsupported())
}

pub(in crate::encryption) fn delete_entry(_: String) -> Result<()> {
    Err(unsupported())
}

fn unsupported() -> Error {
    Error::new(
        Code::KeyUnavailable,
        "This build of linkedin-tui has no support for the system's keyring.",
        "Install a build with the Cargo feature keyring. For new secrets, encryption passphrase needs no keyring.",
    )
}
