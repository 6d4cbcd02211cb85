//! The table, read from `assets/linkedin/meanings.toml`: which responses a row matches, what they mean, and what to do
//! next.

use std::sync::LazyLock;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::body::Body;
use crate::{Code, assets};

/// Every known refusal. Without a row that matches, a response gets a neutral sentence.
pub(super) static TABLE: LazyLock<Table> =
    LazyLock::new(|| toml::from_str(&assets::linkedin_meanings()).unwrap_or_default());

/// The rows by endpoint, each list in order of precedence.
#[derive(Default, Deserialize)]
pub(super) struct Table {
    /// `api.linkedin.com`.
    pub(super) api: Vec<Row>,
    /// The token, introspection and revocation endpoints.
    pub(super) token: Vec<Row>,
    /// The limits and outages of both.
    pub(super) shared: Vec<Row>,
    /// The errors that LinkedIn sends to the redirect URL.
    pub(super) authorization: Vec<Row>,
}

impl Table {
    /// Returns the row of `rows`, a list of this table, that matches the response. A shared row counts before a fallback.
    pub(super) fn find<'a>(&'a self, rows: &'a [Row], request: Request<'_>, body: &Body) -> Option<&'a Row> {
        let find = |rows: &'a [Row]| rows.iter().find(|row| row.matches(request, body));
        match find(rows) {
            Some(row) if !row.is_fallback() => Some(row),
            fallback => find(&self.shared).or(fallback),
        }
    }
}

/// What a response means for the program.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Meaning {
    TokenExpired,
    /// The access token was revoked, or is too fresh to be known everywhere.
    TokenRevoked,
    /// The access token is not one of LinkedIn's, or not accepted for an unknown reason.
    TokenInvalid,
    /// No access token arrived; this proves nothing about the one that was sent.
    TokenMissing,
    /// LinkedIn restricted the member's account; the token is valid and a new one does not help.
    MemberRestricted,
    /// The app's products do not grant access to the resource.
    ProductMissing,
    /// The token's scopes do not cover the request.
    ScopeMissing,
    /// Product and scope are present; a field or its value is refused.
    FieldRefused,
    /// Product and scope are present; the resource has another owner, or the member has no role on the Page.
    NotOwner,
    /// The same text is published already.
    Duplicate,
    /// A conflict with another change; the request may be repeated.
    Conflict,
    /// LinkedIn has not received or processed the uploaded file yet.
    MediaNotReady,
    VersionInactive,
    /// The path or the finder is unknown at this version.
    PathUnknown,
    /// An entity that the request names does not exist.
    EntityMissing,
    RateLimited,
    /// LinkedIn failed; a POST may have been carried out.
    ServerError,
    /// A value in the request is at fault.
    RequestInvalid,
    /// The form of the request is at fault: path, query, method, headers or schema.
    RequestMalformed,
    /// The member canceled.
    Denied,
    /// A scope is not available to the app.
    ScopeNotAuthorized,
    /// The authorization code is used, unknown or too old.
    CodeRefused,
    /// Redirect URL, client ID and authorization code do not belong together.
    RedirectMismatch,
    /// The refresh token is refused permanently.
    RefreshTokenRefused,
    /// The client ID is wrong.
    ClientIdUnknown,
    /// The client ID or the client secret is wrong.
    ClientRefused,
    /// The app may not use this grant.
    GrantNotAllowed,
    /// No row matches the response, or the row states no cause.
    Unknown,
}

/// The grant of a request to the token endpoint: `grant_type` of RFC 6749.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Grant {
    AuthorizationCode,
    RefreshToken,
    ClientCredentials,
}

/// What a row can match besides the body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request<'a> {
    pub(super) status: u16,
    pub(super) method: &'a str,
    /// The path, without its query.
    pub(super) path: &'a str,
    pub(super) grant: Option<Grant>,
}

/// One row. It matches a response whose request fits every condition that the row has, and whose body fits any one of
/// `service_error_code`, `codes` and `texts`; a row with none of the three is a fallback, which matches by the request
/// alone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    /// The name in `assets/linkedin/answers.json`.
    pub(super) name: String,
    pub(super) meaning: Meaning,
    #[serde(deserialize_with = "deserialize_code")]
    pub(super) code: Code,
    /// What happened, with placeholders in braces.
    pub(super) message: String,
    /// What to do next, with placeholders in braces.
    pub(super) hint: String,
    status: Option<u16>,
    /// The lowest and the highest status.
    statuses: Option<(u16, u16)>,
    #[serde(default)]
    methods: Vec<String>,
    /// Parts of a path.
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default)]
    grants: Vec<Grant>,
    /// Whether LinkedIn's text must be missing.
    #[serde(default, rename = "without_text")]
    is_text_missing: bool,
    service_error_code: Option<i64>,
    /// Values of `code`, `error` or an input error's `code`.
    #[serde(default)]
    codes: Vec<String>,
    /// Parts of LinkedIn's text; `*` stands for anything in between.
    #[serde(default)]
    texts: Vec<String>,
}

fn deserialize_code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Code, D::Error> {
    let word = String::deserialize(deserializer)?;
    let code = Code::ALL.iter().find(|code| code.as_str() == word);
    code.copied().ok_or_else(|| D::Error::custom(format!("{word} is not an error code")))
}

impl Row {
    pub(super) fn is_fallback(&self) -> bool {
        self.service_error_code.is_none() && self.codes.is_empty() && self.texts.is_empty()
    }

    pub(super) fn matches(&self, request: Request<'_>, body: &Body) -> bool {
        let is_request_matched = self.status.is_none_or(|status| status == request.status)
            && self.statuses.is_none_or(|(lowest, highest)| (lowest..=highest).contains(&request.status))
            && (self.methods.is_empty() || self.methods.iter().any(|method| method == request.method))
            && (self.paths.is_empty() || self.paths.iter().any(|part| request.path.contains(part)))
            && (self.grants.is_empty() || request.grant.is_some_and(|grant| self.grants.contains(&grant)))
            && (!self.is_text_missing || body.message.trim().is_empty());
        let is_body_matched = self.is_fallback()
            || self.service_error_code.is_some() && self.service_error_code == body.service_error_code
            || self.codes.iter().any(|code| body.codes.contains(code))
            || self.texts.iter().any(|text| matches_pattern(&body.message, text));
        is_request_matched && is_body_matched
    }
}

/// Returns whether the parts of `pattern`, separated by `*`, are in `text` in this order, in any case.
fn matches_pattern(text: &str, pattern: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let mut rest = text.as_str();
    pattern.to_ascii_lowercase().split('*').all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_in_order_and_in_any_case() {
        assert!(matches_pattern("Organization Or Events permissions must be used", "organization*permissions must"));
        assert!(matches_pattern("Organization permissions must be used", "organization*permissions must"));
        assert!(!matches_pattern("permissions must be used by an organization", "organization*permissions must"));
    }

    #[test]
    fn every_row_is_valid() {
        let table = toml::from_str::<Table>(include_str!("../../../assets/linkedin/meanings.toml"));
        assert!(table.is_ok(), "{:?}", table.err());
    }
}
