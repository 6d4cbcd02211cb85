//! Encrypted fields: a secret as age ciphertext, bound to its file and its key in the document.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use age::secrecy::SecretString;
use age::x25519::Identity;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};
use zeroize::Zeroize;

use super::name::Name;
use crate::secret::Secret;
use crate::sync::lock;
use crate::{Code, Error, Result};

/// What an armored age file begins with.
const BEGIN: &str = "-----BEGIN AGE ENCRYPTED FILE-----";

/// How the secrets of a file are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, IntoStaticStr, VariantArray, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Encryption {
    /// As plain text in a file that only its owner can read. Its earlier name was `file`.
    #[default]
    #[serde(alias = "file")]
    Off,
    /// Encrypted; the system's keyring holds the key.
    Keyring,
    /// Encrypted; a passphrase protects the key.
    Passphrase,
}

impl Encryption {
    pub(super) const ALL: &[Self] = Self::VARIANTS;

    /// Returns the word in `config.toml`, in an encrypted file and on the command line.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A source of keys, used only when a field is encrypted or about to be.
pub trait KeyProvider: fmt::Debug + Send + Sync {
    /// Returns how new files store their secrets.
    fn preferred_encryption(&self) -> Result<Encryption>;

    /// Returns the key of this kind; may prompt, but at most once.
    ///
    /// # Errors
    /// `key_unavailable`, `wrong_passphrase`, `files`.
    fn key(&self, kind: Encryption) -> Result<Key>;

    /// Returns the key of this kind if neither a prompt nor a keyring is needed: a lock may be held.
    fn cached_key(&self, kind: Encryption) -> Result<Option<Key>> {
        self.key(kind).map(Some)
    }
}

/// A provider that never prompts, and records which key it lacked.
#[derive(Debug)]
pub(super) struct CachedKeys {
    keys: Arc<dyn KeyProvider>,
    /// A key that is not in use yet.
    new: Option<(Encryption, Key)>,
    missing: Mutex<Option<Encryption>>,
}

impl CachedKeys {
    pub(super) fn new(keys: Arc<dyn KeyProvider>, new: Option<(Encryption, Key)>) -> Self {
        Self { keys, new, missing: Mutex::default() }
    }

    /// Returns the kind of key that was needed and not cached.
    pub(super) fn missing(&self) -> Option<Encryption> {
        *lock(&self.missing)
    }
}

impl KeyProvider for CachedKeys {
    fn preferred_encryption(&self) -> Result<Encryption> {
        self.keys.preferred_encryption()
    }

    fn key(&self, kind: Encryption) -> Result<Key> {
        if let Some((_, key)) = self.new.as_ref().filter(|(new, _)| *new == kind) {
            return Ok(key.clone());
        }
        self.keys.cached_key(kind)?.ok_or_else(|| {
            *lock(&self.missing) = Some(kind);
            Error::new(Code::KeyUnavailable, format!("The {} key is not cached.", kind.as_str()), "Try again.")
        })
    }

    fn cached_key(&self, kind: Encryption) -> Result<Option<Key>> {
        self.keys.cached_key(kind)
    }
}

/// A provider without keys, for folders in which everything is plain text.
#[derive(Debug)]
pub(super) struct NoKeys;

impl KeyProvider for NoKeys {
    fn preferred_encryption(&self) -> Result<Encryption> {
        Ok(Encryption::Off)
    }

    fn key(&self, kind: Encryption) -> Result<Key> {
        Err(Error::new(Code::KeyUnavailable, format!("There is no {} key here.", kind.as_str()), ""))
    }

    fn cached_key(&self, _: Encryption) -> Result<Option<Key>> {
        Ok(None)
    }
}

/// An age X25519 identity, with a redacted `Debug`.
#[derive(Clone)]
pub struct Key(Arc<Identity>);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(****)")
    }
}

impl Key {
    pub fn generate() -> Self {
        Self(Arc::new(Identity::generate()))
    }

    /// Parses the `AGE-SECRET-KEY-1…` line of an identity file; comment lines are skipped.
    pub fn parse(text: &str) -> Option<Self> {
        let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))?;
        line.parse().ok().map(|identity| Self(Arc::new(identity)))
    }

    /// Returns the `AGE-SECRET-KEY-1…` text, for where the key is stored.
    pub fn text(&self) -> SecretString {
        self.0.to_string()
    }

    /// Returns the public half, `age1…`, which is not a secret.
    pub fn public(&self) -> String {
        self.0.to_public().to_string()
    }

    /// Encrypts a text for one field.
    pub(super) fn encrypt(&self, context: &FieldContext<'_>, plain: &str) -> Result<String> {
        age::encrypt_and_armor(&self.0.to_public(), format!("{}\n{plain}", context.label()).as_bytes()).map_err(|_| {
            Error::new(Code::Unexpected, format!("The field {} could not be encrypted.", context.field), "Try again.")
        })
    }

    /// Decrypts what was encrypted for this very field.
    pub(super) fn decrypt(&self, context: &FieldContext<'_>, encrypted: &str) -> Result<Secret, DecryptError> {
        let plain = age::decrypt(&*self.0, encrypted.trim().as_bytes()).map_err(|error| match error {
            age::DecryptError::NoMatchingKeys => DecryptError::OtherKey,
            _ => DecryptError::Damaged,
        })?;
        let text = String::from_utf8(plain).map_err(|error| {
            error.into_bytes().zeroize();
            DecryptError::Damaged
        })?;
        let text = Secret::new(text);
        text.after_line(&context.label()).ok_or_else(|| DecryptError::OtherField(Origin::parse(&text)))
    }
}

/// Why an encrypted field cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DecryptError {
    /// It is not an age ciphertext.
    Damaged,
    /// It was encrypted with another key.
    OtherKey,
    /// It was encrypted for another file or field: this one, if that can be read.
    OtherField(Option<Origin>),
}

/// The file and the field that a secret was encrypted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    kind: String,
    name: Name,
    field: String,
}

impl Origin {
    /// Parses the first line of the plain text.
    fn parse(text: &Secret) -> Option<Self> {
        let label = text.first_line(MAX_LABEL_BYTES)?;
        let mut words = label.strip_prefix("linkedin-tui ")?.split(' ');
        let (kind, name, field) = (words.next()?, Name::parse(words.next()?).ok()?, words.next()?);
        Some(Self { kind: kind.to_owned(), name, field: field.to_owned() })
    }

    /// Returns the file's path from the folder.
    fn file(&self) -> String {
        format!("{}s/{}.toml", self.kind, self.name)
    }
}

/// Longest first line that can be a label.
const MAX_LABEL_BYTES: usize = 200;

/// What to do with a file that cannot be decrypted; the others stay usable.
const RESTORE_HINT: &str = "Put the file back from a copy, or move it out of the folder and sign in again. It is not overwritten, and the \
                       others are not touched.";

impl DecryptError {
    /// Returns the error to report, without the field's content.
    pub(super) fn into_error(self, path: &Path, field: &str) -> Error {
        let path = path.display();
        let (message, hint) = match self {
            Self::Damaged => (format!("{path}: the encrypted field {field} is damaged."), RESTORE_HINT.to_owned()),
            Self::OtherKey => (
                format!("{path}: the encrypted field {field} was encrypted with a different key."),
                RESTORE_HINT.to_owned(),
            ),
            Self::OtherField(Some(origin)) if origin.field == field => renamed(&path, &origin.file()),
            Self::OtherField(Some(origin)) => (
                format!("{path}: the encrypted field {field} was encrypted as {} of {}.", origin.field, origin.file()),
                RESTORE_HINT.to_owned(),
            ),
            Self::OtherField(None) => (
                format!("{path}: the encrypted field {field} was encrypted for another file or another field."),
                RESTORE_HINT.to_owned(),
            ),
        };
        Error::new(Code::FileDamaged, message, hint)
    }
}

/// Returns the error for a file that says that it was encrypted under another name, which needs no key.
pub(super) fn file_was_renamed(path: &Path, kind: &str, original: &Name) -> Error {
    let (message, hint) = renamed(&path.display(), &format!("{kind}s/{original}.toml"));
    Error::new(Code::FileDamaged, message, hint)
}

fn renamed(path: &std::path::Display<'_>, original: &str) -> (String, String) {
    (
        format!("{path} was encrypted as {original}, and can be decrypted only under that name."),
        format!("If the file was renamed, rename it back to {original} first. If it is a copy, delete it."),
    )
}

/// The field of a secret. The ciphertext contains it, and is refused in any other field.
pub(super) struct FieldContext<'a> {
    /// `profile` or `app`.
    pub(super) kind: &'static str,
    /// The file's name.
    pub(super) name: &'a Name,
    /// The key in the document, such as `token.access_token`.
    pub(super) field: &'static str,
}

impl FieldContext<'_> {
    fn label(&self) -> String {
        format!("linkedin-tui {} {} {}", self.kind, self.name, self.field)
    }
}

/// Returns whether a value is an encrypted field.
pub(super) fn is_encrypted(text: &str) -> bool {
    text.trim_start().starts_with(BEGIN)
}

/// Returns whether a document has an encrypted field.
pub(super) fn is_in(file: &str) -> bool {
    file.contains(BEGIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encrypted_text_opens_only_in_its_place_with_its_key() {
        let (key, work, spare) = (Key::generate(), Name::parse("work").unwrap(), Name::parse("spare").unwrap());
        let place = |name, field| FieldContext { kind: "profile", name, field };
        let at = place(&work, "token.access_token");
        let encrypted = key.encrypt(&at, "AQ\nsecret").unwrap();
        assert!(is_encrypted(&encrypted) && !encrypted.contains("secret"));
        assert!(key.decrypt(&at, &encrypted).unwrap().matches("AQ\nsecret"));
        let origin = Origin { kind: "profile".to_owned(), name: work.clone(), field: "token.access_token".to_owned() };
        let refusal = Err(DecryptError::OtherField(Some(origin)));
        assert_eq!(key.decrypt(&place(&spare, "token.access_token"), &encrypted), refusal);
        assert_eq!(key.decrypt(&place(&work, "token.refresh_token"), &encrypted), refusal);
        assert_eq!(key.decrypt(&FieldContext { kind: "app", ..at }, &encrypted), refusal);
        let at = place(&work, "token.access_token");
        assert_eq!(Key::generate().decrypt(&at, &encrypted), Err(DecryptError::OtherKey));
        assert_eq!(key.decrypt(&at, &encrypted.replace("AGE ENCRYPTED", "AGE")), Err(DecryptError::Damaged));
        assert_ne!(key.encrypt(&at, "x").unwrap(), key.encrypt(&at, "x").unwrap());
    }

    #[test]
    fn a_key_survives_its_text_and_shows_nothing() {
        use age::secrecy::ExposeSecret;
        let key = Key::generate();
        let text = format!("# created: today\n{}\n", key.text().expose_secret());
        assert_eq!(Key::parse(&text).unwrap().public(), key.public());
        assert!(Key::parse("AGE-SECRET-KEY-1NONSENSE").is_none());
        assert_eq!(format!("{key:?}"), "Key(****)");
    }
}
