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

/// The first line of an armored age file.
const BEGIN: &str = "-----BEGIN AGE ENCRYPTED FILE-----";

/// How the secrets of a file are stored.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, VariantArray, Deserialize, Serialize,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Encryption {
    /// As plain text in a file that only its owner can read. Its earlier name was `file`.
    #[default]
    #[serde(alias = "file")]
    Off,
    /// Encrypted; the system's keyring stores the key.
    Keyring,
    /// Encrypted; the key is encrypted with a passphrase.
    Passphrase,
}

impl Encryption {
    pub(super) const ALL: &[Self] = Self::VARIANTS;

    /// Returns the value in `config.toml`, in an encrypted file and on the command line.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Provides the keys to encrypted fields.
pub trait KeyProvider: fmt::Debug + Send + Sync {
    /// Returns how new files store their secrets.
    fn preferred_encryption(&self) -> Result<Encryption>;

    /// Fetches the key of this kind; may prompt or wait for a keyring.
    fn fetch_key(&self, kind: Encryption) -> Result<Key>;

    /// Returns the key of this kind if it is cached; never prompts or waits for a keyring, so that it can be called under a lock. The
    /// default is for providers that always have their keys.
    fn cached_key(&self, kind: Encryption) -> Result<Option<Key>> {
        self.fetch_key(kind).map(Some)
    }
}

/// A provider that never prompts, and records which key was missing.
#[derive(Debug)]
pub(super) struct CachedKeys {
    keys: Arc<dyn KeyProvider>,
    /// The key that a re-encryption changes to; the provider does not have it yet.
    target: Option<(Encryption, Key)>,
    missing: Mutex<Option<Encryption>>,
}

impl CachedKeys {
    pub(super) fn new(keys: Arc<dyn KeyProvider>, target: Option<(Encryption, Key)>) -> Self {
        Self { keys, target, missing: Mutex::default() }
    }

    /// Returns the kind of the key that was not cached.
    pub(super) fn missing_key(&self) -> Option<Encryption> {
        *lock(&self.missing)
    }
}

impl KeyProvider for CachedKeys {
    fn preferred_encryption(&self) -> Result<Encryption> {
        self.keys.preferred_encryption()
    }

    fn fetch_key(&self, kind: Encryption) -> Result<Key> {
        if let Some((_, key)) = self.target.as_ref().filter(|(target, _)| *target == kind) {
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

/// A provider without keys, for plain text.
#[derive(Debug)]
pub(super) struct NoKeys;

impl KeyProvider for NoKeys {
    fn preferred_encryption(&self) -> Result<Encryption> {
        Ok(Encryption::Off)
    }

    fn fetch_key(&self, kind: Encryption) -> Result<Key> {
        Err(Error::new(Code::KeyUnavailable, format!("The {} key is not available.", kind.as_str()), ""))
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

    /// Returns the `AGE-SECRET-KEY-1…` text to store.
    pub fn to_secret_string(&self) -> SecretString {
        self.0.to_string()
    }

    /// Returns the public half, `age1…`, which is not a secret.
    pub fn public_key(&self) -> String {
        self.0.to_public().to_string()
    }

    pub(super) fn encrypt(&self, context: &FieldContext<'_>, plain: &str) -> Result<String> {
        age::encrypt_and_armor(&self.0.to_public(), format!("{}\n{plain}", context.label()).as_bytes()).map_err(|_| {
            Error::new(Code::Unexpected, format!("The field {} could not be encrypted.", context.field), "Try again.")
        })
    }

    /// Decrypts a secret of the file at `path`, if it was encrypted for the same field. An error never quotes the field.
    pub(super) fn decrypt(&self, path: &Path, context: &FieldContext<'_>, encrypted: &str) -> Result<Secret> {
        let field = context.field;
        let to_error = |why: &str| {
            let message = format!("{}: the encrypted field {field} {why}.", path.display());
            Error::new(Code::FileDamaged, message, RESTORE_HINT)
        };
        let plain = age::decrypt(&*self.0, encrypted.trim().as_bytes()).map_err(|error| match error {
            age::DecryptError::NoMatchingKeys => to_error("was encrypted with a different key"),
            _ => to_error("is damaged"),
        })?;
        let text = String::from_utf8(plain).map_err(|error| {
            error.into_bytes().zeroize();
            to_error("is damaged")
        })?;
        let text = Secret::new(text);
        text.strip_first_line(&context.label()).ok_or_else(|| match original_field(&text) {
            Some((file, original)) if original == field => renamed_error(path, &file),
            Some((file, original)) => to_error(&format!("was encrypted as {original} of {file}")),
            None => to_error("was encrypted for another file or another field"),
        })
    }
}

/// Longest first line that can be a [`FieldContext::label`].
const MAX_LABEL_BYTES: usize = 200;

/// What to do with a file that cannot be decrypted.
const RESTORE_HINT: &str =
    "Restore the file from a backup, or move it out of the directory and sign in again. It is not overwritten.";

/// Returns the file, relative to the store's directory, and the field that a decrypted text was encrypted for.
fn original_field(text: &Secret) -> Option<(String, String)> {
    let label = text.first_line(MAX_LABEL_BYTES)?;
    let mut parts = label.strip_prefix("linkedin-tui ")?.split(' ');
    let (document_kind, name, field) = (parts.next()?, Name::parse(parts.next()?).ok()?, parts.next()?);
    Some((format!("{document_kind}s/{name}.toml"), field.to_owned()))
}

/// Returns the error for a file that was encrypted under another name, which its `encrypted_for` shows without a key.
pub(super) fn renamed_file_error(path: &Path, document_kind: &str, original: &Name) -> Error {
    renamed_error(path, &format!("{document_kind}s/{original}.toml"))
}

fn renamed_error(path: &Path, original: &str) -> Error {
    Error::new(
        Code::FileDamaged,
        format!("{} was encrypted as {original}, and can be decrypted only under that name.", path.display()),
        format!("If the file was renamed, rename it back to {original}. If it is a copy, delete it."),
    )
}

/// The field of a secret. The ciphertext contains it, and cannot be decrypted for any other field.
pub(super) struct FieldContext<'a> {
    /// `profile` or `app`.
    pub(super) document_kind: &'static str,
    /// The file's name.
    pub(super) name: &'a Name,
    /// The key in the document, such as `token.access_token`.
    pub(super) field: &'static str,
}

impl FieldContext<'_> {
    fn label(&self) -> String {
        format!("linkedin-tui {} {} {}", self.document_kind, self.name, self.field)
    }
}

pub(super) fn is_encrypted(text: &str) -> bool {
    text.trim_start().starts_with(BEGIN)
}

pub(super) fn has_encrypted_field(file: &str) -> bool {
    file.contains(BEGIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_field_and_key_decrypt() {
        let (key, work, spare) = (Key::generate(), Name::parse("work").unwrap(), Name::parse("spare").unwrap());
        let profile = |name, field| FieldContext { document_kind: "profile", name, field };
        let context = profile(&work, "token.access_token");
        let encrypted = key.encrypt(&context, "AQ\nsecret").unwrap();
        assert!(is_encrypted(&encrypted) && !encrypted.contains("secret"));
        let decrypt = |key: &Key, context: &FieldContext<'_>, text: &str| key.decrypt(Path::new("p"), context, text);
        assert!(decrypt(&key, &context, &encrypted).unwrap().matches("AQ\nsecret"));
        let refusal = |key: &Key, context: &FieldContext<'_>, text: &str| {
            let error = decrypt(key, context, text).unwrap_err();
            assert_eq!(error.code, Code::FileDamaged);
            error.message
        };
        let renamed = "p was encrypted as profiles/work.toml, and can be decrypted only under that name.";
        assert_eq!(refusal(&key, &profile(&spare, "token.access_token"), &encrypted), renamed);
        assert_eq!(
            refusal(&key, &FieldContext { document_kind: "app", ..profile(&work, "token.access_token") }, &encrypted),
            renamed
        );
        let other_field = refusal(&key, &profile(&work, "token.refresh_token"), &encrypted);
        assert!(other_field.ends_with("was encrypted as token.access_token of profiles/work.toml."), "{other_field}");
        assert!(refusal(&Key::generate(), &context, &encrypted).ends_with("was encrypted with a different key."));
        let damaged = encrypted.replace("AGE ENCRYPTED", "AGE");
        assert!(refusal(&key, &context, &damaged).ends_with("is damaged."));
        assert_ne!(key.encrypt(&context, "x").unwrap(), key.encrypt(&context, "x").unwrap());
    }

    #[test]
    fn cached_keys_are_the_new_one_and_those_of_the_provider() {
        let new = Key::generate();
        let keys = CachedKeys::new(Arc::new(NoKeys), Some((Encryption::Keyring, new.clone())));
        assert_eq!(keys.fetch_key(Encryption::Keyring).unwrap().public_key(), new.public_key());
        assert_eq!(keys.missing_key(), None);
        assert_eq!(keys.fetch_key(Encryption::Passphrase).unwrap_err().code, Code::KeyUnavailable);
        assert_eq!(keys.missing_key(), Some(Encryption::Passphrase));
    }

    #[test]
    fn a_file_with_a_ciphertext_has_an_encrypted_field() {
        let name = Name::parse("work").unwrap();
        let context = FieldContext { document_kind: "app", name: &name, field: "client_secret" };
        let encrypted = Key::generate().encrypt(&context, "x").unwrap();
        assert!(has_encrypted_field(&format!("client_id = '86'\nclient_secret = {encrypted:?}\n")));
        assert!(!has_encrypted_field("client_id = '86'\nclient_secret = 'x'\n"));
    }

    #[test]
    fn key_is_parsed_from_its_text_and_redacted() {
        use age::secrecy::ExposeSecret;
        let key = Key::generate();
        let text = format!("# created: today\n{}\n", key.to_secret_string().expose_secret());
        assert_eq!(Key::parse(&text).unwrap().public_key(), key.public_key());
        assert!(key.public_key().starts_with("age1") && key.public_key() != Key::generate().public_key());
        assert!(Key::parse("AGE-SECRET-KEY-1NONSENSE").is_none());
        assert_eq!(format!("{key:?}"), "Key(****)");
    }
}
