//! Named ways of misbehaving. A scenario sets some switches of [`Behaviour`]; nothing else in the
//! sandbox knows scenarios.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// What `/oauth/v2/revoke` does; LinkedIn documents none of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Revoke {
    /// 200 with an empty body; the token is revoked.
    #[default]
    Ok,
    /// 404 with a page: there is no such address.
    Missing,
    /// 401 with JSON; the token lives on.
    Error,
}

/// How the name of the post's ID header is written, or that it is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PostId {
    /// The header is there.
    #[default]
    Sent,
    /// Published, but the answer does not say under which ID.
    Omitted,
    /// The header is there, its name in mixed case.
    Mixed,
}

/// Every switch. `Default` is LinkedIn on an ordinary day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch, set and read on its own")]
pub(super) struct Behaviour {
    /// The member cancels instead of signing in.
    pub(super) cancel_at_login: bool,
    /// The member presses Cancel on the consent page.
    pub(super) cancel_at_consent: bool,
    /// No page is shown: the signed-in member (or the first one) has agreed already.
    pub(super) already_granted: bool,
    /// One scope fewer is granted than was asked for.
    pub(super) fewer_scopes: bool,
    /// The code is too old when it arrives.
    pub(super) expired_code: bool,
    /// The Bummer page has status 200.
    pub(super) bummer_200: bool,
    /// A scope error is called `invalid_scope_error` and names no scope.
    pub(super) invalid_scope_error: bool,
    /// How long the token endpoint and the API take to answer, in milliseconds.
    pub(super) slow_ms: u64,
    /// The token endpoint, introspection and the API answer 429.
    pub(super) rate_limited: bool,
    /// The token endpoint, introspection and the API answer 500.
    pub(super) server_error: bool,
    /// The token endpoint, introspection and the API answer with a page and status 200.
    pub(super) html: bool,
    /// The token endpoint and the posts do their work, then close the connection.
    pub(super) drop_connection: bool,
    /// How long a fresh token is refused with 65601, in seconds.
    pub(super) fresh_token_refused_seconds: i64,
    /// How long the permissions of the token before still apply to a new one, in minutes.
    pub(super) ghost_minutes: i64,
    /// Every app gets refresh tokens.
    pub(super) refresh_tokens: bool,
    /// How long a token lives, in seconds.
    pub(super) token_seconds: i64,
    /// `expires_in` says the whole lifetime instead of one second less.
    pub(super) exact_expires_in: bool,
    /// Tokens have 1,100 characters instead of 350.
    pub(super) long_tokens: bool,
    /// Revocation.
    pub(super) revoke: Revoke,
    /// The issuer that LinkedIn used until April 2024: without `/oauth`.
    pub(super) old_issuer: bool,
    /// userinfo and id token say nothing of `sub`.
    pub(super) member_id_omitted: bool,
    /// The member has no picture.
    pub(super) no_picture: bool,
    /// userinfo answers 500.
    pub(super) no_userinfo: bool,
    /// The header with a post's ID.
    pub(super) post_id: PostId,
    /// The API versions that are active.
    pub(super) versions: Vec<String>,
    /// The app may not use the versioned posts, only the legacy ones.
    pub(super) legacy_posts_only: bool,
    /// How often a member may post on a day.
    pub(super) daily_posts: u32,
    /// The largest page of a list.
    pub(super) largest_page: usize,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            cancel_at_login: false,
            cancel_at_consent: false,
            already_granted: false,
            fewer_scopes: false,
            expired_code: false,
            bummer_200: false,
            invalid_scope_error: false,
            slow_ms: 0,
            rate_limited: false,
            server_error: false,
            html: false,
            drop_connection: false,
            fresh_token_refused_seconds: 0,
            ghost_minutes: 0,
            refresh_tokens: false,
            token_seconds: super::token::SIXTY_DAYS,
            exact_expires_in: false,
            long_tokens: false,
            revoke: Revoke::Ok,
            old_issuer: false,
            member_id_omitted: false,
            no_picture: false,
            no_userinfo: false,
            post_id: PostId::Sent,
            versions: (202_601..=202_609).map(|version: u32| version.to_string()).collect(),
            legacy_posts_only: false,
            daily_posts: 150,
            largest_page: 100,
        }
    }
}

macro_rules! scenarios {
    ($($(#[$meta:meta])* $variant:ident = $name:literal, $words:literal, |$b:pat_param| $set:expr;)+) => {
        /// A named way for the sandbox to behave.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum Scenario { $(#[doc = $words] $(#[$meta])* $variant,)+ }

        impl Scenario {
            /// All of them, in the order of the picker.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word that picks it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What happens, in one line.
            #[must_use]
            pub const fn describe(self) -> &'static str {
                match self { $(Self::$variant => $words,)+ }
            }

            /// The switches it sets.
            pub(super) fn behaviour(self) -> Behaviour {
                let mut behaviour = Behaviour::default();
                match self { $(Self::$variant => { let $b = &mut behaviour; $set })+ }
                behaviour
            }
        }
    };
}

scenarios! {
    #[default]
    Normal = "normal", "All is well.", |_| ();
    AlreadyGranted = "already-granted", "No page is shown: the signed-in member has agreed before.", |b| b.already_granted = true;
    CancelAtLogin = "cancel-at-login", "The member cancels instead of signing in.", |b| b.cancel_at_login = true;
    CancelAtConsent = "cancel-at-consent", "The member presses Cancel on the consent page.", |b| b.cancel_at_consent = true;
    FewerScopes = "fewer-scopes", "One scope fewer is granted than was asked for.", |b| b.fewer_scopes = true;
    ExpiredCode = "expired-code", "The authorization code is too old when it is exchanged.", |b| b.expired_code = true;
    SlowAnswer = "slow-answer", "The token endpoint and the API take five seconds to answer.", |b| b.slow_ms = 5_000;
    RateLimited = "rate-limited", "The token endpoint and the API answer 429: too many calls.", |b| b.rate_limited = true;
    ServerError = "server-error", "The token endpoint and the API answer 500.", |b| b.server_error = true;
    HtmlInsteadOfJson = "html-instead-of-json", "The token endpoint and the API answer with a web page.", |b| b.html = true;
    DropConnection = "drop-connection", "The token endpoint and the posts do their work, then close the connection without an answer.", |b| b.drop_connection = true;
    FreshTokenRefused = "fresh-token-refused", "A fresh token is refused (65601) for three seconds.", |b| b.fresh_token_refused_seconds = 3;
    RefreshTokens = "refresh-tokens", "The app gets refresh tokens, as approved partners do.", |b| b.refresh_tokens = true;
    TokenLives60s = "token-lives-60s", "A token lives sixty seconds.", |b| b.token_seconds = 60;
    LongTokens = "long-tokens", "Tokens have 1,100 characters.", |b| b.long_tokens = true;
    RevokeMissing = "revoke-missing", "Revocation does not exist (404): LinkedIn documents none.", |b| b.revoke = Revoke::Missing;
    RevokeError = "revoke-error", "Revocation answers 401 and the token lives on.", |b| b.revoke = Revoke::Error;
    OldIssuer = "old-issuer", "The id token has the issuer of before April 2024.", |b| b.old_issuer = true;
    InvalidScopeError = "invalid-scope-error", "A scope that is not provisioned gives the newer error, which names no scope.", |b| b.invalid_scope_error = true;
    Bummer200 = "bummer-200", "The \"Bummer\" page has status 200.", |b| b.bummer_200 = true;
    MemberIdOmitted = "member-id-omitted", "userinfo and the id token do not say who the member is.", |b| b.member_id_omitted = true;
    NoPicture = "no-picture", "The member has no picture.", |b| b.no_picture = true;
    NoUserinfo = "no-userinfo", "userinfo answers 500; all else works.", |b| b.no_userinfo = true;
    PostIdOmitted = "post-id-omitted", "A post is published, but the answer does not say under which ID.", |b| b.post_id = PostId::Omitted;
    MixedCaseHeaders = "mixed-case-headers", "The names of the headers come in mixed case, the post's ID among them.", |b| b.post_id = PostId::Mixed;
    LegacyPostsOnly = "legacy-posts-only", "The app may not use /rest/posts (403); /v2/ugcPosts works.", |b| b.legacy_posts_only = true;
    DailyLimit = "daily-limit", "A member may post once a day; then 429 until 00:00 UTC.", |b| b.daily_posts = 1;
    GhostPermissions = "ghost-permissions", "For five minutes after new scopes were granted, the old ones still apply.", |b| b.ghost_minutes = 5;
}

impl Scenario {
    /// The scenario of that name.
    ///
    /// # Errors
    /// `bad_input`, naming all of them.
    pub fn parse(name: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|scenario| scenario.name() == name).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|scenario| scenario.name()).collect();
            Error::bad_input(
                format!("The sandbox has no scenario called {}.", crate::text::clean(name, 60)),
                format!("Use one of: {}.", names.join(", ")),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_parse_back() {
        for scenario in Scenario::ALL {
            assert_eq!(Scenario::parse(scenario.name()).unwrap(), *scenario);
            assert!(scenario.describe().ends_with('.'));
            assert_eq!(scenario.behaviour() == Behaviour::default(), *scenario == Scenario::Normal);
        }
        assert!(Scenario::parse("nope").unwrap_err().hint.contains("cancel-at-login"));
        assert_eq!(Scenario::default(), Scenario::Normal);
    }
}
