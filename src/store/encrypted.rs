//! Encrypted fields: a secret as age ciphertext, bound to the file and the key it stands under.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use age::secrecy::SecretString;
use age::x25519::Identity;
use serde::Deserialize;
use zeroize::Zeroize;

use super::types::Name;
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// What an armored age file begins with.
const BEGIN: &str = "-----BEGIN AGE ENCRYPTED FILE-----";

/// How the secret fields of a file are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// As plain text in a file that only its owner can read. Its earlier name was `file`.
    #[default]
    #[serde(alias = "file")]
    Off,
    /// Encrypted; the system's keyring holds the key.
    Keyring,
    /// Encrypted; a passphrase opens the key.
    Passphrase,
}

impl Encryption {
    /// Every way.
    pub(super) const ALL: [Self; 3] = [Self::Off, Self::Keyring, Self::Passphrase];

    /// The word in `config.toml`, in an encrypted file and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Keyring => "keyring",
            Self::Passphrase => "passphrase",
        }
    }
}

/// Where keys come from. Asked only when a field is encrypted or about to be.
pub trait KeyProvider: fmt::Debug + Send + Sync {
    /// How new writes keep their secrets.
    ///
    /// # Errors
    /// Those of the settings.
    fn wanted(&self) -> Result<Encryption>;

    /// The key of this kind; asks for it at most once.
    ///
    /// # Errors
    /// `key_unavailable`, `wrong_passphrase`, `files`.
    fn key(&self, kind: Encryption) -> Result<Key>;

    /// The key of this kind where nobody need be asked for it, neither a person nor a keyring: a lock may be held.
    ///
    /// # Errors
    /// As [`KeyProvider::key`].
    fn cached_key(&self, kind: Encryption) -> Result<Option<Key>> {
        self.key(kind).map(Some)
    }
}

/// Asks nobody, and remembers which key it would have had to ask for.
#[derive(Debug)]
pub(super) struct CachedKeys {
    keys: Arc<dyn KeyProvider>,
    /// A key that is about to be introduced.
    new: Option<(Encryption, Key)>,
    missing: Mutex<Option<Encryption>>,
}

impl CachedKeys {
    pub(super) fn new(keys: Arc<dyn KeyProvider>, new: Option<(Encryption, Key)>) -> Self {
        Self { keys, new, missing: Mutex::default() }
    }

    /// The kind of key that somebody has to be asked for.
    pub(super) fn missing(&self) -> Option<Encryption> {
        *self.missing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyProvider for CachedKeys {
    fn wanted(&self) -> Result<Encryption> {
        self.keys.wanted()
    }

    fn key(&self, kind: Encryption) -> Result<Key> {
        if let Some((_, key)) = self.new.as_ref().filter(|(new, _)| *new == kind) {
            return Ok(key.clone());
        }
        self.keys.cached_key(kind)?.ok_or_else(|| {
            *self.missing.lock().unwrap_or_else(PoisonError::into_inner) = Some(kind);
            Error::new(Code::KeyUnavailable, format!("The {} key is not at hand.", kind.as_str()), "Try again.")
        })
    }

    fn cached_key(&self, kind: Encryption) -> Result<Option<Key>> {
        self.keys.cached_key(kind)
    }
}

/// For folders in which everything is plain: holds no key.
#[derive(Debug)]
pub(super) struct NoKeys;

impl KeyProvider for NoKeys {
    fn wanted(&self) -> Result<Encryption> {
        Ok(Encryption::Off)
    }

    fn key(&self, kind: Encryption) -> Result<Key> {
        Err(Error::new(Code::KeyUnavailable, format!("Nothing holds the {} key here.", kind.as_str()), ""))
    }

    fn cached_key(&self, _: Encryption) -> Result<Option<Key>> {
        Ok(None)
    }
}

/// An age X25519 identity: encrypts and decrypts. Its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Key(Arc<Identity>);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(****)")
    }
}

impl Key {
    /// A new one.
    #[must_use]
    pub fn generate() -> Self {
        Self(Arc::new(Identity::generate()))
    }

    /// From the `AGE-SECRET-KEY-1...` line of an identity file; comment lines are skipped.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))?;
        line.parse().ok().map(|identity| Self(Arc::new(identity)))
    }

    /// The `AGE-SECRET-KEY-1...` text, for where the key is kept.
    #[must_use]
    pub fn text(&self) -> SecretString {
        self.0.to_string()
    }

    /// The public half, `age1...`: no secret.
    #[must_use]
    pub fn public(&self) -> String {
        self.0.to_public().to_string()
    }

    /// Encrypts a text for the place that `place` names.
    pub(super) fn encrypt(&self, place: &FieldContext<'_>, plain: &str) -> Result<String> {
        age::encrypt_and_armor(&self.0.to_public(), format!("{}\n{plain}", place.label()).as_bytes()).map_err(|_| {
            Error::new(Code::Unexpected, format!("The field {} could not be encrypted.", place.field), "Try again.")
        })
    }

    /// Opens what was encrypted for this very place.
    pub(super) fn decrypt(&self, place: &FieldContext<'_>, encrypted: &str) -> Result<Secret, DecryptError> {
        let open = age::decrypt(&*self.0, encrypted.trim().as_bytes()).map_err(|error| match error {
            age::DecryptError::NoMatchingKeys => DecryptError::OtherKey,
            _ => DecryptError::Damaged,
        })?;
        let text = String::from_utf8(open).map_err(|bad| {
            bad.into_bytes().zeroize();
            DecryptError::Damaged
        })?;
        let text = Secret::new(text);
        text.after_line(&place.label()).ok_or_else(|| DecryptError::OtherPlace(Origin::of(&text)))
    }
}

/// Why an encrypted field is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DecryptError {
    /// It is no ciphertext any more.
    Damaged,
    /// Another key encrypted it.
    OtherKey,
    /// It was encrypted for another file or another field: for this one, where that can be read.
    OtherPlace(Option<Origin>),
}

/// The file and the field that a secret was encrypted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    kind: String,
    name: Name,
    field: String,
}

impl Origin {
    /// From the first line of what was encrypted; nothing else of it is looked at.
    fn of(text: &Secret) -> Option<Self> {
        let label = text.first_line(MAX_LABEL_BYTES)?;
        let mut words = label.strip_prefix("linkedin-tui ")?.split(' ');
        let (kind, name, field) = (words.next()?, Name::parse(words.next()?).ok()?, words.next()?);
        Some(Self { kind: kind.to_owned(), name, field: field.to_owned() })
    }

    /// The file's path from the folder.
    fn file(&self) -> String {
        format!("{}s/{}.toml", self.kind, self.name)
    }
}

/// A longer first line is no label.
const MAX_LABEL_BYTES: usize = 200;

/// What to do with a file that cannot be opened; the others stay usable.
const WAY_OUT: &str = "Put the file back from a copy, or move it out of the folder and sign in again. It is not overwritten, and the \
                       others are not touched.";

impl DecryptError {
    /// What to report; the field's content never.
    pub(super) fn told(self, path: &Path, field: &str) -> Error {
        let path = path.display();
        let (message, hint) = match self {
            Self::Damaged => (format!("{path}: the encrypted field {field} is damaged."), WAY_OUT.to_owned()),
            Self::OtherKey => (
                format!("{path}: the encrypted field {field} was encrypted with another key than the one at hand."),
                WAY_OUT.to_owned(),
            ),
            Self::OtherPlace(Some(origin)) if origin.field == field => moved(&path, &origin.file()),
            Self::OtherPlace(Some(origin)) => (
                format!("{path}: the encrypted field {field} was encrypted as {} of {}.", origin.field, origin.file()),
                WAY_OUT.to_owned(),
            ),
            Self::OtherPlace(None) => (
                format!("{path}: the encrypted field {field} was encrypted for another file or another field."),
                WAY_OUT.to_owned(),
            ),
        };
        Error::new(Code::FileDamaged, message, hint)
    }
}

/// The error for a file that says by itself that it was encrypted under another name. No key is needed to see it.
pub(super) fn renamed_by_hand(path: &Path, kind: &str, original: &Name) -> Error {
    let (message, hint) = moved(&path.display(), &format!("{kind}s/{original}.toml"));
    Error::new(Code::FileDamaged, message, hint)
}

fn moved(path: &std::path::Display<'_>, original: &str) -> (String, String) {
    (
        format!("{path} was encrypted as {original}, and opens under that name only."),
        format!("If the file was renamed, rename it back to {original} first. If it is a copy, delete it."),
    )
}

/// Where a secret stands: what is encrypted says so, and is refused anywhere else.
pub(super) struct FieldContext<'a> {
    /// `profile` or `app`.
    pub(super) kind: &'static str,
    /// The file's name.
    pub(super) name: &'a Name,
    /// The key in it, such as `token.access_token`.
    pub(super) field: &'static str,
}

impl FieldContext<'_> {
    fn label(&self) -> String {
        format!("linkedin-tui {} {} {}", self.kind, self.name, self.field)
    }
}

/// Is this text an encrypted field?
pub(super) fn is_encrypted(text: &str) -> bool {
    text.trim_start().starts_with(BEGIN)
}

/// Has this file an encrypted field?
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
        let refusal = Err(DecryptError::OtherPlace(Some(origin)));
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
