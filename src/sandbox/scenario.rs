//! Scenarios: named sets of switches of [`Behavior`], which change how the handlers respond.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Lifetime of an access token, in seconds.
const TOKEN_SECONDS: i64 = 60 * 86_400;

/// What `/oauth/v2/revoke` does; LinkedIn documents none of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Revoke {
    /// 200 with an empty body; the token is revoked.
    #[default]
    Ok,
    /// 404 with a page.
    Missing,
    /// 401 with JSON; the token stays valid.
    Error,
}

/// How a response identifies the new post.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PostId {
    /// Its URN in a header.
    #[default]
    Sent,
    /// No header, though the post is published.
    Omitted,
    /// Its URN in a header; the names of the headers of all responses are in mixed case.
    #[serde(rename = "mixed")]
    MixedCaseHeader,
    /// Its URN in a header, percent-encoded.
    Encoded,
    /// Its URN in a header, a `urn:li:ugcPost`.
    UgcPost,
}

/// The products of every app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Products {
    /// Those that each app is configured with.
    #[default]
    Configured,
    /// None: every scope is refused, and earlier tokens have none.
    None,
    /// "Sign In with LinkedIn using `OpenID` Connect" and "Share on LinkedIn".
    SelfServe,
    /// The app's own products and the Community Management API.
    CommunityManagement,
}

/// Which APIs for posts the app may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PostsAccess {
    /// `/rest/posts` and `/v2/ugcPosts`.
    #[default]
    Both,
    /// `/v2/ugcPosts`; `/rest/posts` returns 403.
    LegacyOnly,
    /// `/v2/ugcPosts`; `/rest/posts` returns 500 in every version.
    RestBroken,
    /// Neither: 403 on both.
    None,
}

/// How a 403 names the missing permission.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PermissionText {
    /// With the version: `partnerApiPostsExternal.CREATE.20260901`.
    #[default]
    Versioned,
    /// Without it.
    Bare,
    /// As in 2023: `POST /posts`, and no `code`.
    #[serde(rename = "2023")]
    Year2023,
}

/// Which limit is reached (429).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RateLimit {
    #[default]
    Off,
    /// Token endpoint and API, with the documented text, which names no limit.
    Documented,
    /// The app's daily limit.
    ApplicationDay,
    /// The app's daily limit, in a body with only two keys.
    ApplicationDayShort,
    /// The member's daily limit with this app.
    MemberDay,
    /// The member's limit of comments a minute.
    CommentMinute,
}

/// What the token means where the parts of a video are uploaded: LinkedIn's pages contradict each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum VideoToken {
    /// Parts are accepted with and without it.
    #[default]
    Ignored,
    /// Parts without it are refused (401).
    Required,
    /// Parts with it are refused (401).
    Refused,
}

/// How a post of more than 3,000 characters is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum LongText {
    /// As LinkedIn responded in practice: `ShareCommentary text length …`.
    #[default]
    Real,
    /// As documented: `FIELD_LENGTH_TOO_LONG`.
    Documented,
}

/// Every switch; those without a comment are described by the scenario that sets them. `Default` is only
/// the start of [`Behavior::documented`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Behavior {
    pub(super) cancel_at_login: bool,
    pub(super) cancel_at_consent: bool,
    pub(super) already_granted: bool,
    pub(super) fewer_scopes: bool,
    pub(super) expired_code: bool,
    pub(super) bummer_200: bool,
    pub(super) invalid_scope_error: bool,
    /// A scope error is on a page, behind a link.
    pub(super) scope_error_on_page: bool,
    /// A canceled sign-in has an empty description.
    pub(super) cancel_undescribed: bool,
    /// How long the token endpoint and the API take to respond, in milliseconds.
    pub(super) slow_ms: u64,
    pub(super) rate_limit: RateLimit,
    pub(super) server_error: bool,
    pub(super) html: bool,
    pub(super) drop_connection: bool,
    /// How long a fresh token is refused with 65601, in seconds.
    pub(super) fresh_token_refused_seconds: i64,
    /// How long the scopes of the previous token still apply to a new one, in minutes.
    pub(super) ghost_minutes: i64,
    pub(super) refresh_tokens: bool,
    pub(super) refresh_parameter_missing: bool,
    /// A refresh token lasts 31,536,059 seconds instead of a year.
    pub(super) long_refresh: bool,
    /// The response lacks the lifetime of the refresh token.
    pub(super) refresh_end_omitted: bool,
    /// The lifetime of a token, in seconds.
    pub(super) token_seconds: i64,
    /// `expires_in` is the whole lifetime instead of one second less.
    pub(super) exact_expires_in: bool,
    pub(super) long_tokens: bool,
    pub(super) revoke: Revoke,
    /// Introspection leaves `status` and `authorized_at` out.
    pub(super) short_introspection: bool,
    pub(super) api_refuses_tokens: bool,
    pub(super) restricted_member: bool,
    /// A call without a token gets the error 65604, which no recorded response proves.
    pub(super) empty_token_65604: bool,
    pub(super) old_issuer: bool,
    pub(super) member_id_omitted: bool,
    pub(super) hostile_names: bool,
    pub(super) no_picture: bool,
    pub(super) no_userinfo: bool,
    pub(super) post_id: PostId,
    /// The API versions that are active.
    pub(super) versions: Vec<String>,
    /// `/v2` returns 426 when it is sent a version.
    pub(super) v2_refuses_version: bool,
    pub(super) products: Products,
    pub(super) posts_access: PostsAccess,
    pub(super) comments_refused: bool,
    /// How a 403 names the missing permission.
    pub(super) permission_text: PermissionText,
    pub(super) page_posts_refused: bool,
    /// The refusal of `page_posts_refused` has the text from before June 2026.
    pub(super) old_page_refusal: bool,
    /// How a post that is too long is refused.
    pub(super) long_text: LongText,
    /// A duplicate is refused without `errorDetails`.
    pub(super) duplicate_undetailed: bool,
    pub(super) already_deleted: bool,
    /// A member's token may read the state of an image.
    pub(super) images_readable: bool,
    /// A member's token may not read the state of a document or video (403).
    pub(super) media_read_refused: bool,
    /// How many requests for the status of a document or video return "processing".
    pub(super) processing_steps: u32,
    pub(super) processing_failed: bool,
    pub(super) videos_refused: bool,
    pub(super) video_token: VideoToken,
    /// The posts that a member may create a day.
    pub(super) daily_posts: u32,
    /// The largest `count` of a list.
    pub(super) largest_page: usize,
}

impl Behavior {
    /// Returns the behavior that LinkedIn documents.
    pub(super) fn documented() -> Self {
        Self {
            token_seconds: TOKEN_SECONDS,
            versions: (202_601..=202_609).map(|version: u32| version.to_string()).collect(),
            processing_steps: 1,
            daily_posts: 150,
            largest_page: 100,
            ..Self::default()
        }
    }
}

macro_rules! scenarios {
    ($($(#[$meta:meta])* $variant:ident = $name:literal, $description:literal, |$b:pat_param| $set:expr;)+) => {
        /// A named set of switches.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum Scenario { $(#[doc = $description] $(#[$meta])* $variant,)+ }

        impl Scenario {
            /// All scenarios, in display order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Returns the name, as in `--scenario`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Returns the description, in one line.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $description,)+ }
            }

            /// Returns all switches, as it sets them.
            pub(super) fn behavior(self) -> Behavior {
                let mut behavior = Behavior::documented();
                match self { $(Self::$variant => { let $b = &mut behavior; $set })+ }
                behavior
            }
        }
    };
}

scenarios! {
    #[default]
    Normal = "normal", "LinkedIn works as documented.", |_| ();
    AlreadyGranted = "already-granted", "No page is shown: the signed-in member consented before.", |b| b.already_granted = true;
    CancelAtLogin = "cancel-at-login", "The member cancels instead of signing in.", |b| b.cancel_at_login = true;
    CancelAtConsent = "cancel-at-consent", "The member presses Cancel on the consent page.", |b| b.cancel_at_consent = true;
    FewerScopes = "fewer-scopes", "One scope fewer is granted than requested.", |b| b.fewer_scopes = true;
    ExpiredCode = "expired-code", "The authorization code has expired when it is exchanged.", |b| b.expired_code = true;
    SlowAnswer = "slow-answer", "The token endpoint and the API take 5 seconds to respond.", |b| b.slow_ms = 5_000;
    RateLimited = "rate-limited", "The token endpoint and the API return 429: rate limit reached.", |b| b.rate_limit = RateLimit::Documented;
    ServerError = "server-error", "The token endpoint and the API return 500.", |b| b.server_error = true;
    HtmlInsteadOfJson = "html-instead-of-json", "The token endpoint and the API return a web page.", |b| b.html = true;
    DropConnection = "drop-connection", "The token endpoint and the Posts API carry out the request, then close the connection without a response.", |b| b.drop_connection = true;
    FreshTokenRefused = "fresh-token-refused", "A fresh token is refused (65601) for 3 seconds.", |b| b.fresh_token_refused_seconds = 3;
    RefreshTokens = "refresh-tokens", "The app gets refresh tokens, as approved partners do.", |b| b.refresh_tokens = true;
    TokenExpires60s = "token-expires-60s", "A token expires after 60 seconds.", |b| b.token_seconds = 60;
    LongTokens = "long-tokens", "Tokens have 1,100 characters.", |b| b.long_tokens = true;
    RevokeMissing = "revoke-missing", "Revocation does not exist (404): LinkedIn documents none.", |b| b.revoke = Revoke::Missing;
    RevokeError = "revoke-error", "Revocation returns 401, and the token stays valid.", |b| b.revoke = Revoke::Error;
    HostileNames = "hostile-names", "The name of a member contains terminal escape codes and markup.", |b| b.hostile_names = true;
    OldIssuer = "old-issuer", "The ID token has the issuer from before April 2024.", |b| b.old_issuer = true;
    InvalidScopeError = "invalid-scope-error", "A scope that is not provisioned causes the newer error, which names no scope.", |b| b.invalid_scope_error = true;
    Bummer200 = "bummer-200", "The \"Bummer\" page has status 200.", |b| b.bummer_200 = true;
    MemberIdOmitted = "member-id-omitted", "userinfo and the ID token lack the member ID.", |b| b.member_id_omitted = true;
    NoPicture = "no-picture", "The member has no picture.", |b| b.no_picture = true;
    NoUserinfo = "no-userinfo", "userinfo returns 500; everything else works.", |b| b.no_userinfo = true;
    PostIdOmitted = "post-id-omitted", "A post is published, but the response lacks its ID.", |b| b.post_id = PostId::Omitted;
    MixedCaseHeaders = "mixed-case-headers", "The names of all response headers are in mixed case.", |b| b.post_id = PostId::MixedCaseHeader;
    LegacyPostsOnly = "legacy-posts-only", "The app may not use /rest/posts (403); /v2/ugcPosts works.", |b| b.posts_access = PostsAccess::LegacyOnly;
    PostsRefused = "posts-refused", "The app may not post: 403 by /rest/posts and by /v2/ugcPosts.", |b| b.posts_access = PostsAccess::None;
    CommentsRefused = "comments-refused", "The app may not comment: 403 by /rest/socialActions and by /v2/socialActions.", |b| b.comments_refused = true;
    RestPostsBroken = "rest-posts-broken", "/rest/posts returns 500 in every version and publishes nothing; /v2/ugcPosts works.", |b| b.posts_access = PostsAccess::RestBroken;
    PagePostRefused = "page-post-refused", "A post as a Page is refused (400): the token lacks the permission.", |b| b.page_posts_refused = true;
    VideosRefused = "videos-refused", "The app may not upload videos: 403 partnerApiVideosExternal.", |b| b.videos_refused = true;
    ProcessingFailed = "processing-failed", "LinkedIn cannot process uploaded documents and videos.", |b| b.processing_failed = true;
    MediaUnreadable = "media-unreadable", "A token may not read the state of a document or video (403).", |b| b.media_read_refused = true;
    VideoTokenRequired = "video-token-required", "Parts of a video are refused without the token (401).", |b| b.video_token = VideoToken::Required;
    VideoTokenRefused = "video-token-refused", "Parts of a video are refused with the token (401).", |b| b.video_token = VideoToken::Refused;
    PostAlreadyDeleted = "post-already-deleted", "A post to delete is deleted already (404).", |b| b.already_deleted = true;
    SelfServeApp = "self-serve-app", "The app has only the self-serve products: it may sign members in and post, but not read.", |b| b.products = Products::SelfServe;
    AppWithoutProducts = "app-without-products", "The app has no product: every scope is refused, and earlier tokens have none.", |b| b.products = Products::None;
    ApprovedApp = "approved-app", "The app has the Community Management API: its scopes are granted.", |b| b.products = Products::CommunityManagement;
    RestrictedMember = "restricted-member", "LinkedIn restricted the member's account: every API call returns 65608; sign-in works.", |b| b.restricted_member = true;
    IntrospectionDisagrees = "introspection-disagrees", "Introspection reports the token as active; the API refuses it (65601).", |b| b.api_refuses_tokens = true;
    RefreshParameterMissing = "refresh-parameter-missing", "A refresh returns 400 as if a parameter were missing; the refresh token stays valid.", |b| {
        b.refresh_tokens = true;
        b.refresh_parameter_missing = true;
    };
    VersionNotActive = "version-not-active", "The API version 202609 is not active (426); 202601 to 202608 are.", |b| b.versions.retain(|version| version != "202609");
    AppDailyLimit = "app-daily-limit", "The app's daily limit is reached (429).", |b| b.rate_limit = RateLimit::ApplicationDay;
    MemberDailyLimit = "member-daily-limit", "The member's daily limit with this app is reached (429).", |b| b.rate_limit = RateLimit::MemberDay;
    CommentLimit = "comment-limit", "The member's limit of comments a minute is reached (429).", |b| b.rate_limit = RateLimit::CommentMinute;
    OnePostADay = "one-post-a-day", "A member may post once a day; then 429 until 00:00 UTC.", |b| b.daily_posts = 1;
    GhostPermissions = "ghost-permissions", "For 5 minutes after new scopes are granted, the old ones still apply.", |b| b.ghost_minutes = 5;
}

impl Scenario {
    /// Finds a scenario by its name.
    ///
    /// # Errors
    /// `bad_input` with all names.
    pub fn parse(name: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|scenario| scenario.name() == name).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|scenario| scenario.name()).collect();
            Error::bad_input(
                format!("The sandbox has no scenario {}.", crate::text::sanitize(name, 60)),
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
            assert!(scenario.description().ends_with('.'));
            assert_eq!(scenario.behavior() == Behavior::documented(), *scenario == Scenario::Normal);
        }
        assert!(Scenario::parse("nope").unwrap_err().hint.contains("cancel-at-login"));
        assert_eq!(Scenario::default(), Scenario::Normal);
    }
}
