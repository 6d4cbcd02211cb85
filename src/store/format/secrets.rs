//! The secrets of one document, as plain text or encrypted. Nothing else writes secrets of the store to the disk.

use std::path::Path;

use toml_edit::{DocumentMut, Item, Table};
use zeroize::Zeroizing;

use super::{damaged_value_error, rename_key};
use crate::secret::Secret;
use crate::store::encrypted::{self, Encryption, FieldContext, Key, KeyProvider, is_encrypted};
use crate::store::name::Name;
use crate::{Code, Error, Result};

pub(super) const ACCESS_TOKEN: &str = "token.access_token";
pub(super) const REFRESH_TOKEN: &str = "token.refresh_token";
pub(super) const CLIENT_SECRET: &str = "client_secret";

/// The kinds of documents, which are a part of [`FieldContext`].
pub(super) const PROFILE: &str = "profile";
pub(super) const APP: &str = "app";

/// A document to read, and the keys to its secrets.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
    pub(super) name: &'a Name,
    /// Without keys every secret is read as empty.
    pub(super) keys: Option<&'a dyn KeyProvider>,
}

pub(super) struct SecretReader<'a> {
    source: Source<'a>,
    document_kind: &'static str,
    /// The encryption that the document declares; `None` for plain text.
    encryption: Option<Encryption>,
}

impl<'a> SecretReader<'a> {
    /// Refuses, before any key is needed, a file that was encrypted under another name.
    pub(super) fn new(
        source: Source<'a>,
        document_kind: &'static str,
        encryption: Option<Encryption>,
        encrypted_for: Option<&str>,
    ) -> Result<Self> {
        let encryption = encryption.filter(|encryption| *encryption != Encryption::Off);
        let original = encrypted_for.filter(|_| encryption.is_some()).and_then(|name| Name::parse(name).ok());
        match original.filter(|original| original != source.name) {
            Some(original) => Err(encrypted::renamed_file_error(source.path, document_kind, &original)),
            None => Ok(Self { source, document_kind, encryption }),
        }
    }

    pub(super) fn read(&self, field: &'static str, text: String) -> Result<Secret> {
        let Source { path, name, keys, .. } = self.source;
        let text = Zeroizing::new(text);
        if self.encryption.is_some() && !text.is_empty() && !is_encrypted(&text) {
            return Err(self.plain_text_error(field));
        }
        let Some(keys) = keys else { return Ok(Secret::new("")) };
        if !is_encrypted(&text) {
            return Ok(Secret::new(text.as_str()));
        }
        let Some(encryption) = self.encryption else {
            return Err(damaged_value_error(path, self.source.text, "encryption"));
        };
        let context = FieldContext { document_kind: self.document_kind, name, field };
        keys.fetch_key(encryption)?.decrypt(path, &context, &text)
    }

    // Plain text is not accepted, because anyone who can write to the file could have inserted it without the key.
    fn plain_text_error(&self, field: &str) -> Error {
        Error::new(
            Code::FileDamaged,
            format!("{}: {field} is plain text in a file whose secrets are encrypted.", self.source.path.display()),
            "Someone else may have written it. If it was not you, move the file out of the directory and sign in again. If it was, \
             delete the value, then sign in or add the app again.",
        )
    }
}

/// How the secrets of a document are written.
#[derive(Clone)]
pub(in crate::store) enum SecretWriter {
    Plain,
    Encrypted(Encryption, Key),
}

impl SecretWriter {
    pub(super) fn encryption(&self) -> Option<Encryption> {
        match self {
            Self::Plain => None,
            Self::Encrypted(encryption, _) => Some(*encryption),
        }
    }

    /// Returns the name that an encrypted document is bound to.
    pub(super) fn encrypted_for<'a>(&self, name: &'a Name) -> Option<&'a Name> {
        self.encryption().map(|_| name)
    }

    pub(super) fn write(&self, context: &FieldContext<'_>, secret: &Secret) -> Result<String> {
        let text = secret.expose();
        match self {
            Self::Plain => Ok(text.to_owned()),
            Self::Encrypted(_, key) => key.encrypt(context, text),
        }
    }
}

/// Renames the keys `sealed` and `sealed_for`, which earlier versions wrote.
pub(super) fn rename_legacy_fields(table: &mut Table) {
    rename_key(table, "sealed", "encryption");
    rename_key(table, "sealed_for", "encrypted_for");
}

fn encryption_item(document: &DocumentMut) -> Option<&Item> {
    document.get("encryption").or_else(|| document.get("sealed"))
}

/// Returns the encryption that a document declares; `None` for plain text.
pub(in crate::store) fn declared_encryption(document: &DocumentMut) -> Option<Encryption> {
    let value = encryption_item(document).and_then(Item::as_str)?;
    Encryption::ALL.iter().copied().find(|encryption| *encryption != Encryption::Off && encryption.as_str() == value)
}

/// Returns whether a document has encrypted fields, or declares that it has.
pub(in crate::store) fn mentions_encryption(text: &str) -> bool {
    encrypted::has_encrypted_field(text)
        || text.parse::<DocumentMut>().is_ok_and(|document| encryption_item(&document).is_some())
}

/// Returns how all secrets of a document are stored; `None` if they differ.
pub(in crate::store) fn common_encryption(document: &DocumentMut) -> Option<Encryption> {
    Encryption::ALL.iter().copied().find(|encryption| is_stored_as(document, *encryption))
}

/// Returns whether every secret of a document is stored as `wanted`.
pub(in crate::store) fn is_stored_as(document: &DocumentMut, wanted: Encryption) -> bool {
    let mut secrets = [ACCESS_TOKEN, REFRESH_TOKEN, CLIENT_SECRET]
        .into_iter()
        .filter_map(|field| field.split('.').try_fold(document.as_item(), |item, key| item.get(key))?.as_str());
    // An empty client secret is ignored.
    declared_encryption(document).unwrap_or_default() == wanted
        && secrets.all(|text| text.is_empty() || is_encrypted(text) == (wanted != Encryption::Off))
}
