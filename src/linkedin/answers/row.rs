//! One row of the table: which answers it matches, what they mean, and what to do next.

use super::body::Body;
use crate::Code;

/// What an answer means for the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The access token has expired.
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
    /// The API version is not active.
    VersionInactive,
    /// The path or the finder is unknown at this version.
    PathUnknown,
    /// An entity that the request names does not exist.
    EntityMissing,
    /// A limit on the number of requests is reached.
    RateLimited,
    /// LinkedIn failed; a POST may have been carried out.
    ServerError,
    /// A value in the request is at fault.
    RequestInvalid,
    /// The form of the request is at fault: path, query, method, headers or schema.
    RequestMalformed,
    /// The member cancelled.
    Denied,
    /// A scope is not available to the app.
    ScopeNotAuthorized,
    /// The authorization code is used, unknown or too old.
    CodeRefused,
    /// Redirect URL, client ID and authorization code do not belong together.
    RedirectMismatch,
    /// The refresh token is refused for good.
    RefreshTokenRefused,
    /// The client ID or the client secret is wrong.
    ClientRefused,
    /// The app may not use this grant.
    GrantNotAllowed,
    /// No row matches the answer.
    Unknown,
}

/// The kind of request to the token endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    /// An authorization code.
    Code,
    /// A refresh token.
    Refresh,
    /// The app's own credentials.
    ClientCredentials,
    /// Introspection or revocation.
    Inspection,
}

/// The request that an answer belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request<'a> {
    pub(super) status: u16,
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) grant: Option<Grant>,
}

/// One row. Every condition that is set must hold; of `service`, `codes` and `texts` one suffices.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// Its name, the `means` of the entries of the collected answers.
    pub(super) name: &'static str,
    pub(super) meaning: Meaning,
    pub(super) code: Code,
    /// What happened. `{field}`, `{resource}`, `{status}` and the like are filled in.
    pub(super) message: &'static str,
    /// What to do next, with the same placeholders.
    pub(super) hint: &'static str,
    /// The lowest and the highest status.
    status: (u16, u16),
    service: Option<i64>,
    codes: &'static [&'static str],
    texts: &'static [&'static str],
    methods: &'static [&'static str],
    paths: &'static [&'static str],
    grants: &'static [Grant],
    is_without_text: bool,
}

pub(super) const fn row(
    name: &'static str,
    meaning: Meaning,
    code: Code,
    message: &'static str,
    hint: &'static str,
) -> Row {
    Row {
        name,
        meaning,
        code,
        message,
        hint,
        status: (0, u16::MAX),
        service: None,
        codes: &[],
        texts: &[],
        methods: &[],
        paths: &[],
        grants: &[],
        is_without_text: false,
    }
}

impl Row {
    /// Matches this status only.
    pub(super) const fn status(self, status: u16) -> Self {
        self.statuses(status, status)
    }

    /// Matches a status from `lowest` to `highest`.
    pub(super) const fn statuses(mut self, lowest: u16, highest: u16) -> Self {
        self.status = (lowest, highest);
        self
    }

    /// Matches this `serviceErrorCode`.
    pub(super) const fn service(mut self, service: i64) -> Self {
        self.service = Some(service);
        self
    }

    /// Matches one of these in `code`, `error` or an input error's `code`.
    pub(super) const fn codes(mut self, codes: &'static [&'static str]) -> Self {
        self.codes = codes;
        self
    }

    /// Matches one of these in LinkedIn's text; `*` stands for anything in between.
    pub(super) const fn texts(mut self, texts: &'static [&'static str]) -> Self {
        self.texts = texts;
        self
    }

    /// Matches these methods only.
    pub(super) const fn methods(mut self, methods: &'static [&'static str]) -> Self {
        self.methods = methods;
        self
    }

    /// Matches paths with one of these parts only.
    pub(super) const fn paths(mut self, paths: &'static [&'static str]) -> Self {
        self.paths = paths;
        self
    }

    /// Matches these grants only.
    pub(super) const fn grants(mut self, grants: &'static [Grant]) -> Self {
        self.grants = grants;
        self
    }

    /// Matches an answer without text only.
    pub(super) const fn without_text(mut self) -> Self {
        self.is_without_text = true;
        self
    }

    /// Whether the row is a fallback, which matches by status, method or path alone.
    #[cfg(test)]
    pub(super) const fn is_fallback(&self) -> bool {
        self.service.is_none() && self.codes.is_empty() && self.texts.is_empty()
    }

    /// Whether the row matches this answer.
    pub(super) fn matches(&self, request: Request<'_>, body: &Body) -> bool {
        let is_request_matched = (self.status.0..=self.status.1).contains(&request.status)
            && (self.methods.is_empty() || self.methods.contains(&request.method))
            && (self.paths.is_empty() || self.paths.iter().any(|part| request.path.contains(part)))
            && (self.grants.is_empty() || request.grant.is_some_and(|grant| self.grants.contains(&grant)))
            && (!self.is_without_text || body.message.trim().is_empty());
        let is_fallback = self.service.is_none() && self.codes.is_empty() && self.texts.is_empty();
        let is_body_matched = is_fallback
            || self.service.is_some() && self.service == body.service
            || self.codes.iter().any(|code| body.codes.iter().any(|found| found == code))
            || self.texts.iter().any(|text| contains(&body.message, text));
        is_request_matched && is_body_matched
    }
}

/// Whether the parts of `pattern`, separated by `*`, are in `text` in this order, in any case.
fn contains(text: &str, pattern: &str) -> bool {
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
        assert!(contains("Organization Or Events permissions must be used", "organization*permissions must"));
        assert!(contains("Organization permissions must be used", "organization*permissions must"));
        assert!(!contains("permissions must be used by an organization", "organization*permissions must"));
    }
}
