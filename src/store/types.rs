//! Apps and profiles, as the rest of the program knows them.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::delivery::Delivery;
use super::permissions::Permissions;
use crate::linkedin::{Flow, RedirectUrl};
use crate::secret::Secret;
use crate::{Code, Error, NextStep, Result};

/// Longest name.
const MAX_NAME_BYTES: usize = 64;

/// A slug: `[a-z0-9][a-z0-9._-]{0,63}`. It is a file name, so nothing else is a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(String);

impl Name {
    /// Takes a slug.
    ///
    /// # Errors
    /// `bad_input` with the rule, when it is none. `..`-like names, a trailing dot and the names
    /// that Windows keeps for devices are refused too.
    pub fn parse(text: &str) -> Result<Self> {
        let first = text.chars().next().is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        let rest = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-'));
        if first && rest && text.len() <= MAX_NAME_BYTES && !is_device(text) && !text.ends_with('.') {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::bad_input(
            format!("\"{}\" cannot be a name.", crate::text::clean(text, 80)),
            "A name is 1 to 64 characters of a-z, 0-9, dot, underscore and hyphen, and begins with a letter or digit.",
        ))
    }

    /// The nearest slug to any text: `Zoë Ångström` gives `zo-ngstr-m`; `fallback` where nothing
    /// is left.
    #[must_use]
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
    #[must_use]
    pub fn first_free(&self, is_taken: impl Fn(&Self) -> bool) -> Self {
        let numbered = (2_u32..).map(|number| {
            let (mut name, suffix) = (self.0.clone(), format!("-{number}"));
            name.truncate(MAX_NAME_BYTES - suffix.len());
            Self(name + &suffix)
        });
        std::iter::once(self.clone()).chain(numbered).find(|name| !is_taken(name)).unwrap_or_else(|| self.clone())
    }

    /// The slug.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

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

/// A LinkedIn developer application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Its file's name.
    pub name: Name,
    /// Public identifier, 14 lower-case alphanumerics in practice.
    pub client_id: String,
    /// Absent for native PKCE apps, and until one is given.
    pub client_secret: Option<Secret>,
    /// Registered on the app's Auth tab.
    pub redirect_url: RedirectUrl,
    /// How it signs in.
    pub flow: Flow,
}

impl App {
    /// Returns the client secret.
    ///
    /// # Errors
    /// `bad_input` when none is saved.
    pub fn require_secret(&self) -> Result<&Secret> {
        self.client_secret.as_ref().ok_or_else(|| {
            Error::new(Code::BadInput, format!("The app {} has no client secret saved.", self.name), "").with_next_step(
                NextStep::AddClientSecret { app: self.name.to_string(), client_id: self.client_id.clone() },
            )
        })
    }

    /// Returns the secret to send with a code or a refresh token: none for a native PKCE app.
    ///
    /// # Errors
    /// `bad_input` when none is saved, but the app needs one.
    pub fn secret_for_exchange(&self) -> Result<Option<&Secret>> {
        if self.flow == Flow::NativePkce { Ok(None) } else { self.require_secret().map(Some) }
    }
}

/// The LinkedIn person behind a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// `sub`: 10 characters, pairwise per app, may begin with `-` or `_`.
    pub id: String,
    /// Full name, as LinkedIn gives it: clean before showing.
    pub name: Option<String>,
    /// Only with the scope `email`.
    pub email: Option<String>,
}

impl Member {
    /// The member's URN, which posts need as author.
    #[must_use]
    pub fn urn(&self) -> String {
        format!("urn:li:person:{}", self.id)
    }
}

/// A refresh token; only partners' apps get one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// The token itself.
    pub token: Secret,
    /// Its own end, which a refresh never moves.
    pub expires_at: Option<Timestamp>,
    /// When LinkedIn refused it for good: nobody asks with it again.
    pub refused_at: Option<Timestamp>,
}

impl RefreshToken {
    /// A refresh token as LinkedIn gave it.
    #[must_use]
    pub const fn new(token: Secret, expires_at: Option<Timestamp>) -> Self {
        Self { token, expires_at, refused_at: None }
    }

    /// Can it bring a new token at `now`, so far as anybody knows?
    #[must_use]
    pub fn serves(&self, now: Timestamp) -> bool {
        self.refused_at.is_none() && self.expires_at.is_none_or(|end| end > now)
    }
}

/// An access token and what LinkedIn said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The access token.
    pub access: Secret,
    /// The scopes granted.
    pub scopes: Vec<String>,
    /// When it was issued, by this machine's clock.
    pub issued_at: Timestamp,
    /// When it ends; unknown where LinkedIn's answer was odd.
    pub expires_at: Option<Timestamp>,
    /// The refresh token, where there is one.
    pub refresh: Option<RefreshToken>,
}

/// What LinkedIn said of the token when it was last asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It lives.
    Active,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
    /// Something happened that may have ended it; nobody has asked since.
    Unknown,
}

impl Verdict {
    /// The word in the profile's file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Unknown => "unknown",
        }
    }
}

/// The last check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// When.
    pub at: Timestamp,
    /// What it said.
    pub verdict: Verdict,
}

/// One member's authorization for one app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its file's name.
    pub name: Name,
    /// The app it belongs to.
    pub app: Name,
    /// The scopes to ask for.
    pub scopes: Vec<String>,
    /// The browser command, where this profile has its own.
    pub browser: Option<String>,
    /// Who signed in, once known.
    pub member: Option<Member>,
    /// The token, once there is one.
    pub token: Option<Token>,
    /// The last check of that token.
    pub check: Option<Check>,
    /// Whether the token is the app's own, without a member (client credentials grant).
    pub client_credentials: bool,
    /// Where each new token is handed to.
    pub deliveries: Vec<Delivery>,
    /// What the token may do, as last found out; [`Profile::permissions`] says whether it still holds.
    pub stored_permissions: Option<Permissions>,
}

/// Where a profile's token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// It lives, with more than the warning time left.
    Active,
    /// It lives, but ends soon.
    Expiring,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
    /// There is no token.
    SignedOut,
    /// Nobody can say without asking LinkedIn.
    Unknown,
}

impl Status {
    /// The word in JSON and on the screen.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::SignedOut => "signed-out",
            Self::Unknown => "unknown",
        }
    }
}

impl Profile {
    /// A profile nobody has signed in to yet.
    #[must_use]
    pub fn new(name: Name, app: Name, scopes: Vec<String>) -> Self {
        Self {
            name,
            app,
            scopes,
            browser: None,
            member: None,
            token: None,
            check: None,
            client_credentials: false,
            deliveries: Vec::new(),
            stored_permissions: None,
        }
    }

    /// Returns the token.
    ///
    /// # Errors
    /// `signed_out` without one.
    pub fn require_token(&self) -> Result<&Token> {
        self.token.as_ref().ok_or_else(|| {
            Error::new(Code::SignedOut, format!("The profile {} has no token.", self.name), "")
                .with_next_step(NextStep::SignIn { profile: self.name.to_string() })
        })
    }

    /// Can a new token be had at `now` without a person: by a refresh token that has not ended and was
    /// not refused, or by the app's own credentials?
    #[must_use]
    pub fn is_refreshable(&self, now: Timestamp) -> bool {
        let refresh = self.token.as_ref().and_then(|token| token.refresh.as_ref());
        self.client_credentials || refresh.is_some_and(|refresh| refresh.serves(now))
    }

    /// Was something saved at a time that is still to come? Then the clock is wrong now, or was
    /// wrong then.
    #[must_use]
    pub fn has_future_times(&self, now: Timestamp) -> bool {
        let saved = [self.token.as_ref().map(|token| token.issued_at), self.check.map(|check| check.at)];
        saved.into_iter().flatten().any(|saved| saved.duration_since(now) > SignedDuration::from_mins(5))
    }

    /// The status at `now`; `expiring_days` days or less left is `Expiring`.
    #[must_use]
    pub fn status(&self, now: Timestamp, expiring_days: u32) -> Status {
        let Some(token) = &self.token else { return Status::SignedOut };
        let verdict = self.check.filter(|check| check.at >= token.issued_at).map(|check| check.verdict);
        if verdict == Some(Verdict::Revoked) {
            return Status::Revoked;
        }
        let warning = SignedDuration::from_hours(24 * i64::from(expiring_days));
        match (token.expires_at, verdict) {
            (Some(end), _) if end <= now => Status::Expired,
            (_, Some(Verdict::Expired)) => Status::Expired,
            (_, Some(Verdict::Unknown)) | (None, None) => Status::Unknown,
            // Tokens of the client credentials grant live for half an hour and are requested again unasked: nothing to warn of.
            (Some(end), _) if end.duration_since(now) <= warning && !self.client_credentials => Status::Expiring,
            _ => Status::Active,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s22_only_slugs_are_names() {
        for good in ["a", "work", "0.x_y-z", &"a".repeat(64)] {
            assert!(Name::parse(good).is_ok(), "{good}");
        }
        for bad in
            ["", "-a", ".a", "..", "A", "a b", "a/b", "é", "con", "com1.x", "a\n", "a.", "\u{1b}", &"a".repeat(65)]
        {
            assert!(Name::parse(bad).is_err(), "{bad:?}");
        }
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

    #[test]
    fn status_is_told_by_the_clock_handed_in() {
        let issued: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
        let day = |n: i64| issued + SignedDuration::from_hours(24 * n);
        let mut profile = Profile::new(Name::parse("p").unwrap(), Name::parse("a").unwrap(), vec![]);
        assert_eq!(profile.status(issued, 7), Status::SignedOut);
        profile.token = Some(Token {
            access: Secret::new("x"),
            scopes: vec![],
            issued_at: issued,
            expires_at: Some(day(60)),
            refresh: None,
        });
        assert_eq!(profile.status(day(1), 7), Status::Active);
        assert_eq!(profile.status(day(53), 7), Status::Expiring);
        assert_eq!(profile.status(day(60), 7), Status::Expired);
        profile.check = Some(Check { at: day(2), verdict: Verdict::Revoked });
        assert_eq!(profile.status(day(60), 7), Status::Revoked);
        profile.check = Some(Check { at: day(-2), verdict: Verdict::Revoked });
        assert_eq!(profile.status(day(1), 7), Status::Active);
        profile.check = Some(Check { at: day(1), verdict: Verdict::Unknown });
        assert_eq!(profile.status(day(2), 7), Status::Unknown);
    }
}
