//! Conversions from LinkedIn's responses to the types of the store.

use jiff::{SignedDuration, Timestamp};

use crate::linkedin::introspection::Introspection;
use crate::linkedin::userinfo::UserInfo;
use crate::oauth::exchange::IssuedToken;
use crate::store::{Member, RefreshToken, Token, Verdict};

impl From<UserInfo> for Member {
    fn from(userinfo: UserInfo) -> Self {
        Self { id: userinfo.sub, name: userinfo.name, email: userinfo.email }
    }
}

impl From<&Introspection> for Verdict {
    /// Converts the result of introspection; a token of a different app is `Unknown`.
    fn from(introspection: &Introspection) -> Self {
        match (introspection.is_active, introspection.status.as_deref()) {
            (true, _) => Self::Active,
            (false, Some("expired")) => Self::Expired,
            (false, Some("revoked")) => Self::Revoked,
            (false, _) => Self::Unknown,
        }
    }
}

impl Token {
    /// Converts an issued token. Where LinkedIn names no scopes, the requested ones were granted (RFC 6749, section
    /// 5.1).
    pub(super) fn from_issued(issued: IssuedToken, requested: &[String], now: Timestamp) -> Self {
        let after = |seconds: u64| now.checked_add(SignedDuration::from_secs(i64::try_from(seconds).ok()?)).ok();
        Self {
            access: issued.access,
            scopes: issued.scopes.unwrap_or_else(|| requested.to_vec()),
            issued_at: now,
            expires_at: issued.expires_in.and_then(after),
            refresh: issued.refresh.map(|token| RefreshToken::new(token, issued.refresh_expires_in.and_then(after))),
        }
    }
}
