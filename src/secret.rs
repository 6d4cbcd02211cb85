//! A secret value: no `Display`, no `Serialize`, a redacted `Debug`, wiped when dropped.

#![warn(missing_docs)]

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// A client secret, a token, an authorization code or a `state`.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Wraps `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// Returns the text. Call it only where the text must leave the program.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Returns whether the text is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.expose_secret().is_empty()
    }

    /// Returns the length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.expose_secret().len()
    }

    /// Returns the length in characters.
    #[must_use]
    pub(crate) fn char_count(&self) -> usize {
        self.0.expose_secret().chars().count()
    }

    /// Returns a masked text for the screen: dots, except the first four and the last three characters of a long value.
    #[must_use]
    pub fn masked(&self) -> String {
        let text: Vec<char> = self.0.expose_secret().chars().collect();
        if text.len() < 24 {
            return "•".repeat(text.len().min(12));
        }
        let head: String = text.iter().take(4).collect();
        let tail: String = text.iter().skip(text.len() - 3).collect();
        format!("{head}{}{tail}", "•".repeat(26))
    }

    /// Returns the text after its first line, if that is `first`.
    #[must_use]
    pub fn strip_first_line(&self, first: &str) -> Option<Self> {
        self.0.expose_secret().strip_prefix(first)?.strip_prefix('\n').map(Self::new)
    }

    /// Returns the text before the first line break; `None` without one, and if it has more than `max_bytes` bytes.
    #[must_use]
    pub(crate) fn first_line(&self, max_bytes: usize) -> Option<String> {
        let (line, _) = self.0.expose_secret().split_once('\n')?;
        (line.len() <= max_bytes).then(|| line.to_owned())
    }

    /// Compares in constant time (for equal lengths).
    #[must_use]
    pub fn matches(&self, other: &str) -> bool {
        self.0.expose_secret().as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl From<Secret> for SecretString {
    fn from(secret: Secret) -> Self {
        secret.0
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other.0.expose_secret())
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(****)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x02_debug_is_redacted_and_a_mask_shows_seven_characters() {
        let secret = Secret::new("AQV7abcdefghijklmnopqrstuvwxyz9fQ");
        assert_eq!(format!("{secret:?}"), "Secret(****)");
        assert!(!secret.masked().contains("abcdef"));
        assert!(secret.masked().starts_with("AQV7") && secret.masked().ends_with("9fQ"));
        assert_eq!(Secret::new("short").masked(), "•••••");
    }

    #[test]
    fn equality_is_by_value() {
        assert_eq!(Secret::new("a"), Secret::new("a"));
        assert_ne!(Secret::new("a"), Secret::new("ab"));
    }
}
