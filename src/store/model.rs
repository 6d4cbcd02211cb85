//! Apps, profiles and tokens.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use super::delivery::Delivery;
use super::name::Name;
use super::permissions::Permissions;
use crate::linkedin::capabilities::Capability;
use crate::linkedin::little_text::to_plain_text;
use crate::linkedin::{Flow, RedirectUrl};
use crate::secret::Secret;
use crate::text::sanitize;
use crate::{Code, Error, NextStep, Result};

const MAX_FIRST_LINE_CHARS: usize = 100;

/// A LinkedIn developer application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    pub name: Name,
    /// 14 lower-case letters and digits in practice.
    pub client_id: String,
    /// Native PKCE apps have none.
    pub client_secret: Option<Secret>,
    /// The redirect URL registered on the app's Auth tab.
    pub redirect_url: RedirectUrl,
    pub flow: Flow,
}

impl App {
    /// Returns the client secret, or an error without one.
    pub fn require_secret(&self) -> Result<&Secret> {
        self.client_secret.as_ref().ok_or_else(|| {
            Error::new(Code::BadInput, format!("The app {} has no client secret saved.", self.name), "").with_next_step(
                NextStep::AddClientSecret { app: self.name.to_string(), client_id: self.client_id.clone() },
            )
        })
    }

    /// Returns the secret to send to the token endpoint: none for a native PKCE app.
    pub fn secret_for_exchange(&self) -> Result<Option<&Secret>> {
        if self.flow == Flow::NativePkce { Ok(None) } else { self.require_secret().map(Some) }
    }
}

/// An app without its secret, even one that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AppSummary {
    pub name: Name,
    pub client_id: String,
    pub has_secret: bool,
    /// May be invalid.
    pub redirect_url: String,
    pub flow: Flow,
}

/// The LinkedIn account of a token.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Member {
    /// The member ID, `sub`: 10 characters, different for each app; may begin with `-` or `_`.
    pub id: String,
    /// The full name as LinkedIn returns it: sanitize it before showing.
    pub name: Option<String>,
    /// Only with the scope `email`.
    pub email: Option<String>,
}

impl Member {
    pub fn urn(&self) -> String {
        format!("urn:li:person:{}", self.id)
    }
}

/// A refresh token; only apps of approved partners get one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    pub token: Secret,
    /// When it expires; refreshing does not extend it.
    pub expires_at: Option<Timestamp>,
    /// When LinkedIn refused it permanently.
    pub refused_at: Option<Timestamp>,
}

impl RefreshToken {
    pub const fn new(token: Secret, expires_at: Option<Timestamp>) -> Self {
        Self { token, expires_at, refused_at: None }
    }

    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.refused_at.is_none() && self.expires_at.is_none_or(|expiry| expiry > now)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub access: Secret,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// When it was issued, by this machine's clock.
    pub issued_at: Timestamp,
    /// `None` if LinkedIn's response did not include it.
    pub expires_at: Option<Timestamp>,
    pub refresh: Option<RefreshToken>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Verdict {
    Active,
    Expired,
    Revoked,
    /// The token may have been invalidated since the check.
    #[serde(other)]
    Unknown,
}

impl Verdict {
    /// Returns the value in the profile's file.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Why a check does not decide whether a token is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undecided {
    /// LinkedIn restricted the member's account: every call fails, with any token.
    Restricted,
    /// The API refuses the token and does not name a reason.
    Refused,
    /// Introspection does not know the token as one of the app's.
    OtherApp,
    /// It belongs to a different member than the profile.
    DifferentMember,
    /// LinkedIn did not confirm a revocation.
    RevocationNotConfirmed,
    /// A reason of a newer version.
    #[serde(other)]
    Unknown,
}

impl Undecided {
    /// Returns the reason as a clause without a full stop; `None` for one of a newer version.
    pub(crate) const fn as_clause(self) -> Option<&'static str> {
        Some(match self {
            Self::Restricted => "LinkedIn restricted the member's account",
            Self::Refused => "the API refuses the token without a reason",
            Self::OtherApp => "LinkedIn does not know the token as one of this app",
            Self::DifferentMember => "the token belongs to a different member than the profile",
            Self::RevocationNotConfirmed => "LinkedIn did not confirm that the token is revoked",
            Self::Unknown => return None,
        })
    }
}

/// Why the program doubts a token that LinkedIn was not asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doubt {
    /// Its member may have signed in to the app with other scopes, which revokes the earlier tokens.
    OtherScopes,
    /// The profile has a different app than the one that the token is for.
    OtherApp,
    /// A reason of a newer version.
    #[serde(other)]
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Check {
    #[serde(with = "super::format::rfc3339_seconds")]
    pub at: Timestamp,
    pub verdict: Verdict,
    /// Why the verdict is unknown, where LinkedIn was asked.
    #[serde(default)]
    pub undecided: Option<Undecided>,
    /// Why the verdict is unknown, where LinkedIn was not asked.
    #[serde(default)]
    pub doubt: Option<Doubt>,
    /// When LinkedIn was asked last, before the doubt.
    #[serde(default, with = "super::format::rfc3339_seconds::optional")]
    pub checked_at: Option<Timestamp>,
    /// The verdict of that check.
    #[serde(default)]
    pub checked_verdict: Option<Verdict>,
}

impl Check {
    /// Returns the result of a check.
    pub const fn new(at: Timestamp, verdict: Verdict) -> Self {
        Self { at, verdict, undecided: None, doubt: None, checked_at: None, checked_verdict: None }
    }

    /// Returns the result of a check that does not decide whether the token is valid.
    pub const fn undecided(at: Timestamp, reason: Undecided) -> Self {
        Self { undecided: Some(reason), ..Self::new(at, Verdict::Unknown) }
    }
}

/// One member's authorization for one app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub name: Name,
    pub app: Name,
    /// The scopes to request.
    pub scopes: Vec<String>,
    /// The browser command; `None` for the configured one.
    pub browser: Option<String>,
    /// The member who signed in, once known.
    pub member: Option<Member>,
    pub token: Option<Token>,
    pub check: Option<Check>,
    /// Whether the token is the app's own, without a member (client credentials grant).
    pub client_credentials: bool,
    /// The commands that receive each new token.
    pub deliveries: Vec<Delivery>,
    /// The result of the last probe, which may be outdated; see [`Profile::permissions`].
    pub stored_permissions: Option<Permissions>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Status {
    /// Valid, with more than the warning time left.
    Active,
    /// Valid, but expires soon.
    Expiring,
    Expired,
    Revoked,
    /// Without a token.
    SignedOut,
    /// Only a check with LinkedIn can determine it.
    Unknown,
}

impl Status {
    /// Returns the value in JSON and on the screen.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Profile {
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

    /// Returns the token, or an error without one.
    pub fn require_token(&self) -> Result<&Token> {
        self.token.as_ref().ok_or_else(|| {
            Error::new(Code::SignedOut, format!("The profile {} has no token.", self.name), "")
                .with_next_step(NextStep::SignIn { profile: self.name.to_string() })
        })
    }

    /// Returns whether a usable refresh token or the client credentials grant can get a new token without a browser.
    pub fn is_refreshable(&self, now: Timestamp) -> bool {
        let refresh = self.token.as_ref().and_then(|token| token.refresh.as_ref());
        self.client_credentials || refresh.is_some_and(|refresh| refresh.is_usable(now))
    }

    /// Returns the last check of the token by LinkedIn, also where the token is in doubt since.
    pub fn last_check(&self) -> Option<Check> {
        let check = self.check?;
        match check.doubt {
            None => Some(check),
            Some(_) => Some(Check::new(check.checked_at?, check.checked_verdict?)),
        }
    }

    /// Returns whether the program doubts the token since the last check.
    pub fn is_in_doubt(&self) -> bool {
        self.check.is_some_and(|check| check.doubt.is_some())
    }

    /// Records that the token may not be valid any more, although it was not checked. The last check is kept.
    pub fn doubt(&mut self, at: Timestamp, doubt: Doubt) {
        let last = self.last_check();
        self.check = Some(Check {
            doubt: Some(doubt),
            checked_at: last.map(|check| check.at),
            checked_verdict: last.map(|check| check.verdict),
            ..Check::new(at, Verdict::Unknown)
        });
    }

    /// Returns whether a saved time is in the future: the clock is wrong, or was wrong when it was saved.
    pub fn has_future_times(&self, now: Timestamp) -> bool {
        let saved = [self.token.as_ref().map(|token| token.issued_at), self.check.map(|check| check.at)];
        saved.into_iter().flatten().any(|saved| saved.duration_since(now) > SignedDuration::from_mins(5))
    }

    /// Returns the last probed permissions; `None` if the app or the scopes have changed since.
    pub fn permissions(&self) -> Option<&Permissions> {
        let granted = self.token.as_ref()?.scopes.as_slice();
        self.stored_permissions.as_ref().filter(|found| found.applies_to(&self.app, granted))
    }

    /// Returns the status at `now`; with `expiring_days` days or less left it is `Expiring`.
    pub fn status(&self, now: Timestamp, expiring_days: u32) -> Status {
        self.status_after(self.check, now, expiring_days)
    }

    /// Returns the status by the last check of LinkedIn, without the program's own doubts.
    pub(crate) fn checked_status(&self, now: Timestamp, expiring_days: u32) -> Status {
        self.status_after(self.last_check(), now, expiring_days)
    }

    fn status_after(&self, check: Option<Check>, now: Timestamp, expiring_days: u32) -> Status {
        let Some(token) = &self.token else { return Status::SignedOut };
        let verdict = check.filter(|check| check.at >= token.issued_at).map(|check| check.verdict);
        if verdict == Some(Verdict::Revoked) {
            return Status::Revoked;
        }
        let warning = SignedDuration::from_hours(24 * i64::from(expiring_days));
        match (token.expires_at, verdict) {
            (Some(expiry), _) if expiry <= now => Status::Expired,
            (_, Some(Verdict::Expired)) => Status::Expired,
            (_, Some(Verdict::Unknown)) | (None, None) => Status::Unknown,
            // Tokens of the client credentials grant are valid for half an hour and are requested again automatically.
            (Some(expiry), _) if expiry.duration_since(now) <= warning && !self.client_credentials => Status::Expiring,
            _ => Status::Active,
        }
    }
}

/// What stays the same when a profile is renamed: its app, its member, and its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProfileIdentity {
    app: Name,
    member: Option<String>,
    /// When the token was issued, and its scopes.
    token: Option<(Timestamp, Vec<String>)>,
}

impl ProfileIdentity {
    pub(crate) fn of(profile: &Profile) -> Self {
        Self {
            app: profile.app.clone(),
            member: profile.member.as_ref().map(|member| member.id.clone()),
            token: profile.token.as_ref().map(|token| (token.issued_at, token.scopes.clone())),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct PublishedPost {
    /// Absent if LinkedIn's response did not include it.
    pub urn: Option<String>,
    /// A URN.
    #[serde(default)]
    pub author: String,
    /// The name of the Page that is the author, where it was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_name: Option<String>,
    /// When it was published, by this machine's clock.
    #[serde(with = "super::format::rfc3339_seconds")]
    pub at: Timestamp,
    /// The first line of its text, cleaned and cut.
    #[serde(default)]
    pub first_line: String,
    /// Its text as it was typed; empty for posts of earlier versions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The URL of its link card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// What is below its text, with the names and sizes of its files; empty for nothing and for posts of earlier versions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub attachment: String,
    /// `public` or `connections`; empty for posts of earlier versions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub visibility: String,
    /// The reaction of its author that this program set last, by the name of the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reaction: Option<String>,
    /// When this program changed its text last.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "super::format::rfc3339_seconds::optional")]
    pub edited_at: Option<Timestamp>,
    /// When this program deleted it.
    #[serde(default, with = "super::format::rfc3339_seconds::optional")]
    pub deleted_at: Option<Timestamp>,
    /// Whether it was sent and LinkedIn did not confirm it. Such posts are in a list of their own.
    #[serde(skip)]
    pub is_maybe_published: bool,
}

impl PublishedPost {
    pub fn new(urn: Option<String>, author: &str, at: Timestamp, text: &str) -> Self {
        Self {
            urn,
            author: author.to_owned(),
            author_name: None,
            at,
            first_line: first_line(text, true),
            text: text.to_owned(),
            link: None,
            attachment: String::new(),
            visibility: String::new(),
            reaction: None,
            edited_at: None,
            deleted_at: None,
            is_maybe_published: false,
        }
    }

    /// Returns whether both are the same post, sent twice: LinkedIn's response distinguishes them, but it did not arrive.
    pub fn is_same(&self, other: &Self) -> bool {
        (&self.author, &self.text, &self.attachment) == (&other.author, &other.text, &other.attachment)
    }

    /// Returns whether a mention in its text is one, and not only looks like it: its first line has the name without brackets.
    pub(crate) fn has_mentions(&self) -> bool {
        let [named, literal] = [true, false].map(|has_mentions| first_line(&self.text, has_mentions));
        named == literal || self.first_line != literal
    }

    /// Returns its first line, or what is below its text where it has none.
    pub fn title(&self) -> &str {
        if self.first_line.is_empty() { &self.attachment } else { &self.first_line }
    }
}

/// Returns the first line of a text, cleaned and truncated; mentions, if it has any, are the names in it.
pub(crate) fn first_line(text: &str, has_mentions: bool) -> String {
    sanitize(&to_plain_text(text.trim().lines().next().unwrap_or_default(), has_mentions), MAX_FIRST_LINE_CHARS)
}

/// A file as it was when it was uploaded.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct FileStamp {
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// When it was changed last, in milliseconds since the epoch.
    pub modified: i64,
}

impl FileStamp {
    pub fn new(path: &Path, metadata: &Metadata) -> Self {
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let path = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
        Self {
            path: path.to_string_lossy().into_owned(),
            size: metadata.len(),
            modified: modified.and_then(|age| i64::try_from(age.as_millis()).ok()).unwrap_or_default(),
        }
    }
}

/// An upload that LinkedIn accepted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct UploadReceipt {
    /// The URN of the uploaded file.
    pub urn: String,
    /// The API that it was uploaded to, such as `/rest/images`.
    pub api: String,
    /// The URN of the author that may post it.
    pub owner: String,
    /// When it was uploaded, by this machine's clock.
    #[serde(with = "super::format::rfc3339_seconds")]
    pub at: Timestamp,
    /// The files that it consists of.
    #[serde(rename = "file")]
    pub files: Vec<FileStamp>,
}

/// LinkedIn's response to a write.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct WriteOutcome {
    /// The capability that the write needs.
    pub capability: Capability,
    /// The author: a member's or a Page's URN.
    #[serde(default)]
    pub author: String,
    #[serde(default)]
    pub client_id: String,
    /// The scopes of the token.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// When LinkedIn responded, by this machine's clock.
    #[serde(with = "super::format::rfc3339_seconds")]
    pub at: Timestamp,
    /// Whether LinkedIn accepted the write, or refused it for a missing product or scope.
    #[serde(rename = "accepted", default)]
    pub is_accepted: bool,
    /// The path that responded, such as `/rest/posts`.
    #[serde(default)]
    pub api: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_depends_on_the_given_time() {
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
        profile.check = Some(Check::new(day(2), Verdict::Revoked));
        assert_eq!(profile.status(day(60), 7), Status::Revoked);
        profile.check = Some(Check::new(day(-2), Verdict::Revoked));
        assert_eq!(profile.status(day(1), 7), Status::Active);
        profile.check = Some(Check::new(day(1), Verdict::Unknown));
        assert_eq!(profile.status(day(2), 7), Status::Unknown);
        profile.check = Some(Check::new(issued, Verdict::Revoked));
        assert_eq!(profile.status(day(2), 7), Status::Revoked, "checked in the second of its issue");
        profile.check = Some(Check::new(day(1), Verdict::Expired));
        assert_eq!(profile.status(day(2), 7), Status::Expired);
        profile.check = Some(Check::new(day(1), Verdict::Active));
        assert_eq!(profile.status(day(2), 7), Status::Active);
        profile.client_credentials = true;
        assert_eq!(profile.status(day(53), 7), Status::Active, "it is requested again automatically");
        profile.token.as_mut().unwrap().expires_at = None;
        assert_eq!(profile.status(day(99), 7), Status::Active, "LinkedIn has accepted it");
        profile.check = None;
        assert_eq!(profile.status(day(99), 7), Status::Unknown);
    }

    #[test]
    fn a_doubt_keeps_the_last_check() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let mut profile = Profile::new(Name::parse("p").unwrap(), Name::parse("a").unwrap(), vec![]);
        profile.doubt(at(1), Doubt::OtherScopes);
        assert_eq!((profile.last_check(), profile.is_in_doubt()), (None, true), "it was never checked");
        let check = Check::new(at(2), Verdict::Active);
        profile.check = Some(check);
        for second in [3, 4] {
            profile.doubt(at(second), Doubt::OtherApp);
            assert_eq!((profile.last_check(), profile.is_in_doubt()), (Some(check), true));
            assert_eq!(profile.check.unwrap().verdict, Verdict::Unknown, "for versions that do not know doubts");
        }
        profile.check = Some(check);
        assert!(!profile.is_in_doubt());
    }

    #[test]
    fn refresh_token_is_usable_until_it_expires_or_is_refused() {
        let now: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
        let second = SignedDuration::from_secs(1);
        let mut refresh = RefreshToken::new(Secret::new("x"), None);
        assert!(refresh.is_usable(now), "without an expiry");
        refresh.expires_at = Some(now);
        assert!(!refresh.is_usable(now));
        refresh.expires_at = Some(now + second);
        assert!(refresh.is_usable(now));
        refresh.refused_at = Some(now - second);
        assert!(!refresh.is_usable(now));
    }

    #[test]
    fn a_saved_time_more_than_five_minutes_ahead_is_in_the_future() {
        let now: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
        let mut profile = Profile::new(Name::parse("p").unwrap(), Name::parse("a").unwrap(), vec![]);
        assert!(!profile.has_future_times(now));
        profile.check = Some(Check::new(now + SignedDuration::from_mins(5), Verdict::Active));
        assert!(!profile.has_future_times(now));
        profile.check = Some(Check::new(now + SignedDuration::from_secs(301), Verdict::Active));
        assert!(profile.has_future_times(now));
    }
}
