//! The names of profiles and apps.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

const MAX_NAME_BYTES: usize = 64;

/// The name of a profile or an app: a slug, `[a-z0-9][a-z0-9._-]{0,63}`, because it is a file name. Names are ordered as people
/// count: `demo-3` is before `demo-10`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_naturally(&self.0, &other.0)
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares two names: their numbers by value, the rest by characters. Different names are never equal.
fn compare_naturally(left: &str, right: &str) -> Ordering {
    let (mut left_rest, mut right_rest) = (left, right);
    while let (Some(left_char), Some(right_char)) = (left_rest.chars().next(), right_rest.chars().next()) {
        let order = if left_char.is_ascii_digit() && right_char.is_ascii_digit() {
            let (left_number, right_number) = (take_number(&mut left_rest), take_number(&mut right_rest));
            // Without leading zeros the longer number is the larger one.
            left_number.len().cmp(&right_number.len()).then_with(|| left_number.cmp(right_number))
        } else {
            left_rest = &left_rest[left_char.len_utf8()..];
            right_rest = &right_rest[right_char.len_utf8()..];
            left_char.cmp(&right_char)
        };
        if order.is_ne() {
            return order;
        }
    }
    left_rest.len().cmp(&right_rest.len()).then_with(|| left.cmp(right))
}

/// Takes the digits at the start of a text, and returns them without leading zeros.
fn take_number<'a>(text: &mut &'a str) -> &'a str {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    *text = rest;
    number.trim_start_matches('0')
}

impl Name {
    /// Compares with a text that need not be a name, in the order of names.
    pub(crate) fn compare_with(&self, text: &str) -> Ordering {
        compare_naturally(&self.0, text)
    }

    /// Parses a slug. Refuses what Windows does not allow as a file name: a trailing dot, and the names of devices.
    pub fn parse(text: &str) -> Result<Self> {
        let is_start_valid = text.chars().next().is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        let has_valid_characters =
            text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-'));
        if is_start_valid
            && has_valid_characters
            && text.len() <= MAX_NAME_BYTES
            && !is_device(text)
            && !text.ends_with('.')
        {
            return Ok(Self(text.to_owned()));
        }
        let rule = if is_device(text) {
            "Windows reserves that name for a device, and it is also a file name."
        } else if is_start_valid && has_valid_characters && text.ends_with('.') {
            "Windows removes a dot at the end of a file name."
        } else {
            "A name is 1 to 64 characters of a-z, 0-9, dot, underscore and hyphen, and begins with a letter or digit."
        };
        Err(Error::bad_input(format!("\"{}\" cannot be a name.", crate::text::sanitize(text, 80)), rule))
    }

    /// Returns the nearest slug to any text: `Zoë Ångström` gives `zo-ngstr-m`; `fallback` if nothing is left.
    pub fn suggest(text: &str, fallback: &str) -> Self {
        let mut slug = String::new();
        for c in text.to_lowercase().chars() {
            if c.is_ascii_lowercase() || c.is_ascii_digit() {
                slug.push(c);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        slug.truncate(40);
        let slug = slug.trim_end_matches('-');
        Self::parse(slug).unwrap_or_else(|_| Self(fallback.to_owned()))
    }

    /// Returns the first of `work`, `work-2`, `work-3` and so on that is not taken.
    pub fn first_free(&self, is_taken: impl Fn(&Self) -> bool) -> Self {
        let numbered = (2_u32..).map(|number| {
            let (mut name, suffix) = (self.0.clone(), format!("-{number}"));
            name.truncate(MAX_NAME_BYTES - suffix.len());
            Self(name + &suffix)
        });
        std::iter::once(self.clone()).chain(numbered).find(|name| !is_taken(name)).unwrap_or_else(|| self.clone())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns whether Windows reserves the name for a device.
fn is_device(text: &str) -> bool {
    let stem = text.split('.').next().unwrap_or_default();
    matches!(stem, "con" | "prn" | "aux" | "nul")
        || (stem.len() == 4
            && (stem.starts_with("com") || stem.starts_with("lpt"))
            && stem.ends_with(|c: char| c.is_ascii_digit()))
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Name {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ordered_by_their_numbers() {
        let ordered =
            ["a", "demo", "demo-01", "demo-1", "demo-2", "demo-2b", "demo-10", "demo-10-1", "demo-a", "demo2", "e"];
        for (at, left) in ordered.iter().enumerate() {
            for (other, right) in ordered.iter().enumerate() {
                let (left, right) = (Name::parse(left).unwrap(), Name::parse(right).unwrap());
                assert_eq!(left.cmp(&right), at.cmp(&other), "{left} and {right}");
            }
        }
    }

    #[test]
    fn s22_only_slugs_are_names() {
        for good in ["a", "work", "0.x_y-z", "p2", "com", "come", "com10", "alt1", &"a".repeat(64)] {
            assert!(Name::parse(good).is_ok(), "{good}");
        }
        for bad in
            ["", "-a", ".a", "..", "A", "a b", "a/b", "é", "con", "com1.x", "a\n", "a.", "\u{1b}", &"a".repeat(65)]
        {
            assert!(Name::parse(bad).is_err(), "{bad:?}");
        }
        let rule = |text: &str| Name::parse(text).unwrap_err().hint;
        assert!(rule("lpt9").contains("device") && rule("a.").contains("dot at the end"));
        assert!(rule("-a.").starts_with("A name is") && rule("a b.").starts_with("A name is"));
        assert_eq!(Name::suggest("Zoë Ångström", "x").as_str(), "zo-ngstr-m");
        assert_eq!(Name::suggest("李小龙", "member").as_str(), "member");
        let free = |name: &str, taken: &[&str]| {
            Name::parse(name).unwrap().first_free(|name| taken.contains(&name.as_str())).to_string()
        };
        assert_eq!(
            (free("a", &[]), free("a", &["a"]), free("a", &["a", "a-2"])),
            ("a".into(), "a-2".into(), "a-3".into())
        );
        let longest = "a".repeat(64);
        assert_eq!(free(&longest, &[&longest]), format!("{}-2", "a".repeat(62)));
    }
}
